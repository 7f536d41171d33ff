"""What a path may walk on, as the command line says it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from kgsynth.errors import RunError, UsageError, listing

if TYPE_CHECKING:
    from kgsynth.graph.store import KnowledgeGraph
    from kgsynth.paths.ground import Ground

Command = TypeVar("Command", bound=Callable[..., Any])
KINDS = ("associative", "hierarchical", "structural", "negative")


class Asked(NamedTuple):
    """The options of the ground, as they were given."""

    overlay: Path | None
    kinds: tuple[str, ...]
    relations: tuple[str, ...]
    directed: bool


def ground_options(command: Command) -> Command:
    """Add what a path may walk on: ``overlay``, ``kinds``, ``relations``, ``directed``."""
    for option in (
        click.option("--directed", is_flag=True, help="Walk from subject to object alone."),
        click.option(
            "--relation", "relations", multiple=True, help="Walk this relation alone; repeatable."
        ),
        click.option(
            "--kind",
            "kinds",
            multiple=True,
            type=click.Choice(KINDS),
            help="Walk this kind of relation; repeatable.  [default: associative]",
        ),
        click.option(
            "--overlay", type=click.Path(path_type=Path), help="Walk the shattered graph."
        ),
    ):
        command = option(command)
    return command


def opened(store: Path, asked: Asked) -> Ground:
    """Open a store as paths may walk it."""
    from kgsynth.graph.overlay import Overlay
    from kgsynth.graph.store import KnowledgeGraph
    from kgsynth.paths.ground import USUAL_KINDS, Ground

    if asked.kinds and asked.relations:
        raise UsageError(
            "--kind and --relation cannot go together: a relation has its kind.",
            remedy="Leave one of them out.",
        )
    graph = KnowledgeGraph.open(store)
    ground = Ground.of(
        graph,
        Overlay.open(asked.overlay, graph) if asked.overlay else None,
        kinds=asked.kinds or USUAL_KINDS,
        predicates=asked.relations or None,
        directed=asked.directed,
    )
    if not ground.relations:
        raise _nothing_to_walk(graph, asked.kinds or USUAL_KINDS)
    return ground


def _nothing_to_walk(graph: KnowledgeGraph, kinds: tuple[str, ...]) -> RunError:
    held = set(graph.predicates["kind"].to_list()) & set(KINDS)
    return RunError(
        f"The graph has no {' and no '.join(dict.fromkeys(kinds))} relation to walk.",
        remedy=f"Its relations are {listing(held)}: ask for another --kind."
        if held
        else "Compile a graph that has statements.",
    )
