"""Valid inputs of every kind, from which damaged ones are made."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import seeds_of_documents as documents
import seeds_of_tables as tables
from given import Files, Input, folder, write


@cache
def exported(form: str) -> Input:
    """Write a small graph in a form of ours; its reader takes more from it than from others."""
    from kgsynth.graph.compile import compile_graph
    from kgsynth.graph.export import FORMATS, export_graph
    from kgsynth.graph.store import KnowledgeGraph
    from kgsynth.sources import read_source

    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        source = write(
            folder({"nodes.tsv": tables.NODES, "edges.tsv": tables.EDGES}), root / "tables"
        )
        compile_graph([read_source("tables", source)], root / "store")
        about = FORMATS[form]
        out = root / "out" / ("" if about.folder else f"graph.{form}")
        (root / "out").mkdir()
        export_graph(KnowledgeGraph.open(root / "store"), form, out)
        files: Files = {
            str(path.relative_to(root / "out")): path.read_bytes()
            for path in sorted((root / "out").rglob("*"))
            if path.is_file()
        }
    return Input(files, "" if about.folder else f"graph.{form}")


def _with_export(valid: Callable[[], Iterable[Input]], form: str) -> Callable[[], Iterable[Input]]:
    def both() -> Iterator[Input]:
        yield from valid()
        yield exported(form)

    return both


_SEEDS: dict[str, Callable[[], Iterable[Input]]] = {
    "umls": tables.umls,
    "primekg": tables.primekg,
    "hetionet": tables.hetionet,
    "obo": documents.obo,
    "obograph": documents.obograph,
    "rdf": _with_export(documents.rdf, "nt"),
    "kgx": _with_export(tables.kgx, "kgx"),
    "tables": tables.tables,
    "neo4j": _with_export(documents.neo4j, "neo4j"),
    "graphml": _with_export(documents.graphml, "graphml"),
}
KINDS = tuple(_SEEDS)


@cache
def seeds(kind: str) -> tuple[Input, ...]:
    """Return the valid inputs of a kind."""
    return tuple(_SEEDS[kind]())
