"""k-shattering: cut the generic hubs that join anything to anything.

Distances in the result never shrink, since nothing is added or rewired; the full graph
stays at hand. DESIGN: an overlay is a mask, the induced subgraph's adjacency and a report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kgsynth.config import Shatter
from kgsynth.errors import ConceptError, NotBuiltError, RunError, StoreError, listing, nearest
from kgsynth.graph.adjacency import Adjacency
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.graph.texts import save
from kgsynth.model import Hub, Record
from kgsynth.seeding import digest, stream

FEWEST_OF_A_TYPE = 5
"""A type with fewer concepts is judged against all concepts: its own median says nothing."""
MOST_SOURCES_COMPARED = 200
FARTHEST = 12


class Grown(NamedTuple):
    """Distances before and after, over the pairs that were compared."""

    pairs: int
    longer: dict[int, int]
    type_pairs: dict[str, int]


class ShatterReport(Record):
    """What was cut and what it did."""

    graph: str
    """Content hash of the store."""
    content: str
    rule: str
    score: str
    k: int
    protected: int
    removed: tuple[Hub, ...]
    pairs_lost: int
    """Pairs of surviving concepts that were joined before and are not now."""
    pairs_compared: int
    grew: dict[int, int]
    """Of the pairs compared: how many are farther apart, by the number of hops gained."""
    grew_by_types: dict[str, int]
    """The same, by the types of the two ends; the ten most frequent."""


class Overlay:
    """A shattered graph: the store's codes, with the hubs gone."""

    def __init__(
        self, report: ShatterReport, removed: npt.NDArray[np.bool_], walk: Adjacency
    ) -> None:
        self.report = report
        self.removed = removed
        self.walk = walk

    @classmethod
    def open(cls, folder: Path, graph: KnowledgeGraph) -> Overlay:
        """Open an overlay, and refuse one that was made for another graph."""
        try:
            report = ShatterReport.model_validate_json((folder / "report.json").read_text("utf-8"))
            removed = np.load(folder / "removed.npy", mmap_mode="r")
            walk = Adjacency.open(folder, "walk")
        except (OSError, EOFError, ValueError):
            raise StoreError(
                f"{folder} is not an overlay.",
                remedy="Make one with: kgsynth graph shatter STORE --k N --output OVERLAY",
            ) from None
        if report.graph != graph.manifest.content:
            raise StoreError(
                f"The overlay {folder} was made for another graph than {graph.path}.",
                remedy="Make it again with: kgsynth graph shatter STORE --k N --output OVERLAY",
            )
        return cls(report, removed, walk)


def shatter(
    graph: KnowledgeGraph, options: Shatter, folder: Path, *, answers: Iterable[str] = ()
) -> ShatterReport:
    """Cut the hubs of a graph and write the overlay into a folder."""
    _refuse_unbuilt(options)
    protected = _protected(graph, options, answers)
    scores = SCORES[options.score](graph)
    removed = _chosen(graph, options, scores, protected)
    walk = graph.walk.without(removed)
    report = _report(graph, options, scores, removed, walk, int(protected.sum()))
    folder.mkdir(parents=True, exist_ok=True)
    save(folder / "removed.npy", removed)
    walk.save(folder, "walk")
    (folder / "report.json").write_text(report.model_dump_json(indent=2) + "\n", "utf-8")
    return report


def _refuse_unbuilt(options: Shatter) -> None:
    """Refuse what the build file may name but no code answers to; never do another thing."""
    for key, value, built in (("rule", options.rule, RULES), ("score", options.score, SCORES)):
        if value not in built:
            raise NotBuiltError(
                f"graph.shatter.{key}: {value!r} is part of the plan but not built yet.",
                remedy=f"Use {' or '.join(sorted(built))}.",
            )


# --- scores ---------------------------------------------------------------------------------


def degree(graph: KnowledgeGraph) -> npt.NDArray[np.float64]:
    """Score by the number of distinct neighbours, hierarchy left out."""
    return graph.contact.degree.astype(np.float64)


def degree_in_type(graph: KnowledgeGraph) -> npt.NDArray[np.float64]:
    """Score by how many times the usual degree of its own type a concept has.

    A gene with 200 neighbours is an ordinary gene, a symptom with 200 is a hub. A concept of
    several types is judged by the one that excuses it most.
    """
    degrees = degree(graph)
    overall = float(np.median(degrees)) if len(degrees) else 0.0
    scores = np.full(len(degrees), np.inf)
    for usual, members in _usual_degrees(graph, degrees, overall):
        scores[members] = np.minimum(scores[members], (degrees[members] + 1) / (usual + 1))
    return np.round(scores, 6)


def _usual_degrees(
    graph: KnowledgeGraph, degrees: npt.NDArray[np.float64], overall: float
) -> Iterator[tuple[float, npt.NDArray[np.intp]]]:
    """Yield the median degree of each type with its concepts; those of no type are one."""
    sets = graph.manifest.type_sets
    for wanted in (None, *graph.manifest.types):
        held = np.array([wanted in types if wanted else not types for types in sets], dtype=bool)
        members = np.flatnonzero(held[graph.tables.node_types])
        if len(members):
            enough = len(members) >= FEWEST_OF_A_TYPE
            yield float(np.median(degrees[members])) if enough else overall, members


SCORES: dict[str, Callable[[KnowledgeGraph], npt.NDArray[np.float64]]] = {
    "degree": degree,
    "degree_in_type": degree_in_type,
}


# --- rules ----------------------------------------------------------------------------------

RULES = ("top_k", "over_k")


def _protected(
    graph: KnowledgeGraph, options: Shatter, answers: Iterable[str]
) -> npt.NDArray[np.bool_]:
    protected = np.zeros(graph.node_count, dtype=bool)
    for concept in options.protect.concepts:
        protected[graph.find(concept)] = True
    known = graph.manifest.types
    for wanted in options.protect.types:
        if wanted not in known:
            raise ConceptError(
                f"graph.shatter.protect.types: the graph has no type {wanted!r}."
                f"{nearest(wanted, known)}",
                remedy=f"Its types: {listing(known)}.",
            )
        protected[graph.of_types([wanted])] = True
    if options.protect.answers:
        for answer in answers:
            protected[graph.code(answer)] = True
    return protected


def _chosen(
    graph: KnowledgeGraph,
    options: Shatter,
    scores: npt.NDArray[np.float64],
    protected: npt.NDArray[np.bool_],
) -> npt.NDArray[np.bool_]:
    """Apply the rule. Codes follow ids, so a stable sort breaks ties by id."""
    removed = np.zeros(graph.node_count, dtype=bool)
    if options.rule == "over_k":
        removed = (scores > options.k) & ~protected
    else:
        order = np.argsort(-scores, kind="stable")
        open_to_cut = order[~protected[order]]
        if options.k > len(open_to_cut):
            raise RunError(
                f"graph.shatter.k is {options.k}, but only {len(open_to_cut)} of the graph's "
                f"{graph.node_count} concepts may be removed.",
                remedy="Choose a smaller k, or protect less.",
            )
        removed[open_to_cut[: options.k]] = True
    if removed.all():
        raise RunError(
            f"Shattering with k = {options.k} removes every concept of the graph.",
            remedy="Choose a smaller k for top_k, or a larger one for over_k.",
        )
    return removed


# --- report ----------------------------------------------------------------------------------


def _report(
    graph: KnowledgeGraph,
    options: Shatter,
    scores: npt.NDArray[np.float64],
    removed: npt.NDArray[np.bool_],
    walk: Adjacency,
    protected: int,
) -> ShatterReport:
    gone = sorted(np.flatnonzero(removed), key=lambda code: (-scores[code], code))
    hubs = tuple(
        Hub(id=graph.id(c), name=graph.name(c), score=float(scores[c])) for c in map(int, gone)
    )
    grown = _grown(graph, walk, removed)
    return ShatterReport(
        graph=graph.manifest.content,
        content=digest(graph.manifest.content, [h.id for h in hubs]),
        rule=options.rule,
        score=options.score,
        k=options.k,
        protected=protected,
        removed=hubs,
        pairs_lost=_joined_pairs(graph.walk, removed) - _joined_pairs(walk, removed),
        pairs_compared=grown.pairs,
        grew=grown.longer,
        grew_by_types=grown.type_pairs,
    )


def _joined_pairs(walk: Adjacency, removed: npt.NDArray[np.bool_]) -> int:
    """Count the pairs of surviving concepts that some path joins."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    size = len(removed)
    ones = np.ones(len(walk.target), dtype=np.int8)
    matrix = csr_array((ones, walk.target, walk.indptr), shape=(size, size))
    _, labels = connected_components(matrix, directed=False)
    sizes = np.bincount(labels[~removed]).astype(np.int64)
    return int((sizes * (sizes - 1) // 2).sum())


def _grown(graph: KnowledgeGraph, walk: Adjacency, removed: npt.NDArray[np.bool_]) -> Grown:
    """Compare distances before and after, from all concepts or a fixed sample of them."""
    alive = [int(code) for code in np.flatnonzero(~removed)]
    if len(alive) > MOST_SOURCES_COMPARED:
        alive = sorted(stream(0, "shatter-report").sample(alive, MOST_SOURCES_COMPARED))
    longer: dict[int, int] = {}
    by_types: dict[str, int] = {}
    pairs = 0
    for start in alive:
        before = graph.walk.reach(start, FARTHEST).distance
        after = walk.reach(start, FARTHEST).distance
        ends = np.flatnonzero((after > 0) & (np.arange(len(after)) > start))
        pairs += len(ends)
        gains = after[ends].astype(int) - before[ends]
        for end, gain in zip(ends[gains > 0], gains[gains > 0], strict=True):
            longer[int(gain)] = longer.get(int(gain), 0) + 1
            key = " - ".join(
                sorted("/".join(graph.types(int(c))) or "untyped" for c in (start, end))
            )
            by_types[key] = by_types.get(key, 0) + 1
    top = sorted(by_types.items(), key=lambda pair: (-pair[1], pair[0]))[:10]
    return Grown(pairs, dict(sorted(longer.items())), dict(top))
