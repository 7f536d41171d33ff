"""Two hundred damages of demo rows, each with ids and manifest made anew: all are found out.

A damage is a small lie, made by hand: a function that changes one thing in a sound row. Each is
tried on several rows, all in one forged copy of the demo, which is then verified beside the graph
as a stranger's dataset is.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest
from rows import (
    renamed,
    with_conclusion,
    with_hop,
    with_node,
    with_option,
    with_question,
    with_step,
)

from kgsynth.build_file import read_build_file
from kgsynth.graph.compile import compile_graph
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.model import Concept, Grade, Manifest, Option, Row, Step
from kgsynth.pipeline import build_dataset
from kgsynth.pipeline.lines import read_lines
from kgsynth.resources import locate
from kgsynth.sources import read_source
from kgsynth.verify.dataset import Report, verify_dataset
from kgsynth.verify.whole import WholeGraph

EACH = 4
"""Rows that each damage is tried on."""


class Beside(NamedTuple):
    """What a forger may look up."""

    rows: Sequence[Row]
    concepts: dict[str, Concept]

    def other(self, row: Row) -> Row:
        """Another row that has no concept in common with this one."""
        own = {node.id for node in row.path.nodes} | {o.concept for o in row.question.options}
        return next(r for r in self.rows if not own & {node.id for node in r.path.nodes})

    def names(self, concept: str | None) -> list[str]:
        held = self.concepts.get(concept or "")
        return [name.text for name in held.names] if held else []


Damage = Callable[[Row, Beside], Row]


# --- ways to lie ---------------------------------------------------------------------------------


def hops(row: Row) -> list[int]:
    return [at for at, step in enumerate(row.trace.steps) if step.kind == "hop"]


def rule_outs(row: Row) -> list[int]:
    return [at for at, step in enumerate(row.trace.steps) if step.kind == "rule-out"]


def key_at(row: Row) -> int:
    return [option.label for option in row.question.options].index(row.question.key)


def wrong_at(row: Row) -> int:
    return 0 if key_at(row) else 1


def key_of(row: Row) -> Option:
    return row.question.options[key_at(row)]


def wrong_of(row: Row) -> Option:
    return row.question.options[wrong_at(row)]


def text_of(row: Row, at: int, new: str) -> Row:
    return with_step(row, at, text=new)


def with_steps(row: Row, steps: Sequence[Step], needs: Sequence[int]) -> Row:
    conclusion = row.trace.conclusion.model_copy(update={"needs": tuple(needs)})
    trace = row.trace.model_copy(update={"steps": tuple(steps), "conclusion": conclusion})
    return row.model_copy(update={"trace": trace})


def swapped_names(row: Row) -> Row:
    left, right = row.path.nodes[0].name, row.path.nodes[1].name
    text = row.trace.steps[0].text
    for one, other in ((left, "\0"), (right, left), ("\0", right)):
        text = text.replace(one, other).replace(one[0].upper() + one[1:], other)
    return text_of(row, 0, text)


def skipped(row: Row) -> Row:
    """Leave out the second hop, and bend what needs it."""
    steps = [s for at, s in enumerate(row.trace.steps) if at != 1 and s.kind == "hop"]
    bent = [s.model_copy(update={"needs": (at - 1,) if at else ()}) for at, s in enumerate(steps)]
    return with_steps(row, bent, range(len(bent)))


def stem_names(row: Row, name: str) -> Row:
    return with_question(row, stem=f"{row.question.stem} Think of {name}.")


def bridge(row: Row, beside: Beside) -> list[str]:
    return beside.names(row.bridges[0].id)


def proof(row: Row, at: int, **changes: object) -> Row:
    why = row.question.options[at].why_out
    assert why is not None
    return with_option(row, at, why_out=why.model_copy(update=changes))


def hard_at(row: Row) -> int:
    return next(at for at, o in enumerate(row.question.options) if o.why_out and o.why_out.sibling)


def relabelled(row: Row) -> Row:
    options = [
        option.model_copy(update={"label": "ABCDE"[at + 1]})
        for at, option in enumerate(row.question.options)
    ]
    return with_question(row, options=tuple(options))


GROUNDING: list[Damage] = [
    lambda r, b: with_hop(r, 0, forward=not r.path.hops[0].forward),
    lambda r, b: with_hop(r, 1, forward=not r.path.hops[1].forward),
    lambda r, b: with_hop(r, 1, predicate="encodes" if r.path.hops[1].predicate != "encodes"
                          else "treats"),
    lambda r, b: with_hop(r, 0, statements=()),
    lambda r, b: with_hop(r, 0, statements=("S" + "0" * 16,)),
    lambda r, b: with_hop(r, 0, statements=b.other(r).path.hops[0].statements),
    lambda r, b: with_node(r, 0, r.path.nodes[0].model_copy(update={"name": "something else"})),
    lambda r, b: with_node(r, 0, r.path.nodes[0].model_copy(update={"types": ("planet",)})),
    lambda r, b: with_step(r, 0, cites=b.other(r).trace.steps[0].cites),
    lambda r, b: text_of(r, 0, b.other(r).trace.steps[0].text),
    lambda r, b: text_of(r, 0, r.trace.steps[0].text
                         + f" It causes {b.other(r).path.nodes[1].name}."),
    lambda r, b: text_of(r, 0, f"{r.path.nodes[0].name} has nothing to do with, and does not lead "
                               f"to, treat or harm {b.other(r).path.nodes[1].name}."),
    lambda r, b: swapped_names(r),
    lambda r, b: text_of(r, rule_outs(r)[0], r.trace.steps[rule_outs(r)[0]].text
                         + f" {r.path.nodes[0].name} causes {wrong_of(r).text}."),
    lambda r, b: with_step(r, rule_outs(r)[0], text="This one is out."),
    lambda r, b: with_step(r, rule_outs(r)[0], option="Z"),
]  # fmt: skip
ORDER: list[Damage] = [
    lambda r, b: with_step(r, 0, needs=(0,)),
    lambda r, b: with_step(r, 0, needs=(1,)),
    lambda r, b: with_step(r, 1, needs=(99,)),
    lambda r, b: with_step(r, 1, needs=(-1,)),
    lambda r, b: with_conclusion(r, needs=()),
    lambda r, b: with_conclusion(r, needs=(77,)),
    lambda r, b: with_conclusion(r, needs=(0,)),
]
ANSWER: list[Damage] = [
    lambda r, b: with_conclusion(r, answer=wrong_of(r).label),
    lambda r, b: with_conclusion(r, text=f"So the answer is {wrong_of(r).text}."),
    lambda r, b: with_conclusion(r, text=f"{key_of(r).text}, or else {wrong_of(r).text}."),
    lambda r, b: with_conclusion(r, text=f"Answer: {r.question.key} or {wrong_of(r).label}"),
    lambda r, b: with_conclusion(r, text="So that is the answer."),
    lambda r, b: with_conclusion(r, text=f"So the answer is {key_of(r).text[:3]}-something."),
    lambda r, b: with_step(r, rule_outs(r)[0], option=r.question.key,
                           text=f"{key_of(r).text} is out.", cites=()),
]  # fmt: skip
BRIDGE: list[Damage] = [
    lambda r, b: stem_names(r, bridge(r, b)[0]),
    lambda r, b: stem_names(r, bridge(r, b)[-1]),
    lambda r, b: stem_names(r, bridge(r, b)[0].upper()),
    lambda r, b: stem_names(r, f"{bridge(r, b)[0]}s"),
    lambda r, b: stem_names(r, f"({bridge(r, b)[0]})"),
    lambda r, b: with_option(r, wrong_at(r), text=f"{bridge(r, b)[0]} again"),
]
ANSWER_LEAK: list[Damage] = [
    lambda r, b: stem_names(r, key_of(r).text),
    lambda r, b: stem_names(r, b.names(key_of(r).concept)[-1]),
    lambda r, b: stem_names(r, key_of(r).text.title()),
]
DISTRACTORS: list[Damage] = [
    lambda r, b: with_option(r, wrong_at(r), concept=None),
    lambda r, b: proof(r, wrong_at(r), grade=Grade.CLOSED),
    lambda r, b: proof(r, hard_at(r), statements=()),
    lambda r, b: proof(r, hard_at(r), sibling=None),
    lambda r, b: with_option(r, wrong_at(r), text=next(
        n for n in [*b.names(key_of(r).concept)[1:], key_of(r).text] if n != key_of(r).text)),
]  # fmt: skip
UNIQUE: list[Damage] = [
    lambda r, b: with_option(r, wrong_at(r), concept=key_of(r).concept),
]
NECESSITY: list[Damage] = [
    lambda r, b: r.model_copy(update={"bridges": (
        r.bridges[0].model_copy(update={"id": b.other(r).path.nodes[1].id,
                                        "hidden": ("nothing at all",)}), *r.bridges[1:])}),
]  # fmt: skip
FORM: list[Damage] = [
    lambda r, b: r.model_copy(update={"id": "0" * 30 + r.id[:2]}),
    lambda r, b: relabelled(r),
    lambda r, b: with_question(r, key="Q"),
    lambda r, b: with_option(r, wrong_at(r), text=r.question.options[-1].text
                             if wrong_at(r) != len(r.question.options) - 1 else ""),
    lambda r, b: text_of(r, 0, f"<think>{r.trace.steps[0].text}"),
    lambda r, b: text_of(r, 0, r.trace.steps[0].text.replace(" ", " \u200b", 1)),
    lambda r, b: text_of(r, 0, " "),
    lambda r, b: text_of(r, 0, "x" * 2_001),
    lambda r, b: with_option(r, wrong_at(r), why_out=None),
    lambda r, b: r.model_copy(update={"corruptions": (
        r.corruptions[0].model_copy(update={"step": 0, "text": r.trace.steps[0].text}),)}),
    lambda r, b: renamed(r.model_copy(update={"language": "zh"})),
]  # fmt: skip
SPLIT: list[Damage] = [
    lambda r, b: r.model_copy(update={"split": "test" if r.split == "train" else "train"}),
    lambda r, b: r.model_copy(update={"groups": next(
        other.groups for other in b.rows if other.split != r.split)}),
]  # fmt: skip
DAMAGES: dict[str, list[Damage]] = {
    "grounding": GROUNDING,
    "order": ORDER,
    "answer": ANSWER,
    "bridge-leak": BRIDGE,
    "answer-leak": ANSWER_LEAK,
    "distractors": DISTRACTORS,
    "unique": UNIQUE,
    "necessity": NECESSITY,
    "form": FORM,
    "split": SPLIT,
}
CODES = {"split": {"wrong-split", "group-straddles-splits"}}
"""Where a check has codes of its own."""


# --- the forgery ---------------------------------------------------------------------------------


class Forged(NamedTuple):
    """A damaged row: what was done to it, and the id that it has now."""

    check: str
    number: int
    was: str
    now: str


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    config = read_build_file(locate("recipes/demo.yaml"))
    return build_dataset(config, tmp_path_factory.mktemp("demo")).folder


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeGraph:
    folder = tmp_path_factory.mktemp("graph")
    compile_graph([read_source("tables", locate("ontologies/demo"))], folder)
    return KnowledgeGraph.open(folder)


def done(damage: Damage, left: list[Row], beside: Beside) -> tuple[Row, Row]:
    """Do a damage to the first row that it can be done to, and take that row away."""
    for row in left:
        try:
            new = damage(row, beside)
        except (StopIteration, IndexError):
            continue
        if new != row:
            left.remove(row)
            return row, new
    raise AssertionError("no row is left that it can be done to")


def forge(folder: Path, target: Path) -> list[Forged]:
    """Copy a dataset, damage a row for each lie, and mend every hash in the manifest."""
    shutil.copytree(folder, target)
    shards = sorted((target / "examples").glob("*.jsonl"))
    held = {shard: list(read_lines(shard, Row)) for shard in shards}
    every = [row for rows in held.values() for row in rows]
    concepts = {c.id: c for c in read_lines(target / "evidence" / "concepts.jsonl", Concept)}
    beside = Beside(every, concepts)
    left = [row for row in every if row.kind == "path" and len(hops(row)) > 2]
    forged: list[Forged] = []
    damaged: dict[str, Row] = {}
    for check, damages in DAMAGES.items():
        for number, damage in enumerate(damages):
            for _ in range(EACH):
                row, new = done(damage, left, beside)
                damaged[row.id] = new
                forged.append(Forged(check, number, row.id, new.id))
    for shard, rows in held.items():
        lines = "".join(damaged.get(row.id, row).to_line() for row in rows)
        shard.write_text(lines, "utf-8")
    mend(target)
    return forged


def mend(folder: Path) -> None:
    manifest = Manifest.model_validate_json((folder / "manifest.json").read_bytes())
    files = []
    for entry in manifest.files:
        content = (folder / entry.path).read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        files.append(entry.model_copy(update={"bytes": len(content), "sha256": sha256}))
    mended = manifest.model_copy(update={"files": tuple(files)})
    (folder / "manifest.json").write_text(mended.model_dump_json(indent=2), "utf-8")


@pytest.fixture(scope="module")
def forgery(
    demo: Path, graph: KnowledgeGraph, tmp_path_factory: pytest.TempPathFactory
) -> tuple[list[Forged], Report]:
    target = tmp_path_factory.mktemp("forged") / "demo"
    forged = forge(demo, target)
    return forged, verify_dataset(target, graph=graph, whole=partial(WholeGraph, graph))


def test_two_hundred_damages_are_all_found_under_the_right_code(
    forgery: tuple[list[Forged], Report],
) -> None:
    forged, report = forgery
    assert len(forged) >= 200
    found: dict[str, set[str]] = {}
    for failure in report.failed:
        found.setdefault(failure.id, set()).add(failure.code)
    missed = [
        f"{one.check} {one.number}: {sorted(found.get(one.now, ()))}"
        for one in forged
        if not found.get(one.now, set()) & CODES.get(one.check, {one.check})
    ]
    assert missed == []


def test_rows_that_nobody_damaged_pass(forgery: tuple[list[Forged], Report]) -> None:
    forged, report = forgery
    touched = {one.now for one in forged}
    # A group that was put into the other split is told of whichever row stands later.
    others = {f.id for f in report.failed if f.code != "group-straddles-splits"} - touched
    assert others <= {"manifest.json"}
