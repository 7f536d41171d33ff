"""`kgsynth explain`: what a reason code means and what to do about it."""

from __future__ import annotations

import textwrap

import click

from kgsynth.cli.options import json_option, print_json
from kgsynth.errors import UsageError, nearest
from kgsynth.graph.validation.codes import PROBLEM_REASONS
from kgsynth.reasons import REASONS, Reason
from kgsynth.sources.reasons import ROW_REASONS
from kgsynth.verify import CHECKS


def all_reasons() -> dict[str, Reason]:
    """Return every code: those of a graph, of the stages, then those of the checks."""
    checks = {
        check.code: Reason(check.code, "check", check.sentence, check.mend)
        for check in CHECKS.values()
    }
    return ROW_REASONS | PROBLEM_REASONS | REASONS | checks


@click.command(short_help="Say what a reason code means and what to do.")
@click.argument("code", required=False)
@json_option
def command(code: str | None, as_json: bool) -> None:
    """Say what a reason code means and what to do about it.

    CODE is the code of a check, of a rejected row or of a dropped one, or of what graph validate
    finds, such as no-path. Without one, all are listed.
    """
    reasons = all_reasons()
    if code is None:
        _print_all(reasons, as_json)
        return
    reason = reasons.get(code.strip().lower())
    if reason is None:
        raise UsageError(
            f"There is no reason code '{code}'.{nearest(code, reasons)}",
            remedy="'kgsynth explain' lists them all.",
        )
    if as_json:
        print_json(reason._asdict())
    else:
        click.echo(_page(reason))


def _page(reason: Reason) -> str:
    return f"{reason.code} ({reason.stage})\n\n{_wrap(reason.sentence)}\n\n{_wrap(reason.mend)}"


def _wrap(sentence: str) -> str:
    return textwrap.fill(sentence, width=88, initial_indent="  ", subsequent_indent="  ")


def _print_all(reasons: dict[str, Reason], as_json: bool) -> None:
    if as_json:
        print_json([reason._asdict() for reason in reasons.values()])
        return
    width = max(len(code) for code in reasons)
    for reason in reasons.values():
        click.echo(f"{reason.code:{width}}  {reason.stage:9}  {reason.sentence}")
