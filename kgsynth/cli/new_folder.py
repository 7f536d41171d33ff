"""Make a folder in one go: half of one is never left behind."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TypeVar

from kgsynth.errors import RunFolderError
from kgsynth.runs import storage

T = TypeVar("T")
NEW = "Name a new folder, or remove it first."


def refuse_existing(output: Path, remedy: str = NEW) -> None:
    """Refuse an output that is there already, before any work is done for it."""
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise RunFolderError(f"{output} is there already.", remedy=remedy)


def into_new_folder(output: Path, make: Callable[[Path], T], *, replace: bool = False) -> T:
    """Make a folder beside its place, and rename it when it is whole.

    With ``replace``, what is there gives way only then: it stays when making fails.
    """
    if replace:
        output = output.resolve()
    else:
        refuse_existing(output)
    # The nearest folder that is there: a failure leaves no new ones behind.
    place = next(parent for parent in output.absolute().parents if parent.is_dir())
    with storage(output):
        aside = Path(tempfile.mkdtemp(prefix=f".{output.name}-", dir=place))
        try:
            made = make(aside)
            output.parent.mkdir(parents=True, exist_ok=True)
            aside.chmod(0o755)
            with _out_of_the_way(output) if replace else nullcontext():
                aside.replace(output)
        except BaseException:
            shutil.rmtree(aside, ignore_errors=True)
            raise
    return made


@contextmanager
def _out_of_the_way(output: Path) -> Iterator[None]:
    """Hold aside what is there, until something stands in its place; else it comes back."""
    with tempfile.TemporaryDirectory(prefix=f".{output.name}-", dir=output.parent) as aside:
        old = Path(aside) / "old"
        try:
            if output.exists():
                output.replace(old)
            yield
        finally:
            if old.exists() and not output.exists():
                old.replace(output)
