"""Invented words that sound like medicine, in ten languages; not one is meant to exist."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from kgsynth.seeding import stream


class Sounds(NamedTuple):
    """What a language's words are made of."""

    onsets: tuple[str, ...]
    vowels: tuple[str, ...]
    nouns: tuple[str, ...]
    """Endings of nouns."""
    adjectives: tuple[str, ...]
    """Endings of adjectives; none where the language takes none here."""
    follows: bool = False
    """The adjective stands after the noun."""
    capital: bool = False


def _parted(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_LATIN = _parted("b br c cl d dr f g gl h l m n p pr r s sc t th tr v z")
_VOWELS = _parted("a e i o u")
_CYRILLIC = _parted("б бр в г д др ж з к кл л м н п пр р с т тр ф")
_KANA = _parted("ア イ ウ エ オ カ キ コ サ シ ス タ テ ト ナ ニ ネ ハ ヘ マ ミ モ ラ リ ロ")

GROUPS: dict[str, tuple[str, ...]] = {
    "ACTI": ("ing", "ment", "age"),
    "ANAT": ("um", "us", "ar duct", "al gland", "al plexus", "oid bone"),
    "CHEM": ("ine", "ol", "azole", "amide", "ate", "umab", "oxin", "ase", "icin"),
    "CONC": ("icity", "ness", "ity", "al scale"),
    "DEVI": ("ometer", "ograph", "al catheter", "ator", "oscope"),
    "DISO": ("itis", "osis", "emia", "oma", "opathy", "algia", "iasis", "al fever"),
    "GENE": ("A1", "B", "C3", "D2", "L", "R1", "P7", "X"),
    "GEOG": ("ia", "land", "burg", " Bay"),
    "LIVB": ("us minor", "ium", "ella", "a vulgaris", "ococcus", "is magna"),
    "OBJC": ("ite", "on", "al tool"),
    "OCCU": ("ology", "iatrics", "ologist"),
    "ORGA": (" Institute", " Society", " Hospital"),
    "PHEN": ("escence", "otropism", "ance", "al count"),
    "PHYS": ("ation", "ogenesis", "okinesis", "olysis", "al reflex"),
    "PROC": ("ectomy", "ography", "oscopy", "oplasty", "otomy", "ometry"),
}
"""Endings of English nouns by semantic group."""
CAPITAL = frozenset({"GEOG", "LIVB", "ORGA"})
UPPER = frozenset({"GENE"})

ENGLISH = Sounds(
    _LATIN,
    _VOWELS,
    GROUPS["DISO"],
    ("ic", "al", "ous", "ary", "oid", "ive"),
)
LANGUAGES: dict[str, Sounds] = {
    "CZE": Sounds(_LATIN, _VOWELS, ("itida", "óza", "émie", "om"), ("ická", "ální", "ová")),
    "DUT": Sounds(_LATIN, _VOWELS, ("itis", "ose", "emie", "oom", "ziekte"), ("ische", "ale")),
    "ENG": ENGLISH,
    "FRE": Sounds(
        _LATIN,
        _VOWELS,
        ("ite", "ose", "émie", "ome", "opathie", "ectomie"),
        ("ique", "ale", "euse", "aire"),
        follows=True,
    ),
    "GER": Sounds(
        _LATIN,
        (*_VOWELS, "ä", "ü"),
        ("itis", "ose", "ämie", "om", "störung", "krankheit"),
        ("ische", "ale", "öse"),
        capital=True,
    ),
    "ITA": Sounds(
        _LATIN, _VOWELS, ("ite", "osi", "emia", "oma", "opatia"), ("ica", "ale", "osa"), True
    ),
    "JPN": Sounds(_KANA, ("",), ("病", "症", "炎", "腫瘍", "検査"), ()),
    "POR": Sounds(
        _LATIN, _VOWELS, ("ite", "ose", "emia", "oma", "ação"), ("ica", "al", "osa"), True
    ),
    "RUS": Sounds(
        _CYRILLIC,
        _parted("а е и о у"),
        ("ит", "оз", "емия", "ома", "опатия"),
        ("ический", "альный", "озный"),
    ),
    "SPA": Sounds(
        _LATIN,
        _VOWELS,
        ("itis", "osis", "emia", "oma", "opatía", "ación"),
        ("ica", "al", "osa", "aria"),
        True,
    ),
}
"""In the order of their codes, as files are sorted."""


def nouns(seed: int, group: str, count: int) -> list[str]:
    """Invent English nouns that suit a semantic group."""
    random = stream(seed, "simulate", "nouns", group)
    sounds = ENGLISH._replace(nouns=GROUPS[group], capital=group in CAPITAL)
    words = _distinct(random, sounds, sounds.nouns, count)
    return [word.upper() for word in words] if group in UPPER else words


def foreign_nouns(seed: int, language: str, count: int) -> list[str]:
    """Invent nouns of a language."""
    sounds = LANGUAGES[language]
    return _distinct(stream(seed, "simulate", "nouns", language), sounds, sounds.nouns, count)


def adjectives(seed: int, language: str, count: int) -> list[str]:
    """Invent adjectives of a language: empty ones where it takes none."""
    sounds = LANGUAGES[language]._replace(capital=False)
    if not sounds.adjectives:
        return [""] * count
    random = stream(seed, "simulate", "adjectives", language)
    return _distinct(random, sounds, sounds.adjectives, count)


def _distinct(random: Random, sounds: Sounds, endings: tuple[str, ...], count: int) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < count:
        word = _word(random.getrandbits(64), sounds, endings)
        found.setdefault(word[0].upper() + word[1:] if sounds.capital else word)
    return list(found)


def _word(bits: int, sounds: Sounds, endings: tuple[str, ...]) -> str:
    """Put two or three syllables and an ending together; before it stands a consonant."""
    bits, three = divmod(bits, 3)
    syllables = []
    for _ in range(2 + (three == 0)):
        bits, onset = divmod(bits, len(sounds.onsets))
        bits, vowel = divmod(bits, len(sounds.vowels))
        syllables.append(sounds.onsets[onset] + sounds.vowels[vowel])
    bits, last = divmod(bits, len(sounds.onsets))
    return "".join(syllables) + sounds.onsets[last] + endings[bits % len(endings)]
