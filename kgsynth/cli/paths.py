"""``kgsynth paths``: search between concepts, and draw paths by the million."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kgsynth.cli.options import Group, json_option, print_json, quiet_option, shown
from kgsynth.errors import RunError, UsageError, listing

if TYPE_CHECKING:
    from kgsynth.paths.finder import PathFinder
    from kgsynth.paths.ground import Ground

Command = TypeVar("Command", bound=Callable[..., Any])
KINDS = ("associative", "hierarchical", "structural", "negative")
ENDINGS = (".parquet", ".jsonl")


@click.group("paths", cls=Group)
def group() -> None:
    """Search between concepts, and draw paths by the million."""


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


def _ground(
    store: Path,
    overlay: Path | None,
    kinds: Sequence[str],
    relations: Sequence[str],
    directed: bool,
) -> Ground:
    from kgsynth.graph.overlay import Overlay
    from kgsynth.graph.store import KnowledgeGraph
    from kgsynth.paths.ground import USUAL_KINDS, Ground

    if kinds and relations:
        raise UsageError(
            "--kind and --relation cannot go together: a relation has its kind.",
            remedy="Leave one of them out.",
        )
    graph = KnowledgeGraph.open(store)
    return Ground.of(
        graph,
        Overlay.open(overlay, graph) if overlay else None,
        kinds=kinds or USUAL_KINDS,
        predicates=relations or None,
        directed=directed,
    )


# --- between ------------------------------------------------------------------------------------


@group.command("between")
@click.argument("store", type=click.Path(path_type=Path))
@click.argument("start", metavar="FROM")
@click.argument("end", metavar="TO")
@click.option("--max-hops", default=5, show_default=True, type=click.IntRange(1, 12))
@click.option("--limit", default=20, show_default=True, type=click.IntRange(min=1))
@click.option(
    "--slack",
    default=0,
    show_default=True,
    type=click.IntRange(min=0),
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
def between_command(
    store: Path,
    start: str,
    end: str,
    max_hops: int,
    limit: int,
    slack: int,
    metapath: str | None,
    seed: int | None,
    overlay: Path | None,
    kinds: tuple[str, ...],
    relations: tuple[str, ...],
    directed: bool,
    as_json: bool,
) -> None:
    """Print the shortest paths between two concepts, given by id or by name.

    With --metapath, all paths of that form, whether shortest or not.
    """
    from kgsynth.paths.finder import PathFinder

    ground = _ground(store, overlay, kinds, relations, directed)
    graph = ground.graph
    finder = PathFinder(graph, ground=ground)
    ends = graph.find(start), graph.find(end)
    if ends[0] == ends[1]:
        raise UsageError(
            f"FROM and TO are the same concept, {graph.id(ends[0])}.", remedy="Name two concepts."
        )
    if metapath is not None:
        paths, truncated = _along(finder, metapath, ends, limit)
    else:
        paths, truncated = _between(finder, ends, max_hops, limit, slack, seed)
    if as_json:
        print_json({"paths": [_document(path) for path in paths], "truncated": truncated})
        return
    if not paths:
        raise _no_path(finder, ends, max_hops, metapath, overlay)
    for path in paths:
        click.echo(_readable(path))
    if truncated:
        click.echo(f"There are more; see them with --limit {limit * 10}.")


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


def _no_path(
    finder: PathFinder,
    ends: tuple[int, int],
    max_hops: int,
    metapath: str | None,
    overlay: Path | None,
) -> RunError:
    graph = finder.graph
    names = [graph.name(code) for code in ends]
    if metapath is not None:
        return RunError(
            f"No path {metapath} leads from {names[0]} to {names[1]}.",
            remedy="Loosen it: * is any type or relation, and -[…]- minds no direction.",
        )
    joined = {
        graph.predicate_names[n.predicate] for n in graph.beside(ends[0]) if n.other == ends[1]
    }
    beside = f" They are joined by {listing(joined)}, which no path walks." if joined else ""
    reached = int((finder.ground.after.reach(ends[0], max_hops).distance > 0).sum())
    return RunError(
        f"No path of at most {max_hops} hops joins {names[0]} and {names[1]}; {reached} other "
        f"concepts can be reached so.{beside}",
        remedy="Allow more with --max-hops"
        + (", or search without --overlay." if overlay else "."),
    )


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


# --- sample -------------------------------------------------------------------------------------


class Hops(click.ParamType[tuple[int, int]]):
    """``2-5``, or one number."""

    name = "FEWEST-MOST"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """Read the two numbers."""
        if isinstance(value, tuple):
            return value
        parts = re.fullmatch(r"(\d)(?:-(\d))?", str(value))
        if parts is None:
            self.fail(f"{value!r} is not two numbers of hops, such as 2-5.", param, ctx)
        return int(parts[1]), int(parts[2] or parts[1])


@group.command("sample")
@click.argument("store", type=click.Path(path_type=Path))
@click.option("--hops", type=Hops(), default=(2, 5), show_default="2-5")
@click.option("--count", required=True, type=click.IntRange(min=1))
@click.option(
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=f"A new file, {' or '.join(ENDINGS)}.",
)
@click.option(
    "--walks",
    is_flag=True,
    help="Draw any simple walk, not only paths that are the one shortest between their ends.",
)
@click.option("--from-type", "from_types", multiple=True, help="Start at this type; repeatable.")
@click.option("--to-type", "to_types", multiple=True, help="End at this type; repeatable.")
@click.option(
    "--coverage",
    type=click.Choice(("rare-first", "none")),
    default="none",
    show_default=True,
    help="Start at the rarest concepts first.",
)
@click.option(
    "--quota",
    type=click.IntRange(1, 4096),
    default=64,
    show_default=True,
    help="The most paths of one start and length; fewer spread wider and take longer.",
)
@click.option("--seed", default=0, show_default=True, type=int)
@ground_options
@quiet_option
@json_option
def sample_command(store: Path, **options: Any) -> None:
    """Draw paths of which questions can be made, and write them to a file.

    Each is the one shortest path between its ends, which no statement joins. A row has the number
    of hops, the ids along the path, and the relation and direction of each hop.
    """
    from kgsynth.cli.progress import stage_progress

    output: Path = options["output"]
    if output.suffix not in ENDINGS:
        raise UsageError(
            f"--output {output} must end in {' or '.join(ENDINGS)}.", remedy="Rename it."
        )
    if output.exists():
        raise UsageError(f"{output} is there already.", remedy="Name a new file, or remove it.")
    keys = ("overlay", "kinds", "relations", "directed")
    ground = _ground(store, *(options[key] for key in keys))
    quiet = options["quiet"] or options["as_json"]
    with stage_progress(quiet=quiet, unit="path", scale=True) as progress:
        table, tried = _drawn(ground, options, progress)
    _write(table, output)
    told = _told(ground, table, tried)
    if options["as_json"]:
        print_json({"output": str(output), **told})
        return
    _print_sample(output, told, options["count"])


def _drawn(ground: Ground, options: dict[str, Any], progress: Any) -> tuple[Any, Any]:
    from kgsynth.paths.sampling import WalkSampler
    from kgsynth.paths.unique import UniqueSampler

    common = {"hops": options["hops"], "seed": options["seed"]}
    common["start_types"] = options["from_types"] or None
    if options["walks"]:
        if options["to_types"] or options["coverage"] != "none":
            raise UsageError(
                "--walks go where chance leads: --to-type and --coverage do not fit.",
                remedy="Leave them out, or leave --walks out.",
            )
        return WalkSampler(ground, **common).sample(options["count"], progress).frame(ground), None
    sampler = UniqueSampler(
        ground,
        **common,
        end_types=options["to_types"] or None,
        coverage=options["coverage"],
        quota=options["quota"],
    )
    found = sampler.sample(options["count"], progress)
    return found.frame(ground), found


def _write(table: Any, output: Path) -> None:
    from kgsynth.runs import storage

    aside = output.with_name(f".{output.name}.partial")
    with storage(output):
        output.parent.mkdir(parents=True, exist_ok=True)
        try:
            (table.write_parquet if output.suffix == ".parquet" else table.write_ndjson)(aside)
            aside.replace(output)
        finally:
            aside.unlink(missing_ok=True)


def _told(ground: Ground, table: Any, tried: Any) -> dict[str, Any]:
    """Count what was drawn, what it covers, and what there was to draw from."""
    counts = dict(sorted(table.group_by("hops").len().iter_rows()))
    told: dict[str, Any] = {
        "paths": table.height,
        "hops": {str(hops): count for hops, count in counts.items()},
        "concepts": table["nodes"].explode().n_unique() if table.height else 0,
        "of_concepts": int((ground.after.degree > 0).sum()),
        "relations": table["relations"].explode().n_unique() if table.height else 0,
        "of_relations": len(ground.relations),
    }
    if tried is not None:
        told["yield"] = {
            str(hops): {"pairs": int(tried.pairs[hops]), "unique": int(tried.unique[hops])}
            for hops in range(len(tried.pairs))
            if tried.pairs[hops] and hops > 1
        }
    return told


def _print_sample(output: Path, told: dict[str, Any], count: int) -> None:
    lengths = ", ".join(f"{n} of {hops} hops" for hops, n in told["hops"].items())
    click.echo(f"{output}: {told['paths']} paths: {lengths}.")
    click.echo(
        f"They pass {told['concepts']} of {told['of_concepts']} concepts and "
        f"{told['relations']} of {told['of_relations']} relations."
    )
    for hops, tally in told.get("yield", {}).items():
        share = tally["unique"] / tally["pairs"]
        click.echo(
            f"  {hops} hops: one path alone joins {tally['unique']} of {tally['pairs']} pairs "
            f"that were met, {share:.1%}."
        )
    if told["paths"] < count:
        click.echo(f"The graph gives no more than these {told['paths']}: --quota allows more each.")
