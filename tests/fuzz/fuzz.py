"""Throw bad input at every reader: each must give a graph, or say in a sentence why not.

    .venv/bin/python tests/fuzz/fuzz.py [--tries 10000] [--seed 1] [kinds...]
    .venv/bin/python tests/fuzz/fuzz.py --replay output/.fuzz/obo-1-77.json

An input follows from seed, kind and number alone. Those that show a fault are kept, made smaller
where that is cheap, in output/.fuzz.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seeds import KINDS
from worker import Examiner, loaded, made, saved

WORKER = Path(__file__).resolve().parent / "worker.py"
KEPT = Path(__file__).resolve().parents[2] / "output" / ".fuzz"
MOST_CRASHES = 20
"""A reader that takes its process down so often is tried no further."""


@dataclass
class Tally:
    """What came of the inputs of one kind."""

    kind: str
    tried: int = 0
    ended: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    """By what is wrong and where."""
    peak: int = 0
    seconds: float = 0.0
    files: list[Path] = field(default_factory=list)


def fuzz(kind: str, inputs: int, seed: int, kept: Path) -> Tally:
    """Try so many inputs on a reader; start it anew where it takes its process down."""
    tally = Tally(kind)
    began = time.perf_counter()
    at, crashes = 0, 0
    while at < inputs and crashes < MOST_CRASHES:
        with tempfile.TemporaryDirectory(prefix="fuzz-") as place:
            command = [sys.executable, WORKER, kind, str(seed), str(at), str(inputs), place]
            died = _listen(command, tally, kept)
            if died is None:
                at = inputs
                break
            crashes += 1
            if tally.tried == at:
                raise RuntimeError(f"the worker for {kind} did not begin: exit code {died}")
            _keep_crash(tally, seed, died, Path(place), kept)
            at = tally.tried
    tally.seconds = time.perf_counter() - began
    return tally


def _listen(command: Sequence[str | Path], tally: Tally, kept: Path) -> int | None:
    """Follow a worker to its end; return how it died, or None where it did all."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                _take(json.loads(line), tally, kept)
        except BaseException:
            process.kill()
            raise
    return process.returncode or None


def _take(said: dict[str, Any], tally: Tally, kept: Path) -> None:
    if "at" in said:
        tally.tried = said["at"] + 1
    elif "again" in said:
        tally.faults[said["again"]] += 1
    elif "fault" in said:
        _keep(said["fault"], tally, kept)
    else:
        tally.ended.update(said["done"])
        tally.peak = max(tally.peak, said["peak"])


def _keep(fault: dict[str, Any], tally: Tally, kept: Path) -> None:
    tally.faults[fault["where"]] += 1
    kept.mkdir(parents=True, exist_ok=True)
    path = kept / f"{fault['kind']}-{fault['seed']}-{fault['number']}.json"
    path.write_text(json.dumps(fault, indent=1), "utf-8")
    tally.files.append(path)
    print(f"  {path.name}: {fault['fault'][:400]}", flush=True)


def _keep_crash(tally: Tally, seed: int, code: int, place: Path, kept: Path) -> None:
    number = tally.tried - 1
    how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    said = (
        (place / "noise.txt").read_text("utf-8", "replace")
        if (place / "noise.txt").exists()
        else ""
    )
    fault = f"the process ended by {how}: {said[-1500:]}"
    tally.ended["failed"] += 1
    about = saved(tally.kind, seed, number, made(tally.kind, seed, max(number, 0)))
    lines = [line for line in said.splitlines() if "kgsynth" in line and "File" in line]
    where = f"the process ended by {how} {lines[0].strip() if lines else ''}"
    _keep({**about, "fault": fault, "where": where, "trace": said[-5000:]}, tally, kept)


def replay(path: Path) -> int:
    """Read a kept input once more, and show all there is to see."""
    document = json.loads(path.read_text("utf-8"))
    given = loaded(document)
    for name, content in given.files.items():
        print(f"--- {name}: {'a folder' if content is None else f'{len(content)} bytes'}")
        print((content or b"")[:2_000].decode("utf-8", "backslashreplace"))
    with tempfile.TemporaryDirectory(prefix="fuzz-") as place:
        examiner = Examiner(document["kind"], Path(place), quiet=False)
        outcome = examiner.judge(given, number=document["number"])
    print(f"--- {outcome.ended}. {outcome.fault}\n{outcome.trace}")
    return 1 if outcome.fault else 0


def shown(tally: Tally) -> Iterator[str]:
    """Lay out what came of a kind."""
    ended = ", ".join(f"{count:,} {how}" for how, count in sorted(tally.ended.items()))
    yield (
        f"{tally.kind}: {tally.tried:,} inputs in {tally.seconds:.0f} s: {ended}; "
        f"peak memory {tally.peak / 1e6:.0f} MB"
    )
    yield from (f"  {count:>6} {where}" for where, count in tally.faults.most_common())


def main(arguments: Sequence[str] | None = None) -> int:
    """Try the readers that are named, or all of them."""
    parser = argparse.ArgumentParser(description="Throw bad input at every reader.")
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=", ".join(KINDS))
    parser.add_argument(
        "--tries", "--inputs", type=int, default=10_000, help="how many a reader is given"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kept", type=Path, default=KEPT, help="where faults are kept")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="read a kept input once more")
    asked = parser.parse_args(arguments)
    if asked.replay:
        return replay(asked.replay)
    if unknown := [kind for kind in asked.kinds if kind not in KINDS]:
        parser.error(f"no reader {unknown[0]!r}; there are {', '.join(KINDS)}")
    failed = False
    for kind in asked.kinds or KINDS:
        tally = fuzz(kind, asked.tries, asked.seed, asked.kept)
        print("\n".join(shown(tally)), flush=True)
        failed = failed or bool(tally.faults) or tally.tried < asked.tries
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
