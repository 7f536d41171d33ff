"""Search, mined items and mapped questions, against networkx and the raw tables.

The mini graph is read here from its files, and what a chain of relations leads to is searched
anew: nothing is shared with the code that is judged.
"""

from __future__ import annotations

import csv
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, islice, pairwise
from pathlib import Path
from typing import NamedTuple

import networkx as nx
import pytest
import yaml
from graph_columns import (
    WALKED,
    Edge,
    SmallGraph,
    compiled,
    cut,
    kind_of,
    small_graph,
    small_graphs,
    source,
    stated,
    walked,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from kgsynth.config import DistractorsConfig, PathsConfig, QaConfig, SynthesisConfig
from kgsynth.graph.compile import compile_graph
from kgsynth.graph.overlay import Overlay
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.model import (
    SOLE_ANSWER,
    Grade,
    Item,
    LinkedQuestion,
    Mention,
    Question,
    QuestionOption,
    Rejected,
    statement_id,
)
from kgsynth.paths.answers import AnswerMapper
from kgsynth.paths.finder import PathFinder
from kgsynth.paths.mine import Mined, PathMiner
from kgsynth.paths.shortest import Codes
from kgsynth.resources import locate
from kgsynth.sources import read_source

some = settings(max_examples=50, deadline=None)
paths_graphs = small_graphs(predicates=(*WALKED, "contraindicated_in", "is_a"), joined=True)

# --- the mini graph, read by hand ------------------------------------------------------------

MINI = locate("ontologies/mini")
HUBS = frozenset({"KGMINI:inflammation", "KGMINI:pain"})


def table(name: str) -> list[dict[str, str]]:
    with (MINI / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


class Meaning(NamedTuple):
    kind: str
    family: str


MEANINGS = {
    name: Meaning(entry.get("kind", "associative"), entry["family"])
    for name, entry in yaml.safe_load(locate("ontologies/predicates.yaml").read_text("utf-8"))[
        "predicates"
    ].items()
}
TRIPLES = [(row["subject"], row["predicate"], row["object"]) for row in table("edges.tsv")]
SENTENCES = {
    statement_id(row["subject"], row["predicate"], row["object"]): row["evidence"]
    for row in table("edges.tsv")
}
TYPE_OF = {row["id"]: row["types"] for row in table("nodes.tsv")}
NAME_OF = {row["id"]: row["name"] for row in table("nodes.tsv")}
NAMES_OF = {
    row["id"]: [
        name
        for cell in (row["name"], row["synonyms"], row["abbreviations"])
        for name in cell.split("|")
        if name
    ]
    for row in table("nodes.tsv")
}


def graph_of(*kinds: str) -> nx.DiGraph[str]:
    out: nx.DiGraph[str] = nx.DiGraph()
    out.add_nodes_from(TYPE_OF)
    out.add_edges_from((s, o) for s, p, o in TRIPLES if MEANINGS[p].kind in kinds)
    return out


ANY: nx.Graph[str] = graph_of("associative", "hierarchical", "negative").to_undirected()
FULL: nx.Graph[str] = graph_of("associative").to_undirected()
CUT: nx.Graph[str] = FULL.subgraph(set(FULL) - HUBS)
DEGREE = graph_of("associative", "negative").to_undirected().degree
HIERARCHY = graph_of("hierarchical")


def kin(concept: str) -> set[str]:
    above, below = nx.descendants(HIERARCHY, concept), nx.ancestors(HIERARCHY, concept)
    return {concept} | above | below


def led_to(start: str, predicates: Sequence[str]) -> set[str]:
    """What a chain leads to: families, either way round, widened by kin at every place."""
    places = kin(start)
    for predicate in predicates:
        wanted = {
            name
            for name, meaning in MEANINGS.items()
            if meaning.family == MEANINGS[predicate].family and meaning.kind != "negative"
        }
        forward = {o for s, p, o in TRIPLES if p in wanted and s in places}
        backward = {s for s, p, o in TRIPLES if p in wanted and o in places}
        places = {relative for place in forward | backward for relative in kin(place)}
    return places


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text)


def spells(shown: str, hidden: str) -> bool:
    """Whether a hidden name is a run of the words of a shown one; short names in their case."""
    whole, run = words(shown), words(hidden)
    if not (len(hidden) < 3 or (len(hidden) <= 4 and hidden.isupper())):
        whole, run = [w.casefold() for w in whole], [w.casefold() for w in run]
    return any(whole[at : at + len(run)] == run for at in range(len(whole)))


# --- search: all paths -----------------------------------------------------------------------


def ids(graph: KnowledgeGraph, paths: Iterable[Codes]) -> list[list[str]]:
    return [[graph.id(code) for code in path] for path in paths]


def shortest_between(
    graph: nx.Graph[str], starts: Iterable[str], ends: Iterable[str], most: int
) -> list[list[str]]:
    """All shortest paths of all pairs, none through a third given concept, in a fixed order."""
    given = {*starts, *ends}
    found = []
    for start in dict.fromkeys(starts):
        for end in dict.fromkeys(ends):
            if start == end or not nx.has_path(graph, start, end):
                continue
            for path in nx.all_shortest_paths(graph, start, end):
                if len(path) - 1 <= most and not given & set(path[1:-1]):
                    found.append(path)
    return sorted(found, key=lambda path: (len(path), path[0], path[-1], path))


@settings(max_examples=80, deadline=None)
@given(paths_graphs, st.integers(1, 6), st.integers(1, 8), st.data())
def test_between_gives_the_shortest_paths_of_networkx(
    graph: SmallGraph, most: int, limit: int, data: st.DataObject
) -> None:
    some_concepts = st.lists(st.sampled_from(sorted(graph.types)), min_size=1, max_size=3)
    starts, ends = data.draw(some_concepts), data.draw(some_concepts)
    expected = shortest_between(walked(graph), starts, ends, most)
    with compiled(graph) as held:
        codes = [held.code(c) for c in starts], [held.code(c) for c in ends]
        found = PathFinder(held).between(*codes, most, 1000)
        assert ids(held, found.paths) == expected
        assert not found.truncated
        found = PathFinder(held).between(*codes, most, limit)
        assert ids(held, found.paths) == expected[:limit]
        assert found.truncated == (len(expected) > limit)


@some
@given(paths_graphs, st.integers(0, 5), st.integers(0, 3))
def test_within_gives_the_simple_paths_of_networkx(graph: SmallGraph, most: int, k: int) -> None:
    oracle = walked(graph)
    with compiled(graph) as held:
        overlay = cut(held, k=min(k, held.node_count - 1))
        gone = {hub.id for hub in overlay.report.removed}
        rest = oracle.subgraph(set(oracle) - gone)
        finder = PathFinder(held, overlay)
        for start, end in combinations(sorted(oracle), 2):
            found = ids(held, finder.within(held.code(start), held.code(end), most))
            alive = not gone & {start, end} and most > 0
            expected = nx.all_simple_paths(rest, start, end, cutoff=most) if alive else []
            assert found == sorted(expected)


@pytest.mark.parametrize("shattered", [False, True])
def test_every_pair_of_the_mini_graph(
    mini: KnowledgeGraph, mini_overlay: Overlay, shattered: bool
) -> None:
    finder = PathFinder(mini, mini_overlay if shattered else None)
    oracle = CUT if shattered else FULL
    for start, end in combinations(sorted(oracle), 2):
        found = finder.between([mini.code(start)], [mini.code(end)], 5, 10_000)
        assert ids(mini, found.paths) == shortest_between(oracle, [start], [end], 5)


def test_search_is_lazy() -> None:
    """Ten layers of eight, all joined: more than a thousand million shortest paths."""
    layers = [[f"n{layer}_{place}" for place in range(8)] for layer in range(10)]
    edges = [Edge("start", "causes", n) for n in layers[0]]
    edges += [Edge(a, "causes", b) for one, two in pairwise(layers) for a in one for b in two]
    edges += [Edge(n, "causes", "zend") for n in layers[-1]]
    types = {end: () for edge in edges for end in (edge.subject, edge.object)}
    with compiled(SmallGraph(types, tuple(edges))) as graph:
        finder = PathFinder(graph)
        ends = graph.code("start"), graph.code("zend")
        first = [graph.code(name) for name in ("start", *(layer[0] for layer in layers), "zend")]
        assert next(finder.within(*ends, 11)) == tuple(first)
        longer = next(finder.within(*ends, 13))
        assert len(set(longer)) == len(longer) <= 14
        found = finder.between([ends[0]], [ends[1]], 12, 5)
        assert (len(found.paths), found.truncated) == (5, True)
        assert finder.between([ends[0]], [ends[1]], 10, 5) == ((), False)


def test_there_is_no_path_from_a_concept_to_itself_or_to_a_lone_one() -> None:
    with compiled(small_graph("a treats b\nb causes c\nd is_a a")) as graph:
        finder = PathFinder(graph)
        a, b, c, d = (graph.code(name) for name in "abcd")
        assert list(finder.within(a, a, 5)) == []
        assert finder.between([a], [a, d], 5, 9) == ((), False)
        assert finder.between([a, b], [c], 5, 9).paths == ((b, c),)


# --- search: how a path is told --------------------------------------------------------------


@some
@given(paths_graphs)
def test_a_described_path_is_made_of_statements_the_right_way_round(graph: SmallGraph) -> None:
    held_in = stated(graph)
    usage = Counter(predicate for _, predicate, _ in held_in)
    oracle = walked(graph)
    with compiled(graph) as held:
        finder = PathFinder(held)
        for start, end in combinations(sorted(oracle), 2):
            for codes in finder.within(held.code(start), held.code(end), 3):
                path = finder.describe(codes)
                assert [node.id for node in path.nodes] == [held.id(code) for code in codes]
                assert len(path.hops) == len(codes) - 1
                for hop, triple in zip(path.hops, path.triples(), strict=True):
                    assert hop.statements == (statement_id(*triple),)
                    assert hop.sources == tuple(sorted(held_in[triple]))
                    choices = [
                        usage[p]
                        for s, p, o in held_in
                        if {s, o} == {triple[0], triple[2]} and kind_of(p) == "associative"
                    ]
                    assert usage[hop.predicate] == min(choices)
                    assert kind_of(hop.predicate) == "associative"
                told = finder.statements(codes)
                assert [(s.subject, s.predicate, s.object) for s in told] == path.triples()


def test_a_described_path_by_hand(mini: KnowledgeGraph) -> None:
    codes = tuple(mini.find(name) for name in ("AGTR1", "AT1 receptor", "losartan"))
    path = PathFinder(mini).describe(codes)
    assert [(hop.predicate, hop.forward) for hop in path.hops] == [
        ("encodes", True),
        ("inhibits", False),
    ]
    assert path.triples()[1] == ("KGMINI:losartan", "inhibits", "KGMINI:at1_receptor")
    assert [node.name for node in path.nodes] == ["AGTR1", "AT1 receptor", "losartan"]
    assert path.nodes[2].aliases == ("Cozaar", "losartan potassium")
    assert path.nodes[2].types == ("drug",)


def test_a_path_is_as_generic_as_its_inner_concepts(mini: KnowledgeGraph) -> None:
    finder = PathFinder(mini)
    by_hub = tuple(mini.find(name) for name in ("gout", "pain", "clarithromycin"))
    by_receptor = tuple(mini.find(name) for name in ("AGTR1", "AT1 receptor", "losartan"))
    assert finder.generality(by_hub) > finder.generality(by_receptor) > 0
    assert finder.generality(by_hub[:2]) == 0


# --- mined items -----------------------------------------------------------------------------


def mine(
    graph: KnowledgeGraph,
    overlay: Overlay,
    *,
    seed: int = 7,
    count: int = 10_000,
    options: PathsConfig | None = None,
    synthesis: SynthesisConfig | None = None,
) -> Mined:
    miner = PathMiner(
        graph, overlay, synthesis=synthesis or SynthesisConfig(), seed=seed, language="en"
    )
    return miner.mine(options or PathsConfig(turn_back=True), count)


@pytest.fixture(scope="module")
def mined(mini: KnowledgeGraph, mini_overlay: Overlay) -> Mined:
    """All that the mini graph gives."""
    return mine(mini, mini_overlay)


@pytest.fixture(scope="module")
def items(mined: Mined) -> list[Item]:
    assert len(mined.items) > 40
    return mined.items


def nodes_of(item: Item) -> list[str]:
    return [node.id for node in item.path.nodes]


def wrong(item: Item) -> list[str]:
    return [o.concept for o in item.options if o.why_out is not None and o.concept is not None]


def unique_pairs() -> Counter[int]:
    """Pairs that are apart in the full graph and joined by one shortest path without the hubs."""
    found: Counter[int] = Counter()
    for start, end in combinations(sorted(CUT), 2):
        if nx.has_path(CUT, start, end) and not ANY.has_edge(start, end):
            paths = list(islice(nx.all_shortest_paths(CUT, start, end), 2))
            if len(paths) == 1 and len(paths[0]) > 2:
                found[len(paths[0]) - 1] += 1
    return found


def test_every_pair_with_a_unique_shortest_path_is_tried_once(mined: Mined) -> None:
    assert dict(mined.tried) == {h: n for h, n in unique_pairs().items() if 2 <= h <= 5}
    assert len(mined.items) + len(mined.rejected) == mined.tried.total()
    ends = [frozenset((nodes_of(item)[0], nodes_of(item)[-1])) for item in mined.items]
    assert len(set(ends)) == len(ends)
    assert {len(item.path.hops) for item in mined.items} == {2, 3, 4, 5}


@pytest.mark.parametrize(
    ("beside", "tried"),
    [("", {2: 1}), ("a is_a b", {}), ("b part_of a", {}), ("a contraindicated_in b", {})],
)
def test_ends_that_any_statement_joins_are_not_asked_for(
    beside: str, tried: dict[int, int]
) -> None:
    with compiled(small_graph(f"a causes c\nc causes b\n{beside}")) as graph:
        assert mine(graph, cut(graph, k=0)).tried == tried


def test_items_are_unique_shortest_paths_whose_inner_concepts_are_necessary(
    items: list[Item],
) -> None:
    for item in items:
        nodes = nodes_of(item)
        assert not HUBS & set(nodes)
        assert not ANY.has_edge(nodes[0], nodes[-1])
        assert list(nx.all_shortest_paths(CUT, nodes[0], nodes[-1])) == [nodes]
        assert {bridge.id for bridge in item.bridges} == set(nodes[1:-1])
        for hidden in nodes[1:-1]:
            rest = CUT.subgraph(set(CUT) - {hidden})
            farther = nx.has_path(rest, nodes[0], nodes[-1])
            assert not farther or nx.shortest_path_length(rest, nodes[0], nodes[-1]) >= len(nodes)


def test_hops_are_statements_and_everything_cited_is_carried(items: list[Item]) -> None:
    stated_here = set(TRIPLES)
    for item in items:
        held = {s.id: s for s in item.statements}
        assert all((s.subject, s.predicate, s.object) in stated_here for s in held.values())
        for path in (item.path, *item.further_paths):
            assert set(path.triples()) <= stated_here
            assert all(MEANINGS[hop.predicate].kind == "associative" for hop in path.hops)
            assert {s for hop in path.hops for s in hop.statements} <= set(held)
        cited = {s for o in item.options if o.why_out for s in o.why_out.statements}
        assert cited <= set(held)
        named = {c.id for c in item.concepts}
        assert {*nodes_of(item), *wrong(item)} <= named
        assert {end for s in held.values() for end in (s.subject, s.object)} <= named
        assert item.degrees == tuple(DEGREE[node] for node in nodes_of(item))


def test_the_tag_tells_whether_the_hubs_were_a_shortcut(items: list[Item]) -> None:
    for item in items:
        nodes = nodes_of(item)
        shorter = nx.shortest_path_length(FULL, nodes[0], nodes[-1]) < len(nodes) - 1
        assert ("shattered" in item.tags) == shorter
    assert {"shattered" in item.tags for item in items} == {True, False}


def test_a_sole_answer_is_the_only_one_the_statements_give(items: list[Item]) -> None:
    """Walk the relations of each path over the raw file, by direction and by type."""
    types = {row["id"]: set(row["types"].split("|")) for row in table("nodes.tsv")}
    for item in items:
        reached = {item.path.nodes[0].id}
        for hop, node in zip(item.path.hops, item.path.nodes[1:], strict=True):
            steps = [(s, o) if hop.forward else (o, s) for s, p, o in TRIPLES if p == hop.predicate]
            reached = {b for a, b in steps if a in reached and types[b] & types[node.id]}
        assert item.path.nodes[-1].id in reached
        assert (SOLE_ANSWER in item.tags) == (len(reached) == 1)
    assert {SOLE_ANSWER in item.tags for item in items} == {True, False}


def test_hidden_names_are_all_names_of_the_bridges_and_their_kin(items: list[Item]) -> None:
    for item in items:
        for bridge in item.bridges:
            expected = {name for concept in kin(bridge.id) for name in NAMES_OF[concept]}
            assert set(bridge.hidden) == expected
            assert bridge.hidden[0] == NAME_OF[bridge.id]


def leaks(item: Item) -> list[tuple[str, str]]:
    shown = {item.path.nodes[0].name, item.path.nodes[-1].name, *(o.text for o in item.options)}
    hidden = {name for bridge in item.bridges for name in bridge.hidden}
    return [(name, secret) for name in shown for secret in hidden if spells(name, secret)]


def test_no_shown_name_holds_a_hidden_one(items: list[Item]) -> None:
    assert [leaks(item) for item in items if leaks(item)] == []


def test_evidence_is_what_the_source_says_of_the_hops(items: list[Item]) -> None:
    for item in items:
        on_path = {s for hop in item.path.hops for s in hop.statements}
        assert {(e.text, e.statements) for e in item.evidence} == {
            (SENTENCES[statement], (statement,)) for statement in on_path
        }


def test_options_are_distinct_concepts_of_the_keys_type(items: list[Item]) -> None:
    for item in items:
        assert [option.label for option in item.options] == ["A", "B", "C", "D"]
        concepts = [option.concept for option in item.options]
        assert len(set(concepts)) == len({o.text for o in item.options}) == 4
        key = next(option for option in item.options if option.why_out is None)
        assert (key.label, key.concept) == (item.key, nodes_of(item)[-1])
        assert {TYPE_OF[c or ""] for c in concepts} == {TYPE_OF[nodes_of(item)[-1]]}
        assert all(option.text == NAME_OF[option.concept or ""] for option in item.options)
        assert not HUBS & set(concepts)
        assert not set(nodes_of(item)[:-1]) & set(concepts)


def test_no_wrong_option_is_supported_or_kin_of_the_key(items: list[Item]) -> None:
    for item in items:
        nodes = nodes_of(item)
        reached = led_to(nodes[0], [hop.predicate for hop in item.path.hops])
        assert nodes[-1] in reached
        assert not reached & set(wrong(item))
        assert not kin(nodes[-1]) & set(wrong(item))


def test_at_least_half_of_the_wrong_options_are_no_farther_than_the_key(
    items: list[Item],
) -> None:
    for item in items:
        start, *_, key = nodes_of(item)
        away = [nx.single_source_shortest_path_length(graph, start) for graph in (FULL, CUT)]
        near = [o for o in wrong(item) if all(d.get(o, 99) <= d[key] for d in away)]
        assert 2 * len(near) >= len(wrong(item)) == 3


def test_an_absent_grade_serves_only_beside_a_second_path(items: list[Item]) -> None:
    seen = Counter(o.why_out.grade for item in items for o in item.options if o.why_out)
    assert set(seen) == {Grade.ABSENT, Grade.CONTRADICTED}
    for item in items:
        grades = {o.why_out.grade for o in item.options if o.why_out}
        assert item.further_paths or Grade.ABSENT not in grades
        for path in item.further_paths:
            other = [node.id for node in path.nodes]
            assert (other[0], other[-1]) == (nodes_of(item)[0], nodes_of(item)[-1])
            assert other != nodes_of(item)
            assert len(other) == len(nodes_of(item)) + 1
            assert not HUBS & set(other)


def test_a_contradicted_option_cites_the_statement_that_denies_it(items: list[Item]) -> None:
    denials = {
        statement_id(*triple): {triple[0], triple[2]}
        for triple in TRIPLES
        if MEANINGS[triple[1]].kind == "negative"
    }
    for item in items:
        for option in item.options:
            if option.why_out:
                proof = [s for s in option.why_out.statements if s in denials]
                assert bool(proof) == (option.why_out.grade is Grade.CONTRADICTED)
                assert all(option.concept in denials[s] for s in proof)


def test_a_hard_negative_hangs_from_a_sibling_as_the_key_hangs_from_the_bridge(
    items: list[Item],
) -> None:
    hard = 0
    for item in items:
        hop, bridge = item.path.hops[-1], nodes_of(item)[-2]
        for option in item.options:
            why = option.why_out
            assert why is None or (why.reason == "hard-negative") == (why.sibling is not None)
            if why is None or why.sibling is None or option.concept is None:
                continue
            hard += 1
            ends = (why.sibling, option.concept)
            subject, obj = ends if hop.forward else ends[::-1]
            assert statement_id(subject, hop.predicate, obj) in why.statements
            assert (subject, hop.predicate, obj) in TRIPLES
            assert why.sibling not in nodes_of(item)
            parents = [set(HIERARCHY.successors(c)) for c in (bridge, why.sibling)]
            alike = TYPE_OF[bridge] == TYPE_OF[why.sibling]
            shared = set(CUT[bridge]) & set(CUT[why.sibling])
            assert parents[0] & parents[1] or (alike and shared)
    assert hard >= 10


def test_the_seed_decides(mini: KnowledgeGraph, mini_overlay: Overlay) -> None:
    one, again, other = (mine(mini, mini_overlay, seed=s, count=20).items for s in (7, 7, 8))
    assert one == again
    assert {item.id for item in one} != {item.id for item in other}
    assert [nodes_of(item) for item in one] != [nodes_of(item) for item in other]


def test_the_place_of_the_key_tells_nothing(items: list[Item]) -> None:
    places = Counter(item.key for item in items)
    assert set(places) == {"A", "B", "C", "D"}
    assert max(places.values()) < len(items) * 0.4


def test_count_and_hops_are_kept_and_lengths_share_it(
    mini: KnowledgeGraph, mini_overlay: Overlay, mined: Mined
) -> None:
    few = mine(mini, mini_overlay, count=7)
    assert Counter(len(item.path.hops) for item in few.items) == {2: 2, 3: 2, 4: 2, 5: 1}
    assert few.tried.total() == len(few.items) + len(few.rejected) < mined.tried.total()
    long = mine(mini, mini_overlay, options=PathsConfig(hops=(4, 4)), count=3)
    assert [len(item.path.hops) for item in long.items] == [4, 4, 4]
    assert mine(mini, mini_overlay, count=0) == Mined()


def test_the_rare_come_first_when_asked(mini: KnowledgeGraph, mini_overlay: Overlay) -> None:
    def degrees(coverage: str) -> list[int]:
        options = PathsConfig.model_validate({"hops": (3, 3), "coverage": coverage})
        found = mine(mini, mini_overlay, options=options)
        return [item.degrees[0] for item in found.items]

    rare, drawn = degrees("rare-first"), degrees("none")
    assert sum(rare[:10]) < sum(drawn[:10])
    assert sum(rare[:10]) < sum(rare[-10:])


def test_the_starts_take_turns(mini: KnowledgeGraph, mini_overlay: Overlay) -> None:
    found = mine(mini, mini_overlay, options=PathsConfig(hops=(3, 3)), count=20)
    starts = Counter(item.path.nodes[0].id for item in found.items)
    assert max(starts.values()) <= 3


def test_more_options_and_a_stricter_grade(tmp_path: Path) -> None:
    """With every relation complete, what is not stated is false."""
    read = read_source("tables", MINI)
    complete = replace(read.sources[0], complete=tuple(sorted({p for _, p, _ in TRIPLES})))
    compile_graph([replace(read, sources=(complete,))], tmp_path)
    graph = KnowledgeGraph.open(tmp_path)
    overlay = cut(graph, k=2, score="degree_in_type")
    strict = SynthesisConfig(options=5, distractors=DistractorsConfig(grade="closed"))
    found = mine(graph, overlay, synthesis=strict)
    assert len(found.items) >= 20
    for item in found.items:
        assert [option.label for option in item.options] == list("ABCDE")
        grades = {o.why_out.grade for o in item.options if o.why_out}
        assert grades <= {Grade.CLOSED, Grade.CONTRADICTED}
    assert any(not item.further_paths for item in found.items)


def test_a_stricter_grade_than_the_graph_can_give_leaves_nothing(
    mini: KnowledgeGraph, mini_overlay: Overlay
) -> None:
    strict = SynthesisConfig(distractors=DistractorsConfig(grade="contradicted"))
    found = mine(mini, mini_overlay, synthesis=strict)
    assert found.items == []
    assert {r.code for r in found.rejected} == {"no-matched-distractors"}
    assert all(r.stage == "mine" and r.detail and r.content["path"] for r in found.rejected)


WORDS = ("acute", "cold", "gland", "marrow", "node", "palsy", "renal", "spasm", "tract", "ulcer")


def test_names_within_names_never_give_a_bridge_away(tmp_path: Path) -> None:
    """The mini graph, with every second name made of two others."""
    read = read_source("tables", MINI)
    concepts = sorted(TYPE_OF)
    called = {
        c: WORDS[n % 10] if n < 10 else f"{WORDS[n % 10]} {WORDS[n // 10]} {n if n % 3 else ''}"
        for n, c in enumerate(concepts)
    }
    names = [(c, called[c].strip(), "en", "preferred") for c in concepts]
    renamed = source("renamed", read.nodes.iter_rows(), [], names=names).names
    compile_graph([replace(read, names=renamed)], tmp_path)
    graph = KnowledgeGraph.open(tmp_path)
    found = mine(graph, cut(graph, k=2, score="degree_in_type"))
    assert len(found.items) >= 20
    assert [leaks(item) for item in found.items if leaks(item)] == []
    given_away = [r for r in found.rejected if r.code == "bridge-in-name"]
    assert given_away
    for rejected in given_away:
        first, *inner, last = [node["name"] for node in rejected.content["path"]["nodes"]]
        hidden = [node["id"] for node in rejected.content["path"]["nodes"][1:-1]]
        secrets = {called[relative].strip() for node in hidden for relative in kin(node)}
        assert set(inner) <= secrets
        assert any(spells(shown, secret) for shown in (first, last) for secret in secrets)


def planted(names: Mapping[str, str], *, more: str = "", options: int = 4) -> list[Item]:
    """Mine a graph with a path from s by h to key, whose wrong options are w1 to w4."""
    text = "s treats h\nh causes key\ns causes m\nm causes x\nx causes key"
    text += "".join(f"\nm glows_near w{n}" for n in range(1, 5))
    graph = small_graph(
        f"{text}\n{more}", {"key": "disease", **{f"w{n}": "disease" for n in range(1, 5)}}
    )
    called = [(c, names.get(c, f"the {c}"), "en", "preferred") for c in graph.types]
    edges = [(e.subject, e.predicate, e.object, "") for e in graph.edges]
    with tempfile.TemporaryDirectory() as folder:
        compile_graph([source("one", graph.types.items(), edges, names=called)], Path(folder))
        held = KnowledgeGraph.open(Path(folder))
        asked = PathsConfig(hops=(2, 2)), SynthesisConfig(options=options)
        found = mine(held, cut(held, k=0), options=asked[0], synthesis=asked[1])
    return found.items


def test_two_wrong_options_never_read_alike() -> None:
    assert ["s", "h", "key"] in [nodes_of(item) for item in planted({})]
    for names in ({"w1": "twin", "w2": "Twin"}, {"w1": "the key"}):
        for item in planted(names):
            texts = [option.text.casefold() for option in item.options]
            assert len(set(texts)) == len(texts)
            assert all(text.startswith(("the ", "twin")) for text in texts)


def test_a_hard_negative_hangs_the_same_way_round() -> None:
    more = "h is_a p\nother is_a p\nother causes w1\nw2 causes other\nother treats w3"
    [item] = [i for i in planted({}, more=more, options=5) if nodes_of(i) == ["s", "h", "key"]]
    siblings = {o.concept: o.why_out.sibling for o in item.options if o.why_out}
    assert siblings == {"w1": "other", "w2": None, "w3": None, "w4": None}


# --- mapped questions ------------------------------------------------------------------------

Named = str | Sequence[str]


def mentions(field: str, named: Named, denied: str) -> list[Mention]:
    label = field.partition(":")[2]
    return [
        Mention(
            text=f"text of {label}" if label else name,
            start=0,
            end=len(name),
            field=field,
            id=f"KGMINI:{name}",
            score=1,
            negated=name == denied,
        )
        for name in ([named] if isinstance(named, str) else named)
        if name
    ]


def question(
    stem: Named, options: Mapping[str, Named], key: str, *, denied: str = ""
) -> LinkedQuestion:
    """Link a question by hand: which concepts stand in the stem and in each option."""
    fields = {"stem": stem, **{f"option:{label}": named for label, named in options.items()}}
    return LinkedQuestion(
        id="q1",
        question=Question(
            id="q1",
            origin="by-hand",
            origin_split="train",
            stem="What is it?",
            options=tuple(
                QuestionOption(label=label, text=f"text of {label}") for label in options
            ),
            key=key,
        ),
        mentions=tuple(
            m for field, named in fields.items() for m in mentions(field, named, denied)
        ),
    )


@pytest.fixture(scope="module")
def mapper(mini: KnowledgeGraph, mini_overlay: Overlay) -> AnswerMapper:
    return AnswerMapper(mini, mini_overlay, QaConfig())


DRUGS = {"A": "lisinopril", "B": "losartan", "C": "metoprolol", "D": "amoxicillin"}


@pytest.mark.parametrize(
    ("linked", "code"),
    [
        (question("agtr1", {**DRUGS, "B": ""}, "B"), "answer-not-linked"),
        (question("agtr1", DRUGS, "B", denied="losartan"), "answer-not-linked"),
        (question("gout", {**DRUGS, "B": "inflammation"}, "B"), "answer-is-hub"),
        (question("gout", {**DRUGS, "B": ["losartan", "pain"]}, "B"), "answer-is-hub"),
        (question("", DRUGS, "B"), "question-not-linked"),
        (question("pain", DRUGS, "B"), "question-not-linked"),
        (question("losartan", DRUGS, "B"), "question-not-linked"),
        (question("agtr1", DRUGS, "B", denied="agtr1"), "question-not-linked"),
        (question("agtr1", {**DRUGS, "B": "adrenal_gland"}, "B"), "no-path"),
        (question("streptococcus_pyogenes", DRUGS, "B"), "no-path"),
        (question("at1_receptor", DRUGS, "B"), "path-too-short"),
        (question("heart_failure", DRUGS, "B"), "path-too-short"),
        (question("edema", DRUGS, "B"), "option-supported"),
        (question("ptgs1", {**DRUGS, "B": "aspirin", "D": "ibuprofen"}, "B"), "option-supported"),
    ],
)
def test_a_question_that_cannot_be_mapped_is_rejected_with_the_reason(
    mapper: AnswerMapper, linked: LinkedQuestion, code: str
) -> None:
    made = mapper.item(linked)
    assert isinstance(made, Rejected)
    assert (made.stage, made.code, made.id) == ("map", code, "q1")
    assert made.detail
    assert LinkedQuestion.model_validate(made.content) == linked


def test_a_question_mapped_by_hand(mapper: AnswerMapper) -> None:
    linked = question("agtr1", {**DRUGS, "D": ""}, "B")
    item = mapper.item(linked)
    assert isinstance(item, Item)
    assert nodes_of(item) == ["KGMINI:agtr1", "KGMINI:at1_receptor", "KGMINI:losartan"]
    assert item.path.triples() == [
        ("KGMINI:agtr1", "encodes", "KGMINI:at1_receptor"),
        ("KGMINI:losartan", "inhibits", "KGMINI:at1_receptor"),
    ]
    assert (item.kind, item.stem, item.key) == ("qa", "What is it?", "B")
    assert (item.origin, item.origin_split) == ("by-hand", "train")
    assert (item.bridges, item.further_paths) == ((), ())
    assert item.degrees == (1, 5, 2)
    assert item.groups == ("question:by-hand:q1",)
    assert [(o.label, o.text, o.concept) for o in item.options] == [
        ("A", "text of A", "KGMINI:lisinopril"),
        ("B", "text of B", "KGMINI:losartan"),
        ("C", "text of C", "KGMINI:metoprolol"),
        ("D", "text of D", None),
    ]
    # encodes and inhibits are complete: what they do not lead to, they deny. A text that names
    # no concept is merely not known.
    why = [o.why_out for o in item.options]
    assert [w and (w.reason, w.grade) for w in why] == [
        ("given", Grade.CLOSED),
        None,
        ("given", Grade.CLOSED),
        ("given", Grade.ABSENT),
    ]
    assert {s.id for s in item.statements} == {s for h in item.path.hops for s in h.statements}
    assert {c.id for c in item.concepts} == {
        *nodes_of(item),
        "KGMINI:lisinopril",
        "KGMINI:metoprolol",
    }


def test_a_contraindication_in_the_question_is_cited(mapper: AnswerMapper) -> None:
    options = {"A": "ibuprofen", "B": "lisinopril", "C": "amoxicillin"}
    item = mapper.item(question("edema", options, "B"))
    assert isinstance(item, Item)
    assert nodes_of(item) == ["KGMINI:edema", "KGMINI:heart_failure", "KGMINI:lisinopril"]
    why = {o.label: o.why_out for o in item.options}
    assert why["A"] is not None
    assert why["A"].grade is Grade.CONTRADICTED
    denial = statement_id("KGMINI:ibuprofen", "contraindicated_in", "KGMINI:heart_failure")
    assert why["A"].statements == (denial,)
    assert denial in {s.id for s in item.statements}
    assert why["C"] is not None
    assert (why["C"].grade, why["C"].statements) == (Grade.ABSENT, ())


def test_the_most_specific_path_is_taken_and_the_others_go_along(mapper: AnswerMapper) -> None:
    """Two ways from lisinopril to aldosterone: by angiotensin II and, busier, by heart failure."""
    options = {"A": "epinephrine", "B": "aldosterone"}
    item = mapper.item(question("lisinopril", options, "B"))
    assert isinstance(item, Item)
    assert nodes_of(item)[1] == "KGMINI:angiotensin_ii"
    assert DEGREE["KGMINI:angiotensin_ii"] < DEGREE["KGMINI:heart_failure"]
    [further] = item.further_paths
    assert [node.id for node in further.nodes][1] == "KGMINI:heart_failure"


def test_a_path_whose_relations_lead_to_another_option_is_passed_over(
    mapper: AnswerMapper,
) -> None:
    """Angiotensin II raises inflammation too; what heart failure raises is aldosterone alone."""
    options = {"A": "inflammation", "B": "aldosterone"}
    item = mapper.item(question("lisinopril", options, "B"))
    assert isinstance(item, Item)
    assert nodes_of(item)[1] == "KGMINI:heart_failure"
    assert not led_to("KGMINI:lisinopril", [h.predicate for h in item.path.hops]) & {
        "KGMINI:inflammation"
    }


def test_mapped_paths_are_the_shortest_of_networkx(mapper: AnswerMapper) -> None:
    """Every pair of a gene and a drug, asked with one wrong option."""
    genes, drugs = ([c for c, t in TYPE_OF.items() if t == wanted] for wanted in ("gene", "drug"))
    outcomes: Counter[str] = Counter()
    for gene in genes:
        for drug in drugs:
            short = [c.removeprefix("KGMINI:") for c in (gene, drug)]
            made = mapper.item(question(short[0], {"A": short[1], "B": "edema"}, "A"))
            paths = shortest_between(CUT, [gene], [drug], 4)
            sound = [
                path for path in paths if "KGMINI:edema" not in led_to(gene, predicates_along(path))
            ]
            if isinstance(made, Rejected):
                outcomes[made.code] += 1
                assert made.code == ("no-path" if not paths else "option-supported")
                assert not sound
                continue
            outcomes["mapped"] += 1
            assert nodes_of(made) in sound
    assert outcomes["mapped"] > 10
    assert outcomes["no-path"] > 0


def predicates_along(path: Sequence[str]) -> list[str]:
    """The relation of each hop; no hop between genes and drugs has more than one of its rarity."""
    usage = Counter(p for _, p, _ in TRIPLES)
    along = []
    for ends in map(set, pairwise(path)):
        choices = [p for s, p, o in TRIPLES if {s, o} == ends and MEANINGS[p].kind == "associative"]
        along.append(min(choices, key=lambda p: (usage[p], p)))
    return along


def test_no_path_goes_straight_back_unless_asked(
    mini: KnowledgeGraph, mini_overlay: Overlay
) -> None:
    def turning(*, turn_back: bool) -> int:
        miner = PathMiner(mini, mini_overlay, synthesis=SynthesisConfig(), seed=7, language="en")
        mined = miner.mine(PathsConfig(turn_back=turn_back), 1000)
        hops = [[(h.predicate, h.forward) for h in item.path.hops] for item in mined.items]
        return sum(any(a == c and b != d for (a, b), (c, d) in pairwise(path)) for path in hops)

    assert turning(turn_back=False) == 0
    assert turning(turn_back=True) > 0
