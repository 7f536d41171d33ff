"""The commands from the outside: what they give, what they print where, how they refuse."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest

from kgsynth.cli.main import main
from kgsynth.cli.progress import stage_progress
from kgsynth.model import Manifest, Row
from kgsynth.resources import locate

MINI = locate("ontologies/mini")
QUESTIONS = MINI / "questions.jsonl"
MINI_BUILD = (str(locate("recipes/mini.yaml")), "--set", "name=demo")
QUICK = (*MINI_BUILD, "--limit", "3", "--set", "run.workers=1")
"""A small build in this process, so that what it calls can be made to fail."""


class Done(NamedTuple):
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


def kgsynth(*arguments: str | Path) -> Done:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([str(argument) for argument in arguments])
    return Done(code, out.getvalue(), err.getvalue())


def done(*arguments: str | Path) -> Done:
    found = kgsynth(*arguments)
    assert found.code == 0, found.err
    return found


def refused(code: int, said: str, *arguments: str | Path) -> str:
    """Run what must fail: one sentence on stderr, nothing on stdout, the exit code it should."""
    found = kgsynth(*arguments)
    assert said in found.err
    assert found.code == code
    assert found.out == ""
    assert found.err.startswith("kgsynth: ")
    assert found.err.count("\n") == 1
    assert "bug" not in found.err
    assert "Traceback" not in found.err
    return found.err


def tree(folder: Path) -> dict[str, bytes | None]:
    """Return everything below a folder: the bytes of files, None for folders."""
    return {
        path.relative_to(folder).as_posix(): None if path.is_dir() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
    }


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to stand in, with files that are no graph."""
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00")
    (folder / "data.json").write_text('{"nodes": []}', "utf-8")
    (folder / "empty").touch()
    (folder / "hollow").mkdir()
    graph(folder / "bare", nodes=["A:1\tone\tdrug"], edges=[])
    chain = [f"A:{n}\tconcept {n}\tdrug" for n in range(4)]
    graph(folder / "chain", chain, [f"A:{n}\traises\tA:{n + 1}" for n in range(3)])
    monkeypatch.chdir(folder)
    return folder


def graph(folder: Path, nodes: list[str], edges: list[str]) -> Path:
    folder.mkdir()
    for name, header, rows in (
        ("nodes.tsv", "id\tname\ttypes", nodes),
        ("edges.tsv", "subject\tpredicate\tobject", edges),
    ):
        (folder / name).write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return folder


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small dataset, to be copied before it is changed."""
    output = tmp_path_factory.mktemp("built")
    done("build-dataset", "--output", output, *QUICK)
    return output / "demo"


@pytest.fixture(scope="module")
def overlay(mini_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shattered") / "overlay"
    done("graph", "shatter", mini_store, "--k", "2", "--output", folder)
    return folder


# --- graph compile, graph info ------------------------------------------------------------


def test_compile_makes_a_store_that_info_tells_of(work: Path) -> None:
    made = done("graph", "compile", f"tables:{MINI}", "--output", "a/store")
    assert made.out == "a/store: 49 concepts, 121 statements.\n"
    told = done("graph", "info", "a/store", "--json")
    assert told.err == ""
    info = told.document
    assert (info["nodes"], info["statements"]) == (49, 121)
    assert info["types"]["drug"] == 8
    assert sum(info["predicates"].values()) == 121
    assert info["dropped"] == {}
    assert [hub["name"] for hub in info["hubs"][:2]] == ["inflammation", "pain"]
    assert {"id", "name", "degree", "score"} <= set(info["hubs"][0])
    again = done("graph", "compile", f"tables:{MINI}", "--output", "b", "--json")
    assert again.document == info
    assert [p.name for p in (work / "a").iterdir()] == ["store"]


def test_info_is_readable(mini_store: Path) -> None:
    told = done("graph", "info", mini_store).out
    assert told.startswith("49 concepts with 143 names, 121 statements\n")
    assert "8  drug" in told
    by_score, _, by_degree = told.partition("hubs by degree: ")
    assert "inflammation (KGMINI:inflammation)" in by_score
    assert "20      4.2x  inflammation (KGMINI:inflammation)" in by_degree
    assert "121  kgmini: " in told
    assert re.search(r"degrees: mean \d+\.\d, median \d+, 99 of 100 up to \d+, most 20\n", told)
    edges = (MINI / "edges.tsv").read_text("utf-8").splitlines()
    left_out = sum(line.split("\t")[1] in ("is_a", "part_of") for line in edges)
    assert f"distinct neighbours; {left_out} hierarchical statements are left out\n" in told
    assert "components: 1, the largest of 49 concepts; 0 concepts stand alone\n" in told


def test_info_names_the_largest_hub_too(work: Path) -> None:
    """Of its type it is the usual one, so the score does not tell of it."""
    nodes = [f"G:{n}\tgene {n}\tgene" for n in range(20)]
    edges = [f"G:{m}\traises\tG:{n}" for m in range(20) for n in range(m)]
    few = [f"D:{n}\tdrug {n}\tdrug" for n in range(13)]
    stars = [f"D:{n}\tinhibits\tD:{n - n % 6}" for n in range(12) if n % 6]
    graph(work / "dense", [*nodes, *few], [*edges, *stars])
    done("graph", "compile", "tables:dense", "--output", "store")
    info = done("graph", "info", "store", "--json").document
    assert info["hubs"][0]["name"].startswith("drug")
    assert (info["hubs_by_degree"][0]["name"], info["hubs_by_degree"][0]["degree"]) == (
        "gene 0",
        19,
    )


def test_an_empty_folder_may_become_a_store(work: Path) -> None:
    done("graph", "compile", "tables:chain", "--output", "hollow")
    assert done("graph", "info", "hollow", "--json").document["nodes"] == 4


def test_several_sources_and_packaged_ones_become_one_store(work: Path) -> None:
    made = done(
        "graph", "compile", "tables:chain", "tables:kgsynth:ontologies/mini",
        "--output", "both", "--json",
    )  # fmt: skip
    assert made.document["nodes"] == 49 + 4


def test_what_is_dropped_or_unknown_is_told(work: Path) -> None:
    rows = ["A:1\tbinds_to\tA:2", "A:1\traises\tA:9", "A:1\traises\tA:1"]
    graph(work / "odd", ["A:1\tone\tdrug", "A:2\ttwo\tdrug"], rows)
    told = done("graph", "compile", "tables:odd", "--output", "store").out
    assert "dropped 1: dangling" in told
    assert "dropped 1: self-loop" in told
    assert "the vocabulary does not know, kept as they are: binds_to" in told
    info = done("graph", "info", "store", "--json").document
    assert info["dropped"] == {"dangling": 1, "self-loop": 1}
    assert "binds_to" in done("graph", "info", "store").out


@pytest.mark.parametrize(
    ("source", "code", "said"),
    [
        ("tabels:chain", 2, "'tabels:chain' is not KIND:PATH. Did you mean 'tables'? Kinds: "),
        ("chain", 2, "'chain' is not KIND:PATH. Kinds: "),
        ("tables", 2, "'tables' is not KIND:PATH. Kinds: "),
        ("tables:", 2, "'tables:' is not KIND:PATH. Kinds: "),
        (":chain", 2, "':chain' is not KIND:PATH."),
        ("umls:nowhere", 1, "/work/nowhere. Check the path.\n"),
        ("tables:kgsynth:nothing", 2, "kgsynth holds no packaged data 'kgsynth:nothing'."),
        ("tables:~nobody-of-that-name/x", 2, "begins with the home folder of nobody here."),
        ("tables:nowhere", 1, "/work/nowhere. Check the path.\n"),
        ("tables:picture.png", 1, "picture.png, line 1 is not UTF-8 text."),
        ("tables:data.json", 1, "data.json has no column 'subject'."),
        ("tables:empty", 1, "empty is empty. Its first line must name the columns"),
        ("tables:hollow", 1, "hollow has no nodes.tsv. It is empty."),
        ("tables:bare", 1, "no statement is left to build on."),
    ],
)
def test_compile_refuses_in_a_sentence_and_leaves_nothing(
    source: str, code: int, said: str, work: Path
) -> None:
    before = tree(work)
    refused(code, said, "graph", "compile", source, "--output", "new/folder/store")
    assert tree(work) == before


def test_one_bad_source_among_good_ones_is_refused(work: Path) -> None:
    before = tree(work)
    arguments = ("tables:chain", "tables:nowhere", "--output", "store")
    refused(1, "There is no folder and no file at ", "graph", "compile", *arguments)
    assert tree(work) == before


@pytest.mark.parametrize("output", ["chain", "empty", "."])
def test_what_is_there_already_is_never_written_over(output: str, work: Path, overlay: Path,
                                                     mini_store: Path) -> None:  # fmt: skip
    before = tree(work)
    refused(2, f"{output} is there already.", "graph", "compile", f"tables:{MINI}", "--output",
            output)  # fmt: skip
    refused(2, f"{output} is there already.", "graph", "shatter", mini_store, "--k", "1",
            "--output", output)  # fmt: skip
    assert tree(work) == before


@pytest.mark.parametrize("store", ["nowhere", "picture.png", "data.json", "hollow", "chain"])
@pytest.mark.parametrize(
    "command",
    [
        ("graph", "info", "STORE"),
        ("graph", "shatter", "STORE", "--k", "1", "--output", "new"),
        ("paths", "between", "STORE", "a", "b"),
        ("link", "STORE", str(QUESTIONS), "--output", "new"),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_what_is_no_store_is_told_with_the_command_that_makes_one(
    command: tuple[str, ...], store: str, work: Path
) -> None:
    before = tree(work)
    arguments = [store if part == "STORE" else part for part in command]
    said = refused(1, f"{store} is not a compiled graph.", *arguments)
    assert "kgsynth graph compile KIND:PATH --output STORE" in said
    assert tree(work) == before


def test_a_dataset_is_no_store(dataset: Path) -> None:
    refused(1, "Compile the graph again: kgsynth graph compile", "graph", "info", dataset)


# --- graph compile --force ------------------------------------------------------------------


def test_a_store_is_replaced_where_that_is_asked_for(work: Path) -> None:
    done("graph", "compile", "tables:chain", "--output", "store")
    said = refused(
        2, "is there already.", "graph", "compile", f"tables:{MINI}", "--output", "store"
    )
    assert "replace a store with --force." in said
    (work / "store" / "left.txt").touch()
    made = done("graph", "compile", f"tables:{MINI}", "--output", "store", "--force")
    assert made.out == "store: 49 concepts, 121 statements.\n"
    assert not (work / "store" / "left.txt").exists()
    assert [p.name for p in work.iterdir() if "store" in p.name] == ["store"]
    done("graph", "compile", "tables:chain", "--output", "new", "--force")


def test_a_store_is_replaced_where_a_link_leads(work: Path) -> None:
    done("graph", "compile", "tables:chain", "--output", "store")
    (work / "link").symlink_to("store")
    done("graph", "compile", f"tables:{MINI}", "--output", "link", "--force")
    assert (work / "link").is_symlink()
    assert done("graph", "info", "store", "--json").document["nodes"] == 49


@pytest.mark.parametrize("source", ["tables:nowhere", "tables:bare"])
def test_the_old_store_stays_when_compiling_fails(source: str, work: Path) -> None:
    done("graph", "compile", "tables:chain", "--output", "store")
    before = tree(work)
    refused(1, "", "graph", "compile", source, "--output", "store", "--force")
    assert tree(work) == before


def test_the_old_store_comes_back_when_the_new_one_cannot_take_its_place(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done("graph", "compile", "tables:chain", "--output", "store")
    before = tree(work)
    move = Path.replace

    def refuse_the_new(path: Path, target: Path) -> Path:
        if path.name.startswith(".store-"):
            raise OSError(errno.ENOSPC, "No space left on device")
        return move(path, target)

    monkeypatch.setattr(Path, "replace", refuse_the_new)
    arguments = ("graph", "compile", f"tables:{MINI}", "--output", "store", "--force")
    refused(1, "The disk is full", *arguments)
    assert tree(work) == before


@pytest.mark.parametrize("output", ["chain", "empty", "."])
def test_nothing_but_a_store_is_replaced(output: str, work: Path) -> None:
    before = tree(work)
    said = "It is no store, and --force replaces nothing else"
    refused(2, said, "graph", "compile", f"tables:{MINI}", "--output", output, "--force")
    assert tree(work) == before


def test_a_dataset_is_not_replaced_by_a_store(dataset: Path) -> None:
    before = tree(dataset)
    arguments = ("graph", "compile", f"tables:{MINI}", "--output", dataset, "--force")
    refused(2, "It is no store", *arguments)
    assert tree(dataset) == before


# --- graph shatter ------------------------------------------------------------------------


def test_shatter_tells_what_is_gone_and_what_that_did(mini_store: Path, work: Path) -> None:
    made = done("graph", "shatter", mini_store, "--k", "2", "--output", "overlay", "--json")
    assert made.err == ""
    report = made.document
    assert [hub["name"] for hub in report["removed"]] == ["inflammation", "pain"]
    assert all(set(hub) == {"id", "name", "score"} for hub in report["removed"])
    assert isinstance(report["pairs_lost"], int)
    assert report["pairs_lost"] > 0
    told = done("graph", "shatter", mini_store, "--k", "2", "--output", "second").out
    assert told.startswith("second: 2 of 49 concepts removed.\nBy degree_in_type: neighbours, as")
    assert f"{report['pairs_lost']} pairs of concepts are joined by no path any more." in told
    farther = sum(report["grew"].values())
    assert f"{farther} of {report['pairs_compared']} pairs compared are farther apart: " in told
    assert "Most often so: " in told
    assert (report["output"], report["concepts"], report["remarks"]) == ("overlay", 49, [])
    many = done("graph", "shatter", mini_store, "--k", "14", "--output", "third").out
    assert "  and 2 more; third/report.json lists them all\n" in many


def test_a_rule_that_finds_nothing_says_so(mini_store: Path, work: Path) -> None:
    told = done(
        "graph", "shatter", mini_store, "--rule", "over_k", "--k", "90", "--output", "overlay"
    ).out
    assert (
        "No hub was cut: no concept that may go scores above 90 by degree_in_type; the highest is "
        "inflammation with 4.20.\n" in told
    )
    (work / "keep").write_text("inflammation\n", "utf-8")
    spared = ("--rule", "over_k", "--k", "4", "--protect", "keep", "--output", "second", "--json")
    [remark] = done("graph", "shatter", mini_store, *spared).document["remarks"]
    assert remark.endswith("the highest is pain with 3.20.")
    none = done("graph", "shatter", mini_store, "--k", "0", "--output", "third").out
    assert "With k = 0 nothing is cut" in none


def test_a_cut_that_leaves_nothing_to_search_says_so(mini_store: Path, work: Path) -> None:
    told = done("graph", "shatter", mini_store, "--k", "48", "--output", "overlay").out
    assert "Nothing is left to search: no two of the concepts that stay are joined." in told
    assert "compared" not in told


def test_what_is_protected_stays(mini_store: Path, work: Path) -> None:
    (work / "keep").write_bytes("\ufeffInflammation\n\n  KGMINI:pain \n".encode())
    arguments = ("--k", "2", "--protect", "keep", "--output", "overlay", "--json")
    removed = done("graph", "shatter", mini_store, *arguments).document["removed"]
    assert len(removed) == 2
    assert not {"inflammation", "pain"} & {hub["name"] for hub in removed}


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--k", "50"), 1, "Shattering with k = 50 asks for too many: "
         "only 49 of the graph's 49 concepts may be removed. Choose a smaller k"),
        (("--k", "49"), 1, "removes every concept of the graph. Choose a smaller k"),
        (("--k", "-1"), 2, "Invalid value for '--k': '-1' is no whole number from 0 up."),
        (("--k", "x"), 2, "Invalid value for '--k': 'x' is no whole number from 0 up."),
        (("--k", "2.5"), 2, "'2.5' is no whole number from 0 up."),
        (("--k", "0", "--rule", "over_k"), 1, "removes every concept of the graph."),
        ((), 2, "Missing option '--k'"),
        (("--k", "1", "--rule", "top"), 2, "'top' is not one of 'top_k', 'over_k'"),
        (("--k", "1", "--rule", "adaptive_top_k"), 2,
         "The rule adaptive_top_k counts degrees, not degree_in_type. Add --score degree."),
        (("--k", "1", "--score", "degre"), 2, "'degre' is not one of 'degree_in_type', 'degree'"),
        (("--k", "1", "--protect", "none"), 2, "--protect none is not there. Name a UTF-8 file"),
        (("--k", "1", "--protect", "hollow"), 2, "--protect hollow is a folder. Name a UTF-8 file"),
        (("--k", "1", "--protect", "picture.png"), 2, "--protect picture.png is not UTF-8 text."),
        (("--k", "1", "--protect", "empty"), 2, "--protect empty names no concept. Write one id"),
        (("--k", "1", "--protect", "blank"), 2, "--protect blank names no concept. Write one id"),
        (("--k", "1", "--protect", "wrong"), 1,
         "wrong, line 3: The graph holds no concept called 'lisinoprl'. Nearest names: lisinopril. "
         "The same goes for 1 other line."),
        (("--k", "1", "--protect", "data.json"), 1, "line 1: The graph holds no concept called"),
        (("--k", "1", "--plot", "data.json"), 2, "--plot data.json is there already."),
        (("--k", "1", "--plot", "empty/x.svg"), 1, "empty/x.svg could not be written"),
    ],
)  # fmt: skip
def test_shatter_refuses_in_a_sentence_and_leaves_nothing(
    options: tuple[str, ...], code: int, said: str, mini_store: Path, work: Path
) -> None:
    (work / "blank").write_text("\n  \n", "utf-8")
    (work / "wrong").write_text("pain\n\nlisinoprl\nZestril\nxyzzy\n", "utf-8")
    before = tree(work)
    refused(code, said, "graph", "shatter", mini_store, *options, "--output", "new/overlay")
    assert tree(work) == before


def test_the_degrees_are_drawn_when_asked(mini_store: Path, work: Path) -> None:
    done("graph", "shatter", mini_store, "--k", "2", "--output", "cut", "--plot", "degrees.svg")
    picture = (work / "degrees.svg").read_text("utf-8")
    assert picture.startswith("<svg")
    assert "2 of 49 concepts cut" in picture
    asked = ("--k", "1", "--output", "cut2", "--plot", "new/x.svg", "--json")
    assert done("graph", "shatter", mini_store, *asked).document["plot"] == "new/x.svg"
    assert (work / "new/x.svg").is_file()


def test_a_name_that_two_concepts_bear_is_asked_back_with_its_line(work: Path) -> None:
    nodes = ["A:1\tcold\tdisease", "A:2\tCold\tfinding", "A:3\trest\tdrug"]
    graph(work / "twins", nodes, ["A:3\ttreats\tA:1", "A:3\ttreats\tA:2"])
    done("graph", "compile", "tables:twins", "--output", "store")
    (work / "keep").write_text("rest\ncold\n", "utf-8")
    asked = ("--k", "1", "--protect", "keep", "--output", "overlay")
    said = refused(1, "keep, line 2: 'cold' names 2 concepts: A:1 (disease), A:2 (finding).",
                   "graph", "shatter", "store", *asked)  # fmt: skip
    assert "Use the id of the one you mean." in said


def test_one_of_anything_is_said_as_one(work: Path) -> None:
    (work / "small.txt").write_text("subject predicate object\na raises b\nb raises c\n", "utf-8")
    asked = ("graph", "compile", "tables:small.txt", "--set", "separator= ", "--output", "store")
    printed = [done(*asked).out, done("graph", "info", "store").out]
    printed.append(done("graph", "shatter", "store", "--k", "1", "--output", "cut").out)
    printed.append(kgsynth("graph", "validate", "tables:small.txt", "--set", "separator= ").out)
    printed.append(kgsynth("paths", "between", "store", "a", "c", "--max-hops", "1").err)
    sampled = ("paths", "sample", "store", "--hops", "2", "--count", "1", "--output", "p.jsonl")
    printed.append(done(*sampled).out)
    whole = "\n".join(printed)
    assert "p.jsonl: 1 path: 1 of 2 hops.\n" in whole
    assert "No path of at most 1 hop joins a and c: the search reached 1 other concept." in whole
    assert "1 pair of concepts is joined by no path any more." in whole
    assert not re.search(
        r"\b1 (?:[a-z]+ )?(?:concept|statement|hop|path|pair|error|relation)s\b", whole
    )


# --- paths sample -------------------------------------------------------------------------


def test_paths_are_drawn_into_a_file(mini_store: Path, overlay: Path, work: Path) -> None:
    asked = ("--count", "20", "--hops", "2-3", "--overlay", overlay, "--seed", "3")
    told = done("paths", "sample", mini_store, *asked, "--output", "a.parquet", "--json").document
    drawn = pl.read_parquet(work / "a.parquet")
    assert told["paths"] == drawn.height == 20
    assert drawn.columns == ["hops", "nodes", "relations", "forward"]
    assert set(drawn["hops"]) == {2, 3}
    assert told["yield"]["2"]["unique"] <= told["yield"]["2"]["pairs"]
    assert not {"KGMINI:inflammation", "KGMINI:pain"} & set(drawn["nodes"].explode())
    said = done("paths", "sample", mini_store, *asked, "--output", "b.jsonl").out
    assert pl.read_ndjson(work / "b.jsonl").cast(drawn.schema).equals(drawn)
    assert "one path alone joins" in said
    assert tree(work).keys() >= {"a.parquet", "b.jsonl"}


def test_walks_are_drawn_into_a_file(mini_store: Path, work: Path) -> None:
    asked = ("--count", "50", "--hops", "4", "--walks", "--from-type", "drug")
    told = done("paths", "sample", mini_store, *asked, "--output", "w.jsonl", "--json").document
    assert told["hops"] == {"4": 50}
    assert "yield" not in told
    for line in (work / "w.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        assert len(set(row["nodes"])) == 5


@pytest.mark.usefixtures("work")
def test_what_a_graph_cannot_give_is_said(mini_store: Path) -> None:
    ask = ("paths", "sample", mini_store, "--count", "9999", "--hops")
    said = done(*ask, "5", "--output", "few.parquet").out
    assert "no more than these, but those that go along a relation and straight back" in said
    every = done(*ask, "5", "--turn-back", "--output", "every.parquet").out
    assert "The graph gives no more than these: other types, hops or kinds of relation" in every
    assert pl.read_parquet("every.parquet").height > pl.read_parquet("few.parquet").height
    fewer = done(*ask, "2", "--quota", "1", "--output", "fewer.parquet").out
    assert "no more than these with --quota 1: a higher one takes more of each start." in fewer
    none = done(*ask, "8", "--output", "none.parquet", "--json").document
    assert (none["paths"], none["hops"], none["output"]) == (0, {}, "none.parquet")
    assert none["remarks"][0].startswith("The graph gives no such path: ask for fewer hops")
    stuck = ("--walks", "--relation", "inhibits", "--output", "stuck.parquet")
    walks = done(*ask[:3], "--count", "50", "--hops", "4", *stuck)
    assert "walks of 50 went where no step led on, and were left out" in walks.out


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--output", "a.csv"), 2, "--output a.csv must end in .parquet or .jsonl."),
        (("--output", "data.jsonl"), 2, "data.jsonl is there already."),
        (("--output", "a.jsonl", "--hops", "x"), 2, "'x' is not two numbers of hops"),
        (("--output", "a.jsonl", "--hops", "5-2"), 2,
         "--hops 5-2: a path has from 2 to 8 hops, the fewest named first."),
        (("--output", "a.jsonl", "--hops", "1"), 2, "--hops 1-1: a path has from 2 to 8 hops"),
        (("--output", "a.jsonl", "--hops", "99", "--walks"), 2, "a walk has from 1 to 8 hops"),
        (("--output", "a.jsonl", "--quota", "0"), 2, "'0' is no whole number from 1 to 4,096."),
        (("--output", "a.jsonl", "--to-type", "drog"), 1, "no type 'drog'. Did you mean 'drug'?"),
        (("--output", "a.jsonl", "--kind", "structural"), 1,
         "The graph has no structural relation to walk. Its relations are associative, "),
        (("--output", "a.jsonl", "--relation", "treat"), 1, "Did you mean 'treats'?"),
        (("--output", "a.jsonl", "--from-type", "drog"), 1, "no type 'drog'"),
        (("--output", "a.jsonl", "--walks", "--to-type", "drug"), 2, "--walks go where chance"),
        (("--output", "a.jsonl", "--walks", "--quota", "64"), 2, "--walks go where chance"),
        (("--output", "a.jsonl", "--walks", "--turn-back"), 2, "--walks go where chance"),
        (("--output", "a.jsonl", "--relation", "is_a", "--from-type", "drug"), 1,
         "No path can start"),
    ],
)  # fmt: skip
def test_sample_refuses_in_a_sentence_and_leaves_nothing(
    options: tuple[str, ...], code: int, said: str, mini_store: Path, work: Path
) -> None:
    (work / "data.jsonl").write_text("{}\n", "utf-8")
    before = tree(work)
    refused(code, said, "paths", "sample", mini_store, "--count", "5", *options)
    assert tree(work) == before


# --- paths between ------------------------------------------------------------------------


def test_longer_paths_and_metapaths_are_found_when_asked(mini_store: Path) -> None:
    ends = ("paths", "between", mini_store, "lisinopril", "aldosterone")
    shortest = done(*ends).out.splitlines()
    longer = done(*ends, "--slack", "1", "--limit", "100").out.splitlines()
    assert longer[: len(shortest)] == shortest
    assert len(longer) > len(shortest)
    one = done(*ends, "--metapath", "drug -[lowers]-> * -[raises]-> *").out.splitlines()
    assert one == ["lisinopril -[lowers]-> angiotensin II -[raises]-> aldosterone"]
    drawn = {done(*ends, "--limit", "1", "--seed", str(n)).out.splitlines()[0] for n in range(20)}
    assert drawn == set(shortest)
    forward = done(*ends, "--directed", "--slack", "2", "--limit", "100").out
    assert "<-[" not in forward


def test_paths_are_given_as_published(mini_store: Path) -> None:
    found = done("paths", "between", mini_store, "ZESTRIL", "KGMINI:aldosterone", "--json")
    assert found.err == ""
    document = found.document
    assert set(document) == {"paths", "truncated", "remarks"}
    assert (document["truncated"], document["remarks"]) == (False, [])
    first = document["paths"][0]
    assert first["nodes"][1] == {
        "id": "KGMINI:angiotensin_ii",
        "name": "angiotensin II",
        "types": ["hormone"],
    }
    assert [node["id"] for node in first["nodes"]][::2] == [
        "KGMINI:lisinopril",
        "KGMINI:aldosterone",
    ]
    assert first["hops"] == [
        {"predicate": "lowers", "forward": True, "sources": ["kgmini"]},
        {"predicate": "raises", "forward": True, "sources": ["kgmini"]},
    ]


def test_paths_are_readable_and_arrows_show_the_statement(mini_store: Path) -> None:
    lines = done("paths", "between", mini_store, "aldosterone", "lisinopril").out.splitlines()
    assert "aldosterone <-[raises]- angiotensin II <-[lowers]- lisinopril" in lines


def test_a_limit_is_said_aloud(mini_store: Path) -> None:
    arguments = ("paths", "between", mini_store, "lisinopril", "aldosterone", "--limit", "1")
    document = done(*arguments, "--json").document
    assert (len(document["paths"]), document["truncated"]) == (1, True)
    assert done(*arguments).out.endswith("There are more; see them with --limit 10.\n")


def test_the_shattered_graph_is_searched_when_asked(mini_store: Path, overlay: Path) -> None:
    arguments = ("paths", "between", mini_store, "gout", "peptic ulcer", "--json")
    whole = done(*arguments).document["paths"]
    cut = done(*arguments, "--overlay", overlay).document["paths"]
    names = {node["name"] for path in whole for node in path["nodes"]}
    assert {"inflammation", "pain"} <= names
    assert not {"inflammation", "pain"} & {n["name"] for path in cut for n in path["nodes"]}


def test_no_path_is_an_empty_answer_to_a_program(mini_store: Path) -> None:
    arguments = ("paths", "between", mini_store, "lisinopril", "pain", "--max-hops", "1")
    document = done(*arguments, "--json").document
    assert (document["paths"], document["truncated"]) == ([], False)
    [why] = document["remarks"]
    assert why == kgsynth(*arguments).err.removeprefix("kgsynth: ").strip()


@pytest.mark.parametrize(
    ("ends", "code", "said"),
    [
        (("lisinoprl", "pain"), 1,
         "The graph holds no concept called 'lisinoprl'. Nearest names: lisinopril"),
        (("pain", "xyzzy"), 1, "The graph holds no concept called 'xyzzy'."),
        (("pain", "Ache"), 2, "FROM and TO are the same concept, KGMINI:pain."),
        (("lisinopril", "pain", "--max-hops", "1"), 1,
         "No path of at most 1 hop joins lisinopril and pain: the search reached 6 other concepts. "
         "They are 2 hops apart: allow that with --max-hops 2."),
        (("lisinopril", "pain", "--relation", "lowers"), 1,
         "reached 1 other concept. Without --relation they are 2 hops apart."),
        (("pain", "lisinopril", "--directed"), 1, "Without --directed they are 2 hops apart."),
        (("lisinopril", "pain", "--kind", "hierarchical"), 1,
         "With --kind hierarchical --kind associative they are "),
        (("lisinopril", "pain", "--kind", "structural"), 1,
         "The graph has no structural relation to walk. Its relations are associative, "),
        (("lisinopril", "pain", "--kind", "asociative"), 2,
         "Invalid value for '--kind': 'asociative' is not one of 'associative', 'hierarchical'"),
        (("lisinopril", "pain", "--metapath", "drug -[treats]-> *"), 1,
         "No path drug -[treats]-> * leads from lisinopril to pain. Loosen it"),
        (("lisinopril", "pain", "--metapath", "drug -[treats]-> drug"), 1,
         "leads from lisinopril to pain: it ends with drug, and pain is finding. Write its type"),
        (("lisinopril", "pain", "--metapath", "gene|protein -[*]- *"), 1,
         "it begins with gene or protein, and lisinopril is drug."),
        (("lisinopril", "pain", "--metapath", "drug -[treats] disease"), 2, "is no metapath."),
        (("lisinopril", "pain", "--metapath", "drug -[treats]->"), 2,
         "lacks a type before or behind a step. Write * where any will do."),
        (("lisinopril", "pain", "--metapath", "drog -[treats]-> *"), 1,
         "no type 'drog'. Did you mean 'drug'?"),
        (("lisinopril", "pain", "--metapath", "* -[*]- *", "--slack", "1"), 2,
         "--slack does not go with --metapath"),
        (("lisinopril", "pain", "--metapath", "* -[*]- *", "--max-hops", "2"), 2,
         "--max-hops does not go with --metapath"),
        (("lisinopril", "pain", "--metapath", "drug"), 2, "'drug' is no metapath. Write it as"),
        (("lisinopril", "pain", "--metapath", "drug -[heals]-> *"), 1, "no relation 'heals'"),
        (("lisinopril", "pain", "--relation", "heals"), 1, "The graph has no relation 'heals'."),
        (("lisinopril", "pain", "--relation", "treat"), 1,
         "no relation 'treat'. Did you mean 'treats'?"),
        (("lisinopril", "pain", "--relation", "treats", "--kind", "negative"), 2,
         "--kind and --relation cannot go together"),
        (("lisinopril", "pain", "--slack", "-1"), 2, "Invalid value for '--slack'"),
        (("lisinopril", "pain", "--max-hops", "0"), 2,
         "Invalid value for '--max-hops': '0' is no whole number from 1 to 12."),
        (("lisinopril", "pain", "--max-hops", "99"), 2, "'99' is no whole number from 1 to 12."),
        (("lisinopril", "pain", "--limit", "0"), 2,
         "Invalid value for '--limit': '0' is no whole number from 1 to 1,000,000."),
        (("lisinopril", "pain", "--limit", "9999999999"), 2, "Invalid value for '--limit'"),
        (("lisinopril",), 2, "Missing argument 'TO'"),
        (("lisinopril", "gout", "--overlay", "nowhere"), 1, "nowhere is not an overlay."),
        (("lisinopril", "gout", "--overlay", "chain"), 1, "chain is not an overlay."),
    ],
)  # fmt: skip
def test_paths_refuses_in_a_sentence(
    ends: tuple[str, ...], code: int, said: str, mini_store: Path, work: Path
) -> None:
    refused(code, said, "paths", "between", mini_store, *ends)


@pytest.mark.parametrize("more", [(), ("--json",), ("--metapath", "* -[*]- *")])
def test_a_hub_that_was_cut_is_said_to_be_one(
    more: tuple[str, ...], mini_store: Path, overlay: Path
) -> None:
    for ends in (("lisinopril", "pain"), ("Ache", "lisinopril")):
        asked = (*ends, "--overlay", overlay, *more)
        said = refused(1, "pain (KGMINI:pain) was cut as a hub: ", "paths", "between", mini_store,
                       *asked)  # fmt: skip
        assert "Search without --overlay" in said
        assert "--protect FILE" in said


def test_what_only_the_whole_graph_joins_is_told(work: Path) -> None:
    nodes = ["A:1\tone\tdrug", "A:2\ttwo\tdrug", "A:3\thub\tdrug", "A:4\tfour\tdrug",
             "A:5\tfive\tdrug", "A:6\tsix\tdrug"]  # fmt: skip
    edges = [*(f"A:{n}\traises\tA:3" for n in (1, 2, 4)), "A:5\tis_a\tA:1",
             "A:1\tcontraindicated_in\tA:6"]  # fmt: skip
    graph(work / "hubbed", nodes, edges)
    done("graph", "compile", "tables:hubbed", "--output", "store")
    done("graph", "shatter", "store", "--k", "1", "--output", "cut")
    between = ("paths", "between", "store")
    refused(
        1, "Without --overlay they are 2 hops apart.", *between, "one", "two", "--overlay", "cut"
    )
    refused(1, "Along statements of all kinds but negative ones, either way and past hubs, they "
            "are 3 hops apart.", *between, "five", "two", "--overlay", "cut")  # fmt: skip
    refused(1, "With --kind associative --kind hierarchical they are 1 hop apart.",
            *between, "five", "one")  # fmt: skip
    refused(1, "They are joined by contraindicated_in, which is not walked here. Nothing joins "
            "them within 12 hops", *between, "one", "six")  # fmt: skip


def test_a_name_that_two_concepts_bear_is_asked_back(work: Path) -> None:
    nodes = ["A:1\tcold\tdisease", "A:2\tCold\tfinding", "A:3\trest\tdrug"]
    graph(work / "twins", nodes, ["A:3\ttreats\tA:1", "A:3\ttreats\tA:2"])
    done("graph", "compile", "tables:twins", "--output", "store")
    said = refused(1, "'COLD' names 2 concepts:", "paths", "between", "store", "COLD", "rest")
    assert "A:1 (disease), A:2 (finding)" in said
    assert "Use the id of the one you mean." in said
    assert done("paths", "between", "store", "A:1", "rest").out == "cold <-[treats]- rest\n"


def test_an_overlay_of_another_graph_is_refused(work: Path, overlay: Path) -> None:
    done("graph", "compile", "tables:chain", "--output", "store")
    ends = ("concept 1", "concept 2", "--overlay", overlay)
    refused(1, "was made for another graph", "paths", "between", "store", *ends)


# --- link ---------------------------------------------------------------------------------


def test_link_writes_a_line_for_each_question(mini_store: Path, work: Path) -> None:
    made = done("link", mini_store, QUESTIONS, "--output", "links.jsonl", "--json")
    assert made.err == ""
    lines = [json.loads(line) for line in (work / "links.jsonl").read_text("utf-8").splitlines()]
    assert made.document["questions"] == len(lines) == 10
    assert made.document["mentions"] == sum(len(line["mentions"]) for line in lines)
    asked = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    for line, question in zip(lines, asked, strict=True):
        assert set(line) == {"id", "mentions"}
        assert line["id"] == question["id"]
        for mention in line["mentions"]:
            assert set(mention) == {"text", "start", "end", "field", "id", "score", "negated"}
            label = mention["field"].partition(":")[2]
            text = question["options"][label] if label else question["stem"]
            assert text[mention["start"] : mention["end"]] == mention["text"]
        assert set(question["concepts"]) <= {mention["id"] for mention in line["mentions"]}


def test_link_may_be_repeated_and_tells_what_it_left_out(mini_store: Path, work: Path) -> None:
    good, *_ = QUESTIONS.read_text("utf-8").splitlines()
    (work / "some.jsonl").write_text(f'{good}\n{{"id": "bad"}}\n', "utf-8")
    for _ in range(2):
        made = done("link", mini_store, "some.jsonl", "--output", "links.jsonl")
        assert made.out.startswith("links.jsonl: ")
        assert "mentions in 1 question." in made.out
        assert made.err.count("\n") == 1
        assert "(malformed-question): some.jsonl, line 2: " in made.err
    assert len((work / "links.jsonl").read_text("utf-8").splitlines()) == 1


@pytest.mark.parametrize(
    ("questions", "output", "code", "said"),
    [
        ("nowhere.jsonl", "new", 1, "There is no question file at nowhere.jsonl."),
        ("hollow", "new", 1, "hollow is a folder, not a question file."),
        ("empty", "new", 1, "empty holds no questions: it is empty."),
        ("picture.png", "new", 1, "picture.png, line 1 is not UTF-8 text."),
        ("data.json", "new", 1, "of the questions"),
        ("own.jsonl", "own.jsonl", 2, "own.jsonl is there already, and no earlier result."),
        ("own.jsonl", "hollow", 2, "hollow is there already, and no earlier result."),
        ("own.jsonl", "no/such/folder", 1, "no/such/folder could not be written: No such file"),
    ],
)
def test_link_refuses_in_a_sentence_and_leaves_nothing(
    questions: str, output: str, code: int, said: str, mini_store: Path, work: Path
) -> None:
    shutil.copy(QUESTIONS, work / "own.jsonl")
    before = tree(work)
    if questions == "data.json":  # a JSON object that is no question: quarantined, none is left
        done("link", mini_store, questions, "--output", output)
        return
    refused(code, said, "link", mini_store, questions, "--output", output)
    assert tree(work) == before


# --- build-dataset: what it gives ---------------------------------------------------------


def test_a_build_tells_where_to_look(work: Path) -> None:
    built = done("build-dataset", "--output", "out", *QUICK)
    rows = Manifest.model_validate_json(Path("out/demo/manifest.json").read_bytes()).rows
    said = ", ".join(f"{count} {split}" for split, count in rows.items())
    assert built.out.startswith(f"out/demo: {sum(rows.values())} rows ({said}), ")
    assert built.out.endswith("check it: kgsynth verify out/demo\n")
    assert "graph" in built.err
    assert "dataset" in built.err
    again = done("build-dataset", "--output", "out", *QUICK)
    assert again.out == f"Nothing to do: out/demo is up to date ({said}).\n"
    assert again.err == ""


def test_quiet_prints_the_result_alone(work: Path) -> None:
    built = done("build-dataset", "--output", "out", *QUICK, "--quiet")
    assert built.out.startswith("out/demo: ")
    assert built.err == ""


def test_json_is_one_document_and_nothing_else(work: Path) -> None:
    built = done("build-dataset", "--output", "out", *QUICK, "--json")
    assert built.err == ""
    document = built.document
    manifest = Manifest.model_validate_json(Path("out/demo/manifest.json").read_bytes())
    assert document["name"] == "demo"
    assert Path(document["folder"]) == work / "out/demo"
    assert document["rows"] == manifest.rows
    assert document["rejected"] == manifest.rejected
    assert {stage["stage"]: stage["ran"] for stage in document["stages"]}["graph"] == 1
    assert document["published"] == len(manifest.files) + 1
    again = done("build-dataset", "--output", "out", *QUICK, "--json").document
    assert again["published"] == 0
    assert {stage["ran"] for stage in again["stages"]} == {0}


def test_a_dry_run_tells_and_writes_nothing(work: Path) -> None:
    before = tree(work)
    told = done("build-dataset", "--output", "out", *QUICK, "--dry-run")
    assert told.out.splitlines()[0].split()[:2] == ["graph", "runs"]
    assert told.out.endswith("Teacher calls: not known before the items are mined.\n")
    document = done("build-dataset", "--output", "out", *QUICK, "--dry-run", "--json").document
    assert document["teacher_calls"] is None
    assert document["stages"][0]["why"] == "this run has not made it yet"
    assert tree(work) == before


def test_a_dry_run_over_a_build_counts_the_calls(work: Path) -> None:
    done("build-dataset", "--output", "out", *QUICK)
    before = tree(work)
    plan = done("build-dataset", "--output", "out", *QUICK, "--dry-run", "--json").document
    assert {stage["state"] for stage in plan["stages"]} == {"done"}
    assert (plan["teacher_calls"], plan["cost"]) == (0, 0)
    slow = ("--set", "teacher.writer.delay=1", "--dry-run")
    plan = done("build-dataset", "--output", "out", *QUICK, *slow, "--json").document
    rows = [line for p in Path("out/demo/examples").iterdir() for line in p.open(encoding="utf-8")]
    assert plan["teacher_calls"] >= len(rows) > 0
    assert plan["tokens_in"] > 100 * plan["teacher_calls"]
    assert plan["tokenizer"]
    told = done("build-dataset", "--output", "out", *QUICK, *slow).out
    assert f"Teacher calls: {plan['teacher_calls']}; prompt tokens: {plan['tokens_in']:,}" in told
    assert "options.writer.delay changed from 0.0 to 1.0" in told
    assert tree(work) == before


def test_options_of_their_own_come_over_set(work: Path) -> None:
    given = ("--set", "seed=1", "--seed", "2", "--set", "limit=9", "--limit", "1", "--set",
             "run.runner=ray", "--runner", "local", "--set", "run.workers=1")  # fmt: skip
    done("build-dataset", "--output", "out", *given)
    build = json.loads(json.loads(Path("out/demo/manifest.json").read_bytes())["build"])
    assert (build["seed"], build["limit"]) == (2, 1)


def test_a_build_file_of_ones_own_is_built_beside_its_sources(work: Path) -> None:
    shutil.copytree(MINI, work / "project/data")
    (work / "project/mine.yaml").write_text(
        "name: mine\ngraph:\n  sources: [{kind: tables, path: data}]\n"
        "  shatter: {k: 2}\npaths: {count: 4}\nrun: {workers: 1}\n",
        "utf-8",
    )
    done("build-dataset", "project/mine.yaml", "--output", "out", "--quiet")
    rows = [
        Row.model_validate_json(line)
        for path in Path("out/mine/examples").iterdir()
        for line in path.open("rb")
    ]
    assert len(rows) == 4
    assert {row.kind for row in rows} == {"path"}


def test_what_a_slow_teacher_answered_is_counted(work: Path) -> None:
    slow = (*QUICK, "--set", "teacher.writer.delay=0.001")
    built = done("build-dataset", "--output", "out", *slow)
    document = done("build-dataset", "--output", "out", *slow, "--fresh", "--json").document
    asked = document["teacher"]["reused"]
    assert document["teacher"]["asked"] == 0
    assert f"The teacher was asked {asked} times; 0 answers were kept before." in built.out


def test_verify_passes_what_was_built_and_fails_what_was_touched(
    dataset: Path, tmp_path: Path
) -> None:
    sound = done("verify", dataset, "--json")
    assert set(sound.document) >= {"rows", "failed", "could_not_check"}
    assert sound.document["failed"] == []
    copy = tmp_path / "copy"
    shutil.copytree(dataset, copy)
    path = next((copy / "examples").iterdir())
    path.write_bytes(path.read_bytes().replace(b"inhibit", b"activat", 1) + b"\n")
    touched = kgsynth("verify", copy, "--json")
    assert touched.code == 1
    assert touched.err == ""
    failures = touched.document["failed"]
    assert {"id", "check", "code", "detail"} == set(failures[0])
    assert "manifest-mismatch" in {failure["code"] for failure in failures}


def test_a_rejected_rows_code_can_be_explained(dataset: Path) -> None:
    lines = (dataset / "rejected/rejected-00000.jsonl").read_text("utf-8").splitlines()
    codes = {json.loads(line)["code"] for line in lines}
    assert codes
    for code in codes:
        assert done("explain", code, "--json").document["code"] == code


def test_clean_keeps_what_the_run_uses(work: Path) -> None:
    done("build-dataset", "--output", "out", *QUICK)
    kept = done("clean", "--output", "out", "--json").document
    assert (kept["removed"], kept["kept"] > 5) == (0, True)
    done("build-dataset", "--output", "out", *QUICK, "--seed", "8")
    cleaned = done("clean", "--output", "out", "--json").document
    assert cleaned["removed"] > 0
    again = done("build-dataset", "--output", "out", *QUICK, "--seed", "8")
    assert again.out.startswith("Nothing to do: ")


# --- build-dataset: what it refuses -------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["nowhere.yaml"], 2, "There is no build file at nowhere.yaml."),
        (["hollow"], 2, "hollow is a folder, not a build file."),
        (["empty"], 2, "empty is empty."),
        (["picture.png"], 2, "picture.png is not UTF-8 text."),
        (["data.json"], 2, "data.json, line 1: unknown key 'nodes'."),
        (["--set", "paths.count"], 2, "--set 'paths.count' is not key=value."),
        (["--set", "paths.cuont=3"], 2, "unknown key 'paths.cuont'. Did you mean 'count'?"),
        (["--set", "graph.shatter.rule=adaptive_top_k"], 2,
         "the rule adaptive_top_k counts degrees, not degree_in_type"),
        (["--runner", "ray"], 2, "run.runner: 'ray' is part of the plan but not built yet."),
        (["--runner", "cloud"], 2, "Invalid value for '--runner'"),
        (["--limit", "0"], 2, "Invalid value for '--limit'"),
        (["--seed", "x"], 2, "Invalid value for '--seed'"),
        (["--nonsense"], 2, "No such option"),
        (["--set", "graph.sources.0.path=/no/such/graph"], 1,
         "There is no file or folder at /no/such/graph."),
        (["--set", "questions.sources.0.path=/no/such/questions"], 1,
         "There is no file or folder at /no/such/questions."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("dry", [[], ["--dry-run"]], ids=["", "dry"])
def test_what_can_be_seen_at_once_is_refused_before_anything_is_written(
    arguments: list[str], code: int, said: str, dry: list[str], work: Path
) -> None:
    before = tree(work)
    refused(code, said, "build-dataset", *arguments, *dry, "--output", "out")
    assert tree(work) == before


def half_written(output: Path) -> list[str]:
    """List what lies in an output folder beside whole parts and a run's own notes."""
    return [
        name
        for name in tree(output)
        if "tmp-" in name
        or "aside" in name
        or (name.startswith("demo/") and not name.startswith("demo/run"))
    ]


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("graph.sources.0.path", "picture.png", "line 1 is not UTF-8 text."),
        ("graph.sources.0.path", "data.json", "has no column 'subject'."),
        ("graph.sources.0.path", "empty", "is empty. Its first line must name the columns"),
        ("graph.sources.0.path", "hollow", "has no nodes.tsv."),
        ("graph.sources.0.path", "bare", "no statement is left to build on."),
        ("questions.sources.0.path", "empty", "holds no questions: it is empty."),
        ("questions.sources.0.path", "picture.png", "is not UTF-8 text."),
        ("questions.sources.0.path", "hollow", "is a folder, not a question file."),
        ("graph.shatter.protect.concepts", "[lisinoprl]", "Nearest names: lisinopril"),
        ("graph.shatter.protect.types", "[drugs]", "Did you mean 'drug'?"),
        ("graph.shatter.k", "50", "concepts may be removed. Choose a smaller k"),
        ("graph.shatter.k", "49", "removes every concept of the graph."),
        ("graph.shatter.k", "47", "kgsynth explain answer-is-hub"),
    ],
)
def test_what_the_data_cannot_give_is_told_and_nothing_is_published(
    key: str, value: str, said: str, work: Path
) -> None:
    given = str(work / value) if key.endswith("path") else value
    arguments = ("build-dataset", "--output", "out", "--set", f"{key}={given}", *QUICK)
    refused(1, said, *arguments)
    assert half_written(work / "out") == []
    refused(1, said, *arguments)


def test_more_paths_than_there_are_is_refused_with_their_number(work: Path) -> None:
    settings = ("run.workers=1", "paths.hops=[2, 2]", "questions.sources=[]")
    overrides = [part for setting in settings for part in ("--set", setting)]
    build = ("build-dataset", *MINI_BUILD, "--output", "out", "--quiet", *overrides)
    asked = "paths.count asks for 5,000 items, but the graph gives "
    said = refused(1, asked, *build, "--set", "paths.count=5000")
    assert " of 2 hops (" in said
    assert half_written(work / "out") == []
    given = int(said.partition("Set paths.count to ")[2].split()[0])
    done(*build, "--set", f"paths.count={given}")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (["paths.hops=[5, 5]", "paths.count=1"], "1 item, but the graph gives 0 of 5 hops"),
        (["paths.hops=[5, 5]"], "No row was made:"),
        (["paths.count=0"], "No row was made:"),
    ],
)
def test_a_graph_too_small_is_told(settings: list[str], said: str, work: Path) -> None:
    Path("build.yaml").write_text(
        "name: demo\ngraph: {sources: [{kind: tables, path: chain}], shatter: {k: 0}}\n", "utf-8"
    )
    overrides = [part for setting in settings for part in ("--set", setting)]
    refused(1, said, "build-dataset", "build.yaml", "--output", "out", *overrides)
    assert half_written(work / "out") == []


@pytest.mark.parametrize("count", ["null", "5"])
@pytest.mark.parametrize(
    ("kind", "relation", "said"),
    [
        ("disease", "is_a", "None of the graph's 29 statements is associative"),
        ("", "raises", "No concept of the graph has a type"),
    ],
)
def test_what_the_graph_lacks_is_told(
    kind: str, relation: str, said: str, count: str, work: Path
) -> None:
    nodes = [f"A:{n}\tconcept {n}\t{kind}" for n in range(30)]
    graph(work / "poor", nodes, [f"A:{n}\t{relation}\tA:{n + 1}" for n in range(29)])
    Path("build.yaml").write_text(
        "name: poor\ngraph: {sources: [{kind: tables, path: poor}], shatter: {k: 0}}\n", "utf-8"
    )
    told = refused(
        1, said, "build-dataset", "build.yaml", "--output", "out", "--set", f"paths.count={count}"
    )
    assert "Raise" not in told
    assert "Set paths.count" not in told
    assert "()" not in told


def test_too_few_paths_name_why_most_were_turned_away(work: Path) -> None:
    arguments = (*MINI_BUILD, "--output", "out", "--set", "paths.count=5000")
    said = refused(1, "but the graph gives", "build-dataset", *arguments)
    assert re.search(r"most often turned away: no-matched-distractors \(\d+\)\)\.", said)


def test_what_came_out_empty_is_told(work: Path) -> None:
    settings = ("paths.hops=[2, 2]", "graph.shatter={rule: over_k, k: 90}", "qa.max_hops=3",
                "synthesis.distractors.grade=contradicted", "curate.split.train=[2, 3]",
                "curate.split.test=[4, 5]", "run.workers=1")  # fmt: skip
    overrides = [part for setting in settings for part in ("--set", setting)]
    built = done("build-dataset", *MINI_BUILD, "--output", "out", *overrides, "--json").document
    hubs, paths, split, few = built["remarks"]
    assert hubs.startswith("No hub was cut: ")
    assert re.fullmatch(
        r"Of \d+ paths tried, 0 became questions; \d+ were turned away as no-matched-distractors: "
        "kgsynth explain no-matched-distractors",
        paths,
    )
    assert split == "The split test is empty: no row that stays has 4 or 5 hops."
    assert few.startswith("No split has the items to say whether shortcuts lead to the answers (")
    again = ("--set", "curate.split.test=[]", "--quiet")
    told = done("build-dataset", *MINI_BUILD, "--output", "out", *overrides, *again).out
    assert f"{hubs}\n{paths}\n{few}\nLook at " in told


def test_a_misspelt_source_is_seen_before_a_build_too(work: Path) -> None:
    done("build-dataset", "--output", "out", *QUICK)
    wrong = ("--set", "licence.accept=[kgmin]", "--dry-run")
    said = "The store has no source 'kgmin' to accept. Did you mean 'kgmini'?"
    refused(2, said, "build-dataset", "--output", "out", *QUICK, *wrong)
    right = ("--set", "licence.accept=[kgmini]", "--dry-run")
    done("build-dataset", "--output", "out", *QUICK, *right)


def test_a_failed_build_leaves_the_dataset_that_was_there(work: Path) -> None:
    done("build-dataset", "--output", "out", *QUICK)
    before = {name: held for name, held in tree(work / "out/demo").items() if "run/" not in name}
    refused(1, "Choose a smaller k", "build-dataset", "--output", "out", *QUICK, "--set",
            "graph.shatter.k=50")  # fmt: skip
    after = {name: held for name, held in tree(work / "out/demo").items() if "run/" not in name}
    assert after == before


def test_a_dataset_is_no_output_folder(dataset: Path) -> None:
    before = tree(dataset.parent)
    said = refused(2, "is a dataset itself", "build-dataset", "--output", dataset, *QUICK)
    assert said.endswith(f"as in --output {dataset.parent}.\n")
    assert tree(dataset.parent) == before


def test_a_folder_of_another_run_is_refused(dataset: Path, work: Path) -> None:
    shutil.copytree(dataset, work / "out/other")
    before = tree(work)
    arguments = ("build-dataset", "--output", "out", *QUICK, "--set", "name=other")
    refused(2, "holds the run 'demo', not 'other'.", *arguments)
    assert tree(work) == before


def test_a_folder_of_somebody_elses_is_refused(work: Path) -> None:
    (work / "out/demo").mkdir(parents=True)
    (work / "out/demo/thesis.txt").write_text("mine", "utf-8")
    before = tree(work)
    refused(2, "holds files that no run put there.", "build-dataset", "--output", "out", *QUICK)
    assert tree(work) == before


def test_a_file_is_no_output_folder(work: Path) -> None:
    before = tree(work)
    refused(2, "empty is a file.", "build-dataset", "--output", "empty", *QUICK)
    assert tree(work) == before


# --- a disk that refuses ------------------------------------------------------------------


@pytest.mark.parametrize("at", [0, 1, 5, 40, 110, 150, 175, 185])
def test_a_full_disk_is_told_and_the_same_command_goes_on(
    at: int, dataset: Path, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever it is met: while stages write, while files are put in place, while notes are."""
    build = ("build-dataset", "--output", "out", *QUICK, "--quiet")
    calls = 0
    real = os.fsync

    def full(descriptor: int) -> None:
        nonlocal calls
        calls += 1
        if calls > at:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        said = refused(1, "The disk is full: ", *build)
    assert "run the same command again" in said
    assert not (work / "out/demo/manifest.json").exists()
    done(*build)
    built = tree(work / "out/demo")
    assert {n: h for n, h in built.items() if not n.startswith("run")} == {
        n: h for n, h in tree(dataset).items() if not n.startswith("run")
    }


LIMITED = """
import resource, sys
from kgsynth.cli.main import main
limit = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.parametrize("limit", [0, 600, 3000])
@pytest.mark.parametrize(
    "command",
    [
        ("graph", "compile", f"tables:{MINI}", "--output", "out"),
        ("build-dataset", "--output", "out", *QUICK),
    ],
    ids=lambda command: command[0],
)
def test_a_file_that_may_grow_no_more_is_told(
    limit: int, command: tuple[str, ...], work: Path
) -> None:
    """As on a full disk, where the parquet files of a store and the report of a bug fail too."""
    arguments = [sys.executable, "-c", LIMITED, str(limit), *command]
    ran = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert re.fullmatch(r"kgsynth: \S+ could not be written: File too large\. .*\n", ran.stderr)
    assert half_written(work / "out") == []
    assert command[0] == "build-dataset" or not (work / "out").exists()


@pytest.mark.parametrize(("number", "said"), [
    (errno.EROFS, "permission was refused"), (errno.EACCES, "permission was refused"),
    (errno.ENOSPC, "The disk is full"),
])  # fmt: skip
@pytest.mark.parametrize(
    "command",
    [
        ("build-dataset", "--output", "new/out", *QUICK),
        ("graph", "compile", f"tables:{MINI}", "--output", "new/store"),
        ("graph", "shatter", "STORE", "--k", "1", "--output", "new/overlay"),
        ("link", "STORE", str(QUESTIONS), "--output", "new.jsonl"),
    ],
    ids=lambda command: command[0] + command[1],
)
def test_a_folder_that_may_not_be_written_is_told(
    command: tuple[str, ...], number: int, said: str, mini_store: Path, work: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    arguments = [str(mini_store) if part == "STORE" else part for part in command]
    before = tree(work)
    monkeypatch.setattr(os, "mkdir", refuse)
    monkeypatch.setattr(os, "replace", refuse)
    refused(1, said, *arguments)
    assert tree(work) == before


def test_a_store_that_cannot_be_moved_into_place_leaves_nothing(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = tree(work)
    monkeypatch.setattr(os, "rename", full)
    monkeypatch.setattr(os, "replace", full)
    refused(1, "The disk is full: store", "graph", "compile", "tables:chain", "--output", "store")
    assert tree(work) == before


# --- progress -----------------------------------------------------------------------------


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("quiet", "screen"), [(True, Screen()), (False, io.StringIO())])
def test_nobody_is_shown_progress_who_asked_for_none_or_is_not_there(
    quiet: bool, screen: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", screen)
    with stage_progress(quiet=quiet) as show:
        show("mine", 0, 4)
        show("mine", 4, 4)
    assert screen.getvalue() == ""


def test_progress_tells_stage_count_and_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    with stage_progress(quiet=False) as show:
        show("mine", 0, 4)
        show("mine", 3, 4)
        show("write", 1, 2)
        show("write", 2, 2)
    seen = screen.getvalue()
    assert "mine:" in seen
    assert "write:" in seen
    assert "/4" in seen
    assert "part/s" in seen


# --- as a program -------------------------------------------------------------------------


def test_the_module_runs_as_a_program(tmp_path: Path) -> None:
    arguments = ["build-dataset", "--output", str(tmp_path), *QUICK, "--json"]
    ran = subprocess.run(
        [sys.executable, "-m", "kgsynth", *arguments], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert json.loads(ran.stdout)["name"] == "demo"


@pytest.fixture(autouse=True)
def no_bug_report_is_left(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """A traceback that was written to a file is a traceback all the same."""
    monkeypatch.delenv("KGSYNTH_DEBUG", raising=False)
    place = tmp_path_factory.mktemp("bugs")
    monkeypatch.setattr("tempfile.tempdir", str(place))
    yield
    assert list(place.glob("kgsynth-bug-*")) == []


@pytest.mark.slow
def test_sigterm_waits_for_no_worker(tmp_path: Path) -> None:
    settings = ("run.workers=2", "teacher.writer.delay=60")
    overrides = [part for setting in settings for part in ("--set", setting)]
    command = [sys.executable, "-m", "kgsynth", "build-dataset", *MINI_BUILD, *overrides]
    building = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    own = f"tmp-{building.pid}-"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        spaces = [path.name for path in tmp_path.glob("output/.parts/tmp-*.lock")]
        if sum(not name.startswith(own) for name in spaces) == 2:
            break
        time.sleep(0.05)
    building.send_signal(signal.SIGTERM)
    _, said = building.communicate(timeout=20)
    assert building.returncode == 143
    assert said == "kgsynth: stopped. The same command goes on where it stopped.\n"


def test_no_text_of_a_graph_steers_the_terminal(work: Path) -> None:
    """Names, types and relations are data: what would move a cursor is shown as a mark."""
    (work / "graph").mkdir()
    (work / "graph/nodes.tsv").write_text(
        "id\tname\ttypes\nA:1\tpain\x1b[2J\tsign\x1b[8m\nA:2\trash\x1b]0;title\x07\tsign\n", "utf-8"
    )
    (work / "graph/edges.tsv").write_text(
        "subject\tpredicate\tobject\nA:1\tgoes\x1b[8mwith\tA:2\nA:1\thas\x1b[2J\tA:9\n", "utf-8"
    )
    source = "tables:graph"
    told = [
        done("graph", "compile", source, "--output", "store"),
        done("graph", "info", "store"),
        kgsynth("graph", "validate", source),
        done("graph", "shatter", "store", "--k", "1", "--output", "cut"),
    ]
    for what in told:
        assert not {c for c in what.out + what.err if not c.isprintable()} - {"\n"}
    assert "pain\ufffd[2J" in told[1].out


def test_a_separator_may_be_a_space(work: Path) -> None:
    (work / "spaced.txt").write_text("subject predicate object\na raises b\n", "utf-8")
    for value in (" ", "' '", '" "'):
        settings = ("--set", f"separator={value}", "--output", "store", "--force")
        made = done("graph", "compile", "tables:spaced.txt", *settings)
        assert made.out.startswith("store: 2 concepts, 1 statement.\n")


def test_options_that_do_not_go_together_are_told_of_the_source(work: Path) -> None:
    said = refused(
        2, "tables:", "graph", "compile", "tables:.", "--set", "separator=ab", "--output", "s"
    )
    assert "the separator 'ab' is not one plain character." in said
    assert "{" not in said


def test_an_export_does_not_go_into_its_store(mini_store: Path) -> None:
    inner = mini_store / "inner"
    refused(2, "written once", "graph", "export", mini_store, "--to", "kgx", "--output", inner)
    assert not inner.exists()
