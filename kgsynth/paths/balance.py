"""Where keys stand among their options: over many items, in each place as often as in the others.

Were each item matched by itself, keys that nothing stands below would always come last, and a
reader that looks for the rarest option would do well. So an item may not stand where enough do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from kgsynth.graph.arrays import Array

FEATURES = (
    "degree",
    "length of names",
    "closeness in the full graph",
    "closeness without the hubs",
    "words in common with the start",
)
"""What a reader who does not reason may rank the options of an item by."""
EXCESS, LEEWAY = 1.05, 4
"""A place may be taken so many times as often as is its share, and so many times more."""


SPARE = 1
"""So many times more than is its share a concept may stand as a wrong option."""


class Exposure:
    """How often concepts stood as keys and as wrong options.

    Where one is wrong far more often than right, who learns the options by heart needs no question.
    So a concept is wrong no more often than keys leave room for beside them, and once more.

    >>> exposure = Exposure(options=4)
    >>> exposure.add(key=1, others=[2, 3, 4])
    >>> [exposure.may_be_wrong(code) for code in (1, 2, 5)]
    [True, False, True]
    """

    def __init__(self, options: int) -> None:
        self._others = options - 1
        self._keys: Counter[int] = Counter()
        self._wrong: Counter[int] = Counter()

    def may_be_wrong(self, code: int) -> bool:
        """Tell whether a concept may stand as a wrong option once more."""
        return self._wrong[code] < self._others * self._keys[code] + SPARE

    def add(self, key: int, others: Iterable[int]) -> None:
        """Count one more item."""
        self._keys[key] += 1
        self._wrong.update(others)


class Standing(NamedTuple):
    """Where the key of one item stands: how many wrong options rank above it, and beside it."""

    above: Sequence[int]
    """By each of the features."""
    beside: Sequence[int]


class Balance:
    """The places that the keys of some items took; one that ties takes several in part."""

    def __init__(self, options: int) -> None:
        self.taken = np.zeros((len(FEATURES), options))

    @classmethod
    def by_lot(cls, options: int, draw: int) -> Balance:
        """Return one in which one place of each feature is free, as a single item needs it.

        >>> Balance.by_lot(options=3, draw=5).taken[0].tolist()
        [1.0, 1.0, 0.0]
        """
        balance = cls(options)
        for row, taken in enumerate(balance.taken):
            taken[:] = 1
            taken[(draw >> 8 * row) % options] = 0
        return balance

    @property
    def options(self) -> int:
        """How many options an item has, its key among them."""
        return int(self.taken.shape[1])

    def crowded(self, standing: Standing) -> str | None:
        """Name a feature by which enough items stand where one more would; None where none is.

        >>> balance, same = Balance(options=2), Standing([0] * 5, [1, 1, 1, 1, 0])
        >>> while balance.crowded(same) is None:
        ...     balance.add(same)
        >>> balance.crowded(same)
        'words in common with the start'
        """
        more = self._places(standing)
        most = EXCESS * (self.taken[0].sum() + 1) / self.options + LEEWAY
        too_many = (self.taken + more > most) & (more > 1 / self.options)
        first = np.flatnonzero(too_many.any(axis=1))
        return FEATURES[int(first[0])] if len(first) else None

    def add(self, standing: Standing) -> None:
        """Count one more item."""
        self.taken += self._places(standing)

    def _places(self, standing: Standing) -> Array:
        places = np.zeros_like(self.taken)
        for row, above, beside in zip(places, *standing, strict=True):
            row[above : above + beside + 1] = 1 / (beside + 1)
        return places
