"""The frozen sets are as they were, and what is measured on their seen halves does not slip."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "proof"
sys.path.insert(0, str(HERE))

import judging  # noqa: E402
import sets  # noqa: E402

from kgsynth.model import Outcome  # noqa: E402


@pytest.mark.parametrize("name", sorted(sets.FROZEN))
def test_a_frozen_set_is_never_edited(name: str) -> None:
    content = (HERE / f"{name}.jsonl").read_bytes()
    assert hashlib.sha256(content).hexdigest() == sets.FROZEN[name]
    found = sets.cases(name)
    assert len({case["id"] for case in found}) == len(found) >= 200
    halves = [len(sets.cases(name, half)) for half in sets.HALVES]
    assert sum(halves) == len(found)
    assert min(halves) > 0.4 * len(found)


def test_leaks_are_found() -> None:
    assert judging.share(judging.leaks("seen", "leaks"), Outcome.FAILED) >= 0.98


def test_false_steps_are_caught_and_none_passes() -> None:
    said = judging.steps("seen", "false_steps")
    assert judging.share(said, Outcome.PASSED) == 0
    assert judging.share(said, Outcome.FAILED) >= 0.8


def test_broken_traces_are_caught_and_sound_ones_are_not() -> None:
    assert judging.share(judging.traces("seen", sound=False), Outcome.FAILED) >= 0.98
    assert judging.share(judging.traces("seen", sound=True), Outcome.FAILED) <= 0.03
