"""Who stands above, below and beside whom: is-a and part-of."""

from __future__ import annotations

from functools import cached_property

from kgsynth.graph.store import KnowledgeGraph


class Hierarchy:
    """The hierarchy of a graph. A statement of it runs from the narrower to the wider concept."""

    def __init__(self, graph: KnowledgeGraph) -> None:
        self._graph = graph

    @cached_property
    def _kinds(self) -> frozenset[int]:
        return self._graph.codes_of_kind(("hierarchical",))

    def parents(self, code: int) -> list[int]:
        """Return the concepts right above."""
        return self._step(code, up=True)

    def _step(self, code: int, *, up: bool) -> list[int]:
        found = {
            n.other
            for n in self._graph.beside(code)
            if n.predicate in self._kinds and n.forward == up
        }
        return sorted(found)

    def ancestors(self, code: int) -> frozenset[int]:
        """Return everything above; a cycle ends where it began."""
        return self._closure(code, up=True)

    def descendants(self, code: int) -> frozenset[int]:
        """Return everything below."""
        return self._closure(code, up=False)

    def _closure(self, code: int, *, up: bool) -> frozenset[int]:
        seen: set[int] = set()
        waiting = [code]
        while waiting:
            for other in self._step(waiting.pop(), up=up):
                if other not in seen:
                    seen.add(other)
                    waiting.append(other)
        return frozenset(seen - {code})

    def kin(self, code: int) -> frozenset[int]:
        """Return the concept itself with all above and below it."""
        return self.ancestors(code) | self.descendants(code) | {code}

    def siblings(self, code: int) -> frozenset[int]:
        """Return the concepts that share a parent."""
        return frozenset(
            child
            for parent in self.parents(code)
            for child in self._step(parent, up=False)
            if child != code
        )
