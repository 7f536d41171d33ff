"""Compiled random walks along statements. Import this module late.

A step is one number: the concept that it leads to, and above that the relation and its direction.
A walk is a matter of the seed and of its own number alone, so that any number of threads draws
the same ones. Walks are drawn side by side, a step of each in turn: while one waits for memory,
the others go on.
"""

from __future__ import annotations

import numba
import numpy as np

from kgsynth.graph.arrays import tiny_graph

ABREAST = 16
TRIES = 4
"""Draws for one step before a walk is given up for having gone in a circle."""
RESTARTS = 64

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_DRAWS = np.uint64(1 << 12)
"""Random numbers that a walk may use; the next one's begin behind them."""


@numba.njit(cache=True, nogil=True, inline="always")
def draw(seed, walk, number):  # type: ignore[no-untyped-def]
    """Return one random number of a walk: SplitMix64, counted and not chained."""
    mixed = seed + (np.uint64(walk) * _DRAWS + np.uint64(number)) * _GOLDEN
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _FIRST
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND
    return mixed ^ (mixed >> np.uint64(31))


@numba.njit(cache=True, nogil=True, inline="always")
def _below(drawn, most):  # type: ignore[no-untyped-def]
    return np.int64(((drawn >> np.uint64(32)) * np.uint64(most)) >> np.uint64(32))


@numba.njit(cache=True, nogil=True)
def _may_step(nodes, walk, step, node):  # type: ignore[no-untyped-def]
    new = True
    for earlier in range(step):
        new &= nodes[walk, earlier] != node
    return new


@numba.njit(cache=True, nogil=True)
def _alone(indptr, steps, bits, starts, wanted, seed, walk, number, drawn, nodes, taken):  # type: ignore[no-untyped-def]
    """Draw one walk from the start, again until it does not end early."""
    mask = (np.uint64(1) << np.uint64(bits)) - np.uint64(1)
    for _ in range(RESTARTS):
        node = np.int64(starts[_below(draw(seed, number, drawn), starts.shape[0])])
        drawn += 1
        nodes[walk, 0] = node
        step = 0
        tries = 0
        while step < wanted:
            begin = indptr[node]
            degree = indptr[node + 1] - begin
            if degree == 0 or tries == TRIES:
                break
            word = np.uint64(steps[begin + _below(draw(seed, number, drawn), degree)])
            drawn += 1
            other = np.int64(word & mask)
            if not _may_step(nodes, walk, step + 1, other):
                tries += 1
                continue
            tries = 0
            taken[walk, step] = word >> np.uint64(bits)
            step += 1
            nodes[walk, step] = other
            node = other
        if step == wanted:
            return True
    return False


@numba.njit(cache=True, nogil=True)
def walks(indptr, steps, bits, starts, fewest, most, seed, first, nodes, taken, hops):  # type: ignore[no-untyped-def]
    """Draw the walks from number ``first`` on: concepts, relations with direction, and hops.

    A walk of no hops could not be drawn.
    """
    mask = (np.uint64(1) << np.uint64(bits)) - np.uint64(1)
    count = nodes.shape[0]
    places = np.empty(ABREAST, dtype=np.int64)
    stopped = np.empty(ABREAST, dtype=np.bool_)
    for base in range(0, count, ABREAST):
        width = min(ABREAST, count - base)
        for lane in range(width):
            drawn = draw(seed, first + base + lane, 0)
            hops[base + lane] = fewest + _below(drawn << np.uint64(32), most - fewest + 1)
            nodes[base + lane, 0] = starts[_below(drawn, starts.shape[0])]
            stopped[lane] = False
        for step in range(most):
            for lane in range(width):
                node = nodes[base + lane, step]
                begin = indptr[node]
                degree = indptr[node + 1] - begin
                drawn = draw(seed, first + base + lane, step + 1)
                places[lane] = begin + _below(drawn, degree)
                stopped[lane] |= degree == 0
            for lane in range(width):
                walk = base + lane
                if stopped[lane] or step >= hops[walk]:
                    nodes[walk, step + 1] = nodes[walk, step]
                    continue
                word = np.uint64(steps[places[lane]])
                other = np.int64(word & mask)
                nodes[walk, step + 1] = other
                taken[walk, step] = word >> np.uint64(bits)
                stopped[lane] = not _may_step(nodes, walk, step + 1, other)
        for lane in range(width):
            walk = base + lane
            if stopped[lane] and not _alone(
                indptr, steps, bits, starts, hops[walk], seed, walk, first + walk, most + 1,
                nodes, taken,
            ):  # fmt: skip
                hops[walk] = 0


@numba.njit(cache=True, nogil=True)
def pack_steps(out, into, allowed, gone, bits, indptr, steps):  # type: ignore[no-untyped-def]
    """Lay out the steps from each concept along the relations that are allowed; count them first.

    With ``steps`` empty only ``indptr`` is filled.
    """
    counting = steps.shape[0] == 0
    at = 0
    for node in range(indptr.shape[0] - 1):
        indptr[node] = at
        if gone[node]:
            continue
        for side in range(2):
            held = out if side == 0 else into
            turned = np.uint64(side)
            for place in range(held.indptr[node], held.indptr[node + 1]):
                relation, other = held.predicate[place], held.target[place]
                if allowed[side, relation] and not gone[other]:
                    if not counting:
                        word = (np.uint64(relation) << np.uint64(1)) | turned
                        steps[at] = (word << np.uint64(bits)) | np.uint64(other)
                    at += 1
    indptr[indptr.shape[0] - 1] = at
    return at


def compile_ahead() -> None:
    """Compile every kernel into numba's cache."""
    held = tiny_graph()
    allowed, gone = np.ones((2, 1), dtype=np.bool_), np.zeros(2, dtype=np.bool_)
    gone.flags.writeable = False
    for kind in (np.uint32, np.uint64):
        indptr, words = np.empty(3, dtype=np.int64), np.empty(2, dtype=kind)
        pack_steps(*held, allowed, gone, 1, indptr, words)
        nodes, taken = np.empty((1, 2), dtype=np.int32), np.empty((1, 1), dtype=np.uint32)
        starts, hops = np.zeros(1, dtype=np.int32), np.empty(1, dtype=np.int8)
        walks(indptr, words, 1, starts, 1, 1, np.uint64(1), 0, nodes, taken, hops)
