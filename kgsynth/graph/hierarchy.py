"""Who stands above, below and beside whom: is-a and part-of."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np

from kgsynth.graph.adjacency import Adjacency
from kgsynth.graph.arrays import Array
from kgsynth.graph.store import KnowledgeGraph


class Hierarchy:
    """The hierarchy of a graph. A statement of it runs from the narrower to the wider concept."""

    def __init__(self, graph: KnowledgeGraph) -> None:
        self._graph = graph

    @cached_property
    def up(self) -> Adjacency:
        """Who stands right above whom."""
        return self._adjacency(upward=True)

    @cached_property
    def down(self) -> Adjacency:
        """Who stands right below whom."""
        return self._adjacency(upward=False)

    def _adjacency(self, *, upward: bool) -> Adjacency:
        from kgsynth.graph.building import neighbours

        kinds = np.array(self._graph.predicates["kind"].to_list())
        wanted, none = kinds == "hierarchical", np.zeros(len(kinds), dtype=np.bool_)
        along, against = (wanted, none) if upward else (none, wanted)
        return Adjacency(
            *neighbours(self._graph.tables.out, self._graph.tables.into, along, against)
        )

    def parents(self, concept: int | str) -> list[int]:
        """Return the concepts right above."""
        return [int(code) for code in self.up.neighbours(self._graph.find(concept))]

    def ancestors(self, concept: int | str) -> frozenset[int]:
        """Return everything above; a cycle ends where it began."""
        code = self._graph.find(concept)
        return _closure([code], self.up) - {code}

    def descendants(self, concept: int | str) -> frozenset[int]:
        """Return everything below."""
        code = self._graph.find(concept)
        return _closure([code], self.down) - {code}

    def kin(self, concept: int | str) -> frozenset[int]:
        """Return the concept itself with all above and below it."""
        return self.kin_of([self._graph.find(concept)])

    def kin_of(self, codes: Iterable[int]) -> frozenset[int]:
        """Return the concepts with all that is above or below any of them."""
        given = list(codes)
        return _closure(given, self.up) | _closure(given, self.down)


def _closure(codes: Iterable[int], steps: Adjacency) -> frozenset[int]:
    """Return the concepts with everything that steps lead to from them."""
    seen = set(codes)
    waiting = list(seen)
    while waiting:
        others: Array = steps.neighbours(waiting.pop())
        for other in others.tolist():
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return frozenset(seen)
