"""Measure search, sampling and shattering beside networkx, rustworkx, igraph and networkit.

    .venv/bin/python tests/bench/search.py [--scale tiny|small|full] [--no-peers] [names...]

Everything runs on one graph: the stores that `run.py` compiles of the simulated PrimeKG and UMLS.
Peers get the same adjacency as numbers, and as many of the same pairs as their time allows. Each
measurement is a process of its own: ``search.py --one NAME STORE`` prints what it took as JSON.

A new measurement is a function from a store to what it took, an entry in MEASUREMENTS, and what
is promised of it in GOALS.
"""

from __future__ import annotations

import argparse
import json
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from inputs import SCALES, cache, say, simulated
from measure import MISSING, measured

HERE = Path(__file__).resolve().parent
PAIRS, MOST_HOPS, LIMIT = 1_000, 5, 1_000
PEER_SECONDS, MOST_SECONDS, PEER_BYTES = 60, 360, 14 << 30
"""What a peer may take to search, in all and to hold before it is stopped; what it did is told."""
BEST_OF = 3
HARD_NEGATIVES = 100_000
GIGABYTE = 1e9
EVERY_KIND = ("associative", "hierarchical", "structural", "negative")


class Goal(NamedTuple):
    """What a prototype reached on such a machine, and what we aim at; 0 where nothing is said."""

    prototype: float = 0.0
    goal: float = 0.0
    more_is_better: bool = True


GOALS = {
    ("search primekg", "pairs_per_second"): Goal(11_000, 20_000),
    ("search primekg", "median_ms"): Goal(0.033, 0, False),
    ("search primekg", "p99_ms"): Goal(2.0, 0, False),
    ("search primekg shattered", "pairs_per_second"): Goal(29_000),
    ("search umls", "pairs_per_second"): Goal(7_900),
    ("search umls", "median_ms"): Goal(0.12, 0, False),
    ("search umls", "p99_ms"): Goal(1.6, 0, False),
    ("search umls shattered", "pairs_per_second"): Goal(12_900),
    ("first primekg", "seconds_to_first_paths"): Goal(0, 1, False),
    ("first umls", "seconds_to_first_paths"): Goal(0, 1, False),
    ("walks primekg", "millions_per_second_a_thread"): Goal(6.1, 12),
    ("walks umls", "millions_per_second_a_thread"): Goal(2.6),
    ("negatives primekg", "seconds_for_100k_hard"): Goal(60, 0, False),
    ("shatter umls", "degree_in_type_seconds"): Goal(3, 0, False),
    ("shatter umls", "adaptive_seconds"): Goal(10, 0, False),
}


# --- what is measured ---------------------------------------------------------------------------


def _opened(store: Path) -> Any:
    from kgsynth.graph.store import KnowledgeGraph

    return KnowledgeGraph.open(store)


def _ground(store: Path, k: int = 0) -> Any:
    """All kinds of statement, as the prototype walked them; with hubs of more than k peeled off."""
    from kgsynth.config import Shatter
    from kgsynth.graph.shatter import shattered
    from kgsynth.paths.ground import Ground

    graph = _opened(store)
    overlay = shattered(graph, Shatter(rule="over_k", score="degree", k=k)) if k else None
    return Ground.of(graph, overlay, kinds=EVERY_KIND)


def _pairs(ground: Any) -> Any:
    import numpy as np

    alive = np.flatnonzero(ground.after.degree > 0)
    return np.random.default_rng(7).choice(alive, (20_000, 2)).astype(np.int64)


def _fastest(work: Callable[[], Any]) -> float:
    """Return the seconds of the best of some runs: what else the machine does is not measured."""
    took = []
    for _ in range(BEST_OF):
        start = time.perf_counter()
        work()
        took.append(time.perf_counter() - start)
    return min(took)


def search(store: Path, k: int = 0) -> dict[str, Any]:
    """All shortest paths of random pairs: each alone, then in a batch on one thread and on all."""
    import numpy as np

    from kgsynth.paths.shortest import PathSearch

    ground = _ground(store, k)
    pairs = _pairs(ground)
    alone = PathSearch(ground, max_hops=MOST_HOPS, limit=LIMIT, threads=1)
    alone.between(pairs[:200])
    took = []
    for pair in pairs[:PAIRS]:
        start = time.perf_counter()
        alone.between(pair[None])
        took.append(time.perf_counter() - start)
    median, last = np.percentile(np.array(took) * 1e3, [50, 99])
    told: dict[str, Any] = {"median_ms": float(median), "p99_ms": float(last)}
    for name, threads in (("pairs_per_second_a_thread", 1), ("pairs_per_second", None)):
        batch = PathSearch(ground, max_hops=MOST_HOPS, limit=LIMIT, threads=threads)
        batch.between(pairs[:1_000])
        told[name] = len(pairs) / _fastest(lambda batch=batch: batch.between(pairs))
    found = alone.between(pairs)
    told |= {"paths": int(found.counts.sum()), "truncated": float(found.truncated.mean())}
    of_concepts, of_rows = _touches(ground, pairs[:PAIRS])
    marks = _reads_per_second(np.zeros(2 * ground.graph.node_count, dtype=np.uint32))
    rows = _reads_per_second(ground.after.target)
    told |= {"touches_a_pair": of_concepts + of_rows, "random_reads_millions": rows / 1e6}
    floor = 1 / (of_concepts / marks + of_rows / rows)
    return told | _floor(floor, told["pairs_per_second_a_thread"])


def _touches(ground: Any, pairs: Any) -> tuple[float, float]:
    """Count the reads that a search from both ends cannot do without, a pair.

    These are, for each concept that it goes on from, where its neighbours begin and a mark of
    each of them; and at the last level, where both sides join, as many as it has neighbours or as
    the other side has concepts, whichever is less. Rows of neighbours that are begun are told by
    themselves, as they lie in a larger array. To write out the paths comes on top.
    """
    import numpy as np

    from kgsynth.graph.search_kernels import LEVELS, _meet, new_space

    space, levels = new_space(ground.graph.node_count, LIMIT), np.zeros(2, dtype=np.int64)
    degrees, of_concepts, of_rows = ground.after.degree, 0, 0
    for number, (start, end) in enumerate(pairs.tolist(), 1):
        base = np.uint32(number * LEVELS)
        _meet(ground.sides, start, end, MOST_HOPS, space, base, levels, 1)
        outermost = []
        for side, level in enumerate(levels.tolist()):
            inner, last = space.begins[side, level : level + 2].tolist()
            of_rows += inner
            of_concepts += inner + int(degrees[space.met[side, :inner]].sum())
            outermost.append(degrees[space.met[side, inner:last]])
        joins = [
            (len(here) + int(np.minimum(here, len(there)).sum()), len(here))
            for here, there in (outermost, outermost[::-1])
        ]
        reads, rows = min(joins)
        of_concepts, of_rows = of_concepts + reads, of_rows + rows
    return of_concepts / len(pairs), of_rows / len(pairs)


def first(store: Path) -> dict[str, Any]:
    """The first search of a process, from the opened graph on: numba's import counts."""
    graph = _opened(store)
    start = time.perf_counter()
    from kgsynth.paths.ground import Ground
    from kgsynth.paths.shortest import PathSearch

    ground = Ground.of(graph)
    PathSearch(ground, max_hops=MOST_HOPS, limit=LIMIT).between([(0, graph.node_count - 1)])
    return {"seconds_to_first_paths": time.perf_counter() - start}


def walks(store: Path) -> dict[str, Any]:
    """Simple typed walks of 1 to 5 hops."""
    from kgsynth.paths.sampling import WalkSampler

    ground = _ground(store)
    start = time.perf_counter()
    steps = ground.steps
    packed = time.perf_counter() - start
    told: dict[str, Any] = {"pack_seconds": packed, "bytes_a_step": steps.words.dtype.itemsize}
    for name, threads in (("millions_per_second_a_thread", 1), ("millions_per_second", None)):
        sampler = WalkSampler(ground, threads=threads, seed=1)
        sampler.sample(100_000)
        told[name] = 2 / _fastest(lambda sampler=sampler: list(map(len, sampler.each(2_000_000))))
    # Three steps a walk. Each looks up where a concept's steps begin and reads one of them, and
    # the start of the walk is drawn from as many numbers.
    of_steps, of_concepts = _reads_per_second(steps.words), _reads_per_second(steps.indptr)
    told |= {"touches_a_walk": 7, "random_reads_millions": of_steps / 1e6}
    floor = 1 / (3 / of_steps + 4 / of_concepts) / 1e6
    return told | _floor(floor, told["millions_per_second_a_thread"])


def _floor(floor: float, ours: float) -> dict[str, float]:
    """Tell what the machine's memory would allow a thread, and how much of that we reach."""
    return {"floor_a_thread": floor, "share_of_floor": ours / floor}


def _reads_per_second(array: Any) -> float:
    """Read an array at random places, many at once, as fast as one thread can."""
    import numba
    import numpy as np

    @numba.njit
    def touch(array: Any, places: Any) -> Any:  # pragma: no cover
        total = np.uint64(0)
        for at in range(places.shape[0]):
            total += np.uint64(array[places[at]])
        return total

    places = np.random.default_rng(1).integers(0, len(array), 10_000_000, dtype=np.uint32)
    touch(array, places[:10])
    return len(places) / _fastest(lambda: touch(array, places))


def shatter(store: Path) -> dict[str, Any]:
    """Cut hubs, with the report."""
    from kgsynth.config import Shatter
    from kgsynth.graph.shatter import shattered

    told = {}
    for name, rule, score, k in (
        ("degree_in_type", "top_k", "degree_in_type", 100),
        ("adaptive", "adaptive_top_k", "degree", 1_000),
        ("relation_entropy", "top_k", "relation_entropy", 100),
        ("shortcut_load", "top_k", "shortcut_load", 100),
    ):
        graph = _opened(store)
        start = time.perf_counter()
        asked = {"rule": rule, "score": score, "k": min(k, graph.node_count // 2)}
        shattered(graph, Shatter.model_validate(asked))
        told[f"{name}_seconds"] = time.perf_counter() - start
    return told


def unique(store: Path) -> dict[str, Any]:
    """Unique shortest paths of 2 to 5 hops, of which questions are made."""
    from kgsynth.paths.ground import Ground
    from kgsynth.paths.unique import UniqueSampler

    sampler = UniqueSampler(Ground.of(_opened(store)))
    sampler.sample(10)
    start = time.perf_counter()
    found = sampler.sample(20_000)
    told = {"paths_per_second": len(found) / (time.perf_counter() - start)}
    shares = {
        f"unique_at_{hops}_hops": float(found.unique[hops] / max(1, found.pairs[hops]))
        for hops in range(2, 6)
    }
    return {**told, **shares}


def negatives(store: Path) -> dict[str, Any]:
    """Hard negatives with their proofs, for unique paths drawn as they are needed."""
    from kgsynth.config import Shatter
    from kgsynth.graph.shatter import shattered
    from kgsynth.paths.ground import Ground
    from kgsynth.paths.negatives import NegativeFinder
    from kgsynth.paths.unique import UniqueSampler

    graph = _opened(store)
    overlay = shattered(graph, Shatter(k=100))
    finder = NegativeFinder(graph, overlay, seed=7)

    drawn = UniqueSampler(Ground.of(graph, overlay), seed=7)
    next(finder.each(drawn.each()))
    options, hard, paths, start = 0, 0, 0, time.perf_counter()
    for pools in finder.each(drawn.each()):
        paths += len(pools)
        options += int(pools.found.size.sum())
        hard += int((pools.found.sibling >= 0).sum())
        if hard >= HARD_NEGATIVES or time.perf_counter() - start > MOST_SECONDS / 2:
            break
    took = time.perf_counter() - start
    return {
        "seconds_for_100k_hard": took * HARD_NEGATIVES / max(hard, 1), "hard": hard,
        "hard_per_second": hard / took, "options_per_second": options / took,
        "paths_per_second": paths / took,
    }  # fmt: skip


# --- peers --------------------------------------------------------------------------------------


def _edges(store: Path) -> tuple[int, Any]:
    import numpy as np

    after = _ground(store).after
    nodes = len(after.degree)
    source = np.repeat(np.arange(nodes, dtype=np.int64), after.degree)
    once = source < after.target
    return nodes, np.stack([source[once], after.target[once]], axis=1)


def _timed(store: Path, paths_of: Callable[[int, int], int]) -> dict[str, Any]:
    """Search pair after pair as long as time is left; tell after each what it took so far."""
    import numpy as np

    took: list[float] = []
    told: dict[str, Any] = {}
    for start, end in _pairs(_ground(store))[:PAIRS].tolist():
        began = time.perf_counter()
        paths_of(start, end)
        took.append(time.perf_counter() - began)
        median, last = np.percentile(np.array(took) * 1e3, [50, 99])
        told = {"median_ms": float(median), "p99_ms": float(last), "pairs": len(took)}
        told["pairs_per_second_a_thread"] = len(took) / sum(took)
        print(json.dumps(told), flush=True)
        if sum(took) > PEER_SECONDS:
            break
    return told


def networkx(store: Path) -> dict[str, Any]:
    """``all_shortest_paths``, as path miners before us use it."""
    from itertools import islice

    import networkx as nx

    nodes, edges = _edges(store)
    graph: Any = nx.Graph()
    graph.add_nodes_from(range(nodes))
    graph.add_edges_from(map(tuple, edges.tolist()))

    def paths_of(start: int, end: int) -> int:
        try:
            return len(list(islice(nx.all_shortest_paths(graph, start, end), LIMIT)))
        except nx.NetworkXNoPath:
            return 0

    return _timed(store, paths_of)


def rustworkx(store: Path) -> dict[str, Any]:
    """``all_shortest_paths``."""
    import rustworkx as rx

    nodes, edges = _edges(store)
    graph = rx.PyGraph(multigraph=False)
    graph.add_nodes_from(range(nodes))
    graph.extend_from_edge_list(list(map(tuple, edges.tolist())))

    def paths_of(start: int, end: int) -> int:
        return len(rx.all_shortest_paths(graph, start, end)) if start != end else 0

    return _timed(store, paths_of)


def igraph(store: Path) -> dict[str, Any]:
    """``get_all_shortest_paths``."""
    import igraph as ig

    nodes, edges = _edges(store)
    graph = ig.Graph(n=nodes, edges=edges)
    return _timed(store, lambda start, end: len(graph.get_all_shortest_paths(start, end)))


def networkit(store: Path) -> dict[str, Any]:
    """A search from the start that stores all paths."""
    import networkit as nk
    import numpy as np

    nodes, edges = _edges(store)
    ends = (edges[:, 0].astype(np.uint64), edges[:, 1].astype(np.uint64))
    graph = nk.GraphFromCoo(ends, n=nodes, directed=False)

    def paths_of(start: int, end: int) -> int:
        found = nk.distance.BFS(graph, start, True, False, end)
        found.run()
        return len(found.getPaths(end))

    return _timed(store, paths_of)


def networkx_walks(store: Path) -> dict[str, Any]:
    """Simple walks over a graph of Python objects."""
    import random

    import networkx as nx

    nodes, edges = _edges(store)
    graph: Any = nx.Graph()
    graph.add_nodes_from(range(nodes))
    graph.add_edges_from(map(tuple, edges.tolist()))
    alive = [node for node in graph if graph.degree[node]]
    draw = random.Random(7)
    done, start = 0, time.perf_counter()
    while time.perf_counter() - start < 20:
        walk = [draw.choice(alive)]
        for _ in range(draw.randint(1, 5)):
            others = [node for node in graph[walk[-1]] if node not in walk]
            if not others:
                break
            walk.append(draw.choice(others))
        done += 1
    return {"millions_per_second_a_thread": done / (time.perf_counter() - start) / 1e6}


ONE: dict[str, Callable[..., dict[str, Any]]] = {
    work.__name__: work
    for work in (
        search, first, walks, shatter, unique, negatives,
        networkx, rustworkx, igraph, networkit, networkx_walks,
    )
}  # fmt: skip

MEASUREMENTS = {
    "search": (("search", ()), ("search shattered", ("1000",))),
    "first": (("first", ()),),
    "walks": (("walks", ()),),
    "shatter": (("shatter", ()),),
    "unique": (("unique", ()),),
    "negatives": (("negatives", ()),),
}
PEERS = {
    ("search", "primekg"): ("networkx", "rustworkx", "igraph", "networkit"),
    ("search", "umls"): ("rustworkx", "networkit"),
    ("walks", "primekg"): ("networkx_walks",),
}
"""Who can be measured at full size: a UMLS of networkx or igraph outgrows such a machine."""


# --- printing -----------------------------------------------------------------------------------


def _store(kind: str, scale: str) -> Path:
    store = cache() / "stores" / f"{kind}-{scale}"
    if not (store / "manifest.json").exists():
        source = simulated(kind, scale, None)
        say(f"compiling {kind}, {scale}")
        command = [sys.executable, "-m", "kgsynth", "graph", "compile", f"{kind}:{source}"]
        subprocess.run([*command, "--output", store, "--quiet"], check=True, stdout=sys.stderr)
    return store


def _one(name: str, store: Path, *more: str) -> dict[str, Any]:
    say(f"measuring {name} on {store.name}")
    done = measured([sys.executable, __file__, "--one", name, str(store), *more])
    if done.code == MISSING:
        return {"failed": f"not measured: {done.said.strip()}"}
    told = {**done.result, "peak_gb": done.peak / GIGABYTE}
    if done.code:
        said = done.said.strip().splitlines() or [f"exit code {done.code}"]
        late = done.code == -signal.SIGALRM
        told["failed"] = f"more than {MOST_SECONDS} s in all" if late else said[-1][:100]
    return told


def _limit(name: str) -> None:
    """Keep a peer from taking the machine down."""
    if name in {peer for peers in PEERS.values() for peer in peers}:
        resource.setrlimit(resource.RLIMIT_AS, (PEER_BYTES, PEER_BYTES))
        signal.alarm(MOST_SECONDS)


class Table(NamedTuple):
    """One measurement, and the same by others."""

    name: str
    title: str
    ours: dict[str, Any]
    peers: dict[str, dict[str, Any]]


def _verdicts(name: str, key: str, value: float) -> dict[str, bool]:
    """Tell what is promised of a figure, and whether it is met."""
    goal = GOALS.get((name, key), Goal())
    promised = {"prototype": goal.prototype, "goal": goal.goal}
    return {
        f"{what} {asked:,g}": value >= asked if goal.more_is_better else value <= asked
        for what, asked in promised.items()
        if asked
    }


def missed(table: Table) -> bool:
    """Tell whether a measurement misses a promise."""
    told = table.ours.items()
    return not all(met for key, value in told for met in _verdicts(table.name, key, value).values())


def shown(table: Table, scale: str) -> Iterator[str]:
    """Lay a measurement out: ours with what is promised of it, then how much better than each."""
    yield f"{table.name}: {table.title}"
    for key, value in table.ours.items():
        line = f"  {key:42}{_number(value):>14}"
        for promise, met in _verdicts(table.name, key, value).items():
            line += f"   {promise}" + (f": {'met' if met else 'MISSED'}" if scale == "full" else "")
        yield line
    for who, theirs in table.peers.items():
        if "failed" in theirs:
            pairs = f"stopped after {theirs['pairs']} pairs: " if "pairs" in theirs else ""
            yield f"  {who}: {pairs}{theirs['failed']}"
        for key in ("median_ms", "pairs_per_second_a_thread", "millions_per_second_a_thread"):
            if key in theirs and key in table.ours:
                one, other = theirs[key], table.ours[key]
                ratio = one / other if key == "median_ms" else other / one
                better = f"ours is {ratio:,.0f} times better"
                yield f"  {who + ', ' + key:42}{_number(one):>14}   {better}"
    yield ""


def _number(value: Any) -> str:
    return f"{value:,.4g}" if isinstance(value, float) else f"{value}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the measurements that are named, or all of them."""
    parser = argparse.ArgumentParser(description="Measure search beside our peers.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MEASUREMENTS))
    parser.add_argument("--scale", choices=SCALES, default="full")
    parser.add_argument("--kinds", nargs="+", choices=("primekg", "umls"))
    parser.add_argument("--no-peers", action="store_true", help="measure us alone")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--strict", action="store_true", help="exit 1 where a goal is missed")
    parser.add_argument("--one", nargs="+", help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.one:
        return _measure_here(*asked.one)
    if unknown := [name for name in asked.names if name not in MEASUREMENTS]:
        parser.error(f"no measurement {unknown[0]!r}; there are {', '.join(MEASUREMENTS)}")
    say("compiling the kernels")
    subprocess.run([sys.executable, "-m", "kgsynth.kernels"], check=True, stdout=sys.stderr)
    tables = []
    for table in _tables(asked):
        tables.append(table)
        if not asked.json:
            print("\n".join(shown(table, asked.scale)), flush=True)
    if asked.json:
        print(json.dumps([table._asdict() for table in tables], indent=2))
    late = asked.scale == "full" and any(map(missed, tables))
    failed = any("failed" in table.ours for table in tables)
    return 1 if failed or (asked.strict and late) else 0


def _tables(asked: argparse.Namespace) -> Iterator[Table]:
    for kind in asked.kinds or ("primekg", "umls"):
        store = _store(kind, asked.scale)
        for name in asked.names or MEASUREMENTS:
            for title, more in MEASUREMENTS[name]:
                ours = _one(name, store, *more)
                with_peers = not more and not asked.no_peers
                peers = {p: _one(p, store) for p in PEERS.get((name, kind), ()) if with_peers}
                said = (ONE[name].__doc__ or "").splitlines()[0]
                yield Table(title.replace(name, f"{name} {kind}", 1), said, ours, peers)


def _measure_here(name: str, store: str, *more: str) -> int:
    _limit(name)
    try:
        print(json.dumps(ONE[name](Path(store), *map(int, more))))
    except ModuleNotFoundError as error:
        print(f"{error.name} is not installed", file=sys.stderr)
        return MISSING
    return 0


if __name__ == "__main__":
    sys.exit(main())
