"""The mini graph: counted by hand, and read here without our own readers.

The distances below were worked out on paper; networkx is asked whether they hold.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from itertools import combinations
from typing import Any, NamedTuple

import networkx as nx
import pytest

from kgsynth.questions import read_questions
from kgsynth.resources import locate
from kgsynth.sources import read_source
from kgsynth.vocabulary import load_vocabulary

MINI = locate("ontologies/mini")
HUBS = ("inflammation", "pain")


class Node(NamedTuple):
    name: str
    type: str
    others: tuple[str, ...]

    def names(self) -> tuple[str, ...]:
        return (self.name, *self.others)


def table(name: str) -> list[dict[str, str]]:
    with (MINI / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def short(identifier: str) -> str:
    assert identifier.startswith("KGMINI:")
    return identifier.removeprefix("KGMINI:")


def parts(*cells: str) -> tuple[str, ...]:
    return tuple(part for cell in cells for part in cell.split("|") if part)


NODES = {
    short(row["id"]): Node(row["name"], row["types"], parts(row["synonyms"], row["abbreviations"]))
    for row in table("nodes.tsv")
}
EDGES = [(short(r["subject"]), r["predicate"], short(r["object"])) for r in table("edges.tsv")]
QUESTIONS: list[dict[str, Any]] = [
    json.loads(line) for line in (MINI / "questions.jsonl").read_text("utf-8").splitlines()
]
WHOLE: nx.Graph[str] = nx.Graph([(subject, obj) for subject, _, obj in EDGES])
CUT: nx.Graph[str] = WHOLE.subgraph([n for n in WHOLE if n not in HUBS])


def of(predicate: str) -> set[tuple[str, str]]:
    return {(subject, obj) for subject, p, obj in EDGES if p == predicate}


NEGATIVE = of("contraindicated_in") | of("inactive_against")

# --- counted by hand -----------------------------------------------------------------------


def test_counts() -> None:
    assert len(table("nodes.tsv")) == len(NODES) == 49
    assert len(EDGES) == len(set(EDGES)) == 121
    assert len(QUESTIONS) == 10
    assert Counter(node.type for node in NODES.values()) == {
        "disease": 10,
        "drug": 8,
        "protein": 5,
        "gene": 4,
        "hormone": 4,
        "pathogen": 4,
        "process": 4,
        "finding": 4,
        "anatomy": 3,
        "laboratory": 2,
        "chemical": 1,
    }


def test_our_reader_reads_all_of_it() -> None:
    graph = read_source("tables", MINI)
    assert (graph.nodes.height, graph.edges.height, graph.dropped.height) == (49, 121, 0)
    assert graph.names.height == sum(len(node.names()) for node in NODES.values())
    assert set(graph.sources[0].complete) == {"encodes", "inhibits", "active_against"}
    found = read_questions("jsonl", MINI / "questions.jsonl")
    assert (len(found.questions), found.quarantined) == (10, ())


def test_the_readme_tells_these_numbers() -> None:
    text = " ".join((MINI / "README.md").read_text("utf-8").split())
    assert "49 concepts, 121 statements, 10 questions" in text
    assert "`inflammation` (20 neighbours) and `pain` (15)" in text
    assert "394 pairs of concepts lie farther apart" in text
    assert "163 pairs have a unique shortest path of 2 hops, 203 of 3, and 123 of 4" in text


# --- shape ---------------------------------------------------------------------------------


def test_two_hubs_tower_over_the_rest() -> None:
    degrees = sorted(((degree, name) for name, degree in WHOLE.degree), reverse=True)
    assert degrees[:2] == [(20, "inflammation"), (15, "pain")]
    assert degrees[2:4] == [(9, "ibuprofen"), (9, "heart_failure")]


def test_every_concept_is_in_a_statement_and_reachable_even_without_the_hubs() -> None:
    assert set(WHOLE) == set(NODES)
    assert nx.is_connected(WHOLE)
    assert nx.is_connected(CUT)


def test_two_parents_hang_by_hierarchy_alone_once_the_hubs_are_gone() -> None:
    walked = CUT.copy()
    walked.remove_edges_from(of("is_a") | of("part_of") | NEGATIVE)
    whole, *rest = sorted(nx.connected_components(walked), key=len, reverse=True)
    assert len(whole) == 45
    assert sorted(rest, key=sorted) == [{"adrenal_gland"}, {"arthritis"}]


@pytest.mark.parametrize(
    ("start", "end", "with_hubs", "without"),
    [
        ("agtr1", "losartan", 2, 2),  # by the AT1 receptor
        ("nr3c2", "edema", 3, 3),  # by the mineralocorticoid receptor and sodium reabsorption
        ("adrb1", "adrenal_gland", 4, 4),  # by the receptor, epinephrine and the medulla
        ("agtr1", "adrb1", 5, 5),  # by AT1 receptor, vasoconstriction, epinephrine, beta-1
        ("helicobacter_pylori", "rheumatoid_arthritis", 2, 3),  # by the ulcer and a painkiller
        ("mycoplasma_pneumoniae", "gout", 2, 4),  # by pneumonia, fever and ibuprofen
        ("spironolactone", "clarithromycin", 2, 5),  # by failure, cough, pneumonia, a germ
        ("pheochromocytoma", "streptococcal_pharyngitis", 2, 5),  # by metoprolol ... aspirin
        ("streptococcus_pyogenes", "angiotensin_ii", 2, 6),
        ("gout", "arthritis", 1, 1),
    ],
)
def test_distances(start: str, end: str, with_hubs: int, without: int) -> None:
    assert nx.shortest_path_length(WHOLE, start, end) == with_hubs
    assert nx.shortest_path_length(CUT, start, end) == without


def test_chains_with_one_shortest_path_only() -> None:
    assert list(nx.all_shortest_paths(CUT, "nr3c2", "edema")) == [
        ["nr3c2", "mineralocorticoid_receptor", "sodium_reabsorption", "edema"]
    ]
    assert list(nx.all_shortest_paths(CUT, "adrb1", "adrenal_gland")) == [
        ["adrb1", "beta_1_adrenergic_receptor", "epinephrine", "adrenal_medulla", "adrenal_gland"]
    ]


def test_many_pairs_have_a_unique_shortest_path_without_the_hubs() -> None:
    unique: Counter[int] = Counter()
    grew = 0
    for start, end in combinations(sorted(CUT), 2):
        paths = list(nx.all_shortest_paths(CUT, start, end))
        length = len(paths[0]) - 1
        unique[length] += len(paths) == 1
        grew += length > nx.shortest_path_length(WHOLE, start, end)
    assert (unique[2], unique[3], unique[4]) == (163, 203, 123)
    assert grew == 394


# --- names ---------------------------------------------------------------------------------


def tokens(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


def runs_in(text: str, name: str) -> bool:
    whole, run = tokens(text), tokens(name)
    return any(whole[at : at + len(run)] == run for at in range(len(whole)))


def test_names_are_told_apart_but_for_the_case_that_the_readme_names() -> None:
    inside = {
        (one, name)
        for one, other in combinations(NODES, 2)
        for inner, outer in ((one, other), (other, one))
        for run in NODES[inner].names()
        for name in NODES[outer].names()
        if runs_in(name, run)
    }
    assert {name for _, name in inside} == {"rheumatoid arthritis", "gouty arthritis"}


def test_ids_are_names_and_every_concept_has_one_to_four_others() -> None:
    for identifier, node in NODES.items():
        assert re.sub(r"[^a-z0-9]+", "_", node.name.lower()) == identifier
        assert 1 <= len(node.others) <= 4, identifier
        assert len({name.casefold() for name in node.names()}) == len(node.names())


def test_types_are_known_and_no_name_is_a_type() -> None:
    types = load_vocabulary().types
    nouns = {form for t in types.values() for form in (t["en"].noun, t["en"].plural)}
    for node in NODES.values():
        assert node.type in types
        assert not nouns & set(node.names())


# --- truth ---------------------------------------------------------------------------------

DOMAINS: dict[str, tuple[set[str], set[str]]] = {
    "encodes": ({"gene"}, {"protein"}),
    "inhibits": ({"drug"}, {"protein"}),
    "activates": (
        {"hormone", "chemical", "protein"},
        {"protein", "process", "anatomy"},
    ),
    "participates_in": ({"protein", "chemical"}, {"process"}),
    "expressed_in": ({"protein"}, {"anatomy"}),
    "produces": ({"anatomy", "protein", "disease"}, {"hormone"}),
    "part_of": ({"anatomy"}, {"anatomy"}),
    "is_a": ({"disease"}, {"disease"}),
    "raises": ({"hormone", "drug", "disease"}, {"hormone", "chemical", "process"}),
    "lowers": ({"drug", "hormone", "protein"}, {"hormone", "chemical", "process"}),
    "causes": (
        {"hormone", "chemical", "pathogen", "disease", "process"},
        {"process", "finding", "laboratory", "disease"},
    ),
    "underlies": ({"hormone", "process"}, {"disease", "finding", "process"}),
    "leads_to": ({"disease"}, {"disease"}),
    "risk_factor_for": ({"disease"}, {"disease"}),
    "associated_with": ({"disease"}, {"process"}),
    "has_symptom": ({"disease"}, {"finding"}),
    "has_finding": ({"disease"}, {"laboratory"}),
    "has_side_effect": ({"drug"}, {"finding", "disease"}),
    "affects_site": ({"disease"}, {"anatomy"}),
    "treats": ({"drug"}, {"disease", "finding"}),
    "prevents": ({"drug", "process"}, {"disease"}),
    "contraindicated_in": ({"drug"}, {"disease"}),
    "active_against": ({"drug"}, {"pathogen"}),
    "inactive_against": ({"drug"}, {"pathogen"}),
}


def test_every_predicate_is_canonical_and_joins_the_types_that_it_may() -> None:
    assert {predicate for _, predicate, _ in EDGES} == set(DOMAINS)
    assert set(DOMAINS) <= set(load_vocabulary().predicates)
    for subject, predicate, obj in EDGES:
        assert subject != obj
        subjects, objects = DOMAINS[predicate]
        assert NODES[subject].type in subjects, (subject, predicate, obj)
        assert NODES[obj].type in objects, (subject, predicate, obj)


def test_every_statement_has_a_line_of_evidence_of_its_own() -> None:
    lines = [row["evidence"] for row in table("edges.tsv")]
    assert all(re.fullmatch(r"[A-Z].*[a-z]\.", line) for line in lines)
    repeated = {line for line, count in Counter(lines).items() if count > 1}
    assert not repeated


def test_complete_predicates_hold_what_was_checked_pair_by_pair() -> None:
    assert of("encodes") == {
        ("agtr1", "at1_receptor"),
        ("adrb1", "beta_1_adrenergic_receptor"),
        ("nr3c2", "mineralocorticoid_receptor"),
        ("ptgs1", "cyclooxygenase_1"),
    }
    assert of("inhibits") == {
        ("lisinopril", "angiotensin_converting_enzyme"),
        ("losartan", "at1_receptor"),
        ("metoprolol", "beta_1_adrenergic_receptor"),
        ("spironolactone", "mineralocorticoid_receptor"),
        ("ibuprofen", "cyclooxygenase_1"),
        ("aspirin", "cyclooxygenase_1"),
    }
    everywhere = {name for name, node in NODES.items() if node.type == "pathogen"}
    assert of("active_against") == {("clarithromycin", germ) for germ in everywhere} | {
        ("amoxicillin", germ) for germ in everywhere - {"mycoplasma_pneumoniae"}
    }


def test_negative_statements_and_no_positive_twin() -> None:
    forbidden = {("metoprolol", "pheochromocytoma"), ("ibuprofen", "heart_failure")}
    assert of("contraindicated_in") == forbidden
    assert of("inactive_against") == {("amoxicillin", "mycoplasma_pneumoniae")}
    assert not NEGATIVE & (of("treats") | of("active_against"))


# --- questions -----------------------------------------------------------------------------


def named(text: str) -> list[str]:
    """Find the concept that a text is a name of."""
    return [concept for concept, node in NODES.items() if text in node.names()]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: str(q["id"]))
def test_options_are_four_concepts_of_one_type(question: dict[str, Any]) -> None:
    assert list(question["options"]) == ["A", "B", "C", "D"]
    concepts = [concept for text in question["options"].values() for concept in named(text)]
    assert len(set(concepts)) == 4
    assert len({NODES[concept].type for concept in concepts}) == 1


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: str(q["id"]))
def test_concepts_are_those_that_the_stem_names(question: dict[str, Any]) -> None:
    stem = question["stem"]
    found = [c for c, node in NODES.items() if any(runs_in(stem, n) for n in node.names())]
    # A name inside a longer one is no mention of its own.
    longest = [c for c in found if c != "arthritis" or "rheumatoid_arthritis" not in found]
    assert sorted(longest) == sorted(map(short, question["concepts"]))


@pytest.mark.parametrize("question", QUESTIONS[:9], ids=lambda q: str(q["id"]))
def test_nine_answers_lie_two_or_three_hops_from_the_stem(question: dict[str, Any]) -> None:
    (answer,) = named(question["options"][question["key"]])
    for concept in map(short, question["concepts"]):
        assert nx.shortest_path_length(CUT, concept, answer) in (2, 3)
        assert nx.shortest_path_length(WHOLE, concept, answer) >= 2


def test_the_tenth_ends_in_a_hub_and_keys_are_spread() -> None:
    last = QUESTIONS[-1]
    (answer,) = named(last["options"][last["key"]])
    assert answer in HUBS
    assert all(WHOLE.has_edge(short(concept), answer) for concept in last["concepts"])
    assert set(Counter(question["key"] for question in QUESTIONS)) == set("ABCD")
