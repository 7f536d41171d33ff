"""Wrong options that are wrong, and look right: matched in distance, degree and length."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from kgsynth.graph.arrays import Array
from kgsynth.graph.hierarchy import Hierarchy
from kgsynth.model import Grade, WhyOut
from kgsynth.paths.finder import PathFinder
from kgsynth.paths.shortest import Codes
from kgsynth.paths.support import ChainFinder
from kgsynth.seeding import derive, stream

DRAWS = 60
MOST_CANDIDATES = 200
TRIED_AT_ONCE = 256
MOST_TRIED = 2_048


class Candidate(NamedTuple):
    """A concept that could stand as a wrong option."""

    code: int
    grade: Grade
    near: bool
    """No farther from the start than the key, in the full graph and in the shattered one."""
    sibling: int | None = None
    """For a hard negative: the concept beside the bridge that it hangs from."""
    hangs_by: int | None = None
    """The statement by which it hangs there."""
    denied_by: tuple[int, ...] = ()
    """The statements that contradict it."""


class Pool(NamedTuple):
    """Concepts that may stand as wrong options."""

    candidates: list[Candidate]
    unsupported: int
    """How many of the key's type the chain does not lead to."""
    tried: int
    """How many of them were looked at."""


class Surface(NamedTuple):
    """What a reader who does not reason sees of an option."""

    degree: int
    length: int
    words: frozenset[str]


class NegativeFinder:
    """Finds wrong options for the end of a path."""

    def __init__(self, full: PathFinder, cut: PathFinder, hierarchy: Hierarchy) -> None:
        self._graph = full.graph
        self._full = full
        self._cut = cut
        self._hierarchy = hierarchy
        self._surface = lru_cache(maxsize=100_000)(self._surface_of)
        self._same_type = lru_cache(maxsize=1_000)(self._of_types)
        self._names = lru_cache(maxsize=100_000)(self._names_of)
        self._chains = ChainFinder(full.graph, hierarchy)

    def pool(
        self, codes: Codes, asked: str, seed: int, may_be_shown: Callable[[int], bool]
    ) -> Pool:
        """Draw concepts of the key's type that the chain does not lead to, near ones among them.

        They are tried in an order of this item's own, until enough may stand, half of them no
        farther from the start than the key.
        """
        key = codes[-1]
        predicates = [link.predicate for link in self._cut.links(codes)]
        support = self._chains.chain(codes[0], predicates)
        unsupported = support.unsupported(self._same_type(self._graph.types(key)), asked)
        barred = np.array(sorted(self._hierarchy.kin(key) | set(codes)), dtype=np.int64)
        alive = self._cut.walk.degree[unsupported] > 0
        left = unsupported[alive & ~np.isin(unsupported, barred)]
        hanging = self._hanging(codes)
        order = self._order(codes, left, hanging, seed)
        found: list[Candidate] = []
        near = tried = 0
        own = self._names(key)
        for at in range(0, min(len(order), MOST_TRIED), TRIED_AT_ONCE):
            some = order[at : at + TRIED_AT_ONCE]
            for code, is_near in zip(some.tolist(), self._near(codes, some).tolist(), strict=True):
                tried += 1
                enough = len(found) - near >= MOST_CANDIDATES // 2
                if (enough and not is_near) or own & self._names(code) or not may_be_shown(code):
                    continue
                grade = support.grade(code)
                assert grade is not None
                sibling, hangs_by = hanging.get(code, (None, None))
                denials = support.denials(code)
                found.append(Candidate(code, grade, is_near, sibling, hangs_by, denials))
                near += is_near
                if near >= MOST_CANDIDATES // 2:
                    return Pool(found, len(left), tried)
        return Pool(found, len(left), tried)

    def _order(self, codes: Codes, left: Array, hanging: Collection[int], seed: int) -> Array:
        """Put what hangs from a sibling first, and all else in an order of this item's own."""
        named = derive(seed, "negatives", *map(self._graph.id, codes))
        mixed = np.random.Generator(np.random.PCG64(named)).permutation(left)
        hangs = np.isin(mixed, np.fromiter(hanging, dtype=np.int64, count=len(hanging)))
        ordered: Array = np.concatenate([mixed[hangs][: TRIED_AT_ONCE // 4], mixed])
        _, first = np.unique(ordered, return_index=True)
        return ordered[np.sort(first)]

    def _names_of(self, code: int) -> set[str]:
        return {name.text.casefold() for name in self._graph.concept(code).names}

    def _of_types(self, types: tuple[str, ...]) -> Array:
        return self._graph.of_types(types)

    def _hanging(self, codes: Codes) -> dict[int, tuple[int, int]]:
        """Map what hangs from a sibling of the last bridge, as the key does, to (sibling, edge)."""
        bridge, key = codes[-2:]
        last = self._cut.link(bridge, key)
        siblings = self._hierarchy.siblings(bridge)
        if not siblings:
            types = set(self._graph.types(bridge))
            siblings = frozenset(
                other
                for shared in map(int, self._cut.walk.neighbours(bridge))
                for other in map(int, self._cut.walk.neighbours(shared))
                if other != bridge and types & set(self._graph.types(other))
            )
        return {
            n.other: (sibling, n.edge)
            for sibling in sorted(siblings - set(codes), reverse=True)
            for n in self._graph.beside(sibling)
            if n.predicate == last.predicate and n.forward == last.forward
        }

    def _near(self, codes: Codes, others: Array) -> Array:
        """Tell which concepts are no farther from the start than the key, with hubs and without."""
        start, key, most = codes[0], codes[-1], len(codes) - 1
        near = np.ones(len(others), dtype=np.bool_)
        for finder in (self._full, self._cut):
            reach = int(finder.hops(start, [key], most)[0])
            hops = finder.hops(start, others[near], reach)
            near[near] = hops > 0
        return near

    def choose(
        self, codes: Codes, candidates: Sequence[Candidate], count: int, seed: int
    ) -> list[Candidate] | None:
        """Choose wrong options so that no shortcut tells the key; None where that cannot be had.

        Sets are drawn from this item's own stream. Of the draws, the one is kept in which the
        key stands closest to a place in the order of degree, and of name length, that was drawn
        beforehand: over many items the key is then as often the first as the last.
        """
        draw = stream(seed, "negatives", *map(self._graph.id, codes))
        pool = list(candidates)
        near = [c for c in pool if c.near]
        needed = -(-count // 2)
        if len(near) < needed or len(pool) < count:
            return None
        key = codes[-1]
        places = draw.randint(0, count), draw.randint(0, count)
        best: tuple[float, list[Candidate]] | None = None
        for _ in range(DRAWS):
            first = draw.sample(near, needed)
            rest = [c for c in pool if c not in first]
            hard = [c for c in rest if c.sibling is not None]
            ready = draw.sample(hard, 1) if hard and needed < count else []
            others = [c for c in rest if c not in ready]
            chosen = first + ready + draw.sample(others, count - needed - len(ready))
            cost = self._mismatch(codes[0], key, chosen, places)
            if best is None or cost < best[0]:
                best = (cost, chosen)
        return best[1] if best else None

    def _mismatch(
        self, start: int, key: int, chosen: Sequence[Candidate], places: tuple[int, int]
    ) -> float:
        """Measure how much a set of wrong options helps a reader that looks at its surface."""
        mine, others = self._surface(key), [self._surface(c.code) for c in chosen]
        asked = self._surface(start).words
        heavier = sum(other.degree > mine.degree for other in others)
        longer = sum(other.length > mine.length for other in others)
        overlap = len(asked & mine.words) - max(len(asked & other.words) for other in others)
        hard = sum(c.sibling is not None for c in chosen)
        return abs(heavier - places[0]) + abs(longer - places[1]) + 2 * max(0, overlap) - 0.5 * hard

    def _surface_of(self, code: int) -> Surface:
        name = self._graph.name(code)
        words = frozenset(word for word in re.split(r"\W+", name.casefold()) if len(word) > 2)
        return Surface(int(self._graph.contact.degree[code]), len(name), words)

    def why_out(self, candidate: Candidate) -> WhyOut:
        """Say why a candidate is wrong, with the statements that prove it: denials first."""
        proof = candidate.denied_by
        if candidate.hangs_by is not None:
            proof = (*proof, candidate.hangs_by)
        return WhyOut(
            reason="easy-negative" if candidate.sibling is None else "hard-negative",
            grade=candidate.grade,
            sibling=None if candidate.sibling is None else self._graph.id(candidate.sibling),
            statements=tuple(self._graph.statement(edge).id for edge in proof),
            detail="no chain of the same relations leads to it from the question's concept",
        )
