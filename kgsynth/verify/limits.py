"""How large a row may be. What is larger is no row of ours, and no check but form looks at it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from kgsynth.model import Path, Row

LONGEST_STEM = 4_000
"""In characters; an option may be as long."""
LONGEST_STEP = 2_000
"""In characters; the conclusion and a corruption count as steps."""
LONGEST_LIST = 200
"""Options, steps, corruptions, paths, hops, types, or what one of them cites and needs."""


def over_limits(row: Row) -> str:
    """Say what of a row is too large; nothing when it may be read.

    Only lengths are looked at, so that a stranger's row costs no more than its bytes.
    """
    for place, text, longest in texts_of(row):
        if len(text) > longest:
            return f"{place} has {len(text)} characters, more than {longest}."
    for place, length in _lists(row):
        if length > LONGEST_LIST:
            return f"{place}: there are {length}, more than {LONGEST_LIST}."
    return ""


def texts_of(row: Row) -> Iterator[tuple[str, str, int]]:
    """Yield each text that a trainer may be shown, where it stands, and how long it may be."""
    yield "The stem", row.question.stem, LONGEST_STEM
    for option in row.question.options:
        yield f"Option {option.label}", option.text, LONGEST_STEM
    for number, step in enumerate(row.trace.steps, start=1):
        yield f"Step {number}", step.text, LONGEST_STEP
    yield "The conclusion", row.trace.conclusion.text, LONGEST_STEP
    for corruption in row.corruptions:
        yield f"The corruption {corruption.name}", corruption.text, LONGEST_STEP


def _lists(row: Row) -> Iterator[tuple[str, int]]:
    yield "Options", len(row.question.options)
    yield "Steps", len(row.trace.steps)
    yield "Corruptions", len(row.corruptions)
    yield "Hidden concepts", len(row.bridges)
    yield "Further paths", len(row.further_paths)
    yield "What the conclusion needs", len(row.trace.conclusion.needs)
    for number, step in enumerate(row.trace.steps, start=1):
        yield f"What step {number} cites or needs", max(len(step.cites), len(step.needs))
    for number, path in enumerate((row.path, *row.further_paths)):
        yield "The path" if number == 0 else f"Further path {number}", _widest(path)
    for option in row.question.options:
        if option.why_out:
            yield f"What option {option.label} cites", len(option.why_out.statements)


def _widest(path: Path) -> int:
    """Return the length of the longest list on a path."""
    parts = chain((len(hop.statements) for hop in path.hops), (len(n.types) for n in path.nodes))
    return max(len(path.nodes), len(path.hops), *parts)
