"""Readers that do not reason: each scores the options of a question, the highest is its answer.

A new reader is a function from `Asked` to a score for each option, and a line in `READERS`. It
returns None for a question that it has no way to judge, which is left out and counted: where an
option is no concept there are no degrees and no distances, and from a given question, which names
several concepts, there is no one distance.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol

from kgsynth.model import Row

OPTIONS_ONLY = "options-only"
"""The reader that learns, from other rows, which options are keys: `OptionsOnly`."""
CLOSED_BOOK = "closed-book"
"""The verifier's model, asked without the graph."""
SHORTEST_WORD = 3
FAR = 99


class Sight(Protocol):
    """What a reader may ask of the full graph; None where a concept is not in it."""

    def degrees(self, concepts: Sequence[str], /) -> list[int] | None:
        """Tell how many neighbours each concept has."""

    def hops(self, start: str, concepts: Sequence[str], /, *, hubs: bool) -> list[int] | None:
        """Tell how far each concept is, with the hubs or without; -1 for very far."""


class Asked(NamedTuple):
    """A question as a reader sees it: nothing of the path, the trace or the key."""

    stem: str
    options: tuple[str, ...]
    concepts: tuple[str | None, ...]
    """What each option names."""
    start: str | None
    """The one concept that the stem names; None where it may name several, as a given question
    does: which of them the path begins at only the answer tells."""
    graph: Sight | None

    @classmethod
    def of(cls, row: Row, graph: Sight | None = None) -> Asked:
        """Take of a row what may be seen."""
        options = row.question.options
        return cls(
            stem=row.question.stem,
            options=tuple(option.text for option in options),
            concepts=tuple(option.concept for option in options),
            start=row.path.nodes[0].id if row.kind == "path" and row.path.nodes else None,
            graph=graph,
        )

    def named(self) -> list[str] | None:
        """Return the concepts of the options; None when one of them is none."""
        named = [concept for concept in self.concepts if concept is not None]
        return named if len(named) == len(self.concepts) else None


Scores = Sequence[float] | None


class Reader(NamedTuple):
    """A way to guess."""

    score: Callable[[Asked], Scores]
    needs_graph: bool = False


# --- what they look at -----------------------------------------------------------------------


def by_degree(asked: Asked) -> Scores:
    """Rank by the number of neighbours in the full graph."""
    named = asked.named()
    return None if asked.graph is None or named is None else asked.graph.degrees(named)


def by_nearness(asked: Asked) -> Scores:
    """Rank by the distance from the start in the full graph."""
    return _nearness(asked, hubs=True)


def by_nearness_without_hubs(asked: Asked) -> Scores:
    """Rank by the distance from the start where paths run: without the hubs."""
    return _nearness(asked, hubs=False)


def _nearness(asked: Asked, *, hubs: bool) -> Scores:
    named = asked.named()
    if asked.graph is None or asked.start is None or named is None:
        return None
    hops = asked.graph.hops(asked.start, named, hubs=hubs)
    return None if hops is None else [-(away if away >= 0 else FAR) for away in hops]


def by_length(asked: Asked) -> Scores:
    """Rank by the number of letters."""
    return [len(text) for text in asked.options]


def by_shared_words(asked: Asked) -> Scores:
    """Rank by the number of words that stand in the stem too."""
    stem = words(asked.stem)
    return [len(stem & words(text)) for text in asked.options]


def by_position(asked: Asked) -> Scores:
    """Take the first."""
    return [-place for place in range(len(asked.options))]


def least(reader: Callable[[Asked], Scores]) -> Callable[[Asked], Scores]:
    """Return the reader that takes the lowest where another takes the highest."""

    def turned(asked: Asked) -> Scores:
        scores = reader(asked)
        return None if scores is None else [-score for score in scores]

    return turned


@lru_cache(maxsize=10_000)
def words(text: str) -> frozenset[str]:
    """Return the words of a text that carry something.

    >>> sorted(words("Inhibitor of the ACE, an enzyme"))
    ['ace', 'enzyme', 'inhibitor', 'the']
    """
    found = re.split(r"\W+", text.casefold())
    return frozenset(word for word in found if len(word) >= SHORTEST_WORD)


READERS: dict[str, Reader] = {
    "highest degree": Reader(by_degree, needs_graph=True),
    "lowest degree": Reader(least(by_degree), needs_graph=True),
    "nearest": Reader(by_nearness, needs_graph=True),
    "nearest without the hubs": Reader(by_nearness_without_hubs, needs_graph=True),
    "longest": Reader(by_length),
    "shortest": Reader(least(by_length)),
    "word overlap": Reader(by_shared_words),
    "first position": Reader(by_position),
}
"""Every reader that judges a question by itself."""


def tied_with_key(scores: Sequence[float], key: int) -> int:
    """Count the options that share the highest score with the key; 0 when it has a lower one.

    >>> tied_with_key([3, 5, 5], 1), tied_with_key([3, 5, 5], 0)
    (2, 0)
    """
    best = max(scores)
    return sum(score == best for score in scores) if scores[key] == best else 0
