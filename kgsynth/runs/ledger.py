"""The ledger of a run: which files it put into its folder, and as what.

One JSON object per line, only ever added to. A kill may tear the last line; the torn end
is cut off when the ledger is next opened. What is lost with it costs at most a file
hashed or written once more, since nothing is believed that is not also on the disk.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from kgsynth.runs.files import storage, sync_folder


class Shard(NamedTuple):
    """A published file as it was when it was put in place."""

    bytes: int
    sha256: str
    mtime_ns: int


class Ledger:
    """What the folder's own files are; everything else in the folder is foreign."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.known: dict[str, Shard | None] = {}
        """None: a publish was about to put the file there, and may have been killed."""
        with storage(path):
            self._read()

    def began(self, paths: Iterable[str]) -> None:
        """Write down which files are about to change, before the first of them does."""
        self._append([{"event": "began", "paths": list(paths)}])

    def published(self, shards: Iterable[tuple[str, Shard]]) -> None:
        """Write down files that are in place."""
        self._append([{"event": "published", "path": p, **s._asdict()} for p, s in shards])

    def removed(self, paths: Iterable[str]) -> None:
        """Write down files that are gone."""
        self._append([{"event": "removed", "path": path} for path in paths])

    def _append(self, events: list[dict[str, object]]) -> None:
        if not events:
            return
        data = "".join(json.dumps(event) + "\n" for event in events).encode()
        with storage(self.path), self.path.open("ab", buffering=0) as file:
            before = os.fstat(file.fileno()).st_size
            try:
                _write_all(file.fileno(), data)
                os.fsync(file.fileno())
            except OSError:
                with contextlib.suppress(OSError):
                    os.ftruncate(file.fileno(), before)
                raise
            if before == 0:
                sync_folder(self.path.parent)
        for event in events:
            self._apply(event)

    def _read(self) -> None:
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            os.truncate(self.path, whole)
        for line in data[:whole].splitlines():
            # A line that is no event of ours was put there by somebody else: it says nothing.
            with contextlib.suppress(ValueError, TypeError, KeyError):
                self._apply(json.loads(line))

    def _apply(self, event: dict[str, object]) -> None:
        match event:
            case {"event": "began", "paths": list(paths)}:
                self.known.update((path, None) for path in paths if isinstance(path, str))
            case {
                "event": "published",
                "path": str(path),
                "bytes": int(size),
                "sha256": str(sha256),
                "mtime_ns": int(mtime_ns),
            }:
                self.known[path] = Shard(size, sha256, mtime_ns)
            case {"event": "removed", "path": str(path)}:
                self.known.pop(path, None)
            case _:
                pass


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
