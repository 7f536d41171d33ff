"""``kgsynth graph upgrade``: a store of an older format, made one of this."""

from __future__ import annotations

from pathlib import Path

import click

from kgsynth.cli.options import json_option, print_json


@click.command("upgrade")
@click.argument("store", type=click.Path(path_type=Path))
@json_option
def command(store: Path, as_json: bool) -> None:
    """Bring a store of an older format up to date, in its place."""
    from kgsynth.graph.manifest import FORMAT_VERSION
    from kgsynth.graph.upgrade import upgrade

    before = upgrade(store)
    if as_json:
        print_json({"store": str(store), "from": before, "to": FORMAT_VERSION})
    elif before == FORMAT_VERSION:
        click.echo(f"{store} is up to date: format {FORMAT_VERSION}.")
    else:
        click.echo(f"{store}: format {before} is now {FORMAT_VERSION}.")
