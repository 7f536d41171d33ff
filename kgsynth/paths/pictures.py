"""A picture of a path."""

from __future__ import annotations

from kgsynth.graph.pictures import INK, Box, Picture, framed, said, short
from kgsynth.paths.finder import PathFinder
from kgsynth.paths.shortest import Codes

GAP, STEP = 20.0, 64.0


def path(finder: PathFinder, codes: Codes) -> Picture:
    """Draw a path downwards; arrows run from subject to object.

    >>> from kgsynth.graph.store import KnowledgeGraph
    >>> graph = KnowledgeGraph.example()
    >>> finder = PathFinder(graph)
    >>> [first, *_] = finder.between([graph.find("Zestril")], [graph.find("cough")], 3, 5).paths
    >>> "has_side_effect" in path(finder, first).svg
    True
    """
    graph = finder.graph
    boxes = [
        Box(170, GAP + 13 + STEP * at, short(graph.name(code)), marked=at in (0, len(codes) - 1))
        for at, code in enumerate(codes)
    ]
    parts = [box.drawn() for box in boxes]
    for upper, link in zip(boxes, finder.links(codes), strict=False):
        top, bottom = upper.y + 13, upper.y + STEP - 13
        ends = (top, bottom) if link.forward else (bottom, top)
        parts.append(
            f"<line x1='170' y1='{ends[0]}' x2='170' y2='{ends[1]}' stroke='{INK}' "
            "marker-end='url(#arrow)'/>"
        )
        name = graph.predicate_names[link.predicate]
        parts.append(f"<text x='180' y='{(top + bottom) / 2 + 4}'>{said(name)}</text>")
    return framed(340, 2 * GAP + 26 + STEP * (len(codes) - 1), parts)
