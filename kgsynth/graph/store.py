"""The compiled graph: a folder written once, mapped into memory, shared by all readers.

Concepts are numbered in the order of their ids and statements in the order of (subject,
predicate, object), so that the same sources in any order give the same store.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from kgsynth.errors import ConceptError, StoreError, listing
from kgsynth.graph.adjacency import Adjacency, mapped
from kgsynth.model import Concept, Name, Record, Statement, statement_id

FORMAT_VERSION = 1
COMPILE_AGAIN = "Compile the graph again: kgsynth graph compile KIND:PATH --output STORE"
UNREADABLE = (OSError, EOFError, ValueError, pl.exceptions.PolarsError)
"""What reading a damaged file may raise: a missing one, an empty one, one cut short."""
T = TypeVar("T")
MOST_CONCEPTS_KEPT = 100_000
"""Concepts read once stay in memory up to this many, whatever the size of the graph."""


class StoreSource(Record):
    """One source that a store was compiled from."""

    name: str
    version: str
    released: str
    licence: str
    complete: tuple[str, ...]
    statements: int


class StoreManifest(Record):
    """``manifest.json`` of a store."""

    format_version: int = FORMAT_VERSION
    content: str
    sources: tuple[StoreSource, ...]
    nodes: int
    statements: int
    types: dict[str, int]
    predicates: dict[str, int]
    unknown_predicates: tuple[str, ...]
    dropped: dict[str, int]


class Neighbour(NamedTuple):
    """One statement seen from one of its ends."""

    edge: int
    predicate: int
    other: int
    forward: bool


class KnowledgeGraph:
    """A compiled graph, opened for reading.

    >>> import tempfile
    >>> from kgsynth.graph.compile import compile_graph
    >>> from kgsynth.resources import locate
    >>> from kgsynth.sources import read_source
    >>> store = Path(tempfile.mkdtemp())
    >>> _ = compile_graph([read_source("tables", locate("ontologies/mini"))], store)
    >>> graph = KnowledgeGraph.open(store)
    >>> graph.id(graph.find("Zestril"))
    'KGMINI:lisinopril'
    """

    def __init__(self, path: Path, manifest: StoreManifest) -> None:
        self.path = path
        self.manifest = manifest
        self.concept = lru_cache(maxsize=MOST_CONCEPTS_KEPT)(self._concept)
        self.code_or_none = lru_cache(maxsize=MOST_CONCEPTS_KEPT)(self._code_or_none)
        self.beside = lru_cache(maxsize=MOST_CONCEPTS_KEPT)(self._beside)
        self.types = lru_cache(maxsize=MOST_CONCEPTS_KEPT)(self._types)

    @classmethod
    def open(cls, path: Path) -> KnowledgeGraph:
        """Open a store; one of another format is refused with the command that mends it."""
        try:
            content = json.loads((path / "manifest.json").read_text("utf-8"))
            found = content["format_version"]
            # Another format has other fields: read them only once the format is known.
            manifest = StoreManifest.model_validate(content) if found == FORMAT_VERSION else None
        except (FileNotFoundError, NotADirectoryError):
            raise StoreError(
                f"{path} is not a compiled graph.",
                remedy="Make one with: kgsynth graph compile KIND:PATH --output STORE",
            ) from None
        except (ValueError, KeyError, TypeError):
            raise StoreError(
                f"The store {path} has a manifest that this version cannot read.",
                remedy=COMPILE_AGAIN,
            ) from None
        if manifest is None:
            raise StoreError(
                f"The store {path} has format {found}; this version reads {FORMAT_VERSION}.",
                remedy=COMPILE_AGAIN,
            )
        return cls(path, manifest)

    # --- columns -----------------------------------------------------------------------------

    def _read(self, what: str, read: Callable[[Path], T]) -> T:
        try:
            return read(self.path)
        except UNREADABLE:
            raise StoreError(
                f"The store {self.path} is damaged: {what} cannot be read.", remedy=COMPILE_AGAIN
            ) from None

    def _frame(self, name: str) -> pl.DataFrame:
        file = f"{name}.parquet"
        return self._read(file, lambda folder: pl.read_parquet(folder / file, memory_map=True))

    @cached_property
    def nodes(self) -> pl.DataFrame:
        """Columns ``id``, ``types``; the row number is the concept's code."""
        return self._frame("nodes")

    @cached_property
    def names(self) -> pl.DataFrame:
        """Columns ``code``, ``text``, ``language``, ``kind``, the preferred name first."""
        return self._frame("names")

    @cached_property
    def predicates(self) -> pl.DataFrame:
        """Columns ``name``, ``kind``, ``family``, ``complete``; the row number is the code."""
        return self._frame("predicates")

    @cached_property
    def edges(self) -> pl.DataFrame:
        """Columns ``subject``, ``predicate``, ``object``, ``sources``, ``licences``, ``evidence``.

        The row number is the number of the statement.
        """
        return self._frame("edges")

    @cached_property
    def _name_rows(self) -> npt.NDArray[np.int64]:
        counts = np.bincount(self.names["code"].to_numpy(), minlength=self.node_count)
        return np.concatenate([[0], np.cumsum(counts)])

    @cached_property
    def predicate_names(self) -> list[str]:
        """Names of the predicates, by code."""
        return self.predicates["name"].to_list()

    @cached_property
    def _arrays(self) -> dict[str, npt.NDArray[Any]]:
        return self._read("the adjacency of statements", _statement_arrays)

    @cached_property
    def walk(self) -> Adjacency:
        """Adjacency over the associative statements: what a path may use."""
        return self._read("the walk", lambda folder: Adjacency.open(folder, "walk"))

    @cached_property
    def contact(self) -> Adjacency:
        """Adjacency over all statements but hierarchy and structure: what counts as degree."""
        return self._read("the contact", lambda folder: Adjacency.open(folder, "contact"))

    # --- concepts ---------------------------------------------------------------------------

    @property
    def node_count(self) -> int:
        """Number of concepts."""
        return self.manifest.nodes

    def id(self, code: int) -> str:
        """Return the id of a concept."""
        return str(self.nodes["id"][code])

    def _types(self, code: int) -> tuple[str, ...]:
        """Return the semantic types of a concept."""
        return tuple(self.nodes["types"][code])

    def _code_or_none(self, concept_id: str) -> int | None:
        """Return the code of a concept id, or None when the graph does not hold it."""
        ids = self.nodes["id"]
        place = int(ids.search_sorted(concept_id))
        return place if place < len(ids) and ids[place] == concept_id else None

    def code(self, concept_id: str) -> int:
        """Return the code of a concept id."""
        code = self.code_or_none(concept_id)
        if code is None:
            raise ConceptError(
                f"The graph holds no concept with the id {concept_id!r}.",
                remedy="List what it holds with: kgsynth graph info STORE",
            )
        return code

    def _concept(self, code: int) -> Concept:
        """Return a concept with all its names."""
        rows = self.names.slice(
            int(self._name_rows[code]), int(self._name_rows[code + 1] - self._name_rows[code])
        )
        names = tuple(
            Name(text=text, language=language, kind=kind)
            for text, language, kind in rows.select("text", "language", "kind").iter_rows()
        )
        return Concept(id=self.id(code), names=names, types=self.types(code))

    def name(self, code: int, language: str = "en") -> str:
        """Return the preferred name of a concept."""
        return self.concept(code).name(language)

    def all_names(self) -> Iterator[tuple[str, Name]]:
        """Yield every name with its concept's id."""
        ids = self.nodes["id"]
        for code, text, language, kind in self.names.iter_rows():
            yield ids[code], Name(text=text, language=language, kind=kind)

    def find(self, text: str) -> int:
        """Return the concept that an id or a name in any case means."""
        by_id = self.code_or_none(text)
        if by_id is not None:
            return by_id
        # Upper case makes one of what lower case keeps apart: ß and ss, σ and ς, µ and μ.
        in_any_case = self.names["text"].str.to_uppercase() == text.upper()
        codes = sorted(set(self.names.filter(in_any_case)["code"].to_list()))
        if len(codes) == 1:
            return int(codes[0])
        if codes:
            candidates = listing(f"{self.id(c)} ({', '.join(self.types(c))})" for c in codes)
            raise ConceptError(
                f"{text!r} names {len(codes)} concepts: {candidates}.",
                remedy="Use the id of the one you mean.",
            )
        raise ConceptError(f"The graph holds no concept called {text!r}.{self._nearest(text)}")

    def _nearest(self, wanted: str) -> str:
        from difflib import get_close_matches

        lowered = self.names["text"].str.to_lowercase().unique().sort().to_list()
        close = get_close_matches(wanted.lower(), lowered, n=3, cutoff=0.6)
        return f" Nearest names: {', '.join(close)}." if close else ""

    # --- statements ---------------------------------------------------------------------------

    def _beside(self, code: int) -> tuple[Neighbour, ...]:
        """Return every statement that a concept takes part in, outgoing ones first."""
        found = []
        for side, forward in (("out", True), ("in", False)):
            start, end = self._arrays[f"{side}_indptr"][code : code + 2]
            columns = (
                self._arrays[f"{side}_{c}"][start:end] for c in ("edge", "predicate", "target")
            )
            rows = zip(*(column.tolist() for column in columns), strict=True)
            found += [Neighbour(edge, predicate, other, forward) for edge, predicate, other in rows]
        return tuple(found)

    def statement(self, edge: int) -> Statement:
        """Return one statement with its sources and evidence."""
        subject, predicate, obj, sources, licences, evidence = self.edges.row(edge)
        name = self.predicate_names[predicate]
        ids = self.id(subject), self.id(obj)
        return Statement(
            id=statement_id(ids[0], name, ids[1]),
            subject=ids[0],
            predicate=name,
            object=ids[1],
            negative=self.predicates["kind"][predicate] == "negative",
            sources=tuple(sources),
            licences=tuple(licences),
            evidence=tuple(evidence),
        )

    def holds(self, subject: str, predicate: str, obj: str) -> bool:
        """Tell whether the graph states this, the right way round."""
        left, right = self.code_or_none(subject), self.code_or_none(obj)
        if left is None or right is None or predicate not in self.predicate_names:
            return False
        wanted = self.predicate_names.index(predicate)
        return any(
            n.forward and n.other == right and n.predicate == wanted for n in self.beside(left)
        )

    def codes_of_kind(self, kinds: Sequence[str]) -> frozenset[int]:
        """Return the codes of the predicates of some kinds."""
        return frozenset(
            code for code, kind in enumerate(self.predicates["kind"].to_list()) if kind in kinds
        )


def _statement_arrays(folder: Path) -> dict[str, npt.NDArray[Any]]:
    return {
        f"{side}_{column}": mapped(folder / f"{side}_{column}.npy")
        for side in ("out", "in")
        for column in ("indptr", "target", "predicate", "edge")
    }
