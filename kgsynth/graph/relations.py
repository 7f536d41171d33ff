"""Relations of several sources under the names of the vocabulary."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kgsynth.errors import SourceError
from kgsynth.sources.columns import GraphColumns, Relation
from kgsynth.vocabulary import Vocabulary


class Named(NamedTuple):
    """What a source's relation is called in the store."""

    name: str
    turned: bool
    """The source states it from object to subject."""


class Relations(NamedTuple):
    """Every relation once, in the order of its name."""

    names: list[str]
    symmetric: frozenset[str]
    spelled: dict[str, Named]

    def codes(self, source: GraphColumns) -> tuple[npt.NDArray[np.uint16], ...]:
        """Return (code, turned, symmetric) of each relation of a source."""
        place = {name: code for code, name in enumerate(self.names)}
        named = [self.spelled[relation.spelling] for relation in source.relations]
        return (
            np.array([place[n.name] for n in named], dtype=np.uint16),
            np.array([n.turned for n in named], dtype=np.bool_),
            np.array([n.name in self.symmetric for n in named], dtype=np.bool_),
        )


def name_relations(sources: Sequence[GraphColumns], vocabulary: Vocabulary) -> Relations:
    """Name every relation; what the vocabulary does not know goes by its own spelling."""
    said = _said(relation for source in sources for relation in source.relations)
    spelled = {spelling: _named(relation, vocabulary) for spelling, relation in said.items()}
    symmetric = {
        named.name
        for spelling, named in spelled.items()
        if vocabulary.predicate(named.name).symmetric
        or (said[spelling].symmetric and not vocabulary.resolve(spelling).known)
    }
    names = sorted({named.name for named in spelled.values()})
    return Relations(names, frozenset(symmetric), spelled)


def _said(relations: Iterable[Relation]) -> dict[str, Relation]:
    """Put together what several sources say of a spelling."""
    said: dict[str, Relation] = {}
    for relation in relations:
        held = said.get(relation.spelling, relation)
        said[relation.spelling] = Relation(
            relation.spelling,
            min(filter(None, (held.inverse, relation.inverse)), default=""),
            held.symmetric or relation.symmetric,
        )
    return said


def _named(relation: Relation, vocabulary: Vocabulary) -> Named:
    found = vocabulary.resolve(relation.spelling)
    if found.known or not relation.inverse or relation.inverse == relation.spelling:
        return Named(found.name, found.turned)
    other = vocabulary.resolve(relation.inverse)
    if other.known:
        return Named(other.name, not other.turned)
    # Two unknown names of one fact: the shorter is most often the active one.
    name = min(relation.spelling, relation.inverse, key=_plainness)
    return Named(name, name != relation.spelling)


def _plainness(spelling: str) -> tuple[bool, int, str]:
    word = spelling.partition(":")[2] or spelling
    return word.startswith(("inverse_", "has_")), len(word), spelling


def refuse_too_many(relations: Relations, most: int) -> None:
    """Refuse more relations than a statement's code has room for."""
    if len(relations.names) > most:
        raise SourceError(
            f"The sources have {len(relations.names):,} different relations; a store holds "
            f"{most:,}.",
            remedy="Check that the column of the relation is the right one.",
        )
