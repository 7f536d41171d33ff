"""What a dataset says of itself, gathered in one pass over its rows.

The card, the Croissant file and the report all tell the same story; they tell it from the
same facts. Memory is bounded: counts, and a handful of example rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from kgsynth.config import BuildConfig
from kgsynth.curate.split import split_rank
from kgsynth.model import Funnel, Gate, GraphSummary, Hub, Outcome, Rejected, Row

MOST_EXAMPLES = 10


class RowGroup(NamedTuple):
    """What rows are counted by."""

    split: str
    kind: str
    hops: int


class Part(NamedTuple):
    """A part of a question set, and the split that rows made from it went to."""

    split: str
    origin: str
    origin_split: str


class RejectedCode(NamedTuple):
    """How many were dropped for one reason, and the first of them."""

    stage: str
    code: str
    number: int
    example: Rejected


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """Everything that a page about a dataset may tell."""

    config: BuildConfig
    graph: GraphSummary
    funnel: Funnel
    teachers: Mapping[str, str]
    hubs: tuple[Hub, ...]
    rows: Mapping[RowGroup, int]
    forms: Mapping[str, Mapping[str, int]]
    """Lines by form, then by split."""
    parts: Mapping[Part, int]
    languages: tuple[str, ...]
    keys: Mapping[str, int]
    """How often each label is the key."""
    verdicts: Mapping[tuple[str, str], int]
    """How often each check came to each outcome."""
    gate: Gate
    examples: tuple[Row, ...]
    rejected: tuple[RejectedCode, ...]

    def by_split(self) -> dict[str, int]:
        """Count rows by split, train first."""
        counts: Counter[str] = Counter()
        for group, count in self.rows.items():
            counts[group.split] += count
        return dict(sorted(counts.items(), key=lambda item: split_rank(item[0])))

    def total(self) -> int:
        """Count all rows."""
        return sum(self.rows.values())


@dataclass(slots=True)
class FactsGatherer:
    """Counts as rows go by."""

    rows: Counter[RowGroup] = field(default_factory=Counter)
    forms: dict[str, Counter[str]] = field(default_factory=dict)
    parts: Counter[Part] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    keys: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[tuple[str, Outcome]] = field(default_factory=Counter)
    rejected: Counter[tuple[str, str]] = field(default_factory=Counter)
    _firsts: dict[RowGroup, Row] = field(default_factory=dict)
    _early: list[Row] = field(default_factory=list)
    _first_rejected: dict[tuple[str, str], Rejected] = field(default_factory=dict)

    def add_row(self, row: Row) -> None:
        """Count a row of the dataset."""
        group = RowGroup(row.split, row.kind, len(row.path.hops))
        self.rows[group] += 1
        self.parts[Part(row.split, row.origin, row.origin_split)] += 1
        self.languages[row.language] += 1
        # A position that no key stands at is a finding too.
        self.keys.update({option.label: 0 for option in row.question.options})
        self.keys[row.question.key] += 1
        self.verdicts.update((v.check, v.outcome) for v in row.verdicts)
        if group not in self._firsts:
            self._firsts[group] = row
        elif len(self._early) < MOST_EXAMPLES:
            self._early.append(row)

    def add_form_line(self, form: str, split: str) -> None:
        """Count a line of a trainer's form."""
        self.forms.setdefault(form, Counter())[split] += 1

    def add_rejected(self, dropped: Rejected) -> None:
        """Count a dropped row and keep the first of its kind."""
        reason = (dropped.stage, dropped.code)
        self.rejected[reason] += 1
        self._first_rejected.setdefault(reason, dropped)

    def facts(
        self,
        config: BuildConfig,
        graph: GraphSummary,
        funnel: Funnel,
        teachers: Mapping[str, str],
        hubs: Sequence[Hub],
        gate: Gate,
    ) -> DatasetFacts:
        """Put the counts beside what was known before."""
        return DatasetFacts(
            config=config,
            graph=graph,
            funnel=funnel,
            teachers=dict(sorted(teachers.items())),
            hubs=tuple(hubs),
            rows=dict(sorted(self.rows.items(), key=lambda i: (split_rank(i[0].split), i[0]))),
            forms={name: _by_rank(counts) for name, counts in self.forms.items()},
            parts=dict(sorted(self.parts.items(), key=lambda i: (split_rank(i[0].split), i[0]))),
            languages=tuple(sorted(self.languages)),
            keys=dict(sorted(self.keys.items())),
            verdicts={(c, o.value): n for (c, o), n in sorted(self.verdicts.items())},
            gate=gate,
            examples=self._examples(),
            rejected=tuple(
                RejectedCode(stage, code, count, self._first_rejected[stage, code])
                for (stage, code), count in sorted(
                    self.rejected.items(), key=lambda item: (-item[1], item[0])
                )
            ),
        )

    def _examples(self) -> tuple[Row, ...]:
        """One row of each split, kind and length, then the earliest of the others."""
        ordered = sorted(self._firsts.items(), key=lambda i: (split_rank(i[0].split), i[0]))
        firsts = [row for _, row in ordered]
        return tuple([*firsts, *self._early][:MOST_EXAMPLES])


def _by_rank(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: split_rank(item[0])))
