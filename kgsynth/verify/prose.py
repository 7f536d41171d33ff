"""Tell a step in free prose that contradicts its statements from one that only words them freely.

`kgsynth.verify.reading` passes what it reads word for word and leaves the rest unread. What is left
is looked at here, for faults alone: a cue such as "treated with" says which relation is meant and
which place the next name has. A step that denies its statement, turns it round, or says a relation
that rules it out is false; where the cues say nothing, so does this. Nothing is ever passed here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import yaml

from kgsynth.linking.matching import NameMatcher
from kgsynth.model import Concept, Statement
from kgsynth.resources import locate
from kgsynth.verify.limits import LONGEST_STEP

_FIRST = 0xE000
"""Names stand in a text as private characters, from here on."""
_MARKS = f"[{chr(_FIRST)}-{chr(_FIRST + 0xFF)}]"
_BETWEEN = rf"[^\w{chr(_FIRST)}-{chr(_FIRST + 0xFF)}]+"
_SENTENCE = re.compile(r"(?<=[.;:!?])\s+|\s+[\u2013\u2014]\s+")
_START = 2
_REACH = 7
"""Words before a cue among which a denial is looked for."""
_NEGATIVE = frozenset({"contraindicated_in", "inactive_against", "excludes"})


class Cue(NamedTuple):
    """Words that say a relation, and the place of the name that comes next."""

    says: frozenset[str]
    """Relations that it may mean, with the name after it in this place."""
    rules_out: frozenset[str]
    """Relations that none of its meanings is compatible with."""
    turned: frozenset[str]
    """Relations that it may mean with the name after it in the other place."""
    subject: bool
    """The next name is the subject."""


class _Cues(NamedTuple):
    """What one language's cues are."""

    by_start: Mapping[str, Sequence[tuple[re.Pattern[str], Cue]]]
    """By the first letters of their first word, the longest phrases first."""
    denials: re.Pattern[str]
    allowed: re.Pattern[str]
    against: re.Pattern[str]
    harmless: re.Pattern[str]
    former: re.Pattern[str]
    latter: re.Pattern[str]
    nouns: Mapping[str, re.Pattern[str]]


# --- the cues ------------------------------------------------------------------------------------


def _pattern(phrase: str) -> str:
    """Write a phrase as a pattern: words as they begin, ``=`` at the end of one, ``~`` for a gap.

    >>> bool(re.search(_pattern("treat ~ with="), "was treated quite early with"))
    True
    """
    out, gap = "", ""
    for word in phrase.split():
        if word == "~":
            gap = rf"(?:{_BETWEEN}\w+){{0,3}}?"
            continue
        whole = word.endswith("=") or len(word) <= 4
        spelled = re.escape(word.rstrip("=")) + (r"\b" if whole and word[-1] != "'" else r"[\w-]*")
        start = "" if word == "n't" else r"\b"
        out += (gap + _BETWEEN if out else "") + start + spelled
        gap = ""
    return out


def _any(phrases: Iterable[str]) -> re.Pattern[str]:
    ordered = sorted(phrases, key=len, reverse=True)
    return re.compile("|".join(map(_pattern, ordered)) or r"(?!)")


@cache
def _held() -> dict[str, Any]:
    held: dict[str, Any] = yaml.safe_load(locate("ontologies/cues.yaml").read_text("utf-8"))
    return held


@cache
def _cues(language: str) -> _Cues | None:
    """Read the cues of a language; None for one that has none."""
    held = _held()
    if language not in held["denials"]:
        return None
    senses: dict[tuple[str, bool], list[Mapping[str, Any]]] = {}
    for sense in held["senses"].values():
        for place in ("subject", "object"):
            for phrase in sense[language][place]:
                senses.setdefault((phrase, place == "subject"), []).append(sense)
    by_start: dict[str, list[tuple[re.Pattern[str], Cue]]] = {}
    for phrase, subject in sorted(senses, key=lambda key: (-len(key[0]), key)):
        held_here = by_start.setdefault(phrase[:_START], [])
        held_here.append((re.compile(_pattern(phrase)), _cue(phrase, subject, senses)))
    return _Cues(
        by_start=by_start,
        denials=_any(held["denials"][language]),
        allowed=_any(held["allowed"][language]),
        against=_any(held["against"][language]),
        harmless=_any(held["harmless"][language]),
        former=_any(held["the_former"][language]),
        latter=_any(held["the_latter"][language]),
        nouns={name: _any(by[language]) for name, by in held["nouns"].items()},
    )


def _cue(
    phrase: str, subject: bool, senses: Mapping[tuple[str, bool], list[Mapping[str, Any]]]
) -> Cue:
    own, other = senses[phrase, subject], senses.get((phrase, not subject), [])
    says = frozenset(relation for sense in own for relation in sense["is"])
    turned = frozenset(relation for sense in other for relation in sense["is"])
    ruled = [frozenset(sense["not"]) for sense in (*own, *other)]
    return Cue(says, frozenset.intersection(*ruled) - says - turned, turned, subject)


def aligned(said: str, cited: str) -> bool:
    """Tell whether two relations say the same of a subject and an object, or nearly so.

    >>> aligned("leads_to", "causes"), aligned("inhibits", "activates")
    (True, False)
    """
    senses = _held()["senses"].values()
    same = said == cited or any({said, cited} <= set(sense["is"]) for sense in senses)
    return same and not opposed(said, cited)


def opposed(said: str, cited: str) -> bool:
    """Tell whether one relation rules another out between the same two concepts.

    >>> opposed("inhibits", "activates"), opposed("causes", "leads_to")
    (True, False)
    """
    senses = _held()["senses"].values()
    return any(
        one in sense["is"] and other in sense["not"]
        for one, other in ((said, cited), (cited, said))
        for sense in senses
    )


def denies_nothing(text: str, language: str) -> bool:
    """Tell whether a text has a denial that denies nothing: not only, but for."""
    cues = _cues(language)
    return cues is not None and cues.allowed.search(text.casefold()) is not None


def has_denial(text: str, language: str) -> bool:
    """Tell whether a text denies anything at all."""
    cues = _cues(language)
    return cues is not None and cues.denials.search(text.casefold()) is not None


# --- the text ------------------------------------------------------------------------------------


class _Text:
    """A step with its names as marks."""

    def __init__(
        self,
        text: str,
        names: NameMatcher,
        ends: Sequence[str],
        concepts: Mapping[str, Concept],
        cues: _Cues,
    ) -> None:
        shown, at = "", 0
        for found in names.find(text):
            known = [ends.index(key) for key in found.keys if key in ends]
            mark = chr(_FIRST + known[0]) if known else "\u25cb"
            shown += text[at : found.start].casefold() + f" {mark} "
            at = found.end
        shown += text[at:].casefold().replace("\u2019", "'")
        self.sentences = _SENTENCE.split(_taken_up(shown, ends, concepts, cues))


def _taken_up(shown: str, ends: Sequence[str], concepts: Mapping[str, Concept], cues: _Cues) -> str:
    """Put the marks in where a name is taken up again: the former, the latter, the drug."""
    marks = list(dict.fromkeys(re.findall(_MARKS, shown)))[:2]
    for pattern, mark in zip((cues.former, cues.latter), marks, strict=False):
        shown = pattern.sub(f" {mark} ", shown)
    for kind, pattern in cues.nouns.items():
        of_kind = [
            chr(_FIRST + at)
            for at, end in enumerate(ends)
            if end in concepts and kind in concepts[end].types
        ]
        if len(of_kind) == 1:
            # Not where its name stands right behind: "the drug allopurinol".
            shown = re.sub(rf"(?:{pattern.pattern})(?!\s*{_MARKS})", f" {of_kind[0]} ", shown)
    return shown


# --- what it says --------------------------------------------------------------------------------


def contradictions(
    text: str,
    cited: Sequence[Statement],
    names: NameMatcher,
    concepts: Mapping[str, Concept],
    symmetric: frozenset[str],
    language: str,
) -> Iterator[str]:
    """Say what in a text cannot be true together with the statements that it cites."""
    cues = _cues(language)
    if cues is None or not cited or len(text) > LONGEST_STEP:
        return
    ends = list(dict.fromkeys(end for s in cited for end in (s.subject, s.object)))
    said = _Text(text, names, ends, concepts, cues)
    positive = [s for s in cited if s.predicate not in _NEGATIVE]
    for statement in cited:
        if statement.predicate in _NEGATIVE and _is_affirmed(statement, ends, said, cues):
            yield f"does not say that {statement.subject} {statement.predicate} {statement.object}"
    for sentence in said.sentences:
        yield from _in_sentence(sentence, positive, ends, symmetric, cues)


def _is_affirmed(statement: Statement, ends: Sequence[str], said: _Text, cues: _Cues) -> bool:
    """Tell whether a text says nothing against what a negative statement speaks of."""
    marks = {chr(_FIRST + ends.index(end)) for end in (statement.subject, statement.object)}
    held = [s for s in said.sentences if marks & set(s)]
    if not marks <= set("".join(held)):
        return False
    whole = " ".join(held)
    if cues.harmless.search(whole):
        return True
    plain = re.sub(r"\b(?:without|sin)\b", " ", cues.allowed.sub(" ", whole))
    return not (cues.against.search(plain) or cues.denials.search(plain))


def _in_sentence(
    sentence: str,
    cited: Sequence[Statement],
    ends: Sequence[str],
    symmetric: frozenset[str],
    cues: _Cues,
) -> Iterator[str]:
    found = list(_found(sentence, cues))
    for number, (match, cue) in enumerate(found):
        behind = found[number + 1][0].start() if number + 1 < len(found) else len(sentence)
        around = _around(sentence, match, behind)
        if around is None:
            continue
        before, after = (mark and ends[ord(mark) - _FIRST] for mark in around)
        told = _told(cue, after or "", before, cited, symmetric)
        denied = _denied(sentence, match, behind, cues)
        shown = _shown(match[0])
        if told == "agrees" and denied == 1:
            yield f"denies what it cites: {shown!r}"
        elif told in ("turned", "ruled out") and not denied:
            what = "turns round what it cites" if told == "turned" else "says another relation"
            yield f"{what}: {shown!r}"


def _found(sentence: str, cues: _Cues) -> Iterator[tuple[re.Match[str], Cue]]:
    """Yield the cues of a sentence, none overlapping another."""
    end = 0
    for word in re.finditer(r"\b\w+", sentence):
        if word.start() < end:
            continue
        for pattern, cue in cues.by_start.get(word[0][:_START], ()):
            match = pattern.match(sentence, word.start())
            if match:
                end = match.end()
                yield match, cue
                break


def _around(sentence: str, match: re.Match[str], behind: int) -> tuple[str | None, str] | None:
    """Return the names before and after a cue; what "it" stands for is the last one it can be."""
    before = re.findall(_MARKS, sentence[: match.start()])
    after = re.search(_MARKS, sentence[match.end() : behind])
    if after is not None:
        return (before[-1] if before else None), after[0]
    taken_up = re.match(r"(?:\W+\w+)?\W+(?:it|them)\b", sentence[match.end() : behind])
    if taken_up is None or len(before) < 2:
        return None
    own = re.split(_MARKS, sentence[: match.start()])[-1]
    joined = re.search(r"\b(?:and|then|which|that|but)\b|,", own)
    return (before[-2], before[-1]) if joined else (before[-1], before[-2])


def _told(
    cue: Cue,
    after: str,
    before: str | None,
    cited: Sequence[Statement],
    symmetric: frozenset[str],
) -> str:
    """Compare a cue and the names around it with what is cited."""
    joined = [s for s in cited if before != after and {before, after} == {s.subject, s.object}]
    about = joined or [s for s in cited if after in (s.subject, s.object)]
    placed = [(s, s.predicate in symmetric or (s.subject == after) == cue.subject) for s in about]
    if any(s.predicate in (cue.says if right else cue.turned) for s, right in placed):
        return "agrees"
    if any(s.predicate in cue.says for s, right in placed if not right):
        return "turned"
    if about and all(s.predicate in cue.rules_out for s in about):
        return "ruled out"
    return ""


def _denied(sentence: str, match: re.Match[str], behind: int, cues: _Cues) -> int:
    """Count the denials that bear on a cue, between the names around it."""
    before = re.split(_MARKS, sentence[: match.start()])[-1]
    window = " ".join(before.split()[-_REACH:])
    rest = re.split(_MARKS, sentence[match.end() : behind])[0]
    near = f"{window} {match[0]} {rest}"
    return len(cues.denials.findall(cues.allowed.sub(" ", near)))


def _shown(cue: str) -> str:
    return " ".join(re.sub(_MARKS, " ", cue).split())
