"""Wrong options that are wrong, and look right: matched in distance, degree and length."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
import polars as pl

from kgsynth.errors import UsageError
from kgsynth.graph.arrays import Array, readonly
from kgsynth.graph.hierarchy import Hierarchy
from kgsynth.graph.overlay import Overlay
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.limits import MOST_DRAWN
from kgsynth.model import Grade, WhyOut
from kgsynth.paths.ahead import ahead
from kgsynth.paths.balance import Balance, Standing
from kgsynth.paths.ground import Ground
from kgsynth.paths.shortest import Codes
from kgsynth.paths.support import GRADES, ChainFinder
from kgsynth.seeding import derive

if TYPE_CHECKING:
    from kgsynth.paths.negatives_kernels import Found, Land, Room, Walked


class Paths(Protocol):
    """Paths as columns, a row each; `kgsynth.paths.unique.UniquePaths` are such."""

    @property
    def nodes(self) -> Array:
        """The concepts along it."""

    @property
    def relations(self) -> Array:
        """The relation of each hop."""

    @property
    def forward(self) -> Array:
        """Whether a hop goes from subject to object."""

    @property
    def hops(self) -> Array:
        """How many there are."""


class Candidate(NamedTuple):
    """A concept that could stand as a wrong option."""

    code: int
    grade: Grade
    closer: tuple[int, int]
    """1 where it is closer to the start than the key, 0 where as close, -1 where farther: in the
    full graph, and without the hubs."""
    sibling: int | None
    """For a hard negative: the concept beside the bridge that it hangs from."""
    hangs_by: int | None
    """The statement by which it hangs there."""
    denied_by: tuple[int, ...]
    """The statements that contradict it."""

    @property
    def near(self) -> bool:
        """Tell whether it is no farther from the start than the key, with the hubs and without."""
        return min(self.closer) >= 0


class Pool(NamedTuple):
    """The wrong options that were found for one path, and what else was seen on the way."""

    candidates: list[Candidate]
    tried: int
    """How many concepts of the key's type were looked at."""
    second: Codes | None
    """Another path between the ends, one hop longer: further evidence for the key."""
    full_hops: int
    """How far apart the ends are in the full graph."""
    sole: bool
    """Whether the relations of the path, with its types, lead to the key alone."""


class Chosen(NamedTuple):
    """The wrong options of one item, and where they make its key stand."""

    options: list[Candidate]
    standing: Standing


@dataclass(frozen=True)
class Pools:
    """The pools of some paths, as columns."""

    paths: Walked
    found: Found

    def __len__(self) -> int:
        return len(self.found.size)

    def __getitem__(self, at: int) -> Pool:
        f, size = self.found, int(self.found.size[at])
        denied = f.denied_by[at]
        rows = zip(
            f.code[at, :size].tolist(), f.grade[at, :size].tolist(), f.closer[at, :size].tolist(),
            f.sibling[at, :size].tolist(), f.hangs_by[at, :size].tolist(),
            f.denials[at, :size].tolist(), strict=True,
        )  # fmt: skip
        candidates = [
            Candidate(
                code, GRADES[grade], tuple(closer),
                sibling if sibling >= 0 else None, edge if edge >= 0 else None,
                tuple(denied[place, :denials].tolist()),
            )
            for place, (code, grade, closer, sibling, edge, denials) in enumerate(rows)
        ]  # fmt: skip
        second = f.second[at].tolist()[: int(self.paths.hops[at]) + 2]
        return Pool(
            candidates,
            int(f.tried[at]),
            tuple(second) if second[0] >= 0 else None,
            int(f.full_hops[at]),
            bool(f.sole[at]),
        )

    def frame(self, graph: KnowledgeGraph) -> pl.DataFrame:
        """Return a row a wrong option: which path, start, key and option, and what proves it.

        ``hangs_by`` and ``denied_by`` are numbers of statements.
        """
        f = self.found
        path, place = np.nonzero(np.arange(f.code.shape[1]) < f.size[:, None])
        ids = graph.tables.ids
        sibling, hangs_by = f.sibling[path, place], f.hangs_by[path, place]
        ends = self.paths.nodes[path, self.paths.hops[path].astype(np.int64)]
        denied = [
            f.denied_by[at, on, : f.denials[at, on]].tolist()
            for at, on in zip(path.tolist(), place.tolist(), strict=True)
        ]
        of = {
            "path": pl.Series(path),
            "start": ids.at(self.paths.nodes[path, 0]),
            "key": ids.at(ends),
            "option": ids.at(f.code[path, place]),
            "grade": pl.Series([g.value for g in GRADES]).gather(f.grade[path, place]),
            "near": pl.Series(f.closer[path, place].min(axis=1) >= 0),
            "sibling": ids.at(np.maximum(sibling, 0)),
            "hangs_by": pl.Series(hangs_by),
            "denied_by": pl.Series(denied, dtype=pl.List(pl.Int64)),
        }
        hangs = pl.col("hangs_by") >= 0
        return pl.DataFrame(of).with_columns(
            pl.when(hangs).then("sibling").alias("sibling"),
            pl.when(hangs).then("hangs_by").alias("hangs_by"),
        )


class NegativeFinder:
    """Finds concepts that may stand as wrong options beside the ends of paths.

    Each has a type of the key's, is neither kin to it nor called the same, has nothing to do with
    where the last relation starts, and no chain of the path's relations leads to it, as surely as
    is asked. A merely absent one serves where a second path vouches for the key. Where fewer than
    ``needed`` are near the rest is not looked for.
    """

    def __init__(
        self,
        graph: KnowledgeGraph,
        overlay: Overlay | None = None,
        *,
        hierarchy: Hierarchy | None = None,
        grade: str = "absent",
        needed: int = 0,
        seed: int = 0,
        threads: int | None = None,
    ) -> None:
        self.graph = graph
        self._overlay = overlay
        self._chains = ChainFinder(graph, hierarchy or Hierarchy(graph))
        self._grade = GRADES.index(Grade(grade))
        self._needed = needed
        self._seed = np.uint64(derive(seed, "negatives"))
        self._threads = threads or os.cpu_count() or 1
        self._idle: SimpleQueue[Room] = SimpleQueue()
        self._words = lru_cache(maxsize=100_000)(self._words_of)
        self._land = self._surveyed()

    # --- pools ---------------------------------------------------------------------------------

    def each(self, paths: Iterable[Paths]) -> Iterator[Pools]:
        """Find the pools of tables of paths, in order, a few tables ahead of the reader."""
        return ahead(self.find, paths, self._threads)

    def find(self, paths: Paths) -> Pools:
        """Find the pools of some unique shortest paths, each of two hops or more.

        >>> from kgsynth.paths.unique import UniqueSampler
        >>> graph = KnowledgeGraph.example()
        >>> paths = UniqueSampler(Ground.of(graph), hops=(2, 3), seed=1).sample(20)
        >>> pools = NegativeFinder(graph).find(paths)
        >>> pools.frame(graph).columns[:4]
        ['path', 'start', 'key', 'option']
        """
        from kgsynth.paths.negatives_kernels import (
            Walked,
            find_pools,
            is_worn,
            new_found,
            new_room,
        )

        paths = Walked(paths.nodes, paths.relations, paths.forward, paths.hops)
        if len(paths.hops) and not 2 <= paths.hops.min() <= paths.hops.max() <= MOST_DRAWN:
            raise UsageError(
                f"Wrong options are found for paths of 2 to {MOST_DRAWN} hops; these have "
                f"{paths.hops.min()} to {paths.hops.max()}.",
                remedy="Draw them with UniqueSampler.",
            )
        try:
            room = self._idle.get_nowait()
        except Empty:
            room = new_room(self.graph.node_count, len(self._land.alike))
        found = new_found(len(paths.hops), paths.nodes.shape[1] - 1)
        alike = (*paths.relations.T[::-1], paths.hops, paths.nodes[:, 0])
        find_pools(
            self._land, room, paths, np.lexsort(alike), self._grade, self._needed, self._seed, found
        )
        if not is_worn(room):
            self._idle.put(room)
        return Pools(paths, found)

    def _surveyed(self) -> Land:
        """Return the graph as compiled code takes it."""
        from kgsynth.paths.negatives_kernels import Land

        graph, chains = self.graph, self._chains
        tables = graph.tables
        names, families = np.unique(chains.families, return_inverse=True)
        wanted = (np.arange(len(names))[:, None] == families) & ~chains.denies
        relations = np.arange(len(families), dtype=np.uint16)
        denied = [bool(chains.denying(int(relation)).any()) for relation in relations]
        sizes = np.bincount(chains.types, minlength=len(chains.alike))
        index = tables.name_index
        hashes = np.empty(len(index.rows), dtype=np.uint64)
        hashes[index.rows] = index.hashes
        return Land(
            *tables.held,
            Ground.of(graph).sides,
            Ground.of(graph, self._overlay).sides,
            chains.ladder,
            families.astype(np.int64),
            wanted,
            np.append(0, np.cumsum(wanted.sum(axis=1))),
            np.nonzero(wanted)[1].astype(np.uint16),
            relations[:, None] == relations,
            relations,
            chains.denies,
            np.array(denied, dtype=np.bool_),
            chains.complete,
            chains.types,
            chains.alike,
            np.argsort(chains.types, kind="stable"),
            np.append(0, np.cumsum(sizes)),
            graph.contact.degree,
            readonly(tables.names.indptr),
            hashes,
        )

    # --- a set of them -------------------------------------------------------------------------

    def choose(
        self,
        codes: Codes,
        candidates: Sequence[Candidate],
        count: int,
        *,
        balance: Balance | None = None,
        language: str = "en",
    ) -> Chosen | None:
        """Choose wrong options so that no shortcut tells the key; None where that cannot be had.

        The key comes to stand where those of a balance stand least often, or else in a place that
        the seed draws, as nearly as the candidates allow.
        """
        from kgsynth.paths.negatives_kernels import choose

        if not candidates:
            return None
        key = derive(int(self._seed), *map(self.graph.id, codes))
        balance = balance or Balance.by_lot(count + 1, key)
        if balance.options != count + 1:
            raise UsageError(
                f"The balance is of {balance.options} options; a key and {count} others are asked "
                "for.",
                remedy=f"Make it with Balance(options={count + 1}).",
            )
        others = np.array(
            [self._features(codes[0], c.code, c.closer, language) for c in candidates]
        )
        mine = np.array(self._features(codes[0], codes[-1], (0, 0), language))
        above, beside = (others > mine).T.copy(), (others == mine).T.copy()
        near = np.array([c.near for c in candidates])
        hard = np.array([c.sibling is not None for c in candidates])
        chosen = choose(above, beside, near, hard, count, balance.taken, np.uint64(key))
        if not len(chosen):
            return None
        standing = (held[:, chosen].sum(axis=1).tolist() for held in (above, beside))
        return Chosen([candidates[at] for at in chosen.tolist()], Standing(*standing))

    def _features(
        self, start: int, code: int, closer: tuple[int, int], language: str
    ) -> tuple[int, ...]:
        """Return what an option is ranked by: `kgsynth.paths.balance.FEATURES`."""
        degree = int(self.graph.contact.degree[code])
        shared = self._words(start, language) & self._words(code, language)
        return degree, len(self.graph.name(code, language)), *closer, len(shared)

    def _words_of(self, code: int, language: str) -> frozenset[str]:
        name = self.graph.name(code, language).casefold()
        return frozenset(word for word in re.split(r"\W+", name) if len(word) > 2)

    def why_out(self, candidate: Candidate) -> WhyOut:
        """Say why a candidate is wrong, with the statements that prove it: denials first."""
        proof = candidate.denied_by
        if candidate.hangs_by is not None:
            proof = (*proof, candidate.hangs_by)
        return WhyOut(
            reason="easy-negative" if candidate.sibling is None else "hard-negative",
            grade=candidate.grade,
            sibling=None if candidate.sibling is None else self.graph.id(candidate.sibling),
            statements=tuple(self.graph.statement(edge).id for edge in proof),
            detail="no chain of the same relations leads to it from the question's concept",
        )
