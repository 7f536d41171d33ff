"""Kill a build at seeded random instants, resume it, and get the same bytes."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from trees import tree

from kgsynth.build_file import read_build_file
from kgsynth.pipeline import build_dataset
from kgsynth.resources import locate

COUNT, DELAY = 40, 0.05
OVERRIDES = ("name=chaos", f"paths.count={COUNT}", f"teacher.writer.delay={DELAY}")


def _start(output: Path, *overrides: str) -> subprocess.Popen[bytes]:
    sets = [part for key in (*OVERRIDES, *overrides) for part in ("--set", key)]
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "kgsynth",
            "build-dataset",
            str(locate("recipes/mini.yaml")),
            "--output",
            str(output),
            "--json",
            *sets,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def _answered(output: Path) -> Counter[str]:
    """Count how often each answer was committed, over all segments of the cache."""
    keys: Counter[str] = Counter()
    for segment in (output / ".cache" / "answers").glob("*.jsonl"):
        for line in segment.read_text("utf-8").splitlines():
            try:
                keys[json.loads(line)["key"]] += 1
            except json.JSONDecodeError:
                continue
    return keys


def _wait_for_instant(
    process: subprocess.Popen[bytes], output: Path, instants: random.Random
) -> None:
    """Wait for a random time, or until a random number of answers was committed."""
    seconds, answers = instants.uniform(0.3, 5.0), instants.randrange(1, COUNT)
    by_answers = instants.random() < 0.5
    until = time.monotonic() + (60 if by_answers else seconds)
    while process.poll() is None and time.monotonic() < until:
        if by_answers and len(_answered(output)) >= answers:
            return
        time.sleep(0.01)


def _chaos(tmp_path: Path, kills: int, seed: int, workers: int) -> None:
    config = read_build_file(locate("recipes/mini.yaml"), OVERRIDES)
    undisturbed = tmp_path / "undisturbed"
    whole = tree(build_dataset(config, undisturbed).folder)
    answers = len(_answered(undisturbed))
    output = tmp_path / "killed"
    instants = random.Random(seed)
    killed, while_writing = 0, 0
    while killed < kills or while_writing < kills // 4:
        process = _start(output, f"run.workers={workers}")
        _wait_for_instant(process, output, instants)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            killed += 1
            while_writing += 0 < len(_answered(output)) < answers
        elif process.returncode == 0:
            shutil.rmtree(output)  # it got through: only a kill of a live run counts
        process.communicate()
        repeated = [key for key, times in _answered(output).items() if times > 1]
        assert not repeated, f"{len(repeated)} committed answers were asked for again"
    last = _start(output, f"run.workers={workers}")
    out, errors = last.communicate(timeout=300)
    assert last.returncode == 0, errors.decode()
    assert tree(output / config.name) == whole
    assert sum(json.loads(out)["rows"].values()) > 0


def test_killed_eight_times_and_resumed_to_the_same_bytes(tmp_path: Path) -> None:
    _chaos(tmp_path, kills=8, seed=20, workers=2)


@pytest.mark.chaos
@pytest.mark.parametrize("seed", range(4))
def test_killed_forty_times(tmp_path: Path, seed: int) -> None:
    _chaos(tmp_path, kills=40, seed=seed, workers=1 + seed % 2)
