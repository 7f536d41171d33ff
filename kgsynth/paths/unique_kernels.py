"""Compiled search for the paths that are the only shortest ones. Import this module late.

One search from a concept counts the shortest paths to all others; where there is one alone, each
concept along it is needed. Relations are chosen at once, so that a path which goes along one and
straight back can be told.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np

from kgsynth.graph.arrays import Array, readonly, tiny_graph
from kgsynth.graph.search_kernels import LEVELS, Sides, flood, new_space, next_back
from kgsynth.paths.sampling_kernels import draw

TWO = 2
"""Paths are counted up to here: one, or more than one."""


class Rules(NamedTuple):
    """What a path must be like."""

    along: Array
    against: Array
    usage: Array
    """How many statements each relation has: of several between two concepts the rarest is told."""
    may_end: Array
    turn_back: bool
    fewest: int
    most: int
    """Hops."""
    quota: int
    """Paths of one start and length."""
    seed: np.uint64


class Room(NamedTuple):
    """What one thread needs beside a `Space`."""

    ways: Array
    close: Array
    """The number of the last search whose start some statement joins to a concept."""
    ends: Array


def new_room(nodes: int) -> Room:
    """Return room to draw paths of a graph."""
    return Room(
        np.empty(nodes, dtype=np.int8),
        np.zeros(nodes, dtype=np.uint32),
        np.empty(nodes, dtype=np.int32),
    )


class Drawn(NamedTuple):
    """Paths of one start, a row each."""

    nodes: Array
    edges: Array
    relations: Array
    forward: Array
    hops: Array


def new_drawn(rows: int, most: int) -> Drawn:
    """Return room for so many paths of up to ``most`` hops, and for one that is not taken."""
    steps = (rows + 1, most)
    return Drawn(
        np.zeros((rows + 1, most + 1), dtype=np.int32),
        np.zeros(steps, dtype=np.int64),
        np.zeros(steps, dtype=np.uint16),
        np.zeros(steps, dtype=np.bool_),
        np.zeros(rows + 1, dtype=np.int8),
    )


@numba.njit(cache=True, nogil=True)
def rarest_step(out, into, along, against, usage, left, right):  # type: ignore[no-untyped-def]
    """Return (statement, relation, forward) of a step: of several, the one of rarest relation.

    The statement is -1 where no relation that may be walked joins the two.
    """
    least, edge, relation, forward = np.int64(-1), np.int64(-1), np.uint16(0), False
    for side in range(2):
        near, far = (left, right) if side == 0 else (right, left)
        allowed = along if side == 0 else against
        # From near to far: read whichever end has fewer statements.
        at_near = out.indptr[near + 1] - out.indptr[near] <= into.indptr[far + 1] - into.indptr[far]
        held, here, there = (out, near, far) if at_near else (into, far, near)
        for at in range(held.indptr[here], held.indptr[here + 1]):
            if held.target[at] != there or not allowed[held.predicate[at]]:
                continue
            times = usage[held.predicate[at]]
            if least < 0 or times < least:
                least, relation, forward = times, held.predicate[at], side == 0
                edge = np.int64(at) if at_near else np.int64(held.edge[at])
    return edge, relation, forward


@numba.njit(cache=True, nogil=True)
def _trace(sides, out, into, rules, space, base, end, hops, drawn, at):  # type: ignore[no-untyped-def]
    """Write the one path to an end; tell whether it may stand."""
    node = end
    drawn.nodes[at, hops] = end
    for level in range(hops, 0, -1):
        nearer, _ = next_back(sides, 0, space, base, node, level, 0)
        edge, relation, forward = rarest_step(
            out, into, rules.along, rules.against, rules.usage, nearer, node
        )
        goes_back = (
            level < hops
            and relation == drawn.relations[at, level]
            and forward != drawn.forward[at, level]
        )
        if goes_back and not rules.turn_back:
            return False
        drawn.nodes[at, level - 1] = nearer
        drawn.edges[at, level - 1] = edge
        drawn.relations[at, level - 1] = relation
        drawn.forward[at, level - 1] = forward
        node = nearer
    return True


@numba.njit(cache=True, nogil=True)
def _mark_beside(held, start, close, number):  # type: ignore[no-untyped-def]
    """Mark what any statement at all joins to a concept."""
    for at in range(held.indptr[start], held.indptr[start + 1]):
        close[held.target[at]] = number


@numba.njit(cache=True, nogil=True)
def paths_from(sides, held, rules, start, space, number, room, drawn, tally):  # type: ignore[no-untyped-def]
    """Draw up to the quota of unique shortest paths of each length from a concept; return how many.

    ``tally`` gets, for each length, the pairs at that distance and those with one path alone.
    """
    out, into = held
    base = np.uint32(number * LEVELS)
    ways, close, ends = room.ways, room.close, room.ends
    levels = flood(sides, 0, start, rules.most, space, base, ways, TWO)
    _mark_beside(out, start, close, number)
    _mark_beside(into, start, close, number)
    met, begins = space.met[0], space.begins[0]
    found = 0
    for length in range(rules.fewest, levels + 1):
        unique = 0
        for at in range(begins[length], begins[length + 1]):
            end = met[at]
            if ways[end] == 1 and rules.may_end[end] and close[end] != number:
                ends[unique] = end
                unique += 1
        tally[length, 0] += begins[length + 1] - begins[length]
        tally[length, 1] += unique
        own = rules.seed + np.uint64(length)
        taken = 0
        for turn in range(unique):
            if taken == rules.quota:
                break
            # A shuffle of Fisher and Yates, as far as it is needed.
            other = turn + np.int64(draw(own, start, turn) % np.uint64(unique - turn))
            ends[turn], ends[other] = ends[other], ends[turn]
            if _trace(sides, out, into, rules, space, base, ends[turn], length, drawn, found):
                drawn.hops[found] = length
                found += 1
                taken += 1
    return found


def compile_ahead() -> None:
    """Compile every kernel into numba's cache."""
    held, nodes = tiny_graph(), np.array([0, 1], dtype=np.int32)
    indptr = np.array([0, 1, 2])
    for array in (indptr, nodes):
        array.flags.writeable = False
    target = readonly(nodes[::-1].copy())
    sides = Sides(indptr, target, indptr, target)
    yes = np.ones(2, dtype=np.bool_)
    rules = Rules(yes, yes, np.ones(1, dtype=np.int64), yes, False, 1, 1, 1, np.uint64(1))
    drawn = new_drawn(1, 1)
    paths_from(sides, held, rules, 0, new_space(2, 1), 1, new_room(2), drawn, np.zeros((2, 2), int))
