"""Files that are whole or not there, and the hashes that name them.

A file is written under a passing name in the folder where it is to lie, flushed to the
disk and then renamed, so that ``kill -9`` or a power cut leaves the old file or the new
one and never half of one. What is left of a killed write is known by its name.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from kgsynth.errors import storage_error

ASIDE = ".kgsynth-aside-"
"""How the passing name of a file that is being written begins."""

_CHUNK = 1 << 20
_DISK_TROUBLE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG}


@contextlib.contextmanager
def storage(path: Path) -> Iterator[None]:
    """Turn whatever the operating system refuses in the block into a sentence."""
    try:
        yield
    except OSError as error:
        raise storage_error(error, path) from error


@contextlib.contextmanager
def disk_trouble(path: Path) -> Iterator[None]:
    """Turn a full or read-only disk into a sentence; other errors pass as they are.

    For code that reads as well as writes: a missing input is not the disk's fault.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _DISK_TROUBLE:
            raise storage_error(error, path) from error
        raise


def aside(folder: Path) -> Path:
    """Invent a passing name in a folder, for a file that is being written."""
    return folder / f"{ASIDE}{os.getpid()}-{os.urandom(6).hex()}"


def write_file(path: Path, content: str | bytes) -> None:
    """Write a small file so that a reader finds the old one or the new one, whole."""
    temporary = aside(path.parent)
    with storage(path):
        try:
            with temporary.open("xb") as file:
                file.write(content.encode() if isinstance(content, str) else content)
                flush(file)
            os.replace(temporary, path)
            sync_folder(path.parent)
        finally:
            temporary.unlink(missing_ok=True)


def write_json(path: Path, value: object) -> None:
    """Write a value as JSON, always with the same bytes for the same value."""
    write_file(path, json.dumps(value, indent=1, sort_keys=True) + "\n")


def read_json(path: Path) -> Any:
    """Read JSON, or return None for a file that is missing, unreadable or no JSON."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None


def flush(file: BinaryIO) -> None:
    """Have the disk hold what was written so far."""
    file.flush()
    os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Have the disk hold a folder's names: without it a rename may not outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # some network file systems cannot do it
            raise
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Have the disk hold every file and folder below a folder."""
    for parent, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(parent, name), "rb") as file:
                os.fsync(file.fileno())
        sync_folder(Path(parent))


def remove_asides(folder: Path) -> None:
    """Remove what killed writes left below a folder. The caller holds the folder's lock."""
    for parent, _, names in os.walk(folder):
        for name in names:
            if name.startswith(ASIDE):
                os.unlink(os.path.join(parent, name))


class Copied(NamedTuple):
    """What a copy turned out to be."""

    bytes: int
    sha256: str
    mtime_ns: int


def copy_aside(source: Path, target: Path) -> Copied:
    """Copy a file to a passing name, flushed, and hash it on the way."""
    hasher = hashlib.sha256()
    with source.open("rb") as reader, target.open("xb") as writer:
        while chunk := reader.read(_CHUNK):
            hasher.update(chunk)
            writer.write(chunk)
        flush(writer)
        found = os.fstat(writer.fileno())
    return Copied(found.st_size, hasher.hexdigest(), found.st_mtime_ns)


def sha256_of(path: Path) -> str:
    """Hash a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
