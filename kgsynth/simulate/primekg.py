"""A kg.csv in the form of PrimeKG, of any size, with nothing of PrimeKG in it but its proportions.

Each edge stands there twice, once from either end, under the same relation. Ids are bare, so that
those of two types collide; the names are invented.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from kgsynth.errors import count_of
from kgsynth.simulate.named_nodes import NODE_TYPES, make_nodes
from kgsynth.simulate.shape import (
    Counts,
    Floats,
    Simulated,
    generator,
    require,
    shared_out,
    weights,
)
from kgsynth.simulate.text import spans
from kgsynth.sources.columns import Progress, silent

_BLOCK_ROWS = 1 << 18
_DENSE = 0.25
"""Of so great a share of all pairs upwards, pairs are chosen from the list of them all."""
_FEWEST = 2


class EdgeKind(NamedTuple):
    """A relation, its ends, and how many rows of the real file have it."""

    relation: str
    display: str
    x_type: str
    y_type: str
    rows: int


_G, _D, _C = "gene/protein", "disease", "drug"
_P, _A, _X = "effect/phenotype", "anatomy", "exposure"
_B, _M, _L, _W = "biological_process", "molecular_function", "cellular_component", "pathway"

EDGE_KINDS = (
    EdgeKind("protein_protein", "ppi", _G, _G, 642_150),
    EdgeKind("drug_protein", "target|enzyme|carrier|transporter", _C, _G, 51_306),
    EdgeKind("contraindication", "contraindication", _C, _D, 61_350),
    EdgeKind("indication", "indication", _C, _D, 18_776),
    EdgeKind("off-label use", "off-label use", _C, _D, 5_136),
    EdgeKind("drug_drug", "synergistic interaction", _C, _C, 2_672_628),
    EdgeKind("phenotype_protein", "associated with", _P, _G, 6_660),
    EdgeKind("phenotype_phenotype", "parent-child", _P, _P, 37_472),
    EdgeKind("disease_phenotype_negative", "phenotype absent", _D, _P, 2_386),
    EdgeKind("disease_phenotype_positive", "phenotype present", _D, _P, 300_634),
    EdgeKind("disease_protein", "associated with", _D, _G, 160_822),
    EdgeKind("disease_disease", "parent-child", _D, _D, 64_388),
    EdgeKind("drug_effect", "side effect", _C, _P, 129_568),
    EdgeKind("bioprocess_bioprocess", "parent-child", _B, _B, 105_772),
    EdgeKind("molfunc_molfunc", "parent-child", _M, _M, 27_148),
    EdgeKind("cellcomp_cellcomp", "parent-child", _L, _L, 9_690),
    EdgeKind("molfunc_protein", "interacts with", _M, _G, 139_060),
    EdgeKind("cellcomp_protein", "interacts with", _L, _G, 166_804),
    EdgeKind("bioprocess_protein", "interacts with", _B, _G, 289_610),
    EdgeKind("exposure_protein", "interacts with", _X, _G, 2_424),
    EdgeKind("exposure_disease", "linked to", _X, _D, 4_608),
    EdgeKind("exposure_exposure", "parent-child", _X, _X, 4_140),
    EdgeKind("exposure_bioprocess", "interacts with", _X, _B, 3_250),
    EdgeKind("exposure_molfunc", "interacts with", _X, _M, 90),
    EdgeKind("exposure_cellcomp", "interacts with", _X, _L, 20),
    EdgeKind("pathway_pathway", "parent-child", _W, _W, 5_070),
    EdgeKind("pathway_protein", "interacts with", _W, _G, 85_292),
    EdgeKind("anatomy_anatomy", "parent-child", _A, _A, 28_064),
    EdgeKind("anatomy_protein_present", "expression present", _A, _G, 3_036_406),
    EdgeKind("anatomy_protein_absent", "expression absent", _A, _G, 39_774),
)


class PrimeKgSize(NamedTuple):
    """How large it is to be."""

    concepts: int
    relations: int
    """Rows of kg.csv: an edge is two of them."""


SIZES = {
    "small": PrimeKgSize(5_000, 60_000),
    "medium": PrimeKgSize(40_000, 1_400_000),
    "full": PrimeKgSize(129_375, 8_100_498),
}
"""The full one is what the real file holds."""


def primekg_size(
    size: str, *, concepts: int | None = None, relations: int | None = None
) -> PrimeKgSize:
    """Return a size by name, or one like it with other numbers.

    Relations grow faster than concepts: they are drawn from pairs.

    >>> primekg_size("full", concepts=1_294)
    PrimeKgSize(concepts=1294, relations=8102)
    """
    base = SIZES[size]
    wanted = base.concepts if concepts is None else concepts
    if relations is None:
        relations = 2 * round(base.relations / 2 * (max(wanted, 0) / base.concepts) ** 1.5)
    return PrimeKgSize(wanted, relations)


class _Side(NamedTuple):
    """The nodes of one type: the first one's number, and how much each draws edges to itself."""

    first: int
    weight: Floats


def simulate_primekg(
    folder: Path,
    size: PrimeKgSize,
    seed: int,
    progress: Progress = silent,
    *,
    with_index: bool = True,
) -> Simulated:
    """Write kg.csv into a folder; without index it is as in TDC's copy."""
    _check(size)
    counts = nodes_by_type(size.concepts)
    first = dict(zip(counts, np.cumsum([0, *counts.values()]).tolist(), strict=False))
    sides = {
        kind: _Side(first[kind], weights(count, seed, "primekg", kind).of)
        for kind, count in counts.items()
        if count
    }
    edges = _edges(sides, size.relations // 2, seed)
    met = np.unique(np.concatenate([ends for pair in edges for ends in pair]))
    nodes = make_nodes(counts, seed)
    _write(folder / "kg.csv", nodes, edges, progress, with_index)
    return Simulated(len(met), {"kg.csv": size.relations})


def _check(size: PrimeKgSize) -> None:
    require(
        size.concepts >= 2,
        f"A graph of {count_of(size.concepts, 'concept')} is none.",
        "Ask for 2 or more.",
    )
    require(
        size.relations >= 2 and size.relations % 2 == 0,
        f"{count_of(size.relations, 'row')} cannot be: each edge stands in kg.csv twice.",
        "Ask for an even number of relations.",
    )


def nodes_by_type(concepts: int) -> dict[str, int]:
    """Share concepts out among the types as PrimeKG has them, two of each at least.

    Where that is not possible, all are proteins.

    >>> sum(nodes_by_type(50).values()), min(nodes_by_type(50).values())
    (50, 2)
    """
    real = np.array([kind.nodes for kind in NODE_TYPES], dtype=np.float64)
    if concepts < _FEWEST * len(NODE_TYPES):
        real[1:] = 0
        counts = shared_out(concepts, real)
    else:
        counts = np.maximum(shared_out(concepts, real), _FEWEST)
        for _ in range(int(counts.sum()) - concepts):
            counts[np.argmax(counts)] -= 1
    return {kind.name: int(count) for kind, count in zip(NODE_TYPES, counts, strict=True)}


# --- edges --------------------------------------------------------------------------------------


def _edges(sides: dict[str, _Side], count: int, seed: int) -> list[tuple[Counts, Counts]]:
    """Draw each kind's edges, as two columns of node numbers; no edge twice."""
    possible = [_possible(kind, sides) for kind in EDGE_KINDS]
    shares = _within_bounds(count, possible)
    homes = _homes(shares)
    return [
        _drawn(kind, sides, share, bound, homes[place], seed) if share else _nothing()
        for place, (kind, share, bound) in enumerate(zip(EDGE_KINDS, shares, possible, strict=True))
    ]


def _nothing() -> tuple[Counts, Counts]:
    return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)


def _possible(kind: EdgeKind, sides: dict[str, _Side]) -> int:
    """Count the pairs of different nodes that the kind may join."""
    if kind.x_type not in sides or kind.y_type not in sides:
        return 0
    x, y = len(sides[kind.x_type].weight), len(sides[kind.y_type].weight)
    return x * (x - 1) // 2 if kind.x_type == kind.y_type else x * y


def _within_bounds(count: int, possible: Sequence[int]) -> list[int]:
    """Share edges out as PrimeKG has them; what does not fit one kind goes to the others."""
    bounds = np.array(possible, dtype=np.int64)
    require(
        count <= bounds.sum(),
        f"{2 * count:,} rows do not fit: so few concepts have room for {2 * bounds.sum():,}.",
        "Ask for fewer relations or for more concepts.",
    )
    real = np.array([kind.rows for kind in EDGE_KINDS], dtype=np.float64)
    shares = np.zeros(len(bounds), dtype=np.int64)
    while (left := count - int(shares.sum())) > 0:
        open_ = shares < bounds
        shares = np.minimum(bounds, shares + shared_out(left, np.where(open_, real, 0.0)))
    return [int(share) for share in shares]


def _homes(shares: Sequence[int]) -> list[set[str]]:
    """Say of which types a kind is the most frequent one: there each of their nodes has an edge."""
    homes: list[set[str]] = [set() for _ in EDGE_KINDS]
    for node_type in NODE_TYPES:
        own = [
            share if node_type.name in (kind.x_type, kind.y_type) else 0
            for kind, share in zip(EDGE_KINDS, shares, strict=True)
        ]
        homes[own.index(max(own))].add(node_type.name)
    return homes


def _drawn(
    kind: EdgeKind,
    sides: dict[str, _Side],
    count: int,
    possible: int,
    homes: set[str],
    seed: int,
) -> tuple[Counts, Counts]:
    random = generator(seed, "edges", kind.relation)
    x, y = sides[kind.x_type], sides[kind.y_type]
    is_one_type = kind.x_type == kind.y_type
    keys = _planted(random, x, y, [kind.x_type in homes, kind.y_type in homes], is_one_type)
    keys = keys[:count]
    if count > _DENSE * possible:
        keys = _chosen(random, x, y, keys, count, is_one_type)
    else:
        while len(keys) < count:
            more = _keys(random, x, y, (count - len(keys)) * 5 // 4 + 16, is_one_type)
            fresh = np.setdiff1d(more, keys)
            keys = np.concatenate([keys, random.permutation(fresh)[: count - len(keys)]])
    keys = random.permutation(keys)
    turned = random.random(count) < 0.5 if is_one_type else np.zeros(count, dtype=np.bool_)
    left, right = np.divmod(keys, len(y.weight))
    left, right = left + x.first, right + y.first
    return np.where(turned, right, left), np.where(turned, left, right)


def _keys(random: np.random.Generator, x: _Side, y: _Side, count: int, is_one_type: bool) -> Counts:
    """Draw pairs by weight, as one number each."""
    return _paired(_weighted(random, x, count), _weighted(random, y, count), y, is_one_type)


def _weighted(random: np.random.Generator, side: _Side, count: int) -> Counts:
    reached = np.cumsum(side.weight)
    drawn = np.searchsorted(reached, random.random(count) * reached[-1], side="right")
    inside: Counts = np.minimum(drawn, len(reached) - 1)
    return inside


def _paired(left: Counts, right: Counts, y: _Side, is_one_type: bool) -> Counts:
    """Number pairs; of two nodes of one type the lower comes first, and none meets itself."""
    if is_one_type:
        left, right = np.minimum(left, right), np.maximum(left, right)
        apart = left != right
        left, right = left[apart], right[apart]
    keys: Counts = left * len(y.weight) + right
    return keys


def _planted(
    random: np.random.Generator, x: _Side, y: _Side, homes: Sequence[bool], is_one_type: bool
) -> Counts:
    """Give each node of the home types one edge, so that it is in the file at all."""
    keys: list[Counts] = []
    for is_home, own, other, turned in ((homes[0], x, y, False), (homes[1], y, x, True)):
        if not is_home or (turned and is_one_type):
            continue
        mine = random.permutation(len(own.weight))
        theirs = _weighted(random, other, len(mine))
        if is_one_type:
            theirs = np.where(theirs == mine, (mine + 1) % len(mine), theirs)
        keys.append(_paired(*((theirs, mine) if turned else (mine, theirs)), y, is_one_type))
    joined: Counts = np.concatenate([*keys, np.empty(0, dtype=np.int64)])
    _, places = np.unique(joined, return_index=True)
    once: Counts = joined[np.sort(places)]
    return once


def _chosen(
    random: np.random.Generator,
    x: _Side,
    y: _Side,
    keys: Counts,
    count: int,
    is_one_type: bool,
) -> Counts:
    """Choose among all pairs by weight, none twice (Efraimidis and Spirakis 2006)."""
    left, right = np.divmod(np.arange(len(x.weight) * len(y.weight)), len(y.weight))
    if is_one_type:
        apart = left < right
        left, right = left[apart], right[apart]
    every = left * len(y.weight) + right
    wait = random.exponential(size=len(every)) / (x.weight[left] * y.weight[right])
    wait[np.isin(every, keys)] = -1.0
    chosen: Counts = every[np.argsort(wait, kind="stable")[:count]]
    return chosen


# --- rows ---------------------------------------------------------------------------------------


def _write(
    path: Path,
    nodes: pl.DataFrame,
    edges: Sequence[tuple[Counts, Counts]],
    progress: Progress,
    with_index: bool,
) -> None:
    """Write all edges one way, then all of them the other way, as the real file has them."""
    kind = np.repeat(np.arange(len(edges), dtype=np.uint8), [len(left) for left, _ in edges])
    left, right = (np.concatenate(ends).astype(np.uint32) for ends in zip(*edges, strict=True))
    done, total = 0, 2 * len(kind)
    with path.open("wb") as file:
        file.write(_header(with_index))
        for x, y in ((left, right), (right, left)):
            for first, end in spans(len(kind), _BLOCK_ROWS):
                progress("kg.csv", done, total)
                here = slice(first, end)
                _rows(nodes, kind[here], x[here], y[here], with_index).write_csv(
                    file, include_header=False
                )
                done += end - first
    progress("kg.csv", total, total)


def _header(with_index: bool) -> bytes:
    columns = ["relation", "display_relation", *_columns("x", with_index)]
    return ",".join([*columns, *_columns("y", with_index)]).encode() + b"\n"


def _columns(side: str, with_index: bool) -> Iterable[str]:
    words = ("index", "id", "type", "name", "source")
    return (f"{side}_{word}" for word in words if with_index or word != "index")


def _rows(
    nodes: pl.DataFrame,
    kind: npt.NDArray[np.uint8],
    x: npt.NDArray[np.uint32],
    y: npt.NDArray[np.uint32],
    with_index: bool,
) -> pl.DataFrame:
    kinds = pl.DataFrame(
        {
            "relation": [each.relation for each in EDGE_KINDS],
            "display_relation": [each.display for each in EDGE_KINDS],
        }
    )
    halves = [kinds[kind]]
    for side, ends in (("x", x), ("y", y)):
        half = nodes[ends]
        halves.append(half.rename({column: f"{side}_{column}" for column in half.columns}))
    rows = pl.concat(halves, how="horizontal")
    return rows if with_index else rows.drop("x_index", "y_index")
