"""order: the steps build on one another, from the question's concepts to the answer's."""

from __future__ import annotations

from collections.abc import Iterator

from kgsynth.model import Row, Step
from kgsynth.verify.check import (
    Check,
    CheckContext,
    Finding,
    fault,
    option_labelled,
    paths_of,
    worst,
)

Ends = frozenset[str]


def examine(row: Row, context: CheckContext) -> Finding:
    """Judge what each step needs, and where the chain starts and ends."""
    needs = worst(_needs(row))
    # What follows walks along the needs, so they must be sound first.
    return needs if needs.detail else worst(_chain(row, context))


def _needs(row: Row) -> Iterator[Finding]:
    steps = row.trace.steps
    for at, step in enumerate(steps):
        for need in step.needs:
            if not 0 <= need < at:
                yield fault(f"Step {at + 1} needs step {need + 1}, which is not an earlier one.")
    for need in row.trace.conclusion.needs:
        if not 0 <= need < len(steps):
            yield fault(f"The conclusion needs step {need + 1}, which does not exist.")


def _chain(row: Row, context: CheckContext) -> Iterator[Finding]:
    hops = [at for at, step in enumerate(row.trace.steps) if step.kind == "hop"]
    if not hops or not row.path.nodes:
        yield fault("No step uses the path.")
        return
    on_paths = _on_paths(row)
    ends = {at: _touched(row.trace.steps[at], on_paths, context) for at in hops}
    for at in hops:
        yield from _joined(row, at, ends)
    yield from _unused(row, hops)
    yield from _arrives(row, ends)


def _on_paths(row: Row) -> dict[str, Ends]:
    """Return the concepts that each statement joins, as the paths have them."""
    found: dict[str, Ends] = {}
    for path in paths_of(row):
        for left, hop, right in zip(path.nodes, path.hops, path.nodes[1:], strict=False):
            for one in hop.statements:
                found[one] = found.get(one, frozenset()) | {left.id, right.id}
    return found


def _touched(step: Step, on_paths: dict[str, Ends], context: CheckContext) -> Ends:
    """Return the concepts that a step joins, as the paths have them."""
    found: set[str] = set()
    for one in step.cites:
        if one in on_paths:
            found |= on_paths[one]
        elif one in context.statements:
            found |= {context.statements[one].subject, context.statements[one].object}
    return frozenset(found)


def _joined(row: Row, at: int, ends: dict[int, Ends]) -> Iterator[Finding]:
    needed = [need for need in row.trace.steps[at].needs if need in ends]
    if needed and not any(ends[at] & ends[need] for need in needed):
        yield fault(f"Step {at + 1} shares no concept with a step that it needs.")


def _unused(row: Row, hops: list[int]) -> Iterator[Finding]:
    used = _used(row)
    for at in hops:
        if at not in used:
            yield fault(f"Step {at + 1} leads nowhere: the conclusion does not rest on it.")


def _used(row: Row) -> set[int]:
    """Return the steps that the conclusion rests on."""
    used: set[int] = set()
    waiting = list(row.trace.conclusion.needs)
    while waiting:
        at = waiting.pop()
        if at not in used:
            used.add(at)
            waiting.extend(row.trace.steps[at].needs)
    return used


def _arrives(row: Row, ends: dict[int, Ends]) -> Iterator[Finding]:
    """The steps together, in whatever order, must join a concept of the question to the answer."""
    last = row.path.nodes[-1].id
    key = option_labelled(row, row.question.key)
    if key is not None and key.concept is not None and key.concept != last:
        yield fault(f"The path ends at {last}, but the answer is {key.concept}.")
    starts = {path.nodes[0].id for path in paths_of(row) if path.nodes}
    joined = [ends[at] for at in _used(row) if at in ends]
    if not any(last in touched for touched in joined):
        yield fault("The steps that the conclusion needs do not reach the answer's concept.")
        return
    reached = {last}
    while more := {end for touched in joined if touched & reached for end in touched} - reached:
        reached |= more
    if not starts & reached:
        yield fault("The chain does not start from a concept of the question.")
    for at, touched in ends.items():
        if at in _used(row) and not touched & reached:
            yield fault(f"Step {at + 1} is joined to no other step on the way to the answer.")


ORDER = Check(
    code="order",
    sentence=(
        "Each step needs only earlier ones, none is idle, and together they join a concept of the "
        "question to the concept of the answer, with none left out."
    ),
    mend=(
        "Look at the step that the detail names: put it after what it needs, or take it out. "
        "When a teacher wrote it, ask for the hops in their order."
    ),
    examine=examine,
)
