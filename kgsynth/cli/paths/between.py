"""``kgsynth paths between``: the paths between two concepts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kgsynth.cli.options import Number, json_option, print_json, shown
from kgsynth.cli.paths.walking import Asked, ground_options, opened
from kgsynth.errors import UsageError
from kgsynth.limits import MOST_SEARCHED

if TYPE_CHECKING:
    from kgsynth.paths.finder import PathFinder

MOST_PATHS = 1_000_000
"""All of them are held at once."""


@click.command("between")
@click.argument("store", type=click.Path(path_type=Path))
@click.argument("start", metavar="FROM")
@click.argument("end", metavar="TO")
@click.option("--max-hops", default=5, show_default=True, type=Number(1, MOST_SEARCHED))
@click.option("--limit", default=20, show_default=True, type=Number(1, MOST_PATHS))
@click.option(
    "--slack",
    default=0,
    show_default=True,
    type=Number(min=0),
    help="Go on to paths so many hops longer than the shortest.",
)
@click.option(
    "--metapath",
    metavar="TEXT",
    help="Only paths like this one: 'drug -[treats]-> * <-[treats]- drug'.",
)
@click.option("--seed", type=int, help="Of more than the limit, draw some; else the first.")
@ground_options
@json_option
def command(
    store: Path,
    start: str,
    end: str,
    max_hops: int,
    limit: int,
    slack: int,
    metapath: str | None,
    seed: int | None,
    as_json: bool,
    **walking: Any,
) -> None:
    """Print the shortest paths between two concepts, given by id or by name.

    With --metapath, all paths of that form, whether shortest or not.
    """
    from kgsynth.cli.paths.apart import cut_as_hub, no_path, no_path_like
    from kgsynth.paths.finder import PathFinder

    asked = Asked(**walking)
    if metapath is not None:
        _refuse_with_metapath(click.get_current_context())
    ground = opened(store, asked)
    graph = ground.graph
    finder = PathFinder(graph, ground=ground)
    ends = graph.find(start), graph.find(end)
    if ends[0] == ends[1]:
        raise UsageError(
            f"FROM and TO are the same concept, {graph.id(ends[0])}.", remedy="Name two concepts."
        )
    if asked.overlay is not None:
        cut_as_hub(ground, ends, asked.overlay)
    if metapath is not None:
        paths, truncated = _along(finder, metapath, ends, limit)
    else:
        paths, truncated = _between(finder, ends, max_hops, limit, slack, seed)
    if not paths:
        why = (
            no_path(finder, ends, max_hops, asked)
            if metapath is None
            else no_path_like(ground, ends, metapath)
        )
        # To a program an empty answer is one like any other; a reader is told why.
        if not as_json:
            raise why
        print_json({"paths": [], "truncated": False, "remarks": [str(why)]})
        return
    if as_json:
        documents = [_document(path) for path in paths]
        print_json({"paths": documents, "truncated": truncated, "remarks": []})
        return
    for path in paths:
        click.echo(_readable(path))
    if truncated:
        click.echo(_more(limit))


def _refuse_with_metapath(context: click.Context) -> None:
    """Refuse what would have no effect: a metapath tells the length, and all of its paths fit."""
    for name in ("max_hops", "slack", "seed"):
        if context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE:
            raise UsageError(
                f"--{name.replace('_', '-')} does not go with --metapath, which says itself how "
                "long a path is.",
                remedy="Leave one of them out.",
            )


def _between(
    finder: PathFinder,
    ends: tuple[int, int],
    max_hops: int,
    limit: int,
    slack: int,
    seed: int | None,
) -> tuple[list[dict[str, Any]], bool]:
    from kgsynth.paths.shortest import PathSearch

    if seed is None and not slack:
        found = finder.between([ends[0]], [ends[1]], max_hops, limit)
    else:
        search = PathSearch(finder.ground, max_hops=max_hops, limit=limit, seed=seed, threads=1)
        found = search.with_slack(*ends, slack)
    return [finder.describe(p).model_dump(mode="json") for p in found.paths], found.truncated


def _along(
    finder: PathFinder, metapath: str, ends: tuple[int, int], limit: int
) -> tuple[list[dict[str, Any]], bool]:
    from kgsynth.paths.metapath import along

    found = along(finder.ground, metapath, *ends, limit)
    rows = zip(found.nodes.tolist(), found.edges.tolist(), strict=True)
    paths = [finder.describe(tuple(nodes), edges=edges) for nodes, edges in rows]
    return [path.model_dump(mode="json") for path in paths], found.truncated


# --- what is printed ---------------------------------------------------------------------------


def _more(limit: int) -> str:
    wider = min(limit * 10, MOST_PATHS)
    return f"There are more; see them with --limit {wider}." if wider > limit else "There are more."


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
    return shown(" ".join(words))
