"""Compiled search for the paths of a metapath. Import this module late.

From the end back, every concept learns at which places of the metapath it may stand so that the
end is still reached; from the start on, only such concepts are entered. So nothing is walked in
vain but for paths that would meet themselves.
"""

from __future__ import annotations

import numba
import numpy as np

from kgsynth.graph.arrays import tiny_graph


@numba.njit(cache=True, nogil=True)
def _reached_back(held, side, wanted, node, bit, fits, open_at, waiting, size):  # type: ignore[no-untyped-def]
    """Open a place of the metapath for all that one step leads to, from the step's far end back."""
    for at in range(held.indptr[node], held.indptr[node + 1]):
        other = held.target[at]
        if wanted[side, held.predicate[at]] and fits[other] and not open_at[other] & bit:
            open_at[other] |= bit
            waiting[size] = other
            size += 1
    return size


@numba.njit(cache=True, nogil=True)
def places(out, into, steps, fits, end, open_at, waiting, spare):  # type: ignore[no-untyped-def]
    """Tell each concept, bit by bit, from which places the rest of the metapath reaches the end.

    ``steps[k, 0]`` says which relations the step may go along, ``steps[k, 1]`` which against;
    ``fits[k]`` which concepts may stand at place k.
    """
    hops = steps.shape[0]
    if not fits[hops, end]:
        return
    open_at[end] |= np.uint16(1 << hops)
    waiting[0], size = end, 1
    for step in range(hops - 1, -1, -1):
        bit = np.uint16(1 << step)
        found = 0
        for at in range(size):
            # Along a relation means, seen from its object, where it comes in.
            found = _reached_back(
                into, 0, steps[step], waiting[at], bit, fits[step], open_at, spare, found
            )
            found = _reached_back(
                out, 1, steps[step], waiting[at], bit, fits[step], open_at, spare, found
            )
        waiting, spare, size = spare, waiting, found


@numba.njit(cache=True, nogil=True)
def follow(out, into, steps, start, open_at, limit, nodes, edges):  # type: ignore[no-untyped-def]
    """Write the paths from a start in order of relation and code; return (how many, more)."""
    hops = steps.shape[0]
    if not open_at[start] & np.uint16(1):
        return 0, False
    path = np.empty(hops + 1, dtype=np.int32)
    taken = np.empty(hops, dtype=np.int64)
    sides = np.zeros(hops + 1, dtype=np.int64)
    places = np.zeros(hops + 1, dtype=np.int64)
    found, depth = 0, 0
    path[0], places[0] = start, out.indptr[start]
    while depth >= 0:
        node, side = path[depth], sides[depth]
        held = out if side == 0 else into
        if places[depth] == held.indptr[node + 1]:
            if side == 0:
                sides[depth], places[depth] = 1, into.indptr[node]
            else:
                depth -= 1
            continue
        at = places[depth]
        places[depth] += 1
        other = held.target[at]
        if not steps[depth, side, held.predicate[at]]:
            continue
        if not open_at[other] & np.uint16(1 << (depth + 1)):
            continue
        again = False
        for earlier in range(depth + 1):
            again |= path[earlier] == other
        if again:
            continue
        taken[depth] = at if side == 0 else np.int64(into.edge[at])
        path[depth + 1] = other
        if depth + 1 == hops:
            if found == limit:
                return found, True
            nodes[found], edges[found] = path, taken
            found += 1
            continue
        depth += 1
        sides[depth], places[depth] = 0, out.indptr[other]
    return found, False


def compile_ahead() -> None:
    """Compile every kernel into numba's cache."""
    held = tiny_graph()
    steps, fits = np.ones((1, 2, 1), dtype=np.bool_), np.ones((2, 2), dtype=np.bool_)
    open_at, waiting = np.zeros(2, dtype=np.uint16), np.empty(2, dtype=np.int32)
    places(*held, steps, fits, 1, open_at, waiting, waiting.copy())
    nodes, edges = np.empty((1, 2), dtype=np.int32), np.empty((1, 1), dtype=np.int64)
    follow(*held, steps, 0, open_at, 1, nodes, edges)
