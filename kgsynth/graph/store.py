"""The compiled graph: a folder written once, mapped into memory, shared by all readers.

Concepts are numbered in the order of their ids and statements in the order of (subject,
predicate, object), so that the same sources in any order give the same store. Opening one reads
its manifest; everything else is mapped when it is first asked for, and a look-up touches the few
pages that it needs, whatever the size of the graph.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache, partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np
import polars as pl

from kgsynth.errors import ConceptError, StoreError, listing
from kgsynth.graph.adjacency import Adjacency
from kgsynth.graph.arrays import (
    Array,
    Definitions,
    Evidence,
    Identifiers,
    Incoming,
    Names,
    Statements,
)
from kgsynth.graph.manifest import FORMAT_VERSION, StoreManifest, StoreOrigin
from kgsynth.graph.terms import Terms
from kgsynth.graph.texts import Texts, mapped
from kgsynth.model import Concept, Name, Statement, statement_id
from kgsynth.sources.columns import IDENTIFIER_KINDS, NAME_KINDS

if TYPE_CHECKING:
    from kgsynth.graph.views import Subgraph

UPGRADE = "Bring it up to date with: kgsynth graph upgrade {path}"
COMPILE_AGAIN = "Compile the graph again: kgsynth graph compile KIND:PATH --output STORE"
UNREADABLE = (OSError, EOFError, ValueError, pl.exceptions.PolarsError)
"""What reading a damaged file may raise: a missing one, an empty one, one cut short."""
T = TypeVar("T")
MOST_CONCEPTS_KEPT = 100_000
"""Concepts read once stay in memory up to this many, whatever the size of the graph."""


MEANING_IT = ("preferred", "synonym", "abbreviation")
"""Kinds of names that mean a concept itself, not something wider, narrower or near."""


class Neighbour(NamedTuple):
    """One statement seen from one of its ends."""

    edge: int
    predicate: int
    other: int
    forward: bool


class KnowledgeGraph:
    """A compiled graph, opened for reading.

    A concept is named by its code, or by an id or name as `find` takes it.

    >>> import tempfile
    >>> from kgsynth.graph.compile import compile_graph
    >>> from kgsynth.resources import locate
    >>> from kgsynth.sources import read_source
    >>> store = Path(tempfile.mkdtemp())
    >>> _ = compile_graph([read_source("tables", locate("ontologies/mini"))], store)
    >>> graph = KnowledgeGraph.open(store)
    >>> graph.id(graph.find("Zestril"))
    'KGMINI:lisinopril'
    >>> for n in graph.neighbours("Zestril", predicates=["treats"]):
    ...     print(graph.sentence(n.edge))
    Lisinopril treats heart failure.
    Lisinopril treats myocardial infarction.
    """

    def __init__(self, path: Path, manifest: StoreManifest, terms: Terms | None = None) -> None:
        self.path = path
        self.manifest = manifest
        self.terms = terms or Terms.none()
        self.concept = lru_cache(maxsize=MOST_CONCEPTS_KEPT)(self._concept)
        self.code_or_none = lru_cache(maxsize=MOST_CONCEPTS_KEPT)(self._code_or_none)
        self.beside = lru_cache(maxsize=MOST_CONCEPTS_KEPT)(self._beside)

    @classmethod
    def open(cls, path: Path | str, *, accept: Iterable[str] | None = None) -> KnowledgeGraph:
        """Open a store; one of another format is refused with the command that mends it.

        With ``accept``, what the graph says may be published: the words of restricted sources
        that are not in it stay behind. Without, the graph is for use in the house.
        """
        path = Path(path)
        try:
            content = json.loads((path / "manifest.json").read_text("utf-8"))
            found = content["format_version"]
            # Another format has other fields: read them only once the format is known.
            manifest = StoreManifest.model_validate(content) if found == FORMAT_VERSION else None
        except (FileNotFoundError, NotADirectoryError):
            raise StoreError(
                f"{path} is not a compiled graph.",
                remedy="Make one with: kgsynth graph compile KIND:PATH --output STORE",
            ) from None
        except (ValueError, KeyError, TypeError):
            raise StoreError(
                f"The store {path} has a manifest that this version cannot read.",
                remedy=COMPILE_AGAIN,
            ) from None
        if manifest is None:
            older = isinstance(found, int) and 0 < found < FORMAT_VERSION
            raise StoreError(
                f"The store {path} has format {found}; this version reads {FORMAT_VERSION}.",
                remedy=UPGRADE.format(path=path) if older else COMPILE_AGAIN,
            )
        return cls(path, manifest, None if accept is None else Terms.of(manifest, accept))

    # --- what lies in the folder -----------------------------------------------------------------

    def _read(self, what: str, read: Callable[[Path], T]) -> T:
        try:
            return read(self.path)
        except UNREADABLE:
            raise StoreError(
                f"The store {self.path} is damaged: {what} cannot be read.", remedy=COMPILE_AGAIN
            ) from None

    def _mapped(self, *names: str) -> list[Array]:
        return [self._read(f"{n}.npy", partial(_mapped_array, name=n)) for n in names]

    def _texts(self, name: str) -> Texts:
        return self._read(f"the texts of {name}", lambda folder: Texts.open(folder, name))

    @cached_property
    def _ids(self) -> Texts:
        return self._texts("id")

    @cached_property
    def _names(self) -> Names:
        indptr, *codes = self._mapped("name_indptr", "name_language", "name_kind", "name_source")
        return Names(indptr, self._texts("name"), *codes)

    @cached_property
    def _identifiers(self) -> Identifiers:
        arrays = self._mapped(
            "identifier_node", "identifier_kind", "node_identifiers", "node_identifiers_indptr"
        )
        return Identifiers(self._texts("identifier"), *arrays)

    @cached_property
    def _definitions(self) -> Definitions:
        indptr, source = self._mapped("definition_indptr", "definition_source")
        return Definitions(indptr, self._texts("definition"), source)

    @cached_property
    def _evidence(self) -> Evidence:
        return Evidence(self._mapped("evidence_statement")[0], self._texts("evidence"))

    @cached_property
    def node_types(self) -> Array:
        """Place of each concept's types in ``manifest.type_sets``."""
        return self._mapped("node_types")[0]

    @cached_property
    def predicates(self) -> pl.DataFrame:
        """Columns ``name``, ``kind``, ``family``, ``complete``, ``known``; the row is the code."""
        file = "predicates.parquet"
        return self._read(file, lambda folder: pl.read_parquet(folder / file))

    @cached_property
    def predicate_names(self) -> list[str]:
        """Names of the predicates, by code."""
        return self.predicates["name"].to_list()

    @cached_property
    def out(self) -> Statements:
        """Every statement at its subject; its place is its number."""
        return Statements(*self._mapped(*(f"out_{name}" for name in Statements._fields)))

    @cached_property
    def into(self) -> Incoming:
        """Every statement at its object."""
        return Incoming(*self._mapped(*(f"in_{name}" for name in Incoming._fields)))

    @cached_property
    def walk(self) -> Adjacency:
        """Adjacency over the associative statements: what a path may use."""
        return self._read("the walk", lambda folder: Adjacency.open(folder, "walk"))

    @cached_property
    def contact(self) -> Adjacency:
        """Adjacency over all statements but hierarchy and structure: what counts as degree."""
        return self._read("the contact", lambda folder: Adjacency.open(folder, "contact"))

    # --- concepts ---------------------------------------------------------------------------

    @property
    def node_count(self) -> int:
        """Number of concepts."""
        return self.manifest.nodes

    def id(self, code: int) -> str:
        """Return the id of a concept."""
        return self._ids[code]

    def types(self, code: int) -> tuple[str, ...]:
        """Return the semantic types of a concept."""
        return self.manifest.type_sets[int(self.node_types[code])]

    def of_types(self, types: Iterable[str]) -> Array:
        """Return the codes of the concepts that have one of the types, in order."""
        wanted = set(types)
        sets = [bool(wanted & set(held)) for held in self.manifest.type_sets]
        return np.flatnonzero(np.array(sets, dtype=np.bool_)[self.node_types])

    def _code_or_none(self, concept_id: str) -> int | None:
        """Return the code of a concept id, or None when the graph does not hold it."""
        return self._ids.place(concept_id)

    def code(self, concept_id: str) -> int:
        """Return the code of a concept id."""
        code = self.code_or_none(concept_id)
        if code is None:
            raise ConceptError(
                f"The graph holds no concept with the id {concept_id!r}.",
                remedy="List what it holds with: kgsynth graph info STORE",
            )
        return code

    def _concept(self, code: int) -> Concept:
        """Return a concept with all its names."""
        return Concept(id=self.id(code), names=self.names(code), types=self.types(code))

    def name(self, code: int, language: str = "en") -> str:
        """Return the preferred name of a concept."""
        return self.concept(code).name(language)

    def names(self, concept: int | str) -> tuple[Name, ...]:
        """Return every name of a concept, the preferred ones first."""
        return tuple(name for name, _ in self.sourced_names(self._meant(concept)))

    def sourced_names(self, code: int) -> list[tuple[Name, str]]:
        """Return every name of a concept with the source that gives it."""
        first, end = (int(at) for at in self._names.indptr[code : code + 2])
        languages, kinds = self.manifest.languages, NAME_KINDS.categories
        columns = (self._names.language, self._names.kind, self._names.source)
        rows = zip(
            self._names.texts.between(first, end),
            *(column[first:end].tolist() for column in columns),
            strict=True,
        )
        return [
            (Name.model_construct(text=text, language=languages[language], kind=kinds[kind]), by)
            for text, language, kind, source in rows
            if self.terms.may_name(by := self.manifest.sources[source].name)
        ]

    def name_sources(self, code: int) -> list[str]:
        """Return the name of the source that gives each of `names`, in their order."""
        return [source for _, source in self.sourced_names(code)]

    def identifiers(self, code: int) -> list[tuple[str, str]]:
        """Return (text, kind) of all that a concept is called by beside its id."""
        held = self._identifiers
        first, end = held.indptr[code : code + 2]
        places = held.of_node[first:end].tolist()
        return [(held.texts[at], IDENTIFIER_KINDS.categories[int(held.kind[at])]) for at in places]

    def definitions(self, code: int) -> list[tuple[str, str]]:
        """Return (text, source) of each sentence that says what a concept is."""
        first, end = (int(at) for at in self._definitions.indptr[code : code + 2])
        sources = self._definitions.source[first:end].tolist()
        texts = self._definitions.texts.between(first, end)
        return [
            (text, by)
            for text, at in zip(texts, sources, strict=True)
            if self.terms.may_name(by := self.manifest.sources[at].name)
        ]

    def all_names(self) -> Iterator[tuple[str, Name]]:
        """Yield every name with its concept's id."""
        for code in range(self.node_count):
            concept = self.id(code)
            for name in self.names(code):
                yield concept, name

    def names_to_link(self) -> Iterator[tuple[str, str]]:
        """Yield (name, concept) of every name that means the concept itself."""
        for concept, name in self.all_names():
            if name.kind in MEANING_IT:
                yield name.text, concept

    # --- finding --------------------------------------------------------------------------------

    def find(self, text: str) -> int:
        """Return the concept that an id, in our spelling or a source's, or a name means.

        A name may be in any case. Of several meanings an id comes before a name.
        """
        from kgsynth.graph.finding import find

        return find(self, text)

    def with_identifier(self, text: str) -> list[int]:
        """Return the concepts that a source calls by this id as well."""
        held = self._identifiers
        codes = []
        for at in range(held.texts.first(text), len(held.texts)):
            if held.texts[at] != text:
                break
            if IDENTIFIER_KINDS.categories[int(held.kind[at])] == "alternative":
                codes.append(int(held.node[at]))
        return codes

    def with_name_hash(self, key: int) -> list[tuple[int, str]]:
        """Return (concept, name) of the names whose capitals have a hash (FNV-1a, 64 bits)."""
        hashes, rows = self._name_index
        first = int(np.searchsorted(hashes, np.uint64(key)))
        found = []
        for at in range(first, len(hashes)):
            if int(hashes[at]) != key:
                break
            code = int(np.searchsorted(self._names.indptr, rows[at], side="right")) - 1
            found.append((code, self._names.texts[int(rows[at])]))
        return found

    @cached_property
    def _name_index(self) -> tuple[Array, Array]:
        hashes, rows = self._mapped("name_hash", "name_of_hash")
        return hashes, rows

    def name_texts(self) -> Texts:
        """Return the texts of all names."""
        return self._names.texts

    def _meant(self, concept: int | str) -> int:
        return self.find(concept) if isinstance(concept, str) else concept

    # --- statements ---------------------------------------------------------------------------

    def neighbours(
        self,
        concept: int | str,
        *,
        predicates: Iterable[str] | None = None,
        forward: bool | None = None,
    ) -> list[Neighbour]:
        """Return every statement that a concept takes part in, of some relations or of all.

        ``forward`` leaves only those of which it is the subject, or only those of which it is
        the object.
        """
        wanted = None if predicates is None else {self._predicate(name) for name in predicates}
        return [
            n
            for n in self.beside(self._meant(concept))
            if (wanted is None or n.predicate in wanted) and forward in (None, n.forward)
        ]

    def _predicate(self, name: str) -> int:
        from kgsynth.errors import nearest

        try:
            return self.predicate_names.index(name)
        except ValueError:
            raise ConceptError(
                f"The graph has no relation {name!r}.{nearest(name, self.predicate_names)}",
                remedy=f"Its relations: {listing(self.predicate_names)}.",
            ) from None

    def _beside(self, code: int) -> tuple[Neighbour, ...]:
        """Return every statement that a concept takes part in, outgoing ones first."""
        first, end = (int(at) for at in self.out.indptr[code : code + 2])
        predicate, target = (a[first:end].tolist() for a in self.out[1:3])
        outgoing = zip(range(first, end), predicate, target, strict=True)
        first, end = (int(at) for at in self.into.indptr[code : code + 2])
        predicate, target, edge = (a[first:end].tolist() for a in self.into[1:])
        arriving = zip(edge, predicate, target, strict=True)
        return (
            *(Neighbour(*row, True) for row in outgoing),
            *(Neighbour(*row, False) for row in arriving),
        )

    def ends(self, edge: int) -> tuple[int, int, int]:
        """Return subject, predicate and object of a statement, as codes."""
        if not 0 <= edge < self.manifest.statements:
            raise IndexError(edge)
        subject = int(np.searchsorted(self.out.indptr, edge, side="right")) - 1
        return subject, int(self.out.predicate[edge]), int(self.out.target[edge])

    def statement(self, edge: int) -> Statement:
        """Return one statement with its sources and evidence."""
        subject, predicate, obj = self.ends(edge)
        name, ids = self.predicate_names[predicate], (self.id(subject), self.id(obj))
        origins = self.origins(edge)
        return Statement(
            id=statement_id(ids[0], name, ids[1]),
            subject=ids[0],
            predicate=name,
            object=ids[1],
            negative=self.predicates["kind"][predicate] == "negative",
            sources=tuple(sorted({origin.source for origin in origins})),
            licences=tuple(sorted({origin.licence for origin in origins if origin.licence})),
            evidence=tuple(self.evidence(edge)) if self._may_quote(origins) else (),
        )

    def _may_quote(self, origins: Iterable[StoreOrigin]) -> bool:
        return any(self.terms.may_name(origin.source) for origin in origins)

    def origins(self, edge: int) -> list[StoreOrigin]:
        """Return who vouches for a statement, and on what terms."""
        return [self.manifest.origins[at] for at in self.origin_sets[int(self.out.origins[edge])]]

    @cached_property
    def origin_sets(self) -> list[tuple[int, ...]]:
        """The sets of origins that ``out.origins`` names, as places in ``manifest.origins``."""
        indptr, members = (a.tolist() for a in self._mapped("origins_indptr", "origins_member"))
        return [tuple(members[a:b]) for a, b in pairwise(indptr)]

    def evidence(self, edge: int) -> list[str]:
        """Return the texts that vouch for a statement."""
        first, end = np.searchsorted(self._evidence.statement, [edge, edge + 1])
        return self._evidence.texts.between(int(first), int(end))

    def sentence(self, edge: int, language: str = "en") -> str:
        """Say a statement in words."""
        from kgsynth.vocabulary import load_vocabulary, say, sentence

        subject, predicate, obj = self.ends(edge)
        wording = load_vocabulary().predicate(self.predicate_names[predicate]).wording(language)
        return sentence(
            say(wording.forward[0], self.name(subject, language), self.name(obj, language))
        )

    def holds(self, subject: str, predicate: str, obj: str) -> bool:
        """Tell whether the graph states this, the right way round."""
        left, right = self.code_or_none(subject), self.code_or_none(obj)
        if left is None or right is None or predicate not in self.predicate_names:
            return False
        wanted = self.predicate_names.index(predicate)
        return any(
            n.forward and n.other == right and n.predicate == wanted for n in self.beside(left)
        )

    def codes_of_kind(self, kinds: Sequence[str]) -> frozenset[int]:
        """Return the codes of the predicates of some kinds."""
        return frozenset(
            code for code, kind in enumerate(self.predicates["kind"].to_list()) if kind in kinds
        )

    # --- views ----------------------------------------------------------------------------------

    def subgraph(self, concepts: Iterable[int | str], *, hops: int = 0) -> Subgraph:
        """Return the statements among some concepts, and all within some hops of them."""
        from kgsynth.graph.views import Subgraph

        return Subgraph.around(self, [self._meant(concept) for concept in concepts], hops)


def _mapped_array(folder: Path, name: str) -> Array:
    return mapped(folder / f"{name}.npy")
