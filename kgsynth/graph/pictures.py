"""Pictures for notebooks and reports, as SVG: what a notebook shows of an object by itself.

Names come from a graph and are escaped; a picture fetches nothing and runs nothing.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import NamedTuple

import numpy as np

from kgsynth.errors import count_of
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
        return 18 + wide(self.text)

    def drawn(self) -> str:
        """Return it as SVG, its middle at x and y."""
        left, colour = self.x - self.width / 2, MARK if self.marked else INK
        return (
            f"<rect x='{left:.1f}' y='{self.y - 13:.1f}' width='{self.width:.1f}' height='26' "
            f"rx='6' fill='{PALE}' stroke='{colour}'/>"
            f"<text x='{self.x:.1f}' y='{self.y + 4:.1f}' text-anchor='middle' fill='{INK}'>"
            f"{said(self.text)}</text>"
        )


def wide(text: str) -> float:
    """Say how wide a text is at most, in the fonts that browsers take for sans-serif.

    >>> wide("iron") < wide("IRON") < wide("\u9244\u9244\u9244\u9244")
    True
    """
    return sum(map(_letter, text))


def _letter(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in ("W", "F"):
        return 12.5
    if letter in "ijltf.,:;'|!()[] -":
        return 5.0
    return 9.5 if letter.isupper() or letter in "mw_%@—…" else 7.5


def framed(width: float, height: float, parts: list[str]) -> Picture:
    """Put parts into one image."""
    arrow = (
        f"<defs><marker id='arrow' viewBox='0 0 8 8' refX='8' refY='4' markerWidth='7' "
        f"markerHeight='7' orient='auto-start-reverse'><path d='M0 0L8 4L0 8z' fill='{INK}'/>"
        "</marker></defs>"
    )
    size = f"width='{width:.0f}' height='{height:.0f}' viewBox='0 0 {width:.0f} {height:.0f}'"
    start = f"<svg xmlns='http://www.w3.org/2000/svg' {size} {FONT}>"
    # On the dark ground of some notebooks, dark letters would not be seen.
    ground = "<rect width='100%' height='100%' fill='white'/>"
    return Picture(start + arrow + ground + "".join(parts) + "</svg>")


def said(text: str) -> str:
    """Make a text of a graph fit to stand in an image: no markup, nothing that cannot be seen.

    >>> said("<b>\x1b&")
    '&lt;b&gt; &amp;'
    """
    return escape("".join(c if c.isprintable() else " " for c in text))


def short(name: str, most: int = LONGEST_NAME) -> str:
    """Cut a name that would not fit.

    >>> short("a name of many words that goes on and on")
    'a name of many words that g…'
    """
    return name if len(name) <= most else name[: most - 1].rstrip() + "…"


# --- what stands around a concept -----------------------------------------------------------------

PITCH, MARGIN, ROOM, BEND = 34.0, 20.0, 170.0, 60.0
"""Between two rows; around all; for the words beside a box; for lines to bend in."""
LONGEST_LABEL = 30


class Beside(NamedTuple):
    """A neighbour, and the relations that join it."""

    other: int
    onward: tuple[str, ...]
    """Of which the concept in the middle is the subject."""
    arriving: tuple[str, ...]

    @property
    def text(self) -> str:
        """The relations in words, each with its way where both ways there are."""
        if self.onward and self.arriving:
            return ", ".join([f"→ {n}" for n in self.onward] + [f"← {n}" for n in self.arriving])
        return ", ".join(self.onward or self.arriving)


def around(graph: KnowledgeGraph, concept: int | str, *, most: int = 16) -> Picture:
    """Draw a concept with its neighbours, the rarest ones first, and how they are joined.

    What is said of others and leads to it stands left, what is said of itself right.

    >>> around(KnowledgeGraph.example(), "Zestril")._repr_svg_()[:4]
    '<svg'
    """
    code = graph.find(concept)
    every = _neighbours(graph, code)
    degrees = graph.contact.degree
    shown = sorted(every, key=lambda held: (int(degrees[held.other]), held.other))[:most]
    shown.sort(key=lambda held: (held.text, graph.name(held.other)))
    left = [held for held in shown if not held.onward]
    right = [held for held in shown if held.onward]
    widest = (
        max((Box(0, 0, short(graph.name(h.other))).width for h in side), default=0.0)
        for side in (left, right)
    )
    sides = [boxes + ROOM + BEND if boxes else 0.0 for boxes in widest]
    middle = Box(0, 0, short(graph.name(code)), marked=True)
    height = 2 * MARGIN + PITCH * max(2, len(left), len(right))
    width = 2 * MARGIN + sum(sides) + middle.width
    middle = middle._replace(x=MARGIN + sides[0] + middle.width / 2, y=height / 2)
    parts = [*_side(graph, middle, left, -1), *_side(graph, middle, right, 1), middle.drawn()]
    if rest := len(every) - len(shown):
        parts.append(label(middle.x, height / 2 + 28, f"and {rest:,} more"))
    return framed(width, height, parts)


def _neighbours(graph: KnowledgeGraph, code: int) -> list[Beside]:
    relations: dict[int, tuple[list[str], list[str]]] = {}
    for n in graph.beside(code):
        held = relations.setdefault(n.other, ([], []))[0 if n.forward else 1]
        held.append(graph.predicate_names[n.predicate])
    return [Beside(other, tuple(on), tuple(to)) for other, (on, to) in relations.items()]


def _side(graph: KnowledgeGraph, middle: Box, held: list[Beside], way: int) -> Iterator[str]:
    """Draw the neighbours of one side in a column, each with a line to the middle."""
    inner = middle.x + way * middle.width / 2
    bend, outer = inner + way * BEND, inner + way * (BEND + ROOM)
    first = middle.y - PITCH * (len(held) - 1) / 2
    for row, neighbour in enumerate(held):
        y = first + PITCH * row
        box = Box(0, y, short(graph.name(neighbour.other)))
        box = box._replace(x=outer + way * box.width / 2)
        here, there = f"{inner:.1f} {middle.y:.1f}", f"{outer:.1f} {y:.1f}"
        half = (inner + bend) / 2
        curve = f"M{here}C{half:.1f} {middle.y:.1f} {half:.1f} {y:.1f} {bend:.1f} {y:.1f}L{there}"
        head = "" if neighbour.onward and neighbour.arriving else _head(neighbour)
        yield f"<path d='{curve}' fill='none' stroke='{LINE}'{head}/>"
        yield label((bend + outer) / 2, y - 4, short(neighbour.text, LONGEST_LABEL))
        yield box.drawn()


def _head(neighbour: Beside) -> str:
    return f" marker-{'end' if neighbour.onward else 'start'}='url(#arrow)'"


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
    title = f"{removed:,} of {count_of(graph.node_count, 'concept')} cut"
    return framed(
        WIDTH,
        HEIGHT,
        [
            f"<rect x='{EDGE}' y='{EDGE}' width='{WIDTH - 2 * EDGE}' "
            f"height='{HEIGHT - 2 * EDGE}' fill='none' stroke='{LINE}'/>",
            *(label(EDGE + across * n, HEIGHT - EDGE + 16, f"{1 << n:,}") for n in range(columns)),
            *(
                label(EDGE - 26, HEIGHT - EDGE - up * n + 4, f"{10**n:,}")
                for n in range(int(math.log10(before.max(initial=1))) + 1)
            ),
            *_curve(before, across, up, LINE, "before", 18),
            *_curve(after, across, up, MARK, "after", 34),
            label(WIDTH / 2, 24, title),
            label(WIDTH / 2, HEIGHT - 12, "neighbours"),
            label(EDGE, EDGE - 12, "concepts"),
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
