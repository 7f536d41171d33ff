"""PrimeKG's ``kg.csv``, with or without its index columns.

Every edge stands there twice, once from either end, under one label. Both rows become the same
statement here. See `kgsynth.sources.primekg.edges` for which way it runs, and
`kgsynth.sources.primekg.nodes` for the ids.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from kgsynth.errors import SourceError, listing
from kgsynth.source_options import PlainOptions
from kgsynth.sources.account import Account
from kgsynth.sources.columns import (
    DROPPED,
    IDENTIFIERS,
    LONGEST_TEXT,
    NAMES,
    GraphColumns,
    Origin,
    Progress,
    SourceInfo,
    silent,
)
from kgsynth.sources.opening import Block, blocks, decoded
from kgsynth.sources.primekg.edges import Chunk, Keys, code_edges, refuse_too_many
from kgsynth.sources.primekg.nodes import Nodes, read_nodes
from kgsynth.sources.primekg.rows import VERDICTS, Cut, Cutter, Merged, merge
from kgsynth.sources.tables.files import names_in

RELATION_COLUMNS = ("relation", "display_relation")
NODE_COLUMNS = ("index", "id", "type", "name", "source")
WITH_INDEX = (*RELATION_COLUMNS, *(f"{end}_{c}" for end in "xy" for c in NODE_COLUMNS))
WITHOUT_INDEX = tuple(column for column in WITH_INDEX if not column.endswith("_index"))

FILES = ("kg.csv", "kg.csv.gz", "kg.csv.bz2", "kg.csv.xz")
BLOCK_BYTES = 4 << 20
CUTTERS = 2
"""Blocks that are cut at a time. What comes out does not depend on it."""


class Rows(NamedTuple):
    """Everything that one pass over the file found."""

    cutters: tuple[Cutter, ...]
    chunks: deque[Chunk]
    account: Account

    @property
    def indexed(self) -> bool:
        """Tell whether the nodes have numbers."""
        return self.cutters[0].columns == len(WITH_INDEX)


def read(path: Path, options: PlainOptions, progress: Progress = silent) -> GraphColumns:
    """Read ``kg.csv``, packed or not, or the folder that holds it."""
    file = _file(path)
    rows = _cut_all(file, progress)
    progress("numbering the nodes", 0, 0)
    spelled = merge([cutter.nodes for cutter in rows.cutters])
    nodes = read_nodes(spelled.table, rows.indexed)
    relations, places = _read_relations(rows)
    keys = [
        Keys(nodes.row_of[own], place) for own, place in zip(spelled.codes, places, strict=True)
    ]
    _list_refused(file, rows, spelled, nodes, keys)
    edges, used = code_edges(rows.chunks, keys, nodes.table["type"], relations)
    if edges.is_empty():
        raise _nothing_used(file, rows.account)
    return GraphColumns(
        sources=(SourceInfo("primekg"),),
        origins=(Origin(0, ""),),
        relations=used,
        nodes=nodes.table.select("id", pl.concat_list("primekg:" + pl.col("type")).alias("types")),
        names=_names(nodes.table),
        identifiers=_identifiers(nodes),
        edges=edges,
        dropped=rows.account.dropped(),
        counted=rows.account.counted,
    )


def _read_relations(rows: Rows) -> tuple[list[str], list[npt.NDArray[np.int64]]]:
    """Return the names of the relations, in order, and the place of each by cutter and number."""
    merged = merge([cutter.relations for cutter in rows.cutters])
    cells = merged.table.lines().decode().split("\n")[:-1]
    names = [_unquoted(cell).strip() for cell in cells]
    relations = sorted(set(names) - {""})
    refuse_too_many(len(relations))
    place = {name: at for at, name in enumerate(relations)}
    of_names = np.array([place.get(name, -1) for name in names], np.int64)
    return relations, [of_names[own] for own in merged.codes]


def _unquoted(cell: str) -> str:
    return cell[1:-1].replace('""', '"') if cell.startswith('"') else cell


def _names(nodes: pl.DataFrame) -> pl.DataFrame:
    return nodes.select(
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("node"),
        pl.col("name").alias("text"),
        pl.lit("en").alias("language"),
        pl.lit("preferred").cast(NAMES["kind"]).alias("kind"),
        pl.lit(0, dtype=pl.UInt16).alias("source"),
    )


def _identifiers(nodes: Nodes) -> pl.DataFrame:
    rows = nodes.table.select("id").with_row_index("node")
    return (
        nodes.identifiers.join(rows, on="id", how="inner", maintain_order="left")
        .with_columns(pl.col("kind").cast(IDENTIFIERS["kind"]))
        .select(IDENTIFIERS.names())
    )


def _nothing_used(path: Path, account: Account) -> SourceError:
    dropped = account.dropped()
    if dropped.is_empty():
        return SourceError(
            f"{path} holds no row but its header.", remedy="Fetch or copy PrimeKG's kg.csv again."
        )
    _, row, reason, text = dropped.row(0)
    return SourceError(
        f"{path} holds no usable row ({account.told()}). The first of them is row {row}, "
        f"{reason}: {text[:80]!r}.",
        remedy="Check that it is PrimeKG's kg.csv, with commas between its columns.",
    )


# --- the file ---------------------------------------------------------------------------------


def _file(path: Path) -> Path:
    if not path.is_dir():
        return path
    found = [path / name for name in FILES if (path / name).is_file()]
    if not found:
        held = listing(names_in(path))
        raise SourceError(
            f"{path} has no kg.csv. It holds {held or 'nothing'}.",
            remedy="Name the folder with PrimeKG's kg.csv, or the file itself.",
        )
    return found[0]


def _lines(path: Path) -> Iterator[Block]:
    """Yield the header, a block of its own, and then the rows in blocks of whole lines."""
    for block in blocks(path, block_bytes=BLOCK_BYTES):
        if not block.data.isascii() or b"\x00" in block.data:
            decoded(path, block)
        if block.first_row > 1:
            yield block
            continue
        header, _, rest = block.data.partition(b"\n")
        yield Block(1, header)
        if rest:
            yield Block(2, rest)


def _columns(path: Path, header: bytes) -> int:
    """Return how many columns the file has, once it is sure that they are PrimeKG's."""
    line = header.decode().removeprefix("\ufeff").rstrip("\r")
    found = tuple(cell.strip(' "') for cell in line.split(","))
    if found in (WITH_INDEX, WITHOUT_INDEX):
        return len(found)
    wanted = WITH_INDEX if any(cell.endswith("_index") for cell in found) else WITHOUT_INDEX
    lacking = [column for column in wanted if column not in found]
    strange = [repr(cell[:40]) for cell in found if cell not in WITH_INDEX]
    wrong = [f"it lacks {', '.join(lacking)}"] if lacking else []
    wrong += [f"it has {listing(strange)}, which PrimeKG has not"] if strange else []
    raise SourceError(
        f"{path} is no kg.csv of PrimeKG by its first line: "
        f"{' and '.join(wrong) or 'its columns are in another order'}.",
        remedy=f"The columns must be {','.join(WITH_INDEX)}, with or without x_index and y_index.",
    )


def _cut_all(path: Path, progress: Progress) -> Rows:
    """Cut the file into rows, several blocks at a time, and keep them in order."""
    whole = path.stat().st_size if path.suffix == ".csv" and path.is_file() else 0
    lines = _lines(path)
    header = next(lines, None)
    if header is None:
        raise SourceError(f"{path} is empty.", remedy="Fetch or copy PrimeKG's kg.csv again.")
    columns = _columns(path, header.data)
    rows = Rows(tuple(Cutter(columns) for _ in range(CUTTERS)), deque(), Account())
    waiting: deque[tuple[int, Block, Future[Cut]]] = deque()
    done = len(header.data)
    with ThreadPoolExecutor(CUTTERS) as pool:
        for number, block in enumerate(lines):
            # A cutter has one block at a time, for it writes down what it meets.
            if len(waiting) == CUTTERS:
                _collect(rows, path, *waiting.popleft())
            cutter = number % CUTTERS
            cut = pool.submit(rows.cutters[cutter].cut, block.data, block.first_row)
            waiting.append((cutter, block, cut))
            done += len(block.data)
            progress(f"reading {path.name}", done, whole)
        while waiting:
            _collect(rows, path, *waiting.popleft())
    return rows


def _collect(rows: Rows, path: Path, cutter: int, block: Block, future: Future[Cut]) -> None:
    cut = future.result()
    refuse_too_many(rows.cutters[cutter].relations.number)
    rows.chunks.append(Chunk(cutter, cut.x, cut.y, cut.relation.astype(np.uint16)))
    for verdict in np.unique(cut.verdicts).tolist():
        at = cut.spoilt[cut.verdicts == verdict]
        _set_aside(rows.account, path, block, at, VERDICTS[verdict])


def _set_aside(
    account: Account, path: Path, block: Block, at: npt.NDArray[np.uint32], reason: str
) -> None:
    """List lines of a block as dropped."""
    lines = block.data.split(b"\n")
    texts = [_text(lines[line]) for line in at]
    rows = pl.DataFrame(
        {
            "file": [path.name] * len(at),
            "row": block.first_row + at.astype(np.int64),
            "reason": [reason] * len(at),
            "text": texts,
        },
        schema=DROPPED,
    )
    account.list(rows, reason, path.name, rows.height)


def _text(line: bytes) -> str:
    # A character has at most four bytes; a cut one at the end is beyond what is kept.
    return line[: 4 * LONGEST_TEXT].decode(errors="ignore").rstrip("\r")[:LONGEST_TEXT]


def _list_refused(
    path: Path, rows: Rows, spelled: Merged, nodes: Nodes, keys: Sequence[Keys]
) -> None:
    """Read the file once more for the rows whose cells are all there, and yet say nothing.

    Most files have none, and then nothing is read.
    """
    if not any((numbers < 0).any() for key in keys for numbers in key):
        return
    why = nodes.refused.to_list()
    lines = _lines(path)
    next(lines)
    for number, block in enumerate(lines):
        at = number % CUTTERS
        cut = rows.cutters[at].cut(block.data, block.first_row)
        own, (row_of, relation_of) = spelled.codes[at], keys[at]
        bad = (row_of[cut.x] < 0) | (row_of[cut.y] < 0) | (relation_of[cut.relation] < 0)
        found: dict[str, list[int]] = {}
        for place in np.flatnonzero(bad).tolist():
            reason = why[own[cut.x[place]]] or why[own[cut.y[place]]] or "empty-predicate"
            found.setdefault(reason, []).append(int(cut.kept[place]))
        for reason, at_lines in sorted(found.items()):
            _set_aside(rows.account, path, block, np.array(at_lines, np.uint32), reason)
