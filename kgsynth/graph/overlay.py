"""A shattered graph: an overlay on its store, with a report of what was cut and what it did."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from kgsynth.errors import StoreError
from kgsynth.graph.adjacency import Adjacency
from kgsynth.graph.arrays import Array
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.graph.texts import mapped, save
from kgsynth.model import Hub, Record

MAKE = "Make one with: kgsynth graph shatter STORE --k N --output OVERLAY"


class ShatterReport(Record):
    """What was cut and what it did."""

    graph: str
    """Content hash of the store."""
    content: str
    rule: str
    score: str
    k: int
    protected: int
    removed: tuple[Hub, ...]
    pairs_lost: int
    """Pairs of surviving concepts that were joined before and are not now."""
    pairs_compared: int
    """Pairs whose distance was compared: all of a small graph, of a large one a fixed sample."""
    grew: dict[int, int]
    """Of the pairs compared: how many are farther apart, by the number of hops gained."""
    grew_by_types: dict[str, int]
    """The same, by the types of the two ends; the ten most frequent."""


class Remainder(NamedTuple):
    """What is left of a graph without some of its concepts."""

    removed: Array
    walk: Adjacency


class Overlay:
    """A shattered graph: the store's codes, with the hubs gone."""

    def __init__(self, report: ShatterReport, removed: Array, walk: Adjacency) -> None:
        self.report = report
        self.removed = removed
        self.walk = walk

    @classmethod
    def open(cls, folder: Path | str, graph: KnowledgeGraph) -> Overlay:
        """Open an overlay, and refuse one that was made for another graph."""
        folder = Path(folder)
        try:
            report = ShatterReport.model_validate_json((folder / "report.json").read_text("utf-8"))
            removed = mapped(folder / "removed.npy")
            walk = Adjacency.open(folder, "walk")
        except (OSError, EOFError, ValueError):
            raise StoreError(f"{folder} is not an overlay.", remedy=MAKE) from None
        if report.graph != graph.manifest.content:
            raise StoreError(
                f"The overlay {folder} was made for another graph than {graph.path}.",
                remedy=MAKE.replace("one", "it again"),
            )
        return cls(report, removed, walk)

    def save(self, folder: Path) -> None:
        """Write it into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        save(folder / "removed.npy", np.asarray(self.removed))
        self.walk.save(folder, "walk")
        (folder / "report.json").write_text(self.report.model_dump_json(indent=2) + "\n", "utf-8")
