"""A store written in the formats that other tools read, whole enough to be compiled again.

A new format is one module with ``write(batches, output)`` and one line in ``FORMATS``; a test
over them writes each, has a tool that is not ours open it, and reads it back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kgsynth.errors import UsageError, listing, nearest

if TYPE_CHECKING:
    from kgsynth.graph.export.batches import Batches
    from kgsynth.graph.store import KnowledgeGraph
    from kgsynth.sources.columns import Progress

Write = Callable[["Batches", Path], None]


class Format(NamedTuple):
    """How a store is written."""

    write: Write
    kind: str
    """The kind of source that reads it back."""
    folder: bool = False
    """It is a folder, which is there and empty when ``write`` is called; else one file."""
    server: bool = False
    """It can be written to a server that speaks Bolt as well."""
    ending: str = ""
    """How its name must end, packed or not, for its reader to know it."""


class Exported(NamedTuple):
    """What was written, and what the terms of the sources kept back."""

    nodes: int
    statements: int
    names_withheld: int
    definitions_withheld: int
    evidence_withheld: int
    withheld_sources: tuple[str, ...]


def _late(module: str) -> Write:
    def write(batches: Batches, output: Path) -> None:
        import_module(f"kgsynth.graph.export.{module}").write(batches, output)

    return write


FORMATS: dict[str, Format] = {
    "kgx": Format(_late("kgx"), "kgx", folder=True),
    "nt": Format(_late("nt"), "rdf", ending=".nt"),
    "neo4j": Format(_late("neo4j"), "neo4j", folder=True, server=True),
    "graphml": Format(_late("graphml"), "graphml"),
}


def format_named(name: str) -> Format:
    """Return a format, or say which one may be meant."""
    if name not in FORMATS:
        raise UsageError(
            f"A graph cannot be exported to {name!r}.{nearest(name, FORMATS)}",
            remedy=f"Formats: {listing(FORMATS)}.",
        )
    return FORMATS[name]


def export_graph(
    graph: KnowledgeGraph,
    to: str,
    output: Path,
    accept: Iterable[str] = (),
    progress: Progress | None = None,
) -> Exported:
    """Write a store in a format. The caller sees to it that ``output`` may be written.

    >>> import tempfile
    >>> from kgsynth.graph.compile import compile_graph
    >>> from kgsynth.graph.store import KnowledgeGraph
    >>> from kgsynth.resources import locate
    >>> from kgsynth.sources import read_source
    >>> folder = Path(tempfile.mkdtemp())
    >>> manifest = compile_graph([read_source("tables", locate("ontologies/mini"))], folder / "a")
    >>> export_graph(KnowledgeGraph.open(folder / "a"), "graphml", folder / "m.graphml").nodes
    49
    >>> again = compile_graph([read_source("graphml", folder / "m.graphml")], folder / "b")
    >>> again.content == manifest.content
    True
    """
    from kgsynth.graph.export.batches import Batches
    from kgsynth.graph.terms import Terms
    from kgsynth.sources.columns import silent

    format_ = format_named(to)
    terms = Terms.of(graph.manifest, accept)
    batches = Batches(graph, terms, progress or silent)
    format_.write(batches, output)
    return _exported(batches)


def export_to_server(
    graph: KnowledgeGraph,
    address: str,
    accept: Iterable[str] = (),
    database: str = "",
    progress: Progress | None = None,
) -> Exported:
    """Write a store to a server that speaks Bolt."""
    from kgsynth.graph.export.batches import Batches
    from kgsynth.graph.export.neo4j import send
    from kgsynth.graph.terms import Terms
    from kgsynth.sources.columns import silent

    batches = Batches(graph, Terms.of(graph.manifest, accept), progress or silent)
    send(batches, address, database)
    return _exported(batches)


def _exported(batches: Batches) -> Exported:
    return Exported(
        batches.graph.node_count,
        batches.graph.manifest.statements,
        *batches.held,
        tuple(batches.terms.withheld()),
    )
