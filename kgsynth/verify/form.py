"""form: the row is whole, and its texts are what they seem."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from string import ascii_uppercase

from kgsynth.linking.matching import invisible
from kgsynth.model import Row
from kgsynth.verify.check import (
    Check,
    CheckContext,
    Finding,
    fault,
    option_labelled,
    paths_of,
    worst,
)
from kgsynth.vocabulary import Vocabulary

LONGEST_STEM = 4_000
LONGEST_STEP = 2_000
"""In characters; the conclusion counts as a step."""

_THINK = re.compile(r"<\s*/?\s*think", re.IGNORECASE)


def examine(row: Row, context: CheckContext) -> Finding:
    """Judge the row's shape, then each of its texts."""
    return worst(_findings(row, context))


def _findings(row: Row, context: CheckContext) -> Iterator[Finding]:
    if row.id != row.recomputed_id():
        yield fault("The row's id does not follow from its question and path.")
    if row.language not in _languages(context.vocabulary):
        yield fault(f"The language {row.language!r} is not one that the vocabulary words.")
    yield from _options(row)
    yield from _paths(row)
    yield from _texts(row)


def _languages(vocabulary: Vocabulary) -> set[str]:
    return {language for p in vocabulary.predicates.values() for language in p.wordings}


def _options(row: Row) -> Iterator[Finding]:
    options = row.question.options
    if len(options) < 2:
        yield fault(f"The question has {len(options)} options; it needs two or more.")
    if [o.label for o in options] != list(ascii_uppercase[: len(options)]):
        yield fault("The options are not labelled A, B, C and so on, in order.")
    seen: dict[str, str] = {}
    for option in options:
        same = seen.setdefault(_normalised(option.text), option.label)
        if same != option.label:
            yield fault(f"Options {same} and {option.label} are the same.")
    if option_labelled(row, row.question.key) is None:
        yield fault(f"The key {row.question.key!r} is not the label of an option.")
    if row.kind == "path":
        unexplained = [o.label for o in options if o.why_out is None]
        if unexplained != [row.question.key]:
            yield fault("Every option but the key must say why it is out, and the key must not.")


def _normalised(text: str) -> str:
    shown = "".join(c for c in text if not invisible(c))
    return " ".join(unicodedata.normalize("NFKC", shown).casefold().split())


def _paths(row: Row) -> Iterator[Finding]:
    for path in paths_of(row):
        if not path.hops or len(path.nodes) != len(path.hops) + 1:
            yield fault(f"A path has {len(path.nodes)} concepts and {len(path.hops)} hops.")


def _texts(row: Row) -> Iterator[Finding]:
    texts = [("The stem", row.question.stem, LONGEST_STEM)]
    texts += [(f"Option {o.label}", o.text, LONGEST_STEM) for o in row.question.options]
    texts += [
        (f"Step {number}", step.text, LONGEST_STEP)
        for number, step in enumerate(row.trace.steps, start=1)
    ]
    texts.append(("The conclusion", row.trace.conclusion.text, LONGEST_STEP))
    if not row.trace.steps:
        yield fault("The trace has no steps.")
    for place, text, longest in texts:
        if not _normalised(text):
            yield fault(f"{place} is empty.")
        if len(text) > longest:
            yield fault(f"{place} has {len(text)} characters, more than {longest}.")
        if _THINK.search(text):
            yield fault(f"{place} holds a <think> tag.")
        hidden = next((c for c in text if invisible(c) or c == "\r"), None)
        if hidden is not None:
            yield fault(f"{place} holds the invisible character U+{ord(hidden):04X}.")


FORM = Check(
    code="form",
    sentence=(
        "The row's id follows from its content; the question, options, path and steps are whole "
        "and of sane length; no text holds think tags or invisible characters."
    ),
    mend=(
        "Look at what the detail names. In a dataset that was edited by hand, undo the edit; in "
        "a teacher's text, ask the teacher again."
    ),
    examine=examine,
)
