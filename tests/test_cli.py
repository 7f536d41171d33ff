"""The command line: what it loads, what it says, and with which exit code it ends."""

from __future__ import annotations

import ast
import errno
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from kgsynth import kernels
from kgsynth.cli import doctor, explain
from kgsynth.cli import main as entry
from kgsynth.cli.main import cli, main
from kgsynth.cli.registry import COMMANDS, PLANNED
from kgsynth.cli.verify import _forms
from kgsynth.errors import NotBuiltError, SourceError
from kgsynth.kernels import forget_stale
from kgsynth.runs import open_run
from kgsynth.verify import dataset as verification

GOLDEN = Path(__file__).parent / "golden" / "cli_help.txt"
HEAVY = {
    "aiohttp",
    "jinja2",
    "kgsynth.model",
    "neo4j",
    "networkx",
    "numba",
    "numpy",
    "openai",
    "polars",
    "prefect",
    "pydantic",
    "rdflib",
    "scispacy",
    "spacy",
    "tqdm",
    "yaml",
}


DROPPING = {"Rejected", "_Reason", "_Unfit", "_reject"}
"""What the rooms call when they drop something."""


def child(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        env=os.environ | environment,
        check=False,
    )


# --- starting up ----------------------------------------------------------------------------


def loaded(*arguments: str) -> set[str]:
    """Return what a child process imports; a module counts under each package it lies in."""
    done = child("-X", "importtime", "-m", "kgsynth", *arguments)
    assert done.returncode == 0
    names = [line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines() if "|" in line]
    return {".".join(name.split(".")[:n]) for name in names for n in (1, 2)}


@pytest.mark.parametrize("arguments", [("--help",), ("--version",)])
def test_starting_up_loads_nothing_heavy(arguments: tuple[str, ...]) -> None:
    modules = loaded(*arguments)
    assert "click" in modules
    assert modules & HEAVY == set()


def test_the_way_imports_are_read_sees_a_heavy_one() -> None:
    assert "kgsynth.model" in loaded("explain", "no-path") & HEAVY


# --- help -------------------------------------------------------------------------------------


def tree(command: click.Command, name: str, up: click.Context | None) -> Iterator[str]:
    context = command.make_context(name, [], parent=up, resilient_parsing=True, terminal_width=90)
    yield f"$ {context.command_path} --help\n{command.get_help(context)}\n"
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            below = command.get_command(context, inner)
            assert below is not None, f"{inner} is listed but cannot be had"
            yield from tree(below, inner, context)


def test_help_is_as_published() -> None:
    """KGSYNTH_RENEW_GOLDEN=1 writes the file anew; read what changed before committing it."""
    text = "\n".join(tree(cli, "kgsynth", None))
    if os.environ.get("KGSYNTH_RENEW_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_says_what_it_does(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert command.help
    assert COMMANDS[name].help.endswith(".")


def test_no_planned_command_is_built_already() -> None:
    assert set(PLANNED) & set(COMMANDS) == set()


# --- how it ends ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["buld-dataset"], "There is no command 'buld-dataset'. Did you mean 'build-dataset'?"),
        (["export", "x"], "The command 'export' is part of the plan but not built yet."),
        (["--nonsense"], "No such option"),
        (["explain", "--nonsense"], "No such option"),
        (["explain", "no-paht"], "There is no reason code 'no-paht'. Did you mean 'no-path'?"),
    ],
)
def test_wrong_usage_is_one_sentence_and_exit_2(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("kgsynth: ")
    assert sentence in printed.err
    assert printed.err.count("\n") == 1


def test_without_a_command_the_help_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "build-dataset" in capsys.readouterr().err


def raising(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def fall(_group: click.Group, _context: click.Context) -> None:
        raise error

    monkeypatch.setattr(type(cli), "invoke", fall)


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (SourceError("edges.tsv is empty.", remedy="Mend it."), 1, "edges.tsv is empty. Mend it."),
        (NotBuiltError("x: 'y' is not built yet."), 2, "x: 'y' is not built yet."),
        (KeyboardInterrupt(), 130, "stopped."),
        (OSError(errno.ENOSPC, "No space left", "out/a"), 1, "The disk is full: out/a"),
        (OSError(errno.EACCES, "Denied", "out/a"), 1, "out/a cannot be written"),
        (OSError(errno.EROFS, "Read-only", "out/a"), 1, "out/a cannot be written"),
    ],
)
def test_a_failure_is_one_sentence_with_its_exit_code(
    error: BaseException,
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv(entry.DEBUG, raising=False)
    raising(monkeypatch, error)
    assert main(["explain"]) == code
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(f"kgsynth: {said}")


def test_a_bug_names_itself_and_where_its_traceback_lies(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.delenv(entry.DEBUG, raising=False)
    monkeypatch.setattr(entry.tempfile, "tempdir", str(tmp_path))
    raising(monkeypatch, ZeroDivisionError("one over nothing"))
    assert main(["explain"]) == 1
    said = capsys.readouterr().err
    (written,) = tmp_path.iterdir()
    assert said.startswith("kgsynth: this is a bug in kgsynth: ")
    assert "(ZeroDivisionError: one over nothing)" in said
    assert str(written) in said
    assert "Traceback" not in said
    assert "one over nothing" in written.read_text(encoding="utf-8")


def test_debugging_lets_the_traceback_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(entry.DEBUG, "1")
    raising(monkeypatch, ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        main(["explain"])


ENDED_WITHIN = """
import os, signal, sys
from kgsynth.cli.main import main
from kgsynth.graph import compile

def compile_graph(columns, folder, progress):
    (folder / "half.npy").touch()
    os.kill(os.getpid(), signal.SIGTERM)

compile.compile_graph = compile_graph
sys.exit(main(["graph", "compile", "tables:kgsynth:ontologies/mini", "--output", sys.argv[1]]))
"""


def test_sigterm_cleans_up_as_the_keyboard_does(tmp_path: Path) -> None:
    done = child("-c", ENDED_WITHIN, str(tmp_path / "store"))
    assert (done.returncode, done.stdout) == (143, "")
    assert done.stderr.startswith("kgsynth: stopped. Nothing half done was left behind")
    assert list(tmp_path.iterdir()) == []


def test_a_command_may_return_its_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(cli), "invoke", lambda *_: 1)
    assert main(["doctor"]) == 1


def test_a_reader_that_leaves_is_no_failure_to_speak_of() -> None:
    """`kgsynth explain | head -0`, with output longer than nothing at all."""
    program = (
        "import os, sys\n"
        "from kgsynth.cli.main import main\n"
        "from kgsynth.cli.explain import command\n"
        "read, write = os.pipe(); os.close(read); os.dup2(write, 1); os.close(write)\n"
        "sys.exit(main(['explain']))\n"
    )
    done = child("-c", program, PYTHONUNBUFFERED="")
    assert done.stderr == ""
    assert done.returncode == 1


# --- explain ------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", explain.all_reasons())
def test_every_code_is_explained(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", code, "--json"]) == 0
    reason = json.loads(capsys.readouterr().out)
    assert reason["code"] == code
    assert reason["sentence"].endswith(".")
    assert reason["mend"].endswith(".")


def dropped_with(source: str) -> set[str]:
    """Read from a module which codes it drops with."""
    found = set()
    for call in ast.walk(ast.parse(source)):
        if not isinstance(call, ast.Call):
            continue
        if ast.unparse(call.func).rpartition(".")[2] in DROPPING:
            given = [*call.args, *(word.value for word in call.keywords if word.arg == "code")]
            texts = (value.value for value in given if isinstance(value, ast.Constant))
            found |= {text for text in texts if re.fullmatch(r"[a-z]+(-[a-z]+)+", str(text))}
    return found


def test_every_code_that_a_stage_drops_with_is_explained() -> None:
    rooms = Path(entry.__file__).parent.parent
    used = {code for path in rooms.rglob("*.py") for code in dropped_with(path.read_text("utf-8"))}
    assert {"no-path", "no-matched-distractors", "duplicate-row", "missing-key"} <= used
    assert used - set(explain.all_reasons()) == set()


def test_codes_are_read_from_every_way_of_dropping() -> None:
    source = "self._reject(x, 'a-b', 'c d')\nRejected(id='e-f', code='g-h')\nraise _Unfit('i-j')"
    assert dropped_with(source) == {"a-b", "g-h", "i-j"}


def test_explain_lists_every_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert listed == list(explain.all_reasons())


def test_explain_prints_what_it_means_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "no-path"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("no-path (map)\n")
    assert "qa.max_hops" in printed


# --- doctor -------------------------------------------------------------------------------------


def states(findings: list[dict[str, str]]) -> dict[str, str]:
    return {finding["name"]: finding["state"] for finding in findings}


def test_doctor_finds_this_installation_whole(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["doctor", "--json", "--output", str(tmp_path / "new" / "folder")]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is True
    found = states(report["findings"])
    assert found["packages"] == "ok"
    assert found["data"] == "ok"
    assert found["output"] == "ok"
    assert not (tmp_path / "new").exists()


def test_doctor_names_a_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "requires", lambda _: ["Nonesuch>=1", "click>=8"])
    pins = [doctor.Requirement("nonesuch==1.0"), doctor.Requirement("another-one==1.0")]
    monkeypatch.setattr(doctor, "pins", lambda: iter(pins))
    finding = doctor.packages_found()
    assert finding.state == "failed"
    assert "nonesuch" in finding.detail
    assert "another-one" not in finding.detail


def test_doctor_notes_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "pins", lambda: iter([doctor.Requirement("click==0.1")]))
    finding = doctor.packages_found()
    assert finding.state == "note"
    assert "click" in finding.detail


def test_doctor_refuses_another_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.sys, "version_info", (3, 13, 0))
    assert doctor.python_found().state == "failed"


def test_doctor_says_when_the_output_folder_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def refuse(dir: Path) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(doctor.tempfile, "TemporaryFile", refuse)
    assert main(["doctor", "--output", str(tmp_path)]) == 1
    assert "Read-only file system" in capsys.readouterr().out


def test_every_compiled_module_is_compiled_ahead() -> None:
    package = Path(kernels.__file__).parent
    told = (package / "kernels.py").read_text("utf-8")
    compiled = [s for s in package.rglob("*.py") if "@numba.njit" in s.read_text("utf-8")]
    assert len(compiled) > 8
    for source in compiled:
        assert "\ndef compile_ahead() -> None:" in source.read_text("utf-8"), source.name
        assert re.search(rf"\b{source.stem}\b", told), source.name


def test_doctor_sees_compiled_kernels(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert doctor.kernels_found().state == "note"
    (tmp_path / "graph_1").mkdir()
    (tmp_path / "graph_1" / "kernels._reach-40.py311.nbi").touch()
    assert doctor.kernels_found().state == "ok"


def test_what_was_compiled_of_older_sources_is_forgotten(tmp_path: Path) -> None:
    cache = tmp_path / "paths" / "__pycache__"
    cache.mkdir(parents=True)
    names = {"kept": 10, "changed": 30, "gone": None}
    for name, written in names.items():
        compiled = cache / f"{name}.work-40.py311.nbi"
        compiled.touch()
        os.utime(compiled, (20, 20))
        if written is not None:
            source = tmp_path / "paths" / f"{name}.py"
            source.touch()
            os.utime(source, (written, written))
    forget_stale(tmp_path)
    assert [path.name for path in cache.iterdir()] == ["kept.work-40.py311.nbi"]


# --- clean --------------------------------------------------------------------------------------


def unused_part(output: Path) -> Path:
    def write(folder: Path) -> None:
        (folder / "a.txt").write_bytes(b"x" * 2_000_000)

    with open_run(output, "old") as run:
        return run.parts.build("graph", 1, {}, {}, write).folder


def test_clean_removes_what_no_run_uses(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    part = unused_part(tmp_path)
    assert main(["clean", "--output", str(tmp_path), "--dry-run"]) == 0
    assert capsys.readouterr().out == "Would remove 1 part (2.0 MB); 0 parts in use.\n"
    assert part.is_dir()
    assert main(["clean", "--output", str(tmp_path), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["dry_run"], report["removed"], report["kept"]) == (False, 1, 0)
    assert not part.exists()


def test_clean_refuses_a_folder_that_is_not_there(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["clean", "--output", str(tmp_path / "none")]) == 2
    assert "There is no folder" in capsys.readouterr().err


# --- verify -------------------------------------------------------------------------------------

SOUND = verification.Report(rows=3, failed=(), could_not_check={})
UNREAD = verification.Report(
    rows=3,
    failed=(),
    could_not_check={"grounding": 2},
    unread={"grounding": "r1: It was not read."},
)
BROKEN = verification.Report(
    rows=3,
    failed=(
        verification.Failure(id="r1", check="grounding", code="grounding", detail="No statement."),
        verification.Failure(id="a.jsonl", check="manifest", code="manifest-mismatch", detail="x"),
    ),
    could_not_check={"order": 1},
)


@pytest.mark.parametrize(
    ("report", "code", "said"),
    [
        (SOUND, 0, "ds: 3 rows, nothing failed.\n"),
        (UNREAD, 0, "ds: 3 rows, nothing failed, 2 could not be checked.\n"),
        (BROKEN, 1, "ds: 3 rows, 2 failures. What a code means: kgsynth explain grounding\n"),
    ],
)
def test_verify_prints_what_it_found_and_fails_when_a_row_does(
    report: verification.Report,
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(verification, "verify_dataset", lambda *_, **__: report)
    assert main(["verify", "ds"]) == code
    printed = capsys.readouterr().out
    assert said in printed
    assert ("With --graph STORE" in printed) == ("grounding" in report.could_not_check)
    for check, reason in report.unread.items():
        assert f"{check} could not check {reason}" in printed
    for failure in report.failed:
        assert f"{failure.id}  {failure.code}: {failure.detail}" in printed
    assert main(["verify", "ds", "--json"]) == code
    assert json.loads(capsys.readouterr().out) == report.model_dump(mode="json")


def test_verify_passes_strictness_on(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def note(folder: Path, **options: Any) -> verification.Report:
        asked.append((folder, options))
        return SOUND

    monkeypatch.setattr(verification, "verify_dataset", note)
    main(["verify", "ds", "--strict"])
    main(["verify", "ds"])
    assert [options.pop("shortcuts")([]).not_asked["nearest"] for _, options in asked] == [
        "no graph",
        "no graph",
    ]
    assert asked == [
        (Path("ds"), {"graph": None, "whole": None, "strict": True, "forms": _forms}),
        (Path("ds"), {"graph": None, "whole": None, "strict": False, "forms": _forms}),
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--reread"], 2, "no model teacher is built yet"),
        (["--graph", "nowhere"], 1, "nowhere"),
        ([], 1, "There is no dataset folder"),
    ],
)
def test_verify_refuses_in_a_sentence(
    arguments: list[str],
    code: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    assert main(["verify", str(tmp_path / "none"), *arguments]) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err
