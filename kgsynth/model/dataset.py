"""What a dataset folder says of itself."""

from __future__ import annotations

from typing import Literal

from kgsynth.model.record import SCHEMA_VERSION, Record


class FunnelStage(Record):
    """What one stage took, gave and dropped. ``taken + made = given + dropped`` always."""

    stage: str
    taken: int
    made: int = 0
    """What the stage added of its own: mined paths."""
    given: int
    rejected: dict[str, int]
    """Count by reason code."""

    def adds_up(self) -> bool:
        """Tell whether every item is accounted for."""
        return self.taken + self.made == self.given + sum(self.rejected.values())


class Funnel(Record):
    """The stages in order."""

    stages: tuple[FunnelStage, ...]


class GraphSummary(Record):
    """The graph behind a dataset."""

    content: str
    """Hash of the compiled store's content."""
    overlay: str
    """Hash of the shattered overlay's content."""
    sources: tuple[str, ...]
    licences: tuple[str, ...]
    released: str
    """The latest release date of its sources, or an empty string."""
    concepts: int
    statements: int
    hubs_removed: int


class FileEntry(Record):
    """A file of the dataset."""

    path: str
    """Relative to the dataset's folder, with forward slashes."""
    bytes: int
    sha256: str
    rows: int | None = None
    """Rows of a JSONL file."""


class Manifest(Record):
    """``manifest.json``: what the folder holds. ``run/`` and the manifest itself stay out."""

    format: Literal["kgsynth-dataset"] = "kgsynth-dataset"
    schema_version: str = SCHEMA_VERSION
    name: str
    created: str
    """The graph's release date: a clock would change the bytes."""
    config: str
    """Hash of the build file's content."""
    build: str
    """The build file as it was read, as a JSON object in a string."""
    graph: GraphSummary
    teachers: dict[str, str]
    """Who answered in each role."""
    rows: dict[str, int]
    """Rows by split."""
    rejected: int
    gate: Literal["not-run", "passed", "failed", "not-enough-items"] = "not-run"
    """Whether readers that take shortcuts were kept from the answers."""
    files: tuple[FileEntry, ...]


class Hub(Record):
    """A concept that shattering removed."""

    id: str
    name: str
    score: float


class Answer(Record):
    """A recorded teacher answer."""

    key: str
    text: str
