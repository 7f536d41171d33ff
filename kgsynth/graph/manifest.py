"""What a store says of itself: its sources, its counts, what was dropped and on what terms."""

from __future__ import annotations

import json
from pathlib import Path

from kgsynth.errors import StoreError
from kgsynth.model import Record

FORMAT_VERSION = 2
UPGRADE = "Bring it up to date with: kgsynth graph upgrade {path}"
COMPILE_AGAIN = "Compile the graph again: kgsynth graph compile KIND:PATH --output STORE"


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


def read_manifest(path: Path) -> StoreManifest:
    """Read what a store says of itself; one of another format is refused with what mends it."""
    try:
        content = json.loads((path / "manifest.json").read_text("utf-8"))
        found = content["format_version"]
        # Another format has other fields: read them only once the format is known.
        if found == FORMAT_VERSION:
            return StoreManifest.model_validate(content)
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
    older = isinstance(found, int) and 0 < found < FORMAT_VERSION
    raise StoreError(
        f"The store {path} has format {found}; this version reads {FORMAT_VERSION}.",
        remedy=UPGRADE.format(path=path) if older else COMPILE_AGAIN,
    )


def is_store(path: Path) -> bool:
    """Tell whether a folder is a store, of this format or another."""
    try:
        return "format_version" in json.loads((path / "manifest.json").read_text("utf-8"))
    except (OSError, ValueError, TypeError):
        return False
