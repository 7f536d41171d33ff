"""Bring a run's folder to exactly the files of a tree, whatever interrupts it.

What a reader may meet at any instant: a manifest and just the files that it names, or no
manifest. So the order is:

1. Every file that must change is copied aside and flushed, beside its target. This is the
   slow part, and all that a full disk or a file that is not what its hash says can stop:
   the folder still holds the old dataset, whole.
2. The ledger says which paths are about to change; whatever comes, they are ours.
3. The old manifest goes. A reader is told "no manifest", for as long as renames take,
   rather than shown one that disagrees with the files.
4. Files no longer wanted go, the new ones are renamed into place, the ledger says so.
5. The new manifest is renamed into place.

Killed anywhere, the same publish run again ends with the same bytes. Files that the
ledger and the old manifest do not know are foreign: they are never changed, and a publish
that would have to replace one is refused before anything is touched.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kgsynth.errors import RunError, RunFolderError
from kgsynth.runs.files import (
    ASIDE,
    Copied,
    aside,
    copy_aside,
    read_json,
    sha256_of,
    storage,
    sync_folder,
)
from kgsynth.runs.ledger import Ledger, Shard

if TYPE_CHECKING:
    from kgsynth.model import FileEntry

MANIFEST = "manifest.json"
RUN = "run"


class Published(NamedTuple):
    """What a publish did, counted in files; the manifest is one."""

    written: int
    removed: int
    kept: int


class Wanted(NamedTuple):
    """A file as it is to lie in the folder."""

    sha256: str
    bytes: int | None
    """None where only the hash is known."""


class Changes(NamedTuple):
    """What stands between the folder and what is wanted."""

    write: tuple[str, ...]
    remove: tuple[str, ...]


class _Staged(NamedTuple):
    path: str
    aside: Path
    shard: Shard


def wanted_files(files: Iterable[FileEntry], manifest_sha256: str) -> dict[str, Wanted]:
    """Name every file of a dataset by its path, the manifest last."""
    wanted = {entry.path: Wanted(entry.sha256, entry.bytes) for entry in files}
    for path in wanted:
        if not _is_publishable(path):
            raise RunError(
                f"A dataset cannot hold a file at {path!r}.",
                remedy=f"Paths are relative, without '..', and outside {RUN}/ and {MANIFEST}.",
            )
    return wanted | {MANIFEST: Wanted(manifest_sha256, None)}


def _is_publishable(path: str) -> bool:
    steps = path.split("/")
    plain = all(step not in ("", ".", "..") for step in steps) and "\0" not in path
    return plain and steps[0] != RUN and path != MANIFEST and not steps[-1].startswith(ASIDE)


# --- what must change --------------------------------------------------------------------------


def changes(folder: Path, wanted: Mapping[str, Wanted], ledger: Ledger) -> Changes:
    """Compare the folder with what is wanted.

    A file whose size and time are as the ledger has them is taken to be the same; one
    touched since is hashed, and known again when its content is still right.
    """
    write: list[str] = []
    recognised: list[tuple[str, Shard]] = []
    for path, file in wanted.items():
        shard = _present(folder / path, file, ledger.known.get(path))
        if shard is None:
            write.append(path)
        elif shard != ledger.known.get(path):
            recognised.append((path, shard))
    ledger.published(recognised)
    remove = sorted(path for path in _ours(folder, ledger) if path not in wanted)
    return Changes(tuple(write), tuple(remove))


def _present(path: Path, wanted: Wanted, known: Shard | None) -> Shard | None:
    """Return the file as it lies there, or None when it is not what is wanted."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode) or wanted.bytes not in (None, found.st_size):
            return None
        shard = Shard(found.st_size, wanted.sha256, found.st_mtime_ns)
        return shard if known == shard or sha256_of(path) == wanted.sha256 else None
    except OSError:
        return None


def _ours(folder: Path, ledger: Ledger) -> set[str]:
    """Name the files that were put there by a publish: by the ledger, or should that be lost,
    by the manifest. Both lie in a folder that anybody may edit, so their paths are checked.
    """
    manifest = read_json(folder / MANIFEST)
    listed = manifest.get("files") if isinstance(manifest, dict) else None
    entries = listed if isinstance(listed, list) else []
    paths = {entry.get("path") for entry in entries if isinstance(entry, dict)}
    named = {path for path in paths | set(ledger.known) if isinstance(path, str)}
    return {path for path in named if _is_publishable(path)}


# --- publishing --------------------------------------------------------------------------------


def publish(folder: Path, tree: Path, wanted: Mapping[str, Wanted], ledger: Ledger) -> Published:
    """Bring ``folder`` to the files of ``tree`` that are wanted, and to no others of ours."""
    todo = changes(folder, wanted, ledger)
    if not (todo.write or todo.remove):
        return Published(0, 0, len(wanted))
    _refuse_foreign(folder, todo, _ours(folder, ledger))
    write = [path for path in todo.write if path != MANIFEST]
    staged: list[_Staged] = []
    try:
        for path in [*write, MANIFEST]:
            staged.append(_stage(folder, tree, path, wanted[path]))
        with storage(folder):
            _commit(folder, staged, todo.remove, ledger)
    finally:
        for file in staged:
            file.aside.unlink(missing_ok=True)
    return Published(len(staged), len(todo.remove), len(wanted) - len(staged))


def _stage(folder: Path, tree: Path, path: str, wanted: Wanted) -> _Staged:
    source, target = tree / path, folder / path
    # The nearest folder that is there: making others now would leave them behind after a kill.
    place = next(parent for parent in target.parents if parent.is_dir())
    temporary = aside(place)
    try:
        copied = _copy(source, temporary, target)
        if copied.sha256 != wanted.sha256:
            raise RunError(
                f"{source} is not the file that was made: its content changed since.",
                remedy="Build it again: run the same command with --fresh.",
            )
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return _Staged(path, temporary, Shard(copied.bytes, copied.sha256, copied.mtime_ns))


def _copy(source: Path, temporary: Path, target: Path) -> Copied:
    if not source.is_file():
        raise RunError(
            f"{source} is missing, so it cannot be published.",
            remedy="Build it again: run the same command with --fresh.",
        )
    with storage(target):
        return copy_aside(source, temporary)


def _commit(folder: Path, staged: list[_Staged], remove: Iterable[str], ledger: Ledger) -> None:
    *files, manifest = staged
    ledger.began(file.path for file in staged)
    touched = {folder}
    if files or remove:
        (folder / MANIFEST).unlink(missing_ok=True)
        sync_folder(folder)
    for path in remove:
        touched |= _remove(folder, path)
    for file in files:
        touched |= _place(folder, file)
    for place in sorted(touched):
        if place.is_dir():
            sync_folder(place)
    ledger.removed(remove)
    ledger.published((file.path, file.shard) for file in files)
    os.replace(manifest.aside, folder / MANIFEST)
    sync_folder(folder)
    ledger.published([(MANIFEST, manifest.shard)])


def _place(folder: Path, file: _Staged) -> set[Path]:
    target = folder / file.path
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_dir() and not target.is_symlink():
        _remove_empty_folders(target)
    os.replace(file.aside, target)
    return _between(folder, target)


def _remove(folder: Path, path: str) -> set[Path]:
    """Remove a file of ours, and the folders that are empty without it."""
    target = folder / path
    if target.is_dir() and not target.is_symlink():
        return set()  # somebody put a folder in its place: that is not ours
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        target.unlink()
    for parent in _upwards(folder, target):
        try:
            parent.rmdir()
        except FileNotFoundError:
            continue
        except OSError:
            break
    return _between(folder, target)


def _remove_empty_folders(folder: Path) -> None:
    for parent, _, _ in os.walk(folder, topdown=False):
        os.rmdir(parent)


def _upwards(folder: Path, target: Path) -> list[Path]:
    """List the folders that hold a file, the nearest first, up to the run's own."""
    return [parent for parent in target.parents if folder in parent.parents]


def _between(folder: Path, target: Path) -> set[Path]:
    return {folder, *_upwards(folder, target)}


def _refuse_foreign(folder: Path, todo: Changes, ours: set[str]) -> None:
    """Refuse before anything is touched when a foreign file lies where one of ours must go."""
    for path in todo.write:
        if path == MANIFEST:
            continue
        for spot in _in_the_way(folder, folder / path):
            if spot.relative_to(folder).as_posix() not in ours:
                raise RunFolderError(
                    f"{spot} is not a file of this run, and {path} must be written there.",
                    remedy="Move it elsewhere and run the same command again.",
                )


def _in_the_way(folder: Path, target: Path) -> list[Path]:
    """List what stands where a file, or a folder that is to hold it, must be."""
    found = [parent for parent in _upwards(folder, target) if _is_no_folder(parent)]
    if target.is_dir() and not target.is_symlink():
        return found + [Path(at, name) for at, _, names in os.walk(target) for name in names]
    return [*found, target] if os.path.lexists(target) else found


def _is_no_folder(path: Path) -> bool:
    return os.path.lexists(path) and not path.is_dir()
