"""What the text formats share: files of lines, and cells that hold anything at all."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import polars as pl

from kgsynth.graph.export.batches import Batches, Vouchers
from kgsynth.sources.exported import ABOUT_FILE, CONCEPTS, VOUCHED

DETAILS = list(CONCEPTS)
BUFFER = 1 << 20


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file to write; one whose name ends in ``.gz`` is packed, the same way every time."""
    with path.open("wb") as raw:
        if path.suffix != ".gz":
            yield raw
            return
        packed = gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw, mtime=0)
        with packed, io.BufferedWriter(cast(io.RawIOBase, packed), BUFFER) as file:
            yield cast(BinaryIO, file)


def write_lines(file: BinaryIO, lines: pl.Series) -> None:
    """Write each text as a line, as it stands."""
    # Given the file itself, polars would write below it, past what packs it.
    text = pl.DataFrame({"line": lines}).write_csv(include_header=False, quote_style="never")
    file.write(text.encode())


def write_about(batches: Batches, folder: Path) -> None:
    """Write what the sources say of themselves beside the files of a folder."""
    (folder / ABOUT_FILE).write_text(batches.about.model_dump_json(indent=1) + "\n", "utf-8")


def details(nodes: pl.DataFrame) -> pl.Series:
    """Write what a format has no place for as one line of JSON a concept."""
    return nodes.select(pl.struct(DETAILS).struct.json_encode()).to_series()


class Vouched:
    """The same for statements: relation, sources and licences, and evidence where there is any.

    There are few relations and few sets of sources, so each pair is spelled once.
    """

    def __init__(self, batches: Batches, vouchers: Iterable[Vouchers]) -> None:
        relation = pl.DataFrame({"predicate": batches.predicates})
        sets = pl.DataFrame(
            list(vouchers),
            schema={"sources": VOUCHED["sources"], "licences": VOUCHED["licences"]},
            orient="row",
        )
        self._relations = _inside(relation)
        self._sets = _inside(sets)

    def of(self, edges: pl.DataFrame) -> pl.Series:
        """Write it for some statements."""
        evidence = edges.select(
            pl.when(pl.col("evidence").is_not_null())
            .then(pl.struct("evidence").struct.json_encode())
            .otherwise(pl.lit('{"evidence":[]}'))
            .str.slice(1)
        ).to_series()
        parts = [
            self._relations.gather(edges["predicate"]).alias("predicate"),
            self._sets.gather(edges["origins"]).alias("origins"),
            evidence.alias("evidence"),
        ]
        frame = pl.DataFrame(parts)
        return frame.select(
            pl.concat_str(pl.lit("{"), "predicate", pl.lit(","), "origins", pl.lit(","), "evidence")
        ).to_series()


def _inside(frame: pl.DataFrame) -> pl.Series:
    """Write rows as JSON objects, without their braces."""
    encoded = frame.select(pl.struct(pl.all()).struct.json_encode()).to_series()
    return encoded.str.slice(1, encoded.str.len_chars() - 2)


def keys(ids: pl.Series, forbidden: str) -> pl.Series:
    """Return what concepts are called in a format that cannot hold some characters.

    That is the id, unless it holds one of them: then it is a word that no id is.
    """
    bad = ids.str.contains(forbidden).arg_true()
    if bad.is_empty():
        return ids
    head = "concept_"
    while ids.str.starts_with(head).any():
        head += "_"
    words = pl.Series([f"{head}{code}" for code in bad.to_list()])
    return ids.scatter(bad, words)
