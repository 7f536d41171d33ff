"""Locks that end with the process that holds them, however it ends.

A pid in a file cannot tell a live owner from a dead one: pids are used again, and two
containers that share a folder both have a process 7. The kernel drops an ``flock`` when
its process is gone, ``kill -9`` included, so nothing is left behind to clean up.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

_held: set[int] = set()


def _drop_inherited() -> None:
    # A forked worker shares its parent's locks and may outlive it; the lock must not.
    for descriptor in _held:
        os.close(descriptor)
    _held.clear()


os.register_at_fork(after_in_child=_drop_inherited)


class Lock:
    """A lock that is held. Closing it, or the end of the process, gives it back."""

    __slots__ = ("_descriptor", "path")

    def __init__(self, descriptor: int, path: Path) -> None:
        self._descriptor = descriptor
        self.path = path
        _held.add(descriptor)

    def write(self, text: str) -> None:
        """Say in the lock's file who holds it."""
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, text.encode(), 0)

    def is_linked(self) -> bool:
        """Tell whether the locked file is still in its folder: a lock on a removed one is void."""
        return os.fstat(self._descriptor).st_nlink > 0

    def close(self) -> None:
        """Give the lock back. Doing so twice, or in a forked child, does nothing."""
        if self._descriptor in _held:
            _held.remove(self._descriptor)
            os.close(self._descriptor)
        self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def take(path: Path, *, shared: bool = False) -> Lock | None:
    """Take a lock, or return None when somebody else holds it."""
    try:
        return _take(path, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return None


def wait_for(path: Path, *, shared: bool = False) -> Lock:
    """Take a lock that others hold for moments only, waiting until it is free."""
    return _take(path, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)


def _take(path: Path, operation: int) -> Lock:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        fcntl.flock(descriptor, operation)
    except BaseException:
        os.close(descriptor)
        raise
    return Lock(descriptor, path)
