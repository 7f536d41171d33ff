"""The trainers' files against the rows: each line must be the one that its row gives.

How a row becomes a trainer's line is known by a room further down, so it is handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from kgsynth.config import BuildConfig
from kgsynth.model import Row
from kgsynth.verify.folder import Line, lines

Forms = Callable[[BuildConfig], Callable[[Row], Mapping[str, Sequence[str]]]]
"""From a build file to what writes a row's lines, by form, each with its line end."""

Differs = Callable[[str, str], None]
"""Told the path of a file, and what is wrong in it."""


class SplitForms:
    """The trainers' files of one split, read on as the rows go by.

    What comes after the first difference in a form is not compared: a line too many would make
    all others differ.
    """

    def __init__(
        self,
        top: Path,
        shards: Mapping[str, Sequence[str]],
        written: Callable[[Row], Mapping[str, Sequence[str]]],
        differs: Differs,
    ) -> None:
        self._written = written
        self._differs = differs
        self._last = {form: paths[-1] if paths else form for form, paths in shards.items()}
        self._open = {
            form: (line for path in paths for line in lines(top, path))
            for form, paths in shards.items()
        }

    def take(self, row: Row) -> None:
        """Compare the lines of the next row."""
        if not self._open:
            return
        try:
            written = self._written(row)
        except Exception as error:
            # A stranger's row may be none that a form can be made of; the verdict says so.
            self._give_up(f"No line can be made of row {row.id}: {type(error).__name__}.")
            return
        for form, stream in list(self._open.items()):
            if form not in written:
                self._differ(form, self._last[form], "This version does not know the form.")
                continue
            for expected in written[form]:
                if not self._same(form, next_line(stream), expected, row):
                    break

    def _same(self, form: str, line: Line | str | None, expected: str, row: Row) -> bool:
        if isinstance(line, Line) and line.text == expected.encode("utf-8", "replace"):
            return True
        if isinstance(line, Line):
            self._differ(form, line.path, f"{line.place} is not the one that row {row.id} gives.")
        else:
            self._differ(form, self._last[form], line or f"A line of row {row.id} is missing.")
        return False

    def end(self) -> None:
        """See that no line is left over."""
        for form, stream in list(self._open.items()):
            line = next_line(stream)
            if isinstance(line, Line):
                self._differ(form, line.path, f"{line.place} comes from no row.")
            elif line:
                self._differ(form, self._last[form], line)

    def _give_up(self, detail: str) -> None:
        for form in list(self._open):
            self._differ(form, self._last[form], detail)

    def _differ(self, form: str, path: str, detail: str) -> None:
        del self._open[form]
        self._differs(path, detail)


def next_line(stream: Iterator[Line]) -> Line | str | None:
    """Return the next line, None after the last, or why it cannot be read."""
    try:
        return next(stream, None)
    except OSError as error:
        return f"The file cannot be read: {error.strerror}."
