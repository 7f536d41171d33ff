"""Sources that restrict their use: ids only leave the house, until they are accepted by name."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from kgsynth.config import BuildConfig
from kgsynth.errors import RunError, UsageError
from kgsynth.pipeline import BuildResult, build_dataset
from kgsynth.resources import locate

MINI = locate("ontologies/mini")


def restricted(folder: Path) -> Path:
    """Write a source of level 3: a word of its own for each concept, and statements of its own."""
    folder.mkdir()
    rows = (MINI / "nodes.tsv").read_text("utf-8").splitlines()[1:]
    concepts = [row.split("\t")[0] for row in rows]
    nodes = [f"{concept}\tguarded word {n}\t" for n, concept in enumerate(concepts)]
    treats = [
        row.split("\t")[:3]
        for row in (MINI / "edges.tsv").read_text("utf-8").splitlines()[1:]
        if "\ttreats\t" in row
    ]
    turned = zip(treats, [*treats[1:], treats[0]], strict=True)
    edges = [
        f"{one[0]}\tprevents\t{two[2]}\tguarded sentence" for one, two in turned if one[2] != two[2]
    ]
    (folder / "nodes.tsv").write_text("\n".join(["id\tname\ttypes", *nodes]), "utf-8")
    (folder / "edges.tsv").write_text(
        "\n".join(["subject\tpredicate\tobject\tevidence", *edges]), "utf-8"
    )
    (folder / "source.yaml").write_text("name: guarded\nrestriction: 3\n", "utf-8")
    return folder


def built(tmp_path: Path, sources: list[Path], accept: list[str]) -> BuildResult:
    tree: dict[str, Any] = {
        "name": f"run-{len(sources)}-{len(accept)}",
        "graph": {
            "sources": [{"kind": "tables", "path": str(path)} for path in sources],
            "shatter": {"k": 2},
        },
        "licence": {"accept": accept},
    }
    return build_dataset(BuildConfig.model_validate(tree), tmp_path / "output")


def words_in(folder: Path) -> str:
    """Read all that was published; the log, and the questions that were given, aside."""
    return "".join(
        path.read_text("utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "run" not in path.relative_to(folder).parts
    )


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, BuildResult]:
    tmp_path = tmp_path_factory.mktemp("restricted")
    sources = [MINI, restricted(tmp_path / "guarded")]
    return {
        "kept back": built(tmp_path, sources, []),
        "accepted": built(tmp_path, sources, ["guarded"]),
    }


def rejected(result: BuildResult) -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for path in sorted((result.folder / "rejected").iterdir())
        for line in path.read_text("utf-8").splitlines()
    ]


def test_accepted_its_words_are_published(results: dict[str, BuildResult]) -> None:
    text = words_in(results["accepted"].folder)
    assert "guarded word" in text
    assert "guarded sentence" in text
    assert not [row for row in rejected(results["accepted"]) if row["code"] == "restricted-source"]


def test_otherwise_none_of_them_is_written_anywhere(results: dict[str, BuildResult]) -> None:
    assert sum(results["kept back"].manifest.rows.values()) > 10
    assert "guarded word" not in words_in(results["kept back"].folder)
    assert "guarded sentence" not in words_in(results["kept back"].folder)


def test_an_item_that_only_it_states_is_rejected_with_ids_alone(
    results: dict[str, BuildResult],
) -> None:
    held = [row for row in rejected(results["kept back"]) if row["code"] == "restricted-source"]
    assert held
    assert {row["detail"] for row in held} == {"only guarded state what it would tell"}
    assert {frozenset(row["content"]) for row in held} == {frozenset({"concepts", "statements"})}


def test_a_graph_of_nothing_else_says_what_holds_it_back(tmp_path: Path) -> None:
    only = tmp_path / "only"
    shutil.copytree(MINI, only)
    about = (only / "source.yaml").read_text("utf-8")
    (only / "source.yaml").write_text(about + "restriction: 3\n", "utf-8")
    with pytest.raises(RunError, match="restricted-source at mine"):
        built(tmp_path, [only], [])


def test_a_source_that_is_not_there_cannot_be_accepted(tmp_path: Path) -> None:
    sources = [MINI, restricted(tmp_path / "guarded")]
    with pytest.raises(UsageError, match=r"no source 'gaurded' to accept\. Did you mean 'guarded'"):
        built(tmp_path, sources, ["gaurded"])
