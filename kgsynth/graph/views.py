"""Views of a neighbourhood for notebooks and tests; never of a whole large graph."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from kgsynth.errors import RunError
from kgsynth.graph.store import KnowledgeGraph

if TYPE_CHECKING:
    import networkx as nx

MOST_CONCEPTS = 100_000
"""A view holds Python objects: of more concepts than this it would be no view."""


@dataclass(frozen=True, slots=True)
class Subgraph:
    """Some concepts, and every statement among them."""

    graph: KnowledgeGraph
    codes: tuple[int, ...]

    @classmethod
    def around(cls, graph: KnowledgeGraph, codes: Iterable[int], hops: int = 0) -> Subgraph:
        """Take some concepts, and all that statements of any kind join to them within hops."""
        kept = set(codes)
        newest = set(kept)
        for _ in range(hops):
            newest = {n.other for code in newest for n in graph.beside(code)} - kept
            kept |= newest
            if len(kept) > MOST_CONCEPTS:
                raise RunError(
                    f"{hops} hops around reach more than {MOST_CONCEPTS:,} concepts.",
                    remedy="Ask for fewer hops, or shatter the graph's hubs first.",
                )
        return cls(graph, tuple(sorted(kept)))

    def edges(self) -> list[int]:
        """Return the numbers of the statements, in order."""
        inside = set(self.codes)
        return [
            n.edge
            for code in self.codes
            for n in self.graph.beside(code)
            if n.forward and n.other in inside
        ]

    def to_networkx(self) -> nx.MultiDiGraph[str]:
        """Return it as a networkx multigraph: ids, and the predicate as the key of an edge."""
        import networkx as nx

        view: nx.MultiDiGraph[str] = nx.MultiDiGraph()
        for code in self.codes:
            graph = self.graph
            view.add_node(graph.id(code), name=graph.name(code), types=graph.types(code))
        for edge in self.edges():
            s = self.graph.statement(edge)
            view.add_edge(
                s.subject, s.object, s.predicate, predicate=s.predicate, sources=s.sources
            )
        return view

    def to_frame(self) -> pl.DataFrame:
        """Return the statements as a table of ids, names and relations."""
        graph = self.graph
        rows = []
        for edge in self.edges():
            subject, predicate, obj = graph.ends(edge)
            rows.append(
                {
                    "subject": graph.id(subject),
                    "subject_name": graph.name(subject),
                    "predicate": graph.predicate_names[predicate],
                    "object": graph.id(obj),
                    "object_name": graph.name(obj),
                    "sources": [origin.source for origin in graph.origins(edge)],
                }
            )
        return pl.DataFrame(rows)


def to_networkx(graph: KnowledgeGraph, codes: Iterable[int] | None = None) -> nx.MultiDiGraph[str]:
    """Return the statements among some concepts (all by default) as a networkx multigraph."""
    kept = range(graph.node_count) if codes is None else codes
    return Subgraph.around(graph, kept).to_networkx()
