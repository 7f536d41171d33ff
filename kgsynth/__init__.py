"""Turn biomedical knowledge graphs into verified multi-hop reasoning data.

The rooms of the package, and what each may import, are listed in ``CONTRIBUTING.md``.
Nothing is imported here: `kgsynth --help` answers before numba or polars could load.

>>> import kgsynth
>>> kgsynth.__version__.count(".")
2
"""

from __future__ import annotations


def __getattr__(name: str) -> str:
    # Read when asked for: importlib.metadata costs more than the rest of the start-up.
    if name == "__version__":
        from importlib.metadata import version

        return version("kgsynth")
    raise AttributeError(f"module 'kgsynth' has no attribute {name!r}")
