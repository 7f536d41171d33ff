"""What is wrong with a graph: each code shown and not shown, in the words of any source."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest
from graph_columns import source
from hypothesis import given, settings
from hypothesis import strategies as st

from kgsynth.cli.explain import all_reasons
from kgsynth.cli.main import main
from kgsynth.graph.compile import compile_graph
from kgsynth.graph.validation.problems import Problem, find_problems, problems
from kgsynth.sources import read_source
from kgsynth.sources.columns import DROPPED, GraphColumns

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"

TYPED = {
    "drug": ("drug",), "pill": ("drug",), "ill": ("disease",), "sick": ("disease",),
    "ache": ("finding",), "gene": ("gene",), "bare": (), "odd": ("nonsense",), "h:drug":
    ("hetionet:Compound",), "h:ill": ("hetionet:Disease",), "p:ill": ("primekg:disease",),
    "b:drug": ("biolink:Drug",), "b:ill": ("biolink:Disease",), "h:gene": ("hetionet:Gene",),
    "u:lump": ("umls:T191",), "p:gene": ("primekg:gene/protein",), "b:gene": ("biolink:Gene",),
}  # fmt: skip
"""The types of every concept that the graphs below name; T191 is a neoplastic process."""


def graph(text: str, **types: Sequence[str]) -> GraphColumns:
    """Write a graph by hand, a statement a line; a spelling holds + for a space.

    All that ends in ``?`` has no evidence.
    """
    rows = [line.strip() for line in text.strip().splitlines()]
    words = [row.rstrip("?").split() for row in rows]
    ids = dict.fromkeys(end for s, _, o in words for end in (s, o))
    return source(
        "one",
        [(i, types.get(i, TYPED.get(i, ()))) for i in (*ids, *(t for t in types if t not in ids))],
        [
            (s, p.replace("+", " "), o, "" if row.endswith("?") else "It is so.")
            for (s, p, o), row in zip(words, rows, strict=True)
        ],
    )


def found(columns: GraphColumns) -> set[tuple[str, str]]:
    return {(problem.code, problem.where) for problem in problems(columns)}


SHOWN = [
    ("wrong-subject", "sick treats ill", "sick treats ill"),
    ("wrong-subject", "h:ill hetionet:CtD h:drug", "h:ill treats h:drug"),
    ("wrong-subject", "p:ill primekg:indication drug", "p:ill treats drug"),
    ("wrong-subject", "b:ill biolink:treats b:drug", "b:ill treats b:drug"),
    ("wrong-subject", "b:drug biolink:treated_by ill", "ill treats b:drug"),
    ("unusual-subject", "u:lump treats ill", "u:lump treats ill"),
    ("unusual-subject", "u:lump treats drug", "u:lump treats drug"),
    ("unusual-subject", "h:ill hetionet:CtD p:ill", "h:ill treats p:ill"),
    ("wrong-subject", "ill treated_by sick", "sick treats ill"),
    ("wrong-object", "drug treats pill", "drug treats pill"),
    ("wrong-object", "ill hetionet:CtD b:drug", "ill treats b:drug"),
    ("wrong-object", "b:drug biolink:treated_by b:ill", "b:ill treats b:drug"),
    ("unusual-object", "h:drug hetionet:CtD b:drug", "h:drug treats b:drug"),
    ("unusual-object", "b:drug biolink:treated_by drug", "drug treats b:drug"),
    ("wrong-object", "drug treats gene", "drug treats gene"),
    ("wrong-object", "drug interacts_with gene", "drug interacts_with gene"),
    ("wrong-parent", "drug is_a ill", "drug is_a ill"),
    ("wrong-parent", "ill has_subclass drug", "drug is_a ill"),
    ("unusual-parent", "h:drug is_a b:ill", "h:drug is_a b:ill"),
    ("unusual-parent", "drug is_a b:ill", "drug is_a b:ill"),
    ("unknown-predicate", "drug treets ill", "treets"),
    ("unknown-predicate", "drug hetionet:XyZ ill", "hetionet:XyZ"),
    ("unknown-predicate", "drug not+treets ill", "not_treets"),
    ("unknown-type", "odd treats ill", "nonsense"),
    ("no-type", "bare treats ill", "bare"),
    ("no-evidence", "drug treats ill?", "drug treats ill"),
    ("no-evidence", "ill treated_by drug?", "drug treats ill"),
    ("self-loop", "ill is_a ill", "ill is_a ill"),
    ("repeated-statement", "drug treats ill\ndrug hetionet:CtD ill", "drug treats ill"),
    ("inverse-twin", "drug treats ill\nill treated_by drug", "drug treats ill"),
    (
        "inverse-twin",
        "drug interacts_with pill\npill interacts_with drug",
        "drug interacts_with pill",
    ),
    ("contradiction", "drug treats ill\ndrug contraindicated_in ill", "drug treats ill"),
    (
        "contradiction",
        "ill treated_by drug\ndrug primekg:contraindication ill",
        "drug treats ill",
    ),
    ("contradiction", "drug biolink:treats ill\ndrug not+biolink:treats ill", "drug treats ill"),
    ("contradiction", "ill has_symptom ache\nache excludes ill", "ill has_symptom ache"),
]
QUIET = [
    ("wrong-subject", "h:drug hetionet:CtD h:ill"),
    ("wrong-subject", "drug primekg:indication p:ill"),
    ("wrong-subject", "b:drug biolink:treats b:ill"),
    ("wrong-subject", "ill treated_by drug"),
    ("wrong-subject", "bare treats ill"),
    ("wrong-subject", "odd treats ill"),
    ("wrong-subject", "u:lump treats ill"),
    ("unusual-subject", "h:ill hetionet:CtD h:drug"),
    ("unusual-subject", "h:gene hetionet:GiG p:gene"),
    ("unusual-subject", "sick treats ill"),
    ("unusual-object", "h:drug treats u:lump"),
    ("unusual-object", "p:ill primekg:indication drug"),
    ("wrong-object", "h:drug treats u:lump"),
    ("wrong-object", "h:gene hetionet:GiG p:gene"),
    ("wrong-object", "ill biolink:treated_by drug"),
    ("wrong-object", "drug made_up gene"),
    ("wrong-parent", "ill is_a sick"),
    ("wrong-parent", "b:ill is_a u:lump"),
    ("wrong-parent", "ill is_a bare"),
    ("wrong-parent", "h:drug is_a b:ill"),
    ("unusual-parent", "ill is_a u:lump"),
    ("unusual-parent", "u:lump is_a ill"),
    ("unusual-parent", "drug is_a ill"),
    ("unknown-predicate", "h:drug hetionet:CtD h:ill"),
    ("unknown-predicate", "p:ill primekg:indication drug"),
    ("unknown-predicate", "ill not+biolink:treated_by drug"),
    ("unknown-type", "h:drug treats u:lump"),
    ("unknown-type", "p:gene interacts_with b:gene"),
    ("no-type", "odd treats ill"),
    ("no-evidence", "drug treats ill"),
    ("no-evidence", "drug treats ill?\nill treated_by drug"),
    ("self-loop", "ill is_a sick"),
    ("repeated-statement", "drug treats ill\nill treated_by drug"),
    ("repeated-statement", "drug treats ill\ndrug treats sick"),
    ("inverse-twin", "drug treats ill\ndrug treats ill"),
    ("inverse-twin", "drug causes ill\nill causes drug"),
    ("contradiction", "drug treats ill\ndrug contraindicated_in sick"),
    ("contradiction", "drug treats ill\nill contraindicated_in drug"),
    ("contradiction", "drug treats ill\nill has_contraindication pill"),
    ("contradiction", "ill has_symptom ache\nill excludes ache"),
]


@pytest.mark.parametrize(("code", "text", "where"), SHOWN)
def test_what_is_wrong_is_told(code: str, text: str, where: str) -> None:
    assert (code, where) in found(graph(text))


@pytest.mark.parametrize(("code", "text"), QUIET)
def test_what_is_sound_is_not(code: str, text: str) -> None:
    assert code not in {problem.code for problem in problems(graph(text))}


def test_concepts_without_statements_and_names_of_two() -> None:
    columns = source(
        "one",
        [("A", ["drug"]), ("B", ["disease"]), ("C", ["disease"])],
        [("A", "treats", "B", "x")],
        names=[("A", "alpha", "en", "preferred"), ("B", "beta", "en", "preferred"),
               ("C", "BETA", "en", "synonym"), ("A", "beta", "es", "synonym")],
    )  # fmt: skip
    assert found(columns) == {("orphan", "C"), ("shared-name", "B, C")}


def test_a_row_that_could_not_be_used_is_told_with_its_place() -> None:
    lost = pl.DataFrame([("e.tsv", 8, "dangling", "A\ttreats\tZ")], schema=DROPPED, orient="row")
    columns = replace(graph("drug treats ill"), dropped=lost)
    assert problems(columns) == [Problem("dangling", "e.tsv, row 8", "A\ttreats\tZ")]


def test_a_spelling_that_is_not_known_is_told_once_with_what_may_be_meant() -> None:
    columns = graph("drug treets ill\npill treets ill", lone=("diseese",))
    told = {problem.code: problem.detail for problem in problems(columns)}
    assert told["unknown-predicate"] == (
        "not listed; in 2 statements, as drug treets ill. Did you mean 'treats'?"
    )
    assert told["unknown-type"] == (
        "not listed; type of 1 concept, as of lone. Did you mean 'disease'?"
    )


def test_several_sources_are_judged_as_one() -> None:
    """What one leaves open another says; what both say is no repetition."""
    open_types = graph("drug treats ill", drug=(), ill=())
    other = graph("drug treats ill\ndrug contraindicated_in ill")
    codes = Counter(group.code for group in find_problems([open_types, other]))
    assert codes == {"contradiction": 1}
    assert find_problems([other, open_types])[0].count == 1


def test_the_gravest_comes_first_and_each_code_is_cut_for_itself() -> None:
    text = "\n".join([*(f"d{n} treats i{n}?" for n in range(30)), "sick treats ill?"])
    groups = find_problems([graph(text)], limit=4)
    assert [(g.code, g.severity, g.count, len(g.examples)) for g in groups] == [
        ("wrong-subject", "error", 1, 1),
        ("no-type", "remark", 60, 4),
        ("no-evidence", "remark", 31, 4),
    ]
    everything = find_problems([graph(text)])
    assert [len(group.examples) for group in everything] == [1, 60, 31]
    assert everything[1].examples[:4] == groups[1].examples


def test_a_statement_of_many_rows_is_shown_once_and_its_rows_counted() -> None:
    (repeated,) = find_problems([graph("drug treats ill\n" * 4)])
    assert (repeated.count, len(repeated.examples), repeated.left_out) == (3, 1, 0)


def test_every_code_is_explained() -> None:
    assert {code for code, *_ in SHOWN} | {"orphan", "shared-name"} <= all_reasons().keys()


def test_it_names_ids_relations_and_rows_of_files(tmp_path: Path) -> None:
    nodes = (
        "id\tname\ttypes\n"
        "A\talpha\tdrug\nB\tbeta\tdisease\nC\tBeta\tdisease\nD\tdelta\tnonsense\nE\te\t\n"
    )
    edges = (
        "subject\tpredicate\tobject\tevidence\n"
        "A\ttreats\tB\tA sentence.\nA\ttreats\tB\tAgain.\nB\ttreats\tC\tIt does.\n"
        "A\ttreets\tC\tx\nC\tis_a\tC\t\nA\tcontraindicated_in\tB\tx\nA\ttreats\tZ\tx\n"
    )
    tmp_path.joinpath("nodes.tsv").write_text(nodes, "utf-8")
    tmp_path.joinpath("edges.tsv").write_text(edges, "utf-8")
    assert found(read_source("tables", tmp_path)) == {
        ("dangling", "edges.tsv, row 8"),
        ("unknown-type", "nonsense"),
        ("no-type", "E"),
        ("shared-name", "B, C"),
        ("repeated-statement", "A treats B"),
        ("wrong-subject", "B treats C"),
        ("unknown-predicate", "treets"),
        ("self-loop", "C is_a C"),
        ("no-evidence", "C is_a C"),
        ("contradiction", "A treats B"),
        ("orphan", "D"),
        ("orphan", "E"),
    }


def test_it_is_silent_about_a_sound_graph() -> None:
    assert problems(graph("drug treats ill\nill is_a sick\nach is_a ache", ach=("finding",))) == []


# --- beside a plain reading of the same rules ----------------------------------------------------


class Said(NamedTuple):
    name: str
    turned: bool = False


MEANT = {
    "treats": Said("treats"),
    "hetionet:CtD": Said("treats"),
    "primekg:indication": Said("treats"),
    "biolink:treats": Said("treats"),
    "treated_by": Said("treats", turned=True),
    "contraindicated_in": Said("contraindicated_in"),
    "not biolink:treats": Said("not_treats"),
    "has_symptom": Said("has_symptom"),
    "excludes": Said("excludes"),
    "interacts_with": Said("interacts_with"),
    "is_a": Said("is_a"),
    "has_subclass": Said("is_a", turned=True),
    "treets": Said("treets"),
}
TAKES: dict[str, tuple[set[str], set[str]]] = {
    "treats": ({"drug"}, {"disease", "finding", "laboratory"}),
    "not_treats": ({"drug"}, {"disease", "finding", "laboratory"}),
    "contraindicated_in": ({"drug"}, {"disease", "risk_factor", "finding", "laboratory"}),
    "has_symptom": ({"disease"}, {"finding"}),
    "excludes": ({"laboratory", "finding"}, {"disease"}),
    "interacts_with": ({"drug", "protein", "hormone"}, {"drug", "protein", "hormone"}),
}
DENIES = (
    ("treats", "contraindicated_in", False),
    ("treats", "not_treats", False),
    ("has_symptom", "excludes", True),
)
NAMED = {
    "drug": "drug", "disease": "disease", "finding": "finding", "gene": "gene",
    "hetionet:Compound": "drug", "hetionet:Disease": "disease", "biolink:Gene": "gene",
    "umls:T191": "neoplastic_process",
}  # fmt: skip
GROUP = {"drug": "CHEM", "gene": "CHEM", "protein": "CHEM", "hormone": "CHEM", "laboratory": "PHEN"}
"""What is not here is a disorder."""


def group_of(name: str) -> str:
    return GROUP.get(name, "DISO")


class Drawn(NamedTuple):
    types: dict[str, list[str]]
    names: dict[str, str]
    rows: list[tuple[str, str, str, str]]

    def columns(self) -> GraphColumns:
        names = [(i, text, "en", "preferred") for i, text in self.names.items()]
        return source("one", self.types.items(), self.rows, names=names)


@st.composite
def drawn_graphs(draw: st.DrawFn) -> Drawn:
    ids = [f"N:{n}" for n in range(draw(st.integers(2, 5)))]
    one = st.sampled_from(list(NAMED)).map(lambda name: [name])
    some = one | st.lists(st.sampled_from([*NAMED, "nonsense"]), max_size=2, unique=True)
    row = st.tuples(
        st.sampled_from(ids), st.sampled_from([*MEANT]), st.sampled_from(ids),
        st.sampled_from(["", "It is so."]),
    )  # fmt: skip
    return Drawn(
        {i: draw(some) for i in ids},
        {i: draw(st.sampled_from(["one", "One", "two", i])) for i in ids},
        draw(st.lists(row, min_size=5, max_size=16)),
    )


def plainly(graph: Drawn) -> Counter[tuple[str, str]]:
    """Find the problems row by row."""
    told: Counter[tuple[str, str]] = Counter()
    stated: dict[tuple[str, str, str], list[tuple[bool, str]]] = {}
    for s, spelling, o, evidence in graph.rows:
        name, turned = MEANT[spelling]
        if name == "interacts_with":
            turned = s > o
        triple = (o, name, s) if turned else (s, name, o)
        stated.setdefault(triple, []).append((turned, evidence))
    for (s, name, o), rows in stated.items():
        where = f"{s} {name} {o}"
        told.update((code, where) for code in judged(graph, s, name, o, rows, stated))
    told.update(
        ("unknown-predicate", "treets") for _ in [0] if any(k[1] == "treets" for k in stated)
    )
    told.update(lonely_and_bare(graph, {end for s, _, o in stated for end in (s, o)}))
    return told


def judged(
    graph: Drawn, s: str, name: str, o: str, rows: list[tuple[bool, str]], stated: Iterable[object]
) -> Iterator[str]:
    turned = sum(t for t, _ in rows)
    twins = min(turned, len(rows) - turned)
    if s == o:
        yield "self-loop"
    elif len(rows) > 1:
        yield from ["inverse-twin"] * (twins > 0)
        yield from ["repeated-statement"] * (len(rows) - 1 - twins > 0)
    if not any(evidence for _, evidence in rows):
        yield "no-evidence"
    yield from judged_ends(graph.types[s], graph.types[o], *TAKES.get(name, ()))
    above = graph.types[o]
    if name == "is_a" and set(above) <= NAMED.keys() and above:
        parents = {NAMED[t] for t in above}
        if not fits(graph.types[s], parents, any(":" in t for t in above)):
            own_words = not any(":" in t for t in (*graph.types[s], *above))
            yield "wrong-parent" if own_words else "unusual-parent"
    for one, other, crosswise in DENIES:
        ends = (o, other, s) if crosswise else (s, other, o)
        if name == one and ends in stated:
            yield "contradiction"


def judged_ends(subject: list[str], obj: list[str], *takes: set[str]) -> Iterator[str]:
    if not takes:
        return
    named = [{NAMED.get(t, t) for t in held} for held in (subject, obj)]
    round_the_other_way = bool(named[1] & takes[0]) and bool(named[0] & takes[1])
    for held, allowed, role in ((subject, takes[0], "subject"), (obj, takes[1], "object")):
        if not fits(held, allowed, False):
            own_words = not any(":" in t for t in held)
            yield ("wrong-" if own_words or round_the_other_way else "unusual-") + role


def fits(held: list[str], allowed: set[str], foreign: bool) -> bool:
    if not held or "nonsense" in held:
        return True
    named = {NAMED[t] for t in held}
    if named & allowed:
        return True
    if not foreign and not any(":" in t for t in held):
        return False
    return bool({group_of(t) for t in named} & {group_of(t) for t in allowed})


def lonely_and_bare(graph: Drawn, joined: set[str]) -> Iterator[tuple[str, str]]:
    yield from (("orphan", i) for i in graph.types if i not in joined)
    yield from (("no-type", i) for i, held in graph.types.items() if not held)
    if any("nonsense" in held for held in graph.types.values()):
        yield "unknown-type", "nonsense"
    names: dict[str, list[str]] = {}
    for i, text in graph.names.items():
        names.setdefault(text.lower(), []).append(i)
    yield from (("shared-name", ", ".join(sorted(i))) for i in names.values() if len(i) > 1)


@given(drawn_graphs())
@settings(max_examples=400, deadline=None)
def test_columns_find_what_a_plain_reading_finds(drawn: Drawn) -> None:
    told = Counter((problem.code, problem.where) for problem in problems(drawn.columns()))
    assert told == plainly(drawn)


@given(drawn_graphs())
@settings(max_examples=40, deadline=None)
def test_rows_are_counted_as_compiling_counts_them(
    tmp_path_factory: pytest.TempPathFactory, drawn: Drawn
) -> None:
    rows = [*drawn.rows, ("N:0", "causes", "N:1", "")]
    columns = drawn._replace(rows=rows).columns()
    counts = {group.code: group.count for group in find_problems([columns])}
    dropped = compile_graph([columns], tmp_path_factory.mktemp("store")).dropped
    merged = ("self-loop", "inverse-twin", "repeated-statement")
    assert {code: counts.get(code, 0) for code in merged} == {
        code: dropped.get(code, 0) for code in merged
    }


# --- on the command line -------------------------------------------------------------------------


@pytest.fixture
def by_hand(tmp_path: Path) -> str:
    """Write a graph with an error, and with many remarks."""
    nodes = [f"D{n}\tdrug {n}\tdrug" for n in range(12)] + ["I\till\tdisease", "J\tsick\tdisease"]
    edges = [f"D{n}\ttreats\tI\t" for n in range(12)] + ["J\ttreats\tI\tx"]
    (tmp_path / "nodes.tsv").write_text("\n".join(["id\tname\ttypes", *nodes, ""]), "utf-8")
    head = "subject\tpredicate\tobject\tevidence"
    (tmp_path / "edges.tsv").write_text("\n".join([head, *edges, ""]), "utf-8")
    return f"tables:{tmp_path}"


def test_it_prints_by_code_and_cuts(by_hand: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", "validate", by_hand, "--limit", "2"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "error wrong-subject: 1",
        "  J treats I: the subject is of type disease; treats takes drug",
        "remark no-evidence: 12",
        "  D0 treats I: no sentence vouches for it",
        "  D1 treats I: no sentence vouches for it",
        "  and 10 more",
        "1 error, 12 remarks. What a code means: kgsynth explain wrong-subject",
    ]


def test_rows_of_a_statement_and_statements_add_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = ["a\ttreats\tb"] * 4 + ["a\ttreats\tc"] * 2 + ["a\ttreats\td"] * 2
    (tmp_path / "edges.tsv").write_text("\n".join(["subject\tpredicate\tobject", *rows]), "utf-8")
    main(["graph", "validate", f"tables:{tmp_path / 'edges.tsv'}", "--limit", "1"])
    printed = capsys.readouterr().out
    assert (
        "remark repeated-statement: 5, in 3 statements\n"
        "  a treats b: said more than once\n"
        "  and 2 more\n"
    ) in printed


def test_no_limit_prints_all(by_hand: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", "validate", by_hand, "--limit", "0"]) == 1
    assert "more" not in (printed := capsys.readouterr().out)
    assert printed.count("no sentence vouches") == 12


def test_json_counts_by_code(by_hand: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", "validate", by_hand, "--json", "--limit", "1"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["errors"], document["remarks"]) == (1, 12)
    assert document["counts"] == [
        {"code": "wrong-subject", "severity": "error", "count": 1},
        {"code": "no-evidence", "severity": "remark", "count": 12},
    ]
    assert [problem["code"] for problem in document["problems"]] == ["wrong-subject", "no-evidence"]


def test_remarks_alone_fail_only_where_that_is_asked_for(
    by_hand: str, capsys: pytest.CaptureFixture[str]
) -> None:
    edges = Path(by_hand.removeprefix("tables:")) / "edges.tsv"
    edges.write_text(edges.read_text("utf-8").replace("J\ttreats\tI\tx", "J\tis_a\tI\tx"), "utf-8")
    assert main(["graph", "validate", by_hand]) == 0
    assert main(["graph", "validate", by_hand, "--strict"]) == 1
    assert main(["graph", "validate", "tables:kgsynth:ontologies/demo", "--strict"]) == 0
    assert capsys.readouterr().out.endswith("No problem found.\n")


# --- real graphs ---------------------------------------------------------------------------------


@pytest.mark.real
@pytest.mark.skipif(not DATA.is_dir(), reason="no real graphs lie in ../shared/data")
@pytest.mark.parametrize(
    ("kind", "path", "unknown"),
    [
        ("hetionet", "hetionet", set()),
        ("hetionet", "demo_kg", set()),
        ("hetionet", "hetionet_neo4j_import", set()),
        ("obo", "doid/doid_2016-09-01.obo", set()),
        (
            "obograph",
            "doid/doid-2018-07-05.json.gz",
            {"obo:guided_by", "obo:non_functional_homolog_of"},
        ),
    ],
)
def test_of_a_real_graph_only_what_is_unknown_is_called_so(
    kind: str, path: str, unknown: set[str]
) -> None:
    groups = {group.code: group for group in find_problems([read_source(kind, DATA / path)])}
    assert "unknown-type" not in groups
    told = groups["unknown-predicate"].examples if "unknown-predicate" in groups else []
    assert {problem.where for problem in told} == unknown
    assert not {"wrong-subject", "wrong-object", "wrong-parent", "contradiction"} & groups.keys()
