"""Rows as chat messages: what is asked, what is thought, what is answered.

Text of the graph and of question sets is data. It is joined by plain concatenation: no
templating engine ever reads it, and a tag of the thinking block inside it is disarmed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from kgsynth.errors import RunError, count_of
from kgsynth.model import SOLE_ANSWER, Corruption, Option, Record, Row, Step
from kgsynth.vocabulary import load_vocabulary

Asking = Literal["closed", "open"]
"""closed: the options are listed. open: the answer is to be named."""

Reasoning = Literal["inline", "reasoning_content", "thinking"]

ANSWER_LINE = "Answer: "
"""What the last line of every completion begins with; a reward looks for it."""

INSTRUCTIONS: dict[Asking, str] = {
    "closed": (
        f'Think step by step, then end with one line that reads "{ANSWER_LINE.strip()}" '
        "and the letter and text of the right option."
    ),
    "open": (
        f'Think step by step, then end with one line that reads "{ANSWER_LINE.strip()}" '
        "and the name of the answer."
    ),
}

_POINTS_AT_OPTIONS = re.compile(
    r"(?i:\b(?:of|from|among) (?:these|those|the (?:options|choices))\b"
    r"|\bthe following\b|\b(?:options?|choices?) (?:below|listed|given|above)\b"
    r"|\bde (?:estos|estas|los siguientes|las siguientes)\b)|\bEXCEPT\b",
)
_WHICH = {"en": "which", "es": "qué"}
_THINK_TAG = re.compile(r"<(/?\s*think\s*)>", re.IGNORECASE)


class Message(Record):
    """One message of a conversation; the thinking may have a field of its own."""

    role: Literal["user", "assistant"]
    content: str
    reasoning_content: str | None = None
    thinking: str | None = None


@dataclass(frozen=True, slots=True)
class FormSettings:
    """What the build file says of the trainers' rows."""

    asking: tuple[Asking, ...]
    reasoning: Reasoning
    data_source: str
    """The name that a reward function is chosen by."""


# --- what is asked -------------------------------------------------------------------------------


def prompt(row: Row, asking: Asking) -> tuple[Message, ...] | None:
    """Write the question as a conversation; None when it cannot be asked this way."""
    stem = row.question.stem if asking == "closed" else open_stem(row)
    if stem is None:
        return None
    parts = [stem, INSTRUCTIONS[asking]]
    if asking == "closed":
        parts.insert(1, "\n".join(labelled(option) for option in row.question.options))
    return (Message(role="user", content="\n\n".join(parts)),)


def open_stem(row: Row) -> str | None:
    """Return the stem as it reads without its options; None when it leans on them.

    A stem that we wrote says "which of these drugs", in the words of the vocabulary, and
    becomes "which drug". One from a question set may say "which of the following is true":
    nothing can be asked of it without the options. Nor can a question that the graph gives two
    answers to: the one that is not the key would be marked wrong.
    """
    if SOLE_ANSWER not in row.tags:
        return None
    vocabulary = load_vocabulary()
    stem = row.question.stem
    for semantic_type in _answer_types(row):
        noun = vocabulary.noun(semantic_type, row.language)
        alone = f"{_WHICH.get(row.language, 'which')} {noun.noun}"
        stem = stem.replace(noun.which, alone).replace(_capital(noun.which), _capital(alone))
    return None if _POINTS_AT_OPTIONS.search(stem) else stem


def answer_names(row: Row) -> tuple[str, ...]:
    """Return every name that answers the question, the option's own text first.

    A name that another option goes by as well would reward the wrong answer: it is left out.
    """
    answer = row.question.answer()
    wrong = {o.text.casefold() for o in row.question.options if o.label != answer.label}
    paths = (row.path, *row.further_paths)
    nodes = [node for path in paths for node in path.nodes if node.id == answer.concept]
    names = [name for node in nodes for name in (node.name, *node.aliases)]
    return tuple(dict.fromkeys([answer.text, *(n for n in names if n.casefold() not in wrong)]))


def labelled(option: Option) -> str:
    """Write an option on one line, whatever is in its text.

    >>> labelled(Option(label="B", text="a drug"))
    'B. a drug'
    """
    return f"{option.label}. {_one_line(option.text)}"


# --- what is answered ----------------------------------------------------------------------------


def completion(
    row: Row, asking: Asking, reasoning: Reasoning, *, concluded: bool = True
) -> tuple[Message, ...]:
    """Write the true trace and the right answer as the assistant's message."""
    conclusion = row.trace.conclusion.text if concluded else ""
    return _reply(row, asking, reasoning, row.trace.steps, conclusion, row.question.key)


def damaged_completion(
    row: Row, asking: Asking, reasoning: Reasoning, corruption: Corruption
) -> tuple[Message, ...] | None:
    """Write the trace with one damage in it; None when this way of asking does not show it."""
    steps = list(row.trace.steps)
    conclusion = row.trace.conclusion.text if concludes(row, corruption) else ""
    if corruption.step is None:
        conclusion = corruption.text
    else:
        damaged = _step_at(row, corruption)
        if asking == "open" and damaged.kind == "rule-out":
            return None
        steps[corruption.step] = damaged.model_copy(update={"text": corruption.text})
    return _reply(row, asking, reasoning, tuple(steps), conclusion, corruption.answer)


def concludes(row: Row, corruption: Corruption) -> bool:
    """Tell whether both sides of a pair carry the conclusion's sentence.

    When a damaged step turns the answer, the true conclusion no longer follows from it. Both
    sides then go without, for a sentence that only one side has would give the pair away.
    """
    return corruption.step is None or corruption.answer == row.question.key


def _reply(
    row: Row,
    asking: Asking,
    reasoning: Reasoning,
    steps: tuple[Step, ...],
    conclusion: str,
    answer: str,
) -> tuple[Message, ...]:
    shown = [s.text for s in steps if asking == "closed" or s.kind != "rule-out"]
    thinking = "\n".join(_disarmed(text) for text in shown)
    option = _option_at(row, answer)
    said = labelled(option) if asking == "closed" else _one_line(option.text)
    final = ANSWER_LINE + _disarmed(said)
    # The conclusion names the option by its letter, which an open question never showed.
    content = f"{_disarmed(conclusion)}\n\n{final}" if conclusion and asking == "closed" else final
    if reasoning == "inline":
        whole = f"<think>\n{thinking}\n</think>\n\n{content}"
        return (Message(role="assistant", content=whole),)
    if reasoning == "thinking":
        return (Message(role="assistant", content=content, thinking=thinking),)
    return (Message(role="assistant", content=content, reasoning_content=thinking),)


def _option_at(row: Row, label: str) -> Option:
    for option in row.question.options:
        if option.label == label:
            return option
    raise RunError(
        f"Row {row.id} ends with option {label}, which its question does not have.",
        remedy="Run kgsynth verify on the dataset that it comes from.",
    )


def _step_at(row: Row, corruption: Corruption) -> Step:
    index = corruption.step
    if index is not None and 0 <= index < len(row.trace.steps):
        return row.trace.steps[index]
    raise RunError(
        f"Row {row.id}: the corruption {corruption.name} damages step {index}, and the trace "
        f"has {count_of(len(row.trace.steps), 'step')}.",
        remedy="Run kgsynth verify on the dataset that it comes from.",
    )


def _answer_types(row: Row) -> tuple[str, ...]:
    answer = row.question.answer().concept
    return next((node.types for node in row.path.nodes if node.id == answer), ())


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _disarmed(text: str) -> str:
    """Keep text from opening or closing the thinking block."""
    return _THINK_TAG.sub("\u2039\\1\u203a", text)
