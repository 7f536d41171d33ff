"""OBO Graph JSON: an ontology as nodes and edges with metadata.

A node or edge that is not shaped as one is set aside with its place in its list. The graphs of
a file are one ontology: a term that stands in several of them is one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from kgsynth.errors import SourceError
from kgsynth.source_options import PlainOptions
from kgsynth.sources.columns import GraphColumns, Progress, Relation, SourceInfo, silent
from kgsynth.sources.ontologies.header import describe_source
from kgsynth.sources.ontologies.terms import (
    IS_A,
    SAME_CLASS,
    Terms,
    synonym_kind,
    well_formed,
)
from kgsynth.sources.opening import Block, decoded, opened
from kgsynth.sources.prefixes import canonical_curie

PREDICATES = {"is_a": IS_A, "subClassOf": IS_A}
RELATIONS_OF_RELATIONS = ("subPropertyOf", "inverseOf")
UNUSED_LISTS = ("domainRangeAxioms", "propertyChainAxioms", "allValuesFromEdges")

_ALTERNATIVE = "oboInOwl:hasAlternativeId"
_REPLACED_BY = "IAO:0100001"
_NAMESPACE = "oboInOwl:hasOBONamespace"
_SAME = "skos:exactMatch"
_TEXTS = {"dc:date", "dcterms:date", "dct:date", "oboInOwl:date", "dct:issued"}
_TERMS_OF_USE = {"dct:license", "dcterms:license", "dct:rights", "dc:rights", "dc:license"}
_PREDICATE_CURIES = {
    "http://www.geneontology.org/formats/oboInOwl#hasAlternativeId": _ALTERNATIVE,
    "http://www.geneontology.org/formats/oboInOwl#hasOBONamespace": _NAMESPACE,
    "http://www.w3.org/2004/02/skos/core#exactMatch": _SAME,
}
"""What stands in nearly every node, so that no registry need be asked."""


def read(path: Path, options: PlainOptions, progress: Progress = silent) -> GraphColumns:
    """Read an ontology in OBO Graph JSON."""
    graphs = _graphs(path)
    reading = _Reading(Terms(path.name))
    done, total = 0, sum(len(_listed(graph, "nodes")) for graph in graphs)
    for at, graph in enumerate(graphs):
        reading.read_nodes(graph, f"graphs[{at}]")
        done += len(_listed(graph, "nodes"))
        progress(f"Reading {path.name}", done, total)
    for at, graph in enumerate(graphs):
        reading.read_edges(graph, f"graphs[{at}]")
    reading.add_individuals()
    return reading.terms.columns(_source(graphs, path), reading.known_relations())


# --- the document ----------------------------------------------------------------------------


def _graphs(path: Path) -> list[dict[str, Any]]:
    tree = _parse(path)
    if not isinstance(tree, dict) or not isinstance(tree.get("graphs"), list):
        is_kgx = isinstance(tree, dict) and "nodes" in tree and "edges" in tree
        raise SourceError(
            f"{path} is JSON, but no OBO Graph: it has no list 'graphs' at its top.",
            remedy="Use the kind kgx: nodes and edges are at its top."
            if is_kgx
            else "Check the kind of the source.",
        )
    graphs = tree["graphs"]
    for at, graph in enumerate(graphs):
        if not isinstance(graph, dict):
            raise SourceError(
                f"{path}: graphs[{at}] is no object.", remedy="Check that the file is whole."
            )
    return cast("list[dict[str, Any]]", graphs)


def _parse(path: Path) -> object:
    with opened(path) as file:
        text = decoded(path, Block(1, file.read()))
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise SourceError(
            f"{path}, line {error.lineno}, column {error.colno} is not valid JSON: {error.msg}.",
            remedy="Check that the file is whole.",
        ) from None
    except (RecursionError, MemoryError):
        raise SourceError(
            f"{path} is nested too deep to be an OBO Graph.",
            remedy="Check that it is the file that it was said to be.",
        ) from None
    except ValueError as error:  # a number of more digits than Python reads
        raise SourceError(
            f"{path} is not valid JSON: {error}.", remedy="Check that the file is whole."
        ) from None


def _listed(holder: object, key: str) -> list[Any]:
    """Return a list that an object holds; what is none is as good as empty."""
    value = holder.get(key) if isinstance(holder, dict) else None
    return value if isinstance(value, list) else []


def _word(holder: object, key: str) -> str:
    value = holder.get(key) if isinstance(holder, dict) else None
    return well_formed(value).replace("\x00", "").strip() if isinstance(value, str) else ""


def _properties(meta: object) -> Iterator[tuple[str, str]]:
    """Yield the annotations of a node, edge or graph, their relation as a CURIE."""
    for item in _listed(meta, "basicPropertyValues"):
        pred, value = _word(item, "pred"), _word(item, "val")
        if pred and value:
            yield _PREDICATE_CURIES.get(pred) or canonical_curie(pred), value


def _source(graphs: list[dict[str, Any]], path: Path) -> SourceInfo:
    """Describe the source by its first graph; the others are what it imports."""
    graph = graphs[0] if graphs else {}
    meta = graph.get("meta")
    said = list(_properties(meta))
    texts = [value for pred, value in said if pred in ("rdfs:comment", "dc:description")]
    return describe_source(
        names=[_word(graph, "id"), path.name.split(".")[0]],
        versions=[_word(meta, "version"), *(v for p, v in said if p == "owl:versionInfo")],
        dates=[value for pred, value in said if pred in _TEXTS],
        licences=[*(v for p, v in said if p in _TERMS_OF_USE), *texts],
    )


# --- nodes and edges -------------------------------------------------------------------------


class _Reading:
    """A file while it is read."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.named: dict[str, str] = {}
        self.relations: set[str] = set()
        """The nodes that are relations."""
        self.inverses: dict[str, str] = {}
        self.individuals: dict[str, list[str]] = {}
        """The classes of every individual."""
        self.curies: dict[str, str] = {}

    def curie(self, iri: str) -> str:
        """Spell an id; most stand in several edges."""
        if iri not in self.curies:
            self.curies[iri] = canonical_curie(well_formed(iri))
        return self.curies[iri]

    def read_nodes(self, graph: dict[str, Any], place: str) -> None:
        for at, node in enumerate(self._items(graph, "nodes", place)):
            if not isinstance(node, dict) or not isinstance(node.get("meta") or {}, dict):
                self._drop(at, "malformed-node", f"{place}.nodes", node)
            elif not _word(node, "id"):
                self._drop(at, "empty-id", f"{place}.nodes", node)
            else:
                self._read_node(node, at, place)

    def _items(self, graph: dict[str, Any], key: str, place: str) -> list[Any]:
        """Return the items of a list; something else in its place is set aside."""
        value = graph.get(key)
        if value is not None and not isinstance(value, list):
            self._drop(0, "malformed-list", f"{place}.{key}", value)
        return _listed(graph, key)

    def _drop(self, at: int, reason: str, place: str, item: object) -> None:
        try:
            text = json.dumps(item, ensure_ascii=False)
        except RecursionError:
            text = "nested too deep to be shown"
        self.terms.drop(at, reason, f"{place}[{at}]: {text}")

    def _read_node(self, node: dict[str, Any], at: int, place: str) -> None:
        term, name = self.curie(_word(node, "id")), _word(node, "lbl")
        meta = node.get("meta") or {}
        if node.get("type") == "PROPERTY":
            self.relations.add(term)
            self.terms.count("relation")
        elif meta.get("deprecated") is True:
            replaced = [self.curie(v) for pred, v in _properties(meta) if pred == _REPLACED_BY]
            self.terms.retire(term, replaced)
            self.terms.count("obsolete")
        elif name and self.named.get(term) and self.named[term] != name:
            self._drop(at, "duplicate-id", f"{place}.nodes", node)
        else:
            self.named[term] = name or self.named.get(term, "")
            self._use_node(term, name, node.get("type") == "INDIVIDUAL", meta)

    def _use_node(self, term: str, name: str, is_individual: bool, meta: dict[str, Any]) -> None:
        said = list(_properties(meta))
        namespace = next((value for pred, value in said if pred == _NAMESPACE), "")
        if is_individual:
            self.individuals.setdefault(term, [])
        else:
            self.terms.add_concept(term, namespace)
        if name:
            self.terms.add_name(term, name, "preferred")
        self._read_synonyms(term, meta)
        for item in _listed(meta, "xrefs"):
            self._identify(term, _word(item, "val"), "xref")
        for pred, value in said:
            self._read_property(term, pred, value)
        if definition := _word(meta.get("definition"), "val"):
            self.terms.add_definition(term, definition)
        elif meta.get("definition"):
            self.terms.count("empty-definition")
        self.terms.count("comment", len(_listed(meta, "comments")))
        self.terms.count("subset", len(_listed(meta, "subsets")))

    def _read_synonyms(self, term: str, meta: dict[str, Any]) -> None:
        for item in _listed(meta, "synonyms"):
            text = _word(item, "val")
            if not text:
                self.terms.count("empty-synonym")
                continue
            pred = _word(item, "pred").rpartition("#")[2]
            scope = pred.removeprefix("has").removesuffix("Synonym")
            synonym_type = self.curie(_word(item, "synonymType"))
            self.terms.add_name(term, text, synonym_kind(scope, synonym_type))

    def _read_property(self, term: str, pred: str, value: str) -> None:
        if pred == _ALTERNATIVE:
            self._identify(term, value, "alternative")
        elif pred == _SAME:
            self._identify(term, value, "xref")
        elif pred != _NAMESPACE:
            self.terms.count("annotation")

    def _identify(self, term: str, text: str, kind: str) -> None:
        if text:
            self.terms.add_identifier(term, text, kind)
        else:
            self.terms.count("empty-id")

    # --- statements ---

    def read_edges(self, graph: dict[str, Any], place: str) -> None:
        for at, edge in enumerate(self._items(graph, "edges", place)):
            if all(_word(edge, key) for key in ("sub", "pred", "obj")):
                self._read_edge(edge, at)
            else:
                self._drop(at, "malformed-edge", f"{place}.edges", edge)
        for at, same in enumerate(self._items(graph, "equivalentNodesSets", place)):
            if not self._read_equals(same, at):
                self._drop(at, "malformed-equivalence", f"{place}.equivalentNodesSets", same)
        for at, axiom in enumerate(self._items(graph, "logicalDefinitionAxioms", place)):
            if not self._read_definition(axiom, at):
                self._drop(at, "malformed-definition", f"{place}.logicalDefinitionAxioms", axiom)
        for key in UNUSED_LISTS:
            self.terms.count("relation-detail", len(_listed(graph, key)))

    def _read_edge(self, edge: dict[str, Any], at: int) -> None:
        subject, object_ = self.curie(_word(edge, "sub")), self.curie(_word(edge, "obj"))
        pred = _word(edge, "pred")
        if pred in RELATIONS_OF_RELATIONS or {subject, object_} & self.relations:
            if pred == "inverseOf":
                self.inverses.setdefault(subject, object_)
                self.inverses.setdefault(object_, subject)
            self.terms.count("relation-detail")
        elif pred == "type" and subject in self.individuals:
            self.individuals[subject].append(object_)
        else:
            predicate = "rdf:type" if pred == "type" else PREDICATES.get(pred) or self.curie(pred)
            predicate = predicate if ":" in predicate else f"obo:{predicate}"
            self.terms.add_statement(subject, predicate, object_, at, _evidence(edge.get("meta")))

    def _read_equals(self, same: object, at: int) -> bool:
        ids = [item.strip() for item in _listed(same, "nodeIds") if isinstance(item, str)]
        first = _word(same, "representativeNodeId") or next(iter(ids), "")
        others = [item for item in dict.fromkeys(ids) if item and item != first]
        for other in others:
            self.terms.add_statement(self.curie(first), SAME_CLASS, self.curie(other), at)
        return bool(first and others)

    def _read_definition(self, axiom: object, at: int) -> bool:
        term = self.curie(_word(axiom, "definedClassId"))
        genera = [item for item in _listed(axiom, "genusIds") if isinstance(item, str) and item]
        restrictions = [
            (_word(item, "propertyId"), _word(item, "fillerId"))
            for item in _listed(axiom, "restrictions")
        ]
        usable = [pair for pair in restrictions if all(pair)]
        if not term or not (genera or usable):
            return False
        self.terms.count("nested-definition", len(restrictions) - len(usable))
        for genus in genera:
            self.terms.add_statement(term, IS_A, self.curie(genus), at)
        for relation, filler in usable:
            self.terms.add_statement(term, self.curie(relation), self.curie(filler), at)
        return True

    def add_individuals(self) -> None:
        """Add the individuals, now that the edges have told of what class each one is."""
        for term, classes in self.individuals.items():
            self.terms.add_concept(term, types=list(dict.fromkeys(classes)))

    def known_relations(self) -> list[Relation]:
        """Say which relation is the inverse of which."""
        return [Relation(name, inverse) for name, inverse in self.inverses.items()]


def _evidence(meta: object) -> list[str]:
    xrefs = [_word(item, "val") for item in _listed(meta, "xrefs")]
    said = [value for pred, value in _properties(meta) if pred.endswith((":source", ":hasDbXref"))]
    return [text for text in dict.fromkeys([*xrefs, *said]) if text]
