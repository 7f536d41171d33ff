"""All shortest paths of one pair of concepts or of millions, on every core."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl

from kgsynth.errors import UsageError
from kgsynth.graph.adjacency import within_reach
from kgsynth.graph.arrays import Array
from kgsynth.paths.ahead import ahead
from kgsynth.paths.ground import Ground
from kgsynth.seeding import stream
from kgsynth.sources.columns import Progress, silent

if TYPE_CHECKING:
    from kgsynth.graph.search_kernels import Space

Codes = tuple[int, ...]


class PathsFound(NamedTuple):
    """Some paths, and whether there are more than the limit let through."""

    paths: tuple[Codes, ...]
    truncated: bool


PAIRS_AT_ONCE = 512
USUAL_LIMIT = 1_000


@dataclass(frozen=True)
class PathTable:
    """Paths of many pairs as columns; as a collection, the paths of each pair."""

    pairs: Array
    hops: Array
    """Of each pair; -1 where no path was found."""
    counts: Array
    """Paths of each pair that are held."""
    truncated: Array
    """Whether a pair has more of them."""
    begins: Array
    """Where the concepts of each pair's paths begin in ``nodes``."""
    nodes: Array

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, at: int) -> list[Codes]:
        wide = int(self.hops[at]) + 1
        held = self.nodes[self.begins[at] : self.begins[at + 1]]
        return sorted(map(tuple, held.reshape(-1, wide).tolist())) if wide else []

    def __iter__(self) -> Iterator[list[Codes]]:
        return (self[at] for at in range(len(self)))

    def frame(self) -> pl.DataFrame:
        """Return a row for each path: the number of its pair, its hops, the codes along it."""
        wide = np.repeat(self.hops.astype(np.int64) + 1, self.counts)
        along = pl.DataFrame({"path": np.repeat(np.arange(len(wide)), wide), "nodes": self.nodes})
        paths = pl.DataFrame(
            {
                "pair": np.repeat(np.arange(len(self), dtype=np.int64), self.counts),
                "hops": (wide - 1).astype(np.int8),
            }
        )
        return paths.hstack(
            along.group_by("path", maintain_order=True).agg("nodes").select("nodes")
        )

    @classmethod
    def joined(cls, parts: Sequence[PathTable]) -> PathTable:
        """Put the pairs of some tables one after the other."""
        if len(parts) == 1:
            return parts[0]
        sizes = np.concatenate([np.diff(part.begins) for part in parts])
        begins = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(sizes)])
        columns = {
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in ("pairs", "hops", "counts", "truncated", "nodes")
        }
        return cls(begins=begins, **columns)


class PathSearch:
    """Finds all shortest paths on a ground, of at most some hops, up to a limit for each pair.

    Of more than the limit, the first are held; with a seed, as many are drawn, each with the same
    chance, whatever the number of threads.
    """

    def __init__(
        self,
        ground: Ground,
        *,
        max_hops: int = 5,
        limit: int = USUAL_LIMIT,
        seed: int | None = None,
        threads: int | None = None,
    ) -> None:
        if limit < 1:
            raise UsageError(
                f"limit is a whole number from 1 up, not {limit!r}.",
                remedy="It is the most paths that a pair gets.",
            )
        self.ground = ground
        self.max_hops = within_reach(max_hops)
        self.limit = limit
        self._seed = seed
        self._threads = threads or os.cpu_count() or 1
        self._idle: SimpleQueue[_Searcher] = SimpleQueue()

    def between(self, pairs: Any, progress: Progress = silent) -> PathTable:
        """Search pairs of concepts: codes, ids or names, or an array of codes with two columns."""
        return PathTable.joined(list(self.each(pairs, progress)))

    def each(self, pairs: Any, progress: Progress = silent) -> Iterator[PathTable]:
        """Search the same, and yield some hundred pairs at a time, in order."""
        codes = self._coded(pairs)
        parts = [codes[at : at + PAIRS_AT_ONCE] for at in range(0, len(codes), PAIRS_AT_ONCE)]
        if len(parts) < 2:
            yield self._searched(codes)
            return
        done = 0
        for found in ahead(self._searched, parts, self._threads):
            done += len(found)
            progress("searching pairs", done, len(codes))
            yield found

    def with_slack(self, start: int | str, end: int | str, slack: int) -> PathsFound:
        """Find the shortest paths, then those up to ``slack`` hops longer, within ``max_hops``."""
        pair = self._coded([(start, end)])
        found = self._searched(pair)
        shortest, ends = int(found.hops[0]), (int(pair[0, 0]), int(pair[0, 1]))
        paths, truncated = found[0] if shortest else [], bool(found.truncated[0])
        longest = min(shortest + slack, self.max_hops) if shortest > 0 else 0
        for hops in range(shortest + 1, longest + 1):
            if truncated:
                break
            with self._searcher() as searcher:
                more, truncated = searcher.of_length(*ends, hops, self.limit - len(paths))
            paths += sorted(more)
        return PathsFound(tuple(paths), truncated)

    def hops(self, pairs: Array, max_hops: int) -> Array:
        """Tell how far apart the concepts of each pair are; -1 for more than ``max_hops``."""
        with self._searcher() as searcher:
            return searcher.hops(self._coded(pairs), within_reach(max_hops))

    def _coded(self, pairs: Any) -> Array:
        if not isinstance(pairs, np.ndarray):
            find = self.ground.graph.find
            pairs = np.array([(find(a), find(b)) for a, b in pairs], dtype=np.int64)
        codes: Array = pairs.astype(np.int64, copy=False).reshape(-1, 2)
        if len(codes) and not (codes.min() >= 0 and codes.max() < self.ground.graph.node_count):
            raise UsageError(
                f"The graph has the concepts 0 to {self.ground.graph.node_count - 1}; a pair names "
                "another.",
                remedy="Give ids or names, or codes of this graph.",
            )
        return codes

    def _searched(self, pairs: Array) -> PathTable:
        with self._searcher() as searcher:
            return searcher.search(pairs)

    @contextmanager
    def _searcher(self) -> Iterator[_Searcher]:
        """Lend one out that is idle; make one where there is none."""
        try:
            searcher = self._idle.get_nowait()
        except Empty:
            searcher = _Searcher(self.ground, self.max_hops, self.limit, self._seed)
        try:
            yield searcher
        finally:
            self._idle.put(searcher)


class _Searcher:
    """One thread's room to search in."""

    def __init__(self, ground: Ground, max_hops: int, limit: int, seed: int | None) -> None:
        from kgsynth.graph.search_kernels import LEVELS, new_space

        self._ground = ground
        self._max_hops = max_hops
        self._limit = limit
        self._seed = seed
        nodes = ground.graph.node_count
        self._space: Space = new_space(nodes, limit)
        self._paths = np.empty((limit + 1, LEVELS), dtype=np.int32)
        self._nodes = np.empty(max(limit * (max_hops + 1), 1 << 17), dtype=np.int32)
        self._ways = np.empty(0 if seed is None else 2 * nodes, dtype=np.int64)
        self._number = 1
        self._last = (1 << 32) // LEVELS - 1

    def _numbers(self, wanted: int) -> int:
        """Return the first of so many numbers of searches that no mark bears yet."""
        if self._number + wanted > self._last:
            self._space.marks[:] = 0
            self._number = 1
        first, self._number = self._number, self._number + wanted
        return first

    def search(self, pairs: Array) -> PathTable:
        from kgsynth.graph.search_kernels import many_pairs

        told = np.zeros((len(pairs), 3), dtype=np.int64)
        held, done = [np.empty(0, dtype=np.int32)], 0
        while done < len(pairs):
            rest = pairs[done:]
            searched, used = many_pairs(
                self._ground.sides, rest, self._max_hops, self._limit, self._space,
                self._numbers(len(rest)), told[done:], self._paths, self._nodes,
            )  # fmt: skip
            held.append(self._nodes[:used].copy())
            done += searched
        hops, counts, truncated = told.T
        begins = np.zeros(len(pairs) + 1, dtype=np.int64)
        np.cumsum((hops + 1) * counts, out=begins[1:])
        found = PathTable(
            pairs,
            hops.astype(np.int8),
            counts,
            truncated.astype(np.bool_),
            begins,
            np.concatenate(held),
        )
        if self._seed is not None:
            for at in np.flatnonzero(found.truncated).tolist():
                found.nodes[begins[at] : begins[at + 1]] = self._draw(*pairs[at].tolist())
        return found

    def hops(self, pairs: Array, max_hops: int) -> Array:
        from kgsynth.graph.search_kernels import hops_between

        hops = np.empty(len(pairs), dtype=np.int8)
        numbers = self._numbers(len(pairs))
        hops_between(self._ground.sides, pairs, max_hops, self._space, numbers, hops)
        return hops

    def of_length(self, start: int, end: int, hops: int, limit: int) -> tuple[list[Codes], bool]:
        """Find simple paths of exactly so many hops, and tell whether there are more."""
        from kgsynth.graph.search_kernels import of_length

        found, more = of_length(
            self._ground.sides, start, end, hops, limit, self._space, self._numbers(1), self._paths
        )
        return list(map(tuple, self._paths[:found, : hops + 1].tolist())), bool(more)

    def _draw(self, start: int, end: int) -> Array:
        """Draw the paths of a pair that has more than the limit."""
        from kgsynth.graph.search_kernels import ALL, all_joints, drawn

        number = self._numbers(1)
        sides = self._ground.sides
        edges, through, levels = all_joints(
            sides, start, end, self._max_hops, self._space, number, self._ways
        )
        total = int(min(through.sum(dtype=np.float64), ALL >> 1))
        total = int(through.sum()) if total < ALL >> 1 else total
        named = stream(self._seed or 0, "paths", *map(self._ground.graph.id, (start, end)))
        generator = np.random.Generator(np.random.PCG64(named.getrandbits(64)))
        ranks = np.sort(generator.choice(total, self._limit, replace=False))
        wide = int(levels.sum()) + 2
        paths = np.empty((self._limit, wide), dtype=np.int32)
        drawn(sides, self._space, number, self._ways, edges, through, levels, ranks, paths)
        return paths.reshape(-1)
