"""What every reader of a graph yields: columns, never an object per statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

NODES = pl.Schema({"id": pl.String(), "types": pl.List(pl.String())})
NAMES = pl.Schema(
    {"id": pl.String(), "text": pl.String(), "language": pl.String(), "kind": pl.String()}
)
EDGES = pl.Schema(
    {
        "subject": pl.String(),
        "predicate": pl.String(),
        "object": pl.String(),
        "source": pl.String(),
        "licence": pl.String(),
        "evidence": pl.String(),
    }
)
DROPPED = pl.Schema(
    {"file": pl.String(), "row": pl.Int64(), "reason": pl.String(), "text": pl.String()}
)


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


@dataclass(frozen=True, slots=True)
class GraphColumns:
    """A graph as it was read. Predicates are as the source spells them."""

    source: SourceInfo
    nodes: pl.DataFrame
    """``NODES``: one row for each concept."""
    names: pl.DataFrame
    """``NAMES``: kind is preferred, synonym or abbreviation."""
    edges: pl.DataFrame
    """``EDGES``: both ends are in ``nodes``; repeats and self loops are still there."""
    dropped: pl.DataFrame
    """``DROPPED``: every row of the input that is in none of the above."""

    def __post_init__(self) -> None:
        """Refuse columns of another shape here, where the reader that made them is known."""
        for field, schema in _SCHEMAS.items():
            frame: Any = getattr(self, field)
            if frame.schema != schema:
                raise TypeError(f"{field} has the columns {frame.schema}, not {schema}")


_SCHEMAS = {"nodes": NODES, "names": NAMES, "edges": EDGES, "dropped": DROPPED}
