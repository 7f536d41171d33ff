"""Measure us beside our peers, each in a process of its own, and print what is what.

    .venv/bin/python tests/bench/run.py [--scale tiny|small|full] [names...]

Inputs are simulated once into KGSYNTH_BENCH_DIR, or output/.bench. Peers come from
requirements-bench.txt; one that is not installed is left out, and said.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from inputs import HERE, SCALES, cache, derived, say, simulated
from measure import MISSING, Measured, measured, warm

GIGABYTE = 1e9
PYTHON = sys.executable


class Target(NamedTuple):
    """What is promised at full scale; 0 where nothing is."""

    seconds: float = 0
    gigabytes: float = 0


TARGETS = {
    "primekg": Target(10, 1.0),
    "umls-relations": Target(40),
    "umls": Target(120, 4.0),
    "open primekg": Target(0.05),
    "open umls": Target(0.05),
}
RATIO_OF_BOLT = 1.5


@dataclass(frozen=True)
class Line:
    """One who did it, and what it took."""

    who: str
    seconds: float = 0.0
    peak: int = 0
    own: int = 0
    nodes: int = 0
    edges: int = 0
    keeps: str = ""
    rows: int = 0
    """Rows that it read, where these are not all."""
    failed: str = ""


@dataclass(frozen=True)
class Table:
    """A measurement: our line first."""

    name: str
    title: str
    rows: int
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bench:
    """What is measured, and on what."""

    scale: str
    given: dict[str, Path]
    peers: bool
    repeat: int

    def input(self, kind: str) -> Path:
        """Return a graph."""
        return simulated(kind, self.scale, self.given.get(kind))

    def store(self, name: str) -> Path:
        """Return where a store is put."""
        return cache() / "stores" / f"{name}-{self.scale}"

    def line(
        self, who: str, command: Sequence[str | Path], inputs: Sequence[Path], store: Path | None
    ) -> Line:
        """Measure one command, the best of so many times."""
        tries = []
        for _ in range(self.repeat):
            say(f"measuring {who}")
            if store:
                shutil.rmtree(store, ignore_errors=True)
            warm(inputs)
            tries.append(measured(command))
        best = min(tries, key=lambda tried: (tried.code, tried.seconds))
        return _line(who, best, store)

    def peer(self, who: str, *arguments: object, inputs: Sequence[Path], rows: int = 0) -> Line:
        """Measure a peer."""
        command: list[str | Path] = [PYTHON, HERE / "peers.py", *map(str, arguments)]
        line = self.line(who, command, inputs, None)
        return Line(**{**line.__dict__, "rows": rows})


def _line(who: str, done: Measured, store: Path | None) -> Line:
    if done.code == MISSING:
        return Line(who, failed=f"not measured: {done.said.strip()}")
    if done.code:
        said = done.said.strip().splitlines() or ["no word"]
        return Line(who, failed=f"failed with exit code {done.code}: {said[-1]}")
    held = done.result or _manifest(store)
    return Line(
        who,
        seconds=done.seconds,
        peak=done.peak,
        own=done.own,
        nodes=int(held.get("nodes", 0)),
        edges=int(held.get("edges", held.get("statements", 0))),
        keeps=str(held.get("keeps", "")),
    )


def _manifest(store: Path | None) -> dict[str, Any]:
    if not store or not (store / "manifest.json").exists():
        return {}
    manifest: dict[str, Any] = json.loads((store / "manifest.json").read_text(encoding="utf-8"))
    return {**manifest, "keeps": "all of it, as a store"}


def _rows(path: Path) -> int:
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 24), b""))


# --- the measurements ---------------------------------------------------------------------------


def _compile(bench: Bench, kind: str) -> Line:
    source, store = bench.input(kind), bench.store(kind)
    store.parent.mkdir(parents=True, exist_ok=True)
    command = [PYTHON, "-m", "kgsynth", "graph", "compile", f"{kind}:{source}", "--output"]
    return bench.line("kgsynth", [*command, store], [source], store)


def primekg(bench: Bench) -> Iterator[Table]:
    """Compile kg.csv; the peers load it."""
    csv = bench.input("primekg") / "kg.csv"
    lines = [_compile(bench, "primekg")]
    if bench.peers:
        lines += [
            bench.peer(who, name, csv, inputs=[csv])
            for who, name in (
                ("networkx MultiDiGraph", "networkx"),
                ("networkx, names only", "networkx_names"),
                ("igraph", "igraph"),
                ("rustworkx", "rustworkx"),
                ("networkit", "networkit"),
            )
        ]
    yield Table("primekg", "kg.csv to graph", _rows(csv) - 1, tuple(lines))


def umls_relations(bench: Bench) -> Iterator[Table]:
    """Compile a META folder with one name a concept; the peers are given numbers."""
    meta = bench.input("umls")
    mrrel = meta / "MRREL.RRF"
    slim = derived("slim", meta, cache() / f"umls-relations-{bench.scale}")
    store = bench.store("umls-relations")
    store.parent.mkdir(parents=True, exist_ok=True)
    command: list[str | Path] = [PYTHON, HERE / "ours.py", "relations", slim, store]
    say("measuring kgsynth")
    shutil.rmtree(store, ignore_errors=True)
    warm([slim, mrrel])
    done = measured(command)
    lines = [_line("kgsynth, from text", done, store)]
    if bench.peers:
        codes = derived("codes", mrrel, cache() / f"umls-codes-{bench.scale}.npy")
        lines += [
            bench.peer(who, name, codes, inputs=[codes])
            for who, name in (
                ("igraph, from codes", "igraph_codes"),
                ("rustworkx, from codes", "rustworkx_codes"),
                ("networkit, from codes", "networkit_codes"),
            )
        ]
        part = SCALES[bench.scale].part
        lines.append(
            bench.peer(
                "networkx, from text", "networkx_mrrel", mrrel, part, inputs=[mrrel], rows=part
            )
        )
    stages = done.result.get("stages", {})
    notes = ["stages, seconds: " + ", ".join(f"{name} {took}" for name, took in stages.items())]
    yield Table(
        "umls-relations",
        "MRREL to graph",
        _rows(mrrel),
        tuple(lines),
        tuple(notes if stages else ()),
    )


def umls(bench: Bench) -> Iterator[Table]:
    """Compile a whole META folder; no peer reads one."""
    meta = bench.input("umls")
    rows = sum(_rows(path) for path in sorted(meta.glob("*.RRF")))
    yield Table("umls", "META folder to store", rows, (_compile(bench, "umls"),))


def opening(bench: Bench) -> Iterator[Table]:
    """Open a store, and ask for one concept's neighbours."""
    for kind in ("primekg", "umls"):
        store = bench.store(kind)
        if not (store / "manifest.json").exists():
            line = _compile(bench, kind)
            if line.failed:
                yield Table(f"open {kind}", f"open the {kind} store", 0, (line,))
                continue
        say("measuring kgsynth")
        warm([store])
        done = measured([PYTHON, HERE / "ours.py", "open", store])
        line = _line("open, one look", done, None)
        took = done.result
        if took:
            line = Line(
                "open, one look", took["seconds"], done.peak, done.own, line.nodes, line.edges
            )
            note = (
                f"open {took['open'] * 1e3:.1f} ms, with the first look at {took['neighbours']} "
                f"neighbours {took['seconds'] * 1e3:.1f} ms; "
                f"memory grew by {took['grew'] / 1e6:.1f} MB"
            )
        yield Table(f"open {kind}", f"open the {kind} store", 0, (line,), (note,) if took else ())


def bolt(bench: Bench) -> Iterator[Table]:
    """Stream a graph from a server, beside the bare driver.

    `bolt.py` prints one JSON object: seconds as ``ours`` and ``bare``, and ``rows``.
    """
    script = HERE / "bolt.py"
    if not script.exists():
        yield Table("bolt", "rows over Bolt", 0, (Line("kgsynth", failed="not there"),))
        return
    say("measuring bolt")
    done = measured([PYTHON, script])
    took = done.result
    if done.code or not {"ours", "bare"} <= took.keys():
        line = _line("kgsynth", done, None) if done.code else Line("kgsynth", failed="no figures")
        yield Table("bolt", "rows over Bolt", 0, (line,))
        return
    ratio = took["ours"] / took["bare"]
    verdict = "met" if ratio <= RATIO_OF_BOLT else "MISSED"
    yield Table(
        "bolt",
        "rows over Bolt",
        int(took.get("rows", 0)),
        (Line("kgsynth", took["ours"]), Line("bare driver", took["bare"])),
        (f"target: {RATIO_OF_BOLT} times the bare driver; it is {ratio:.2f}: {verdict}",),
    )


MEASUREMENTS: dict[str, Callable[[Bench], Iterator[Table]]] = {
    "primekg": primekg,
    "umls-relations": umls_relations,
    "umls": umls,
    "open": opening,
    "bolt": bolt,
}


# --- printing -----------------------------------------------------------------------------------


def shown(table: Table, scale: str) -> Iterator[str]:
    """Lay a measurement out: ours first, each peer's time and memory as a multiple of ours."""
    rows = f", {table.rows:,} rows" if table.rows else ""
    yield f"{table.name}: {table.title}{rows}"
    yield f"  {'':24}{'seconds':>9}{'ours x':>8}{'peak GB':>9}{'ours x':>8}{'own GB':>8}  holds"
    ours = table.lines[0]
    for line in table.lines:
        if line.failed:
            yield f"  {line.who:24}{line.failed}"
            continue
        part = f" ({line.rows:,} rows; as a rate)" if line.rows else ""
        share = table.rows / line.rows if line.rows else 1.0
        peak, own = (f"{size / GIGABYTE:.2f}" if size else "-" for size in (line.peak, line.own))
        holds = f"{line.nodes:,} nodes, {line.edges:,} edges: {line.keeps}" if line.nodes else ""
        yield (
            f"  {line.who:24}{_seconds(line.seconds):>9}"
            f"{_times(line.seconds * share, ours.seconds):>8}"
            f"{peak:>9}{_times(line.peak * share, ours.peak):>8}{own:>8}  {holds}{part}"
        )
    yield from (f"  {note}" for note in table.notes)
    if verdict := _verdict(table, scale):
        yield f"  {verdict}"
    yield ""


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f}" if seconds >= 0.1 else f"{seconds:.4f}"


def _times(theirs: float, ours: float) -> str:
    return f"{theirs / ours:.2f}" if ours and theirs else "-"


def missed(table: Table) -> list[str]:
    """Say which targets the measurement misses."""
    target, ours = TARGETS.get(table.name, Target()), table.lines[0]
    if ours.failed:
        return ["it failed"]
    seconds, gigabytes = ours.seconds, ours.peak / GIGABYTE
    out = []
    if target.seconds and seconds > target.seconds:
        out.append(f"{seconds:.2f} s is more than {target.seconds:g} s")
    if target.gigabytes and gigabytes > target.gigabytes:
        out.append(f"{gigabytes:.2f} GB is more than {target.gigabytes:g} GB")
    return out


def _verdict(table: Table, scale: str) -> str:
    target = TARGETS.get(table.name)
    if not target:
        return ""
    memory = f" and {target.gigabytes:g} GB" if target.gigabytes else ""
    asked = f"target at full scale: {target.seconds:g} s{memory}"
    if scale != "full":
        return f"{asked}; this is {scale}"
    return f"{asked}: {'MISSED, ' + ' and '.join(missed(table)) if missed(table) else 'met'}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the measurements that are named, or all of them."""
    parser = argparse.ArgumentParser(description="Measure us beside our peers.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MEASUREMENTS))
    parser.add_argument("--scale", choices=SCALES, default="full")
    parser.add_argument("--umls", type=Path, metavar="META", help="a folder to use as it is")
    parser.add_argument("--primekg", type=Path, metavar="DIR", help="a folder to use as it is")
    parser.add_argument("--repeat", type=int, default=1, help="take the best of so many")
    parser.add_argument("--no-peers", action="store_true", help="measure us alone")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--strict", action="store_true", help="exit 1 where a target is missed")
    asked = parser.parse_args(arguments)
    if unknown := [name for name in asked.names if name not in MEASUREMENTS]:
        parser.error(f"no measurement {unknown[0]!r}; there are {', '.join(MEASUREMENTS)}")
    given = {kind: path for kind in ("umls", "primekg") if (path := getattr(asked, kind))}
    bench = Bench(asked.scale, given, not asked.no_peers, max(1, asked.repeat))
    tables = []
    for name in asked.names or MEASUREMENTS:
        for table in MEASUREMENTS[name](bench):
            tables.append(table)
            if not asked.json:
                print("\n".join(shown(table, asked.scale)), flush=True)
    if asked.json:
        print(json.dumps([_document(table) for table in tables], indent=2))
    late = asked.scale == "full" and any(missed(table) for table in tables)
    failed = any(table.lines[0].failed for table in tables)
    return 1 if failed or (asked.strict and late) else 0


def _document(table: Table) -> dict[str, Any]:
    return {**table.__dict__, "lines": [line.__dict__ for line in table.lines]}


if __name__ == "__main__":
    sys.exit(main())
