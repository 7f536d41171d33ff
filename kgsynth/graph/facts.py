"""What a store says of its statements, by their numbers: ends, neighbours, who vouches for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from kgsynth.errors import ConceptError, listing, nearest
from kgsynth.graph.asked import kind, out_of_range, several, whole
from kgsynth.graph.lexicon import MOST_CONCEPTS_KEPT
from kgsynth.graph.manifest import StoreManifest, StoreOrigin
from kgsynth.graph.tables import Tables
from kgsynth.graph.terms import Terms
from kgsynth.model import Statement, statement_id


class Neighbour(NamedTuple):
    """One statement seen from one of its ends."""

    edge: int
    predicate: int
    other: int
    forward: bool


class Facts:
    """The statements of a store, with their words as far as the terms let them be told."""

    def __init__(self, tables: Tables, manifest: StoreManifest, terms: Terms) -> None:
        self._tables = tables
        self._manifest = manifest
        self._terms = terms
        self.beside = lru_cache(maxsize=MOST_CONCEPTS_KEPT)(self._beside)

    def forget(self) -> None:
        """Keep nothing that was read."""
        self.beside.cache_clear()

    def _beside(self, code: int) -> tuple[Neighbour, ...]:
        """Return every statement that a concept takes part in, outgoing ones first."""
        out, into = self._tables.out, self._tables.into
        first, end = (int(at) for at in out.indptr[code : code + 2])
        predicate, target = (a[first:end].tolist() for a in out[1:3])
        outgoing = zip(range(first, end), predicate, target, strict=True)
        first, end = (int(at) for at in into.indptr[code : code + 2])
        predicate, target, edge = (a[first:end].tolist() for a in into[1:])
        arriving = zip(edge, predicate, target, strict=True)
        return (
            *(Neighbour(*row, True) for row in outgoing),
            *(Neighbour(*row, False) for row in arriving),
        )

    # --- relations --------------------------------------------------------------------------

    def relations(self, names: str | Iterable[str]) -> set[int]:
        """Return the codes of one relation or several, by name."""
        return {self.relation(name) for name in several(names)}

    def relation(self, name: str) -> int:
        """Return the code of a relation, or say which one may be meant."""
        known = self._tables.predicate_names
        if name not in known:
            raise ConceptError(
                f"The graph has no relation {name!r}.{nearest(str(name), known)}",
                remedy=f"Its relations: {listing(known)}.",
            )
        return known.index(name)

    def of_kinds(self, kinds: Collection[str]) -> frozenset[int]:
        """Return the codes of the relations of some kinds."""
        held = self._tables.predicates["kind"].to_list()
        return frozenset(code for code, kind in enumerate(held) if kind in kinds)

    # --- one statement ----------------------------------------------------------------------

    def number(self, edge: object) -> int:
        """Return the number of a statement, or say that there is none."""
        number = whole(edge)
        if number is not None and 0 <= number < self._manifest.statements:
            return number
        raise ConceptError(
            f"A statement is a number, not {kind(edge)}."
            if number is None
            else out_of_range("statement", number, self._manifest.statements),
            remedy="`neighbours` of a concept gives statements; the number of each is its `edge`.",
        )

    def ends(self, edge: int) -> tuple[int, int, int]:
        """Return subject, predicate and object, as codes."""
        edge, out = self.number(edge), self._tables.out
        subject = int(np.searchsorted(out.indptr, edge, side="right")) - 1
        return subject, int(out.predicate[edge]), int(out.target[edge])

    def states(self, subject: int, predicate: int, obj: int) -> bool:
        """Tell whether there is such a statement; a hub is not read through for it."""
        out = self._tables.out
        first, end = out.indptr[subject : subject + 2]
        low, high = np.searchsorted(out.predicate[first:end], [predicate, predicate + 1])
        targets = out.target[first + low : first + high]
        at = np.searchsorted(targets, obj)
        return bool(at < len(targets) and targets[at] == obj)

    def origins(self, edge: int) -> list[StoreOrigin]:
        """Return who vouches for it, and on what terms."""
        held = self._tables.origin_sets[int(self._tables.out.origins[self.number(edge)])]
        return [self._manifest.origins[at] for at in held]

    def evidence(self, edge: int) -> list[str]:
        """Return the texts that vouch for it, where every source of it lets its words out.

        A text does not say whose it is, so one source that keeps its words keeps them all.
        """
        edge = self.number(edge)
        if not all(self._terms.may_name(origin.source) for origin in self.origins(edge)):
            return []
        held = self._tables.evidence
        first, end = np.searchsorted(held.statement, [edge, edge + 1])
        return held.texts.between(int(first), int(end))

    def statement(self, edge: int) -> Statement:
        """Return it with its sources and evidence."""
        subject, predicate, obj = self.ends(edge)
        name = self._tables.predicate_names[predicate]
        ids = self._tables.ids[subject], self._tables.ids[obj]
        origins = self.origins(edge)
        return Statement(
            id=statement_id(ids[0], name, ids[1]),
            subject=ids[0],
            predicate=name,
            object=ids[1],
            negative=self._tables.predicates["kind"][predicate] == "negative",
            sources=tuple(sorted({origin.source for origin in origins})),
            licences=tuple(sorted({origin.licence for origin in origins if origin.licence})),
            evidence=tuple(self.evidence(edge)),
        )
