"""KGX tables that kgsynth wrote: the column ``kgsynth`` says all that is known of a row."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from kgsynth.errors import SourceError
from kgsynth.sources.columns import DROPPED, GraphColumns, Progress, silent
from kgsynth.sources.exported import (
    ABOUT_FILE,
    CONCEPTS,
    KEY,
    STATEMENTS,
    VOUCHED,
    columns_of,
    decode,
    read_about_file,
)
from kgsynth.sources.lines import numbered_lines
from kgsynth.sources.opening import Block, blocks
from kgsynth.sources.tables.files import files_of
from kgsynth.sources.tables.layout import Table, reject

NODES, EDGES = "nodes.tsv", "edges.tsv"
NODE_CELLS, EDGE_CELLS = ("id", KEY), ("subject", "object", KEY)


def is_exported(path: Path) -> bool:
    """Tell whether a folder is an export of ours, with nothing taken from it and nothing added."""
    if not (path / ABOUT_FILE).is_file():
        return False
    if [f.name for what in ("nodes", "edges") for f in files_of(path, what)] != [NODES, EDGES]:
        return False
    return all(KEY in _header(path / name) for name in (NODES, EDGES))


def read(path: Path, progress: Progress = silent) -> GraphColumns:
    """Read a folder that kgsynth wrote."""
    about = read_about_file(path)
    nodes = _read(path / NODES, NODE_CELLS, progress)
    edges = _read(path / EDGES, EDGE_CELLS, progress)
    concepts = decode(nodes.rows[KEY], nodes.rows["row"], CONCEPTS, NODES)
    said = decode(edges.rows[KEY], edges.rows["row"], VOUCHED, EDGES)
    # An id that a table cannot hold is another word there; the details have it as it is.
    called = nodes.rows["id"].rename("called").to_frame().with_columns(concepts["id"])
    statements = edges.rows.drop(KEY).hstack(said)
    for end in ("subject", "object"):
        statements = (
            statements.join(
                called.unique("called"),
                left_on=end,
                right_on="called",
                how="left",
                maintain_order="left",
            )
            .with_columns(pl.col("id").fill_null(pl.col(end)).alias(end))
            .drop("id")
        )
    return columns_of(
        about,
        concepts,
        statements.select(STATEMENTS.names()),
        file=EDGES,
        dropped=[nodes.dropped, edges.dropped],
    )


def _header(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            return file.readline().decode("utf-8", "replace").rstrip("\r\n").split("\t")
    except OSError:
        return []


def _read(path: Path, cells: tuple[str, ...], progress: Progress) -> Table:
    """Take some cells of every row; a tab always parts two of them."""
    header = _header(path)
    for cell in cells:
        if cell not in header:
            raise SourceError(f"{path} has no column {cell!r}.", remedy="Export the graph again.")
    rows, dropped, done = [], [DROPPED.to_frame()], 0
    for block in blocks(path):
        table = _cells(path, block, {cell: header.index(cell) for cell in cells})
        rows.append(table.rows)
        dropped.append(table.dropped)
        done += len(block.data)
        progress(f"reading {path.name}", done, path.stat().st_size)
    return Table(pl.concat(rows), pl.concat(dropped))


def _cells(path: Path, block: Block, places: dict[str, int]) -> Table:
    rows = numbered_lines(path, block).filter(pl.col("row") > 1)
    table = reject(rows, pl.when(pl.col("line") == "").then(pl.lit("blank-line")))
    parts = table.rows["line"].str.split("\t")
    cells = (parts.list.get(at, null_on_oob=True).alias(cell) for cell, at in places.items())
    return Table(table.rows.select("row").with_columns(cells), table.dropped)
