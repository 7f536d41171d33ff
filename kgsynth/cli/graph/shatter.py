"""``kgsynth graph shatter``: cut the generic hubs of a store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kgsynth.cli.new_folder import into_new_folder
from kgsynth.cli.options import Number, json_option, print_json, quiet_option, shown
from kgsynth.cli.progress import stage_progress
from kgsynth.errors import ConceptError, RunFolderError, UsageError, count_of

if TYPE_CHECKING:
    from kgsynth.config import Shatter
    from kgsynth.graph.overlay import ShatterReport
    from kgsynth.graph.store import KnowledgeGraph

MOST_SHOWN = 12
TYPES_SHOWN = 3
RULES = ("top_k", "over_k", "adaptive_top_k")
SCORES = ("degree_in_type", "degree", "relation_entropy", "shortcut_load")
SCORED = {
    "degree_in_type": "neighbours, as a multiple of what is usual for the type",
    "degree": "neighbours",
    "relation_entropy": "bits of relation entropy",
    "shortcut_load": "shortest paths through it, of those of 10,000 pairs",
}
"""What the numbers beside the hubs are, in words."""


@click.command("shatter")
@click.argument("store", type=click.Path(path_type=Path))
@click.option("--k", required=True, type=Number(min=0), help="How many hubs, or how high.")
@click.option("--rule", default="top_k", show_default=True, type=click.Choice(RULES))
@click.option("--score", default="degree_in_type", show_default=True, type=click.Choice(SCORES))
@click.option(
    "--protect",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Ids or names that must survive, one a line.",
)
@click.option("--output", required=True, type=click.Path(path_type=Path), metavar="OVERLAY")
@click.option(
    "--plot",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Draw the degrees before and after, as SVG.",
)
@quiet_option
@json_option
def command(
    store: Path,
    k: int,
    rule: str,
    score: str,
    protect: Path | None,
    output: Path,
    plot: Path | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Cut the generic hubs of a store; the store itself stays as it is."""
    from kgsynth.graph.store import KnowledgeGraph

    if plot is not None and plot.exists():
        raise RunFolderError(
            f"--plot {plot} is there already.", remedy="Name a new file, or remove it first."
        )
    graph = KnowledgeGraph.open(store)
    options = _shatter_options(rule, k, score, _protected(graph, protect) if protect else ())
    with stage_progress(quiet=quiet or as_json, unit="step") as progress:

        def make(folder: Path) -> ShatterReport:
            # The picture comes before the overlay takes its place: where it fails, neither is left.
            from kgsynth.graph.overlay import Overlay
            from kgsynth.graph.shatter import shatter

            made = shatter(graph, options, folder, progress=progress)
            if plot is not None:
                _draw(graph, Overlay.open(folder, graph), plot)
            return made

        report = into_new_folder(output, make)
    remarks = _remarks(graph, options, report, output)
    if as_json:
        held = report.model_dump(mode="json")
        told = {"output": str(output), "concepts": graph.node_count, **held, "remarks": remarks}
        print_json(told if plot is None else {**told, "plot": str(plot)})
        return
    _print(output, graph.node_count, report)
    for remark in remarks:
        click.echo(shown(remark))


def _draw(graph: KnowledgeGraph, overlay: Any, plot: Path) -> None:
    from kgsynth.graph.pictures import degrees
    from kgsynth.runs import storage

    with storage(plot):
        plot.parent.mkdir(parents=True, exist_ok=True)
        degrees(graph, overlay).save(plot)


# --- what is asked -----------------------------------------------------------------------------


def _shatter_options(rule: str, k: int, score: str, protect: tuple[str, ...]) -> Shatter:
    from pydantic import ValidationError

    from kgsynth.config import Protect, Shatter

    said = {"rule": rule, "k": k, "score": score, "protect": Protect(concepts=protect)}
    try:
        return Shatter.model_validate(said)
    except ValidationError:
        raise UsageError(
            f"The rule {rule} counts degrees, not {score}.", remedy="Add --score degree."
        ) from None


def _protected(graph: KnowledgeGraph, path: Path) -> tuple[str, ...]:
    """Read which concepts must survive; what the graph does not hold is named with its line."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"--protect {path} {_unreadable(error)}.",
            remedy="Name a UTF-8 file with one id or name a line.",
        ) from None
    lines = {number: line.strip() for number, line in enumerate(text.splitlines(), 1)}
    wanted = {number: line for number, line in lines.items() if line}
    if not wanted:
        raise UsageError(
            f"--protect {path} names no concept.",
            remedy="Write one id or name a line, or leave --protect out.",
        )
    unclear = [number for number, line in wanted.items() if len(graph.meanings(line)) != 1]
    if unclear:
        first, more = unclear[0], len(unclear) - 1
        try:
            graph.find(wanted[first])
        except ConceptError as error:
            others = f" The same goes for {count_of(more, 'other line')}." if more else ""
            raise ConceptError(
                f"{path}, line {first}: {error.message}{others}", remedy=error.remedy
            ) from None
    return tuple(wanted.values())


def _unreadable(error: OSError | UnicodeDecodeError) -> str:
    if isinstance(error, FileNotFoundError):
        return "is not there"
    if isinstance(error, IsADirectoryError):
        return "is a folder"
    return "cannot be read" if isinstance(error, OSError) else "is not UTF-8 text"


# --- what came of it ---------------------------------------------------------------------------


def _print(output: Path, concepts: int, report: ShatterReport) -> None:
    removed = report.removed
    spared = f", {count_of(report.protected, 'concept')} protected" if report.protected else ""
    click.echo(f"{output}: {len(removed):,} of {count_of(concepts, 'concept')} removed{spared}.")
    if removed:
        click.echo(f"By {report.score}: {SCORED[report.score]}.")
    for hub in removed[:MOST_SHOWN]:
        click.echo(f"  {hub.score:>9,.2f}  {shown(hub.name)} ({shown(hub.id)})")
    if len(removed) > MOST_SHOWN:
        rest = len(removed) - MOST_SHOWN
        click.echo(f"  and {rest:,} more; {output / 'report.json'} lists them all")
    click.echo(_lost(report.pairs_lost))
    for line in _farther(report):
        click.echo(shown(line))


def _lost(pairs: int) -> str:
    """Say how many pairs were joined before and are not now.

    >>> _lost(1), _lost(0)
    ('1 pair of concepts is joined by no path any more.', 'No pair of concepts was parted.')
    """
    if not pairs:
        return "No pair of concepts was parted."
    said = count_of(pairs, "pair")
    return f"{said} of concepts {'is' if pairs == 1 else 'are'} joined by no path any more."


def _farther(report: ShatterReport) -> list[str]:
    """Say which pairs of those compared are farther apart, and by how much."""
    if not report.pairs_compared:
        return []
    longer = sum(report.grew.values())
    head = f"{longer:,} of {count_of(report.pairs_compared, 'pair')} compared "
    head += "is farther apart" if longer == 1 else "are farther apart"
    if not longer:
        return [f"{head}."]
    by_hops = ", ".join(f"{n:,} by {count_of(hops, 'hop')}" for hops, n in report.grew.items())
    told = list(report.grew_by_types.items())[:TYPES_SHOWN]
    often = ", ".join(f"{types} ({n:,})" for types, n in told)
    return [f"{head}: {by_hops}.", f"Most often so: {often}."]


def _remarks(
    graph: KnowledgeGraph, options: Shatter, report: ShatterReport, output: Path
) -> list[str]:
    """Say what about a cut its user should know, though it went well."""
    from kgsynth.graph.overlay import Overlay
    from kgsynth.graph.shatter import highest

    if not report.removed and options.rule == "over_k":
        top = highest(graph, options)
        said = f"; the highest is {top.name} with {top.score:,.2f}" if top else ""
        return [
            f"No hub was cut: no concept that may go scores above {options.k} by "
            f"{options.score}{said}."
        ]
    if not report.removed:
        return ["With k = 0 nothing is cut: the overlay is the graph as it is."]
    if not Overlay.open(output, graph).walk.target.size:
        return [
            "Nothing is left to search: no two of the concepts that stay are joined. "
            f"Choose a {'larger' if options.rule == 'over_k' else 'smaller'} k."
        ]
    return []
