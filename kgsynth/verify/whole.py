"""A whole graph as the checks ask it: where relations lead, who is kin, what joins two concepts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from kgsynth.graph.arrays import Array
from kgsynth.graph.hierarchy import Hierarchy
from kgsynth.graph.overlay import Remainder
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.model import Grade
from kgsynth.paths.ground import Ground
from kgsynth.paths.shortest import PathSearch
from kgsynth.paths.support import ChainFinder, relations

MOST_PATHS = 1_000
"""Shortest paths of one row that are looked at."""


class Joined(NamedTuple):
    """The shortest paths between two concepts past the hubs, as ids."""

    paths: tuple[tuple[str, ...], ...]
    truncated: bool


class WholeGraph:
    """Answers for one graph, with its hubs known by id.

    >>> whole = WholeGraph(KnowledgeGraph.example(), hubs=["KGMINI:inflammation"])
    >>> whole.are_kin("KGMINI:lisinopril", "KGMINI:lisinopril")
    True
    """

    def __init__(self, graph: KnowledgeGraph, hubs: Iterable[str]) -> None:
        self._graph = graph
        self._hierarchy = Hierarchy(graph)
        self._chains = ChainFinder(graph, self._hierarchy)
        removed = np.zeros(graph.node_count, dtype=np.bool_)
        codes = (graph.code_or_none(hub) for hub in hubs)
        removed[[code for code in codes if code is not None]] = True
        ground = Ground.of(graph, Remainder(removed, graph.walk.without(removed)))
        self._search = PathSearch(ground, limit=MOST_PATHS, threads=1)
        self._chain = lru_cache(maxsize=16)(self._followed)
        self._names_of_kin = lru_cache(maxsize=1_024)(self._named)

    def knows(self, *concepts: str) -> bool:
        """Tell whether the graph holds all of these ids."""
        return all(self._graph.code_or_none(concept) is not None for concept in concepts)

    def words(self, relations: Iterable[str]) -> bool:
        """Tell whether the graph has all of these relations."""
        return set(relations) <= set(self._graph.predicate_names)

    def grade(self, start: str, relations: Sequence[str], end: str) -> Grade | None:
        """Say how sure it is that a chain of relations does not lead there; None where it does."""
        chain, code = self._chain(start, tuple(relations)), self._graph.code(end)
        family = self._chains.family(chain.last).wanted
        if any(self._is_joined(kin, family, chain.reached) for kin in self._hierarchy.kin(code)):
            return None
        denying, starts = self._chains.denying(chain.last), chain.starts
        denied = (self._is_joined(code, denying, starts[at : at + 1]) for at in range(len(starts)))
        if len(starts) and denying.any() and all(denied):
            return Grade.CONTRADICTED
        return Grade.CLOSED if chain.complete else Grade.ABSENT

    def reaches(self, start: str, relations: Sequence[str], end: str) -> bool:
        """Tell whether the very relations, either way round, lead from one concept to another."""
        chain = self._chain(start, tuple(relations))
        very = np.arange(len(self._chains.denies)) == chain.last
        return self._is_joined(self._graph.code(end), very, chain.starts)

    def are_kin(self, one: str, other: str) -> bool:
        """Tell whether two concepts are the same, or one stands above the other."""
        return self._graph.code(other) in self._hierarchy.kin(self._graph.code(one))

    def names_of_kin(self, concept: str) -> tuple[str, ...]:
        """Return every name of a concept, of what stands above it and of what stands below."""
        return self._names_of_kin(concept)

    def _named(self, concept: str) -> tuple[str, ...]:
        code = self._graph.code_or_none(concept)
        kin = sorted(self._hierarchy.kin(code)) if code is not None else []
        return tuple(name.text for one in kin for name in self._graph.concept(one).names)

    def between(self, start: str, end: str) -> Joined:
        """Find the shortest paths that join two concepts past the hubs."""
        found = self._search.between([(self._graph.code(start), self._graph.code(end))])
        paths = (tuple(map(self._graph.id, path)) for path in found[0])
        return Joined(tuple(paths), bool(found.truncated[0]))

    def _followed(self, start: str, names: tuple[str, ...]) -> _Chain:
        """Follow a chain up to its last relation: that is looked at from where it may end."""
        every = self._graph.predicate_names
        codes = [every.index(name) for name in names]
        chains = self._chains
        starts = np.array([self._graph.code(start)], dtype=np.int32)
        reached = chains.with_kin(starts)
        for code in codes[:-1]:
            reached = chains.with_kin(chains.along(reached, chains.family(code)))
            starts = chains.along(starts, relations(np.arange(len(every)) == code))
        return _Chain(codes[-1], np.sort(reached), np.sort(starts), chains.is_complete(codes))

    def _is_joined(self, code: int, wanted: Array, places: Array) -> bool:
        """Tell whether one of some relations joins a concept to one of some places, either way."""
        if not len(places):
            return False
        for held in (self._graph.tables.out, self._graph.tables.into):
            first, end = held.indptr[code : code + 2]
            beside = held.target[first:end][wanted[held.predicate[first:end]]]
            at = np.minimum(np.searchsorted(places, beside), len(places) - 1)
            if (places[at] == beside).any():
                return True
        return False


class _Chain(NamedTuple):
    """A chain of relations, followed from its start up to the last of them."""

    last: int
    reached: Array
    """What the families of the relations lead to, with all kin, in order."""
    starts: Array
    """What the very relations lead to, in order."""
    complete: bool
    """Whether every relation is stated in full."""
