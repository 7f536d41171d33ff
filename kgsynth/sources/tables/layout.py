"""Which columns of a table are read, whatever the kind of file, and the rows that come of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import polars as pl

from kgsynth.errors import SourceError, count_of, listing, nearest
from kgsynth.source_options import how_to_set
from kgsynth.sources.columns import DROPPED, LONGEST_TEXT

PLACE = ("file", "row", "line")
"""Columns of every table: the file's name, the row's number in it, and the row as it stands."""

_NOTHING: Mapping[str, str | int] = MappingProxyType({})


class Layout(NamedTuple):
    """The columns that a table must and may have, by our names."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    in_languages: tuple[str, ...] = ()
    """Columns that may stand again for another language, as in ``name@es``."""
    lists: tuple[str, ...] = ()
    """Columns whose cells hold several items."""
    called: Mapping[str, str | int] = _NOTHING
    """What our columns are called in the file, or their number from 0. One that is not named
    here is looked for under our own name."""
    map_key: str = ""
    """The key of the build file that holds this map."""
    refuses_others: bool = True
    """Refuse a column that nothing reads: in a table written by hand, it is a slip."""

    def takes(self, column: str) -> bool:
        """Tell whether a column belongs to the table."""
        name, at, language = column.partition("@")
        if at:
            tag = language.isascii() and language.isalpha() and language.islower()
            return name in self.in_languages and tag and len(language) in (2, 3)
        return name in self.required + self.optional

    def is_list(self, column: str) -> bool:
        """Tell whether the cells of a column hold several items."""
        return column.partition("@")[0] in self.lists

    def find(self, path: Path, found: Sequence[str], hint: str = "") -> dict[str, int]:
        """Return the place of each of our columns among those that a file has.

        ``hint`` says how the columns of this kind of file are parted.
        """
        places = {ours: self._mapped(path, ours, found) for ours in self.called}
        taken = set(places.values())
        for at, column in enumerate(found):
            if at in taken or column in places or not self.takes(column):
                continue
            places[column] = at
        self._check_required(path, places, found, hint)
        self._check_others(path, places, found)
        self._check_doubled(path, places, found)
        return places

    def find_by_number(self, path: Path, columns: int) -> dict[str, int]:
        """Return the place of each of our columns in a file whose columns have no names.

        Without a map they are the ones that must be there, in their order, and no others.
        """
        if not self.called and columns == len(self.required):
            return {ours: at for at, ours in enumerate(self.required)}
        for ours, theirs in self.called.items():
            if not isinstance(theirs, int):
                raise SourceError(
                    f"{path} has no header, so {self.map_key} cannot call {ours} {theirs!r}.",
                    remedy="Give the number of the column; the first one is 0.",
                )
        for ours in self.required:
            if ours not in self.called:
                raise SourceError(
                    f"{path} has no header and {count_of(columns, 'column')}, and {self.map_key} "
                    f"does not say which of them is the {ours}.",
                    remedy=f"Give its number, as in {self.map_key}: {{{ours}: 0}}. Without a map "
                    f"there must be {len(self.required)}: {', '.join(self.required)}.",
                )
        return {ours: int(theirs) for ours, theirs in self.called.items()}

    def _mapped(self, path: Path, ours: str, found: Sequence[str]) -> int:
        theirs = self.called[ours]
        if isinstance(theirs, int):
            if theirs < len(found):
                return theirs
            raise SourceError(
                f"{path} has {count_of(len(found), 'column')}; {self.map_key} says that {ours} "
                f"is number {theirs}. {_told(found)}",
                remedy="The first column is 0.",
            )
        if theirs in found:
            return found.index(theirs)
        raise SourceError(
            f"{path} has no column {theirs!r}, which {self.map_key} names for {ours}."
            f"{nearest(theirs, found)} {_told(found)}",
            remedy=f"Mend {self.map_key}.",
        )

    def _check_required(
        self, path: Path, places: Mapping[str, int], found: Sequence[str], hint: str
    ) -> None:
        for column in self.required:
            if column not in places:
                mapped = f", or say in {self.map_key} what it is called" if self.map_key else ""
                raise SourceError(
                    f"{path} has no column '{column}'. {_told(found)}",
                    remedy=f"Name it in the first line{mapped}.{hint}{self._data_hint(found)}",
                )

    def _data_hint(self, found: Sequence[str]) -> str:
        """Say how to read a file whose first row holds no names of columns, as it seems."""
        if not self.map_key or len(found) < 2 or any(map(self.takes, found)):
            return ""
        return f" If the first row is one of data: {how_to_set('header', 'false')}."

    def _check_others(self, path: Path, places: Mapping[str, int], found: Sequence[str]) -> None:
        known = [*self.required, *self.optional]
        for at, column in enumerate(found) if self.refuses_others else ():
            if at not in places.values() and not self.takes(column):
                raise SourceError(
                    f"{path} has a column {column!r} that nothing reads.{nearest(column, known)}",
                    remedy=f"Rename it or take it out. Columns here: {listing(known)}.",
                )

    def _check_doubled(self, path: Path, places: Mapping[str, int], found: Sequence[str]) -> None:
        numbered = {ours for ours, theirs in self.called.items() if isinstance(theirs, int)}
        for ours, at in places.items():
            if ours not in numbered and list(found).count(found[at]) > 1:
                raise SourceError(
                    f"{path} has the column '{found[at]}' twice. {_told(found)}",
                    remedy="Keep one of them.",
                )


def _told(found: Sequence[str]) -> str:
    names = [repr(column) for column in found if column]
    more = f" and {len(names) - 40} more" if len(names) > 40 else ""
    return f"Columns found: {', '.join(names[:40]) or 'none'}{more}."


class Table(NamedTuple):
    """A table that was read. ``rows`` also holds ``file``, ``row`` and ``line``."""

    rows: pl.DataFrame
    dropped: pl.DataFrame


def reject(rows: pl.DataFrame, reasons: pl.Expr) -> Table:
    """Part the rows by a reason: null keeps a row, a text sets it aside under that reason."""
    judged = rows.with_columns(reasons.cast(pl.String).alias("reason"))
    bad = judged.filter(pl.col("reason").is_not_null())
    if bad.is_empty():
        return Table(rows, set_aside(bad))
    return Table(judged.filter(pl.col("reason").is_null()).drop("reason"), set_aside(bad))


def set_aside(rows: pl.DataFrame) -> pl.DataFrame:
    """List rows that have a ``reason`` as dropped."""
    text = pl.col("line").str.head(LONGEST_TEXT).alias("text")
    return rows.select("file", "row", "reason", text).select(DROPPED.names())


def join_tables(tables: Sequence[Table], layout: Layout) -> Table:
    """Put the tables of several files under one another; files differ in their columns.

    What a file does not have is empty, and every optional column is there.
    """
    rows = pl.concat([table.rows for table in tables], how="diagonal")
    absent = [
        pl.lit(None, dtype=pl.List(pl.String) if layout.is_list(column) else pl.String).alias(
            column
        )
        for column in layout.required + layout.optional
        if column not in rows.columns
    ]
    rows = rows.with_columns(absent)
    blank = [
        pl.col(column).fill_null(pl.lit([], dtype=pl.List(pl.String)))
        if layout.is_list(column)
        else pl.col(column).fill_null("")
        for column in rows.columns
        if column not in PLACE
    ]
    return Table(rows.with_columns(blank), pl.concat([table.dropped for table in tables]))
