"""The work of the stages from items to the dataset: prose, checks, selection, files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from kgsynth.config import BuildConfig, SplitConfig
from kgsynth.model import Answer, Draft, Funnel, GraphSummary, Item, Rejected
from kgsynth.pipeline.lines import REJECTED, read_account, read_lines, write_account, write_lines
from kgsynth.pipeline.task import Work

if TYPE_CHECKING:
    from kgsynth.graph.overlay import Overlay
    from kgsynth.graph.store import KnowledgeGraph
    from kgsynth.linking.matching import NameMatcher

ANSWERS_FOLDER = ".cache/answers"
"""Below the output folder: what teachers answered, shared by all runs there."""


def make_write(work: Work, out: Path) -> None:
    """Have the teacher write the prose of one shard of items."""
    from pydantic import TypeAdapter

    from kgsynth.config import TeacherConfig
    from kgsynth.synthesis.write import write_items
    from kgsynth.teachers import open_teacher
    from kgsynth.teachers.cache import AnswerCache, CachedTeacher

    teacher = open_teacher(TypeAdapter(TeacherConfig).validate_python(work.options["writer"]))
    cache = AnswerCache(work.output / ANSWERS_FOLDER) if teacher.costly else None
    asked = CachedTeacher(teacher, cache) if cache is not None else teacher
    items = list(read_lines(work.folders["shard"], Item))
    try:
        written = write_items(
            items,
            asked,
            seed=work.options["seed"],
            graph=work.inputs["graph"],
            overlay=work.inputs["shatter"],
        )
    finally:
        if cache is not None:
            cache.close()
    work.spend["requests"] += len(written.answers)
    if isinstance(asked, CachedTeacher):
        work.spend["asked"] += asked.asked
        work.spend["reused"] += asked.reused
    write_lines(out / "drafts.jsonl", written.drafts)
    write_lines(out / "answers.jsonl", written.answers)
    write_account(
        out, "write", taken=len(items), given=len(written.drafts), rejected=written.rejected
    )


def make_verify(work: Work, out: Path) -> None:
    """Check one shard of drafts against the whole graph."""
    from kgsynth.verify.check import CheckContext
    from kgsynth.verify.review import review
    from kgsynth.vocabulary import load_vocabulary

    graph, names = _graph_and_names(work.folders["graph"])
    drafts = list(read_lines(work.folders["shard"], Draft))
    kept: list[Draft] = []
    rejected: list[Rejected] = []
    for draft in drafts:
        context = CheckContext.of(
            draft.statements, draft.concepts, load_vocabulary(), names=names, holds=graph.holds
        )
        judged = review(draft, context)
        if isinstance(judged, Draft):
            kept.append(judged)
        else:
            rejected.append(judged)
    write_lines(out / "drafts.jsonl", kept)
    write_account(out, "verify", taken=len(drafts), given=len(kept), rejected=rejected)


@lru_cache(maxsize=1)
def _graph_and_names(folder: Path) -> tuple[KnowledgeGraph, NameMatcher]:
    """Open a graph and index its names, once in each process for all its shards."""
    from kgsynth.graph.store import KnowledgeGraph
    from kgsynth.linking.matching import NameMatcher

    graph = KnowledgeGraph.open(folder)
    names = ((name.text, concept) for concept, name in graph.all_names())
    return graph, NameMatcher(names)


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
            for folder in folders["write"]
            for answer in read_lines(folder / "answers.jsonl", Answer)
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
