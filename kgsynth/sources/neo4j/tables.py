"""The tables of a folder for ``neo4j-admin database import``, as columns of text.

The first row of a table says what its columns are: ``:ID`` makes it one of nodes, ``:START_ID``
and ``:END_ID`` one of relationships. That row may stand in a file of its own, ``x_header.csv``
for ``x.csv``, ``x_1.csv`` and so on.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple, cast

import polars as pl

from kgsynth.errors import SourceError, listing
from kgsynth.sources.columns import DROPPED, LONGEST_TEXT
from kgsynth.sources.opening import LONGEST_LINE, opened
from kgsynth.sources.tables.files import ending, names_in, stem

ENDINGS = (".csv", ".tsv")
DELIMITERS = (",", ";", "\t", "|")
ROWS = 50_000
ID, LABEL, START, END, TYPE = ":ID", ":LABEL", ":START_ID", ":END_ID", ":TYPE"
ROW = ":ROW"
"""Where a row stands. No header can name a property so: what is behind a colon is a kind."""
_SPECIAL = (ID, LABEL, START, END, TYPE)
_FIELD = re.compile(
    r"(?P<name>[^:]*)(?::(?P<kind>[A-Za-z_]+(?:\[\])?)(?:\((?P<space>[^)]*)\))?)?(?:\{.*\})?"
)
_NEARLY = re.compile(r"(?:START_|END_|:)ID\b", re.IGNORECASE)
_HEADER = re.compile(r"[._-]?headers?$", re.IGNORECASE)


class Field(NamedTuple):
    """A column, as the first row of a table describes it: its name, and the space of its ids."""

    name: str
    space: str = ""


class File(NamedTuple):
    """A table, and where its rows begin."""

    path: Path
    fields: tuple[Field, ...]
    delimiter: str
    has_header: bool

    @property
    def holds_nodes(self) -> bool:
        """Tell whether its rows are nodes; else they are relationships."""
        return any(field.name == ID for field in self.fields)

    def space(self, name: str) -> str:
        """Return the space that the ids of a column are of."""
        return next((field.space for field in self.fields if field.name == name), "")


class Rows(NamedTuple):
    """Some rows of a table: all cells as text, empty ones null, and ``ROW``, where each stands."""

    file: File
    rows: pl.DataFrame
    dropped: pl.DataFrame


class Folder(NamedTuple):
    """The tables of a folder."""

    files: list[File]
    """Those of nodes first."""
    others: list[str]
    """Tables that are neither of nodes nor of relationships, by their names."""


def find_files(folder: Path) -> Folder:
    """Find the tables of a folder and of the folders in it.

    One that is neither of nodes nor of relationships is left, unless headers lie in files of
    their own: then it may hold the rows of a header that is called otherwise.
    """
    if not folder.is_dir():
        raise SourceError(f"There is no folder at {folder}.", remedy="Check the path.")
    paths = _tables(folder)
    heads = {path: _head(path) for path in paths}
    alone = {_HEADER.sub("", stem(p)): p for p, head in heads.items() if head and _is_header(p)}
    files, others = [], []
    for path in paths:
        own = heads[path]
        if own is not None and path not in alone.values():
            files.append(File(path, *own, True))
        elif own is None:
            header = _header_for(path, alone)
            if header is None and not alone and not _is_nearly_one(path):
                others.append(path.relative_to(folder).as_posix())
                continue
            if header is None:
                raise SourceError(
                    f"The first row of {path} names neither an :ID nor a :START_ID.",
                    remedy="Give it a header as neo4j-admin wants it, or take the file away.",
                )
            fields, delimiter = heads[header] or ((), ",")
            files.append(File(path, fields, delimiter, False))
    held = names_in(folder)
    for is_nodes, what in ((True, "nodes"), (False, "relationships")):
        if not any(file.holds_nodes is is_nodes for file in files):
            raise SourceError(
                f"{folder} has no table of {what}. "
                + (f"It holds {listing(held)}." if held else "It is empty."),
                remedy="Kind neo4j reads a folder for neo4j-admin, or the address of a server.",
            )
    return Folder(sorted(files, key=lambda file: not file.holds_nodes), others)


def _tables(folder: Path) -> list[Path]:
    found = []
    for name in names_in(folder):
        path = folder / name
        inner = [path / below for below in names_in(path)] if path.is_dir() else [path]
        found += [file for file in inner if _may_be_table(file)]
    return found


def _may_be_table(path: Path) -> bool:
    return ending(path) in ENDINGS and not path.name.startswith(".") and path.is_file()


def _is_nearly_one(path: Path) -> bool:
    """Tell a header with a slip in it: its rows would be left out without a word."""
    return _NEARLY.search(_first_line(path)) is not None


def _is_header(path: Path) -> bool:
    return _HEADER.search(stem(path)) is not None


def _header_for(path: Path, headers: dict[str, Path]) -> Path | None:
    """Find the header of a file: the one whose name is most of its own."""
    fitting = [name for name in headers if stem(path).startswith(name)]
    return headers[max(fitting, key=len)] if fitting else None


def _head(path: Path) -> tuple[tuple[Field, ...], str] | None:
    """Read the first row as a header; None where it is none."""
    first = _first_line(path)
    for delimiter in DELIMITERS:
        fields = tuple(map(_field, _first_row(first, delimiter)))
        names = {field.name for field in fields}
        if ID in names or {START, END} <= names:
            return fields, delimiter
    return None


def _first_line(path: Path) -> str:
    with opened(path) as file:
        return file.read(1 << 16).split(b"\n", 1)[0].decode("utf-8-sig", "replace").rstrip("\r")


def _first_row(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:  # whatever it is, it is no header
        return []


def _field(text: str) -> Field:
    """Read how a column is described.

    >>> _field("id:ID(Gene)"), _field("synonyms:string[]"), _field(":TYPE").name
    (Field(name=':ID', space='Gene'), Field(name='synonyms', space=''), ':TYPE')
    """
    found = _FIELD.fullmatch(text.strip())
    if found is None:
        return Field(text.strip())
    kind = f":{found['kind']}"
    if kind in _SPECIAL:
        return Field(kind, found["space"] or "")
    return Field(found["name"] if kind != ":IGNORE" else "")


# --- rows ------------------------------------------------------------------------------------


def read_rows(file: File) -> Iterator[Rows]:
    """Yield the rows of a table; one with too many or too few cells is set aside."""
    csv.field_size_limit(LONGEST_LINE)
    places = {field.name: at for at, field in enumerate(file.fields) if field.name}
    kept: list[list[str]] = []
    rows: list[int] = []
    dropped: list[tuple[str, int, str, str]] = []
    for row, cells in _cells(file):
        reason = _reason(file, cells)
        if not reason:
            kept.append(cells)
            rows.append(row)
        else:
            text = file.delimiter.join(cells)[:LONGEST_TEXT]
            dropped.append((file.path.name, row, reason, text))
        if len(kept) >= ROWS:
            yield _rows(file, places, kept, rows, dropped)
            kept, rows, dropped = [], [], []
    yield _rows(file, places, kept, rows, dropped)


def _reason(file: File, cells: list[str]) -> str:
    """Tell why a row is none; nothing where it is one."""
    if not cells:
        return "blank-line"
    if len(cells) != len(file.fields):
        return "wrong-column-count"
    return "malformed-text" if any("\x00" in cell for cell in cells) else ""


def _rows(
    file: File,
    places: dict[str, int],
    kept: list[list[str]],
    rows: list[int],
    dropped: list[tuple[str, int, str, str]],
) -> Rows:
    columns = {
        name: pl.Series([c[at] for c in kept], dtype=pl.String) for name, at in places.items()
    }
    frame = pl.DataFrame(columns).with_columns(
        pl.when(pl.all().str.strip_chars() != "").then(pl.all())
    )
    return Rows(
        file,
        frame.with_columns(pl.Series(ROW, rows, dtype=pl.Int64)),
        pl.DataFrame(dropped, schema=DROPPED, orient="row"),
    )


def _cells(file: File) -> Iterator[tuple[int, list[str]]]:
    """Yield the line that each row begins in, and its cells."""
    with opened(file.path) as stream:
        text = io.TextIOWrapper(cast(IO[bytes], stream), "utf-8-sig", newline="")
        reader = csv.reader(text, delimiter=file.delimiter, strict=True)
        line = 1
        try:
            for cells in reader:
                if line > 1 or not file.has_header:
                    yield line, cells
                line = reader.line_num + 1
        except csv.Error as error:
            raise SourceError(
                f"{file.path}, row {line} is no row of a table: {error}.",
                remedy="Look for a quote that is never closed.",
            ) from None
        except UnicodeDecodeError:
            raise SourceError(
                f"{file.path} is not UTF-8 text, in row {line} or soon after.",
                remedy="Save the file as UTF-8.",
            ) from None
