"""Graphs of any size with the shape of real ones, to try readers, kernels and machines on.

What is written has the form of the real thing to the last column and nothing of its content:
names, sources and facts are invented. The same seed and size give the same bytes.

>>> from pathlib import Path
>>> import tempfile
>>> with tempfile.TemporaryDirectory() as folder:
...     written = simulate_umls(Path(folder), umls_size("small", concepts=100), seed=7)
...     sorted(path.name for path in Path(folder).iterdir()) == sorted(written.rows)
True
"""

from kgsynth.simulate.primekg import PrimeKgSize, primekg_size, simulate_primekg
from kgsynth.simulate.shape import Simulated
from kgsynth.simulate.umls import UmlsSize, simulate_umls, umls_size

__all__ = [
    "PrimeKgSize",
    "Simulated",
    "UmlsSize",
    "primekg_size",
    "simulate_primekg",
    "simulate_umls",
    "umls_size",
]
