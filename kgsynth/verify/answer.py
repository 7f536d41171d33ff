"""answer: the trace ends with the key, named in full, and with nothing else."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from kgsynth.linking.matching import Found, NameMatcher, tokens
from kgsynth.model import Row
from kgsynth.verify.check import Check, CheckContext, Finding, fault, worst

_AND = r"(?i:and|or|y|o)"
_ANSWER = re.compile(
    r"\b(?i:answer|respuesta|option|opción)\b(?:\s+(?i:is|es|final|correcta|correct)\b)*"
    r"\s*[:=]?\s*[(\[*]*(?P<label>[A-Z])\b"
    r"(?![-'’]\w)(?!\s+(?!(?:(?i:is|es|because|since|as|but|porque)|" + _AND + r")\b)\w)"
    r"(?P<more>(?:[)\]*]*\s*(?:,|/|&|\b" + _AND + r"\b)\s*[(\[*]*[A-Z]\b)*)"
)
"""``Answer: B``, ``option (B)``, ``B or C``; in ``Answer: A drug`` the A is an article."""

_TURNED_AWAY_BEFORE = re.compile(
    r"\b(?:not|no|never|neither|nor|rather than|instead of|unlike|excludes?|rules? out|"
    r"ni|en lugar de|en vez de|descarta)\b",
    re.IGNORECASE,
)
_TURNED_AWAY_AFTER = re.compile(
    r"[\s)\]*]*(?:(?:is|are|was|were|can be|has been|es|son|queda|se)\s+"
    r"(?:not|no|ruled out|excluded|wrong|incorrect|out|false|descarta|descartad[oa]|"
    r"incorrect[oa]|fals[oa])|cannot|no es|isn['’]t)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[.;:!?,](?=\s|$)|\b(?:but|and|so|pero|sino|y)\b", re.IGNORECASE)


def examine(row: Row, context: CheckContext) -> Finding:
    """Judge the label that the trace ends with, and what its last sentence names."""
    return worst(_findings(row, context))


def _findings(row: Row, context: CheckContext) -> Iterator[Finding]:
    conclusion, key = row.trace.conclusion, row.question.key
    if conclusion.answer != key:
        yield fault(f"The trace ends with option {conclusion.answer}; the key is {key}.")
    for number, step in enumerate(row.trace.steps, start=1):
        if step.kind == "rule-out" and step.option == key:
            yield fault(f"Step {number} rules out the key.")
    labels = {option.label for option in row.question.options}
    lettered = [label for label in _letters(conclusion.text) if label in labels]
    named = _named(row, context)
    for other in sorted({*lettered, *named} - {key}):
        yield fault(f"The conclusion names option {other} as an answer too; the key is {key}.")
    if key not in named and key not in lettered:
        yield fault(f"The conclusion does not name the key, option {key}.")


def _letters(text: str) -> list[str]:
    """Return the labels that the text gives as an answer."""
    said = _Said(text)
    return [
        letter
        for match in _ANSWER.finditer(text)
        if not said.turns_away(match.start(), match.end())
        for letter in (match["label"], *re.findall(r"\b[A-Z]\b", match["more"]))
    ]


def _named(row: Row, context: CheckContext) -> set[str]:
    """Return the labels of the options that the conclusion names and does not turn away.

    A name that two options bear tells neither from the other and counts for none.
    """
    text = row.trace.conclusion.text
    matcher = NameMatcher(
        (_unpunctuated(name), option.label)
        for option in row.question.options
        for name in (option.text, *context.names_of(option.concept))
    )
    said = _Said(text)
    return {
        found.keys[0]
        for found in matcher.find(text)
        if len(found.keys) == 1
        and not _label_only(text, found)
        and not said.turns_away(found.start, found.end)
    }


def _unpunctuated(name: str) -> str:
    return name.strip().rstrip(".,;:")


def _label_only(text: str, found: Found) -> bool:
    """Tell whether a name of one letter stands here as an option's label: ``(K)``, ``A:``."""
    if len(tokens(found.text)) > 1 or len(found.text) > 1:
        return False
    return text[found.end : found.end + 1] in (")", "]", ":")


class _Said:
    """A text cut into clauses once, however many names stand in it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._clauses = [0, *(match.end() for match in _CLAUSE.finditer(text))]
        denials = list(_TURNED_AWAY_BEFORE.finditer(text))
        self._denials = [match.start() for match in denials]
        self._denial_ends = [match.end() for match in denials]

    def turns_away(self, start: int, end: int) -> bool:
        """Tell whether the clause around a name says that it is not the answer."""
        parted = self._text[start - 1 : start] in tuple(".;:!?,")
        clause = start if parted else self._clauses[bisect_right(self._clauses, start) - 1]
        denials = bisect_right(self._denial_ends, start)
        before = denials > 0 and self._denials[denials - 1] >= clause
        return before or _TURNED_AWAY_AFTER.match(self._text, end) is not None


ANSWER = Check(
    code="answer",
    sentence=(
        "The trace ends with the key and names it in full, by its text, a name of its concept or "
        "its letter, and gives no second answer."
    ),
    mend=(
        "Look at the conclusion. A part of a name does not count, and neither do two answers, "
        "even when one of them is right."
    ),
    examine=examine,
)
