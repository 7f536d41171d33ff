"""Write a dataset folder: every file of it but ``run/``, the manifest last.

Rows stream through; only the evidence they cite is held in memory. Nothing in the folder
depends on a clock, a host or a version. A folder without ``manifest.json`` is not a dataset:
a caller that must never show half of one writes aside and renames.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kgsynth.config import BuildConfig
from kgsynth.errors import DatasetError, RunError, RunFolderError, listing, storage_error
from kgsynth.export.card import render_card
from kgsynth.export.croissant import render_croissant
from kgsynth.export.facts import DatasetFacts, FactsGatherer
from kgsynth.export.files import DatasetFiles
from kgsynth.export.forms import FORMS, form_line, form_settings
from kgsynth.export.forms.messages import FormSettings
from kgsynth.model import (
    Answer,
    Draft,
    FileEntry,
    Funnel,
    GraphSummary,
    Hub,
    Manifest,
    Record,
    Rejected,
    Row,
)

if TYPE_CHECKING:
    from kgsynth.curate.gate import ShortcutGate

RUN_FOLDER = "run"
"""Ledger, log, times and spend: what varies between runs, and no part of the dataset."""


def write_dataset(
    folder: Path,
    *,
    config: BuildConfig,
    graph: GraphSummary,
    drafts: Iterable[Draft],
    rejected: Iterable[Rejected],
    hubs: Sequence[Hub],
    answers: Iterable[Answer],
    funnel: Funnel,
    teachers: dict[str, str],
    shortcuts: ShortcutGate,
    report: Callable[[DatasetFacts], str],
    lacking: str = "",
) -> Manifest:
    """Write the folder of a dataset and return its manifest, whatever the gate says of the rows.

    ``report`` renders ``report.html`` from the facts; it is handed in, for the report's room
    lies below this one. No rows at all is an error, raised before anything is written;
    ``lacking`` says what the graph would need to give any.
    """
    rows = iter(drafts)
    first = next(rows, None)
    if first is None:
        raise no_rows(funnel, lacking)
    _refuse_used(folder)
    files = DatasetFiles(folder, config.export.shard_rows)
    gatherer = FactsGatherer()
    try:
        written = _judged(itertools.chain((first,), rows), shortcuts)
        evidence = _write_rows(files, gatherer, written, config)
        _write_rejected(files, gatherer, rejected)
        files.finish_shards()
        _write_evidence(files, evidence, hubs, answers)
        facts = gatherer.facts(config, graph, funnel, teachers, hubs, shortcuts.gate())
        data = files.entries()
        _write_pages(files, facts, data, report)
        manifest = _manifest(facts, files.entries())
        files.add_text("manifest.json", manifest.model_dump_json(indent=2) + "\n")
    finally:
        files.abandon()
    return manifest


def no_rows(funnel: Funnel, lacking: str = "") -> RunError:
    """Say why a run came out empty: by what the graph lacks, or what dropped the most."""
    counts: Counter[tuple[str, str]] = Counter()
    for stage in funnel.stages:
        for code, count in stage.rejected.items():
            counts[stage.stage, code] += count
    if not counts:
        return RunError(
            "No row was made: the graph gave no path that becomes a question, and no question "
            "was mapped onto it.",
            remedy=lacking
            or "Raise paths.count, widen paths.hops, lower graph.shatter.k, or name "
            "questions.sources.",
        )
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    reasons = ", ".join(f"{code} at {stage} ({n})" for (stage, code), n in ranked[:3])
    most = ranked[0][0][1]
    return RunError(
        f"No row came through: {sum(counts.values())} were rejected. Most often: {reasons}.",
        remedy=lacking
        or f"kgsynth explain {most} tells what it means and what to do; raising paths.count "
        "gives the checks more to choose from.",
    )


# --- rows ----------------------------------------------------------------------------------------


class Evidence:
    """What the released rows rest on, held as the lines that will be written."""

    def __init__(self) -> None:
        self.statements: dict[str, str] = {}
        self.concepts: dict[str, str] = {}

    def add(self, draft: Draft) -> None:
        """Keep the statements and concepts behind a draft, each once."""
        for statement in draft.statements:
            _keep_once(self.statements, statement.id, statement)
        for concept in draft.concepts:
            _keep_once(self.concepts, concept.id, concept)


def _keep_once(held: dict[str, str], key: str, record: Record) -> None:
    line = record.to_line()
    if held.setdefault(key, line) != line:
        raise DatasetError(
            f"Two rows give different contents for {key}.",
            remedy="They come from two graphs: build again with --fresh.",
        )


def _judged(drafts: Iterable[Draft], shortcuts: ShortcutGate) -> Iterator[Draft]:
    """Have the readers that take shortcuts guess at every row that is written."""
    for draft in drafts:
        shortcuts.add(draft.row)
        yield draft


def _write_rows(
    files: DatasetFiles, gatherer: FactsGatherer, drafts: Iterable[Draft], config: BuildConfig
) -> Evidence:
    evidence = Evidence()
    settings = form_settings(config)
    for draft in drafts:
        row = draft.row
        if not row.split:
            raise DatasetError(
                f"Row {row.id} has no split.", remedy="Rows are curated before they are written."
            )
        files.add_line("examples", row.split, row.to_line())
        gatherer.add_row(row)
        evidence.add(draft)
        _write_forms(files, gatherer, row, config, settings)
    return evidence


def _write_forms(
    files: DatasetFiles,
    gatherer: FactsGatherer,
    row: Row,
    config: BuildConfig,
    settings: FormSettings,
) -> None:
    for name in config.export.forms:
        for line in FORMS[name].rows(row, settings):
            files.add_line(name, row.split, form_line(line))
            gatherer.add_form_line(name, row.split)


def _write_rejected(
    files: DatasetFiles, gatherer: FactsGatherer, rejected: Iterable[Rejected]
) -> None:
    for dropped in rejected:
        files.add_line("rejected", "rejected", dropped.to_line())
        gatherer.add_rejected(dropped)


def _write_evidence(
    files: DatasetFiles, evidence: Evidence, hubs: Sequence[Hub], answers: Iterable[Answer]
) -> None:
    """Write all four files even when one is empty: ``verify`` need not guess what a gap means."""
    said: dict[str, str] = {}
    for answer in answers:
        _keep_once(said, answer.key, answer)
    files.add_lines("evidence/statements.jsonl", _by_key(evidence.statements))
    files.add_lines("evidence/concepts.jsonl", _by_key(evidence.concepts))
    files.add_lines("evidence/hubs.jsonl", [hub.to_line() for hub in hubs])
    files.add_lines("evidence/answers.jsonl", _by_key(said))


def _by_key(lines: dict[str, str]) -> list[str]:
    return [lines[key] for key in sorted(lines)]


# --- pages and the manifest ----------------------------------------------------------------------


def _write_pages(
    files: DatasetFiles,
    facts: DatasetFacts,
    data: tuple[FileEntry, ...],
    report: Callable[[DatasetFacts], str],
) -> None:
    files.add_text("funnel.json", facts.funnel.model_dump_json(indent=2) + "\n")
    files.add_text("README.md", render_card(facts))
    files.add_text("croissant.json", render_croissant(facts, data))
    files.add_text("report.html", report(facts))


def _manifest(facts: DatasetFacts, entries: tuple[FileEntry, ...]) -> Manifest:
    config = facts.config
    return Manifest(
        name=config.name,
        created=facts.graph.released,
        config=config.content_hash(),
        build=config.portable().model_dump_json(exclude={"run"}),
        graph=facts.graph,
        teachers=dict(facts.teachers),
        rows=facts.by_split(),
        rejected=sum(code.number for code in facts.rejected),
        gate=facts.gate.verdict,
        shortcuts=facts.gate.splits,
        files=entries,
    )


def _refuse_used(folder: Path) -> None:
    """Never write over what someone else put there; ``run/`` may lie in the folder already."""
    try:
        found = [entry.name for entry in folder.iterdir()] if folder.exists() else []
    except OSError as error:
        raise storage_error(error, folder) from None
    others = [name for name in found if name != RUN_FOLDER]
    if others:
        raise RunFolderError(
            f"{folder} is not empty: it holds {listing(others, 4)}.",
            remedy="Name a new folder with --output.",
        )
