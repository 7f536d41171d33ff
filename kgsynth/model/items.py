"""What the stages hand each other on the way to a row."""

from __future__ import annotations

from typing import Any

from kgsynth.model.graph import Concept, Statement
from kgsynth.model.record import Language, Record
from kgsynth.model.rows import Bridge, Evidence, Kind, Option, Path, Row


class Item(Record):
    """What is to be written: mined from the graph, with no prose in it yet."""

    id: str
    kind: Kind
    language: Language
    origin: str
    origin_split: str
    stem: str | None = None
    """A given question's stem; None when the teacher is to write one."""
    path: Path
    further_paths: tuple[Path, ...] = ()
    options: tuple[Option, ...]
    """In their final order."""
    key: str
    bridges: tuple[Bridge, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    statements: tuple[Statement, ...]
    """Every statement that the row may cite."""
    concepts: tuple[Concept, ...]
    """Every concept that the row may name."""
    degrees: tuple[int, ...]
    tags: tuple[str, ...] = ()
    groups: tuple[str, ...]


class Draft(Record):
    """A row on its way through the checks, beside the statements and concepts behind it."""

    row: Row
    statements: tuple[Statement, ...]
    concepts: tuple[Concept, ...]


class Rejected(Record):
    """Something that was dropped: where, why, and all that is needed to see why."""

    id: str
    stage: str
    code: str
    detail: str
    content: dict[str, Any]
    """The question, item or row as it stood."""
