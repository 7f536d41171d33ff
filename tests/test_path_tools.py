"""Ranking, folding and drawing paths, by hand and by networkx."""

from __future__ import annotations

import math
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree

import networkx as nx
import pytest
from graph_columns import SmallGraph, compiled, cut, small_graph, small_graphs
from hypothesis import given, settings

from kgsynth.errors import RunError, UsageError
from kgsynth.graph.compile import compile_graph
from kgsynth.graph.overlay import Overlay
from kgsynth.graph.pictures import around, degrees
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.paths.dag import fold
from kgsynth.paths.finder import PathFinder
from kgsynth.paths.ground import Ground
from kgsynth.paths.pictures import path
from kgsynth.paths.ranking import PathRanker, degree_weighted_path_count
from kgsynth.sources import read_source

some = settings(max_examples=60, deadline=None)

# --- ranking ------------------------------------------------------------------------------------

WEIGHED = """
    d1 treats x
    d1 treats y
    d2 treats x
    g1 causes x
    g1 causes y
    g2 causes x
    g3 causes x
"""
"""Treated by d1: x and y. Caused by g1: x and y; x has three causes and two treatments."""


def test_the_degree_weighted_path_count_is_what_a_hand_makes_of_it() -> None:
    """By x: 2 and 2 at treats, 3 and 2 at causes. By y: 2 and 1, 1 and 2."""
    by_x = (2 * 2 * 3 * 2) ** -0.4
    by_y = (2 * 1 * 1 * 2) ** -0.4
    with compiled(small_graph(WEIGHED)) as graph:
        ends = graph.code("d1"), graph.code("g1")
        ground = Ground.of(graph)
        counted = degree_weighted_path_count(ground, "* -[treats]-> * <-[causes]- *", *ends)
        assert counted == pytest.approx(by_x + by_y, rel=1e-12)
        plain = degree_weighted_path_count(
            ground, "* -[treats]-> * <-[causes]- *", *ends, damping=0
        )
        assert plain == 2
        assert degree_weighted_path_count(ground, "* -[causes]-> *", *ends) == 0


def test_a_part_of_a_path_count_is_not_given_for_the_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kgsynth.paths.ranking.MOST_PATHS", 1)
    with compiled(small_graph(WEIGHED)) as graph:
        asked = Ground.of(graph), "* -[treats]-> * <-[causes]- *", graph.code("d1")
        with pytest.raises(RunError, match="More than 1 paths of the metapath join name of d1"):
            degree_weighted_path_count(*asked, graph.code("g1"))
        assert degree_weighted_path_count(*asked, graph.code("g3")) > 0


def test_a_relation_without_direction_has_one_degree() -> None:
    text = "a interacts_with b\nb interacts_with c\nd interacts_with b"
    with compiled(small_graph(text)) as graph:
        ends = graph.code("a"), graph.code("c")
        counted = degree_weighted_path_count(
            Ground.of(graph), "* -[interacts_with]- * -[interacts_with]- *", *ends
        )
        assert counted == pytest.approx((1 * 3 * 3 * 1) ** -0.4, rel=1e-12)


def test_a_path_through_a_rare_concept_says_more() -> None:
    spokes = "\n".join(f"n{number} causes hub" for number in range(8))
    text = f"a causes hub\nhub causes z\na causes rare\nrare causes z\n{spokes}"
    with compiled(small_graph(text)) as graph:
        finder = PathFinder(graph)
        ends = [graph.code("a")], [graph.code("z")]
        ranked = PathRanker(finder).ranked(finder.between(*ends, 3, 10).paths)
        assert [graph.id(held.codes[1]) for held in ranked] == ["rare", "hub"]
        # 12 edges have 24 ends, of which the hub has ten and the rare concept two.
        assert ranked[0].information == pytest.approx(math.log2(24 / 2))
        assert ranked[1].information == pytest.approx(math.log2(24 / 10))
        assert ranked[0].weight > ranked[1].weight


# --- folding -----------------------------------------------------------------------------------


@some
@given(small_graphs(max_nodes=8, max_edges=20, joined=True))
def test_folded_paths_have_no_cycle_and_lose_none_that_fits(graph: SmallGraph) -> None:
    with compiled(graph) as held:
        finder = PathFinder(held)
        for end in range(1, held.node_count):
            paths = list(finder.within(0, end, 4))
            if not paths:
                continue
            dag = fold(finder, paths)
            edges = {(need, step.concept) for step in dag.steps for need in step.needs}
            assert nx.is_directed_acyclic_graph(nx.DiGraph(edges))
            taken = [p for p in paths if p not in dag.left_out]
            assert edges == {pair for p in taken for pair in pairwise(p)}
            known = {dag.start}
            for step in dag.steps:
                assert set(step.needs) <= known
                known.add(step.concept)
                for need, edge in zip(step.needs, step.statements, strict=True):
                    assert set(held.ends(edge)[::2]) == {need, step.concept}
            for path_ in dag.left_out:
                together = nx.DiGraph([*edges, *pairwise(path_)])
                assert not nx.is_directed_acyclic_graph(together)


def test_paths_between_different_ends_are_not_folded(mini: KnowledgeGraph) -> None:
    finder = PathFinder(mini)
    with pytest.raises(UsageError, match="between 2 pairs of ends"):
        fold(finder, [(0, 1), (0, 2)])
    with pytest.raises(UsageError, match="between 0 pairs of ends"):
        fold(finder, [])


# --- pictures ----------------------------------------------------------------------------------


def words(svg: str) -> list[str]:
    """The texts of an image, which must be well-formed."""
    root = ElementTree.fromstring(svg)
    return [node.text or "" for node in root.iter("{http://www.w3.org/2000/svg}text")]


def test_a_path_is_drawn_with_its_relations(mini: KnowledgeGraph) -> None:
    finder = PathFinder(mini)
    ends = [mini.find("Zestril")], [mini.find("aldosterone")]
    first = finder.between(*ends, 5, 5).paths[0]
    picture = path(finder, first)
    assert words(picture._repr_svg_()) == [
        "lisinopril",
        "angiotensin II",
        "aldosterone",
        "lowers",
        "raises",
    ]


def test_what_stands_around_a_concept_is_drawn(mini: KnowledgeGraph, tmp_path: Path) -> None:
    around(mini, "inflammation", most=5).save(tmp_path / "x.svg")
    said = words((tmp_path / "x.svg").read_text("utf-8"))
    beside = {n.other for n in mini.beside("inflammation")}
    assert "inflammation" in said
    assert f"and {len(beside) - 5} more" in said
    assert len([word for word in said if word in {mini.name(code) for code in beside}]) == 5


def test_degrees_are_drawn_before_and_after(mini: KnowledgeGraph, mini_overlay: Overlay) -> None:
    said = words(degrees(mini, mini_overlay).svg)
    assert "2 of 49 concepts cut" in said
    assert {"before", "after", "neighbours", "1", "16"} <= set(said)


def test_awkward_names_are_drawn_as_they_are(tmp_path: Path) -> None:
    """Marks of markup, letters twice as wide, and names that are cut; nothing leaves the image."""
    names = {
        "A:1": """IL-6 <b>"&' high""",
        "A:2": "MULTIPLE ENDOCRINE NEOPLASIA, TYPE 2",
        "A:3": "高血圧症候群" * 3,
        "A:4": "x",
    }
    folder = tmp_path / "odd"
    folder.mkdir()
    nodes = ["id\tname\ttypes", *(f"{id_}\t{name}\tgene" for id_, name in names.items())]
    (folder / "nodes.tsv").write_text("\n".join(nodes) + "\n", "utf-8")
    edges = ["A:1\tcauses\tA:2", "A:2\tcauses\tA:3", "A:3\tcauses\tA:2", "A:4\ttreats\tA:3"]
    (folder / "edges.tsv").write_text("\n".join(["subject\tpredicate\tobject", *edges]), "utf-8")
    compile_graph([read_source("tables", folder)], tmp_path / "store")
    graph = KnowledgeGraph.open(tmp_path / "store")
    drawn = [around(graph, "A:2"), path(PathFinder(graph), (0, 1, 2, 3))]
    for picture in drawn:
        said = words(picture.svg)
        assert {names["A:1"], "MULTIPLE ENDOCRINE NEOPLASI…", names["A:3"]} <= set(said)
        root = ElementTree.fromstring(picture.svg)
        right = float(root.get("width", "0"))
        for box in root.iter("{http://www.w3.org/2000/svg}rect"):
            if box.get("x"):
                left, wide = float(box.get("x", "")), float(box.get("width", ""))
                assert 0 <= left < left + wide <= right
    assert "→ causes, ← causes" in words(drawn[0].svg)


def test_neighbours_stand_apart(mini: KnowledgeGraph) -> None:
    """No frame covers another, however many there are."""
    root = ElementTree.fromstring(around(mini, "inflammation", most=40).svg)
    frames = [
        [float(rect.get(side, "")) for side in ("x", "y", "width", "height")]
        for rect in root.iter("{http://www.w3.org/2000/svg}rect")
        if rect.get("x")
    ]
    assert len(frames) > 15
    for (x, y, wide, high), (x2, y2, wide2, high2) in combinations(frames, 2):
        apart = x + wide <= x2 or x2 + wide2 <= x or y + high <= y2 or y2 + high2 <= y
        assert apart


def test_a_name_is_never_markup() -> None:
    """Names come from a graph, and a picture goes into a page."""
    text = "<script>alert(1)</script>&'\"\x1b"
    graph = small_graph("a treats b\nb causes c")
    with compiled(graph) as held:
        bad = held.concept(0)
        assert bad.id == "a"
        picture = around(held, "b").svg
        assert "<script" not in picture
        finder = PathFinder(held)
        assert "<script" not in path(finder, (0, 1, 2)).svg
        assert words(degrees(held, cut(held, k=0)).svg)
    from kgsynth.graph.pictures import Box, framed

    svg = framed(100, 100, [Box(50, 50, text).drawn()]).svg
    assert "<script" not in svg
