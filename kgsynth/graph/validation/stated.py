"""All statements of some sources under the names of the store, as columns to be judged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from kgsynth.graph.concepts import Codes, Concepts, merge_concepts
from kgsynth.graph.relations import Relations, name_relations
from kgsynth.sources.columns import GraphColumns
from kgsynth.vocabulary import Vocabulary

TRIPLE = ("subject", "predicate", "object")


class Stated(NamedTuple):
    """What is said, numbered as compiling numbers it."""

    vocabulary: Vocabulary
    concepts: Concepts
    relations: Relations
    kinds: list[tuple[tuple[str, ...], bool]]
    """Types that concepts have together, and whether they are in another source's words."""
    kind: pl.Series
    """The place in ``kinds`` of each concept."""
    statements: pl.DataFrame
    """Each statement of each source once: ``subject``, ``predicate``, ``object``, the ``source``,
    its first ``row``, how many ``rows`` say it, how many of them are ``turned``, ``vouched``."""

    def spelled(self, statements: pl.DataFrame) -> pl.Series:
        """Write statements out, as ``A treats B``."""
        ids, names = self.concepts.ids, pl.Series(self.relations.names, dtype=pl.String)
        return pl.select(
            pl.concat_str(
                ids.gather(statements["subject"]),
                names.gather(statements["predicate"]),
                ids.gather(statements["object"]),
                separator=" ",
            )
        ).to_series()


def state(sources: Sequence[GraphColumns], vocabulary: Vocabulary) -> Stated:
    """Number concepts and relations of all sources, and turn every statement its usual way."""
    concepts = merge_concepts(sources, vocabulary)
    relations = name_relations(sources, vocabulary)
    foreign = _foreign(sources, concepts)
    kind = concepts.types.astype(np.uint32) * np.uint32(2) + foreign
    kinds = [(types, words) for types in concepts.type_sets for words in (False, True)]
    statements = pl.concat(
        [
            _statements(source, codes, relations, at)
            for at, (source, codes) in enumerate(zip(sources, concepts.codes, strict=True))
        ]
    )
    return Stated(vocabulary, concepts, relations, kinds, pl.Series(kind), statements)


def _foreign(sources: Sequence[GraphColumns], concepts: Concepts) -> npt.NDArray[np.bool_]:
    """Say of each concept whether a type of it stands behind the prefix of another vocabulary."""
    foreign = np.zeros(len(concepts.ids), dtype=np.bool_)
    for source, codes in zip(sources, concepts.codes, strict=True):
        prefixed = source.nodes["types"].list.join("\x1f").fill_null("").str.contains(":")
        foreign[codes[prefixed.to_numpy()]] = True
    return foreign


def _statements(source: GraphColumns, codes: Codes, relations: Relations, at: int) -> pl.DataFrame:
    named, turned, symmetric = relations.codes(source)
    spelled = source.edges["predicate"].to_numpy()
    left = codes[source.edges["subject"].to_numpy()]
    right = codes[source.edges["object"].to_numpy()]
    swap = np.where(symmetric[spelled], left > right, turned[spelled]).astype(np.bool_)
    vouched = np.zeros(len(left), dtype=np.bool_)
    said = source.evidence.filter(pl.col("text").str.strip_chars() != "")
    vouched[said["edge"].to_numpy()] = True
    rows = pl.DataFrame(
        {
            "subject": np.where(swap, right, left),
            "predicate": named[spelled],
            "object": np.where(swap, left, right),
            "turned": swap,
            "vouched": vouched,
        }
    )
    return (
        rows.with_row_index("row")
        .group_by(TRIPLE)
        .agg(
            pl.col("row").min(),
            pl.len().alias("rows"),
            pl.col("turned").sum(),
            pl.col("vouched").any(),
        )
        .with_columns(pl.lit(at, dtype=pl.UInt16).alias("source"))
    )
