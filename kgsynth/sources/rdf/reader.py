"""OWL and RDF in any syntax.

An ontology gives its classes, SKOS concepts and individuals; what it only mentions is dangling.
A file without a header of its own is taken for plain facts: any resource that takes part in a
statement is a concept. Restrictions ("every A has the relation R to some B") are statements, as
are resources that are statements themselves, such as OBAN's associations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox

from kgsynth.errors import SourceError
from kgsynth.source_options import RdfOptions
from kgsynth.sources import polarity
from kgsynth.sources.columns import GraphColumns, Progress, Relation, SourceInfo, silent
from kgsynth.sources.ontologies.header import describe_source
from kgsynth.sources.ontologies.terms import (
    IS_A,
    SAME_CLASS,
    Terms,
    plain_language,
    synonym_kind,
)
from kgsynth.sources.prefixes import canonical_curie
from kgsynth.sources.rdf import exported
from kgsynth.sources.rdf import vocabulary as v
from kgsynth.sources.rdf.facts import Expressions, Facts, Link, Said
from kgsynth.sources.rdf.syntax import Term, read_triples, tell_syntax


def read(path: Path, options: RdfOptions, progress: Progress = silent) -> GraphColumns:
    """Read an ontology or plain facts in RDF."""
    if (options.syntax or tell_syntax(path)) == "nt" and exported.is_exported(path):
        return exported.read(path, progress)
    terms = Terms(path.name)
    facts = Facts(terms.count)
    for triple in read_triples(path, options.syntax, terms.drop, progress):
        facts.add(triple)
    if not facts.read:
        raise SourceError(f"{path} holds no triple.", remedy="Check that the file is whole.")
    reading = Reading(facts, terms)
    reading.interpret()
    return terms.columns(reading.source(path), reading.relations())


class Reading:
    """Makes terms and statements of the facts of a file."""

    def __init__(self, facts: Facts, terms: Terms) -> None:
        self.facts, self.terms = facts, terms
        self.used = 0
        """Triples that something was made of. Those that were counted or set aside as they were
        read are the rest of the file."""
        self.ids = {v.SUBCLASS: IS_A, v.EQUIVALENT: SAME_CLASS}
        kinds = {subject: frozenset(types) for subject, types in facts.types.items()}
        self.headers = {s for s, types in kinds.items() if types & v.HEADERS}
        self.properties = {
            s for s, types in kinds.items() if types & v.PROPERTIES and not types & v.CLASSES
        }
        self.notes = {s for s in self.properties if v.ANNOTATION_PROPERTY in kinds[s]}
        """Properties that annotate: most of them say nothing about the world."""
        self.schema = self.headers | self.properties
        self.expressions = Expressions(facts.blank)
        self.declared: dict[str, list[str]] = {}
        """The concepts that the file defines, each with the types it is given."""
        self.categories: dict[str, list[str]] = {}
        """Types by Biolink's word, which go before the others."""
        self.reasons: dict[str, str] = {}
        self.evidence: dict[tuple[str, str, str], list[str]] = {}
        self.synonym_types: dict[tuple[str, str, str], str] = {}

    def interpret(self) -> None:
        """Decide what each fact is, the ones first that others hang on."""
        self._retire()
        self._declare()
        axioms, associations = self._records()
        for key, said in axioms:
            self._read_axiom(key, said)
        for link in self.facts.links:
            self._read_link(link)
        for key, said in associations:
            self._read_association(key, said)
        for link in self.facts.to_blank:
            self._read_expression(link)
        self._name()
        self._define()
        self._identify()
        self._count_rest()
        for iri, types in self.declared.items():
            own = list(dict.fromkeys([*self.categories.get(iri, ()), *types]))
            self.terms.add_concept(self.id(iri), self.facts.namespaces.get(iri, ""), own)

    def id(self, iri: str) -> str:
        """Spell a resource: its CURIE, else its IRI."""
        if iri not in self.ids:
            self.ids[iri] = canonical_curie(iri)
        return self.ids[iri]

    def _leave_out(self, reason: str, rows: int = 1) -> None:
        self.terms.count(reason, rows)

    # --- what a resource is ---

    def _retire(self) -> None:
        for iri, rows in self.facts.deprecated.items():
            if iri in self.schema:
                self._leave_out("schema", rows)
                continue
            self.terms.retire(self.id(iri), map(self.id, self.facts.replaced.get(iri, ())))
            self._leave_out("obsolete")
            self._leave_out("obsolete-detail", rows - 1)

    def _declare(self) -> None:
        for iri, types in self.facts.types.items():
            if reason := self._reason(iri):
                self._leave_out(reason, len(types))
                continue
            own = [name for name in types if not name.startswith(v.META)]
            if own or v.CLASSES & set(types):
                self.declared[iri] = [self.id(name) for name in dict.fromkeys(own)]
                self.used += len(types)
            else:
                self._leave_out("schema", len(types))
        for word in self.facts.names:
            if not self._reason(word.subject):
                self.declared.setdefault(word.subject, [])

    def _reason(self, iri: str) -> str:
        """Tell why a resource is no concept; nothing where it may be one."""
        if iri in self.schema:
            return "schema"
        if iri in self.facts.records:
            return "annotation"
        return "obsolete-detail" if iri in self.facts.deprecated else ""

    # --- links ---

    def _read_link(self, link: Link) -> None:
        if link.subject in self.facts.records:
            return  # read with the statement that it is about
        reason = self._reason_of_link(link)
        if reason == "type":
            self.declared.setdefault(link.subject, [])
            self.categories.setdefault(link.subject, []).append(self.id(link.object))
            self.used += 1
        elif reason:
            self._leave_out(reason)
        else:
            self.used += 1
            self._state(link.subject, link.predicate, link.object, link.row)

    def _reason_of_link(self, link: Link) -> str:
        if link.predicate not in self.reasons:
            self.reasons[link.predicate] = self._reason_of_predicate(link.predicate)
        reason = self.reasons[link.predicate]
        if reason != "subset" and {link.subject, link.object} & self.schema:
            return "schema"
        if reason == "type" and link.subject in self.facts.deprecated:
            return "obsolete-detail"
        if reason == "note":
            return "" if link.object in self.declared else "annotation"
        return reason

    def _reason_of_predicate(self, predicate: str) -> str:
        if predicate in v.OF_PROPERTIES:
            return "schema"
        if predicate in v.TYPES:
            return "type"
        if predicate == v.SUBSET:
            return "subset"
        if predicate in v.DISJOINT:
            return "disjoint"
        is_note = predicate.startswith(v.ANNOTATION_VOCABULARIES)
        if is_note and predicate not in v.STATEMENTS_OF_ANNOTATION_VOCABULARIES:
            return "annotation"
        if predicate in v.ANNOTATIONS:
            return "annotation"
        return "note" if predicate in self.notes else ""

    def _state(
        self,
        subject: str,
        predicate: str,
        object_: str,
        row: int,
        evidence: Iterable[str] = (),
        *,
        denied: bool = False,
    ) -> None:
        """Add a statement; in plain facts, its ends are concepts."""
        relation = (polarity.NOT if denied else "") + self.id(predicate)
        parts = self.id(subject), relation, self.id(object_)
        if not self.headers:
            for end in (subject, object_):
                if not self._reason(end):
                    self.declared.setdefault(end, [])
        told = dict.fromkeys([*self.evidence.get(parts, ()), *evidence])
        self.terms.add_statement(*parts, row, list(told))

    def _read_expression(self, link: Link) -> None:
        """Read what a class is by definition, or what every one of its kind has."""
        if link.predicate not in (v.SUBCLASS, v.EQUIVALENT, v.TYPE):
            self._leave_out("blank-node")
            return
        found = self.expressions.read(link.object)
        classes = [] if link.predicate == v.TYPE else found.classes
        if not (classes or found.relations) or self._reason(link.subject) == "schema":
            self._leave_out("blank-node")
            return
        self.used += 1
        for name in classes:
            self._state(link.subject, v.SUBCLASS, name, link.row)
        for predicate, filler in found.relations:
            self._state(link.subject, predicate, filler, link.row)

    # --- statements that are resources ---

    def _records(self) -> tuple[list[tuple[str, Said]], list[tuple[str, Said]]]:
        """Return the annotations of axioms, and the statements that stand for themselves."""
        records = {key: list(said) for key, said in self.facts.records.items()}
        for link in self.facts.links:
            if link.subject in records:
                # A lenient parser lets pass what NamedNode would not; of these, the text serves.
                records[link.subject].append((link.predicate, ox.Literal(link.object)))
        for word in (*self.facts.details, *self.facts.identifiers):
            if word.subject in records:
                records[word.subject].append((word.predicate, ox.Literal(word.text)))
        for key, said in self.facts.blank.items():
            if key in self.facts.rows:
                records[key] = said
        axioms = [
            (key, said) for key, said in records.items() if any(p in v.AXIOM_ROLES for p, _ in said)
        ]
        others = {key for key, _ in axioms}
        return axioms, [(key, said) for key, said in records.items() if key not in others]

    def _evidence_of(self, said: Said) -> Iterator[str]:
        for predicate, term in said:
            if predicate in v.EVIDENCE and isinstance(term, ox.NamedNode | ox.Literal):
                yield canonical_curie(term.value)

    def _tally(self, key: str, said: Said, roles: dict[str, str]) -> None:
        """Account for the triples of a statement; the types of a named one were seen to."""
        for predicate, _ in said:
            if predicate in roles or predicate in v.EVIDENCE or predicate == v.SYNONYM_TYPE:
                self.used += 1
            else:
                self._leave_out("annotation")
        self.expressions.understood.add(key)

    def _read_axiom(self, key: str, said: Said) -> None:
        """Keep what an annotation tells of a synonym or a statement: its type, its evidence."""
        self._tally(key, said, v.AXIOM_ROLES)
        parts = {v.AXIOM_ROLES[p]: term for p, term in said if p in v.AXIOM_ROLES}
        subject, predicate, target = (parts.get(k) for k in ("subject", "predicate", "object"))
        if not isinstance(subject, ox.NamedNode) or not isinstance(predicate, ox.NamedNode):
            return
        if isinstance(target, ox.Literal):
            types = [
                t.value for p, t in said if p == v.SYNONYM_TYPE and not isinstance(t, ox.Triple)
            ]
            if types:
                self.synonym_types[subject.value, predicate.value, target.value] = self.id(types[0])
            return
        evidence = list(self._evidence_of(said))
        for relation, object_ in self._targets(predicate.value, target):
            stated = self.id(subject.value), self.id(relation), self.id(object_)
            self.evidence.setdefault(stated, []).extend(evidence)

    def _targets(self, predicate: str, target: Term | None) -> Iterator[tuple[str, str]]:
        if isinstance(target, ox.NamedNode):
            yield predicate, target.value
        elif isinstance(target, ox.BlankNode):
            found = self.expressions.read(target.value)
            yield from found.relations
            yield from ((v.SUBCLASS, name) for name in found.classes)

    def _read_association(self, key: str, said: Said) -> None:
        """Make a statement of a resource that names its three parts."""
        parts = {v.ROLES[p]: term for p, term in said if p in v.ROLES}
        named = [parts.get(k) for k in ("subject", "predicate", "object")]
        row = self.facts.rows[key]
        if not all(isinstance(part, ox.NamedNode) for part in named):
            self._set_aside(key, said, "malformed-association")
            return
        denied = _denies(said)
        if denied is None:
            self._set_aside(key, said, polarity.MALFORMED)
            return
        self._tally(key, said, {**v.ROLES, v.NEGATED: "negated"})
        subject, predicate, object_ = (
            part.value for part in named if isinstance(part, ox.NamedNode)
        )
        self._state(subject, predicate, object_, row, self._evidence_of(said), denied=denied)

    def _set_aside(self, key: str, said: Said, reason: str) -> None:
        """Drop a statement that cannot be used; its first triple is listed, the rest counted."""
        text = " ".join(f"{predicate} {_shown(term)}" for predicate, term in said)
        name = "[]" if key in self.facts.blank else key
        self.terms.drop(self.facts.rows[key], reason, f"{name} {text}")
        self._leave_out("malformed-association-detail", len(said) - 1)
        self.expressions.understood.add(key)

    # --- words ---

    def _name(self) -> None:
        names = sorted(self.facts.names, key=lambda word: v.LABELS.get(word.predicate, 9))
        for word in names:
            if reason := self._reason(word.subject):
                self._leave_out(reason)
                continue
            self.used += 1
            kind = "preferred"
            if word.predicate in v.SYNONYMS:
                own_type = self.synonym_types.get(word[:3], "")
                kind = synonym_kind(v.SYNONYMS[word.predicate], own_type)
            language = plain_language(word.language)
            self.terms.add_name(self.id(word.subject), word.text, kind, language)

    def _define(self) -> None:
        for word in self.facts.definitions:
            if word.subject in self.declared:
                self.used += 1
                self.terms.add_definition(self.id(word.subject), word.text)
            else:
                self._leave_out(self._reason(word.subject) or "literal")

    def _identify(self) -> None:
        for word in self.facts.identifiers:
            if word.subject in self.facts.records:
                continue
            if reason := self._reason(word.subject):
                self._leave_out(reason)
            elif word.subject in self.declared:
                self.used += 1
                kind = v.IDENTIFIERS[word.predicate]
                self.terms.add_identifier(self.id(word.subject), word.text, kind)
            else:
                self._leave_out("annotation")

    def _count_rest(self) -> None:
        """Account for what is left: texts that mattered to nobody, and blank nodes."""
        details = [w for w in self.facts.details if w.subject not in self.facts.records]
        self._leave_out("literal", len(details))
        for word in self.facts.header:
            is_header = word.subject in self.headers
            kind = "comment" if word.predicate == v.COMMENT else "literal"
            self._leave_out("schema" if is_header else kind)
        for iri in self.facts.namespaces:
            reason = "" if iri in self.declared else self._reason(iri) or "literal"
            self._leave_out(reason or "literal", int(bool(reason)))
            self.used += int(not reason)
        for iri, targets in self.facts.replaced.items():
            is_obsolete = iri in self.facts.deprecated and iri not in self.schema
            reason = "obsolete-detail" if is_obsolete else self._reason(iri) or "annotation"
            self._leave_out(reason, len(targets))
        for key, said in self.facts.blank.items():
            if key not in self.expressions.understood:
                self._leave_out("blank-node", len(said))
            elif key not in self.facts.rows:
                self.used += len(said)

    # --- what the file says of itself ---

    def source(self, path: Path) -> SourceInfo:
        """Describe the source by its ontology header."""
        links = [(k.predicate, k.object) for k in self.facts.links if k.subject in self.headers]
        texts = [(w.predicate, w.text) for w in self.facts.header if w.subject in self.headers]

        def said(predicates: Iterable[str]) -> list[str]:
            pairs = [*links, *texts]
            return [text for wanted in predicates for p, text in pairs if p == wanted]

        ontology = [iri for iri in self.facts.types if iri in self.headers]
        return describe_source(
            names=[*ontology, path.name.split(".")[0]],
            versions=said(v.VERSIONS),
            dates=said(v.DATES),
            licences=said((*v.LICENCES, v.COMMENT)),
        )

    def relations(self) -> list[Relation]:
        """Say of each relation what is its inverse, and whether it is its own."""
        inverses = {"skos:broader": "skos:narrower"}
        for link in self.facts.links:
            if link.predicate == v.INVERSE:
                inverses.setdefault(self.id(link.subject), self.id(link.object))
        for name, inverse in list(inverses.items()):
            inverses.setdefault(inverse, name)
        found = [iri for iri, types in self.facts.types.items() if v.SYMMETRIC in types]
        symmetric = {"skos:related", SAME_CLASS, *map(self.id, found)}
        spellings = dict.fromkeys([*inverses, *sorted(symmetric)])
        return [Relation(s, inverses.get(s, ""), s in symmetric) for s in spellings]


def _denies(said: Said) -> bool | None:
    """Tell whether a statement denies; None where it says nothing that can be read, or both."""
    marks = [term for predicate, term in said if predicate == v.NEGATED]
    read = {polarity.denies(m.value) if isinstance(m, ox.Literal) else None for m in marks}
    return read.pop() if len(read) == 1 else (None if read else False)


def _shown(term: Term) -> str:
    """Show a term, without the random name of a blank node."""
    return "[]" if isinstance(term, ox.BlankNode) else str(term)
