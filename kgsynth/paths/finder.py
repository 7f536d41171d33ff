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
from kgsynth.graph.shatter import Overlay
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.model import Hop, Path, PathNode, Statement

Codes = tuple[int, ...]


class Link(NamedTuple):
    """The statement chosen for one hop."""

    edge: int
    predicate: int
    forward: bool


class PathsFound(NamedTuple):
    """What a search between two sets of concepts gave."""

    paths: tuple[Codes, ...]
    truncated: bool
    """More paths were there than the limit asked for."""


class PathFinder:
    """Searches one graph, with or without its hubs."""

    def __init__(self, graph: KnowledgeGraph, overlay: Overlay | None = None) -> None:
        self.graph = graph
        self.walk: Adjacency = overlay.walk if overlay else graph.walk
        self._walked = graph.codes_of_kind(("associative",))
        self._usage = list(graph.manifest.predicates.values())
        self.distances = lru_cache(maxsize=256)(self._distances)

    def _distances(self, start: int, max_hops: int) -> npt.NDArray[np.int8]:
        return self.walk.reach(start, max_hops).distance

    # --- search ---------------------------------------------------------------------------

    def between(
        self, starts: Sequence[int], ends: Sequence[int], max_hops: int, limit: int
    ) -> PathsFound:
        """Find all shortest paths of each pair, the shortest pairs first.

        A path that passes through another of the given concepts is left to that concept's
        own pair.
        """
        given = set(starts) | set(ends)
        pairs = []
        for end in dict.fromkeys(ends):
            away = self.distances(end, max_hops)
            pairs += [
                (int(away[start]), start, end)
                for start in dict.fromkeys(starts)
                if start != end and away[start] > 0
            ]
        found: list[Codes] = []
        for hops, start, end in sorted(pairs):
            for path in self.within(start, end, hops):
                if given.intersection(path[1:-1]):
                    continue
                if len(found) == limit:
                    return PathsFound(tuple(found), truncated=True)
                found.append(path)
        return PathsFound(tuple(found), truncated=False)

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
        choices = [
            (self._usage[n.predicate], n.predicate, not n.forward, n.edge)
            for n in self.graph.beside(left)
            if n.other == right and n.predicate in self._walked
        ]
        _, predicate, backward, edge = min(choices)
        return Link(edge, predicate, not backward)

    def links(self, codes: Codes) -> list[Link]:
        """Choose the statement of every hop."""
        return [self.link(a, b) for a, b in pairwise(codes)]

    def statements(self, codes: Codes) -> list[Statement]:
        """Return the statement of every hop."""
        return [self.graph.statement(link.edge) for link in self.links(codes)]

    def describe(self, codes: Codes, language: str = "en") -> Path:
        """Write a path as the record that rows carry."""
        hops = []
        for link, statement in zip(self.links(codes), self.statements(codes), strict=True):
            hops.append(
                Hop(
                    predicate=statement.predicate,
                    forward=link.forward,
                    statements=(statement.id,),
                    sources=statement.sources,
                )
            )
        return Path(nodes=tuple(self.node(c, language) for c in codes), hops=tuple(hops))

    def node(self, code: int, language: str = "en") -> PathNode:
        """Write a concept as a node of a path."""
        concept = self.graph.concept(code)
        name = concept.name(language)
        aliases = dict.fromkeys(n.text for n in concept.names if n.text != name)
        return PathNode(id=concept.id, name=name, aliases=tuple(aliases), types=concept.types)

    def answers(self, codes: Codes) -> set[int]:
        """Return all that the full graph answers, asked for the path's relations and types."""
        reached = {codes[0]}
        for link, node in zip(self.links(codes), codes[1:], strict=True):
            types = set(self.graph.types(node))
            reached = {
                n.other
                for code in reached
                for n in self.graph.beside(code)
                if (n.predicate, n.forward) == (link.predicate, link.forward)
                and types & set(self.graph.types(n.other))
            }
        return reached

    def generality(self, codes: Codes) -> float:
        """Return how generic the inner concepts are: the mean log degree, lower being better."""
        degrees = self.graph.contact.degree
        inner = [math.log1p(int(degrees[c])) for c in codes[1:-1]]
        return round(sum(inner) / len(inner), 9) if inner else 0.0
