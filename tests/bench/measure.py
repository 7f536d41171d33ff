"""One measurement: a command in a process of its own, its time and its memory.

Only the standard library is imported here. A child's peak counts what its parent held when it
was started, so the parent must stay small.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

KILOBYTE = 1 if sys.platform == "darwin" else 1024
"""What `ru_maxrss` counts in."""
PAUSE = 0.02
READ_AHEAD = 16 << 20
MISSING = 69
"""The exit code of a peer that is not installed (EX_UNAVAILABLE)."""


class Measured(NamedTuple):
    """What a process took."""

    seconds: float
    """Start-up included."""
    peak: int
    """The most bytes it held at once, pages of mapped files included."""
    own: int
    """The same without mapped files, looked at fifty times a second; 0 where nobody can tell."""
    code: int
    result: dict[str, Any]
    """The last line that it printed, where that is a JSON object."""
    said: str
    """The end of what it printed to stderr."""


def measured(command: Sequence[str | Path], **environment: str) -> Measured:
    """Run a command and measure it."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        child = subprocess.Popen(
            list(map(str, command)), stdout=out, stderr=err, env=os.environ | environment
        )
        watch = _Watch(child.pid)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        own = watch.stop()
        return Measured(
            seconds,
            usage.ru_maxrss * KILOBYTE,
            own,
            child.returncode,
            _last_object(_text(out)),
            _text(err)[-2_000:],
        )


def warm(paths: Iterable[Path]) -> None:
    """Read files through, so that they lie in the page cache."""
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                with file.open("rb", buffering=0) as stream:
                    while stream.read(READ_AHEAD):
                        pass


def _text(file: Any) -> str:
    file.seek(0)
    return str(file.read().decode("utf-8", "replace"))


def _last_object(text: str) -> dict[str, Any]:
    lines = text.strip().splitlines()
    if not lines or not lines[-1].startswith("{"):
        return {}
    found = json.loads(lines[-1])
    return found if isinstance(found, dict) else {}


class _Watch:
    """Looks at a process's own memory until it is told to stop."""

    def __init__(self, pid: int) -> None:
        self._file = Path(f"/proc/{pid}/status")
        self._most = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> int:
        self._ended.set()
        self._thread.join()
        return self._most

    def _look(self) -> None:
        while not self._ended.wait(PAUSE):
            try:
                text = self._file.read_text(encoding="ascii")
            except OSError:
                return
            for line in text.splitlines():
                if line.startswith("RssAnon:"):
                    self._most = max(self._most, int(line.split()[1]) * 1024)
