"""Plain tables: a folder of tab-separated nodes and edges that anyone can write by hand.

``nodes.tsv`` and ``*.nodes.tsv`` hold the concepts, ``edges.tsv`` and ``*.edges.tsv`` the
statements, ``source.yaml`` what the source says of itself. Lists are joined by ``|``.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from kgsynth.errors import SourceError, listing, nearest
from kgsynth.sources.columns import EDGES, NAMES, GraphColumns, SourceInfo
from kgsynth.sources.delimited import Layout, Table, read_table, reject
from kgsynth.sources.source_file import read_source_file
from kgsynth.vocabulary import load_vocabulary

NODE_LAYOUT = Layout(
    required=("id", "name", "types"),
    optional=("synonyms", "abbreviations"),
    in_languages=("name", "synonyms", "abbreviations"),
)
EDGE_LAYOUT = Layout(required=("subject", "predicate", "object"), optional=("evidence", "licence"))
KINDS = {"name": "preferred", "synonyms": "synonym", "abbreviations": "abbreviation"}


def read(path: Path) -> GraphColumns:
    """Read a folder of tables."""
    node_files, edge_files = _files(path, "nodes"), _files(path, "edges")
    source = read_source_file(path / "source.yaml")
    node_table = _read_all(node_files, NODE_LAYOUT)
    concepts = _usable_nodes(node_table.rows)
    if concepts.rows.is_empty():
        raise SourceError(
            f"{path} holds no usable concept.",
            remedy=f"A row of {node_files[0].name} needs an id and a name.",
        )
    edge_table = _read_all(edge_files, EDGE_LAYOUT)
    statements = _usable_edges(edge_table.rows, concepts.rows["id"])
    _check_complete(path / "source.yaml", source, statements.rows["predicate"])
    dropped = (node_table.dropped, concepts.dropped, edge_table.dropped, statements.dropped)
    return GraphColumns(
        source=source,
        nodes=_nodes(concepts.rows),
        names=_names(concepts.rows),
        edges=_edges(statements.rows, source),
        dropped=pl.concat(dropped).sort("file", "row"),
    )


def _files(path: Path, what: str) -> list[Path]:
    """Find the node or edge files of a folder, in an order that no file system changes."""
    if not path.exists():
        raise SourceError(f"There is no folder at {path}.", remedy="Check graph.sources.path.")
    if not path.is_dir():
        raise SourceError(
            f"{path} is a file; a source of kind tables is a folder.",
            remedy="Name the folder that holds nodes.tsv and edges.tsv.",
        )
    try:
        names = sorted(entry.name for entry in path.iterdir())
    except OSError as error:
        raise SourceError(
            f"{path} cannot be read: {error.strerror}.", remedy="Check its permissions."
        ) from None
    wanted = f"{what}.tsv"
    found = [path / name for name in names if name == wanted or name.endswith(f".{wanted}")]
    if not found:
        held = f"It holds {listing(names)}." if names else "It is empty."
        raise SourceError(
            f"{path} has no {wanted}. {held}",
            remedy=f"Kind tables reads {wanted} and *.{wanted}; check graph.sources.kind.",
        )
    return found


def _read_all(files: Iterable[Path], layout: Layout) -> Table:
    tables = [read_table(file, layout) for file in files]
    # Files differ in the languages that they hold.
    rows = pl.concat([table.rows for table in tables], how="diagonal")
    cells = pl.all().exclude("file", "row", "line").fill_null("")
    return Table(rows.with_columns(cells), pl.concat([table.dropped for table in tables]))


# --- concepts ----------------------------------------------------------------------------


def _usable_nodes(rows: pl.DataFrame) -> Table:
    """Set aside rows without id or name, and an id's later rows that name it otherwise."""
    named = reject(
        rows,
        pl.when(pl.col("id") == "")
        .then(pl.lit("empty-id"))
        .when(pl.col("name") == "")
        .then(pl.lit("empty-name")),
    )
    other_name = pl.col("name") != pl.col("name").first().over("id")
    single = reject(named.rows, pl.when(other_name).then(pl.lit("duplicate-id")))
    return Table(single.rows, pl.concat([named.dropped, single.dropped]))


def _items(column: str) -> pl.Expr:
    """Split a cell into its items; `` a || b `` holds two."""
    item = pl.element().str.strip_chars()
    return pl.col(column).str.split("|").list.eval(item.filter(item != ""))


def _nodes(rows: pl.DataFrame) -> pl.DataFrame:
    types = pl.col("types").list.explode().drop_nulls().unique(maintain_order=True)
    listed = rows.select("id", _items("types").alias("types"))
    return listed.group_by("id", maintain_order=True).agg(types)


def _names(rows: pl.DataFrame) -> pl.DataFrame:
    """List the names in the order of the concepts, and of the columns within a concept."""
    numbered = rows.with_row_index("at")
    columns = [name for name in rows.columns if name.partition("@")[0] in KINDS]
    parts = [_names_of(numbered, column, rank) for rank, column in enumerate(_ordered(columns))]
    return (
        pl.concat(parts)
        .sort("at", "rank", maintain_order=True)
        .unique(["id", "text", "language"], keep="first", maintain_order=True)
        .select(NAMES.names())
    )


def _ordered(columns: Iterable[str]) -> list[str]:
    """Order name columns: English first, then by language; name, synonyms, abbreviations."""
    kinds = list(KINDS)

    def place(column: str) -> tuple[str, int]:
        kind, _, language = column.partition("@")
        return language, kinds.index(kind)

    return sorted(columns, key=place)


def _names_of(rows: pl.DataFrame, column: str, rank: int) -> pl.DataFrame:
    kind, _, language = column.partition("@")
    # A name may hold a bar; only the lists are split at it.
    texts = pl.concat_list(column) if kind == "name" else _items(column)
    return (
        rows.select("at", "id", texts.alias("text"))
        .explode("text")
        .filter(pl.col("text").is_not_null() & (pl.col("text") != ""))
        .with_columns(
            pl.lit(rank).alias("rank"),
            pl.lit(language or "en").alias("language"),
            pl.lit(KINDS[kind]).alias("kind"),
        )
    )


# --- statements ----------------------------------------------------------------------------


def _usable_edges(rows: pl.DataFrame, ids: pl.Series) -> Table:
    """Set aside rows that lack a part, or name a concept that no node file holds."""
    known = ids.unique().implode()
    return reject(
        rows,
        pl.when((pl.col("subject") == "") | (pl.col("object") == ""))
        .then(pl.lit("empty-id"))
        .when(pl.col("predicate") == "")
        .then(pl.lit("empty-predicate"))
        .when(~pl.col("subject").is_in(known) | ~pl.col("object").is_in(known))
        .then(pl.lit("dangling")),
    )


def _edges(rows: pl.DataFrame, source: SourceInfo) -> pl.DataFrame:
    own = pl.col("licence") != ""
    return rows.with_columns(
        pl.lit(source.name).alias("source"),
        pl.when(own).then("licence").otherwise(pl.lit(source.licence)).alias("licence"),
    ).select(EDGES.names())


def _check_complete(path: Path, source: SourceInfo, used: pl.Series) -> None:
    """Refuse a misspelt predicate: it would leave the real one incomplete, without a word."""
    if not source.complete:
        return
    known = {*used.unique().to_list(), *load_vocabulary().predicates}
    for predicate in source.complete:
        if predicate not in known:
            raise SourceError(
                f"{path}: 'complete' names {predicate!r}, which is no predicate of this "
                f"source.{nearest(predicate, sorted(known))}",
                remedy="Name a predicate as the edge files spell it.",
            )
