"""Hetionet as a folder for Neo4j's bulk import: a file for each kind of node and of edge.

The headers say what a file holds: ``geneId:ID(Gene)`` begins a file of genes, ``:START_ID(Gene)``
and ``:END_ID(Disease)`` one of edges. What the edges mean is only in the file's name, as in
``Compound_Treats_Disease.tsv``; kinds are taken from the header, since names hold slips.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from kgsynth.errors import SourceError, listing
from kgsynth.sources.columns import Progress
from kgsynth.sources.hetionet.graph import METAEDGES, VERBS, Parts, kind_called, metaedge
from kgsynth.sources.opening import opened
from kgsynth.sources.tables.delimited import Shape
from kgsynth.sources.tables.files import ending, list_unread, names_in, read_file, stem
from kgsynth.sources.tables.layout import PLACE, Layout, Table

TABLES = (".tsv", ".csv", ".txt")
LONGEST_HEADER = 1 << 16

_ID = re.compile(r"\w*:ID(?:\((.*)\))?")
_START = re.compile(r":START_ID(?:\((.*)\))?")
_END = re.compile(r":END_ID(?:\((.*)\))?")
_NEARLY = re.compile(r":(?:START_|END_)?ID")
_NAME = re.compile(r"name(?::string)?", re.IGNORECASE)
_LICENCE = re.compile(r"licen[cs]e(?::string)?", re.IGNORECASE)
_PROVENANCE = re.compile(r"(?:provenance|sources?)(?::string(?:\[\])?)?", re.IGNORECASE)


class File(NamedTuple):
    """A file of the folder and the cells of its first line."""

    path: Path
    separator: str
    header: tuple[str, ...]

    def column(self, pattern: re.Pattern[str]) -> str:
        """Return the column that a pattern fits, or nothing."""
        return next((cell for cell in self.header if pattern.fullmatch(cell)), "")

    def kind(self, pattern: re.Pattern[str]) -> str:
        """Return the kind in the brackets of a column's name."""
        found = pattern.fullmatch(self.column(pattern))
        if found is None or not found[1]:
            raise SourceError(
                f"{self.path} does not say of which kind its ids are. Columns found: "
                f"{listing(map(repr, self.header))}.",
                remedy="Name the kind in the header, as in :START_ID(Gene).",
            )
        return kind_called(found[1])


class Import(NamedTuple):
    """The files of an import folder."""

    nodes: tuple[File, ...]
    edges: tuple[File, ...]
    listed: dict[str, str]
    """The metaedge of each file's name, where the folder lists them."""
    others: tuple[str, ...] = ()
    """Tables that are neither."""


def find_import(folder: Path) -> Import | None:
    """Find the files in a folder and the folders in it; None where it is no import folder."""
    files = list(_files(folder))
    for file in files:
        _check(file)
    edges = tuple(file for file in files if file.column(_START))
    nodes = tuple(file for file in files if file.column(_ID))
    if not edges:
        return None
    if not nodes:
        raise SourceError(
            f"{folder} has files of edges, and none of nodes.",
            remedy="Put the files of nodes beside them; their header holds geneId:ID(Gene) or so.",
        )
    used = {file.path for file in (*nodes, *edges, *filter(_lists_metaedges, files))}
    others = (file.path.relative_to(folder).as_posix() for file in files if file.path not in used)
    return Import(nodes, edges, _listed(files), tuple(others))


def _check(file: File) -> None:
    """Refuse a header that is nearly one: its rows would be left out without a word."""
    for cell in file.header:
        if _NEARLY.search(cell) and not any(p.fullmatch(cell) for p in (_ID, _START, _END)):
            raise SourceError(
                f"{file.path} has a column {cell!r} that is neither an :ID nor an end of edges.",
                remedy="Write it as in geneId:ID(Gene), :START_ID(Gene) or :END_ID(Disease).",
            )
    if bool(file.column(_START)) != bool(file.column(_END)):
        raise SourceError(
            f"{file.path} names one end of its edges, and not the other.",
            remedy="Its first line must hold :START_ID(Kind) and :END_ID(Kind).",
        )


def read_import(files: Import, progress: Progress) -> Parts:
    """Read all files of nodes, then all of edges, in the order of their names."""
    nodes = [_read_nodes(file, progress) for file in files.nodes]
    edges = [_read_edges(file, files.listed, progress) for file in files.edges]
    return Parts(
        pl.concat([table.rows for table in nodes]),
        pl.concat([table.rows for table in edges]),
        [*(table.dropped for table in (*nodes, *edges)), list_unread(files.others)],
    )


# --- files ------------------------------------------------------------------------------------


def _files(folder: Path) -> Iterator[File]:
    for name in names_in(folder):
        path = folder / name
        inner = [path / below for below in names_in(path)] if path.is_dir() else [path]
        for file in inner:
            is_note = ending(file) == ".txt" and file.stem.isupper()
            if is_note or file.name.startswith("."):
                continue
            if file.is_file() and ending(file) in TABLES:
                yield _headed(file)


def _headed(path: Path) -> File:
    with opened(path) as file:
        line = file.read(LONGEST_HEADER).partition(b"\n")[0].decode("utf-8-sig", "replace")
    separator = "," if "\t" not in line and "," in line else "\t"
    cells = (cell.strip(' "\r') for cell in line.split(separator))
    return File(path, separator, tuple(cells))


def _lists_metaedges(file: File) -> bool:
    return {"id", "metaedge"} <= set(file.header)


def _listed(files: Sequence[File]) -> dict[str, str]:
    """Read the list of metaedges, where there is one: ``CtD`` for ``Compound_Treats_Disease``."""
    layout = Layout(("id", "metaedge"), refuses_others=False)
    listed: dict[str, str] = {}
    for file in files:
        if _lists_metaedges(file):
            rows = read_file(file.path, layout, Shape(file.separator)).rows
            listed.update(rows.select("metaedge", "id").iter_rows())
    return listed


# --- rows -------------------------------------------------------------------------------------


def _read_nodes(file: File, progress: Progress) -> Table:
    kind = file.kind(_ID)
    if not file.column(_NAME):
        raise SourceError(
            f"{file.path} has no column 'name'.", remedy="Name it in the first line, after the id."
        )
    called = {"id": file.column(_ID), "name": file.column(_NAME)}
    table = _read(file, called, progress)
    spelled = _spelled(kind, "id").alias("spelled")
    return Table(table.rows.select(spelled, "name", *PLACE), table.dropped)


def _read_edges(file: File, listed: dict[str, str], progress: Progress) -> Table:
    start, end = file.kind(_START), file.kind(_END)
    called = {"source": file.column(_START), "target": file.column(_END)}
    own = {"evidence": file.column(_PROVENANCE), "licence": file.column(_LICENCE)}
    called.update((ours, theirs) for ours, theirs in own.items() if theirs)
    table = _read(file, called, progress)
    absent = [pl.lit("").alias(ours) for ours in own if ours not in called]
    rows = table.rows.with_columns(
        _spelled(start, "source").alias("source"),
        _spelled(end, "target").alias("target"),
        pl.lit(_meaning(stem(file.path), start, end, listed)).alias("metaedge"),
        *absent,
    )
    columns = ("source", "metaedge", "target", "evidence", "licence", *PLACE)
    return Table(rows.select(columns), table.dropped)


def _read(file: File, called: dict[str, str], progress: Progress) -> Table:
    layout = Layout(tuple(called), called=called, refuses_others=False)
    return read_file(file.path, layout, Shape(file.separator), progress)


def _spelled(kind: str, column: str) -> pl.Expr:
    return pl.when(pl.col(column) != "").then(f"{kind}::" + pl.col(column)).otherwise(pl.lit(""))


def _meaning(name: str, start: str, end: str, listed: dict[str, str]) -> str:
    """Tell the metaedge of a file: by its kinds and the verb in its name, or by the list.

    What is neither keeps the file's name, and so stays apart.
    """
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)
    told = [metaedge(start, word, end) for word in words if word.lower() in VERBS]
    known = next((word for word in told if word in METAEDGES), "")
    return known or listed.get(name, "") or next(iter(told), "") or name
