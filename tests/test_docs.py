"""What the pages show is what happens: their commands are run, and print what stands there."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGES = {"graphs.md": 20, "paths.md": 4}
"""Each has more commands than so many."""
WITH_INPUT = "<<'END'"


class Command(NamedTuple):
    text: str
    printed: list[str]


def commands(page: str) -> Iterator[Command]:
    for block in re.findall(r"```console\n(.*?)```", page, re.DOTALL):
        lines = block.splitlines()
        while lines:
            text = lines.pop(0).removeprefix("$ ")
            if WITH_INPUT in text:
                end = lines.index("END")
                text = "\n".join([text, *lines[: end + 1]])
                del lines[: end + 1]
            printed = []
            while lines and not lines[0].startswith("$ "):
                printed.append(lines.pop(0))
            yield Command(text, printed)


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_its_commands_print_what_it_shows(page: str, tmp_path: Path) -> None:
    beside = str(Path(sys.executable).parent)
    environment = {**os.environ, "PATH": f"{beside}{os.pathsep}{os.environ['PATH']}"}
    shown = list(commands((DOCS / page).read_text("utf-8")))
    assert len(shown) > PAGES[page]
    for command in shown:
        done = subprocess.run(
            ["bash", "-c", command.text],
            cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, (command.text, done.stderr)
        assert done.stdout.splitlines() == command.printed, command.text


@pytest.mark.parametrize("page", PAGES)
def test_its_python_says_what_it_shows(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    failed, tried = doctest.testfile(str(DOCS / page), module_relative=False)
    assert tried > 3
    assert failed == 0


def test_the_check_above_tells_a_command_from_what_it_prints() -> None:
    page = "```console\n$ cat > f <<'END'\na\nEND\n$ cat f\na\n$ true\n```"
    assert list(commands(page)) == [
        Command("cat > f <<'END'\na\nEND", []),
        Command("cat f", ["a"]),
        Command("true", []),
    ]
