"""distractors: each wrong option is wrong as surely as was asked, and no other name of the key."""

from __future__ import annotations

from collections.abc import Iterator

from kgsynth.model import Grade, Option, Row, Statement, WhyOut
from kgsynth.paths.support import GRADES
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
    """Judge each wrong option by the proof that it gives, and by the whole graph if it is there."""
    return worst(_findings(row, context))


def _findings(row: Row, context: CheckContext) -> Iterator[Finding]:
    key = option_labelled(row, row.question.key)
    if key is None or not row.path.nodes or not row.path.hops:
        yield unread("The row has no key or no path to compare the options with.")
        return
    for option in row.question.options:
        if option.label == key.label or option.why_out is None:
            continue
        place = f"Option {option.label}"
        if option.concept is None:
            yield fault(f"{place} names no concept of the graph, so nothing proves it wrong.")
            continue
        yield from _another_name(option, key, place, context)
        yield from _proof(option, option.why_out, row, place, context)
        yield from _by_the_graph(option.concept, key, option.why_out, row, place, context)


def _another_name(
    option: Option, key: Option, place: str, context: CheckContext
) -> Iterator[Finding]:
    """An option may bear no name of the key's, and the key none of its."""
    own, others = (
        {name.casefold() for name in (o.text, *context.names_of(o.concept))} for o in (option, key)
    )
    if option.concept == key.concept or own & others:
        yield fault(f"{place} is another name of the key.")


def _proof(
    option: Option, why: WhyOut, row: Row, place: str, context: CheckContext
) -> Iterator[Finding]:
    """What the option's own statements must say."""
    cited = [context.statements[one] for one in why.statements if one in context.statements]
    denials = [s for s in cited if s.negative and option.concept in (s.subject, s.object)]
    if GRADES.index(why.grade) > GRADES.index(context.asked):
        yield fault(f"{place} is {why.grade.value}; {context.asked.value} was asked for.")
    if why.grade is Grade.CONTRADICTED and not denials:
        yield fault(f"{place} is said to be contradicted, and cites nothing that denies it.")
    if (why.reason == "hard-negative") != (why.sibling is not None):
        yield fault(f"{place} is a {why.reason} and names {why.sibling or 'no sibling'}.")
    model = _last_statement(row, context)
    if why.sibling is not None and not any(_hangs(s, option, why, row, model) for s in cited):
        yield fault(f"{place} cites nothing by which it hangs from {why.sibling}, as the key does.")


def _last_statement(row: Row, context: CheckContext) -> Statement | None:
    """Return the statement by which the key hangs from the bridge."""
    cited = row.path.hops[-1].statements
    return context.statements.get(cited[0]) if cited else None


def _hangs(
    statement: Statement, option: Option, why: WhyOut, row: Row, model: Statement | None
) -> bool:
    """Tell whether a statement puts the option beside the sibling as another puts the key."""
    if model is None:
        return True  # of which the check grounding speaks
    from_key = model.subject == row.path.nodes[-1].id
    ends = (option.concept, why.sibling) if from_key else (why.sibling, option.concept)
    return (statement.subject, statement.predicate, statement.object) == (
        ends[0],
        model.predicate,
        ends[1],
    )


def _by_the_graph(
    option: str, key: Option, why: WhyOut, row: Row, place: str, context: CheckContext
) -> Iterator[Finding]:
    """What only the whole graph can tell: kin of the key, and other chains of the same kind."""
    whole, start = context.whole, row.path.nodes[0].id
    relations = [hop.predicate for hop in row.path.hops]
    if whole is None:
        yield unread(f"Only the whole graph can tell that nothing supports {_said(place)}.")
        return
    if not whole.knows(option, start, key.concept or "") or not whole.words(relations):
        yield unread(f"The graph does not know {_said(place)}, the key, or the path.")
        return
    if whole.are_kin(key.concept or "", option):
        yield fault(f"{place} stands above or below the key, {key.text}.")
    elif not whole.reaches(start, relations, option):  # else it is for the check unique to say
        grade = whole.grade(start, relations, option)
        if grade is None:
            yield fault(f"{place} is supported: relations of the same kind lead to {option}.")
        elif GRADES.index(grade) > GRADES.index(why.grade):
            yield fault(f"{place} is said to be {why.grade.value}, and is {grade.value}.")


def _said(place: str) -> str:
    return place.replace("Option", "option")


DISTRACTORS = Check(
    code="distractors",
    sentence=(
        "No wrong option is supported by the graph along relations of the same kind, as surely as "
        "was asked; none is another name of the key, or stands above or below it; each gives the "
        "proof that its grade needs."
    ),
    mend=(
        "Nothing, as a rule: the row cannot be used. In a dataset that was edited by hand, undo "
        "the edit; when a graph was changed since, build the dataset again."
    ),
    examine=examine,
    kinds=("path",),
)
