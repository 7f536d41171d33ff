"""What a store says of its concepts, by their numbers: ids, names, types, definitions."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from kgsynth.errors import ConceptError
from kgsynth.graph.asked import kind
from kgsynth.graph.manifest import StoreManifest
from kgsynth.graph.tables import Tables
from kgsynth.graph.terms import Terms
from kgsynth.model import Concept, Name
from kgsynth.sources.columns import IDENTIFIER_KINDS, NAME_KINDS

MOST_CONCEPTS_KEPT = 100_000
"""Concepts read once stay in memory up to this many, whatever the size of the graph."""


class Lexicon:
    """What concepts are called and what they are, as far as the terms let it be told."""

    def __init__(self, tables: Tables, manifest: StoreManifest, terms: Terms) -> None:
        self._tables = tables
        self._manifest = manifest
        self._terms = terms
        self.concept = lru_cache(maxsize=MOST_CONCEPTS_KEPT)(self._concept)
        self._code_of = lru_cache(maxsize=MOST_CONCEPTS_KEPT)(self._place)

    def __len__(self) -> int:
        return self._manifest.nodes

    @property
    def name_count(self) -> int:
        """Number of names, told or not."""
        return self._manifest.names

    def forget(self) -> None:
        """Keep nothing that was read."""
        self.concept.cache_clear()
        self._code_of.cache_clear()

    # --- one concept ------------------------------------------------------------------------

    def _concept(self, code: int) -> Concept:
        """Return a concept with all its names."""
        names = tuple(name for name, _ in self.names(code))
        return Concept(id=self.id(code), names=names, types=self.types(code))

    def id(self, code: int) -> str:
        """Return the id."""
        return self._tables.ids[code]

    def types(self, code: int) -> tuple[str, ...]:
        """Return the semantic types."""
        return self._manifest.type_sets[int(self._tables.node_types[code])]

    def names(self, code: int) -> list[tuple[Name, str]]:
        """Return every name with the source that gives it, the preferred ones first."""
        held = self._tables.names
        first, end = (int(at) for at in held.indptr[code : code + 2])
        languages, kinds = self._manifest.languages, NAME_KINDS.categories
        rows = zip(
            held.texts.between(first, end),
            *(column[first:end].tolist() for column in (held.language, held.kind, held.source)),
            strict=True,
        )
        return [
            (Name.model_construct(text=text, language=languages[language], kind=kinds[kind]), by)
            for text, language, kind, source in rows
            if self._terms.may_name(by := self._manifest.sources[source].name)
        ]

    def identifiers(self, code: int) -> list[tuple[str, str]]:
        """Return (text, kind) of all that it is called by beside its id."""
        held = self._tables.identifiers
        first, end = held.indptr[code : code + 2]
        places = held.of_node[first:end].tolist()
        return [(held.texts[at], IDENTIFIER_KINDS.categories[int(held.kind[at])]) for at in places]

    def definitions(self, code: int) -> list[tuple[str, str]]:
        """Return (text, source) of each sentence that says what it is."""
        held = self._tables.definitions
        first, end = (int(at) for at in held.indptr[code : code + 2])
        rows = zip(held.texts.between(first, end), held.source[first:end].tolist(), strict=True)
        return [
            (text, by)
            for text, source in rows
            if self._terms.may_name(by := self._manifest.sources[source].name)
        ]

    # --- which concept ----------------------------------------------------------------------

    def code_or_none(self, concept_id: str) -> int | None:
        """Return the number of a concept id, exactly as it stands, or None."""
        if not isinstance(concept_id, str):
            raise ConceptError(
                f"An id is a text, not {kind(concept_id)}.",
                remedy="`find` takes numbers and names as well.",
            )
        return self._code_of(concept_id)

    def _place(self, concept_id: str) -> int | None:
        return self._tables.ids.place(concept_id)

    def with_identifier(self, text: str) -> list[int]:
        """Return the concepts that a source calls by this id as well."""
        held = self._tables.identifiers
        codes = []
        for at in range(held.texts.first(text), len(held.texts)):
            if held.texts[at] != text:
                break
            if IDENTIFIER_KINDS.categories[int(held.kind[at])] == "alternative":
                codes.append(int(held.node[at]))
        return codes

    def with_name_hash(self, key: int) -> list[tuple[int, str]]:
        """Return (concept, name) of the names whose capitals have a hash (FNV-1a, 64 bits)."""
        index, names = self._tables.name_index, self._tables.names
        found = []
        for at in range(int(np.searchsorted(index.hashes, np.uint64(key))), len(index.hashes)):
            if int(index.hashes[at]) != key:
                break
            row = int(index.rows[at])
            code = int(np.searchsorted(names.indptr, row, side="right")) - 1
            found.append((code, names.texts[row]))
        return found

    # --- what is near -----------------------------------------------------------------------

    def ids_about(self, text: str, reach: int) -> list[str]:
        """Return the ids that stand before and after a text in their order."""
        ids = self._tables.ids
        place = ids.first(text)
        return ids.between(max(place - reach, 0), min(place + reach, len(ids)))

    def told_names(self) -> Iterator[str]:
        """Yield the text of every name that may be told."""
        may_tell = [self._terms.may_name(source.name) for source in self._manifest.sources]
        names = self._tables.names
        yield from (
            text for text, by in zip(names.texts, names.source, strict=True) if may_tell[int(by)]
        )
