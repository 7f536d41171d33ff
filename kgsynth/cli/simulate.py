"""``kgsynth simulate``: graphs of any size in the form of real ones, with nothing real in them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kgsynth.cli.new_folder import into_new_folder
from kgsynth.cli.options import Group, json_option, print_json, quiet_option
from kgsynth.cli.progress import stage_progress
from kgsynth.errors import count_of

if TYPE_CHECKING:
    from kgsynth.simulate import Simulated
    from kgsynth.sources.columns import Progress

Command = TypeVar("Command", bound=Callable[..., Any])
SIZES = ("small", "medium", "full")


@click.group("simulate", cls=Group)
def group() -> None:
    """Write graphs of any size in the form of real ones, with invented names and facts."""


def _size_options(command: Command) -> Command:
    """Add what both kinds take, in the order of the help."""
    for option in (
        quiet_option,
        json_option,
        click.option("--output", required=True, type=click.Path(path_type=Path), metavar="DIR"),
        click.option(
            "--seed", type=int, default=0, show_default=True, help="Seed of all random choices."
        ),
        click.option("--relations", type=int, metavar="N", help="Rows, with their twins."),
        click.option("--concepts", type=int, metavar="N", help="Concepts; the rest follows."),
        click.option(
            "--size",
            type=click.Choice(SIZES),
            default=SIZES[0],
            show_default=True,
            help="full is as large as the real one.",
        ),
    ):
        command = option(command)
    return command


@group.command("umls")
@_size_options
@click.option("--names", type=int, metavar="N", help="Rows of MRCONSO; some 2.6 a concept.")
def umls_command(
    size: str,
    concepts: int | None,
    relations: int | None,
    names: int | None,
    seed: int,
    output: Path,
    as_json: bool,
    quiet: bool,
) -> None:
    """Write a META folder: MRCONSO, MRREL, MRSTY and the small files beside them."""
    from kgsynth.simulate import simulate_umls, umls_size

    wanted = umls_size(size, concepts=concepts, relations=relations, names=names)
    _simulate(
        "umls",
        lambda folder, progress: simulate_umls(folder, wanted, seed, progress),
        output,
        as_json=as_json,
        quiet=quiet,
    )


@group.command("primekg")
@_size_options
@click.option("--no-index", is_flag=True, help="Leave out x_index and y_index, as TDC's copy does.")
def primekg_command(
    size: str,
    concepts: int | None,
    relations: int | None,
    no_index: bool,
    seed: int,
    output: Path,
    as_json: bool,
    quiet: bool,
) -> None:
    """Write a kg.csv; each edge is two of its rows."""
    from kgsynth.simulate import primekg_size, simulate_primekg

    wanted = primekg_size(size, concepts=concepts, relations=relations)
    _simulate(
        "primekg",
        lambda folder, progress: simulate_primekg(
            folder, wanted, seed, progress, with_index=not no_index
        ),
        output,
        as_json=as_json,
        quiet=quiet,
    )


def _simulate(
    kind: str,
    write: Callable[[Path, Progress], Simulated],
    output: Path,
    *,
    as_json: bool,
    quiet: bool,
) -> None:
    with stage_progress(quiet=quiet or as_json) as progress:
        written: Simulated = into_new_folder(output, lambda folder: write(folder, progress))
    if as_json:
        document = {"kind": kind, "output": str(output)}
        print_json({**document, "concepts": written.concepts, "rows": written.rows})
        return
    click.echo(f"{output}: {count_of(written.concepts, 'concept')}.")
    for name, rows in written.rows.items():
        click.echo(f"  {rows:>12,}  {name}")
    click.echo(f"kgsynth graph compile {kind}:{output} --output STORE reads it.")
