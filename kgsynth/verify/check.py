"""What a check is, what it may look at, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

from kgsynth.linking.matching import NameMatcher
from kgsynth.model import (
    Concept,
    Grade,
    Kind,
    Option,
    Outcome,
    Path,
    Row,
    Statement,
    Verdict,
    statement_id,
)
from kgsynth.verify.limits import over_limits
from kgsynth.vocabulary import Vocabulary

if TYPE_CHECKING:
    from kgsynth.verify.benchmarks import Benchmark
    from kgsynth.verify.readings import Reader
    from kgsynth.verify.whole import Joined

ALL_KINDS: tuple[Kind, ...] = ("path", "qa", "recall")

Holds = Callable[[str, str, str], bool | None]
"""Asks a whole graph for (subject, predicate, object); None when it cannot tell."""


class Whole(Protocol):
    """A whole graph, with its hubs known: `kgsynth.verify.whole.WholeGraph` is one."""

    def knows(self, *concepts: str) -> bool:
        """Tell whether the graph holds all of these ids."""

    def words(self, relations: Iterable[str], /) -> bool:
        """Tell whether the graph has all of these relations."""

    def grade(self, start: str, relations: Sequence[str], end: str, /) -> Grade | None:
        """Say how sure it is that a chain of relations does not lead there; None where it does."""

    def reaches(self, start: str, relations: Sequence[str], end: str, /) -> bool:
        """Tell whether the very relations, either way round, lead from one concept to another."""

    def are_kin(self, one: str, other: str, /) -> bool:
        """Tell whether two concepts are the same, or one stands above the other."""

    def names_of_kin(self, concept: str, /) -> Sequence[str]:
        """Return every name of a concept, of what stands above it and of what stands below."""

    def between(self, start: str, end: str, /) -> Joined:
        """Find the shortest paths that join two concepts past the hubs."""


@dataclass(frozen=True, slots=True)
class CheckContext:
    """Everything beside the row that a check may look at."""

    statements: Mapping[str, Statement]
    concepts: Mapping[str, Concept]
    names: NameMatcher
    """Names to concept ids. The more of the graph it knows, the more strays it catches."""
    vocabulary: Vocabulary
    holds: Holds | None = None
    whole: Whole | None = None
    """What answers for all of the graph, where it is at hand."""
    asked: Grade = Grade.ABSENT
    """How sure it must be that a wrong option is wrong."""
    named: tuple[str, ...] = ()
    """Benchmarks that the build file says to stay clear of, by name."""
    benchmarks: tuple[Benchmark, ...] = ()
    """Those of them that are at hand."""
    reader: Reader | None = None
    """Who reads traces again, where the build file asks for it."""
    answers: Mapping[str, str] = field(default_factory=dict)
    """What teachers answered, by the key of the request."""
    altered: frozenset[str] = field(init=False)
    """Ids of the statements whose content asks for another id; many steps cite the same few."""

    def __post_init__(self) -> None:
        altered = (key for key, s in self.statements.items() if s.recomputed_id() != key)
        object.__setattr__(self, "altered", frozenset(altered))

    @classmethod
    def of(
        cls,
        statements: Iterable[Statement],
        concepts: Iterable[Concept],
        vocabulary: Vocabulary,
        *,
        names: NameMatcher | None = None,
        holds: Holds | None = None,
        whole: Whole | None = None,
        asked: Grade = Grade.ABSENT,
        named: tuple[str, ...] = (),
        benchmarks: tuple[Benchmark, ...] = (),
        reader: Reader | None = None,
        answers: Mapping[str, str] | None = None,
    ) -> CheckContext:
        """Make a context from records; the names are those of the concepts unless given."""
        by_id = {concept.id: concept for concept in concepts}
        own = ((name.text, concept.id) for concept in by_id.values() for name in concept.names)
        return cls(
            statements={statement.id: statement for statement in statements},
            concepts=by_id,
            names=names or NameMatcher(own),
            vocabulary=vocabulary,
            holds=holds,
            whole=whole,
            asked=asked,
            named=named,
            benchmarks=benchmarks,
            reader=reader,
            answers=answers or {},
        )

    def names_of(self, concept: str | None) -> tuple[str, ...]:
        """Return every name of a concept, in every language held."""
        known = self.concepts.get(concept) if concept else None
        return tuple(name.text for name in known.names) if known else ()

    def ships(self, subject: str, predicate: str, obj: str) -> bool:
        """Tell whether a fact is among the statements at hand."""
        asked = self._either_way(subject, predicate, obj)
        return any(statement_id(*triple) in self.statements for triple in asked)

    def states(self, subject: str, predicate: str, obj: str) -> bool | None:
        """Tell whether a fact is held; None when only a whole graph could tell that it is not."""
        if self.ships(subject, predicate, obj):
            return True
        if self.holds is None:
            return None
        said = [self.holds(*triple) for triple in self._either_way(subject, predicate, obj)]
        return True if True in said else None if None in said else False

    def _either_way(self, subject: str, predicate: str, obj: str) -> list[tuple[str, str, str]]:
        symmetric = self.vocabulary.predicate(predicate).symmetric
        return [(subject, predicate, obj)] + [(obj, predicate, subject)] * symmetric


class Finding(NamedTuple):
    """What a check found, in a sentence where there is something to say."""

    outcome: Outcome
    detail: str = ""


SOUND = Finding(Outcome.PASSED)


def fault(detail: str) -> Finding:
    """Find against the row."""
    return Finding(Outcome.FAILED, detail)


def unread(detail: str) -> Finding:
    """Find neither for nor against: what was to be judged could not be read."""
    return Finding(Outcome.COULD_NOT_CHECK, detail)


def not_applicable(detail: str) -> Finding:
    """Find that there is nothing here for the check to judge."""
    return Finding(Outcome.NOT_APPLICABLE, detail)


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its code, what it means, what to do when it fails, and how it looks."""

    code: str
    sentence: str
    mend: str
    examine: Callable[[Row, CheckContext], Finding]
    kinds: tuple[Kind, ...] = ALL_KINDS
    required: bool = True
    """A row is released only when the check passed, or had nothing to judge. Of one that is not
    required, only a fault keeps a row back."""
    of_any_size: bool = False
    """It may look at a row whose texts and lists are beyond all limits."""

    def run(self, row: Row, context: CheckContext, *, too_large: str | None = None) -> Verdict:
        """Judge one row; ``too_large`` is what `over_limits` says, where that is known."""
        problem = over_limits(row) if too_large is None else too_large
        finding = self._finding(row, context, problem)
        return Verdict(
            check=self.code,
            outcome=finding.outcome,
            code=self.code if finding.outcome is Outcome.FAILED else "",
            detail=finding.detail,
        )

    def _finding(self, row: Row, context: CheckContext, too_large: str) -> Finding:
        if row.kind not in self.kinds:
            return not_applicable(f"{self.code} does not judge rows of the kind {row.kind}.")
        if too_large and not self.of_any_size:
            return unread(f"The row is too large to be read. {too_large}")
        try:
            return self.examine(row, context)
        except Exception as error:
            # A check that broke off says nothing of the row, and must not end the verification.
            return unread(f"The check broke off: {type(error).__name__}.")


# --- what several checks ask of a row ---------------------------------------------------------


def worst(findings: Iterable[Finding]) -> Finding:
    """Return the first fault, else the first thing unread, else that all is sound."""
    unclear = None
    for finding in findings:
        if finding.outcome is Outcome.FAILED:
            return finding
        if finding.outcome is Outcome.COULD_NOT_CHECK:
            unclear = unclear or finding
    return unclear or SOUND


def option_labelled(row: Row, label: str | None) -> Option | None:
    """Return the option with a label; a stranger's row may name one that is not there."""
    return next((o for o in row.question.options if o.label == label), None)


def paths_of(row: Row) -> tuple[Path, ...]:
    """Return the row's path and its further ones."""
    return (row.path, *row.further_paths)
