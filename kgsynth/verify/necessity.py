"""necessity: without each hidden concept the answer is farther from the question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kgsynth.model import Row
from kgsynth.verify.check import (
    Check,
    CheckContext,
    Finding,
    fault,
    not_applicable,
    unread,
    worst,
)


def examine(row: Row, context: CheckContext) -> Finding:
    """See that every shortest path past the hubs leads by each hidden concept."""
    if not row.bridges:
        return not_applicable("The row hides no concept.")
    return worst(_findings(row, context))


def _findings(row: Row, context: CheckContext) -> Iterator[Finding]:
    hidden = [bridge.id for bridge in row.bridges]
    nodes = [node.id for node in row.path.nodes]
    for one in hidden:
        if one not in nodes[1:-1]:
            yield fault(f"The hidden {one} does not lie between the ends of the path.")
    for number, path in enumerate(row.further_paths, start=1):
        way = [node.id for node in path.nodes]
        if len(way) <= len(nodes) and (way[:1], way[-1:]) == (nodes[:1], nodes[-1:]):
            yield from _avoided(way, hidden, f"further path {number}")
    whole = context.whole
    if whole is None:
        yield unread("Only the whole graph can tell that no other way is as short.")
    elif len(nodes) < 2 or not whole.knows(nodes[0], nodes[-1]):
        yield unread("The graph does not know the ends of the path.")
    else:
        joined = whole.between(nodes[0], nodes[-1])
        if not joined.paths:
            yield fault("Past the hubs nothing joins the ends of the path.")
        for shortest in joined.paths:
            yield from _avoided(shortest, hidden, " > ".join(shortest))
        if joined.truncated:
            yield unread("More ways are as short than were looked at.")


def _avoided(way: Sequence[str], hidden: list[str], name: str) -> Iterator[Finding]:
    for one in hidden:
        if one not in way:
            yield fault(f"The hidden {one} is not needed: {name} is as short without it.")


NECESSITY = Check(
    code="necessity",
    sentence=(
        "Without any one of the hidden concepts the answer is farther from the question's concept, "
        "in the graph without its hubs."
    ),
    mend=(
        "Nothing, as a rule: a reader could answer by another way. When a graph was changed since, "
        "or other hubs were cut, build the dataset again."
    ),
    examine=examine,
    kinds=("path",),
)
