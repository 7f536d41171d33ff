"""``kgsynth graph``: compile a graph, look at it, cut its hubs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from kgsynth.cli.options import Group, json_option, print_json
from kgsynth.errors import ConfigError, NotBuiltError, RunFolderError, UsageError, listing, nearest

MOST_HUBS = 10
MOST_SHOWN = 12


@click.group("graph", cls=Group, planned=("upgrade", "export"))
def group() -> None:
    """Compile a graph into a store, check it, look at it, cut its hubs."""


@group.command("compile")
@click.argument("sources", nargs=-1, required=True, metavar="KIND:PATH...")
@click.option("--output", required=True, type=click.Path(path_type=Path), metavar="STORE")
@json_option
def compile_command(sources: tuple[str, ...], output: Path, as_json: bool) -> None:
    """Compile one or more graphs into one store, as in: tables:my-graph."""
    from kgsynth.graph.compile import compile_graph
    from kgsynth.sources import read_source

    read = [_source(source) for source in sources]
    columns = [read_source(kind, path) for kind, path in read]
    manifest = _into_new_folder(output, lambda folder: compile_graph(columns, folder))
    if as_json:
        print_json(_info(output))
        return
    click.echo(f"{output}: {manifest.nodes} concepts, {manifest.statements} statements.")
    for reason, count in manifest.dropped.items():
        click.echo(f"dropped {count}: {reason}")
    _print_unknown(manifest.unknown_predicates)


def _source(text: str) -> tuple[str, Path]:
    from kgsynth.config import BUILT, KINDS_OF_GRAPH, placed_path

    kind, _, path = text.partition(":")
    if not path or kind not in KINDS_OF_GRAPH:
        hint = "" if kind in KINDS_OF_GRAPH else nearest(kind, KINDS_OF_GRAPH)
        raise ConfigError(
            f"{text!r} is not KIND:PATH.{hint}",
            remedy=f"Kinds: {listing(KINDS_OF_GRAPH)}. For example: tables:my-graph",
        )
    if kind not in BUILT["graph.sources.kind"]:
        raise NotBuiltError(
            f"The kind {kind!r} is part of the plan but not built yet.",
            remedy=f"Use {' or '.join(sorted(BUILT['graph.sources.kind']))}.",
        )
    return kind, placed_path(path, Path.cwd())


def _into_new_folder(output: Path, make: Any) -> Any:
    """Make a folder in one go: half of one is never left behind."""
    import shutil
    import tempfile

    from kgsynth.runs import storage

    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise RunFolderError(
            f"{output} is there already.", remedy="Name a new folder, or remove it first."
        )
    # The nearest folder that is there: a failure leaves no new ones behind.
    place = next(parent for parent in output.absolute().parents if parent.is_dir())
    with storage(output):
        aside = Path(tempfile.mkdtemp(prefix=f".{output.name}-", dir=place))
        try:
            made = make(aside)
            output.parent.mkdir(parents=True, exist_ok=True)
            aside.chmod(0o755)
            aside.replace(output)
        except BaseException:
            shutil.rmtree(aside, ignore_errors=True)
            raise
    return made


@group.command("info")
@click.argument("store", type=click.Path(path_type=Path))
@json_option
def info_command(store: Path, as_json: bool) -> None:
    """Say what a store holds."""
    info = _info(store)
    if as_json:
        print_json(info)
        return
    click.echo(f"{info['nodes']} concepts, {info['statements']} statements")
    for title in ("types", "predicates", "dropped"):
        if not info[title]:
            continue
        click.echo(f"\n{title}")
        counts = sorted(info[title].items(), key=lambda pair: -pair[1])
        for name, count in counts[:MOST_SHOWN]:
            click.echo(f"  {count:>9}  {name}")
        if len(counts) > MOST_SHOWN:
            click.echo(f"  and {len(counts) - MOST_SHOWN} more; see them all with --json")
    _print_unknown(info["unknown_predicates"])
    click.echo("\nhubs: neighbours, times the usual number for their type")
    for hub in info["hubs"]:
        click.echo(f"  {hub['degree']:>9} {hub['score']:>8.1f}x  {hub['name']} ({hub['id']})")


def _print_unknown(predicates: Sequence[str]) -> None:
    if predicates:
        kept = listing(predicates, MOST_SHOWN)
        click.echo(f"predicates that the vocabulary does not know, kept as they are: {kept}")


def _info(store: Path) -> dict[str, Any]:
    import numpy as np

    from kgsynth.graph.shatter import degree_in_type
    from kgsynth.graph.store import KnowledgeGraph

    graph = KnowledgeGraph.open(store)
    scores = degree_in_type(graph)
    top = [int(code) for code in np.argsort(-scores, kind="stable")[:MOST_HUBS]]
    manifest = graph.manifest
    return {
        "nodes": manifest.nodes,
        "statements": manifest.statements,
        "types": manifest.types,
        "predicates": manifest.predicates,
        "dropped": manifest.dropped,
        "hubs": [
            {
                "id": graph.id(code),
                "name": graph.name(code),
                "degree": int(graph.contact.degree[code]),
                "score": float(scores[code]),
            }
            for code in top
        ],
        "unknown_predicates": list(manifest.unknown_predicates),
        "sources": [source.model_dump(mode="json") for source in manifest.sources],
        "content": manifest.content,
    }


@group.command("shatter")
@click.argument("store", type=click.Path(path_type=Path))
@click.option("--k", required=True, type=click.IntRange(min=0), help="How many hubs, or how high.")
@click.option("--rule", default="top_k", show_default=True, help="top_k or over_k.")
@click.option(
    "--score", default="degree_in_type", show_default=True, help="degree_in_type or degree."
)
@click.option(
    "--protect",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Ids or names that must survive, one a line.",
)
@click.option("--output", required=True, type=click.Path(path_type=Path), metavar="OVERLAY")
@json_option
def shatter_command(
    store: Path, k: int, rule: str, score: str, protect: Path | None, output: Path, as_json: bool
) -> None:
    """Cut the generic hubs of a store; the store itself stays as it is."""
    from kgsynth.graph.shatter import shatter
    from kgsynth.graph.store import KnowledgeGraph

    options = _shatter_options(rule, k, score, protect)
    graph = KnowledgeGraph.open(store)
    report = _into_new_folder(output, lambda folder: shatter(graph, options, folder))
    if as_json:
        print_json(report.model_dump(mode="json"))
        return
    click.echo(f"{output}: {len(report.removed)} of {graph.node_count} concepts removed.")
    for hub in report.removed[:MOST_SHOWN]:
        click.echo(f"  {hub.score:>9.2f}  {hub.name} ({hub.id})")
    click.echo(f"{report.pairs_lost} pairs of concepts are joined by no path any more.")
    longer = sum(report.grew.values())
    click.echo(f"{longer} of {report.pairs_compared} pairs compared are farther apart.")


def _shatter_options(rule: str, k: int, score: str, protect: Path | None) -> Any:
    from kgsynth.config import BUILT, Protect, Shatter

    for key, value in (("rule", rule), ("score", score)):
        usable = BUILT[f"graph.shatter.{key}"]
        if value not in usable:
            raise UsageError(
                f"--{key} {value!r} is not built.{nearest(value, usable)}",
                remedy=f"Use {' or '.join(sorted(usable))}.",
            )
    return Shatter.model_validate(
        {"rule": rule, "k": k, "score": score, "protect": Protect(concepts=_lines(protect))}
    )


def _lines(path: Path | None) -> tuple[str, ...]:
    if path is None:
        return ()
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise UsageError(
            f"--protect {path} cannot be read.", remedy="Name a UTF-8 file with one id a line."
        ) from None
    return tuple(line.strip() for line in text.splitlines() if line.strip())


@group.command("validate")
@click.argument("sources", nargs=-1, required=True, metavar="KIND:PATH...")
@json_option
def validate_command(sources: tuple[str, ...], as_json: bool) -> int:
    """Say what is wrong with a graph written by hand, before anything is built on it."""
    from kgsynth.sources import read_source
    from kgsynth.sources.validation import problems

    found = [
        problem
        for kind, path in map(_source, sources)
        for problem in problems(read_source(kind, path))
    ]
    if as_json:
        print_json({"problems": [problem._asdict() for problem in found]})
    else:
        for problem in found:
            click.echo(f"{problem.code}: {problem.where}: {problem.detail}")
        click.echo(f"{len(found)} problems." if found else "No problem found.")
    return 1 if found else 0
