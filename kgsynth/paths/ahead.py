"""Work done in threads, in order, and only a little ahead of whoever reads what comes of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

Part = TypeVar("Part")
Done = TypeVar("Done")


def ahead(work: Callable[[Part], Done], parts: Iterable[Part], threads: int) -> Iterator[Done]:
    """Do some work on each part and yield what comes of it, in order.

    >>> list(ahead(abs, [-1, -2, -3], threads=2))
    [1, 2, 3]
    """
    rest = iter(parts)
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[Done]] = deque()
        try:
            waiting.extend(pool.submit(work, part) for part in islice(rest, 2 * threads))
            while waiting:
                yield waiting.popleft().result()
                waiting.extend(pool.submit(work, part) for part in islice(rest, 1))
        finally:
            for future in waiting:
                future.cancel()
