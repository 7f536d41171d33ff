"""Questions and what is linked in them."""

from __future__ import annotations

from kgsynth.model.record import Language, Record


class QuestionOption(Record):
    """One option of a question as its set gives it."""

    label: str
    text: str


class Question(Record):
    """A question-answer pair as a reader yields it."""

    id: str
    origin: str
    """The set it comes from: ``medqa``, or the name of the file."""
    origin_split: str = "unknown"
    """The part of the set: train, dev, test, or unknown."""
    language: Language = "en"
    stem: str
    options: tuple[QuestionOption, ...]
    key: str
    """The label of the right option."""
    concepts: tuple[str, ...] = ()
    """The concepts a careful reader would link, where the set says so."""

    def answer(self) -> QuestionOption:
        """Return the right option."""
        return next(option for option in self.options if option.label == self.key)


class Mention(Record):
    """A stretch of text that names a concept."""

    text: str
    start: int
    end: int
    field: str
    """``stem``, or ``option:LABEL``."""
    id: str
    score: float
    negated: bool = False


class LinkedQuestion(Record):
    """A question with the concepts found in it."""

    id: str
    question: Question
    mentions: tuple[Mention, ...]
