"""Plain tables: any files of nodes and edges, such as anyone can write by hand.

Without a map the folder holds what `kgsynth` itself writes: ``nodes.tsv`` and ``*.nodes.tsv``
with the concepts, ``edges.tsv`` and ``*.edges.tsv`` with the statements, ``source.yaml`` with
what the source says of itself. Lists are joined by ``|``. There an unknown column is a slip, and
is refused. With a map of columns the tables are somebody else's: columns that neither the map
nor our own names speak of are left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import polars as pl

from kgsynth.errors import SourceError, listing, nearest
from kgsynth.source_options import TablesOptions, how_to_set
from kgsynth.sources.coding import SPELLED_NAMES, SPELLED_NODES, code_columns
from kgsynth.sources.columns import (
    DROPPED,
    LONGEST_TEXT,
    GraphColumns,
    Progress,
    SourceInfo,
    no_rows,
    silent,
)
from kgsynth.sources.tables.delimited import Shape
from kgsynth.sources.tables.files import (
    files_named,
    files_of,
    names_in,
    read_file,
    read_files,
    stem,
    unread,
)
from kgsynth.sources.tables.layout import Layout, Table, join_tables, reject
from kgsynth.sources.tables.source_file import read_source_file
from kgsynth.vocabulary import load_vocabulary

TOLD = (".tsv", ".csv", ".tab", ".parquet")
"""Endings of files that are told where they lie in the folder and are not read. Texts and JSON
lines lie there for other ends: a note, the questions."""
KINDS = {"name": "preferred", "synonyms": "synonym", "abbreviations": "abbreviation"}


_NO_NODES = " Where 'edges' names the files of edges, in the same way, there need be none of nodes."


class Files(NamedTuple):
    """What there is to read."""

    nodes: list[Path]
    edges: list[Path]
    source: SourceInfo
    about: Path
    """Where the source says what it is."""


def read(path: Path, options: TablesOptions, progress: Progress = silent) -> GraphColumns:
    """Read a folder of tables, or one file of edges."""
    files = _files(path, options)
    statements = _statements(files, options, progress)
    concepts = _concepts(files, options, statements.rows, progress)
    if concepts.rows.is_empty():
        raise SourceError(
            f"{path} holds no usable concept.", remedy=_missing(files, statements.dropped)
        )
    progress("numbering the concepts", 0, 0)
    columns = code_columns(
        sources=_sources(files.source, statements.rows),
        nodes=_nodes(concepts.rows, options.node_type),
        names=_names(concepts.rows),
        edges=_edges(statements.rows, files.source),
        dropped=(concepts.dropped, statements.dropped, _unread(path, files, options)),
        counted=_counted(concepts.rows),
    )
    _check_complete(files.about, files.source, (r.spelling for r in columns.relations))
    return columns


# --- files ---------------------------------------------------------------------------------


def _files(path: Path, options: TablesOptions) -> Files:
    if path.is_file():
        for key in ("nodes", "edges"):
            if getattr(options, key):
                raise SourceError(
                    f"{path} is a file, and '{key}' names files of a folder.",
                    remedy=f"Name the folder, or leave out '{key}'.",
                )
        return Files([], [path], SourceInfo(stem(path)), path)
    if not path.is_dir():
        raise SourceError(f"There is no folder and no file at {path}.", remedy="Check the path.")
    foreign = bool(options.edges or options.edge_columns)
    nodes = _files_of(path, "nodes", options.nodes, may_lack=foreign, more=_NO_NODES)
    edges = _files_of(path, "edges", options.edges)
    about = path / "source.yaml"
    only_edges = [file for file in edges if file not in nodes]
    return Files(nodes, only_edges, read_source_file(about), about)


def _files_of(
    path: Path, what: str, named: tuple[str, ...], may_lack: bool = False, more: str = ""
) -> list[Path]:
    if named:
        return files_named(path, named, f"'{what}'")
    found = files_of(path, what)
    if found or may_lack:
        return found
    names = names_in(path)
    held = f"It holds {listing(names)}." if names else "It is empty."
    files = how_to_set(what, f"[my-{what}.txt]")
    raise SourceError(
        f"{path} has no {what}.tsv. {held}",
        remedy=f"Kind tables reads {what}.tsv, *.{what}.tsv and the like in .csv, .jsonl and "
        f".parquet; other files have to be named: {files}.{more}",
    )


def _unread(path: Path, files: Files, options: TablesOptions) -> pl.DataFrame:
    """List the tables of a folder that were not read; whoever names the files has chosen."""
    if not path.is_dir() or options.nodes or options.edges:
        return no_rows(DROPPED)
    return unread(path, (*files.nodes, *files.edges), TOLD)


def _counted(concepts: pl.DataFrame) -> dict[str, int]:
    repeated = concepts.height - concepts["id"].n_unique()
    return {"repeated-concept": repeated} if repeated else {}


def _shape(options: TablesOptions) -> Shape:
    return Shape(options.separator, options.header, options.list_separator)


def _missing(files: Files, dropped: pl.DataFrame) -> str:
    """Say what a concept needs, and why rows were set aside when there were any."""
    if files.nodes:
        return f"A row of {files.nodes[0].name} needs an id and a name."
    counts = dropped.group_by("reason").len().sort("len", "reason", descending=[True, False])
    why = ", ".join(f"{count} {reason}" for reason, count in counts.iter_rows())
    set_aside = f" Rows set aside: {why}; check 'separator' and 'edge_columns'." if why else ""
    return f"A row of {files.edges[0].name} needs a subject, a predicate and an object.{set_aside}"


# --- concepts ----------------------------------------------------------------------------


def _concepts(
    files: Files, options: TablesOptions, edges: pl.DataFrame, progress: Progress
) -> Table:
    if not files.nodes:
        return Table(_ends(edges), no_rows(DROPPED))
    mapped = bool(options.node_columns)
    layout = Layout(
        required=("id",) if mapped else ("id", "name", "types"),
        optional=("name", "types", "synonyms", "abbreviations")
        if mapped
        else ("synonyms", "abbreviations"),
        in_languages=tuple(KINDS),
        lists=("types", "synonyms", "abbreviations"),
        called=options.node_columns,
        map_key="node_columns",
        refuses_others=not mapped,
    )
    tables = (read_file(file, layout, _shape(options), progress) for file in files.nodes)
    read = join_tables([_with_names(table) for table in tables], layout)
    usable = _usable_nodes(read.rows)
    return Table(usable.rows, pl.concat([read.dropped, usable.dropped]))


def _ends(edges: pl.DataFrame) -> pl.DataFrame:
    """Make a concept of every end of an edge, named by its id."""
    ids = pl.concat([edges["subject"], edges["object"]]).unique(maintain_order=True)
    none = pl.lit([], dtype=pl.List(pl.String))
    return pl.DataFrame({"id": ids}).select("id", pl.col("id").alias("name"), none.alias("types"))


def _with_names(table: Table) -> Table:
    """Name the concepts of a file that has no names by their ids."""
    rows = table.rows
    if "name" in rows.columns and rows["name"].null_count() < max(1, rows.height):
        return table
    return Table(rows.with_columns(pl.col("id").alias("name")), table.dropped)


def _usable_nodes(rows: pl.DataFrame) -> Table:
    """Set aside rows without id or name, and an id's later rows that name it otherwise."""
    named = reject(
        rows,
        pl.when(pl.col("id") == "")
        .then(pl.lit("empty-id"))
        .when(pl.col("name") == "")
        .then(pl.lit("empty-name")),
    )
    if named.rows["id"].is_unique().all():
        return named
    other_name = pl.col("name") != pl.col("name").first().over("id")
    single = reject(named.rows, pl.when(other_name).then(pl.lit("duplicate-id")))
    return Table(single.rows, pl.concat([named.dropped, single.dropped]))


def _nodes(rows: pl.DataFrame, node_type: str) -> pl.DataFrame:
    types = pl.col("types").list.explode().drop_nulls().unique(maintain_order=True)
    nodes = rows.select("id", "types").group_by("id", maintain_order=True).agg(types)
    if node_type:
        usual = pl.lit([node_type], dtype=pl.List(pl.String))
        has_none = pl.col("types").list.len() == 0
        nodes = nodes.with_columns(pl.when(has_none).then(usual).otherwise("types").alias("types"))
    return nodes.cast(SPELLED_NODES)


def _names(rows: pl.DataFrame) -> pl.DataFrame:
    columns = [name for name in rows.columns if name.partition("@")[0] in KINDS]
    return list_names(rows, [_name_column(column) for column in _ordered(columns)])


def _name_column(column: str) -> NameColumn:
    kind, _, language = column.partition("@")
    return NameColumn(column, KINDS[kind], language or "en")


def _ordered(columns: Iterable[str]) -> list[str]:
    """Order name columns: English first, then by language; name, synonyms, abbreviations."""
    kinds = list(KINDS)

    def place(column: str) -> tuple[str, int]:
        kind, _, language = column.partition("@")
        return language, kinds.index(kind)

    return sorted(columns, key=place)


class NameColumn(NamedTuple):
    """A column that holds a name of a concept, or a list of them."""

    column: str
    kind: str
    language: str = "en"


def list_names(rows: pl.DataFrame, columns: Iterable[NameColumn]) -> pl.DataFrame:
    """List the names in the order of the concepts, and of the columns within a concept."""
    numbered = rows.with_row_index("at")
    parts = [_names_of(numbered, column, rank) for rank, column in enumerate(columns)]
    return (
        pl.concat(parts)
        .sort("at", "rank", maintain_order=True)
        .unique(["id", "text", "language"], keep="first", maintain_order=True)
        .select(SPELLED_NAMES.names())
    )


def _names_of(rows: pl.DataFrame, names: NameColumn, rank: int) -> pl.DataFrame:
    texts = rows.select("at", "id", pl.col(names.column).alias("text"))
    # A name may hold a bar; only the lists are split at it.
    is_list = isinstance(texts["text"].dtype, pl.List)
    listed = texts.explode("text") if is_list else texts
    return listed.filter(pl.col("text").is_not_null() & (pl.col("text") != "")).with_columns(
        pl.lit(rank).alias("rank"),
        pl.lit(names.language).alias("language"),
        pl.lit(names.kind).alias("kind"),
    )


# --- statements ----------------------------------------------------------------------------


def _statements(files: Files, options: TablesOptions, progress: Progress) -> Table:
    ends = ("subject", "object")
    fixed = options.predicate
    layout = Layout(
        required=ends if fixed else ("subject", "predicate", "object"),
        optional=(*(("predicate",) if fixed else ()), "evidence", "licence", "source"),
        called=options.edge_columns,
        map_key="edge_columns",
        refuses_others=not options.edge_columns,
    )
    read = read_files(files.edges, layout, _shape(options), progress)
    usable = _usable_edges(_with_predicate(read.rows, fixed))
    return Table(usable.rows, pl.concat([read.dropped, usable.dropped]))


def _with_predicate(rows: pl.DataFrame, fixed: str) -> pl.DataFrame:
    if not fixed:
        return rows
    own = pl.col("predicate") != ""
    return rows.with_columns(
        pl.when(own).then("predicate").otherwise(pl.lit(fixed)).alias("predicate")
    )


def _usable_edges(rows: pl.DataFrame) -> Table:
    """Set aside rows that lack a part."""
    return reject(
        rows,
        pl.when((pl.col("subject") == "") | (pl.col("object") == ""))
        .then(pl.lit("empty-id"))
        .when(pl.col("predicate") == "")
        .then(pl.lit("empty-predicate")),
    )


def _edges(rows: pl.DataFrame, source: SourceInfo) -> pl.DataFrame:
    own = pl.col("source") != ""
    return rows.select(
        "subject",
        "predicate",
        "object",
        pl.when(own).then("source").otherwise(pl.lit(source.name)).alias("source"),
        "licence",
        "evidence",
        "file",
        "row",
        pl.col("line").str.head(LONGEST_TEXT).alias("text"),
    )


def _sources(source: SourceInfo, edges: pl.DataFrame) -> list[SourceInfo]:
    """List the source and those that its edges name; on all of them it speaks the same terms."""
    named = edges["source"].unique().sort().to_list()
    others = [name for name in named if name not in ("", source.name)]
    return [source, *(replace(source, name=name) for name in others)]


def _check_complete(path: Path, source: SourceInfo, used: Iterable[str]) -> None:
    """Refuse a misspelt predicate: it would leave the real one incomplete, without a word."""
    if not source.complete:
        return
    known = {*used, *load_vocabulary().predicates}
    for predicate in source.complete:
        if predicate not in known:
            raise SourceError(
                f"{path}: 'complete' names {predicate!r}, which is no predicate of this "
                f"source.{nearest(predicate, sorted(known))}",
                remedy="Name a predicate as the edge files spell it.",
            )
