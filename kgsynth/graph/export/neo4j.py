"""Neo4j: tables for ``neo4j-admin database import``, or a server that speaks Bolt.

A concept is a node with its types as labels, a statement a relationship with its relation as
type; both have plain properties to ask for. The property ``kgsynth`` holds all that is known of
them, as JSON, and a node of its own says what the sources are. So a database that was filled
either way can be read back, as the folder can.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from kgsynth.errors import count_of
from kgsynth.graph.export.batches import Batches
from kgsynth.graph.export.texts import Vouched, details, new_file
from kgsynth.sources.exported import KEY
from kgsynth.sources.neo4j.bolt_concepts import CONCEPT
from kgsynth.sources.neo4j.reader import ABOUT

if TYPE_CHECKING:
    from kgsynth.graph.export.bolt import Node, Relationship

NODES, EDGES, ABOUT_TABLE = "nodes.csv", "edges.csv", "about.csv"
DELIMITER, IN_LIST = "\x1f", " "
"""What parts the items of a list in a table, and what stands for it within an item."""
UNFIT, STAND_IN = r"[\\\p{C}]", "_"
"""What no label can have, and what it has instead."""
README = """\
# A graph for Neo4j

Made by kgsynth. Import it into a new database:

    neo4j-admin database import full --nodes={nodes} --nodes={about} --relationships={edges} \\
      --array-delimiter=U+001F --multiline-fields=true neo4j

It holds {concepts}, with the label `{concept}` beside their types, and {statements}.
The node `{about_label}` says what the sources are and on what terms they are used.

An index makes look-ups fast:

    CREATE CONSTRAINT kgsynth_concept FOR (n:{concept}) REQUIRE n.id IS UNIQUE

Read it back with `kgsynth graph compile neo4j:FOLDER --output STORE`, or from the server.
"""


def write(batches: Batches, output: Path) -> None:
    """Write a store as a folder that Neo4j imports."""
    about = {
        f":ID({ABOUT})": ["about"],
        KEY: [batches.about.model_dump_json()],
        ":LABEL": [ABOUT],
    }
    _write_csv(output / ABOUT_TABLE, iter([pl.DataFrame(about)]))
    heads = {"id": "id:ID", "labels": ":LABEL"}
    _write_csv(output / NODES, (_headed(rows, heads) for rows in node_rows(batches)))
    heads = {"subject": ":START_ID", "object": ":END_ID", "type": ":TYPE"}
    _write_csv(output / EDGES, (_headed(rows, heads) for rows in edge_rows(batches)))
    text = README.format(
        nodes=NODES,
        edges=EDGES,
        about=ABOUT_TABLE,
        concept=CONCEPT,
        about_label=ABOUT,
        concepts=count_of(batches.graph.node_count, "concept"),
        statements=count_of(batches.graph.manifest.statements, "statement"),
    )
    (output / "README.md").write_text(text, "utf-8")


def send(batches: Batches, address: str, database: str = "") -> None:
    """Write a store to a server."""
    from kgsynth.graph.export.bolt import write_batches

    write_batches(
        address,
        (_nodes(rows) for rows in node_rows(batches)),
        (_relationships(rows) for rows in edge_rows(batches)),
        about=batches.about.model_dump_json(),
        database=database,
    )


# --- rows ------------------------------------------------------------------------------------


def node_rows(batches: Batches) -> Iterator[pl.DataFrame]:
    """Make nodes of the concepts: ``id``, ``labels`` and properties."""
    for nodes in batches.nodes():
        yield nodes.select(
            "id",
            "name",
            _texts("names", "synonym").alias("synonyms"),
            _texts("names", "abbreviation").alias("abbreviations"),
            _texts("identifiers", "xref").alias("xrefs"),
            pl.col("definitions").list.first().struct.field("text").alias("definition"),
            details(nodes).alias(KEY),
            pl.concat_list(pl.lit(CONCEPT), "types")
            .list.eval(pl.element().str.replace_all(UNFIT, STAND_IN))
            .alias("labels"),
        )


def _texts(part: str, kind: str) -> pl.Expr:
    is_wanted = pl.element().struct.field("kind") == kind
    return pl.col(part).list.eval(pl.element().struct.field("text").filter(is_wanted))


def edge_rows(batches: Batches) -> Iterator[pl.DataFrame]:
    """Make relationships of the statements: ``subject``, ``object``, ``type`` and properties."""
    vouched = Vouched(batches, batches.vouchers)
    names = pl.Series(batches.predicates, dtype=pl.String).str.replace_all(UNFIT, STAND_IN)
    texts = pl.List(pl.String())
    sources = pl.Series([list(held.sources) for held in batches.vouchers], dtype=texts)
    licences = pl.Series([list(held.licences) for held in batches.vouchers], dtype=texts)
    for edges in batches.edges():
        yield pl.DataFrame(
            {
                "subject": batches.ids.gather(edges["subject"]),
                "object": batches.ids.gather(edges["object"]),
                "type": names.gather(edges["predicate"]),
                "source": sources.gather(edges["origins"]),
                "licence": licences.gather(edges["origins"]),
                "evidence": edges["evidence"],
                KEY: vouched.of(edges),
            }
        )


def _nodes(rows: pl.DataFrame) -> Iterator[Node]:
    for row in rows.iter_rows(named=True):
        labels = row.pop("labels")
        yield {"labels": labels, "properties": _held(row)}


def _relationships(rows: pl.DataFrame) -> Iterator[Relationship]:
    for row in rows.iter_rows(named=True):
        ends = row.pop("subject"), row.pop("type"), row.pop("object")
        yield {
            "subject": ends[0],
            "type": ends[1],
            "object": ends[2],
            "properties": _held(row),
        }


def _held(row: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is empty: a database keeps no such property."""
    return {name: value for name, value in row.items() if value is not None and value != []}


# --- tables ----------------------------------------------------------------------------------


def _headed(rows: pl.DataFrame, heads: dict[str, str]) -> pl.DataFrame:
    """Write rows as those of a table: lists in one cell, and columns with their kinds."""
    lists = [name for name, kind in rows.schema.items() if isinstance(kind, pl.List)]
    item = pl.element().str.replace_all(DELIMITER, IN_LIST, literal=True)
    kinds = {name: f"{name}:string[]" for name in lists}
    return rows.with_columns(
        pl.col(name).list.eval(item).list.join(DELIMITER) for name in lists
    ).rename({**kinds, **heads})


def _write_csv(path: Path, frames: Iterator[pl.DataFrame]) -> None:
    """Write tables under one header; a cell is quoted where it must be, an empty one is none."""
    with new_file(path) as file:
        for number, frame in enumerate(frames):
            texts = [name for name, kind in frame.schema.items() if kind == pl.String()]
            shown = frame.with_columns(pl.when(pl.col(n) != "").then(n) for n in texts)
            shown.write_csv(file, include_header=number == 0)
