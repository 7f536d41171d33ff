"""Views of a neighbourhood for notebooks and tests; never of a whole large graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from kgsynth.errors import RunError, UsageError, count_of
from kgsynth.graph.asked import whole

if TYPE_CHECKING:
    import networkx as nx

    from kgsynth.graph.store import KnowledgeGraph

MOST_CONCEPTS = 100_000
"""A view holds Python objects: of more concepts than this it would be no view."""
TEXTS = pl.List(pl.String())
STATEMENTS = pl.Schema(
    {
        "id": pl.String(),
        "subject": pl.String(),
        "subject_name": pl.String(),
        "predicate": pl.String(),
        "object": pl.String(),
        "object_name": pl.String(),
        "sources": TEXTS,
        "licences": TEXTS,
        "evidence": TEXTS,
    }
)


@dataclass(frozen=True, slots=True, repr=False)
class Subgraph:
    """Some concepts, and every statement among them. A collection of its concepts."""

    graph: KnowledgeGraph
    codes: tuple[int, ...]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.graph.path}: {count_of(len(self), 'concept')}>"

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[str]:
        return map(self.graph.id, self.codes)

    def __contains__(self, concept: object) -> bool:
        return not set(self.codes).isdisjoint(self.graph.meanings(concept))

    @classmethod
    def around(
        cls, graph: KnowledgeGraph, concepts: Iterable[int | str], hops: int = 0
    ) -> Subgraph:
        """Take some concepts, and all that statements of any kind join to them within hops.

        >>> from kgsynth.graph.store import KnowledgeGraph
        >>> list(Subgraph.around(KnowledgeGraph.example(), ["Zestril", "aspirin"]))
        ['KGMINI:aspirin', 'KGMINI:lisinopril']
        """
        count = whole(hops)
        if count is None or count < 0:
            raise UsageError(
                f"hops is a whole number from 0 up, not {hops!r}.",
                remedy="0 takes the concepts alone, 1 their neighbours too.",
            )
        kept = _few({graph.find(concept) for concept in concepts})
        newest = set(kept)
        for _ in range(count):
            newest = {n.other for code in newest for n in graph.beside(code)} - kept
            kept = _few(kept | newest)
            if not newest:
                break
        return cls(graph, tuple(sorted(kept)))

    def edges(self) -> list[int]:
        """Return the numbers of the statements, in order.

        >>> from kgsynth.graph.store import KnowledgeGraph
        >>> graph = KnowledgeGraph.example()
        >>> [graph.sentence(edge) for edge in graph.subgraph(["Zestril", "heart failure"]).edges()]
        ['Lisinopril treats heart failure.']
        """
        inside = set(self.codes)
        return [
            n.edge
            for code in self.codes
            for n in self.graph.beside(code)
            if n.forward and n.other in inside
        ]

    def to_networkx(self) -> nx.MultiDiGraph[str]:
        """Return it as a networkx multigraph, from id to id, with the relation as key of an edge.

        A node has ``id``, ``name`` and ``types``; an edge ``id`` (of the statement, as rows cite
        it), ``edge`` (its number), ``predicate``, ``negative``, ``sources``, ``licences`` and
        ``evidence``.

        >>> from kgsynth.graph.store import KnowledgeGraph
        >>> near = KnowledgeGraph.example().subgraph(["Losartan", "AT1 receptor"]).to_networkx()
        >>> near.nodes["KGMINI:losartan"]
        {'id': 'KGMINI:losartan', 'name': 'losartan', 'types': ('drug',)}
        >>> near.edges["KGMINI:losartan", "KGMINI:at1_receptor", "inhibits"]["evidence"]
        ('Losartan is a competitive antagonist at the AT1 receptor.',)
        """
        import networkx as nx

        view: nx.MultiDiGraph[str] = nx.MultiDiGraph()
        for code in self.codes:
            concept = self.graph.concept(code)
            view.add_node(concept.id, id=concept.id, name=concept.name(), types=concept.types)
        for edge in self.edges():
            said = self.graph.statement(edge)
            told = said.model_dump(exclude={"subject", "object"})
            view.add_edge(said.subject, said.object, said.predicate, edge=edge, **told)
        return view

    def to_frame(self) -> pl.DataFrame:
        """Return the statements as a table of ids, names, relations and what vouches for them.

        >>> from kgsynth.graph.store import KnowledgeGraph
        >>> near = KnowledgeGraph.example().subgraph(["Losartan", "AT1 receptor"])
        >>> near.to_frame().select("subject_name", "predicate", "object_name").row(0)
        ('losartan', 'inhibits', 'AT1 receptor')
        """
        name = self.graph.name
        statements = map(self.graph.statement, self.edges())
        rows = [
            {**s.model_dump(), "subject_name": name(s.subject), "object_name": name(s.object)}
            for s in statements
        ]
        return pl.DataFrame(rows, schema=STATEMENTS)


def _few(codes: set[int]) -> set[int]:
    if len(codes) > MOST_CONCEPTS:
        raise RunError(
            f"A view of more than {MOST_CONCEPTS:,} concepts was asked for.",
            remedy="Name fewer concepts, ask for fewer hops, or shatter the graph's hubs first.",
        )
    return codes


def to_networkx(
    graph: KnowledgeGraph, concepts: int | str | Iterable[int | str] | None = None
) -> nx.MultiDiGraph[str]:
    """Return the statements among some concepts (all by default) as a networkx multigraph.

    >>> from kgsynth.graph.store import KnowledgeGraph
    >>> to_networkx(KnowledgeGraph.example()).number_of_edges()
    121
    """
    return graph.subgraph(range(len(graph)) if concepts is None else concepts).to_networkx()
