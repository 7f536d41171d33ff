"""Paths as columns: arrays with a row a path become a table with lists."""

from __future__ import annotations

import numpy as np
import polars as pl

from kgsynth.graph.arrays import Array
from kgsynth.graph.store import KnowledgeGraph


def listed(
    graph: KnowledgeGraph, hops: Array, nodes: Array, relations: Array, forward: Array
) -> pl.DataFrame:
    """Return a row a path: ``hops``, the ids along it, the relations, and which way each goes.

    Row k of the arrays holds hops[k] steps, and behind them nothing that means anything.
    """
    at = np.arange(nodes.shape[1])[None, :]
    places, steps = at <= hops[:, None], at[:, :-1] < hops[:, None]
    names = pl.Series(graph.predicate_names, dtype=pl.String)
    parts = (
        (places, {"nodes": graph.tables.ids.at(nodes[places])}),
        (steps, {"relations": names.gather(relations[steps]), "forward": forward[steps]}),
    )
    table = pl.DataFrame({"hops": hops})
    for mask, columns in parts:
        path = np.repeat(np.arange(len(hops), dtype=np.int64), mask.sum(axis=1))
        frame = pl.DataFrame({"path": path, **columns})
        table = table.hstack(frame.group_by("path", maintain_order=True).agg(pl.all()).drop("path"))
    return table
