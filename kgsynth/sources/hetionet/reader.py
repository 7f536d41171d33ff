"""Hetionet in each of its forms, told apart by what the path is.

- a table of nodes with a table of edges (``.sif`` or ``.tsv``): a folder that holds both, or
  either file; also a cut of it whose edges tell their provenance and licence
- ``hetionet-v1.0.json.bz2``: see `kgsynth.sources.hetionet.document`
- a folder for Neo4j's bulk import: see `kgsynth.sources.hetionet.import_folder`
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import polars as pl

from kgsynth.errors import SourceError, listing
from kgsynth.source_options import PlainOptions
from kgsynth.sources.columns import GraphColumns, Progress, silent
from kgsynth.sources.hetionet.document import read_json
from kgsynth.sources.hetionet.graph import Parts, build
from kgsynth.sources.hetionet.import_folder import find_import, read_import
from kgsynth.sources.tables.delimited import Shape
from kgsynth.sources.tables.files import ending, files_of, names_in, read_file, unread
from kgsynth.sources.tables.layout import PLACE, Layout, join_tables

NODE_LAYOUT = Layout(("id", "name"), refuses_others=False)
EDGE_LAYOUT = Layout(
    ("source", "metaedge", "target"),
    ("provenance", "license", "licence"),
    refuses_others=False,
)
SHAPE = Shape("\t")
TABLES = (".tsv", ".txt")
FORMS = (".tsv", ".sif", ".json")
"""Endings of files that are told where they lie in the folder and are not read."""
PREFERRED = "hetionet"
"""A file whose name begins like this is taken before others."""


class _Pair(NamedTuple):
    nodes: Path
    edges: Path


def read(path: Path, options: PlainOptions, progress: Progress = silent) -> GraphColumns:
    """Read a folder, one of a pair of tables with the other beside it, or the JSON document."""
    if path.is_dir() and (files := find_import(path)):
        return build(read_import(files, progress), path)
    found = _in_folder(path) if path.is_dir() else _of_file(path)
    parts = _read_pair(found, progress) if isinstance(found, _Pair) else read_json(found, progress)
    if path.is_dir():
        taken = found if isinstance(found, _Pair) else (found,)
        parts.dropped.append(unread(path, taken, FORMS))
    return build(parts, path)


def beside(path: Path) -> list[Path]:
    """Return the table that is read together with a named one."""
    found = _of_file(path)
    return [file for file in found if file != path] if isinstance(found, _Pair) else []


# --- which files ------------------------------------------------------------------------------


def _in_folder(folder: Path) -> _Pair | Path:
    tables = _edge_tables(folder)
    documents = [
        folder / name
        for name in names_in(folder)
        if ending(name) == ".json" and "metagraph" not in name
    ]
    if tables and documents:
        both = listing(file.name for file in (*tables, *documents))
        raise SourceError(
            f"{folder} holds Hetionet in two forms: {both}.", remedy="Name the file to read."
        )
    if tables:
        return _Pair(
            _chosen(folder, "nodes", _node_tables(folder)), _chosen(folder, "edges", tables)
        )
    if documents:
        return _chosen(folder, "a graph", documents)
    held = listing(names_in(folder))
    raise SourceError(
        f"{folder} holds no form of Hetionet. " + (f"It holds {held}." if held else "It is empty."),
        remedy="Kind hetionet reads *nodes.tsv with *edges.sif.gz, hetionet-v1.0.json.bz2, or a "
        "folder for Neo4j's bulk import.",
    )


def _of_file(path: Path) -> _Pair | Path:
    if not path.is_file():
        raise SourceError(f"There is no folder and no file at {path}.", remedy="Check the path.")
    if ending(path) == ".json":
        return path
    folder = path.parent
    nodes = _node_tables(folder)
    if path in nodes:
        return _Pair(path, _chosen(folder, "edges", _edge_tables(folder)))
    return _Pair(_chosen(folder, "nodes", nodes), path)


def _node_tables(folder: Path) -> list[Path]:
    return files_of(folder, "nodes", TABLES)


def _edge_tables(folder: Path) -> list[Path]:
    sif = [folder / name for name in names_in(folder) if ending(name) == ".sif"]
    return sif + files_of(folder, "edges", TABLES)


def _chosen(folder: Path, what: str, found: list[Path]) -> Path:
    """Take the one file there is, or the one that is called after Hetionet."""
    if not found:
        raise SourceError(
            f"{folder} has no table of {what}.",
            remedy="The nodes are looked for in *nodes.tsv, the edges in *.sif and *edges.tsv.",
        )
    named = [file for file in found if file.name.lower().startswith(PREFERRED)]
    fitting = named or found
    if len(fitting) > 1:
        raise SourceError(
            f"{folder} has several files with {what}: {listing(file.name for file in fitting)}.",
            remedy="Name the file of edges to read, and keep one file of nodes beside it.",
        )
    return fitting[0]


# --- the pair of tables -----------------------------------------------------------------------


def _read_pair(pair: _Pair, progress: Progress) -> Parts:
    nodes = join_tables([read_file(pair.nodes, NODE_LAYOUT, SHAPE, progress)], NODE_LAYOUT)
    edges = join_tables([read_file(pair.edges, EDGE_LAYOUT, SHAPE, progress)], EDGE_LAYOUT)
    licence = pl.when(pl.col("licence") == "").then("license").otherwise("licence")
    return Parts(
        nodes.rows.select(pl.col("id").alias("spelled"), "name", *PLACE),
        edges.rows.select(
            *("source", "metaedge", "target"),
            pl.col("provenance").alias("evidence"),
            licence.alias("licence"),
            *PLACE,
        ),
        [nodes.dropped, edges.dropped],
    )
