"""``kgsynth graph export``: write a store in a format that other tools read."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from kgsynth.cli.options import json_option, print_json, quiet_option, shown
from kgsynth.errors import RunFolderError, UsageError, count_of, listing

if TYPE_CHECKING:
    from kgsynth.graph.export import Exported, Format

MOST_SHOWN = 20
ADDRESS = re.compile(r"(bolt|neo4j)(\+s|\+ssc)?://")
Made = TypeVar("Made")


@click.command("export")
@click.argument("store", type=click.Path(path_type=Path))
@click.option("--to", required=True, metavar="FORMAT", help="kgx, nt, neo4j or graphml.")
@click.option(
    "--output",
    required=True,
    metavar="FILE|FOLDER|ADDRESS",
    help="A file for nt and graphml, a folder for kgx and neo4j; for neo4j also bolt://HOST:PORT.",
)
@click.option(
    "--accept",
    multiple=True,
    metavar="SOURCE",
    help="Write out the names of a source that restricts their use too: you hold its licence. "
    "May be given several times.",
)
@click.option("--database", default="", metavar="NAME", help="Which database of the server.")
@quiet_option
@json_option
def command(
    store: Path,
    to: str,
    output: str,
    accept: tuple[str, ...],
    database: str,
    quiet: bool,
    as_json: bool,
) -> None:
    """Write a store in a format that other tools read; it can be compiled again without loss.

    Names, definitions and evidence of sources that restrict their use stay behind, until the
    source is named with --accept.
    """
    from kgsynth.cli.progress import stage_progress
    from kgsynth.graph.export import export_graph, export_to_server, format_named
    from kgsynth.graph.store import KnowledgeGraph

    format_ = format_named(to)
    to_server = ADDRESS.match(output) is not None
    _check(to, format_, output, database, to_server=to_server)
    graph = KnowledgeGraph.open(store)
    if not to_server and store.resolve() in Path(output).resolve().parents:
        raise UsageError(
            f"{output} lies in the store {store}, which is written once.",
            remedy="Name a place outside it.",
        )
    with stage_progress(quiet=quiet or as_json, unit="", scale=True) as progress:
        if to_server:
            exported = export_to_server(graph, output, accept, database, progress)
        else:
            exported = _into_place(
                Path(output),
                format_,
                lambda place: export_graph(graph, to, place, accept, progress),
            )
    _tell(output, to, exported, as_json=as_json)


def _check(to: str, format_: Format, output: str, database: str, *, to_server: bool) -> None:
    """Refuse a place where the format cannot go."""
    if to_server and not format_.server:
        raise UsageError(
            f"The format {to!r} is not written to a server.",
            remedy="Use --to neo4j, or name a file or folder.",
        )
    if database and not to_server:
        raise UsageError(
            "--database is for a server.", remedy="Leave it out, or write --output bolt://HOST:PORT"
        )
    name = output.removesuffix(".gz")
    if format_.ending and not name.endswith(format_.ending):
        raise UsageError(
            f"A file of format {to} must end in {format_.ending} or {format_.ending}.gz: its "
            "readers tell by that what it is.",
            remedy=f"Write --output {name}{format_.ending}",
        )


def _into_place(output: Path, format_: Format, make: Callable[[Path], Made]) -> Made:
    """Write a folder or a file in one go: half of one is never left behind."""
    from kgsynth.cli.new_folder import into_new_folder

    return into_new_folder(output, make) if format_.folder else _into_new_file(output, make)


def _into_new_file(output: Path, make: Callable[[Path], Made]) -> Made:
    from kgsynth.runs import storage

    if os.path.lexists(output):
        raise RunFolderError(
            f"{output} is there already.", remedy="Name a new file, or remove it first."
        )
    # The nearest folder that is there: a failure leaves no new ones behind.
    place = next(parent for parent in output.absolute().parents if parent.is_dir())
    with storage(output), tempfile.TemporaryDirectory(prefix=".export-", dir=place) as aside:
        # The same name: its ending tells whether it is packed.
        written = Path(aside) / output.name
        made = make(written)
        output.parent.mkdir(parents=True, exist_ok=True)
        os.replace(written, output)
    return made


def _tell(output: str, to: str, exported: Exported, *, as_json: bool) -> None:
    if as_json:
        print_json({"output": output, "format": to, **exported._asdict()})
        return
    click.echo(
        f"{output}: {count_of(exported.nodes, 'concept')}, "
        f"{count_of(exported.statements, 'statement')}."
    )
    held = (
        (exported.names_withheld, "name", ""),
        (exported.definitions_withheld, "definition", ""),
        (exported.evidence_withheld, "text", " of evidence"),
    )
    counts = ", ".join(count_of(count, noun) + rest for count, noun, rest in held if count)
    if counts:
        sources = exported.withheld_sources
        listed = shown(listing(sources, MOST_SHOWN))
        click.echo(
            f"Held back {counts}: their licence restricts them ({listed}). If you hold it, name "
            f"each such source, as in --accept {shown(sources[0])}"
        )
