"""A short run of the fuzzer, and that it sees what it is there to see."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kgsynth.sources import READERS

FUZZ = Path(__file__).parent / "fuzz"
TRIES = 60


def ran(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(FUZZ)},
        check=False,
    )


@pytest.mark.parametrize("kind", READERS)
def test_spoilt_inputs_give_a_graph_or_a_sentence(kind: str, tmp_path: Path) -> None:
    done = ran(FUZZ / "fuzz.py", kind, "--tries", str(TRIES), "--kept", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{kind}: {TRIES} inputs" in done.stdout
    assert " graph" in done.stdout
    assert " refused" in done.stdout


# --- it can fail ----------------------------------------------------------------------------------

WORKER = """
import os, sys, tempfile, time
from dataclasses import replace
import numpy as np
import kgsynth.sources as sources
import worker
from kgsynth.errors import SourceError

whole = sources.READERS["obo"]
held = []

def broken(path, options, progress):
    {broken}

sources.READERS["obo"] = broken
sys.exit(worker.main(*sys.argv[1:]))
"""
FAULTS = {
    "return [][0]": "raised IndexError",
    "raise SourceError('No.')": "names no remedy",
    "print('thread panicked', file=sys.stderr); return whole(path, options, progress)": "panicked",
    "held.append(open(path)); return whole(path, options, progress)": "files open",
    "raise SourceError('<class X> cannot be read.', remedy='Mend it.')": "speaks of '<class '",
    "np.zeros(8 << 30, np.uint8)": "raised MemoryError",
    "worker.SECONDS = 0.5; time.sleep(2)": "took more than",
    "os.abort()": "SIGABRT",
    "tempfile.mkstemp(); return whole(path, options, progress)": "for temporary files",
    "g = whole(path, options, progress); return replace(g, edges=g.edges.head(0))": "have a fate",
}
FUZZED = """
import json, sys
from pathlib import Path
import fuzz
fuzz.WORKER = Path(sys.argv[1])
tally = fuzz.fuzz("obo", 8, 1, Path(sys.argv[2]))
print(json.dumps([tally.tried, sum(tally.faults.values()), list(map(str, tally.files))]))
"""


def fuzzed(broken: str, folder: Path) -> tuple[int, int, list[Path]]:
    (folder / "planted.py").write_text(WORKER.format(broken=broken), "utf-8")
    done = ran("-c", FUZZED, folder / "planted.py", folder / "kept")
    assert done.returncode == 0, done.stderr
    tried, faults, files = json.loads(done.stdout.splitlines()[-1])
    return tried, faults, list(map(Path, files))


@pytest.mark.parametrize("broken", FAULTS)
def test_a_reader_with_a_fault_is_seen(broken: str, tmp_path: Path) -> None:
    tried, faults, files = fuzzed(broken, tmp_path)
    assert tried == 8
    assert 0 < faults <= 8
    kept: list[dict[str, Any]] = [json.loads(file.read_text("utf-8")) for file in files]
    assert any(FAULTS[broken] in fault["fault"] for fault in kept), [f["fault"] for f in kept]


def test_a_reader_without_a_fault_is_not_blamed(tmp_path: Path) -> None:
    assert fuzzed("return whole(path, options, progress)", tmp_path) == (8, 0, [])


def test_a_kept_input_is_read_once_more(tmp_path: Path) -> None:
    _, _, files = fuzzed("return [][0]", tmp_path)
    done = ran(FUZZ / "fuzz.py", "--replay", files[0])
    # The reader that is there has no such fault.
    assert done.returncode == 0, done.stdout + done.stderr
    assert "--- glow.obo" in done.stdout
    assert done.stdout.splitlines()[-2].startswith("--- ")
