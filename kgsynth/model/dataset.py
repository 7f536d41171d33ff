"""What a dataset folder says of itself."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

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


GateVerdict = Literal["passed", "failed", "not-enough-items"]

MOST_ITEMS = 2**40
"""More than any dataset holds: a number that a stranger wrote is computed with."""


class ReaderScore(Record):
    """How a reader that takes a shortcut did on the rows of a split."""

    reader: str
    outcome: Literal["passed", "failed", "not-enough-items", "not-asked"]
    """``failed``: it surely does better than chance and a margin."""
    items: int = Field(default=0, ge=0, le=MOST_ITEMS)
    """Rows that it judged."""
    left_out: int = Field(default=0, ge=0, le=MOST_ITEMS)
    """Rows that it had no way to judge, as those with an option that is no concept."""
    accuracy: float | None = Field(default=None, ge=0, le=1)
    """The share of them that it had right, a tie counted by its share."""
    chance: float | None = Field(default=None, ge=0, le=1)
    """The mean of one in so many options."""
    lower: float | None = Field(default=None, ge=0, le=1)
    """What the accuracy surely exceeds: the lower 97.5 % bound, Holm over the readers."""
    detail: str = ""
    """Why it was not asked."""


class SplitGate(Record):
    """How every reader did on the rows of one split."""

    split: str
    verdict: GateVerdict
    items: int = Field(ge=0, le=MOST_ITEMS)
    """Rows with options that are made of a path or a given question."""
    readers: tuple[ReaderScore, ...]


class Gate(Record):
    """Whether readers that take shortcuts were kept from the answers."""

    verdict: Literal["not-run", "passed", "failed", "not-enough-items"] = "not-run"
    """``failed`` when one split failed, ``not-enough-items`` when none could be judged."""
    splits: tuple[SplitGate, ...] = ()


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
    shortcuts: tuple[SplitGate, ...] = ()
    """How each of those readers did, by split."""
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
