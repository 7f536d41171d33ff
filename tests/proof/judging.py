"""Measure the checks on the frozen sets: each case becomes a row, and the checks judge it."""

from __future__ import annotations

import atexit
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any, NamedTuple

from sets import FROZEN, HALVES, Half, cases

from kgsynth.graph.compile import compile_graph
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.linking.matching import NameMatcher
from kgsynth.model import (
    Bridge,
    Conclusion,
    Difficulty,
    Hop,
    Option,
    Outcome,
    PathNode,
    Provenance,
    Row,
    RowLicence,
    RowQuestion,
    Step,
    Trace,
    statement_id,
)
from kgsynth.model import Path as RowPath
from kgsynth.resources import locate
from kgsynth.sources import read_source
from kgsynth.verify import CHECKS
from kgsynth.verify.check import CheckContext
from kgsynth.verify.whole import WholeGraph
from kgsynth.vocabulary import load_vocabulary

FIGURES = {
    "leaks, recall": 0.98,
    "leaks, precision": 0.95,
    "false steps, caught": 0.95,
    "true steps, refused": 0.02,
    "broken traces, caught": 0.99,
    "sound traces, refused": 0.01,
}
"""What is asked of the unseen halves."""

Case = Mapping[str, Any]
Triple = Sequence[str]


# --- the graphs ----------------------------------------------------------------------------------


class Beside(NamedTuple):
    """A graph, and what the checks may look at of it."""

    graph: KnowledgeGraph
    whole: WholeGraph
    context: CheckContext


@cache
def beside(name: str) -> Beside:
    """Compile the mini or the demo graph; its statements are all at hand."""
    folder = Path(mkdtemp())
    atexit.register(rmtree, folder, ignore_errors=True)
    compile_graph([read_source("tables", locate(f"ontologies/{name}"))], folder)
    graph = KnowledgeGraph.open(folder)
    whole = WholeGraph(graph, hubs=())
    context = CheckContext.of(
        [graph.statement(edge) for edge in range(graph.manifest.statements)],
        [graph.concept(code) for code in range(graph.node_count)],
        load_vocabulary(),
        names=NameMatcher((n.text, concept) for concept, n in graph.all_names()),
        holds=graph.holds,
        whole=whole,
    )
    return Beside(graph, whole, context)


# --- cases as rows -------------------------------------------------------------------------------


def node(graph: KnowledgeGraph, concept: str) -> PathNode:
    held = graph.concept(graph.code(concept))
    aliases = tuple(n.text for n in held.names if n.text != held.name())
    return PathNode(id=concept, name=held.name(), aliases=aliases, types=held.types)


def cited_id(triple: Triple, context: CheckContext) -> str:
    """Return the id of a statement; the graph may hold a symmetric one the other way round."""
    subject, predicate, obj = triple
    ids = statement_id(subject, predicate, obj), statement_id(obj, predicate, subject)
    return next(one for one in ids if one in context.statements)


def hop(triple: Triple, start: str, context: CheckContext) -> Hop:
    cited = cited_id(triple, context)
    forward = context.statements[cited].subject == start
    return Hop(predicate=triple[1], forward=forward, statements=(cited,), sources=("x",))


def path_of(held: Beside, nodes: Sequence[str], triples: Sequence[Triple]) -> RowPath:
    hops = tuple(hop(t, start, held.context) for t, start in zip(triples, nodes, strict=False))
    return RowPath(nodes=tuple(node(held.graph, n) for n in nodes), hops=hops)


def row(**changes: Any) -> Row:
    """Return a row of which only what is given matters."""
    nothing = Trace(steps=(), conclusion=Conclusion(text="", needs=(), answer="A"))
    whole: dict[str, Any] = {
        "id": "0" * 32,
        "kind": "path",
        "language": "en",
        "origin": "proof",
        "origin_split": "none",
        "question": RowQuestion(stem="", options=(), key="A"),
        "path": RowPath(nodes=(), hops=()),
        "trace": nothing,
        "difficulty": Difficulty(hops=1, degrees=()),
        "provenance": Provenance(
            graph="", overlay="", config="", prompt="", teacher="", settings="{}", requests=(),
            seed=0,
        ),
        "licence": RowLicence(names=()),
        "groups": (),
    }  # fmt: skip
    return Row(**{**whole, **changes})


def leak_row(case: Case) -> Row:
    graph = beside(case["graph"]).graph
    hidden = node(graph, case["concept"])
    options = tuple(Option(label="ABCD"[at], text=t) for at, t in enumerate(case["options"]))
    if case["check"] == "bridge-leak":
        names = beside(case["graph"]).whole.names_of_kin(case["concept"])
        bridges = (Bridge(id=hidden.id, hidden=names),)
        question = RowQuestion(stem=case["stem"], options=options, key="A")
        return row(language=case["language"], question=question, bridges=bridges)
    key = Option(label="A", text=hidden.name, concept=hidden.id)
    question = RowQuestion(stem=case["stem"], options=(key,), key="A")
    path = RowPath(nodes=(hidden,), hops=())
    return row(language=case["language"], question=question, path=path)


def step_row(case: Case) -> Row:
    held = beside(case["graph"])
    cites = [tuple(triple) for triple in case["cites"]]
    paths = [path_of(held, (triple[0], triple[2]), [triple]) for triple in cites]
    cited = tuple(cited_id(triple, held.context) for triple in cites)
    # The other paths are shown, so that every cited statement is on one of them.
    trace = Trace(
        steps=(Step(text=case["text"], cites=cited),),
        conclusion=Conclusion(text="", needs=(0,), answer="A"),
    )
    return row(
        kind="qa",
        language=case["language"],
        path=paths[0],
        further_paths=tuple(paths[1:]),
        trace=trace,
    )


def trace_row(case: Case) -> Row:
    held = beside(case["graph"])
    asked = case["question"]
    options = tuple(
        Option(label=o["label"], text=o["text"], concept=o["concept"]) for o in asked["options"]
    )
    path = path_of(held, case["path"]["nodes"], [h["statement"] for h in case["path"]["hops"]])
    steps = tuple(
        Step(
            text=s["text"],
            cites=tuple(cited_id(triple, held.context) for triple in s["cites"]),
            needs=tuple(s["needs"]),
        )
        for s in case["steps"]
    )
    said = case["conclusion"]
    conclusion = Conclusion(text=said["text"], needs=tuple(said["needs"]), answer=said["answer"])
    return row(
        kind="qa",
        language=case["language"],
        question=RowQuestion(stem=asked["stem"], options=options, key=asked["key"]),
        path=path,
        trace=Trace(steps=steps, conclusion=conclusion),
    )


# --- what the checks say -------------------------------------------------------------------------


class Said(NamedTuple):
    """A case and what was found."""

    case: Case
    outcome: Outcome
    detail: str


def judged(case: Case, made: Callable[[Case], Row], checks: Iterable[str]) -> Said:
    """Run some checks on a case: a fault counts first, then what could not be checked."""
    context = beside(case["graph"]).context
    verdicts = [CHECKS[check].run(made(case), context) for check in checks]
    for outcome in (Outcome.FAILED, Outcome.COULD_NOT_CHECK):
        for verdict in verdicts:
            if verdict.outcome is outcome:
                return Said(case, outcome, f"{verdict.check}: {verdict.detail}")
    return Said(case, Outcome.PASSED, "")


def leaks(half: Half | None, *names: str) -> list[Said]:
    found = [case for name in names for case in cases(name, half)]
    return [judged(case, leak_row, (case["check"],)) for case in found]


def steps(half: Half | None, name: str) -> list[Said]:
    return [judged(case, step_row, ("grounding",)) for case in cases(name, half)]


def traces(half: Half | None, *, sound: bool) -> list[Said]:
    found = (case for case in cases("traces", half) if case["sound"] is sound)
    return [judged(case, trace_row, ("grounding", "order", "answer")) for case in found]


def share(said: Sequence[Said], outcome: Outcome) -> float:
    return sum(s.outcome is outcome for s in said) / len(said)


def figures(half: Half | None) -> dict[str, float]:
    """Measure one half of every set."""
    found: dict[str, float] = {}
    if "leaks" in FROZEN:
        leaking = leaks(half, "leaks")
        found["leaks, recall"] = share(leaking, Outcome.FAILED)
    if "not_leaks" in FROZEN:
        clean = leaks(half, "not_leaks")
        caught, wrongly = (sum(s.outcome is Outcome.FAILED for s in x) for x in (leaking, clean))
        found["leaks, precision"] = caught / max(1, caught + wrongly)
    for name in [name for name in ("false_steps", "true_steps") if name in FROZEN]:
        said, word = steps(half, name), name.replace("_", " ")
        verb = "caught" if name == "false_steps" else "refused"
        found[f"{word}, {verb}"] = share(said, Outcome.FAILED)
        found[f"{word}, could not check"] = share(said, Outcome.COULD_NOT_CHECK)
        found[f"{word}, passed"] = share(said, Outcome.PASSED)
    found["broken traces, caught"] = share(traces(half, sound=False), Outcome.FAILED)
    found["sound traces, refused"] = share(traces(half, sound=True), Outcome.FAILED)
    return found


def by_kind(said: Iterable[Said]) -> dict[str, Counter[str]]:
    """Count outcomes by how a case was made."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for one in said:
        found[one.case["how"]][one.outcome.value] += 1
    return dict(sorted(found.items()))


def lines() -> Iterator[str]:
    """Print both halves beside what is asked."""
    measured = {half: figures(half) for half in HALVES}
    yield f"{'':32}{'seen':>8}{'unseen':>8}{'asked':>8}"
    for name in measured["seen"]:
        asked = FIGURES.get(name)
        told = "".join(f"{measured[half][name]:8.3f}" for half in HALVES)
        yield f"{name:32}{told}{'' if asked is None else f'{asked:8.2f}'}"


if __name__ == "__main__":
    for line in lines():
        print(line)
