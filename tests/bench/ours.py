"""Parts of our own work that no command measures by itself.

``python ours.py relations META STORE`` compiles a META folder and says how long each stage took;
``python ours.py open STORE`` opens a store and looks at one concept's neighbours.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any


class Stages:
    """A progress callback that keeps how long each stage took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._stage, self._since = "start", time.perf_counter()

    def __call__(self, what: str, done: int, total: int) -> None:
        if what != self._stage:
            self._turn(what)

    def ended(self) -> dict[str, float]:
        """Close the last stage."""
        self._turn("")
        return {stage: round(seconds, 2) for stage, seconds in self.seconds.items()}

    def _turn(self, what: str) -> None:
        now = time.perf_counter()
        self.seconds[self._stage] = self.seconds.get(self._stage, 0.0) + now - self._since
        self._stage, self._since = what, now


def relations(meta: Path, store: Path) -> dict[str, Any]:
    """Compile a META folder, stage by stage."""
    from kgsynth.graph.compile import compile_graph
    from kgsynth.source_options import UmlsOptions
    from kgsynth.sources.umls.reader import read

    stages = Stages()
    columns = read(meta, UmlsOptions(kind="umls", path=str(meta)), stages)
    manifest = compile_graph([columns], store, stages)
    return {
        "nodes": manifest.nodes,
        "edges": manifest.statements,
        "stages": stages.ended(),
        "keeps": "CUIs, relations, sources, direction, one name",
    }


def opening(store: Path) -> dict[str, Any]:
    """Open a store; the import of the package is not counted, what it touches is."""
    from kgsynth.graph.store import KnowledgeGraph

    before = _resident()
    start = time.perf_counter()
    graph = KnowledgeGraph.open(store)
    opened = time.perf_counter()
    beside = graph.neighbours(graph.id(graph.node_count // 2))
    looked = time.perf_counter()
    return {
        "open": opened - start,
        "seconds": looked - start,
        "neighbours": len(beside),
        "grew": _resident() - before,
        "nodes": graph.node_count,
        "edges": graph.manifest.statements,
    }


def _resident() -> int:
    """Return the bytes that this process holds; 0 where the system does not say."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    lines = status.read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))


def main(what: str, *paths: str) -> None:
    """Do one of the two and print what it took."""
    work: dict[str, Any] = {"relations": relations, "open": opening}
    print(json.dumps(work[what](*map(Path, paths))))


if __name__ == "__main__":
    main(*sys.argv[1:])
