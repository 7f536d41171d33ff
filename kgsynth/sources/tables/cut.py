"""A file of lines that ends in the middle of one.

A text of lines has no mark at its end. Many a sound file lacks its last newline, so that alone
says nothing; a last line that has no newline and is not whole either was cut.
"""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from kgsynth.sources.tables.layout import Table, reject

CUT = "cut-short"
_BROKEN = ("wrong-column-count", "broken-quotes", "malformed-json")


class LastLine(NamedTuple):
    """The last line of a file, which no newline ends."""

    row: int
    line: str


def without_cut(table: Table, last: LastLine, cells: int, wanted: int) -> Table:
    """Say of the last row that it was cut, where it was.

    A row that lacks cells was. Where rows may leave off empty cells at their end, only one that
    is shorter than all before it: ``rows`` has the ``count`` of cells of each.
    """
    if cells >= wanted or not last.line.strip():
        return table
    kept = reject(
        table.rows,
        pl.when((pl.col("row") == last.row) & _is_shortest(last.row)).then(pl.lit(CUT)),
    )
    return Table(kept.rows, pl.concat([call_cut(table.dropped, last.row), kept.dropped]))


def _is_shortest(row: int) -> pl.Expr:
    others = pl.col("count").filter(pl.col("row") != row)
    return (pl.col("count") < others.min()).fill_null(False)


def call_cut(dropped: pl.DataFrame, row: int) -> pl.DataFrame:
    """Say of a row that was set aside because it is broken that it was cut."""
    is_it = (pl.col("row") == row) & pl.col("reason").is_in(_BROKEN)
    return dropped.with_columns(
        pl.when(is_it).then(pl.lit(CUT)).otherwise("reason").alias("reason")
    )
