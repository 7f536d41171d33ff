"""What every reader of questions yields."""

from __future__ import annotations

from typing import NamedTuple

from kgsynth.model import Question, Rejected

STAGE = "questions"


class QuestionSet(NamedTuple):
    """A set as it was read: each record is in the one or in the other."""

    questions: tuple[Question, ...]
    quarantined: tuple[Rejected, ...]
    """Codes: malformed-question, missing-key, answer-not-among-options, duplicate-stem."""
