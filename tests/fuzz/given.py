"""What a reader is given: files in a folder, and which of them is named."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

Files = dict[str, bytes | None]


class Input(NamedTuple):
    """What a reader is given."""

    files: Files
    """Their content, by their place in the folder; None is a folder of that name."""
    entry: str = ""
    """The file that is named; the whole folder where it is empty."""
    options: Mapping[str, Any] = {}


def folder(files: Mapping[str, str | bytes], **options: Any) -> Input:
    """Name a folder."""
    return Input({name: _bytes(text) for name, text in files.items()}, "", options)


def single(name: str, text: str | bytes, **options: Any) -> Input:
    """Name a file."""
    return Input({name: _bytes(text)}, name, options)


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def lines(*texts: str) -> str:
    """Write lines."""
    return "".join(f"{text}\n" for text in texts)


def table(text: str, separator: str = "\t") -> str:
    """Write a table whose cells are parted by two spaces or more."""
    rows = (line.strip().split("  ") for line in text.strip().splitlines())
    return lines(*(separator.join(cell.strip() for cell in row if cell.strip()) for row in rows))


def write(given: Input, place: Path) -> Path:
    """Write an input into a new folder, and return the path that the reader is given."""
    place.mkdir(parents=True)
    for name, content in given.files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            path.mkdir()
        else:
            path.write_bytes(content)
    return place / given.entry if given.entry else place
