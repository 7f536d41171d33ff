"""Passing folders among the parts: each belongs to one process and ends with it.

A lock beside the folder tells a later process whether the owner still lives; the pid in
the name is for people. A killed owner's folder goes when the parts are next opened.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from kgsynth.runs.locks import Lock, take

_PREFIX = "tmp-"
_LOCK = ".lock"


@contextlib.contextmanager
def workspace(root: Path) -> Iterator[Path]:
    """Open a folder of one's own under ``root``, gone when the block ends."""
    lock = _own_name(root)
    folder = lock.path.with_suffix("")
    try:
        folder.mkdir()
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock.path.unlink(missing_ok=True)
        lock.close()


def _own_name(root: Path) -> Lock:
    while True:
        lock = take(root / f"{_PREFIX}{os.getpid()}-{os.urandom(6).hex()}{_LOCK}")
        if lock and lock.is_linked():
            return lock
        if lock:  # a sweep took the file for a dead one's, between its making and its locking
            lock.close()


class Swept(NamedTuple):
    """What a sweep removed, or would remove."""

    folders: int
    bytes: int


def sweep(root: Path, *, dry_run: bool = False) -> Swept:
    """Remove the workspaces of processes that are gone."""
    folders = size = 0
    for name in _workspaces(root):
        lock_path = root / f"{name}{_LOCK}"
        had_lock = lock_path.exists()
        lock = take(lock_path)
        if lock is None:
            continue
        with lock:
            folder = root / name
            folders, size = folders + folder.is_dir(), size + folder_size(folder)
            if not dry_run:
                shutil.rmtree(folder, ignore_errors=True)
            if not (dry_run and had_lock):
                lock_path.unlink(missing_ok=True)
    return Swept(folders, size)


def _workspaces(root: Path) -> list[str]:
    names = (name for name in os.listdir(root) if name.startswith(_PREFIX))
    return sorted({name.removesuffix(_LOCK) for name in names})


def folder_size(folder: Path) -> int:
    """Count the bytes of the files below a folder; nothing for one that is missing."""
    size = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                size += os.lstat(os.path.join(parent, name)).st_size
    return size
