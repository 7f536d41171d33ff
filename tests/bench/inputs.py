"""What is measured: simulated once, kept, and cut for those who cannot read it whole.

``python inputs.py codes MRREL FILE`` numbers the ends of its rows; ``python inputs.py slim META
DIR`` leaves a META folder with one name a concept, to measure relations by themselves.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
CACHE = "KGSYNTH_BENCH_DIR"


class Scale(NamedTuple):
    """How large the graphs are."""

    primekg: tuple[str, ...]
    umls: tuple[str, ...]
    part: int
    """As many rows of MRREL as networkx is given."""


SCALES = {
    "tiny": Scale(("--concepts", "1000"), ("--concepts", "1000"), 5_000),
    "small": Scale(("--concepts", "20000"), ("--concepts", "100000"), 250_000),
    "full": Scale(("--size", "full"), ("--size", "full"), 8_000_000),
}


def cache() -> Path:
    """Return the folder that inputs and stores are kept in."""
    return Path(os.environ.get(CACHE) or ROOT / "output" / ".bench")


def simulated(kind: str, scale: str, given: Path | None) -> Path:
    """Return a simulated graph, made where it is not there yet."""
    folder = given or cache() / f"{kind}-{scale}"
    if not folder.exists():
        say(f"simulating {kind}, {scale}")
        asked = SCALES[scale].primekg if kind == "primekg" else SCALES[scale].umls
        command = [sys.executable, "-m", "kgsynth", "simulate", kind, *asked]
        subprocess.run([*command, "--output", folder, "--quiet"], check=True, stdout=sys.stderr)
    return folder


def derived(what: str, source: Path, target: Path) -> Path:
    """Return what is cut from an input, made where it is not there yet."""
    if not target.exists():
        say(f"preparing {what} of {source}")
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, HERE / "inputs.py", what, source, target], check=True)
    return target


def say(sentence: str) -> None:
    """Tell how far it is."""
    print(sentence, file=sys.stderr, flush=True)


# --- cutting, in a process of its own -----------------------------------------------------------


def write_codes(mrrel: Path, target: Path) -> None:
    """Write subject and object of each row as two columns of numbers from 0."""
    import numpy as np
    import polars as pl

    names = [f"column_{number}" for number in range(17)]
    ends = pl.scan_csv(
        mrrel, separator="|", has_header=False, quote_char=None, infer_schema=False,
        new_columns=names,
    ).select(pl.col(names[place]).str.slice(1).cast(pl.UInt32) for place in (4, 0))  # fmt: skip
    codes = ends.collect(engine="streaming").to_numpy()
    known = np.zeros(int(codes.max()) + 1, dtype=np.uint32)
    known[codes.ravel()] = 1
    place = np.cumsum(known, dtype=np.uint32) - 1
    partial = target.with_suffix(".partial.npy")
    np.save(partial, place[codes])
    partial.replace(target)


def write_slim(meta: Path, target: Path) -> None:
    """Keep the first live name of each concept, and link to the relations."""
    import shutil
    import tempfile

    aside = Path(tempfile.mkdtemp(prefix=".slim-", dir=target.parent))
    for name in ("MRREL.RRF", "MRSAB.RRF", "MRRANK.RRF", "MRDOC.RRF"):
        (aside / name).symlink_to((meta / name).absolute())
    seen = b""
    with (meta / "MRCONSO.RRF").open("rb") as rows, (aside / "MRCONSO.RRF").open("wb") as out:
        for row in rows:
            if row[:8] != seen and row.endswith(b"|N||\n"):
                seen = row[:8]
                out.write(row)
    shutil.rmtree(target, ignore_errors=True)
    aside.replace(target)


if __name__ == "__main__":
    cut = {"codes": write_codes, "slim": write_slim}[sys.argv[1]]
    cut(Path(sys.argv[2]), Path(sys.argv[3]))
