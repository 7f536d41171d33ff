"""Metapaths: what a path must be like, step by step, written as paths are printed.

``drug -[treats]-> disease <-[associated_with]- gene``: types and relations take turns. ``*`` is
any, ``a|b`` is either, and ``-[treats]-`` minds no direction.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from kgsynth.errors import ConceptError, UsageError, listing, nearest
from kgsynth.graph.arrays import Array
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.limits import MOST_DRAWN
from kgsynth.paths.ground import Ground

ANY = "*"
_STEP = re.compile(r"\s*(<-|-)\[\s*([^\[\]]+?)\s*\](->|-)\s*")
_OF_A_STEP = ("[", "]", "->", "<-")
HOW = "Write it as paths are printed: 'drug -[treats]-> * <-[associated_with]- gene'."


class Step(NamedTuple):
    """One step of a metapath, by names; none of them means any."""

    relations: tuple[str, ...]
    along: bool
    against: bool


class Metapath(NamedTuple):
    """Which types the concepts of a path have, and which relations join them."""

    types: tuple[tuple[str, ...], ...]
    """For each place; none means any."""
    steps: tuple[Step, ...]

    @classmethod
    def parse(cls, text: str) -> Metapath:
        """Read a metapath.

        >>> Metapath.parse("drug -[treats]-> * <-[causes|treats]- gene").types
        (('drug',), (), ('gene',))
        """
        parts = _STEP.split(text.strip())
        places, arrows = parts[::4], [parts[at + 1 : at + 4] for at in range(0, len(parts) - 1, 4)]
        if not arrows or any(mark in place for place in places for mark in _OF_A_STEP):
            raise UsageError(f"{text!r} is no metapath.", remedy=HOW)
        if not all(place.strip(" |") for place in places):
            raise UsageError(
                f"{text!r} lacks a type before or behind a step.",
                remedy="Write * where any will do.",
            )
        if len(arrows) > MOST_DRAWN:
            raise UsageError(
                f"The metapath has {len(arrows)} steps; {MOST_DRAWN} are the most.",
                remedy="Write a shorter one.",
            )
        steps = []
        for left, names, right in arrows:
            if (left, right) == ("<-", "->"):
                raise UsageError(
                    f"{left}[{names}]{right} has two directions.",
                    remedy=f"Write -[{names}]- where the direction does not matter.",
                )
            steps.append(Step(_words(names), along=left == "-", against=right == "-"))
        return cls(tuple(_words(place) for place in places), tuple(steps))

    def allowed(self, ground: Ground) -> Array:
        """Tell which relations each step may go along, and which against."""
        graph = ground.graph
        allowed = np.zeros((len(self.steps), 2, len(graph.predicate_names)), dtype=np.bool_)
        for at, step in enumerate(self.steps):
            for side, may, usual in (
                (0, step.along, ground.along),
                (1, step.against, ground.against),
            ):
                if may and step.relations:
                    allowed[at, side, sorted(graph.facts.relations(step.relations))] = True
                elif may:
                    allowed[at, side] = usual
        return allowed

    def fitting(self, ground: Ground) -> Array:
        """Tell which concepts may stand at each place."""
        left = ~ground.gone
        return np.stack([left & _of_types(ground.graph, types) for types in self.types])


def _words(text: str) -> tuple[str, ...]:
    words = tuple(word.strip() for word in text.split("|") if word.strip())
    return () if ANY in words else words


def _of_types(graph: KnowledgeGraph, types: Iterable[str]) -> Array:
    wanted = tuple(types)
    for name in wanted:
        if name not in graph.manifest.types:
            raise ConceptError(
                f"The graph has no type {name!r}.{nearest(name, graph.manifest.types)}",
                remedy=f"Its types: {listing(graph.manifest.types)}.",
            )
    if not wanted:
        return np.ones(graph.node_count, dtype=np.bool_)
    held = [bool(set(wanted) & set(types)) for types in graph.manifest.type_sets]
    return np.array(held, dtype=np.bool_)[graph.tables.node_types]


class Along(NamedTuple):
    """The paths of a metapath: concepts, and the statement of each step."""

    nodes: Array
    edges: Array
    truncated: bool


def along(ground: Ground, metapath: Metapath | str, start: int, end: int, limit: int) -> Along:
    """Find the simple paths of a metapath between two concepts, in order of relation and code."""
    from kgsynth.paths.metapath_kernels import follow, places

    wanted = Metapath.parse(metapath) if isinstance(metapath, str) else metapath
    hops, nodes = len(wanted.steps), ground.graph.node_count
    steps, fits = wanted.allowed(ground), wanted.fitting(ground)
    open_at = np.zeros(nodes, dtype=np.uint16)
    waiting, spare = (np.empty(nodes, dtype=np.int32) for _ in range(2))
    places(*ground.graph.tables.held, steps, fits, end, open_at, waiting, spare)
    concepts = np.empty((limit, hops + 1), dtype=np.int32)
    edges = np.empty((limit, hops), dtype=np.int64)
    found, more = follow(*ground.graph.tables.held, steps, start, open_at, limit, concepts, edges)
    return Along(concepts[:found], edges[:found], bool(more))
