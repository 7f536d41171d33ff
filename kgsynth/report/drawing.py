"""Where the pieces of a drawing go: bars and paths as numbers, with no markup in sight.

The template writes the SVG, so that every text in it passes through the one escaping there is.
"""

from __future__ import annotations

import textwrap
from collections.abc import Collection
from typing import NamedTuple

from kgsynth.model import Path

WIDTH = 320
BOX_WIDTH = 260
LINE_HEIGHT = 17
PADDING = 9
ARROW = 46
LETTERS = 32
"""How many letters of a name fit on one line of a box."""
MOST_LINES = 4


class Box(NamedTuple):
    """A concept on the path."""

    x: float
    y: float
    width: float
    height: float
    lines: tuple[tuple[float, str], ...]
    """Each line of the name, with the height of its baseline."""
    hidden: bool


class Arrow(NamedTuple):
    """A statement between two concepts; it points from subject to object."""

    x: float
    start: float
    end: float
    label: str
    label_y: float


class Drawing(NamedTuple):
    """A path drawn from top to bottom: long names and five hops fit a narrow screen."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def draw_path(path: Path, hidden: Collection[str]) -> Drawing:
    """Lay out a path; concepts whose id is in ``hidden`` are marked."""
    boxes: list[Box] = []
    top = 2.0
    for node in path.nodes:
        box = _box(node.name, top, node.id in hidden)
        boxes.append(box)
        top = box.y + box.height + ARROW
    arrows = tuple(
        _arrow(upper, lower, hop.predicate.replace("_", " "), hop.forward)
        for upper, hop, lower in zip(boxes, path.hops, boxes[1:], strict=False)
    )
    return Drawing(WIDTH, top - ARROW + 2, tuple(boxes), arrows)


def _box(name: str, top: float, hidden: bool) -> Box:
    lines = textwrap.wrap(name, LETTERS, max_lines=MOST_LINES, placeholder=" …") or [""]
    placed = tuple((top + PADDING + LINE_HEIGHT * (i + 0.75), line) for i, line in enumerate(lines))
    height = 2 * PADDING + LINE_HEIGHT * len(lines)
    return Box((WIDTH - BOX_WIDTH) / 2, top, BOX_WIDTH, height, placed, hidden)


def _arrow(upper: Box, lower: Box, label: str, forward: bool) -> Arrow:
    high, low = upper.y + upper.height, lower.y
    start, end = (high, low) if forward else (low, high)
    return Arrow(WIDTH / 2, start, end, label, (high + low) / 2 + 4)


class Bar(NamedTuple):
    """One line of a bar chart; ``share`` is of the longest bar, 0 to 100."""

    label: str
    number: int
    share: float


def bars(counts: Collection[tuple[str, int]]) -> tuple[Bar, ...]:
    """Scale counts to the largest of them.

    >>> bars([("a", 4), ("b", 1)])
    (Bar(label='a', number=4, share=100.0), Bar(label='b', number=1, share=25.0))
    """
    most = max((count for _, count in counts), default=0) or 1
    return tuple(Bar(label, count, round(100 * count / most, 2)) for label, count in counts)
