"""form: the row is whole, and its texts are what they seem."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from string import ascii_uppercase

from kgsynth.errors import count_of
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
from kgsynth.verify.limits import over_limits, texts_of

_THINK = re.compile(r"<\s*/?\s*think", re.IGNORECASE)


def examine(row: Row, context: CheckContext) -> Finding:
    """Judge the row's size, then its shape, then each of its texts."""
    too_large = over_limits(row)
    return fault(too_large) if too_large else worst(_findings(row, context))


def _findings(row: Row, context: CheckContext) -> Iterator[Finding]:
    if row.id != row.recomputed_id():
        yield fault("The row's id does not follow from its question and path.")
    if row.language not in context.vocabulary.languages:
        yield fault(f"The language {row.language!r} is not one that the vocabulary words.")
    yield from _options(row)
    yield from _paths(row)
    yield from _corruptions(row)
    yield from _texts(row)


def _options(row: Row) -> Iterator[Finding]:
    options = row.question.options
    if len(options) < 2:
        yield fault(f"The question has {count_of(len(options), 'option')}; it needs two or more.")
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
    if _is_plain(text):
        return " ".join(text.casefold().split())
    shown = "".join(c for c in text if not invisible(c))
    return " ".join(unicodedata.normalize("NFKC", shown).casefold().split())


def _is_plain(text: str) -> bool:
    """Tell at once that a text holds nothing hidden, as most do."""
    return text.isascii() and text.isprintable()


def _paths(row: Row) -> Iterator[Finding]:
    for path in paths_of(row):
        if not path.hops or len(path.nodes) != len(path.hops) + 1:
            concepts, hops = len(path.nodes), len(path.hops)
            yield fault(f"A path has {count_of(concepts, 'concept')} and {count_of(hops, 'hop')}.")


def _corruptions(row: Row) -> Iterator[Finding]:
    """A damage that changes nothing would teach that the truth is wrong."""
    steps = row.trace.steps
    for corruption in row.corruptions:
        at = corruption.step
        if at is not None and not 0 <= at < len(steps):
            yield fault(f"The corruption {corruption.name} damages step {at + 1}, which is none.")
            continue
        true = row.trace.conclusion.text if at is None else steps[at].text
        if _normalised(corruption.text) == _normalised(true):
            yield fault(f"The corruption {corruption.name} is the true text itself.")
        if option_labelled(row, corruption.answer) is None:
            yield fault(f"The corruption {corruption.name} ends with no option of the question.")
        elif at is None and corruption.answer == row.question.key:
            yield fault(f"The corruption {corruption.name} ends with the key all the same.")


def _texts(row: Row) -> Iterator[Finding]:
    if not row.trace.steps:
        yield fault("The trace has no steps.")
    for place, text, _ in texts_of(row):
        if not _normalised(text):
            yield fault(f"{place} is empty.")
        if _THINK.search(text):
            yield fault(f"{place} holds a <think> tag.")
        if not _is_plain(text):
            hidden = next((c for c in text if invisible(c) or c == "\r"), None)
            if hidden is not None:
                yield fault(f"{place} holds the invisible character U+{ord(hidden):04X}.")


FORM = Check(
    code="form",
    sentence=(
        "The row's id follows from its content; the question, options, path and steps are whole "
        "and of sane length; a corruption differs from the truth; no text holds think tags or "
        "invisible characters."
    ),
    mend=(
        "Look at what the detail names. In a dataset that was edited by hand, undo the edit; in "
        "a teacher's text, ask the teacher again."
    ),
    examine=examine,
    of_any_size=True,
)
