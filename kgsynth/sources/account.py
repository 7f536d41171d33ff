"""What became of the rows that no column holds: listed with their place, or counted."""

from __future__ import annotations

from collections import Counter

import polars as pl

from kgsynth.sources.columns import DROPPED, MOST_LISTED, no_rows


class Account:
    """Rows that were left out: on purpose (counted), or because they could not be used (listed)."""

    def __init__(self) -> None:
        self.counted: Counter[str] = Counter()
        self._listed: list[pl.DataFrame] = []
        self._taken: Counter[tuple[str, str]] = Counter()

    def count(self, reason: str, rows: int) -> None:
        """Count rows that were left out on purpose."""
        if rows:
            self.counted[reason] += rows

    def list(self, rows: pl.DataFrame, reason: str, file: str, in_all: int) -> None:
        """List rows that could not be used, of ``in_all`` such ones; count those past the most."""
        room = MOST_LISTED - self._taken[file, reason]
        kept = rows.head(max(room, 0))
        self._taken[file, reason] += kept.height
        if kept.height:
            self._listed.append(kept)
        self.count(reason, in_all - kept.height)

    def dropped(self) -> pl.DataFrame:
        """Return the list."""
        return pl.concat(self._listed).sort("file", "row") if self._listed else no_rows(DROPPED)

    def told(self) -> str:
        """Say in a few words what was left out and why."""
        counts = Counter(self.counted)
        for frame in self._listed:
            counts.update(frame["reason"].to_list())
        said = [f"{count:,} {reason}" for reason, count in counts.most_common(6)]
        return ", ".join(said) or "no row was left out"
