"""One reader per kind of question set; each yields ``Question`` records.

A new kind is one module with ``read(path) -> QuestionSet`` and one line in ``READERS``.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import cast

from kgsynth.errors import SourceError, listing, nearest
from kgsynth.questions.question_set import QuestionSet

Reader = Callable[[Path], QuestionSet]


def _late(module: str) -> Reader:
    def read(path: Path) -> QuestionSet:
        found = import_module(f"kgsynth.questions.{module}")
        return cast(QuestionSet, found.read(path))

    return read


READERS: dict[str, Reader] = {
    "jsonl": _late("jsonl"),
}


def read_questions(kind: str, path: Path) -> QuestionSet:
    """Read a question set of a kind, such as ``jsonl``."""
    if kind not in READERS:
        raise SourceError(
            f"No reader for questions of kind {kind!r}.{nearest(kind, READERS)}",
            remedy=f"Kinds: {listing(READERS)}.",
        )
    return READERS[kind](path)
