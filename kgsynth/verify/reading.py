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
from functools import cache, cached_property
from typing import Literal, NamedTuple

from kgsynth.linking.matching import Found, NameMatcher, Token, tokens
from kgsynth.phrases import NO_STATEMENT, RULE_OUT_WORDS, STEP_WORDS
from kgsynth.vocabulary import Vocabulary

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


@cache
def _folded(text: str) -> tuple[str, ...]:
    return tuple(token.folded for token in tokens(text))


@cache
def _core(template: str) -> tuple[tuple[str, ...], bool]:
    """Return the words of a wording between its two slots, and whether the subject leads."""
    return _folded(template[3:-3]), template.startswith("{s}")


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
    meanings: tuple[tuple[str, bool], ...]
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
    meanings: tuple[tuple[str, bool], ...] = ()
    continues: bool = False
    """``A inhibits B and raises C``: the second relation takes up the earlier name."""
    which: bool = False
    negated: bool = False
    odd: tuple[Word, ...] = ()


@dataclass(frozen=True)
class Reader:
    """Reads the steps of one language.

    ``predicates`` names those beside the vocabulary's own that a text may word.
    """

    vocabulary: Vocabulary
    language: str
    predicates: tuple[str, ...] = ()

    @cached_property
    def _relations(self) -> dict[tuple[str, ...], tuple[tuple[str, bool], ...]]:
        found: dict[tuple[str, ...], tuple[tuple[str, bool], ...]] = {}
        spoken = (p for p in self.predicates if p and p.isprintable())
        for name in dict.fromkeys((*self.vocabulary.predicates, *spoken)):
            wording = self.vocabulary.predicate(name).wording(self.language)
            for template in (*wording.forward, *wording.backward):
                core, subject_first = _core(template)
                found[core] = (*found.get(core, ()), (name, subject_first))
        return found

    @cached_property
    def _nouns(self) -> frozenset[tuple[str, ...]]:
        """Ways to say of what type a concept is: the drug, the body part."""
        return frozenset(
            _folded(by_language[self.language].noun)
            for by_language in self.vocabulary.types.values()
            if self.language in by_language
        )

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
        phrases = [_folded(p) for p in NO_STATEMENT.get(self.language, ())]
        shown = [p.folded if isinstance(p, Word) else "" for p in pieces]
        for at in range(len(shown)):
            for phrase in phrases:
                if tuple(shown[at : at + len(phrase)]) == phrase:
                    return pieces[:at], pieces[at + len(phrase) :]
        return pieces, None

    # --- a sentence into readings -----------------------------------------------------------

    def _clause(self, pieces: list[Piece], filler: frozenset[str], *, denies: bool) -> Clause:
        lead, mentions, gaps, tail = _around(pieces)
        clause = Clause(" ".join(p.text for p in pieces), denies, mentions)
        bare = list(self._stripped(lead))[-1] if mentions else lead
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
        also, which = self._listed(_ALSO), self._listed(_WHICH)
        for rest in self._stripped(words):
            for at in range(len(rest)):
                meanings = self._relations.get(tuple(w.folded for w in rest[at:]))
                if not meanings:
                    continue
                before = {w.folded for w in rest[:at]}
                return _Gap(
                    "relation",
                    meanings,
                    continues=bool(before & (also | {","})) and not before & which,
                    which=bool(before & which),
                    negated=self._denied(rest[:at]),
                    odd=_odd(rest[:at], also | which | filler),
                )
        odd = _odd(words, also | filler)
        if self._denied(words):
            return _Gap("denial", odd=odd)
        return _Gap("unread" if odd else "join", odd=odd)

    # --- words --------------------------------------------------------------------------------

    def _listed(self, table: dict[str, str]) -> frozenset[str]:
        return _words((table.get(self.language, ""),))

    def _denied(self, words: Sequence[Word]) -> bool:
        if any(w.folded in self._listed(_NOT) for w in words):
            return True
        spoken = " ".join(w.folded for w in words)
        return self.language == "en" and _CONTRACTED_NOT.search(spoken) is not None

    def _stripped(self, words: list[Word]) -> Iterator[list[Word]]:
        """Yield the words, then what is left as "the", "the drug" are taken from the end."""
        yield words
        while (shorter := self._one_off(words)) != words:
            words = shorter
            yield words

    def _one_off(self, words: list[Word]) -> list[Word]:
        if words and words[-1].folded in self._listed(_ARTICLES) | _NEUTRAL:
            return words[:-1]
        for noun in self._nouns:
            if tuple(w.folded for w in words[-len(noun) :]) == noun:
                return words[: -len(noun)]
        return words


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
