"""The prompts of this room, as files. A changed prompt changes the requests that use it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from kgsynth.seeding import digest

FOLDER = Path(__file__).parent


@cache
def prompt(name: str) -> str:
    """Return the text of a prompt."""
    return (FOLDER / f"{name}.md").read_text("utf-8").strip()


def prompt_hash(name: str) -> str:
    """Name a prompt and the system message above it by their content."""
    return digest(prompt("system"), prompt(name))
