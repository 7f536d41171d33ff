"""Rich Release Format: fields parted by bars, taken apart by compiled kernels. Import it late.

UMLS files have tens of millions of rows of which a few short fields matter. A kernel finds
where those begin and end, others make numbers of them in place; only names become texts.
Every row that has not the columns of its file is told by its number.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numba
import numpy as np
import numpy.typing as npt
import polars as pl

from kgsynth.errors import SourceError
from kgsynth.sources.columns import DROPPED, LONGEST_TEXT, MOST_LISTED, Progress, no_rows
from kgsynth.sources.opening import Block, blocks

Array = npt.NDArray[Any]
T = TypeVar("T")

BLOCK_BYTES = 16 << 20
BLOCKS_AHEAD = 3
MOST_WORDS = 1 << 13
"""Different words that one block of a column of words may hold."""

_BAR, _NEWLINE, _RETURN = ord("|"), ord("\n"), ord("\r")


class Rows(NamedTuple):
    """The rows of a block that have all columns, and where their wanted fields lie."""

    file: str
    first_row: int
    data: Array
    row: Array
    """Number of each row within the block, from 0."""
    begin: Array
    """Where each row begins."""
    starts: Array
    ends: Array
    bad: Array
    """(number within the block, begin, end) of rows with other columns."""

    def words(self, field: int) -> tuple[Array, list[str]]:
        """Return a code for each row, and the words that the codes mean."""
        codes = np.empty(len(self.row), dtype=np.int32)
        firsts = np.empty(MOST_WORDS, dtype=np.int64)
        found = _intern(self.data, self.starts[:, field], self.ends[:, field], codes, firsts)
        if found < 0:
            raise SourceError(
                f"{self.file} has over {MOST_WORDS} different words in a column of few.",
                remedy="Check that it is the file that its name says.",
            )
        return codes, [self.text(int(row), field) for row in firsts[:found]]

    def text(self, row: int, field: int) -> str:
        """Return one field."""
        return _text(self.data[self.starts[row, field] : self.ends[row, field]])

    def first_byte(self, field: int) -> Array:
        """Return the first byte of a field of each row, or 0 where it is empty."""
        starts, ends = self.starts[:, field], self.ends[:, field]
        return np.where(ends > starts, self.data[np.minimum(starts, len(self.data) - 1)], 0)

    def concepts(self, field: int) -> Array:
        """Return the number of each row's concept identifier, or -1 where it is none."""
        numbers = np.empty(len(self.row), dtype=np.int32)
        _concept_numbers(self.data, self.starts[:, field], self.ends[:, field], numbers)
        return numbers

    def atoms(self, field: int) -> Array:
        """Return the number of each row's atom identifier, or -1 where it is none."""
        numbers = np.empty(len(self.row), dtype=np.int64)
        _atom_numbers(self.data, self.starts[:, field], self.ends[:, field], numbers)
        return numbers

    def texts(self, field: int, rows: Array) -> list[str]:
        """Return a field of some rows; what is not UTF-8 comes with replacement characters."""
        if not len(rows):
            return []
        starts, ends = self.starts[rows, field], self.ends[rows, field]
        joined = np.empty(int((ends - starts).sum()) + len(rows), dtype=np.uint8)
        _join(self.data, starts, ends, joined)
        return _text(joined[:-1]).split("\n")

    def listed(self, rows: Array, reason: str) -> pl.DataFrame:
        """List some rows with what is wrong with them."""
        spans = [(int(self.row[at]), int(self.begin[at])) for at in rows[:MOST_LISTED].tolist()]
        return self._listing(spans, reason)

    def misshapen(self) -> pl.DataFrame:
        """List the rows that have other columns than the file."""
        spans = [(int(row), int(begin)) for row, begin, _ in self.bad[:MOST_LISTED]]
        return self._listing(spans, "wrong-column-count")

    def _listing(self, spans: Sequence[tuple[int, int]], reason: str) -> pl.DataFrame:
        if not spans:
            return no_rows(DROPPED)
        lines = [self.data[begin : begin + 4 * LONGEST_TEXT].tobytes() for _, begin in spans]
        return pl.DataFrame(
            {
                "file": [self.file] * len(spans),
                "row": [self.first_row + row for row, _ in spans],
                "reason": [reason] * len(spans),
                "text": [
                    line.split(b"\n", 1)[0].decode("utf-8", "replace")[:LONGEST_TEXT]
                    for line in lines
                ],
            },
            schema=DROPPED,
        )


class Layout(NamedTuple):
    """How many columns a file has, and the numbers of those that are wanted."""

    columns: int
    wanted: tuple[int, ...]


def read_rows(
    parts: Sequence[Path],
    layout: Layout,
    work: Callable[[Rows], T],
    progress: Progress,
    block_bytes: int = BLOCK_BYTES,
) -> Iterator[T]:
    """Do work on each block of a file's rows, several at once; results come in order."""
    what = f"read {parts[0].name.split('.')[0]}"
    packed = parts[0].suffix.lower() in (".gz", ".bz2", ".xz")
    total = 0 if packed else sum(part.stat().st_size for part in parts)
    done = 0
    waiting: deque[tuple[int, Future[T]]] = deque()

    def task(block: Block) -> T:
        return work(_taken_apart(parts[0].name, block, layout))

    with ThreadPoolExecutor(2) as pool:
        for block in blocks(*parts, block_bytes=block_bytes):
            waiting.append((len(block.data), pool.submit(task, block)))
            if len(waiting) > BLOCKS_AHEAD:
                size, result = waiting.popleft()
                yield result.result()
                done += size
                progress(what, done, total)
        for _, result in waiting:
            yield result.result()
    progress(what, total, total)


def _taken_apart(file: str, block: Block, layout: Layout) -> Rows:
    data = np.frombuffer(block.data, dtype=np.uint8)
    most = block.data.count(b"\n") + 1
    slot = np.full(layout.columns, -1, dtype=np.int32)
    slot[list(layout.wanted)] = np.arange(len(layout.wanted))
    starts = np.empty((most, len(layout.wanted)), dtype=np.int32)
    ends = np.empty_like(starts)
    row, begin = np.empty(most, dtype=np.int32), np.empty(most, dtype=np.int32)
    bad = np.empty((most, 3), dtype=np.int32)
    good, wrong = _scan(data, slot, starts, ends, row, begin, bad)
    return Rows(
        file, block.first_row, data, row[:good], begin[:good], starts[:good], ends[:good],
        bad[:wrong],
    )  # fmt: skip


def _text(data: Array) -> str:
    return data.tobytes().decode("utf-8", "replace")


# --- kernels ----------------------------------------------------------------------------------


@numba.njit(cache=True, nogil=True)
def _scan(data, slot, starts, ends, row, begin, bad):  # type: ignore[no-untyped-def]
    """Find the wanted fields of each row; return how many rows are good, and how many not."""
    columns = slot.shape[0]
    good, wrong, rows = 0, 0, 0
    line, field, column = 0, 0, 0
    size = data.shape[0]
    for at in range(size + 1):
        byte = data[at] if at < size else _NEWLINE
        if byte == _BAR:
            if column < columns and slot[column] >= 0:
                starts[good, slot[column]] = field
                ends[good, slot[column]] = at
            column += 1
            field = at + 1
        elif byte == _NEWLINE:
            if at == size and line == size:
                break
            end = at - 1 if at > line and data[at - 1] == _RETURN else at
            if column == columns and end == field:
                row[good] = rows
                begin[good] = line
                good += 1
            else:
                bad[wrong, 0], bad[wrong, 1], bad[wrong, 2] = rows, line, end
                wrong += 1
            rows += 1
            line, field, column = at + 1, at + 1, 0
    return good, wrong


@numba.njit(cache=True, nogil=True)
def _same(data, start, other, length):  # type: ignore[no-untyped-def]
    for at in range(length):  # noqa: SIM110 - a generator cannot be compiled
        if data[start + at] != data[other + at]:
            return False
    return True


@numba.njit(cache=True, nogil=True)
def _intern(data, starts, ends, codes, firsts):  # type: ignore[no-untyped-def]
    """Number the different words in the order of their coming; -1 when there are too many."""
    room = 4 * firsts.shape[0]
    table = np.full(room, -1, dtype=np.int32)
    found = 0
    for row in range(codes.shape[0]):
        start, length = starts[row], ends[row] - starts[row]
        value = np.uint64(0xCBF29CE484222325)
        for at in range(start, ends[row]):
            value = (value ^ np.uint64(data[at])) * np.uint64(0x100000001B3)
        place = np.int64((value ^ (value >> np.uint64(32))) & np.uint64(room - 1))
        while table[place] >= 0:
            first = firsts[table[place]]
            if ends[first] - starts[first] == length and _same(data, start, starts[first], length):
                break
            place = (place + 1) & (room - 1)
        if table[place] < 0:
            if found == firsts.shape[0]:
                return -1
            table[place] = found
            firsts[found] = row
            found += 1
        codes[row] = table[place]
    return found


CONCEPT_NUMBERS = 10_000_000 + 1_000_000 + 10_000_000
"""Identifiers are C and seven digits, or those of NCI: CL and six or seven."""


@numba.njit(cache=True, nogil=True)
def _concept_numbers(data, starts, ends, numbers):  # type: ignore[no-untyped-def]
    for row in range(numbers.shape[0]):
        start, end = starts[row], ends[row]
        length = end - start
        numbers[row] = -1
        if length < 8 or length > 9 or data[start] != 67:
            continue
        nci = data[start + 1] == 76
        if nci != (length == 9) and not (nci and length == 8):
            continue
        number = np.int64(0)
        for at in range(start + (2 if nci else 1), end):
            digit = np.int64(data[at]) - 48
            if digit < 0 or digit > 9:
                number = np.int64(-1)
                break
            number = 10 * number + digit
        if number >= 0:
            above = 0 if not nci else 10_000_000 if length == 8 else 11_000_000
            numbers[row] = above + number


@numba.njit(cache=True, nogil=True)
def _atom_numbers(data, starts, ends, numbers):  # type: ignore[no-untyped-def]
    for row in range(numbers.shape[0]):
        start, end = starts[row], ends[row]
        numbers[row] = -1
        if end - start < 2 or end - start > 10 or data[start] != 65:
            continue
        number = np.int64(0)
        for at in range(start + 1, end):
            digit = np.int64(data[at]) - 48
            if digit < 0 or digit > 9:
                number = np.int64(-1)
                break
            number = 10 * number + digit
        numbers[row] = number


@numba.njit(cache=True, nogil=True)
def _join(data, starts, ends, joined):  # type: ignore[no-untyped-def]
    """Write fields one after the other, each with a newline behind it."""
    out = 0
    for row in range(starts.shape[0]):
        for at in range(starts[row], ends[row]):
            joined[out] = data[at]
            out += 1
        joined[out] = _NEWLINE
        out += 1


def concept_ids(numbers: Array) -> pl.Series:
    """Write concept identifiers as CURIEs."""
    number = pl.Series("number", numbers, dtype=pl.Int64)
    digits = pl.col("number").cast(pl.String)
    return pl.DataFrame({"number": number}).select(
        pl.when(pl.col("number") < 10_000_000)
        .then("UMLS:C" + digits.str.zfill(7))
        .when(pl.col("number") < 11_000_000)
        .then("UMLS:CL" + (pl.col("number") - 10_000_000).cast(pl.String).str.zfill(6))
        .otherwise("UMLS:CL" + (pl.col("number") - 11_000_000).cast(pl.String).str.zfill(7))
        .alias("id")
    )["id"]


def compile_ahead() -> None:
    """Compile every kernel into numba's cache."""
    block = Block(1, b"C0000001|A1|x|\n")
    rows = _taken_apart("", block, Layout(3, (0, 1, 2)))
    rows.concepts(0), rows.atoms(1), rows.words(2), rows.texts(2, np.array([0]))
