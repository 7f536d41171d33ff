"""Different concepts that come to the same CURIE are told apart, the same way in every run.

PrimeKG gives bare ids and Hetionet ids that hold within a kind, so one CURIE may mean two
concepts. Each of them then gets its type behind a ``#``, and a number where the type is no help
either: ``GO:0000001#pathway``, ``NCBIGene:5#gene/protein#2``. A ``#`` of the source's own is
written ``%23``, so that no such id can be another's.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

SHARP = "%23"
"""How a ``#`` of the source's own is written."""


def tell_apart(nodes: pl.DataFrame, order: Sequence[str]) -> pl.DataFrame:
    """Add the column ``id``, which no two rows share, to rows with ``curie`` and ``type``.

    Rows of the same CURIE and type are numbered from 1 by the columns ``order``, so the order in
    which a file lists them does not matter.

    >>> rows = pl.DataFrame({"curie": ["A:1", "A:1", "A:2"], "type": ["drug", "gene", "gene"]})
    >>> tell_apart(rows, ["curie"])["id"].to_list()
    ['A:1#drug', 'A:1#gene', 'A:2']
    """
    plain, kind = (pl.col(c).str.replace_all("#", SHARP, literal=True) for c in ("curie", "type"))
    of_a_kind = pl.len().over("curie", "type")
    number = pl.int_range(1, pl.len() + 1).over("curie", "type").cast(pl.String)
    numbered = pl.when(of_a_kind > 1).then("#" + number).otherwise(pl.lit(""))
    suffix = pl.when(pl.len().over("curie") > 1).then("#" + kind + numbered)
    return nodes.sort("curie", "type", *order).with_columns(
        (plain + suffix.otherwise(pl.lit(""))).alias("id")
    )


def judge_identifiers(spelled: pl.DataFrame, ids: pl.Series) -> pl.DataFrame:
    """Say which other spellings mean their concept: columns ``id``, ``text`` and then ``kind``.

    A spelling that is another concept's id, or that several concepts have, finds none of them
    for sure: it is kept as a cross reference.

    >>> spelled = pl.DataFrame({"id": ["A:1", "A:2", "A:1"], "text": ["x", "x", "y"]})
    >>> judge_identifiers(spelled, pl.Series(["A:1", "A:2"])).rows()
    [('A:1', 'x', 'xref'), ('A:1', 'y', 'alternative'), ('A:2', 'x', 'xref')]
    """
    lone = pl.len().over("text") == 1
    ours = lone & ~pl.col("text").is_in(ids.implode())
    return (
        spelled.select("id", "text")
        .filter(pl.col("id") != pl.col("text"))
        .unique()
        .sort("id", "text")
        .with_columns(
            pl.when(ours).then(pl.lit("alternative")).otherwise(pl.lit("xref")).alias("kind")
        )
    )
