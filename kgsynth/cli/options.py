"""Options that mean the same in every command."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def json_option(command: Command) -> Command:
    """Add ``--json``, passed to the command as ``as_json``."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Print one JSON document and nothing else."
    )(command)


def quiet_option(command: Command) -> Command:
    """Add ``--quiet``, passed to the command as ``quiet``."""
    return click.option("--quiet", is_flag=True, help="Print no progress, only the result.")(
        command
    )


def print_json(document: Any) -> None:
    """Print the one JSON document that ``--json`` promises."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))
