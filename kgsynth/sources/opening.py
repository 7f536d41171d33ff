"""Files as bytes: plain, gzip, bzip2 or xz, in one part or several, a block of lines at a time."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from kgsynth.errors import SourceError

BLOCK_BYTES = 64 << 20
"""How much text is held at once, beside the columns made of it."""
LONGEST_LINE = 16 << 20
"""A line of a graph file that is longer than this is no line."""


class Block(NamedTuple):
    """Whole lines of a file."""

    first_row: int
    """The number of the first of them, counted from 1."""
    data: bytes


@contextmanager
def opened(*parts: Path) -> Iterator[BinaryIO]:
    """Open a file, or the parts that it was split into, unpacked by its ending.

    Parts of a packed file are joined before they are unpacked, which suits both ways of
    splitting: cut after packing, and packed after cutting.
    """
    for part in parts:
        if not part.is_file():
            kind = "is a folder" if part.is_dir() else "is not there"
            raise SourceError(f"{part} {kind}.", remedy="Name a file that can be read.")
    with _unreadable_told(parts[0]):
        raw = cast(BinaryIO, parts[0].open("rb") if len(parts) == 1 else _Joined(parts))
        with raw:
            yield cast(BinaryIO, _Told(_unpacked(raw, parts[0]), parts[0]))


def blocks(*parts: Path, block_bytes: int = BLOCK_BYTES) -> Iterator[Block]:
    """Yield a file's lines in blocks; the last line need not end with a newline."""
    row = 1
    rest = b""
    with opened(*parts) as file:
        while data := file.read(block_bytes):
            end = data.rfind(b"\n") + 1
            if not end:
                rest += data
                if len(rest) > LONGEST_LINE:
                    raise SourceError(
                        f"{parts[0]}, line {row} is longer than {LONGEST_LINE >> 20} MB.",
                        remedy="Check that it is the text file it was said to be.",
                    )
                continue
            whole = b"".join((rest, memoryview(data)[:end]))
            yield Block(row, whole)
            row += whole.count(b"\n")
            rest = data[end:]
    if rest:
        yield Block(row, rest)


def decoded(path: Path, block: Block) -> str:
    """Read a block as UTF-8 text; what is none is refused with the line where it stands."""
    try:
        text = block.data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = block.first_row + block.data.count(b"\n", 0, error.start)
        raise SourceError(
            f"{path}, line {line} is not UTF-8 text.", remedy="Save the file as UTF-8."
        ) from None
    if "\x00" in text:
        line = block.first_row + text.count("\n", 0, text.index("\x00"))
        raise SourceError(
            f"{path}, line {line} holds binary data: this is no text file.",
            remedy="Give a text file; a packed one needs its ending: .gz, .bz2 or .xz.",
        )
    return text.removeprefix("\ufeff") if block.first_row == 1 else text


# --- unpacking --------------------------------------------------------------------------------


def _unpacked(raw: BinaryIO, path: Path) -> BinaryIO:
    match path.suffix.lower():
        case ".gz":
            return cast(BinaryIO, gzip.GzipFile(fileobj=raw))
        case ".bz2":
            return cast(BinaryIO, bz2.BZ2File(raw))
        case ".xz":
            return cast(BinaryIO, lzma.LZMAFile(raw))
        case _:
            return raw


@contextmanager
def _unreadable_told(path: Path) -> Iterator[None]:
    """Say in a sentence what is wrong with a file."""
    try:
        yield
    except EOFError:
        raise SourceError(
            f"{path} is cut short: it ends in the middle of its packed data.",
            remedy="Fetch or copy the file again.",
        ) from None
    except (gzip.BadGzipFile, zlib.error, lzma.LZMAError) as error:
        raise SourceError(
            f"{path} cannot be unpacked: {error}.", remedy="Fetch or copy the file again."
        ) from None
    except OSError as error:
        raise SourceError(
            f"{path} cannot be read: {error.strerror or error}.",
            remedy="Check that it is a readable file, whole and named by what it is.",
        ) from None


class _Told(io.RawIOBase):
    """A stream whose failures are sentences."""

    def __init__(self, inner: BinaryIO, path: Path) -> None:
        self._inner, self._path = inner, path

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        with _unreadable_told(self._path):
            return self._inner.read(size)

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


class _Joined(io.RawIOBase):
    """Several files read as one."""

    def __init__(self, parts: Sequence[Path]) -> None:
        self._waiting = list(parts)
        self._open: BinaryIO | None = None

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        if size < 0:
            return b"".join(iter(lambda: self.read(1 << 20), b""))
        while self._open or self._waiting:
            if self._open is None:
                self._open = self._waiting.pop(0).open("rb")
            if data := self._open.read(size):
                return data
            self._open.close()
            self._open = None
        return b""

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if self._open:
            self._open.close()
        super().close()
