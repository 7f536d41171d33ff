"""The concepts of a simulated UMLS: their numbers, their types, how much they are related."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kgsynth.simulate.semantic import GENERIC, GROUPS, SHARES, TYPES
from kgsynth.simulate.shape import Counts, Floats, bits_of, field, generator, shared_out, weights
from kgsynth.simulate.shape import slots as slots_of
from kgsynth.simulate.text import (
    BLOCK_ROWS,
    Bytes,
    Mask,
    Number,
    Pick,
    digits_of,
    lines,
    spans,
    table_of,
)

FIRST_CUI = 5
LAST_CUI = 9_999_999
_GAPS = 0.75
"""Numbers between two concepts that were given up, on average."""
_OBSOLETE = 0.008
_NOT_PREFERRED = 0.01
_FOREIGN = 0.01
_SECOND_TYPE = 0.14

GROUP_OF_TYPE = np.array([GROUPS.index(kind.group) for kind in TYPES], dtype=np.uint8)


class Concepts(NamedTuple):
    """Columns, one entry a concept, in the order of their CUIs."""

    cui: Bytes
    """``C0000005`` as a row of bytes."""
    weight: Floats
    hubs: Counts
    kind: npt.NDArray[np.uint8]
    """A place in ``TYPES``."""
    obsolete: Mask
    """All its names and relations are suppressed."""
    not_preferred: Mask
    """None of its English names is a preferred one, as happens in a subset."""
    foreign: Mask
    """It has no English name."""

    @property
    def group(self) -> npt.NDArray[np.uint8]:
        """The semantic group of each: a place in ``GROUPS``."""
        group: npt.NDArray[np.uint8] = GROUP_OF_TYPE[self.kind]
        return group


def make_concepts(count: int, seed: int) -> Concepts:
    """Draw the concepts."""
    weight = weights(count, seed, "umls")
    fate = generator(seed, "fate").random(count)
    fate[weight.hubs] = 1.0
    marks = np.cumsum([_OBSOLETE, _NOT_PREFERRED, _FOREIGN])
    return Concepts(
        cui=digits_of(b"C", _numbers(count, seed), 7),
        weight=weight.of,
        hubs=weight.hubs,
        kind=_kinds(count, weight.hubs, seed),
        obsolete=fate < marks[0],
        not_preferred=(marks[0] <= fate) & (fate < marks[1]),
        foreign=(marks[1] <= fate) & (fate < marks[2]),
    )


def _numbers(count: int, seed: int) -> Counts:
    """Number concepts upwards, with gaps where there is room for them."""
    room = min(_GAPS, (LAST_CUI - FIRST_CUI - count) / count)
    gaps = shared_out(int(room * count), generator(seed, "gaps").exponential(size=count))
    numbers: Counts = FIRST_CUI - 1 + np.cumsum(1 + gaps)
    return numbers


def _kinds(count: int, hubs: Counts, seed: int) -> npt.NDArray[np.uint8]:
    """Give each concept a type; hubs are generic, and each type occurs where there is room."""
    random = generator(seed, "kinds")
    kinds: npt.NDArray[np.uint8] = slots_of(SHARES, 16)[random.integers(0, 1 << 16, count)]
    order = random.permutation(count)
    planted = order[~np.isin(order, hubs)][: len(TYPES)]
    kinds[planted] = np.arange(len(planted))
    places = {kind.tui: place for place, kind in enumerate(TYPES)}
    generic = np.array([places[tui] for tui, _ in GENERIC], dtype=np.uint8)
    kinds[hubs] = np.resize(generic, len(hubs))
    return kinds


# --- MRSTY ------------------------------------------------------------------------------------


def write_types(path: Path, concepts: Concepts, seed: int) -> int:
    """Write MRSTY: a type or two of each concept."""
    rows = _typed(concepts, seed)
    text = table_of([f"|{kind.tui}|{kind.tree}|{kind.name}|AT" for kind in TYPES])
    with path.open("wb") as file:
        for first, end in spans(len(rows), BLOCK_ROWS):
            concept, kind = np.divmod(rows[first:end], len(TYPES))
            pieces = (
                Pick(concepts.cui, concept),
                Pick(text, kind),
                Number(b"", np.arange(first + 1, end + 1), 8),
                b"||\n",
            )
            file.write(lines(end - first, pieces))
    return len(rows)


def _typed(concepts: Concepts, seed: int) -> Counts:
    """Return concept and type of each row as one number, in order."""
    every = np.arange(len(concepts.kind))
    second = _neighbour_types()[concepts.kind]
    chance = field(bits_of(every, seed, "second type"), 0, 16) < _SECOND_TYPE * (1 << 16)
    more = chance & (second != concepts.kind)
    rows = np.concatenate([every * len(TYPES) + concepts.kind, (every * len(TYPES) + second)[more]])
    return np.sort(rows)


def _neighbour_types() -> npt.NDArray[np.uint8]:
    """Return, for each type, the next one of its group."""
    places = np.arange(len(TYPES), dtype=np.uint8)
    out = places.copy()
    for group in range(len(GROUPS)):
        members = places[np.equal(GROUP_OF_TYPE, group)]
        out[members] = np.roll(members, -1)
    return out
