"""Who stands above, below and beside whom: is-a and part-of."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from kgsynth.graph.store import KnowledgeGraph


class Hierarchy:
    """The hierarchy of a graph. A statement of it runs from the narrower to the wider concept."""

    def __init__(self, graph: KnowledgeGraph) -> None:
        self._graph = graph
        self._steps: dict[tuple[int, bool], tuple[int, ...]] = {}

    @cached_property
    def _kinds(self) -> frozenset[int]:
        return self._graph.codes_of_kind(("hierarchical",))

    def parents(self, concept: int | str) -> list[int]:
        """Return the concepts right above."""
        return list(self._step(self._graph.find(concept), up=True))

    def _step(self, code: int, *, up: bool) -> tuple[int, ...]:
        """Return the concepts right above or below, looked up once: searches meet many often."""
        if (known := self._steps.get((code, up))) is not None:
            return known
        found = {
            n.other
            for n in self._graph.beside(code)
            if n.predicate in self._kinds and n.forward == up
        }
        return self._steps.setdefault((code, up), tuple(sorted(found)))

    def ancestors(self, concept: int | str) -> frozenset[int]:
        """Return everything above; a cycle ends where it began."""
        code = self._graph.find(concept)
        return self._closure([code], up=True) - {code}

    def descendants(self, concept: int | str) -> frozenset[int]:
        """Return everything below."""
        code = self._graph.find(concept)
        return self._closure([code], up=False) - {code}

    def _closure(self, codes: Iterable[int], *, up: bool) -> frozenset[int]:
        """Return the concepts with everything above or below them."""
        seen = set(codes)
        waiting = list(seen)
        while waiting:
            for other in self._step(waiting.pop(), up=up):
                if other not in seen:
                    seen.add(other)
                    waiting.append(other)
        return frozenset(seen)

    def kin(self, concept: int | str) -> frozenset[int]:
        """Return the concept itself with all above and below it."""
        return self.kin_of([self._graph.find(concept)])

    def kin_of(self, codes: Iterable[int]) -> frozenset[int]:
        """Return the concepts with all that is above or below any of them, in one search."""
        given = list(codes)
        return self._closure(given, up=True) | self._closure(given, up=False)

    def siblings(self, concept: int | str) -> frozenset[int]:
        """Return the concepts that share a parent."""
        code = self._graph.find(concept)
        return frozenset(
            child
            for parent in self.parents(code)
            for child in self._step(parent, up=False)
            if child != code
        )
