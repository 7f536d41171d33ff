"""The reader that never sees a stem: it learns from other rows which options tend to be keys.

Each concept and each word of an option has its log-odds of standing in a key, smoothed, and an
option scores their sum. They are counted in four of five folds and tried on the fifth, so that no
row is judged by what it taught. Rows that share a group lie in one fold. The folds run over all
splits: who was trained on one of them meets the other.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from kgsynth.curate.gate.readers import Asked, words
from kgsynth.graph.arrays import Array
from kgsynth.model import Row
from kgsynth.seeding import digest

FOLDS = 5
PRIOR = 2.0
"""How many sightings at the usual odds each concept and word is given beforehand."""
DIGITS = 9
"""Scores that differ by less than this are a tie, whatever order they were added up in."""


class Guess(NamedTuple):
    """What came of one row."""

    split: str
    options: int
    tied: int
    """How many options share the highest score with the key; 0 when it has a lower one."""


class OptionsOnly:
    """Rows as numbers: some dozen for each, and each concept and word once."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], int] = {}
        self._said = array("I")
        """What every option of every row says, one after the other."""
        self._lengths = array("I")
        """How much each option says."""
        self._options = array("I")
        self._keys = array("I")
        self._splits: list[str] = []
        self._folds = _Folds()

    def add(self, row: Row, asked: Asked, key: int) -> None:
        """Take note of a row."""
        for text, concept in zip(asked.options, asked.concepts, strict=True):
            said = sorted(("word", word) for word in words(text))
            if concept is not None:
                said.append(("concept", concept))
            self._said.extend(self._codes.setdefault(one, len(self._codes)) for one in said)
            self._lengths.append(len(said))
        self._options.append(len(asked.options))
        self._keys.append(key)
        self._splits.append(row.split)
        self._folds.add(row)

    def guesses(self) -> Iterator[Guess]:
        """Judge every row by the rows of the other folds."""
        if not self._splits:
            return
        sizes = np.array(self._options, dtype=np.int64)
        begins = np.cumsum(sizes) - sizes
        keys = begins + np.array(self._keys, dtype=np.int64)
        scores = self._scores(np.repeat(self._folds.numbers(), sizes), keys)
        best = np.maximum.reduceat(scores, begins)
        ties = np.add.reduceat((scores == np.repeat(best, sizes)).astype(np.int64), begins)
        tied = np.where(scores[keys] == best, ties, 0)
        yield from map(Guess, self._splits, sizes.tolist(), tied.tolist())

    def _scores(self, folds: Array, keys: Array) -> Array:
        """Score every option of every row, by what the folds that it does not lie in say."""
        said = np.array(self._said, dtype=np.int64)
        speaker = np.repeat(np.arange(len(folds)), np.array(self._lengths, dtype=np.int64))
        is_key = np.zeros(len(folds), dtype=np.bool_)
        is_key[keys] = True
        scores = np.zeros(len(folds))
        for fold in range(FOLDS):
            learnt = folds != fold
            if not is_key[learnt].any():
                continue
            usual = np.mean(is_key[learnt])
            heard = learnt[speaker]
            right = self._count(said[heard & is_key[speaker]])
            wrong = self._count(said[heard & ~is_key[speaker]])
            odds = (right + PRIOR * usual) / (wrong + PRIOR * (1 - usual)) * (1 - usual) / usual
            sums = np.bincount(speaker, np.log(odds)[said], minlength=len(folds))
            scores[~learnt] = sums[~learnt]
        return np.round(scores, DIGITS)

    def _count(self, said: Array) -> Array:
        return np.bincount(said, minlength=len(self._codes))


class _Folds:
    """Rows parted into folds by hash, those that share a group together.

    A row is named by its groups, and by its id where it has none: another order of its options
    gives it another id, and should not move it.
    """

    def __init__(self) -> None:
        self._above = array("q")
        """Of each row another of its fold; itself for the one that stands for them all."""
        self._names = array("Q")
        self._first: dict[int, int] = {}

    def add(self, row: Row) -> None:
        names = [int(digest(name, size=8), 16) for name in row.groups or (row.id,)]
        at = len(self._above)
        self._above.append(at)
        self._names.append(min(names))
        for name in names:
            self._join(self._first.setdefault(name, at), at)

    def _join(self, one: int, other: int) -> None:
        first, second = sorted((self._top(one), self._top(other)))
        self._above[second] = first
        self._names[first] = min(self._names[first], self._names[second])

    def _top(self, row: int) -> int:
        while self._above[row] != row:
            self._above[row] = self._above[self._above[row]]
            row = self._above[row]
        return row

    def numbers(self) -> Array:
        """Return the fold of every row."""
        tops = (self._names[self._top(row)] % FOLDS for row in range(len(self._above)))
        return np.fromiter(tops, dtype=np.int64, count=len(self._above))
