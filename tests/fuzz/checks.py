"""What must hold of whatever a reader makes of an input: a whole graph, or one clear sentence."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

import polars as pl

from kgsynth.errors import KgsynthError
from kgsynth.sources.columns import GraphColumns
from kgsynth.sources.reasons import ROW_REASONS

LONGEST_MESSAGE = 400
LONGEST_TEXT = 1_000
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})?")
_INNER = re.compile(r"Traceback|<class |object at 0x|NoneType|panicked|\.rs:\d|Error\(")
"""What belongs to a program, and not in a sentence for its user."""


def fault_of_error(error: BaseException) -> str:
    """Say what is wrong with how a reader failed; nothing where it did as it should."""
    if not isinstance(error, KgsynthError):
        return f"it raised {type(error).__name__}: {str(error)[:300]}"
    told = str(error)
    odd = [c for c in told if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")]
    if odd:
        return f"its message holds {odd[0]!r}: {told[:300]!r}"
    if max(len(error.message), len(error.remedy)) > LONGEST_MESSAGE:
        return f"its message has {len(told)} characters: {told[:300]!r}"
    if found := _INNER.search(told):
        return f"its message speaks of {found[0]!r}: {told!r}"
    if not error.remedy or not error.remedy.endswith("."):
        return f"its message names no remedy: {told!r}"
    if not error.message.endswith((".", "?")) or error.message.endswith(("..", " .", ": .")):
        return f"its message is no sentence: {told!r}"
    return ""


def fault_of_graph(graph: GraphColumns) -> str:
    """Say what is wrong with a graph; nothing where it is whole."""
    for name, check in _CHECKS.items():
        for fault in check(graph):
            return f"{name}: {fault}"
    return ""


def _is_blank(text: str) -> bool:
    """Tell whether a text holds nothing but what polars takes for white space."""
    return all(c.isspace() and c not in "\x1c\x1d\x1e\x1f" for c in text)


def _nodes(graph: GraphColumns) -> Iterator[str]:
    ids = graph.nodes["id"]
    if ids.null_count() or (ids.str.strip_chars() == "").any():
        yield "an id is missing"
    if not ids.is_unique().all():
        yield f"an id stands twice: {ids.filter(ids.is_duplicated())[0]!r}"
    if ids.str.contains("\x00", literal=True).any():
        yield "an id holds a NUL"
    types = graph.nodes["types"]
    if types.null_count() or types.list.explode(empty_as_null=False).null_count():
        yield "a type is null"


def _texts(graph: GraphColumns) -> Iterator[str]:
    for what in ("names", "definitions", "identifiers", "evidence"):
        frame: pl.DataFrame = getattr(graph, what)
        if any(frame.null_count().row(0)):
            yield f"a null in {what}"
        texts = frame["text"]
        if (texts.str.strip_chars() == "").any():
            yield f"an empty text in {what}"
        if texts.str.contains("\x00", literal=True).any():
            yield f"a NUL in {what}"
    yield from _within("a name's concept", graph.names["node"], graph.nodes.height)
    yield from _within("a name's source", graph.names["source"], len(graph.sources))
    yield from _within("a definition's concept", graph.definitions["node"], graph.nodes.height)
    yield from _within("a definition's source", graph.definitions["source"], len(graph.sources))
    yield from _within("an identifier's concept", graph.identifiers["node"], graph.nodes.height)
    yield from _within("the edge of evidence", graph.evidence["edge"], graph.edges.height)


def _edges(graph: GraphColumns) -> Iterator[str]:
    if any(graph.edges.null_count().row(0)):
        yield "a null in edges"
    yield from _within("a subject", graph.edges["subject"], graph.nodes.height)
    yield from _within("an object", graph.edges["object"], graph.nodes.height)
    yield from _within("a relation", graph.edges["predicate"], len(graph.relations))
    yield from _within("an origin", graph.edges["origin"], len(graph.origins))
    spellings = [relation.spelling for relation in graph.relations]
    if len(set(spellings)) < len(spellings) or any(map(_is_blank, spellings)):
        yield f"relations are not distinct words: {spellings[:20]}"


def _within(what: str, numbers: pl.Series, most: int) -> Iterator[str]:
    if len(numbers) and int(numbers.max()) >= most:  # type: ignore[arg-type]
        yield f"{what} is number {numbers.max()} of {most}"


def _sources(graph: GraphColumns) -> Iterator[str]:
    if not graph.sources:
        yield "it has no source"
    for source in graph.sources:
        if _is_blank(source.name) or not _DATE.fullmatch(source.released):
            yield f"a source is {source}"
        if not all(isinstance(t, str) for t in (source.version, source.licence, *source.complete)):
            yield f"a source is {source}"
    for origin in graph.origins:
        if not 0 <= origin.source < len(graph.sources) or not isinstance(origin.licence, str):
            yield f"an origin is {origin}"


def _left_out(graph: GraphColumns) -> Iterator[str]:
    dropped = graph.dropped
    if any(dropped.null_count().row(0)):
        yield "a null in dropped"
    if (dropped["row"] < 0).any() or (dropped["file"] == "").any():
        yield "a dropped row without a place"
    if (dropped["text"].str.len_chars() > LONGEST_TEXT).any():
        yield "the text of a dropped row is longer than may be"
    codes = [*dropped["reason"].unique(), *graph.counted]
    if wrong := [code for code in codes if code not in ROW_REASONS]:
        yield f"no word explains the reason {wrong[0]!r}"
    if any(type(n) is not int or n < 1 for n in graph.counted.values()):
        yield f"counts that count nothing: {dict(graph.counted)}"


_CHECKS: dict[str, Callable[[GraphColumns], Iterator[str]]] = {
    "concepts": _nodes,
    "texts": _texts,
    "statements": _edges,
    "sources": _sources,
    "what was left out": _left_out,
}


def difference(one: GraphColumns, two: GraphColumns) -> str:
    """Say in what two readings of the same input differ."""
    for field in GraphColumns.__dataclass_fields__:
        a: Any = getattr(one, field)
        b: Any = getattr(two, field)
        if not (a.equals(b) if isinstance(a, pl.DataFrame) else a == b):
            return f"read twice, {field} differ"
    return ""
