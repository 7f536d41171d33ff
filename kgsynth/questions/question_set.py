"""What every reader of questions yields."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

from kgsynth.model import Question, Rejected

STAGE = "questions"


class QuestionSet(NamedTuple):
    """A set as it was read: each record is in the one or in the other."""

    questions: tuple[Question, ...]
    quarantined: tuple[Rejected, ...]
    """Codes: malformed-question, missing-key, answer-not-among-options, duplicate-stem."""


def folded(text: str) -> str:
    """Fold what does not make a text another one: case, width, spacing.

    >>> folded("Which\u00a0Drug?") == folded("which  drug?")
    True
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
