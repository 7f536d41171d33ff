"""Random streams derived by hashing, so that no worker count or order changes a byte.

A stream is named by what it is for, ``(run seed, stage, item id, ...)``. Adding to a seed
(``seed + i``) makes neighbouring items share streams; ``hash()`` differs between processes.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def digest(*parts: object, size: int = 16) -> str:
    """Hash JSON-able parts into a hex name; lists and strings cannot run into each other.

    >>> digest("a", "bc") == digest("ab", "c")
    False
    >>> len(digest("a"))
    32
    """
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=size).hexdigest()


def derive(seed: int, *purpose: object) -> int:
    """Derive a 64-bit seed for one purpose from the run's seed.

    >>> derive(7, "paths", 1) == derive(7, "paths", 1)
    True
    >>> derive(7, "paths", 1) == derive(8, "paths", 1)
    False
    """
    return int(digest(seed, *purpose, size=8), 16)


def stream(seed: int, *purpose: object) -> random.Random:
    """Open the random stream of one purpose."""
    return random.Random(derive(seed, *purpose))


def shuffled(items: Sequence[T], seed: int, *purpose: object) -> list[T]:
    """Return the items in the order that this purpose's stream gives them."""
    out = list(items)
    stream(seed, *purpose).shuffle(out)
    return out
