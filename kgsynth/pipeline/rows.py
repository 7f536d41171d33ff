"""The work of the stages from items to the dataset: prose, checks, selection, files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from kgsynth.config import BuildConfig, Rederive, SplitConfig
from kgsynth.model import Answer, Draft, Funnel, Grade, GraphSummary, Item, Rejected
from kgsynth.pipeline.lines import REJECTED, read_account, read_lines, write_account, write_lines
from kgsynth.pipeline.task import Work

if TYPE_CHECKING:
    from kgsynth.graph.overlay import Overlay
    from kgsynth.graph.store import KnowledgeGraph
    from kgsynth.linking.matching import NameMatcher
    from kgsynth.teachers.request import Teacher
    from kgsynth.verify.benchmarks import Benchmark
    from kgsynth.verify.check import CheckContext
    from kgsynth.verify.whole import WholeGraph

ANSWERS = "answers.jsonl"
ANSWERS_FOLDER = ".cache/answers"
"""Below the output folder: what teachers answered, shared by all runs there."""


def make_write(work: Work, out: Path) -> None:
    """Have the teacher write the prose of one shard of items."""
    from kgsynth.synthesis.write import write_items

    items = list(read_lines(work.folders["shard"], Item))
    with _asked(work, "writer") as teacher:
        written = write_items(
            items,
            teacher,
            seed=work.options["seed"],
            graph=work.inputs["graph"],
            overlay=work.inputs["shatter"],
        )
    work.spend["requests"] += len(written.answers)
    write_lines(out / "drafts.jsonl", written.drafts)
    write_lines(out / ANSWERS, written.answers)
    write_account(
        out, "write", taken=len(items), given=len(written.drafts), rejected=written.rejected
    )


@contextmanager
def _asked(work: Work, role: str) -> Iterator[Teacher]:
    """Open the teacher of a role; what a costly one answered before is not asked again."""
    from pydantic import TypeAdapter

    from kgsynth.config import TeacherConfig
    from kgsynth.teachers import open_teacher
    from kgsynth.teachers.cache import AnswerCache, CachedTeacher

    teacher = open_teacher(TypeAdapter(TeacherConfig).validate_python(work.options[role]))
    if not teacher.costly:
        yield teacher
        return
    cache = AnswerCache(work.output / ANSWERS_FOLDER)
    cached = CachedTeacher(teacher, cache)
    try:
        yield cached
    finally:
        cache.close()
    work.spend["asked"] += cached.asked
    work.spend["reused"] += cached.reused


def make_verify(work: Work, out: Path) -> None:
    """Check one shard of drafts against the whole graph."""
    from kgsynth.verify.review import review

    drafts = list(read_lines(work.folders["shard"], Draft))
    contexts = _contexts(work, drafts)
    answers: dict[str, str] = {}
    if "rederive" in work.options:
        contexts, answers = _read_again(work, drafts, contexts)
    judged = [review(draft, context) for draft, context in zip(drafts, contexts, strict=True)]
    kept = [draft for draft in judged if isinstance(draft, Draft)]
    rejected = [draft for draft in judged if isinstance(draft, Rejected)]
    write_lines(out / "drafts.jsonl", kept)
    write_lines(out / ANSWERS, (Answer(key=key, text=answers[key]) for key in sorted(answers)))
    write_account(out, "verify", taken=len(drafts), given=len(kept), rejected=rejected)


def _contexts(work: Work, drafts: Iterable[Draft]) -> list[CheckContext]:
    """Return what the checks may look at beside each draft."""
    from kgsynth.verify.benchmarks import names_of
    from kgsynth.verify.check import CheckContext
    from kgsynth.vocabulary import load_vocabulary

    graph, names, whole = _whole_graph(work.folders["graph"], work.folders["shatter"])
    said = work.options["benchmarks"]
    named = names_of(benchmark["name"] for benchmark in said)
    files = tuple(work.folders[f"source:{number}"] for number in range(len(said)))
    benchmarks = _benchmarks(named, files, tuple(b["own"] for b in said), names)
    return [
        CheckContext.of(
            draft.statements,
            draft.concepts,
            load_vocabulary(),
            names=names,
            holds=graph.holds,
            whole=whole,
            asked=Grade(work.options["grade"]),
            named=named,
            benchmarks=benchmarks,
        )
        for draft in drafts
    ]


def _read_again(
    work: Work, drafts: Sequence[Draft], contexts: Sequence[CheckContext]
) -> tuple[list[CheckContext], dict[str, str]]:
    """Have the verifier read every trace again; one that does not reason is not asked."""
    from kgsynth.verify.readings import reader_of, requests

    with _asked(work, "verifier") as teacher:
        reader = reader_of(teacher, Rederive(**work.options["rederive"]), work.options["seed"])
        asked = {
            request.key(): request
            for draft, context in zip(drafts, contexts, strict=True)
            for _, request in requests(draft.row, context, reader)
            if reader.reasons
        }
        answers = {response.key: response.text for response in teacher.answer(asked.values())}
    work.spend["requests"] += len(answers)
    return [replace(c, reader=reader, answers=answers) for c in contexts], answers


@lru_cache(maxsize=1)
def _whole_graph(folder: Path, overlay: Path) -> tuple[KnowledgeGraph, NameMatcher, WholeGraph]:
    """Open a graph and index its names, once in each process for all its shards."""
    from kgsynth.graph.overlay import Overlay
    from kgsynth.graph.store import KnowledgeGraph
    from kgsynth.linking.matching import NameMatcher
    from kgsynth.verify.whole import WholeGraph

    graph = KnowledgeGraph.open(folder)
    names = ((name.text, concept) for concept, name in graph.all_names())
    hubs = (hub.id for hub in Overlay.open(overlay, graph).report.removed)
    return graph, NameMatcher(names), WholeGraph(graph, hubs)


@lru_cache(maxsize=1)
def _benchmarks(
    named: tuple[str, ...], files: tuple[Path, ...], own: tuple[bool, ...], names: NameMatcher
) -> tuple[Benchmark, ...]:
    """Read what no row may repeat, once in each process for all its shards."""
    from kgsynth.questions import read_questions
    from kgsynth.verify.benchmarks import Benchmark

    return tuple(
        Benchmark.of(name, read_questions("jsonl", file).questions, names, own=is_own)
        for name, file, is_own in zip(named, files, own, strict=True)
    )


def make_curate(work: Work, out: Path) -> None:
    """Choose the rows and their splits."""
    from kgsynth.curate.split import assign_splits

    drafts = list(_drafts(work.folders, "verify"))
    curated = assign_splits(
        drafts,
        SplitConfig.model_validate(work.options["split"]),
        allow_benchmark_training=work.options["allow_benchmark_training"],
    )
    write_lines(out / "drafts.jsonl", curated.drafts)
    write_account(
        out, "curate", taken=len(drafts), given=len(curated.drafts), rejected=curated.rejected
    )


def make_dataset(work: Work, out: Path) -> None:
    """Write the whole dataset folder."""
    from kgsynth.curate.gate import GraphSight, ShortcutGate
    from kgsynth.export.dataset import write_dataset
    from kgsynth.graph.overlay import Overlay
    from kgsynth.graph.store import KnowledgeGraph
    from kgsynth.pipeline.lacking import what_is_lacking
    from kgsynth.report.html import render_report

    config = BuildConfig.model_validate(work.options["config"])
    graph = KnowledgeGraph.open(work.folders["graph"])
    overlay = Overlay.open(work.folders["shatter"], graph)
    accounts = ("questions", "map", "mine", "write", "verify", "curate")
    folders = {stage: _folders(work.folders, stage) for stage in accounts}
    funnel = Funnel(
        stages=tuple(read_account(folders[stage]) for stage in accounts if folders[stage])
    )
    write_dataset(
        out,
        config=config,
        graph=summary(graph, overlay),
        drafts=_stamped(_drafts(work.folders, "curate"), config.content_hash()),
        rejected=(
            dropped
            for stage in accounts
            for folder in folders[stage]
            for dropped in read_lines(folder / REJECTED, Rejected)
        ),
        hubs=overlay.report.removed,
        answers=(
            answer
            for stage in ("write", "verify")
            for folder in folders[stage]
            for answer in read_lines(folder / ANSWERS, Answer)
        ),
        funnel=funnel,
        teachers={"writer": config.teacher.writer.kind, "verifier": config.teacher.verifier.kind},
        shortcuts=ShortcutGate(GraphSight(graph, overlay.walk)),
        report=render_report,
        lacking=what_is_lacking(graph),
    )


def summary(graph: KnowledgeGraph, overlay: Overlay) -> GraphSummary:
    """Say what a dataset's manifest tells of its graph."""
    sources, origins = graph.manifest.sources, graph.manifest.origins
    # Of a source with several licences, each statement may be under another than the usual one.
    licences = {s.licence for s in sources} | {o.licence for o in origins if o.statements}
    return GraphSummary(
        content=graph.manifest.content,
        overlay=overlay.report.content,
        sources=tuple(f"{s.name} {s.version}".strip() for s in sources),
        licences=tuple(sorted(licences - {""})),
        released=max((s.released for s in sources), default=""),
        concepts=graph.node_count,
        statements=graph.manifest.statements,
        hubs_removed=len(overlay.report.removed),
    )


def _stamped(drafts: Iterable[Draft], config: str) -> Iterator[Draft]:
    """Say in each row's provenance which build file it belongs to."""
    for draft in drafts:
        provenance = draft.row.provenance.model_copy(update={"config": config})
        row = draft.row.model_copy(update={"provenance": provenance})
        yield draft.model_copy(update={"row": row})


def _folders(folders: Mapping[str, Path], stage: str) -> list[Path]:
    """Return the folders of a stage, one for each of its shards, in order."""
    named = [name for name in folders if name == stage or name.startswith(f"{stage}:")]
    return [folders[name] for name in named]


def _drafts(folders: Mapping[str, Path], stage: str) -> Iterator[Draft]:
    for folder in _folders(folders, stage):
        yield from read_lines(folder / "drafts.jsonl", Draft)
