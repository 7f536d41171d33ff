"""Measure search, sampling and shattering beside networkx, rustworkx, igraph and networkit.

    .venv/bin/python tests/bench/search.py [--scale tiny|small|full] [--no-peers] [names...]

Everything runs on one graph: the stores that `run.py` compiles of the simulated PrimeKG and UMLS.
Peers get the same adjacency as numbers, and as many of the same pairs as their time allows. Each
measurement is a process of its own: ``search.py --one NAME STORE`` prints what it took as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from inputs import SCALES, cache, say, simulated
from measure import MISSING, measured

HERE = Path(__file__).resolve().parent
PAIRS, MOST_HOPS, LIMIT = 1_000, 5, 1_000
PEER_SECONDS, PEER_BYTES = 120, 14 << 30
"""What a peer may take before it is stopped; what it did until then is told."""
EVERY_KIND = ("associative", "hierarchical", "structural", "negative")


class Goal(NamedTuple):
    """What a prototype reached on such a machine, and what we aim at; 0 where nothing is said."""

    what: str
    prototype: float
    goal: float = 0.0
    more_is_better: bool = True


GOALS = {
    ("search primekg", "pairs_per_second"): Goal("pairs/s", 11_000, 20_000),
    ("search primekg", "median_ms"): Goal("median ms", 0.033, 0, False),
    ("search primekg", "p99_ms"): Goal("p99 ms", 2.0, 0, False),
    ("search primekg shattered", "pairs_per_second"): Goal("pairs/s", 29_000),
    ("search umls", "pairs_per_second"): Goal("pairs/s", 7_900),
    ("search umls", "median_ms"): Goal("median ms", 0.12, 0, False),
    ("search umls", "p99_ms"): Goal("p99 ms", 1.6, 0, False),
    ("search umls shattered", "pairs_per_second"): Goal("pairs/s", 12_900),
    ("walks primekg", "millions_per_second_a_thread"): Goal("M walks/s a thread", 6.1, 12),
    ("walks umls", "millions_per_second_a_thread"): Goal("M walks/s a thread", 2.6),
    ("shatter umls", "degree_in_type_seconds"): Goal("degree in type, s", 3, 0, False),
    ("shatter umls", "adaptive_seconds"): Goal("adaptive, k = 1,000, s", 10, 0, False),
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


def _pairs(degree: Any, count: int) -> Any:
    import numpy as np

    alive = np.flatnonzero(degree > 0)
    return np.random.default_rng(7).choice(alive, (count, 2)).astype(np.int64)


def search(store: Path, k: int = 0) -> dict[str, Any]:
    """All shortest paths of random pairs: each alone, then in a batch on one thread and on all."""
    import numpy as np

    from kgsynth.paths.shortest import PathSearch

    ground = _ground(store, k)
    pairs = _pairs(ground.after.degree, 20_000)
    alone = PathSearch(ground, max_hops=MOST_HOPS, limit=LIMIT, threads=1)
    alone.between(pairs[:200])
    took = []
    for pair in pairs[:PAIRS]:
        start = time.perf_counter()
        alone.between(pair[None])
        took.append(time.perf_counter() - start)
    median, last = np.percentile(np.array(took) * 1e3, [50, 99])
    rates = {}
    for name, threads in (("one_thread_pairs_per_second", 1), ("pairs_per_second", None)):
        batch = PathSearch(ground, max_hops=MOST_HOPS, limit=LIMIT, threads=threads)
        batch.between(pairs[:1_000])
        start = time.perf_counter()
        found = batch.between(pairs)
        rates[name] = len(pairs) / (time.perf_counter() - start)
    told = {"median_ms": float(median), "p99_ms": float(last), **rates}
    return {**told, "paths": int(found.counts.sum()), "truncated": float(found.truncated.mean())}


def walks(store: Path) -> dict[str, Any]:
    """Simple typed walks of 1 to 5 hops."""
    from kgsynth.paths.sampling import WalkSampler

    ground = _ground(store)
    start = time.perf_counter()
    words = ground.steps.words
    packed = time.perf_counter() - start
    told: dict[str, Any] = {"pack_seconds": packed, "bytes_a_step": words.dtype.itemsize}
    for name, threads in (("millions_per_second_a_thread", 1), ("millions_per_second", None)):
        sampler = WalkSampler(ground, threads=threads, seed=1)
        sampler.sample(100_000)
        start = time.perf_counter()
        done = sum(len(part) for part in sampler.each(2_000_000))
        told[name] = done / (time.perf_counter() - start) / 1e6
    return {**told, **_floor(ground)}


def _floor(ground: Any) -> dict[str, Any]:
    """Read the steps at random places, many at once: no walk can be drawn faster."""
    import numba
    import numpy as np

    @numba.njit
    def touch(words: Any, places: Any) -> Any:  # pragma: no cover
        total = np.uint64(0)
        for at in range(places.shape[0]):
            total += np.uint64(words[places[at]])
        return total

    words = ground.steps.words
    places = np.random.default_rng(1).integers(0, len(words), 20_000_000)
    touch(words, places[:10])
    start = time.perf_counter()
    touch(words, places)
    reads = len(places) / (time.perf_counter() - start) / 1e6
    # Three steps a walk, and for each a look at where the concept's steps begin and one at a step.
    return {"random_reads_millions": reads, "floor_millions_a_thread": reads / 6}


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
        shattered(graph, Shatter.model_validate({"rule": rule, "score": score, "k": k}))
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


# --- peers --------------------------------------------------------------------------------------


def _edges(store: Path) -> tuple[int, Any]:
    import numpy as np

    walk = _opened(store).walk
    nodes = len(walk.degree)
    source = np.repeat(np.arange(nodes, dtype=np.int64), walk.degree)
    once = source < walk.target
    return nodes, np.stack([source[once], walk.target[once]], axis=1)


def _timed(store: Path, paths_of: Callable[[int, int], int]) -> dict[str, Any]:
    """Search pair after pair as long as time is left."""
    import numpy as np

    pairs = _pairs(_opened(store).walk.degree, PAIRS)
    took: list[float] = []
    since = time.perf_counter()
    for start, end in pairs.tolist():
        began = time.perf_counter()
        paths_of(start, end)
        took.append(time.perf_counter() - began)
        if time.perf_counter() - since > PEER_SECONDS:
            break
    median, last = np.percentile(np.array(took) * 1e3, [50, 99])
    rate = len(took) / sum(took)
    return {
        "median_ms": float(median), "p99_ms": float(last), "pairs": len(took),
        "pairs_per_second": rate,
    }  # fmt: skip


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
        search, walks, shatter, unique, networkx, rustworkx, igraph, networkit, networkx_walks,
    )
}  # fmt: skip

MEASUREMENTS = {
    "search": (("search", ()), ("search shattered", ("1000",))),
    "walks": (("walks", ()),),
    "shatter": (("shatter", ()),),
    "unique": (("unique", ()),),
}
PEERS = {"search": ("networkx", "rustworkx", "igraph", "networkit"), "walks": ("networkx_walks",)}


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
    if done.code:
        said = done.said.strip().splitlines() or [f"exit code {done.code}"]
        return {"failed": said[-1][:100]}
    return {**done.result, "peak_gb": done.peak / 1e9}


def _limit(name: str) -> None:
    """Keep a peer from taking the machine down."""
    if name in {peer for peers in PEERS.values() for peer in peers}:
        resource.setrlimit(resource.RLIMIT_AS, (PEER_BYTES, PEER_BYTES))
        signal.alarm(4 * PEER_SECONDS)


def _print(title: str, ours: dict[str, Any], peers: dict[str, dict[str, Any]], full: bool) -> None:
    print(title)
    for key, value in ours.items():
        line = (
            f"  {key:32}{value:>14,.4g}" if isinstance(value, float) else f"  {key:32}{value!s:>14}"
        )
        goal = GOALS.get((title, key)) if full else None
        if goal:
            better = value >= goal.prototype if goal.more_is_better else value <= goal.prototype
            line += f"   prototype {goal.prototype:g}: {'met' if better else 'MISSED'}"
            if goal.goal:
                line += f"; goal {goal.goal:g}: {'met' if value >= goal.goal else 'MISSED'}"
        print(line)
    for who, theirs in peers.items():
        if "failed" in theirs:
            print(f"  {who}: {theirs['failed']}")
            continue
        for key in ("median_ms", "pairs_per_second", "millions_per_second_a_thread"):
            if key in theirs and key in ours:
                ratio = theirs[key] / ours[key] if key == "median_ms" else ours[key] / theirs[key]
                better = f"ours is {ratio:,.0f} times better"
                print(f"  {who + ', ' + key:32}{theirs[key]:>14,.4g}   {better}")
    print(flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the measurements that are named, or all of them."""
    parser = argparse.ArgumentParser(description="Measure search beside our peers.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MEASUREMENTS))
    parser.add_argument("--scale", choices=SCALES, default="full")
    parser.add_argument("--kinds", nargs="*", default=["primekg", "umls"])
    parser.add_argument("--no-peers", action="store_true", help="measure us alone")
    parser.add_argument("--one", nargs="+", help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.one:
        name, store, *more = asked.one
        _limit(name)
        try:
            print(json.dumps(ONE[name](Path(store), *map(int, more))))
        except ModuleNotFoundError as error:
            print(f"{error.name} is not installed", file=sys.stderr)
            return MISSING
        return 0
    failed = False
    for kind in asked.kinds:
        store = _store(kind, asked.scale)
        for name in asked.names or MEASUREMENTS:
            for title, more in MEASUREMENTS[name]:
                ours = _one(name, store, *more)
                failed |= "failed" in ours
                with_peers = kind == "primekg" and not more and not asked.no_peers
                peers = {p: _one(p, store) for p in PEERS.get(name, ())} if with_peers else {}
                title = title.replace(name, f"{name} {kind}", 1)
                _print(title, ours, peers, asked.scale == "full")
    return int(failed)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    sys.exit(main())
