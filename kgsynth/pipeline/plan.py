"""What a build would do, without doing it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from kgsynth.config import BuildConfig, refuse_unbuilt
from kgsynth.model import Item, Record
from kgsynth.pipeline.build import Build
from kgsynth.pipeline.lines import read_lines
from kgsynth.pipeline.stages import STAGES
from kgsynth.pipeline.task import Stage, Task
from kgsynth.runs import FileHashes, PartStore, read_plan

CHARACTERS_A_TOKEN = 4
TOKENIZER = "characters/4"
"""The scripted teacher has no tokenizer of its own; this is the usual rule of thumb."""


class PlannedStage(Record):
    """What would become of one stage."""

    stage: str
    state: str
    """``done``, ``runs``, or ``waits`` when a stage before it has to run first."""
    parts: int | None = None
    missing: int | None = None
    why: str


class Calls(NamedTuple):
    """What the writer would be asked."""

    requests: int
    tokens_in: int


class DryRun(Record):
    """What a build would do."""

    name: str
    stages: tuple[PlannedStage, ...]
    teacher_calls: int | None
    """Calls of the writer; None while the items are not mined yet."""
    tokens_in: int | None
    """Tokens of the prompts."""
    tokenizer: str
    cost: float
    """The scripted teacher is free."""


def plan_build(
    config: BuildConfig, output: Path, *, fresh: bool = False, rehash: bool = False
) -> DryRun:
    """Look what a build would do; nothing is written."""
    refuse_unbuilt(config)
    output = output.resolve()
    with PartStore(output) as store:
        build = Build(
            config,
            output,
            parts=store,
            hashes=FileHashes(output, rehash=rehash, remember=False),
            before=read_plan(output / config.name),
            fresh=fresh,
        )
        calls: Calls | None = None
        planned = []
        for stage in STAGES:
            if not {*stage.reads, *stage.shards_of} <= build.parts.keys():
                planned.append(
                    PlannedStage(
                        stage=stage.name, state="waits", why="a stage before it has to run first"
                    )
                )
                continue
            tasks = build.tasks(stage)
            missing = build.missing(tasks)
            if stage.name == "write":
                calls = _calls(config, missing)
            planned.append(_planned(build, stage, tasks, missing))
        _refuse_unknown_sources(config, build)
    return DryRun(
        name=config.name,
        stages=tuple(planned),
        teacher_calls=calls.requests if calls else None,
        tokens_in=calls.tokens_in if calls else None,
        tokenizer=TOKENIZER,
        cost=0.0,
    )


def _refuse_unknown_sources(config: BuildConfig, build: Build) -> None:
    """Refuse a licence of a source that the graph lacks, where it is compiled and so known."""
    from kgsynth.graph.manifest import read_manifest
    from kgsynth.graph.terms import Terms

    for part in build.parts.get("graph", ()):
        Terms.of(read_manifest(part.folder), config.licence.accept)


def _planned(build: Build, stage: Stage, tasks: list[Task], missing: list[Task]) -> PlannedStage:
    if not missing:
        build.take(stage.name, tasks)
    return PlannedStage(
        stage=stage.name,
        state="runs" if missing else "done",
        parts=len(tasks),
        missing=len(missing),
        why=build.why(missing[0]) if missing else "",
    )


def _calls(config: BuildConfig, tasks: Iterable[Task]) -> Calls:
    """Count the requests of the shards that are not written yet, as they would be sent."""
    from kgsynth.synthesis.ask import request_for
    from kgsynth.teachers import open_teacher
    from kgsynth.vocabulary import load_vocabulary

    teacher = open_teacher(config.teacher.writer)
    requests = [
        request_for(item, teacher, load_vocabulary(), config.seed)
        for task in tasks
        for item in read_lines(task.folders["shard"], Item)
    ]
    characters = sum(len(m.content) for request in requests for m in request.messages)
    return Calls(len(requests), characters // CHARACTERS_A_TOKEN)
