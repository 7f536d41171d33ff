"""Does the graph support a chain of relations between two concepts, and if not, how surely?

An option is wrong only when no chain of the same kind leads to it: the same families of
relation hop by hop, in either direction, over the is-a closure of every concept passed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kgsynth.graph.hierarchy import Hierarchy
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.model import Grade

GRADES = (Grade.CONTRADICTED, Grade.CLOSED, Grade.ABSENT)


class ChainSupport:
    """What one chain of relations from one concept reaches."""

    def __init__(
        self, graph: KnowledgeGraph, hierarchy: Hierarchy, start: int, predicates: Sequence[int]
    ) -> None:
        self._graph = graph
        self._families = graph.predicates["family"].to_list()
        self._denying = graph.codes_of_kind(("negative",))
        complete = graph.predicates["complete"].to_list()
        self._closed = all(complete[p] for p in predicates)
        reached = hierarchy.kin_of({start})
        for predicate in predicates:
            reached = hierarchy.kin_of(self._stepped(reached, predicate))
        self.reached = reached
        self._last_family = self._families[predicates[-1]]
        self._last_starts = {start}
        for predicate in predicates[:-1]:
            self._last_starts = self._along(self._last_starts, predicate)

    def _stepped(self, codes: Iterable[int], predicate: int) -> set[int]:
        family = self._families[predicate]
        return {
            n.other
            for code in codes
            for n in self._graph.beside(code)
            if self._families[n.predicate] == family and n.predicate not in self._denying
        }

    def _along(self, codes: Iterable[int], predicate: int) -> set[int]:
        """Step by the very relation: what the question says, without the margin of safety."""
        return {
            n.other for code in codes for n in self._graph.beside(code) if n.predicate == predicate
        }

    def grade(self, end: int) -> Grade | None:
        """Return how sure it is that the chain does not lead there; None when it does."""
        if end in self.reached:
            return None
        if self.denials(end):
            return Grade.CONTRADICTED
        return Grade.CLOSED if self._closed else Grade.ABSENT

    def touches(self, end: int) -> bool:
        """Tell whether a concept has anything to do with where the last relation starts.

        "Celiac disease can lead to weight loss" may be absent while the graph says that it
        presents with it: no reader would call that option wrong.
        """
        return any(
            n.other in self._last_starts and n.predicate not in self._denying
            for n in self._graph.beside(end)
        )

    def denials(self, end: int) -> tuple[int, ...]:
        """Return the negative statements that rule the last step out, wherever it can start."""
        denying = {
            n.other: n.edge
            for n in self._graph.beside(end)
            if n.predicate in self._denying and self._families[n.predicate] == self._last_family
        }
        if not self._last_starts <= denying.keys():
            return ()
        return tuple(sorted(denying[start] for start in self._last_starts))


def good_enough(grade: Grade, asked: str) -> bool:
    """Tell whether a grade is at least as sure as the one asked for.

    >>> good_enough(Grade.CLOSED, "absent"), good_enough(Grade.ABSENT, "closed")
    (True, False)
    """
    return GRADES.index(grade) <= GRADES.index(Grade(asked))
