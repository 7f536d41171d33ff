"""Compact adjacency: two arrays that say who is beside whom."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kgsynth.errors import UsageError
from kgsynth.graph.arrays import Array, readonly
from kgsynth.graph.texts import mapped, save
from kgsynth.limits import MOST_SEARCHED

if TYPE_CHECKING:
    from kgsynth.graph.search_kernels import Reach, Sides


def within_reach(max_hops: int) -> int:
    """Return a number of hops that a search may go; refuse any other.

    >>> within_reach(5)
    5
    """
    if not 1 <= max_hops <= MOST_SEARCHED:
        raise UsageError(
            f"max_hops is a whole number from 1 to {MOST_SEARCHED}, not {max_hops!r}.",
            remedy="Beyond a few hops nearly everything is joined to everything.",
        )
    return max_hops


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
        from kgsynth.graph.building import without

        return Adjacency(*without(self.indptr, self.target, removed))

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

    @cached_property
    def sides(self) -> Sides:
        """It as compiled search takes it: the same either way."""
        from kgsynth.graph.search_kernels import Sides

        indptr, target = readonly(self.indptr), readonly(self.target)
        return Sides(indptr, target, indptr, target)

    def hops_between(self, pairs: Array, max_hops: int) -> Array:
        """Tell how far apart the concepts of each pair are; -1 for more than ``max_hops``."""
        from kgsynth.graph.search_kernels import hops_between, new_space

        hops = np.empty(len(pairs), dtype=np.int8)
        most = within_reach(max_hops)
        hops_between(self.sides, pairs, most, new_space(len(self.degree), 1), 1, hops)
        return hops

    def reach(self, start: int, max_hops: int) -> Reach:
        """Search from a concept: distances and counts of shortest paths."""
        from kgsynth.graph.search_kernels import reach

        return reach(self.sides.after_indptr, self.sides.after, start, max_hops)
