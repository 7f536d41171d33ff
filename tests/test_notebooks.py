"""The notebooks run from top to bottom, as plain Python, and carry no outputs of a machine."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kgsynth.graph.pictures import Picture

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def read(notebook: Path) -> dict[str, Any]:
    held: dict[str, Any] = json.loads(notebook.read_text("utf-8"))
    return held


def run(notebook: Path) -> list[Any]:
    """Run the cells in order in one namespace; of each the value that Jupyter would show."""
    names: dict[str, Any] = {"__name__": "notebook"}
    shown = []
    for cell in read(notebook)["cells"]:
        if cell["cell_type"] != "code":
            continue
        body = ast.parse("".join(cell["source"]), notebook.name).body
        last = body.pop() if isinstance(body[-1], ast.Expr) else None
        exec(compile(ast.Module(body, []), notebook.name, "exec"), names)
        if isinstance(last, ast.Expr):
            shown.append(eval(compile(ast.Expression(last.value), notebook.name, "eval"), names))
    return shown


def test_there_are_notebooks_and_the_readme_tells_of_each() -> None:
    told = (FOLDER / "README.md").read_text("utf-8")
    assert NOTEBOOKS
    assert all(f"`{notebook.name}`" in told for notebook in NOTEBOOKS)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.name)
def test_it_is_in_the_form_of_version_4_5_without_outputs(notebook: Path) -> None:
    held = read(notebook)
    assert (held["nbformat"], held["nbformat_minor"]) == (4, 5)
    assert set(held) == {"cells", "metadata", "nbformat", "nbformat_minor"}
    ids = [cell["id"] for cell in held["cells"]]
    assert len(set(ids)) == len(ids)
    for cell in held["cells"]:
        code = {"execution_count", "outputs"} if cell["cell_type"] == "code" else set()
        assert set(cell) == {"cell_type", "id", "metadata", "source"} | code
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.name)
def test_it_runs(notebook: Path) -> None:
    assert run(notebook)


def test_the_notebook_of_paths_shows_what_its_text_says() -> None:
    (size, *_), around, hubs, _, (before, after), ranked, path, steps, walks, unique, shares = run(
        FOLDER / "paths.ipynb"
    )
    assert size == 49
    assert isinstance(around, Picture)
    assert isinstance(path, Picture)
    assert [name for name, _ in hubs] == ["inflammation", "pain"]
    assert any("pain" in told for told in before)
    assert after
    assert not any("pain" in told or "inflammation" in told for told in after)
    assert [bits for _, bits, _ in ranked] == sorted((b for _, b, _ in ranked), reverse=True)
    assert any(joins for *_, joins in steps)
    assert isinstance(walks, pl.DataFrame)
    assert walks.columns == ["hops", "nodes", "relations", "forward"]
    assert unique["hops"].to_list() == [2, 3, 4]
    assert shares[2] > shares[3] > shares[4] > 0
