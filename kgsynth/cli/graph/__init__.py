"""``kgsynth graph``: compile a graph, look at it, cut its hubs, write it out again."""

from __future__ import annotations

import click

from kgsynth.cli.graph.compile import command as compile_command
from kgsynth.cli.graph.export import command as export_command
from kgsynth.cli.graph.info import command as info_command
from kgsynth.cli.graph.shatter import command as shatter_command
from kgsynth.cli.graph.upgrade import command as upgrade_command
from kgsynth.cli.graph.validate import command as validate_command
from kgsynth.cli.options import Group


@click.group("graph", cls=Group)
def group() -> None:
    """Compile a graph into a store, check it, look at it, cut its hubs, write it out."""


for command in (
    compile_command,
    export_command,
    info_command,
    shatter_command,
    upgrade_command,
    validate_command,
):
    group.add_command(command)
