"""Values of properties, whatever their kind, as columns of text."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from typing import Any

import polars as pl
from neo4j.exceptions import BrokenRecordError

TEXT = pl.String()
TEXTS = pl.List(pl.String())
_PLAIN = {str, type(None)}
_SEPARATOR = "\x1f"


def as_text(value: Any) -> str:
    """Write a value as text.

    >>> [as_text(v) for v in (True, 7, ["a", 1], b"k")]
    ['true', '7', '["a", 1]', '6b']
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, bytes | bytearray):
        return value.hex()
    if isinstance(value, list | dict):
        return json.dumps(value, default=as_text, ensure_ascii=False)
    if type(value).__module__.startswith("neo4j._"):
        # Inside a list the driver hands on what it cannot read; alone it refuses it, with this.
        raise BrokenRecordError("a value in a list cannot be read")
    iso = getattr(value, "iso_format", None)  # the driver's dates, times and durations
    return str(iso()) if iso else str(value)


def as_id(value: Any) -> str | None:
    """Write an id as text; a truth value, list, map, point, or number that is none names nothing.

    >>> [as_id(v) for v in ("A:1", 7, 1.5, True, [1], float("nan"))]
    ['A:1', '7', '1.5', None, None, None]
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool | bytes | bytearray | list | dict | tuple):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return as_text(value)


def texts(values: Sequence[Any], written: Callable[[Any], str | None] = as_text) -> pl.Series:
    """Make a column of text; nothing stays nothing."""
    if set(map(type, values)) <= _PLAIN:
        return pl.Series(values, dtype=TEXT)
    return pl.Series([None if v is None else written(v) for v in values], dtype=TEXT)


def lists(values: Sequence[Any]) -> pl.Series:
    """Make a column of lists of text; a value that is no list is a list of one.

    An empty list is as good as none. Joined and split again, as polars takes lists one by one.
    """
    kinds = set(map(type, values))
    if kinds <= _PLAIN:
        column = pl.Series("text", values, dtype=TEXT).to_frame()
        return column.select(pl.when(pl.col("text").is_not_null()).then(pl.concat_list("text")))[
            "text"
        ]
    items = [_items(value) for value in values]
    joined = [None if not held else _SEPARATOR.join(held) for held in items]
    split = pl.Series(joined, dtype=TEXT).str.split(_SEPARATOR)
    if split.list.len().sum() == sum(map(len, items)):
        return split
    return pl.Series([held or None for held in items], dtype=TEXTS)


def _items(value: Any) -> list[str]:
    if value is None:
        return []
    held = value if isinstance(value, list) else [value]
    if set(map(type, held)) <= {str}:
        return held
    return [as_text(item) for item in held if item is not None]
