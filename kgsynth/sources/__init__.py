"""One reader per kind of graph; each yields columns.

A new kind is one module with ``read(path, options, progress) -> GraphColumns``, its options in
`kgsynth.source_options`, and one line in ``READERS``. The module is imported when it is first
called: a reader may need a package that is slow to import, and ``kgsynth --help`` must not wait.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from kgsynth.errors import SourceError, listing, nearest
from kgsynth.source_options import SOURCE, GraphSource

if TYPE_CHECKING:
    from kgsynth.sources.columns import GraphColumns, Origin, Progress

Reader = Callable[..., "GraphColumns"]


def _late(module: str) -> Reader:
    def read(*arguments: Any) -> GraphColumns:
        found = import_module(f"kgsynth.sources.{module}")
        return cast("GraphColumns", found.read(*arguments))

    return read


READERS: dict[str, Reader] = {
    "umls": _late("umls.reader"),
    "primekg": _late("primekg.reader"),
    "hetionet": _late("hetionet.reader"),
    "obo": _late("ontologies.obo"),
    "obograph": _late("ontologies.obograph"),
    "rdf": _late("rdf.reader"),
    "kgx": _late("kgx.reader"),
    "neo4j": _late("neo4j.reader"),
    "graphml": _late("graphml.reader"),
    "tables": _late("tables.reader"),
}


def beside(kind: str, path: Path) -> list[Path]:
    """Return the files beside a named one that its reader reads as well, as a nodes file."""
    if kind not in ("hetionet", "kgx") or not path.is_file():
        return []
    found = import_module(f"kgsynth.sources.{kind}.reader")
    return cast("list[Path]", found.beside(path))


def read_source(
    kind: str,
    path: Path | str,
    options: GraphSource | None = None,
    progress: Progress | None = None,
) -> GraphColumns:
    """Read a graph of a kind, such as ``tables``, with its options or the usual ones."""
    from kgsynth.sources.columns import silent

    if kind not in READERS:
        raise SourceError(
            f"No reader for a graph of kind {kind!r}.{nearest(kind, READERS)}",
            remedy=f"Kinds: {listing(READERS)}.",
        )
    if options is None:
        options = SOURCE.validate_python({"kind": kind, "path": str(path)})
    place = path if kind == "neo4j" else Path(path)
    try:
        columns = READERS[kind](place, options, progress or silent)
    except SourceError as error:
        raise _with_hint(error, kind, path) from None
    return _named(columns, options)


def _with_hint(error: SourceError, kind: str, path: Path | str) -> SourceError:
    """Say what the path holds instead, where that can be told; else what the reader said."""
    from kgsynth.sources.looks_like import hint

    told = hint(kind, path)
    return SourceError(error.message, remedy=told) if told else error


def _named(columns: GraphColumns, options: GraphSource) -> GraphColumns:
    """Put what the build file says of a source over what the source says of itself."""
    said = {
        key: value
        for key in ("name", "version", "released", "licence")
        if (value := getattr(options, key))
    }
    if not said:
        return columns
    if "name" in said and len(columns.sources) > 1:
        raise SourceError(
            f"{options.path} holds {len(columns.sources)} sources with names of their own.",
            remedy="Leave out the key 'name'.",
        )
    return replace(
        columns,
        sources=tuple(replace(source, **said) for source in columns.sources),
        origins=tuple(
            _on_terms(origin, columns, said.get("licence")) for origin in columns.origins
        ),
    )


def _on_terms(origin: Origin, columns: GraphColumns, licence: str | None) -> Origin:
    """Put a licence in the place of the source's; terms of a statement's own stay."""
    usual = origin.licence in ("", columns.sources[origin.source].licence)
    return origin._replace(licence=licence) if licence and usual else origin
