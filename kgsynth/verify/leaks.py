"""Find a hidden name in a text, however it is turned: by the rows' checks, and by them alone.

`kgsynth.linking.matching` finds names as they are spelled. A leak need not be spelled so: "the
infarction of the myocardium" gives a myocardial infarction away, and so do "betablockers". What is
found here is never a mention; it is only a reason not to show a text.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from kgsynth.linking.matching import NameMatcher, keeps_case, tokens

_LINKS = frozenset(("of", "to", "on", "in", "the", "a", "an")) | frozenset(
    ("de", "del", "al", "en", "la", "el", "los", "las", "un", "una")
)
"""Words that may stand between those of a name that is turned round."""
_SHORTEST, _SHORTEST_JOINED, _SHORTEST_ROOT = 4, 7, 6
"""Letters of a word that is compared by its stem, of words that are written as one, and of a root
that two words of a name may share: myocardial, myocardium."""
_MOST_WORDS, _BEGINNING = 6, 3


class Leak(NamedTuple):
    """Where a text gives something away, and what."""

    text: str
    key: str


class _Spelled(NamedTuple):
    """A word of a text or a name."""

    bare: str
    """Without accents, and American."""
    stem: str
    start: int
    end: int


class LeakFinder:
    """Looks for some names, each with a key of what bears it.

    >>> finder = LeakFinder([("myocardial infarction", "C:1"), ("beta blocker", "C:2")])
    >>> finder.find("An infarction of the myocardium is treated with a betablocker.")
    Leak(text='infarction of the myocardium', key='C:1')
    >>> finder.find("The infarction spared the beta cells.") is None
    True
    """

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        given = list(dict.fromkeys(names))
        self._as_spelled = NameMatcher(given)
        self._joined: dict[str, str] = {}
        self._begins: set[str] = set()
        self._words: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for name, key in given:
            self._add(name, key)

    def _add(self, name: str, key: str) -> None:
        spelled = _words(name)
        words = tuple(word.stem for word in spelled if word.bare not in _LINKS)
        whole = _as_one(spelled)
        if keeps_case(name) or len(whole) < _SHORTEST or len(words) > _MOST_WORDS:
            return
        if len(whole) >= _SHORTEST_JOINED:
            self._joined.setdefault(whole, key)
            self._begins.add(whole[:_BEGINNING])
        self._words.setdefault(words[0][:_SHORTEST], []).append((words, key))

    def find(self, text: str) -> Leak | None:
        """Return the first name that a text gives away, as it is spelled or turned."""
        found = self._as_spelled.find(text)
        if found:
            return Leak(found[0].text, found[0].keys[0])
        words = _words(text)
        for at in range(len(words)):
            leak = self._turned(text, words, at) or self._written_as_one(text, words, at)
            if leak:
                return leak
        return None

    def _turned(self, text: str, words: Sequence[_Spelled], at: int) -> Leak | None:
        """Find a name one of whose words stands here, and its others before and after."""
        for name, key in self._words.get(words[at].stem[:_SHORTEST], ()):
            if not _alike(name[0], words[at].stem, len(name)):
                continue
            first, last = _around(words, at, name)
            shown = text[words[first].start : words[last].end] if last >= 0 else ""
            if shown and not _STOPS.search(shown):
                return Leak(shown, key)
        return None

    def _written_as_one(self, text: str, words: Sequence[_Spelled], at: int) -> Leak | None:
        """Find a name that is written in other pieces than its own."""
        begins = words[at].bare[:_BEGINNING]
        if len(begins) == _BEGINNING and begins not in self._begins:
            return None
        for last in range(at, min(at + _MOST_WORDS, len(words))):
            if last > at and not _GAP.fullmatch(text, words[last - 1].end, words[last].start):
                return None
            whole = _as_one(words[at : last + 1])
            if whole in self._joined:
                return Leak(text[words[at].start : words[last].end], self._joined[whole])
        return None


def _as_one(words: Sequence[_Spelled]) -> str:
    """Write words as one; only the last has an ending."""
    return "".join([*(word.bare for word in words[:-1]), *(word.stem for word in words[-1:])])


def _around(words: Sequence[_Spelled], at: int, name: tuple[str, ...]) -> tuple[int, int]:
    """Return the first and last place of a name of which a word stands here; -1 where it is not.

    Between its words may stand "of the" and the like, and nothing else.
    """
    left = Counter(name)
    del left[name[0]]
    first = last = at
    for step, reach in ((1, range(at + 1, len(words))), (-1, range(at - 1, -1, -1))):
        for place in reach:
            wanted = next((w for w in left if _alike(w, words[place].stem, len(name))), None)
            if wanted is not None:
                del left[wanted]
                first, last = (first, place) if step > 0 else (place, last)
            elif words[place].bare not in _LINKS:
                break
    return (first, last) if not left else (first, -1)


def _alike(wanted: str, said: str, words: int) -> bool:
    """Tell whether a word is one of a name: the same stem, or in a longer name the same root."""
    if wanted == said:
        return True
    if words < 2 or not (wanted.isalpha() and said.isalpha()):
        return False
    root = min(len(wanted), len(said)) - 2
    return (
        root >= _SHORTEST_ROOT
        and wanted[:root] == said[:root]
        and abs(len(wanted) - len(said)) <= 3
    )


@lru_cache(maxsize=256)
def _words(text: str) -> tuple[_Spelled, ...]:
    return tuple(
        _Spelled(_bare(token.cased.casefold()), _stem(token.folded), token.start, token.end)
        for token in tokens(text)
        if token.folded.isalnum()
    )


@lru_cache(maxsize=1 << 16)
def _bare(word: str) -> str:
    """Take the accents off a word, and spell it the American way."""
    bare = "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
    if len(bare) >= _SHORTEST and bare.isalpha():
        for british, american in _SPELLINGS:
            bare = british.sub(american, bare)
    return bare


@lru_cache(maxsize=1 << 16)
def _stem(word: str) -> str:
    """Bring the forms of a word to one: number and gender, British and American, with no accents.

    >>> _stem("úlceras") == _stem("ulcera"), _stem("infecciones") == _stem("infección")
    (True, True)
    >>> _stem("haemorrhages") == _stem("hemorrhage"), _stem("tumours") == _stem("tumor")
    (True, True)
    """
    bare = _bare(word)
    if len(bare) < _SHORTEST or not bare.isalpha():
        return bare
    for ending, instead in _ENDINGS:
        shorter = ending.sub(instead, bare)
        if shorter != bare and len(shorter) >= _SHORTEST - 1:
            return shorter
    return bare


_STOPS = re.compile(r"[.;:!?](?:\s|$)")
"""Where one thing ends that is said and another begins: no name runs over it."""
_GAP = re.compile(r"\s?[-\u2010-\u2013]?\s?")
"""What may stand between the pieces of one word: a hyphen, at the end of a line too."""
_ENDINGS = tuple(
    (re.compile(ending), instead)
    for ending, instead in (
        (r"(?:ices|ex|ix|ice|ic)$", "ic"),  # cortex, cortices
        (r"(?:ium|ia)s?$", "i"),  # bacterium, bacteria
        (r"(?:us|i)$", ""),  # fungus, fungi
        (r"[aoe]?s$|es$|[aoe]$", ""),
    )
)
_SPELLINGS = tuple(
    (re.compile(british), american)
    for british, american in (
        (r"ae|oe", "e"),
        (r"our(?=(?:s|al|less|ed)?$)", "or"),
        (r"(?<=[tb])re(?=s?$)", "er"),
        (r"iz(?=(?:e|ed|es|ing|er|ation|ations)$)", "is"),
        (r"yz(?=(?:e|ed|es|ing|er)$)", "ys"),
        (r"sulph", "sulf"),
        (r"leuc", "leuk"),
        (r"aluminium", "aluminum"),
        (r"^alfa$", "alpha"),
    )
)
