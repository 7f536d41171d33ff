"""The stages in order: what each reads, its options and its version.

A stage's work sees only what its key covers: the options in its task and the folders of the
parts it was given. Its ``version`` goes up when its output changes for the same inputs; a
golden test fails when one changes and the other does not.
"""

from __future__ import annotations

from typing import Any

from kgsynth.config import BuildConfig, file_name, is_address
from kgsynth.pipeline.items import (
    make_graph,
    make_link,
    make_map,
    make_mine,
    make_questions,
    make_shatter,
)
from kgsynth.pipeline.rows import make_curate, make_dataset, make_verify, make_write
from kgsynth.pipeline.task import Stage
from kgsynth.resources import PACKAGE, locate


def _named(sources: Any) -> list[dict[str, Any]]:
    """Name the sources by kind and file: a file's name is what its items say they come from."""
    return [{"kind": source.kind, "name": file_name(source)} for source in sources]


def _with_options(sources: Any) -> list[dict[str, Any]]:
    """Say all that decides how the graphs are read; of a server, also where it is."""
    return [
        {
            "file": file_name(source),
            **source.model_dump(mode="json", exclude=None if is_address(source) else {"path"}),
        }
        for source in sources
    ]


def _accepted(config: BuildConfig) -> dict[str, Any]:
    """Say whose words may be used, beside those of sources that are free."""
    return {"accept": sorted(config.licence.accept)}


def _rereading(config: BuildConfig) -> dict[str, Any]:
    """Say who reads the traces again, where anybody does."""
    if config.verify.rederive is None:
        return {}
    return {
        "rederive": config.verify.rederive.model_dump(mode="json"),
        "verifier": config.teacher.verifier.model_dump(mode="json"),
        "seed": config.seed,
    }


VOCABULARY = (locate("ontologies/predicates.yaml"), locate("ontologies/semantic_types.yaml"))
PROMPTS = tuple(sorted((PACKAGE / "synthesis" / "prompts").glob("*.md")))

STAGES: tuple[Stage, ...] = (
    Stage(
        "graph",
        version=3,
        reads=(),
        options=lambda c: {"sources": _with_options(c.graph.sources)},
        sources=lambda c: list(c.graph.sources),
        packaged=VOCABULARY,
        make=make_graph,
    ),
    Stage(
        "questions",
        version=1,
        reads=(),
        options=lambda c: {"sources": _named(c.questions.sources), "limit": c.limit},
        sources=lambda c: list(c.questions.sources),
        make=make_questions,
    ),
    Stage(
        "link",
        version=1,
        reads=("graph", "questions"),
        options=lambda c: {},
        make=make_link,
    ),
    Stage(
        "shatter",
        version=3,
        reads=("graph", "link"),
        options=lambda c: {"shatter": c.graph.shatter.model_dump(mode="json"), **_accepted(c)},
        make=make_shatter,
    ),
    Stage(
        "map",
        version=3,
        reads=("graph", "shatter", "link"),
        options=lambda c: {"qa": c.qa.model_dump(mode="json"), **_accepted(c)},
        make=make_map,
    ),
    Stage(
        "mine",
        version=6,
        reads=("graph", "shatter"),
        options=lambda c: {
            "paths": c.paths.model_dump(mode="json"),
            "synthesis": c.synthesis.model_dump(mode="json", include={"options", "distractors"}),
            "seed": c.seed,
            "limit": c.limit,
            **_accepted(c),
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
        version=2,
        reads=("graph", "shatter"),
        options=lambda c: {
            "grade": c.synthesis.distractors.grade,
            **_rereading(c),
            "benchmarks": [{"name": file_name(b), "own": c.is_read(b)} for b in c.benchmarks()],
        },
        sources=lambda c: c.benchmarks(),
        packaged=(
            *VOCABULARY,
            locate("ontologies/cues.yaml"),
            PACKAGE / "verify" / "prompts" / "reading.md",
        ),
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
        version=3,
        reads=("graph", "shatter", "questions", "map", "mine", "write", "verify", "curate"),
        packaged=(*VOCABULARY, PACKAGE / "report" / "report.html.j2"),
        options=lambda c: {"config": c.portable().model_dump(mode="json")},
        make=make_dataset,
    ),
)

BY_NAME = {stage.name: stage for stage in STAGES}
