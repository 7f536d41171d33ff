"""Compact adjacency: two arrays that say who is beside whom."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from kgsynth.graph.kernels import Reach, reach


def mapped(path: Path) -> npt.NDArray[Any]:
    """Map a saved array into memory; as a plain array, for numpy.memmap is slow to index."""
    return np.asarray(np.load(path, mmap_mode="r"))


@dataclass(frozen=True)
class Adjacency:
    """Who can be walked to from where, undirected, each neighbour once, in order of code."""

    indptr: npt.NDArray[np.int64]
    target: npt.NDArray[np.int32]

    @classmethod
    def of_pairs(
        cls, nodes: int, left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]
    ) -> Adjacency:
        """Build from pairs, in either direction and with repeats."""
        keys = np.unique(np.concatenate([left * nodes + right, right * nodes + left]))
        indptr = np.zeros(nodes + 1, dtype=np.int64)
        np.cumsum(np.bincount(keys // max(nodes, 1), minlength=nodes), out=indptr[1:])
        return cls(indptr, (keys % max(nodes, 1)).astype(np.int32))

    @classmethod
    def open(cls, folder: Path, name: str) -> Adjacency:
        """Map the arrays of a saved adjacency into memory."""
        return cls(
            mapped(folder / f"{name}_indptr.npy"),
            mapped(folder / f"{name}_target.npy"),
        )

    def save(self, folder: Path, name: str) -> None:
        """Write the arrays."""
        np.save(folder / f"{name}_indptr.npy", self.indptr)
        np.save(folder / f"{name}_target.npy", self.target)

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
        return reach(self.indptr, self.target, start, max_hops)
