"""MRCONSO and MRDEF: what concepts are called, in several languages and vocabularies.

A row is an atom: a name as one vocabulary gives it. Atoms of a concept and language that are
written alike share a SUI, spellings of one term share a LUI; one LUI is preferred (TS=P), one
spelling of each LUI (STT=PF), one atom of each spelling (ISPREF=Y). Numbers run upwards
in the order of the rows, so that the file is sorted like a real one.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kgsynth.simulate.concepts import Concepts
from kgsynth.simulate.lexicon import ENGLISH, Lexicon
from kgsynth.simulate.shape import Bits, Counts, bits_of, field, generator, shared_out
from kgsynth.simulate.shape import slots as slots_of
from kgsynth.simulate.text import (
    BLOCK_ROWS,
    Codes,
    Mask,
    Number,
    Pick,
    Piece,
    lines,
    spans,
    table_of,
)
from kgsynth.simulate.vocabularies import EDITORS, LANGUAGE_SHARES, VOCABULARIES
from kgsynth.sources.columns import Progress

_SAME_STRING = 0.3
_SAME_TERM = 0.5
"""Up to here the next atom is another spelling of the same term."""
_SUPPRESSED = 0.06
_TERM_TYPES = 4
_DEFINED = 25
"""One concept of so many has a definition."""

LANGUAGES = tuple(LANGUAGE_SHARES)
_SUPPRESS = ("N", "O", "Y", "E")
_VARIANTS = ("VO", "VC", "VW", "VCW")


class Atoms(NamedTuple):
    """Which names each concept has: the first one's number, and where each atom is from."""

    first: npt.NDArray[np.uint32]
    """Numbers from 0; the last entry is their count."""
    source: npt.NDArray[np.uint8]
    """A place in ``VOCABULARIES``, one entry an atom."""
    width: int
    """Digits of an AUI."""

    def how_many(self, concepts: Codes) -> Codes:
        """Count the atoms of each of these concepts."""
        counts: Codes = self.first[concepts + 1] - self.first[concepts]
        return counts


class _Terms(NamedTuple):
    """How atoms hang together, one entry an atom."""

    concept: npt.NDArray[np.uint32]
    language: npt.NDArray[np.uint8]
    lui: npt.NDArray[np.uint32]
    sui: npt.NDArray[np.uint32]
    variant: npt.NDArray[np.uint8]
    """Which spelling of its term it is; 0 the preferred one."""
    preferred_term: Mask
    preferred_atom: Mask
    opens: Mask
    """It is the first of its concept and language."""

    def part(self, first: int, end: int) -> _Terms:
        """Cut a block of rows out."""
        return _Terms._make(column[first:end] for column in self)


def write_names(
    path: Path, concepts: Concepts, lexicon: Lexicon, count: int, seed: int, progress: Progress
) -> Atoms:
    """Write MRCONSO."""
    terms = _terms(concepts, count, seed)
    width = len(str(max(count, 1_000_000)))
    source = np.empty(count, dtype=np.uint8)
    with path.open("wb") as file:
        for first, end in spans(count, BLOCK_ROWS):
            progress("MRCONSO", first, count)
            block = terms.part(first, end)
            bits = bits_of(np.arange(first, end), seed, "atom")
            source[first:end] = _sources()[block.language, field(bits, 0, 8)]
            pieces = _pieces(concepts, lexicon, block, source[first:end], bits, first, width, seed)
            file.write(lines(end - first, pieces))
    progress("MRCONSO", count, count)
    bounds = np.searchsorted(terms.concept, np.arange(len(concepts.kind) + 1))
    return Atoms(bounds.astype(np.uint32), source, width)


# --- how atoms hang together --------------------------------------------------------------------


def _terms(concepts: Concepts, count: int, seed: int) -> _Terms:
    concept, language = _languages(concepts, count, seed)
    opens = _changes(concept) | _changes(language)
    step = generator(seed, "spellings").random(count, dtype=np.float32)
    new_lui = opens | (step >= _SAME_TERM)
    new_sui = new_lui | (step >= _SAME_STRING)
    lui = np.cumsum(new_lui, dtype=np.uint32)
    sui = np.cumsum(new_sui, dtype=np.uint32)
    preferred = lui == lui[_latest(opens)]
    preferred &= ~(concepts.not_preferred[concept] & (language == ENGLISH))
    return _Terms(
        concept=concept,
        language=language,
        lui=lui,
        sui=sui,
        variant=np.minimum(sui - sui[_latest(new_lui)], 255).astype(np.uint8),
        preferred_term=preferred,
        preferred_atom=np.append(new_sui[1:], True),
        opens=opens,
    )


def _languages(
    concepts: Concepts, count: int, seed: int
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint8]]:
    """Share the atoms out among concepts, each first an English one, and sort by language."""
    random = generator(seed, "languages")
    total = len(concepts.kind)
    more = shared_out(count - total, np.exp(random.normal(0.0, 1.0, total)))
    concept = np.repeat(np.arange(total, dtype=np.uint32), 1 + more)
    slot = random.integers(0, 1 << 10, count, dtype=np.uint16)
    any_language = slots_of(dict(enumerate(LANGUAGE_SHARES.values())), 10)
    abroad = {
        place: share for place, share in enumerate(LANGUAGE_SHARES.values()) if place != ENGLISH
    }
    language = any_language[slot]
    language[_changes(concept)] = ENGLISH
    foreign = concepts.foreign[concept]
    language[foreign] = slots_of(abroad, 10)[slot[foreign]]
    key = concept << np.uint32(4) | language
    key.sort()
    return concept, (key & np.uint32(15)).astype(np.uint8)


def _changes(column: Codes) -> Mask:
    """Mark each row that differs from the one before it, and the first."""
    out = np.empty(len(column), dtype=np.bool_)
    out[:1] = True
    np.not_equal(column[1:], column[:-1], out=out[1:])
    return out


def _latest(marks: Mask) -> npt.NDArray[np.uint32]:
    """Return, for each row, the last marked one up to it."""
    rows = np.arange(len(marks), dtype=np.uint32)
    return np.maximum.accumulate(np.where(marks, rows, np.uint32(0)))


def _sources() -> npt.NDArray[np.uint8]:
    """Return a table of language and eight bits: the vocabulary that an atom is from."""
    return np.stack(
        [
            slots_of(
                {
                    place: vocabulary.share
                    for place, vocabulary in enumerate(VOCABULARIES)
                    if vocabulary.language == language
                },
                8,
            )
            for language in LANGUAGES
        ]
    )


# --- rows ---------------------------------------------------------------------------------------


def _pieces(
    concepts: Concepts,
    lexicon: Lexicon,
    block: _Terms,
    source: npt.NDArray[np.uint8],
    bits: Bits,
    first: int,
    width: int,
    seed: int,
) -> list[Piece]:
    """CUI|LAT|TS|LUI|STT|SUI|ISPREF|AUI|SAUI|SCUI|SDUI|SAB|TTY|CODE|STR|SRL|SUPPRESS|CVF|."""
    titles = [vocabulary.sab for vocabulary in VOCABULARIES]
    headings = np.array([title.startswith("SUBJHEAD") for title in titles])[source]
    coded = source != titles.index(EDITORS)
    code = block.concept.astype(np.uint32) * np.uint32(len(titles)) + source
    preferred = block.preferred_term & (block.variant == 0) & block.preferred_atom
    aui = np.arange(first + 1, first + 1 + len(source))
    return [
        Pick(concepts.cui, block.concept),
        Pick(_LAT_TS, block.language * 2 + block.preferred_term),
        Number(b"L", block.lui, width),
        Pick(_STT, _spellings(block)),
        Number(b"S", block.sui, width),
        Pick(_ISPREF, block.preferred_atom.astype(np.uint8)),
        Number(b"A", aui, width),
        b"||",
        Number(b"M", code, 9, headings),
        Number(b"", code, 9, coded & ~headings),
        b"|",
        Number(b"D", code, 9, headings),
        Pick(_SAB_TTY, source * _TERM_TYPES + _term_types(bits, block.preferred_term)),
        Number(b"D", code, 9, headings),
        Number(b"", code, 9, coded & ~headings),
        Pick(_NO_CODE, (~coded).astype(np.uint8)),
        *_string(concepts, lexicon, block, seed),
        Pick(_SRL, source),
        Pick(_END, _suppressed(concepts, block, preferred | block.opens, bits)),
    ]


_LAT_TS = table_of([f"|{language}|{status}|" for language in LANGUAGES for status in "SP"])
_STT = table_of([f"|{kind}|" for kind in ("PF", *_VARIANTS)])
_ISPREF = table_of(["|N|", "|Y|"])
_SAB_TTY = table_of(
    [
        f"|{vocabulary.sab}|{kind}|"
        for vocabulary in VOCABULARIES
        for kind in [*vocabulary.term_types, *vocabulary.term_types[1:] * 3][:_TERM_TYPES]
    ]
)
_NO_CODE = table_of(["|", "NOCODE|"])
_SRL = table_of([f"|{vocabulary.restriction}|" for vocabulary in VOCABULARIES])
_END = table_of([f"{letter}||\n" for letter in _SUPPRESS])


def _spellings(block: _Terms) -> Codes:
    """PF for the preferred spelling of a term; all others of one term are of one kind."""
    return np.where(block.variant == 0, 0, 1 + block.lui % len(_VARIANTS))


def _term_types(bits: Bits, preferred: Mask) -> Codes:
    other = 1 + field(bits, 8, 8) % (_TERM_TYPES - 1)
    return np.where(preferred, 0, other).astype(np.uint8)


def _suppressed(concepts: Concepts, block: _Terms, spared: Mask, bits: Bits) -> Codes:
    """Suppress all names of an obsolete concept, and a few others; it keeps one, if not both."""
    chance = field(bits, 16, 16) < _SUPPRESSED * (1 << 16)
    kind = 1 + field(bits, 32, 8) % (len(_SUPPRESS) - 1)
    some = np.where(chance & ~spared, kind, 0)
    return np.where(concepts.obsolete[block.concept], 1, some)


def _string(concepts: Concepts, lexicon: Lexicon, block: _Terms, seed: int) -> list[Piece]:
    is_hub = np.isin(block.concept, concepts.hubs[: lexicon.generic_count])
    named = is_hub & block.preferred_term & (block.language == ENGLISH)
    generic = np.full(len(named), -1, dtype=np.int64)
    place = {int(hub): rank for rank, hub in enumerate(concepts.hubs[: lexicon.generic_count])}
    generic[named] = [place[int(concept)] for concept in block.concept[named]]
    return lexicon.name(
        language=block.language,
        group=concepts.group[block.concept],
        variant=block.variant,
        generic=generic,
        bits=bits_of(block.lui, seed, "words"),
    )


# --- definitions --------------------------------------------------------------------------------


def write_definitions(
    path: Path, concepts: Concepts, atoms: Atoms, lexicon: Lexicon, seed: int
) -> int:
    """Write MRDEF: a sentence for one concept in twenty-five."""
    chosen = np.arange(0, len(concepts.kind), _DEFINED)
    with path.open("wb") as file:
        for first, end in spans(len(chosen), BLOCK_ROWS):
            concept = chosen[first:end]
            number = np.arange(first + 1, end + 1)
            pieces: list[Piece] = [
                Pick(concepts.cui, concept),
                Number(b"|A", atoms.first[concept] + 1, atoms.width),
                Number(b"|AT", 90_000_000 + number, 8),
                b"||",
                Pick(_SABS, atoms.source[atoms.first[concept]]),
                *lexicon.definition(concepts.group[concept], bits_of(concept, seed, "defined")),
                b"|",
                Pick(_END, concepts.obsolete[concept].astype(np.uint8)),
            ]
            file.write(lines(end - first, pieces))
    return len(chosen)


_SABS = table_of([f"{vocabulary.sab}|" for vocabulary in VOCABULARIES])


def rows_by_source(atoms: Atoms) -> list[tuple[int, int]]:
    """Count the names of each vocabulary, and the concepts that they name."""
    concept = np.repeat(
        np.arange(len(atoms.first) - 1, dtype=np.uint32), np.diff(atoms.first.astype(np.int64))
    )
    pairs = np.unique(concept.astype(np.int64) * len(VOCABULARIES) + atoms.source)
    names: Counts = np.bincount(atoms.source, minlength=len(VOCABULARIES))
    named: Counts = np.bincount(pairs % len(VOCABULARIES), minlength=len(VOCABULARIES))
    return list(zip(names.tolist(), named.tolist(), strict=True))
