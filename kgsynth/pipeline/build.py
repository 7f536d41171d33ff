"""A build: the stages in order, each part made once, the result published.

There is no orchestrator in sight. The command line, a Prefect flow and a notebook all walk the
same `STAGES` with `Build.advance`, and so give the same bytes.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import NamedTuple

from kgsynth.config import BuildConfig, refuse_unbuilt
from kgsynth.errors import RunError, SourceError
from kgsynth.model import Funnel, Manifest
from kgsynth.pipeline.inputs import look_at
from kgsynth.pipeline.remarks import remarks
from kgsynth.pipeline.stages import BY_NAME, STAGES
from kgsynth.pipeline.task import Stage, Task, Work
from kgsynth.runs import (
    FileHashes,
    Part,
    PartStore,
    Plan,
    PlannedPart,
    Published,
    Run,
    open_run,
    plan_of,
    sha256_of,
    why_changed,
)

Progress = Callable[[str, int, int], None]
"""Told (stage, parts done, parts in all) as a stage goes on."""


class Made(NamedTuple):
    """A part that a task gave."""

    part: Part
    spend: Counter[str]


class StageResult(NamedTuple):
    """What a stage did."""

    stage: str
    parts: tuple[Part, ...]
    ran: int
    """Parts that were made; the others lay there already."""
    why: str
    """Why it ran, or an empty string."""
    seconds: float
    spend: Counter[str]


def silent(stage: str, done: int, total: int) -> None:
    """Report nothing."""


class Build:
    """One build of one build file into one output folder."""

    def __init__(
        self,
        config: BuildConfig,
        output: Path,
        *,
        parts: PartStore,
        hashes: FileHashes,
        before: Plan | None = None,
        fresh: bool = False,
    ) -> None:
        self.config = config
        self.output = output
        self.parts: dict[str, tuple[Part, ...]] = {}
        self._store = parts
        self._before = before or {}
        self._fresh = fresh
        self._hashes = hashes
        self._sources = {
            stage.name: [look_at(source, hashes) for source in stage.sources(config)]
            for stage in STAGES
        }

    # --- what a stage needs ----------------------------------------------------------------

    def tasks(self, stage: Stage) -> list[Task]:
        """Return the work of a stage whose inputs are all there."""
        inputs = {path.name: sha256_of(path) for path in stage.packaged}
        folders: dict[str, Path] = {}
        for number, source in enumerate(self._sources[stage.name]):
            inputs[f"source:{number}"] = source.content
            if source.path:
                folders[f"source:{number}"] = source.path
        for name in stage.reads:
            sharded = bool(BY_NAME[name].shards_of)
            for number, part in enumerate(self.parts[name]):
                slot = f"{name}:{number:05d}" if sharded else name
                inputs[slot], folders[slot] = part.content, part.folder
        options = stage.options(self.config)
        if not stage.shards_of:
            return [Task(stage.name, stage.version, options, inputs, folders)]
        return [
            Task(
                stage.name,
                stage.version,
                options,
                {**inputs, "shard": content},
                {**folders, "shard": path},
            )
            for content, path in self._shards(stage)
        ]

    def _shards(self, stage: Stage) -> Iterator[tuple[str, Path]]:
        for name in stage.shards_of:
            for part in self.parts[name]:
                for path in sorted(part.folder.glob(stage.shard_name)):
                    yield part.files[path.name].sha256, path

    def missing(self, tasks: Iterable[Task]) -> list[Task]:
        """Return the tasks whose part is not there yet."""
        return [task for task in tasks if self._fresh or self._store.find(task.key) is None]

    def why(self, task: Task) -> str:
        """Say why a task has to run."""
        if self._fresh:
            return "--fresh was asked for"
        changed = why_changed(self._before, task.stage, task.version, task.options, task.inputs)
        return changed or "its part is missing or damaged"

    # --- doing it ---------------------------------------------------------------------------

    def advance(self, name: str, progress: Progress = silent) -> StageResult:
        """Bring one stage up to date; the stages it reads must be so already."""
        began = time.monotonic()
        tasks = self.tasks(BY_NAME[name])
        missing = self.missing(tasks)
        why = self.why(missing[0]) if missing else ""
        spend: Counter[str] = Counter()
        progress(name, len(tasks) - len(missing), len(tasks))
        for done, made in enumerate(self._made(missing), start=len(tasks) - len(missing) + 1):
            spend.update(made.spend)
            progress(name, done, len(tasks))
        self.take(name, tasks)
        seconds = round(time.monotonic() - began, 3)
        return StageResult(name, self.parts[name], len(missing), why, seconds, spend)

    def take(self, name: str, tasks: Iterable[Task]) -> None:
        """Take the parts of a stage, which must be there, as what later stages read."""
        self.parts[name] = tuple(self._found(task) for task in tasks)

    def _found(self, task: Task) -> Part:
        part = self._store.find(task.key)
        if part is None:
            raise RunError(
                f"A part of the stage '{task.stage}' disappeared while the run went on.",
                remedy="Run the same command again, and leave the output folder alone meanwhile.",
            )
        return part

    def _unchanged(self, task: Task) -> None:
        """Refuse a part whose source was edited while it was read: its key would be a lie."""
        for number, source in enumerate(BY_NAME[task.stage].sources(self.config)):
            if look_at(source, self._hashes).content != task.inputs[f"source:{number}"]:
                raise SourceError(
                    f"{source.path} changed while it was read.",
                    remedy="Run the same command again.",
                )

    def _made(self, tasks: list[Task]) -> Iterator[Made]:
        workers = min(self.config.run.workers, len(tasks))
        if workers < 2:
            for task in tasks:
                yield make_part(
                    task, self.output, self._store, again=self._fresh, after=self._unchanged
                )
            return
        # Spawned, not forked: a fork copies the locks of polars' and numba's threads.
        with ProcessPoolExecutor(workers, get_context("spawn"), initializer=_follow_parent) as pool:
            jobs = [pool.submit(_in_worker, task, self.output, self._fresh) for task in tasks]
            try:
                for job in as_completed(jobs):
                    yield job.result()
            except BrokenProcessPool:
                raise RunError(
                    "A worker process was killed, most often for want of memory.",
                    remedy="Run the same command again with a smaller run.workers: "
                    "it goes on where it stopped.",
                ) from None
            except BaseException as error:
                pool.shutdown(wait=False, cancel_futures=True)
                if not isinstance(error, (Exception, KeyboardInterrupt)):
                    for worker in active_children():  # SIGTERM, unlike Ctrl-C, spared them
                        worker.terminate()
                raise


def make_part(
    task: Task,
    output: Path,
    store: PartStore,
    *,
    again: bool = False,
    after: Callable[[Task], None] | None = None,
) -> Made:
    """Make the part of a task, or find it. ``after`` may still refuse it when it is made."""
    work = Work(task.options, task.inputs, task.folders, output)

    def make(folder: Path) -> str | None:
        content = BY_NAME[task.stage].make(work, folder)
        if after:
            after(task)
        return content

    part = store.build(task.stage, task.version, task.options, task.inputs, make, again=again)
    return Made(part, work.spend)


def _in_worker(task: Task, output: Path, again: bool) -> Made:
    with PartStore(output) as store:
        return make_part(task, output, store, again=again)


def _follow_parent() -> None:
    """End a worker whose parent was killed: it would wait for work for ever."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


# --- a whole build ----------------------------------------------------------------------


class BuildResult(NamedTuple):
    """What a whole build did."""

    folder: Path
    manifest: Manifest
    stages: tuple[StageResult, ...]
    published: Published | None
    """None when the folder was already what it should be."""
    remarks: tuple[str, ...]
    """What came out empty, or nearly so."""

    @property
    def ran(self) -> tuple[StageResult, ...]:
        """Return the stages that had something to do."""
        return tuple(stage for stage in self.stages if stage.ran)


class OpenBuild(NamedTuple):
    """A build with its run folder open: nobody else builds it meanwhile."""

    build: Build
    run: Run

    def advance(self, name: str, progress: Progress = silent) -> StageResult:
        """Bring one stage up to date, and note it in the run's folder."""
        tasks = self.build.tasks(BY_NAME[name])
        if self.build.missing(tasks):
            # Noted before the work: `clean` spares what a killed run has made so far.
            planned = [PlannedPart(t.key, t.version, t.options, t.inputs) for t in tasks]
            self.run.remember_plan({**self.run.plan(), name: planned})
        result = self.build.advance(name, progress)
        if result.ran:
            self.run.log(f"{name}: made {result.ran} of {len(result.parts)} parts: {result.why}")
            self.run.record_time(name, result.seconds)
            self.run.add_spend(result.spend)
        return result

    def finish(self, stages: Iterable[StageResult]) -> BuildResult:
        """Publish what the last stage made."""
        tree = self.build.parts[STAGES[-1].name][0].folder
        manifest = Manifest.model_validate_json((tree / "manifest.json").read_bytes())
        if plan_of(self.run.plan()) != plan_of(self.build.parts):
            self.run.remember_plan(self.build.parts)
        published = None
        if not self.run.is_published(manifest.files, sha256_of(tree / "manifest.json")):
            published = self.run.publish(tree, manifest.files)
            self.run.log(f"published {published.written} files")
        funnel = Funnel.model_validate_json((tree / "funnel.json").read_bytes())
        told = tuple(remarks(self.build.config, manifest, funnel))
        return BuildResult(self.run.folder, manifest, tuple(stages), published, told)


@contextmanager
def open_build(
    config: BuildConfig, output: Path, *, fresh: bool = False, rehash: bool = False
) -> Iterator[OpenBuild]:
    """Open a build: its inputs are read before anything is written."""
    refuse_unbuilt(config)
    output = output.resolve()
    hashes = FileHashes(output, rehash=rehash, remember=False)
    for stage in STAGES:
        for source in stage.sources(config):
            look_at(source, hashes)
    with open_run(output, config.name) as run:
        hashes.remember()
        build = Build(
            config, output, parts=run.parts, hashes=hashes, before=run.plan(), fresh=fresh
        )
        yield OpenBuild(build, run)


def build_dataset(
    config: BuildConfig,
    output: Path,
    *,
    fresh: bool = False,
    rehash: bool = False,
    progress: Progress = silent,
) -> BuildResult:
    """Build a dataset, or bring it up to date."""
    with open_build(config, output, fresh=fresh, rehash=rehash) as opened:
        return opened.finish([opened.advance(stage.name, progress) for stage in STAGES])
