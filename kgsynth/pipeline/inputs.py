"""What a source of the build file holds, by the hash of its content."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from kgsynth.config import is_address
from kgsynth.runs import FileHashes
from kgsynth.seeding import digest


class Input(NamedTuple):
    """A source that a stage reads."""

    content: str
    path: Path | None
    """Where it lies; None for a server."""


def look_at(source: Any, hashes: FileHashes) -> Input:
    """Hash a source: a file or folder, with the files beside it that belong to it, or a server.

    A server cannot say that nothing changed in it. It is read once to know what it holds, and
    again when ``--rehash`` asks for it.
    """
    if is_address(source):
        from kgsynth.sources.neo4j.reader import fingerprint

        key = digest(source.model_dump(mode="json"))
        content = hashes.remembered(key, lambda: fingerprint(source.path, source))
        return Input(content, None)
    path = Path(source.path)
    parts = [hashes.hash(file) for file in files_of(source)]
    return Input(parts[0] if len(parts) == 1 else digest(*parts), path)


def files_of(source: Any) -> list[Path]:
    """Return the files and folders that reading a source looks into, the named one first."""
    from kgsynth.sources import beside

    path = Path(source.path)
    return [path, *beside(source.kind, path)]
