"""Node and edge files of a folder, read by their ending: separated text, JSON lines or Parquet."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TypeVar

import polars as pl

from kgsynth.errors import SourceError, listing
from kgsynth.sources.columns import DROPPED, Progress, silent
from kgsynth.sources.tables.delimited import Shape, items, read_delimited
from kgsynth.sources.tables.layout import PLACE, Layout, Table, join_tables, reject
from kgsynth.sources.tables.records import read_json_lines

PACKED = (".gz", ".bz2", ".xz")
TEXT = (".tsv", ".csv", ".txt", ".tab")
JSON_LINES = (".jsonl", ".ndjson")
ENDINGS = (*TEXT, *JSON_LINES, ".parquet")


def ending(path: Path | str) -> str:
    """Return what a file is by its name, packed or not.

    >>> ending("edges.tsv.gz"), ending("a.edges.parquet")
    ('.tsv', '.parquet')
    """
    return Path(bare_name(path)).suffix.lower()


def bare_name(path: Path | str) -> str:
    """Return a file's name without the ending of its packing.

    >>> bare_name("folder/edges.tsv.gz")
    'edges.tsv'
    """
    name = Path(path).name
    return Path(name).stem if Path(name).suffix.lower() in PACKED else name


def stem(path: Path | str) -> str:
    """Return a file's name without any ending.

    >>> stem("my.edges.tsv.gz")
    'my.edges'
    """
    return Path(bare_name(path)).stem


def names_in(folder: Path) -> list[str]:
    """List what a folder holds, in an order that no file system changes."""
    try:
        return sorted(entry.name for entry in folder.iterdir())
    except OSError as error:
        raise SourceError(
            f"{folder} cannot be read: {error.strerror}.", remedy="Check its permissions."
        ) from None


def files_of(folder: Path, what: str, endings: Sequence[str] = ENDINGS) -> list[Path]:
    """Find the files that are called after what they hold: ``edges.tsv``, ``my_edges.csv.gz``."""
    found = []
    for name in names_in(folder):
        called = stem(name).lower()
        if name.startswith("."):
            continue
        after = called == what or called.endswith((f".{what}", f"_{what}", f"-{what}"))
        if after and ending(name) in endings:
            found.append(folder / name)
    return found


def unread(folder: Path, read: Iterable[Path], endings: Sequence[str]) -> pl.DataFrame:
    """List the files of a folder that might have been meant and were not read."""
    taken = {path.name for path in read if path.parent == folder}
    return list_unread(
        name
        for name in names_in(folder)
        if name not in taken and not name.startswith(".") and ending(name) in endings
    )


def list_unread(names: Iterable[str]) -> pl.DataFrame:
    """List files that were not read as dropped: at row 0, since nobody looked what is in them."""
    rows = [(name, 0, "unread-file", "the whole file") for name in names]
    return pl.DataFrame(rows, schema=DROPPED, orient="row")


def files_named(folder: Path, patterns: Iterable[str], key: str) -> list[Path]:
    """Find the files that names or patterns such as ``*.txt`` stand for, each once."""
    names = names_in(folder)
    found: dict[str, None] = {}
    for pattern in patterns:
        fitting = [name for name in names if name == pattern] or [
            name for name in names if fnmatchcase(name, pattern) and (folder / name).is_file()
        ]
        if not fitting:
            held = f"It holds {listing(names)}." if names else "It is empty."
            raise SourceError(
                f"{folder} has no file {pattern!r}, which {key} names. {held}",
                remedy=f"Mend {key}.",
            )
        found.update(dict.fromkeys(fitting))
    return [folder / name for name in found]


def read_files(
    paths: Iterable[Path], layout: Layout, shape: Shape | None, progress: Progress = silent
) -> Table:
    """Read files one after the other and put their rows under one another."""
    return join_tables([read_file(path, layout, shape, progress) for path in paths], layout)


def read_file(
    path: Path, layout: Layout, shape: Shape | None = None, progress: Progress = silent
) -> Table:
    """Read a file as what its ending says it is. Without a shape, text is parted as usual."""
    match ending(path):
        case ".parquet":
            progress(f"reading {path.name}", 0, 0)
            return _read_parquet(path, layout, (shape or Shape()).list_separator)
        case kind if kind in JSON_LINES:
            return read_json_lines(path, layout, progress=progress)
        case kind:
            usual = "," if kind == ".csv" else "\t"
            wanted = shape or Shape("")
            wanted = wanted._replace(separator=wanted.separator or usual)
            return read_delimited(path, layout, wanted, progress=progress)


# --- Parquet ---------------------------------------------------------------------------------

Answer = TypeVar("Answer")


def _read_parquet(path: Path, layout: Layout, separator: str) -> Table:
    """Read the columns that are wanted; rows are numbered from 1."""
    names = list(_asked(path, lambda: pl.read_parquet_schema(path)))
    columns = {ours: names[at] for ours, at in layout.find(path, names).items()}
    wanted = list(dict.fromkeys(columns.values()))
    frame = _asked(path, lambda: pl.read_parquet(path, columns=wanted))
    frame = frame.select(_as_text(path, frame[column]) for column in wanted)
    spelled = [
        pl.col(c).list.join(separator) if isinstance(frame[c].dtype, pl.List) else pl.col(c)
        for c in wanted
    ]
    several = [
        pl.col(theirs).list.len() > 1
        for ours, theirs in columns.items()
        if isinstance(frame[theirs].dtype, pl.List) and not layout.is_list(ours)
    ]
    rows = frame.select(
        pl.lit(path.name).alias("file"),
        pl.int_range(1, 1 + pl.len(), dtype=pl.Int64).alias("row"),
        pl.concat_str([cell.fill_null("") for cell in spelled], separator="\t").alias("line"),
        pl.any_horizontal(pl.lit(False), *several).alias("several"),
        *(
            _cell(frame[theirs], layout.is_list(ours), separator).alias(ours)
            for ours, theirs in columns.items()
        ),
    )
    table = reject(rows, pl.when("several").then(pl.lit("malformed-value")))
    return Table(table.rows.select(*PLACE, *columns), table.dropped)


def _asked(path: Path, ask: Callable[[], Answer]) -> Answer:
    """Ask something of a Parquet file, and say in a sentence what is wrong with it."""
    if not path.is_file():
        kind = "is a folder" if path.is_dir() else "is not there"
        raise SourceError(f"{path} {kind}.", remedy="Name a file that can be read.")
    try:
        with _panics_unprinted():
            return ask()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        reason = (str(error).splitlines() or ["it is damaged"])[0]
        raise SourceError(
            f"{path} cannot be read as Parquet: {reason.rstrip('.')}.",
            remedy="Check that it is a whole Parquet file.",
        ) from None


_SCREEN = threading.Lock()


@contextmanager
def _panics_unprinted() -> Iterator[None]:
    """Keep from the screen what a thread of polars prints when it panics over a damaged file.

    Standard error is one for the whole process, so that one file is read at a time. What others
    write to it meanwhile comes when the file was read, and is lost only where polars panics.
    """
    with _SCREEN, tempfile.TemporaryFile() as aside:
        sys.stderr.flush()
        screen = os.dup(2)
        os.dup2(aside.fileno(), 2)
        try:
            yield
        except pl.exceptions.PanicException:
            aside.truncate(0)
            raise
        finally:
            os.dup2(screen, 2)
            os.close(screen)
            aside.seek(0)
            os.write(2, aside.read())


def _as_text(path: Path, column: pl.Series) -> pl.Series:
    """Write the values of a column as texts, or as lists of texts."""
    inner = column.dtype.inner if isinstance(column.dtype, pl.List) else column.dtype
    try:
        if inner.is_nested():
            raise pl.exceptions.InvalidOperationError("nested")
        wanted = pl.List(pl.String()) if isinstance(column.dtype, pl.List) else pl.String()
        return column.cast(wanted)
    except pl.exceptions.PolarsError:
        raise SourceError(
            f"{path} has {column.dtype} in the column {column.name!r}.",
            remedy="It must hold texts, numbers, or lists of them.",
        ) from None


def _cell(column: pl.Series, is_list: bool, separator: str) -> pl.Expr:
    """Clean a column as the cells of a text file are: stripped, and a list split."""
    held = pl.col(column.name)
    if isinstance(column.dtype, pl.List):
        if not is_list:
            return held.list.first().str.strip_chars()
        item = pl.element().str.strip_chars()
        return held.list.eval(item.filter(item != ""))
    return items(held, separator) if is_list else held.str.strip_chars()
