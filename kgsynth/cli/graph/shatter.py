"""``kgsynth graph shatter``: cut the generic hubs of a store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kgsynth.cli.new_folder import into_new_folder
from kgsynth.cli.options import json_option, print_json, shown
from kgsynth.errors import UsageError, nearest

MOST_SHOWN = 12


@click.command("shatter")
@click.argument("store", type=click.Path(path_type=Path))
@click.option("--k", required=True, type=click.IntRange(min=0), help="How many hubs, or how high.")
@click.option("--rule", default="top_k", show_default=True, help="top_k or over_k.")
@click.option(
    "--score", default="degree_in_type", show_default=True, help="degree_in_type or degree."
)
@click.option(
    "--protect",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Ids or names that must survive, one a line.",
)
@click.option("--output", required=True, type=click.Path(path_type=Path), metavar="OVERLAY")
@json_option
def command(
    store: Path, k: int, rule: str, score: str, protect: Path | None, output: Path, as_json: bool
) -> None:
    """Cut the generic hubs of a store; the store itself stays as it is."""
    from kgsynth.graph.shatter import shatter
    from kgsynth.graph.store import KnowledgeGraph
    from kgsynth.pipeline.remarks import no_hub

    options = _shatter_options(rule, k, score, protect)
    graph = KnowledgeGraph.open(store)
    report = into_new_folder(output, lambda folder: shatter(graph, options, folder))
    if as_json:
        print_json(report.model_dump(mode="json"))
        return
    click.echo(f"{output}: {len(report.removed)} of {graph.node_count} concepts removed.")
    if rule == "over_k" and not report.removed:
        click.echo(no_hub(options))
    for hub in report.removed[:MOST_SHOWN]:
        click.echo(f"  {hub.score:>9.2f}  {shown(hub.name)} ({shown(hub.id)})")
    click.echo(f"{report.pairs_lost} pairs of concepts are joined by no path any more.")
    longer = sum(report.grew.values())
    click.echo(f"{longer} of {report.pairs_compared} pairs compared are farther apart.")


def _shatter_options(rule: str, k: int, score: str, protect: Path | None) -> Any:
    from kgsynth.config import BUILT, Protect, Shatter

    for key, value in (("rule", rule), ("score", score)):
        usable = BUILT[f"graph.shatter.{key}"]
        if value not in usable:
            raise UsageError(
                f"--{key} {value!r} is not built.{nearest(value, usable)}",
                remedy=f"Use {' or '.join(sorted(usable))}.",
            )
    return Shatter.model_validate(
        {"rule": rule, "k": k, "score": score, "protect": Protect(concepts=_lines(protect))}
    )


def _lines(path: Path | None) -> tuple[str, ...]:
    if path is None:
        return ()
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise UsageError(
            f"--protect {path} cannot be read.", remedy="Name a UTF-8 file with one id a line."
        ) from None
    return tuple(line.strip() for line in text.splitlines() if line.strip())
