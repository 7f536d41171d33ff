"""What a writer must give back, and how it becomes a row."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints, ValidationError

from kgsynth.model import (
    Conclusion,
    Difficulty,
    Draft,
    Item,
    Provenance,
    Record,
    Rejected,
    Row,
    RowLicence,
    RowQuestion,
    Step,
    Trace,
    row_id,
)

STAGE = "write"
NO_LICENCE = ("not stated",)
MOST_DETAIL, MOST_ANSWER = 500, 20_000
"""Characters kept of what a writer says out of contract, which may be anything."""

Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class WrittenStep(Record):
    """A step as the writer gives it; ``cites`` are labels."""

    text: Prose
    cites: tuple[str, ...]
    needs: tuple[int, ...]
    option: str | None = None


class WrittenConclusion(Record):
    """The conclusion as the writer gives it."""

    text: Prose
    needs: tuple[int, ...]
    answer: str


class Written(Record):
    """The whole answer of a writer."""

    stem: str
    steps: tuple[WrittenStep, ...] = Field(min_length=1)
    conclusion: WrittenConclusion


class OutOfContractError(ValueError):
    """The writer's answer is not what was asked for."""


def read_answer(text: str) -> Written:
    """Parse a writer's answer; whatever is wrong with it is said in a sentence."""
    try:
        return Written.model_validate_json(text, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            raise OutOfContractError("the answer is not JSON") from None
        place = ".".join(str(part) for part in first["loc"])
        raise OutOfContractError(f"the answer does not follow the schema at {place}") from None


def draft(item: Item, written: Written, labels: dict[str, str], provenance: Provenance) -> Draft:
    """Make a row of an item and its prose."""
    stem = item.stem if item.stem is not None else written.stem.strip()
    if not stem:
        raise OutOfContractError("the stem is empty")
    question = RowQuestion(stem=stem, options=item.options, key=item.key)
    row = Row(
        id=row_id(item.kind, item.language, question, item.path),
        kind=item.kind,
        language=item.language,
        origin=item.origin,
        origin_split=item.origin_split,
        question=question,
        path=item.path,
        further_paths=item.further_paths,
        bridges=item.bridges,
        trace=_trace(item, written, labels),
        evidence=item.evidence,
        difficulty=Difficulty(hops=len(item.path.hops), degrees=item.degrees),
        provenance=provenance,
        licence=RowLicence(
            names=tuple(
                sorted({name for s in item.statements for name in s.licences or NO_LICENCE})
            )
        ),
        tags=item.tags,
        groups=item.groups,
    )
    return Draft(row=row, statements=item.statements, concepts=item.concepts)


def _trace(item: Item, written: Written, labels: dict[str, str]) -> Trace:
    grades = {o.label: o.why_out.grade for o in item.options if o.why_out}
    steps = []
    for step in written.steps:
        unknown = [label for label in step.cites if label not in labels]
        if unknown:
            raise OutOfContractError(f"a step cites {unknown[0]!r}, which is no label it was given")
        if step.option is not None and step.option not in grades:
            raise OutOfContractError(f"a step rules out {step.option!r}, which is no wrong option")
        steps.append(
            Step(
                kind="rule-out" if step.option else "hop",
                text=step.text,
                cites=tuple(labels[label] for label in step.cites),
                needs=step.needs,
                option=step.option,
                grade=grades[step.option] if step.option else None,
            )
        )
    conclusion = written.conclusion
    if conclusion.answer not in {o.label for o in item.options}:
        raise OutOfContractError(f"the answer is {conclusion.answer!r}, which is no option")
    return Trace(
        steps=tuple(steps),
        conclusion=Conclusion(
            text=conclusion.text, needs=conclusion.needs, answer=conclusion.answer
        ),
    )


def rejected(item: Item, answer: str, reason: str) -> Rejected:
    """Keep an item whose answer was out of contract, with the answer."""
    return Rejected(
        id=item.id,
        stage=STAGE,
        code="teacher-out-of-contract",
        detail=reason[:MOST_DETAIL],
        content={"item": item.model_dump(mode="json"), "answer": answer[:MOST_ANSWER]},
    )
