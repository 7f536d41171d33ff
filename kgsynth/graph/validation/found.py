"""What a check found: kept as columns, put into words only where it is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl

Show = Callable[[pl.DataFrame], Iterator[tuple[str, str]]]
"""From rows to (where, detail) of each."""


@dataclass(frozen=True, slots=True)
class Found:
    """The cases of one code."""

    code: str
    rows: pl.DataFrame
    """One row for each case."""
    show: Show

    @property
    def count(self) -> int:
        """How many cases there are; a row that stands for several says so in ``cases``."""
        held = "cases" in self.rows.columns
        return int(self.rows["cases"].sum()) if held else self.rows.height
