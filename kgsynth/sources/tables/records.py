"""JSON to columns: a file with an object a line, or a list of objects within one document.

JSON has lists of its own, so a text is never split here. A text that stands where a list may is
a list of one, and a list of one that stands where a text may is that text: once, so that
``[["a"]]`` is a list of the text ``a``, and no text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import polars as pl

from kgsynth.errors import SourceError
from kgsynth.sources.columns import DROPPED, LONGEST_TEXT, Progress, no_rows, silent
from kgsynth.sources.opening import Block, blocks, decoded, opened
from kgsynth.sources.tables.cut import call_cut
from kgsynth.sources.tables.layout import PLACE, Layout, Table, reject

BLOCK_BYTES = 16 << 20
"""Parsing takes many times the memory of the text."""
SAMPLE = 1_000
"""So many records tell which keys a file has."""
DOCUMENT_ROWS = 20_000
DEEPEST = 1_000
"""How far a document may be nested."""

ROW_KEY = "#row"
_SUSPECT = r"^\{\s*\}$|\\u(?:0000|[dD][89a-fA-F])"
"""An empty object, a NUL or half a character: rare, and read with more care."""


_ESCAPED = re.compile(rb"\\.", re.DOTALL)
_STEPS = np.zeros(256, dtype=np.int64)
_STEPS[[ord("["), ord("{")]] = 1
_STEPS[[ord("]"), ord("}")]] = -1


class Found(NamedTuple):
    """Where our columns stand: the key of each."""

    keys: dict[str, str]
    lists: frozenset[str]

    def schema(self) -> pl.Schema:
        """Return the columns as they are read."""
        return pl.Schema(
            {
                ours: pl.List(pl.String()) if ours in self.lists else pl.String()
                for ours in self.keys
            }
        )


def read_json_lines(
    path: Path,
    layout: Layout,
    *,
    block_bytes: int = BLOCK_BYTES,
    progress: Progress = silent,
) -> Table:
    """Read a file with one object a line; a line that is none is set aside."""
    found: Found | None = None
    sample: list[str] = []
    kept, dropped = [], []
    done, open_end = 0, 0
    for block in blocks(path, block_bytes=block_bytes):
        lines, blank = _lines(path, block)
        if not block.data.endswith(b"\n"):
            open_end = block.first_row + block.data.count(b"\n")
        if found is None and not lines.is_empty():
            sample = _keys(lines["line"].head(SAMPLE))
            found = _find(path, layout, sample)
        if found is not None:
            table = _parsed(lines, found)
            kept.append(table.rows)
            dropped.append(table.dropped)
        dropped.append(blank)
        done += len(block.data)
        progress(f"reading {path.name}", done, 0)
    if found is None:
        raise SourceError(f"{path} is empty.", remedy="Each line of it must be a JSON object.")
    table = Table(pl.concat(kept), call_cut(pl.concat(dropped), open_end))
    _check_used(path, layout, found, table.rows, sample)
    return table


def read_json_list(
    path: Path, layout: Layout, key: str, *, progress: Progress = silent
) -> Table | None:
    """Read the objects of a list that a document holds under a key, or None without such a list.

    Rows are numbered from 1 within the list.
    """
    found: Found | None = None
    sample: list[str] = []
    kept, dropped = [], []
    row = 1
    for records in _batches(path, key):
        if found is None:
            keys = (list(r) for r in records[:SAMPLE] if isinstance(r, dict))
            sample = list(dict.fromkeys(name for names in keys for name in names))
            found = _find(path, layout, sample)
        place = pl.DataFrame(
            {
                "file": [f"{path.name}#{key}"] * len(records),
                "row": range(row, row + len(records)),
                "line": [_dumped(record) for record in records],
            },
            schema={"file": pl.String, "row": pl.Int64, "line": pl.String},
        )
        table = _judged(place, [_cells(record, found) for record in records], found)
        kept.append(table.rows)
        dropped.append(table.dropped)
        row += len(records)
        progress(f"reading {key} of {path.name}", row - 1, 0)
    if found is None:
        return None
    rows = pl.concat(kept)
    _check_used(path, layout, found, rows, sample)
    return Table(rows, pl.concat(dropped))


# --- which keys ------------------------------------------------------------------------------


def _find(path: Path, layout: Layout, sample: list[str]) -> Found:
    """Find our columns among the keys; one that first stands further down is looked for too."""
    for ours, theirs in layout.called.items():
        if isinstance(theirs, int):
            raise SourceError(
                f"{path} holds objects, whose parts have names; {layout.map_key} gives {ours} "
                f"the number {theirs}.",
                remedy="Give the key that holds it.",
            )
    named = {ours: str(theirs) for ours, theirs in layout.called.items()}
    taken = set(named.values())
    expected = [*layout.required, *layout.optional, *filter(layout.takes, sample)]
    own = {name: name for name in expected if name not in named and name not in taken}
    keys = {**named, **own}
    if layout.refuses_others:
        # The check of what nothing reads; what is missing is told when all has been read.
        layout._replace(required=(), optional=layout.required + layout.optional).find(path, sample)
    return Found(keys, frozenset(filter(layout.is_list, keys)))


def _keys(lines: pl.Series) -> list[str]:
    found: dict[str, None] = {}
    for line in lines:
        record = _loaded(line)
        if isinstance(record, dict):
            found.update(dict.fromkeys(record))
    return [key for key in found if _encodable(key) == key]


def _check_used(
    path: Path, layout: Layout, found: Found, rows: pl.DataFrame, sample: list[str]
) -> None:
    """Refuse a file in which no object has a column that must be there, or that a map names."""
    for ours in dict.fromkeys([*layout.required, *layout.called]):
        if found.keys[ours] not in sample and rows[ours].null_count() == rows.height:
            layout.find(path, sample)


# --- lines -----------------------------------------------------------------------------------


def _lines(path: Path, block: Block) -> tuple[pl.DataFrame, pl.DataFrame]:
    text = decoded(path, block).removesuffix("\n")
    first = block.first_row
    lines = pl.Series("line", [text]).str.split("\n").explode()
    frame = pl.DataFrame({"line": lines}).select(
        pl.lit(path.name).alias("file"),
        pl.int_range(first, first + pl.len(), dtype=pl.Int64).alias("row"),
        pl.col("line").str.strip_chars(" \t\r"),
    )
    return reject(frame, pl.when(pl.col("line") == "").then(pl.lit("blank-line")))


def _parsed(lines: pl.DataFrame, found: Found) -> Table:
    """Parse lines all at once where they are well formed, and one by one where they are not."""
    line = pl.col("line")
    odd = ~(line.str.starts_with("{") & line.str.ends_with("}")) | line.str.contains(_SUSPECT)
    even = lines.filter(~odd)
    quick = _parse_at_once(even, found)
    if quick is None:
        return _parse_each(lines, found)
    if even.height == lines.height:
        return Table(quick, no_rows(DROPPED))
    slow = _parse_each(lines.filter(odd), found)
    return Table(pl.concat([quick, slow.rows]).sort("row"), slow.dropped)


def _parse_at_once(lines: pl.DataFrame, found: Found) -> pl.DataFrame | None:
    """Parse lines in one go; None when one of them is wrong.

    The parser joins the lines with commas, so that two broken ones could make one whole. Each
    is numbered within itself, and the numbers must come back as they went in.
    """
    if len({ROW_KEY, *found.keys.values()}) <= len(found.keys):
        return None  # two of our columns stand under one key
    wanted = pl.Struct(
        {ROW_KEY: pl.Int64(), **{found.keys[o]: t for o, t in found.schema().items()}}
    )
    head = pl.concat_str(pl.lit(f'{{"{ROW_KEY}":'), pl.col("row"), pl.lit(","))
    numbered = lines.select(head + pl.col("line").str.tail(-1)).to_series()
    try:
        parsed = numbered.str.json_decode(wanted)
    except pl.exceptions.PolarsError:
        return None
    rows = parsed.struct.field(ROW_KEY)
    if len(parsed) != lines.height or not rows.equals(lines["row"], null_equal=False):
        return None
    return lines.with_columns(
        _cleaned(parsed.struct.field(key), ours, found).alias(ours)
        for ours, key in found.keys.items()
    ).select(*PLACE, *found.keys)


def _cleaned(cells: pl.Series, ours: str, found: Found) -> pl.Series:
    if ours not in found.lists:
        return cells.str.strip_chars()
    item = pl.element().str.strip_chars()
    return cells.list.eval(item.filter(item != ""))


def _parse_each(lines: pl.DataFrame, found: Found) -> Table:
    return _judged(lines, [_cells(_loaded(line), found) for line in lines["line"]], found)


def _judged(place: pl.DataFrame, cells: list[dict[str, Any] | str], found: Found) -> Table:
    """Put cells beside the places they are from; a text in their stead is a reason."""
    reasons = [None if isinstance(row, dict) else row for row in cells]
    columns = {
        ours: pl.Series(ours, [r[ours] if isinstance(r, dict) else None for r in cells], dtype=kind)
        for ours, kind in found.schema().items()
    }
    frame = place.with_columns(*columns.values(), pl.Series("why", reasons, dtype=pl.String))
    table = reject(frame, pl.col("why"))
    return Table(table.rows.select(*PLACE, *found.keys), table.dropped)


# --- one record ------------------------------------------------------------------------------


def _first_wins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return dict(reversed(pairs))


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no JSON")


_DECODE: Callable[[str], Any] = json.JSONDecoder(
    object_pairs_hook=_first_wins, parse_constant=_no_number
).decode


def _loaded(line: str) -> Any:
    """Parse one line; what is no JSON, or nested without end, gives None."""
    try:
        return _DECODE(line)
    except (ValueError, RecursionError):
        return None


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _dumped(record: Any) -> str:
    try:
        return _encodable(json.dumps(record, ensure_ascii=False)[:LONGEST_TEXT])
    except RecursionError:
        return "nested without end"


def _cells(record: Any, found: Found) -> dict[str, Any] | str:
    """Take our columns from an object, or say why that cannot be."""
    if not isinstance(record, dict):
        return "malformed-json"
    try:
        return {
            ours: _list(record.get(key)) if ours in found.lists else _text(record.get(key))
            for ours, key in found.keys.items()
        }
    except ValueError:
        return "malformed-value"


def _text(value: Any) -> str | None:
    """Write a value as the text of a cell; an object, or several values, is none."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float):
        raise ValueError(value)
    text = value if isinstance(value, str) else str(value)
    if "\x00" in text or _encodable(text) != text:
        raise ValueError(value)
    return text.strip()


def _list(value: Any) -> list[str] | None:
    if value is None:
        return None
    items = value if isinstance(value, list) else [value]
    return [text for item in items if (text := _text(item))]


# --- documents -------------------------------------------------------------------------------


def _batches(path: Path, key: str) -> Iterator[list[Any]]:
    """Stream the items of a list in a document, so that a large one is never held whole."""
    import ijson  # type: ignore[import-untyped]

    with opened(path) as file:
        items = iter(ijson.items(ShallowJson(file, path), f"{key}.item", use_float=True))
        while batch := _taken(path, items):
            yield batch


class ShallowJson:
    """A stream of JSON that is not nested without end.

    The parser keeps the whole way down to every value, so that a small file of nothing but
    brackets would fill the memory.
    """

    def __init__(self, stream: BinaryIO, path: Path) -> None:
        self._stream, self._path = stream, path
        self._depth, self._quotes = 0, 0
        self._is_escaped = False

    def read(self, size: int = -1) -> bytes:
        """Read some bytes, and refuse what is nested too deep."""
        data = self._stream.read(size)
        if data:
            self._watch(data)
        return data

    def _watch(self, data: bytes) -> None:
        text = data[1:] if self._is_escaped else data
        self._is_escaped = False
        if b"\\" in text:
            text = _ESCAPED.sub(b"", text)
            self._is_escaped = text.endswith(b"\\")
        letters = np.frombuffer(text, dtype=np.uint8)
        quotes = self._quotes + np.cumsum(letters == ord('"'))
        depth = self._depth + np.cumsum(np.where(quotes & 1, 0, _STEPS[letters]))
        if depth.size == 0:
            return
        self._quotes, self._depth = int(quotes[-1]) & 1, int(depth[-1])
        if depth.max() > DEEPEST:
            raise SourceError(
                f"{self._path} is nested more than {DEEPEST:,} deep.",
                remedy="Check that it is the document it was said to be.",
            )


def _taken(path: Path, items: Iterable[Any]) -> list[Any]:
    import ijson

    try:
        return list(islice(items, DOCUMENT_ROWS))
    except (ijson.JSONError, UnicodeError, ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0] if str(error) else "it is nested without end"
        raise SourceError(
            f"{path} is no whole JSON document: {reason.strip()}.",
            remedy="Fetch or write the file again.",
        ) from None
