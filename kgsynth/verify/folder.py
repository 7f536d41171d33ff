"""The files of a dataset that may be a stranger's.

Nothing outside the folder is opened: a path is walked one part at a time, and no part of it
may be a link. Only plain files are opened, and no line is read past a limit.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from errno import ELOOP, ENOTDIR
from pathlib import Path
from typing import BinaryIO, NamedTuple

from kgsynth.errors import count_of
from kgsynth.linking.matching import invisible
from kgsynth.model import Answer, Concept, FileEntry, Hub, Record, Rejected, Row, Statement

MANIFEST = "manifest.json"
RUN = "run"
"""What varies between runs, and is no part of the dataset."""
EXAMPLES = "examples"
STATEMENTS = "evidence/statements.jsonl"
CONCEPTS = "evidence/concepts.jsonl"
HUBS = "evidence/hubs.jsonl"
ANSWERS = "evidence/answers.jsonl"
EVIDENCE: dict[str, type[Record]] = {
    STATEMENTS: Statement,
    CONCEPTS: Concept,
    HUBS: Hub,
    ANSWERS: Answer,
}
PAGES = frozenset({"README.md", "croissant.json", "funnel.json", "report.html"})
LONGEST_LINE = 16 * 2**20
_SHARD = re.compile(r"(?P<folder>[^/]+)/(?P<stem>[^/]+)-(?P<number>[0-9]{5,9})\.jsonl")
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
# Without O_NONBLOCK a named pipe that took the file's place would keep us waiting for ever.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


# --- what may lie where -------------------------------------------------------------------------


class Shard(NamedTuple):
    """A file of lines that are spread over several."""

    folder: str
    stem: str
    """The split, for rows and for the trainers' lines."""
    number: int


def shard_of(path: str) -> Shard | None:
    """Read a path as that of a shard.

    >>> shard_of("sft/train-00001.jsonl")
    Shard(folder='sft', stem='train', number=1)
    """
    found = _SHARD.fullmatch(path)
    return Shard(found["folder"], found["stem"], int(found["number"])) if found else None


def record_of(path: str, forms: Collection[str]) -> type[Record] | None:
    """Return what the lines of a file must be; None for pages and for the trainers' forms.

    Raises ``LookupError`` for what has no place in a dataset.
    """
    if path in EVIDENCE:
        return EVIDENCE[path]
    shard = shard_of(path)
    if shard and shard.folder == EXAMPLES:
        return Row
    if shard and (shard.folder, shard.stem) == ("rejected", "rejected"):
        return Rejected
    if path in PAGES or (shard and shard.folder in forms):
        return None
    raise LookupError(path)


# --- opening ------------------------------------------------------------------------------------


def is_inside(path: str) -> bool:
    """Tell whether a path of the manifest stays below the dataset's folder.

    >>> is_inside("examples/train-00000.jsonl"), is_inside("../x"), is_inside("/etc/x")
    (True, False, False)
    """
    parts = path.split("/")
    odd = any(part in ("", ".", "..") for part in parts) or "\\" in path or ":" in parts[0]
    return not odd and not any(invisible(c) or (c.isspace() and c != " ") for c in path)


@contextmanager
def _folder_at(top: Path, parts: Iterable[str]) -> Iterator[int]:
    """Hold a folder open. The top one was named by the user, so it may be a link."""
    at = os.open(top, _FOLDER)
    try:
        for part in parts:
            below = os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=at)
            os.close(at)
            at = below
        yield at
    finally:
        os.close(at)


def open_inside(top: Path, path: str) -> BinaryIO | str:
    """Open a plain file of the dataset, or say why not."""
    if not is_inside(path):
        return "leads out of the dataset"
    *folders, name = path.split("/")
    try:
        with _folder_at(top, folders) as at:
            mode = os.stat(name, dir_fd=at, follow_symlinks=False).st_mode
            if not stat.S_ISREG(mode):
                return "is a link" if stat.S_ISLNK(mode) else "is not a plain file"
            handle = os.open(name, _FILE, dir_fd=at)
    except (OSError, ValueError) as error:
        return why_not(error)
    # It may have been replaced since it was looked at.
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        return "is not a plain file"
    return os.fdopen(handle, "rb")


def why_not(error: OSError | ValueError) -> str:
    """Say why a file cannot be had, as the end of a sentence."""
    if isinstance(error, FileNotFoundError):
        return "is missing"
    if isinstance(error, OSError) and error.errno in (ELOOP, ENOTDIR):
        return "lies behind a link or a file"
    reason = error.strerror if isinstance(error, OSError) else None
    return f"cannot be read: {reason or type(error).__name__}"


# --- what lies there ----------------------------------------------------------------------------


def strays(top: Path, listed: Collection[str], folders: Collection[str]) -> Iterator[str]:
    """Yield what lies in the dataset and is not listed: files, links, whole odd folders.

    A dataset is two levels deep, so nothing below that is looked into.
    """
    for name, is_folder in _inside(top, ()):
        if is_folder and name in folders:
            for inner, is_deeper in _inside(top, (name,)):
                if is_deeper or f"{name}/{inner}" not in listed:
                    yield f"{name}/{inner}"
        elif is_folder and name == RUN:
            continue
        elif is_folder or (name not in listed and name != MANIFEST):
            yield name


def _inside(top: Path, parts: tuple[str, ...]) -> list[tuple[str, bool]]:
    """List a folder: each name, and whether it is a folder and no link."""
    with _folder_at(top, parts) as at, os.scandir(at) as found:
        return sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in found)


def differs(top: Path, entry: FileEntry) -> str:
    """Say how a file differs from its line in the manifest; nothing when it does not."""
    file = open_inside(top, entry.path)
    if isinstance(file, str):
        return f"The file {file}."
    try:
        with file:
            size = os.fstat(file.fileno()).st_size
            if size != entry.bytes:
                return f"The file has {count_of(size, 'byte')}; the manifest says {entry.bytes:,}."
            content = hashlib.sha256()
            rows = 0
            while block := file.read(2**20):
                content.update(block)
                rows += block.count(b"\n")
    except OSError as error:
        return f"The file {why_not(error)}."
    if content.hexdigest() != entry.sha256:
        return "The file's sha256 is not the one in the manifest."
    if entry.rows is not None and entry.rows != rows:
        return f"The file has {count_of(rows, 'line')}; the manifest says {entry.rows:,}."
    return ""


# --- lines --------------------------------------------------------------------------------------


class Line(NamedTuple):
    """A line of a file."""

    path: str
    number: int
    text: bytes | None
    """None when the line is longer than any row is."""

    @property
    def place(self) -> str:
        """Say where the line stands."""
        return f"{self.path}, line {self.number}"


def lines(top: Path, path: str) -> Iterator[Line]:
    """Yield the lines of a file; none when it cannot be opened, which `differs` tells.

    Raises ``OSError`` when it cannot be read on.
    """
    file = open_inside(top, path)
    if isinstance(file, str):
        return
    with file:
        number = 0
        while text := file.readline(LONGEST_LINE + 1):
            number += 1
            if len(text) <= LONGEST_LINE:
                yield Line(path, number, text)
                continue
            while text and not text.endswith(b"\n"):
                text = file.readline(LONGEST_LINE + 1)
            yield Line(path, number, None)
