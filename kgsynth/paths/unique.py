"""Paths that are the only shortest ones of their ends: those of which questions can be made.

Drawing pairs and throwing most away fails beyond three hops, where few shortest paths are the
only one (DESIGN.md section 4). One search from a concept finds all that are.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Literal

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

if TYPE_CHECKING:
    from kgsynth.paths.unique_kernels import Rules

STARTS_AT_ONCE = 16
USUAL_QUOTA = 64

Coverage = Literal["rare-first", "none"]


@dataclass(frozen=True)
class UniquePaths:
    """Paths as columns, and what the searches met."""

    nodes: Array
    edges: Array
    relations: Array
    forward: Array
    hops: Array
    pairs: Array
    """By number of hops: the pairs of concepts so far apart that the searches met."""
    unique: Array
    """How many of them one path alone joins, and nothing shorter of any kind."""

    def __len__(self) -> int:
        return len(self.hops)

    def frame(self, ground: Ground) -> pl.DataFrame:
        """Return a row a path: hops, the ids along it, the relations, and which way each goes."""
        return listed(ground.graph, self.hops, self.nodes, self.relations, self.forward)

    def only(self, kept: Array | slice) -> UniquePaths:
        """Keep some of them, by a mask or by place."""
        return replace(
            self,
            nodes=self.nodes[kept],
            edges=self.edges[kept],
            relations=self.relations[kept],
            forward=self.forward[kept],
            hops=self.hops[kept],
        )

    def behind(self, count: int) -> UniquePaths:
        """Leave out the first so many of each start; all have one length."""
        starts = self.nodes[:, 0]
        begins = np.flatnonzero(np.append(True, starts[1:] != starts[:-1]))
        sizes = np.diff(np.append(begins, len(starts)))
        rank = np.arange(len(starts)) - np.repeat(begins, sizes)
        return self.only(rank >= count)

    @classmethod
    def joined(cls, parts: list[UniquePaths], count: int) -> UniquePaths:
        """Put some together and keep the first ``count``."""
        names = ("nodes", "edges", "relations", "forward", "hops")
        columns = {n: np.concatenate([getattr(p, n) for p in parts])[:count] for n in names}
        tally = {n: sum(getattr(p, n) for p in parts) for n in ("pairs", "unique")}
        return cls(**columns, **tally)


class UniqueSampler:
    """Draws unique shortest paths; every concept along one is needed to join its ends.

    The starts take turns in an order that the seed gives, or the rarest concepts first; each
    gives up to ``quota`` paths of each length. No two ends are joined by a statement of any kind.
    """

    def __init__(
        self,
        ground: Ground,
        *,
        hops: tuple[int, int] = (2, 5),
        quota: int = USUAL_QUOTA,
        start_types: str | Iterable[str] | None = None,
        end_types: str | Iterable[str] | None = None,
        coverage: Coverage = "none",
        turn_back: bool = False,
        seed: int = 0,
        threads: int | None = None,
    ) -> None:
        if not 2 <= hops[0] <= hops[1] <= MOST_DRAWN:
            raise UsageError(
                f"hops is (fewest, most), from 2 to {MOST_DRAWN}, not {hops!r}.",
                remedy="Write hops=(2, 5), say.",
            )
        self.ground = ground
        self.hops = hops
        self.quota = quota
        self._turn_back = turn_back
        self._seed = seed
        self._threads = threads or os.cpu_count() or 1
        self._may_end = self._of_types(end_types)
        self._starts = self._in_order(self._of_types(start_types), coverage)
        self._idle: SimpleQueue[_Worker] = SimpleQueue()

    def _of_types(self, types: str | Iterable[str] | None) -> Array:
        graph = self.ground.graph
        if types is None:
            return np.ones(graph.node_count, dtype=np.bool_)
        held = np.zeros(graph.node_count, dtype=np.bool_)
        held[graph.of_types(types)] = True
        return held

    def _in_order(self, may_start: Array, coverage: Coverage) -> Array:
        alive = np.flatnonzero(may_start & (self.ground.after.degree > 0))
        if not len(alive):
            raise RunError(
                "No path can start: no concept that is asked for has anything to walk to.",
                remedy="Ask for other types, allow more kinds of relation, or cut fewer hubs.",
            )
        generator = np.random.Generator(np.random.PCG64(derive(self._seed, "starts")))
        mixed: Array = generator.permutation(alive)
        if coverage == "rare-first":
            return mixed[np.argsort(self.ground.graph.contact.degree[mixed], kind="stable")]
        return mixed

    @property
    def rules(self) -> Rules:
        """What a path must be like, as compiled code takes it."""
        from kgsynth.paths.unique_kernels import Rules

        ground = self.ground
        usage = np.array(list(ground.graph.manifest.predicates.values()), dtype=np.int64)
        return Rules(
            along=ground.along,
            against=ground.against,
            usage=usage,
            may_end=self._may_end,
            turn_back=self._turn_back,
            fewest=self.hops[0],
            most=self.hops[1],
            quota=self.quota,
            seed=np.uint64(derive(self._seed, "unique")),
        )

    def sample(self, count: int, progress: Progress = silent) -> UniquePaths:
        """Draw so many paths, or all there are."""
        parts, held = [], 0
        for part in self.each(progress):
            parts.append(part)
            held += len(part)
            progress("drawing paths", min(held, count), count)
            if held >= count:
                break
        return UniquePaths.joined(parts, count)

    def each(self, progress: Progress = silent) -> Iterator[UniquePaths]:
        """Yield the paths of some starts at a time, in order, until no start is left."""
        groups = [
            self._starts[at : at + STARTS_AT_ONCE]
            for at in range(0, len(self._starts), STARTS_AT_ONCE)
        ]
        return ahead(self._drawn, groups, self._threads)

    def _drawn(self, starts: Array) -> UniquePaths:
        try:
            worker = self._idle.get_nowait()
        except Empty:
            worker = _Worker(self)
        try:
            return worker.draw(starts)
        finally:
            self._idle.put(worker)


class _Worker:
    """One thread's room to draw in."""

    def __init__(self, sampler: UniqueSampler) -> None:
        from kgsynth.graph.search_kernels import new_space
        from kgsynth.paths.unique_kernels import new_drawn, new_room

        self._sampler = sampler
        nodes = sampler.ground.graph.node_count
        most = sampler.hops[1]
        rows = sampler.quota * (most - sampler.hops[0] + 1)
        self._space, self._room = new_space(nodes, 1), new_room(nodes)
        self._rules = sampler.rules
        self._drawn = new_drawn(rows, most)
        self._number = 0

    def draw(self, starts: Array) -> UniquePaths:
        from kgsynth.paths.unique_kernels import paths_from

        sampler, ground = self._sampler, self._sampler.ground
        tally = np.zeros((sampler.hops[1] + 1, 2), dtype=np.int64)
        parts = []
        for start in starts.tolist():
            self._number += 1
            found = paths_from(
                ground.sides, ground.graph.tables.held, self._rules, start,
                self._space, self._number, self._room, self._drawn, tally,
            )  # fmt: skip
            parts.append([column[:found].copy() for column in self._drawn])
        columns = (np.concatenate(held) for held in zip(*parts, strict=True))
        return UniquePaths(*columns, *tally.T)
