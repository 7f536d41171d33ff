"""A block of text as numbered lines."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from kgsynth.sources.opening import Block, decoded


def numbered_lines(path: Path, block: Block) -> pl.DataFrame:
    """Part a block into its lines: columns ``file``, ``row`` and ``line``.

    >>> numbered_lines(Path("my.tsv"), Block(7, b"a\\r\\n\\nb\\n")).rows()
    [('my.tsv', 7, 'a'), ('my.tsv', 8, ''), ('my.tsv', 9, 'b')]
    """
    # Without its last newline, a text splits into exactly its lines.
    text = decoded(path, block).removesuffix("\n")
    lines = pl.Series("line", [text]).str.split("\n").explode()
    return lines.to_frame().select(
        pl.lit(path.name).alias("file"),
        pl.int_range(block.first_row, block.first_row + pl.len(), dtype=pl.Int64).alias("row"),
        pl.col("line").str.strip_suffix("\r"),
    )
