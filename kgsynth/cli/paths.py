"""``kgsynth paths``: search between concepts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kgsynth.cli.options import Group, json_option, print_json
from kgsynth.errors import RunError, UsageError, listing


@click.group("paths", cls=Group, planned=("sample",))
def group() -> None:
    """Search between concepts."""


@group.command("between")
@click.argument("store", type=click.Path(path_type=Path))
@click.argument("start", metavar="FROM")
@click.argument("end", metavar="TO")
@click.option("--max-hops", default=5, show_default=True, type=click.IntRange(1, 12))
@click.option("--limit", default=20, show_default=True, type=click.IntRange(min=1))
@click.option("--overlay", type=click.Path(path_type=Path), help="Search the shattered graph.")
@json_option
def between_command(
    store: Path,
    start: str,
    end: str,
    max_hops: int,
    limit: int,
    overlay: Path | None,
    as_json: bool,
) -> None:
    """Print the shortest paths between two concepts, given by id or by name."""
    from kgsynth.graph.shatter import Overlay
    from kgsynth.graph.store import KnowledgeGraph
    from kgsynth.paths.finder import PathFinder

    graph = KnowledgeGraph.open(store)
    finder = PathFinder(graph, Overlay.open(overlay, graph) if overlay else None)
    ends = graph.find(start), graph.find(end)
    if ends[0] == ends[1]:
        raise UsageError(
            f"FROM and TO are the same concept, {graph.id(ends[0])}.", remedy="Name two concepts."
        )
    found = finder.between([ends[0]], [ends[1]], max_hops, limit)
    paths = [finder.describe(path).model_dump(mode="json") for path in found.paths]
    if as_json:
        print_json({"paths": [_document(path) for path in paths], "truncated": found.truncated})
        return
    if not paths:
        joined = {
            graph.predicate_names[n.predicate] for n in graph.beside(ends[0]) if n.other == ends[1]
        }
        beside = f" They are joined by {listing(joined)}, which no path walks." if joined else ""
        raise RunError(
            f"No path of at most {max_hops} hops joins {graph.name(ends[0])} and "
            f"{graph.name(ends[1])}.{beside}",
            remedy="Allow more with --max-hops"
            + (", or search without --overlay." if overlay else "."),
        )
    for path in paths:
        click.echo(_readable(path))
    if found.truncated:
        click.echo(f"There are more; see them with --limit {limit * 10}.")


def _document(path: dict[str, Any]) -> dict[str, Any]:
    return {
        "nodes": [{key: node[key] for key in ("id", "name", "types")} for node in path["nodes"]],
        "hops": [
            {key: hop[key] for key in ("predicate", "forward", "sources")} for hop in path["hops"]
        ],
    }


def _readable(path: dict[str, Any]) -> str:
    words = [path["nodes"][0]["name"]]
    for hop, node in zip(path["hops"], path["nodes"][1:], strict=True):
        arrow = f"-[{hop['predicate']}]->" if hop["forward"] else f"<-[{hop['predicate']}]-"
        words += [arrow, node["name"]]
    return " ".join(words)
