"""k-shattering: the laws of DESIGN.md section 3, by brute force and by networkx."""

from __future__ import annotations

import math
import shutil
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from statistics import median

import networkx as nx
import numpy as np
import pytest
from graph_columns import (
    TYPES,
    Edge,
    SmallGraph,
    compiled,
    counted,
    cut,
    kind_of,
    small_graph,
    small_graphs,
    stated,
    walked,
)
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from kgsynth.config import Protect, Shatter
from kgsynth.errors import ConceptError, RunError, StoreError
from kgsynth.graph.adjacency import Adjacency
from kgsynth.graph.overlay import Overlay
from kgsynth.graph.scores import SCORES as SCORES_BY_NAME
from kgsynth.graph.store import KnowledgeGraph

some = settings(max_examples=50, deadline=None)
SCORES = st.sampled_from(["degree", "degree_in_type", "relation_entropy", "shortcut_load"])
WAYS = st.tuples(st.sampled_from(["top_k", "over_k"]), SCORES) | st.just(
    ("adaptive_top_k", "degree")
)
"""Rules, and the scores that each goes by."""
graphs = small_graphs(max_nodes=12, max_edges=30)


# --- what shattering should do, said again ---------------------------------------------------


def scores(graph: SmallGraph, score: str) -> dict[str, float]:
    degree = dict(counted(graph).degree)
    if score == "degree":
        return {concept: float(count) for concept, count in degree.items()}
    if score == "relation_entropy":
        return {concept: entropy_of(graph, concept) for concept in graph.types}
    if score == "shortcut_load":
        return loads(walked(graph))
    groups: dict[str, list[int]] = {}
    for concept, types in graph.types.items():
        for group in types or ("untyped",):
            groups.setdefault(group, []).append(degree[concept])
    overall = median(degree.values())
    usual = {g: median(all_of) if len(all_of) >= 5 else overall for g, all_of in groups.items()}
    return {
        concept: round(
            min((degree[concept] + 1) / (usual[g] + 1) for g in types or ("untyped",)), 6
        )
        for concept, types in graph.types.items()
    }


def entropy_of(graph: SmallGraph, concept: str) -> float:
    used: Counter[tuple[str, bool]] = Counter()
    for s, p, o in stated(graph):
        if kind_of(p) != "hierarchical" and concept in (s, o):
            used[p, concept == s] += 1
    whole = used.total()
    return round(-sum(n / whole * math.log2(n / whole) for n in used.values()) or 0.0, 6)


def loads(graph: nx.Graph[str]) -> dict[str, float]:
    """Of 10,000 pairs, how many run through each concept; networkx calls it betweenness."""
    alive = sum(1 for _, degree in graph.degree if degree)
    pairs = alive * (alive - 1) / 2
    near = {a: nx.single_source_shortest_path_length(graph, a, 6) for a in graph}
    share = dict.fromkeys(graph, 0.0)
    for a, b in combinations(sorted(graph), 2):
        if b in near[a]:
            paths = list(nx.all_shortest_paths(graph, a, b))
            for path in paths:
                for inner in path[1:-1]:
                    share[inner] += 1 / len(paths)
    return {c: round(held * 10_000 / pairs, 6) if pairs else 0.0 for c, held in share.items()}


def peeled(graph: SmallGraph, k: int, protected: frozenset[str]) -> list[tuple[str, float]]:
    """The rule adaptive_top_k by the book: the highest degree, ties by id, counted anew."""
    rest = nx.Graph(counted(graph))
    found = []
    for _ in range(k):
        first = min(set(rest) - protected, key=lambda c: (-rest.degree[c], c))
        found.append((first, float(rest.degree[first])))
        rest.remove_node(first)
    return found


def hubs(
    graph: SmallGraph, rule: str, k: int, score: str, protected: frozenset[str] = frozenset()
) -> list[str]:
    """What is to be removed, the highest first, ties by id."""
    given = scores(graph, score)
    ranked = sorted(given, key=lambda concept: (-given[concept], concept))
    may_go = [concept for concept in ranked if concept not in protected]
    if rule == "adaptive_top_k":
        return [concept for concept, _ in peeled(graph, min(k, len(may_go)), protected)]
    return may_go[:k] if rule == "top_k" else [c for c in may_go if given[c] > k]


def edges_of(graph: KnowledgeGraph, walk: Adjacency) -> set[frozenset[str]]:
    return {
        frozenset((graph.id(code), graph.id(int(other))))
        for code in range(graph.node_count)
        for other in walk.neighbours(code)
    }


def removed_of(graph: KnowledgeGraph, overlay: Overlay) -> set[str]:
    return {graph.id(int(code)) for code in np.flatnonzero(overlay.removed)}


def hops(graph: nx.Graph[str]) -> dict[tuple[str, str], int]:
    """Distances of all pairs that are joined, each pair once."""
    found = dict(nx.all_pairs_shortest_path_length(graph))
    return {(a, b): found[a][b] for a, b in combinations(sorted(graph), 2) if b in found[a]}


# --- laws ------------------------------------------------------------------------------------


@some
@given(graphs, WAYS, st.integers(0, 6), st.data())
def test_removes_what_brute_force_removes(
    graph: SmallGraph, way: tuple[str, str], k: int, data: st.DataObject
) -> None:
    rule, score = way
    spared = data.draw(st.frozensets(st.sampled_from(sorted(graph.types)), max_size=3))
    spared_type = data.draw(st.sampled_from([None, *TYPES]))
    protected = spared | {c for c, types in graph.types.items() if spared_type in types}
    if rule != "over_k":
        k = min(k, len(graph.types) - len(protected))
    expected = hubs(graph, rule, k, score, protected)
    assume(len(expected) < len(graph.types))
    used = {t for types in graph.types.values() for t in types}
    protect = Protect(
        concepts=tuple(sorted(spared)),
        types=(spared_type,) if spared_type in used else (),
        answers=False,
    )
    with compiled(graph) as held:
        overlay = cut(held, rule=rule, k=k, score=score, protect=protect)
        given = scores(graph, score)
        assert removed_of(held, overlay) == set(expected)
        assert [hub.id for hub in overlay.report.removed] == expected
        if rule != "adaptive_top_k":  # of this rule the scores change as it goes on
            assert [hub.score for hub in overlay.report.removed] == [given[c] for c in expected]
        assert not protected & removed_of(held, overlay)
        assert overlay.report.protected == len(protected)
        if rule == "over_k":
            left = set(graph.types) - set(expected) - protected
            assert all(given[concept] <= k for concept in left)


@some
@given(graphs, WAYS, st.integers(0, 4))
def test_the_result_is_the_induced_subgraph_and_its_losses_are_counted(
    graph: SmallGraph, way: tuple[str, str], k: int
) -> None:
    rule, score = way
    gone = hubs(graph, rule, k, score)
    assume(len(gone) < len(graph.types) and (rule == "over_k" or len(gone) == k))
    whole = walked(graph)
    rest = whole.subgraph(set(whole) - set(gone))
    before, after = hops(whole), hops(rest)
    with compiled(graph) as held:
        overlay = cut(held, rule=rule, k=k, score=score)
        assert edges_of(held, held.walk) == {frozenset(edge) for edge in whole.edges}
        assert edges_of(held, overlay.walk) == {frozenset(edge) for edge in rest.edges}
        report = overlay.report
        assert report.pairs_lost == sum(
            pair not in after and not set(gone) & set(pair) for pair in before
        )
        assert report.pairs_compared == len(after)
        gains = {pair: after[pair] - before[pair] for pair in after if after[pair] > before[pair]}
        assert report.grew == dict(sorted(Counter(gains.values()).items()))
        by_types = Counter(
            " - ".join(sorted("/".join(sorted(graph.types[c])) or "untyped" for c in pair))
            for pair in gains
        )
        assert report.grew_by_types == dict(
            sorted(by_types.items(), key=lambda item: (-item[1], item[0]))[:10]
        )


@some
@given(graphs, WAYS, st.integers(0, 4))
def test_no_distance_shrinks(graph: SmallGraph, way: tuple[str, str], k: int) -> None:
    rule, score = way
    gone = hubs(graph, rule, k, score)
    assume(len(gone) < len(graph.types) and (rule == "over_k" or len(gone) == k))
    with compiled(graph) as held:
        overlay = cut(held, rule=rule, k=k, score=score)
        for start in range(held.node_count):
            full = held.walk.reach(start, 20).distance
            less = overlay.walk.reach(start, 20).distance
            joined = less >= 0
            assert (full[joined] >= 0).all()
            assert (less[joined] >= full[joined]).all()


@some
@given(graphs, WAYS, st.integers(0, 3), st.booleans())
def test_the_order_of_the_input_does_not_matter(
    graph: SmallGraph, way: tuple[str, str], k: int, turned: bool
) -> None:
    rule, score = way
    gone = hubs(graph, rule, k, score)
    assume(len(gone) < len(graph.types) and (rule == "over_k" or len(gone) == k))
    other = SmallGraph(dict(reversed(graph.types.items())), graph.edges[::-1])
    with compiled(graph) as one, compiled(other, turned=turned) as two:
        cuts = [cut(held, rule=rule, k=k, score=score) for held in (one, two)]
        assert cuts[0].report == cuts[1].report
        assert cuts[0].walk.target.tolist() == cuts[1].walk.target.tolist()


@some
@given(graphs, SCORES)
def test_top_0_is_the_identity_and_top_k_sets_are_nested(graph: SmallGraph, score: str) -> None:
    with compiled(graph) as held:
        for nothing in (cut(held, k=0, score=score), cut(held, rule="adaptive_top_k", k=0)):
            assert edges_of(held, nothing.walk) == edges_of(held, held.walk)
            assert (nothing.report.removed, nothing.report.pairs_lost) == ((), 0)
            assert nothing.report.grew == {}
        smaller: set[str] = set()
        for k in range(1, min(5, held.node_count)):
            larger = removed_of(held, cut(held, k=k, score=score))
            assert len(larger) == k
            assert smaller < larger
            smaller = larger


@some
@given(graphs, st.integers(1, 6))
def test_over_k_leaves_nothing_to_cut_over_k_again(graph: SmallGraph, k: int) -> None:
    """Once what has more than k neighbours is gone, nothing that is left has more."""
    gone = set(hubs(graph, "over_k", k, "degree"))
    left = SmallGraph(
        {concept: types for concept, types in graph.types.items() if concept not in gone},
        tuple(e for e in graph.edges if not gone & {e.subject, e.object}),
    )
    assume(left.edges)
    with compiled(left) as held:
        assert cut(held, rule="over_k", k=k, score="degree").report.removed == ()


def test_ties_go_by_id() -> None:
    """Enough concepts of one score that a sort which is not stable mixes them."""
    text = "\n".join(f"hub causes leaf{n:03}" for n in reversed(range(300)))
    with compiled(small_graph(text)) as graph:
        removed = [hub.id for hub in cut(graph, k=6).report.removed]
        assert removed == ["hub", *(f"leaf{n:03}" for n in range(5))]


# --- what it is for --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def planted() -> Iterator[KnowledgeGraph]:
    """One symptom that joins anything, and one gene that is busy among busy genes.

    Every gene acts on 12 diseases, the specific one on 24; every symptom is of 2 diseases, the
    generic one of 16.
    """
    edges = [
        Edge(f"gene:{g}", "causes", f"disease:{(7 * g + step) % 30}")
        for g in range(10)
        for step in range(24 if g == 4 else 12)
    ]
    edges += [
        Edge(f"disease:{(3 * s + step) % 30}", "causes", f"symptom:{s}")
        for s in range(10)
        for step in range(16 if s == 6 else 2)
    ]
    ids = {end for edge in edges for end in (edge.subject, edge.object)}
    types = {concept: (concept.split(":")[0],) for concept in sorted(ids)}
    with compiled(SmallGraph(types, tuple(edges))) as graph:
        yield graph


def test_the_generic_hub_goes_and_the_specific_concept_stays(planted: KnowledgeGraph) -> None:
    degree = planted.contact.degree
    assert degree[planted.code("gene:4")] == 24 > degree[planted.code("symptom:6")] == 16
    by_type = cut(planted, k=1, score="degree_in_type")
    assert removed_of(planted, by_type) == {"symptom:6"}
    over = cut(planted, rule="over_k", k=3, score="degree_in_type")
    assert removed_of(planted, over) == {"symptom:6"}
    # Plain degree is a poor judge of "generic": it takes the gene.
    assert removed_of(planted, cut(planted, k=1, score="degree")) == {"gene:4"}


def test_what_joins_anything_to_anything_carries_the_most_shortcuts() -> None:
    """Five sets of genes that all act on each other, and a word that three of each set share."""
    sets = [[f"gene:{s}:{n}" for n in range(16)] for s in range(5)]
    edges = [Edge(a, "interacts_with", b) for genes in sets for a, b in combinations(genes, 2)]
    edges += [Edge(genes[n], "causes", "word") for genes in sets for n in range(3)]
    # The sets are joined without the word as well, but by a longer way.
    edges += [Edge(sets[s][9], "interacts_with", sets[(s + 1) % 5][12]) for s in range(5)]
    types = {gene: ("gene",) for genes in sets for gene in genes} | {"word": ("symptom",)}
    with compiled(SmallGraph(types, tuple(edges))) as graph:
        assert graph.contact.degree[graph.code("word")] == 15
        assert max(graph.contact.degree) == 16
        cuts = {score: cut(graph, k=1, score=score) for score in ("shortcut_load", "degree")}
        assert removed_of(graph, cuts["shortcut_load"]) == {"word"}
        assert removed_of(graph, cuts["degree"]) != {"word"}


def test_the_hubs_of_the_mini_graph(mini: KnowledgeGraph, mini_overlay: Overlay) -> None:
    assert [(h.id, h.score) for h in mini_overlay.report.removed] == [
        ("KGMINI:inflammation", 4.2),
        ("KGMINI:pain", 3.2),
    ]
    assert not mini_overlay.walk.neighbours(mini.find("pain")).size


# --- what is protected -----------------------------------------------------------------------


def star() -> SmallGraph:
    return small_graph(
        "\n".join(f"hub causes leaf{n}\nsecond causes leaf{n}" for n in range(5))
        + "\nhub treats x",
        {"hub": "process", "second": "finding|process"},
    )


@pytest.mark.parametrize(
    ("protect", "answers", "survivors"),
    [
        (Protect(answers=True), [], []),
        (Protect(answers=True), ["hub"], ["hub"]),
        (Protect(answers=False), ["hub"], []),
        (Protect(concepts=("hub",)), ["second"], ["hub", "second"]),
        (Protect(concepts=("NAME of hub", "second")), [], ["hub", "second"]),
        (Protect(types=("finding",)), [], ["second"]),
        (Protect(types=("process",)), [], ["hub", "second"]),
    ],
)
def test_the_protected_survive(protect: Protect, answers: list[str], survivors: list[str]) -> None:
    with compiled(star()) as graph:
        overlay = cut(graph, k=2, protect=protect, answers=answers)
        kept = {"hub", "second"} - removed_of(graph, overlay)
        assert kept == set(survivors)
        assert overlay.report.protected == len(survivors)


# --- errors ----------------------------------------------------------------------------------


def test_a_k_beyond_the_graph_is_refused_with_what_may_go() -> None:
    with compiled(star()) as graph:
        with pytest.raises(RunError) as caught:
            cut(graph, k=9)
        assert "only 8 of the graph's 8 concepts may be removed" in caught.value.message
        assert caught.value.remedy == "Choose a smaller k."
        with pytest.raises(RunError, match="only 6 of the graph's 8"):
            cut(graph, k=7, protect=Protect(types=("process",)))
        cut(graph, k=6, protect=Protect(types=("process",)))


@pytest.mark.parametrize(("rule", "k", "other"), [("top_k", 8, "smaller"), ("over_k", 0, "larger")])
def test_removing_everything_is_refused(rule: str, k: int, other: str) -> None:
    with compiled(star()) as graph, pytest.raises(RunError) as caught:
        cut(graph, rule=rule, k=k)
    assert f"k = {k} removes every concept" in caught.value.message
    assert f"Choose a {other} k" in caught.value.remedy


def test_protecting_what_is_not_there_is_refused() -> None:
    with compiled(star()) as graph:
        with pytest.raises(ConceptError, match="Nearest names: name of hub"):
            cut(graph, k=1, protect=Protect(concepts=("name of hug",)))
        with pytest.raises(
            ConceptError, match=r"no type 'proces'\. Did you mean 'process'"
        ) as caught:
            cut(graph, k=1, protect=Protect(types=("proces",)))
        assert caught.value.remedy == "Its types: finding, process."
        with pytest.raises(ConceptError, match="no concept called 'strange'"):
            cut(graph, k=1, protect=Protect(answers=True), answers=["strange"])


@some
@given(graphs, st.integers(0, 6), st.data())
def test_adaptive_top_k_counts_anew_after_each(
    graph: SmallGraph, k: int, data: st.DataObject
) -> None:
    spared = data.draw(st.frozensets(st.sampled_from(sorted(graph.types)), max_size=3))
    k = min(k, len(graph.types) - len(spared))
    assume(k < len(graph.types))
    protect = Protect(concepts=tuple(sorted(spared)), answers=False)
    with compiled(graph) as held:
        report = cut(held, rule="adaptive_top_k", k=k, protect=protect).report
        assert [(hub.id, hub.score) for hub in report.removed] == peeled(graph, k, spared)
        if k:
            fewer = cut(held, rule="adaptive_top_k", k=k - 1, protect=protect).report
            assert fewer.removed == report.removed[:-1]


def test_adaptive_top_k_counts_nothing_but_degrees() -> None:
    with pytest.raises(ValidationError, match="counts degrees, not shortcut_load"):
        Shatter(rule="adaptive_top_k", score="shortcut_load")


def test_scores_of_a_graph_too_large_for_all_pairs_are_the_same_every_time() -> None:
    """Beyond 142 concepts pairs are drawn; the hub of a star is on every path all the same."""
    spokes = "\n".join(f"n{number} causes hub" for number in range(200))
    with compiled(small_graph(spokes)) as graph:
        first, again = (SCORES_BY_NAME["shortcut_load"](graph) for _ in range(2))
        hub = graph.code("hub")
        assert np.array_equal(first, again)
        assert 9_800 < first[hub] <= 10_000
        assert not np.delete(first, hub).any()


def test_an_overlay_of_another_graph_is_refused(
    mini: KnowledgeGraph, mini_overlay: Overlay, tmp_path: Path
) -> None:
    with compiled(star()) as graph:
        overlay = cut(graph, k=1)
        folder = next(path for path in graph.path.iterdir() if path.is_dir())
        assert Overlay.open(folder, graph).report == overlay.report
        with pytest.raises(StoreError, match="was made for another graph") as caught:
            Overlay.open(folder, mini)
        assert "kgsynth graph shatter" in caught.value.remedy


@pytest.mark.parametrize(
    "name", ["report.json", "removed.npy", "walk_indptr.npy", "walk_target.npy"]
)
@pytest.mark.parametrize("damage", ["missing", "empty", "overwritten"])
def test_a_damaged_overlay_is_refused(tmp_path: Path, name: str, damage: str) -> None:
    with compiled(star()) as graph:
        cut(graph, k=1)
        folder = tmp_path / "overlay"
        shutil.copytree(next(path for path in graph.path.iterdir() if path.is_dir()), folder)
        (folder / name).unlink()
        if damage != "missing":
            (folder / name).write_bytes(b"" if damage == "empty" else b"not what it was\n" * 20)
        with pytest.raises(StoreError, match="is not an overlay") as caught:
            Overlay.open(folder, graph)
        assert "kgsynth graph shatter" in caught.value.remedy
