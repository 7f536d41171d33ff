"""A store in batches of columns, for whoever writes it out.

Statements stay numbers: a format spells each id, relation and set of origins once, and picks
from these spellings by number. So ten million statements are written without an object each,
and what is held at once is one batch, the ids, and what the format made of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

import numpy as np
import polars as pl

from kgsynth.graph.arrays import Array
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.graph.terms import Terms
from kgsynth.graph.texts import Texts
from kgsynth.sources.columns import IDENTIFIER_KINDS, NAME_KINDS, Progress, silent
from kgsynth.sources.exported import CONCEPTS, About, ExportedSource

ROWS = 100_000
CHUNK = 1 << 22

NODES = pl.Schema({"code": pl.UInt32(), "name": pl.String(), **CONCEPTS})
"""``name`` is the preferred one, in English where there is one, or null where none may be told."""
EDGES = pl.Schema(
    {
        "subject": pl.UInt32(),
        "predicate": pl.UInt16(),
        "object": pl.UInt32(),
        "origins": pl.UInt32(),
        "evidence": pl.List(pl.String()),
    }
)
"""Codes of concepts, of relations and of sets of origins; ``evidence`` is null where none is."""


class Held(NamedTuple):
    """What the terms of the sources keep back."""

    names: int
    definitions: int
    evidence: int


class Origin(NamedTuple):
    """A source that vouches for statements, by its key, and the licence that they are under."""

    source: str
    licence: str


class Vouchers(NamedTuple):
    """Who vouches for a statement: keys of sources, and the licence of each."""

    sources: tuple[str, ...]
    licences: tuple[str, ...]


class Batches:
    """What of a store may be written out, in batches."""

    def __init__(
        self,
        graph: KnowledgeGraph,
        terms: Terms,
        progress: Progress = silent,
        rows: int = ROWS,
    ) -> None:
        self.graph = graph
        self.terms = terms
        self._progress = progress
        self._rows = rows

    # --- spelled once ------------------------------------------------------------------------

    @cached_property
    def ids(self) -> pl.Series:
        """The id of every concept, by code."""
        return self.graph.tables.ids.column()

    @property
    def predicates(self) -> list[str]:
        """The name of every relation, by code."""
        return self.graph.predicate_names

    @cached_property
    def keys(self) -> list[str]:
        """The key of every source, by its place in the manifest."""
        return distinct(source.name for source in self.graph.manifest.sources)

    @cached_property
    def about(self) -> About:
        """What the sources say of themselves."""
        sources = self.graph.manifest.sources
        terms: dict[str, list[str]] = {}
        for origin in self.graph.manifest.origins:
            terms.setdefault(origin.source, []).append(origin.licence)
        return About(
            sources=tuple(
                ExportedSource(
                    key=key,
                    # A pair of source and licence knows its source by name: the first has them.
                    licences=tuple(terms.pop(source.name, ())),
                    **source.model_dump(exclude={"statements"}),
                )
                for key, source in zip(self.keys, sources, strict=True)
            ),
            concepts=self.graph.node_count,
            statements=self.graph.manifest.statements,
        )

    @cached_property
    def origins(self) -> list[Origin]:
        """Who may vouch for a statement, by its place in the manifest."""
        key: dict[str, str] = {}
        for source in self.about.sources:
            key.setdefault(source.name, source.key)
        return [Origin(key[o.source], o.licence) for o in self.graph.manifest.origins]

    @cached_property
    def vouchers(self) -> list[Vouchers]:
        """The sources and licences of every set of origins, by its number."""
        return [
            Vouchers(
                tuple(self.origins[at].source for at in held),
                tuple(self.origins[at].licence for at in held),
            )
            for held in self.graph.tables.origin_sets
        ]

    # --- what is most common ----------------------------------------------------------------------

    @cached_property
    def usual_source(self) -> str:
        """The key of the source that gives most names and definitions; the first of equals."""
        held = (self.graph.tables.names.source, self.graph.tables.definitions.source)
        counts = sum(np.bincount(places, minlength=len(self.keys)) for places in held)
        return self.keys[int(np.argmax(counts))]

    @cached_property
    def usual_set(self) -> int:
        """The number of the set of origins that vouches for most statements."""
        sets = self.graph.tables.out.origins
        counts = np.zeros(len(self.graph.tables.origin_sets), dtype=np.int64)
        for first in range(0, len(sets), CHUNK):
            counts += np.bincount(sets[first : first + CHUNK], minlength=len(counts))
        return int(np.argmax(counts))

    # --- what may be told ----------------------------------------------------------------------

    @cached_property
    def _open_sources(self) -> Array:
        names = [source.name for source in self.graph.manifest.sources]
        return np.array([self.terms.may_name(name) for name in names], dtype=np.bool_)

    @cached_property
    def _open_sets(self) -> Array:
        """Whether every origin of a set lets its words out: evidence does not say whose it is."""
        origins = [self.terms.may_name(o.source) for o in self.graph.manifest.origins]
        sets = [all(origins[at] for at in held) for held in self.graph.tables.origin_sets]
        return np.array(sets, dtype=np.bool_)

    @cached_property
    def held(self) -> Held:
        """How much is kept back."""
        if not self.terms.withheld():
            return Held(0, 0, 0)
        graph = self.graph
        about = graph.tables.evidence.statement
        return Held(
            names=int((~self._open_sources[graph.tables.names.source]).sum()),
            definitions=int((~self._open_sources[graph.tables.definitions.source]).sum()),
            evidence=int((~self._open_sets[graph.tables.out.origins[about]]).sum()),
        )

    # --- concepts ------------------------------------------------------------------------------

    def nodes(self) -> Iterator[pl.DataFrame]:
        """Yield ``NODES``."""
        for first, end in self._ranges(self.graph.node_count, "concepts"):
            yield self._nodes(first, end)

    def _nodes(self, first: int, end: int) -> pl.DataFrame:
        types = pl.Series(self.graph.manifest.type_sets, dtype=pl.List(pl.String))
        frame = pl.DataFrame(
            {
                "code": pl.int_range(first, end, dtype=pl.UInt32, eager=True),
                "id": self.graph.tables.ids.between(first, end),
                "types": types.gather(self.graph.tables.node_types[first:end]),
            }
        )
        parts = (
            self._names(first, end),
            self._identifiers(first, end),
            self._definitions(first, end),
        )
        for part in parts:
            frame = frame.join(part, on="code", how="left", maintain_order="left")
        return frame.with_columns(
            pl.col(name).fill_null([]) for name in ("names", "identifiers", "definitions")
        ).select(NODES.names())

    def _names(self, first: int, end: int) -> pl.DataFrame:
        held = self.graph.tables.names
        low, high = (int(at) for at in held.indptr[[first, end]])
        languages = pl.Series(self.graph.manifest.languages, dtype=pl.String)
        rows = pl.DataFrame(
            {
                "code": _owners(held.indptr, first, end),
                "text": pl.Series(held.texts.between(low, high), dtype=pl.String),
                "language": languages.gather(held.language[low:high]),
                "kind": NAME_KINDS.categories.gather(held.kind[low:high]),
                "source": pl.Series(self.keys, dtype=pl.String).gather(held.source[low:high]),
            }
        ).filter(pl.Series(self._open_sources[held.source[low:high]]))
        is_preferred, is_english = pl.col("kind") == "preferred", pl.col("language") == "en"
        rank = pl.when(is_english & is_preferred).then(0).when(is_english).then(1)
        shown = rank.when(is_preferred).then(2).otherwise(3).arg_min()
        return rows.group_by("code", maintain_order=True).agg(
            pl.col("text").get(shown).alias("name"),
            pl.struct("text", "language", "kind", "source").alias("names"),
        )

    def _identifiers(self, first: int, end: int) -> pl.DataFrame:
        held = self.graph.tables.identifiers
        low, high = (int(at) for at in held.indptr[[first, end]])
        owners = _owners(held.indptr, first, end)
        places = held.of_node[low:high]
        order = np.lexsort((places, owners))
        places = places[order]
        rows = pl.DataFrame(
            {
                "code": owners[order],
                "text": gathered(held.texts, places),
                "kind": IDENTIFIER_KINDS.categories.gather(held.kind[places]),
            }
        )
        return rows.group_by("code", maintain_order=True).agg(
            pl.struct("text", "kind").alias("identifiers")
        )

    def _definitions(self, first: int, end: int) -> pl.DataFrame:
        held = self.graph.tables.definitions
        low, high = (int(at) for at in held.indptr[[first, end]])
        rows = pl.DataFrame(
            {
                "code": _owners(held.indptr, first, end),
                "text": pl.Series(held.texts.between(low, high), dtype=pl.String),
                "source": pl.Series(self.keys, dtype=pl.String).gather(held.source[low:high]),
            }
        ).filter(pl.Series(self._open_sources[held.source[low:high]]))
        return rows.group_by("code", maintain_order=True).agg(
            pl.struct("text", "source").alias("definitions")
        )

    # --- statements ----------------------------------------------------------------------------

    def edges(self) -> Iterator[pl.DataFrame]:
        """Yield ``EDGES``, in the order of their numbers."""
        for first, end in self._ranges(self.graph.manifest.statements, "statements"):
            yield self._edges(first, end)

    def _edges(self, first: int, end: int) -> pl.DataFrame:
        out = self.graph.tables.out
        subject = np.searchsorted(out.indptr, np.arange(first, end), side="right") - 1
        frame = pl.DataFrame(
            {
                "subject": subject.astype(np.uint32),
                "predicate": out.predicate[first:end],
                "object": out.target[first:end].astype(np.uint32),
                "origins": out.origins[first:end],
            }
        )
        evidence = self._evidence(first, end)
        if evidence.is_empty():
            return frame.with_columns(pl.lit(None, dtype=EDGES["evidence"]).alias("evidence"))
        at = pl.int_range(first, end, dtype=pl.Int64).alias("statement")
        return (
            frame.with_columns(at)
            .join(evidence, on="statement", how="left", maintain_order="left")
            .select(EDGES.names())
        )

    def _evidence(self, first: int, end: int) -> pl.DataFrame:
        held = self.graph.tables.evidence
        low, high = (int(at) for at in np.searchsorted(held.statement, [first, end]))
        statements = held.statement[low:high].astype(np.int64)
        is_open = self._open_sets[self.graph.tables.out.origins[statements]]
        rows = pl.DataFrame(
            {
                "statement": statements,
                "evidence": pl.Series(held.texts.between(low, high), dtype=pl.String),
            }
        ).filter(pl.Series(is_open))
        return rows.group_by("statement", maintain_order=True).agg("evidence")

    def _ranges(self, count: int, what: str) -> Iterator[tuple[int, int]]:
        for first in range(0, count, self._rows):
            self._progress(f"export: {what}", first, count)
            yield first, min(first + self._rows, count)
        self._progress(f"export: {what}", count, count)


def _owners(indptr: Array, first: int, end: int) -> Array:
    """Name the concept of each row of a range of concepts."""
    counts = np.diff(indptr[first : end + 1])
    return np.repeat(np.arange(first, end, dtype=np.uint32), counts)


def gathered(texts: Texts, places: Array) -> pl.Series:
    """Pick texts by their places."""
    begins = texts.offsets[places]
    lengths = texts.offsets[places + 1] - begins
    offsets = np.zeros(len(places) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    from_where = np.arange(offsets[-1]) + np.repeat(begins - offsets[:-1], lengths)
    return Texts(offsets, texts.data[from_where]).column()


def distinct(names: Iterable[str]) -> list[str]:
    """Tell names apart that stand more than once.

    >>> distinct(["a", "b", "a", "a", "a (2)"])
    ['a', 'b', 'a (3)', 'a (4)', 'a (2)']
    """
    listed = list(names)
    keys: list[str] = []
    for name in listed:
        key, number = name, 1
        while key in keys or (number > 1 and key in listed):
            number += 1
            key = f"{name} ({number})"
        keys.append(key)
    return keys
