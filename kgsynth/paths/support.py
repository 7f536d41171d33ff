"""Does the graph support a chain of relations between two concepts, and if not, how surely?

An option is wrong only when no chain of the same kind leads to it: the same families of
relation hop by hop, in either direction, over the is-a closure of every concept passed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from kgsynth.graph.arrays import Array, readonly
from kgsynth.graph.hierarchy import Hierarchy
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.model import Grade

if TYPE_CHECKING:
    from kgsynth.paths.finder import Link
    from kgsynth.paths.shortest import Codes
    from kgsynth.paths.support_kernels import Ladder, Relations

GRADES = (Grade.CONTRADICTED, Grade.CLOSED, Grade.ABSENT)


class ChainFinder:
    """What chains of relations reach in one graph."""

    def __init__(self, graph: KnowledgeGraph, hierarchy: Hierarchy) -> None:
        from kgsynth.paths.support_kernels import new_marks

        self.graph = graph
        self.hierarchy = hierarchy
        self._marks = new_marks(graph.node_count)
        self.families = np.array(graph.predicates["family"].to_list())
        self.denies = np.zeros(len(self.families), dtype=np.bool_)
        self.denies[sorted(graph.codes_of_kind(("negative",)))] = True
        self.complete = np.array(graph.predicates["complete"].to_list(), dtype=np.bool_)
        self.family = lru_cache(maxsize=None)(self._family)

    @cached_property
    def ladder(self) -> Ladder:
        """The hierarchy as compiled code takes it."""
        from kgsynth.paths.support_kernels import Ladder

        up, down = self.hierarchy.up, self.hierarchy.down
        arrays: tuple[Array, ...] = (up.indptr, up.target, down.indptr, down.target)
        return Ladder(*map(readonly, arrays))

    def chain(self, start: int, predicates: Sequence[int]) -> ChainSupport:
        """Return what one chain of relations reaches from a concept."""
        return ChainSupport(self, start, predicates)

    def with_kin(self, codes: Array) -> Array:
        """Return some concepts with all that is above or below any of them."""
        from kgsynth.paths.support_kernels import with_kin

        found: Array = with_kin(self.ladder, codes, self._marks)
        return found

    def along(self, codes: Array, some: Relations) -> Array:
        """Return what some concepts are joined to by some relations, either way."""
        from kgsynth.paths.support_kernels import along

        found: Array = along(*self.graph.tables.held, some, codes, self._marks)
        return found

    @cached_property
    def types(self) -> Array:
        """The set of types of each concept, by its place among the graph's sets."""
        return readonly(self.graph.tables.node_types)

    @cached_property
    def alike(self) -> Array:
        """Whether two sets of types share one: no types are like no others."""
        sets = self.graph.manifest.type_sets
        names = sorted({name for types in sets for name in types})
        held = np.array([[name in types for name in names] for types in sets], dtype=np.int64)
        shared: Array = held.reshape(len(sets), len(names)) @ held.reshape(len(sets), len(names)).T
        return shared > 0

    def is_sole(self, codes: Codes, links: Sequence[Link]) -> bool:
        """Tell whether the relations and types of a path, from its start, lead to its end alone."""
        from kgsynth.paths.support_kernels import is_sole

        path = np.array(codes, dtype=np.int32)
        relations = np.array([link.predicate for link in links], dtype=np.uint16)
        forward = np.array([link.forward for link in links])
        held = self.graph.tables.held
        return bool(is_sole(*held, self.types, self.alike, self._marks, path, relations, forward))

    def _family(self, predicate: int) -> Relations:
        """Return the relations of the family of one that deny nothing."""
        return relations((self.families == self.families[predicate]) & ~self.denies)

    def is_complete(self, predicates: Sequence[int]) -> bool:
        """Tell whether every relation is stated in full."""
        return bool(self.complete[list(predicates)].all())

    @cached_property
    def affirming(self) -> Relations:
        """The relations that deny nothing."""
        return relations(~self.denies)

    def denying(self, predicate: int) -> Array:
        """Tell which relations deny what one states."""
        found: Array = (self.families == self.families[predicate]) & self.denies
        return found


def relations(wanted: Array) -> Relations:
    """Return the relations of a mask as compiled code takes them."""
    from kgsynth.paths.support_kernels import Relations

    return Relations(wanted, np.flatnonzero(wanted).astype(np.uint16))


class ChainSupport:
    """What one chain of relations from one concept reaches."""

    def __init__(self, finder: ChainFinder, start: int, predicates: Sequence[int]) -> None:
        self._finder = finder
        self._last = predicates[-1]
        self._closed = finder.is_complete(predicates)
        at = np.array([start], dtype=np.int32)
        reached = finder.with_kin(at)
        for predicate in predicates:
            reached = finder.with_kin(finder.along(reached, finder.family(predicate)))
        self._reached = reached
        # What the question says, by the very relations and without the margin of safety.
        for predicate in predicates[:-1]:
            at = finder.along(at, relations(np.arange(len(finder.denies)) == predicate))
        self._last_starts = at

    @cached_property
    def reached(self) -> frozenset[int]:
        """All that the chain leads to, with its kin."""
        return frozenset(self._reached.tolist())

    @cached_property
    def _touched(self) -> Array:
        """What has anything to do with where the last relation starts."""
        return self._finder.along(self._last_starts, self._finder.affirming)

    @cached_property
    def _denied(self) -> dict[int, tuple[int, ...]]:
        """What negative statements rule out wherever the last step can start, and which ones."""
        graph, denying = self._finder.graph, self._finder.denying(self._last)
        if not denying.any() or not len(self._last_starts):
            return {}
        times: Counter[int] = Counter()
        edges: dict[int, list[int]] = {}
        for start in self._last_starts.tolist():
            ruled_out = {n.other: n.edge for n in graph.beside(start) if denying[n.predicate]}
            for end, edge in ruled_out.items():
                times[end] += 1
                edges.setdefault(end, []).append(edge)
        needed = len(self._last_starts)
        return {end: tuple(sorted(edges[end])) for end, n in times.items() if n == needed}

    def grade(self, end: int) -> Grade | None:
        """Return how sure it is that the chain does not lead there; None when it does."""
        if end in self.reached:
            return None
        if end in self._denied:
            return Grade.CONTRADICTED
        return Grade.CLOSED if self._closed else Grade.ABSENT

    def touches(self, end: int) -> bool:
        """Tell whether a concept has anything to do with where the last relation starts.

        "Celiac disease can lead to weight loss" may be absent while the graph says that it
        presents with it: no reader would call that option wrong.
        """
        return end in self._touched_set

    @cached_property
    def _touched_set(self) -> frozenset[int]:
        return frozenset(self._touched.tolist())

    def denials(self, end: int) -> tuple[int, ...]:
        """Return the negative statements that rule the last step out, wherever it can start."""
        return self._denied.get(end, ())

    def unsupported(self, codes: Array, asked: str) -> Array:
        """Keep the concepts that the chain does not lead to, surely enough, nor touches."""
        barred = np.zeros(self._finder.graph.node_count, dtype=np.bool_)
        barred[self._reached] = True
        barred[self._touched] = True
        kept: Array = codes[~barred[codes]]
        if good_enough(Grade.CLOSED if self._closed else Grade.ABSENT, asked):
            return kept
        denied = np.fromiter(self._denied, dtype=np.int64, count=len(self._denied))
        surely: Array = kept[np.isin(kept, denied)]
        return surely


def good_enough(grade: Grade, asked: str) -> bool:
    """Tell whether a grade is at least as sure as the one asked for.

    >>> good_enough(Grade.CLOSED, "absent"), good_enough(Grade.ABSENT, "closed")
    (True, False)
    """
    return GRADES.index(grade) <= GRADES.index(Grade(asked))
