"""Which paths say most: by the degrees along them, not by luck.

A path through a hub says little, for the hub is joined to everything. Two measures say so in
numbers: the degree-weighted path count of Himmelstein and Baranzini (2015), which damps every
step by the degrees at its two ends, and the information content of the concepts passed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from kgsynth.errors import RunError
from kgsynth.paths.finder import PathFinder
from kgsynth.paths.ground import Ground
from kgsynth.paths.metapath import Metapath, along
from kgsynth.paths.shortest import Codes

DAMPING = 0.4
"""What the authors chose; 0 counts every path as one."""
MOST_PATHS = 1_000_000


class Ranked(NamedTuple):
    """A path and how much it says."""

    codes: Codes
    information: float
    """Bits: the mean over the inner concepts."""
    weight: float
    """The product of the damped degrees of its statements."""


class PathRanker:
    """Weighs the paths of one graph."""

    def __init__(self, finder: PathFinder, damping: float = DAMPING) -> None:
        self._finder = finder
        self._graph = finder.graph
        self._damping = damping
        degrees = self._graph.contact.degree
        self._ends = int(degrees.sum())
        self._degrees = degrees

    def information(self, code: int) -> float:
        """Return the information content of a concept, in bits: how rarely an edge ends there.

        >>> from kgsynth.graph.store import KnowledgeGraph
        >>> graph = KnowledgeGraph.example()
        >>> ranker = PathRanker(PathFinder(graph))
        >>> hub, rare = graph.find("inflammation"), graph.find("cortisol")
        >>> ranker.information(hub) < ranker.information(rare)
        True
        """
        degree = int(self._degrees[code])
        return math.log2(self._ends / degree) if degree else math.inf

    def weight(self, codes: Codes, edges: Sequence[int] | None = None) -> float:
        """Return the path degree product: each statement damped by its degrees at both ends."""
        chosen = [link.edge for link in self._finder.links(codes)] if edges is None else edges
        product = 1.0
        for edge in chosen:
            subject, predicate, obj = self._graph.ends(edge)
            for node, forward in ((subject, True), (obj, False)):
                product *= float(self._of_relation(node, predicate, forward)) ** -self._damping
        return product

    def _of_relation(self, node: int, predicate: int, forward: bool) -> int:
        """Count the statements of one relation at a concept; a symmetric one has no sides."""
        tables = self._graph.tables
        sides = [tables.out if forward else tables.into]
        if self._finder.ground.is_symmetric(predicate):
            sides = [tables.out, tables.into]
        counted = 0
        for held in sides:
            row = held.predicate[held.indptr[node] : held.indptr[node + 1]]
            first, last = np.searchsorted(row, [predicate, predicate + 1])
            counted += int(last - first)
        return counted

    def ranked(self, paths: Iterable[Codes]) -> list[Ranked]:
        """Put paths in order, those that say most first; ties by their concepts."""
        weighed = []
        for codes in paths:
            inner = [self.information(code) for code in codes[1:-1]]
            mean = sum(inner) / len(inner) if inner else 0.0
            weighed.append(Ranked(codes, round(mean, 9), self.weight(codes)))
        return sorted(weighed, key=lambda held: (-held.information, -held.weight, held.codes))


def degree_weighted_path_count(
    ground: Ground, metapath: Metapath | str, start: int, end: int, damping: float = DAMPING
) -> float:
    """Add up the weights of all paths of a metapath between two concepts.

    More than a million of them are refused: a part of a sum says nothing.
    """
    ranker = PathRanker(PathFinder(ground.graph, ground=ground), damping)
    found = along(ground, metapath, start, end, MOST_PATHS)
    if found.truncated:
        raise RunError(
            f"More than {MOST_PATHS:,} paths of the metapath join {ground.graph.name(start)} and "
            f"{ground.graph.name(end)}.",
            remedy="Name types or relations in the metapath, or cut hubs first.",
        )
    rows = zip(found.nodes.tolist(), found.edges.tolist(), strict=True)
    return math.fsum(ranker.weight(tuple(nodes), edges) for nodes, edges in rows)
