"""Mine paths that become questions: unique shortest paths between concepts that are apart.

Drawing pairs and throwing most away fails beyond three hops, where few shortest paths are the
only one (DESIGN.md section 4): one search from a concept counts the shortest paths to all
others, and only those with exactly one are kept. Every inner concept of such a path is
necessary, so all of them are hidden.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from kgsynth.config import PathsConfig, SynthesisConfig
from kgsynth.graph.hierarchy import Hierarchy
from kgsynth.graph.overlay import Overlay
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.model import Item, Option, Rejected
from kgsynth.paths.finder import PathFinder
from kgsynth.paths.items import LABELS, ItemMaker
from kgsynth.paths.negatives import Candidate, NegativeFinder
from kgsynth.paths.restricted import held_back
from kgsynth.paths.shortest import Codes
from kgsynth.paths.unique import UniqueSampler
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
            if isinstance(made, Rejected):
                # Asked the other way round, the path has another key, and so other options.
                turned = self._item(codes[::-1])
                made = made if isinstance(turned, Rejected) else turned
            if isinstance(made, Item):
                return made
            mined.rejected.append(made)
        return None

    def _unique_paths(self, hops: int, options: PathsConfig) -> Iterator[Codes]:
        """Yield unique shortest paths of one length, each pair of ends once.

        The starts take turns, so that a few hundred items do not all begin at the same place: one
        path of each, then three more, then twelve, until none gives any more.
        """
        if not self._cut.walk.degree.any():
            return
        seen: set[tuple[int, int]] = set()
        given, quota, more = 0, 1, True
        while more:
            more = False
            sampler = UniqueSampler(
                self._cut.ground,
                hops=(hops, hops),
                quota=quota,
                coverage=options.coverage,
                turn_back=options.turn_back,
                seed=self._seed,
                threads=1,
            )
            for part in sampler.each():
                for codes in part.of_each_start(given):
                    more = True
                    pair = (min(codes[0], codes[-1]), max(codes[0], codes[-1]))
                    if pair not in seen:
                        seen.add(pair)
                        yield codes
            given, quota = quota, 4 * quota

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
        pool = self._negatives.pool(codes, asked, self._seed, may_be_shown)
        candidates = self._told_apart(pool.candidates)
        chosen = self._negatives.choose(codes, candidates, self._synthesis.options - 1, self._seed)
        if chosen is None:
            near = sum(c.near for c in candidates)
            return self._reject(
                codes,
                "no-matched-distractors",
                f"{pool.unsupported} concepts of its type are unsupported at grade {asked}; of "
                f"{pool.tried} that were tried, {len(candidates)} may stand as options, {near} of "
                "them no farther than the key",
            )
        options = self._options(codes, chosen)
        shorter = self._full.hops(codes[0], [codes[-1]], len(codes) - 2)[0] > 0
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
