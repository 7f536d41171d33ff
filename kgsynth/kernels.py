"""``python -m kgsynth.kernels`` compiles every kernel ahead: the first run need not wait."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def forget_stale(package: Path) -> None:
    """Remove what was compiled of sources that are newer or gone: numba may stumble over it."""
    for compiled in package.rglob("__pycache__/*.nb[ic]"):
        source = compiled.parent.parent / f"{compiled.name.partition('.')[0]}.py"
        with suppress(OSError):
            if not source.exists() or source.stat().st_mtime > compiled.stat().st_mtime:
                compiled.unlink()


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
    forget_stale(Path(__file__).parent)
    compile_ahead()
