"""Compiled kernels that turn rows of statements into compact arrays. Import this module late.

Rows are counted and dealt out by subject, and each concept's few rows sorted on their own: no
sort of the whole is needed, nor a key that holds all of a statement. Work is cut into ranges of
concepts, which threads take side by side without ever writing to the same place.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import numba
import numpy as np

from kgsynth.graph.arrays import Array, Incoming, Statements

PREDICATE_BITS, ORIGIN_BITS = 15, 16
"""A row as one number: predicate, other end (32 bits), origin, and whether it was turned."""
ORIGIN_SHIFT, OBJECT_SHIFT, PREDICATE_SHIFT = 1, 17, 49


class Rows(NamedTuple):
    """The statements of one source, and what its codes mean in the store."""

    subject: Array
    predicate: Array
    object: Array
    origin: Array
    concepts: Array
    """Code in the store of each concept of the source."""
    predicates: Array
    """Code in the store of each of its relations."""
    turned: Array
    """Whether a relation is spelled the other way round."""
    symmetric: Array
    origins: Array


class Merged(NamedTuple):
    """What came of the rows."""

    statements: Statements
    origin_sets: list[tuple[int, ...]]
    self_loops: int
    twins: int
    """Rows that say what another says the other way round."""
    repeats: int


# --- dealing rows out ------------------------------------------------------------------------


@numba.njit(cache=True, nogil=True)
def _ends(row, rows):  # type: ignore[no-untyped-def]
    """Return (subject, object, turned) of a row in the words of the store."""
    left = rows.concepts[rows.subject[row]]
    right = rows.concepts[rows.object[row]]
    predicate = rows.predicate[row]
    turned = rows.turned[predicate]
    if rows.symmetric[predicate]:
        turned = left > right
    if turned:
        return right, left, True
    return left, right, False


@numba.njit(cache=True, nogil=True)
def _count(rows, counts, low, high):  # type: ignore[no-untyped-def]
    """Count the rows of each subject of a range; return the self loops."""
    loops = 0
    for row in range(rows.subject.shape[0]):
        subject, obj, _ = _ends(row, rows)
        if low <= subject < high:
            if subject == obj:
                loops += 1
            else:
                counts[subject] += 1
    return loops


@numba.njit(cache=True, nogil=True)
def _deal(rows, place, keys, low, high):  # type: ignore[no-untyped-def]
    """Write each row of a range of subjects to the next place of its subject."""
    for row in range(rows.subject.shape[0]):
        subject, obj, turned = _ends(row, rows)
        if low <= subject < high and subject != obj:
            key = np.uint64(rows.predicates[rows.predicate[row]]) << np.uint64(PREDICATE_SHIFT)
            key |= np.uint64(obj) << np.uint64(OBJECT_SHIFT)
            key |= np.uint64(rows.origins[rows.origin[row]]) << np.uint64(ORIGIN_SHIFT)
            if turned:
                key |= np.uint64(1)
            keys[place[subject]] = key
            place[subject] += 1


@numba.njit(cache=True, nogil=True)
def _sort_rows(indptr, keys, counts, low, high):  # type: ignore[no-untyped-def]
    """Sort each subject's rows and count its distinct statements; return (twins, repeats)."""
    twins, repeats = 0, 0
    for subject in range(low, high):
        begin, end = indptr[subject], indptr[subject + 1]
        if end - begin > 1:
            keys[begin:end].sort()
        statements = 0
        at = begin
        while at < end:
            fact = keys[at] >> np.uint64(OBJECT_SHIFT)
            turned = 0
            first = at
            while at < end and keys[at] >> np.uint64(OBJECT_SHIFT) == fact:
                turned += int(keys[at] & np.uint64(1))
                at += 1
            both_ways = min(turned, at - first - turned)
            twins += both_ways
            repeats += at - first - 1 - both_ways
            statements += 1
        counts[subject] = statements
    return twins, repeats


class _OriginSets(NamedTuple):
    """Sets of origins as a tree: each is the one at ``parent`` and one origin more."""

    origin: Array
    parent: Array
    child: Array
    sibling: Array

    @classmethod
    def of(cls, origins: int, room: int) -> _OriginSets:
        """Begin with the sets of one origin."""
        blank = (np.full(origins + room, -1, dtype=np.int64) for _ in range(3))
        return cls(np.arange(origins + room), *blank)

    def listed(self, sets: int) -> list[tuple[int, ...]]:
        """Write the sets out."""
        out: list[tuple[int, ...]] = []
        pairs = zip(self.origin[:sets].tolist(), self.parent[:sets].tolist(), strict=True)
        for origin, parent in pairs:
            out.append((*out[parent], origin) if parent >= 0 else (origin,))
        return out


@numba.njit(cache=True, nogil=True)
def _with_origin(tree, sets, held, origin):  # type: ignore[no-untyped-def]
    """Return (the set with one origin more, how many sets there are)."""
    found = tree.child[held]
    while found >= 0 and tree.origin[found] != origin:
        found = tree.sibling[found]
    if found >= 0:
        return found, sets
    if sets < tree.origin.shape[0]:
        tree.origin[sets] = origin
        tree.parent[sets] = held
        tree.sibling[sets] = tree.child[held]
        tree.child[held] = sets
    return np.int64(sets), sets + 1


@numba.njit(cache=True, nogil=True)
def _write_statements(row_indptr, keys, predicate, target, origins, tree, sets):  # type: ignore[no-untyped-def]
    """Write each statement once; return how many sets of origins there are, room or not."""
    room = tree.origin.shape[0]
    out = -1
    for subject in range(row_indptr.shape[0] - 1):
        begin = row_indptr[subject]
        for at in range(begin, row_indptr[subject + 1]):
            key = keys[at]
            origin = np.int64((key >> np.uint64(ORIGIN_SHIFT)) & np.uint64(0xFFFF))
            if at == begin or (key ^ keys[at - 1]) >> np.uint64(OBJECT_SHIFT):
                out += 1
                predicate[out] = np.uint16(key >> np.uint64(PREDICATE_SHIFT))
                target[out] = np.int32((key >> np.uint64(OBJECT_SHIFT)) & np.uint64(0xFFFFFFFF))
                origins[out] = origin
            elif (key ^ keys[at - 1]) >> np.uint64(ORIGIN_SHIFT):
                held, sets = _with_origin(tree, sets, np.int64(origins[out]), origin)
                if sets > room:
                    return sets
                origins[out] = held
    return sets


def merge(sources: Sequence[Rows], nodes: int, origins: int) -> Merged:
    """Turn inverse rows round, drop self loops, keep each statement once with all its origins."""
    counts = np.zeros(nodes, dtype=np.int64)
    loops = 0
    for rows in sources:
        loops += sum(_in_ranges(nodes, partial(_count, rows, counts)))
    row_indptr = _starts(counts)
    keys = np.empty(int(row_indptr[-1]), dtype=np.uint64)
    place = row_indptr[:-1].copy()
    for rows in sources:
        _in_ranges(nodes, partial(_deal, rows, place, keys))
    doubled = _in_ranges(nodes, partial(_sort_rows, row_indptr, keys, counts))
    statements, origin_sets = _statements(row_indptr, keys, _starts(counts), origins)
    return Merged(
        statements,
        origin_sets,
        int(loops),
        int(sum(twins for twins, _ in doubled)),
        int(sum(repeats for _, repeats in doubled)),
    )


def _statements(
    row_indptr: Array, keys: Array, indptr: Array, origins: int
) -> tuple[Statements, list[tuple[int, ...]]]:
    size = int(indptr[-1])
    predicate = np.empty(size, dtype=np.uint16)
    target = np.empty(size, dtype=np.int32)
    codes = np.empty(size, dtype=np.uint32)
    room = 1 << 10
    while True:
        tree = _OriginSets.of(origins, room)
        sets = _write_statements(row_indptr, keys, predicate, target, codes, tree, origins)
        if sets <= origins + room:
            return Statements(indptr, predicate, target, codes), tree.listed(sets)
        room *= 8


# --- the other directions --------------------------------------------------------------------


@numba.njit(cache=True, nogil=True)
def _deal_incoming(target, predicate, place, keys, low, high):  # type: ignore[no-untyped-def]
    """Write (predicate, statement) to the next place of each object of a range."""
    for statement in range(target.shape[0]):
        obj = target[statement]
        if low <= obj < high:
            keys[place[obj]] = np.uint64(predicate[statement]) << np.uint64(32) | np.uint64(
                statement
            )
            place[obj] += 1


@numba.njit(cache=True, nogil=True)
def _sort_incoming(indptr, keys, subjects, target, predicate, edge, low, high):  # type: ignore[no-untyped-def]
    for obj in range(low, high):
        begin, end = indptr[obj], indptr[obj + 1]
        if end - begin > 1:
            keys[begin:end].sort()
        for at in range(begin, end):
            statement = np.uint32(keys[at] & np.uint64(0xFFFFFFFF))
            edge[at] = statement
            predicate[at] = np.uint16(keys[at] >> np.uint64(32))
            target[at] = subjects[statement]


def incoming(statements: Statements) -> Incoming:
    """Turn the arrays round: who points here."""
    nodes, size = len(statements.indptr) - 1, len(statements.target)
    indptr = _starts(np.bincount(statements.target, minlength=nodes))
    keys = np.empty(size, dtype=np.uint64)
    place = indptr[:-1].copy()
    _in_ranges(nodes, partial(_deal_incoming, statements.target, statements.predicate, place, keys))
    subjects = np.repeat(np.arange(nodes, dtype=np.int32), np.diff(statements.indptr))
    target = np.empty(size, dtype=np.int32)
    predicate = np.empty(size, dtype=np.uint16)
    edge = np.empty(size, dtype=np.uint32)
    _in_ranges(nodes, partial(_sort_incoming, indptr, keys, subjects, target, predicate, edge))
    return Incoming(indptr, predicate, target, edge)


@numba.njit(cache=True, nogil=True)
def _beside(out, into, along, against, counts, low, high):  # type: ignore[no-untyped-def]
    """List the distinct concepts that some relations lead to, from a range of concepts."""
    most = (out.indptr[high] - out.indptr[low]) + (into.indptr[high] - into.indptr[low])
    found = np.empty(most, dtype=np.int32)
    size = 0
    for node in range(low, high):
        first = size
        for at in range(out.indptr[node], out.indptr[node + 1]):
            if along[out.predicate[at]]:
                found[size] = out.target[at]
                size += 1
        for at in range(into.indptr[node], into.indptr[node + 1]):
            if against[into.predicate[at]]:
                found[size] = into.target[at]
                size += 1
        if size - first > 1:
            found[first:size].sort()
            kept = first + 1
            for at in range(first + 1, size):
                if found[at] != found[kept - 1]:
                    found[kept] = found[at]
                    kept += 1
            size = kept
        counts[node] = size - first
    return found[:size].copy()


def neighbours(
    out: Statements, into: Incoming, along: Array, against: Array
) -> tuple[Array, Array]:
    """Return who can be walked to from where: along some relations, and against some."""
    nodes = len(out.indptr) - 1
    counts = np.zeros(nodes, dtype=np.int64)
    parts = _in_ranges(nodes, partial(_beside, out, into, along, against, counts))
    target = np.concatenate(parts) if parts else np.empty(0, dtype=np.int32)
    return _starts(counts), target


@numba.njit(cache=True, nogil=True)
def _left_beside(indptr, target, gone, counts, low, high):  # type: ignore[no-untyped-def]
    """List the neighbours of a range of concepts, as far as both ends are left."""
    found = np.empty(indptr[high] - indptr[low], dtype=np.int32)
    size = 0
    for node in range(low, high):
        first = size
        if not gone[node]:
            for at in range(indptr[node], indptr[node + 1]):
                if not gone[target[at]]:
                    found[size] = target[at]
                    size += 1
        counts[node] = size - first
    return found[:size].copy()


def without(indptr: Array, target: Array, gone: Array) -> tuple[Array, Array]:
    """Return the induced subgraph: what is gone keeps its code, but no neighbour."""
    nodes = len(indptr) - 1
    counts = np.zeros(nodes, dtype=np.int64)
    parts = _in_ranges(nodes, partial(_left_beside, indptr, target, gone, counts))
    target = np.concatenate(parts) if parts else np.empty(0, dtype=np.int32)
    return _starts(counts), target


@numba.njit(cache=True, nogil=True)
def _find(indptr, predicate, target, subjects, predicates, objects, found):  # type: ignore[no-untyped-def]
    for at in range(subjects.shape[0]):
        wanted = np.uint64(predicates[at]) << np.uint64(32) | np.uint64(objects[at])
        low, high = indptr[subjects[at]], indptr[subjects[at] + 1]
        while low < high:
            middle = (low + high) // 2
            held = np.uint64(predicate[middle]) << np.uint64(32) | np.uint64(target[middle])
            if held < wanted:
                low = middle + 1
            else:
                high = middle
        found[at] = low


def find(statements: Statements, subjects: Array, predicates: Array, objects: Array) -> Array:
    """Return the number of each statement; all of them must be there."""
    found = np.empty(len(subjects), dtype=np.int64)
    _find(*statements[:3], subjects, predicates, objects, found)
    return found


# --- hashes of texts ---------------------------------------------------------------------------


@numba.njit(cache=True, nogil=True)
def _hash_texts(offsets, data, hashes):  # type: ignore[no-untyped-def]
    for at in range(offsets.shape[0] - 1):
        value = np.uint64(0xCBF29CE484222325)
        for place in range(offsets[at], offsets[at + 1]):
            value = (value ^ np.uint64(data[place])) * np.uint64(0x100000001B3)
        hashes[at] = value


def hash_texts(offsets: Array, data: Array) -> Array:
    """Hash each text (FNV-1a, 64 bits), to look it up by."""
    hashes = np.empty(len(offsets) - 1, dtype=np.uint64)
    _hash_texts(offsets, data, hashes)
    return hashes


# --- ranges ----------------------------------------------------------------------------------


def _starts(counts: Array) -> Array:
    indptr = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=indptr[1:])
    return indptr


def _in_ranges(nodes: int, work: Callable[..., Any]) -> list[Any]:
    """Do work on ranges of concepts, a thread each; results come in order."""
    parts = max(1, min(os.cpu_count() or 1, nodes, 8))
    bounds = [nodes * part // parts for part in range(parts + 1)]
    ranges = list(pairwise(bounds))
    if parts == 1:
        return [work(*bound) for bound in ranges]
    with ThreadPoolExecutor(parts) as pool:
        return list(pool.map(lambda bound: work(*bound), ranges))


def compile_ahead() -> None:
    """Compile every kernel into numba's cache."""
    some = np.array([0, 0, 1], dtype=np.uint32)
    other = np.array([1, 1, 0], dtype=np.uint32)
    word = np.zeros(3, dtype=np.uint16)
    yes = np.zeros(1, dtype=np.bool_)
    codes = np.zeros(1, dtype=np.uint16)
    concepts = np.arange(2, dtype=np.uint32)
    rows = Rows(some, word, other, word, concepts, codes, yes, yes, codes)
    merged = merge([rows], 2, 1).statements
    yes_once = np.ones(1, dtype=np.bool_)
    beside = neighbours(merged, incoming(merged), yes_once, yes_once)
    without(*beside, np.zeros(2, dtype=np.bool_))
    find(merged, np.array([0]), np.array([0]), np.array([1]))
    hash_texts(np.array([0, 1]), np.zeros(1, dtype=np.uint8))
