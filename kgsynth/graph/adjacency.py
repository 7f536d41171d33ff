"""Compact adjacency: two arrays that say who is beside whom."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kgsynth.graph.texts import mapped, save

if TYPE_CHECKING:
    from kgsynth.graph.kernels import Reach


@dataclass(frozen=True)
class Adjacency:
    """Who can be walked to from where, undirected, each neighbour once, in order of code."""

    indptr: npt.NDArray[np.int64]
    target: npt.NDArray[np.int32]

    @classmethod
    def open(cls, folder: Path, name: str) -> Adjacency:
        """Map the arrays of a saved adjacency into memory."""
        return cls(
            mapped(folder / f"{name}_indptr.npy"),
            mapped(folder / f"{name}_target.npy"),
        )

    def save(self, folder: Path, name: str) -> None:
        """Write the arrays."""
        save(folder / f"{name}_indptr.npy", self.indptr)
        save(folder / f"{name}_target.npy", self.target)

    def without(self, removed: npt.NDArray[np.bool_]) -> Adjacency:
        """Return the induced subgraph: the removed concepts keep their codes, but no neighbour."""
        source = np.repeat(np.arange(len(removed)), self.degree)
        keep = ~removed[source] & ~removed[self.target]
        indptr = np.zeros(len(removed) + 1, dtype=np.int64)
        np.cumsum(np.bincount(source[keep], minlength=len(removed)), out=indptr[1:])
        return Adjacency(indptr, np.asarray(self.target)[keep])

    @cached_property
    def degree(self) -> npt.NDArray[np.int64]:
        """Number of distinct neighbours of each concept."""
        return np.diff(self.indptr)

    def neighbours(self, code: int) -> npt.NDArray[np.int32]:
        """Return the codes beside one concept, in order."""
        return self.target[self.indptr[code] : self.indptr[code + 1]]

    def beside(self, left: int, right: int) -> bool:
        """Tell whether two concepts are neighbours."""
        row = self.neighbours(left)
        place = int(np.searchsorted(row, right))
        return place < len(row) and int(row[place]) == right

    def reach(self, start: int, max_hops: int) -> Reach:
        """Search from a concept: distances and counts of shortest paths."""
        from kgsynth.graph.kernels import reach

        return reach(self.indptr, self.target, start, max_hops)
