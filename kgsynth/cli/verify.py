"""`kgsynth verify`: check a dataset again, from its files alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kgsynth.cli.options import json_option, print_json
from kgsynth.errors import UsageError, count_of

if TYPE_CHECKING:
    from kgsynth.config import BuildConfig
    from kgsynth.curate.gate import ShortcutGate
    from kgsynth.graph.store import KnowledgeGraph
    from kgsynth.model import Row
    from kgsynth.verify.dataset import Ask, Report

ASK_THE_GRAPH = ("grounding", "distractors", "unique", "necessity", "gate")
"""Checks that can do more with the graph at hand."""
SHOWN = 20
"""Failures printed one by one; `--json` gives them all."""


@click.command(short_help="Check a dataset again, from its files alone.")
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option(
    "--graph",
    "store",
    type=click.Path(path_type=Path),
    metavar="STORE",
    help="Look statements up in this compiled graph too.",
)
@click.option("--strict", is_flag=True, help="Let what could not be checked count as failed.")
@click.option("--reread", is_flag=True, help="Ask the verifier's model again (not built yet).")
@json_option
def command(dataset: Path, store: Path | None, strict: bool, reread: bool, as_json: bool) -> int:
    """Check a dataset again, from its files alone.

    Runs every check on every row of the folder DATASET, and recomputes row ids, hashes, manifest
    and what its gate says of shortcuts. Exits with 1 when anything fails.
    """
    if reread:
        raise UsageError(
            "--reread asks the verifier's model again, and no model teacher is built yet.",
            remedy="Leave it out: what the scripted teacher wrote is checked without it.",
        )
    from kgsynth.verify.dataset import verify_dataset

    graph = _opened(store)
    report = verify_dataset(
        dataset,
        graph=graph,
        whole=_whole(graph),
        strict=strict,
        forms=_forms,
        shortcuts=_shortcuts(graph),
    )
    if as_json:
        print_json(report.model_dump(mode="json"))
    else:
        _print_report(report, dataset)
        if store is None and not report.could_not_check.keys().isdisjoint(ASK_THE_GRAPH):
            click.echo(
                "With --graph STORE, the graph itself is asked; kgsynth graph compile makes one."
            )
    return 1 if report.failed else 0


def _opened(store: Path | None) -> KnowledgeGraph | None:
    if store is None:
        return None
    from kgsynth.graph.store import KnowledgeGraph

    return KnowledgeGraph.open(store)


def _whole(graph: KnowledgeGraph | None) -> Ask | None:
    if graph is None:
        return None
    from kgsynth.verify.whole import WholeGraph

    return partial(WholeGraph, graph)


def _shortcuts(graph: KnowledgeGraph | None) -> Callable[[Sequence[str]], ShortcutGate]:
    """Return what tries shortcut readers on the rows, on the graph without the named hubs."""
    from kgsynth.curate.gate import GraphSight, ShortcutGate

    def gate(hubs: Sequence[str]) -> ShortcutGate:
        return ShortcutGate(GraphSight.without(graph, hubs) if graph is not None else None)

    return gate


def _forms(config: BuildConfig) -> Callable[[Row], dict[str, list[str]]]:
    """Return what writes a row's lines for the trainers, as the dataset's build file asks."""
    from kgsynth.export.forms import FORMS, form_line, form_settings

    settings = form_settings(config)
    known = [name for name in config.export.forms if name in FORMS]

    def lines(row: Row) -> dict[str, list[str]]:
        return {name: [form_line(r) for r in FORMS[name].rows(row, settings)] for name in known}

    return lines


def _print_report(report: Report, dataset: Path) -> None:
    failed = Counter(failure.check for failure in report.failed)
    unread = report.could_not_check
    if failed or unread:
        click.echo(f"{'check':16}{'failed':>8}{'could not check':>18}")
        for check in sorted(failed.keys() | unread.keys()):
            click.echo(f"{check:16}{failed[check]:8}{unread.get(check, 0):18}")
        for check, reason in report.unread.items():
            click.echo(f"{check} could not check {reason}")
        click.echo()
    for failure in report.failed[:SHOWN]:
        click.echo(f"{failure.id}  {failure.code}: {failure.detail}")
    if len(report.failed) > SHOWN:
        click.echo(f"and {len(report.failed) - SHOWN} more; see them all with --json")
    click.echo(_sentence(report, dataset))


def _sentence(report: Report, dataset: Path) -> str:
    rows = f"{dataset}: {count_of(report.rows, 'row')}"
    if report.failed:
        code = report.failed[0].code
        failures = count_of(len(report.failed), "failure")
        return f"{rows}, {failures}. What a code means: kgsynth explain {code}"
    unread = sum(report.could_not_check.values())
    return f"{rows}, nothing failed{f', {unread:,} could not be checked' if unread else ''}."
