"""``kgsynth paths``: search between concepts, and draw paths by the million."""

from __future__ import annotations

import click

from kgsynth.cli.options import Group
from kgsynth.cli.paths.between import command as between_command
from kgsynth.cli.paths.sample import command as sample_command


@click.group("paths", cls=Group)
def group() -> None:
    """Search between concepts, and draw paths by the million."""


group.add_command(between_command)
group.add_command(sample_command)
