"""Paths between concepts: over the associative statements, with the hubs or without them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kgsynth.graph.adjacency import Adjacency
from kgsynth.graph.arrays import Array
from kgsynth.graph.overlay import Overlay
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.limits import MOST_SEARCHED
from kgsynth.model import Hop, Path, PathNode, Statement
from kgsynth.paths.ground import Ground
from kgsynth.paths.shortest import Codes, PathSearch, PathsFound


class Link(NamedTuple):
    """The statement chosen for one hop."""

    edge: int
    predicate: int
    forward: bool


class PathFinder:
    """Searches one graph, with or without its hubs, along the statements of a ground."""

    def __init__(
        self,
        graph: KnowledgeGraph,
        overlay: Overlay | None = None,
        *,
        ground: Ground | None = None,
    ) -> None:
        self.graph = graph
        self.ground = ground or Ground.of(graph, overlay)
        self.walk: Adjacency = self.ground.after
        self._usage = np.array(list(graph.manifest.predicates.values()), dtype=np.int64)
        self.distances = lru_cache(maxsize=256)(self._distances)
        self._searches = lru_cache(maxsize=4)(self._search)

    def _distances(self, end: int, max_hops: int) -> npt.NDArray[np.int8]:
        return self.ground.before.reach(end, max_hops).distance

    def _search(self, max_hops: int) -> PathSearch:
        return PathSearch(self.ground, max_hops=max_hops, threads=1)

    # --- search ---------------------------------------------------------------------------

    def between(
        self, starts: Sequence[int], ends: Sequence[int], max_hops: int, limit: int
    ) -> PathsFound:
        """Find all shortest paths of each pair, the shortest pairs first.

        A path that passes through another of the given concepts is left to that concept's
        own pair.
        """
        given = set(starts) | set(ends)
        pairs = [(s, e) for s in dict.fromkeys(starts) for e in dict.fromkeys(ends) if s != e]
        table = self._searches(max_hops).between(np.array(pairs, dtype=np.int64))
        found: list[Codes] = []
        told = zip(table.hops.tolist(), pairs, range(len(pairs)), strict=True)
        for hops, (start, end), at in sorted(row for row in told if row[0] > 0):
            # Of more than the search holds, the first in order are wanted.
            every = self.within(start, end, hops) if table.truncated[at] else table[at]
            for path in every:
                if given.intersection(path[1:-1]):
                    continue
                if len(found) == limit:
                    return PathsFound(tuple(found), truncated=True)
                found.append(path)
        return PathsFound(tuple(found), truncated=False)

    def hops(self, start: int, ends: Sequence[int] | npt.NDArray[np.int64], most: int) -> Array:
        """Tell how far some concepts are from one; -1 for more than ``most`` hops."""
        others = np.asarray(ends, dtype=np.int64)
        pairs = np.stack([np.full(len(others), start, dtype=np.int64), others], axis=1)
        return self._searches(MOST_SEARCHED).hops(pairs, most)

    def within(self, start: int, end: int, max_hops: int) -> Iterator[Codes]:
        """Yield every simple path of at most ``max_hops`` hops, in order of codes, lazily."""
        away = self.distances(end, max_hops)
        if away[start] < 0:
            return
        path = [start]
        waiting = [iter(self.walk.neighbours(start))]
        while waiting:
            step = next(waiting[-1], None)
            if step is None:
                waiting.pop()
                path.pop()
                continue
            other = int(step)
            left = max_hops - len(path)
            if other in path or away[other] < 0 or away[other] > left:
                continue
            if other == end:
                yield (*path, end)
                continue
            path.append(other)
            waiting.append(iter(self.walk.neighbours(other)))

    # --- reading a path ----------------------------------------------------------------------

    def link(self, left: int, right: int) -> Link:
        """Choose the statement of a hop: of several, the relation that is rarest in the graph."""
        from kgsynth.paths.unique_kernels import rarest_step

        ground, held = self.ground, self.graph.tables.held
        edge, relation, forward = rarest_step(
            *held, ground.along, ground.against, self._usage, left, right
        )
        if edge < 0:
            raise ValueError(f"no statement of the ground joins {left} and {right}")
        return Link(int(edge), int(relation), bool(forward))

    def links(self, codes: Codes) -> list[Link]:
        """Choose the statement of every hop."""
        return [self.link(a, b) for a, b in pairwise(codes)]

    def statements(self, codes: Codes) -> list[Statement]:
        """Return the statement of every hop."""
        return [self.graph.statement(link.edge) for link in self.links(codes)]

    def describe(
        self, codes: Codes, language: str = "en", *, edges: Sequence[int] | None = None
    ) -> Path:
        """Write a path as the record that rows carry, by statements given or chosen."""
        chosen = [link.edge for link in self.links(codes)] if edges is None else edges
        hops = tuple(
            Hop(
                predicate=statement.predicate,
                forward=statement.subject == self.graph.id(code),
                statements=(statement.id,),
                sources=statement.sources,
            )
            for code, statement in zip(codes, map(self.graph.statement, chosen), strict=False)
        )
        return Path(nodes=tuple(self.node(c, language) for c in codes), hops=hops)

    def node(self, code: int, language: str = "en") -> PathNode:
        """Write a concept as a node of a path."""
        concept = self.graph.concept(code)
        name = concept.name(language)
        aliases = dict.fromkeys(n.text for n in concept.names if n.text != name)
        return PathNode(id=concept.id, name=name, aliases=tuple(aliases), types=concept.types)

    def generality(self, codes: Codes) -> float:
        """Return how generic the inner concepts are: the mean log degree, lower being better."""
        degrees = self.graph.contact.degree
        inner = [math.log1p(int(degrees[c])) for c in codes[1:-1]]
        return round(sum(inner) / len(inner), 9) if inner else 0.0
