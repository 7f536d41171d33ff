"""``kgsynth paths sample``: draw paths by the million."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kgsynth.cli.options import Number, json_option, print_json, quiet_option
from kgsynth.cli.paths.walking import Asked, ground_options, opened
from kgsynth.errors import UsageError, count_of
from kgsynth.limits import MOST_DRAWN

if TYPE_CHECKING:
    import polars as pl

    from kgsynth.paths.ground import Ground
    from kgsynth.paths.unique import UniquePaths
    from kgsynth.sources.columns import Progress

ENDINGS = (".parquet", ".jsonl")
USUAL_QUOTA = 64
OF_UNIQUE_PATHS = ("to_types", "coverage", "quota", "turn_back")
"""Options that walks do not have."""


class Hops(click.ParamType[tuple[int, int]]):
    """``2-5``, or one number."""

    name = "FEWEST-MOST"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """Read the two numbers."""
        if isinstance(value, tuple):
            return value
        parts = re.fullmatch(r"(\d{1,3})(?:-(\d{1,3}))?", str(value), re.ASCII)
        if parts is None:
            self.fail(f"{value!r} is not two numbers of hops, such as 2-5.", param, ctx)
        return int(parts[1]), int(parts[2] or parts[1])


@click.command("sample")
@click.argument("store", type=click.Path(path_type=Path))
@click.option("--hops", type=Hops(), default=(2, 5), show_default="2-5")
@click.option("--count", required=True, type=Number(min=1))
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
    show_default="none",
    help="Start at the rarest concepts first.",
)
@click.option(
    "--quota",
    type=Number(1, 4096),
    show_default=f"{USUAL_QUOTA}",
    help="The most paths of one start and length; fewer spread wider and take longer.",
)
@click.option(
    "--turn-back",
    is_flag=True,
    help="Also paths that go along a relation and straight back: a gene, its disease, a gene.",
)
@click.option("--seed", default=0, show_default=True, type=int)
@ground_options
@quiet_option
@json_option
def command(store: Path, **options: Any) -> None:
    """Draw paths of which questions can be made, and write them to a file.

    Each is the one shortest path between its ends, which no statement joins. A row has the number
    of hops, the ids along the path, and the relation and direction of each hop.
    """
    from kgsynth.cli.progress import stage_progress

    output: Path = options["output"]
    _check(output, options)
    ground = opened(store, Asked(*(options[name] for name in Asked._fields)))
    quiet = options["quiet"] or options["as_json"]
    with stage_progress(quiet=quiet, unit="path", scale=True) as progress:
        table, tried = _drawn(ground, options, progress)
    _write(table, output)
    told = {"output": str(output), **_told(ground, table, tried)}
    told["remarks"] = _remarks(table, options) if table.height < options["count"] else []
    if options["as_json"]:
        print_json(told)
    else:
        _print(told, "walk" if options["walks"] else "path")


def _check(output: Path, options: dict[str, Any]) -> None:
    """Refuse what cannot be, before any work is done for it."""
    if output.suffix not in ENDINGS:
        raise UsageError(
            f"--output {output} must end in {' or '.join(ENDINGS)}.", remedy="Rename it."
        )
    if output.exists():
        raise UsageError(f"{output} is there already.", remedy="Name a new file, or remove it.")
    (fewest, most), lowest = options["hops"], 1 if options["walks"] else 2
    if not lowest <= fewest <= most <= MOST_DRAWN:
        raise UsageError(
            f"--hops {fewest}-{most}: {'a walk' if options['walks'] else 'a path'} has from "
            f"{lowest} to {MOST_DRAWN} hops, the fewest named first.",
            remedy="Write --hops 2-5, say.",
        )
    if options["walks"] and any(options[name] for name in OF_UNIQUE_PATHS):
        raise UsageError(
            "--walks go where chance leads: --to-type, --coverage, --quota and --turn-back do not "
            "fit.",
            remedy="Leave them out, or leave --walks out.",
        )


def _drawn(
    ground: Ground, options: dict[str, Any], progress: Progress
) -> tuple[pl.DataFrame, UniquePaths | None]:
    from kgsynth.paths.sampling import WalkSampler
    from kgsynth.paths.unique import UniqueSampler

    common = {"hops": options["hops"], "seed": options["seed"]}
    common["start_types"] = options["from_types"] or None
    if options["walks"]:
        return WalkSampler(ground, **common).sample(options["count"], progress).frame(ground), None
    sampler = UniqueSampler(
        ground,
        **common,
        end_types=options["to_types"] or None,
        coverage=options["coverage"] or "none",
        quota=options["quota"] or USUAL_QUOTA,
        turn_back=options["turn_back"],
    )
    found = sampler.sample(options["count"], progress)
    return found.frame(ground), found


def _write(table: pl.DataFrame, output: Path) -> None:
    from kgsynth.runs import storage

    aside = output.with_name(f".{output.name}.partial")
    with storage(output):
        output.parent.mkdir(parents=True, exist_ok=True)
        try:
            (table.write_parquet if output.suffix == ".parquet" else table.write_ndjson)(aside)
            aside.replace(output)
        finally:
            aside.unlink(missing_ok=True)


# --- what is told ------------------------------------------------------------------------------


def _told(ground: Ground, table: pl.DataFrame, tried: UniquePaths | None) -> dict[str, Any]:
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


def _remarks(table: pl.DataFrame, options: dict[str, Any]) -> list[str]:
    """Say why there are fewer than were asked for."""
    import polars as pl

    missing = options["count"] - table.height
    if options["walks"]:
        return [
            f"{count_of(missing, 'walk')} of {options['count']:,} went where no step led on, and "
            f"{'was' if missing == 1 else 'were'} left out: ask for fewer hops, or walk more kinds."
        ]
    if not table.height:
        return [
            "The graph gives no such path: ask for fewer hops, other types or more kinds of "
            "relation, or draw --walks."
        ]
    more = f"The graph gives no more than {'this one' if table.height == 1 else 'these'}"
    by_start = table.group_by(pl.col("nodes").list.first(), "hops").len()
    quota = options["quota"] or USUAL_QUOTA
    if by_start["len"].max() == quota:
        return [f"{more} with --quota {quota}: a higher one takes more of each start."]
    if not options["turn_back"]:
        return [f"{more}, but those that go along a relation and straight back: --turn-back."]
    return [f"{more}: other types, hops or kinds of relation may give others."]


def _print(told: dict[str, Any], noun: str) -> None:
    lengths = ", ".join(
        f"{n:,} of {count_of(int(hops), 'hop')}" for hops, n in told["hops"].items()
    )
    colon = f": {lengths}." if lengths else "."
    click.echo(f"{told['output']}: {count_of(told['paths'], noun)}{colon}")
    if told["paths"]:
        click.echo(
            f"{'It passes' if told['paths'] == 1 else 'They pass'} {told['concepts']:,} of "
            f"{count_of(told['of_concepts'], 'concept')} and {told['relations']} of "
            f"{count_of(told['of_relations'], 'relation')}."
        )
    for hops, tally in told.get("yield", {}).items():
        share = tally["unique"] / tally["pairs"]
        click.echo(
            f"  {count_of(int(hops), 'hop')}: one path alone joins {tally['unique']:,} of "
            f"{count_of(tally['pairs'], 'pair')} met, {share:.1%}."
        )
    for remark in told["remarks"]:
        click.echo(remark)
