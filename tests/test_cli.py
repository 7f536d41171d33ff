"""The command line: what it loads, what it says, and with which exit code it ends."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from kgsynth.cli import doctor, explain
from kgsynth.cli import main as entry
from kgsynth.cli.main import cli, main
from kgsynth.cli.registry import COMMANDS, PLANNED
from kgsynth.errors import NotBuiltError, SourceError

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
    context = click.Context(command, info_name=name, parent=up, terminal_width=90)
    yield f"$ {context.command_path} --help\n{command.get_help(context)}\n"
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            below = command.get_command(context, inner)
            assert below is not None, f"{inner} is listed but cannot be had"
            yield from tree(below, inner, context)


def test_help_is_as_published() -> None:
    """KGSYNTH_WRITE_GOLDEN=1 writes the file anew; read what changed before committing it."""
    text = "\n".join(tree(cli, "kgsynth", None))
    if os.environ.get("KGSYNTH_WRITE_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_there_and_says_what_it_does(name: str) -> None:
    context = click.Context(cli)
    command = cli.get_command(context, name)
    assert command is not None
    assert command.help
    assert COMMANDS[name].help.endswith(".")
    undescribed = [o.name for o in command.params if isinstance(o, click.Option) and not o.help]
    assert undescribed == []


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
    assert "this is a bug in kgsynth (ZeroDivisionError)" in said
    assert str(written) in said
    assert "Traceback" not in said
    assert "one over nothing" in written.read_text(encoding="utf-8")


def test_debugging_lets_the_traceback_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(entry.DEBUG, "1")
    raising(monkeypatch, ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        main(["explain"])


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


def test_explain_lists_every_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert listed == list(explain.all_reasons())


def test_explain_prints_what_it_means_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "no-path"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("no-path (paths)\n")
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


def test_doctor_sees_compiled_kernels(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert doctor.kernels_found().state == "note"
    (tmp_path / "graph_1").mkdir()
    (tmp_path / "graph_1" / "kernels._reach-40.py311.nbi").touch()
    assert doctor.kernels_found().state == "ok"
