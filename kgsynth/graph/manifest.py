"""What a store says of itself: its sources, its counts, what was dropped and on what terms."""

from __future__ import annotations

from kgsynth.model import Record

FORMAT_VERSION = 2


class StoreSource(Record):
    """One source that a store was compiled from."""

    name: str
    version: str
    released: str
    licence: str
    restriction: int
    """The UMLS restriction level; above 0, only ids leave the store unless it is accepted."""
    complete: tuple[str, ...]
    statements: int


class StoreOrigin(Record):
    """A source and a licence that statements are under: their terms."""

    source: str
    licence: str
    restriction: int
    statements: int


class StoreManifest(Record):
    """``manifest.json`` of a store."""

    format_version: int = FORMAT_VERSION
    content: str
    sources: tuple[StoreSource, ...]
    origins: tuple[StoreOrigin, ...]
    """The roll-up of terms: which apply, and to how many statements."""
    nodes: int
    names: int
    statements: int
    types: dict[str, int]
    type_sets: tuple[tuple[str, ...], ...]
    """The distinct lists of types that concepts have; a concept names one by its place."""
    languages: tuple[str, ...]
    predicates: dict[str, int]
    unknown_predicates: tuple[str, ...]
    in_cycles: int
    """Concepts that stand above themselves in the hierarchy."""
    dropped: dict[str, int]
