"""Readings of a trace: what a verifier is asked, and what its recorded answers come to.

A reader is shown the question with the trace, its conclusion and every name of the answer hidden;
without it; and with a trace in which one step was damaged. How much more often it is right with
the trace than without is what the trace is worth.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from pydantic import ValidationError

from kgsynth.config import Rederive
from kgsynth.linking.matching import NameMatcher
from kgsynth.model import Corruption, Difficulty, PassRate, Record, Row
from kgsynth.seeding import derive
from kgsynth.teachers.request import Message, Request, Teacher, data_block
from kgsynth.verify.check import CheckContext, option_labelled

HIDDEN = "[...]"
Arm = Literal["with", "without", "damaged"]
ARMS: tuple[Arm, ...] = get_args(Arm)
"""With the trace, without it, with one of its corruptions."""


class Reader(NamedTuple):
    """Who reads, and how often; a request's key follows from it and the row."""

    model: str
    sampling: str
    """Settings as a JSON object in a string."""
    need: int
    of: int
    """So many of so many readings with the trace must reach the key."""
    seed: int = 0
    reasons: bool = True
    """It reads as a model does; a scripted verifier only words facts."""


def reader_of(teacher: Teacher, asked: Rederive, seed: int) -> Reader:
    """Return what a teacher is as a reader."""
    settings = json.dumps(teacher.settings(), sort_keys=True)
    return Reader(teacher.name, settings, asked.need, asked.of, seed, teacher.reasons)


class Choice(Record):
    """What a reader answers."""

    answer: str


class Counts(NamedTuple):
    """How many readings reached the key."""

    right: Mapping[Arm, int]
    read: Mapping[Arm, int]
    """How many were recorded."""
    agreement: float
    """The share of the readings with the trace that gave the most frequent answer."""

    @property
    def uplift(self) -> float | None:
        """How much more often the key was reached with the trace than without."""
        if not self.read["with"] or not self.read["without"]:
            return None
        return round(self._share("with") - self._share("without"), 6)

    def _share(self, arm: Arm) -> float:
        return self.right[arm] / self.read[arm]

    def written(self, difficulty: Difficulty) -> Difficulty:
        """Write down how hard the question is to the reader, and what the trace is worth."""
        rate = PassRate(passed=self.right["without"], of=self.read["without"])
        return difficulty.model_copy(
            update={"pass_rate": rate, "agreement": self.agreement, "uplift": self.uplift}
        )


@cache
def _prompt() -> str:
    return (Path(__file__).parent / "prompts" / "reading.md").read_text("utf-8").strip()


def requests(row: Row, context: CheckContext, reader: Reader) -> Iterator[tuple[Arm, Request]]:
    """Yield what is asked of a reader about a row."""
    for arm in ARMS:
        steps = _steps(row, context, arm)
        if steps is None:
            continue
        content = data_block(
            {
                "question": row.question.stem,
                "options": {option.label: option.text for option in row.question.options},
                "steps": steps,
            }
        )
        for turn in range(reader.of):
            yield (
                arm,
                Request(
                    model=reader.model,
                    messages=(
                        Message(role="system", content=_prompt()),
                        Message(role="user", content=content),
                    ),
                    sampling=reader.sampling,
                    answer_schema=json.dumps(Choice.model_json_schema(), sort_keys=True),
                    seed=derive(reader.seed, "reading", row.id, arm, turn) % 2**31,
                ),
            )


def _steps(row: Row, context: CheckContext, arm: Arm) -> list[str] | None:
    """Return the steps that a reader is shown; None where there is nothing of the kind."""
    if arm == "without":
        return []
    texts = [step.text for step in row.trace.steps if step.kind == "hop"]
    if arm == "damaged":
        damage = _damage(row)
        if damage is None or damage.step is None:
            return None
        texts = [
            damage.text if at == damage.step else step.text
            for at, step in enumerate(row.trace.steps)
            if step.kind == "hop"
        ]
    key = option_labelled(row, row.question.key)
    names = (key.text, *context.names_of(key.concept)) if key else ()
    matcher = NameMatcher((name, "") for name in names)
    return [_without(text, matcher) for text in texts]


def _damage(row: Row) -> Corruption | None:
    """Return the first corruption of a step on the way: one of the conclusion is hidden anyway."""
    hops = {at for at, step in enumerate(row.trace.steps) if step.kind == "hop"}
    return next((c for c in row.corruptions if c.step in hops), None)


def _without(text: str, matcher: NameMatcher) -> str:
    """Hide every name that a matcher finds."""
    shown, at = "", 0
    for found in matcher.find(text):
        shown += text[at : found.start] + HIDDEN
        at = found.end
    return shown + text[at:]


def counts(row: Row, context: CheckContext, reader: Reader, answers: Mapping[str, str]) -> Counts:
    """Count what the recorded answers to a row's requests come to."""
    right, read = dict.fromkeys(ARMS, 0), dict.fromkeys(ARMS, 0)
    given: Counter[str] = Counter()
    for arm, request in requests(row, context, reader):
        text = answers.get(request.key())
        if text is None:
            continue
        answer = _answer(text)
        read[arm] += 1
        right[arm] += answer == row.question.key
        if arm == "with":
            given[answer] += 1
    most = given.most_common(1)[0][1] if given else 0
    return Counts(right, read, round(most / max(1, given.total()), 6))


def _answer(text: str) -> str:
    """Read a label; an answer that is none is no answer, and reaches no key."""
    try:
        return Choice.model_validate_json(text).answer.strip()
    except ValidationError:
        return ""
