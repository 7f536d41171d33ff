from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from export_rows import make_config, write_mini
from jsonschema import Draft202012Validator

from kgsynth.export.forms import FORMS
from kgsynth.export.schemas import main, render_schemas
from kgsynth.resources import locate

SCHEMAS = render_schemas()
FILES = {
    "examples": "row",
    "rejected": "rejected",
    "evidence/statements": "statement",
    "evidence/concepts": "concept",
    "evidence/hubs": "hub",
    "evidence/answers": "answer",
    **{form: f"{form}-row" for form in FORMS},
}


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMAS[f"{name}.schema.json"]))


def written(folder: Path) -> Iterator[tuple[str, Any]]:
    for path in sorted(folder.rglob("*.jsonl")):
        name = path.relative_to(folder).as_posix()
        schema = next(s for start, s in FILES.items() if name.startswith(start))
        for line in path.read_text("utf-8").splitlines():
            yield schema, json.loads(line)
    for name in ("manifest", "funnel"):
        yield name, json.loads((folder / f"{name}.json").read_text("utf-8"))


def test_the_committed_schemas_are_current() -> None:
    committed = {p.name: p.read_text("utf-8") for p in locate("schemas").glob("*.schema.json")}
    assert committed == SCHEMAS, "run: python -m kgsynth.export.schemas"


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_each_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(json.loads(SCHEMAS[name]))


@pytest.mark.parametrize("reasoning", ["inline", "reasoning_content", "thinking"])
def test_every_line_that_is_written_passes(tmp_path: Path, reasoning: str) -> None:
    write_mini(tmp_path / "out", config=make_config(export={"reasoning": reasoning}))
    validators = {name.removesuffix(".schema.json"): None for name in SCHEMAS}
    seen = set()
    for name, line in written(tmp_path / "out"):
        validator(name).validate(line)
        seen.add(name)
    assert seen == set(validators) - {"build-file"}


def test_a_line_with_a_field_too_many_or_too_few_fails(tmp_path: Path) -> None:
    write_mini(tmp_path / "out")
    for name, line in written(tmp_path / "out"):
        assert not validator(name).is_valid({**line, "stray": 1}), name
        for field in line:
            rest = {key: value for key, value in line.items() if key != field}
            assert not validator(name).is_valid(rest), (name, field)


def test_the_build_file_schema_takes_a_small_build_file_and_no_stray_key() -> None:
    small = {"graph": {"sources": [{"kind": "tables", "path": "mini"}]}}
    assert validator("build-file").is_valid(small)
    assert not validator("build-file").is_valid({**small, "shater": {}})
    assert not validator("build-file").is_valid({"name": "x"})


def test_the_command_writes_them_all(tmp_path: Path) -> None:
    main([str(tmp_path)])
    assert {p.name: p.read_text("utf-8") for p in tmp_path.iterdir()} == SCHEMAS
