"""The stages: what each reads, its options, its version, and the work.

A stage's work sees only what its key covers: the options in its task and the folders of the
parts it was given. Its ``version`` goes up when its output changes for the same inputs; a
golden test fails when one changes and the other does not.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kgsynth.config import BuildConfig, PathsConfig, QaConfig, Shatter, SplitConfig, SynthesisConfig
from kgsynth.errors import RunError
from kgsynth.model import (
    Answer,
    Draft,
    Funnel,
    GraphSummary,
    Item,
    LinkedQuestion,
    Question,
    Rejected,
)
from kgsynth.pipeline.lines import (
    REJECTED,
    read_account,
    read_lines,
    write_account,
    write_lines,
    write_shards,
)
from kgsynth.resources import PACKAGE, locate
from kgsynth.runs import part_key

ANSWERS_FOLDER = ".cache/answers"
"""Below the output folder: what teachers answered, shared by all runs there."""

DEFAULT_COUNT = 1000


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
    sources: Callable[[BuildConfig], list[str]] = lambda config: []
    """Input files it reads, from the build file."""
    packaged: tuple[Path, ...] = ()
    """Files of the package that it reads: wordings, prompts."""
    shards_of: tuple[str, ...] = ()
    """Stages whose shards it works through one by one, in order."""
    shard_name: str = ""


# --- graph and questions ----------------------------------------------------------------


def make_graph(work: Work, out: Path) -> str:
    """Compile the sources into a store."""
    from kgsynth.graph.compile import compile_graph
    from kgsynth.sources import read_source

    columns = [
        read_source(source["kind"], work.folders[f"source:{number}"])
        for number, source in enumerate(work.options["sources"])
    ]
    return compile_graph(columns, out).content


def make_questions(work: Work, out: Path) -> None:
    """Read the QA sets; a stem that stands in two of them is kept once."""
    from kgsynth.questions import read_questions
    from kgsynth.questions.question_set import folded

    kept: list[Question] = []
    rejected: list[Rejected] = []
    for number, source in enumerate(work.options["sources"]):
        found = read_questions(source["kind"], work.folders[f"source:{number}"])
        kept += found.questions
        rejected += found.quarantined
    seen: set[str] = set()
    unique = []
    for question in kept:
        stem = folded(question.stem)
        if stem in seen:
            rejected.append(_duplicate(question))
        else:
            unique.append(question)
        seen.add(stem)
    unique = unique[: work.options["limit"]]
    write_lines(out / "questions.jsonl", unique)
    write_account(
        out,
        "questions",
        taken=0,
        made=len(unique) + len(rejected),
        given=len(unique),
        rejected=rejected,
    )


def _duplicate(question: Question) -> Rejected:
    return Rejected(
        id=question.id,
        stage="questions",
        code="duplicate-stem",
        detail="another set holds the same stem",
        content=question.model_dump(mode="json"),
    )


def make_link(work: Work, out: Path) -> None:
    """Find concepts in the questions."""
    from kgsynth.graph.store import KnowledgeGraph
    from kgsynth.linking.linker import link_question
    from kgsynth.linking.matching import NameMatcher

    questions = list(read_lines(work.folders["questions"] / "questions.jsonl", Question))
    graph = KnowledgeGraph.open(work.folders["graph"])
    matcher = NameMatcher(
        ((name.text, concept) for concept, name in graph.all_names()) if questions else ()
    )
    write_lines(out / "linked.jsonl", (link_question(q, matcher) for q in questions))


def make_shatter(work: Work, out: Path) -> str:
    """Cut the hubs."""
    from kgsynth.graph.shatter import shatter
    from kgsynth.graph.store import KnowledgeGraph

    options = Shatter.model_validate(work.options["shatter"])
    answers = {
        mention.id
        for linked in read_lines(work.folders["link"] / "linked.jsonl", LinkedQuestion)
        for mention in linked.mentions
        if mention.field == f"option:{linked.question.key}"
    }
    graph = KnowledgeGraph.open(work.folders["graph"])
    return shatter(graph, options, out, answers=sorted(answers)).content


# --- items ------------------------------------------------------------------------------


def make_map(work: Work, out: Path) -> None:
    """Map questions onto paths."""
    from kgsynth.graph.shatter import Overlay
    from kgsynth.graph.store import KnowledgeGraph
    from kgsynth.paths.answers import AnswerMapper

    graph = KnowledgeGraph.open(work.folders["graph"])
    overlay = Overlay.open(work.folders["shatter"], graph)
    mapper = AnswerMapper(graph, overlay, QaConfig.model_validate(work.options["qa"]))
    linked = list(read_lines(work.folders["link"] / "linked.jsonl", LinkedQuestion))
    made = [mapper.item(question) for question in linked]
    items = [m for m in made if isinstance(m, Item)]
    rejected = [m for m in made if isinstance(m, Rejected)]
    write_shards(out, "items", items)
    write_account(out, "map", taken=len(linked), given=len(items), rejected=rejected)


def make_mine(work: Work, out: Path) -> None:
    """Mine paths that become questions."""
    from kgsynth.graph.shatter import Overlay
    from kgsynth.graph.store import KnowledgeGraph
    from kgsynth.paths.mine import PathMiner

    options = PathsConfig.model_validate(work.options["paths"])
    count, limit = options.count, work.options["limit"]
    wanted = min(DEFAULT_COUNT if count is None else count, limit or 10**9)
    graph = KnowledgeGraph.open(work.folders["graph"])
    miner = PathMiner(
        graph,
        Overlay.open(work.folders["shatter"], graph),
        synthesis=SynthesisConfig.model_validate(work.options["synthesis"]),
        seed=work.options["seed"],
        language="en",
    )
    mined = miner.mine(options, wanted)
    if count is not None and len(mined.items) < wanted:
        raise RunError(
            f"paths.count asks for {wanted} items, but the graph gives {len(mined.items)} of "
            f"{options.hops[0]} to {options.hops[1]} hops ({_yields(mined.tried)}).",
            remedy=f"Set paths.count to {len(mined.items)} or fewer, or leave it out to take what "
            "there is; cutting fewer hubs, or more hop lengths, gives more.",
        )
    write_shards(out, "items", mined.items)
    write_account(
        out,
        "mine",
        taken=0,
        made=len(mined.items) + len(mined.rejected),
        given=len(mined.items),
        rejected=mined.rejected,
    )


def _yields(tried: Mapping[int, int]) -> str:
    return ", ".join(f"{n} paths of {hops} hops tried" for hops, n in sorted(tried.items()))


# --- rows -------------------------------------------------------------------------------


def make_write(work: Work, out: Path) -> None:
    """Have the teacher write the prose of one shard of items."""
    from pydantic import TypeAdapter

    from kgsynth.config import TeacherConfig
    from kgsynth.synthesis.write import write_items
    from kgsynth.teachers import open_teacher
    from kgsynth.teachers.cache import AnswerCache, CachedTeacher

    teacher = open_teacher(TypeAdapter(TeacherConfig).validate_python(work.options["writer"]))
    cache = AnswerCache(work.output / ANSWERS_FOLDER) if teacher.costly else None
    asked = CachedTeacher(teacher, cache) if cache else teacher
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
        if cache:
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
    from kgsynth.graph.store import KnowledgeGraph
    from kgsynth.linking.matching import NameMatcher
    from kgsynth.verify.check import CheckContext
    from kgsynth.verify.review import review
    from kgsynth.vocabulary import load_vocabulary

    graph = KnowledgeGraph.open(work.folders["graph"])
    names = NameMatcher((name.text, concept) for concept, name in graph.all_names())
    drafts = list(read_lines(work.folders["shard"], Draft))
    kept: list[Draft] = []
    rejected: list[Rejected] = []
    for draft in drafts:
        context = CheckContext.of(
            draft.statements, draft.concepts, load_vocabulary(), names=names, holds=graph.holds
        )
        judged = review(draft, context)
        (kept if isinstance(judged, Draft) else rejected).append(judged)  # type: ignore[arg-type]
    write_lines(out / "drafts.jsonl", kept)
    write_account(out, "verify", taken=len(drafts), given=len(kept), rejected=rejected)


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


# --- the dataset ------------------------------------------------------------------------


def make_dataset(work: Work, out: Path) -> None:
    """Write the whole dataset folder."""
    from kgsynth.export.dataset import write_dataset
    from kgsynth.graph.shatter import Overlay
    from kgsynth.graph.store import KnowledgeGraph
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
        drafts=(_stamped(draft, config) for draft in _drafts(work.folders, "curate")),
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
        report=render_report,
    )


def summary(graph: Any, overlay: Any) -> GraphSummary:
    """Say what a dataset's manifest tells of its graph."""
    sources = graph.manifest.sources
    return GraphSummary(
        content=graph.manifest.content,
        overlay=overlay.report.content,
        sources=tuple(f"{s.name} {s.version}".strip() for s in sources),
        licences=tuple(sorted({s.licence for s in sources if s.licence})),
        released=max((s.released for s in sources), default=""),
        concepts=graph.node_count,
        statements=graph.manifest.statements,
        hubs_removed=len(overlay.report.removed),
    )


def _stamped(draft: Draft, config: BuildConfig) -> Draft:
    """Say in a row's provenance which build file it belongs to."""
    provenance = draft.row.provenance.model_copy(update={"config": config.content_hash()})
    return draft.model_copy(update={"row": draft.row.model_copy(update={"provenance": provenance})})


def _folders(folders: Mapping[str, Path], stage: str) -> list[Path]:
    """Return the folders of a stage, one for each of its shards, in order."""
    named = [name for name in folders if name == stage or name.startswith(f"{stage}:")]
    return [folders[name] for name in named]


def _drafts(folders: Mapping[str, Path], stage: str) -> Iterator[Draft]:
    for folder in _folders(folders, stage):
        yield from read_lines(folder / "drafts.jsonl", Draft)


# --- the list ---------------------------------------------------------------------------


def _named(sources: Any) -> list[dict[str, str]]:
    """Name the sources by kind and file: a file's name is what its items say they come from."""
    return [{"kind": source.kind, "name": Path(source.path).name} for source in sources]


def _paths(sources: Any) -> list[str]:
    return [source.path for source in sources]


VOCABULARY = (locate("ontologies/predicates.yaml"), locate("ontologies/semantic_types.yaml"))
PROMPTS = tuple(sorted((PACKAGE / "synthesis" / "prompts").glob("*.md")))

STAGES: tuple[Stage, ...] = (
    Stage(
        "graph",
        version=1,
        reads=(),
        options=lambda c: {"sources": _named(c.graph.sources)},
        sources=lambda c: _paths(c.graph.sources),
        packaged=VOCABULARY,
        make=make_graph,
    ),
    Stage(
        "questions",
        version=1,
        reads=(),
        options=lambda c: {"sources": _named(c.questions.sources), "limit": c.limit},
        sources=lambda c: _paths(c.questions.sources),
        make=make_questions,
    ),
    Stage("link", version=1, reads=("graph", "questions"), options=lambda c: {}, make=make_link),
    Stage(
        "shatter",
        version=1,
        reads=("graph", "link"),
        options=lambda c: {"shatter": c.graph.shatter.model_dump(mode="json")},
        make=make_shatter,
    ),
    Stage(
        "map",
        version=1,
        reads=("graph", "shatter", "link"),
        options=lambda c: {"qa": c.qa.model_dump(mode="json")},
        make=make_map,
    ),
    Stage(
        "mine",
        version=1,
        reads=("graph", "shatter"),
        options=lambda c: {
            "paths": c.paths.model_dump(mode="json"),
            "synthesis": c.synthesis.model_dump(mode="json", include={"options", "distractors"}),
            "seed": c.seed,
            "limit": c.limit,
        },
        make=make_mine,
    ),
    Stage(
        "write",
        version=1,
        reads=("graph", "shatter"),
        options=lambda c: {"writer": c.teacher.writer.model_dump(mode="json"), "seed": c.seed},
        packaged=(*VOCABULARY, *PROMPTS),
        shards_of=("map", "mine"),
        shard_name="items-*.jsonl",
        make=make_write,
    ),
    Stage(
        "verify",
        version=1,
        reads=("graph",),
        options=lambda c: {},
        packaged=VOCABULARY,
        shards_of=("write",),
        shard_name="drafts.jsonl",
        make=make_verify,
    ),
    Stage(
        "curate",
        version=1,
        reads=("verify",),
        options=lambda c: {
            "split": c.curate.split.model_dump(mode="json"),
            "allow_benchmark_training": c.questions.allow_benchmark_training,
        },
        make=make_curate,
    ),
    Stage(
        "dataset",
        version=1,
        reads=("graph", "shatter", "questions", "map", "mine", "write", "verify", "curate"),
        options=lambda c: {"config": json.loads(c.portable().model_dump_json())},
        make=make_dataset,
    ),
)

BY_NAME = {stage.name: stage for stage in STAGES}
