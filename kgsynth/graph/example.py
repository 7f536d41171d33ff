"""A small graph that comes with the package, compiled on first use: to try things on."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path

from kgsynth.graph.compile import compile_graph
from kgsynth.resources import locate
from kgsynth.sources import read_source


@lru_cache(maxsize=1)
def example_store() -> Path:
    """Compile the example into a folder that goes away with the process.

    >>> (example_store() / "manifest.json").exists()
    True
    """
    folder = Path(tempfile.mkdtemp(prefix="kgsynth-example-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    compile_graph([read_source("tables", locate("ontologies/mini"))], folder)
    return folder
