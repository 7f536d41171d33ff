"""Data flows one way: the imports of every module are read, and none may run back up."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

FLOORS = (
    ("model", "errors", "limits", "seeding", "resources", "sections", "source_options", "config"),
    ("vocabulary", "build_file"),
    ("reasons", "phrases"),
    ("sources",),
    ("questions",),
    ("teachers",),
    ("graph",),
    ("simulate",),
    ("linking",),
    ("paths",),
    ("verify",),
    ("synthesis",),
    ("rewards",),
    ("curate",),
    ("export",),
    ("report",),
    ("recipes",),
    ("runs",),
    ("pipeline",),
    ("explore", "kernels"),
    ("cli",),
    ("flows",),
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
SISTERS = frozenset({"synthesis", "verify"})


def room_of(module: str) -> str | None:
    """Name the room of a module; None for what is not ours, and for the bare package."""
    parts = module.split(".")
    if parts[0] == "flows":
        return "flows"
    if parts[0] != "kgsynth" or len(parts) == 1:
        return None
    return {"_flows": "flows", "__main__": "cli"}.get(parts[1], parts[1])


def modules(root: Path) -> Iterator[tuple[str, Path]]:
    for top in ("kgsynth", "flows"):
        for path in sorted((root / top).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            yield ".".join(parts), path


def imported(module: str, path: Path) -> Iterator[tuple[int, str]]:
    """Yield each module that is named in an import, late and type-only ones too."""
    package = module.removesuffix(".__init__").split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(ast.parse(path.read_text("utf-8"), str(path))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            up = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*up, *(node.module or "").split(".")]).strip(".")
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and "import_module" in ast.unparse(node.func):
            literals = (a.value for a in node.args if isinstance(a, ast.Constant))
            yield from ((node.lineno, text) for text in literals if isinstance(text, str))


def violations(root: Path) -> list[str]:
    found = []
    for module, path in modules(root):
        here = room_of(module)
        if module == "kgsynth.__init__":
            here = FLOORS[0][0]
        if here not in FLOOR:
            found.append(f"{module}: the room '{here}' is not in the list of rooms")
            continue
        for line, name in imported(module, path):
            there = room_of(name)
            if there is None or there == here or name == "kgsynth.__version__":
                continue
            place = f"{module}, line {line}: {here} imports {there}"
            if {here, there} == SISTERS:
                found.append(f"{place}, and these two never do")
            elif there not in FLOOR:
                found.append(f"{place}, which is not in the list of rooms")
            elif FLOOR[there] > FLOOR[here]:
                found.append(f"{place}, which lies below it")
    return found


def test_no_import_runs_back_up() -> None:
    assert violations(ROOT) == []


def test_the_rooms_are_read_at_all() -> None:
    seen = {room_of(module) for module, _ in modules(ROOT)}
    assert {"model", "graph", "verify", "synthesis", "cli"} <= seen


@pytest.mark.parametrize(
    ("place", "text", "said"),
    [
        ("kgsynth/paths/finder.py", "from kgsynth.export import forms", "paths imports export"),
        ("kgsynth/verify/order.py", "import kgsynth.synthesis.trace", "these two never do"),
        ("kgsynth/synthesis/trace.py", "from kgsynth import verify", "these two never do"),
        ("kgsynth/graph/store.py", "from ..cli import main", "graph imports cli"),
        ("kgsynth/graph/store.py", "from .. import pipeline", "graph imports pipeline"),
        ("kgsynth/graph/__init__.py", "from ..paths import finder", "graph imports paths"),
        ("kgsynth/graph/store.py", "def f():\n    import kgsynth.cli", "graph imports cli"),
        (
            "kgsynth/graph/store.py",
            "import importlib\nimportlib.import_module('kgsynth.report.page')",
            "graph imports report",
        ),
        ("kgsynth/runs/parts.py", "import flows.build_dataset", "runs imports flows"),
        ("kgsynth/__init__.py", "from kgsynth.graph import store", "model imports graph"),
        ("kgsynth/attic/x.py", "import json", "'attic' is not in the list"),
        ("kgsynth/export/x.py", "import kgsynth.attic", "not in the list"),
    ],
)
def test_a_planted_violation_is_caught(tmp_path: Path, place: str, text: str, said: str) -> None:
    path = tmp_path / place
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    found = violations(tmp_path)
    assert len(found) == 1
    assert said in found[0]


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("kgsynth/export/forms/sft.py", "from kgsynth.model import Row\nfrom . import dpo"),
        ("kgsynth/pipeline.py", "from kgsynth.runs import parts\nimport numpy"),
        ("flows/build_dataset.py", "from kgsynth.pipeline import build"),
        ("kgsynth/cli/main.py", "from kgsynth import __version__"),
    ],
)
def test_an_arrow_that_runs_down_is_let_be(tmp_path: Path, place: str, text: str) -> None:
    path = tmp_path / place
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    assert violations(tmp_path) == []
