"""Find names in running text, whole tokens only, in the many ways a name is spelled.

The same matcher links questions and guards the rows: a leak is a name found, an answer is a
name found, so "25" never holds "5" and "hypoglycaemia" never holds "glycaemia". Case,
hyphens, Greek letters, possessives, English plurals and invisible characters are folded.
A short name is a word of another kind in lower case (CAT, cat), so it keeps its case.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple


class Found(NamedTuple):
    """A stretch of text that spells a name, and whatever bears that name."""

    start: int
    end: int
    text: str
    keys: tuple[str, ...]


class Token(NamedTuple):
    """A piece of text as names are compared: folded, and folded but for its case."""

    start: int
    end: int
    folded: str
    cased: str
    glued: bool
    """No gap before it: the ``1`` of ``H1``. A name neither starts nor ends at such a seam."""


SHORT = 2
"""Names of up to this many characters match only in exact case."""
SHORT_CAPITALS = 4
"""Names all in capitals of up to this many characters do so too."""

_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta",
    "η": "eta", "θ": "theta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu",
    "ξ": "xi", "ο": "omicron", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau",
    "υ": "upsilon", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega",
}  # fmt: skip
_NAME_LENGTH = 80
_TEXT_LENGTH = 4_096
MOST_MARKS = 30
"""Marks that are folded with their base, as in Unicode's stream-safe format: putting a run of
marks into order takes the square of its length."""
_APOSTROPHES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'"})
_PLURAL_ES = ("ses", "xes", "zes", "ches", "shes")
_SILENT_E = ("se", "xe", "ze", "che", "she")
_HIDDEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\ufe00-\ufe0f]")


@lru_cache(maxsize=4096)
def invisible(character: str) -> bool:
    """Tell whether a character shows nothing: zero-width, bidirectional or control.

    >>> invisible(chr(0x200B)), invisible(" ")
    (True, False)
    """
    if character in "\t\n\r\v\f":
        return False
    return unicodedata.category(character) in ("Cc", "Cf") or bool(_HIDDEN.match(character))


def fold_plural(word: str) -> str:
    """Bring the singular and the plural of an English word to one form, not always a word.

    Only lower-case endings are folded, so that a cased AIDS stays AIDS.

    >>> fold_plural("diseases") == fold_plural("disease")
    True
    >>> fold_plural("diagnoses") == fold_plural("diagnosis")
    True
    >>> fold_plural("virus"), fold_plural("AIDS")
    ('virus', 'AIDS')
    """
    if len(word) < 4:
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sis", *_PLURAL_ES)):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    return word[:-1] if word.endswith(_SILENT_E) else word


class _Character(NamedTuple):
    start: int
    end: int
    shown: str
    """One normalised character, still in its case."""


def _characters(text: str) -> list[_Character]:
    """Normalise a base and its marks together, remembering where in the text they stood."""
    if text.isascii() and text.isprintable():
        return [_Character(at, at + 1, c) for at, c in enumerate(text)]
    out: list[_Character] = []
    at = 0
    while at < len(text):
        end = _cluster_end(text, at)
        cluster = "".join(c for c in text[at:end] if not invisible(c))
        shown = unicodedata.normalize("NFKC", cluster).translate(_APOSTROPHES)
        out.extend(_Character(at, end, c) for c in shown)
        at = end
    return out


def _cluster_end(text: str, at: int) -> int:
    """Find where a base and its marks end; whatever shows nothing goes with them."""
    marks = 0
    for end in range(at + 1, len(text)):
        if unicodedata.combining(text[end]):
            marks += 1
            if marks > MOST_MARKS:
                return end
        elif not invisible(text[end]):
            return end
    return len(text)


@lru_cache(maxsize=4096)
def _class(character: str) -> str:
    if character.isdecimal():
        return "digit"
    if character.isalpha():
        if character.casefold() in _GREEK:
            return "greek"
        written_without_spaces = "\u3040" <= character <= "\u9fff" or character >= "\U00020000"
        return "ideograph" if written_without_spaces else "letter"
    if unicodedata.combining(character):
        return "letter"
    joins = character.isspace() or character == "_" or unicodedata.category(character) == "Pd"
    return "gap" if joins or character == "\u2212" else "symbol"


def _run_end(characters: list[_Character], classes: list[str], at: int) -> int:
    """Find where the token that starts here ends."""
    kind = classes[at]
    end = at + 1
    if kind in ("symbol", "ideograph"):
        return end
    while end < len(classes):
        decimal = (
            kind == "digit"
            and characters[end].shown in ".,"
            and end + 1 < len(classes)
            and classes[end + 1] == "digit"
        )
        if classes[end] != kind and not decimal:
            break
        end += 1
    return end


def _possessive(characters: list[_Character], classes: list[str], at: int) -> int:
    """Return how many characters from here only mark a possessive: ``'s``, or ``'`` after s."""
    if characters[at].shown != "'" or not at or classes[at - 1] != "letter":
        return 0
    after = [c.shown for c in characters[at + 1 : at + 3]]
    if after and after[0] in "sS" and (len(after) < 2 or not after[1].isalnum()):
        return 2
    ends_word = not after or not after[0].isalnum()
    return 1 if ends_word and characters[at - 1].shown in "sS" else 0


def _forms(shown: str, kind: str) -> tuple[str, str]:
    # What is too long for a word is not worth remembering, and could fill the memory.
    return (_word_forms if len(shown) <= _NAME_LENGTH else _forms_of)(shown, kind)


def _forms_of(shown: str, kind: str) -> tuple[str, str]:
    if kind == "greek" and len(shown) == 1:
        name = _GREEK[shown.casefold()]
        return name, name
    if kind == "letter":
        return fold_plural(shown.casefold()), fold_plural(shown)
    return shown.casefold(), shown


_word_forms = lru_cache(maxsize=1 << 16)(_forms_of)


def tokens(text: str) -> Sequence[Token]:
    """Cut text into comparable tokens. Hyphens and spaces only separate; other signs count.

    >>> [t.folded for t in tokens("TNF\u03b1 in Crohn's diseases")]
    ['tnf', 'alpha', 'in', 'crohn', 'diseas']
    """
    if len(text) <= _NAME_LENGTH:
        return _tokens_of_name(text)
    return _tokens_of_text(text) if len(text) <= _TEXT_LENGTH else tuple(_tokens(text))


@lru_cache(maxsize=1 << 14)
def _tokens_of_name(text: str) -> tuple[Token, ...]:
    return tuple(_tokens(text))


@lru_cache(maxsize=64)
def _tokens_of_text(text: str) -> tuple[Token, ...]:
    # Several checks look at the same stem and the same steps, one soon after the other.
    return tuple(_tokens(text))


def _tokens(text: str) -> list[Token]:
    # A fast way for the common case; a property test holds the two to the same tokens.
    return _plain_tokens(text) if text.isascii() and text.isprintable() else _any_tokens(text)


_PLAIN = re.compile(
    r"(?P<letter>[A-Za-z]+)|(?P<digit>[0-9]+(?:[.,][0-9]+)*)|(?P<gap>[ _-]+)"
    r"|(?P<possessive>(?<=[A-Za-z])'[sS](?![A-Za-z0-9])|(?<=[sS])'(?![A-Za-z0-9]))|(?P<symbol>.)"
)


def _plain_tokens(text: str) -> list[Token]:
    out: list[Token] = []
    joined = False
    for found in _PLAIN.finditer(text):
        kind = found.lastgroup or ""
        word = kind in ("letter", "digit")
        if word or kind == "symbol":
            folded, cased = _forms(found[0], kind)
            out.append(Token(found.start(), found.end(), folded, cased, joined and word))
        joined = word
    return out


def _any_tokens(text: str) -> list[Token]:
    characters = _characters(text)
    classes = [_class(c.shown) for c in characters]
    out: list[Token] = []
    at = 0
    joined = False
    while at < len(characters):
        skip = _possessive(characters, classes, at)
        if skip or classes[at] == "gap":
            at += skip or 1
            joined = False
            continue
        end = _run_end(characters, classes, at)
        folded, cased = _forms("".join(c.shown for c in characters[at:end]), classes[at])
        word = classes[at] not in ("symbol", "ideograph")
        out.append(
            Token(characters[at].start, characters[end - 1].end, folded, cased, joined and word)
        )
        joined = word
        at = end
    return out


def keeps_case(name: str) -> bool:
    """Tell whether a name is so short that only its exact case counts.

    >>> keeps_case("ACE"), keeps_case("flu"), keeps_case("K")
    (True, False, True)
    """
    bare = "".join(c for c in name.strip() if not invisible(c))
    return len(bare) <= SHORT or (len(bare) <= SHORT_CAPITALS and bare.isupper())


class _Name(NamedTuple):
    """A name as it is looked for."""

    folded: tuple[str, ...]
    cased: tuple[str, ...] | None
    """None when it counts in any case."""


def _as_looked_for(name: str) -> _Name:
    # Two rows often hold the same concepts.
    return (_short_name if len(name) <= _NAME_LENGTH else _name)(name)


def _name(name: str) -> _Name:
    spelled = tokens(name)
    cased = tuple(t.cased for t in spelled) if keeps_case(name) else None
    return _Name(tuple(t.folded for t in spelled), cased)


_short_name = lru_cache(maxsize=1 << 14)(_name)


class _Node:
    """A place in the trie: what may follow, and the names that end here."""

    __slots__ = ("any_case", "following", "in_case")

    def __init__(self) -> None:
        # A matcher of a row's names lives a moment: nothing is made before it is needed.
        self.following: dict[str, _Node] = {}
        self.any_case: dict[str, None] | None = None
        self.in_case: dict[tuple[str, ...], dict[str, None]] | None = None


class NameMatcher:
    """A dictionary of names, held as a trie of tokens.

    >>> matcher = NameMatcher([("beta blocker", "C:1"), ("ACE", "C:2")])
    >>> [found.text for found in matcher.find("\u03b2-Blockers, unlike ACE, ace the test")]
    ['β-Blockers', 'ACE']
    """

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        self._root = _Node()
        for text, key in names:
            self._add(text, key)

    def _add(self, name: str, key: str) -> None:
        folded, cased = _as_looked_for(name)
        if not folded:
            return
        node = self._root
        for token in folded:
            below = node.following.get(token)
            if below is None:
                below = node.following[token] = _Node()
            node = below
        if cased is None:
            node.any_case = node.any_case or {}
            node.any_case[key] = None
        else:
            node.in_case = node.in_case or {}
            node.in_case.setdefault(cased, {})[key] = None

    def find(self, text: str) -> list[Found]:
        """Return the longest names, left to right, none overlapping another."""
        spelled = tokens(text)
        out: list[Found] = []
        starts = self._root.following
        at = 0
        while at < len(spelled):
            longest = None
            if spelled[at].folded in starts:
                for end, keys in self._from(spelled, at):
                    longest = (end, keys)
            if longest is None:
                at += 1
                continue
            out.append(_found(text, spelled, at, *longest))
            at = longest[0]
        return out

    def find_all(self, text: str) -> list[Found]:
        """Return every name that the text spells, names within names too."""
        spelled = tokens(text)
        return [
            _found(text, spelled, at, end, keys)
            for at in range(len(spelled))
            for end, keys in self._from(spelled, at)
        ]

    def _from(self, spelled: Sequence[Token], at: int) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Yield the end and the bearers of each name that starts here, shortest first."""
        if spelled[at].glued:
            return
        node: _Node | None = self._root
        for end in range(at + 1, len(spelled) + 1):
            node = node.following.get(spelled[end - 1].folded) if node else None
            if node is None:
                return
            if end < len(spelled) and spelled[end].glued:
                continue
            keys = set(node.any_case or ())
            if node.in_case:
                keys.update(node.in_case.get(tuple(t.cased for t in spelled[at:end]), ()))
            if keys:
                yield end, tuple(sorted(keys))


def _found(text: str, spelled: Sequence[Token], at: int, end: int, keys: tuple[str, ...]) -> Found:
    start, stop = spelled[at].start, spelled[end - 1].end
    return Found(start, stop, text[start:stop], keys)
