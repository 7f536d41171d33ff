"""Keep what a teacher answered: append-only, safe under ``kill -9`` and two processes.

Each process appends to a segment of its own, so nobody waits for a lock and nobody tears
another's line. Lines are flushed to disk in groups: at most the requests in flight and one
group (50 ms) are asked again after a kill.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from pydantic import ValidationError

from kgsynth.errors import storage_error
from kgsynth.teachers.request import Request, Response, Teacher

GROUP_SECONDS = 0.05


class AnswerCache:
    """A folder of answers by request key."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._segment: BinaryIO | None = None
        self._flushed = time.monotonic()
        self._known: dict[str, Response] = {}
        for response in self._read():
            # Two processes may have asked the same thing: what was kept first stays.
            self._known.setdefault(response.key, response)

    def _read(self) -> Iterator[Response]:
        for segment in sorted(self._folder.glob("*.jsonl")):
            with segment.open("rb") as lines:
                for line in lines:
                    # A line that a killed writer tore is passed over.
                    with contextlib.suppress(ValidationError):
                        yield Response.model_validate_json(line)

    @property
    def count(self) -> int:
        """Number of kept answers. There is no ``len``: it would make an empty cache false."""
        return len(self._known)

    def get(self, key: str) -> Response | None:
        """Return a kept answer."""
        return self._known.get(key)

    def put(self, response: Response) -> None:
        """Keep an answer; it is safe on disk within one group."""
        if response.key in self._known:
            return
        self._known[response.key] = response
        with self._storing():
            if self._segment is None:
                self._segment = self._open_segment()
            self._segment.write(response.to_line().encode())
        if time.monotonic() - self._flushed >= GROUP_SECONDS:
            self.commit()

    def _open_segment(self) -> BinaryIO:
        self._folder.mkdir(parents=True, exist_ok=True)
        number = len(list(self._folder.glob("*.jsonl")))
        while True:
            try:
                return (self._folder / f"segment-{number:06d}.jsonl").open("xb")
            except FileExistsError:
                number += 1

    def commit(self) -> None:
        """Bring all that was put to disk."""
        if self._segment is not None:
            with self._storing():
                self._segment.flush()
                os.fsync(self._segment.fileno())
        self._flushed = time.monotonic()

    def close(self) -> None:
        """Commit and let go of the segment."""
        segment, self._segment = self._segment, None
        if segment is not None:
            with self._storing(), segment:
                segment.flush()
                os.fsync(segment.fileno())

    @contextlib.contextmanager
    def _storing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise storage_error(error, self._folder) from error


class CachedTeacher:
    """A teacher that is asked only what it has not answered before."""

    costly = True

    def __init__(self, teacher: Teacher, cache: AnswerCache) -> None:
        self._teacher = teacher
        self._cache = cache
        self.name = teacher.name
        self.reasons = teacher.reasons
        self.asked = 0
        self.reused = 0

    def settings(self) -> dict[str, Any]:
        """Return what changes the answers of the teacher behind."""
        return self._teacher.settings()

    def answer(self, requests: Iterable[Request]) -> Iterator[Response]:
        """Yield kept answers first, then the teacher's own as they come."""
        missing: dict[str, Request] = {}
        for request in requests:
            key = request.key()
            known = self._cache.get(key)
            if known is None:
                missing[key] = request
            else:
                self.reused += 1
                yield known
        try:
            for response in self._teacher.answer(missing.values()):
                self.asked += 1
                self._cache.put(response)
                yield response
        finally:
            self._cache.commit()
