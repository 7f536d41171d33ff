"""What a reader may see of a graph: degrees and distances, nothing of what a statement says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from kgsynth.limits import MOST_DRAWN

if TYPE_CHECKING:
    from kgsynth.graph.adjacency import Adjacency
    from kgsynth.graph.store import KnowledgeGraph


class GraphSight:
    """A graph, whole and without its hubs.

    >>> from kgsynth.graph.store import KnowledgeGraph
    >>> graph = KnowledgeGraph.example()
    >>> sight = GraphSight(graph, graph.walk)
    >>> sight.degrees(["KGMINI:aspirin"]), sight.degrees(["KGMINI:unheard-of"])
    ([7], None)
    """

    def __init__(self, graph: KnowledgeGraph, cut: Adjacency) -> None:
        self._graph = graph
        self._walks = {True: graph.walk, False: cut}

    @classmethod
    def without(cls, graph: KnowledgeGraph, hubs: Iterable[str]) -> GraphSight:
        """Cut the hubs that a dataset names, as far as the graph knows them."""
        removed = np.zeros(graph.node_count, dtype=np.bool_)
        codes = map(graph.code_or_none, hubs)
        removed[[code for code in codes if code is not None]] = True
        return cls(graph, graph.walk.without(removed))

    def degrees(self, concepts: Sequence[str]) -> list[int] | None:
        """Tell how many neighbours each concept has."""
        codes = self._codes(concepts)
        return None if codes is None else self._graph.contact.degree[codes].tolist()

    def hops(self, start: str, concepts: Sequence[str], *, hubs: bool) -> list[int] | None:
        """Tell how far each concept is; -1 for farther than any path of a question is long."""
        codes = self._codes([start, *concepts])
        if codes is None:
            return None
        pairs = np.array([(codes[0], code) for code in codes[1:]], dtype=np.int64)
        hops: list[int] = self._walks[hubs].hops_between(pairs, MOST_DRAWN).tolist()
        return hops

    def _codes(self, concepts: Sequence[str]) -> list[int] | None:
        codes = [self._graph.code_or_none(concept) for concept in concepts]
        known = [code for code in codes if code is not None]
        return known if len(known) == len(codes) else None
