"""Rows go by, every reader guesses, and at the end stands how often each was right, by split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from kgsynth.curate.gate.bounds import chance_of_so_many, holm, lower_bound
from kgsynth.curate.gate.options_only import OptionsOnly
from kgsynth.curate.gate.readers import (
    CLOSED_BOOK,
    OPTIONS_ONLY,
    READERS,
    Asked,
    Sight,
    tied_with_key,
)
from kgsynth.curate.split import split_rank
from kgsynth.model import Gate, GateVerdict, ReaderScore, Row, SplitGate

NEEDED = 400
"""Items below which no reader is judged: luck alone would look like skill."""
MARGIN = 0.03
"""By how much a reader may surely exceed chance."""
DIGITS = 6
"""Shares are rounded before anything is made of them, so that they can be read back."""
KINDS = ("path", "qa")
NO_GRAPH = "no graph"
NO_MODEL = "no verifier model"

Answer = Callable[[Row], str | None]
"""Asked a row's question, gives the label of an option; anything else is wrong."""


class Figures(NamedTuple):
    """How a reader did."""

    items: int
    left_out: int
    accuracy: float
    chance: float


@dataclass(slots=True)
class Tally:
    """How a reader does, in counts: they add up to the same in whatever order rows come."""

    left_out: int = 0
    tied: Counter[int] = field(default_factory=Counter)
    """Rows by the number of options that share the highest score with the key; 0 is wrong."""
    options: Counter[int] = field(default_factory=Counter)

    def add(self, options: int, tied: int) -> None:
        """Count a row that was judged."""
        self.options[options] += 1
        self.tied[tied] += 1

    def figures(self) -> Figures:
        """Sum up: a tie counts by its share, and so does a guess among all options."""
        items = sum(self.options.values())
        right = sum(rows / tied for tied, rows in sorted(self.tied.items()) if tied)
        lucky = sum(rows / options for options, rows in sorted(self.options.items()))
        shares = (round(share / max(items, 1), DIGITS) for share in (right, lucky))
        return Figures(items, self.left_out, *shares)


class ShortcutGate:
    """Tries the readers on rows as they go by; of each row a few counts and numbers are kept.

    Without a graph or a model, the readers that need one are not asked.
    """

    def __init__(self, graph: Sight | None = None, answer: Answer | None = None) -> None:
        self._graph = graph
        self._answer = answer
        self._options_only = OptionsOnly()
        self._items: Counter[str] = Counter()
        self._tallies: dict[str, dict[str, Tally]] = {}
        self.not_asked: dict[str, str] = {}
        """The readers that cannot be tried here, and why."""
        if graph is None:
            self.not_asked |= {name: NO_GRAPH for name, r in READERS.items() if r.needs_graph}
        if answer is None:
            self.not_asked[CLOSED_BOOK] = NO_MODEL

    def add(self, row: Row) -> None:
        """Have every reader guess at a row; one without options, or of one hop, is no item."""
        self._items[row.split] += 0
        labels = [option.label for option in row.question.options]
        if row.kind not in KINDS or len(labels) < 2 or row.question.key not in labels:
            return
        self._items[row.split] += 1
        key = labels.index(row.question.key)
        asked = Asked.of(row, self._graph)
        self._options_only.add(row, asked, key)
        for name, reader in READERS.items():
            if name in self.not_asked:
                continue
            scores = reader.score(asked)
            tally = self._tally(row.split, name)
            if scores is None:
                tally.left_out += 1
            else:
                tally.add(len(labels), tied_with_key(scores, key))
        if self._answer is not None:
            right = self._answer(row) == row.question.key
            self._tally(row.split, CLOSED_BOOK).add(len(labels), int(right))

    def _tally(self, split: str, reader: str) -> Tally:
        return self._tallies.setdefault(split, {}).setdefault(reader, Tally())

    def gate(self, said: Iterable[SplitGate] = ()) -> Gate:
        """Judge what was seen. Where a reader cannot be tried here, its figures are as ``said``."""
        learnt: dict[str, Tally] = {}
        for guess in self._options_only.guesses():
            learnt.setdefault(guess.split, Tally()).add(guess.options, guess.tied)
        told = {split.split: {r.reader: r for r in split.readers} for split in said}
        splits = []
        for split in sorted(self._items, key=split_rank):
            tallies = {OPTIONS_ONLY: learnt.get(split, Tally()), **self._tallies.get(split, {})}
            figures = {name: tally.figures() for name, tally in tallies.items()}
            for name in self.not_asked:
                taken = _taken(told.get(split, {}).get(name), self._items[split])
                if taken is not None:
                    figures[name] = taken
            splits.append(self._split(split, figures))
        return Gate(verdict=_overall(split.verdict for split in splits), splits=tuple(splits))

    def _split(self, split: str, figures: Mapping[str, Figures]) -> SplitGate:
        judged = judge(figures)
        readers = []
        for name in (OPTIONS_ONLY, *READERS, CLOSED_BOOK):
            if name in judged:
                readers.append(judged[name])
            elif self._items[split] and name in self.not_asked:
                detail = self.not_asked[name]
                readers.append(ReaderScore(reader=name, outcome="not-asked", detail=detail))
        return SplitGate(
            split=split,
            verdict=_overall(r.outcome for r in readers if r.outcome != "not-asked"),
            items=self._items[split],
            readers=tuple(readers),
        )


def _taken(said: ReaderScore | None, items: int) -> Figures | None:
    """Read a stranger's figures of a reader, as far as they may be figures of these items."""
    if said is None or said.accuracy is None or said.chance is None:
        return None
    if said.items + said.left_out != items:
        return None
    return Figures(said.items, said.left_out, said.accuracy, said.chance)


def limit(chance: float) -> float:
    """Return what no reader may surely exceed."""
    return min(chance + MARGIN, 1.0)


def judge(figures: Mapping[str, Figures]) -> dict[str, ReaderScore]:
    """Hold every reader that had enough items to chance and the margin, Holm over them all."""
    enough = {name: held for name, held in figures.items() if held.items >= NEEDED}
    steps = holm(
        {
            name: chance_of_so_many(held.accuracy * held.items, held.items, limit(held.chance))
            for name, held in enough.items()
        }
    )
    scores = {}
    for name, held in figures.items():
        outcome: GateVerdict = "not-enough-items"
        lower = None
        if name in steps:
            outcome = "failed" if steps[name].rejected else "passed"
            bound = lower_bound(held.accuracy * held.items, held.items, steps[name].level)
            lower = round(bound, DIGITS)
        scores[name] = ReaderScore(
            reader=name,
            outcome=outcome,
            items=held.items,
            left_out=held.left_out,
            accuracy=held.accuracy if held.items else None,
            chance=held.chance if held.items else None,
            lower=lower,
        )
    return scores


def _overall(verdicts: Iterable[str]) -> GateVerdict:
    """Sum up: one that failed is enough, and one that could be judged."""
    found = set(verdicts)
    if "failed" in found:
        return "failed"
    return "passed" if "passed" in found else "not-enough-items"
