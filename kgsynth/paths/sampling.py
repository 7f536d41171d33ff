"""Random walks along statements, by the million, the same whatever the number of threads."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from kgsynth.errors import RunError, UsageError
from kgsynth.graph.arrays import Array
from kgsynth.limits import MOST_DRAWN
from kgsynth.paths.ahead import ahead
from kgsynth.paths.columns import listed
from kgsynth.paths.ground import Ground
from kgsynth.seeding import derive
from kgsynth.sources.columns import Progress, silent

WALKS_AT_ONCE = 1 << 14


@dataclass(frozen=True)
class WalkTable:
    """Walks as columns."""

    nodes: Array
    """A row a walk: the codes along it, then nothing that means anything."""
    taken: Array
    """The relation of each step, and which way it was walked, as `Steps` tells them."""
    hops: Array
    """0 where no walk could be drawn."""

    def __len__(self) -> int:
        return len(self.hops)

    def frame(self, ground: Ground) -> pl.DataFrame:
        """Return a row a walk: hops, the ids along it, the relations, and which way each goes."""
        kept = self.hops > 0
        taken = self.taken[kept]
        relations, forward = ground.steps.relation(taken), ground.steps.forward(taken)
        return listed(ground.graph, self.hops[kept], self.nodes[kept], relations, forward)


class WalkSampler:
    """Draws simple walks: from a concept along any statement, never to where the walk has been.

    A walk starts at each concept with the same chance, and takes each statement with the same
    chance. It is a matter of the seed and of its number, so that more walks begin as fewer do.
    """

    def __init__(
        self,
        ground: Ground,
        *,
        hops: tuple[int, int] = (1, 5),
        starts: Iterable[int | str] | None = None,
        start_types: str | Iterable[str] | None = None,
        seed: int = 0,
        threads: int | None = None,
    ) -> None:
        fewest, most = hops
        if not 1 <= fewest <= most <= MOST_DRAWN:
            raise UsageError(
                f"hops is (fewest, most), from 1 to {MOST_DRAWN}, not {hops!r}.",
                remedy="Write hops=(2, 5), say.",
            )
        self.ground = ground
        self._hops = hops
        self._seed = np.uint64(derive(seed, "walks"))
        self._threads = threads or os.cpu_count() or 1
        self._starts = self._where_from(starts, start_types)

    def _where_from(
        self, starts: Iterable[int | str] | None, types: str | Iterable[str] | None
    ) -> Array:
        graph = self.ground.graph
        may = np.diff(self.ground.steps.indptr) > 0
        if types is not None:
            of_type = np.zeros(graph.node_count, dtype=np.bool_)
            of_type[graph.of_types(types)] = True
            may &= of_type
        if starts is not None:
            named = np.zeros(graph.node_count, dtype=np.bool_)
            named[[graph.find(start) for start in starts]] = True
            may &= named
        found = np.flatnonzero(may).astype(np.int32)
        if not len(found):
            raise RunError(
                "No walk can start: no concept that is asked for has a statement to walk along.",
                remedy="Ask for other starts or types, or allow more kinds of relation.",
            )
        return found

    def sample(self, count: int, progress: Progress = silent) -> WalkTable:
        """Draw so many walks."""
        parts = list(self.each(count, progress))
        names = ("nodes", "taken", "hops")
        return WalkTable(*(np.concatenate([getattr(p, name) for p in parts]) for name in names))

    def each(self, count: int, progress: Progress = silent) -> Iterator[WalkTable]:
        """Draw the same, and yield some thousand walks at a time, in order."""
        firsts = range(0, max(count, 1), WALKS_AT_ONCE)
        parts = [range(first, min(first + WALKS_AT_ONCE, count)) for first in firsts]
        for part, walks in zip(parts, ahead(self._drawn, parts, self._threads), strict=True):
            progress("drawing walks", part.stop, count)
            yield walks

    def _drawn(self, part: range) -> WalkTable:
        from kgsynth.paths.sampling_kernels import walks

        fewest, most = self._hops
        count = len(part)
        nodes = np.empty((count, most + 1), dtype=np.int32)
        taken = np.empty((count, most), dtype=np.uint32)
        hops = np.empty(count, dtype=np.int8)
        steps = self.ground.steps
        walks(steps, self._starts, fewest, most, self._seed, part.start, nodes, taken, hops)
        return WalkTable(nodes, taken, hops)
