"""bridge-leak: nothing that the reader sees names a hidden concept."""

from __future__ import annotations

from kgsynth.model import Bridge, Row
from kgsynth.verify.check import (
    SOUND,
    Check,
    CheckContext,
    Finding,
    fault,
    not_applicable,
    paths_of,
)
from kgsynth.verify.leaks import LeakFinder


def examine(row: Row, context: CheckContext) -> Finding:
    """Look for every name of every bridge in the stem and in the options."""
    if not row.bridges:
        return not_applicable("The row hides no concept.")
    finder = LeakFinder(
        (name, bridge.id) for bridge in row.bridges for name in _hidden_names(bridge, row, context)
    )
    shown = [("The stem", row.question.stem)]
    shown += [(f"Option {option.label}", option.text) for option in row.question.options]
    for place, text in shown:
        if leak := finder.find(text):
            return fault(f"{place} names the hidden {leak.key}: {leak.text!r}.")
    return SOUND


def _hidden_names(bridge: Bridge, row: Row, context: CheckContext) -> list[str]:
    """Return what the row says is hidden, and what it should have said.

    Whether other concepts bear a name as well does not count: who sees a dataset alone cannot
    tell, and must not find a leak where the build found none.
    """
    names = [*bridge.hidden, *context.names_of(bridge.id)]
    if context.whole is not None:
        names += context.whole.names_of_kin(bridge.id)
    for path in paths_of(row):
        for node in path.nodes:
            if node.id == bridge.id:
                names += [node.name, *node.aliases]
    return names


BRIDGE_LEAK = Check(
    code="bridge-leak",
    sentence=(
        "No name of a hidden concept or of its kin, in any spelling, case, number, order of words "
        "or language held, stands in the stem or in an option; only short names, as ACE or K, "
        "count in their exact case alone."
    ),
    mend=(
        "Nothing, as a rule: the row cannot be used, since its hop is not hidden. When many rows "
        "fail, tell the teacher to describe the hidden concept by its type only."
    ),
    examine=examine,
    kinds=("path",),
)
