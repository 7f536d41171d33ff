"""Compiled random walks along statements. Import this module late.

A step is one number: the concept that it leads to, and above that the relation and its direction.
A walk is a matter of the seed and of its own number alone, so that any number of threads draws
the same ones. Walks of one length are drawn side by side, a step of each in turn, in loops that
ask little of each walk: while one waits for memory, the processor is at the next ones. Those
that went in a circle or came to an end are drawn again together, side by side as well.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np

from kgsynth.graph.arrays import Array, tiny_graph
from kgsynth.paths.ground import Steps

ABREAST = 512
TRIES = 4
"""Draws for one step before a walk is given up for having gone in a circle."""
ROUNDS = 64
"""Times that a walk is begun."""

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_DRAWS = np.uint64(1 << 12)
"""Random numbers that a walk may use; the next one's begin behind them."""


class Lanes(NamedTuple):
    """Walks that are drawn side by side: what is known of each, by its place among them."""

    number: Array
    nodes: Array
    """A row for the starts, then one for each step."""
    taken: Array
    drawn: Array
    """A random number of 32 bits."""
    place: Array
    """Where its next step stands."""
    again: Array
    """Whether that step will not do."""
    lost: Array
    """Whether it is to be drawn anew from the start."""


@numba.njit(cache=True, nogil=True, inline="always")
def draw(seed, walk, number):  # type: ignore[no-untyped-def]
    """Return one random number of a walk: SplitMix64, counted and not chained."""
    mixed = seed + (np.uint64(walk) * _DRAWS + np.uint64(number)) * _GOLDEN
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _FIRST
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND
    return mixed ^ (mixed >> np.uint64(31))


@numba.njit(cache=True, nogil=True, inline="always")
def high(drawn):  # type: ignore[no-untyped-def]
    """Return the 32 bits that are the most random."""
    return drawn >> np.uint64(32)


@numba.njit(cache=True, nogil=True, inline="always")
def below(drawn, most):  # type: ignore[no-untyped-def]
    """Turn 32 random bits into a number from 0 up, below another: unsigned, as all places here."""
    return (drawn * np.uint64(most)) >> np.uint64(32)


@numba.njit(cache=True, nogil=True)
def _elsewhere(steps, seed, lanes, lane, step, drawn):  # type: ignore[no-untyped-def]
    """Draw the step of a walk again until it leads to where the walk was not; tell whether so."""
    node = lanes.nodes[step, lane]
    begin = steps.indptr[node]
    degree = steps.indptr[node + np.uint32(1)] - begin
    if degree < 2:
        return False
    for _ in range(1, TRIES):
        drawn += lanes.nodes.shape[0]
        place = begin + below(high(draw(seed, lanes.number[lane], drawn)), degree)
        word = np.uint64(steps.words[place])
        onward = word & ((np.uint64(1) << np.uint64(steps.bits)) - np.uint64(1))
        new = True
        for earlier in range(step + 1):
            new &= lanes.nodes[earlier, lane] != onward
        if new:
            lanes.nodes[step + 1, lane] = onward
            lanes.taken[step, lane] = word >> np.uint64(steps.bits)
            return True
    return False


@numba.njit(cache=True, nogil=True)
def _side_by_side(steps, starts, hops, seed, first_draw, lanes, width):  # type: ignore[no-untyped-def]
    """Draw walks of so many hops, and tell which of them are lost.

    Every loop over the lanes does one small thing without branches, so that the compiler makes
    vectors of it or loads overlap; but the last, where few walks have something to do. A walk
    that is lost goes on regardless, to keep it so.
    """
    kind = steps.words.dtype.type
    bits = kind(steps.bits)
    mask = kind((np.uint64(1) << np.uint64(steps.bits)) - np.uint64(1))
    number, drawn, place, again, lost = (
        lanes.number, lanes.drawn, lanes.place, lanes.again, lanes.lost,
    )  # fmt: skip
    for lane in range(width):
        drawn[lane] = high(draw(seed, number[lane], first_draw))
        lost[lane] = False
    for lane in range(width):
        lanes.nodes[0, lane] = starts[below(drawn[lane], starts.shape[0])]
    for step in range(hops):
        here, there, taken = lanes.nodes[step], lanes.nodes[step + 1], lanes.taken[step]
        for lane in range(width):
            drawn[lane] = high(draw(seed, number[lane], first_draw + step + 1))
        for lane in range(width):
            begin = steps.indptr[here[lane]]
            degree = steps.indptr[here[lane] + np.uint32(1)] - begin
            again[lane] = degree == 0
            ahead = begin + below(drawn[lane], degree)
            place[lane] = ahead if degree > 0 else np.uint64(0)
        for lane in range(width):
            word = steps.words[place[lane]]
            there[lane] = word & mask
            taken[lane] = word >> bits
        for earlier in range(step + 1):
            before = lanes.nodes[earlier]
            for lane in range(width):
                again[lane] |= before[lane] == there[lane]
        for lane in range(width):
            if again[lane] and not lost[lane]:
                lost[lane] = not _elsewhere(steps, seed, lanes, lane, step, first_draw + step + 1)


@numba.njit(cache=True, nogil=True)
def walks(steps, starts, fewest, most, seed, first, nodes, taken, hops):  # type: ignore[no-untyped-def]
    """Draw the walks from number ``first`` on: concepts, relations with direction, and hops.

    A walk of no hops could not be drawn.
    """
    count = nodes.shape[0]
    lanes = Lanes(
        np.empty(ABREAST, dtype=np.uint64),
        np.empty((most + 1, ABREAST), dtype=np.uint32),
        np.empty((most, ABREAST), dtype=np.uint32),
        np.empty(ABREAST, dtype=np.uint64),
        np.empty(ABREAST, dtype=steps.indptr.dtype),
        np.empty(ABREAST, dtype=np.bool_),
        np.empty(ABREAST, dtype=np.bool_),
    )
    for walk in range(count):
        more = below(high(draw(seed, first + walk, 0)), most - fewest + 1)
        hops[walk] = fewest + np.int64(more)
    left = np.empty(count, dtype=np.uint32)
    for wanted in range(fewest, most + 1):
        lost = 0
        for walk in range(count):
            left[lost] = walk
            lost += hops[walk] == wanted
        for begun in range(ROUNDS):
            drawing, lost = lost, 0
            for base in range(0, drawing, ABREAST):
                width = min(ABREAST, drawing - base)
                for lane in range(width):
                    lanes.number[lane] = first + left[base + lane]
                first_draw = 1 + begun * TRIES * (most + 1)
                _side_by_side(steps, starts, wanted, seed, first_draw, lanes, width)
                for lane in range(width):
                    walk = left[base + lane]
                    for step in range(wanted):
                        nodes[walk, step] = lanes.nodes[step, lane]
                        taken[walk, step] = lanes.taken[step, lane]
                    nodes[walk, wanted] = lanes.nodes[wanted, lane]
                    left[lost] = walk
                    lost += lanes.lost[lane]
        for at in range(lost):
            hops[left[at]] = 0


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
        indptr, words = np.empty(3, dtype=np.uint32), np.empty(2, dtype=kind)
        pack_steps(*held, allowed, gone, 1, indptr, words)
        steps = Steps(indptr, words, 1)
        nodes, taken = np.empty((1, 2), dtype=np.int32), np.empty((1, 1), dtype=np.uint32)
        starts, hops = np.zeros(1, dtype=np.int32), np.empty(1, dtype=np.int8)
        walks(steps, starts, 1, 1, np.uint64(1), 0, nodes, taken, hops)
