"""Parts: immutable folders named by the hash of all that went into them.

A stage asks for the part of (stage, version, options, inputs); when it lies there already
the stage does not run. An input is named by the hash of its *content*, so a stage upstream
that ran again and gave the same bytes changes nothing below it.

A part is built in a workspace beside the others and renamed into place when it is whole.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

from kgsynth.errors import RunError
from kgsynth.runs.files import (
    disk_trouble,
    read_json,
    sha256_of,
    storage,
    sync_folder,
    sync_tree,
    write_json,
)
from kgsynth.runs.locks import Lock, wait_for
from kgsynth.runs.workspaces import sweep, workspace
from kgsynth.seeding import digest

PARTS = ".parts"
PART_FILE = "part.json"
USE_LOCK = "use.lock"
"""Shared by everything that reads or builds parts; `clean` takes it alone."""
_INSTALL_LOCK = "install.lock"


class PartFile(NamedTuple):
    """One file of a part."""

    bytes: int
    sha256: str


class Part(NamedTuple):
    """A finished part."""

    key: str
    stage: str
    folder: Path
    content: str
    """What the part *is*: the hash of its files, or the one that its maker gave."""
    version: int
    options: Mapping[str, Any]
    inputs: Mapping[str, str]
    files: Mapping[str, PartFile]


def part_key(
    stage: str, version: int, options: Mapping[str, Any], inputs: Mapping[str, str]
) -> str:
    """Name a part by what makes it: change any of these and it is another part.

    >>> part_key("graph", 1, {"k": 50}, {}) == part_key("graph", 2, {"k": 50}, {})
    False
    """
    return digest("part", stage, version, dict(options), dict(inputs))


class PartStore:
    """The parts under ``<output>/.parts``, shared by every run there.

    While a store is open `clean` leaves every part alone. A store that only looks
    (`find`) creates nothing.
    """

    def __init__(self, output: Path) -> None:
        self.folder = output / PARTS
        self._use: Lock | None = None
        self._open(create=False)

    def find(self, key: str) -> Part | None:
        """Return a part that is there and whole; a damaged one counts as absent."""
        self._open(create=False)
        return read_part(self.folder / key)

    def build(
        self,
        stage: str,
        version: int,
        options: Mapping[str, Any],
        inputs: Mapping[str, str],
        make: Callable[[Path], str | None],
        *,
        again: bool = False,
    ) -> Part:
        """Return the part, having ``make`` fill a folder with its files when it is not there.

        ``make`` may return a hash that stands for the content, such as a graph store's own.
        When another process builds the same part meanwhile, the first one in place is kept.
        ``again`` makes the part even when it is there, and puts the new one in its place.
        """
        key = part_key(stage, version, options, inputs)
        found = None if again else self.find(key)
        if found:
            return found
        self._open(create=True)
        with disk_trouble(self.folder), workspace(self.folder) as place:
            folder = place / "files"
            folder.mkdir()
            content = make(folder)
            with storage(self.folder):
                _seal(folder, stage, version, options, inputs, content)
                self._install(folder, key, place, replace=again)
        built = self.find(key)
        if built is None:
            raise RunError(
                f"The part {self.folder / key} was damaged as it was written.",
                remedy="Check the disk and run the same command again.",
            )
        return built

    def _install(self, folder: Path, key: str, place: Path, *, replace: bool) -> None:
        target = self.folder / key
        with wait_for(self.folder / _INSTALL_LOCK):
            if not replace and self.find(key):
                return
            if os.path.lexists(target):
                os.rename(target, place / "replaced")
            os.rename(folder, target)
            sync_folder(self.folder)

    def _open(self, *, create: bool) -> None:
        if self._use is not None or not (create or self.folder.is_dir()):
            return
        with storage(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            self._use = wait_for(self.folder / USE_LOCK, shared=True)
            sweep(self.folder)

    def close(self) -> None:
        """Let `clean` at the parts again."""
        if self._use:
            self._use.close()
            self._use = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read_part(folder: Path) -> Part | None:
    """Read a part's own record; None when it is missing, damaged or lies under a wrong name."""
    held = read_json(folder / PART_FILE)
    try:
        part = Part(
            key=part_key(held["stage"], held["version"], held["options"], held["inputs"]),
            stage=held["stage"],
            folder=folder,
            content=held["content"],
            version=held["version"],
            options=held["options"],
            inputs=held["inputs"],
            files={name: PartFile(**entry) for name, entry in held["files"].items()},
        )
    except (TypeError, KeyError, AttributeError, ValueError):
        return None
    return part if part.key == folder.name and _is_whole(part) else None


def _is_whole(part: Part) -> bool:
    try:
        return all(
            os.stat(part.folder / name).st_size == file.bytes for name, file in part.files.items()
        )
    except OSError:
        return False


def _seal(
    folder: Path,
    stage: str,
    version: int,
    options: Mapping[str, Any],
    inputs: Mapping[str, str],
    content: str | None,
) -> None:
    """Write part.json, the last file of a part, and have the disk hold all of it."""
    files = {
        path.relative_to(folder).as_posix(): PartFile(path.stat().st_size, sha256_of(path))
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    if PART_FILE in files:
        raise RunError(
            f"The stage {stage} wrote a file named {PART_FILE}, which is reserved.",
            remedy="Report it: it is a fault of that stage, not of the run.",
        )
    record = {
        "stage": stage,
        "version": version,
        "options": dict(options),
        "inputs": dict(inputs),
        "content": digest(files) if content is None else content,
        "files": {name: file._asdict() for name, file in files.items()},
    }
    sync_tree(folder)
    write_json(folder / PART_FILE, record)
