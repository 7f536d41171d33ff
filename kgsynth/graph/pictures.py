"""Pictures for notebooks and reports, as SVG: what a notebook shows of an object by itself.

Names come from a graph and are escaped; a picture fetches nothing and runs nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import NamedTuple

import numpy as np

from kgsynth.graph.arrays import Array
from kgsynth.graph.overlay import Overlay
from kgsynth.graph.store import KnowledgeGraph

INK, PALE, MARK, LINE = "#1f2933", "#eef2f6", "#c2410c", "#9aa5b1"
FONT = "font-family='sans-serif' font-size='12'"
LONGEST_NAME = 28


@dataclass(frozen=True)
class Picture:
    """An SVG image; a notebook shows it."""

    svg: str

    def _repr_svg_(self) -> str:
        return self.svg

    def save(self, path: Path | str) -> None:
        """Write it to a file."""
        Path(path).write_text(self.svg + "\n", "utf-8")


class Box(NamedTuple):
    """A name in a frame."""

    x: float
    y: float
    text: str
    marked: bool = False

    @property
    def width(self) -> float:
        """How wide the frame is."""
        return 16 + 7.0 * len(self.text)

    def drawn(self) -> str:
        """Return it as SVG, its middle at x and y."""
        left, colour = self.x - self.width / 2, MARK if self.marked else INK
        return (
            f"<rect x='{left:.1f}' y='{self.y - 13:.1f}' width='{self.width:.1f}' height='26' "
            f"rx='6' fill='{PALE}' stroke='{colour}'/>"
            f"<text x='{self.x:.1f}' y='{self.y + 4:.1f}' text-anchor='middle' fill='{INK}'>"
            f"{said(self.text)}</text>"
        )


def framed(width: float, height: float, parts: list[str]) -> Picture:
    """Put parts into one image."""
    arrow = (
        f"<defs><marker id='arrow' viewBox='0 0 8 8' refX='8' refY='4' markerWidth='7' "
        f"markerHeight='7' orient='auto-start-reverse'><path d='M0 0L8 4L0 8z' fill='{INK}'/>"
        "</marker></defs>"
    )
    size = f"width='{width:.0f}' height='{height:.0f}' viewBox='0 0 {width:.0f} {height:.0f}'"
    start = f"<svg xmlns='http://www.w3.org/2000/svg' {size} {FONT}>"
    return Picture(start + arrow + "".join(parts) + "</svg>")


def said(text: str) -> str:
    """Make a text of a graph fit to stand in an image: no markup, nothing that cannot be seen.

    >>> said("<b>\x1b&")
    '&lt;b&gt; &amp;'
    """
    return escape("".join(c if c.isprintable() else " " for c in text))


def short(name: str) -> str:
    """Cut a name that would not fit.

    >>> short("a name of many words that goes on and on")
    'a name of many words that g…'
    """
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


# --- what stands around a concept -----------------------------------------------------------------


def around(graph: KnowledgeGraph, concept: int | str, *, most: int = 16) -> Picture:
    """Draw a concept with its neighbours, the rarest ones first, and how they are joined.

    >>> around(KnowledgeGraph.example(), "Zestril")._repr_svg_()[:4]
    '<svg'
    """
    code = graph.find(concept)
    relations: dict[int, list[str]] = {}
    for n in graph.beside(code):
        name = graph.predicate_names[n.predicate]
        relations.setdefault(n.other, []).append(f"{name} →" if n.forward else f"← {name}")
    degrees = graph.contact.degree
    shown = sorted(relations, key=lambda other: (int(degrees[other]), other))[:most]
    width, height = 980.0, 200.0 + 30.0 * max(8, len(shown))
    middle = Box(width / 2, height / 2, short(graph.name(code)), marked=True)
    lines, boxes = [], [middle.drawn()]
    for at, other in enumerate(shown):
        angle = 2 * math.pi * at / len(shown) - math.pi / 2
        x = width / 2 + (width / 2 - 130) * math.cos(angle)
        y = height / 2 + (height / 2 - 30) * math.sin(angle)
        lines.append(
            f"<line x1='{middle.x}' y1='{middle.y}' x2='{x:.1f}' y2='{y:.1f}' stroke='{LINE}'/>"
        )
        lines.append(
            label((middle.x + 2 * x) / 3, (middle.y + 2 * y) / 3, ", ".join(relations[other]))
        )
        boxes.append(Box(x, y, short(graph.name(other))).drawn())
    rest = len(relations) - len(shown)
    if rest:
        boxes.append(label(width / 2, height - 8, f"and {rest} more"))
    return framed(width, height, lines + boxes)


def label(x: float, y: float, text: str) -> str:
    """Return a small text as SVG, its middle at x and y."""
    return (
        f"<text x='{x:.1f}' y='{y:.1f}' text-anchor='middle' fill='{INK}' font-size='10'>"
        f"{said(text)}</text>"
    )


# --- degrees before and after a cut ---------------------------------------------------------------

WIDTH, HEIGHT, EDGE = 640.0, 400.0, 56.0


def degrees(graph: KnowledgeGraph, overlay: Overlay) -> Picture:
    """Draw how many concepts have how many neighbours, before hubs were cut and after.

    Both scales are logarithmic; a dot stands for the concepts of so many neighbours, up to twice
    as many.
    """
    whole = graph.walk.degree
    columns = max(1, int(whole.max(initial=1))).bit_length()
    before, after = (
        _binned(held, columns)
        for held in (whole, overlay.walk.degree[~np.asarray(overlay.removed)])
    )
    across = (WIDTH - 2 * EDGE) / max(1, columns - 1)
    up = (HEIGHT - 2 * EDGE) / math.log10(10 * int(before.max(initial=1)))
    removed = len(overlay.report.removed)
    title = f"{removed:,} of {graph.node_count:,} concepts cut"
    return framed(
        WIDTH,
        HEIGHT,
        [
            f"<rect x='{EDGE}' y='{EDGE}' width='{WIDTH - 2 * EDGE}' "
            f"height='{HEIGHT - 2 * EDGE}' fill='none' stroke='{LINE}'/>",
            *(label(EDGE + across * n, HEIGHT - EDGE + 16, f"{1 << n:,}") for n in range(columns)),
            *(
                label(EDGE - 26, HEIGHT - EDGE - up * n, f"{10**n:,}")
                for n in range(int(math.log10(before.max(initial=1))) + 1)
            ),
            *_curve(before, across, up, LINE, "before", 18),
            *_curve(after, across, up, MARK, "after", 34),
            label(WIDTH / 2, 24, title),
            label(WIDTH / 2, HEIGHT - 12, "neighbours"),
        ],
    )


def _binned(held: Array, columns: int) -> Array:
    """Count the concepts by the power of two of their neighbours; those without are left out."""
    powers = np.frexp(held[held > 0].astype(np.float64))[1] - 1
    return np.bincount(powers, minlength=columns)


def _curve(
    counts: Array, across: float, up: float, colour: str, name: str, row: float
) -> Iterator[str]:
    dots = [
        (EDGE + across * at, HEIGHT - EDGE - up * math.log10(count))
        for at, count in enumerate(counts.tolist())
        if count
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in dots)
    yield f"<polyline points='{line}' fill='none' stroke='{colour}'/>"
    for x, y in (*dots, (WIDTH - 120, row)):
        yield f"<circle cx='{x:.1f}' cy='{y:.1f}' r='4' fill='{colour}'/>"
    yield label(WIDTH - 80, row + 4, name)
