"""Read a step's text: which facts it states, which it denies, and what it says beside them.

A sentence is read as concepts' names with the wording of a relation between each and the
next. Nothing is guessed: words that are neither a name, nor a wording, nor one of the set
phrases make the sentence unread, and what is unread is never passed. A reading that had to
skip words is kept as not clean; it can count against a step and never for it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Literal, NamedTuple

from kgsynth.linking.matching import Found, NameMatcher, Token, tokens
from kgsynth.phrases import NO_STATEMENT, RULE_OUT_WORDS, STEP_WORDS
from kgsynth.verify.limits import LONGEST_STEP
from kgsynth.vocabulary import Predicate, Vocabulary

_NOT = {
    "en": "not no never neither nor none without cannot hardly scarcely barely rarely seldom "
    "fail fails failed lack lacks unable false untrue wrong incorrect deny denies denied",
    "es": "no nunca jamás ni tampoco sin ningún ninguno ninguna falso falsa incorrecto incorrecta",
}
_ALSO = {"en": "and but then also or", "es": "y e pero luego también o"}
_WHICH = {"en": "which that who", "es": "que cual"}
_ARTICLES = {"en": "the a an", "es": "el la los las un una"}
_CONTRACTED_NOT = re.compile(r"n ' t\b")
_NEUTRAL = frozenset(",()[]'\"*`\u201c\u201d")
_ENDS = frozenset(".!?;:")


@cache
def _words(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(token.folded for text in texts for token in tokens(text))


def _folded(text: str) -> tuple[str, ...]:
    return tuple(token.folded for token in tokens(text))


Meanings = tuple[tuple[str, bool], ...]
"""What words can mean: a predicate, and whether the left of two names is its subject."""


class Mention(NamedTuple):
    """A name in the text, and the concepts it may mean."""

    text: str
    ids: tuple[str, ...]


class Word(NamedTuple):
    """A word that is no name of a known concept; it may be part of a stranger's name."""

    folded: str
    text: str
    stranger: Found | None


Piece = Mention | Word


class Reading(NamedTuple):
    """A fact that the text states about two names, in the order in which they bear on it."""

    left: Mention
    right: Mention
    meanings: Meanings
    """What the words between them can mean: a predicate, and whether the left is its subject.
    Empty when the text only denies that there is some relation."""
    negated: bool = False
    clean: bool = True

    def triples(self) -> list[tuple[str, str, str]]:
        """Return every (subject, predicate, object) that the text may mean."""
        return [
            (left, predicate, right) if left_leads else (right, predicate, left)
            for left in self.left.ids
            for right in self.right.ids
            for predicate, left_leads in self.meanings
        ]

    def joins(self, one: str, other: str) -> bool:
        """Tell whether the reading is about these two concepts, whichever way round."""
        ends = (self.left.ids, self.right.ids)
        return (one in ends[0] and other in ends[1]) or (other in ends[0] and one in ends[1])


@dataclass(slots=True)
class Clause:
    """What was read in one sentence, or in what follows a denial."""

    text: str
    denies: bool
    """The clause follows a set phrase that says: the graph does not hold this."""
    mentions: list[Mention] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    """Names of concepts that are not among those expected here."""
    unread: list[str] = field(default_factory=list)

    def leave(self, words: Iterable[Word]) -> None:
        """Note words that were not understood."""
        rest = list(words)
        self.strangers += dict.fromkeys(w.stranger.text for w in rest if w.stranger)
        plain = " ".join(w.text for w in rest if not w.stranger)
        if plain:
            self.unread.append(plain)


class _Gap(NamedTuple):
    """What stands between two names."""

    kind: Literal["relation", "join", "denial", "unread"]
    meanings: Meanings = ()
    continues: bool = False
    """``A inhibits B and raises C``: the second relation takes up the earlier name."""
    which: bool = False
    negated: bool = False
    odd: tuple[Word, ...] = ()


class _Lexicon(NamedTuple):
    """What the vocabulary says in one language."""

    relations: dict[tuple[str, ...], Meanings]
    """The words of a wording between its two slots: a predicate, and whether its subject leads."""
    nouns: dict[str, list[tuple[str, ...]]]
    """Ways to say of what type a concept is, by their last word, the longest first: the drug, the
    body part."""
    articles: frozenset[str]
    also: frozenset[str]
    which: frozenset[str]
    denials: frozenset[str]
    phrases: tuple[tuple[str, ...], ...]
    """What introduces a fact that the graph does not hold."""
    lengths: tuple[int, ...] = ()
    """Words of a wording, the longest first."""

    def worded(self, predicate: Predicate, language: str) -> Iterator[tuple[tuple[str, ...], bool]]:
        """Yield the words between the slots of each wording, and whether the subject leads."""
        wording = predicate.wording(language)
        for template in (*wording.forward, *wording.backward):
            yield _folded(template[3:-3]), template.startswith("{s}")

    def knowing(self, predicates: Iterable[Predicate], language: str) -> _Lexicon:
        """Return the lexicon with further relations in it."""
        relations = dict(self.relations)
        for predicate in predicates:
            for core, subject_leads in self.worded(predicate, language):
                relations[core] = (*relations.get(core, ()), (predicate.name, subject_leads))
        lengths = sorted({len(core) for core in relations} - {0}, reverse=True)
        return self._replace(relations=relations, lengths=tuple(lengths))


@dataclass(frozen=True, eq=False)
class _Same:
    """A vocabulary as a key: the same one and no other."""

    vocabulary: Vocabulary

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.vocabulary is self.vocabulary

    def __hash__(self) -> int:
        return id(self.vocabulary)


def _by_last_word(nouns: Iterable[tuple[str, ...]]) -> dict[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    for noun in sorted(set(nouns), key=lambda noun: (-len(noun), noun)):
        found.setdefault(noun[-1], []).append(noun)
    return found


@lru_cache(maxsize=32)
def _lexicon(known: _Same, language: str) -> _Lexicon:
    # Made once and not for each row: it holds every wording of the vocabulary.
    types = known.vocabulary.types.values()
    bare = _Lexicon(
        relations={},
        nouns=_by_last_word(_folded(by[language].noun) for by in types if language in by),
        articles=_words((_ARTICLES.get(language, ""),)) | _NEUTRAL,
        also=_words((_ALSO.get(language, ""),)),
        which=_words((_WHICH.get(language, ""),)),
        denials=_words((_NOT.get(language, ""),)),
        phrases=tuple(_folded(phrase) for phrase in NO_STATEMENT.get(language, ())),
    )
    return bare.knowing(known.vocabulary.predicates.values(), language)


class Reader:
    """Reads the steps of one language.

    ``predicates`` names those beside the vocabulary's own that a text may word.
    """

    def __init__(
        self, vocabulary: Vocabulary, language: str, predicates: Iterable[str] = ()
    ) -> None:
        self.language = language
        self._lexicon = _lexicon(_Same(vocabulary), language)
        own = [vocabulary.predicate(p) for p in predicates if p not in vocabulary.predicates]
        spoken = [p for p in own if p.name.isprintable() and 0 < len(p.name) <= LONGEST_STEP]
        if spoken:
            self._lexicon = self._lexicon.knowing(spoken, language)

    # --- the text into sentences ---------------------------------------------------------

    def read(
        self,
        text: str,
        names: NameMatcher,
        known: Collection[str],
        *,
        rules_out: str = "",
    ) -> list[Clause]:
        """Read a text. ``known`` are the concepts it may speak of; others are strangers.

        A text that ``rules_out`` an option may call it by its label and turn it away.
        """
        filler = _words(STEP_WORDS.get(self.language, ()))
        if rules_out:
            filler |= _words((rules_out, *RULE_OUT_WORDS.get(self.language, ())))
        clauses = []
        for sentence in _sentences(text, _pieces(text, names, known)):
            before, after = self._at_denial(sentence)
            if before:
                clauses.append(self._clause(before, filler, denies=False))
            if after is not None:
                clauses.append(self._clause(after, filler, denies=True))
        return clauses

    def _at_denial(self, pieces: list[Piece]) -> tuple[list[Piece], list[Piece] | None]:
        """Split a sentence at a phrase that says: the graph does not hold what follows."""
        shown = [p.folded if isinstance(p, Word) else "" for p in pieces]
        for at in range(len(shown)):
            for phrase in self._lexicon.phrases:
                if tuple(shown[at : at + len(phrase)]) == phrase:
                    return pieces[:at], pieces[at + len(phrase) :]
        return pieces, None

    # --- a sentence into readings -----------------------------------------------------------

    def _clause(self, pieces: list[Piece], filler: frozenset[str], *, denies: bool) -> Clause:
        lead, mentions, gaps, tail = _around(pieces)
        clause = Clause(" ".join(p.text for p in pieces), denies, mentions)
        bare = lead[: [*self._ends(lead)][-1]] if mentions else lead
        clause.leave(_odd(bare, filler))
        clause.leave(_odd(tail, filler))
        self._collect(clause, [self._gap(gap, filler) for gap in gaps])
        if self._denied(bare):
            clause.readings = [r._replace(negated=True, clean=False) for r in clause.readings]
        return clause

    def _collect(self, clause: Clause, gaps: list[_Gap]) -> None:
        """Turn each gap and the names beside it into a reading, or into words left over."""
        earlier: Mention | None = None
        certain = True
        for at, gap in enumerate(gaps):
            left, right = clause.mentions[at : at + 2]
            clause.leave(gap.odd)
            if gap.kind == "relation":
                earlier = earlier if gap.continues and earlier else left
                clean = certain and not gap.odd and not gap.negated
                clause.readings.append(Reading(earlier, right, gap.meanings, gap.negated, clean))
                # After "which", a later "and" may take up either name.
                certain = certain and not gap.which
            elif gap.kind == "denial":
                clause.readings.append(Reading(left, right, (), negated=True, clean=False))
            elif not set(left.ids) & set(right.ids):
                earlier = None
                if gap.kind == "unread" or not _between_facts(gaps, at):
                    clause.unread.append(f"{left.text} ... {right.text}")

    def _gap(self, words: list[Word], filler: frozenset[str]) -> _Gap:
        also, which = self._lexicon.also, self._lexicon.which
        at, meanings = self._relation(words)
        if meanings:
            before = {w.folded for w in words[:at]}
            return _Gap(
                "relation",
                meanings,
                continues=bool(before & (also | {","})) and not before & which,
                which=bool(before & which),
                negated=self._denied(words[:at]),
                odd=_odd(words[:at], also | which | filler),
            )
        odd = _odd(words, also | filler)
        if self._denied(words):
            return _Gap("denial", odd=odd)
        return _Gap("unread" if odd else "join", odd=odd)

    def _relation(self, words: list[Word]) -> tuple[int, Meanings]:
        """Find the relation that the words end with, "the drug" aside, and where it starts."""
        spoken = tuple(w.folded for w in words)
        for end in self._ends(words):
            for length in self._lexicon.lengths:
                found = self._lexicon.relations.get(spoken[end - length : end])
                if found and length <= end:
                    return end - length, found
        return 0, ()

    # --- words --------------------------------------------------------------------------------

    def _denied(self, words: Sequence[Word]) -> bool:
        if any(w.folded in self._lexicon.denials for w in words):
            return True
        spoken = " ".join(w.folded for w in words)
        return self.language == "en" and _CONTRACTED_NOT.search(spoken) is not None

    def _ends(self, words: Sequence[Word]) -> Iterator[int]:
        """Yield where the words end, also as "the", "the drug" are taken from the end."""
        end = len(words)
        yield end
        while end and (taken := self._idle_before(words, end)):
            end -= taken
            yield end

    def _idle_before(self, words: Sequence[Word], end: int) -> int:
        """Return how many words before the end only say "the", or of what type it is."""
        if words[end - 1].folded in self._lexicon.articles:
            return 1
        for noun in self._lexicon.nouns.get(words[end - 1].folded, ()):
            if tuple(w.folded for w in words[max(0, end - len(noun)) : end]) == noun:
                return len(noun)
        return 0


def _odd(words: Sequence[Word], filler: frozenset[str]) -> tuple[Word, ...]:
    """Return the words that carry meaning of their own."""
    plain = filler | _NEUTRAL
    return tuple(w for w in words if w.folded not in plain and not w.folded.isdecimal())


def _between_facts(gaps: Sequence[_Gap], at: int) -> bool:
    """Tell whether a joining word stands between two whole facts: A does B, and C does D."""
    beside = (gaps[at - 1 : at], gaps[at + 1 : at + 2])
    return all(gap and gap[0].kind == "relation" for gap in beside)


def _around(
    pieces: Sequence[Piece],
) -> tuple[list[Word], list[Mention], list[list[Word]], list[Word]]:
    """Part a sentence into the words before, the names, the words between, the words after."""
    mentions: list[Mention] = []
    runs: list[list[Word]] = [[]]
    for piece in pieces:
        if isinstance(piece, Mention):
            mentions.append(piece)
            runs.append([])
        else:
            runs[-1].append(piece)
    if not mentions:
        return runs[0], [], [], []
    return runs[0], mentions, runs[1:-1], runs[-1]


def _pieces(
    text: str, names: NameMatcher, known: Collection[str]
) -> Iterator[tuple[int, int, Piece]]:
    """Cut a text into names and words, each with where it stands."""
    spelled = tokens(text)
    at = 0
    for found in names.find(text):
        while at < len(spelled) and spelled[at].start < found.start:
            yield _word(text, spelled[at], None)
            at += 1
        ids = tuple(key for key in found.keys if key in known)
        if ids:
            yield found.start, found.end, Mention(found.text, ids)
        while at < len(spelled) and spelled[at].end <= found.end:
            if not ids:
                yield _word(text, spelled[at], found)
            at += 1
    for token in spelled[at:]:
        yield _word(text, token, None)


def _word(text: str, token: Token, stranger: Found | None) -> tuple[int, int, Piece]:
    return token.start, token.end, Word(token.folded, text[token.start : token.end], stranger)


def _sentences(text: str, pieces: Iterable[tuple[int, int, Piece]]) -> Iterator[list[Piece]]:
    """Part the pieces at the ends of sentences and at colons."""
    sentence: list[Piece] = []
    for _, end, piece in pieces:
        ends = isinstance(piece, Word) and piece.folded in _ENDS
        if ends and not text[end : end + 1].strip("\"')* \t\n"):
            if sentence:
                yield sentence
            sentence = []
        else:
            sentence.append(piece)
    if sentence:
        yield sentence
