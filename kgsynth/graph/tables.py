"""The columns of a store, each mapped into memory when it is first asked for.

This is the face for whoever reads columns: exports, scores, searches. Whoever asks of one
concept or statement asks `kgsynth.graph.store.KnowledgeGraph`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import numpy as np
import polars as pl

from kgsynth.errors import StoreError
from kgsynth.graph.adjacency import Adjacency
from kgsynth.graph.arrays import (
    Array,
    Definitions,
    Evidence,
    Held,
    Identifiers,
    Incoming,
    NameIndex,
    Names,
    Statements,
    readonly,
)
from kgsynth.graph.manifest import COMPILE_AGAIN
from kgsynth.graph.texts import Texts, mapped

UNREADABLE = (OSError, EOFError, ValueError, pl.exceptions.PolarsError)
"""What reading a damaged file may raise: a missing one, an empty one, one cut short."""
T = TypeVar("T")


class Tables:
    """The columns of one store."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.is_open = True

    def close(self) -> None:
        """Let go of the files. What was taken from here before stays good."""
        self.__dict__ = {"path": self.path, "is_open": False}

    def _read(self, what: str, read: Callable[[Path], T]) -> T:
        if not self.is_open:
            raise StoreError(
                f"The graph of the store {self.path} was closed.",
                remedy="Open it again with KnowledgeGraph.open.",
            )
        try:
            return read(self.path)
        except UNREADABLE:
            raise StoreError(
                f"The store {self.path} is damaged: {what} cannot be read.", remedy=COMPILE_AGAIN
            ) from None

    def _mapped(self, *names: str) -> list[Array]:
        return [self._read(f"{n}.npy", partial(_mapped_array, name=n)) for n in names]

    def _texts(self, name: str) -> Texts:
        return self._read(f"the texts of {name}", lambda folder: Texts.open(folder, name))

    # --- concepts ---------------------------------------------------------------------------

    @cached_property
    def ids(self) -> Texts:
        """The id of every concept, in order."""
        return self._texts("id")

    @cached_property
    def node_types(self) -> Array:
        """Place of each concept's types in the manifest's ``type_sets``."""
        return self._mapped("node_types")[0]

    @cached_property
    def names(self) -> Names:
        """Every name, by concept."""
        indptr, *codes = self._mapped("name_indptr", "name_language", "name_kind", "name_source")
        return Names(indptr, self._texts("name"), *codes)

    @cached_property
    def name_index(self) -> NameIndex:
        """Which names have which hash."""
        return NameIndex(*self._mapped("name_hash", "name_of_hash"))

    @cached_property
    def identifiers(self) -> Identifiers:
        """What else concepts are called by."""
        arrays = self._mapped(
            "identifier_node", "identifier_kind", "node_identifiers", "node_identifiers_indptr"
        )
        return Identifiers(self._texts("identifier"), *arrays)

    @cached_property
    def definitions(self) -> Definitions:
        """What concepts are."""
        indptr, source = self._mapped("definition_indptr", "definition_source")
        return Definitions(indptr, self._texts("definition"), source)

    # --- statements ----------------------------------------------------------------------------

    @cached_property
    def predicates(self) -> pl.DataFrame:
        """Columns ``name``, ``kind``, ``family``, ``complete``, ``known``; the row is the code."""
        file = "predicates.parquet"
        return self._read(file, lambda folder: pl.read_parquet(folder / file))

    @cached_property
    def predicate_names(self) -> list[str]:
        """Names of the relations, by code."""
        return self.predicates["name"].to_list()

    @cached_property
    def out(self) -> Statements:
        """Every statement at its subject; its place is its number."""
        return Statements(*self._mapped(*(f"out_{name}" for name in Statements._fields)))

    @cached_property
    def into(self) -> Incoming:
        """Every statement at its object."""
        return Incoming(*self._mapped(*(f"in_{name}" for name in Incoming._fields)))

    @cached_property
    def held(self) -> tuple[Held, Held]:
        """All statements at their subjects and at their objects, as compiled code takes them."""
        none = np.empty(0, dtype=np.uint32)
        return (
            Held(*map(readonly, (self.out.indptr, self.out.predicate, self.out.target, none))),
            Held(*map(readonly, (self.into.indptr, self.into.predicate, *self.into[2:]))),
        )

    @cached_property
    def origin_sets(self) -> list[tuple[int, ...]]:
        """The sets of origins that ``out.origins`` names, as places in the manifest's."""
        indptr, members = (a.tolist() for a in self._mapped("origins_indptr", "origins_member"))
        return [tuple(members[a:b]) for a, b in pairwise(indptr)]

    @cached_property
    def evidence(self) -> Evidence:
        """The texts that vouch for statements."""
        return Evidence(self._mapped("evidence_statement")[0], self._texts("evidence"))

    # --- who is beside whom ------------------------------------------------------------------

    @cached_property
    def walk(self) -> Adjacency:
        """Adjacency over the associative statements: what a path may use."""
        return self._read("the walk", lambda folder: Adjacency.open(folder, "walk"))

    @cached_property
    def contact(self) -> Adjacency:
        """Adjacency over all statements but hierarchy and structure: what counts as degree."""
        return self._read("the contact", lambda folder: Adjacency.open(folder, "contact"))


def _mapped_array(folder: Path, name: str) -> Array:
    return mapped(folder / f"{name}.npy")
