"""Mine paths that become questions: unique shortest paths between concepts that are apart.

Drawing pairs and throwing most away fails beyond three hops, where few shortest paths are the
only one (DESIGN.md section 4): one search from a concept counts the shortest paths to all
others, and only those with exactly one are kept. Every inner concept of such a path is
necessary, so all of them are hidden.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from kgsynth.config import PathsConfig, SynthesisConfig
from kgsynth.errors import count_of
from kgsynth.graph.arrays import Array
from kgsynth.graph.hierarchy import Hierarchy
from kgsynth.graph.overlay import Overlay
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.model import Item, Option, Rejected
from kgsynth.paths.balance import Balance, Exposure
from kgsynth.paths.finder import PathFinder
from kgsynth.paths.items import LABELS, ItemMaker
from kgsynth.paths.negatives import Candidate, NegativeFinder, Pool
from kgsynth.paths.restricted import held_back
from kgsynth.paths.shortest import Codes
from kgsynth.paths.unique import UniquePaths, UniqueSampler
from kgsynth.seeding import derive, shuffled

STAGE = "mine"
MOST_OF_A_START, ITEMS_PER_QUOTA = 16, 500
"""A start gives one more path a turn for so many items that are asked for, up to a limit."""
PATHS_AT_ONCE = 16


@dataclass
class Mined:
    """What mining gave."""

    items: list[Item] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    tried: Counter[int] = field(default_factory=Counter)
    """Paths tried, by number of hops."""


class PathMiner:
    """Makes path items from one graph."""

    def __init__(
        self,
        graph: KnowledgeGraph,
        overlay: Overlay,
        *,
        synthesis: SynthesisConfig,
        seed: int,
        language: str,
    ) -> None:
        self._graph = graph
        self._synthesis = synthesis
        self._seed = seed
        self._cut = PathFinder(graph, overlay)
        hierarchy = Hierarchy(graph)
        self._negatives = NegativeFinder(
            graph,
            overlay,
            hierarchy=hierarchy,
            grade=synthesis.distractors.grade,
            needed=synthesis.options // 2,
            seed=seed,
        )
        self._maker = ItemMaker(self._cut, hierarchy, language)
        self._balances = defaultdict[int, Balance](lambda: Balance(synthesis.options))
        self._exposures = defaultdict[int, Exposure](lambda: Exposure(synthesis.options))

    def mine(self, options: PathsConfig, count: int) -> Mined:
        """Make up to ``count`` items, the lengths in equal shares as far as the graph has them."""
        mined = Mined()
        self._balances.clear()
        self._exposures.clear()
        lengths = range(options.hops[0], options.hops[1] + 1)
        quota = max(1, min(MOST_OF_A_START, count // (len(lengths) * ITEMS_PER_QUOTA)))
        streams = {hops: self._pooled(self._unique_paths(hops, options, quota)) for hops in lengths}
        while streams and len(mined.items) < count:
            for hops in list(streams):
                if len(mined.items) == count:
                    break
                item = self._next_item(hops, streams[hops], mined)
                if item is None:
                    del streams[hops]
                else:
                    mined.items.append(item)
        return mined

    def _next_item(
        self, hops: int, paths: Iterator[tuple[Codes, Pool]], mined: Mined
    ) -> Item | None:
        for codes, pool in paths:
            mined.tried[hops] += 1
            made = self._item(codes, pool)
            if isinstance(made, Rejected):
                # Asked the other way round, the path has another key, and so other options.
                turned = self._item(codes[::-1], self._pool_of(codes[::-1]))
                made = made if isinstance(turned, Rejected) else turned
            if isinstance(made, Item):
                return made
            mined.rejected.append(made)
        return None

    def _unique_paths(self, hops: int, options: PathsConfig, quota: int) -> Iterator[UniquePaths]:
        """Yield unique shortest paths of one length, each pair of ends once.

        The starts take turns, so that a few hundred items do not all begin at the same place: some
        paths of each, then three times more, then twelve, until none gives any more.
        """
        if not self._cut.walk.degree.any():
            return
        seen: set[int] = set()
        given, more = 0, True
        while more:
            more = False
            sampler = UniqueSampler(
                self._cut.ground,
                hops=(hops, hops),
                quota=quota,
                coverage=options.coverage,
                turn_back=options.turn_back,
                seed=derive(self._seed, "length", hops),
                threads=1,
            )
            for part in sampler.each():
                left = part.behind(given)
                more |= len(left) > 0
                left = left.only(self._unseen(left, seen))
                for at in range(0, len(left), PATHS_AT_ONCE):
                    yield left.only(slice(at, at + PATHS_AT_ONCE))
            given, quota = quota, 4 * quota

    def _unseen(self, paths: UniquePaths, seen: set[int]) -> Array:
        """Tell which paths join two ends that none before them joins, either way round."""
        ends = np.sort(paths.nodes[:, [0, -1]].astype(np.int64), axis=1)
        pairs = (ends[:, 0] * self._graph.node_count + ends[:, 1]).tolist()
        new = []
        for pair in pairs:
            new.append(pair not in seen)
            seen.add(pair)
        return np.array(new, dtype=np.bool_)

    def _pooled(self, tables: Iterator[UniquePaths]) -> Iterator[tuple[Codes, Pool]]:
        """Yield each path with what could stand beside its end as a wrong option."""
        for pools in self._negatives.each(tables):
            for at, nodes in enumerate(pools.paths.nodes.tolist()):
                yield tuple(nodes), pools[at]

    def _pool_of(self, codes: Codes) -> Pool:
        """Return the same of one path."""
        from kgsynth.paths.negatives_kernels import Walked

        links = self._cut.links(codes)
        walked = Walked(
            np.array([codes], dtype=np.int32),
            np.array([[link.predicate for link in links]], dtype=np.uint16),
            np.array([[link.forward for link in links]]),
            np.array([len(links)], dtype=np.int8),
        )
        return self._negatives.find(walked)[0]

    def _item(self, codes: Codes, pool: Pool) -> Item | Rejected:
        """Turn a path into an item, or say why it cannot be one."""
        hidden = codes[1:-1]
        may_be_shown = self._maker.discretion(hidden)
        if not (may_be_shown(codes[0]) and may_be_shown(codes[-1])):
            return self._reject(codes, "bridge-in-name", "an end's name holds a hidden name")
        balance, exposure = self._balances[len(hidden)], self._exposures[len(hidden)]
        candidates = [
            c for c in pool.candidates if exposure.may_be_wrong(c.code) and may_be_shown(c.code)
        ]
        chosen = self._negatives.choose(
            codes,
            candidates,
            self._synthesis.options - 1,
            balance=balance,
            language=self._maker.language,
        )
        if chosen is None:
            near = sum(c.near for c in candidates)
            return self._reject(
                codes,
                "no-matched-distractors",
                f"of {count_of(pool.tried, 'concept')} of its type that were tried, "
                f"{len(candidates)} may stand as options and did not do so too often, {near} of "
                "them no farther than the key",
            )
        if feature := balance.crowded(chosen.standing):
            return self._reject(
                codes,
                "no-matched-distractors",
                f"by {feature} its key would stand where enough keys stand",
            )
        options = self._options(codes, chosen.options)
        ends = self._graph.id(codes[0]), self._graph.id(codes[-1])
        item = self._maker.item(
            kind="path",
            codes=codes,
            further=[pool.second] if pool.second else [],
            options=options,
            key=next(option.label for option in options if option.why_out is None),
            hidden=hidden,
            origin="graph",
            origin_split="",
            groups=("ends:" + "|".join(sorted(ends)),),
            sole=pool.sole,
            tags=("shattered",) if pool.full_hops < len(hidden) + 1 else (),
        )
        rejected = held_back(item, self._graph.terms, STAGE)
        if rejected is None:
            balance.add(chosen.standing)
            exposure.add(codes[-1], (c.code for c in chosen.options))
        return rejected or item

    def _options(self, codes: Codes, chosen: list[Candidate]) -> list[Option]:
        """Put key and wrong options in their final order."""
        key = codes[-1]
        why = {c.code: self._negatives.why_out(c) for c in chosen}
        order = shuffled([key, *sorted(why)], self._seed, "options", *map(self._graph.id, codes))
        return [
            Option(
                label=label,
                text=self._graph.name(code, self._maker.language),
                concept=self._graph.id(code),
                why_out=why.get(code),
            )
            for label, code in zip(LABELS, order, strict=False)
        ]

    def _reject(self, codes: Codes, code: str, detail: str) -> Rejected:
        path = self._cut.describe(codes, self._maker.language)
        return Rejected(
            id="-".join(node.id for node in path.nodes),
            stage=STAGE,
            code=code,
            detail=detail,
            content={"path": path.model_dump(mode="json")},
        )
