"""The store: what compiling must and must not change, and what it answers when it is read."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from random import Random

import networkx as nx
import pytest
from graph_columns import (
    MEANINGS,
    SmallGraph,
    columns,
    compiled,
    counted,
    directed,
    kind_of,
    small_graph,
    small_graphs,
    source,
    stated,
    walked,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from kgsynth.errors import ConceptError, SourceError, StoreError
from kgsynth.graph.compile import compile_graph
from kgsynth.graph.hierarchy import Hierarchy
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.graph.views import to_networkx
from kgsynth.model import Statement
from kgsynth.sources.columns import GraphColumns

some = settings(max_examples=50, deadline=None)


def store(folder: Path, *sources: GraphColumns) -> KnowledgeGraph:
    compile_graph(sources, folder)
    return KnowledgeGraph.open(folder)


def statements(graph: KnowledgeGraph) -> list[Statement]:
    return [graph.statement(edge) for edge in range(graph.manifest.statements)]


def content(graph: KnowledgeGraph) -> list[object]:
    """Return all that a store says, through the methods that its readers use."""
    codes = range(graph.node_count)
    return [
        [graph.concept(code) for code in codes],
        [graph.name_sources(code) for code in codes],
        [graph.identifiers(code) for code in codes],
        graph.predicates.rows(),
        statements(graph),
    ]


# --- compiling: order ------------------------------------------------------------------------


@some
@given(small_graphs(), st.randoms(use_true_random=False), st.booleans())
def test_the_order_of_rows_and_of_sources_changes_no_array(
    graph: SmallGraph, rng: Random, turned: bool
) -> None:
    edges = list(graph.edges)
    rng.shuffle(edges)
    other = SmallGraph(dict(reversed(graph.types.items())), tuple(edges))
    with compiled(graph) as one, compiled(other, turned=turned) as two:
        assert one.manifest == two.manifest
        assert content(one) == content(two)
        arrays = sorted(path.name for path in one.path.glob("*.npy"))
        assert len(arrays) > 30
        for name in (*arrays, "dropped.jsonl", "manifest.json"):
            assert (one.path / name).read_bytes() == (two.path / name).read_bytes(), name


def test_sources_in_any_order_agree_on_names_and_dropped_rows(tmp_path: Path) -> None:
    nodes = [("N:1", ["drug"]), ("N:2", [])]
    edges = [("N:1", "treats", "N:2", "")]
    calls = {
        "zeta": [("N:1", "Alpha", "en", "preferred"), ("N:1", "uno", "es", "preferred")],
        "beta": [
            ("N:1", "Omega", "en", "preferred"),
            ("N:1", "Zayin", "en", "synonym"),
            ("N:1", "Alef", "en", "synonym"),
        ],
    }

    def read(step: int) -> list[GraphColumns]:
        return [
            source(
                name,
                nodes,
                edges,
                names=names[::step],
                dropped=[("edges.tsv", 3, "dangling", name)],
            )
            for name, names in list(calls.items())[::step]
        ]

    one, two = store(tmp_path / "one", *read(1)), store(tmp_path / "two", *read(-1))
    assert one.manifest == two.manifest
    assert content(one) == content(two)
    dropped = [(s.path / "dropped.jsonl").read_text("utf-8") for s in (one, two)]
    assert dropped[0] == dropped[1]
    assert len(dropped[0].splitlines()) == one.manifest.dropped["dangling"] == 2


def test_every_change_of_what_is_said_changes_the_hash(tmp_path: Path) -> None:
    nodes = [("N:1", ["drug"]), ("N:2", ["disease"])]
    plain = [("N:1", "treats", "N:2", "")]
    first = source("one", nodes, plain)
    variants = (
        first,
        replace(first, sources=(replace(first.sources[0], version="2"),)),
        source("one", nodes, [("N:2", "treats", "N:1", "")]),
        source("one", nodes, [("N:1", "causes", "N:2", "")]),
        source("one", nodes, [("N:1", "treats", "N:2", "a sentence")]),
        source("two", nodes, plain),
        source("one", [("N:1", ["drug"]), ("N:2", [])], plain),
        source("one", nodes, plain, names=[("N:1", "Alpha", "en", "preferred")]),
        source("one", nodes, plain, complete=("treats",)),
    )
    hashes = [
        store(tmp_path / str(n), variant).manifest.content for n, variant in enumerate(variants)
    ]
    assert len(set(hashes)) == len(variants)


# --- compiling: what is merged, dropped, kept ------------------------------------------------


@some
@given(small_graphs())
def test_statements_are_those_of_the_rows_in_canonical_words(graph: SmallGraph) -> None:
    with compiled(graph) as held:
        found = {(s.subject, s.predicate, s.object): set(s.sources) for s in statements(held)}
        assert found == stated(graph)
        assert held.manifest.statements == len(found)
        loops = sum(edge.subject == edge.object for edge in graph.edges)
        repeats = len(graph.edges) - loops - len(found)
        dropped = dict(held.manifest.dropped)
        assert dropped.pop("self-loop", 0) == loops
        assert dropped.pop("inverse-twin", 0) + dropped.pop("repeated-statement", 0) == repeats
        assert dropped == {}
        assert all(s.negative == (kind_of(s.predicate) == "negative") for s in statements(held))
        assert all(s.id == s.recomputed_id() for s in statements(held))
        unknown = {p for _, p, _ in found if p == "glows_near"}
        assert set(held.manifest.unknown_predicates) == unknown


def test_twins_merge_and_keep_both_sources(tmp_path: Path) -> None:
    nodes = [("N:1", ["drug"]), ("N:2", ["disease"])]
    graph = store(
        tmp_path,
        source(
            "one",
            nodes,
            [
                ("N:1", "treats", "N:2", "as it is"),
                ("N:2", "interacts_with", "N:1", "one way"),
            ],
        ),
        source(
            "two",
            nodes,
            [
                ("N:2", "treated_by", "N:1", "turned round"),
                ("N:1", "biolink:interacts_with", "N:2", "the other way"),
                ("N:2", "treats", "N:1", "no twin"),
            ],
        ),
    )
    held = {(s.subject, s.predicate, s.object): s for s in statements(graph)}
    assert set(held) == {
        ("N:1", "treats", "N:2"),
        ("N:2", "treats", "N:1"),
        ("N:1", "interacts_with", "N:2"),
    }
    treats = held["N:1", "treats", "N:2"]
    assert treats.sources == ("one", "two")
    assert treats.licences == ("licence of one", "licence of two")
    assert treats.evidence == ("as it is", "turned round")
    assert held["N:1", "interacts_with", "N:2"].evidence == ("one way", "the other way")
    assert held["N:2", "treats", "N:1"].sources == ("two",)
    assert graph.manifest.dropped == {"inverse-twin": 2}
    assert {s.name: s.statements for s in graph.manifest.sources} == {"one": 2, "two": 3}


def test_an_unknown_predicate_is_kept_walked_and_listed() -> None:
    with compiled(small_graph("a glows_near b\nb treats c")) as graph:
        assert graph.holds("a", "glows_near", "b")
        assert graph.manifest.unknown_predicates == ("glows_near",)
        assert graph.walk.beside(graph.code("a"), graph.code("b"))
        row = graph.predicates.row(graph.predicate_names.index("glows_near"), named=True)
        assert (row["kind"], row["family"]) == ("associative", "glows_near")


def test_a_concept_without_a_type_or_a_name_is_kept() -> None:
    with compiled(small_graph("a treats b", {"lone": "", "b": "disease"})) as graph:
        assert graph.node_count == 3
        assert [graph.types(code) for code in range(3)] == [(), ("disease",), ()]
        assert graph.manifest.types == {"disease": 1}
        assert graph.beside(graph.code("lone")) == ()


def test_a_nameless_concept_goes_by_its_id(tmp_path: Path) -> None:
    nodes = [("N:1", []), ("N:2", [])]
    names = [("N:1", "  ", "en", "preferred"), ("N:2", "two", "en", "synonym")]
    graph = store(tmp_path, source("one", nodes, [("N:1", "treats", "N:2", "")], names=names))
    assert [graph.name(code) for code in range(2)] == ["N:1", "two"]


def test_a_graph_without_a_single_name_is_one(tmp_path: Path) -> None:
    nodes = [("N:1", []), ("N:2", [])]
    graph = store(tmp_path, source("one", nodes, [("N:1", "treats", "N:2", "")], names=[]))
    assert [graph.name(code) for code in range(2)] == ["N:1", "N:2"]
    assert list(graph.all_names()) == []


def test_a_graph_of_nothing_but_self_loops_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no statement is left") as caught:
        compile_graph(columns(small_graph("a treats a")), tmp_path)
    assert "edge" in caught.value.remedy
    assert list(tmp_path.iterdir()) == []


COMPLETE = [
    ({"one": ["treats"], "two": ["treats"]}, True),
    ({"one": ["treats"], "two": []}, False),
    ({"one": [], "two": ["treats"]}, False),
    ({"one": ["treats"]}, True),
    ({"one": []}, False),
    ({"one": ["treated_by"], "two": ["biolink:treats"]}, True),
    ({"one": ["causes"]}, False),
]


@pytest.mark.parametrize(("said", "complete"), COMPLETE)
def test_complete_is_what_every_source_that_uses_it_says(
    tmp_path: Path, said: dict[str, Sequence[str]], complete: bool
) -> None:
    nodes = [("N:1", []), ("N:2", [])]
    read = [
        source(name, nodes, [("N:1", "treats", "N:2", "")], complete=tuple(predicates))
        for name, predicates in said.items()
    ]
    silent = source("three", nodes, [("N:1", "causes", "N:2", "")])
    graph = store(tmp_path, *read, silent)
    marks = dict(graph.predicates.select("name", "complete").iter_rows())
    assert marks == {"causes": False, "treats": complete}


def test_two_folders_of_one_name_are_complete_together_or_not_at_all(tmp_path: Path) -> None:
    nodes = [("N:1", []), ("N:2", [])]
    edges = [("N:1", "treats", "N:2", "")]
    said, silent = source("one", nodes, edges, complete=("treats",)), source("one", nodes, edges)
    for number, read in enumerate([(said, silent), (silent, said)]):
        graph = store(tmp_path / str(number), *read)
        assert graph.predicates["complete"].to_list() == [False]


def test_one_preferred_name_a_language(tmp_path: Path) -> None:
    nodes = [("N:1", ["drug"]), ("N:2", [])]
    edges = [("N:1", "treats", "N:2", "")]
    first = source(
        "a",
        nodes,
        edges,
        names=[
            ("N:1", "aspirin", "en", "preferred"),
            ("N:1", "ASA", "en", "abbreviation"),
            ("N:1", "aspirina", "es", "preferred"),
            ("N:2", "pain", "en", "preferred"),
        ],
    )
    second = source(
        "b",
        nodes,
        edges,
        names=[
            ("N:1", "acetylsalicylic acid", "en", "preferred"),
            ("N:1", "aspirin", "en", "synonym"),
            ("N:1", "ácido acetilsalicílico", "es", "preferred"),
        ],
    )
    graph = store(tmp_path, first, second)
    names = graph.concept(graph.code("N:1")).names
    assert {(n.text, n.language, n.kind) for n in names} == {
        ("aspirin", "en", "preferred"),
        ("acetylsalicylic acid", "en", "synonym"),
        ("ASA", "en", "abbreviation"),
        ("aspirina", "es", "preferred"),
        ("ácido acetilsalicílico", "es", "synonym"),
    }
    assert len(names) == 5
    assert [graph.name(0, language) for language in ("en", "es", "de")] == [
        "aspirin",
        "aspirina",
        "aspirin",
    ]
    assert [(c, n.text) for c, n in graph.all_names()] == [
        *(("N:1", n.text) for n in names),
        ("N:2", "pain"),
    ]


# --- reading: neighbours ---------------------------------------------------------------------


@some
@given(small_graphs())
def test_adjacency_is_that_of_networkx(graph: SmallGraph) -> None:
    with compiled(graph) as held:
        ids = [held.id(code) for code in range(held.node_count)]
        assert ids == sorted(graph.types)
        for adjacency, oracle in ((held.walk, walked(graph)), (held.contact, counted(graph))):
            assert adjacency.degree.tolist() == [oracle.degree[concept] for concept in ids]
            for code, concept in enumerate(ids):
                beside = [ids[other] for other in adjacency.neighbours(code)]
                assert beside == sorted(oracle[concept])
                for other in range(len(ids)):
                    assert adjacency.beside(code, other) == oracle.has_edge(concept, ids[other])


@some
@given(small_graphs(predicates=("treats", "causes", "is_a")), st.integers(0, 6))
def test_reach_counts_hops_and_shortest_paths(graph: SmallGraph, most: int) -> None:
    oracle = walked(graph)
    with compiled(graph) as held:
        for start in range(held.node_count):
            hops = nx.single_source_shortest_path_length(oracle, held.id(start), cutoff=most)
            search = held.walk.reach(start, most)
            for end in range(held.node_count):
                away = hops.get(held.id(end), -1)
                assert search.distance[end] == away
                ways = nx.all_shortest_paths(oracle, held.id(start), held.id(end))
                assert search.paths[end] == (len(list(ways)) if away >= 0 else 0)


@some
@given(small_graphs(max_nodes=6))
def test_beside_and_holds_are_the_statements_of_networkx(graph: SmallGraph) -> None:
    held_in: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    held_in.add_nodes_from(graph.types)
    for subject, predicate, obj in stated(graph):
        held_in.add_edge(subject, obj, predicate)
    with compiled(graph) as held:
        names = held.predicate_names
        for code in range(held.node_count):
            concept = held.id(code)
            seen = held.beside(code)
            told = sorted((n.forward, names[n.predicate], held.id(n.other)) for n in seen)
            there = [(True, p, o) for _, o, p in held_in.out_edges(concept, keys=True)]
            here = [(False, p, s) for s, _, p in held_in.in_edges(concept, keys=True)]
            assert told == sorted(there + here)
            for n in seen:
                ends = (concept, held.id(n.other)) if n.forward else (held.id(n.other), concept)
                statement = held.statement(n.edge)
                assert (statement.subject, statement.object) == ends
                assert statement.predicate == names[n.predicate]
        canonical = {meaning.name for meaning in MEANINGS.values()}
        for subject, name, obj in product(graph.types, canonical, graph.types):
            assert held.holds(subject, name, obj) == held_in.has_edge(subject, obj, name)
        view = to_networkx(held)
        assert set(view.edges(keys=True)) == set(held_in.edges(keys=True))
        assert set(view) == set(held_in)


def test_holds_knows_nothing_of_strangers() -> None:
    with compiled(small_graph("a treats b")) as graph:
        assert graph.holds("a", "treats", "b")
        assert not graph.holds("b", "treats", "a")
        assert not graph.holds("a", "causes", "b")
        assert not graph.holds("a", "treats", "z")
        assert not graph.holds("z", "treats", "b")


def test_a_view_of_some_concepts_is_the_induced_subgraph() -> None:
    with compiled(small_graph("a treats b\nb causes c\nc is_a a")) as graph:
        view = to_networkx(graph, [graph.code("b"), graph.code("c")])
        assert list(view.edges(keys=True)) == [("b", "c", "causes")]
        assert view.nodes["b"]["name"] == "name of b"


def test_the_mini_graph(mini: KnowledgeGraph) -> None:
    assert (mini.node_count, mini.manifest.statements) == (49, 121)
    assert mini.manifest.dropped == {}
    assert mini.manifest.unknown_predicates == ()
    complete = mini.predicates.filter(mini.predicates["complete"])["name"].to_list()
    assert complete == ["active_against", "encodes", "inhibits"]
    aspirin = mini.concept(mini.find("ASA"))
    assert (aspirin.id, aspirin.name(), aspirin.types) == ("KGMINI:aspirin", "aspirin", ("drug",))
    assert mini.holds("KGMINI:losartan", "inhibits", "KGMINI:at1_receptor")
    assert not mini.holds("KGMINI:at1_receptor", "inhibits", "KGMINI:losartan")


# --- hierarchy -------------------------------------------------------------------------------


@some
@given(small_graphs(predicates=("is_a", "has_subclass", "part_of", "treats")))
def test_hierarchy_is_that_of_networkx(graph: SmallGraph) -> None:
    narrower_to_wider = directed(graph, ["hierarchical"])
    with compiled(graph) as held:
        hierarchy = Hierarchy(held)
        for code in range(held.node_count):
            concept = held.id(code)

            def ids(codes: Iterable[int]) -> set[str]:
                return {held.id(c) for c in codes}

            above = nx.descendants(narrower_to_wider, concept)
            below = nx.ancestors(narrower_to_wider, concept)
            assert ids(hierarchy.ancestors(code)) == above
            assert ids(hierarchy.descendants(code)) == below
            assert ids(hierarchy.kin(code)) == above | below | {concept}
            parents = set(narrower_to_wider.successors(concept))
            assert ids(hierarchy.parents(code)) == parents


def test_a_cycle_of_hierarchy_ends() -> None:
    with compiled(small_graph("a is_a b\nb is_a c\nc is_a a\nc treats d")) as graph:
        hierarchy = Hierarchy(graph)
        a, b, c, d = (graph.code(name) for name in "abcd")
        assert hierarchy.ancestors(a) == hierarchy.descendants(a) == {b, c}
        assert hierarchy.kin(d) == {d}


# --- finding a concept -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeGraph:
    nodes = [("N:1", ["drug"]), ("N:2", ["finding"]), ("N:3", ["disease"]), ("Cold", ["process"])]
    names = [
        ("N:1", "Straßer's powder", "en", "preferred"),
        ("N:1", "β1 blocker", "en", "synonym"),
        ("N:2", "cold", "en", "preferred"),
        ("N:3", "common cold", "en", "preferred"),
        ("N:3", "COLD", "en", "abbreviation"),
        ("N:3", "Common Cold", "en", "synonym"),
        ("Cold", "cooling", "en", "preferred"),
    ]
    edges = [("N:1", "treats", "N:3", ""), ("Cold", "causes", "N:2", "")]
    return store(tmp_path_factory.mktemp("named"), source("one", nodes, edges, names=names))


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("N:2", "N:2"),
        ("COOLING", "Cold"),
        ("Β1 BLOCKER", "N:1"),
        ("STRASSER'S POWDER", "N:1"),
        ("straßer's powder", "N:1"),
        ("common COLD", "N:3"),
        ("Cold", "Cold"),  # an id, before it is a name of two others
    ],
)
def test_find_takes_an_id_or_a_name_in_any_case(
    named: KnowledgeGraph, text: str, concept: str
) -> None:
    assert named.id(named.find(text)) == concept


def test_a_name_of_two_concepts_is_refused_with_both(named: KnowledgeGraph) -> None:
    with pytest.raises(ConceptError) as caught:
        named.find("cold")
    assert caught.value.message == "'cold' names 2 concepts: N:2 (finding), N:3 (disease)."
    assert caught.value.remedy == "Use the id of the one you mean."


def test_an_unknown_name_is_answered_with_the_nearest(named: KnowledgeGraph) -> None:
    with pytest.raises(ConceptError, match="Nearest names: common cold"):
        named.find("Comon Cold")
    with pytest.raises(ConceptError) as caught:
        named.find("xyzzy")
    assert caught.value.message == "The graph holds no concept called 'xyzzy'."


def test_an_unknown_id_is_refused(named: KnowledgeGraph) -> None:
    assert named.code_or_none("N:9") is None
    with pytest.raises(ConceptError, match="no concept called 'N:9'"):
        named.code("N:9")
    for code in range(named.node_count):
        assert named.code(named.id(code)) == code


# --- a store that is none, or damaged --------------------------------------------------------


def read_all(path: Path) -> None:
    graph = KnowledgeGraph.open(path)
    graph.concept(0)
    graph.identifiers(0)
    graph.definitions(0)
    graph.name_sources(0)
    graph.find("Zestril")
    graph.statement(0)
    assert graph.holds("KGMINI:losartan", "inhibits", "KGMINI:at1_receptor")
    assert graph.beside("Zestril")
    assert graph.walk.degree.sum() < graph.contact.degree.sum()


def said(path: Path) -> str:
    """What reading all of a store says of it."""
    with pytest.raises(StoreError) as caught:
        read_all(path)
    assert "kgsynth graph compile" in caught.value.remedy
    assert "\n" not in str(caught.value)
    return caught.value.message


def test_what_is_not_a_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "none", tmp_path, tmp_path / "file"):
        assert said(path) == f"{path} is not a compiled graph."


@pytest.mark.parametrize("content", ["", "[]", "{}", "{", '{"format_version": 2}', b"\xff\xfe"])
def test_a_manifest_that_is_none_is_refused(tmp_path: Path, content: str | bytes) -> None:
    data = content.encode() if isinstance(content, str) else content
    (tmp_path / "manifest.json").write_bytes(data)
    assert "has a manifest that this version cannot read" in said(tmp_path)


def test_another_format_is_named_even_when_its_fields_are_others(
    mini_store: Path, tmp_path: Path
) -> None:
    manifest = json.loads((mini_store / "manifest.json").read_text("utf-8"))
    manifest["format_version"] = 99
    manifest["shards"] = []
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    assert said(tmp_path) == f"The store {tmp_path} has format 99; this version reads 2."


TEXTS = ("id", "name", "identifier", "definition", "evidence")
FILES = ["predicates.parquet", "node_types.npy", "evidence_statement.npy"]
FILES += [f"{text}_{part}.npy" for text in TEXTS for part in ("offsets", "bytes")]
FILES += [f"name_{part}.npy" for part in ("indptr", "language", "kind", "source")]
FILES += ["name_hash.npy", "name_of_hash.npy"]
FILES += ["identifier_node.npy", "identifier_kind.npy"]
FILES += ["node_identifiers.npy", "node_identifiers_indptr.npy"]
FILES += ["definition_indptr.npy", "definition_source.npy"]
FILES += [f"{side}_{part}.npy" for side in ("walk", "contact") for part in ("indptr", "target")]
FILES += [f"out_{part}.npy" for part in ("indptr", "target", "predicate", "origins")]
FILES += [f"in_{part}.npy" for part in ("indptr", "target", "predicate", "edge")]
FILES += ["origins_indptr.npy", "origins_member.npy"]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["missing", "empty", "cut short", "overwritten"])
def test_a_damaged_file_is_named(mini_store: Path, tmp_path: Path, name: str, damage: str) -> None:
    copy = tmp_path / "store"
    shutil.copytree(mini_store, copy)
    file = copy / name
    content = file.read_bytes()
    file.unlink()
    if damage != "missing":
        less = {"empty": b"", "cut short": content[: len(content) // 2]}
        file.write_bytes(less.get(damage, b"not what it was\n" * 20))
    message = said(copy)
    assert message.startswith(f"The store {copy} is damaged: ")
    assert message.endswith(" cannot be read.")


def test_all_files_that_a_store_has_are_tried(mini_store: Path) -> None:
    held = {path.name for path in mini_store.iterdir()}
    assert held == {*FILES, "manifest.json", "dropped.jsonl"}
    read_all(mini_store)
