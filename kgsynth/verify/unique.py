"""unique: the question's relations lead to one of its options alone, the key."""

from __future__ import annotations

from collections.abc import Iterator

from kgsynth.model import Row
from kgsynth.verify.check import (
    Check,
    CheckContext,
    Finding,
    fault,
    option_labelled,
    unread,
    worst,
)


def examine(row: Row, context: CheckContext) -> Finding:
    """Follow the path's relations from its start, and see at which options they arrive."""
    return worst(_findings(row, context))


def _findings(row: Row, context: CheckContext) -> Iterator[Finding]:
    key = option_labelled(row, row.question.key)
    if key is None or not row.path.nodes or not row.path.hops:
        yield unread("The row has no key or no path to follow.")
        return
    same = [o for o in row.question.options if o.concept and o.concept == key.concept]
    for option in same:
        if option.label != key.label:
            yield fault(f"Option {option.label} is the key's concept, {key.concept}, as well.")
    whole, start = context.whole, row.path.nodes[0].id
    relations = [hop.predicate for hop in row.path.hops]
    options = [o for o in row.question.options if o.concept and o.concept != key.concept]
    concepts = [option.concept or "" for option in options]
    if whole is None:
        yield unread("Only the whole graph can tell that the relations lead to no other option.")
    elif not whole.knows(start, key.concept or "", *concepts) or not whole.words(relations):
        yield unread("The graph does not know an option, or the path.")
    else:
        if not whole.reaches(start, relations, key.concept or ""):
            yield fault(f"The path's relations do not lead to the key, {key.concept}.")
        for option, concept in zip(options, concepts, strict=True):
            if whole.reaches(start, relations, concept):
                yield fault(f"The path's relations lead to option {option.label} as well.")


UNIQUE = Check(
    code="unique",
    sentence="Of the options, the relations of the path lead from its start to the key alone.",
    mend=(
        "Nothing, as a rule: the question has two right answers and cannot be used. When a graph "
        "was changed since, build the dataset again."
    ),
    examine=examine,
    kinds=("path",),
)
