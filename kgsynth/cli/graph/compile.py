"""``kgsynth graph compile``: graphs of any kind into one store."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from kgsynth.cli.graph.info import describe
from kgsynth.cli.graph.sources import sources_of, sources_option
from kgsynth.cli.new_folder import into_new_folder, refuse_existing
from kgsynth.cli.options import json_option, print_json, quiet_option, shown
from kgsynth.cli.progress import stage_progress
from kgsynth.errors import count_of, listing

MOST_SHOWN = 12
NEW_OR_FORCED = "Name a new folder, or replace a store with --force."
FORCED = "It is no store, and --force replaces nothing else: name a new folder, or remove it first."


@click.command("compile")
@sources_option
@click.option("--output", required=True, type=click.Path(path_type=Path), metavar="STORE")
@click.option(
    "--force", is_flag=True, help="Replace a store that is there; it stays if compiling fails."
)
@quiet_option
@json_option
def command(
    sources: tuple[str, ...],
    overrides: tuple[str, ...],
    output: Path,
    force: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Compile one or more graphs into one store, as in: umls:META or tables:my-graph.

    A build file in the place of KIND:PATH stands for the sources that it lists.
    """
    from kgsynth.graph.compile import compile_graph
    from kgsynth.graph.manifest import is_store
    from kgsynth.sources import read_source

    replace = force and is_store(output)
    if not replace:
        refuse_existing(output, FORCED if force else NEW_OR_FORCED)
    named = sources_of(sources, overrides)
    with stage_progress(quiet=quiet or as_json, unit="", scale=True) as progress:
        columns = [read_source(s.kind, s.path, s, progress) for s in named]
        manifest = into_new_folder(
            output, lambda folder: compile_graph(columns, folder, progress), replace=replace
        )
    if as_json:
        print_json(describe(output))
        return
    click.echo(
        f"{output}: {count_of(manifest.nodes, 'concept')}, "
        f"{count_of(manifest.statements, 'statement')}."
    )
    for reason, count in manifest.dropped.items():
        click.echo(f"dropped {count:,}: {reason}")
    if any(frame.dropped.height for frame in columns):
        click.echo(f"{output / 'dropped.jsonl'} lists the rows that could not be used.")
    print_doubts(manifest.unknown_predicates, manifest.in_cycles)


def print_doubts(unknown: Sequence[str], in_cycles: int) -> None:
    """Say what about a graph its user should know."""
    if unknown:
        kept = shown(listing(unknown, MOST_SHOWN))
        click.echo(f"predicates that the vocabulary does not know, kept as they are: {kept}")
    if in_cycles:
        stand = "stands above itself" if in_cycles == 1 else "stand above themselves"
        click.echo(f"{count_of(in_cycles, 'concept')} {stand}: is_a goes round in a circle")
