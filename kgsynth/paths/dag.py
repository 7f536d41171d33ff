"""Several paths between the same ends as one graph of steps, in which they part and join again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import NamedTuple

from kgsynth.errors import UsageError
from kgsynth.paths.finder import PathFinder
from kgsynth.paths.shortest import Codes


class DagStep(NamedTuple):
    """How one concept is come to: from one or several others, by a statement each."""

    concept: int
    needs: tuple[int, ...]
    statements: tuple[int, ...]

    @property
    def joins(self) -> bool:
        """Whether several lines meet here."""
        return len(self.needs) > 1


@dataclass(frozen=True)
class PathDag:
    """Paths folded together. A step stands behind all that it needs, so there is no cycle."""

    start: int
    end: int
    steps: tuple[DagStep, ...]
    left_out: tuple[Codes, ...]
    """Paths that run against those before them: with them it would go round in a circle."""


def fold(finder: PathFinder, paths: Iterable[Codes]) -> PathDag:
    """Fold paths between the same ends into one graph of steps, the first ones first.

    A path is taken whole or not at all, and only as long as the concepts can still be put in an
    order that every path taken keeps to.

    >>> from kgsynth.graph.store import KnowledgeGraph
    >>> graph = KnowledgeGraph.example()
    >>> finder = PathFinder(graph)
    >>> ends = [graph.find("Zestril")], [graph.find("aldosterone")]
    >>> dag = fold(finder, finder.between(*ends, 5, 10).paths)
    >>> [(graph.name(step.concept), step.joins) for step in dag.steps]
    [('angiotensin II', False), ('heart failure', False), ('aldosterone', True)]
    """
    given = [tuple(path) for path in paths]
    ends = {(path[0], path[-1]) for path in given}
    if len(ends) != 1:
        raise UsageError(
            f"Paths between {len(ends)} pairs of ends cannot be folded into one.",
            remedy="Give the paths of one pair.",
        )
    after: dict[int, dict[int, None]] = {}
    left_out = []
    for path in given:
        if any(_leads(after, later, earlier) for earlier, later in combinations(path, 2)):
            left_out.append(path)
            continue
        for earlier, later in pairwise(path):
            after.setdefault(earlier, {})[later] = None
    [(start, end)] = ends
    return PathDag(start, end, _steps(finder, after, start), tuple(left_out))


def _leads(after: dict[int, dict[int, None]], start: int, end: int) -> bool:
    """Tell whether steps that were taken lead from one concept to another."""
    waiting, seen = [start], {start}
    while waiting:
        node = waiting.pop()
        if node == end:
            return True
        fresh = [other for other in after.get(node, ()) if other not in seen]
        seen.update(fresh)
        waiting += fresh
    return False


def _steps(
    finder: PathFinder, after: dict[int, dict[int, None]], start: int
) -> tuple[DagStep, ...]:
    """Put the concepts in an order in which each stands behind all that it needs."""
    needs: dict[int, list[int]] = {}
    for earlier, others in after.items():
        for later in others:
            needs.setdefault(later, []).append(earlier)
    missing = {node: len(held) for node, held in needs.items()}
    ready, steps = [start], []
    while ready:
        node = ready.pop(0)
        if node in needs:
            before = tuple(needs[node])
            statements = tuple(finder.link(other, node).edge for other in before)
            steps.append(DagStep(node, before, statements))
        for later in after.get(node, ()):
            missing[later] -= 1
            if not missing[later]:
                ready.append(later)
    return tuple(steps)
