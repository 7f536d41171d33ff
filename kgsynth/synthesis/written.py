"""What a writer must give back, and how it becomes a row."""

from __future__ import annotations

import json

from pydantic import Field, ValidationError

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


class WrittenStep(Record):
    """A step as the writer gives it; ``cites`` are labels."""

    text: str = Field(min_length=1)
    cites: tuple[str, ...]
    needs: tuple[int, ...]
    option: str | None = None


class WrittenConclusion(Record):
    """The conclusion as the writer gives it."""

    text: str = Field(min_length=1)
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
        return Written.model_validate(json.loads(text))
    except (json.JSONDecodeError, RecursionError):
        raise OutOfContractError("the answer is not JSON") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise OutOfContractError(f"the answer does not follow the schema at {place}") from None


def draft(item: Item, written: Written, labels: dict[str, str], provenance: Provenance) -> Draft:
    """Make a row of an item and its prose."""
    stem = item.stem if item.stem is not None else written.stem.strip()
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
            names=tuple(sorted({name for s in item.statements for name in s.licences}))
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
                text=step.text.strip(),
                cites=tuple(labels[label] for label in step.cites),
                needs=step.needs,
                option=step.option,
                grade=grades[step.option] if step.option else None,
            )
        )
    conclusion = written.conclusion
    return Trace(
        steps=tuple(steps),
        conclusion=Conclusion(
            text=conclusion.text.strip(), needs=conclusion.needs, answer=conclusion.answer
        ),
    )


def rejected(item: Item, answer: str, reason: str) -> Rejected:
    """Keep an item whose answer was out of contract, with the answer."""
    return Rejected(
        id=item.id,
        stage=STAGE,
        code="teacher-out-of-contract",
        detail=reason,
        content={"item": item.model_dump(mode="json"), "answer": answer[:20_000]},
    )
