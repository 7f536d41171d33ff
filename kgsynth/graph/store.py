"""The compiled graph: a folder written once, mapped into memory, shared by all readers.

Concepts are numbered in the order of their ids and statements in the order of (subject,
predicate, object), so that the same sources in any order give the same store. Opening one reads
its manifest; everything else is mapped when it is first asked for, and a look-up touches the few
pages that it needs, whatever the size of the graph.

Here is what a user asks of a graph: of its statements in this module, of its concepts in
`collection`. Behind them `finding` tells which concept is meant, `lexicon` what concepts are
called, `facts` what is stated of them; `tables` are the columns.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from kgsynth.errors import count_of
from kgsynth.graph.adjacency import Adjacency
from kgsynth.graph.asked import several
from kgsynth.graph.collection import ConceptCollection
from kgsynth.graph.facts import Facts, Neighbour
from kgsynth.graph.lexicon import Lexicon
from kgsynth.graph.manifest import StoreManifest, StoreOrigin, read_manifest
from kgsynth.graph.tables import Tables
from kgsynth.graph.terms import Terms
from kgsynth.graph.views import Subgraph
from kgsynth.model import Statement


class KnowledgeGraph(ConceptCollection):
    """A compiled graph, opened for reading.

    Wherever a concept is asked for, its number, its id, the id that its source gives it, or a
    name in any case will do; what none of these fits is refused with the nearest that does. The
    graph is a collection of its concepts.

    >>> graph = KnowledgeGraph.example()
    >>> len(graph), "KGMINI:lisinopril" in graph, "Zestril" in graph, "Viagra" in graph
    (49, True, True, False)
    >>> [graph.name(concept) for concept in graph][:3]
    ['ADRB1', 'adrenal cortex', 'adrenal gland']
    """

    def __init__(self, path: Path, manifest: StoreManifest, terms: Terms | None = None) -> None:
        self.path = path
        self.manifest = manifest
        self.terms = terms or Terms.none()
        self.tables = Tables(path)
        self.lexicon = Lexicon(self.tables, manifest, self.terms)
        self.facts = Facts(self.tables, manifest, self.terms)

    # --- opening and closing -------------------------------------------------------------------

    @classmethod
    def open(cls, path: Path | str, *, accept: str | Iterable[str] | None = None) -> KnowledgeGraph:
        """Open a store; one of another format is refused with the command that mends it.

        With ``accept``, what the graph says may be published: the words of restricted sources
        that are not in it stay behind. Without, the graph is for use in the house. In a ``with``
        block the files are let go of at its end.

        >>> with KnowledgeGraph.open(KnowledgeGraph.example().path, accept=[]) as graph:
        ...     print(graph.name("Zestril"))
        lisinopril
        """
        path = Path(path)
        manifest = read_manifest(path)
        return cls(path, manifest, None if accept is None else Terms.of(manifest, several(accept)))

    @classmethod
    def example(cls) -> KnowledgeGraph:
        """Open a small graph that comes with the package, to try things on.

        >>> KnowledgeGraph.example().manifest.statements
        121
        """
        from kgsynth.graph.example import example_store

        return cls.open(example_store())

    def close(self) -> None:
        """Let go of the files. Arrays, tables and views that were taken before stay good.

        >>> graph = KnowledgeGraph.example()
        >>> graph.close()
        """
        self.lexicon.forget()
        self.facts.forget()
        self.tables.close()

    def __enter__(self) -> KnowledgeGraph:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    # --- a collection of concepts --------------------------------------------------------------

    def __repr__(self) -> str:
        concepts = count_of(len(self), "concept")
        statements = count_of(self.manifest.statements, "statement")
        return f"<{type(self).__name__} {self.path}: {concepts}, {statements}>"

    # --- statements ---------------------------------------------------------------------------

    def neighbours(
        self,
        concept: int | str,
        *,
        predicates: str | Iterable[str] | None = None,
        forward: bool | None = None,
    ) -> list[Neighbour]:
        """Return every statement that a concept takes part in, of some relations or of all.

        ``forward`` leaves only those of which it is the subject, or only those of which it is
        the object.

        >>> graph = KnowledgeGraph.example()
        >>> for n in graph.neighbours("Zestril", predicates="treats"):
        ...     print(graph.name(n.other), "-", graph.sentence(n.edge))
        heart failure - Lisinopril treats heart failure.
        myocardial infarction - Lisinopril treats myocardial infarction.
        """
        wanted = None if predicates is None else self.facts.relations(predicates)
        return [
            n
            for n in self.beside(concept)
            if (wanted is None or n.predicate in wanted) and forward in (None, n.forward)
        ]

    def beside(self, concept: int | str) -> tuple[Neighbour, ...]:
        """Return every statement that a concept takes part in, outgoing ones first.

        >>> graph = KnowledgeGraph.example()
        >>> graph.beside("Zestril") == tuple(graph.neighbours("Zestril"))
        True
        """
        return self.facts.beside(self.find(concept))

    def states(self, subject: int | str, predicate: str, obj: int | str) -> bool:
        """Tell whether the graph states this, the right way round.

        >>> graph = KnowledgeGraph.example()
        >>> graph.states("Zestril", "treats", "heart failure")
        True
        >>> graph.states("heart failure", "treats", "Zestril")
        False
        """
        return self.facts.states(self.find(subject), self.facts.relation(predicate), self.find(obj))

    def holds(self, subject: str, predicate: str, obj: str) -> bool:
        """Tell the same of two ids, exactly as they stand; what is not known is not stated.

        What checks a dataset asks this one: to it a name in place of an id is a fault.

        >>> graph = KnowledgeGraph.example()
        >>> graph.holds("KGMINI:losartan", "inhibits", "KGMINI:at1_receptor")
        True
        >>> graph.holds("losartan", "inhibits", "AT1 receptor")
        False
        """
        ends = self.code_or_none(subject), self.code_or_none(obj)
        if ends[0] is None or ends[1] is None or predicate not in self.predicate_names:
            return False
        return self.states(ends[0], predicate, ends[1])

    def ends(self, edge: int) -> tuple[int, int, int]:
        """Return subject, predicate and object of a statement, as numbers.

        >>> graph = KnowledgeGraph.example()
        >>> subject, predicate, obj = graph.ends(0)
        >>> graph.name(subject), graph.predicate_names[predicate], graph.name(obj)
        ('ADRB1', 'encodes', 'beta-1 adrenergic receptor')
        """
        return self.facts.ends(edge)

    def statement(self, edge: int) -> Statement:
        """Return a statement as a record, with its sources and evidence.

        >>> statement = KnowledgeGraph.example().statement(0)
        >>> statement.subject, statement.predicate, statement.sources
        ('KGMINI:adrb1', 'encodes', ('kgmini',))
        """
        return self.facts.statement(edge)

    def origins(self, edge: int) -> list[StoreOrigin]:
        """Return who vouches for a statement, and on what terms.

        >>> [(by.source, by.licence) for by in KnowledgeGraph.example().origins(0)]
        [('kgmini', 'Apache-2.0')]
        """
        return self.facts.origins(edge)

    def evidence(self, edge: int) -> list[str]:
        """Return the texts that vouch for a statement.

        >>> KnowledgeGraph.example().evidence(0)
        ['The beta-1 adrenergic receptor is the product of the ADRB1 gene.']
        """
        return self.facts.evidence(edge)

    def sentence(self, edge: int, language: str = "en") -> str:
        """Say a statement in words.

        >>> KnowledgeGraph.example().sentence(0)
        'ADRB1 encodes beta-1 adrenergic receptor.'
        """
        from kgsynth.vocabulary import load_vocabulary, say, sentence

        subject, predicate, obj = self.ends(edge)
        wording = load_vocabulary().predicate(self.predicate_names[predicate]).wording(language)
        return sentence(
            say(wording.forward[0], self.name(subject, language), self.name(obj, language))
        )

    def subgraph(self, concepts: int | str | Iterable[int | str], *, hops: int = 0) -> Subgraph:
        """Return the statements among one concept or several, and all within some hops of them.

        >>> near = KnowledgeGraph.example().subgraph("Zestril", hops=1)
        >>> len(near), near.to_networkx().number_of_edges()
        (7, 11)
        """
        return Subgraph.around(self, several(concepts), hops)

    # --- all at once ------------------------------------------------------------------------------

    @property
    def predicates(self) -> pl.DataFrame:
        """Columns ``name``, ``kind``, ``family``, ``complete``, ``known``; the row is the code."""
        return self.tables.predicates

    @property
    def predicate_names(self) -> list[str]:
        """Names of the relations, by code."""
        return self.tables.predicate_names

    def codes_of_kind(self, kinds: str | Iterable[str]) -> frozenset[int]:
        """Return the codes of the relations of some kinds.

        >>> graph = KnowledgeGraph.example()
        >>> sorted(graph.predicate_names[code] for code in graph.codes_of_kind("hierarchical"))
        ['is_a', 'part_of']
        """
        return self.facts.of_kinds(several(kinds))

    @property
    def walk(self) -> Adjacency:
        """Adjacency over the associative statements: what a path may use."""
        return self.tables.walk

    @property
    def contact(self) -> Adjacency:
        """Adjacency over all statements but hierarchy and structure: what counts as degree."""
        return self.tables.contact
