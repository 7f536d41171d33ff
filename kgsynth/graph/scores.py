"""How generic a concept is: each score is a function of the graph, and a line in ``SCORES``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np

from kgsynth.graph.arrays import Array
from kgsynth.graph.layout import COUNTED
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.seeding import derive

FEWEST_OF_A_TYPE = 5
"""A type with fewer concepts is judged against all concepts: its own median says nothing."""
PAIRS_SAMPLED = 10_000
FARTHEST = 6
PARTS = 4
"""Into so many the work is cut, whatever the number of threads: sums come out the same."""


def degree(graph: KnowledgeGraph) -> Array:
    """Score by the number of distinct neighbours, hierarchy left out."""
    return graph.contact.degree.astype(np.float64)


def degree_in_type(graph: KnowledgeGraph) -> Array:
    """Score by how many times the usual degree of its own type a concept has.

    A gene with 200 neighbours is an ordinary gene, a symptom with 200 is a hub. A concept of
    several types is judged by the one that excuses it most.
    """
    degrees = degree(graph)
    overall = float(np.median(degrees)) if len(degrees) else 0.0
    scores = np.full(len(degrees), np.inf)
    for usual, members in _usual_degrees(graph, degrees, overall):
        scores[members] = np.minimum(scores[members], (degrees[members] + 1) / (usual + 1))
    return np.round(scores, 6)


def _usual_degrees(
    graph: KnowledgeGraph, degrees: Array, overall: float
) -> Iterator[tuple[float, Array]]:
    """Yield the median degree of each type with its concepts; those of no type are one."""
    sets = graph.manifest.type_sets
    for wanted in (None, *graph.manifest.types):
        held = np.array([wanted in types if wanted else not types for types in sets], dtype=bool)
        members = np.flatnonzero(held[graph.tables.node_types])
        if len(members):
            enough = len(members) >= FEWEST_OF_A_TYPE
            yield float(np.median(degrees[members])) if enough else overall, members


def relation_entropy(graph: KnowledgeGraph) -> Array:
    """Score by the entropy, in bits, of the relations of a concept's statements.

    A concept that stands in many kinds of relation alike joins what has little in common. The two
    directions of a relation are two; hierarchy is left out, as of degree.
    """
    from kgsynth.graph.score_kernels import entropies

    kinds = graph.predicates["kind"].to_list()
    counted = np.array([kind in COUNTED for kind in kinds], dtype=np.bool_)
    scores = np.zeros(graph.node_count)
    bounds = np.linspace(0, graph.node_count, PARTS + 1).astype(np.int64).tolist()
    out, into = graph.tables.held
    with ThreadPoolExecutor(PARTS) as pool:
        work = [
            pool.submit(entropies, out, into, counted, low, high, scores)
            for low, high in pairwise(bounds)
        ]
    for part in work:
        part.result()
    return np.round(scores, 6)


def shortcut_load(graph: KnowledgeGraph) -> Array:
    """Score by how many shortest paths run through a concept, of 10,000 sampled pairs.

    The pairs are the same for every run. Where several paths are shortest, each has its share of
    the pair.
    """
    from kgsynth.graph.score_kernels import add_loads
    from kgsynth.graph.search_kernels import new_space

    pairs = sampled_pairs(np.flatnonzero(graph.walk.degree > 0), PAIRS_SAMPLED, "shortcut-load")
    nodes, sides = graph.node_count, graph.walk.sides

    def loads(part: Array) -> Array:
        ways, onward = np.empty(2 * nodes, dtype=np.int64), np.empty(2 * nodes)
        load = np.zeros(nodes)
        add_loads(sides, part, FARTHEST, new_space(nodes, 1), ways, onward, 1, load)
        return load

    if not len(pairs):
        return np.zeros(nodes)
    with ThreadPoolExecutor(2) as pool:
        total = sum(pool.map(loads, np.array_split(pairs, PARTS)))
    return np.round(total * (10_000 / len(pairs)), 6)


def sampled_pairs(alive: Array, count: int, purpose: str) -> Array:
    """Draw pairs of different concepts; all pairs where these are no more than so many."""
    most = len(alive) * (len(alive) - 1) // 2
    if most <= count:
        every: Array = np.stack(np.triu_indices(len(alive), 1), axis=1)
        return alive[every].astype(np.int64)
    generator = np.random.Generator(np.random.PCG64(derive(0, purpose)))
    first = generator.integers(0, len(alive), count)
    # The second is any other one: as many steps further, around the end.
    second = (first + generator.integers(1, len(alive), count)) % len(alive)
    drawn: Array = np.stack([first, second], axis=1)
    return alive[drawn].astype(np.int64)


SCORES: dict[str, Callable[[KnowledgeGraph], Array]] = {
    "degree": degree,
    "degree_in_type": degree_in_type,
    "relation_entropy": relation_entropy,
    "shortcut_load": shortcut_load,
}
