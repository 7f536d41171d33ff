"""Millions of texts in two arrays, mapped into memory: reading one touches one page or two.

A Parquet or Arrow column is decoded or checked whole before its first value can be read, which
for ten million names costs a second and half a gigabyte.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

CHUNK = 1 << 20
"""Texts that are held as Python strings at once."""


def mapped(path: Path) -> npt.NDArray[Any]:
    """Map a saved array into memory; as a plain array, for numpy.memmap is slow to index."""
    return np.asarray(np.load(path, mmap_mode="r"))


def save(path: Path, array: npt.NDArray[Any]) -> None:
    """Write an array. numpy's own way of writing says not what the system refused."""
    with path.open("wb") as file:
        header = np.lib.format.header_data_from_array_1_0(array)  # type: ignore[no-untyped-call]
        np.lib.format.write_array_header_1_0(file, header)  # type: ignore[no-untyped-call]
        file.write(np.ascontiguousarray(array).data)


@dataclass(frozen=True, slots=True)
class Texts(Sequence[str]):
    """Texts one after the other in UTF-8, and where each begins."""

    offsets: npt.NDArray[np.int64]
    data: npt.NDArray[np.uint8]

    @classmethod
    def of(cls, texts: pl.Series) -> Texts:
        """Lay out a column of texts."""
        offsets = np.zeros(len(texts) + 1, dtype=np.int64)
        np.cumsum(texts.str.len_bytes().to_numpy(), out=offsets[1:])
        data = np.empty(int(offsets[-1]), dtype=np.uint8)
        for first in range(0, len(texts), CHUNK):
            joined = "".join(texts.slice(first, CHUNK).to_list()).encode()
            data[offsets[first] : offsets[first] + len(joined)] = np.frombuffer(joined, np.uint8)
        return cls(offsets, data)

    @classmethod
    def open(cls, folder: Path, name: str) -> Texts:
        """Map saved texts into memory."""
        return cls(mapped(folder / f"{name}_offsets.npy"), mapped(folder / f"{name}_bytes.npy"))

    def save(self, folder: Path, name: str) -> None:
        """Write the arrays."""
        save(folder / f"{name}_offsets.npy", self.offsets)
        save(folder / f"{name}_bytes.npy", self.data)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, at: int) -> str:  # type: ignore[override]
        if at < 0 or at >= len(self):
            raise IndexError(at)
        return self.data[self.offsets[at] : self.offsets[at + 1]].tobytes().decode()

    def __iter__(self) -> Iterator[str]:
        for first in range(0, len(self), CHUNK):
            yield from self.between(first, min(first + CHUNK, len(self)))

    def between(self, first: int, end: int) -> list[str]:
        """Return the texts from one place up to another."""
        bounds = (self.offsets[first : end + 1] - self.offsets[first]).tolist()
        data = self.data[self.offsets[first] : self.offsets[end]].tobytes()
        return [data[begin:stop].decode() for begin, stop in pairwise(bounds)]

    def place(self, text: str) -> int | None:
        """Return where a text stands, or None; the texts must be sorted."""
        at = self.first(text)
        return at if at < len(self) and self[at] == text else None

    def first(self, text: str) -> int:
        """Return the place of the first text that does not sort before this one."""
        wanted = text.encode("utf-8", "surrogatepass")
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self._raw(middle) < wanted:
                low = middle + 1
            else:
                high = middle
        return low

    def _raw(self, at: int) -> bytes:
        return bytes(self.data[self.offsets[at] : self.offsets[at + 1]])

    def at(self, places: npt.NDArray[Any]) -> pl.Series:
        """Return the texts at some places as a column; each is read once."""
        distinct, where = np.unique(places, return_inverse=True)
        texts = [self[place] for place in distinct.tolist()]
        return pl.Series(texts, dtype=pl.String).gather(where)

    def column(self) -> pl.Series:
        """Return all texts as a column."""
        parts = (
            pl.Series(self.between(first, min(first + CHUNK, len(self))), dtype=pl.String)
            for first in range(0, len(self), CHUNK)
        )
        return pl.concat(parts) if len(self) else pl.Series(dtype=pl.String)
