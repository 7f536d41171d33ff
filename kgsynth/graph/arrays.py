"""The arrays that a store is made of: statements at either end, names, and what else is said."""

from __future__ import annotations

from typing import Any, NamedTuple

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
