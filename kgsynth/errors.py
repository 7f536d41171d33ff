"""One error tree. A message says what failed, where, and what mends it.

The command line prints ``str(error)`` without a traceback and exits with
``error.exit_code``: 2 when the command or the build file was wrong, 1 when the data or
the run failed.
"""

from __future__ import annotations

import difflib
import errno
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar


class KgsynthError(Exception):
    """Something the user can mend. ``remedy`` is the sentence that says how."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, remedy: str = "") -> None:
        self.message = _sentence(message)
        self.remedy = _sentence(remedy)
        super().__init__(self.message)

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword arguments are lost by the default pickling, and workers raise across processes.
        return (_rebuild, (type(self), self.message, self.remedy))

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".rstrip()


_BREAKS = ("Cc", "Cs", "Zl", "Zp")
"""Kinds of characters that end a line, drive a terminal, or are no characters."""
MOST_SHOWN = 400
"""Characters of a message. What a file holds may stand in one, and may be of any length."""


def _sentence(text: str) -> str:
    """Make one line of a text that may quote what a file holds.

    >>> _sentence("line 3 holds '\\x07\\n', which is no json..")
    "line 3 holds '  ', which is no json."
    """
    line = "".join(" " if unicodedata.category(c) in _BREAKS else c for c in text)
    if line.endswith("..") and not line.endswith("..."):
        line = line[:-1]
    if len(line) > MOST_SHOWN:
        line = f"{line[: MOST_SHOWN - 100]} … {line[-90:]}"
    return line


def _rebuild(kind: type[KgsynthError], message: str, remedy: str) -> KgsynthError:
    return kind(message, remedy=remedy)


class UsageError(KgsynthError):
    """The command was asked for something it does not take."""

    exit_code = 2


class ConfigError(UsageError):
    """The build file, or a ``--set``, is wrong."""


class NotBuiltError(ConfigError):
    """The build file asks for a room of the house that is not built yet."""


class RunFolderError(UsageError):
    """The output folder belongs to something else."""


class SourceError(KgsynthError):
    """A graph or question file cannot be read as what it was said to be."""


class StoreError(KgsynthError):
    """A compiled graph or overlay is missing, damaged or of another format."""


class ConceptError(KgsynthError):
    """A concept, type or predicate was named that the graph does not hold, or holds twice."""


class TeacherError(KgsynthError):
    """A teacher did not answer, or answered out of contract."""


class DatasetError(KgsynthError):
    """A dataset folder is missing, damaged or not made by kgsynth."""


class RunError(KgsynthError):
    """The run cannot give what was asked for."""


class StorageError(KgsynthError):
    """The disk is full, or a folder cannot be written."""


def storage_error(error: OSError, path: Path) -> StorageError:
    """Say in a sentence what the operating system refused.

    >>> print(storage_error(OSError(errno.ENOSPC, "x"), Path("out")))
    The disk is full: out could not be written. Free some space and run the same command \
again: it goes on where it stopped.
    """
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageError(
            f"The disk is full: {path} could not be written.",
            remedy="Free some space and run the same command again: it goes on where it stopped.",
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return StorageError(
            f"{path} cannot be written: permission was refused.",
            remedy="Name a folder that you may write to with --output.",
        )
    return StorageError(
        f"{path} could not be written: {error.strerror or error}.",
        remedy="Mend what the message names and run the same command again.",
    )


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ``" Did you mean 'x'?"`` for the closest known word, or nothing.

    >>> nearest("shater", ["shatter", "sources"])
    " Did you mean 'shatter'?"
    >>> nearest("zzz", ["shatter"])
    ''
    """
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f" Did you mean '{close[0]}'?" if close else ""


def listing(words: Iterable[str], most: int = 12) -> str:
    """Join words for a message, cut when there are many.

    >>> listing(["b", "a"])
    'a, b'
    """
    ordered = sorted(words)
    cut = ordered[:most]
    return ", ".join(cut) + (f" and {len(ordered) - most} more" if len(ordered) > most else "")


def count_of(count: int, noun: str) -> str:
    """Say how many there are of something.

    >>> count_of(1, "definition"), count_of(2400, "name")
    ('1 definition', '2,400 names')
    """
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
