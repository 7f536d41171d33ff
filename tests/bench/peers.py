"""What others do with the same file, each as its users do it, keeping what it can keep.

``python peers.py NAME PATH`` loads one graph and prints what it holds. A peer that is not
installed ends with the exit code of `measure.MISSING`.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

CHUNK = 1_000_000


class Held(NamedTuple):
    """How much of the graph the library holds."""

    nodes: int
    edges: int
    keeps: str


# --- kg.csv -----------------------------------------------------------------------------------


def networkx(path: Path) -> Held:
    """Every row an edge; ids, types, names and relations as attributes."""
    import networkx as nx

    graph = nx.MultiDiGraph()
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            x, y = (row["x_type"], row["x_id"]), (row["y_type"], row["y_id"])
            graph.add_node(x, name=row["x_name"], source=row["x_source"])
            graph.add_node(y, name=row["y_name"], source=row["y_source"])
            graph.add_edge(x, y, relation=row["relation"], display=row["display_relation"])
    return Held(graph.number_of_nodes(), graph.number_of_edges(), "ids, types, names, relations")


def networkx_names(path: Path) -> Held:
    """Lowercased names without direction: what path miners before us do."""
    import networkx as nx

    graph = nx.Graph()
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            graph.add_edge(
                row["x_name"].lower(), row["y_name"].lower(), relation=row["display_relation"]
            )
    return Held(graph.number_of_nodes(), graph.number_of_edges(), "names, one relation a pair")


class _Coded(NamedTuple):
    nodes: Any
    x: Any
    y: Any
    relation: Any


def _coded(path: Path) -> _Coded:
    """Number the nodes of kg.csv by their index column."""
    import numpy as np
    import polars as pl

    rows = pl.read_csv(path, schema_overrides={"x_id": pl.String, "y_id": pl.String})
    nodes = rows.select("x_index", "x_type", "x_id", "x_name").unique("x_index").sort("x_index")
    index = nodes["x_index"].to_numpy()
    x, y = (np.searchsorted(index, rows[column].to_numpy()) for column in ("x_index", "y_index"))
    return _Coded(nodes, x, y, rows["relation"])


def igraph(path: Path) -> Held:
    """Nodes with ids, types and names, edges with relations."""
    import igraph as ig
    import numpy as np

    coded = _coded(path)
    graph = ig.Graph(n=len(coded.nodes), edges=np.column_stack((coded.x, coded.y)), directed=True)
    for column in ("x_type", "x_id", "x_name"):
        graph.vs[column] = coded.nodes[column].to_list()
    graph.es["relation"] = coded.relation.to_list()
    return Held(graph.vcount(), graph.ecount(), "ids, types, names, relations")


def rustworkx(path: Path) -> Held:
    """Nodes as tuples of type, id and name, edges with relations."""
    import rustworkx as rx

    coded = _coded(path)
    graph = rx.PyDiGraph(multigraph=True)
    graph.add_nodes_from(list(coded.nodes.drop("x_index").iter_rows()))
    for first in range(0, len(coded.x), CHUNK):
        part = slice(first, first + CHUNK)
        columns = coded.x[part].tolist(), coded.y[part].tolist(), coded.relation[part].to_list()
        graph.add_edges_from(list(zip(*columns, strict=True)))
    return Held(graph.num_nodes(), graph.num_edges(), "ids, types, names, relations")


def networkit(path: Path) -> Held:
    """Numbers alone: it holds no text and no kind of edge."""
    import networkit as nk
    import numpy as np

    coded = _coded(path)
    # 32-bit numbers crash it.
    ends = (coded.x.astype(np.uint64), coded.y.astype(np.uint64))
    graph = nk.GraphFromCoo(ends, n=len(coded.nodes), directed=True)
    return Held(graph.numberOfNodes(), graph.numberOfEdges(), "numbers")


# --- MRREL, as codes made beforehand ------------------------------------------------------------


def _codes(path: Path) -> tuple[int, Any]:
    import numpy as np

    codes = np.load(path)
    return int(codes.max()) + 1, codes


def igraph_codes(path: Path) -> Held:
    """The ends of each row of MRREL."""
    import igraph as ig

    count, codes = _codes(path)
    graph = ig.Graph(n=count, edges=codes, directed=True)
    return Held(graph.vcount(), graph.ecount(), "numbers")


def rustworkx_codes(path: Path) -> Held:
    """The ends of each row of MRREL."""
    import rustworkx as rx

    count, codes = _codes(path)
    graph = rx.PyDiGraph(multigraph=True, node_count_hint=count, edge_count_hint=len(codes))
    graph.add_nodes_from(range(count))
    for first in range(0, len(codes), CHUNK):
        part = codes[first : first + CHUNK]
        graph.extend_from_edge_list(
            list(zip(part[:, 0].tolist(), part[:, 1].tolist(), strict=True))
        )
    return Held(graph.num_nodes(), graph.num_edges(), "numbers")


def networkit_codes(path: Path) -> Held:
    """The ends of each row of MRREL."""
    import networkit as nk
    import numpy as np

    count, codes = _codes(path)
    ends = (codes[:, 0].astype(np.uint64), codes[:, 1].astype(np.uint64))
    graph = nk.GraphFromCoo(ends, n=count, directed=True)
    return Held(graph.numberOfNodes(), graph.numberOfEdges(), "numbers")


def networkx_mrrel(path: Path, rows: int) -> Held:
    """The first rows of MRREL: all fifty million would not fit into memory."""
    import networkx as nx

    graph = nx.MultiDiGraph()
    with path.open(encoding="utf-8") as file:
        for line in islice(file, rows):
            row = line.split("|")
            graph.add_edge(row[4], row[0], rel=row[3], rela=row[7], source=row[10])
    return Held(graph.number_of_nodes(), graph.number_of_edges(), "CUIs, relations, sources")


PEERS: dict[str, Callable[..., Held]] = {
    peer.__name__: peer
    for peer in (
        networkx,
        networkx_names,
        igraph,
        rustworkx,
        networkit,
        igraph_codes,
        rustworkx_codes,
        networkit_codes,
        networkx_mrrel,
    )
}


def main(name: str, path: str, *rows: str) -> int:
    """Load one graph with one peer."""
    from measure import MISSING

    start = time.perf_counter()
    try:
        held = PEERS[name](Path(path), *map(int, rows))
    except ModuleNotFoundError as error:
        print(f"{error.name} is not installed", file=sys.stderr)
        return MISSING
    print(json.dumps({**held._asdict(), "seconds": time.perf_counter() - start}))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
