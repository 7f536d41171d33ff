"""Compiled scores and cuts of whole graphs. Import this module late."""

from __future__ import annotations

import numba
import numpy as np

from kgsynth.graph.search_kernels import (
    LEVELS,
    Sides,
    all_joints,
    hops_between,
    new_space,
    next_back,
)


@numba.njit(cache=True, nogil=True)
def _tally(held, side, node, counted, times, seen, found):  # type: ignore[no-untyped-def]
    """Count the relations of a concept at one end of its statements; return how many differ."""
    for at in range(held.indptr[node], held.indptr[node + 1]):
        relation = held.predicate[at]
        if counted[relation]:
            key = 2 * np.int64(relation) + side
            if times[key] == 0:
                seen[found] = key
                found += 1
            times[key] += 1
    return found


@numba.njit(cache=True, nogil=True)
def entropies(out, into, counted, low, high, scores):  # type: ignore[no-untyped-def]
    """Write, for a range of concepts, the entropy in bits of the relations of their statements."""
    times = np.zeros(2 * counted.shape[0], dtype=np.int64)
    seen = np.empty(2 * counted.shape[0], dtype=np.int64)
    for node in range(low, high):
        found = _tally(out, 0, node, counted, times, seen, 0)
        found = _tally(into, 1, node, counted, times, seen, found)
        total = 0
        for at in range(found):
            total += times[seen[at]]
        bits = 0.0
        for at in range(found):
            share = times[seen[at]] / total
            bits -= share * np.log2(share)
            times[seen[at]] = 0
        scores[node] = bits


@numba.njit(cache=True, nogil=True)
def add_loads(sides, pairs, most_hops, space, ways, onward, number, load):  # type: ignore[no-untyped-def]
    """Add, for each pair, the share of its shortest paths that run through each inner concept."""
    for at in range(pairs.shape[0]):
        start, end = pairs[at, 0], pairs[at, 1]
        if start == end:
            continue
        edges, through, levels = all_joints(sides, start, end, most_hops, space, number + at, ways)
        if edges.shape[0] == 0:
            continue
        base = np.uint32((number + at) * LEVELS)
        total = 0.0
        for side in range(2):
            for place in range(space.begins[side, levels[side] + 1]):
                onward[2 * space.met[side, place] + side] = 0.0
        for edge in range(edges.shape[0]):
            left, right = edges[edge, 0], edges[edge, 1]
            total += float(through[edge])
            onward[2 * left] += ways[2 * right + 1]
            onward[2 * right + 1] += ways[2 * left]
        for side in range(2):
            for level in range(levels[side], 0, -1):
                for place in range(space.begins[side, level], space.begins[side, level + 1]):
                    node = space.met[side, place]
                    held = onward[2 * node + side]
                    if held == 0.0:
                        continue
                    load[node] += held * ways[2 * node + side] / total
                    nearer, cursor = next_back(sides, side, space, base, node, level, 0)
                    while nearer >= 0 and level > 1:
                        onward[2 * nearer + side] += held
                        nearer, cursor = next_back(sides, side, space, base, node, level, cursor)


@numba.njit(cache=True, nogil=True)
def _sink(heap, size, at):  # type: ignore[no-untyped-def]
    """Let an entry of a heap down to where none below it is larger."""
    while True:
        largest, left = at, 2 * at + 1
        for child in (left, left + 1):
            if child < size and heap[child] > heap[largest]:
                largest = child
        if largest == at:
            return
        heap[at], heap[largest] = heap[largest], heap[at]
        at = largest


@numba.njit(cache=True, nogil=True)
def peel(indptr, target, may_go, k, gone, order, scores):  # type: ignore[no-untyped-def]
    """Remove the concept of most neighbours ``k`` times, and count anew each time.

    An entry of the heap may be out of date: counts only fall, so it is put right when it comes up.
    """
    nodes = indptr.shape[0] - 1
    degree = np.empty(nodes, dtype=np.int64)
    heap = np.empty(nodes, dtype=np.uint64)
    size = 0
    last = np.uint64(0xFFFFFFFF)
    for node in range(nodes):
        degree[node] = indptr[node + 1] - indptr[node]
        if may_go[node]:
            # Of equal counts the lower code comes first.
            heap[size] = (np.uint64(degree[node]) << np.uint64(32)) | (last - np.uint64(node))
            size += 1
    for at in range(size // 2 - 1, -1, -1):
        _sink(heap, size, at)
    found = 0
    while found < k and size > 0:
        node = int(last - (heap[0] & last))
        held = np.int64(heap[0] >> np.uint64(32))
        if held != degree[node]:
            heap[0] = (np.uint64(degree[node]) << np.uint64(32)) | (last - np.uint64(node))
            _sink(heap, size, 0)
            continue
        size -= 1
        heap[0] = heap[size]
        _sink(heap, size, 0)
        gone[node] = True
        order[found], scores[found] = node, degree[node]
        found += 1
        for place in range(indptr[node], indptr[node + 1]):
            degree[target[place]] -= 1


@numba.njit(cache=True, nogil=True)
def components(indptr, target):  # type: ignore[no-untyped-def]
    """Name, for each concept, one concept of its component; the adjacency goes both ways."""
    nodes = indptr.shape[0] - 1
    above = np.arange(nodes)
    for node in range(nodes):
        for place in range(indptr[node], indptr[node + 1]):
            left, right = node, np.int64(target[place])
            if right < left:
                continue  # it was seen from there
            while above[left] != left:
                above[left] = above[above[left]]
                left = above[left]
            while above[right] != right:
                above[right] = above[above[right]]
                right = above[right]
            if left != right:
                above[max(left, right)] = min(left, right)
    for node in range(nodes):
        while above[node] != above[above[node]]:
            above[node] = above[above[node]]
    return above


def compile_ahead() -> None:
    """Compile every kernel into numba's cache."""
    from kgsynth.graph.arrays import tiny_graph

    held, yes = tiny_graph(), np.ones(2, dtype=np.bool_)
    entropies(*held, yes[:1], 0, 2, np.zeros(2))
    indptr, target = np.array([0, 1, 2]), np.array([1, 0], dtype=np.int32)
    for array in (indptr, target):
        array.flags.writeable = False
    sides, pairs = Sides(indptr, target, indptr, target), np.array([[0, 1]])
    ways, onward = np.zeros(4, dtype=np.int64), np.zeros(4)
    add_loads(sides, pairs, 2, new_space(2, 1), ways, onward, 1, np.zeros(2))
    peel(indptr, target, yes, 1, ~yes, np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64))
    components(indptr, target)
    hops_between(sides, pairs, 2, new_space(2, 1), 1, np.zeros(1, dtype=np.int8))
