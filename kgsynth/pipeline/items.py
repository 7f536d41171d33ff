"""The work of the stages that end with items: graph, questions, links, hubs, paths.

Rooms are imported where the work is done, so that a build that has nothing to do starts fast.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from kgsynth.config import PathsConfig, QaConfig, Shatter, SynthesisConfig
from kgsynth.errors import RunError, count_of
from kgsynth.model import Item, LinkedQuestion, Question, Rejected
from kgsynth.pipeline.lines import read_lines, write_account, write_lines, write_shards
from kgsynth.pipeline.task import Work

if TYPE_CHECKING:
    from kgsynth.paths.mine import Mined

DEFAULT_COUNT = 1000
"""Path items of a build file that does not say how many."""


def make_graph(work: Work, out: Path) -> str:
    """Compile the sources into a store."""
    from kgsynth.graph.compile import compile_graph
    from kgsynth.source_options import SOURCE
    from kgsynth.sources import read_source

    columns = []
    for number, said in enumerate(work.options["sources"]):
        path = str(work.folders.get(f"source:{number}", said.get("path")))
        options = {key: value for key, value in said.items() if key != "file"}
        source = SOURCE.validate_python({**options, "path": path})
        columns.append(read_source(source.kind, path, source))
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
    matcher = NameMatcher(graph.names_to_link() if questions else ())
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
    graph = KnowledgeGraph.open(work.folders["graph"], accept=work.options["accept"])
    return shatter(graph, options, out, answers=sorted(answers)).content


def make_map(work: Work, out: Path) -> None:
    """Map questions onto paths."""
    from kgsynth.graph.overlay import Overlay
    from kgsynth.graph.store import KnowledgeGraph
    from kgsynth.paths.answers import AnswerMapper

    graph = KnowledgeGraph.open(work.folders["graph"], accept=work.options["accept"])
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
    from kgsynth.graph.overlay import Overlay
    from kgsynth.graph.store import KnowledgeGraph
    from kgsynth.paths.mine import PathMiner
    from kgsynth.pipeline.lacking import what_is_lacking

    options = PathsConfig.model_validate(work.options["paths"])
    count, limit = options.count, work.options["limit"]
    wanted = min(DEFAULT_COUNT if count is None else count, limit or 10**9)
    graph = KnowledgeGraph.open(work.folders["graph"], accept=work.options["accept"])
    miner = PathMiner(
        graph,
        Overlay.open(work.folders["shatter"], graph),
        synthesis=SynthesisConfig.model_validate(work.options["synthesis"]),
        seed=work.options["seed"],
        language="en",
    )
    mined = miner.mine(options, wanted)
    if count is not None and len(mined.items) < wanted:
        raise _too_few(wanted, options, mined, what_is_lacking(graph))
    write_shards(out, "items", mined.items)
    write_account(
        out,
        "mine",
        taken=0,
        made=len(mined.items) + len(mined.rejected),
        given=len(mined.items),
        rejected=mined.rejected,
    )


def _too_few(wanted: int, options: PathsConfig, mined: Mined, lacking: str) -> RunError:
    """Say how many items there are of those that were asked for, and what would give more."""
    fewest, most = options.hops
    hops = count_of(most, "hop") if fewest == most else f"{fewest} to {most} hops"
    return RunError(
        f"paths.count asks for {count_of(wanted, 'item')}, but the graph gives "
        f"{len(mined.items):,} of {hops} ({_yields(mined)}).",
        remedy=lacking
        or f"Set paths.count to {len(mined.items)} or fewer, or leave it out to take what there "
        "is; cutting fewer hubs, or more hop lengths, gives more.",
    )


def _yields(mined: Mined) -> str:
    """Say how many paths were tried, and why most were turned away."""
    tried = [
        f"{count_of(n, 'path')} of {count_of(hops, 'hop')} tried"
        for hops, n in sorted(mined.tried.items())
    ]
    reasons = Counter(rejected.code for rejected in mined.rejected).most_common(1)
    most = [f"most often turned away: {code} ({n})" for code, n in reasons]
    return ", ".join(tried + most) or "no path to try"
