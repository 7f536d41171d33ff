"""The ground that paths run on: which statements they may use, which way, and past which hubs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kgsynth.graph.adjacency import Adjacency
from kgsynth.graph.arrays import Array, readonly
from kgsynth.graph.overlay import Overlay, Remainder
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.vocabulary import load_vocabulary

if TYPE_CHECKING:
    from kgsynth.graph.search_kernels import Sides

USUAL_KINDS = ("associative",)


class Steps(NamedTuple):
    """Every statement as a step from either end, the concept that it leads to in the low bits."""

    indptr: Array
    words: Array
    bits: int

    def relation(self, taken: Array) -> Array:
        """Return the relation of steps that were taken."""
        return np.right_shift(taken, 1)

    def forward(self, taken: Array) -> Array:
        """Tell which of them go from subject to object."""
        return np.equal(np.bitwise_and(taken, 1), 0)


@dataclass(frozen=True)
class Ground:
    """Part of a graph, as paths may walk it.

    >>> ground = Ground.of(KnowledgeGraph.example(), predicates="treats", directed=True)
    >>> ground.relations
    ['treats']
    """

    graph: KnowledgeGraph
    overlay: Overlay | Remainder | None
    along: Array
    """Whether a relation may be walked from subject to object, by code."""
    against: Array
    """Whether it may be walked the other way."""

    @classmethod
    def of(
        cls,
        graph: KnowledgeGraph,
        overlay: Overlay | Remainder | None = None,
        *,
        kinds: str | Iterable[str] = USUAL_KINDS,
        predicates: str | Iterable[str] | None = None,
        directed: bool = False,
    ) -> Ground:
        """Take the relations of some kinds, or some relations by name.

        With ``directed`` a statement is walked from subject to object alone, but where its
        relation is symmetric.
        """
        codes = (
            graph.codes_of_kind(kinds) if predicates is None else graph.facts.relations(predicates)
        )
        along = np.zeros(len(graph.predicate_names), dtype=np.bool_)
        along[sorted(codes)] = True
        if not directed:
            return cls(graph, overlay, along, along)
        return cls(graph, overlay, along, along & symmetric(graph))

    def is_symmetric(self, predicate: int) -> bool:
        """Tell whether a relation holds either way."""
        return bool(self._symmetric[predicate])

    @cached_property
    def _symmetric(self) -> Array:
        return symmetric(self.graph)

    @property
    def relations(self) -> list[str]:
        """The names of the relations that may be walked."""
        return [
            name for name, may in zip(self.graph.predicate_names, self.along, strict=True) if may
        ]

    @property
    def gone(self) -> Array:
        """Whether a concept was cut as a hub, by code."""
        if self.overlay is None:
            return np.zeros(self.graph.node_count, dtype=np.bool_)
        return self.overlay.removed

    @cached_property
    def after(self) -> Adjacency:
        """Who can be walked to from where."""
        usual = np.zeros_like(self.along)
        usual[sorted(self.graph.codes_of_kind(USUAL_KINDS))] = True
        if np.array_equal(self.along, usual) and np.array_equal(self.against, usual):
            return self.overlay.walk if self.overlay else self.graph.walk
        return self._adjacency(self.along, self.against)

    @cached_property
    def before(self) -> Adjacency:
        """From where who can be walked to."""
        if np.array_equal(self.along, self.against):
            return self.after
        return self._adjacency(self.against, self.along)

    def _adjacency(self, along: Array, against: Array) -> Adjacency:
        from kgsynth.graph.building import neighbours

        tables = self.graph.tables
        whole = Adjacency(*neighbours(tables.out, tables.into, along, against))
        return whole.without(self.overlay.removed) if self.overlay else whole

    @cached_property
    def sides(self) -> Sides:
        """The adjacencies as compiled search takes them."""
        from kgsynth.graph.search_kernels import Sides

        after, before = self.after, self.before
        arrays: tuple[Array, ...] = (after.indptr, after.target, before.indptr, before.target)
        return Sides(*map(readonly, arrays))

    @cached_property
    def steps(self) -> Steps:
        """The statements as compiled walks take them."""
        from kgsynth.paths.sampling_kernels import pack_steps

        nodes = self.graph.node_count
        bits = (nodes - 1).bit_length()
        wide = bits + len(self.along).bit_length() + 1 > 32
        words = np.empty(0, dtype=np.uint64 if wide else np.uint32)
        many = 2 * len(self.graph.tables.out.target) >= 1 << 32
        indptr = np.empty(nodes + 1, dtype=np.uint64 if many else np.uint32)
        allowed, gone = np.stack([self.along, self.against]), readonly(self.gone)
        for _ in ("count", "write"):
            size = pack_steps(*self.graph.tables.held, allowed, gone, bits, indptr, words)
            words = np.empty(size, dtype=words.dtype) if not len(words) else words
        return Steps(indptr, words, bits)


def symmetric(graph: KnowledgeGraph) -> Array:
    """Tell which relations of a graph hold either way."""
    vocabulary = load_vocabulary()
    told = [vocabulary.predicate(name).symmetric for name in graph.predicate_names]
    return np.array(told, dtype=np.bool_)
