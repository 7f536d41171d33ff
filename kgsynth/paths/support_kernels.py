"""Compiled steps of whole sets of concepts along families of relations. Import this module late.

A set is a list and a mark for each concept that is in it; a mark is the number of the set, so
that no marks need be cleared.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np

from kgsynth.graph.arrays import Array, tiny_graph


class Marks(NamedTuple):
    """Room to make sets in, used again and again."""

    seen: Array
    above: Array
    below: Array
    number: Array
    """One number: of the last set that was made."""


def new_marks(nodes: int) -> Marks:
    """Return room for the sets of a graph."""
    sizes = (nodes, nodes, nodes, 1)
    return Marks(*(np.zeros(size, dtype=np.int64) for size in sizes))


@numba.njit(cache=True, nogil=True)
def _climb(indptr, target, codes, marks, number):  # type: ignore[no-untyped-def]
    """Return a set with everything that can be reached along an adjacency."""
    found = np.empty(max(16, 2 * codes.shape[0]), dtype=np.int32)
    size = 0
    for at in range(codes.shape[0]):
        if marks[codes[at]] != number:
            marks[codes[at]] = number
            found[size] = codes[at]
            size += 1
    at = 0
    while at < size:
        node = found[at]
        at += 1
        for place in range(indptr[node], indptr[node + 1]):
            other = target[place]
            if marks[other] != number:
                marks[other] = number
                if size == found.shape[0]:
                    grown = np.empty(2 * size, dtype=np.int32)
                    grown[:size] = found
                    found = grown
                found[size] = other
                size += 1
    return found[:size]


@numba.njit(cache=True, nogil=True)
def with_kin(up, down, codes, marks):  # type: ignore[no-untyped-def]
    """Return some concepts with all above any of them and all below any of them."""
    marks.number[0] += 1
    number = marks.number[0]
    above = _climb(up[0], up[1], codes, marks.above, number)
    below = _climb(down[0], down[1], codes, marks.below, number)
    both = np.empty(above.shape[0] + below.shape[0], dtype=np.int32)
    both[: above.shape[0]] = above
    size = above.shape[0]
    for at in range(below.shape[0]):
        if marks.above[below[at]] != number:
            both[size] = below[at]
            size += 1
    return both[:size]


@numba.njit(cache=True, nogil=True)
def along(out, into, wanted, codes, marks):  # type: ignore[no-untyped-def]
    """Return what some concepts are joined to by the wanted relations, either way."""
    marks.number[0] += 1
    number = marks.number[0]
    found = np.empty(64, dtype=np.int32)
    size = 0
    for at in range(codes.shape[0]):
        node = codes[at]
        for side in range(2):
            held = out if side == 0 else into
            for place in range(held.indptr[node], held.indptr[node + 1]):
                other = held.target[place]
                if wanted[held.predicate[place]] and marks.seen[other] != number:
                    marks.seen[other] = number
                    if size == found.shape[0]:
                        grown = np.empty(2 * size, dtype=np.int32)
                        grown[:size] = found
                        found = grown
                    found[size] = other
                    size += 1
    return found[:size]


def compile_ahead() -> None:
    """Compile every kernel into numba's cache."""
    out, into = tiny_graph()
    codes, marks = np.zeros(1, dtype=np.int32), new_marks(2)
    found = along(out, into, np.ones(1, dtype=np.bool_), codes, marks)
    for some in (codes, found):
        with_kin((out.indptr, out.target), (into.indptr, into.target), some, marks)
