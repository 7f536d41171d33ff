"""Small graphs, by hand or drawn at random: as the columns of sources, and in networkx.

What a spelling means is written down here a second time, on purpose: the networkx graphs are
the oracle, and share no code with kgsynth.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import networkx as nx
import polars as pl
from hypothesis import strategies as st

from kgsynth.config import Protect, Shatter
from kgsynth.graph.compile import compile_graph
from kgsynth.graph.overlay import Overlay
from kgsynth.graph.shatter import shatter
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.sources.coding import SPELLED_EDGES, SPELLED_NAMES, code_columns
from kgsynth.sources.columns import DROPPED, NODES, GraphColumns, SourceInfo


class Meaning(NamedTuple):
    name: str
    kind: str = "associative"
    turned: bool = False
    symmetric: bool = False


MEANINGS = {
    "treats": Meaning("treats"),
    "biolink:treats": Meaning("treats"),
    "treated_by": Meaning("treats", turned=True),
    "causes": Meaning("causes"),
    "caused_by": Meaning("causes", turned=True),
    "interacts_with": Meaning("interacts_with", symmetric=True),
    "is_a": Meaning("is_a", "hierarchical"),
    "has_subclass": Meaning("is_a", "hierarchical", turned=True),
    "part_of": Meaning("part_of", "hierarchical"),
    "contraindicated_in": Meaning("contraindicated_in", "negative"),
    "has_contraindication": Meaning("contraindicated_in", "negative", turned=True),
    "glows_near": Meaning("glows_near"),
}
"""Every spelling that random graphs use; ``glows_near`` is in no vocabulary."""

WALKED = ("treats", "treated_by", "causes", "interacts_with", "glows_near")
SOURCES = ("one", "two")
TYPES = ("drug", "disease")

SPELLED = pl.Schema({**SPELLED_EDGES, "evidence": pl.String()})

Triple = tuple[str, str, str]


class Edge(NamedTuple):
    subject: str
    predicate: str
    object: str
    source: str = "one"


class SmallGraph(NamedTuple):
    types: Mapping[str, tuple[str, ...]]
    """The types of every concept, by id."""
    edges: tuple[Edge, ...]


@st.composite
def small_graphs(
    draw: st.DrawFn,
    *,
    max_nodes: int = 9,
    max_edges: int = 24,
    predicates: Sequence[str] = tuple(MEANINGS),
    joined: bool = False,
) -> SmallGraph:
    """Draw a directed multigraph with self loops, repeats, inverse twins and lone concepts.

    ``joined`` hangs every concept on an earlier one, by a relation that may be walked.
    """
    ids = [f"N:{number}" for number in range(draw(st.integers(2, max_nodes)))]
    some_types = st.lists(st.sampled_from(TYPES), max_size=2, unique=True).map(tuple)
    types = {concept: draw(some_types) for concept in ids}
    edge = st.builds(
        Edge,
        st.sampled_from(ids),
        st.sampled_from(predicates),
        st.sampled_from(ids),
        st.sampled_from(SOURCES),
    )
    edges = draw(st.lists(edge, max_size=max_edges))
    # A graph without any statement is refused, so one is always there.
    hung = range(1, len(ids)) if joined else (1,)
    edges += [Edge(ids[n], "causes", ids[draw(st.integers(0, n - 1))]) for n in hung]
    return SmallGraph(types, tuple(draw(st.permutations(edges))))


def small_graph(text: str, types: Mapping[str, str] | None = None) -> SmallGraph:
    """Write a graph by hand, a statement a line: ``subject predicate object [source]``."""
    edges = tuple(Edge(*line.split()) for line in text.strip().splitlines())
    ids = dict.fromkeys(end for e in edges for end in (e.subject, e.object))
    typed = types or {}
    return SmallGraph(
        {c: tuple(filter(None, typed.get(c, "").split("|"))) for c in (*ids, *typed)}, edges
    )


# --- as sources ------------------------------------------------------------------------------


def source(
    name: str,
    nodes: Iterable[tuple[str, Sequence[str]]],
    edges: Iterable[Sequence[str]],
    *,
    names: Iterable[tuple[str, str, str, str]] | None = None,
    complete: tuple[str, ...] = (),
    dropped: Iterable[tuple[str, int, str, str]] = (),
) -> GraphColumns:
    """Write one source; an edge is (subject, predicate, object, evidence)."""
    held = [(concept, list(types)) for concept, types in nodes]
    called = [(c, f"name of {c}", "en", "preferred") for c, _ in held] if names is None else names
    rows = list(edges)
    return code_columns(
        sources=[SourceInfo(name, licence=f"licence of {name}", complete=complete)],
        nodes=pl.DataFrame(held, schema=NODES, orient="row"),
        names=pl.DataFrame(list(called), schema=SPELLED_NAMES, orient="row"),
        edges=pl.DataFrame(rows, schema=SPELLED, orient="row"),
        dropped=[pl.DataFrame(list(dropped), schema=DROPPED, orient="row")],
    )


def columns(graph: SmallGraph, complete: tuple[str, ...] = ()) -> list[GraphColumns]:
    """Write a graph as its sources, each of which lists all concepts."""
    return [
        source(
            name,
            graph.types.items(),
            [(e.subject, e.predicate, e.object, "") for e in graph.edges if e.source == name],
            complete=complete,
        )
        for name in sorted({edge.source for edge in graph.edges})
    ]


@contextmanager
def compiled(
    graph: SmallGraph, *, complete: tuple[str, ...] = (), turned: bool = False
) -> Iterator[KnowledgeGraph]:
    """Compile a graph into a folder that goes away again; turned: the last source first."""
    with tempfile.TemporaryDirectory() as folder:
        sources = columns(graph, complete)
        compile_graph(sources[::-1] if turned else sources, Path(folder))
        yield KnowledgeGraph.open(Path(folder))


def cut(
    graph: KnowledgeGraph,
    *,
    rule: str = "top_k",
    k: int,
    score: str = "degree",
    protect: Protect | None = None,
    answers: Iterable[str] = (),
) -> Overlay:
    """Shatter a graph; the overlay lies in the folder of the graph."""
    folder = Path(tempfile.mkdtemp(dir=graph.path))
    options = Shatter.model_validate(
        {"rule": rule, "k": k, "score": score, "protect": protect or Protect(answers=False)}
    )
    shatter(graph, options, folder, answers=answers)
    return Overlay.open(folder, graph)


# --- in networkx -----------------------------------------------------------------------------


def canonical(edge: Edge) -> Triple:
    """Say what an edge states, however it is spelled."""
    meaning = MEANINGS.get(edge.predicate, Meaning(edge.predicate))
    subject, obj = edge.subject, edge.object
    if meaning.turned:
        subject, obj = obj, subject
    if meaning.symmetric and subject > obj:
        subject, obj = obj, subject
    return subject, meaning.name, obj


def kind_of(predicate: str) -> str:
    return MEANINGS.get(predicate, Meaning(predicate)).kind


def stated(graph: SmallGraph) -> dict[Triple, set[str]]:
    """Return every statement, with the sources that vouch for it."""
    found: dict[Triple, set[str]] = {}
    for edge in graph.edges:
        if edge.subject != edge.object:
            found.setdefault(canonical(edge), set()).add(edge.source)
    return found


def directed(graph: SmallGraph, kinds: Iterable[str]) -> nx.DiGraph[str]:
    """Return the statements of some kinds, from subject to object."""
    out: nx.DiGraph[str] = nx.DiGraph()
    out.add_nodes_from(graph.types)
    wanted = set(kinds)
    out.add_edges_from((s, o) for s, p, o in stated(graph) if kind_of(p) in wanted)
    return out


def walked(graph: SmallGraph) -> nx.Graph[str]:
    """Return what a path may use: associative statements, in either direction."""
    return directed(graph, ["associative"]).to_undirected()


def counted(graph: SmallGraph) -> nx.Graph[str]:
    """Return what counts as degree: all but hierarchy."""
    return directed(graph, ["associative", "negative"]).to_undirected()
