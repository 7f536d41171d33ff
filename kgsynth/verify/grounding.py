"""grounding: nothing in the row's path or trace that the graph does not hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kgsynth.errors import count_of
from kgsynth.linking.matching import NameMatcher
from kgsynth.model import Path, Row, Statement, Step
from kgsynth.verify.check import (
    Check,
    CheckContext,
    Finding,
    fault,
    option_labelled,
    paths_of,
    unread,
    worst,
)
from kgsynth.verify.prose import aligned, contradictions, denies_nothing, has_denial, opposed
from kgsynth.verify.reading import Clause, Reader, Reading


def examine(row: Row, context: CheckContext) -> Finding:
    """Judge every hop, every citation, and the text of every step."""
    return worst(_findings(row, context))


def _findings(row: Row, context: CheckContext) -> Iterator[Finding]:
    for number, path in enumerate(paths_of(row)):
        name = "the path" if number == 0 else f"further path {number}"
        yield from _path(path, name, context)
    yield from _cited_beside_the_trace(row, context)
    yield from _citations(row, context)
    reader = Reader(
        context.vocabulary,
        row.language,
        tuple(dict.fromkeys(s.predicate for s in _cited(row, context))),
    )
    for number, step in enumerate(row.trace.steps, start=1):
        judge = _hop_step if step.kind == "hop" else _rule_out
        yield from judge(step, f"Step {number}", row, context, reader)
    yield from _corruptions(row, context, reader)


# --- the path ---------------------------------------------------------------------------------


def _path(path: Path, name: str, context: CheckContext) -> Iterator[Finding]:
    if not path.hops or len(path.nodes) != len(path.hops) + 1:
        hops, concepts = count_of(len(path.hops), "hop"), count_of(len(path.nodes), "concept")
        yield fault(f"{name} has {hops} and {concepts}, which they do not join.")
        return
    for node in path.nodes:
        concept = context.concepts.get(node.id)
        if concept is None:
            yield fault(f"In {name}, the concept {node.id} is not in the evidence.")
        elif strange := sorted(
            {node.name, *node.aliases} - {n.text for n in concept.names} - {concept.id}
        ):
            yield fault(f"In {name}, {node.id} is called {strange[0]!r}, which is no name of it.")
        elif node.types != concept.types:
            yield fault(f"In {name}, {node.id} is given types that it does not have.")
    for number, (hop, triple) in enumerate(zip(path.hops, path.triples(), strict=True), start=1):
        if not hop.statements:
            yield fault(f"Hop {number} of {name} rests on no statement.")
        for cited in hop.statements:
            yield from _hop_statement(cited, triple, f"Hop {number} of {name}", context)


def _hop_statement(
    cited: str, triple: tuple[str, str, str], place: str, context: CheckContext
) -> Iterator[Finding]:
    statement = context.statements.get(cited)
    if statement is None:
        yield fault(f"{place} cites {cited}, which is not in the evidence.")
        return
    stated = (statement.subject, statement.predicate, statement.object)
    if cited in context.altered:
        yield fault(f"{place} cites {cited}, but that statement's content was altered.")
    elif stated != triple:
        yield fault(f"{place} says {_said(triple)}, but {cited} says {_said(stated)}.")
    elif _polarity_differs(statement, context):
        yield fault(f"{place} cites {cited}, which has the wrong polarity for {triple[1]}.")
    elif context.holds is not None and context.holds(*triple) is False:
        yield fault(f"{place} says {_said(triple)}, which the graph does not hold.")


def _polarity_differs(statement: Statement, context: CheckContext) -> bool:
    known = context.vocabulary.predicates.get(statement.predicate)
    return known is not None and statement.negative != (known.kind == "negative")


def _said(triple: tuple[str, str, str]) -> str:
    return " ".join(triple)


# --- citations --------------------------------------------------------------------------------


def _cited_beside_the_trace(row: Row, context: CheckContext) -> Iterator[Finding]:
    """Proofs cite statements too, and a dataset ships every one of them."""
    options = row.question.options
    proofs = [(f"Option {o.label}", o.why_out.statements) for o in options if o.why_out]
    proofs += [(f"The corruption {c.name}", c.statements) for c in row.corruptions]
    proofs += [("The evidence", e.statements) for e in row.evidence]
    for place, cited in proofs:
        yield from _all_known(cited, place, context)


def _all_known(cited: Iterable[str], place: str, context: CheckContext) -> Iterator[Finding]:
    for one in cited:
        if one not in context.statements:
            yield fault(f"{place} cites {one}, which is not in the evidence.")
        elif one in context.altered:
            yield fault(f"{place} cites {one}, but that statement's content was altered.")


def _citations(row: Row, context: CheckContext) -> Iterator[Finding]:
    """The steps cite statements of the hops, and together they use every hop of the path."""
    on_paths = {cited for path in paths_of(row) for hop in path.hops for cited in hop.statements}
    used: set[str] = set()
    for number, step in enumerate(row.trace.steps, start=1):
        yield from _all_known(step.cites, f"Step {number}", context)
        if step.kind != "hop":
            continue
        used.update(step.cites)
        if not step.cites:
            yield fault(f"Step {number} cites no statement.")
        for stray in [c for c in step.cites if c not in on_paths]:
            yield fault(f"Step {number} cites {stray}, which is on none of the row's paths.")
    for number, hop in enumerate(row.path.hops, start=1):
        if not used & set(hop.statements):
            yield fault(f"No step uses hop {number} of the path.")


def _cited(row: Row, context: CheckContext) -> list[Statement]:
    ids = [c for path in paths_of(row) for hop in path.hops for c in hop.statements]
    ids += [c for step in row.trace.steps for c in step.cites]
    return [context.statements[c] for c in ids if c in context.statements]


# --- what the text says -----------------------------------------------------------------------


def _hop_step(
    step: Step, place: str, row: Row, context: CheckContext, reader: Reader
) -> Iterator[Finding]:
    cited = [context.statements[c] for c in step.cites if c in context.statements]
    known = {end for s in cited for end in (s.subject, s.object)}
    clauses = reader.read(step.text, context.names, known)
    for clause in clauses:
        if clause.strangers and _sets_options_aside(clause, row, context):
            yield unread(f"{place} speaks of other options: {clause.text!r}.")
        else:
            yield from _strangers([clause], place, "which it does not cite")
    supported: set[str] = set()
    for clause in clauses:
        if clause.denies:
            yield from _denial(clause, place, context)
            continue
        for reading in clause.readings:
            agreeing = [s.id for s in cited if _agrees(reading, s, context)]
            if agreeing and reading.clean:
                supported.update(agreeing)
            else:
                agreed = bool(agreeing)
                yield _against(reading, cited, place, step.text, row, context, agreed=agreed)
    for statement in cited:
        if statement.id not in supported:
            yield unread(f"{place} cites {statement.id}, but its text was not read as saying so.")
    yield from _left_over(clauses, place)
    if any(s.id not in supported for s in cited):
        yield from _contradicted(step, cited, place, row, context)


def _contradicted(
    step: Step, cited: list[Statement], place: str, row: Row, context: CheckContext
) -> Iterator[Finding]:
    """What was not read word for word may still be seen to be false."""
    symmetric = frozenset(
        s.predicate for s in cited if context.vocabulary.predicate(s.predicate).symmetric
    )
    for said in contradictions(
        step.text, cited, context.names, context.concepts, symmetric, row.language
    ):
        yield fault(f"{place} {said}.")


def _agrees(reading: Reading, statement: Statement, context: CheckContext) -> bool:
    if reading.negated:
        return False
    stated = (statement.subject, statement.predicate, statement.object)
    symmetric = context.vocabulary.predicate(statement.predicate).symmetric
    said = reading.triples()
    return stated in said or (symmetric and (stated[2], stated[1], stated[0]) in said)


def _sets_options_aside(clause: Clause, row: Row, context: CheckContext) -> bool:
    """Tell whether what a clause speaks of beside the point are wrong options that it denies."""
    others = [o for o in row.question.options if o.label != row.question.key]
    names = {
        name.casefold() for o in others for name in (o.text, *context.names_of(o.concept)) if name
    }
    return {name.casefold() for name in clause.strangers} <= names and has_denial(
        clause.text, row.language
    )


def _against(
    reading: Reading,
    cited: list[Statement],
    place: str,
    text: str,
    row: Row,
    context: CheckContext,
    *,
    agreed: bool,
) -> Finding:
    """Tell a contradiction from a text that was not read well enough to say."""
    about = [s for s in cited if reading.joins(s.subject, s.object)]
    said = f"{reading.left.text} ... {reading.right.text}"
    if not agreed and not reading.negated and _in_other_words(reading, about, context):
        return unread(f"{place} words what it cites as something else: {said!r}.")
    if reading.negated:
        denies = about and reading.meanings and not any(s.negative for s in about)
        if denies and not denies_nothing(text, row.language):
            return fault(f"{place} denies the statement that it cites: {said!r}.")
        return unread(f"{place} denies something that could not be read: {said!r}.")
    if not agreed and (reading.clean or about):
        return fault(
            f"{place} states {_said(reading.triples()[0])}, which it does not cite: {said!r}."
        )
    return unread(f"{place} has words that could not be read: {said!r}.")


def _in_other_words(reading: Reading, about: list[Statement], context: CheckContext) -> bool:
    """Tell whether a text may mean what it cites: it says another relation of the same two.

    It may not where the one rules the other out, or where the same is said the wrong way round.
    """
    known = context.vocabulary.predicate
    for subject, predicate, obj in reading.triples():
        for s in about:
            if known(predicate).kind != known(s.predicate).kind:
                continue
            turned = (subject, obj) != (s.subject, s.object)
            if not opposed(predicate, s.predicate) and not (
                aligned(predicate, s.predicate) and turned
            ):
                return True
    return False


def _denial(clause: Clause, place: str, context: CheckContext) -> Iterator[Finding]:
    """A denial is one fact that the graph does not hold, and nothing else."""
    for reading in clause.readings:
        for triple in reading.triples():
            held = context.states(*triple)
            said = f"{place} says that the graph does not hold {_said(triple)}"
            if held:
                yield fault(f"{said}; it does.")
            elif held is None:
                yield unread(f"{said}; only the whole graph can tell.")
    if len(clause.readings) != 1 or len(clause.mentions) != 2 or not clause.readings[0].clean:
        yield unread(f"{place} denies something that could not be read: {clause.text!r}.")


def _strangers(clauses: list[Clause], place: str, why: str) -> Iterator[Finding]:
    for clause in clauses:
        for name in clause.strangers:
            yield fault(f"{place} speaks of {name!r}, {why}.")


def _left_over(clauses: list[Clause], place: str) -> Iterator[Finding]:
    for clause in clauses:
        for words in clause.unread:
            yield unread(f"{place} has words that could not be read: {words!r}.")


# --- ruling out -------------------------------------------------------------------------------


def _rule_out(
    step: Step, place: str, row: Row, context: CheckContext, reader: Reader
) -> Iterator[Finding]:
    option = option_labelled(row, step.option)
    if option is None:
        yield fault(f"{place} rules out option {step.option}, which the question does not have.")
        return
    names = (option.text, *context.names_of(option.concept))
    if not NameMatcher((name, "") for name in names).find(step.text):
        yield fault(f"{place} rules out option {option.label} and does not name it.")
    known = _concepts(row, context)
    clauses = reader.read(step.text, context.names, known, rules_out=option.label)
    yield from _strangers(clauses, place, "which is neither in the question nor in its proof")
    for clause in clauses:
        if clause.denies:
            yield from _denial(clause, place, context)
            continue
        for reading in clause.readings:
            yield from _claim(reading, place, context)
    yield from _left_over(clauses, place)


def _claim(reading: Reading, place: str, context: CheckContext) -> Iterator[Finding]:
    """A fact stated while ruling out must be shipped with the rows, as any other that is used."""
    held = any(context.ships(*triple) for triple in reading.triples())
    said = f"{reading.left.text} ... {reading.right.text}"
    if reading.negated and held:
        yield fault(f"{place} denies what the graph holds: {said!r}.")
    elif reading.negated or not reading.clean:
        # A graph is never complete: that it does not hold a fact is no ground to deny the fact.
        yield unread(f"{place} says more than the graph can show: {said!r}.")
    elif not held:
        yield fault(f"{place} states {_said(reading.triples()[0])}, which is not in the evidence.")


def _corruptions(row: Row, context: CheckContext, reader: Reader) -> Iterator[Finding]:
    """A damaged step must not say, in other words, what is true."""
    known = _concepts(row, context)
    for corruption in row.corruptions:
        if corruption.step is None:
            continue
        clauses = reader.read(corruption.text, context.names, known)
        understood = not any(c.denies or c.unread or c.strangers for c in clauses)
        readings = [reading for clause in clauses for reading in clause.readings]
        if understood and readings and all(_is_true(r, context) for r in readings):
            yield fault(f"The corruption {corruption.name} says what the graph holds.")


def _is_true(reading: Reading, context: CheckContext) -> bool:
    sure = reading.clean and not reading.negated
    return sure and any(context.states(*triple) for triple in reading.triples())


def _concepts(row: Row, context: CheckContext) -> frozenset[str]:
    """Return every concept that a row may speak of when it rules an option out."""
    found = {node.id for path in paths_of(row) for node in path.nodes}
    for option in row.question.options:
        found.update(c for c in (option.concept,) if c)
        if option.why_out:
            found.update(c for c in (option.why_out.sibling,) if c)
            proof = [context.statements.get(c) for c in option.why_out.statements]
            found.update(end for s in proof if s for end in (s.subject, s.object))
    return frozenset(found)


GROUNDING = Check(
    code="grounding",
    sentence=(
        "Every hop is a statement of the graph, right way round and with the right polarity; "
        "every step cites such statements, and its text says what they say and nothing else."
    ),
    mend=(
        "Look at the hop or step that the detail names. Rewrite the step in a wording that "
        "ontologies/predicates.yaml gives for the relation, or drop the row."
    ),
    examine=examine,
)
