"""``kgsynth graph validate``: what is wrong with a graph that somebody wrote by hand."""

from __future__ import annotations

import click

from kgsynth.cli.graph.sources import sources_of, sources_option
from kgsynth.cli.options import json_option, print_json


@click.command("validate")
@sources_option
@json_option
def command(sources: tuple[str, ...], overrides: tuple[str, ...], as_json: bool) -> int:
    """Say what is wrong with a graph written by hand, before anything is built on it."""
    from kgsynth.sources import read_source
    from kgsynth.sources.validation import problems

    found = [
        problem
        for source in sources_of(sources, overrides)
        for problem in problems(read_source(source.kind, source.path, source))
    ]
    if as_json:
        print_json({"problems": [problem._asdict() for problem in found]})
    else:
        for problem in found:
            click.echo(f"{problem.code}: {problem.where}: {problem.detail}")
        click.echo(f"{len(found)} problems." if found else "No problem found.")
    return 1 if found else 0
