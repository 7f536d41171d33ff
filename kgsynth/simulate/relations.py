"""MRREL: facts between concepts, each written twice, once from either end.

A row says that CUI2 is REL (or RELA) of CUI1. So a fact (subject, relation, object) is a row with
the object first, and another with the subject first and the inverse relation. All that a fact is,
beyond its ends and its relation, is drawn from bits that belong to its number, so that both rows
say the same wherever they stand in the sorted file.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kgsynth.simulate.concepts import Concepts
from kgsynth.simulate.names import Atoms
from kgsynth.simulate.semantic import GROUPS
from kgsynth.simulate.shape import Bits, bits_of, field, generator, shared_out
from kgsynth.simulate.shape import slots as slots_of
from kgsynth.simulate.text import BLOCK_ROWS, Codes, Number, Pick, Piece, lines, spans, table_of
from kgsynth.simulate.vocabularies import RELATIONS, VOCABULARIES, WITH_GROUPS, Relation
from kgsynth.sources.columns import Progress

_LOOPS = 0.05
"""The share of rows that say something of a concept and itself."""
_WITHIN = 0.5
"""The share of facts whose ends are drawn from one semantic group."""
_REPEATED = 0.03
"""The share of facts that another vocabulary says as well."""
_SUPPRESSED = 0.015
_NARROW = 8.0
"""Against so great a share of the general relations stand those that suit just two groups."""
_UNEVEN = 0.4
"""How far a concept's being subject and object may differ."""

_SLOT_BITS = 8
_LOOP_SLOTS = len(GROUPS) ** 2
_BARE_LOOP = next(
    place for place, kind in enumerate(RELATIONS) if kind.ends == "self" and not kind.rela
)
_ROW_BITS = 36
_STYPES = {"AUI": 92.0, "CUI": 4.0, "SCUI": 2.0, "SDUI": 1.0, "CODE": 1.0}
_BY_CONCEPT = list(_STYPES).index("CUI")
_SUPPRESS = ("N", "O", "Y", "E")


class Facts(NamedTuple):
    """Columns, one entry a fact. With an odd number of rows the last fact is its own inverse."""

    subject: npt.NDArray[np.uint32]
    relation: npt.NDArray[np.uint8]
    object: npt.NDArray[np.uint32]
    rows: int


def make_facts(concepts: Concepts, atoms: Atoms, rows: int, seed: int) -> Facts:
    """Draw facts for so many rows."""
    loops = round(rows * _LOOPS / 2)
    subject, object_ = _ends(concepts, rows // 2 - loops, seed)
    relation = _relations(concepts, subject, object_, seed)
    looped = _loops(concepts, atoms, loops + rows % 2, seed)
    slots = field(bits_of(np.arange(len(looped)), seed, "loop"), 0, _SLOT_BITS)
    looping = _slots()[_LOOP_SLOTS, slots]
    if rows % 2:
        looping[-1] = _BARE_LOOP
    return Facts(
        subject=np.concatenate([subject, looped]),
        relation=np.concatenate([relation, looping]),
        object=np.concatenate([object_, looped]),
        rows=rows,
    )


# --- drawing facts ------------------------------------------------------------------------------


def _ends(
    concepts: Concepts, count: int, seed: int
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """Pair subjects with objects: each concept has as many ends as its weight gives it."""
    random = generator(seed, "ends")
    total = len(concepts.kind)
    everyone = np.arange(total, dtype=np.uint32)
    subject = np.repeat(everyone, shared_out(count, concepts.weight))
    uneven = np.round(np.exp(random.normal(0.0, _UNEVEN, total)), 6)
    object_ = np.repeat(everyone, shared_out(count, concepts.weight * uneven))
    random.shuffle(object_)
    within = np.flatnonzero(random.random(count, dtype=np.float32) < _WITHIN)
    subject[within] = _by_group(concepts, subject[within])
    object_[within] = _by_group(concepts, object_[within])
    alike = np.flatnonzero(subject == object_)
    object_[alike] = (object_[alike] + 1) % total
    again = np.flatnonzero(_repeats(np.arange(count), seed))
    subject[again], object_[again] = subject[again - 1], object_[again - 1]
    return subject, object_


def _by_group(concepts: Concepts, ends: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    sorted_ends: npt.NDArray[np.uint32] = ends[np.argsort(concepts.group[ends], kind="stable")]
    return sorted_ends


def _relations(
    concepts: Concepts,
    subject: npt.NDArray[np.uint32],
    object_: npt.NDArray[np.uint32],
    seed: int,
) -> npt.NDArray[np.uint8]:
    """Give each fact a relation that suits its ends, and turn those that run upwards."""
    relation = np.empty(len(subject), dtype=np.uint8)
    table, group = _slots(), concepts.group
    upwards = np.array([kind.up for kind in RELATIONS])
    for first, end in spans(len(subject), BLOCK_ROWS):
        here = slice(first, end)
        low, high = subject[here], object_[here]
        cell = group[low].astype(np.int64) * len(GROUPS) + group[high]
        number = np.arange(first, end)
        number -= _repeats(number, seed)
        slots = field(bits_of(number, seed, "relation"), 0, _SLOT_BITS)
        relation[here] = table[cell, slots]
        weight, other = concepts.weight[low], concepts.weight[high]
        turned = upwards[relation[here]] & ((weight > other) | ((weight == other) & (low > high)))
        subject[here], object_[here] = (
            np.where(turned, high, low),
            np.where(turned, low, high),
        )
    return relation


def _repeats(number: Codes, seed: int) -> npt.NDArray[np.bool_]:
    """Mark the facts that say again what the one before them says."""
    chance = field(bits_of(number, seed, "again"), 0, 16) < _REPEATED * (1 << 16)
    return chance & (number > 0)


def _loops(concepts: Concepts, atoms: Atoms, count: int, seed: int) -> npt.NDArray[np.uint32]:
    """Choose concepts that have two names to relate, if there are any."""
    everyone = np.arange(len(concepts.kind))
    several = np.flatnonzero(atoms.how_many(everyone) > 1)
    chosen = several if len(several) else everyone
    drawn = generator(seed, "loops").integers(0, len(chosen), count)
    looped: npt.NDArray[np.uint32] = chosen[drawn].astype(np.uint32)
    return looped


def _slots() -> npt.NDArray[np.uint8]:
    """Return a table of two groups and eight bits: a place in ``RELATIONS``."""
    pairs = [(subject, object_) for subject in GROUPS for object_ in GROUPS]
    shares = [_shares(subject, object_) for subject, object_ in pairs]
    looping = {place: kind.share for place, kind in enumerate(RELATIONS) if kind.ends == "self"}
    return np.stack([slots_of(share, _SLOT_BITS) for share in [*shares, looping]])


def _shares(subject: str, object_: str) -> dict[int, float]:
    narrow = _suiting({f"{subject}>{object_}"})
    wide = _suiting({"=", "*"} if subject == object_ else {"*"})
    if subject == object_:
        return {**wide, **narrow}
    part = sum(wide.values()) / _NARROW
    return {**wide, **{place: share * part for place, share in narrow.items()}}


def _suiting(ends: set[str]) -> dict[int, float]:
    return {
        place: kind.share
        for place, kind in enumerate(RELATIONS)
        if ends.intersection(kind.ends.split(","))
    }


# --- writing rows -------------------------------------------------------------------------------


def write_relations(
    path: Path, concepts: Concepts, atoms: Atoms, facts: Facts, seed: int, progress: Progress
) -> None:
    """Write MRREL, sorted by CUI1."""
    keys = _sorted(facts)
    with path.open("wb") as file:
        for first, end in spans(facts.rows, BLOCK_ROWS):
            progress("MRREL", first, facts.rows)
            row = keys[first:end] & np.uint64((1 << _ROW_BITS) - 1)
            file.write(lines(end - first, _pieces(concepts, atoms, facts, row, seed)))
    progress("MRREL", facts.rows, facts.rows)


def _sorted(facts: Facts) -> npt.NDArray[np.uint64]:
    """Return CUI1 and row number of each row in one number, in order.

    Row ``2 * fact`` has the object first, ``2 * fact + 1`` the subject.
    """
    keys = np.empty(facts.rows, dtype=np.uint64)
    for turn, ends in enumerate((facts.object, facts.subject)):
        part = keys[turn::2]
        part[:] = ends[: len(part)]
        part <<= np.uint64(_ROW_BITS)
        part |= np.arange(turn, facts.rows, 2, dtype=np.uint64)
    keys.sort()
    return keys


def _pieces(
    concepts: Concepts, atoms: Atoms, facts: Facts, row: npt.NDArray[np.uint64], seed: int
) -> list[Piece]:
    """CUI1|AUI1|STYPE1|REL|CUI2|AUI2|STYPE2|RELA|RUI|SRUI|SAB|SL|RG|DIR|SUPPRESS|CVF|."""
    fact = (row >> np.uint64(1)).astype(np.int64)
    turned = (row & np.uint64(1)).astype(np.bool_)
    subject, object_ = facts.subject[fact], facts.object[fact]
    bits = bits_of(fact, seed, "fact")
    of_subject, of_object = _atom_pair(atoms, subject, object_, bits)
    stype = _stype_slots()[field(bits, 32, 7)]
    if facts.rows % 2:
        stype[fact == len(facts.subject) - 1] = _BY_CONCEPT
    by_atom = stype != _BY_CONCEPT
    relation = facts.relation[fact] + turned * np.int64(len(RELATIONS))
    source = _source_slots()[field(bits, 39, 10)]
    grouped = _IS_GROUPED[source]
    obsolete = concepts.obsolete[subject] | concepts.obsolete[object_]
    return [
        Pick(concepts.cui, np.where(turned, subject, object_)),
        b"|",
        Number(b"A", np.where(turned, of_subject, of_object), atoms.width, by_atom),
        Pick(_STYPE, stype),
        Pick(_REL, relation),
        Pick(concepts.cui, np.where(turned, object_, subject)),
        b"|",
        Number(b"A", np.where(turned, of_object, of_subject), atoms.width, by_atom),
        Pick(_STYPE, stype),
        Pick(_RELA, relation),
        Number(b"R", row + np.uint64(1), max(8, len(str(facts.rows)))),
        b"|",
        Number(b"", fact, 9, grouped),
        Pick(_SAB, source),
        Pick(_GROUP, np.where(grouped, 1 + field(bits, 49, 2), 0)),
        Pick(_DIRECTION, np.where(grouped, 1 + turned, 0)),
        Pick(_END, np.where(obsolete, 1, _suppressed(bits))),
    ]


_STYPE = table_of([f"|{name}|" for name in _STYPES])
_TURNED = [
    Relation(kind.inverse_rel, kind.inverse_rela, kind.rel, kind.rela, kind.share, kind.ends)
    for kind in RELATIONS
]
_REL = table_of([f"{kind.rel}|" for kind in (*RELATIONS, *_TURNED)])
_RELA = table_of([f"{kind.rela}|" for kind in (*RELATIONS, *_TURNED)])
_SAB = table_of([f"|{vocabulary.sab}|{vocabulary.sab}|" for vocabulary in VOCABULARIES])
_IS_GROUPED = np.array([vocabulary.sab == WITH_GROUPS for vocabulary in VOCABULARIES])
_GROUP = table_of(["|", "0|", "1|", "2|", "3|"])
_DIRECTION = table_of(["|", "Y|", "N|"])
_END = table_of([f"{letter}||\n" for letter in _SUPPRESS])


def _atom_pair(atoms: Atoms, subject: Codes, object_: Codes, bits: Bits) -> tuple[Codes, Codes]:
    """Return the AUIs of both ends: a concept related to itself has two different ones."""
    of_subject, of_object = (
        field(bits, first, 16) % atoms.how_many(ends)
        for first, ends in ((0, subject), (16, object_))
    )
    next_one = (of_subject + 1) % atoms.how_many(subject)
    of_object = np.where(subject == object_, next_one, of_object)
    return atoms.first[subject] + of_subject + 1, atoms.first[object_] + of_object + 1


def _stype_slots() -> npt.NDArray[np.uint8]:
    return slots_of(dict(enumerate(_STYPES.values())), 7)


def _source_slots() -> npt.NDArray[np.uint8]:
    english = {
        place: vocabulary.share
        for place, vocabulary in enumerate(VOCABULARIES)
        if vocabulary.language == "ENG"
    }
    return slots_of(english, 10)


def _suppressed(bits: Bits) -> Codes:
    chance = field(bits, 51, 11) < _SUPPRESSED * (1 << 11)
    return np.where(chance, 1 + field(bits, 62, 2) % (len(_SUPPRESS) - 1), 0)
