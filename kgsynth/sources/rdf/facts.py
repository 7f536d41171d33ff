"""The triples of a file, sorted by what they are about before anything is made of them.

What a resource is may be said at the end of a file, so that nothing can be decided on the way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import pyoxigraph as ox

from kgsynth.sources.rdf import vocabulary as v
from kgsynth.sources.rdf.syntax import Term, Triple


class Link(NamedTuple):
    """A triple between two resources with a name; ``object`` may be a blank node's label too."""

    subject: str
    predicate: str
    object: str
    row: int


class Word(NamedTuple):
    """A name or another text of a resource."""

    subject: str
    predicate: str
    text: str
    language: str = ""


Said = list[tuple[str, Term]]
"""What a blank node, or a statement that is a resource, is said to have."""

_KEPT_TEXTS = frozenset({*v.VERSIONS, *v.DATES, *v.LICENCES, v.COMMENT})
_ALL_ROLES = {**v.ROLES, **v.AXIOM_ROLES}


@dataclass(slots=True)
class Facts:
    """A file's triples, by kind. Resources are IRIs here, blank nodes labels."""

    count: Callable[[str], None]
    """Told why a triple is left out."""
    read: int = 0
    types: dict[str, list[str]] = field(default_factory=dict)
    names: list[Word] = field(default_factory=list)
    definitions: list[Word] = field(default_factory=list)
    identifiers: list[Word] = field(default_factory=list)
    namespaces: dict[str, str] = field(default_factory=dict)
    deprecated: dict[str, int] = field(default_factory=dict)
    """How many triples say so."""
    replaced: dict[str, list[str]] = field(default_factory=dict)
    header: list[Word] = field(default_factory=list)
    """Texts that matter if their subject turns out to be the ontology."""
    details: list[Word] = field(default_factory=list)
    """Texts that matter if their subject turns out to be a statement."""
    links: list[Link] = field(default_factory=list)
    to_blank: list[Link] = field(default_factory=list)
    blank: dict[str, Said] = field(default_factory=dict)
    records: dict[str, Said] = field(default_factory=dict)
    """Statements that are resources with a name: their subject, predicate and object."""
    rows: dict[str, int] = field(default_factory=dict)
    """Where a statement that is a resource, named or blank, begins."""

    def add(self, triple: Triple) -> None:
        """Put a triple where it belongs."""
        self.read += 1
        subject, predicate = triple.subject, triple.predicate.value
        if predicate in _ALL_ROLES and not isinstance(subject, ox.Triple | ox.Literal):
            self.rows.setdefault(subject.value, triple.row)
        if isinstance(subject, ox.BlankNode):
            self.blank.setdefault(subject.value, []).append((predicate, triple.object))
        elif isinstance(subject, ox.NamedNode) and not isinstance(triple.object, ox.Triple):
            self._add_named(subject.value, predicate, triple.object, triple.row)
        else:
            self.count("quoted-triple")

    def _add_named(
        self,
        subject: str,
        predicate: str,
        object_: ox.NamedNode | ox.BlankNode | ox.Literal,
        row: int,
    ) -> None:
        if predicate in _ALL_ROLES:
            self.records.setdefault(subject, []).append((predicate, object_))
        elif isinstance(object_, ox.Literal):
            self._add_literal(Word(subject, predicate, object_.value, object_.language or ""))
        elif isinstance(object_, ox.BlankNode):
            self.to_blank.append(Link(subject, predicate, object_.value, row))
        elif predicate == v.TYPE:
            self.types.setdefault(subject, []).append(object_.value)
        elif predicate in v.IDENTIFIERS:
            self.identifiers.append(Word(subject, predicate, object_.value))
        elif predicate == v.REPLACED_BY:
            self.replaced.setdefault(subject, []).append(object_.value)
        else:
            self.links.append(Link(subject, predicate, object_.value, row))

    def _add_literal(self, word: Word) -> None:
        subject, predicate, text, _ = word
        if not text.strip():
            self.count("empty-literal")
        elif predicate in v.LABELS or predicate in v.SYNONYMS:
            self.names.append(word)
        elif predicate in v.DEFINITIONS:
            self.definitions.append(word)
        elif predicate in v.IDENTIFIERS:
            self.identifiers.append(word)
        elif predicate == v.NAMESPACE and subject not in self.namespaces:
            self.namespaces[subject] = text.strip()
        elif predicate == v.DEPRECATED and text.strip().lower() in ("true", "1"):
            self.deprecated[subject] = self.deprecated.get(subject, 0) + 1
        elif predicate == v.REPLACED_BY:
            self.replaced.setdefault(subject, []).append(text.strip())
        elif predicate in v.EVIDENCE or predicate == v.NEGATED:
            self.details.append(word)
        elif predicate in _KEPT_TEXTS:
            self.header.append(word)
        else:
            self.count("literal")


class Expression(NamedTuple):
    """What a class expression says of those that fall under it."""

    classes: list[str]
    """They belong to these."""
    relations: list[tuple[str, str]]
    """They have such a relation to one of these."""
    missed: int
    """How many of its parts say something else."""


class Expressions:
    """The blank nodes of a file, read as class expressions."""

    def __init__(self, blank: dict[str, Said]) -> None:
        self.blank = blank
        self.understood: set[str] = set()

    def read(self, node: str) -> Expression:
        """Read a restriction, or an intersection of whatever depth."""
        found = Expression([], [], 0)
        missed = 0
        waiting, seen = [node], {node}
        while waiting:
            at = waiting.pop()
            said = self.blank.get(at, [])
            if relation := _restriction(said):
                found.relations.append(relation)
                self.understood.add(at)
            elif members := self._members(at, said):
                inner = [m.value for m in members if isinstance(m, ox.BlankNode)]
                found.classes.extend(m.value for m in members if isinstance(m, ox.NamedNode))
                missed += sum(isinstance(m, ox.Literal | ox.Triple) for m in members)
                waiting.extend(m for m in inner if m not in seen)
                seen.update(inner)
            else:
                missed += 1
        return found._replace(missed=missed)

    def _members(self, node: str, said: Said) -> list[Term]:
        """Walk the list of an intersection; one that never ends is none."""
        at = next((o for p, o in said if p == v.INTERSECTION), None)
        members: list[Term] = []
        walked = {node: None}
        while isinstance(at, ox.BlankNode) and at.value not in walked:
            walked[at.value] = None
            cell = dict(self.blank.get(at.value, []))
            if v.FIRST not in cell:
                return []
            members.append(cell[v.FIRST])
            at = cell.get(v.REST)
        if not isinstance(at, ox.NamedNode):
            return []
        self.understood.update(walked)
        return members


def _restriction(said: Said) -> tuple[str, str] | None:
    """Read "has such a relation to one of these"; other restrictions say less, or deny."""
    properties = [o.value for p, o in said if p == v.ON_PROPERTY and isinstance(o, ox.NamedNode)]
    fillers = [o.value for p, o in said if p in v.FILLERS and isinstance(o, ox.NamedNode)]
    return (properties[0], fillers[0]) if len(properties) == len(fillers) == 1 else None
