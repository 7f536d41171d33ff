"""Search, walks and unique paths on compiled kernels, against networkx on random multigraphs."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
from typing import Any

import networkx as nx
import numpy as np
import pytest
from graph_columns import (
    MEANINGS,
    SmallGraph,
    canonical,
    compiled,
    cut,
    directed,
    kind_of,
    small_graph,
    small_graphs,
    stated,
    walked,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from kgsynth.errors import ConceptError, RunError, UsageError
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.paths.ahead import ahead
from kgsynth.paths.finder import PathFinder
from kgsynth.paths.ground import Ground, Steps
from kgsynth.paths.metapath import Metapath, along
from kgsynth.paths.sampling import WalkSampler
from kgsynth.paths.shortest import PathSearch
from kgsynth.paths.unique import UniqueSampler

many = settings(max_examples=150, deadline=None)
some = settings(max_examples=60, deadline=None)
graphs = small_graphs(max_nodes=14, max_edges=40)
KINDS = st.sets(st.sampled_from(["associative", "hierarchical", "negative"]), min_size=1)
SYMMETRIC = {meaning.name for meaning in MEANINGS.values() if meaning.symmetric}


def ground_in_networkx(graph: SmallGraph, kinds: set[str], one_way: bool) -> nx.DiGraph[str]:
    """What a path may walk, said again: both ways, or from subject to object."""
    out = directed(graph, kinds)
    back = [(o, s) for s, p, o in stated(graph) if kind_of(p) in kinds and p in SYMMETRIC]
    out.add_edges_from(back if one_way else [(o, s) for s, o in out.edges])
    return out


def all_shortest(graph: nx.DiGraph[str], start: str, end: str, most: int) -> list[list[str]]:
    if start == end or not nx.has_path(graph, start, end):
        return []
    if nx.shortest_path_length(graph, start, end) > most:
        return []
    return sorted(nx.all_shortest_paths(graph, start, end))


def ids(graph: KnowledgeGraph, paths: Sequence[Sequence[int]]) -> list[list[str]]:
    return sorted([graph.id(code) for code in path] for path in paths)


def every_pair(graph: KnowledgeGraph) -> list[tuple[int, int]]:
    codes = range(graph.node_count)
    return [(a, b) for a in codes for b in codes]


# --- all shortest paths ------------------------------------------------------------------------


@many
@given(graphs, KINDS, st.booleans(), st.integers(1, 8), st.integers(0, 3))
def test_all_shortest_paths_of_every_pair(
    graph: SmallGraph, kinds: set[str], one_way: bool, most: int, k: int
) -> None:
    whole = ground_in_networkx(graph, kinds, one_way)
    with compiled(graph) as held:
        overlay = cut(held, k=min(k, len(graph.types) - 1))
        gone = {hub.id for hub in overlay.report.removed}
        rest = whole.subgraph(set(whole) - gone)
        ground = Ground.of(held, overlay, kinds=kinds, directed=one_way)
        pairs = every_pair(held)
        found = PathSearch(ground, max_hops=most, threads=1).between(pairs)
        for (start, end), hops, paths in zip(pairs, found.hops.tolist(), found, strict=True):
            ends = held.id(start), held.id(end)
            if start == end:
                assert paths == [(start,)]
                continue
            expected = [] if gone & set(ends) else all_shortest(rest, *ends, most)
            assert ids(held, paths) == expected
            assert hops == (len(expected[0]) - 1 if expected else -1)
        assert not found.truncated.any()


@some
@given(graphs, st.integers(1, 4), st.none() | st.integers(0, 5))
def test_a_limit_keeps_true_paths_and_says_that_there_are_more(
    graph: SmallGraph, limit: int, seed: int | None
) -> None:
    whole = walked(graph).to_directed()
    with compiled(graph) as held:
        pairs = [(a, b) for a, b in every_pair(held) if a != b]
        search = PathSearch(Ground.of(held), limit=limit, seed=seed)
        for (start, end), paths, more in zip(
            pairs, found := search.between(pairs), found.truncated, strict=True
        ):
            expected = all_shortest(whole, held.id(start), held.id(end), 5)
            told = ids(held, paths)
            assert len(told) == len(set(map(tuple, told))) == min(limit, len(expected))
            assert all(path in expected for path in told)
            assert more == (len(expected) > limit)


def ladder(rungs: int) -> SmallGraph:
    """Concepts in rows of three, each joined to all of the next: 3 ** rungs paths from a to z."""
    rows = [["a"], *([f"{row}:{n}" for n in range(3)] for row in range(rungs)), ["z"]]
    return small_graph(
        "\n".join(f"{s} causes {o}" for low, high in pairwise(rows) for s in low for o in high)
    )


def test_a_seed_draws_every_path_with_the_same_chance() -> None:
    with compiled(ladder(3)) as held:
        ends = [(held.code("a"), held.code("z"))]
        drawn: Counter[tuple[int, ...]] = Counter()
        for seed in range(600):
            drawn.update(PathSearch(Ground.of(held), limit=4, seed=seed).between(ends)[0])
        expected = 600 * 4 / 27
        assert len(drawn) == 27
        square = sum((times - expected) ** 2 / expected for times in drawn.values())
        assert square < 48  # chi-squared, 26 degrees of freedom: 1 in 200 is beyond


@some
@given(graphs, st.integers(1, 3))
def test_threads_change_nothing(graph: SmallGraph, limit: int) -> None:
    with compiled(graph) as held:
        pairs = every_pair(held) * 10
        tables = [
            PathSearch(Ground.of(held), limit=limit, seed=1, threads=n).between(pairs)
            for n in (1, 3)
        ]
        for name in ("hops", "counts", "truncated", "begins", "nodes"):
            one, other = (getattr(table, name) for table in tables)
            assert np.array_equal(one, other), name


def test_a_search_goes_on_when_its_numbers_are_used_up() -> None:
    with compiled(ladder(2)) as held:
        search = PathSearch(Ground.of(held), threads=1)
        before = search.between([("a", "z")])[0]
        with search._searcher() as searcher:
            searcher._number = searcher._last - 1
        assert [search.between([("a", "z")])[0] for _ in range(4)] == [before] * 4


def test_more_paths_than_are_first_made_room_for_are_found() -> None:
    """Of one pair, of which some are drawn, and of many pairs at once."""
    rungs = 9
    with compiled(ladder(rungs)) as held:
        ground, ends = Ground.of(held), (held.code("a"), held.code("z"))
        few = PathSearch(ground, max_hops=12, limit=50, seed=1).between([ends])
        assert (few.counts.tolist(), few.truncated.tolist()) == ([50], [True])
        assert len(set(few[0])) == 50
        assert {len(set(path)) for path in few[0]} == {rungs + 2}
        every = PathSearch(ground, max_hops=12, limit=3**rungs, threads=1)
        table = every.between([ends] * 3)
        assert not table.truncated.any()
        assert [len(set(paths)) for paths in table] == [3**rungs] * 3


def test_paths_come_as_a_table() -> None:
    with compiled(ladder(2)) as held:
        found = PathSearch(Ground.of(held)).between([("a", "z"), ("z", "0:1"), ("a", "a")])
        frame = found.frame()
        assert frame["pair"].to_list() == [0] * 9 + [1] * 3 + [2]
        assert frame["hops"].to_list() == [3] * 9 + [2] * 3 + [0]
        rows = [tuple(row) for row in frame.filter(frame["pair"] == 0)["nodes"].to_list()]
        assert sorted(rows) == found[0]


def test_what_cannot_be_searched_is_told() -> None:
    with compiled(ladder(1)) as held:
        ground = Ground.of(held)
        with pytest.raises(UsageError, match="max_hops is a whole number from 1 to 12, not 13"):
            PathSearch(ground, max_hops=13)
        with pytest.raises(UsageError, match="limit is a whole number from 1 up, not 0"):
            PathSearch(ground, limit=0)
        with pytest.raises(UsageError, match="has the concepts 0 to 4; a pair names another"):
            PathSearch(ground).between(np.array([[0, 5]]))
        with pytest.raises(ConceptError, match="0:9"):
            PathSearch(ground).between([("a", "0:9")])
        with pytest.raises(ConceptError, match="no relation 'treat'"):
            Ground.of(held, predicates="treat")
        pair = np.array([[0, 1]])
        for far in (0, 13, 99):
            said = f"max_hops is a whole number from 1 to 12, not {far}"
            with pytest.raises(UsageError, match=said):
                PathSearch(ground).hops(pair, far)
            with pytest.raises(UsageError, match=said):
                PathFinder(held).hops(0, [1], far)
            with pytest.raises(UsageError, match=said):
                held.walk.hops_between(pair, far)


def test_work_is_done_only_a_little_ahead_of_its_reader() -> None:
    begun: list[int] = []

    def parts() -> Iterator[int]:
        for number in range(100):
            begun.append(number)
            yield number

    done = ahead(lambda number: -number, parts(), threads=3)
    assert [next(done) for _ in range(5)] == [0, -1, -2, -3, -4]
    assert len(begun) <= 5 + 2 * 3
    done.close()  # type: ignore[attr-defined]
    assert len(begun) <= 5 + 2 * 3


# --- longer ones ------------------------------------------------------------------------------


@some
@given(graphs, st.booleans(), st.integers(0, 3))
def test_longer_paths_come_after_the_shortest(graph: SmallGraph, one_way: bool, slack: int) -> None:
    whole = ground_in_networkx(graph, {"associative"}, one_way)
    with compiled(graph) as held:
        search = PathSearch(Ground.of(held, directed=one_way), max_hops=6)
        for start, end in islice(every_pair(held), 40):
            if start == end:
                continue
            a, b = held.id(start), held.id(end)
            found = search.with_slack(start, end, slack)
            if not nx.has_path(whole, a, b) or nx.shortest_path_length(whole, a, b) > 6:
                assert found.paths == ()
                continue
            most = min(nx.shortest_path_length(whole, a, b) + slack, 6)
            expected = sorted(map(tuple, nx.all_simple_paths(whole, a, b, cutoff=most)))
            assert sorted(tuple(map(held.id, path)) for path in found.paths) == expected
            lengths = [len(path) for path in found.paths]
            assert lengths == sorted(lengths)


# --- metapaths ---------------------------------------------------------------------------------

STEPS = ("treats", "causes", "interacts_with", "is_a", "*")
TYPES = ("drug", "disease", "*")


@st.composite
def metapaths(draw: st.DrawFn) -> str:
    hops = draw(st.integers(1, 4))
    text = draw(st.sampled_from(TYPES))
    for _ in range(hops):
        arrow = draw(st.sampled_from(["-[{}]->", "<-[{}]-", "-[{}]-"]))
        text += " " + arrow.format(draw(st.sampled_from(STEPS)))
        text += " " + draw(st.sampled_from(TYPES))
    return text


def by_brute_force(graph: SmallGraph, metapath: Metapath, start: str, end: str) -> list[Any]:
    """Every simple path of a metapath with its statements, by trying all."""

    def fits(concept: str, place: int) -> bool:
        wanted = metapath.types[place]
        return not wanted or bool(set(wanted) & set(graph.types[concept]))

    def onward(path: tuple[str, ...], taken: tuple[Any, ...]) -> Iterator[Any]:
        if len(path) > len(metapath.steps):
            if path[-1] == end:
                yield path, taken
            return
        step = metapath.steps[len(path) - 1]
        for s, p, o in stated(graph):
            wanted = p in step.relations if step.relations else kind_of(p) == "associative"
            for here, there, may in ((s, o, step.along), (o, s, step.against)):
                goes = may and wanted and here == path[-1] and there not in path
                if goes and fits(there, len(path)):
                    yield from onward((*path, there), (*taken, (s, p, o)))

    return sorted(onward((start,), ())) if fits(start, 0) else []


@many
@given(graphs, metapaths())
def test_a_metapath_gives_what_brute_force_gives(graph: SmallGraph, text: str) -> None:
    wanted = Metapath.parse(text)
    used = {canonical(edge)[1] for edge in graph.edges if edge.subject != edge.object}
    types = {t for held in graph.types.values() for t in held}
    named = {r for step in wanted.steps for r in step.relations}
    if not named <= used or not {t for p in wanted.types for t in p} <= types:
        return
    with compiled(graph) as held:
        for start, end in islice(every_pair(held), 60):
            found = along(Ground.of(held), text, start, end, 10_000)
            told = sorted(
                (
                    tuple(map(held.id, nodes)),
                    tuple(
                        (held.id(s), held.predicate_names[p], held.id(o))
                        for s, p, o in map(held.ends, edges)
                    ),
                )
                for nodes, edges in zip(found.nodes.tolist(), found.edges.tolist(), strict=True)
            )
            assert told == by_brute_force(graph, wanted, held.id(start), held.id(end))
            assert not found.truncated
            few = along(Ground.of(held), text, start, end, 1)
            assert few.truncated == (len(told) > 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("drug", "is no metapath"),
        ("drug -[treats] disease", "is no metapath"),
        ("drug -[treats]-> disease -> gene", "is no metapath"),
        ("drug -[]-> disease", "is no metapath"),
        ("", "is no metapath"),
        ("drug -[treats]->", "lacks a type before or behind a step"),
        ("-[treats]-> disease", "lacks a type before or behind a step"),
        ("drug -[treats]-> | -[causes]-> *", "lacks a type before or behind a step"),
        ("drug <-[treats]-> disease", "two directions"),
        ("a" + " -[x]- b" * 9, "has 9 steps; 8 are the most"),
    ],
)
def test_what_is_no_metapath_is_told(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Metapath.parse(text)


def test_any_among_others_is_any() -> None:
    assert Metapath.parse("drug|* -[*|treats]-> *") == Metapath.parse("* -[*]-> *")


def test_a_metapath_of_an_unknown_relation_or_type_is_told(mini: KnowledgeGraph) -> None:
    ground = Ground.of(mini)
    with pytest.raises(ConceptError, match=r"no relation 'treat'.*'treats'"):
        along(ground, "* -[treat]-> *", 0, 1, 5)
    with pytest.raises(ConceptError, match=r"no type 'drugs'.*'drug'"):
        along(ground, "drugs -[treats]-> *", 0, 1, 5)


# --- walks -------------------------------------------------------------------------------------


@some
@given(graphs, st.tuples(st.integers(1, 4), st.integers(0, 3)), st.booleans(), st.integers(0, 9))
def test_walks_are_simple_and_stated(
    graph: SmallGraph, hops: tuple[int, int], one_way: bool, seed: int
) -> None:
    fewest, most = hops[0], sum(hops)
    facts = stated(graph)
    with compiled(graph) as held:
        ground = Ground.of(held, directed=one_way)
        try:
            sampler = WalkSampler(ground, hops=(fewest, most), seed=seed)
        except RunError:
            assert not ground_in_networkx(graph, {"associative"}, one_way).edges
            return
        walks = sampler.sample(50)
        for row in walks.frame(ground).iter_rows(named=True):
            assert fewest <= row["hops"] <= most
            assert len(set(row["nodes"])) == len(row["nodes"]) == row["hops"] + 1
            steps = zip(pairwise(row["nodes"]), row["relations"], row["forward"], strict=True)
            for (here, there), relation, forward in steps:
                assert ((here, relation, there) if forward else (there, relation, here)) in facts
                assert kind_of(relation) == "associative"
                assert forward or not one_way or relation in SYMMETRIC
        undrawn = int((walks.hops == 0).sum())
        assert walks.frame(ground).height == 50 - undrawn


def test_a_walk_takes_each_statement_with_the_same_chance() -> None:
    graph = small_graph("a treats b\na causes b\na causes c\nd treats a\n")
    with compiled(graph) as held:
        ground = Ground.of(held)
        sampler = WalkSampler(ground, hops=(1, 1), starts=["a"], seed=5)
        walks = sampler.sample(40_000).frame(ground)
        rows = walks.select("nodes", "relations", "forward").rows()
        drawn = Counter((nodes[1], relations[0], way[0]) for nodes, relations, way in rows)
        assert set(drawn) == {
            ("b", "treats", True),
            ("b", "causes", True),
            ("c", "causes", True),
            ("d", "treats", False),
        }
        spread = math.sqrt(40_000 * 0.25 * 0.75)
        assert all(abs(times - 10_000) < 4.5 * spread for times in drawn.values())


def test_walks_are_the_same_on_any_number_of_threads_and_as_more_are_drawn(
    mini: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    ground = Ground.of(mini)
    few, more, other = (
        WalkSampler(ground, seed=seed, threads=threads)
        for seed, threads in ((1, 1), (1, 3), (2, 1))
    )
    first = few.sample(500).frame(ground)
    monkeypatch.setattr("kgsynth.paths.sampling.WALKS_AT_ONCE", 100)
    assert more.sample(1000).frame(ground).head(500).equals(first)
    assert not other.sample(500).frame(ground).equals(first)


def test_a_walk_that_went_in_a_circle_is_drawn_again() -> None:
    chain = small_graph("a treats b\nb treats c\nc treats d\nd treats e\ne treats f\n")
    with compiled(chain) as held:
        ground = Ground.of(held)
        walks = WalkSampler(ground, hops=(5, 5), seed=2).sample(1_000).frame(ground)
        drawn = Counter("".join(nodes) for nodes in walks["nodes"].to_list())
        assert drawn.total() == 1_000, "three in four do not come through at once"
        assert set(drawn) == {"abcdef", "fedcba"}
        assert abs(drawn["abcdef"] - 500) < 4.5 * math.sqrt(250)


def test_wide_numbers_give_the_same_walks(mini: KnowledgeGraph) -> None:
    ground, wide = Ground.of(mini), Ground.of(mini)
    steps = ground.steps
    widened = (steps.indptr.astype(np.uint64), steps.words.astype(np.uint64), steps.bits)
    wide.__dict__["steps"] = Steps(*widened)
    tables = [WalkSampler(one, seed=4).sample(300).frame(ground) for one in (ground, wide)]
    assert tables[0].height > 250
    assert tables[0].equals(tables[1])


# --- unique paths -------------------------------------------------------------------------------


@some
@given(graphs, st.integers(0, 2), st.sampled_from(["none", "rare-first"]))
def test_unique_paths_are_all_that_networkx_finds(graph: SmallGraph, k: int, coverage: Any) -> None:
    with compiled(graph) as held:
        overlay = cut(held, k=min(k, len(graph.types) - 1))
        whole = walked(graph)
        rest = whole.subgraph(set(whole) - {hub.id for hub in overlay.report.removed})
        near = directed(graph, ["associative", "negative", "hierarchical"]).to_undirected()
        ground = Ground.of(held, overlay)
        if not rest.edges:
            with pytest.raises(RunError, match="No path can start"):
                UniqueSampler(ground)
            return
        sampler = UniqueSampler(ground, quota=1_000, turn_back=True, coverage=coverage, seed=3)
        found = sampler.sample(100_000)
        told = {tuple(nodes) for nodes in found.frame(ground)["nodes"].to_list()}
        expected = set()
        tally: Counter[int] = Counter()
        for a in rest:
            for b, hops in nx.single_source_shortest_path_length(rest, a).items():
                tally[hops] += 1
                paths = list(islice(nx.all_shortest_paths(rest, a, b), 2))
                if 2 <= hops <= 5 and len(paths) == 1 and not near.has_edge(a, b):
                    expected.add(tuple(paths[0]))
        assert told == expected
        assert found.pairs[2:].tolist() == [tally[hops] for hops in range(2, 6)]
        assert int(found.unique.sum()) == len(expected) == len(found)
        for path in told:
            for inner in path[1:-1]:
                less = rest.subgraph(set(rest) - {inner})
                assert not nx.has_path(less, path[0], path[-1]) or (
                    nx.shortest_path_length(less, path[0], path[-1]) > len(path) - 1
                )


def test_a_unique_path_tells_the_rarest_relation_and_may_not_turn_back() -> None:
    graph = small_graph("a causes b\na treats b\nb causes c\nd causes b\nx causes y\n")
    with compiled(graph) as held:
        ground = Ground.of(held)
        rows = UniqueSampler(ground, hops=(2, 2)).sample(100).frame(ground).rows()
        told = {(tuple(n), tuple(r), tuple(f)) for _, n, r, f in rows}
        # Down from d to b and on to c is one thing; up from b to d, having come down to b, is not.
        assert told == {
            (("a", "b", "c"), ("treats", "causes"), (True, True)),
            (("c", "b", "a"), ("causes", "treats"), (False, False)),
            (("a", "b", "d"), ("treats", "causes"), (True, False)),
            (("d", "b", "a"), ("causes", "treats"), (True, False)),
            (("d", "b", "c"), ("causes", "causes"), (True, True)),
            (("c", "b", "d"), ("causes", "causes"), (False, False)),
        }
        turning = small_graph("a causes b\nc causes b\n")
    with compiled(turning) as held:
        ground = Ground.of(held)
        assert len(UniqueSampler(ground, hops=(2, 2)).sample(9)) == 0
        assert len(UniqueSampler(ground, hops=(2, 2), turn_back=True).sample(9)) == 2


def test_the_rarest_concepts_start_first(mini: KnowledgeGraph) -> None:
    ground = Ground.of(mini)
    sampler = UniqueSampler(ground, coverage="rare-first", quota=1, threads=2)
    starts = [part.nodes[:, 0].tolist() for part in sampler.each()]
    degrees = [int(mini.contact.degree[code]) for part in starts for code in part]
    assert degrees == sorted(degrees)
    assert len(degrees) > 10
