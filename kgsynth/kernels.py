"""``python -m kgsynth.kernels`` compiles every kernel ahead: the first run need not wait."""

from __future__ import annotations


def compile_ahead() -> None:
    """Compile every kernel into numba's cache."""
    from kgsynth.graph import building, score_kernels, search_kernels
    from kgsynth.paths import (
        metapath_kernels,
        negatives_kernels,
        sampling_kernels,
        support_kernels,
        unique_kernels,
    )
    from kgsynth.sources.primekg import rows
    from kgsynth.sources.umls import rrf

    of_graphs = (rrf, rows, building, search_kernels, score_kernels)
    of_paths = (
        metapath_kernels, sampling_kernels, support_kernels, unique_kernels, negatives_kernels,
    )  # fmt: skip
    for module in (*of_graphs, *of_paths):
        module.compile_ahead()


if __name__ == "__main__":
    compile_ahead()
