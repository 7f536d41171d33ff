"""Verify a dataset from its files alone. The folder may be a stranger's: nothing in it is trusted.

No path of the manifest is followed out of the folder or through a link, no line is read
past a limit, and what the rows say of their own verdicts is not looked at.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO, NamedTuple, Protocol, TypeVar

from pydantic import ValidationError

from kgsynth.errors import DatasetError
from kgsynth.linking.matching import invisible
from kgsynth.model import (
    SCHEMA_VERSION,
    Concept,
    FileEntry,
    Manifest,
    Outcome,
    Record,
    Row,
    Statement,
)
from kgsynth.verify import CheckContext, check_row
from kgsynth.vocabulary import load_vocabulary

MANIFEST = "manifest.json"
EXAMPLES = "examples"
STATEMENTS = "evidence/statements.jsonl"
CONCEPTS = "evidence/concepts.jsonl"
LONGEST_LINE = 16 * 2**20
LARGEST_MANIFEST = 64 * 2**20
LONGEST_DETAIL = 500

AnyRecord = TypeVar("AnyRecord", bound=Record)


class Failure(Record):
    """Something that does not hold."""

    id: str
    """The row's id, or the path of a file."""
    check: str
    code: str
    detail: str


class Report(Record):
    """What `kgsynth verify` found."""

    rows: int
    failed: tuple[Failure, ...]
    could_not_check: dict[str, int]


class GraphLookup(Protocol):
    """A whole graph, as far as a verification asks it."""

    def holds(self, subject: str, predicate: str, obj: str, /) -> bool | None:
        """Tell whether the graph states this, the right way round."""


def verify_dataset(
    folder: Path, *, graph: GraphLookup | None = None, strict: bool = False
) -> Report:
    """Run every check on every row of a dataset, and compare its files with the manifest.

    With a graph, the statements that the dataset ships are looked up in it too. When
    ``strict``, what could not be checked counts as failed.
    """
    reading = _Reading(folder, _manifest(folder), strict)
    reading.compare_files()
    context = CheckContext.of(
        _sound(reading),
        (concept for _, concept in reading.records(CONCEPTS, Concept)),
        load_vocabulary(),
        holds=graph.holds if graph is not None else None,
    )
    reading.check_rows(context)
    return Report(
        rows=reading.rows,
        failed=tuple(reading.failed),
        could_not_check=dict(sorted(reading.could_not_check.items())),
    )


def _sound(reading: _Reading) -> Iterator[Statement]:
    """Yield the statements whose ids follow from their content, and report the others."""
    for place, statement in reading.records(STATEMENTS, Statement):
        if statement.recomputed_id() == statement.id:
            yield statement
        else:
            detail = f"{place}: the statement's id does not follow from its content."
            reading.fail(statement.id, "evidence", "malformed-row", detail)


# --- the manifest ---------------------------------------------------------------------------


def _manifest(folder: Path) -> Manifest:
    remedy = "Name a folder that kgsynth build-dataset wrote."
    if not folder.is_dir():
        raise DatasetError(f"There is no dataset folder at {folder}.", remedy=remedy)
    file = _open_inside(folder, MANIFEST)
    if isinstance(file, str):
        raise DatasetError(f"{folder} is no dataset: {MANIFEST} {file}.", remedy=remedy)
    with file:
        text = file.read(LARGEST_MANIFEST + 1)
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


def _first(error: ValidationError) -> str:
    problem = error.errors(include_url=False, include_input=False, include_context=False)[0]
    at = ".".join(str(part) for part in problem["loc"])
    return _plain(f"{at}: {problem['msg']}" if at else problem["msg"])


def _plain(text: str) -> str:
    """Make a stranger's text safe to print: one short line without control characters."""
    whole = text.encode("utf-8", "replace").decode()
    shown = "".join("\ufffd" if invisible(c) or c in "\t\n\r\v\f" else c for c in whole)
    return shown if len(shown) <= LONGEST_DETAIL else shown[: LONGEST_DETAIL - 3] + "..."


# --- files of a stranger --------------------------------------------------------------------


def _is_inside(path: str) -> bool:
    """Tell whether a path of the manifest stays below the dataset's folder.

    >>> _is_inside("examples/train-00000.jsonl"), _is_inside("../x"), _is_inside("/etc/x")
    (True, False, False)
    """
    parts = path.split("/")
    odd = any(part in ("", ".", "..") for part in parts) or "\\" in path or ":" in parts[0]
    return not odd and not any(invisible(c) or (c.isspace() and c != " ") for c in path)


def _open_inside(folder: Path, path: str) -> BinaryIO | str:
    """Open a plain file of the dataset, or say why not. No link on the way is followed."""
    if not _is_inside(path):
        return "leads out of the dataset"
    at = folder
    for part in PurePosixPath(path).parts[:-1]:
        at = at / part
        if at.is_symlink():
            return "lies behind a link"
    try:
        # Without O_NONBLOCK a named pipe would keep us waiting for ever.
        handle = os.open(at / PurePosixPath(path).name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return "is missing"
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return f"cannot be opened: {reason}"
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        return "is not a plain file"
    return os.fdopen(handle, "rb")


class _Line(NamedTuple):
    number: int
    text: bytes | None
    """None when the line is longer than any row is."""


def _lines(file: BinaryIO) -> Iterator[_Line]:
    number = 0
    while text := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(text) <= LONGEST_LINE:
            yield _Line(number, text)
            continue
        while text and not text.endswith(b"\n"):
            text = file.readline(LONGEST_LINE + 1)
        yield _Line(number, None)


# --- the reading --------------------------------------------------------------------------------


@dataclass(slots=True)
class _Reading:
    """A dataset as it is being verified."""

    folder: Path
    manifest: Manifest
    strict: bool
    rows: int = 0
    failed: list[Failure] = field(default_factory=list)
    could_not_check: Counter[str] = field(default_factory=Counter)

    def fail(self, subject: str, check: str, code: str, detail: str) -> None:
        self.failed.append(
            Failure(id=_plain(subject), check=check, code=code, detail=_plain(detail))
        )

    def _mismatch(self, path: str, detail: str) -> None:
        self.fail(path, "manifest", "manifest-mismatch", detail)

    def compare_files(self) -> None:
        """Compare every file with its line in the manifest."""
        seen: set[str] = set()
        for entry in self.manifest.files:
            if entry.path in seen:
                self._mismatch(entry.path, "The manifest lists the file twice.")
                continue
            seen.add(entry.path)
            problem = self._compared(entry)
            if problem:
                self._mismatch(entry.path, problem)
        for path in (STATEMENTS, CONCEPTS):
            if path not in seen:
                self._mismatch(path, "The manifest does not list the file.")
        for path in self._examples():
            if path not in seen:
                self._mismatch(path, "The file is not in the manifest.")

    def _compared(self, entry: FileEntry) -> str:
        file = _open_inside(self.folder, entry.path)
        if isinstance(file, str):
            return f"The file {file}."
        with file:
            found = hashlib.sha256()
            size = 0
            while block := file.read(2**20):
                found.update(block)
                size += len(block)
        if size != entry.bytes:
            return f"The file has {size} bytes; the manifest says {entry.bytes}."
        if found.hexdigest() != entry.sha256:
            return "The file's sha256 is not the one in the manifest."
        return ""

    def _examples(self) -> list[str]:
        """List what lies under examples/ and could be taken for rows, links too."""
        top = self.folder / EXAMPLES
        if top.is_symlink():
            return [EXAMPLES]
        found = []
        for at, folders, files in os.walk(top):
            place = Path(at).relative_to(self.folder)
            linked = [name for name in folders if (Path(at) / name).is_symlink()]
            rows = [name for name in files if name.endswith(".jsonl")]
            found += [(place / name).as_posix() for name in linked + rows]
        return sorted(found)

    def records(self, path: str, kind: type[AnyRecord]) -> Iterator[tuple[str, AnyRecord]]:
        """Yield a listed file's records, each with its place; report the lines that are none."""
        if not any(entry.path == path for entry in self.manifest.files):
            return
        file = _open_inside(self.folder, path)
        if isinstance(file, str):
            return  # compare_files has said so
        with file:
            for line in _lines(file):
                place = f"{path}, line {line.number}"
                if line.text is None:
                    detail = f"{place} is longer than {LONGEST_LINE} bytes."
                    self.fail(path, "form", "malformed-row", detail)
                    continue
                try:
                    yield place, kind.model_validate_json(line.text)
                except ValidationError as error:
                    self.fail(path, "form", "malformed-row", f"{place}: {_first(error)}")

    # --- rows ---------------------------------------------------------------------------------

    def check_rows(self, context: CheckContext) -> None:
        """Check every row, and count them against the manifest."""
        listed = dict.fromkeys(entry.path for entry in self.manifest.files)
        places: dict[str, str] = {}
        splits: Counter[str] = Counter()
        for path in listed:
            folder, _, name = path.rpartition("/")
            if folder != EXAMPLES or not name.endswith(".jsonl"):
                continue
            for place, row in self.records(path, Row):
                self.rows += 1
                splits[name.removesuffix(".jsonl").rpartition("-")[0]] += 1
                first = places.setdefault(row.id, place)
                if first != place:
                    detail = f"{place} has the id of {first}."
                    self.fail(row.id, "form", "duplicate-row", detail)
                self._check(row, context)
        if {s: n for s, n in self.manifest.rows.items() if n} != splits:
            found = ", ".join(f"{s} {n}" for s, n in sorted(splits.items())) or "none"
            self._mismatch(MANIFEST, f"The rows found by split ({found}) are not those listed.")

    def _check(self, row: Row, context: CheckContext) -> None:
        for verdict in check_row(row, context):
            if verdict.outcome is Outcome.FAILED:
                self.fail(row.id, verdict.check, verdict.code, verdict.detail)
            elif verdict.outcome is Outcome.COULD_NOT_CHECK:
                self.could_not_check[verdict.check] += 1
                if self.strict:
                    self.fail(row.id, verdict.check, "could-not-check", verdict.detail)
