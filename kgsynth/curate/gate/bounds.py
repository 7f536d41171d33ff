"""How sure it is that a reader does better than it may: exact bounds, Holm over the readers.

The bound is that of Clopper and Pearson, with the sum of the shares for the count. A tie's share
is what breaking it by lot gives on average; lots only add spread, so of all that the sum may be
the binomial is the widest. With no ties it is the exact bound itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from scipy.special import betainc, betaincinv

ALPHA = 0.025
"""How often a gate may fail by bad luck: the other side of the 97.5 % bound."""


def chance_of_so_many(right: float, items: int, rate: float) -> float:
    """Return how likely it is to have so many right, or more, at a rate of success.

    >>> round(chance_of_so_many(9, 10, 0.5), 6)  # eleven of 1,024 ways
    0.010742
    """
    return float(betainc(right, items - right + 1, rate)) if right > 0 else 1.0


def lower_bound(right: float, items: int, level: float) -> float:
    """Return the rate that is exceeded with a certainty of all but ``level``.

    >>> round(lower_bound(9, 10, 0.025), 4)
    0.555
    """
    return float(betaincinv(right, items - right + 1, level)) if right > 0 else 0.0


class Step(NamedTuple):
    """What Holm's procedure says of one hypothesis."""

    level: float
    """The level that its bound stands at."""
    rejected: bool


def holm(chances: Mapping[str, float], alpha: float = ALPHA) -> dict[str, Step]:
    """Go through the hypotheses from the least likely on, and stop at the first that holds.

    The first is held to ``alpha`` over their number, the next to ``alpha`` over one less. All
    that come after the stop share its level.

    >>> [(name, s.rejected) for name, s in holm({"a": 0.02, "b": 0.01, "c": 0.04}, 0.03).items()]
    [('b', True), ('a', False), ('c', False)]
    """
    steps: dict[str, Step] = {}
    level, rejected = alpha, True
    for place, name in enumerate(sorted(chances, key=lambda name: chances[name])):
        if rejected:
            level = alpha / (len(chances) - place)
            rejected = chances[name] <= level
        steps[name] = Step(level, rejected)
    return steps
