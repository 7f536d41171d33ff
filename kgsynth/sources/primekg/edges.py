"""The statements of PrimeKG: which way they run, and what their relations are called.

An edge stands in the file twice, once from either end, under one label. The two rows are turned
so that they say the same: a relation between two types runs the way that PrimeKG's own list of
relations gives it. One within a type runs either way, for which end is the parent of the other
PrimeKG does not say. Where the list does not help, the end whose type (or else id) sorts first
is the subject.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from kgsynth.errors import SourceError
from kgsynth.sources.coding import MOST_CODES
from kgsynth.sources.columns import EDGES, Relation

SUBJECTS = {
    "anatomy_protein_absent": "anatomy",
    "anatomy_protein_present": "anatomy",
    "bioprocess_protein": "biological_process",
    "cellcomp_protein": "cellular_component",
    "contraindication": "drug",
    "disease_phenotype_negative": "disease",
    "disease_phenotype_positive": "disease",
    "disease_protein": "disease",
    "drug_effect": "drug",
    "drug_protein": "drug",
    "exposure_bioprocess": "exposure",
    "exposure_cellcomp": "exposure",
    "exposure_disease": "exposure",
    "exposure_molfunc": "exposure",
    "exposure_protein": "exposure",
    "indication": "drug",
    "molfunc_protein": "molecular_function",
    "off-label use": "drug",
    "pathway_protein": "pathway",
    "phenotype_protein": "effect/phenotype",
}
"""The type of the subject of each relation that joins two types."""
SYMMETRIC = frozenset(
    {
        "anatomy_anatomy",
        "bioprocess_bioprocess",
        "cellcomp_cellcomp",
        "disease_disease",
        "drug_drug",
        "exposure_exposure",
        "molfunc_molfunc",
        "pathway_pathway",
        "phenotype_phenotype",
        "protein_protein",
    }
)
"""The relations within a type. Which end is the parent of the other, PrimeKG does not say."""


class Chunk(NamedTuple):
    """The rows of a block, as numbers of the cutter that cut it."""

    cutter: int
    x: npt.NDArray[np.uint32]
    y: npt.NDArray[np.uint32]
    relation: npt.NDArray[np.uint16]


class Keys(NamedTuple):
    """What the numbers of one cutter mean."""

    row_of: npt.NDArray[np.int64]
    """By number of a node: its row; -1 where it is refused."""
    relation_of: npt.NDArray[np.int64]
    """By number of a relation: its place among all; -1 where it has no name."""


class _Plan(NamedTuple):
    """How a row is stated."""

    subject_type: npt.NDArray[np.int64]
    """By relation; -1 where the list names none."""
    type_of: npt.NDArray[np.int64]
    """By node: the place of its type among all types, in order."""


def code_edges(
    chunks: deque[Chunk], keys: Sequence[Keys], types: pl.Series, relations: Sequence[str]
) -> tuple[pl.DataFrame, tuple[Relation, ...]]:
    """Number the ends and the relation of each usable row, and turn it the way it is stated.

    ``types`` are those of the nodes, ``relations`` all names, in order. The chunks are used up:
    each is let go as soon as it is read, for together they are as large as what is made of them.
    """
    plan = _plan(types, relations)
    total = sum(len(chunk.x) for chunk in chunks)
    subject, predicate, obj = (np.empty(total, t) for t in (np.uint32, np.uint16, np.uint32))
    crossing = np.zeros(len(relations), np.bool_)
    done = 0
    while chunks:
        chunk = chunks.popleft()
        row_of, relation_of = keys[chunk.cutter]
        x, y, link = row_of[chunk.x], row_of[chunk.y], relation_of[chunk.relation]
        good = (x >= 0) & (y >= 0) & (link >= 0)
        if not good.all():
            x, y, link = x[good], y[good], link[good]
        crossing[link[plan.type_of[x] != plan.type_of[y]]] = True
        turned = _turned(x, y, link, plan)
        here = slice(done, done + len(x))
        subject[here] = np.where(turned, y, x)
        obj[here] = np.where(turned, x, y)
        predicate[here] = link
        done += len(x)
    used = np.flatnonzero(np.bincount(predicate[:done], minlength=len(relations)))
    places = np.zeros(len(relations), np.uint16)
    places[used] = np.arange(len(used))
    edges = pl.DataFrame(
        {
            "subject": subject[:done],
            "predicate": places[predicate[:done]],
            "object": obj[:done],
            "origin": np.zeros(done, np.uint16),
        },
        schema=EDGES,
    )
    return edges, tuple(_relation(relations[at], bool(crossing[at])) for at in used)


def refuse_too_many(relations: int) -> None:
    """Stop where there are more relations than a store can number."""
    if relations > MOST_CODES:
        raise SourceError(
            f"The file has over {MOST_CODES:,} different relations, more than a store holds.",
            remedy="Check that its first column is PrimeKG's 'relation'.",
        )


def _plan(types: pl.Series, relations: Sequence[str]) -> _Plan:
    kind = {name: at for at, name in enumerate(types.unique().sort())}
    return _Plan(
        np.array([kind.get(SUBJECTS.get(name, ""), -1) for name in relations], np.int64),
        types.replace_strict(kind, return_dtype=pl.Int64).to_numpy(),
    )


def _turned(
    x: npt.NDArray[np.int64], y: npt.NDArray[np.int64], link: npt.NDArray[np.int64], plan: _Plan
) -> npt.NDArray[np.bool_]:
    """Tell which rows are stated from y to x. Nodes are numbered in the order of their ids."""
    of_x, of_y, wanted = plan.type_of[x], plan.type_of[y], plan.subject_type[link]
    told = (of_x == wanted) != (of_y == wanted)
    later = (of_x > of_y) | ((of_x == of_y) & (x > y))
    return np.where(told, of_y == wanted, later)


def _relation(name: str, crossing: bool) -> Relation:
    """Spell a relation. One that is not listed runs either way where it never leaves a type."""
    symmetric = name in SYMMETRIC or (name not in SUBJECTS and not crossing)
    return Relation(f"primekg:{name}", symmetric=symmetric)
