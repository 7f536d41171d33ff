"""The entry point: commands found late, and every failure said in one sentence.

Exit codes: 0 done; 1 the data or the run failed; 2 wrong usage; 130 stopped from the keyboard,
143 by SIGTERM.
"""

from __future__ import annotations

import errno
import importlib
import os
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from kgsynth.cli.options import no_such_command
from kgsynth.cli.registry import COMMANDS, PLANNED, Entry
from kgsynth.errors import KgsynthError, storage_error

STOPPED = 130
TERMINATED = 143
DEBUG = "KGSYNTH_DEBUG"


class LateGroup(click.Group):
    """A group whose commands are imported when they are called, not when they are listed."""

    def __init__(self, entries: dict[str, Entry], **attributes: Any) -> None:
        super().__init__(**attributes)
        self.entries = entries

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the registry's order."""
        return list(self.entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        entry = self.entries.get(cmd_name)
        if entry is None:
            return None
        module, _, attribute = entry.target.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{entry.target} is not a click command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from the registry alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in self.entries.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Refuse a command that does not exist with the nearest one that does."""
        if args and args[0] not in self.entries and not args[0].startswith("-"):
            raise click.UsageError(no_such_command(args[0], self.entries, PLANNED), ctx)
        return super().resolve_command(ctx, args)


def _print_version(ctx: click.Context, _option: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"kgsynth {version('kgsynth')}")
        ctx.exit()


@click.group(
    cls=LateGroup,
    entries=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="kgsynth COMMAND --help tells a command's options.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Print the version.",
)
def cli() -> None:
    """Turn biomedical knowledge graphs into verified multi-hop reasoning data."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; a command may return one of its own."""
    try:
        with _sigterm_raised():
            result = _run(arguments)
        sys.stdout.flush()
    except _TerminatedError:
        return _say(_stopped(arguments), TERMINATED)
    except BrokenPipeError:
        return _reader_left()
    except OSError as error:
        return _refused_by_the_system(error)
    except Exception as error:
        return _bug(error)
    return result


class _TerminatedError(BaseException):
    """SIGTERM came. Like Ctrl-C, it is no failure that anything should catch on its way."""


@contextmanager
def _sigterm_raised() -> Iterator[None]:
    """Have SIGTERM unwind what is done, as Ctrl-C does; a second one ends the process at once."""

    def stop(number: int, frame: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        raise _TerminatedError

    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
    ):
        yield
        return
    signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _run(arguments: Sequence[str] | None) -> int:
    try:
        result = cli.main(
            args=None if arguments is None else list(arguments),
            prog_name="kgsynth",
            standalone_mode=False,
        )
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except click.ClickException as error:
        return _say(_usage_sentence(error), error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        return _say(_stopped(arguments), STOPPED)
    except KgsynthError as error:
        if os.environ.get(DEBUG):
            raise
        return _say(str(error), error.exit_code)
    return result if isinstance(result, int) else 0


def _stopped(arguments: Sequence[str] | None) -> str:
    given = sys.argv[1:] if arguments is None else arguments
    if "build-dataset" in given:
        return "stopped. The same command goes on where it stopped."
    return "stopped. Nothing half done was left behind; the same command begins anew."


def _say(sentence: str, exit_code: int) -> int:
    click.echo(f"kgsynth: {sentence}", err=True)
    return exit_code


def _usage_sentence(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    where = f" See: {context.command_path} --help" if context else ""
    return f"{error.format_message().strip()}{where}"


def _reader_left() -> int:
    # `kgsynth ... | head`: nobody is left to tell. Python flushes stdout once more when it
    # ends, so it is pointed to where that cannot fail.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def _refused_by_the_system(error: OSError) -> int:
    """Say a full disk or a refused file plainly, wherever in a run it was met."""
    known = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS)
    if error.errno not in known or os.environ.get(DEBUG):
        return _bug(error)
    refused = storage_error(error, Path(str(error.filename or "a file")))
    return _say(str(refused), refused.exit_code)


def _bug(error: BaseException) -> int:
    if os.environ.get(DEBUG):
        raise error
    what = traceback.format_exception_only(error)[-1].strip().splitlines()[0][:200]
    return _say(f"this is a bug in kgsynth: please report it{_kept(error)}. ({what})", 1)


def _kept(error: BaseException) -> str:
    """Write the traceback to a file and say where; a full disk takes none."""
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", prefix="kgsynth-bug-", suffix=".txt", delete=False
        ) as file:
            traceback.print_exception(error, file=file)
    except OSError:
        return f"; {DEBUG}=1 shows the traceback"
    return f" with the traceback in {file.name}"
