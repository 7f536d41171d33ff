"""Verify a dataset from its files alone. The folder may be a stranger's: nothing in it is trusted.

What the rows say of their own verdicts is not looked at, and nothing in a file can end the
verification but with a report.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import Field, ValidationError

from kgsynth.config import BuildConfig
from kgsynth.errors import DatasetError, count_of
from kgsynth.linking.matching import invisible
from kgsynth.model import (
    SCHEMA_VERSION,
    Answer,
    Concept,
    FileEntry,
    Grade,
    Hub,
    Manifest,
    Outcome,
    Record,
    Row,
    Statement,
)
from kgsynth.teachers import TEACHERS, open_teacher
from kgsynth.verify import CheckContext, check_row
from kgsynth.verify.benchmarks import names_of
from kgsynth.verify.check import Whole
from kgsynth.verify.evidence import (
    OTHER_GRAPH,
    GraphLookup,
    compare_graph,
    sound_concepts,
    sound_statements,
)
from kgsynth.verify.folder import (
    CONCEPTS,
    EVIDENCE,
    EXAMPLES,
    LONGEST_LINE,
    MANIFEST,
    STATEMENTS,
    differs,
    is_inside,
    lines,
    open_inside,
    record_of,
    shard_of,
    strays,
    why_not,
)
from kgsynth.verify.forms import Forms, SplitForms
from kgsynth.verify.readings import Reader, reader_of
from kgsynth.verify.shortcuts import Trial, Trials, mismatches, unasked
from kgsynth.vocabulary import load_vocabulary

LARGEST_MANIFEST = 64 * 2**20
LONGEST_DETAIL = 500

Ask = Callable[[Iterable[str]], Whole]
"""From the ids of the hubs to what answers for the whole graph."""

AnyRecord = TypeVar("AnyRecord", bound=Record)


class Failure(Record):
    """Something that does not hold."""

    id: str
    """The id of a row, statement or concept, or the path of a file."""
    check: str
    code: str
    detail: str


class Report(Record):
    """What `kgsynth verify` found."""

    rows: int
    failed: tuple[Failure, ...]
    could_not_check: dict[str, int]
    unread: dict[str, str] = Field(default_factory=dict)
    """Of each check that could not be made everywhere, the first reason why."""


def verify_dataset(
    folder: Path,
    *,
    graph: GraphLookup | None = None,
    whole: Ask | None = None,
    strict: bool = False,
    forms: Forms | None = None,
    shortcuts: Trials | None = None,
) -> Report:
    """Run every check on every row of a dataset, and compare its files with the manifest.

    With a graph, what the dataset ships of it is looked up too; ``whole`` makes of the dataset's
    hubs what answers for all of the graph. With ``forms``, the trainers' files are compared with
    the rows line by line; without, they could not be checked. So it is with ``shortcuts``, the
    readers of the gate, and what the manifest tells of them. When ``strict``, what could not be
    checked counts as failed.
    """
    reading = _Reading(folder, _manifest(folder), strict, forms)
    reading.compare_files()
    context = reading.context(graph, whole)
    trial = reading.trial(shortcuts)
    reading.check_rows(context, trial)
    reading.compare_gate(trial)
    return Report(
        rows=reading.rows,
        failed=tuple(reading.failed),
        could_not_check=dict(sorted(reading.could_not_check.items())),
        unread=dict(sorted(reading.unread.items())),
    )


# --- the manifest ---------------------------------------------------------------------------


def _manifest(folder: Path) -> Manifest:
    remedy = "Name a folder that kgsynth build-dataset wrote."
    try:
        there = folder.is_dir()
        file = open_inside(folder, MANIFEST) if there else ""
        text = b""
        if not isinstance(file, str):
            with file:
                text = file.read(LARGEST_MANIFEST + 1)
    except (OSError, ValueError) as error:
        raise DatasetError(f"The folder {folder} {why_not(error)}.", remedy=remedy) from None
    if not there:
        raise DatasetError(f"There is no dataset folder at {folder}.", remedy=remedy)
    if isinstance(file, str):
        raise DatasetError(f"{folder} is no dataset: {MANIFEST} {file}.", remedy=remedy)
    if len(text) > LARGEST_MANIFEST:
        raise DatasetError(f"{folder}: {MANIFEST} is too large to be one.", remedy=remedy)
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError as error:
        raise DatasetError(
            f"{folder} is no dataset: {MANIFEST} cannot be read: {_first(error)}.", remedy=remedy
        ) from None
    if manifest.schema_version.partition(".")[0] != SCHEMA_VERSION.partition(".")[0]:
        raise DatasetError(
            f"{folder} was written with schema {_plain(manifest.schema_version)}; this version "
            f"reads {SCHEMA_VERSION}.",
            remedy="Verify it with the version of kgsynth that wrote it.",
        )
    return manifest


def _build(manifest: Manifest) -> BuildConfig | str:
    """Read the build file that the manifest holds, or say why not."""
    try:
        return BuildConfig.model_validate_json(manifest.build)
    except ValidationError as error:
        return f"The build file in it cannot be read: {_first(error)}."


def _first(error: ValidationError) -> str:
    problem = error.errors(include_url=False, include_input=False, include_context=False)[0]
    at = ".".join(str(part) for part in problem["loc"])
    return _plain(f"{at}: {problem['msg']}" if at else problem["msg"])


def _plain(text: str) -> str:
    """Make a stranger's text safe to print: one short line, nothing in it hidden.

    >>> _plain("a\\u2028b\\x1b[2J").isprintable()
    True
    """
    whole = text[: LONGEST_DETAIL + 1].encode("utf-8", "replace").decode()
    shown = "".join(c if c.isprintable() and not invisible(c) else "\ufffd" for c in whole)
    return shown if len(shown) <= LONGEST_DETAIL else shown[: LONGEST_DETAIL - 3] + "..."


# --- the reading --------------------------------------------------------------------------------


@dataclass(slots=True)
class _Reading:
    """A dataset as it is being verified."""

    folder: Path
    manifest: Manifest
    strict: bool
    forms: Forms | None
    rows: int = 0
    failed: list[Failure] = field(default_factory=list)
    could_not_check: Counter[str] = field(default_factory=Counter)
    unread: dict[str, str] = field(default_factory=dict)
    config: BuildConfig | None = None
    listed: dict[str, FileEntry] = field(default_factory=dict)
    """The files that have a place in a dataset, each once."""
    hubs: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    """What the dataset says was cut from its graph."""

    def fail(self, subject: str, check: str, code: str, detail: str) -> None:
        self.failed.append(
            Failure(id=_plain(subject), check=check, code=code, detail=_plain(detail))
        )

    def _unread(self, subject: str, check: str, detail: str) -> None:
        self.could_not_check[check] += 1
        self.unread.setdefault(check, _plain(f"{subject}: {detail}"))
        if self.strict:
            self.fail(subject, check, "could-not-check", detail)

    def _mismatch(self, path: str, detail: str) -> None:
        self.fail(path, "manifest", "manifest-mismatch", detail)

    def _evidence(self, subject: str, code: str, detail: str) -> None:
        self.fail(subject, "evidence", code, detail)

    # --- files --------------------------------------------------------------------------------

    def compare_files(self) -> None:
        """Compare the folder with the manifest: what is listed, and what lies there."""
        build = _build(self.manifest)
        if isinstance(build, str):
            self._mismatch(MANIFEST, build)
        else:
            self.config = build
        forms = self.config.export.forms if self.config else ()
        for entry in self.manifest.files:
            problem = self._listed(entry, forms) or differs(self.folder, entry)
            if problem:
                self._mismatch(entry.path, problem)
        for path in EVIDENCE:
            if path not in self.listed:
                self._mismatch(path, "The manifest does not list the file.")
        try:
            for path in strays(
                self.folder, self.listed, (EXAMPLES, "evidence", "rejected", *forms)
            ):
                self._mismatch(path, "It lies in the folder and is not in the manifest.")
        except (OSError, ValueError) as error:
            self._mismatch(".", f"A folder of the dataset {why_not(error)}.")

    def _listed(self, entry: FileEntry, forms: tuple[str, ...]) -> str:
        """Take note of a file that the manifest lists, or say why it has no place there."""
        if not is_inside(entry.path):
            return "The file leads out of the dataset."
        if entry.path in self.listed:
            return "The manifest lists the file twice."
        try:
            record_of(entry.path, forms)
        except LookupError:
            return "The file has no place in a dataset."
        self.listed[entry.path] = entry
        return ""

    def _shards(self, folder: str) -> dict[str, list[str]]:
        """Return the files of a folder by split, in the order of their lines."""
        found: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for path in self.listed:
            shard = shard_of(path)
            if shard and shard.folder == folder:
                found[shard.stem].append((shard.number, path))
        return {stem: [path for _, path in sorted(found[stem])] for stem in sorted(found)}

    def _records(self, path: str, kind: type[AnyRecord]) -> Iterator[tuple[str, AnyRecord]]:
        """Yield a listed file's records, each with its place; report the lines that are none."""
        if path not in self.listed:
            return
        try:
            for line in lines(self.folder, path):
                if line.text is None:
                    detail = f"{line.place} is longer than {LONGEST_LINE} bytes."
                    self.fail(path, "form", "malformed-row", detail)
                    continue
                try:
                    yield line.place, kind.model_validate_json(line.text)
                except ValidationError as error:
                    self.fail(path, "form", "malformed-row", f"{line.place}: {_first(error)}")
        except OSError as error:
            self._mismatch(path, f"The file {why_not(error)}.")

    # --- evidence -----------------------------------------------------------------------------

    def context(self, graph: GraphLookup | None, whole: Ask | None) -> CheckContext:
        """Read what the rows rest on, and look it up where there is a graph."""
        vocabulary = load_vocabulary()
        problem = compare_graph(self.manifest, graph) if graph is not None else ""
        if problem:
            self.fail(MANIFEST, "evidence", OTHER_GRAPH, problem)
        statements = self._records(STATEMENTS, Statement)
        concepts = self._records(CONCEPTS, Concept)
        self._read_the_rest()
        return CheckContext.of(
            list(sound_statements(statements, vocabulary, graph, self._evidence)),
            list(sound_concepts(concepts, graph, self._evidence)),
            vocabulary,
            holds=graph.holds if graph is not None else None,
            whole=None if whole is None or problem else whole(self.hubs),
            asked=Grade(self.config.synthesis.distractors.grade) if self.config else Grade.ABSENT,
            reader=self._reader(),
            answers=self.answers,
            named=names_of(self.config.curate.contamination if self.config else ()),
        )

    def _reader(self) -> Reader | None:
        if self.config is None or self.config.verify.rederive is None:
            return None
        verifier, asked = self.config.teacher.verifier, self.config.verify.rederive
        if verifier.kind not in TEACHERS:
            return Reader(verifier.kind, "{}", asked.need, asked.of, reasons=False)
        return reader_of(open_teacher(verifier), asked, self.config.seed)

    def _read_the_rest(self) -> None:
        """See that the lines that no check looks at are what they should be."""
        rejected = 0
        for path in self.listed:
            kind = record_of(path, self.config.export.forms if self.config else ())
            if kind in (None, Row, Statement, Concept):
                continue
            if kind is Hub:
                self.hubs.extend(hub.id for _, hub in self._records(path, Hub))
                continue
            if kind is Answer:
                self.answers.update((a.key, a.text) for _, a in self._records(path, Answer))
                continue
            count = sum(1 for _ in self._records(path, kind))
            rejected += count * path.startswith("rejected/")
        if rejected != self.manifest.rejected:
            found = count_of(rejected, "rejected row")
            detail = f"The files hold {found}; the manifest says {self.manifest.rejected:,}."
            self._mismatch(MANIFEST, detail)

    # --- rows ---------------------------------------------------------------------------------

    def check_rows(self, context: CheckContext, trial: Trial | None) -> None:
        """Check every row, and count them against the manifest."""
        rows = _Rows(self)
        shards = self._shards(EXAMPLES)
        writers = self._form_files()
        for split in sorted(shards.keys() | writers.keys()):
            compared = writers.get(split)
            for path in shards.get(split, ()):
                for place, row in self._records(path, Row):
                    rows.add(row, place, split)
                    self._check(row, context)
                    if trial:
                        trial.add(row)
                    if compared:
                        compared.take(row)
            if compared:
                compared.end()
        if {s: n for s, n in self.manifest.rows.items() if n} != rows.by_split:
            found = ", ".join(f"{s} {n}" for s, n in sorted(rows.by_split.items())) or "none"
            self._mismatch(MANIFEST, f"The rows found by split ({found}) are not those listed.")

    def _form_files(self) -> Mapping[str, SplitForms]:
        """Return the trainers' files by split, ready to be read beside the rows."""
        if self.config is None:
            return {}
        shards = {form: self._shards(form) for form in self.config.export.forms}
        if self.forms is None:
            for path in [path for by in shards.values() for paths in by.values() for path in paths]:
                self._unread(path, "manifest", "Nothing was given to write a row's lines with.")
            return {}
        written = self.forms(self.config)
        splits = {*self._shards(EXAMPLES), *(split for by in shards.values() for split in by)}
        return {
            split: SplitForms(
                self.folder,
                {form: by.get(split, []) for form, by in shards.items()},
                written,
                lambda path, detail: self.fail(path, "manifest", "form-mismatch", detail),
            )
            for split in sorted(splits)
        }

    def _check(self, row: Row, context: CheckContext) -> None:
        for verdict in check_row(row, context):
            if verdict.outcome is Outcome.FAILED:
                self.fail(row.id, verdict.check, verdict.code, verdict.detail)
            elif verdict.outcome is Outcome.COULD_NOT_CHECK:
                self._unread(row.id, verdict.check, verdict.detail)

    # --- the gate -----------------------------------------------------------------------------

    def trial(self, shortcuts: Trials | None) -> Trial | None:
        """Make the readers ready that are to guess at the rows."""
        return shortcuts(self.hubs) if shortcuts else None

    def compare_gate(self, trial: Trial | None) -> None:
        """Compare what the manifest tells of the gate with what the readers did."""
        if self.manifest.gate == "not-run":
            if trial:
                self._unread(MANIFEST, "gate", "The gate was not run when the dataset was made.")
            return
        if trial is None:
            self._unread(MANIFEST, "gate", "Nothing was given to try the rows with.")
            return
        for split, why in unasked(self.manifest, trial):
            self._unread(split, "gate", why)
        gate = trial.gate(self.manifest.shortcuts)
        for detail in mismatches(self.manifest, gate):
            self._mismatch(MANIFEST, detail)
        for found in gate.splits:
            failed = [r.reader for r in found.readers if r.outcome == "failed"]
            if failed:
                told = f"Shortcuts lead to the answers, for the readers {', '.join(failed)}."
                self.fail(found.split, "gate", "gate-failed", told)


@dataclass(slots=True)
class _Rows:
    """What the rows are to one another: no two the same, and none in the wrong split."""

    reading: _Reading
    by_split: Counter[str] = field(default_factory=Counter)
    places: dict[str, str] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)

    def add(self, row: Row, place: str, split: str) -> None:
        self.reading.rows += 1
        self.by_split[split] += 1
        first = self.places.setdefault(row.id, place)
        if first != place:
            self.reading.fail(row.id, "form", "duplicate-row", f"{place} has the id of {first}.")
        if row.split != split:
            detail = f"{place} says that it is of the split {row.split!r}."
            self.reading.fail(row.id, "split", "wrong-split", detail)
        for group in row.groups:
            other = self.groups.setdefault(group, split)
            if other != split:
                detail = f"{place} shares the group {group} with a row of the split {other}."
                self.reading.fail(row.id, "split", "group-straddles-splits", detail)
