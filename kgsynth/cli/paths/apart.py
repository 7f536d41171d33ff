"""Why there is no path between two concepts, and what would find one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from kgsynth.cli.paths.walking import Asked
from kgsynth.errors import RunError, count_of, listing
from kgsynth.limits import MOST_SEARCHED

if TYPE_CHECKING:
    from kgsynth.paths.finder import PathFinder
    from kgsynth.paths.ground import Ground

WALKABLE = ("associative", "hierarchical", "structural")
"""What to point to. Who asks for paths along denials knows what they are."""


def cut_as_hub(ground: Ground, ends: tuple[int, int], overlay: Path) -> None:
    """Refuse an end that the overlay has no more: it is joined to nothing there."""
    graph = ground.graph
    for code in ends:
        if ground.gone[code]:
            raise RunError(
                f"{graph.name(code)} ({graph.id(code)}) was cut as a hub: in the overlay "
                f"{overlay} nothing leads to it.",
                remedy="Search without --overlay, or make an overlay that spares it: kgsynth graph "
                "shatter STORE --protect FILE",
            )


def no_path_like(ground: Ground, ends: tuple[int, int], metapath: str) -> RunError:
    """Say that no path has a form, and where an end does not fit it."""
    from kgsynth.paths.metapath import Metapath

    graph, places = ground.graph, Metapath.parse(metapath).types
    names = [graph.name(code) for code in ends]
    for code, wanted, verb in zip(ends, (places[0], places[-1]), ("begins", "ends"), strict=True):
        held = graph.types(code)
        if wanted and not set(wanted) & set(held):
            return RunError(
                f"No path {metapath} leads from {names[0]} to {names[1]}: it {verb} with "
                f"{' or '.join(wanted)}, and {graph.name(code)} is {listing(held) or 'untyped'}.",
                remedy="Write its type there, or * for any.",
            )
    return RunError(
        f"No path {metapath} leads from {names[0]} to {names[1]}.",
        remedy="Loosen it: * is any type or relation, and -[…]- minds no direction.",
    )


def no_path(finder: PathFinder, ends: tuple[int, int], max_hops: int, asked: Asked) -> RunError:
    """Say how far a search went, and what would find a path."""
    graph, ground = finder.graph, finder.ground
    start, end = map(graph.name, ends)
    reached = int((ground.after.reach(ends[0], max_hops).distance > 0).sum())
    joined = {
        graph.predicate_names[n.predicate]
        for n in graph.beside(ends[0])
        if n.other == ends[1] and not ground.along[n.predicate]
    }
    beside = f" They are joined by {listing(joined)}, which is not walked here." if joined else ""
    return RunError(
        f"No path of at most {count_of(max_hops, 'hop')} joins {start} and {end}: the search "
        f"reached {count_of(reached, 'other concept')}.{beside}",
        remedy=_what_would(finder, ends, asked),
    )


def _what_would(finder: PathFinder, ends: tuple[int, int], asked: Asked) -> str:
    """Try what might find a path, the mildest change first."""
    import numpy as np

    from kgsynth.paths.shortest import PathSearch

    for ground, said in _looser(finder.ground, asked):
        pair = np.array([ends], dtype=np.int64)
        hops = int(PathSearch(ground, threads=1).hops(pair, MOST_SEARCHED)[0])
        if hops > 0:
            return said.format(hops=hops, far=count_of(hops, "hop"))
    return (
        f"Nothing joins them within {MOST_SEARCHED} hops: ask for other concepts, or add a source."
    )


def _looser(ground: Ground, asked: Asked) -> Iterator[tuple[Ground, str]]:
    """Yield other grounds to search, and how to say what is found there."""
    from kgsynth.paths.ground import Ground

    graph, overlay = ground.graph, ground.overlay
    named = asked.relations or None
    kinds = asked.kinds or ("associative",)
    yield ground, "They are {far} apart: allow that with --max-hops {hops}."
    if asked.directed:
        either = Ground.of(graph, overlay, kinds=kinds, predicates=named)
        yield either, "Without --directed they are {far} apart."
    if overlay is not None:
        whole = Ground.of(graph, kinds=kinds, predicates=named, directed=asked.directed)
        yield whole, "Without --overlay they are {far} apart."
    if named:
        usual = Ground.of(graph, overlay, directed=asked.directed)
        yield usual, "Without --relation they are {far} apart."
    for kind in WALKABLE:
        if kind not in kinds or named:
            more = ("associative", kind) if named else (*kinds, kind)
            flags = " ".join(f"--kind {one}" for one in dict.fromkeys(more))
            wider = Ground.of(graph, overlay, kinds=more, directed=asked.directed)
            yield wider, f"With {flags} they are {{far}} apart."
    yield (
        Ground.of(graph, kinds=WALKABLE),
        (
            "Along statements of all kinds but negative ones, either way and past hubs, they are "
            "{far} apart."
        ),
    )
