"""The nodes of a simulated PrimeKG: ten types, bare ids that collide, invented names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import polars as pl

from kgsynth.simulate.shape import Counts, generator
from kgsynth.simulate.words import adjectives, nouns

_GROUPED = 0.08
"""The share of diseases that are several of MONDO's, put together."""
_MOST_GROUPED = 12
_NAMESAKES = 0.01
_WORDS = 1 << 12


class NodeType(NamedTuple):
    """A type of node, how many the real file has, and where its ids are from."""

    name: str
    nodes: int
    source: str


NODE_TYPES = (
    NodeType("gene/protein", 27_671, "NCBI"),
    NodeType("drug", 7_957, "DrugBank"),
    NodeType("effect/phenotype", 15_311, "HPO"),
    NodeType("disease", 17_080, "MONDO"),
    NodeType("biological_process", 28_642, "GO"),
    NodeType("molecular_function", 11_169, "GO"),
    NodeType("cellular_component", 4_176, "GO"),
    NodeType("exposure", 818, "CTD"),
    NodeType("pathway", 2_516, "REACTOME"),
    NodeType("anatomy", 14_035, "UBERON"),
)

_Ids = tuple[list[str], list[str]]
"""Ids, and where each is from."""


def make_nodes(counts: Mapping[str, int], seed: int) -> pl.DataFrame:
    """Make a frame with index, id, type, name and source of each node."""
    gene_ontology = _gene_ontology(counts, seed)
    ids: list[str] = []
    sources: list[str] = []
    names: list[str] = []
    for kind in NODE_TYPES:
        count = counts[kind.name]
        if kind.source == "GO":
            numbers = next(gene_ontology)
            own: _Ids = ([str(number) for number in numbers], ["GO"] * count)
        else:
            own = _ids(kind, count, seed)
        ids += own[0]
        sources += own[1]
        names += _names(kind.name, count, seed)
    types = [kind.name for kind in NODE_TYPES for _ in range(counts[kind.name])]
    return pl.DataFrame(
        {
            "index": np.arange(len(ids), dtype=np.uint32),
            "id": ids,
            "type": types,
            "name": _namesakes(names, seed),
            "source": sources,
        }
    )


# --- ids ----------------------------------------------------------------------------------------


def _numbers(count: int, seed: int, *purpose: object) -> Counts:
    """Number upwards from 1 or so, with gaps: low enough that types collide."""
    random = generator(seed, "ids", *purpose)
    numbers: Counts = np.cumsum(random.integers(1, 6, count))
    return random.permutation(numbers)


def _gene_ontology(counts: Mapping[str, int], seed: int) -> Iterator[Counts]:
    sizes = [counts[kind.name] for kind in NODE_TYPES if kind.source == "GO"]
    numbers = _numbers(sum(sizes), seed, "GO")
    return iter(np.split(numbers, np.cumsum(sizes)[:-1]))


def _ids(kind: NodeType, count: int, seed: int) -> _Ids:
    if kind.name == "disease":
        return _diseases(count, seed)
    numbers = _numbers(count, seed, kind.name).tolist()
    form: dict[str, Callable[[int], str]] = {
        "DrugBank": lambda number: f"DB{number:05}",
        "REACTOME": lambda number: f"R-HSA-{number}",
        "CTD": lambda number: f"{'CD'[number % 2]}{number:06}",
    }
    return [form.get(kind.source, str)(number) for number in numbers], [kind.source] * count


def _diseases(count: int, seed: int) -> _Ids:
    """Return one number for most diseases, and several joined by '_' for a few."""
    random = generator(seed, "grouped")
    grouped = random.random(count) < _GROUPED
    sizes = np.where(grouped, 2 + random.geometric(0.4, count), 1)
    sizes = np.minimum(sizes, _MOST_GROUPED)
    numbers = _numbers(int(sizes.sum()), seed, "MONDO").tolist()
    ends = np.cumsum(sizes).tolist()
    ids = [
        "_".join(map(str, numbers[end - size : end]))
        for end, size in zip(ends, sizes.tolist(), strict=True)
    ]
    return ids, ["MONDO_grouped" if several else "MONDO" for several in grouped.tolist()]


# --- names --------------------------------------------------------------------------------------

_GROUP_OF_TYPE = {
    "gene/protein": "GENE",
    "drug": "CHEM",
    "effect/phenotype": "PHYS",
    "disease": "DISO",
    "biological_process": "PHYS",
    "molecular_function": "CHEM",
    "cellular_component": "ANAT",
    "exposure": "CHEM",
    "pathway": "PHYS",
    "anatomy": "ANAT",
}
_FORMS: dict[str, tuple[str, ...]] = {
    "gene/protein": ("{noun}{n}",),
    "drug": ("{Noun}", "{Noun} {n}", "{Noun} acid", "{n},{m}-di{noun}"),
    "effect/phenotype": ("Abnormal {adjective} {noun}", "{Adjective} {noun}"),
    "disease": (
        "{adjective} {noun}",
        "{adjective} {noun}, type {n}",
        "{noun}, {adjective}, {n}",
        "familial {adjective} {noun} (disease)",
    ),
    "biological_process": ("{adjective} {noun}", "regulation of {adjective} {noun}"),
    "molecular_function": ("{adjective} {noun} activity", "{noun} binding, {adjective}"),
    "cellular_component": ("{adjective} {noun}", "{noun} {adjective} complex"),
    "exposure": ("{Noun}", "{Noun}, {adjective}"),
    "pathway": ("{Adjective} {noun}", "{Noun} and {adjective} signaling, part {n}"),
    "anatomy": ("{adjective} {noun}", "{noun} of {adjective} segment {n}"),
}


def _names(kind: str, count: int, seed: int) -> list[str]:
    random = generator(seed, "names", kind)
    things = nouns(seed, _GROUP_OF_TYPE[kind], _WORDS)
    likes = adjectives(seed, "ENG", _WORDS // 2)
    picks = random.integers(0, 1 << 30, (count, 4)).tolist()
    return [_name(kind, things, likes, pick) for pick in picks]


def _name(kind: str, things: list[str], likes: list[str], pick: list[int]) -> str:
    noun, adjective = things[pick[0] % len(things)], likes[pick[1] % len(likes)]
    form = _FORMS[kind][pick[2] % len(_FORMS[kind])]
    return form.format(
        noun=noun,
        Noun=noun.capitalize(),
        adjective=adjective,
        Adjective=adjective.capitalize(),
        n=1 + pick[3] % 19,
        m=20 + pick[3] % 7,
    )


def _namesakes(names: list[str], seed: int) -> list[str]:
    """Give one node in a hundred the name of another."""
    random = generator(seed, "namesakes")
    borrowed = np.flatnonzero(random.random(len(names)) < _NAMESAKES)
    lenders = random.integers(0, len(names), len(borrowed))
    out = list(names)
    for borrower, lender in zip(borrowed.tolist(), lenders.tolist(), strict=True):
        out[borrower] = names[lender]
    return out
