"""A sound row about lisinopril, made by hand, and ways to damage it."""

from __future__ import annotations

import atexit
import pathlib
from collections.abc import Callable, Iterable
from functools import cache
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

from graph_columns import source

from kgsynth.graph.compile import compile_graph
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.model import (
    Bridge,
    Concept,
    Conclusion,
    Difficulty,
    Draft,
    Evidence,
    Grade,
    Hop,
    Name,
    Option,
    Outcome,
    Path,
    PathNode,
    Provenance,
    Row,
    RowLicence,
    RowQuestion,
    Statement,
    Step,
    Trace,
    Verdict,
    WhyOut,
    row_id,
    statement_id,
)
from kgsynth.verify import CheckContext
from kgsynth.verify.check import Holds
from kgsynth.verify.whole import WholeGraph
from kgsynth.vocabulary import load_vocabulary


def concept(key: str, kind: str, name: str, *more: str, es: str = "") -> Concept:
    names = [Name(text=name, kind="preferred"), *(Name(text=text) for text in more)]
    if es:
        names.append(Name(text=es, language="es", kind="preferred"))
    return Concept(id=f"T:{key}", names=tuple(names), types=(kind,))


def statement(subject: str, predicate: str, obj: str, *, negative: bool = False) -> Statement:
    ends = f"T:{subject}", f"T:{obj}"
    return Statement(
        id=statement_id(ends[0], predicate, ends[1]),
        subject=ends[0],
        predicate=predicate,
        object=ends[1],
        negative=negative,
        sources=("hand",),
    )


CONCEPTS = {
    c.id: c
    for c in (
        concept("hypertension", "disease", "hypertension", "high blood pressure"),
        concept("lisinopril", "drug", "lisinopril", "Zestril", "Prinivil"),
        concept(
            "ace", "protein", "angiotensin-converting enzyme", "ACE", "kininase II",
            es="enzima convertidora de angiotensina",
        ),
        concept("at2", "hormone", "angiotensin II", "Ang II", es="angiotensina II"),
        concept("aldosterone", "hormone", "aldosterone"),
        concept("cortisol", "hormone", "cortisol", "hydrocortisone"),
        concept("epinephrine", "hormone", "epinephrine", "adrenaline"),
        concept("cortex", "anatomy", "adrenal cortex"),
        concept("pregnancy", "disease", "pregnancy"),
        concept("bradykinin", "chemical", "bradykinin"),
    )
}  # fmt: skip

TREATS = statement("lisinopril", "treats", "hypertension")
INHIBITS = statement("lisinopril", "inhibits", "ace")
PRODUCES = statement("ace", "produces", "at2")
CORTEX = statement("cortex", "produces", "aldosterone")
AVOIDED = statement("lisinopril", "contraindicated_in", "pregnancy", negative=True)
INTERACTS = statement("lisinopril", "interacts_with", "bradykinin")
STATEMENTS = (TREATS, INHIBITS, PRODUCES, CORTEX, AVOIDED, INTERACTS)


def node(key: str) -> PathNode:
    found = CONCEPTS[f"T:{key}"]
    aliases = tuple(n.text for n in found.names if n.text != found.name())
    return PathNode(id=found.id, name=found.name(), aliases=aliases, types=found.types)


def hop(cited: Statement, *, forward: bool = True) -> Hop:
    return Hop(
        predicate=cited.predicate, forward=forward, statements=(cited.id,), sources=("hand",)
    )


def option(label: str, key: str, out: WhyOut | None) -> Option:
    found = CONCEPTS[f"T:{key}"]
    return Option(label=label, text=found.name(), concept=found.id, why_out=out)


EASY = WhyOut(reason="easy-negative", grade=Grade.ABSENT)
HARD = WhyOut(
    reason="hard-negative", grade=Grade.ABSENT, sibling="T:cortex", statements=(CORTEX.id,)
)
NOT_SAID = "The graph holds no statement that angiotensin-converting enzyme produces aldosterone."


def path_row(**changes: Any) -> Row:
    """Return hypertension <- lisinopril -> ACE -> angiotensin II, as a path row."""
    question = RowQuestion(
        stem=(
            "Hypertension is treated with a drug, X. X inhibits a protein, Y. "
            "Y produces which of these hormones?"
        ),
        options=(
            option("A", "cortisol", EASY),
            option("B", "at2", None),
            option("C", "aldosterone", HARD),
            option("D", "epinephrine", EASY),
        ),
        key="B",
    )
    path = Path(
        nodes=tuple(node(key) for key in ("hypertension", "lisinopril", "ace", "at2")),
        hops=(hop(TREATS, forward=False), hop(INHIBITS), hop(PRODUCES)),
    )
    trace = Trace(
        steps=(
            Step(text="First, hypertension is treated with lisinopril.", cites=(TREATS.id,)),
            Step(
                text="Lisinopril inhibits angiotensin-converting enzyme.",
                cites=(INHIBITS.id,),
                needs=(0,),
            ),
            Step(
                text="In turn, angiotensin-converting enzyme (ACE) produces angiotensin II.",
                cites=(PRODUCES.id,),
                needs=(1,),
            ),
            Step(
                kind="rule-out",
                text=f"Adrenal cortex produces aldosterone. {NOT_SAID}",
                cites=(CORTEX.id,),
                needs=(2,),
                option="C",
                grade=Grade.ABSENT,
            ),
        ),
        conclusion=Conclusion(text="So the answer is angiotensin II.", needs=(0, 1, 2), answer="B"),
    )
    row = Row(
        id="",
        kind="path",
        language="en",
        origin="test",
        origin_split="none",
        question=question,
        path=path,
        bridges=tuple(
            Bridge(id=f"T:{key}", hidden=tuple(n.text for n in CONCEPTS[f"T:{key}"].names))
            for key in ("lisinopril", "ace")
        ),
        trace=trace,
        evidence=(Evidence(text="Lisinopril blocks ACE.", statements=(INHIBITS.id,)),),
        difficulty=Difficulty(hops=3, degrees=(2, 3, 2, 1)),
        provenance=Provenance(
            graph="g", overlay="o", config="c", prompt="p", teacher="hand", settings="{}",
            requests=(), seed=7,
        ),
        licence=RowLicence(names=()),
        groups=("T:at2",),
        split="train",
    )  # fmt: skip
    return renamed(row.model_copy(update=changes))


def renamed(row: Row) -> Row:
    """Return the row with the id that its content asks for."""
    wanted = row_id(row.kind, row.language, row.question, row.path)
    return row.model_copy(update={"id": wanted})


def with_step(row: Row, at: int, **changes: Any) -> Row:
    """Return the row with one step changed."""
    steps = list(row.trace.steps)
    steps[at] = steps[at].model_copy(update=changes)
    return row.model_copy(update={"trace": row.trace.model_copy(update={"steps": tuple(steps)})})


def with_conclusion(row: Row, **changes: Any) -> Row:
    """Return the row with its conclusion changed."""
    conclusion = row.trace.conclusion.model_copy(update=changes)
    return row.model_copy(update={"trace": row.trace.model_copy(update={"conclusion": conclusion})})


def with_question(row: Row, **changes: Any) -> Row:
    """Return the row with its question changed, under its new id."""
    question = row.question.model_copy(update=changes)
    return renamed(row.model_copy(update={"question": question}))


def with_option(row: Row, at: int, **changes: Any) -> Row:
    """Return the row with one option changed, under its new id."""
    options = list(row.question.options)
    options[at] = options[at].model_copy(update=changes)
    return with_question(row, options=tuple(options))


def with_hop(row: Row, at: int, **changes: Any) -> Row:
    """Return the row with one hop changed, under its new id."""
    hops = list(row.path.hops)
    hops[at] = hops[at].model_copy(update=changes)
    return renamed(
        row.model_copy(update={"path": row.path.model_copy(update={"hops": tuple(hops)})})
    )


def with_node(row: Row, at: int, new: PathNode) -> Row:
    """Return the row with one concept of its path swapped, under its new id."""
    nodes = list(row.path.nodes)
    nodes[at] = new
    return renamed(
        row.model_copy(update={"path": row.path.model_copy(update={"nodes": tuple(nodes)})})
    )


def held(subject: str, predicate: str, obj: str) -> bool | None:
    """Answer as a whole graph that is made of `STATEMENTS`."""
    return statement_id(subject, predicate, obj) in {s.id for s in STATEMENTS}


def context(
    *,
    statements: Iterable[Statement] = STATEMENTS,
    concepts: Iterable[Concept] = tuple(CONCEPTS.values()),
    holds: Holds | None = held,
) -> CheckContext:
    """Return what the checks look at beside the row; without ``holds``, the files alone."""
    return CheckContext.of(
        statements,
        concepts,
        load_vocabulary(),
        holds=holds,
        whole=whole() if holds is not None else None,
    )


@cache
def store() -> KnowledgeGraph:
    """Compile `CONCEPTS` and `STATEMENTS` into a graph; it goes with the process."""
    folder = pathlib.Path(mkdtemp())
    atexit.register(rmtree, folder, ignore_errors=True)
    columns = source(
        "hand",
        [(c.id, c.types) for c in CONCEPTS.values()],
        [(s.subject, s.predicate, s.object, "") for s in STATEMENTS],
        names=[(c.id, n.text, n.language, n.kind) for c in CONCEPTS.values() for n in c.names],
    )
    compile_graph([columns], folder)
    return KnowledgeGraph.open(folder)


@cache
def whole() -> WholeGraph:
    """Answer for all of that graph."""
    return WholeGraph(store(), hubs=())


def draft(row: Row) -> Draft:
    """Return the row with what stands behind it."""
    return Draft(row=row, statements=STATEMENTS, concepts=tuple(CONCEPTS.values()))


def outcomes(verdicts: Iterable[Verdict], *wanted: Outcome) -> dict[str, str]:
    """Return the details of the verdicts with some outcomes, by check."""
    return {v.check: v.detail for v in verdicts if v.outcome in wanted}


Damage = Callable[[Row], Row]
