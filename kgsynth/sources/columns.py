"""What every reader of a graph yields: columns, never an object per statement.

Ends of statements, relations and sources are numbers, so that fifty million rows fit: a
concept is its row in ``nodes``, a relation its place in ``relations``, a source its place in
``sources``. A reader that holds ids and words in text lets `kgsynth.sources.coding` number them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import polars as pl

NAME_KINDS = pl.Enum(["preferred", "synonym", "abbreviation", "broad", "narrow", "related"])
IDENTIFIER_KINDS = pl.Enum(["alternative", "xref"])

NODES = pl.Schema({"id": pl.String(), "types": pl.List(pl.String())})
NAMES = pl.Schema(
    {
        "node": pl.UInt32(),
        "text": pl.String(),
        "language": pl.String(),
        "kind": NAME_KINDS,
        "source": pl.UInt16(),
    }
)
IDENTIFIERS = pl.Schema({"node": pl.UInt32(), "text": pl.String(), "kind": IDENTIFIER_KINDS})
EDGES = pl.Schema(
    {
        "subject": pl.UInt32(),
        "predicate": pl.UInt16(),
        "object": pl.UInt32(),
        "origin": pl.UInt16(),
    }
)
EVIDENCE = pl.Schema({"edge": pl.UInt32(), "text": pl.String()})
DEFINITIONS = pl.Schema({"node": pl.UInt32(), "text": pl.String(), "source": pl.UInt16()})
DROPPED = pl.Schema(
    {"file": pl.String(), "row": pl.Int64(), "reason": pl.String(), "text": pl.String()}
)

LONGEST_TEXT = 1_000
"""Characters of a row that the list of dropped rows shows."""
MOST_LISTED = 100_000
"""Rows of one file that are listed for one reason; further ones are counted."""

Progress = Callable[[str, int, int], None]
"""Told (what is done, bytes or rows so far, of how many; 0 when nobody knows)."""


def silent(what: str, done: int, total: int) -> None:
    """Report nothing."""


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What a source says of itself."""

    name: str
    version: str = ""
    released: str = ""
    """An ISO date, or an empty string where the source gives none."""
    licence: str = ""
    complete: tuple[str, ...] = ()
    """The predicates whose missing statements are false, not merely unknown."""
    restriction: int = 0
    """The UMLS restriction level. Above 0, only ids may leave the store until the source is
    named in ``licence.accept``."""


class Origin(NamedTuple):
    """Who vouches for a statement, and on what terms."""

    source: int
    """A place in ``sources``."""
    licence: str


class Relation(NamedTuple):
    """A relation as the source spells it, and what the source itself says of it.

    The spelling begins with the vocabulary it is from, as in ``umls:may_treat`` or ``RO:0002434``;
    a plain table's stands bare.
    """

    spelling: str
    inverse: str = ""
    """The spelling of the same fact the other way round, where the source names one."""
    symmetric: bool = False


def no_rows(schema: pl.Schema) -> pl.DataFrame:
    """Return an empty frame of a schema."""
    return pl.DataFrame(schema=schema)


@dataclass(frozen=True, slots=True)
class GraphColumns:
    """A graph as it was read. Types and relations are as the source spells them."""

    sources: tuple[SourceInfo, ...]
    origins: tuple[Origin, ...]
    relations: tuple[Relation, ...]
    nodes: pl.DataFrame
    """``NODES``: one row for each concept, no id twice."""
    names: pl.DataFrame
    """``NAMES``: ``node`` is a row of ``nodes``, ``source`` a place in ``sources``."""
    edges: pl.DataFrame
    """``EDGES``: subject and object are rows of ``nodes``, the predicate a place in
    ``relations``, the origin one in ``origins``; repeats and self loops are still there."""
    identifiers: pl.DataFrame = field(default_factory=lambda: no_rows(IDENTIFIERS))
    """``IDENTIFIERS``: ids that mean the concept as well (alternative), or that it is
    cross-referenced to (xref)."""
    definitions: pl.DataFrame = field(default_factory=lambda: no_rows(DEFINITIONS))
    """``DEFINITIONS``: what a concept is, in a sentence."""
    evidence: pl.DataFrame = field(default_factory=lambda: no_rows(EVIDENCE))
    """``EVIDENCE``: sentences or references for a row of ``edges``; most rows have none."""
    dropped: pl.DataFrame = field(default_factory=lambda: no_rows(DROPPED))
    """``DROPPED``: every row of the input that could not be used, with its place."""
    counted: Mapping[str, int] = field(default_factory=dict)
    """Rows left out on purpose, by reason: suppressed, obsolete, filtered. With ``dropped`` and
    the above they add up to all rows of the input."""

    def __post_init__(self) -> None:
        """Refuse columns of another shape here, where the reader that made them is known."""
        for name, schema in _SCHEMAS.items():
            frame: Any = getattr(self, name)
            if frame.schema != schema:
                raise TypeError(f"{name} has the columns {frame.schema}, not {schema}")

    def spelled(self) -> pl.DataFrame:
        """Return the edges in words, one row each, to look at: ids, relation, source, licence."""
        ids = self.nodes["id"]
        relations = pl.Series([r.spelling for r in self.relations], dtype=pl.String)
        sources = pl.Series([self.sources[o.source].name for o in self.origins], dtype=pl.String)
        licences = pl.Series([o.licence for o in self.origins], dtype=pl.String)
        return self.edges.select(
            ids.gather(self.edges["subject"]).alias("subject"),
            relations.gather(self.edges["predicate"]).alias("predicate"),
            ids.gather(self.edges["object"]).alias("object"),
            sources.gather(self.edges["origin"]).alias("source"),
            licences.gather(self.edges["origin"]).alias("licence"),
        )


_SCHEMAS = {
    "nodes": NODES,
    "names": NAMES,
    "identifiers": IDENTIFIERS,
    "definitions": DEFINITIONS,
    "edges": EDGES,
    "evidence": EVIDENCE,
    "dropped": DROPPED,
}
