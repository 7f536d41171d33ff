"""Rows, drafts and a whole small dataset for the tests of curation, export and report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path as FilePath
from typing import Any

from kgsynth.config import BuildConfig
from kgsynth.curate.gate import ShortcutGate
from kgsynth.export import write_dataset
from kgsynth.export.facts import DatasetFacts, FactsGatherer
from kgsynth.export.forms import FORMS, form_settings
from kgsynth.model import (
    SOLE_ANSWER,
    Answer,
    Bridge,
    Concept,
    Conclusion,
    Corruption,
    Difficulty,
    Draft,
    Evidence,
    Funnel,
    FunnelStage,
    Grade,
    GraphSummary,
    Hop,
    Hub,
    Manifest,
    Name,
    Option,
    Outcome,
    Path,
    PathNode,
    Provenance,
    Rejected,
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

CHAIN = (
    ("KGDEMO:htn", "Hypertension", ("High blood pressure",), "disease"),
    ("KGDEMO:raas", "Renin-angiotensin system", (), "process"),
    ("KGDEMO:ace", "Angiotensin-converting enzyme", ("ACE",), "protein"),
    ("KGDEMO:lis", "Lisinopril", ("Prinivil", "Zestril"), "drug"),
    ("KGDEMO:cough", "Dry cough", (), "finding"),
    ("KGDEMO:bk", "Bradykinin", (), "chemical"),
)
PREDICATES = ("associated_with", "involves", "inhibited_by", "causes", "associated_with")
WRONG = ("Metformin", "Amoxicillin", "Warfarin")


def node(place: int, **changes: Any) -> PathNode:
    id_, name, aliases, semantic_type = CHAIN[place]
    fields = {"id": id_, "name": name, "aliases": aliases, "types": (semantic_type,)} | changes
    return PathNode.model_validate(fields)


def statements_of(path: Path) -> tuple[Statement, ...]:
    return tuple(
        Statement(
            id=statement_id(s, p, o), subject=s, predicate=p, object=o, sources=("Mini 1.0",),
            licences=("CC0-1.0",), evidence=(f"{s} and {o} are joined.",),
        )
        for s, p, o in path.triples()
    )  # fmt: skip


def make_path(hops: int, start: int = 0, **changes: Any) -> Path:
    """A path of ``hops`` hops; every second one runs against its statement."""
    ends = [node((start + i) % len(CHAIN)) for i in range(hops + 1)]
    if changes:
        ends[-1] = node((start + hops) % len(CHAIN), **changes)
    made = []
    for i in range(hops):
        forward = i % 2 == 0
        subject, obj = (ends[i], ends[i + 1]) if forward else (ends[i + 1], ends[i])
        predicate = PREDICATES[i]
        cited = (statement_id(subject.id, predicate, obj.id),)
        made.append(
            Hop(predicate=predicate, forward=forward, statements=cited, sources=("Mini 1.0",))
        )
    return Path(nodes=tuple(ends), hops=tuple(made))


def make_row(hops: int = 3, number: int = 0, **changes: Any) -> Row:
    """A row whose answer ends a path of ``hops`` hops; ``number`` tells rows apart."""
    path = changes.pop("path", None) or make_path(hops)
    answer = path.nodes[-1]
    noun = {"drug": "drugs", "finding": "symptoms or signs"}.get(answer.types[0], "things")
    stem = f"Case {number}. Hypertension leads to X. X leads to which of these {noun}?"
    key = "ABCD"[number % 4]
    wrong = iter(WRONG)
    options = tuple(
        Option(label=label, text=answer.name, concept=answer.id)
        if label == key
        else Option(
            label=label, text=next(wrong), concept=f"KGDEMO:wrong{label}",
            why_out=WhyOut(reason="hard-negative", grade=Grade.ABSENT, detail="not there"),
        )
        for label in "ABCD"
    )  # fmt: skip
    fields: dict[str, Any] = {
        "kind": "path" if hops > 1 else "recall",
        "language": "en",
        "origin": "kgsynth",
        "origin_split": "unknown",
        "question": RowQuestion(stem=stem, options=options, key=key),
        "path": path,
        "bridges": tuple(Bridge(id=n.id, hidden=(n.name, *n.aliases)) for n in path.nodes[1:-1]),
        "trace": make_trace(path, key, answer.name),
        "corruptions": make_corruptions(path, key, options),
        "evidence": (Evidence(text="It is written.", statements=path.hops[0].statements),),
        "verdicts": (
            Verdict(check="grounding", outcome=Outcome.PASSED),
            Verdict(check="bridge-leak", outcome=Outcome.NOT_APPLICABLE, detail="no bridge"),
        ),
        "difficulty": Difficulty(hops=len(path.hops), degrees=tuple(range(1, len(path.nodes) + 1))),
        "provenance": Provenance(
            graph="g" * 32, overlay="o" * 32, config="c" * 32, prompt="p" * 32,
            teacher="scripted", settings="{}", requests=("r1",), seed=7,
        ),
        "licence": RowLicence(names=("CC0-1.0",)),
        "tags": (SOLE_ANSWER,),
        "groups": (f"pair:{number}",),
    } | changes  # fmt: skip
    fields["id"] = row_id(fields["kind"], fields["language"], fields["question"], fields["path"])
    return Row.model_validate(fields)


def make_trace(path: Path, key: str, answer: str) -> Trace:
    steps = [
        Step(
            text=f"{left.name} is joined to {right.name}.",
            cites=hop.statements,
            needs=(i - 1,) if i else (),
        )
        for i, (left, hop, right) in enumerate(
            zip(path.nodes, path.hops, path.nodes[1:], strict=False)
        )
    ]
    out = next(label for label in "ABCD" if label != key)
    ruled = Step(
        kind="rule-out", text=f"The graph does not say that option {out} fits.", cites=(),
        needs=(len(steps) - 1,), option=out, grade=Grade.ABSENT,
    )  # fmt: skip
    conclusion = Conclusion(text=f"So the answer is {answer}.", needs=(len(steps) - 1,), answer=key)
    return Trace(steps=(*steps, ruled), conclusion=conclusion)


def make_corruptions(path: Path, key: str, options: Sequence[Option]) -> tuple[Corruption, ...]:
    wrong = next(option for option in options if option.label != key)
    return (
        Corruption(
            name="skipped-hop", step=len(path.hops) - 1, text="It follows at once.", answer=key,
            proof="no statement joins the ends",
        ),
        Corruption(
            name="wrong-answer", step=None, text=f"So the answer is {wrong.text}.",
            answer=wrong.label, proof="that option is out",
        ),
    )  # fmt: skip


def make_draft(row: Row) -> Draft:
    nodes = {n.id: n for path in (row.path, *row.further_paths) for n in path.nodes}
    concepts = tuple(
        Concept(
            id=n.id,
            names=(Name(text=n.name, kind="preferred"), *(Name(text=a) for a in n.aliases)),
            types=n.types,
        )
        for n in nodes.values()
    )
    return Draft(row=row, statements=statements_of(row.path), concepts=concepts)


def make_drafts(count: int = 6, **changes: Any) -> list[Draft]:
    """Drafts of two and of four hops in turn, with their splits."""
    made = []
    for number in range(count):
        hops, split = ((3, "train"), (4, "test"))[number % 2]
        made.append(make_draft(make_row(hops, number, split=split, **changes)))
    return made


def make_config(**changes: Any) -> BuildConfig:
    tree: dict[str, Any] = {
        "name": "mini",
        "graph": {"sources": [{"kind": "tables", "path": "/somewhere/on/a/disk/mini"}]},
    }
    return BuildConfig.model_validate(tree | changes)


SUMMARY = GraphSummary(
    content="a" * 32, overlay="b" * 32, sources=("Mini 1.0",), licences=("CC0-1.0",),
    released="2026-01-31", concepts=40, statements=120, hubs_removed=2,
)  # fmt: skip
HUBS = (
    Hub(id="KGDEMO:pain", name="Pain", score=0.97),
    Hub(id="KGDEMO:drug", name="Drug", score=0.9),
)
TEACHERS = {"writer": "scripted", "verifier": "scripted"}
ANSWERS = (Answer(key="k2", text="{}"), Answer(key="k1", text='{"stem": ""}'))
FUNNEL = Funnel(
    stages=(
        FunnelStage(
            stage="paths", taken=0, made=9, given=8, rejected={"no-matched-distractors": 1}
        ),
        FunnelStage(stage="verify", taken=8, given=6, rejected={"bridge-leak": 2}),
    )
)


def make_rejected() -> list[Rejected]:
    row = make_row(3, 99)
    dropped = Rejected(
        id=row.id, stage="verify", code="bridge-leak", detail="The stem names ACE.",
        content=row.model_dump(mode="json"),
    )  # fmt: skip
    item = Rejected(
        id="item1", stage="paths", code="no-matched-distractors", detail="Two of three were found.",
        content={"path": make_path(2).model_dump(mode="json")},
    )  # fmt: skip
    return [item, dropped, dropped.model_copy(update={"id": "second"})]


def write_mini(folder: FilePath, **changes: Any) -> Manifest:
    """Write a small dataset; ``changes`` replace arguments of `write_dataset`."""
    arguments: dict[str, Any] = {
        "config": make_config(),
        "graph": SUMMARY,
        "drafts": make_drafts(),
        "rejected": make_rejected(),
        "hubs": HUBS,
        "answers": ANSWERS,
        "funnel": FUNNEL,
        "teachers": TEACHERS,
        "shortcuts": ShortcutGate(),
        "report": lambda facts: f"<!DOCTYPE html><title>{facts.total()}</title>\n",
    }
    return write_dataset(folder, **(arguments | changes))


def make_facts(
    rows: Sequence[Row] = (), rejected: Sequence[Rejected] | None = None, **changes: Any
) -> DatasetFacts:
    """Facts as `write_dataset` gathers them."""
    arguments: dict[str, Any] = {
        "config": make_config(),
        "graph": SUMMARY,
        "funnel": FUNNEL,
        "teachers": TEACHERS,
        "hubs": HUBS,
    } | changes
    gatherer, shortcuts = FactsGatherer(), ShortcutGate()
    settings = form_settings(arguments["config"])
    for row in rows or [draft.row for draft in make_drafts()]:
        gatherer.add_row(row)
        shortcuts.add(row)
        for name in arguments["config"].export.forms:
            for _ in FORMS[name].rows(row, settings):
                gatherer.add_form_line(name, row.split)
    for dropped in make_rejected() if rejected is None else rejected:
        gatherer.add_rejected(dropped)
    return gatherer.facts(**{"gate": shortcuts.gate()} | arguments)
