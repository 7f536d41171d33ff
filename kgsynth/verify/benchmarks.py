"""Benchmarks that no row may share text or paths with: what is kept of each to compare with."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from kgsynth.graph.arrays import Array
from kgsynth.linking.linker import link_question
from kgsynth.linking.matching import NameMatcher, tokens
from kgsynth.model import Question

LONG = 13
"""Words that are the same by chance in no two texts: the length that GPT-3's authors compared."""


class Benchmark(NamedTuple):
    """What is kept of one benchmark."""

    name: str
    runs: Array
    """Hashes of each run of so many words in its stems and options, in order."""
    stems: frozenset[bytes]
    """Hashes of whole stems: the short ones have no long run."""
    asked: frozenset[tuple[str, str]]
    """Pairs of a concept that a stem names and the concept of its answer."""
    own: bool = False
    """It is itself one of the sets that rows are made from: these may repeat it."""

    @classmethod
    def of(
        cls, name: str, questions: Iterable[Question], names: NameMatcher, *, own: bool = False
    ) -> Benchmark:
        """Read a benchmark's questions."""
        found: set[int] = set()
        stems: set[bytes] = set()
        asked: set[tuple[str, str]] = set()
        for question in questions:
            stems.add(whole(question.stem))
            found.update(runs(" ".join([question.stem, *(o.text for o in question.options)])))
            mentions = [m for m in link_question(question, names).mentions if not m.negated]
            keyed = {m.id for m in mentions if m.field == f"option:{question.key}"}
            asked |= {(m.id, key) for m in mentions if m.field == "stem" for key in keyed}
        ordered = np.fromiter(found, dtype=np.uint64, count=len(found))
        ordered.sort()
        return cls(name, ordered, frozenset(stems), frozenset(asked), own)

    def shares(self, wanted: Sequence[int]) -> int | None:
        """Return the place of the first of some runs that stands in it too."""
        if not wanted or not len(self.runs):
            return None
        asked = np.array(wanted, dtype=np.uint64)
        at = np.minimum(np.searchsorted(self.runs, asked), len(self.runs) - 1)
        same = np.flatnonzero(self.runs[at] == asked)
        return int(same[0]) if len(same) else None


def names_of(files: Iterable[str]) -> tuple[str, ...]:
    """Return what benchmarks are called: as the rows made from such a file call their origin.

    >>> names_of(["medqa/test.jsonl"])
    ('test',)
    """
    return tuple(Path(file).stem for file in files)


def words(text: str) -> list[str]:
    """Return the words of a text as they are compared: marks and spelling folded."""
    return [token.folded for token in tokens(text) if token.folded.isalnum()]


def runs(text: str) -> list[int]:
    """Hash every run of so many words of a text."""
    said = words(text)
    return [
        int.from_bytes(_hash(said[at : at + LONG])) for at in range(max(0, len(said) - LONG + 1))
    ]


def whole(stem: str) -> bytes:
    """Hash a stem."""
    return _hash(words(stem))


def _hash(said: Sequence[str]) -> bytes:
    return hashlib.blake2b(" ".join(said).encode(), digest_size=8).digest()
