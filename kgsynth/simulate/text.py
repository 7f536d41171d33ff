"""Rows of text from columns of numbers, a block at a time.

A row is put together from pieces of fixed width in one byte matrix: a table's entry, a number's
digits, a constant. What is shorter than its piece is padded with zero bytes, and these are
dropped when the matrix is written. Nothing here makes a Python object per row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Codes = npt.NDArray[Any]
"""Whole numbers, of any width."""
Mask = npt.NDArray[np.bool_]

BLOCK_ROWS = 1 << 17
"""Rows made at once: the matrix stays in a few tens of megabytes."""
_FOUR = 10_000


class Pick(NamedTuple):
    """Each row holds the entry of ``table`` that its code names."""

    table: Bytes
    codes: Codes


class Number(NamedTuple):
    """Each row holds a number with leading zeros, after a prefix; nothing where not ``kept``."""

    prefix: bytes
    values: Codes
    width: int
    kept: Mask | None = None


Piece = bytes | Pick | Number


def table_of(words: Sequence[str]) -> Bytes:
    """Lay words out as a table of bytes, padded with zeros."""
    encoded = [word.encode() for word in words]
    width = max(1, *map(len, encoded))
    joined = b"".join(word.ljust(width, b"\0") for word in encoded)
    return np.frombuffer(joined, dtype=np.uint8).reshape(len(encoded), width)


def digits_of(prefix: bytes, values: Codes, width: int) -> Bytes:
    """Lay numbers out as a table of bytes: C0000005."""
    out = np.empty((len(values), len(prefix) + width), dtype=np.uint8)
    _put(out, Number(prefix, values, width))
    return out


def lines(count: int, pieces: Sequence[Piece]) -> bytes:
    """Write ``count`` rows, each of these pieces one after the other."""
    widths = [_width(piece) for piece in pieces]
    matrix = np.empty((count, sum(widths)), dtype=np.uint8)
    place = 0
    for piece, width in zip(pieces, widths, strict=True):
        _put(matrix[:, place : place + width], piece)
        place += width
    return matrix.tobytes().translate(None, b"\0")


def spans(rows: int, size: int) -> Iterator[tuple[int, int]]:
    """Yield the first row and the row after the last of each block.

    >>> list(spans(5, 2))
    [(0, 2), (2, 4), (4, 5)]
    """
    for first in range(0, rows, size):
        yield first, min(first + size, rows)


def _width(piece: Piece) -> int:
    if isinstance(piece, bytes):
        return len(piece)
    if isinstance(piece, Pick):
        return int(piece.table.shape[1])
    return len(piece.prefix) + piece.width


def _put(out: Bytes, piece: Piece) -> None:
    if isinstance(piece, bytes):
        out[:] = np.frombuffer(piece, dtype=np.uint8)
    elif isinstance(piece, Pick):
        out[:] = piece.table.take(piece.codes, axis=0)
    else:
        _put_number(out, piece)


def _put_number(out: Bytes, piece: Number) -> None:
    """Write digits four at a time, from the last to the first."""
    _put(out[:, : len(piece.prefix)], piece.prefix)
    left = piece.values.astype(np.uint32, copy=False)
    end = out.shape[1]
    while end > len(piece.prefix):
        rest = left // np.uint32(_FOUR)
        four = left - rest * np.uint32(_FOUR)
        left = rest
        start = max(len(piece.prefix), end - 4)
        out[:, start:end] = _four_digits()[:, 4 - (end - start) :].take(four, axis=0)
        end = start
    if piece.kept is not None:
        out[~piece.kept] = 0


@cache
def _four_digits() -> Bytes:
    return table_of([f"{number:04}" for number in range(_FOUR)])
