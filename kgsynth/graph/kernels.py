"""Compiled kernels over compact adjacency arrays. Import this module late: numba is slow to load.

``python -m kgsynth.graph.kernels`` compiles them ahead, so that the first run does not wait.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

MANY = np.int64(1) << 40
"""Path counts stop here: nobody asks for more, and they must not overflow."""


class Reach(NamedTuple):
    """What a search from one concept found."""

    distance: npt.NDArray[np.int8]
    """Hops from the start; -1 where it was not reached."""
    paths: npt.NDArray[np.int64]
    """Number of shortest paths, over distinct neighbours, up to ``MANY``."""


@numba.njit(cache=True, nogil=True)
def _reach(indptr, target, start, max_hops):  # type: ignore[no-untyped-def]
    nodes = indptr.shape[0] - 1
    distance = np.full(nodes, -1, dtype=np.int8)
    paths = np.zeros(nodes, dtype=np.int64)
    queue = np.empty(nodes, dtype=np.int32)
    distance[start] = 0
    paths[start] = 1
    queue[0] = start
    head, tail = 0, 1
    while head < tail:
        node = queue[head]
        head += 1
        if distance[node] == max_hops:
            break
        for position in range(indptr[node], indptr[node + 1]):
            other = target[position]
            if distance[other] < 0:
                distance[other] = distance[node] + 1
                queue[tail] = other
                tail += 1
            if distance[other] == distance[node] + 1:
                paths[other] = min(paths[other] + paths[node], MANY)
    return distance, paths


def reach(
    indptr: npt.NDArray[np.int64], target: npt.NDArray[np.int32], start: int, max_hops: int
) -> Reach:
    """Search breadth first from a concept, up to ``max_hops`` (at most 127)."""
    return Reach(*_reach(indptr, target, start, max_hops))


def compile_ahead() -> None:
    """Compile every kernel into numba's cache."""
    reach(np.array([0, 1, 2], dtype=np.int64), np.array([1, 0], dtype=np.int32), 0, 1)


if __name__ == "__main__":
    from kgsynth.graph import building
    from kgsynth.sources.primekg import rows
    from kgsynth.sources.umls import rrf

    for module in (building, rrf, rows):
        module.compile_ahead()
    compile_ahead()
