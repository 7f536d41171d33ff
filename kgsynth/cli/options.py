"""Options that mean the same in every command."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import click

from kgsynth.errors import nearest

Command = TypeVar("Command", bound=Callable[..., Any])


class Group(click.Group):
    """A group of commands that says which one may be meant."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Refuse a command that does not exist, in a sentence."""
        name = args[0] if args else ""
        if name and not name.startswith("-") and name not in self.commands:
            raise click.UsageError(no_such_command(name, self.commands), ctx)
        return super().resolve_command(ctx, args)


def no_such_command(name: str, known: Iterable[str], planned: Iterable[str] = ()) -> str:
    """Say that a command is not there, and which one may be meant."""
    if name in planned:
        return f"The command '{name}' is part of the plan but not built yet."
    return f"There is no command '{name}'.{nearest(name, known)}"


class Number(click.IntRange):
    """A whole number; what is none, or lies too low or too high, is refused with what may stand.

    >>> Number(min=1, max=12).convert("99", None, None)
    Traceback (most recent call last):
    click.exceptions.BadParameter: '99' is no whole number from 1 to 12.
    """

    name = "n"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read it."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            most = "up" if self.max is None else f"to {self.max:,}"
            self.fail(f"'{value}' is no whole number from {self.min} {most}.", param, ctx)


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


def shown(text: str) -> str:
    """Make a text from a graph safe for a terminal: what is no character to see becomes a mark.

    >>> shown("pain\\x1b[2J\\nand more")
    'pain\ufffd[2J\ufffdand more'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def print_json(document: Any) -> None:
    """Print the one JSON document that ``--json`` promises."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))
