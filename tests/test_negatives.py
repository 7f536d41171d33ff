"""Wrong options on compiled kernels, against networkx and plain loops over the statements."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import networkx as nx
import numpy as np
import pytest
import yaml
from graph_columns import (
    WALKED,
    Edge,
    SmallGraph,
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

from kgsynth.errors import UsageError
from kgsynth.graph.compile import compile_graph
from kgsynth.graph.overlay import Overlay
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.model import Grade
from kgsynth.paths.balance import EXCESS, FEATURES, Balance, Exposure, Standing
from kgsynth.paths.ground import Ground
from kgsynth.paths.negatives import Candidate, NegativeFinder, Pool
from kgsynth.paths.negatives_kernels import MOST_LISTED, Walked, choose
from kgsynth.paths.support_kernels import FEW_ROWS
from kgsynth.paths.unique import UniqueSampler
from kgsynth.resources import locate
from kgsynth.seeding import derive

FAMILIES = {
    name: entry["family"]
    for name, entry in yaml.safe_load(locate("ontologies/predicates.yaml").read_text("utf-8"))[
        "predicates"
    ].items()
}
EVERY = ("causes", "treats", "interacts_with", "glows_near")
GRADES = (Grade.CONTRADICTED, Grade.CLOSED, Grade.ABSENT)
NAMES = [f"word {letter}" for letter in "abcdefghijklmnop"]

graphs = small_graphs(
    max_nodes=14,
    max_edges=36,
    predicates=(*WALKED, "contraindicated_in", "is_a", "part_of"),
    joined=True,
)


class Story(NamedTuple):
    """One path, in ids and names of relations."""

    nodes: list[str]
    relations: list[str]
    forward: list[bool]


# --- what the statements say, by plain loops -----------------------------------------------------


class Oracle:
    """The rules of a wrong option, said again."""

    def __init__(
        self, graph: SmallGraph, names: dict[str, str], complete: Sequence[str], gone: set[str]
    ) -> None:
        self.graph, self.names, self.complete = graph, names, complete
        self.triples = list(stated(graph))
        self.full = walked(graph)
        self.cut = self.full.subgraph(set(self.full) - gone)
        self.ladder: nx.DiGraph[str] = nx.DiGraph()
        self.ladder.add_nodes_from(graph.types)
        self.ladder.add_edges_from(
            (s, o) for s, p, o in self.triples if kind_of(p) == "hierarchical"
        )

    def kin(self, concept: str) -> set[str]:
        above, below = (
            nx.descendants(self.ladder, concept),
            nx.ancestors(self.ladder, concept),
        )
        return {concept} | above | below

    def family(self, relation: str) -> str:
        return FAMILIES.get(relation, relation)

    def beside(self, places: set[str], relations: set[str]) -> set[str]:
        ahead = {o for s, p, o in self.triples if p in relations and s in places}
        return ahead | {s for s, p, o in self.triples if p in relations and o in places}

    def affirmed(self, relation: str) -> set[str]:
        return {
            p
            for _, p, _ in self.triples
            if self.family(p) == self.family(relation) and kind_of(p) != "negative"
        }

    def led_to(self, story: Story) -> set[str]:
        places = self.kin(story.nodes[0])
        for relation in story.relations:
            beside = self.beside(places, self.affirmed(relation))
            places = {relative for place in beside for relative in self.kin(place)}
        return places

    def starts(self, story: Story) -> set[str]:
        places = {story.nodes[0]}
        for relation in story.relations[:-1]:
            places = self.beside(places, {relation})
        return places

    def denials(self, story: Story, end: str) -> list[set[tuple[str, str, str]]]:
        """For each place where the last relation starts, what denies it of an end."""
        last = self.family(story.relations[-1])
        return [
            {
                (s, p, o)
                for s, p, o in self.triples
                if {s, o} == {start, end} and kind_of(p) == "negative" and self.family(p) == last
            }
            for start in self.starts(story)
        ]

    def detours(self, story: Story) -> list[list[str]]:
        nodes = story.nodes
        paths = nx.all_simple_paths(self.cut, nodes[0], nodes[-1], cutoff=len(nodes))
        return [path for path in paths if len(path) == len(nodes) + 1]

    def may_stand(self, story: Story, asked: Grade) -> dict[str, Grade]:
        """Every concept that may stand as a wrong option, and how surely it is wrong."""
        if asked is Grade.ABSENT and not self.detours(story):
            asked = Grade.CLOSED
        key = story.nodes[-1]
        affirming = {p for _, p, _ in self.triples if kind_of(p) != "negative"}
        barred = {*story.nodes, *self.kin(key), *self.led_to(story)}
        barred |= self.beside(self.starts(story), affirming)
        closed = all(relation in self.complete for relation in story.relations)
        found = {}
        for end, types in self.graph.types.items():
            if end in barred or not set(types) & set(self.graph.types[key]):
                continue
            if end not in self.cut or not self.cut.degree(end):
                continue
            if self.names[end] == self.names[key]:
                continue
            denied = all(self.denials(story, end))
            grade = GRADES[0] if denied else GRADES[1] if closed else GRADES[2]
            if GRADES.index(grade) <= GRADES.index(asked):
                found[end] = grade
        return found

    def closer(self, story: Story, end: str) -> tuple[int, ...]:
        """Whether an option is closer to the start than the key, as close, or farther."""
        start, key = story.nodes[0], story.nodes[-1]
        far = [nx.single_source_shortest_path_length(g, start) for g in (self.full, self.cut)]
        gains = [reached[key] - reached.get(end, 99) for reached in far]
        return tuple((gain > 0) - (gain < 0) for gain in gains)

    def hangs(self, story: Story, one: str, sibling: str) -> bool:
        """Whether an option hangs from a sibling of the bridge as the key hangs from it."""
        bridge, relation = story.nodes[-2], story.relations[-1]
        pair = (sibling, one) if story.forward[-1] else (one, sibling)
        parents = [set(self.ladder.successors(c)) for c in (bridge, sibling)]
        shared = set(self.cut[bridge]) & set(self.cut[sibling])
        alike = set(self.graph.types[bridge]) & set(self.graph.types[sibling])
        children_of_one = parents[0] & parents[1]
        return (pair[0], relation, pair[1]) in self.triples and bool(
            children_of_one or (alike and shared)
        )


@contextmanager
def opened(
    graph: SmallGraph, names: dict[str, str], complete: Sequence[str] = (), k: int = 0
) -> Iterator[tuple[KnowledgeGraph, Overlay, Oracle]]:
    """Compile a graph whose concepts have these names, cut k hubs, and write down the rules."""
    called = [(c, name, "en", "preferred") for c, name in names.items()]
    read = [
        source(
            name,
            graph.types.items(),
            [(e.subject, e.predicate, e.object, "") for e in graph.edges if e.source == name],
            names=called,
            complete=tuple(complete),
        )
        for name in sorted({edge.source for edge in graph.edges})
    ]
    with tempfile.TemporaryDirectory() as folder:
        compile_graph(read, Path(folder))
        held = KnowledgeGraph.open(Path(folder))
        overlay = cut(held, k=min(k, held.node_count - 1))
        gone = {hub.id for hub in overlay.report.removed}
        yield held, overlay, Oracle(graph, names, complete, gone)


def paths_of(graph: KnowledgeGraph, overlay: Overlay, quota: int = 64) -> Walked | None:
    ground = Ground.of(graph, overlay)
    if not ground.after.degree.any():
        return None
    found = UniqueSampler(ground, hops=(2, 4), quota=quota, turn_back=True).sample(400)
    return Walked(found.nodes, found.relations, found.forward, found.hops)


def stories(graph: KnowledgeGraph, paths: Walked) -> list[Story]:
    return [
        Story(
            [graph.id(code) for code in nodes[: hops + 1]],
            [graph.predicate_names[code] for code in relations[:hops]],
            forward[:hops],
        )
        for nodes, relations, forward, hops in zip(
            *(column.tolist() for column in paths), strict=True
        )
    ]


def told(graph: KnowledgeGraph, edge: int) -> tuple[str, str, str]:
    statement = graph.statement(edge)
    return statement.subject, statement.predicate, statement.object


def check(graph: KnowledgeGraph, oracle: Oracle, story: Story, pool: Pool, asked: Grade) -> None:
    may_stand = oracle.may_stand(story, asked)
    for one in pool.candidates:
        option = graph.id(one.code)
        assert may_stand.get(option) is one.grade
        assert one.closer == oracle.closer(story, option)
        denied = {told(graph, edge) for edge in one.denied_by}
        if one.grade is Grade.CONTRADICTED:
            assert all(denied & said for said in oracle.denials(story, option))
        else:
            assert not denied
        assert (one.sibling is None) == (one.hangs_by is None)
        if one.sibling is not None and one.hangs_by is not None:
            sibling = graph.id(one.sibling)
            assert sibling not in story.nodes
            assert oracle.hangs(story, option, sibling)
            subject, relation, obj = told(graph, one.hangs_by)
            assert (relation, {subject, obj}) == (story.relations[-1], {sibling, option})
    names = [oracle.names[graph.id(one.code)] for one in pool.candidates]
    assert len(set(names)) == len(names)
    detours = oracle.detours(story)
    if pool.second is None:
        assert not detours
    else:
        assert [graph.id(code) for code in pool.second] in detours
    assert pool.full_hops == nx.shortest_path_length(oracle.full, story.nodes[0], story.nodes[-1])


@settings(max_examples=80, deadline=None)
@given(
    graphs,
    st.lists(st.sampled_from(NAMES), min_size=14, max_size=14),
    st.sampled_from([(), EVERY]),
    st.sampled_from(GRADES),
    st.integers(0, 2),
)
def test_a_small_graph_gives_every_option_that_may_stand(
    graph: SmallGraph, words: list[str], complete: tuple[str, ...], asked: Grade, k: int
) -> None:
    names = dict(zip(graph.types, words, strict=False))
    with opened(graph, names, complete, k) as (held, overlay, oracle):
        paths = paths_of(held, overlay)
        if paths is None:
            return
        pools = NegativeFinder(held, overlay, grade=asked.value, threads=1).find(paths)
        for at, story in enumerate(stories(held, paths)):
            pool = pools[at]
            check(held, oracle, story, pool, asked)
            called = {names[held.id(one.code)] for one in pool.candidates}
            assert {names[end] for end in oracle.may_stand(story, asked)} == called


@pytest.fixture(scope="module")
def large() -> SmallGraph:
    """400 concepts and 1,200 statements at random, on a tree."""
    draw = np.random.default_rng(11)
    ids = [f"N:{number:03}" for number in range(400)]
    relations = (*WALKED, "contraindicated_in", "is_a", "is_a")
    edges = [Edge(ids[n], "causes", ids[int(draw.integers(0, n))]) for n in range(1, 300)]
    edges += [
        Edge(ids[a], relations[p], ids[b])
        for a, b, p in zip(
            draw.integers(0, 400, 900), draw.integers(0, 400, 900),
            draw.integers(0, len(relations), 900), strict=True,
        )
    ]  # fmt: skip
    kinds = ("drug", "disease", "gene")
    types = {c: (kinds[int(draw.integers(0, 3))],) for c in ids}
    return SmallGraph(types, tuple(edges))


def test_every_option_of_a_larger_graph_may_stand(large: SmallGraph) -> None:
    seen: Counter[str] = Counter()
    names = {c: f"name of {c}" for c in large.types}
    with opened(large, names, k=5) as (held, overlay, oracle):
        paths = paths_of(held, overlay, quota=1)
        assert paths is not None
        pools = NegativeFinder(held, overlay).find(paths)
        for at, story in enumerate(stories(held, paths)):
            check(held, oracle, story, pools[at], Grade.ABSENT)
            for one in pools[at].candidates:
                seen.update([one.grade.value, "near" if one.near else "far"])
                seen.update(["hard"] * (one.sibling is not None))
    assert min(seen["near"], seen["far"], seen["absent"]) > 150
    assert seen["hard"] > 20
    assert seen["contradicted"]


def test_where_there_is_much_of_everything_only_what_may_stand_is_drawn() -> None:
    """More concepts of a type than are each tried, and more statements than are read one by one."""
    draw = np.random.default_rng(5)
    ends, busy = [f"N:{n:04}" for n in range(900)], [f"B:{n:02}" for n in range(30)]
    edges = [
        Edge(busy[int(at)], WALKED[int(relation)], end)
        for end in ends
        for at, relation in zip(draw.integers(0, 30, 2), draw.integers(0, 3, 2), strict=True)
    ]
    edges += [Edge(one, "interacts_with", other) for one, other in pairwise(ends)]
    types = {**dict.fromkeys(ends, ("drug",)), **dict.fromkeys(busy, ("disease",))}
    graph = SmallGraph(types, tuple(edges))
    with opened(graph, {c: f"name of {c}" for c in types}) as (held, overlay, oracle):
        assert min(held.contact.degree[held.code(b)] for b in busy) > FEW_ROWS
        assert len(ends) > MOST_LISTED
        ground = Ground.of(held, overlay)
        found = UniqueSampler(ground, hops=(2, 2), quota=1, start_types="drug", turn_back=True)
        paths = found.sample(8)
        pools = NegativeFinder(held, overlay).find(paths)
        told = Walked(paths.nodes, paths.relations, paths.forward, paths.hops)
        for at, story in enumerate(stories(held, told)):
            check(held, oracle, story, pools[at], Grade.ABSENT)
        assert sum(len(pools[at].candidates) for at in range(len(pools))) > 50


def test_neither_threads_nor_the_order_of_the_paths_matter(large: SmallGraph) -> None:
    names = {c: f"name of {c}" for c in large.types}
    with opened(large, names, k=5) as (held, overlay, _):
        paths = paths_of(held, overlay, quota=2)
        assert paths is not None
        expected = NegativeFinder(held, overlay, seed=3, threads=1).find(paths)
        count = len(paths.hops)
        tables = [Walked(*(c[at : at + 7] for c in paths)) for at in range(0, count, 7)]
        parts = list(NegativeFinder(held, overlay, seed=3, threads=4).each(tables))
        assert [p[at] for p in parts for at in range(len(p))] == [
            expected[at] for at in range(count)
        ]
        mixed = np.random.default_rng(1).permutation(count)
        shuffled = NegativeFinder(held, overlay, seed=3).find(Walked(*(c[mixed] for c in paths)))
        assert [shuffled[at] for at in range(count)] == [expected[at] for at in mixed.tolist()]
        other = NegativeFinder(held, overlay, seed=4).find(paths)
        assert [other[at] for at in range(count)] != [expected[at] for at in range(count)]


def test_pools_come_as_a_table(large: SmallGraph) -> None:
    names = {c: f"name of {c}" for c in large.types}
    with opened(large, names, k=5) as (held, overlay, _):
        paths = paths_of(held, overlay, quota=1)
        assert paths is not None
        pools = NegativeFinder(held, overlay).find(paths)
        table = pools.frame(held)
        rows = iter(table.iter_rows(named=True))
        for at, story in enumerate(stories(held, paths)):
            for one in pools[at].candidates:
                assert next(rows) == {
                    "path": at,
                    "start": story.nodes[0],
                    "key": story.nodes[-1],
                    "option": held.id(one.code),
                    "grade": one.grade.value,
                    "near": one.near,
                    "sibling": None if one.sibling is None else held.id(one.sibling),
                    "hangs_by": one.hangs_by,
                    "denied_by": list(one.denied_by),
                }
        assert next(rows, None) is None


def test_a_concept_without_a_type_has_no_wrong_options() -> None:
    graph = small_graph("a causes b\nb causes c\nc causes d\nd causes e\ne causes f")
    names = {c: c * 3 for c in graph.types}
    with opened(graph, names, EVERY) as (held, overlay, _):
        paths = paths_of(held, overlay)
        assert paths is not None
        pools = NegativeFinder(held, overlay).find(paths)
        assert {len(pools[at].candidates) for at in range(len(pools))} == {0}


def test_what_has_no_wrong_options_is_refused(mini: KnowledgeGraph) -> None:
    finder = NegativeFinder(mini)
    found = UniqueSampler(Ground.of(mini), hops=(2, 2), seed=1).sample(5)
    short = found.only(np.array([True, False, False, False, False]))
    short.hops[:] = 1
    with pytest.raises(UsageError, match=r"paths of 2 to 8 hops; these have 1 to 1\."):
        finder.find(short)
    pool = next(held for held in map(finder.find(found).__getitem__, range(5)) if held.candidates)
    with pytest.raises(UsageError, match="balance is of 5 options; a key and 3 others are asked"):
        finder.choose((0, 1, 2), pool.candidates, 3, balance=Balance(options=5))


@pytest.mark.parametrize(("place", "number"), [("kin", 1 << 31), ("number", 1 << 27)])
def test_a_room_is_left_before_its_numbers_run_out(
    mini: KnowledgeGraph, place: str, number: int
) -> None:
    found = UniqueSampler(Ground.of(mini), hops=(2, 3), seed=1).sample(30)
    finder = NegativeFinder(mini)
    before = finder.find(found)
    room = finder._idle.get_nowait()
    numbers = room.number[1:] if place == "number" else room.kin.number
    numbers[0] = number
    finder._idle.put(room)
    after = [finder.find(found) for _ in range(2)]
    for pools in after:
        assert [pools[at] for at in range(30)] == [before[at] for at in range(30)]
    assert finder._idle.get_nowait() is not room


# --- a set of them -------------------------------------------------------------------------------


class Options(NamedTuple):
    """What the kernel that chooses is told of a pool."""

    above: np.ndarray
    beside: np.ndarray
    near: np.ndarray
    hard: np.ndarray


@st.composite
def pools_of_options(draw: st.DrawFn) -> Options:
    shape = (len(FEATURES), draw(st.integers(1, 20)))
    ranks = np.array(draw(st.lists(st.integers(-1, 1), min_size=shape[0] * shape[1],
                                   max_size=shape[0] * shape[1]))).reshape(shape)  # fmt: skip
    flags = [
        np.array(draw(st.lists(st.booleans(), min_size=shape[1], max_size=shape[1])))
        for _ in range(2)
    ]
    return Options(ranks > 0, ranks == 0, *flags)


@settings(max_examples=300, deadline=None)
@given(pools_of_options(), st.integers(1, 9), st.integers(0, 2**63))
def test_at_least_half_of_a_set_are_near(options: Options, count: int, key: int) -> None:
    taken = Balance.by_lot(count + 1, key).taken
    chosen = choose(*options, count, taken, np.uint64(key)).tolist()
    if options.near.sum() < (count + 1) // 2 or len(options.near) < count:
        assert chosen == []
        return
    assert len(chosen) == len(set(chosen)) == count
    assert 2 * options.near[chosen].sum() >= count
    assert choose(*options, count, taken, np.uint64(key)).tolist() == chosen


def of_every_rank(draw: np.random.Generator, size: int = 80) -> Options:
    """Options of every degree and length, all as close; half of them are near."""
    above = np.zeros((len(FEATURES), size), dtype=np.bool_)
    above[:2] = draw.random((2, size)) < 0.5
    beside = np.ones_like(above)
    beside[:2] = False
    near = np.arange(size) % 2 == 0
    return Options(above, beside, near, np.zeros(size, dtype=np.bool_))


def test_the_key_comes_to_stand_where_it_did_least() -> None:
    """Where options of every degree and length are at hand, each place can be had."""
    draw = np.random.default_rng(2)
    for number in range(400):
        options = of_every_rank(draw)
        taken = np.ones((len(FEATURES), 4))
        places = number % 4, number // 4 % 4
        taken[0, places[0]] = taken[1, places[1]] = 0
        chosen = choose(*options, 3, taken, np.uint64(derive(1, number)))
        assert tuple(options.above[:2, chosen].sum(axis=1)) == places


def test_of_sets_that_serve_as_well_the_one_with_siblings_is_chosen() -> None:
    draw = np.random.default_rng(2)
    hard = 0
    for number in range(100):
        options = of_every_rank(draw)
        options.hard[draw.integers(0, 80, 16)] = True
        taken = np.ones((len(FEATURES), 4))
        chosen = choose(*options, 3, taken, np.uint64(derive(1, number)))
        hard += int(options.hard[chosen].sum())
    assert hard > 150


def test_a_balance_lets_no_place_be_taken_much_more_often_than_another() -> None:
    """Keys of which half can stand in the last place alone, as those of least degree do."""
    balance, draw, taken = Balance(options=4), np.random.default_rng(3), Counter[int]()
    for _ in range(4_000):
        free = int(np.argmin(balance.taken[0])) if draw.random() < 0.5 else 3
        standing = Standing([free, 0, 0, 0, 0], [0, 3, 3, 3, 3])
        crowded = balance.crowded(standing)
        if crowded is None:
            balance.add(standing)
            taken[free] += 1
        else:
            assert crowded == "degree"
    total = taken.total()
    assert total > 2_000
    assert taken[3] / total <= 0.25 * EXCESS + 0.01
    assert min(taken.values()) / total > 0.22


def test_what_proves_an_option_wrong_is_told(large: SmallGraph) -> None:
    names = {c: f"name of {c}" for c in large.types}
    with opened(large, names, k=5) as (held, overlay, _):
        finder = NegativeFinder(held, overlay)
        hangs = Candidate(3, Grade.ABSENT, (0, 0), 5, 7, ())
        denied = Candidate(3, Grade.CONTRADICTED, (0, -1), None, None, (9, 2))
        why = finder.why_out(hangs)
        assert (why.reason, why.sibling) == ("hard-negative", held.id(5))
        assert why.statements == (held.statement(7).id,)
        why = finder.why_out(denied)
        assert (why.reason, why.sibling) == ("easy-negative", None)
        assert why.statements == (held.statement(9).id, held.statement(2).id)
        assert (hangs.near, denied.near) == (True, False)


def test_a_concept_is_wrong_no_more_often_than_keys_leave_room_for() -> None:
    """Whoever learns the options of many items by heart finds the key no more often than by lot."""
    exposure, draw = Exposure(options=4), np.random.default_rng(5)
    keys, wrong = Counter[int](), Counter[int]()
    for _ in range(2_000):
        key = int(draw.integers(0, 60))
        free = [code for code in range(60) if code != key and exposure.may_be_wrong(code)]
        if len(free) < 3:
            continue
        others = draw.choice(free, 3, replace=False).tolist()
        exposure.add(key, others)
        keys[key] += 1
        wrong.update(others)
    assert keys.total() > 1_500
    for code in range(60):
        assert wrong[code] <= 3 * keys[code] + 1
