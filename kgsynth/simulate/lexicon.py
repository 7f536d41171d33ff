"""Invented names laid out as tables, so that millions of them are put together in columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kgsynth.simulate.semantic import GENERIC, GROUPS
from kgsynth.simulate.shape import Bits, field
from kgsynth.simulate.text import Bytes, Codes, Pick, Piece, table_of
from kgsynth.simulate.words import LANGUAGES, adjectives, foreign_nouns, nouns

_TONGUES = tuple(LANGUAGES)
ENGLISH = _TONGUES.index("ENG")
_NOUN_BITS = 12
_ADJECTIVE_BITS = 11
_TAIL_BITS = 8
_NOUNS = 1 << _NOUN_BITS
_ADJECTIVES = 1 << _ADJECTIVE_BITS
_TAILS = 1 << _TAIL_BITS

_SPELLINGS = ("", "s", " NOS", ", unspecified", " (concept)", " - term", ", NEC", " [obsolete]")
_SPELLINGS_ABROAD = ("", *(f" [{number}]" for number in range(1, 8)))
_WHOLE_BODY = frozenset({"DISO", "PROC", "PHYS", "ANAT", "PHEN"})
_FORMS = ("Oral Tablet", "Oral Capsule", "Injectable Solution", "Topical Cream", "Extract")
_STAGES = (", type {}", " stage {}", ", grade {}", " group {}")
_FOLLOWS = np.array([sounds.follows for sounds in LANGUAGES.values()])


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words by language and semantic group."""

    before: Bytes
    """Adjectives with a space after them; the first entry is empty."""
    nouns: Bytes
    """By group in English, then by language, then the generic names."""
    tails: Bytes
    """What follows an English noun: for parts of the body, for chemicals, for the rest."""
    after: Bytes
    """Adjectives that follow: ``, chronic`` and `` crónica``; the first entry is empty."""
    spellings: Bytes
    tail_kind: Codes
    generic_count: int = len(GENERIC)

    def name(
        self, *, language: Codes, group: Codes, variant: Codes, generic: Codes, bits: Bits
    ) -> list[Piece]:
        """Put names together; ``generic`` is the place of a hub's plain name, or -1."""
        english = language == ENGLISH
        plain = generic >= 0
        first = 1 + language * np.int64(_ADJECTIVES) + field(bits, 0, _ADJECTIVE_BITS)
        second = 1 + language * np.int64(_ADJECTIVES) + field(bits, 11, _ADJECTIVE_BITS)
        style = field(bits, 22, 4)
        style[plain | (english & (group == GROUPS.index("GENE")))] = 0
        has_first, has_second = style >= 4, english & (style >= 12)
        inverted = english & has_first & (variant == 1)
        behind = inverted | (_FOLLOWS[language] & has_first)
        # A noun by itself would name thousands of concepts; one in a hundred names is one.
        bare = plain | ~english | (field(bits, 47, 3) == 0)
        has_tail = ~bare & (~has_first | (field(bits, 26, 1) == 1))
        tail = np.where(has_tail, self._tail(group, bits), 0)
        # An inverted name has its adjective behind already and needs no other mark.
        mark = np.where(inverted, 0, np.minimum(variant, len(_SPELLINGS) - 1))
        mark = mark + np.where(english, 0, len(_SPELLINGS))
        return [
            Pick(self.before, np.where(has_second, second, 0)),
            Pick(self.before, np.where(has_first & ~behind, first, 0)),
            Pick(self.nouns, self._noun(language, group, generic, bits)),
            Pick(self.tails, tail),
            Pick(self.after, np.where(behind, first, 0)),
            Pick(self.spellings, mark),
        ]

    def definition(self, group: Codes, bits: Bits) -> list[Piece]:
        """Put sentences together."""
        english = np.full(len(bits), ENGLISH)
        plain = np.full(len(bits), -1)
        one, other = (
            1 + ENGLISH * _ADJECTIVES + field(bits, first, _ADJECTIVE_BITS) for first in (0, 11)
        )
        anatomy = np.full(len(bits), GROUPS.index("ANAT"))
        return [
            b"An entity of the ",
            Pick(self.before, one),
            b"kind, close to ",
            Pick(self.nouns, self._noun(english, group, plain, bits)),
            b" and found in the ",
            Pick(self.before, other),
            Pick(self.nouns, self._noun(english, anatomy, plain, bits >> np.uint64(12))),
            b".",
        ]

    def _tail(self, group: Codes, bits: Bits) -> Codes:
        return self.tail_kind[group] * np.int64(_TAILS) + field(bits, 27, _TAIL_BITS)

    def _noun(self, language: Codes, group: Codes, generic: Codes, bits: Bits) -> Codes:
        table = np.where(language == ENGLISH, group, len(GROUPS) + language.astype(np.int64))
        word = table * np.int64(_NOUNS) + field(bits, 35, _NOUN_BITS)
        first_generic = (len(GROUPS) + len(_TONGUES)) * _NOUNS
        return np.where(generic >= 0, first_generic + generic, word)


def make_lexicon(seed: int) -> Lexicon:
    """Invent the words."""
    english = {group: nouns(seed, group, _NOUNS) for group in GROUPS}
    abroad = [word for tongue in _TONGUES for word in foreign_nouns(seed, tongue, _NOUNS)]
    describing = [(tongue, adjectives(seed, tongue, _ADJECTIVES)) for tongue in _TONGUES]
    before = [f"{word} " if word else "" for _, words in describing for word in words]
    after = [
        (f", {word}" if tongue == "ENG" else f" {word}") if word else ""
        for tongue, words in describing
        for word in words
    ]
    return Lexicon(
        before=table_of(["", *before]),
        nouns=table_of(
            [word for group in GROUPS for word in english[group]]
            + abroad
            + [name for _, name in GENERIC]
        ),
        tails=table_of(_tails(english["ANAT"], english["CHEM"])),
        after=table_of(["", *after]),
        spellings=table_of([*_SPELLINGS, *_SPELLINGS_ABROAD]),
        tail_kind=np.array(
            [0 if group in _WHOLE_BODY else 1 if group == "CHEM" else 2 for group in GROUPS]
        ),
    )


def _tails(anatomy: list[str], chemicals: list[str]) -> list[str]:
    """Return what follows a noun, three kinds of it; each kind begins with nothing at all."""
    stages = [form.format(number) for form in _STAGES for number in range(1, 9)]
    body = [f" of {word}" for word in anatomy] + [f" due to {word}" for word in chemicals]
    doses = [f" {strength} MG {form}" for strength in range(5, 505, 5) for form in _FORMS]
    rest = [
        f"{ending} {number}" for ending in (", class", " no.", ", level") for number in range(99)
    ]
    kinds = ([*stages, *body], [" hydrochloride", " sodium", *doses], rest)
    return [word for kind in kinds for word in ["", *kind][:_TAILS]]
