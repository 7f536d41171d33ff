"""Separated text to columns, with every row that does not fit set aside.

A csv parser guesses: it skips blank lines, folds short rows, and a quote that is never closed
swallows the rest of the file; then no row can be named by its line any more. Here a line is a
row and a separator is a border, so that rows in = rows out + rows dropped, always. Only where
quotes mean something, in files parted by commas or semicolons, may a row run over several lines.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache
from pathlib import Path
from typing import NamedTuple

import polars as pl

from kgsynth.errors import SourceError
from kgsynth.source_options import how_to_set
from kgsynth.sources.columns import DROPPED, Progress, no_rows, silent
from kgsynth.sources.opening import BLOCK_BYTES, Block, blocks, decoded
from kgsynth.sources.tables.cut import LastLine, without_cut
from kgsynth.sources.tables.layout import PLACE, Layout, Table, reject, set_aside

SEPARATORS = {"\t": "tabs", ";": "semicolons", ",": "commas", "|": "bars"}
"""What may part the columns of a file."""
LONGEST_RECORD = 1_000
"""A quoted cell may run over so many lines; one that is longer was never closed."""


class Shape(NamedTuple):
    """How the rows of a text file are written."""

    separator: str = "\t"
    header: bool = True
    list_separator: str = "|"
    ragged: bool = False
    """A row may leave off the empty cells at its end."""

    @property
    def quoted(self) -> bool:
        """Tell whether cells may be quoted; in other files a quote is a plain character."""
        return self.separator in (",", ";")


class Width(NamedTuple):
    """How many cells a row must have, and which of them are read."""

    cells: int
    places: dict[str, int]


def read_delimited(
    path: Path,
    layout: Layout,
    shape: Shape | None = None,
    *,
    block_bytes: int = BLOCK_BYTES,
    progress: Progress = silent,
) -> Table:
    """Read one file. Cells are stripped; a list is split at its separator."""
    reading = _Reading(path, layout, shape or Shape())
    done = 0
    total = path.stat().st_size if path.suffix not in (".gz", ".bz2", ".xz") else 0
    for block in blocks(path, block_bytes=block_bytes):
        reading.take(block)
        done += len(block.data)
        progress(f"reading {path.name}", done, total)
    return reading.table()


class _Reading:
    """A file that is read a block at a time."""

    def __init__(self, path: Path, layout: Layout, shape: Shape) -> None:
        self._path, self._layout, self._shape = path, layout, shape
        self._width: Width | None = None
        self._waiting: pl.DataFrame | None = None
        """Lines from a quote on that was still open when a block ended."""
        self._kept: list[pl.DataFrame] = []
        self._dropped: list[pl.DataFrame] = []
        self._open_end: LastLine | None = None

    def take(self, block: Block) -> None:
        lines = _lines(self._path, block)
        is_open = not block.data.endswith(b"\n")
        self._open_end = LastLine(lines["row"][-1], lines["line"][-1]) if is_open else None
        if self._waiting is not None:
            lines = pl.concat([self._waiting, lines])
        self._read(lines, is_last=False)

    def table(self) -> Table:
        if self._waiting is not None:
            self._read(self._waiting, is_last=True)
        if self._width is None:
            named = f"Its first line must name the columns: {', '.join(self._layout.required)}."
            raise SourceError(
                f"{self._path} is empty.",
                remedy=named if self._shape.header else "Give a file that holds a table.",
            )
        table = Table(pl.concat(self._kept), pl.concat(self._dropped))
        if self._open_end is not None:
            cells = _cells_of(self._open_end.line, self._shape)
            table = without_cut(table, self._open_end, cells, self._width.cells)
        return Table(table.rows.drop("count"), table.dropped)

    def _read(self, lines: pl.DataFrame, is_last: bool) -> None:
        self._waiting = None
        if self._width is None:
            first, rest = self._first(lines, is_last)
            if first is None:
                self._waiting = rest
                return
            self._width = self._begin(first)
            lines = rest if self._shape.header else lines
        if self._shape.quoted:
            lines, broken, self._waiting = _join_lines(
                lines, self._shape, self._width.cells, is_last
            )
            self._dropped.append(broken)
        table = _cells(lines, self._width, self._layout, self._shape)
        self._kept.append(table.rows)
        self._dropped.append(table.dropped)

    def _first(self, lines: pl.DataFrame, is_last: bool) -> tuple[str | None, pl.DataFrame]:
        """Return the first row, None when its end is not there yet, and the lines after it."""
        if not self._shape.quoted:
            return lines["line"][0], lines.slice(1)
        head = _join_lines(lines.head(LONGEST_RECORD), self._shape, None, is_last)
        row = lines["row"][0]
        if head.broken.height and head.broken["row"][0] == row:
            raise SourceError(
                f"{self._path}, line {row} opens a quote that is never closed.",
                remedy="Mend that line.",
            )
        if head.rows.is_empty():
            return None, lines
        text = head.rows["line"][0]
        return text, lines.slice(1 + text.count("\n"))

    def _begin(self, first: str) -> Width:
        """Find the columns in the first row."""
        cells = _texts(first, self._shape)
        if self._shape.header:
            hint = _parted_hint(cells, self._shape, can_be_set=bool(self._layout.map_key))
            return Width(len(cells), self._layout.find(self._path, cells, hint))
        places = self._layout.find_by_number(self._path, len(cells))
        return Width(max(len(cells), 1 + max(places.values())), places)


def _parted_hint(header: list[str], shape: Shape, *, can_be_set: bool) -> str:
    """Say what parts the columns of a file that has but one, as it seems."""
    if len(header) > 1:
        return ""
    usual = SEPARATORS.get(shape.separator, repr(shape.separator))
    other = next((sign for sign in SEPARATORS if sign in header[0]), "")
    if other and can_be_set:
        told = how_to_set("separator", '"\\t"' if other == "\t" else f'"{other}"')
        return f" Columns are parted by {usual}, not by {SEPARATORS[other]}; mend that, or {told}."
    return f" Columns are parted by {usual}{', not by commas' if usual == 'tabs' else ''}."


def _lines(path: Path, block: Block) -> pl.DataFrame:
    # Without its last newline, a text splits into exactly its lines.
    text = decoded(path, block).removesuffix("\n")
    first = block.first_row
    lines = pl.Series("line", [text]).str.split("\n").explode()
    return pl.DataFrame({"line": lines}).select(
        pl.lit(path.name).alias("file"),
        pl.int_range(first, first + pl.len(), dtype=pl.Int64).alias("row"),
        pl.col("line").str.strip_suffix("\r"),
    )


# --- cells -----------------------------------------------------------------------------------


def _cells(lines: pl.DataFrame, width: Width, layout: Layout, shape: Shape) -> Table:
    quoted = pl.col("line").str.contains('"', literal=True)
    if shape.quoted and bool(lines.select(quoted.any()).item()):
        plain = _plain_cells(lines.filter(~quoted), width, shape)
        other = _quoted_cells(lines.filter(quoted), width, shape)
        rows = pl.concat([plain, other]).sort("row")
    else:
        rows = _plain_cells(lines, width, shape)
    fits = pl.col("count") <= width.cells if shape.ragged else pl.col("count") == width.cells
    table = reject(
        rows,
        pl.when(pl.col("line").str.strip_chars() == "")
        .then(pl.lit("blank-line"))
        .when(~fits)
        .then(pl.lit("wrong-column-count")),
    )
    cells = [
        items(pl.col(column), shape.list_separator) if layout.is_list(column) else pl.col(column)
        for column in width.places
    ]
    return Table(table.rows.select(*PLACE, "count", *cells), table.dropped)


def _cells_of(line: str, shape: Shape) -> int:
    """Count the cells of one line; 0 when a quote in it is not closed."""
    if shape.quoted:
        return _count_cells(line, shape.separator)
    return line.count(shape.separator) + 1


def _plain_cells(lines: pl.DataFrame, width: Width, shape: Shape) -> pl.DataFrame:
    count = pl.col("line").str.count_matches(shape.separator, literal=True) + 1
    last = max(width.places.values())
    split = pl.col("line").str.split_exact(shape.separator, last)
    frame = lines.with_columns(count.alias("count"), split.alias("cells"))
    cells = [
        pl.col("cells").struct.field(f"field_{at}").str.strip_chars().fill_null("").alias(column)
        for column, at in width.places.items()
    ]
    return frame.select(*PLACE, "count", *cells)


def _quoted_cells(lines: pl.DataFrame, width: Width, shape: Shape) -> pl.DataFrame:
    # With a separator before it, the first cell is like the others.
    found = (pl.lit(shape.separator) + pl.col("line")).str.extract_all(_cell_pattern(shape))
    frame = lines.with_columns(found.alias("cells")).with_columns(
        pl.col("cells").list.len().alias("count")
    )
    cells = [
        _unquoted(pl.col("cells").list.get(at, null_on_oob=True), shape).alias(column)
        for column, at in width.places.items()
    ]
    return frame.select(*PLACE, "count", *cells)


def _unquoted(cell: pl.Expr, shape: Shape) -> pl.Expr:
    bare = cell.str.strip_prefix(shape.separator)
    inner = bare.str.strip_chars_end(" ").str.head(-1).str.tail(-1)
    inner = inner.str.replace_all('""', '"', literal=True)
    return (
        pl.when(bare.str.starts_with('"')).then(inner).otherwise(bare).str.strip_chars()
    ).fill_null("")


def items(cell: pl.Expr, separator: str) -> pl.Expr:
    """Split a cell into its items; `` a || b `` holds two."""
    item = pl.element().str.strip_chars()
    return cell.str.split(separator).list.eval(item.filter(item != ""))


# --- quotes ----------------------------------------------------------------------------------


class _Records(NamedTuple):
    rows: pl.DataFrame
    broken: pl.DataFrame
    waiting: pl.DataFrame | None


def _cell_pattern(shape: Shape) -> str:
    """Match a separator and the cell after it. A quote within a bare cell is a character."""
    border = re.escape(shape.separator)
    return rf'{border}(?:"(?:[^"]|"")*" *|[^"{border}][^{border}]*|)'


@cache
def _cell_finder(separator: str) -> re.Pattern[str]:
    border = re.escape(separator)
    return re.compile(rf'{border}(?:"[^"]*+(?:""[^"]*+)*+" *|[^"{border}][^{border}]*+|)')


def _texts(line: str, shape: Shape) -> list[str]:
    """Split one row, such as the header."""
    if not shape.quoted:
        return [cell.strip() for cell in line.split(shape.separator)]
    cells = [c.group()[1:] for c in _cell_finder(shape.separator).finditer(shape.separator + line)]
    bare = (c.rstrip()[1:-1].replace('""', '"') if c.startswith('"') else c for c in cells)
    return [cell.strip() for cell in bare]


def _count_cells(text: str, separator: str) -> int:
    """Count the cells of a row; 0 when a quote in it is wrong."""
    end, count = 0, 0
    for cell in _cell_finder(separator).finditer(separator + text):
        if cell.start() != end:
            return 0
        end, count = cell.end(), count + 1
    return count if end == len(text) + 1 else 0


def _join_lines(lines: pl.DataFrame, shape: Shape, cells: int | None, is_last: bool) -> _Records:
    """Join the lines that a quoted cell runs over; set aside those that are never closed.

    A line that opens a quote is joined to the next one that could close it, if that makes a row
    of the right number of cells. Otherwise the line alone is broken, and not all that follows.
    """
    whole = rf"^(?:{_cell_pattern(shape)})*$"
    openers = lines.select(
        pl.arg_where(~(pl.lit(shape.separator) + pl.col("line")).str.contains(whole))
    ).to_series()
    if openers.is_empty():
        return _Records(lines, no_rows(DROPPED), None)
    odd = pl.col("line").str.count_matches('"', literal=True) % 2 == 1
    closers = lines.select(pl.arg_where(odd)).to_series().to_list()
    joined: dict[int, int] = {}
    broken: list[int] = []
    after, cut = 0, lines.height
    for opener in openers.to_list():
        if opener < after:
            continue
        nearest_one = bisect_right(closers, opener)
        closer = closers[nearest_one] if nearest_one < len(closers) else None
        if closer is None and not is_last and lines.height - opener < LONGEST_RECORD:
            cut = opener
            break
        if closer is not None and _closes(lines, opener, closer, shape, cells):
            joined[opener] = closer
            after = closer + 1
        else:
            broken.append(opener)
    return _records(lines, joined, broken, cut)


def _closes(lines: pl.DataFrame, opener: int, closer: int, shape: Shape, cells: int | None) -> bool:
    if closer - opener >= LONGEST_RECORD:
        return False
    text = "\n".join(lines["line"][opener : closer + 1].to_list())
    count = _count_cells(text, shape.separator)
    if cells is None:
        return count > 0
    return 0 < count <= cells if shape.ragged else count == cells


def _records(lines: pl.DataFrame, joined: dict[int, int], broken: list[int], cut: int) -> _Records:
    numbered = lines.with_row_index("at")
    waiting = lines.slice(cut) if cut < lines.height else None
    head = numbered.slice(0, cut)
    bad = head.filter(pl.col("at").is_in(broken))
    rows = head.filter(~pl.col("at").is_in(broken))
    if joined:
        member = {at: first for first, last in joined.items() for at in range(first, last + 1)}
        rows = (
            rows.with_columns(pl.col("at").replace(member).alias("first"))
            .group_by("first", maintain_order=True)
            .agg(pl.col("file", "row").first(), pl.col("line").str.join("\n"))
        )
    dropped = set_aside(bad.with_columns(pl.lit("broken-quotes").alias("reason")))
    return _Records(rows.select(*PLACE), dropped, waiting)
