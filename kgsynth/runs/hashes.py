"""Content hashes of the inputs, remembered so that a big one is read once.

A file is known again by its path, size and modification time. A file that was modified
in the last moments is not remembered: a second write within the same tick of the file
system's clock would leave size and time as they were.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from kgsynth.errors import SourceError
from kgsynth.runs.files import ASIDE, read_json, storage, write_json
from kgsynth.runs.locks import wait_for

_UNSETTLED_NS = 2_000_000_000
"""The coarsest clock of a file system in use (FAT) ticks every two seconds."""


class _Seen(NamedTuple):
    size: int
    mtime_ns: int
    sha256: str


class FileHashes:
    """Hashes of input files and folders, remembered in ``<output>/.parts/files.json``.

    ``rehash`` reads everything again, whatever is remembered; ``remember=False`` leaves
    the disk as it is, for a dry run.
    """

    def __init__(self, output: Path, *, rehash: bool = False, remember: bool = True) -> None:
        self._path = output / ".parts" / "files.json"
        self._remember = remember
        self._seen: dict[str, _Seen] = {} if rehash else _read(self._path)
        self._fresh: dict[str, _Seen] = {}

    def hash(self, path: Path) -> str:
        """Hash a file's content, or a folder's names and contents, ``.git`` left out.

        The same content gives the same hash wherever it lies and whatever it is called.
        """
        try:
            result = self._file(path) if not path.is_dir() else self._folder(path)
        except OSError as error:
            raise _unreadable(error, path) from error
        self._save()
        return result

    def remembered(self, name: str, read: Callable[[], str]) -> str:
        """Return the hash of what no file holds, read once and then remembered."""
        seen = self._seen.get(name)
        if seen is None:
            seen = self._seen[name] = self._fresh[name] = _Seen(0, 0, read())
            self._save()
        return seen.sha256

    def remember(self) -> None:
        """From here on, keep what was hashed and what will be."""
        self._remember = True
        self._save()

    def _folder(self, path: Path) -> str:
        hasher = hashlib.sha256(b"folder\n")
        for name, file in sorted(_files_below(path, b"", ())):
            hasher.update(name + b"\0" + self._file(file).encode() + b"\n")
        return hasher.hexdigest()

    def _file(self, path: Path) -> str:
        absolute = os.path.abspath(path)
        found = os.stat(absolute)
        if not stat.S_ISREG(found.st_mode):  # opening a pipe would wait for ever
            raise SourceError(
                f"{path} is not a plain file.", remedy="Name a file or folder that can be copied."
            )
        seen = self._seen.get(absolute)
        if seen and (seen.size, seen.mtime_ns) == (found.st_size, found.st_mtime_ns):
            return seen.sha256
        fresh = _hash_file(path)
        if time.time_ns() - fresh.mtime_ns > _UNSETTLED_NS:
            self._seen[absolute] = self._fresh[absolute] = fresh
        return fresh.sha256

    def _save(self) -> None:
        if not (self._fresh and self._remember):
            return
        folder = self._path.parent
        with storage(self._path):
            folder.mkdir(parents=True, exist_ok=True)
            with wait_for(folder / "files.lock"):
                for left_by_a_kill in folder.glob(ASIDE + "*"):
                    left_by_a_kill.unlink()
                # Another process may have hashed other files: add to what lies there now.
                merged = _read(self._path) | self._fresh
                write_json(self._path, {path: list(seen) for path, seen in merged.items()})
        self._fresh = {}


def _read(path: Path) -> dict[str, _Seen]:
    """Read what is remembered; an entry that is not what we wrote is as good as absent."""
    held = read_json(path)
    if not isinstance(held, dict):
        return {}
    return {
        name: _Seen(*entry)
        for name, entry in held.items()
        if isinstance(entry, list) and [type(value) for value in entry] == [int, int, str]
    }


def _hash_file(path: Path) -> _Seen:
    with path.open("rb") as file:
        before = os.fstat(file.fileno())
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        after = os.fstat(file.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise SourceError(
            f"{path} changed while it was read.",
            remedy="Wait until it is fully written and run the same command again.",
        )
    return _Seen(after.st_size, after.st_mtime_ns, sha256)


def _files_below(
    folder: Path, prefix: bytes, above: tuple[tuple[int, int], ...]
) -> list[tuple[bytes, Path]]:
    """List (relative name, path) of every file; links are followed, as a reader would."""
    here = folder.stat()
    if (here.st_dev, here.st_ino) in above:
        raise SourceError(
            f"{folder} is a link to a folder that holds it.", remedy="Remove the link."
        )
    above = (*above, (here.st_dev, here.st_ino))
    found: list[tuple[bytes, Path]] = []
    with os.scandir(folder) as entries:
        kept = [entry for entry in entries if entry.name != ".git"]
    for entry in kept:
        name = prefix + os.fsencode(entry.name)
        if entry.is_dir():
            found += _files_below(Path(entry.path), name + b"/", above)
        else:
            found.append((name, Path(entry.path)))
    return found


def _unreadable(error: OSError, path: Path) -> SourceError:
    if isinstance(error, FileNotFoundError):
        missing = error.filename or path
        return SourceError(
            f"There is no file or folder at {missing}.",
            remedy="Check the path in the build file; a relative one starts at the build file.",
        )
    return SourceError(
        f"{error.filename or path} cannot be read: {error.strerror or error}.",
        remedy="Check its permissions and the disk it lies on.",
    )
