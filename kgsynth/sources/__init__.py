"""One reader per kind of graph; each yields columns.

A new kind is one module with ``read(path) -> GraphColumns`` and one line in ``READERS``.
The module is imported when it is first called: a reader may need a package that is slow to
import, and ``kgsynth --help`` must not wait for it.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

from kgsynth.errors import SourceError, listing, nearest

if TYPE_CHECKING:
    from kgsynth.sources.columns import GraphColumns

Reader = Callable[[Path], "GraphColumns"]


def _late(module: str) -> Reader:
    def read(path: Path) -> GraphColumns:
        found = import_module(f"kgsynth.sources.{module}")
        return cast("GraphColumns", found.read(path))

    return read


READERS: dict[str, Reader] = {
    "tables": _late("tables"),
}


def read_source(kind: str, path: Path) -> GraphColumns:
    """Read a graph of a kind, such as ``tables``."""
    if kind not in READERS:
        raise SourceError(
            f"No reader for a graph of kind {kind!r}.{nearest(kind, READERS)}",
            remedy=f"Kinds: {listing(READERS)}.",
        )
    return READERS[kind](path)
