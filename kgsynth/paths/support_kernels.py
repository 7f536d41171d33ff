"""Compiled steps of whole sets of concepts along families of relations. Import this module late.

A set is a list and a mark for each concept that is in it; a mark is the number of the set, so
that no marks need be cleared.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np

from kgsynth.graph.arrays import Array, readonly, tiny_graph

FEW_ROWS = 24
"""So many statements are read one by one; in more the relations are sought."""
FEW_RELATIONS = 8


class Marks(NamedTuple):
    """Room to make sets in, used again and again."""

    seen: Array
    above: Array
    below: Array
    number: Array
    """One number: of the last set that was made."""


def new_marks(nodes: int) -> Marks:
    """Return room for the sets of a graph."""
    seen, above, below = (np.zeros(nodes, dtype=np.uint32) for _ in range(3))
    return Marks(seen, above, below, np.zeros(1, dtype=np.int64))


class Ladder(NamedTuple):
    """The hierarchy: who stands right above and right below whom."""

    up_indptr: Array
    up: Array
    down_indptr: Array
    down: Array


class Relations(NamedTuple):
    """Some relations: as a mask, and one by one."""

    wanted: Array
    codes: Array


@numba.njit(cache=True, nogil=True)
def grown(found, size):  # type: ignore[no-untyped-def]
    """Return a list with room for one more."""
    if size < found.shape[0]:
        return found
    larger = np.empty(2 * size + 16, dtype=found.dtype)
    larger[:size] = found[:size]
    return larger


@numba.njit(cache=True, nogil=True)
def first_of(relations, begin, end, wanted):  # type: ignore[no-untyped-def]
    """Return where the statements of a relation begin, in a sorted range."""
    while begin < end:
        middle = (begin + end) >> 1
        if relations[middle] < wanted:
            begin = middle + 1
        else:
            end = middle
    return begin


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
                found = grown(found, size)
                found[size] = other
                size += 1
    return found[:size]


@numba.njit(cache=True, nogil=True)
def with_kin(ladder, codes, marks):  # type: ignore[no-untyped-def]
    """Return some concepts with all above any of them and all below any of them.

    They alone are marked with the number of the set, above or below.
    """
    marks.number[0] += 1
    number = np.uint32(marks.number[0])
    above = _climb(ladder.up_indptr, ladder.up, codes, marks.above, number)
    below = _climb(ladder.down_indptr, ladder.down, codes, marks.below, number)
    both = np.empty(above.shape[0] + below.shape[0], dtype=np.int32)
    both[: above.shape[0]] = above
    size = above.shape[0]
    for at in range(below.shape[0]):
        if marks.above[below[at]] != number:
            both[size] = below[at]
            size += 1
    return both[:size]


@numba.njit(cache=True, nogil=True)
def _along_one_side(held, some, node, marks, number, found, size):  # type: ignore[no-untyped-def]
    begin, end = held.indptr[node], held.indptr[node + 1]
    if end - begin <= FEW_ROWS or some.codes.shape[0] > FEW_RELATIONS:
        for place in range(begin, end):
            other = held.target[place]
            if some.wanted[held.predicate[place]] and marks[other] != number:
                marks[other] = number
                found = grown(found, size)
                found[size] = other
                size += 1
        return found, size
    for at in range(some.codes.shape[0]):
        relation = some.codes[at]
        place = first_of(held.predicate, begin, end, relation)
        while place < end and held.predicate[place] == relation:
            other = held.target[place]
            if marks[other] != number:
                marks[other] = number
                found = grown(found, size)
                found[size] = other
                size += 1
            place += 1
    return found, size


@numba.njit(cache=True, nogil=True)
def along(out, into, some, codes, marks):  # type: ignore[no-untyped-def]
    """Return what some concepts are joined to by some relations, either way.

    They alone are marked with the number of the set, as seen.
    """
    marks.number[0] += 1
    number = np.uint32(marks.number[0])
    found = np.empty(64, dtype=np.int32)
    size = 0
    for at in range(codes.shape[0]):
        found, size = _along_one_side(out, some, codes[at], marks.seen, number, found, size)
        found, size = _along_one_side(into, some, codes[at], marks.seen, number, found, size)
    return found[:size]


@numba.njit(cache=True, nogil=True)
def is_sole(out, into, types, alike, marks, path, relations, forward):  # type: ignore[no-untyped-def]
    """Tell whether the relations and types of a path, from its start, lead to its end alone.

    A concept without a type asks for none: any will do in its place.
    """
    hops = path.shape[0] - 1
    at = path[:1].copy()
    for hop in range(hops):
        marks.number[0] += 1
        number = np.uint32(marks.number[0])
        held = out if forward[hop] else into
        relation, wanted = relations[hop], types[path[hop + 1]]
        any_type = not alike[wanted, wanted]
        found, size = np.empty(16, dtype=np.int32), 0
        for node in at:
            end = held.indptr[node + 1]
            place = first_of(held.predicate, held.indptr[node], end, relation)
            while place < end and held.predicate[place] == relation:
                other = held.target[place]
                if marks.seen[other] != number and (any_type or alike[wanted, types[other]]):
                    if hop == hops - 1 and other != path[hops]:
                        return False
                    marks.seen[other] = number
                    found = grown(found, size)
                    found[size] = other
                    size += 1
                place += 1
        at = found[:size]
    return True


def tiny_ladder() -> Ladder:
    """Return one concept below another, to compile for."""
    out, into = tiny_graph()
    return Ladder(out.indptr, out.target, into.indptr, into.target)


def tiny_relations() -> Relations:
    """Return one relation, to compile for."""
    return Relations(np.ones(1, dtype=np.bool_), np.zeros(1, dtype=np.uint16))


def compile_ahead() -> None:
    """Compile every kernel into numba's cache."""
    out, into = tiny_graph()
    codes, marks = np.zeros(1, dtype=np.int32), new_marks(2)
    found = along(out, into, tiny_relations(), codes, marks)
    for some in (codes, found):
        with_kin(tiny_ladder(), some, marks)
    path, types = np.array([0, 1], dtype=np.int32), readonly(np.zeros(2, dtype=np.uint32))
    yes = np.ones((1, 1), dtype=np.bool_)
    is_sole(out, into, types, yes, marks, path, codes.astype(np.uint16), yes[0])
