"""The gate of shortcut readers against the rows: what the manifest tells of it must come out again.

The readers are known by a room further down, so they are handed in. Without the graph some of
them cannot be tried: their figures are taken as the manifest says, and what follows from them is
still worked out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from kgsynth.model import Gate, Manifest, ReaderScore, Row, SplitGate

CLOSE = 1e-5
"""Two machines may round the last digit of a share, or of what follows from it, differently."""


class Trial(Protocol):
    """Readers being tried on rows."""

    @property
    def not_asked(self) -> Mapping[str, str]:
        """The readers that cannot be tried here, and why."""

    def add(self, row: Row, /) -> None:
        """Have every reader guess at a row."""

    def gate(self, said: Iterable[SplitGate], /) -> Gate:
        """Judge what was seen; a reader that cannot be tried did as is ``said``."""


Trials = Callable[[Sequence[str]], Trial]
"""From the ids of the hubs that the dataset ships to readers that have seen no row."""


def mismatches(said: Manifest, found: Gate) -> Iterator[str]:
    """Yield a sentence for everything that the manifest tells otherwise than the rows do."""
    if said.gate != found.verdict:
        yield f"The gate comes out as {found.verdict}; the manifest says {said.gate}."
    if _names(said.shortcuts) != _names(found.splits):
        yield "The splits and readers of the gate in the manifest are not those of the rows."
        return
    for told, split in zip(said.shortcuts, found.splits, strict=True):
        if (told.verdict, told.items) != (split.verdict, split.items):
            yield (
                f"The gate of {split.split} comes out as {split.verdict} over {split.items:,} "
                f"items; the manifest says {told.verdict} over {told.items:,}."
            )
        for one, other in zip(told.readers, split.readers, strict=True):
            if not _same(one, other):
                yield (
                    f"In {split.split} the reader {other.reader} comes out as {_figures(other)}; "
                    f"the manifest says {_figures(one)}."
                )


def unasked(said: Manifest, trial: Trial) -> Iterator[tuple[str, str]]:
    """Yield what the manifest tells and could not be tried here: where, and why."""
    for split in said.shortcuts:
        for reader in split.readers:
            why = trial.not_asked.get(reader.reader)
            if why is not None and reader.outcome != "not-asked":
                yield split.split, f"the reader {reader.reader} was not tried: {why}."


def _names(splits: Iterable[SplitGate]) -> list[tuple[str, list[str]]]:
    return [(split.split, [reader.reader for reader in split.readers]) for split in splits]


def _same(one: ReaderScore, other: ReaderScore) -> bool:
    if (one.outcome, one.items, one.left_out) != (other.outcome, other.items, other.left_out):
        return False
    return all(
        left == right or (left is not None and right is not None and abs(left - right) <= CLOSE)
        for left, right in zip(_shares(one), _shares(other), strict=True)
    )


def _shares(score: ReaderScore) -> tuple[float | None, float | None, float | None]:
    return score.accuracy, score.chance, score.lower


def _figures(score: ReaderScore) -> str:
    right, chance, lower = ("none" if s is None else f"{s:.6f}" for s in _shares(score))
    return (
        f"{score.outcome} ({score.items:,} items and {score.left_out:,} left out, "
        f"right {right}, chance {chance}, lower bound {lower})"
    )
