"""The concepts of a compiled graph: a collection of them, which one is meant, what each is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from kgsynth.errors import ConceptError, listing, nearest
from kgsynth.graph.arrays import Array
from kgsynth.graph.asked import several
from kgsynth.graph.finding import find, meanings
from kgsynth.graph.lexicon import Lexicon
from kgsynth.graph.manifest import StoreManifest
from kgsynth.graph.tables import Tables
from kgsynth.model import Concept, Name

MEANING_IT = ("preferred", "synonym", "abbreviation")
"""Kinds of names that mean a concept itself, not something wider, narrower or near."""


class ConceptCollection:
    """What a `KnowledgeGraph` answers of its concepts.

    Wherever a concept is asked for, its number, its id, the id that its source gives it, or a
    name in any case will do; what none of these fits is refused with the nearest that does.
    """

    manifest: StoreManifest
    tables: Tables
    lexicon: Lexicon

    def __len__(self) -> int:
        return self.manifest.nodes

    def __iter__(self) -> Iterator[str]:
        return iter(self.tables.ids)

    def __contains__(self, concept: object) -> bool:
        return bool(self.meanings(concept))

    @property
    def node_count(self) -> int:
        """Number of concepts."""
        return self.manifest.nodes

    # --- which concept -------------------------------------------------------------------------

    def find(self, concept: int | str) -> int:
        """Return the number of the concept that is meant.

        Of several meanings an id comes before a name. A name of two concepts is refused with both.

        >>> from kgsynth.graph.store import KnowledgeGraph
        >>> graph = KnowledgeGraph.example()
        >>> graph.find("ZESTRIL") == graph.find("KGMINI:lisinopril")
        True
        >>> graph.find("Zestrill")
        Traceback (most recent call last):
        kgsynth.errors.ConceptError: The graph holds no concept called 'Zestrill'. \
Nearest names: zestril. An id, as the graph or its source spells it, or a whole name in any case \
will do.
        """
        # A number is asked for millions of times in a search: it is let through right here.
        if type(concept) is int and 0 <= concept < self.manifest.nodes:
            return concept
        return find(self.lexicon, concept)

    def code(self, concept: int | str) -> int:
        """Return the number of a concept, as `find` does.

        >>> from kgsynth.graph.store import KnowledgeGraph
        >>> KnowledgeGraph.example().code("KGMINI:adrb1")
        0
        """
        return self.find(concept)

    def meanings(self, word: object) -> list[int]:
        """Return the numbers of all concepts that a word may mean; none where it means nothing.

        >>> from kgsynth.graph.store import KnowledgeGraph
        >>> graph = KnowledgeGraph.example()
        >>> [graph.id(code) for code in graph.meanings("asa")], graph.meanings("no such thing")
        (['KGMINI:aspirin'], [])
        """
        return meanings(self.lexicon, word)

    def code_or_none(self, concept_id: str) -> int | None:
        """Return the number of a concept id, exactly as it stands, or None. No name will do.

        >>> from kgsynth.graph.store import KnowledgeGraph
        >>> graph = KnowledgeGraph.example()
        >>> graph.code_or_none("KGMINI:adrb1"), graph.code_or_none("ADRB1")
        (0, None)
        """
        return self.lexicon.code_or_none(concept_id)

    def of_types(self, types: str | Iterable[str]) -> Array:
        """Return the numbers of the concepts that have one of the types, in order.

        >>> from kgsynth.graph.store import KnowledgeGraph
        >>> graph = KnowledgeGraph.example()
        >>> [graph.name(code) for code in graph.of_types("gene")]
        ['ADRB1', 'AGTR1', 'NR3C2', 'PTGS1']
        """
        wanted, known = several(types), self.manifest.types
        for name in wanted:
            if name not in known:
                raise ConceptError(
                    f"The graph has no type {name!r}.{nearest(str(name), known)}",
                    remedy=f"Its types: {listing(known)}.",
                )
        sets = [not set(wanted).isdisjoint(held) for held in self.manifest.type_sets]
        return np.flatnonzero(np.array(sets, dtype=np.bool_)[self.tables.node_types])

    # --- what a concept is -----------------------------------------------------------------------

    def id(self, concept: int | str) -> str:
        """Return the id of a concept.

        >>> from kgsynth.graph.store import KnowledgeGraph
        >>> KnowledgeGraph.example().id("Zestril")
        'KGMINI:lisinopril'
        """
        return self.lexicon.id(self.find(concept))

    def name(self, concept: int | str, language: str = "en") -> str:
        """Return the preferred name of a concept; the first one where the language has none.

        >>> from kgsynth.graph.store import KnowledgeGraph
        >>> KnowledgeGraph.example().name("Zestril")
        'lisinopril'
        """
        return self.concept(concept).name(language)

    def names(self, concept: int | str) -> tuple[Name, ...]:
        """Return every name of a concept, the preferred ones first.

        >>> from kgsynth.graph.store import KnowledgeGraph
        >>> [name.text for name in KnowledgeGraph.example().names("Zestril")]
        ['lisinopril', 'Prinivil', 'Zestril']
        """
        return self.concept(concept).names

    def sourced_names(self, concept: int | str) -> list[tuple[Name, str]]:
        """Return every name of a concept with the source that gives it.

        >>> from kgsynth.graph.store import KnowledgeGraph
        >>> [(name.text, by) for name, by in KnowledgeGraph.example().sourced_names("Zestril")][:2]
        [('lisinopril', 'kgmini'), ('Prinivil', 'kgmini')]
        """
        return self.lexicon.names(self.find(concept))

    def name_sources(self, concept: int | str) -> list[str]:
        """Return the name of the source that gives each of `names`, in their order.

        >>> from kgsynth.graph.store import KnowledgeGraph
        >>> KnowledgeGraph.example().name_sources("Zestril")
        ['kgmini', 'kgmini', 'kgmini']
        """
        return [source for _, source in self.sourced_names(concept)]

    def types(self, concept: int | str) -> tuple[str, ...]:
        """Return the semantic types of a concept.

        >>> from kgsynth.graph.store import KnowledgeGraph
        >>> KnowledgeGraph.example().types("Zestril")
        ('drug',)
        """
        return self.lexicon.types(self.find(concept))

    def concept(self, concept: int | str) -> Concept:
        """Return a concept as a record, with all its names.

        >>> from kgsynth.graph.store import KnowledgeGraph
        >>> KnowledgeGraph.example().concept("Zestril").name()
        'lisinopril'
        """
        return self.lexicon.concept(self.find(concept))

    def identifiers(self, concept: int | str) -> list[tuple[str, str]]:
        """Return (text, kind) of all that a concept is called by beside its id.

        >>> from kgsynth.graph.store import KnowledgeGraph
        >>> KnowledgeGraph.example().identifiers("Zestril")
        []
        """
        return self.lexicon.identifiers(self.find(concept))

    def definitions(self, concept: int | str) -> list[tuple[str, str]]:
        """Return (text, source) of each sentence that says what a concept is.

        >>> from kgsynth.graph.store import KnowledgeGraph
        >>> KnowledgeGraph.example().definitions("Zestril")
        []
        """
        return self.lexicon.definitions(self.find(concept))

    def all_names(self) -> Iterator[tuple[str, Name]]:
        """Yield every name with its concept's id.

        >>> from kgsynth.graph.store import KnowledgeGraph
        >>> concept, name = next(KnowledgeGraph.example().all_names())
        >>> concept, name.text
        ('KGMINI:adrb1', 'ADRB1')
        """
        for code, concept in enumerate(self):
            for name, _ in self.lexicon.names(code):
                yield concept, name

    def names_to_link(self) -> Iterator[tuple[str, str]]:
        """Yield (name, concept) of every name that means the concept itself.

        >>> from kgsynth.graph.store import KnowledgeGraph
        >>> next(KnowledgeGraph.example().names_to_link())
        ('ADRB1', 'KGMINI:adrb1')
        """
        for concept, name in self.all_names():
            if name.kind in MEANING_IT:
                yield name.text, concept
