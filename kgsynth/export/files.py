"""Files that know their own hash: written once, front to back, never read again."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from kgsynth.errors import storage_error
from kgsynth.model import FileEntry


class HashedFile:
    """One file on its way to disk, hashed as it is written."""

    def __init__(self, root: Path, path: str) -> None:
        self._path = path
        self._place = root / path
        self._sha256 = hashlib.sha256()
        self._bytes = 0
        self.lines = 0
        try:
            self._place.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._place.open("wb")
        except OSError as error:
            raise storage_error(error, self._place) from None

    def write(self, text: str) -> None:
        """Add text that is a whole line, or the whole of the file."""
        data = text.encode("utf-8")
        self._sha256.update(data)
        self._bytes += len(data)
        self.lines += 1
        try:
            self._file.write(data)
        except OSError as error:
            raise storage_error(error, self._place) from None

    def close(self, *, counted: bool) -> FileEntry:
        """Bring the bytes to the disk and tell what they are."""
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
        except OSError as error:
            raise storage_error(error, self._place) from None
        return FileEntry(
            path=self._path,
            bytes=self._bytes,
            sha256=self._sha256.hexdigest(),
            rows=self.lines if counted else None,
        )

    def abandon(self) -> None:
        """Let go of the file after a failure; what is in it no longer matters."""
        try:
            self._file.close()
        except OSError as error:
            raise storage_error(error, self._place) from None


class DatasetFiles:
    """The files of one folder: whole texts, and lines spread over shards.

    One shard is open per folder and split; a shard that is full is closed before the next
    begins. Memory does not grow with the rows.
    """

    def __init__(self, root: Path, shard_rows: int) -> None:
        self._root = root
        self._shard_rows = shard_rows
        self._open: dict[tuple[str, str], HashedFile] = {}
        self._shards: dict[tuple[str, str], int] = {}
        self._entries: list[FileEntry] = []

    def add_line(self, folder: str, stem: str, line: str) -> None:
        """Add a line to the current shard of ``folder/stem-NNNNN.jsonl``."""
        key = (folder, stem)
        shard = self._open.get(key)
        if shard is None or shard.lines >= self._shard_rows:
            shard = self._next_shard(key)
        shard.write(line)

    def add_lines(self, path: str, lines: list[str]) -> None:
        """Write a JSONL file in one go; one without lines is written too."""
        file = HashedFile(self._root, path)
        for line in lines:
            file.write(line)
        self._entries.append(file.close(counted=True))

    def add_text(self, path: str, text: str) -> None:
        """Write a text file in one go."""
        file = HashedFile(self._root, path)
        file.write(text)
        self._entries.append(file.close(counted=False))

    def finish_shards(self) -> None:
        """Close every shard that is open."""
        for key in list(self._open):
            self._entries.append(self._open.pop(key).close(counted=True))

    def abandon(self) -> None:
        """Let go of every file after a failure."""
        while self._open:
            self._open.popitem()[1].abandon()

    def entries(self) -> tuple[FileEntry, ...]:
        """Return every file that is whole, by path."""
        return tuple(sorted(self._entries, key=lambda entry: entry.path))

    def _next_shard(self, key: tuple[str, str]) -> HashedFile:
        if key in self._open:
            self._entries.append(self._open.pop(key).close(counted=True))
        number = self._shards.get(key, 0)
        self._shards[key] = number + 1
        folder, stem = key
        self._open[key] = HashedFile(self._root, f"{folder}/{stem}-{number:05d}.jsonl")
        return self._open[key]
