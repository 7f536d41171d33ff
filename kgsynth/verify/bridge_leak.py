"""bridge-leak: nothing that the reader sees names a hidden concept."""

from __future__ import annotations

from collections.abc import Iterator

from kgsynth.linking.matching import NameMatcher, spelled_alike
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


def examine(row: Row, context: CheckContext) -> Finding:
    """Look for every name of every bridge in the stem and in the options."""
    if not row.bridges:
        return not_applicable("The row hides no concept.")
    shown = [("The stem", row.question.stem)]
    shown += [(f"Option {option.label}", option.text) for option in row.question.options]
    for bridge in row.bridges:
        hidden = _hidden_names(bridge, row, context)
        # The key is the name itself, to tell afterwards in which case it was to be found.
        matcher = NameMatcher((name, name) for name in hidden)
        for place, text in shown:
            for spelled in _leaks(text, matcher, context):
                return fault(f"{place} names the hidden {bridge.id}: {spelled!r}.")
    return SOUND


def _hidden_names(bridge: Bridge, row: Row, context: CheckContext) -> list[str]:
    """Return what the row says is hidden, and what it should have said."""
    names = [*bridge.hidden, *context.names_of(bridge.id)]
    for path in paths_of(row):
        for node in path.nodes:
            if node.id == bridge.id:
                names += [node.name, *node.aliases]
    return list(dict.fromkeys(names))


def _leaks(text: str, matcher: NameMatcher, context: CheckContext) -> Iterator[str]:
    for found in matcher.find_all(text):
        for name in found.keys:
            shared = len(context.names.whole(name)) > 1
            if not shared or spelled_alike(found.text, name):
                yield found.text
                break


BRIDGE_LEAK = Check(
    code="bridge-leak",
    sentence=(
        "No name of a hidden concept, in any spelling, case, number or language held, stands in "
        "the stem or in an option; short names, and names that other concepts bear too, count "
        "only in their exact case."
    ),
    mend=(
        "Nothing, as a rule: the row cannot be used, since its hop is not hidden. When many rows "
        "fail, tell the teacher to describe the hidden concept by its type only."
    ),
    examine=examine,
    kinds=("path",),
)
