"""What a cut did to the distances: which pairs it lost, and which it drove apart."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import polars as pl

from kgsynth.graph.adjacency import Adjacency
from kgsynth.graph.arrays import Array
from kgsynth.graph.scores import sampled_pairs
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.limits import MOST_SEARCHED

PAIRS_COMPARED = 20_000
MOST_TYPES_TOLD = 10


class Losses(NamedTuple):
    """What became of the pairs of surviving concepts."""

    pairs_lost: int
    pairs_compared: int
    grew: dict[int, int]
    grew_by_types: dict[str, int]


def losses(graph: KnowledgeGraph, walk: Adjacency, removed: Array) -> Losses:
    """Compare a graph before and after: all pairs of a small one, else a fixed sample."""
    pairs = sampled_pairs(np.flatnonzero(~removed), PAIRS_COMPARED, "shatter-report")
    with ThreadPoolExecutor() as threads:
        counted = [threads.submit(_joined_pairs, held, removed) for held in (graph.walk, walk)]
        after = walk.hops_between(pairs, MOST_SEARCHED)
        joined = after > 0
        pairs, after = pairs[joined], after[joined]
        gains = after.astype(np.int64) - graph.walk.hops_between(pairs, MOST_SEARCHED)
        whole, left = (future.result() for future in counted)
    farther = gains > 0
    return Losses(
        pairs_lost=whole - left,
        pairs_compared=len(pairs),
        grew=dict(sorted(Counter(gains[farther].tolist()).items())),
        grew_by_types=_by_types(graph, pairs[farther]),
    )


def _joined_pairs(walk: Adjacency, removed: Array) -> int:
    """Count the pairs of surviving concepts that some path joins."""
    from kgsynth.graph.score_kernels import components

    component = components(walk.sides.after_indptr, walk.sides.after)
    sizes = np.bincount(component[~removed]).astype(np.int64)
    return int((sizes * (sizes - 1) // 2).sum())


def _by_types(graph: KnowledgeGraph, pairs: Array) -> dict[str, int]:
    """Count pairs by the types of their ends, the most frequent first."""
    called = ["/".join(types) or "untyped" for types in graph.manifest.type_sets]
    names = pl.Series(called, dtype=pl.String)
    ends = [names.gather(graph.tables.node_types[pairs[:, side]]) for side in range(2)]
    table = pl.DataFrame({"one": ends[0], "other": ends[1]}).select(
        pl.concat_str(
            pl.min_horizontal("one", "other"), pl.max_horizontal("one", "other"), separator=" - "
        ).alias("types")
    )
    counts = table.group_by("types").len().sort(pl.col("len"), "types", descending=[True, False])
    return dict(counts.head(MOST_TYPES_TOLD).iter_rows())
