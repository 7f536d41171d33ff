"""``kgsynth graph validate``: what is wrong with a graph, before anything is built on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from kgsynth.cli.graph.sources import sources_of, sources_option
from kgsynth.cli.options import Number, json_option, print_json, quiet_option, shown
from kgsynth.cli.progress import stage_progress
from kgsynth.errors import count_of

if TYPE_CHECKING:
    from kgsynth.graph.validation.problems import Problems


@click.command("validate")
@sources_option
@click.option(
    "--limit",
    default=10,
    show_default=True,
    type=Number(min=0),
    help="Cases of each code to print; 0 prints all.",
)
@click.option("--strict", is_flag=True, help="Fail on remarks as well as on errors.")
@quiet_option
@json_option
def command(
    sources: tuple[str, ...],
    overrides: tuple[str, ...],
    limit: int,
    strict: bool,
    quiet: bool,
    as_json: bool,
) -> int:
    """Say what is wrong with graphs, taken as one, before anything is built on them.

    An error is false, lost or not understood; a remark could be better. Exits with 1 where there
    are errors.
    """
    from kgsynth.graph.validation.problems import find_problems
    from kgsynth.sources import read_source

    named = sources_of(sources, overrides)
    with stage_progress(quiet=quiet or as_json, unit="", scale=True) as progress:
        columns = [read_source(s.kind, s.path, s, progress) for s in named]
        groups = find_problems(columns, limit or None, progress)
    errors, remarks = (
        sum(group.count for group in groups if group.severity == severity)
        for severity in ("error", "remark")
    )
    if as_json:
        print_json({"errors": errors, "remarks": remarks, **_document(groups)})
    else:
        _print(groups, errors, remarks)
    return 1 if errors or (strict and remarks) else 0


def _document(groups: Sequence[Problems]) -> dict[str, object]:
    return {
        "counts": [{"code": g.code, "severity": g.severity, "count": g.count} for g in groups],
        "problems": [problem._asdict() for group in groups for problem in group.examples],
    }


def _count(group: Problems) -> str:
    """Count what is wrong, and the statements that are told of it where one has several rows."""
    cases = len(group.examples) + group.left_out
    among = f", in {count_of(cases, 'statement')}" if cases != group.count else ""
    return f"{group.count:,}{among}"


def _print(groups: Sequence[Problems], errors: int, remarks: int) -> None:
    if not groups:
        click.echo("No problem found.")
        return
    for group in groups:
        click.echo(f"{group.severity} {group.code}: {_count(group)}")
        for problem in group.examples:
            click.echo(f"  {shown(problem.where)}: {shown(problem.detail)}")
        if group.left_out:
            click.echo(f"  and {group.left_out:,} more")
    click.echo(
        f"{count_of(errors, 'error')}, {count_of(remarks, 'remark')}. What a code means: "
        f"kgsynth explain {groups[0].code}"
    )
