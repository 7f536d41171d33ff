"""Link a question: which concepts its stem and its options name, and which of them it denies."""

from __future__ import annotations

import re

from kgsynth.linking.matching import NameMatcher
from kgsynth.model import LinkedQuestion, Mention, Question

_CUES = {
    "en": r"\b(?:denies|denied|denying|no|negative for|absence of)\b",
    "es": r"\b(?:niega|negaba|no|negativo para|negativa para|ausencia de)\b",
}
_SHORT_CUES = {"en": "without", "es": "sin"}
"""Words that deny what follows at once: "sold without prescription" denies nothing after that."""
_SHORT_REACH = r"(?:[ -]+[^\s,]+){0,2}\s*$"
_CLAUSE_ENDS = {
    "en": r"[.;:!?](?=\s|$)|\b(?:but|however|although|though|except|who|which|presents|presented|"
    r"reports|takes|taking|shows|reveals|is|was|are|were|has|had)\b",
    "es": r"[.;:!?](?=\s|$)|\b(?:pero|aunque|salvo|excepto|que|presenta|refiere|toma|muestra|es|"
    r"está|son|tiene)\b",
}
"""Where the reach of a denial stops. A comma does not stop it: "denies fever, cough, pain"."""


def link_question(question: Question, matcher: NameMatcher) -> LinkedQuestion:
    """Find every concept that the stem and the options name.

    A name that several concepts bear yields a mention of each, which share the score of 1.
    An option whose whole text is a name is linked to that name, never to a shorter one in it.
    """
    fields = [("stem", question.stem)]
    fields += [(f"option:{option.label}", option.text) for option in question.options]
    mentions = [
        mention
        for field, text in fields
        for mention in _mentions(text, field, question.language, matcher)
    ]
    return LinkedQuestion(id=question.id, question=question, mentions=tuple(mentions))


def _mentions(text: str, field: str, language: str, matcher: NameMatcher) -> list[Mention]:
    return [
        Mention(
            text=found.text,
            start=found.start,
            end=found.end,
            field=field,
            id=key,
            score=1 / len(found.keys),
            negated=_denied(text[: found.start], language),
        )
        for found in matcher.find(text)
        for key in found.keys
    ]


def _denied(before: str, language: str) -> bool:
    """Tell whether the clause that runs up to a mention denies it."""
    if language not in _CUES:
        return False
    ends = [m.end() for m in re.finditer(_CLAUSE_ENDS[language], before, re.IGNORECASE)]
    clause = before[ends[-1] :] if ends else before
    short = rf"\b{_SHORT_CUES[language]}\b{_SHORT_REACH}"
    return any(re.search(cue, clause, re.IGNORECASE) for cue in (_CUES[language], short))
