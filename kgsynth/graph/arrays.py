"""The arrays that a store is made of: statements at either end, names, and what else is said."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from kgsynth.graph.texts import Texts

Array = npt.NDArray[Any]


class Statements(NamedTuple):
    """Every statement once, in the order of subject, predicate, object."""

    indptr: Array
    predicate: Array
    target: Array
    origins: Array
    """Code of the set of origins that vouch for it."""


class Incoming(NamedTuple):
    """Every statement at its object, in the order of object, predicate, subject."""

    indptr: Array
    predicate: Array
    target: Array
    edge: Array


class Names(NamedTuple):
    """Every name, by concept."""

    indptr: Array
    texts: Texts
    language: Array
    kind: Array
    source: Array


class NameIndex(NamedTuple):
    """The hash of every name in capitals, in order, and which name has it."""

    hashes: Array
    rows: Array


class Identifiers(NamedTuple):
    """What else concepts are called by, sorted by text."""

    texts: Texts
    node: Array
    kind: Array
    of_node: Array
    indptr: Array


class Definitions(NamedTuple):
    """What concepts are, by concept."""

    indptr: Array
    texts: Texts
    source: Array


class Evidence(NamedTuple):
    """What vouches for statements, in their order."""

    statement: Array
    texts: Texts


class Held(NamedTuple):
    """The statements of a store at one of their ends, as compiled code takes them."""

    indptr: Array
    predicate: Array
    target: Array
    edge: Array
    """The number of each statement; empty at the subject, where it is its place."""


def tiny_graph() -> tuple[Held, Held]:
    """Return one statement, as the arrays of a store that is mapped."""
    out, into = np.array([0, 1, 1]), np.array([0, 0, 1])
    relation, edge = np.zeros(1, dtype=np.uint16), np.zeros(1, dtype=np.uint32)
    ends = np.array([0, 1], dtype=np.int32)
    for array in (out, into, relation, edge, ends):
        array.flags.writeable = False
    return Held(out, relation, ends[1:], edge[:0]), Held(into, relation, ends[:1], edge)


def readonly(array: Array) -> Array:
    """Return an array as a mapped one is, so that code is compiled for one kind alone."""
    view = array.view()
    view.flags.writeable = False
    return view
