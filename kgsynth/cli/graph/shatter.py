"""``kgsynth graph shatter``: cut the generic hubs of a store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kgsynth.cli.new_folder import into_new_folder
from kgsynth.cli.options import json_option, print_json, shown
from kgsynth.errors import UsageError

MOST_SHOWN = 12
RULES = ("top_k", "over_k", "adaptive_top_k")
SCORES = ("degree_in_type", "degree", "relation_entropy", "shortcut_load")


@click.command("shatter")
@click.argument("store", type=click.Path(path_type=Path))
@click.option("--k", required=True, type=click.IntRange(min=0), help="How many hubs, or how high.")
@click.option("--rule", default="top_k", show_default=True, type=click.Choice(RULES))
@click.option("--score", default="degree_in_type", show_default=True, type=click.Choice(SCORES))
@click.option(
    "--protect",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Ids or names that must survive, one a line.",
)
@click.option("--output", required=True, type=click.Path(path_type=Path), metavar="OVERLAY")
@click.option(
    "--plot",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Draw the degrees before and after, as SVG.",
)
@json_option
def command(
    store: Path,
    k: int,
    rule: str,
    score: str,
    protect: Path | None,
    output: Path,
    plot: Path | None,
    as_json: bool,
) -> None:
    """Cut the generic hubs of a store; the store itself stays as it is."""
    from kgsynth.graph.overlay import Overlay
    from kgsynth.graph.pictures import degrees
    from kgsynth.graph.shatter import shatter
    from kgsynth.graph.store import KnowledgeGraph
    from kgsynth.pipeline.remarks import no_hub
    from kgsynth.runs import storage

    options = _shatter_options(rule, k, score, protect)
    graph = KnowledgeGraph.open(store)
    report = into_new_folder(output, lambda folder: shatter(graph, options, folder))
    if plot:
        with storage(plot):
            degrees(graph, Overlay.open(output, graph)).save(plot)
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
    from pydantic import ValidationError

    from kgsynth.config import Protect, Shatter

    said = {"rule": rule, "k": k, "score": score, "protect": Protect(concepts=_lines(protect))}
    try:
        return Shatter.model_validate(said)
    except ValidationError:
        raise UsageError(
            f"The rule {rule} counts degrees, not {score}.", remedy="Add --score degree."
        ) from None


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
