"""Views of a neighbourhood for notebooks and tests; never of a whole large graph."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kgsynth.graph.store import KnowledgeGraph

if TYPE_CHECKING:
    import networkx as nx


def to_networkx(graph: KnowledgeGraph, codes: Iterable[int] | None = None) -> nx.MultiDiGraph[str]:
    """Return the statements among some concepts (all by default) as a networkx multigraph."""
    import networkx as nx

    kept = sorted(set(codes)) if codes is not None else list(range(graph.node_count))
    inside = set(kept)
    view: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for code in kept:
        view.add_node(graph.id(code), name=graph.name(code), types=graph.types(code))
    for code in kept:
        for n in graph.beside(code):
            if n.forward and n.other in inside:
                predicate = graph.predicate_names[n.predicate]
                view.add_edge(graph.id(code), graph.id(n.other), predicate, predicate=predicate)
    return view
