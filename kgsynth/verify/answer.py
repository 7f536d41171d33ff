"""answer: the trace ends with the key, named in full, and with nothing else."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

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
    r"\b(?:not|no|never|neither|nor|rather than|instead of|unlike|exclud\w+|rul\w+ out|"
    r"cross\w* out|strik\w+|discard\w*|dismiss\w*|tempt\w*|reject\w*|eliminat\w+|discount\w*|"
    r"drop\w*|set\w* aside|put\w* aside|leav\w+|ni|en lugar de|en vez de|descart\w+|elimin\w+)\b",
    re.IGNORECASE,
)
_TURNED_AWAY_AFTER = re.compile(
    r"(?:\s*\([^()]{0,40}\))?[\s)\]*,]*(?:(?:(?:is|are|was|were|can|may|be|has|have|been|all|both|then|thus|so|therefore|"
    r"es|son|queda|quedan|se)\s+)+"
    r"(?:not|no|ruled out|excluded|wrong|incorrect|out|false|set aside|put aside|eliminated|"
    r"discarded|dismissed|crossed out|rejected|left out|left aside|struck|"
    r"descarta\w*|descartad[oa]s?|eliminad[oa]s?|incorrect[oa]s?|fals[oa]s?)|"
    r"(?:(?:do|does|did)\s+not|don['’]t|doesn['’]t)\b|"
    r"(?:finds?|has|have|gets?|meets?)\s+no\b|(?:drop|fall|go|bow)\w*\s+(?:out|away|by)|"
    r"fails?|cannot|no es|isn['’]t|aren['’]t)\b",
    re.IGNORECASE,
)
_LISTED = re.compile(
    r"(?:[\s,;/&*]|\([A-Z]\)|\b(?:and|or|nor|the|by|with|options?|y|e|o|u|ni|el|la|los|las|opción)\b"
    r"|\b[A-Z](?=[.,):\s]))*"
)
_LAST = re.compile(r"\b(?:and|or|nor|y|e|o|u|ni)\b")
"""What may stand between those that are told in one breath, and before the last of them."""
_CLAUSE = re.compile(r"[.;:!?,](?=\s|$)|\b(?:but|yet|and|so|pero|sino|y)\b", re.IGNORECASE)
_LONE = re.compile(r"(?<![\w'’-])(?:[B-J]|A(?=\s+(?:is|as)\b|[.,;:)]|$))(?![\w'’-])")
"""A letter by itself; an A before a noun is an article."""


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
    given = _given(row, context)
    for other in sorted(given - {key}):
        yield fault(f"The conclusion names option {other} as an answer too; the key is {key}.")
    if key not in given and (given or _lone_letters(conclusion.text) != {key}):
        yield fault(f"The conclusion does not name the key, option {key}.")


def _lone_letters(text: str) -> set[str]:
    """Return the letters that stand alone: "for B is the expected result"."""
    return set(_LONE.findall(text))


class _Given(NamedTuple):
    """An option that a conclusion speaks of, by its letter or a name."""

    start: int
    end: int
    label: str


def _given(row: Row, context: CheckContext) -> set[str]:
    """Return the labels of the options that the conclusion gives and does not turn away."""
    text = row.trace.conclusion.text
    said = _Said(text)
    spoken_of = sorted([*_lettered(row, text), *_named(row, context, text)])
    return {
        given.label
        for listed in _lists(text, spoken_of)
        if not said.turns_away(listed[0].start, listed[-1].end)
        for given in listed
    }


def _lettered(row: Row, text: str) -> Iterator[_Given]:
    labels = {option.label for option in row.question.options}
    for match in _ANSWER.finditer(text):
        for letter in (match["label"], *re.findall(r"\b[A-Z]\b", match["more"])):
            if letter in labels:
                yield _Given(match.start(), match.end(), letter)


def _named(row: Row, context: CheckContext, text: str) -> Iterator[_Given]:
    """Yield the options that are named; a name that two of them bear counts for none."""
    matcher = NameMatcher(
        (_unpunctuated(name), option.label)
        for option in row.question.options
        for name in (option.text, *context.names_of(option.concept))
    )
    for found in matcher.find(text):
        if len(found.keys) == 1 and not _label_only(text, found):
            yield _Given(found.start, found.end, found.keys[0])


def _lists(text: str, spoken_of: Sequence[_Given]) -> Iterator[list[_Given]]:
    """Put together what is told in one breath, as "B, C and D": it stays or goes together."""
    listed: list[_Given] = []
    joined = False
    for given in spoken_of:
        between = text[listed[-1].end : given.start] if listed else ""
        if listed and not _LISTED.fullmatch(between):
            yield from [listed] if joined else [[one] for one in listed]
            listed, joined = [], False
        listed.append(given)
        joined = joined or _LAST.search(between) is not None
    yield from [listed] if joined else [[one] for one in listed]


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
