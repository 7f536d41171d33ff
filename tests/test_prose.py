"""Steps in free prose: what contradicts its statements is told, a free wording is let be."""

from __future__ import annotations

import pytest
from graph_columns import compiled, small_graph

from kgsynth.linking.matching import NameMatcher
from kgsynth.model import Statement, statement_id
from kgsynth.verify.prose import aligned, contradictions, denies_nothing, has_denial, opposed

TYPES = {
    "gout": "disease", "allopurinol": "drug", "rash": "finding", "renin": "protein",
    "thyroxine": "hormone", "tsh": "hormone", "sepsis": "disease", "pneumonia": "disease",
    "pregnancy": "disease", "sodium": "chemical",
}  # fmt: skip
GRAPH = small_graph("\n".join(f"{name} glows_near other" for name in TYPES), TYPES)

TREATS = ("allopurinol", "treats", "gout")
HARMS = ("allopurinol", "has_side_effect", "rash")
LEADS = ("pneumonia", "leads_to", "sepsis")
AVOIDED = ("allopurinol", "contraindicated_in", "pregnancy")
LOWERS = ("thyroxine", "lowers", "tsh")


def said(text: str, *cited: tuple[str, str, str], language: str = "en") -> list[str]:
    statements = [
        Statement(
            id=statement_id(*triple), subject=triple[0], predicate=triple[1], object=triple[2],
            negative=triple[1] == "contraindicated_in", sources=("x",),
        )
        for triple in cited
    ]  # fmt: skip
    with compiled(GRAPH) as graph:
        concepts = {c.id: c for c in map(graph.concept, range(graph.node_count))}
        names = NameMatcher((name, name) for name in TYPES)
        return list(contradictions(text, statements, names, concepts, frozenset(), language))


@pytest.mark.parametrize(
    ("text", "cited", "expected"),
    [
        ("Allopurinol has never been shown to treat gout.", [TREATS], "denies"),
        ("Far from treating gout, allopurinol is idle.", [TREATS], "denies"),
        ("Gout is not treated with allopurinol.", [TREATS], "denies"),
        ("Allopurinol is treated with gout.", [TREATS], "turns round"),
        ("Sepsis often leads, in the end, to pneumonia.", [LEADS], "turns round"),
        ("Pneumonia is a complication of sepsis.", [LEADS], "turns round"),
        ("Gout is one of the side effects of allopurinol.", [TREATS], "another relation"),
        ("Allopurinol relieves a rash.", [HARMS], "another relation"),
        ("Thyroxine raises TSH.", [LOWERS], "another relation"),
        ("Thyroxine meets TSH: the latter lowers the former.", [LOWERS], "turns round"),
        ("Consider gout and allopurinol. The disease treats the drug.", [TREATS], "turns round"),
        ("Allopurinol treats gout and protects against a rash.", [TREATS, HARMS], "another"),
        ("Allopurinol is a sound choice in pregnancy.", [AVOIDED], "does not say"),
        ("Pregnancy is no obstacle to allopurinol.", [AVOIDED], "does not say"),
    ],
)
def test_a_contradiction_is_told(
    text: str, cited: list[tuple[str, str, str]], expected: str
) -> None:
    found = said(text, *cited)
    assert found
    assert expected in found[0]


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("Allopurinol is the old standby for gout.", [TREATS]),
        ("Gout responds well to allopurinol, and not only in the old.", [TREATS]),
        ("Not surprisingly, allopurinol relieves gout.", [TREATS]),
        ("Gout would not subside but for allopurinol.", [TREATS]),
        ("Among the adverse effects of allopurinol one finds a rash.", [HARMS]),
        ("A recognised complication of pneumonia is sepsis.", [LEADS]),
        ("Sepsis may be brought on by pneumonia.", [LEADS]),
        ("Allopurinol must never be given in pregnancy.", [AVOIDED]),
        ("Pregnancy is a reason to avoid allopurinol.", [AVOIDED]),
        ("Allopurinol treats gout but may cause a rash.", [TREATS, HARMS]),
        ("Consider gout. The disease is treated with the drug allopurinol.", [TREATS]),
        ("Sodium has nothing to do with it.", [TREATS]),
        ("", [TREATS]),
        ("Gout, allopurinol.", [TREATS]),
    ],
)
def test_free_wording_is_let_be(text: str, cited: list[tuple[str, str, str]]) -> None:
    assert said(text, *cited) == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("La allopurinol no trata la gout.", True),
        ("La gout se trata con allopurinol.", False),
        ("La allopurinol se trata con gout.", True),
    ],
)
def test_spanish_is_read_too(text: str, wrong: bool) -> None:
    assert bool(said(text, TREATS, language="es")) == wrong


def test_a_language_without_cues_gives_no_fault() -> None:
    assert said("Gout is not treated with allopurinol.", TREATS, language="zh") == []


def test_what_relations_rule_one_another_out() -> None:
    assert aligned("causes", "leads_to")
    assert aligned("treats", "treats")
    for one, other in (
        ("inhibits", "activates"),
        ("raises", "lowers"),
        ("treats", "causes"),
        ("active_against", "inactive_against"),
    ):
        for pair in ((one, other), (other, one)):
            assert opposed(*pair)
            assert not aligned(*pair)
    assert not opposed("glows_near", "treats")
    assert not aligned("glows_near", "treats")


def test_denials() -> None:
    assert has_denial("It does not.", "en")
    assert not has_denial("It does.", "en")
    assert denies_nothing("not only this", "en")
    assert not denies_nothing("not this", "en")
