"""Columns read back as words, for the tests of the readers of ontologies."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from kgsynth.source_options import RdfOptions
from kgsynth.sources import read_source
from kgsynth.sources.columns import GraphColumns

REAL = Path(__file__).resolve().parents[2] / "shared" / "data"

Statement = tuple[str, str, str]


def real_file(name: str) -> Path:
    """Return a file of the real data; the test is skipped where there is none."""
    if not REAL.is_dir():
        pytest.skip("the real graphs (../shared/data) are not beside the repository")
    return REAL / name


def read_text(
    kind: str, folder: Path, name: str, text: str | bytes, syntax: str = ""
) -> GraphColumns:
    """Write a file and read it."""
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    options = RdfOptions(kind="rdf", path=str(path), syntax=syntax) if syntax else None  # type: ignore[arg-type]
    return read_source(kind, path, options)


def statements(graph: GraphColumns) -> list[Statement]:
    """List the statements in words."""
    ids = graph.nodes["id"].to_list()
    return [
        (ids[s], graph.relations[p].spelling, ids[o])
        for s, p, o in graph.edges.select("subject", "predicate", "object").iter_rows()
    ]


def names(graph: GraphColumns) -> set[tuple[str, str, str, str]]:
    """List the names: id, text, language, kind."""
    ids = graph.nodes["id"].to_list()
    rows = graph.names.select("node", "text", "language", "kind").iter_rows()
    return {(ids[node], text, language, kind) for node, text, language, kind in rows}


def definitions(graph: GraphColumns) -> dict[str, str]:
    """List what the concepts are defined as."""
    ids = graph.nodes["id"].to_list()
    return {ids[node]: text for node, text in graph.definitions.select("node", "text").iter_rows()}


def identifiers(graph: GraphColumns, kind: str) -> set[tuple[str, str]]:
    """List the other ids of a kind, or the cross references."""
    ids = graph.nodes["id"].to_list()
    rows = graph.identifiers.filter(pl.col("kind") == kind).select("node", "text").iter_rows()
    return {(ids[node], text) for node, text in rows}


def types(graph: GraphColumns) -> dict[str, list[str]]:
    """List the types of every concept."""
    return dict(graph.nodes.iter_rows())


def dropped(graph: GraphColumns) -> list[tuple[int, str]]:
    """List row and reason of what was set aside."""
    return list(graph.dropped.select("row", "reason").iter_rows())


def evidence(graph: GraphColumns) -> dict[Statement, str]:
    """List the evidence of the statements that have some."""
    said = statements(graph)
    return {said[edge]: text for edge, text in graph.evidence.iter_rows()}
