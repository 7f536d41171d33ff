"""answer-leak: the stem does not name the answer."""

from __future__ import annotations

from kgsynth.model import Row
from kgsynth.verify.check import (
    SOUND,
    Check,
    CheckContext,
    Finding,
    fault,
    option_labelled,
    unread,
)
from kgsynth.verify.leaks import LeakFinder


def examine(row: Row, context: CheckContext) -> Finding:
    """Look for every name of the answer in the stem."""
    key = option_labelled(row, row.question.key)
    if key is None:
        return unread(f"The question has no option {row.question.key}.")
    names = [key.text, *context.names_of(key.concept)]
    if row.path.nodes and row.path.nodes[-1].id == key.concept:
        names += [row.path.nodes[-1].name, *row.path.nodes[-1].aliases]
    leak = LeakFinder((name, "") for name in names).find(row.question.stem)
    return fault(f"The stem names the answer: {leak.text!r}.") if leak else SOUND


ANSWER_LEAK = Check(
    code="answer-leak",
    sentence=(
        "No name of the answer, in any spelling, order of words or language held, stands in the "
        "stem."
    ),
    mend=(
        "Nothing, as a rule: the row cannot be used. When many rows fail, tell the teacher not "
        "to name the answer in the question."
    ),
    examine=examine,
    kinds=("path", "recall"),
)
