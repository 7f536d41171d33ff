"""What a dataset ships of its graph: sound in itself, and as the graph has it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

from kgsynth.model import Concept, Manifest, Statement
from kgsynth.vocabulary import Vocabulary

Fail = Callable[[str, str, str], None]
"""Told what it is about, a reason code, and what is wrong."""

MISMATCH = "evidence-mismatch"
OTHER_GRAPH = "graph-mismatch"


class StoreManifest(Protocol):
    """What a graph says of itself."""

    @property
    def content(self) -> str:
        """Hash of all that it holds."""


class GraphLookup(Protocol):
    """A whole graph, as far as a verification asks it."""

    @property
    def manifest(self) -> StoreManifest:
        """What the graph says of itself."""

    def holds(self, subject: str, predicate: str, obj: str, /) -> bool | None:
        """Tell whether the graph states this, the right way round."""

    def code_or_none(self, concept_id: str, /) -> int | None:
        """Return the graph's number for a concept, or None."""

    @property
    def concept(self) -> Callable[[int], Concept]:
        """Returns a concept by its number."""


Shipped = TypeVar("Shipped", Statement, Concept)


def each_once(records: Iterable[tuple[str, Shipped]], fail: Fail) -> Iterator[tuple[str, Shipped]]:
    """Yield the first record of each id, and report the others: which is to count?"""
    places: dict[str, str] = {}
    for place, record in records:
        first = places.setdefault(record.id, place)
        if first == place:
            yield place, record
        else:
            fail(record.id, MISMATCH, f"{place} has the id of {first}.")


def sound_statements(
    records: Iterable[tuple[str, Statement]],
    vocabulary: Vocabulary,
    graph: GraphLookup | None,
    fail: Fail,
) -> Iterator[Statement]:
    """Yield the statements whose content fits their id, the vocabulary and the graph."""
    for place, statement in each_once(records, fail):
        triple = (statement.subject, statement.predicate, statement.object)
        negative = vocabulary.predicate(statement.predicate).kind == "negative"
        if statement.recomputed_id() != statement.id:
            detail = f"{place}: the statement's id does not follow from its content."
            fail(statement.id, MISMATCH, detail)
            continue
        if statement.negative != negative:
            said = "denies" if negative else "denies nothing"
            detail = f"{place}: {statement.predicate} {said}, and the statement says otherwise."
            fail(statement.id, MISMATCH, detail)
        if graph is not None and graph.holds(*triple) is False:
            detail = f"{place} says {' '.join(triple)}, which the graph does not hold."
            fail(statement.id, OTHER_GRAPH, detail)
        yield statement


def sound_concepts(
    records: Iterable[tuple[str, Concept]], graph: GraphLookup | None, fail: Fail
) -> Iterator[Concept]:
    """Yield the concepts, and report those that the graph has otherwise."""
    for place, concept in each_once(records, fail):
        if graph is not None:
            problem = _differs(concept, graph)
            if problem:
                fail(concept.id, OTHER_GRAPH, f"{place}: {problem}")
        yield concept


def _differs(concept: Concept, graph: GraphLookup) -> str:
    code = graph.code_or_none(concept.id)
    if code is None:
        return "the graph does not hold the concept."
    held = graph.concept(code)
    if set(held.names) != set(concept.names):
        return "the graph gives the concept other names."
    return "" if held.types == concept.types else "the graph gives the concept other types."


def compare_graph(manifest: Manifest, graph: GraphLookup) -> str:
    """Say when a graph is not the one that a dataset was made from."""
    if graph.manifest.content == manifest.graph.content:
        return ""
    return "The graph given is not the one that the dataset was made from: its content differs."
