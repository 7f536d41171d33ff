"""Which rows stay, and in which split: the guard against what leaks between the two.

The order of the questions matters. A row that leaves for another reason must not push a
third one out of train, so groups are looked at last, over the rows that would stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kgsynth.config import SplitConfig
from kgsynth.errors import count_of
from kgsynth.model import Draft, Rejected, Row

STAGE = "curate"
TRAIN, TEST = "train", "test"
SPLITS = (TRAIN, TEST)
"""Every split there is, in the order in which counts are shown."""


def split_rank(split: str) -> tuple[int, str]:
    """Sort splits as they are read: train, test, then any other by name."""
    known = SPLITS.index(split) if split in SPLITS else len(SPLITS)
    return known, split


HELD_OUT_PARTS = frozenset({"test", "dev", "validation"})
"""Parts of a question set that others measure models with."""


class Curated(NamedTuple):
    """What curation keeps, in the order it came, and what it drops."""

    drafts: tuple[Draft, ...]
    rejected: tuple[Rejected, ...]


class _Reason(NamedTuple):
    code: str
    detail: str


def assign_splits(
    drafts: Sequence[Draft], split: SplitConfig, *, allow_benchmark_training: bool = False
) -> Curated:
    """Give each draft's row its split by its hops, and drop the rows that may stand in none.

    >>> assign_splits((), SplitConfig())
    Curated(drafts=(), rejected=())
    """
    seen: set[str] = set()
    reasons: list[_Reason | None] = []
    splits: list[str | None] = []
    for draft in drafts:
        place = split_of(draft.row, split)
        splits.append(place)
        reasons.append(_why_out(draft.row, place, seen, split, allow_benchmark_training))
        seen.add(draft.row.id)
    held_out = _first_holder(drafts, splits, reasons)
    kept: list[Draft] = []
    rejected: list[Rejected] = []
    for draft, place, reason in zip(drafts, splits, reasons, strict=True):
        why = reason or _straddles(draft.row, place, held_out)
        if why is None and place is not None:
            kept.append(_placed(draft, place))
        elif why is not None:
            rejected.append(_rejected(draft.row, why))
    return Curated(tuple(kept), tuple(rejected))


def split_of(row: Row, split: SplitConfig) -> str | None:
    """Return the split that takes a row with this many hops, or None."""
    hops = len(row.path.hops)
    if hops in split.train:
        return TRAIN
    return TEST if hops in split.test else None


def _why_out(
    row: Row, place: str | None, seen: set[str], split: SplitConfig, allow_benchmark_training: bool
) -> _Reason | None:
    if row.id in seen:
        return _Reason("duplicate-row", "An earlier row asks the same over the same path.")
    if place is None:
        taken = f"train takes {_numbers(split.train)} and test {_numbers(split.test)}"
        return _Reason("split-leaves-out", f"The path has {_hops(row)}; {taken}.")
    if place == TRAIN and row.origin_split in HELD_OUT_PARTS and not allow_benchmark_training:
        return _Reason(
            "benchmark-in-train",
            f"The question is from the {row.origin_split} part of {row.origin}, and its "
            f"{_hops(row)} would put it in train.",
        )
    return None


def _first_holder(
    drafts: Sequence[Draft], splits: Sequence[str | None], reasons: Sequence[_Reason | None]
) -> dict[str, str]:
    """Map each group in test to the first row there that is in it."""
    holders: dict[str, str] = {}
    for draft, place, reason in zip(drafts, splits, reasons, strict=True):
        if place == TEST and reason is None:
            for group in draft.row.groups:
                holders.setdefault(group, draft.row.id)
    return holders


def _straddles(row: Row, place: str | None, held_out: dict[str, str]) -> _Reason | None:
    """Tell why a train row must go: test is what a benchmark is, so train gives way."""
    if place != TRAIN:
        return None
    for group in row.groups:
        if group in held_out:
            return _Reason(
                "group-straddles-splits",
                f"The group {group} also stands in test, in row {held_out[group]}.",
            )
    return None


def _placed(draft: Draft, place: str) -> Draft:
    return draft.model_copy(update={"row": draft.row.model_copy(update={"split": place})})


def _rejected(row: Row, why: _Reason) -> Rejected:
    return Rejected(
        id=row.id,
        stage=STAGE,
        code=why.code,
        detail=why.detail,
        content=row.model_dump(mode="json"),
    )


def _hops(row: Row) -> str:
    return count_of(len(row.path.hops), "hop")


def _numbers(hops: tuple[int, ...]) -> str:
    return ", ".join(str(count) for count in hops) or "none"
