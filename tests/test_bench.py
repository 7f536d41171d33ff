"""The benchmark's own scales: what it says of a process is true. Nothing here is gated by time."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BENCH = Path(__file__).parent / "bench"
MEGABYTES = 1 << 20


def ran(script: str, *arguments: object, **environment: str) -> Any:
    """Run Python in a small parent, as the benchmark does, and return what it printed as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(BENCH), "PATH": ""} | environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


MEASURE = """
import json, sys
from measure import measured
print(json.dumps(measured([sys.executable, "-c", sys.argv[1]])._asdict()))
"""


def test_memory_and_result_of_a_child_are_its_own() -> None:
    hungry = "x = bytearray(200 << 20); print('noise'); print('{\"nodes\": 3}')"
    full = ran(MEASURE, f"import time; {hungry}; time.sleep(0.3)")
    idle = ran(MEASURE, "pass")
    assert full["peak"] > 200 * MEGABYTES > 2 * idle["peak"]
    assert full["result"] == {"nodes": 3}
    assert full["seconds"] > 0.3
    assert full["code"] == 0
    if sys.platform == "linux":
        assert 200 * MEGABYTES < full["own"] <= full["peak"]


def test_a_child_that_fails_is_told() -> None:
    failed = ran(MEASURE, "import sys; sys.exit('no such graph')")
    assert failed["code"] == 1
    assert "no such graph" in failed["said"]
    assert failed["result"] == {}


PEER = """
import sys
from peers import main
sys.exit(main(*sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def graphs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from kgsynth.simulate import primekg_size, simulate_primekg, simulate_umls, umls_size

    folder = tmp_path_factory.mktemp("graphs")
    for kind in ("primekg", "umls"):
        (folder / kind).mkdir()
    simulate_primekg(folder / "primekg", primekg_size("small", concepts=400), 7)
    simulate_umls(folder / "umls", umls_size("small", concepts=300), 7)
    return folder


def test_peers_hold_what_the_file_says(graphs: Path) -> None:
    path = graphs / "primekg" / "kg.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    nodes = {(row["x_type"], row["x_id"]) for row in rows}
    whole = ran(PEER, "networkx", path)
    assert (whole["nodes"], whole["edges"]) == (len(nodes), len(rows))
    names = {frozenset((row["x_name"].lower(), row["y_name"].lower())) for row in rows}
    assert ran(PEER, "networkx_names", path)["edges"] == len(names)


@pytest.mark.slow
@pytest.mark.parametrize("peer", ["igraph", "rustworkx", "networkit"])
def test_other_peers_hold_the_same(peer: str, graphs: Path, tmp_path: Path) -> None:
    pytest.importorskip(peer, reason=f"{peer} is not installed; make bench installs it")
    path = graphs / "primekg" / "kg.csv"
    whole, theirs = ran(PEER, "networkx", path), ran(PEER, peer, path)
    assert (theirs["nodes"], theirs["edges"]) == (whole["nodes"], whole["edges"])
    mrrel, codes = graphs / "umls" / "MRREL.RRF", tmp_path / "codes.npy"
    subprocess.run([sys.executable, BENCH / "inputs.py", "codes", mrrel, codes], check=True)
    lines = mrrel.read_text(encoding="utf-8").splitlines()
    ends = {line.split("|")[place] for line in lines for place in (0, 4)}
    coded = ran(PEER, f"{peer}_codes", codes)
    assert (coded["nodes"], coded["edges"]) == (len(ends), len(lines))


@pytest.mark.slow
def test_a_run_says_what_each_took_and_holds(graphs: Path, tmp_path: Path) -> None:
    command = [sys.executable, BENCH / "run.py", "primekg", "open", "--scale", "tiny", "--json"]
    command += ["--primekg", graphs / "primekg", "--umls", graphs / "umls"]
    environment = {"KGSYNTH_BENCH_DIR": str(tmp_path), "PATH": ""}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    compiled, *opened = json.loads(done.stdout)
    rows = compiled["rows"]
    assert [line["who"] for line in compiled["lines"]][:2] == ["kgsynth", "networkx MultiDiGraph"]
    assert compiled["lines"][0]["edges"] == rows / 2, "both rows of an edge are one statement"
    assert compiled["lines"][1]["edges"] == rows
    assert [table["name"] for table in opened] == ["open primekg", "open umls"]
    for table in opened:
        assert table["lines"][0]["nodes"] > 0
        assert "neighbours" in table["notes"][0]


@pytest.mark.slow
def test_search_is_measured_and_held_against_what_is_promised(tmp_path: Path) -> None:
    command = [sys.executable, BENCH / "search.py", "--scale", "tiny", "--no-peers", "--json"]
    command += ["--kinds", "primekg"]
    environment = os.environ | {"KGSYNTH_BENCH_DIR": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    tables = {table["name"]: table["ours"] for table in json.loads(done.stdout)}
    assert {"search primekg", "search primekg shattered", "first primekg", "walks primekg"} <= set(
        tables
    )
    assert tables["search primekg"]["paths"] > 20_000
    assert tables["search primekg"]["touches_a_pair"] > 10
    for name in ("search primekg", "walks primekg"):
        assert 0 < tables[name]["share_of_floor"] < 1
    script = "import json, search; print(json.dumps(sorted(map(list, search.GOALS))))"
    for name, key in ran(script):
        if name in tables:
            assert tables[name][key] > 0, "a figure that is promised is measured"


VERDICTS = """
import json
import search
figures = ("search primekg", "pairs_per_second"), ("first umls", "seconds_to_first_paths")
print(json.dumps([
    [search.missed(search.Table(name, "", {key: value}, {})) for value in (0.5, 50_000.0)]
    for name, key in figures
]))
"""


def test_a_goal_is_missed_from_below_or_from_above() -> None:
    assert ran(VERDICTS) == [[True, False], [False, True]]


@pytest.mark.parametrize(
    ("script", "there_are"), [("run", "primekg, umls-relations"), ("search", "search, first")]
)
def test_a_measurement_that_is_not_there_is_refused(script: str, there_are: str) -> None:
    command = [sys.executable, BENCH / f"{script}.py", "primekgg"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"no measurement 'primekgg'; there are {there_are}" in done.stderr
