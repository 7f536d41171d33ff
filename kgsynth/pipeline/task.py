"""A stage, the tasks it falls into, and what the work of a task may look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kgsynth.config import BuildConfig
from kgsynth.runs import part_key


@dataclass(frozen=True, slots=True)
class Task:
    """One piece of work: a stage, or one shard of it. It can be sent to another process."""

    stage: str
    version: int
    options: Mapping[str, Any]
    inputs: Mapping[str, str]
    """What it reads, by the hash of the content."""
    folders: Mapping[str, Path]
    """Where it reads that; not part of the key."""

    @property
    def key(self) -> str:
        """The name of the part that it makes."""
        return part_key(self.stage, self.version, self.options, self.inputs)


@dataclass(slots=True)
class Work:
    """What the work of a task may look at."""

    options: Mapping[str, Any]
    inputs: Mapping[str, str]
    folders: Mapping[str, Path]
    output: Path
    spend: Counter[str] = field(default_factory=Counter)


Make = Callable[[Work, Path], str | None]


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a build."""

    name: str
    version: int
    reads: tuple[str, ...]
    """The stages it reads."""
    options: Callable[[BuildConfig], dict[str, Any]]
    make: Make
    sources: Callable[[BuildConfig], list[Any]] = lambda config: []
    """Sources it reads, from the build file."""
    packaged: tuple[Path, ...] = ()
    """Files of the package that it reads: wordings, prompts."""
    shards_of: tuple[str, ...] = ()
    """Stages whose shards it works through one by one, in order."""
    shard_name: str = ""
