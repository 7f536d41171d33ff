"""How long it takes to stream a graph from a Bolt server, beside the bare driver.

The bare driver asks the same, with pages of the same size, and keeps its records as lists; we end
with columns, coded. A second figure is of the query that one would write first: a record for each
relationship. Rounds alternate, and what counts is the median: the machine is seldom alone. The
figures go to stderr, and to stdout as one JSON object.

    .venv/bin/python tests/bench/bolt.py [--nodes 50000] [--relationships 250000] [--rounds 5]
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import neo4j

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from bolt_server import running

from kgsynth.graph.export.bolt import Node, Relationship, write_batches
from kgsynth.source_options import Neo4jOptions
from kgsynth.sources.neo4j.bolt import PASSWORD, USER
from kgsynth.sources.neo4j.reader import NODES, RELATIONSHIPS, fingerprint, read

MOST = 1.5
"""The ratio to the bare driver that is promised."""
NAIVE = """
MATCH (n)-[r]->(m)
RETURN n[$id], type(r), m[$id], coalesce(r.source, r.primary_knowledge_source),
  coalesce(r.licence, r.license), coalesce(r.evidence, r.publications)
"""
WHAT = {
    "ours": "kgsynth",
    "bare": "the bare driver, same queries",
    "naive": "the bare driver, a record a relationship",
    "fingerprint": "kgsynth, fingerprint only",
}
LABELS = ("biolink:Gene", "biolink:Disease", "biolink:Drug", "biolink:Pathway")


def nodes(count: int) -> Iterator[list[Node]]:
    for first in range(0, count, 5_000):
        yield [
            {
                "labels": [LABELS[n % len(LABELS)]],
                "properties": {
                    "id": f"MONDO:{n:07d}",
                    "name": f"concept number {n}",
                    "synonyms": [f"also called {n}", f"number {n}"],
                },
            }
            for n in range(first, min(first + 5_000, count))
        ]


def relationships(count: int, ends: int) -> Iterator[list[Relationship]]:
    """Make relationships of 12 types; most leave few nodes, and some leave very many."""
    draw = random.Random(7)
    while count:
        size = min(count, 5_000)
        count -= size
        yield [
            {
                "subject": f"MONDO:{int(ends * draw.random() ** 3):07d}",
                "type": f"biolink:relation_{draw.randrange(12)}",
                "object": f"MONDO:{draw.randrange(ends):07d}",
                "properties": {"source": "a source"},
            }
            for _ in range(size)
        ]


def bare(address: str, password: str, page: int, queries: tuple[str, ...]) -> int:
    """Read with the driver alone, and keep what it gives."""
    asked: dict[str, Any] = {"labels": [], "types": [], "id": "id", "name": "name"}
    kept = []
    with (
        neo4j.GraphDatabase.driver(address, auth=("root", password)) as driver,
        driver.session(default_access_mode=neo4j.READ_ACCESS, fetch_size=page) as session,
    ):
        for query in queries:
            kept.append([record.values() for record in session.run(query, asked)])
    return sum(map(len, kept))


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--nodes", type=int, default=50_000)
    parser.add_argument("--relationships", type=int, default=250_000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), "1g") as server:
        os.environ[USER], os.environ[PASSWORD] = "root", server.password
        edges = relationships(asked.relationships, asked.nodes)
        written = seconds(lambda: write_batches(server.address, nodes(asked.nodes), edges))
        options = Neo4jOptions(kind="neo4j", path=server.address)
        runs: dict[str, Callable[[], object]] = {
            "ours": lambda: read(server.address, options),
            "bare": lambda: bare(
                server.address, server.password, options.page, (NODES, RELATIONSHIPS)
            ),
            "naive": lambda: bare(server.address, server.password, options.page, (NODES, NAIVE)),
            "fingerprint": lambda: fingerprint(server.address, options),
        }
        for work in runs.values():
            work()
        times: dict[str, list[float]] = {name: [] for name in runs}
        for _, name in itertools.product(range(asked.rounds), runs):
            times[name].append(seconds(runs[name]))
    medians = {name: round(statistics.median(taken), 3) for name, taken in times.items()}
    tell(asked.nodes, asked.relationships, written, medians)
    rows = asked.nodes + asked.relationships
    print(json.dumps({**medians, "written": round(written, 3), "rows": rows}))


def tell(nodes: int, relationships: int, written: float, medians: dict[str, float]) -> None:
    lines = [
        f"{nodes:,} nodes and {relationships:,} relationships, written in {written:.1f} s",
        *(f"{WHAT[name]:44}{taken:7.2f} s" for name, taken in medians.items()),
        *(
            f"ours is {medians['ours'] / medians[name]:.2f} times {WHAT[name]}"
            for name in ("bare", "naive")
        ),
        f"promised: {MOST} times the bare driver",
    ]
    print("\n".join(lines), file=sys.stderr)


if __name__ == "__main__":
    main()
