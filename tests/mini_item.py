"""One item of the mini graph, put together by hand: AGTR1, the AT1 receptor, losartan.

Its path and options are chosen here and not mined, so that a test of how an item is written
does not change with how items are found.
"""

from __future__ import annotations

from kgsynth.graph.hierarchy import Hierarchy
from kgsynth.graph.overlay import Overlay
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.model import Grade, Item, Option, WhyOut, statement_id
from kgsynth.paths.finder import PathFinder
from kgsynth.paths.items import ItemMaker

SOURCE = "KGMINI"
PATH = ("agtr1", "at1_receptor", "losartan")
OPTIONS = ("spironolactone", "losartan", "ibuprofen", "metoprolol")
KEY = "B"
BESIDE = {
    "spironolactone": "mineralocorticoid_receptor",
    "metoprolol": "beta_1_adrenergic_receptor",
}
"""The receptor that each hard negative blocks."""


def curie(name: str) -> str:
    return f"{SOURCE}:{name}"


def _why_out(name: str) -> WhyOut | None:
    if name == PATH[-1]:
        return None
    detail = "no chain of the same relations leads to it from the question's concept"
    if name not in BESIDE:
        return WhyOut(reason="easy-negative", grade=Grade.CLOSED, detail=detail)
    return WhyOut(
        reason="hard-negative",
        grade=Grade.CLOSED,
        sibling=curie(BESIDE[name]),
        statements=(statement_id(curie(name), "inhibits", curie(BESIDE[name])),),
        detail=detail,
    )


def mini_item(graph: KnowledgeGraph, overlay: Overlay, *, stem: str | None = None) -> Item:
    """Make the item; with a stem, as if a question set had asked it."""
    codes = tuple(graph.code(curie(name)) for name in PATH)
    options = [
        Option(
            label=label,
            text=graph.name(graph.code(curie(name))),
            concept=curie(name),
            why_out=_why_out(name),
        )
        for label, name in zip("ABCD", OPTIONS, strict=True)
    ]
    return ItemMaker(PathFinder(graph, overlay), Hierarchy(graph), "en").item(
        kind="path" if stem is None else "qa",
        codes=codes,
        further=[],
        options=options,
        key=KEY,
        hidden=codes[1:-1] if stem is None else (),
        origin="graph" if stem is None else "hand",
        origin_split="",
        groups=("hand",),
        sole=True,
        stem=stem,
    )
