"""Mine paths that become questions: unique shortest paths between concepts that are apart.

Drawing pairs and throwing most away fails beyond three hops, where few shortest paths are the
only one (DESIGN.md section 4): one search from a concept counts the shortest paths to all
others, and only those with exactly one are kept. Every inner concept of such a path is
necessary, so all of them are hidden.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from kgsynth.config import PathsConfig, SynthesisConfig
from kgsynth.graph.hierarchy import Hierarchy
from kgsynth.graph.shatter import Overlay
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.model import Item, Option, Rejected
from kgsynth.paths.finder import Codes, PathFinder
from kgsynth.paths.items import LABELS, ItemMaker
from kgsynth.paths.negatives import Candidate, NegativeFinder
from kgsynth.paths.restricted import held_back
from kgsynth.seeding import shuffled

STAGE = "mine"


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
        self._overlay = overlay
        self._synthesis = synthesis
        self._seed = seed
        self._full = PathFinder(graph)
        self._cut = PathFinder(graph, overlay)
        hierarchy = Hierarchy(graph)
        self._negatives = NegativeFinder(self._full, self._cut, hierarchy)
        self._maker = ItemMaker(self._cut, hierarchy, language)

    def mine(self, options: PathsConfig, count: int) -> Mined:
        """Make up to ``count`` items, the lengths in equal shares as far as the graph has them."""
        mined = Mined()
        streams = {
            hops: self._unique_paths(hops, options)
            for hops in range(options.hops[0], options.hops[1] + 1)
        }
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

    def _next_item(self, hops: int, paths: Iterator[Codes], mined: Mined) -> Item | None:
        for codes in paths:
            mined.tried[hops] += 1
            made = self._item(codes)
            if isinstance(made, Item):
                return made
            mined.rejected.append(made)
        return None

    def _unique_paths(self, hops: int, options: PathsConfig) -> Iterator[Codes]:
        """Yield unique shortest paths of one length, each pair of ends once.

        The starts take turns, so that a few hundred items do not all begin at the same place.
        """
        seen: set[tuple[int, int]] = set()
        waiting = deque(
            self._paths_from(start, hops, options, seen) for start in self._starts(hops, options)
        )
        while waiting:
            paths = waiting.popleft()
            codes = next(paths, None)
            if codes is not None:
                yield codes
                waiting.append(paths)

    def _paths_from(
        self, start: int, hops: int, options: PathsConfig, seen: set[tuple[int, int]]
    ) -> Iterator[Codes]:
        beside = {n.other for n in self._graph.beside(start)}
        search = self._cut.walk.reach(start, hops)
        ends = np.flatnonzero((search.distance == hops) & (search.paths == 1))
        for end in shuffled([int(e) for e in ends], self._seed, STAGE, "ends", hops, start):
            pair = (min(start, end), max(start, end))
            if pair in seen or end in beside:
                continue
            seen.add(pair)
            codes = next(self._cut.within(start, end, hops))
            if options.turn_back or not self._turns_back(codes):
                yield codes

    def _turns_back(self, codes: Codes) -> bool:
        """Tell whether a path goes along a relation and straight back."""
        return any(
            before.predicate == after.predicate and before.forward != after.forward
            for before, after in pairwise(self._cut.links(codes))
        )

    def _starts(self, hops: int, options: PathsConfig) -> list[int]:
        alive = [int(c) for c in np.flatnonzero(self._cut.walk.degree > 0)]
        order = shuffled(alive, self._seed, STAGE, "starts", hops)
        if options.coverage == "rare-first":
            order.sort(key=lambda code: int(self._graph.contact.degree[code]))
        return order

    def _item(self, codes: Codes) -> Item | Rejected:
        """Turn a path into an item, or say why it cannot be one."""
        hidden = codes[1:-1]
        may_be_shown = self._maker.discretion(hidden)
        if not (may_be_shown(codes[0]) and may_be_shown(codes[-1])):
            return self._reject(codes, "bridge-in-name", "an end's name holds a hidden name")
        second = self._maker.second_path(codes)
        asked = self._synthesis.distractors.grade
        if asked == "absent" and second is None:
            asked = "closed"
        support = self._negatives.support(codes)
        found = self._negatives.candidates(codes, support, asked)
        candidates = self._told_apart(c for c in found if may_be_shown(c.code))
        chosen = self._negatives.choose(codes, candidates, self._synthesis.options - 1, self._seed)
        if chosen is None:
            near = sum(c.near for c in candidates)
            return self._reject(
                codes,
                "no-matched-distractors",
                f"{len(candidates)} concepts of its type are unsupported at grade {asked}, "
                f"{near} of them no farther than the key",
            )
        options = self._options(codes, chosen)
        shorter = self._full.distances(codes[0], len(codes))[codes[-1]] < len(codes) - 1
        ends = self._graph.id(codes[0]), self._graph.id(codes[-1])
        item = self._maker.item(
            kind="path",
            codes=codes,
            further=[second] if second else [],
            options=options,
            key=next(option.label for option in options if option.why_out is None),
            hidden=hidden,
            origin="graph",
            origin_split="",
            groups=("ends:" + "|".join(sorted(ends)),),
            tags=("shattered",) if shorter else (),
        )
        return held_back(item, self._graph.terms, STAGE) or item

    def _told_apart(self, candidates: Iterable[Candidate]) -> list[Candidate]:
        """Keep one of the concepts that go by the same name: no reader could tell them apart."""
        by_name: dict[str, Candidate] = {}
        for candidate in candidates:
            name = self._graph.name(candidate.code, self._maker.language)
            by_name.setdefault(name.casefold(), candidate)
        return list(by_name.values())

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
