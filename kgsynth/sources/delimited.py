"""Tab-separated text to columns, with every row that does not fit set aside.

A csv parser guesses: it skips blank lines, folds short rows and reads quotes, and then no
row can be named by its line any more. Here a line is a row and a tab is a border, so that
rows in = rows out + rows dropped, always.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import polars as pl

from kgsynth.errors import SourceError, listing, nearest
from kgsynth.sources.columns import DROPPED

BLOCK_BYTES = 64 << 20
"""How much text is held at once, beside the columns made of it."""


class Layout(NamedTuple):
    """The columns that a table must and may have."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    in_languages: tuple[str, ...] = ()
    """Columns that may stand again for another language, as in ``name@es``."""

    def takes(self, column: str) -> bool:
        """Tell whether a column belongs to the table."""
        name, at, language = column.partition("@")
        if at:
            tag = language.isascii() and language.isalpha() and language.islower()
            return name in self.in_languages and tag and len(language) in (2, 3)
        return name in self.required + self.optional


class Table(NamedTuple):
    """A table that was read. ``rows`` also holds ``file``, ``row`` and ``line``."""

    rows: pl.DataFrame
    dropped: pl.DataFrame


def read_table(path: Path, layout: Layout, block_bytes: int = BLOCK_BYTES) -> Table:
    """Read one file. Cells are stripped; an optional column that is not there is empty."""
    header: list[str] | None = None
    kept, dropped = [], []
    for first_row, text in _blocks(path, block_bytes):
        lines = _lines(path, first_row, text)
        if header is None:
            header = [cell.strip() for cell in lines["line"][0].split("\t")]
            _check_header(path, header, layout)
            lines = lines.slice(1)
        rows, bad = _cells(lines, header, layout)
        kept.append(rows)
        dropped.append(bad)
    if header is None:
        raise SourceError(
            f"{path} is empty.",
            remedy=f"Its first line must name the columns: {', '.join(layout.required)}.",
        )
    return Table(pl.concat(kept), pl.concat(dropped))


def reject(rows: pl.DataFrame, reasons: pl.Expr) -> Table:
    """Part the rows by a reason: null keeps a row, a text sets it aside under that reason."""
    judged = rows.with_columns(reasons.cast(pl.String).alias("reason"))
    bad = judged.filter(pl.col("reason").is_not_null())
    return Table(judged.filter(pl.col("reason").is_null()).drop("reason"), _set_aside(bad))


def _set_aside(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.rename({"line": "text"}).select(DROPPED.names())


def _blocks(path: Path, block_bytes: int) -> Iterator[tuple[int, str]]:
    """Yield (number of the first line, whole lines) until the file ends."""
    row = 1
    rest = b""
    try:
        with path.open("rb") as file:
            while block := file.read(block_bytes):
                head, newline, tail = block.rpartition(b"\n")
                if not newline:
                    rest += block
                    continue
                data, rest = rest + head + newline, tail
                yield row, _decode(path, row, data)
                row += data.count(b"\n")
    except OSError as error:
        raise SourceError(
            f"{path} cannot be read: {error.strerror}.", remedy="Check that it is a readable file."
        ) from None
    if rest:
        yield row, _decode(path, row, rest)


def _decode(path: Path, first_row: int, data: bytes) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = first_row + data.count(b"\n", 0, error.start)
        raise SourceError(
            f"{path}, line {line} is not UTF-8 text.", remedy="Save the file as UTF-8."
        ) from None
    if "\x00" in text:
        line = first_row + text.count("\n", 0, text.index("\x00"))
        raise SourceError(
            f"{path}, line {line} holds binary data: this is no text table.",
            remedy="Give a tab-separated text file; unpack it first if it is compressed.",
        )
    return text.removeprefix("\ufeff") if first_row == 1 else text


def _lines(path: Path, first_row: int, text: str) -> pl.DataFrame:
    # Without its last newline, a text splits into exactly its lines.
    lines = pl.Series("line", [text.removesuffix("\n")]).str.split("\n").explode()
    return pl.DataFrame({"line": lines}).select(
        pl.lit(path.name).alias("file"),
        pl.int_range(first_row, first_row + pl.len(), dtype=pl.Int64).alias("row"),
        pl.col("line").str.strip_suffix("\r"),
    )


def _check_header(path: Path, header: list[str], layout: Layout) -> None:
    known = [*layout.required, *layout.optional]
    found = f"Columns found: {', '.join(repr(c) for c in header if c) or 'none'}."
    for column in layout.required:
        if column not in header:
            tabbed = "" if len(header) > 1 else " Columns are parted by tabs, not by commas."
            raise SourceError(
                f"{path} has no column '{column}'. {found}",
                remedy=f"Name it in the first line.{tabbed}",
            )
    for number, column in enumerate(header):
        if not layout.takes(column):
            hint = nearest(column, known)
            raise SourceError(
                f"{path} has a column {column!r} that nothing reads.{hint}",
                remedy=f"Rename it or take it out. Columns here: {listing(known)}.",
            )
        if column in header[:number]:
            raise SourceError(
                f"{path} has the column '{column}' twice. {found}", remedy="Keep one of them."
            )


def _cells(lines: pl.DataFrame, header: list[str], layout: Layout) -> Table:
    split = lines.with_columns(pl.col("line").str.split("\t").alias("cells"))
    reason = (
        pl.when(pl.col("line").str.strip_chars() == "")
        .then(pl.lit("blank-line"))
        .when(pl.col("cells").list.len() != len(header))
        .then(pl.lit("wrong-column-count"))
    )
    rows, dropped = reject(split, reason)
    cells = [
        pl.col("cells").list.get(at).str.strip_chars().alias(column)
        for at, column in enumerate(header)
    ]
    absent = [pl.lit("").alias(column) for column in layout.optional if column not in header]
    return Table(rows.select("file", "row", "line", *cells, *absent), dropped)
