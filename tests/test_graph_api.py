"""The graph as a library: any spelling of a concept will do, every mistake is told in words."""

from __future__ import annotations

import inspect
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import polars as pl
import pytest
from graph_columns import SmallGraph, compiled, small_graph, small_graphs, source, stated
from hypothesis import given, settings
from hypothesis import strategies as st
from test_restricted import restricted

from kgsynth.errors import ConceptError, KgsynthError, RunError, StoreError, UsageError
from kgsynth.graph.collection import ConceptCollection
from kgsynth.graph.compile import compile_graph
from kgsynth.graph.export import export_graph
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.graph.views import MOST_CONCEPTS, Subgraph, to_networkx
from kgsynth.resources import locate
from kgsynth.sources import read_source

some = settings(max_examples=50, deadline=None)
PACKAGE = Path(__file__).resolve().parent.parent / "kgsynth"

# --- a concept, however it is named ----------------------------------------------------------

OF_A_CONCEPT: dict[str, Callable[[KnowledgeGraph, Any], Any]] = {
    "find": KnowledgeGraph.find,
    "code": KnowledgeGraph.code,
    "id": KnowledgeGraph.id,
    "name": KnowledgeGraph.name,
    "names": KnowledgeGraph.names,
    "sourced_names": KnowledgeGraph.sourced_names,
    "name_sources": KnowledgeGraph.name_sources,
    "types": KnowledgeGraph.types,
    "concept": KnowledgeGraph.concept,
    "identifiers": KnowledgeGraph.identifiers,
    "definitions": KnowledgeGraph.definitions,
    "beside": KnowledgeGraph.beside,
    "neighbours": KnowledgeGraph.neighbours,
    "subgraph": lambda graph, concept: graph.subgraph(concept),
    "several": lambda graph, concept: graph.subgraph([concept]),
    "states": lambda graph, concept: graph.states(concept, "treats", "heart failure"),
}
OF_A_STATEMENT: dict[str, Callable[[KnowledgeGraph, Any], Any]] = {
    "ends": KnowledgeGraph.ends,
    "statement": KnowledgeGraph.statement,
    "origins": KnowledgeGraph.origins,
    "evidence": KnowledgeGraph.evidence,
    "sentence": KnowledgeGraph.sentence,
}
LISINOPRIL = "KGMINI:lisinopril"


def asking(methods: dict[str, Callable[[KnowledgeGraph, Any], Any]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("ask", methods.values(), ids=methods)


@asking(OF_A_CONCEPT)
def test_number_id_and_name_are_answered_alike(
    mini: KnowledgeGraph, ask: Callable[..., Any]
) -> None:
    number = mini.find(LISINOPRIL)
    answers = [ask(mini, said) for said in (LISINOPRIL, "ZESTRIL", number, np.int32(number))]
    assert answers == [answers[0]] * 4
    same_of_all = ask in map(OF_A_CONCEPT.get, ("name_sources", "identifiers", "definitions"))
    assert same_of_all or answers[0] != ask(mini, "aldosterone")


def test_the_table_above_names_every_method_that_takes_a_concept_or_a_statement() -> None:
    first = {
        name: list(inspect.signature(method).parameters)[1:2]
        for name, method in inspect.getmembers(KnowledgeGraph, inspect.isfunction)
        if not name.startswith("_")
    }
    assert {name for name, taken in first.items() if taken == ["concept"]} <= set(OF_A_CONCEPT)
    assert {name for name, taken in first.items() if taken == ["edge"]} == set(OF_A_STATEMENT)


def test_a_sources_own_spelling_will_do(tmp_path: Path) -> None:
    rows = ["id\tname\tkind", "Disease::DOID:9000005\tpallor\tDisease", "Gene::7\tLAMP\tGene"]
    (tmp_path / "nodes.tsv").write_text("\n".join(rows) + "\n", "utf-8")
    edges = "source\tmetaedge\ttarget\nDisease::DOID:9000005\tDaG\tGene::7\n"
    (tmp_path / "edges.sif").write_text(edges, "utf-8")
    compile_graph([read_source("hetionet", tmp_path)], tmp_path / "store")
    graph = KnowledgeGraph.open(tmp_path / "store")
    for said in ("Disease::DOID:9000005", "doid:9000005", "DOID:9000005", "Pallor"):
        assert graph.name(said) == "pallor"
        assert said in graph
    assert graph.states("Disease::DOID:9000005", graph.predicate_names[0], "LAMP")


WRONG = [
    (49, "The graph has no concept 49: its 49 concepts are numbered from 0 to 48."),
    (-1, "The graph has no concept -1: its 49 concepts are numbered from 0 to 48."),
    (10**30, "numbered from 0 to 48"),
    (np.int64(-3), "The graph has no concept -3"),
    ("zestrill", "The graph holds no concept called 'zestrill'. Nearest names: zestril"),
    ("KGMINI:lisinoprl", "called 'KGMINI:lisinoprl'. Nearest ids: KGMINI:lisinopril"),
    ("", "The graph holds no concept called ''."),
    ("\ud800", "The graph holds no concept called"),
    (None, "A concept is a number, an id or a name, not None."),
    (True, "A concept is a number, an id or a name, not a bool."),
    (3.0, "A concept is a number, an id or a name, not a float."),
    (b"aspirin", "A concept is a number, an id or a name, not bytes."),
]


@asking(OF_A_CONCEPT)
@pytest.mark.parametrize(("said", "told"), WRONG, ids=[repr(said)[:20] for said, _ in WRONG])
def test_what_is_no_concept_is_refused_in_one_sentence_with_the_remedy(
    mini: KnowledgeGraph, ask: Callable[..., Any], said: Any, told: str
) -> None:
    if said is True:
        ask(mini, 1)  # what is remembered of 1 is not the answer to True
    with pytest.raises(ConceptError) as caught:
        ask(mini, said)
    assert told in caught.value.message
    assert caught.value.remedy


def test_a_list_where_one_concept_is_asked_is_refused(mini: KnowledgeGraph) -> None:
    for name in ("name", "beside", "concept", "neighbours", "find"):
        with pytest.raises(ConceptError, match="not a list"):
            OF_A_CONCEPT[name](mini, ["aspirin"])


def test_a_name_of_two_concepts_is_refused_with_both_by_every_method(tmp_path: Path) -> None:
    nodes = [("N:1", ["drug"]), ("N:2", []), ("N:3", ["disease"])]
    names = [("N:2", "cold", "en", "preferred"), ("N:3", "COLD", "en", "abbreviation")]
    read = source("one", nodes, [("N:1", "treats", "N:3", "")], names=names)
    compile_graph([read], tmp_path)
    graph = KnowledgeGraph.open(tmp_path)
    for name, ask in OF_A_CONCEPT.items():
        with pytest.raises(ConceptError) as caught:
            ask(graph, "Cold")
        assert caught.value.message == "'Cold' names 2 concepts: N:2, N:3 (disease).", name
        assert caught.value.remedy == "Use the id of the one you mean."
    assert "Cold" in graph


def test_an_id_is_told_its_nearest_in_a_graph_whose_names_are_too_many_to_compare(
    mini: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kgsynth.graph.finding.MOST_NAMES_COMPARED", 1)
    with pytest.raises(ConceptError, match="Nearest ids: KGMINI:lisinopril"):
        mini.name("KGMINI:lisinoprl")
    with pytest.raises(ConceptError) as caught:
        mini.name("zestrill")
    assert caught.value.message == "The graph holds no concept called 'zestrill'."


def test_holds_and_code_or_none_take_an_id_alone(mini: KnowledgeGraph) -> None:
    # What checks a dataset asks these, and must not take a name for an id.
    assert mini.states("Losartan", "inhibits", "AT1 receptor")
    assert not mini.states("AT1 receptor", "inhibits", "Losartan")
    assert not mini.holds("losartan", "inhibits", "KGMINI:at1_receptor")
    assert mini.code_or_none("losartan") is None
    with pytest.raises(ConceptError, match="An id is a text, not an int"):
        mini.code_or_none(3)  # type: ignore[arg-type]


# --- a statement, a relation, a type ---------------------------------------------------------

NO_STATEMENT = [
    (121, "The graph has no statement 121: its 121 statements are numbered from 0 to 120."),
    (-1, "The graph has no statement -1"),
    ("zestril", "A statement is a number, not a str."),
    (None, "A statement is a number, not None."),
    (True, "A statement is a number, not a bool."),
    (1.0, "A statement is a number, not a float."),
]


@asking(OF_A_STATEMENT)
@pytest.mark.parametrize(("said", "told"), NO_STATEMENT)
def test_what_is_no_statement_is_refused(
    mini: KnowledgeGraph, ask: Callable[..., Any], said: Any, told: str
) -> None:
    with pytest.raises(ConceptError) as caught:
        ask(mini, said)
    assert told in caught.value.message
    assert "`edge`" in caught.value.remedy


def test_a_neighbour_is_sent_to_its_edge(mini: KnowledgeGraph) -> None:
    found = mini.neighbours("zestril")[0]
    with pytest.raises(ConceptError, match="not a Neighbour"):
        mini.sentence(found)  # type: ignore[arg-type]
    as_numpy: Any = np.int64(found.edge)
    assert mini.sentence(as_numpy) == mini.sentence(found.edge)


def test_one_relation_or_several_may_be_asked(mini: KnowledgeGraph) -> None:
    one = mini.neighbours("zestril", predicates="treats")
    assert one == mini.neighbours("zestril", predicates=["treats"]) != []
    with pytest.raises(
        ConceptError, match=r"no relation 'treat'\. Did you mean 'treats'"
    ) as caught:
        mini.neighbours("zestril", predicates="treat")
    assert "causes" in caught.value.remedy
    with pytest.raises(ConceptError, match="no relation 5"):
        mini.neighbours("zestril", predicates=[5])  # type: ignore[list-item]
    with pytest.raises(ConceptError, match="no relation 5"):
        mini.neighbours("zestril", predicates=5)  # type: ignore[arg-type]
    with pytest.raises(ConceptError, match="no relation 'treat'"):
        mini.states("zestril", "treat", "heart failure")


def test_one_type_or_several_may_be_asked(mini: KnowledgeGraph) -> None:
    drugs = mini.of_types("drug").tolist()
    assert drugs == mini.of_types(["drug"]).tolist()
    assert drugs == [code for code in range(len(mini)) if "drug" in mini.types(code)] != []
    with pytest.raises(ConceptError, match=r"no type 'drugs'\. Did you mean 'drug'") as caught:
        mini.of_types(["drugs"])
    assert "disease" in caught.value.remedy


# --- a neighbourhood ------------------------------------------------------------------------


def kgx(graph: KnowledgeGraph, folder: Path) -> nx.MultiDiGraph[str]:
    """Read a graph's export with polars and networkx alone."""
    folder.mkdir()
    export_graph(graph, "kgx", folder)
    nodes = pl.read_csv(folder / "nodes.tsv", separator="\t", quote_char=None)
    edges = pl.read_csv(folder / "edges.tsv", separator="\t", quote_char=None)
    held: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    held.add_nodes_from(nodes["id"])
    for row in edges.iter_rows(named=True):
        held.add_edge(row["subject"], row["object"], row["predicate"].removeprefix("biolink:"))
    return held


def test_the_mini_graph_has_the_neighbours_and_degrees_of_its_export(
    mini: KnowledgeGraph, tmp_path: Path
) -> None:
    oracle, view = kgx(mini, tmp_path / "kgx"), to_networkx(mini)
    assert set(view) == set(oracle) == set(mini)
    assert view.number_of_edges() == oracle.number_of_edges() == mini.manifest.statements
    assert sorted(view.edges()) == sorted(oracle.edges())
    for concept in oracle:
        assert len(mini.neighbours(concept)) == oracle.degree(concept)
        assert len(mini.neighbours(concept, forward=True)) == oracle.out_degree(concept)
        beside = {mini.id(n.other) for n in mini.neighbours(concept)}
        assert beside == set(nx.all_neighbors(oracle, concept))


@some
@given(small_graphs(max_nodes=8), st.data(), st.integers(0, 3))
def test_a_subgraph_is_the_ball_of_networkx(
    graph: SmallGraph, data: st.DataObject, hops: int
) -> None:
    oracle: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    oracle.add_nodes_from(graph.types)
    for subject, predicate, obj in stated(graph):
        oracle.add_edge(subject, obj, predicate)
    start = data.draw(st.sampled_from(sorted(graph.types)))
    ball = nx.ego_graph(oracle, start, radius=hops, undirected=True)
    with compiled(graph) as held:
        found = held.subgraph(start, hops=hops)
        assert set(found) == set(ball)
        assert len(found) == len(ball)
        assert set(found.to_networkx().edges(keys=True)) == set(ball.edges(keys=True))
        assert found.to_frame().height == ball.number_of_edges()


def test_an_edge_of_a_view_tells_all_that_the_statement_does(mini: KnowledgeGraph) -> None:
    view = mini.subgraph("zestril", hops=1).to_networkx()
    assert view.number_of_edges() > 5
    numbers = set()
    for subject, obj, key, told in view.edges(keys=True, data=True):
        number = told.pop("edge")
        statement = mini.statement(number)
        assert told == {
            "id": statement.id,
            "predicate": key,
            "negative": statement.negative,
            "sources": statement.sources,
            "licences": ("Apache-2.0",),
            "evidence": statement.evidence,
        }
        assert (statement.subject, statement.predicate, statement.object) == (subject, key, obj)
        numbers.add(number)
    assert len(numbers) == view.number_of_edges()
    for concept, told in view.nodes(data=True):
        held = mini.concept(concept)
        assert told == {"id": concept, "name": held.name(), "types": held.types}


def test_a_table_of_a_neighbourhood_says_the_same(mini: KnowledgeGraph) -> None:
    near = mini.subgraph(["zestril", "heart failure"])
    view = near.to_networkx()
    rows = list(near.to_frame().iter_rows(named=True))
    assert len(rows) == view.number_of_edges() > 0
    for row in rows:
        told = view.edges[row["subject"], row["object"], row["predicate"]]
        assert row["id"] == told["id"]
        for key in ("sources", "licences", "evidence"):
            assert tuple(row[key]) == told[key]
        assert row["subject_name"] == view.nodes[row["subject"]]["name"]


def test_a_table_of_nothing_has_its_columns(mini: KnowledgeGraph) -> None:
    none, some = mini.subgraph([]).to_frame(), mini.subgraph("zestril", hops=1).to_frame()
    assert none.height == 0
    assert none.schema == some.schema


def test_a_text_is_one_concept_and_not_its_letters(mini: KnowledgeGraph) -> None:
    assert list(mini.subgraph("zestril")) == [LISINOPRIL]
    assert mini.subgraph(3).codes == (3,)
    assert mini.subgraph(iter(["zestril", LISINOPRIL, "aspirin"])).codes == tuple(
        sorted((mini.find("zestril"), mini.find("aspirin")))
    )


@pytest.mark.parametrize("hops", [-1, 1.5, "1", None, True])
def test_hops_are_counted(mini: KnowledgeGraph, hops: Any) -> None:
    with pytest.raises(UsageError, match="hops is a whole number from 0 up, not"):
        mini.subgraph("zestril", hops=hops)


def test_too_many_concepts_are_no_view_however_they_were_named(
    mini: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST_CONCEPTS == 100_000
    monkeypatch.setattr("kgsynth.graph.views.MOST_CONCEPTS", 5)
    assert len(mini.subgraph(range(5))) == 5
    for ask in (
        lambda: to_networkx(mini),
        lambda: mini.subgraph(range(6)),
        lambda: mini.subgraph("inflammation", hops=1),
    ):
        with pytest.raises(RunError, match="more than 5 concepts") as caught:
            ask()
        assert "fewer" in caught.value.remedy


# --- the graph as a collection ---------------------------------------------------------------


def test_a_graph_is_counted_asked_and_gone_through_as_in_networkx(mini: KnowledgeGraph) -> None:
    view = to_networkx(mini)
    assert len(mini) == len(view) == 49
    assert list(mini) == sorted(view)
    for concept in (LISINOPRIL, "zestril", 0, 48, np.int32(7)):
        assert concept in mini
    for stranger in ("KGMINI:nothing", "", -1, 49, True, 3.0, None, ["zestril"], b"zestril"):
        assert stranger not in mini


def test_it_says_what_it_is(mini: KnowledgeGraph, mini_store: Path) -> None:
    assert repr(mini) == f"<KnowledgeGraph {mini_store}: 49 concepts, 121 statements>"
    near = mini.subgraph("zestril", hops=1)
    assert repr(near) == f"<Subgraph of {mini_store}: {len(near)} concepts>"
    assert "zestril" in near
    assert mini.find("zestril") in near
    assert "KGMINI:nothing" not in near
    assert (LISINOPRIL in near) is (LISINOPRIL in near.to_networkx())
    assert [c for c in mini if c in near] == list(near)


def test_nothing_is_read_before_it_is_asked_for(mini_store: Path, tmp_path: Path) -> None:
    shutil.copy(mini_store / "manifest.json", tmp_path)
    with KnowledgeGraph.open(tmp_path) as graph:
        assert (len(graph), bool(graph)) == (49, True)
        assert "49 concepts" in repr(graph)
        with pytest.raises(StoreError, match="is damaged"):
            graph.id(0)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="the system does not list them")
def test_a_block_lets_go_of_its_files(mini_store: Path) -> None:
    def opened() -> int:
        held = Path("/proc/self/fd").iterdir()
        return sum(os.path.realpath(place).startswith(str(mini_store)) for place in held)

    KnowledgeGraph.open(mini_store).close()
    before = opened()
    with KnowledgeGraph.open(mini_store) as graph:
        kept = graph.tables.out.target
        assert graph.sentence(0)
        assert graph.walk.degree.sum() > 0
        assert opened() > before
        del kept
    assert opened() == before
    with pytest.raises(StoreError, match=r"was closed\. .*KnowledgeGraph\.open"):
        graph.name("zestril")
    with pytest.raises(StoreError, match="was closed"):
        graph.beside(0)
    graph.close()


def test_what_was_read_outlives_the_block(mini_store: Path) -> None:
    with KnowledgeGraph.open(mini_store) as graph:
        target, whole = graph.tables.out.target, graph.walk
        total = int(target.sum())
    assert int(target.sum()) == total
    assert whole.degree.sum() > 0


# --- what may go out -------------------------------------------------------------------------


def test_with_terms_no_method_tells_the_words_of_a_restricted_source(tmp_path: Path) -> None:
    folders = [locate("ontologies/mini"), restricted(tmp_path / "guarded")]
    compile_graph([read_source("tables", folder) for folder in folders], tmp_path / "store")
    house = KnowledgeGraph.open(tmp_path / "store")
    public = KnowledgeGraph.open(tmp_path / "store", accept=[])
    accepted = KnowledgeGraph.open(tmp_path / "store", accept="guarded")

    def words(graph: KnowledgeGraph) -> str:
        of_statements = [graph.evidence(edge) for edge in range(graph.manifest.statements)]
        view = to_networkx(graph)
        return f"{of_statements} {list(view.edges(data=True))} {list(view.nodes(data=True))}"

    assert "guarded sentence" in words(house)
    assert words(accepted) == words(house)
    assert not re.search("guarded (word|sentence)", words(public))
    with pytest.raises(ConceptError) as caught:
        public.find("guarded wrod 1")
    assert "guarded word" not in caught.value.message
    with pytest.raises(ConceptError, match="Nearest names: guarded word 1"):
        house.find("guarded wrod 1")


# --- the room -------------------------------------------------------------------------------


def test_nobody_reaches_into_a_graph() -> None:
    reached = [
        f"{path.relative_to(PACKAGE)}: {line.strip()}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for line in path.read_text("utf-8").splitlines()
        if re.search(r"\b(graph|tables|lexicon|facts)\._[a-z]", line)
        and "self._graph._" not in line
    ]
    assert reached == []


def public_methods() -> Iterator[tuple[str, Any]]:
    for kind in (ConceptCollection, KnowledgeGraph, Subgraph):
        for name, member in vars(kind).items():
            if not name.startswith("_") and callable(getattr(member, "__func__", member)):
                yield f"{kind.__name__}.{name}", getattr(member, "__func__", member)


def test_every_public_method_shows_an_example() -> None:
    shown = {name: ">>> " in (inspect.getdoc(method) or "") for name, method in public_methods()}
    assert len(shown) > 25
    assert [name for name, has_example in shown.items() if not has_example] == []


def test_opening_imports_neither_networkx_nor_spacy() -> None:
    script = (
        "import sys\nfrom kgsynth.graph.store import KnowledgeGraph\n"
        "print(sorted({'networkx', 'spacy', 'numba', 'rdflib'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert told.stdout.strip() == b"[]"


def test_every_refusal_is_one_of_ours() -> None:
    assert issubclass(ConceptError, KgsynthError)
    with compiled(small_graph("a treats b")) as graph, pytest.raises(KgsynthError):
        graph.name("c")
