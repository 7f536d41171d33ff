"""Hetionet's JSON document, packed or not, read as a stream: 2.25 million edges are never held.

It says the most of all forms: what a gene is called in full, other ids of a node, and for each
edge its sources, publications and licence.
"""

from __future__ import annotations

import json
import re
from array import array
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from kgsynth.errors import SourceError
from kgsynth.sources.columns import DROPPED, LONGEST_TEXT, Progress
from kgsynth.sources.hetionet.graph import KINDS, VERBS, Parts
from kgsynth.sources.opening import opened
from kgsynth.sources.tables.records import ShallowJson

CHUNK_BYTES, HEAD_BYTES = 1 << 20, 1 << 16
TOLD_EVERY = 50_000

XREFS = {"bto_id": "BTO", "inchikey": "INCHIKEY", "mesh_id": "MESH"}
"""Properties of a node that are ids of it elsewhere."""
DIRECTIONS = ("both", "forward", "backward")

_MOST_TEXTS = 1 << 10
"""How many short texts are remembered; most edges share a few."""
_VERSIONED = re.compile(r"((?:CC|ODbL)[A-Za-z0-9 -]*) ([0-9.]+)")


class _Head(NamedTuple):
    """What the document says before its edges."""

    letters: dict[str, str]
    """What kinds of node and edge are called within a metaedge."""
    nodes: list[Any]


def read_json(path: Path, progress: Progress) -> Parts:
    """Read the nodes, and then the edges of the same document, opened once more."""
    head = _read_head(path)
    dropped: list[tuple[str, int, str, str]] = []
    nodes = _Nodes(f"{path.name}#nodes", dropped)
    for row, node in enumerate(head.nodes, start=1):
        nodes.take(row, node)
    edges = _Edges(f"{path.name}#edges", dropped, nodes.place, head.letters)
    with _told(path):
        for row, edge in enumerate(_items(path, "edges.item"), start=1):
            edges.take(row, edge)
            if row % TOLD_EVERY == 0:
                progress(f"reading edges of {path.name}", row, 0)
    if not edges.seen:
        raise SourceError(
            f"{path} holds no list 'edges' of objects.",
            remedy="Hetionet's document is an object with the lists 'nodes' and 'edges'.",
        )
    return Parts(
        nodes.frame(),
        edges.frame(nodes.spelled),
        [pl.DataFrame(dropped, schema=DROPPED, orient="row")],
        nodes.texts(nodes.synonyms),
        nodes.texts(nodes.xrefs),
        edges.either_way(),
    )


# --- the stream -------------------------------------------------------------------------------


def _items(path: Path, prefix: str) -> Iterator[Any]:
    import ijson  # type: ignore[import-untyped]

    with opened(path) as file:
        yield from ijson.items(
            ShallowJson(file, path), prefix, use_float=True, buf_size=CHUNK_BYTES
        )


def _read_head(path: Path) -> _Head:
    """Read the nodes and abbreviations; stop where the edges begin, if they come last."""
    import ijson

    letters, nodes, edges = (ijson.sendable_list() for _ in range(3))
    parsers = [
        ijson.items_coro(letters, "kind_to_abbrev", use_float=True),
        ijson.items_coro(nodes, "nodes.item", use_float=True),
        ijson.items_coro(edges, "edges.item", use_float=True),
    ]
    is_whole = False
    with opened(path) as file, _told(path):
        stream = ShallowJson(file, path)
        while not (is_whole and letters) and (data := stream.read(HEAD_BYTES)):
            begun = len(nodes), len(edges)
            for parser in parsers:
                parser.send(data)
            is_whole = is_whole or (begun[0] > 0 and begun[1] == 0 and len(edges) > 0)
            del edges[1:]
    said = letters[-1] if letters and isinstance(letters[-1], dict) else {}
    return _Head({k: v for k, v in said.items() if isinstance(v, str)}, list(nodes))


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say in a sentence what is wrong with a document."""
    import ijson

    try:
        yield
    except (ijson.JSONError, UnicodeError, ValueError, RecursionError) as error:
        said = error.args[0] if error.args else ""
        text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        raise SourceError(
            f"{path} is no whole JSON document: {(text.splitlines() or [''])[0].strip()}.",
            remedy="Fetch or copy the file again.",
        ) from None


# --- nodes ------------------------------------------------------------------------------------


class _Nodes:
    """The nodes of the document, in its order."""

    def __init__(self, file: str, dropped: list[tuple[str, int, str, str]]) -> None:
        self._file, self._dropped = file, dropped
        self.spelled: list[str] = []
        self.place: dict[tuple[str, str], int] = {}
        """By kind and id, as they stand there: the place in ``spelled``."""
        self.synonyms: list[tuple[str, str]] = []
        self.xrefs: list[tuple[str, str]] = []
        self._names: list[str] = []
        self._rows: list[int] = []

    def take(self, row: int, node: Any) -> None:
        """Keep a node, or set it aside."""
        try:
            kind, identifier = _text(node["kind"]), _id(node["identifier"])
            called = _text(node["name"])
        except (KeyError, TypeError, ValueError):
            self._drop(row, "malformed-node", node)
            return
        if not (kind and identifier and called):
            self._drop(row, "empty-name" if kind and identifier else "empty-id", node)
            return
        spelled = f"{kind}::{identifier}"
        self.place.setdefault((node["kind"], str(node["identifier"])), len(self.spelled))
        self.spelled.append(spelled)
        self._names.append(called)
        self._rows.append(row)
        data = node.get("data")
        if isinstance(data, dict):
            self._describe(spelled, kind, data)

    def _drop(self, row: int, reason: str, node: Any) -> None:
        self._dropped.append((self._file, row, reason, _dumped(node)))

    def _describe(self, spelled: str, kind: str, data: Mapping[str, Any]) -> None:
        if kind == "Gene" and (full := _said(data, "description")):
            self.synonyms.append((spelled, full))
        for key, prefix in XREFS.items():
            if value := _said(data, key):
                local = value.removeprefix("InChIKey=").removeprefix(f"{prefix}:")
                self.xrefs.append((spelled, f"{prefix}:{local}"))

    def frame(self) -> pl.DataFrame:
        """Return the nodes as they are made into a graph."""
        return pl.DataFrame(
            {
                "spelled": self.spelled,
                "name": self._names,
                "file": [self._file] * len(self.spelled),
                "row": self._rows,
                "line": [f"{s}\t{n}" for s, n in zip(self.spelled, self._names, strict=True)],
            },
            schema=dict(spelled=str, name=str, file=str, row=pl.Int64, line=str),
        )

    def texts(self, found: list[tuple[str, str]]) -> pl.DataFrame:
        """Return what was found beside the names."""
        return pl.DataFrame(found, schema={"spelled": pl.String, "text": pl.String}, orient="row")


# --- edges ------------------------------------------------------------------------------------


class _Words:
    """Texts that many edges share, numbered."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._codes = array("I")

    def append(self, text: str) -> None:
        self._codes.append(self._numbers.setdefault(text, len(self._numbers)))

    def series(self) -> pl.Series:
        words = pl.Series(list(self._numbers), dtype=pl.String)
        return words.gather(pl.Series(self._codes, dtype=pl.UInt32))


class _Edges:
    """The edges of the document as numbers: no object is kept of any."""

    def __init__(
        self,
        file: str,
        dropped: list[tuple[str, int, str, str]],
        place: Mapping[tuple[str, str], int],
        letters: Mapping[str, str],
    ) -> None:
        self._file, self._dropped, self._place, self._letters = file, dropped, place, letters
        self.seen = False
        self._source, self._target, self._row = array("I"), array("I"), array("q")
        self._metaedge, self._evidence, self._licence = _Words(), _Words(), _Words()
        self._meanings: dict[tuple[str, str, str, str], str] = {}

    def take(self, row: int, edge: Any) -> None:
        """Keep an edge, or set it aside."""
        self.seen = True
        try:
            (start, one), (end, two) = edge["source_id"], edge["target_id"]
            if edge["direction"] == "backward":
                start, one, end, two = end, two, start, one
            meaning = self._meaning(start, edge["kind"], end, edge["direction"])
            source = self._place.get((start, str(one)))
            target = self._place.get((end, str(two)))
        except (KeyError, TypeError, ValueError):
            self._dropped.append((self._file, row, "malformed-edge", _dumped(edge)))
            return
        if source is None or target is None:
            self._dropped.append((self._file, row, "dangling", _dumped(edge)))
            return
        data = edge.get("data")
        said = data if isinstance(data, dict) else {}
        self._source.append(source)
        self._target.append(target)
        self._row.append(row)
        self._metaedge.append(meaning)
        self._evidence.append(_evidence(said))
        licence = said.get("license")
        self._licence.append(_licence(licence) if isinstance(licence, str) else "")

    def _meaning(self, start: str, verb: str, end: str, direction: str) -> str:
        """Abbreviate what an edge says; in full words where a part of it has no abbreviation."""
        key = (start, verb, end, direction)
        if key not in self._meanings:
            if direction not in DIRECTIONS or not all(isinstance(word, str) for word in key):
                raise ValueError(direction)
            letters = [self._letter(word) for word in (start, verb, end)]
            mark = "" if direction == "both" else ">"
            self._meanings[key] = (
                f"{letters[0]}{letters[1]}{mark}{letters[2]}"
                if all(letters)
                else f"{_text(start)} {_text(verb)}{' >' * bool(mark)} {_text(end)}"
            )
        return self._meanings[key]

    def _letter(self, word: str) -> str:
        own = KINDS[word].letters if word in KINDS else VERBS.get(word, "").removesuffix(">")
        return self._letters.get(word, own)

    def either_way(self) -> frozenset[str]:
        """Return the metaedges that run both ways between two nodes of one kind."""
        return frozenset(
            meaning
            for (start, _, end, direction), meaning in self._meanings.items()
            if start == end and direction == "both"
        )

    def frame(self, spelled: list[str]) -> pl.DataFrame:
        """Return the edges as they are made into a graph."""
        ends = pl.Series(spelled, dtype=pl.String)
        return pl.DataFrame(
            {
                "source": ends.gather(pl.Series(self._source, dtype=pl.UInt32)),
                "metaedge": self._metaedge.series(),
                "target": ends.gather(pl.Series(self._target, dtype=pl.UInt32)),
                "evidence": self._evidence.series(),
                "licence": self._licence.series(),
            }
        ).with_columns(
            pl.lit(self._file).alias("file"),
            pl.Series("row", self._row, dtype=pl.Int64),
            pl.lit("").alias("line"),
        )


# --- values -----------------------------------------------------------------------------------


def _said(data: Mapping[str, Any], key: str) -> str:
    """Return a detail that a node may do without: what is no text is not said."""
    try:
        return _text(data.get(key))
    except ValueError:
        return ""


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\x00" in value:
        raise ValueError(value)
    return value.encode("utf-8", "replace").decode().strip()


def _id(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return _text(value)


def _evidence(data: Mapping[str, Any]) -> str:
    """Say where an edge is from: its sources, and the publications that they name."""
    listed = data.get("sources")
    sources = listed if isinstance(listed, list) else [data.get("source")]
    named = ", ".join(_plain(source) for source in sources if isinstance(source, str))
    found = data.get("pubmed_ids")
    papers = [f"PMID:{paper}" for paper in found] if isinstance(found, list) else []
    if not papers:
        return named
    return _clean(f"{named} ({', '.join(papers)})")


@lru_cache(_MOST_TEXTS)
def _licence(text: str) -> str:
    """Write a licence as it is registered: ``CC BY 4.0`` is ``CC-BY-4.0``.

    >>> _licence("CC BY-NC-SA 4.0"), _licence("ODbL 1.0"), _licence("ask the author")
    ('CC-BY-NC-SA-4.0', 'ODbL-1.0', 'ask the author')
    """
    said = _plain(text)
    return said.replace(" ", "-") if _VERSIONED.fullmatch(said) else said


@lru_cache(_MOST_TEXTS)
def _plain(text: str) -> str:
    return _clean(text)


def _clean(text: str) -> str:
    """Take out of a text what no text file may hold."""
    return text.replace("\x00", " ").encode("utf-8", "replace").decode().strip()


def _dumped(record: Any) -> str:
    try:
        return _clean(json.dumps(record, ensure_ascii=False))[:LONGEST_TEXT]
    except RecursionError:
        return "nested without end"
