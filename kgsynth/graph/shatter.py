"""k-shattering: cut the generic hubs that join anything to anything.

Distances in the result never shrink, since nothing is added or rewired; the full graph
stays at hand. DESIGN: an overlay is a mask, the induced subgraph's adjacency and a report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from kgsynth.config import Shatter
from kgsynth.errors import ConceptError, RunError, count_of, listing, nearest
from kgsynth.graph.arrays import Array
from kgsynth.graph.losses import losses
from kgsynth.graph.overlay import Overlay, ShatterReport
from kgsynth.graph.scores import SCORES
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.model import Hub
from kgsynth.seeding import digest
from kgsynth.sources.columns import Progress, silent


class Cut(NamedTuple):
    """What goes, the most generic first, and the score of each."""

    codes: Array
    scores: Array


STEPS = 3


def shatter(
    graph: KnowledgeGraph,
    options: Shatter,
    folder: Path,
    *,
    answers: Iterable[str] = (),
    progress: Progress = silent,
) -> ShatterReport:
    """Cut the hubs of a graph and write the overlay into a folder."""
    overlay = shattered(graph, options, answers=answers, progress=progress)
    overlay.save(folder)
    return overlay.report


def shattered(
    graph: KnowledgeGraph,
    options: Shatter | None = None,
    *,
    answers: Iterable[str] = (),
    progress: Progress = silent,
) -> Overlay:
    """Cut the hubs of a graph, and keep what comes of it in memory.

    >>> graph = KnowledgeGraph.example()
    >>> overlay = shattered(graph, Shatter(k=2))
    >>> [hub.name for hub in overlay.report.removed]
    ['inflammation', 'pain']
    """
    options = options or Shatter()
    protected = _protected(graph, options, answers)
    progress("scoring concepts", 0, STEPS)
    cut = RULES[options.rule](graph, options, protected)
    removed = np.zeros(graph.node_count, dtype=np.bool_)
    removed[cut.codes] = True
    if removed.all():
        raise RunError(
            f"Shattering with k = {options.k} removes every concept of the graph.",
            remedy=f"Choose a {'larger' if options.rule == 'over_k' else 'smaller'} k, or protect "
            "what must stay.",
        )
    progress("cutting hubs", 1, STEPS)
    walk = graph.walk.without(removed)
    hubs = tuple(
        Hub(id=graph.id(code), name=graph.name(code), score=float(score))
        for code, score in zip(cut.codes.tolist(), cut.scores.tolist(), strict=True)
    )
    progress("comparing distances", 2, STEPS)
    report = ShatterReport(
        graph=graph.manifest.content,
        content=digest(graph.manifest.content, [hub.id for hub in hubs]),
        rule=options.rule,
        score=options.score,
        k=options.k,
        protected=int(protected.sum()),
        removed=hubs,
        **losses(graph, walk, removed)._asdict(),
    )
    progress("comparing distances", STEPS, STEPS)
    return Overlay(report, removed, walk)


def highest(graph: KnowledgeGraph, options: Shatter) -> Hub | None:
    """Return the concept of highest score that may go; None where all are protected.

    >>> graph = KnowledgeGraph.example()
    >>> highest(graph, Shatter(score="degree")).name
    'inflammation'
    """
    protected = _protected(graph, options, ())
    if protected.all():
        return None
    scores = np.where(protected, -np.inf, SCORES[options.score](graph))
    first = int(np.argmax(scores))
    return Hub(id=graph.id(first), name=graph.name(first), score=float(scores[first]))


# --- what must survive ------------------------------------------------------------------------


def _protected(graph: KnowledgeGraph, options: Shatter, answers: Iterable[str]) -> Array:
    protected = np.zeros(graph.node_count, dtype=np.bool_)
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


# --- rules ------------------------------------------------------------------------------------


def _top_k(graph: KnowledgeGraph, options: Shatter, protected: Array) -> Cut:
    """Take the ``k`` of highest score. Codes follow ids, so a stable sort breaks ties by id."""
    scores = SCORES[options.score](graph)
    order = np.argsort(-scores, kind="stable")
    may_go = order[~protected[order]]
    _refuse_too_large(graph, options.k, len(may_go))
    return Cut(may_go[: options.k], scores[may_go[: options.k]])


def _over_k(graph: KnowledgeGraph, options: Shatter, protected: Array) -> Cut:
    """Take all of a score above ``k``, in one pass."""
    scores = SCORES[options.score](graph)
    gone = np.flatnonzero((scores > options.k) & ~protected)
    order = gone[np.argsort(-scores[gone], kind="stable")]
    return Cut(order, scores[order])


def _adaptive_top_k(graph: KnowledgeGraph, options: Shatter, protected: Array) -> Cut:
    """Take the one of highest degree ``k`` times, counting anew after each."""
    from kgsynth.graph.score_kernels import peel

    _refuse_too_large(graph, options.k, int((~protected).sum()))
    order = np.zeros(options.k, dtype=np.int64)
    scores = np.zeros(options.k, dtype=np.int64)
    gone = np.zeros(graph.node_count, dtype=np.bool_)
    sides = graph.contact.sides
    peel(sides.after_indptr, sides.after, ~protected, options.k, gone, order, scores)
    return Cut(order, scores)


def _refuse_too_large(graph: KnowledgeGraph, k: int, may_go: int) -> None:
    if k > may_go:
        raise RunError(
            f"Shattering with k = {k} asks for too many: only {may_go} of the graph's "
            f"{count_of(graph.node_count, 'concept')} may be removed.",
            remedy="Choose a smaller k"
            + (", or protect less." if may_go < graph.node_count else "."),
        )


RULES: dict[str, Callable[[KnowledgeGraph, Shatter, Array], Cut]] = {
    "top_k": _top_k,
    "over_k": _over_k,
    "adaptive_top_k": _adaptive_top_k,
}
