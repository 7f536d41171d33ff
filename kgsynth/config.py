"""The build file: every option of a run, parsed strictly.

An unknown key names the key, the file, the line and the nearest key that exists. A key
whose room of the house is not built yet is refused by `refuse_unbuilt`, never ignored.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from kgsynth.errors import ConfigError, KgsynthError, NotBuiltError
from kgsynth.model import Language
from kgsynth.resources import resolve
from kgsynth.sections import Choices, Number, Section, SourcePath, Switch, Whole
from kgsynth.seeding import digest
from kgsynth.source_options import GraphSource, SourceOptions

# --- graph ------------------------------------------------------------------------------

QuestionKind = Literal["medqa", "medmcqa", "pubmedqa", "mmlu", "mirage", "jsonl"]
Rule = Literal["top_k", "over_k", "adaptive_top_k"]
Score = Literal["degree", "degree_in_type", "relation_entropy", "shortcut_load"]


class Protect(Section):
    """What shattering must leave alone."""

    concepts: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    answers: Switch = True
    """Protect the answers of the question sets."""


class Shatter(Section):
    """Which generic hubs go."""

    rule: Rule = "top_k"
    k: Annotated[Whole, Field(ge=0)] = 50
    score: Score = "degree_in_type"
    protect: Protect = Protect()

    @model_validator(mode="after")
    def _counts_degrees(self) -> Shatter:
        if self.rule == "adaptive_top_k" and self.score != "degree":
            raise ValueError(f"the rule adaptive_top_k counts degrees, not {self.score}")
        return self


class GraphConfig(Section):
    """Where the graph comes from and how it is cut."""

    sources: Annotated[tuple[GraphSource, ...], Field(min_length=1)]
    shatter: Shatter = Shatter()


# --- questions and paths ----------------------------------------------------------------


class QuestionSource(Section):
    """One QA set to read."""

    kind: QuestionKind
    path: SourcePath


class QuestionsConfig(Section):
    """The QA sets to turn into thinking paths."""

    sources: tuple[QuestionSource, ...] = ()
    allow_benchmark_training: Switch = False
    """Let test and dev parts of a QA set enter the train split; the card says so."""


class QaConfig(Section):
    """How a question is mapped onto paths."""

    min_hops: Annotated[Whole, Field(ge=1, le=5)] = 2
    max_hops: Annotated[Whole, Field(ge=1, le=5)] = 4

    @model_validator(mode="after")
    def _in_order(self) -> QaConfig:
        if self.min_hops > self.max_hops:
            raise ValueError(f"min_hops {self.min_hops} is more than max_hops {self.max_hops}")
        return self


class PathsConfig(Section):
    """Which paths become questions."""

    hops: tuple[Annotated[Whole, Field(ge=2, le=5)], Annotated[Whole, Field(ge=2, le=5)]] = (2, 5)
    count: Annotated[Whole, Field(ge=0)] | None = None
    """Exactly this many, or the run fails and says how many there are. Left out: what the graph
    gives, up to 1,000. 0: questions only."""
    coverage: Literal["rare-first", "none"] = "rare-first"
    turn_back: bool = False
    """Take paths that go along a relation and straight back: cough, a sign of asthma, a sign of
    bronchitis. They say no more than that two concepts share a neighbour."""

    @model_validator(mode="after")
    def _in_order(self) -> PathsConfig:
        if self.hops[0] > self.hops[1]:
            raise ValueError(f"hops {list(self.hops)} must be [fewest, most]")
        return self


# --- writing ----------------------------------------------------------------------------


class DistractorsConfig(Section):
    """How sure it must be that a wrong option is wrong."""

    grade: Literal["contradicted", "closed", "absent"] = "absent"


class SynthesisConfig(Section):
    """What an item looks like."""

    options: Annotated[Whole, Field(ge=4, le=10)] = 4
    forms: Annotated[Choices[Literal["closed", "open"]], Field(min_length=1)] = (
        "closed",
        "open",
    )
    languages: Annotated[Choices[Language], Field(min_length=1)] = ("en",)
    trace: Literal["chain", "dag"] = "chain"
    distractors: DistractorsConfig = DistractorsConfig()


class ScriptedTeacherConfig(Section):
    """The built-in teacher: deterministic, no model."""

    kind: Literal["scripted"] = "scripted"
    delay: Annotated[Number, Field(ge=0, le=3600)] = 0.0
    """Seconds to wait before each answer, to stand in for a slow server."""


def _http(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"{url!r} is not an http(s) address")
    return url


class OpenAITeacherConfig(Section):
    """Any OpenAI-compatible server. Its key comes from the environment, never from here."""

    kind: Literal["openai"]
    base_urls: Annotated[tuple[Annotated[str, AfterValidator(_http)], ...], Field(min_length=1)]
    model: str
    temperature: Annotated[Number, Field(ge=0, le=2)] = 0.7


class EngineTeacherConfig(Section):
    """Batch files, or a vLLM engine run as a child process."""

    kind: Literal["batch", "vllm"]
    model: str
    temperature: Annotated[Number, Field(ge=0, le=2)] = 0.7


def _scripted_by_default(value: Any) -> Any:
    return {"kind": "scripted", **value} if isinstance(value, dict) else value


TeacherConfig = Annotated[
    ScriptedTeacherConfig | OpenAITeacherConfig | EngineTeacherConfig,
    Field(discriminator="kind"),
    BeforeValidator(_scripted_by_default),
]


class Budget(Section):
    """Where spending stops."""

    tokens: Annotated[Whole, Field(gt=0)] | None = None
    money: Annotated[Number, Field(gt=0)] | None = None


class TeachersConfig(Section):
    """Who writes, who verifies, and what it may cost."""

    writer: TeacherConfig = ScriptedTeacherConfig()
    verifier: TeacherConfig = ScriptedTeacherConfig()
    budget: Budget = Budget()


# --- checking, selecting, writing out ---------------------------------------------------


class Rederive(Section):
    """How many readings of a trace must reach the key."""

    need: Annotated[Whole, Field(ge=1)]
    of: Annotated[Whole, Field(ge=1)]

    @model_validator(mode="after")
    def _possible(self) -> Rederive:
        if self.need > self.of:
            raise ValueError(f"need {self.need} is more than of {self.of}")
        return self


class VerifyConfig(Section):
    """Checks that have a choice in them."""

    rederive: Rederive | None = None


class SplitConfig(Section):
    """Which rows go where."""

    by: Literal["hops"] = "hops"
    train: Choices[Whole] = (1, 2, 3)
    test: Choices[Whole] = (4, 5)

    @model_validator(mode="after")
    def _apart(self) -> SplitConfig:
        both = sorted(set(self.train) & set(self.test))
        if both:
            raise ValueError(f"hops {both} stand in train and in test")
        return self


class CurateConfig(Section):
    """How rows are selected."""

    split: SplitConfig = SplitConfig()
    contamination: tuple[str, ...] = ()
    """Benchmarks, as JSONL, that no row may share a long run of words or a path with."""


Form = Literal["sft", "dpo", "rl", "kto", "prm"]
Target = Literal["trl", "verl", "openrlhf", "llama-factory", "axolotl", "ms-swift"]


class ExportConfig(Section):
    """What is written for the trainers."""

    forms: Annotated[Choices[Form], Field(min_length=1)] = ("sft", "dpo", "rl")
    targets: Choices[Target] = ("trl",)
    shard_rows: Annotated[Whole, Field(ge=1)] = 50_000
    reasoning: Literal["inline", "reasoning_content", "thinking"] = "inline"
    """Where the thinking goes in a message: ``<think>`` in the text, or a field beside it."""


class LicenceConfig(Section):
    """Sources that restrict use export ids only, until they are named here."""

    accept: tuple[str, ...] = ()


class RunConfig(Section):
    """How the run is carried out; nothing here changes a byte of the result."""

    runner: Literal["local", "ray"] = "local"
    workers: Annotated[Whole, Field(ge=1)] = 2


RUN_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"


class BuildConfig(Section):
    """A whole build file."""

    name: Annotated[str, Field(pattern=RUN_NAME)] = "dataset"
    seed: Whole = 7
    limit: Annotated[Whole, Field(ge=1)] | None = None
    """Keep at most this many questions and this many paths: for a quick look."""
    graph: GraphConfig
    questions: QuestionsConfig = QuestionsConfig()
    qa: QaConfig = QaConfig()
    paths: PathsConfig = PathsConfig()
    synthesis: SynthesisConfig = SynthesisConfig()
    teacher: TeachersConfig = TeachersConfig()
    verify: VerifyConfig = VerifyConfig()
    curate: CurateConfig = CurateConfig()
    export: ExportConfig = ExportConfig()
    licence: LicenceConfig = LicenceConfig()
    run: RunConfig = RunConfig()

    def benchmarks(self) -> list[QuestionSource]:
        """Return the question sets that no row may repeat."""
        return [QuestionSource(kind="jsonl", path=path) for path in self.curate.contamination]

    def is_read(self, benchmark: QuestionSource) -> bool:
        """Tell whether a benchmark is itself one of the sets that rows are made from."""
        own = {Path(source.path).resolve() for source in self.questions.sources}
        return Path(benchmark.path).resolve() in own

    def portable(self) -> BuildConfig:
        """Return the build file without what differs between machines: folders and workers.

        Inputs are known by the hash of what they hold, not by where they lay.
        """

        def named(source: Any) -> Any:
            return source.model_copy(update={"path": file_name(source)})

        contamination = tuple(Path(path).name for path in self.curate.contamination)
        curate = self.curate.model_copy(update={"contamination": contamination})
        return _with_sources(self, named).model_copy(update={"curate": curate, "run": RunConfig()})

    def content_hash(self) -> str:
        """Hash all that may change the result; where and how the run goes does not count."""
        return digest(self.portable().model_dump(mode="json"))


def is_address(source: SourceOptions | QuestionSource) -> bool:
    """Tell whether a source is a server, and not a file or folder."""
    return source.kind == "neo4j" and "://" in source.path


def file_name(source: SourceOptions | QuestionSource) -> str:
    """Return what a source's file is called; where it lay, or which server it was, is not told."""
    return "server" if is_address(source) else Path(source.path).resolve().name


def with_paths_beside(config: BuildConfig, folder: Path) -> BuildConfig:
    """Read the relative paths of a build file as relative to the folder it lies in."""

    def placed(source: Any) -> Any:
        if is_address(source):
            return source
        return source.model_copy(update={"path": str(placed_path(source.path, folder))})

    benchmarks = tuple(str(placed_path(path, folder)) for path in config.curate.contamination)
    curate = config.curate.model_copy(update={"contamination": benchmarks})
    return _with_sources(config, placed).model_copy(update={"curate": curate})


def placed_path(path: str, folder: Path) -> Path:
    """Find what a path of the build file, or of the command line, means in a folder."""
    try:
        return resolve(path, folder)
    except KgsynthError:
        raise ConfigError(
            f"kgsynth holds no packaged data {path!r}.",
            remedy="Check the spelling, as in kgsynth:ontologies/mini.",
        ) from None
    except RuntimeError:
        raise ConfigError(
            f"{path!r} begins with the home folder of nobody here.",
            remedy="Write the path in full.",
        ) from None


def _with_sources(config: BuildConfig, changed: Callable[[Any], Any]) -> BuildConfig:
    graph = config.graph.model_copy(
        update={"sources": tuple(changed(s) for s in config.graph.sources)}
    )
    questions = config.questions.model_copy(
        update={"sources": tuple(changed(s) for s in config.questions.sources)}
    )
    return config.model_copy(update={"graph": graph, "questions": questions})


# --- what is not built yet --------------------------------------------------------------

BUILT: dict[str, frozenset[str]] = {
    "questions.sources.kind": frozenset({"jsonl"}),
    "synthesis.languages": frozenset({"en"}),
    "synthesis.trace": frozenset({"chain"}),
    "teacher.writer.kind": frozenset({"scripted"}),
    "teacher.verifier.kind": frozenset({"scripted"}),
    "teacher.budget": frozenset(),
    "export.forms": frozenset({"sft", "dpo", "rl"}),
    "export.targets": frozenset({"trl"}),
    "run.runner": frozenset({"local"}),
}
"""Keys with a choice that is not built in full, and the choices that are. An empty set: the
key can only be left at its default."""


def refuse_unbuilt(config: BuildConfig) -> None:
    """Refuse a key whose room is not built yet, by name."""
    asked: dict[str, list[str]] = {
        "questions.sources.kind": [s.kind for s in config.questions.sources],
        "synthesis.languages": list(config.synthesis.languages),
        "synthesis.trace": [config.synthesis.trace],
        "teacher.writer.kind": [config.teacher.writer.kind],
        "teacher.verifier.kind": [config.teacher.verifier.kind],
        "teacher.budget": [] if config.teacher.budget == Budget() else ["a limit"],
        "export.forms": list(config.export.forms),
        "export.targets": list(config.export.targets),
        "run.runner": [config.run.runner],
    }
    for key, values in asked.items():
        for value in values:
            if value not in BUILT[key]:
                usable = sorted(BUILT[key])
                remedy = f"Use {' or '.join(usable)}." if usable else "Leave the key out for now."
                raise NotBuiltError(
                    f"{key}: {value!r} is part of the plan but not built yet.", remedy=remedy
                )
