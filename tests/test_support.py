"""Whether a chain of relations leads to a concept, and if not, how surely: by hand."""

from __future__ import annotations

import numpy as np
import pytest
from graph_columns import WALKED, compiled, small_graph

from kgsynth.graph.hierarchy import Hierarchy
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.model import Grade
from kgsynth.paths.finder import PathFinder
from kgsynth.paths.support import ChainFinder, ChainSupport, good_enough, relations

CHAIN = ("causes", "treats")
"""What every chain below asks for: start causes e, and e is treated by the end."""

PLAIN = """
    start causes e
    end treats e
"""


def chain(
    graph: KnowledgeGraph, start: str = "start", predicates: tuple[str, ...] = CHAIN
) -> ChainSupport:
    codes = [graph.predicate_names.index(name) for name in predicates]
    return ChainFinder(graph, Hierarchy(graph)).chain(graph.code(start), codes)


def grade(text: str, end: str, complete: tuple[str, ...] = ()) -> Grade | None:
    lines = "\n".join(line.strip() for line in (PLAIN + text).strip().splitlines())
    with compiled(small_graph(lines), complete=complete) as graph:
        return chain(graph).grade(graph.code(end))


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("", "end"),
        ("other treats e", "other"),
        ("other prevents e", "other"),  # the same family
        ("e treats other", "other"),  # the other way round
        ("start underlies f\nother treats f", "other"),  # by another concept, of the same family
        ("f causes start\nother treats f", "other"),
        ("wide is_a start\nwide causes f\nother treats f", "other"),  # by what stands below it
        ("start is_a wide\nwide causes f\nother treats f", "other"),  # by what stands above it
        ("f part_of e\nother treats f", "other"),  # by a part of the bridge
        ("e is_a f\nf is_a g\nother treats g", "other"),  # by what stands two above the bridge
        ("other is_a end", "other"),  # a kind of what is supported
        ("end is_a other", "other"),
    ],
)
def test_a_chain_that_leads_there_is_support(text: str, end: str) -> None:
    assert grade(text, end) is None


@pytest.mark.parametrize(
    "text",
    [
        "other causes e",  # another family
        "other treats start",  # too short a chain
        "start treats f\nother treats f",  # another first relation
        "other is_a f\nend is_a f",  # a sibling of what is supported is not its kin
        "g is_a e\ng is_a f\nother treats f",  # nor is the bridge's child's other parent
        "other glows_near e",
        "other has_side_effect e",
    ],
)
def test_without_a_chain_it_is_merely_absent(text: str) -> None:
    assert grade(text, "other") is Grade.ABSENT


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("other contraindicated_in e", Grade.CONTRADICTED),
        ("e contraindicated_in other", Grade.CONTRADICTED),
        (
            "start causes f\nother contraindicated_in e\nother contraindicated_in f",
            Grade.CONTRADICTED,
        ),
        ("start causes f\nother contraindicated_in e", Grade.ABSENT),  # by f it might be so
        ("f is_a e\nother contraindicated_in f", Grade.ABSENT),  # a kind of e is not all of e
        ("other contraindicated_in start", Grade.ABSENT),  # not where the last relation begins
        ("other inactive_against e", Grade.ABSENT),  # it denies another family
        ("other contraindicated_in f", Grade.ABSENT),  # the chain does not come there
        ("other treats e\nother contraindicated_in e", None),  # what is stated stands
    ],
)
def test_a_negative_statement_contradicts(text: str, expected: Grade | None) -> None:
    assert grade(text, "other") is expected


def test_a_negative_statement_is_no_step() -> None:
    text = "start excludes f\nother treats f\nstart has_symptom g\ng treats end"
    with compiled(small_graph(text)) as graph:
        support = chain(graph, predicates=("has_symptom", "treats"))
        assert support.grade(graph.code("end")) is None
        assert support.grade(graph.code("other")) is Grade.ABSENT


def test_the_denials_of_every_place_are_the_proof() -> None:
    text = "start causes e\nstart causes f\nend treats e\nother contraindicated_in e"
    with compiled(small_graph(text + "\nf contraindicated_in other")) as graph:
        proof = [graph.statement(edge) for edge in chain(graph).denials(graph.code("other"))]
        assert {(s.subject, s.predicate, s.object) for s in proof} == {
            ("other", "contraindicated_in", "e"),
            ("f", "contraindicated_in", "other"),
        }
        assert chain(graph).denials(graph.code("end")) == ()


@pytest.mark.parametrize(
    ("complete", "expected"),
    [
        (("causes", "treats"), Grade.CLOSED),
        (("causes",), Grade.ABSENT),
        (("treats",), Grade.ABSENT),
        ((), Grade.ABSENT),
    ],
)
def test_closed_needs_every_relation_of_the_chain(
    complete: tuple[str, ...], expected: Grade
) -> None:
    assert grade("other has_side_effect f", "other", complete) is expected
    assert grade("other contraindicated_in e", "other", complete) is Grade.CONTRADICTED
    assert grade("other treats e", "other", complete) is None


def test_a_chain_may_turn_back() -> None:
    with compiled(small_graph("a treats b\nc treats b\nd treats c")) as graph:
        support = chain(graph, "a", ("treats", "treats"))
        reached = {graph.id(code) for code in support.reached}
        assert reached == {"a", "c"}


def test_grades_are_ordered() -> None:
    order = [Grade.CONTRADICTED, Grade.CLOSED, Grade.ABSENT]
    for place, asked in enumerate(order):
        assert [good_enough(g, asked.value) for g in order] == [n <= place for n in range(3)]


SOLE = "a causes b\nb treats c"


@pytest.mark.parametrize(
    ("more", "types", "expected"),
    [
        ("", {}, True),
        ("b treats d", {"c": "drug", "d": "drug"}, False),
        ("b treats d", {"c": "drug", "d": "gene"}, True),  # no reader would take a gene for it
        ("b treats d", {}, False),  # without a type, any concept will do
        ("b treats d", {"d": "gene"}, False),
        ("a causes e\ne treats d", {"b": "disease", "e": "disease"}, False),
        ("a causes e\ne treats d", {"b": "disease", "e": "gene"}, True),
        ("a causes e\ne treats d", {"e": "gene"}, False),
        ("d treats b", {}, True),  # the other way
        ("b causes d", {}, True),  # another relation
        ("a causes e\ne treats c", {}, True),  # another way to the key
    ],
)
def test_relations_and_types_lead_to_the_key_alone(
    more: str, types: dict[str, str], expected: bool
) -> None:
    with compiled(small_graph(f"{SOLE}\n{more}".strip(), types)) as graph:
        codes = tuple(graph.code(name) for name in "abc")
        finder = ChainFinder(graph, Hierarchy(graph))
        assert finder.is_sole(codes, PathFinder(graph).links(codes)) is expected


def test_steps_from_a_busy_concept_are_those_of_a_plain_loop() -> None:
    """Of many statements the relations are sought, and more are found than a list first holds."""
    lines = [f"hub {WALKED[n % 5]} n{n}" for n in range(300)]
    lines += [f"n{n} {WALKED[n % 3]} hub" for n in range(100, 400)]
    with compiled(small_graph("\n".join(lines))) as graph:
        finder = ChainFinder(graph, Hierarchy(graph))
        hub = np.array([graph.code("hub")], dtype=np.int32)
        for relation, name in enumerate(graph.predicate_names):
            found = finder.along(hub, relations(np.arange(len(finder.denies)) == relation))
            beside = {n.other for n in graph.beside("hub") if n.predicate == relation}
            assert len(found) > 50, name
            assert sorted(found.tolist()) == sorted(beside)
