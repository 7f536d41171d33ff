"""The rows of ``kg.csv`` as numbers, cut by compiled code in one pass over the bytes.

A row repeats two whole nodes in text, eight million times over for 129,000 nodes. So the text of
a node is stored when it is first met and is a number from then on; what it says is read later,
once for each node. A line is a row, always: a quote that is not closed spoils its own line only,
and every row can be named by its line.

Import this module late: numba is slow to load.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]
Codes = npt.NDArray[np.uint32]

VERDICTS = ("", "broken-quotes", "wrong-column-count", "blank-line")
"""Why a line is no row, by the number that the compiled code gives."""

_WORD = 8
"""Bytes that are read at once; so many follow every text, for the last read may go too far."""


class Spellings(NamedTuple):
    """Different texts, numbered as they were first met."""

    slots: npt.NDArray[np.uint64]
    """A hash table, two numbers a slot, so that a look-up touches one place in memory: half of a
    text's hash over its number, which counts from 1; where it begins over how long it is."""
    first_rows: Numbers
    """Where each was first met."""
    text: npt.NDArray[np.uint8]
    """All of them, one after the other, each with a newline behind it."""
    used: Numbers
    """How many texts there are, and how many bytes of ``text`` they take."""

    @property
    def number(self) -> int:
        """Return how many different texts were met."""
        return int(self.used[0])

    def lines(self) -> bytes:
        """Return all of them, a line each, in the order of their numbers."""
        return self.text[: int(self.used[1])].tobytes()


class Cut(NamedTuple):
    """What the lines of a block hold; a line is counted from 0 within the block."""

    lines: int
    x: Codes
    y: Codes
    relation: Codes
    kept: Codes
    """The line of each row."""
    spoilt: Codes
    """The lines that are no rows."""
    verdicts: npt.NDArray[np.uint8]
    """What is wrong with each of them: a place in ``VERDICTS``."""


class Cutter:
    """Cuts blocks of a file into rows, and remembers the nodes and relations that it met."""

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self.nodes = _room(1 << 12, 1 << 16)
        self.relations = _room(1 << 7, 1 << 12)

    def cut(self, data: bytes, first_row: int) -> Cut:
        """Read whole lines, no header among them; the first of them is row ``first_row``."""
        whole = data if data.endswith(b"\n") else data + b"\n"
        padded = np.frombuffer(whole + bytes(_WORD), np.uint8)
        lines = whole.count(b"\n")
        marks = np.empty((5, lines), np.int64)
        kept, spoilt = np.empty(lines, np.uint32), np.empty(lines, np.uint32)
        verdicts = np.empty(lines, np.uint8)
        rows = int(_split(padded, self.columns, marks, kept, spoilt, verdicts))
        kept, spoilt, verdicts = kept[:rows], spoilt[: lines - rows], verdicts[: lines - rows]
        start, after_relation, x, y, stop = marks[:, :rows]
        at = first_row + kept.astype(np.int64)
        self.relations, relation = _numbered(padded, start, after_relation, at, self.relations)
        self.nodes, of_x = _numbered(padded, x, y - 1, at, self.nodes)
        self.nodes, of_y = _numbered(padded, y, stop, at, self.nodes)
        return Cut(lines, of_x, of_y, relation, kept, spoilt, verdicts)


class Merged(NamedTuple):
    """The texts of several tables in one, and for each table the new numbers of its own."""

    table: Spellings
    codes: tuple[Codes, ...]


def merge(tables: Sequence[Spellings]) -> Merged:
    """Make one table of several; what each gave a number keeps it in that table alone."""
    first = tables[0]
    table, codes = first, [np.arange(first.number, dtype=np.uint32)]
    for other in tables[1:]:
        ends = np.flatnonzero(other.text[: int(other.used[1])] == _NEWLINE)
        starts = np.concatenate([np.zeros(1, np.int64), ends[:-1] + 1])[: len(ends)]
        rows = other.first_rows[: other.number]
        table, own = _numbered(other.text, starts, ends, rows, table)
        table.first_rows[own] = np.minimum(table.first_rows[own], rows)
        codes.append(own)
    return Merged(table, tuple(codes))


def _numbered(
    data: npt.NDArray[np.uint8], starts: Numbers, ends: Numbers, rows: Numbers, table: Spellings
) -> tuple[Spellings, Codes]:
    """Number texts; return the table as well, which is another once it had to grow."""
    codes = np.empty(len(starts), np.uint32)
    done = 0
    while (done := int(_number(data, starts, ends, rows, codes, done, table))) < len(starts):
        table = _doubled(table)
    return table, codes


def _room(texts: int, size: int) -> Spellings:
    return Spellings(
        np.zeros(4 * texts, np.uint64),
        np.zeros(texts, np.int64),
        np.zeros(size + _WORD, np.uint8),
        np.zeros(2, np.int64),
    )


def _doubled(held: Spellings) -> Spellings:
    larger = _room(2 * len(held.first_rows), 2 * len(held.text))
    larger.first_rows[: len(held.first_rows)] = held.first_rows
    larger.text[: len(held.text)] = held.text
    larger.used[:] = held.used
    _place_again(held, larger)
    return larger


# --- compiled ---------------------------------------------------------------------------------

_COMMA, _QUOTE, _NEWLINE, _RETURN = 44, 34, 10, 13
_QUOTED_BADLY, _COLUMNS, _BLANK = 1, 2, 3

_MIX = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)
_LOWER = np.uint64(0xFFFFFFFF)
_LENGTH_BITS = np.uint64(26)
_LENGTH = np.uint64((1 << 26) - 1)
"""A line has fewer bytes than this."""


@numba.njit(inline="always")
def _word(data, at):  # type: ignore[no-untyped-def]
    """Read eight bytes as a number; the compiler makes one load of it."""
    place = np.uintp(at)
    return (
        np.uint64(data[place])
        | np.uint64(data[place + np.uintp(1)]) << np.uint64(8)
        | np.uint64(data[place + np.uintp(2)]) << np.uint64(16)
        | np.uint64(data[place + np.uintp(3)]) << np.uint64(24)
        | np.uint64(data[place + np.uintp(4)]) << np.uint64(32)
        | np.uint64(data[place + np.uintp(5)]) << np.uint64(40)
        | np.uint64(data[place + np.uintp(6)]) << np.uint64(48)
        | np.uint64(data[place + np.uintp(7)]) << np.uint64(56)
    )


@numba.njit(cache=True, nogil=True)
def _hash(data, start, end):  # type: ignore[no-untyped-def]
    mixed = np.uint64(end - start) * _MIX
    at = start
    while at + _WORD <= end:
        mixed = (mixed ^ _word(data, at)) * _MIX
        mixed ^= mixed >> np.uint64(29)
        at += _WORD
    if at < end:
        rest = _word(data, at) << np.uint64(8 * (_WORD - (end - at)))
        mixed = (mixed ^ rest) * _MIX
    return mixed ^ (mixed >> _HALF)


@numba.njit(cache=True, nogil=True)
def _same(one, start, end, other, at):  # type: ignore[no-untyped-def]
    while start + _WORD <= end:
        if _word(one, start) != _word(other, at):
            return False
        start += _WORD
        at += _WORD
    while start < end:
        if one[start] != other[at]:
            return False
        start += 1
        at += 1
    return True


_BATCH = 256


@numba.njit(cache=True, nogil=True)
def _number(data, starts, ends, rows, codes, done, table):  # type: ignore[no-untyped-def]
    """Number the texts from place ``done`` on; stop where the table has no room for a new one.

    The table is far larger than a cache. So a batch of slots is read first, which the processor
    does many at a time, and only then are the texts compared.
    """
    last = np.uint64(len(table.slots) // 2 - 1)
    halves = np.empty(_BATCH, np.uint64)
    slots = np.empty((_BATCH, 2), np.uint64)
    for first in range(done, len(starts), _BATCH):
        size = min(_BATCH, len(starts) - first)
        for k in range(size):
            half = _hash(data, starts[first + k], ends[first + k]) >> _HALF
            slot = np.uint64(2) * (half & last)
            halves[k] = half
            slots[k, 0] = table.slots[slot]
            slots[k, 1] = table.slots[slot + np.uint64(1)]
        for k in range(size):
            start, end = starts[first + k], ends[first + k]
            held, place = slots[k, 0], slots[k, 1]
            if held == 0 or not _is_there(data, start, end, halves[k], held, place, table):
                held = _find_or_add(data, start, end, halves[k], rows[first + k], table)
                if held == 0:
                    return first + k
            codes[first + k] = (held & _LOWER) - np.uint64(1)
    return len(starts)


@numba.njit(cache=True, nogil=True)
def _is_there(data, start, end, half, held, place, table):  # type: ignore[no-untyped-def]
    if held >> _HALF != half or np.int64(place & _LENGTH) != end - start:
        return False
    return _same(data, start, end, table.text, np.int64(place >> _LENGTH_BITS))


@numba.njit(cache=True, nogil=True)
def _find_or_add(data, start, end, half, row, table):  # type: ignore[no-untyped-def]
    """Return the first number of a text's slot; 0 where it is new and there is no room for it."""
    last = len(table.slots) // 2 - 1
    slot = np.int64(half) & last
    while table.slots[2 * slot] != 0:
        held, place = table.slots[2 * slot], table.slots[2 * slot + 1]
        if _is_there(data, start, end, half, held, place, table):
            return held
        slot = (slot + 1) & last
    size = end - start
    code, at = table.used[0], table.used[1]
    if code == len(table.first_rows) or at + size + 1 > len(table.text) - _WORD:
        return np.uint64(0)
    held = half << _HALF | np.uint64(code + 1)
    table.slots[2 * slot] = held
    table.slots[2 * slot + 1] = np.uint64(at) << _LENGTH_BITS | np.uint64(size)
    table.text[at : at + size] = data[start:end]
    table.text[at + size] = _NEWLINE
    table.first_rows[code] = row
    table.used[0] += 1
    table.used[1] += size + 1
    return held


@numba.njit(cache=True, nogil=True)
def _place_again(small, large):  # type: ignore[no-untyped-def]
    last = len(large.slots) // 2 - 1
    for old in range(0, len(small.slots), 2):
        if small.slots[old] != 0:
            slot = np.int64(small.slots[old] >> _HALF) & last
            while large.slots[2 * slot] != 0:
                slot = (slot + 1) & last
            large.slots[2 * slot] = small.slots[old]
            large.slots[2 * slot + 1] = small.slots[old + 1]


_PLAIN = np.ones(256, np.bool_)
_PLAIN[[_COMMA, _QUOTE, _NEWLINE]] = False


@numba.njit(cache=True, nogil=True)
def _end_of_cell(data, at):  # type: ignore[no-untyped-def]
    """Find the comma or newline after a cell; a negative place where its quotes are wrong."""
    wrong = False
    if data[np.uintp(at)] == _QUOTE:
        at += 1
        while True:
            byte = data[np.uintp(at)]
            if byte == _NEWLINE:
                return -at
            at += 1
            if byte == _QUOTE:
                if data[np.uintp(at)] != _QUOTE:
                    break
                at += 1
        byte = data[np.uintp(at)]
        closed = byte in (_COMMA, _NEWLINE)
        wrong = not closed and not (byte == _RETURN and data[np.uintp(at + 1)] == _NEWLINE)
    while True:
        while _PLAIN[data[np.uintp(at)]]:
            at += 1
        if data[np.uintp(at)] != _QUOTE:
            return -at if wrong else at
        wrong = True
        at += 1


@numba.njit(cache=True, nogil=True)
def _split(data, columns, marks, kept, spoilt, verdicts):  # type: ignore[no-untyped-def]
    """Mark where each row begins, its relation ends, x begins, y begins and the row ends."""
    end = len(data) - _WORD
    half = (columns - 2) // 2
    ends = np.empty(columns, np.int64)
    at = line = rows = 0
    while at < end:
        start = at
        cells = 0
        verdict = 0
        while True:
            at = _end_of_cell(data, at)
            if at < 0:
                at = -at
                verdict = _QUOTED_BADLY
            if cells < columns:
                ends[cells] = at
            cells += 1
            if data[np.uintp(at)] == _NEWLINE:
                break
            at += 1
        stop = at
        if stop > start and data[stop - 1] == _RETURN:
            stop -= 1
        if stop == start:
            verdict = _BLANK
        elif verdict == 0 and cells != columns:
            verdict = _COLUMNS
        if verdict:
            spoilt[line - rows] = line
            verdicts[line - rows] = verdict
        else:
            marks[0, rows] = start
            marks[1, rows] = ends[0]
            marks[2, rows] = ends[1] + 1
            marks[3, rows] = ends[1 + half] + 1
            marks[4, rows] = stop
            kept[rows] = line
            rows += 1
        line += 1
        at += 1
    return rows


def compile_ahead() -> None:
    """Compile every kernel into numba's cache."""
    cutters = [Cutter(4), Cutter(4)]
    for cutter in cutters:
        cutter.cut(b"r,shown,x,y\n", 2)
    _doubled(merge([cutter.nodes for cutter in cutters]).table)
