"""A picture of a path."""

from __future__ import annotations

from kgsynth.graph.pictures import INK, Box, Picture, framed, said, short, wide
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
    graph, links = finder.graph, finder.links(codes)
    names = [short(graph.name(code)) for code in codes]
    relations = [graph.predicate_names[link.predicate] for link in links]
    half = max(Box(0, 0, name).width for name in names) / 2
    middle = GAP + half
    boxes = [
        Box(middle, GAP + 13 + STEP * at, name, marked=at in (0, len(codes) - 1))
        for at, name in enumerate(names)
    ]
    parts = [box.drawn() for box in boxes]
    for upper, link, name in zip(boxes, links, relations, strict=False):
        top, bottom = upper.y + 13, upper.y + STEP - 13
        ends = (top, bottom) if link.forward else (bottom, top)
        parts.append(
            f"<line x1='{middle}' y1='{ends[0]}' x2='{middle}' y2='{ends[1]}' stroke='{INK}' "
            "marker-end='url(#arrow)'/>"
        )
        place = f"x='{middle + 10}' y='{(top + bottom) / 2 + 4}'"
        parts.append(f"<text {place} fill='{INK}'>{said(name)}</text>")
    right = max([half, *(10 + wide(name) for name in relations)])
    return framed(middle + right + GAP, 2 * GAP + 26 + STEP * (len(codes) - 1), parts)
