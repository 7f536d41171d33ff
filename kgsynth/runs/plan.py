"""What a run is made of, and why a stage of it must run again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from kgsynth.errors import RunError
from kgsynth.runs.files import read_json
from kgsynth.runs.parts import Part, part_key

PLAN_FILE = "plan.json"
_MOST = 60
"""Characters of a value that a reason shows."""


class PlannedPart(NamedTuple):
    """A part as a plan keeps it: what made it, so that a later run can say what differs."""

    key: str
    version: int
    options: Mapping[str, Any]
    inputs: Mapping[str, str]


Plan = Mapping[str, Sequence[PlannedPart]]
"""The parts that a run uses, by stage."""


def plan_of(parts: Mapping[str, Iterable[Part | PlannedPart]]) -> Plan:
    """Keep of each part what a plan needs."""
    return {
        stage: tuple(PlannedPart(p.key, p.version, p.options, p.inputs) for p in of_stage)
        for stage, of_stage in parts.items()
    }


def plan_to_json(plan: Plan) -> dict[str, list[dict[str, Any]]]:
    """Turn a plan into what its file holds."""
    return {stage: [part._asdict() for part in parts] for stage, parts in plan.items()}


def read_plan(run_folder: Path) -> Plan:
    """Read ``run/plan.json`` of a run's folder; empty when the run has none yet."""
    path = run_folder / "run" / PLAN_FILE
    held = read_json(path)
    if held is None and not path.exists():
        return {}
    try:
        return {
            stage: tuple(PlannedPart(**part) for part in parts) for stage, parts in held.items()
        }
    except (AttributeError, TypeError) as error:
        raise RunError(
            f"{path} cannot be read.",
            remedy=f"Build that run again, or remove {run_folder} if it is not needed.",
        ) from error


def why_changed(
    old: Plan, stage: str, version: int, options: Mapping[str, Any], inputs: Mapping[str, str]
) -> str:
    """Say how a part that is asked for differs from the nearest one that the run used before.

    An empty string means that it does not: then only its files can be missing.

    >>> old = {"paths": [PlannedPart("0", 1, {"k": 50}, {"graph": "aa"})]}
    >>> why_changed(old, "paths", 1, {"k": 60}, {"graph": "aa"})
    'options.k changed from 50 to 60'
    """
    before = old.get(stage, ())
    if not before:
        return "this run has not made it yet"
    key = part_key(stage, version, options, inputs)
    if any(part.key == key for part in before):
        return ""
    asked = PlannedPart(key, version, json.loads(json.dumps(dict(options))), inputs)
    reasons: list[list[str]] = [list(_differences(part, asked)) for part in before]
    fewest = min(reasons, key=len)
    return "; ".join(fewest)


def _differences(old: PlannedPart, new: PlannedPart) -> Iterator[str]:
    if old.version != new.version:
        yield f"the stage's version changed from {old.version} to {new.version}"
    yield from _differing_options("options", old.options, new.options)
    for name in sorted({*old.inputs, *new.inputs}):
        if name not in old.inputs:
            yield f"new input: {name}"
        elif name not in new.inputs:
            yield f"input gone: {name}"
        elif old.inputs[name] != new.inputs[name]:
            yield f"input changed: {name}"


def _differing_options(at: str, old: Any, new: Any) -> Iterator[str]:
    if json.dumps(old, sort_keys=True) == json.dumps(new, sort_keys=True):
        return  # as the key compares them: 50 and 50.0 are not the same
    if not (isinstance(old, Mapping) and isinstance(new, Mapping)):
        yield f"{at} changed from {_shown(old)} to {_shown(new)}"
        return
    for name in sorted({*old, *new}):
        if name not in old:
            yield f"new option: {at}.{name} = {_shown(new[name])}"
        elif name not in new:
            yield f"option gone: {at}.{name}"
        else:
            yield from _differing_options(f"{at}.{name}", old[name], new[name])


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MOST else text[: _MOST - 1] + "…"
