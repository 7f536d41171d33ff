"""Keep what a teacher answered: append-only, safe under ``kill -9`` and two processes.

Each process appends to a segment of its own, so nobody waits for a lock and nobody tears
another's line. Lines are flushed to disk in groups: at most the requests in flight and one
group (50 ms) are asked again after a kill.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

from pydantic import ValidationError

from kgsynth.errors import storage_error
from kgsynth.teachers.request import Request, Response, Teacher

GROUP_SECONDS = 0.05


class AnswerCache:
    """A folder of answers by request key."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._segment: TextIO | None = None
        self._flushed = time.monotonic()
        self._known = dict(self._read())

    def _read(self) -> Iterator[tuple[str, Response]]:
        for segment in sorted(self._folder.glob("*.jsonl")):
            with segment.open(encoding="utf-8", errors="replace") as lines:
                for line in lines:
                    response = _parsed(line)
                    if response is not None:
                        yield response.key, response

    def __len__(self) -> int:
        return len(self._known)

    def get(self, key: str) -> Response | None:
        """Return a kept answer."""
        return self._known.get(key)

    def put(self, response: Response) -> None:
        """Keep an answer; it is safe on disk within one group."""
        if response.key in self._known:
            return
        self._known[response.key] = response
        try:
            if self._segment is None:
                self._segment = self._open_segment()
            self._segment.write(response.to_line())
            if time.monotonic() - self._flushed >= GROUP_SECONDS:
                self.commit()
        except OSError as error:
            raise storage_error(error, self._folder) from error

    def _open_segment(self) -> TextIO:
        self._folder.mkdir(parents=True, exist_ok=True)
        number = len(list(self._folder.glob("*.jsonl")))
        while True:
            try:
                path = self._folder / f"segment-{number:06d}.jsonl"
                return path.open("x", encoding="utf-8")
            except FileExistsError:
                number += 1

    def commit(self) -> None:
        """Bring all that was put to disk."""
        if self._segment is not None:
            self._segment.flush()
            os.fsync(self._segment.fileno())
        self._flushed = time.monotonic()

    def close(self) -> None:
        """Commit and let go of the segment."""
        if self._segment is not None:
            self.commit()
            self._segment.close()
            self._segment = None


def _parsed(line: str) -> Response | None:
    """Read a line; a torn one, from a killed writer, is passed over."""
    try:
        return Response.model_validate(json.loads(line))
    except (json.JSONDecodeError, ValidationError):
        return None


class CachedTeacher:
    """A teacher that is asked only what it has not answered before."""

    costly = True

    def __init__(self, teacher: Teacher, cache: AnswerCache) -> None:
        self._teacher = teacher
        self._cache = cache
        self.name = teacher.name
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
