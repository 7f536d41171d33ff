"""Graphs as the command line names them: KIND:PATH, or a build file that lists them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kgsynth.errors import ConfigError, UsageError, listing, nearest

if TYPE_CHECKING:
    from kgsynth.source_options import GraphSource

Command = TypeVar("Command", bound=Callable[..., Any])


def sources_option(command: Command) -> Command:
    """Add the sources, passed as ``sources``, and ``--set``, passed as ``overrides``."""
    command = click.option(
        "--set",
        "overrides",
        multiple=True,
        metavar="KEY=VALUE",
        help="An option of the sources, as in languages=[en] or umls.types=[DISO].",
    )(command)
    return click.argument("sources", nargs=-1, required=True, metavar="KIND:PATH...")(command)


def sources_of(arguments: Sequence[str], overrides: Sequence[str]) -> list[GraphSource]:
    """Read what sources are meant, with their options."""
    trees = [tree for argument in arguments for tree in _trees(argument)]
    for override in overrides:
        _set(trees, override)
    return [_validated(tree) for tree in trees]


def _trees(argument: str) -> list[dict[str, Any]]:
    from kgsynth.build_file import read_build_file
    from kgsynth.config import placed_path
    from kgsynth.source_options import KINDS_OF_GRAPH

    kind, colon, path = argument.partition(":")
    if kind in KINDS_OF_GRAPH and path:
        place = path if "://" in path and kind == "neo4j" else str(placed_path(path, Path.cwd()))
        return [{"kind": kind, "path": place}]
    if argument.endswith((".yaml", ".yml")) and not (colon and kind in KINDS_OF_GRAPH):
        config = read_build_file(Path(argument))
        return [source.model_dump(exclude_unset=True) for source in config.graph.sources]
    hint = "" if kind in KINDS_OF_GRAPH else nearest(kind, KINDS_OF_GRAPH)
    raise ConfigError(
        f"{argument!r} is not KIND:PATH.{hint}",
        remedy=f"Kinds: {listing(KINDS_OF_GRAPH)}. For example: tables:my-graph",
    )


def _set(trees: Sequence[dict[str, Any]], override: str) -> None:
    """Put one ``key=value`` into every source that takes the key."""
    import yaml

    key, equals, text = override.partition("=")
    if not equals or not key.strip():
        raise UsageError(
            f"--set {override!r} is not key=value.", remedy="For example: --set languages=[en]"
        )
    kind, dot, name = key.strip().rpartition(".")
    taking = [t for t in trees if name in _keys(t["kind"]) and (not dot or t["kind"] == kind)]
    if not taking:
        known = sorted({key for tree in trees for key in _keys(tree["kind"])})
        raise UsageError(
            f"--set {key}: none of the sources takes {name!r}.{nearest(name, known)}",
            remedy=f"They take: {listing(known, 20)}.",
        )
    try:
        # A space or a tab is meant as such: to YAML it would be nothing.
        value = text if text.isspace() else yaml.safe_load(text)
    except yaml.YAMLError:
        raise UsageError(
            f"--set {key}: the value {text!r} is not valid YAML.", remedy="Quote it."
        ) from None
    for tree in taking:
        tree[name] = value


def _keys(kind: str) -> list[str]:
    from kgsynth.source_options import OPTIONS

    return [key for key in OPTIONS[kind].model_fields if key not in ("kind", "path")]


def _validated(tree: dict[str, Any]) -> GraphSource:
    from pydantic import ValidationError

    from kgsynth.source_options import SOURCE

    try:
        return SOURCE.validate_python(tree)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"][1:])
        message = str(first["msg"]).removeprefix("Value error, ")
        # What is wrong with the options together has no key of its own, and says what it is.
        where = f"--set {key}={first['input']}" if key else f"{tree['kind']}:{tree['path']}"
        raise UsageError(
            f"{where}: {message}.",
            remedy="docs/graphs.md lists the options of each kind.",
        ) from None
