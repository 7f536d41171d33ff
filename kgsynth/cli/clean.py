"""`kgsynth clean`: remove the parts that no run uses."""

from __future__ import annotations

from pathlib import Path

import click

from kgsynth.cli.options import json_option, print_json
from kgsynth.errors import UsageError, count_of
from kgsynth.runs import Cleaned, clean


@click.command(short_help="Remove the parts that no run uses.")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=Path("output"),
    show_default=True,
    help="The folder that the runs lie in.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be removed, and remove nothing.")
@json_option
def command(output: Path, dry_run: bool, as_json: bool) -> None:
    """Remove the parts that no run uses.

    Stages keep what they made under OUTPUT/.parts, so that the next run goes on from there.
    The datasets themselves are not touched.
    """
    if not output.is_dir():
        raise UsageError(
            f"There is no folder {output}.", remedy="Name the folder of the runs with --output."
        )
    cleaned = clean(output, dry_run=dry_run)
    if as_json:
        print_json({"dry_run": dry_run, **cleaned._asdict()})
    else:
        click.echo(_sentence(cleaned, dry_run))


def _sentence(cleaned: Cleaned, dry_run: bool) -> str:
    verb = "Would remove" if dry_run else "Removed"
    kept = count_of(cleaned.kept, "part")
    size = f"{cleaned.bytes / 1e6:.1f} MB"
    return f"{verb} {count_of(cleaned.removed, 'part')} ({size}); {kept} in use."
