"""Make a folder in one go: half of one is never left behind."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from kgsynth.errors import RunFolderError
from kgsynth.runs import storage

T = TypeVar("T")


def refuse_existing(output: Path) -> None:
    """Refuse an output that is there already, before any work is done for it."""
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise RunFolderError(
            f"{output} is there already.", remedy="Name a new folder, or remove it first."
        )


def into_new_folder(output: Path, make: Callable[[Path], T]) -> T:
    """Make a folder beside its place, and rename it when it is whole."""
    refuse_existing(output)
    # The nearest folder that is there: a failure leaves no new ones behind.
    place = next(parent for parent in output.absolute().parents if parent.is_dir())
    with storage(output):
        aside = Path(tempfile.mkdtemp(prefix=f".{output.name}-", dir=place))
        try:
            made = make(aside)
            output.parent.mkdir(parents=True, exist_ok=True)
            aside.chmod(0o755)
            aside.replace(output)
        except BaseException:
            shutil.rmtree(aside, ignore_errors=True)
            raise
    return made
