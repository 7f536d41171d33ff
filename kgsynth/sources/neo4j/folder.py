"""A folder for ``neo4j-admin database import``, ours or anybody's, without a server.

Labels become types and relationship types relations. Properties are those that the reader of a
server knows; what parts the items of a list is a semicolon, as usual. Our own folders say all of
it in the property ``kgsynth``, which is preferred.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from kgsynth.errors import SourceError, listing
from kgsynth.source_options import Neo4jOptions
from kgsynth.sources.coding import code_columns
from kgsynth.sources.collisions import judge_identifiers, tell_apart
from kgsynth.sources.columns import (
    DROPPED,
    LONGEST_TEXT,
    GraphColumns,
    Progress,
    SourceInfo,
    silent,
)
from kgsynth.sources.exported import (
    CONCEPTS,
    KEY,
    STATEMENTS,
    VOUCHED,
    columns_of,
    decode,
    read_about,
)
from kgsynth.sources.neo4j.bolt_concepts import CONCEPT
from kgsynth.sources.neo4j.reader import ABOUT
from kgsynth.sources.neo4j.tables import (
    END,
    ID,
    LABEL,
    ROW,
    START,
    TYPE,
    File,
    find_files,
    read_rows,
)
from kgsynth.sources.polarity import MALFORMED, NEGATED, denials, with_polarity
from kgsynth.sources.prefixes import canonical_curie
from kgsynth.sources.tables.files import list_unread, stem
from kgsynth.sources.tables.layout import Table, reject

DELIMITER = ";"
SYNONYMS = ("synonyms", "synonym")
ABBREVIATIONS = ("abbreviations",)
XREFS = ("xrefs", "xref")
DEFINITIONS = ("definition", "description")
VOUCHERS = ("source", "primary_knowledge_source")
LICENCES = ("licence", "license")
PROOFS = ("evidence", "publications")

SPACE, START_SPACE, END_SPACE = ":SPACE", ":START_SPACE", ":END_SPACE"
FILE, STEM = ":FILE", ":STEM"
"""What we add to the columns of a table; no header can name a property so, as with ``ROW``."""

_NONE = pl.lit(None, dtype=pl.String())


def read(folder: Path, options: Neo4jOptions, progress: Progress = silent) -> GraphColumns:
    """Read a folder."""
    files, strays = find_files(folder)
    about = next((file for file in files if file.space(ID) == ABOUT), None)
    if about is not None:
        files.remove(about)
        ours = _read_ours(about, files, options, progress)
        return replace(ours, dropped=pl.concat([ours.dropped, list_unread(strays)]))
    nodes, lost_nodes = _nodes(folder, _rows(files, True, progress), options)
    edges, lost_edges = _edges(_rows(files, False, progress), nodes.select("space", "key", "id"))
    wanted = _with_labels(nodes, options)
    asked = _asked_for(edges, nodes, wanted, options)
    relation = with_polarity(pl.col("predicate"), pl.col("denied"))
    name = folder.resolve().name
    sources = asked["source"].fill_null(name)
    left_out = edges.height - asked.height + nodes.height - wanted.height
    known = wanted.select("space", "key").unique().height
    counts = {"filtered": left_out, "repeated-concept": wanted.height - known}
    others = [SourceInfo(source) for source in sources.unique().sort() if source != name]
    return code_columns(
        sources=[SourceInfo(name), *others],
        nodes=wanted.select("id", "types"),
        names=_names(wanted),
        edges=asked.with_columns(sources, predicate=relation),
        identifiers=_identifiers(wanted, nodes["id"]),
        definitions=_listed(wanted, "definition", whole=True),
        dropped=[*lost_nodes, *lost_edges, list_unread(strays)],
        counted={reason: count for reason, count in counts.items() if count},
    )


# --- our own ---------------------------------------------------------------------------------


def _read_ours(
    about: File, files: Sequence[File], options: Neo4jOptions, progress: Progress
) -> GraphColumns:
    """Read a folder that kgsynth wrote."""
    told = pl.concat(part.rows for part in read_rows(about))
    if told.height != 1 or KEY not in told.columns or told[KEY][0] is None:
        raise SourceError(
            f"{about.path} does not hold one row with the column {KEY!r}.",
            remedy="Export the graph again.",
        )
    if len({file.holds_nodes for file in files}) < 2:
        raise SourceError(
            f"{about.path.parent} holds no nodes, or no relationships, beside {about.path.name}.",
            remedy="Export the graph again.",
        )
    nodes, lost_nodes = _rows(files, True, progress)
    edges, lost_edges = _rows(files, False, progress)
    for rows, what in ((nodes, "nodes"), (edges, "relationships")):
        if KEY not in rows.columns:
            raise SourceError(
                f"The {what} in {about.path.parent} lack the column {KEY!r}.",
                remedy=f"Export the graph again; or remove {about.path.name}, and what is left "
                "is read.",
            )
    called = ", ".join(file.path.name for file in files if not file.holds_nodes)
    concepts = decode(nodes[KEY], nodes[ROW], CONCEPTS, str(about.path.parent))
    said = decode(edges[KEY], edges[ROW], VOUCHED, called)
    ends = edges.select(
        pl.col(START).alias("subject"), pl.col(END).alias("object"), pl.col(ROW).alias("row")
    )
    statements = ends.hstack(said).select(STATEMENTS.names())
    wanted = _with_labels(concepts, options)
    asked = _asked_for(statements, concepts, wanted, options)
    left_out = statements.height - asked.height + concepts.height - wanted.height
    return columns_of(
        read_about(told[KEY][0], str(about.path)),
        wanted,
        asked,
        file=called,
        dropped=[*lost_nodes, *lost_edges],
        counted={"filtered": left_out} if left_out else {},
    )


def _with_labels(nodes: pl.DataFrame, options: Neo4jOptions) -> pl.DataFrame:
    if not options.labels:
        return nodes
    chosen = pl.element().is_in(list(options.labels))
    return nodes.filter(pl.col("types").list.eval(chosen).list.any())


def _asked_for(
    edges: pl.DataFrame, nodes: pl.DataFrame, wanted: pl.DataFrame, options: Neo4jOptions
) -> pl.DataFrame:
    """Leave out relationships of other types, and those with an end that has another label."""
    if options.relations:
        edges = edges.filter(pl.col("predicate").is_in(list(options.relations)))
    if not options.labels:
        return edges
    unwanted = nodes.join(wanted, on="id", how="anti")["id"].implode()
    # An end that is no concept at all is null here; it is told apart later.
    ends = (pl.col(end).is_in(unwanted).fill_null(False) for end in ("subject", "object"))
    return edges.filter(~pl.any_horizontal(ends))


# --- rows ------------------------------------------------------------------------------------


def _rows(
    files: Iterable[File], of_nodes: bool, progress: Progress
) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """Return all rows of nodes, or of relationships, and what was set aside."""
    kept, dropped = [], [DROPPED.to_frame()]
    for file in files:
        if file.holds_nodes is not of_nodes:
            continue
        for part in read_rows(file):
            spaces = ((ID, SPACE), (START, START_SPACE), (END, END_SPACE))
            kept.append(
                part.rows.with_columns(
                    *(pl.lit(file.space(kind)).alias(name) for kind, name in spaces),
                    pl.lit(file.path.name).alias(FILE),
                    pl.lit(stem(file.path)).alias(STEM),
                )
            )
            dropped.append(part.dropped)
            last = part.rows[ROW].max()
            progress(f"reading {file.path.name}", last if isinstance(last, int) else 0, 0)
    return pl.concat(kept, how="diagonal"), dropped


# --- nodes -----------------------------------------------------------------------------------


def _nodes(
    folder: Path, read: tuple[pl.DataFrame, list[pl.DataFrame]], options: Neo4jOptions
) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """Set aside what has no id, or another name than before; give each node its id."""
    rows, dropped = read
    name = options.name_property
    held = [column for column in rows.columns if column == ID or not column.startswith(":")]
    if name not in held or not rows[name].count():
        raise SourceError(
            f"No node of {folder} has a property {name!r} that could be its name.",
            remedy=f"Set name_property to one of these: {listing(held, 30)}.",
        )
    usual = pl.when(pl.col(SPACE) != "").then(SPACE).otherwise(STEM)
    labels = pl.coalesce(LABEL, usual) if LABEL in rows.columns else usual
    said = rows.select(
        pl.col(SPACE).alias("space"),
        pl.col(ID).alias("key"),
        labels.str.split(DELIMITER).list.filter(pl.element() != CONCEPT).alias("types"),
        rows[name].alias("name"),
        _first(rows, SYNONYMS).alias("synonyms"),
        _first(rows, ABBREVIATIONS).alias("abbreviations"),
        _first(rows, XREFS).alias("xrefs"),
        _first(rows, DEFINITIONS).alias("definition"),
        pl.concat_str(labels, ID, rows[name], separator=" ", ignore_nulls=True).alias("line"),
        pl.col(FILE).alias("file"),
        pl.col(ROW).alias("row"),
    )
    named = reject(said, pl.when(pl.col("key").is_null()).then(pl.lit("empty-id")))
    is_other = pl.col("name") != pl.col("name").drop_nulls().first().over("space", "key")
    single = reject(named.rows, pl.when(is_other).then(pl.lit("duplicate-id")))
    return _with_ids(single.rows), [*dropped, named.dropped, single.dropped]


def _with_ids(nodes: pl.DataFrame) -> pl.DataFrame:
    """Spell the ids as CURIEs; nodes of several spaces that come to the same one differ."""
    keys = nodes["key"].unique()
    curies = pl.Series([canonical_curie(key) for key in keys], dtype=pl.String)
    kind = pl.when(pl.col("space") != "").then("space").otherwise(pl.col("types").list.join("+"))
    distinct = nodes.unique(["space", "key"], keep="first", maintain_order=True).select(
        "space",
        "key",
        kind.alias("type"),
        pl.col("key").replace_strict(keys, curies).alias("curie"),
    )
    ids = tell_apart(distinct, ["key"]).select("space", "key", "id")
    return nodes.join(ids, on=["space", "key"], maintain_order="left")


def _names(nodes: pl.DataFrame) -> pl.DataFrame:
    found = {
        "preferred": _listed(nodes, "name", whole=True),
        "synonym": _listed(nodes, "synonyms"),
        "abbreviation": _listed(nodes, "abbreviations"),
    }
    parts = (
        rows.with_columns(pl.lit("en").alias("language"), pl.lit(kind).alias("kind"))
        for kind, rows in found.items()
    )
    return pl.concat(parts).unique(["id", "text"], keep="first", maintain_order=True)


def _identifiers(nodes: pl.DataFrame, ids: pl.Series) -> pl.DataFrame:
    spelled = judge_identifiers(nodes.select("id", pl.col("key").alias("text")), ids)
    xrefs = _listed(nodes, "xrefs").with_columns(pl.lit("xref").alias("kind"))
    return pl.concat([spelled, xrefs]).unique(["id", "text"], keep="first", maintain_order=True)


def _listed(nodes: pl.DataFrame, column: str, *, whole: bool = False) -> pl.DataFrame:
    """Give each item of a column a row: columns ``id`` and ``text``."""
    cell = pl.col(column)
    item = cell if whole else cell.str.split(DELIMITER)
    rows = nodes.select("id", item.alias("text"))
    return (rows if whole else rows.explode("text")).drop_nulls("text")


# --- relationships ---------------------------------------------------------------------------


def _edges(
    read: tuple[pl.DataFrame, list[pl.DataFrame]], ids: pl.DataFrame
) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """Give the ends of relationships their ids, null where a space has no such node."""
    rows, dropped = read
    relation = pl.coalesce(TYPE, STEM) if TYPE in rows.columns else pl.col(STEM)
    said = rows.select(
        pl.col(START).alias("subject"),
        relation.alias("predicate"),
        pl.col(END).alias("object"),
        _first(rows, VOUCHERS).alias("source"),
        _first(rows, LICENCES).fill_null("").alias("licence"),
        _first(rows, PROOFS).fill_null("").alias("evidence"),
        denials(_first(rows, [NEGATED])).alias("denied"),
        pl.col(START_SPACE).alias("start_space"),
        pl.col(END_SPACE).alias("end_space"),
        pl.col(FILE).alias("file"),
        pl.col(ROW).alias("row"),
    ).with_columns(
        pl.concat_str("subject", "predicate", "object", separator=" ", ignore_nulls=True)
        .str.head(LONGEST_TEXT)
        .alias("line")
    )
    lacks_end = pl.col("subject").is_null() | pl.col("object").is_null()
    whole: Table = reject(
        said,
        pl.when(lacks_end)
        .then(pl.lit("empty-id"))
        .when(pl.col("denied").is_null())
        .then(pl.lit(MALFORMED)),
    )
    edges = whole.rows.with_columns(pl.col("line").alias("text"))
    known = ids.unique(["space", "key"], keep="first")
    for end, space in (("subject", "start_space"), ("object", "end_space")):
        there = known.rename({"space": space, "key": end})
        edges = edges.join(there, on=[space, end], how="left", maintain_order="left")
        # Another space may hold the same id, for another concept: it is not meant.
        edges = edges.drop(end).rename({"id": end})
    return edges, [*dropped, whole.dropped]


def _first(rows: pl.DataFrame, columns: Iterable[str]) -> pl.Expr:
    """Take the first of some properties that a row has, as the reader of a server does."""
    found = [pl.col(column) for column in columns if column in rows.columns]
    return pl.coalesce(*found) if found else _NONE
