"""How many relations a concept has, and chance that does not depend on blocks.

Degrees of real graphs are a lognormal body with a heavy tail of generic hubs, and no pure power
law. Random numbers are drawn in two ways: whole columns from a stream named by its purpose, and
bits that belong to a row by its number, so that they can be had again anywhere.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from kgsynth.errors import UsageError
from kgsynth.seeding import derive

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Bits = npt.NDArray[np.uint64]

SPREAD = 1.3
"""The lognormal body: the 99th of a hundred concepts has about twenty times the median."""
HUB_SHARE = 0.22
"""The share of all ends of relations that hubs hold."""
HUBS_PER_CONCEPT = 0.001
HUB_SLOPE = 0.75
"""Hub number n has n ** -0.75 of the ends that the first one has."""
FEWEST_HUBS = 4


class Weights(NamedTuple):
    """How much each concept draws relations to itself."""

    of: Floats
    hubs: Counts
    """The concepts of the tail, the largest first."""


class Simulated(NamedTuple):
    """What was written."""

    concepts: int
    """How many concepts are in it."""
    rows: dict[str, int]
    """Rows by file, without a header."""


def generator(seed: int, *purpose: object) -> np.random.Generator:
    """Open the random stream of one purpose."""
    return np.random.Generator(np.random.PCG64(derive(seed, "simulate", *purpose)))


def bits_of(rows: npt.NDArray[Any], seed: int, *purpose: object) -> Bits:
    """Return 64 random bits for each row number: the same ones in whichever block it stands.

    The mixing is splitmix64 (Steele, Lea and Flood 2014).
    """
    out = rows.astype(np.uint64)
    out *= np.uint64(0x9E3779B97F4A7C15)
    out += np.uint64(derive(seed, "simulate", *purpose))
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        out ^= out >> np.uint64(shift)
        out *= np.uint64(factor)
    out ^= out >> np.uint64(31)
    return out


def field(bits: Bits, first: int, width: int) -> Counts:
    """Cut some of the 64 bits out as a number: fields that do not overlap are independent."""
    cut = (bits >> np.uint64(first)) & np.uint64((1 << width) - 1)
    return cut.astype(np.int64)


def weights(concepts: int, seed: int, *purpose: object) -> Weights:
    """Give each concept its weight: lognormal, and a tail of hubs on top."""
    random = generator(seed, "weights", *purpose)
    # Rounded, so that the last bit of a processor's exp() decides nothing.
    body = np.round(np.exp(random.normal(0.0, SPREAD, concepts)), 6) + 1e-6
    count = min(concepts // 3, max(FEWEST_HUBS, round(concepts * HUBS_PER_CONCEPT)))
    if not count:
        return Weights(body, np.empty(0, dtype=np.int64))
    hubs = random.permutation(concepts)[:count]
    tail = np.arange(1, count + 1, dtype=np.float64) ** -HUB_SLOPE
    body[hubs] = tail * (body.sum() * HUB_SHARE / (1 - HUB_SHARE) / tail.sum())
    largest_first = np.argsort(-body[hubs], kind="stable")
    return Weights(body, hubs[largest_first].astype(np.int64))


def shared_out(total: int, by: Floats) -> Counts:
    """Share a whole number out by weight: each gets its part, rounded up or down.

    >>> shared_out(10, np.array([1.0, 3.0, 1.0])).tolist()
    [2, 6, 2]
    """
    reached = np.floor(np.cumsum(by) * (total / by.sum()) + 0.5).astype(np.int64)
    reached[-1] = total
    return np.diff(reached, prepend=0)


def slots(shares: dict[int, float], width: int) -> npt.NDArray[np.uint8]:
    """Lay codes out over ``2 ** width`` slots by their shares: bits choose a slot, it the code."""
    codes = np.array(list(shares), dtype=np.uint8)
    counts = shared_out(1 << width, np.array(list(shares.values()), dtype=np.float64))
    return np.repeat(codes, counts)


def require(holds: bool, message: str, remedy: str) -> None:
    """Refuse a size that makes no sense."""
    if not holds:
        raise UsageError(message, remedy=remedy)
