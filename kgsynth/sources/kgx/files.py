"""Which files a KGX graph lies in: a folder, an archive, one document, or one of a pair."""

from __future__ import annotations

import lzma
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from kgsynth.errors import SourceError, listing
from kgsynth.sources.tables.files import ending, files_of, names_in, stem

ENDINGS = (".tsv", ".csv", ".jsonl", ".ndjson", ".parquet")
ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
OTHER = {"nodes": "edges", "edges": "nodes"}


class Files(NamedTuple):
    """What there is to read."""

    name: str
    """What the graph is called, where its edges do not say who vouches for them."""
    nodes: list[Path]
    edges: list[Path]
    document: Path | None = None
    """One JSON document that holds both."""


@contextmanager
def kgx_files(path: Path) -> Iterator[Files]:
    """Find the files of a graph. What is unpacked from an archive is gone afterwards."""
    name = path.name.lower()
    if path.is_dir():
        yield _in_folder(path, path.resolve().name)
    elif not path.is_file():
        raise SourceError(f"There is no folder and no file at {path}.", remedy="Check the path.")
    elif archive := next((end for end in ARCHIVES if name.endswith(end)), ""):
        with tempfile.TemporaryDirectory(prefix="kgx-") as folder:
            _unpack(path, Path(folder))
            yield _in_folder(Path(folder), path.name[: -len(archive)], path)
    elif ending(path) == ".json":
        yield Files(stem(path), [], [], path)
    else:
        yield _pair(path)


def _in_folder(folder: Path, name: str, path: Path | None = None) -> Files:
    nodes, edges = (files_of(folder, what, ENDINGS) for what in ("nodes", "edges"))
    if not edges:
        held = names_in(folder)
        raise SourceError(
            f"{path or folder} has no file of edges. "
            + (f"It holds {listing(held)}." if held else "It is empty."),
            remedy="Kind kgx reads *_nodes and *_edges files in .tsv, .csv, .jsonl or .parquet; "
            "name a single JSON document by its path.",
        )
    return Files(name, nodes, edges)


def _pair(path: Path) -> Files:
    """Find the file that belongs to another: ``my_nodes.tsv`` beside ``my_edges.tsv``."""
    called = stem(path)
    what = next((w for w in OTHER if called.lower().endswith(w)), "")
    if not what:
        return Files(called, [], [path])
    head = called[: -len(what)]
    wanted = head + OTHER[what]
    beside = [
        path.parent / name
        for name in names_in(path.parent)
        if stem(name).lower() == wanted.lower() and ending(name) in ENDINGS
    ]
    beside.sort(key=lambda file: (ending(file) != ending(path), file.name))
    found = beside[:1]
    name = head.rstrip("_-.") or path.resolve().parent.name
    if what == "edges":
        return Files(name, found, [path])
    if not found:
        raise SourceError(
            f"{path} holds nodes alone, and {wanted}{ending(path)} is not beside it.",
            remedy="Name the file of edges, or the folder that holds both.",
        )
    return Files(name, [path], found)


def _unpack(path: Path, folder: Path) -> None:
    """Copy the files of nodes and edges out of an archive, under their bare names."""
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                name = Path(member.name).name
                called = stem(name).lower()
                if not member.isfile() or not called.endswith(tuple(OTHER)):
                    continue
                if (folder / name).exists():
                    raise SourceError(
                        f"{path} holds two files called {name}.",
                        remedy="Unpack it and name one folder of it.",
                    )
                content = archive.extractfile(member)
                if content is not None:
                    with content, (folder / name).open("wb") as out:
                        shutil.copyfileobj(content, out)
    except (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, OSError) as error:
        said = str(getattr(error, "strerror", None) or error).partition("\n")[0]
        reason = said.rstrip(":. ") or "it is cut short"
        raise SourceError(
            f"{path} cannot be unpacked: {reason}.", remedy="Fetch or copy the file again."
        ) from None
