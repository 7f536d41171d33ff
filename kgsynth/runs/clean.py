"""Remove the parts that no run uses.

A build holds ``.parts/use.lock`` together with the others that go on; `clean` takes it
alone, and is refused while any build goes on. Age would not do: a build that went back to
an old option uses an old part that no plan names yet. Under the lock the parts are only
renamed away; deleting them takes as long as it takes and holds nobody up.
"""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path
from typing import NamedTuple

from kgsynth.errors import RunError
from kgsynth.runs.files import storage, sync_folder
from kgsynth.runs.locks import take
from kgsynth.runs.parts import PARTS, USE_LOCK
from kgsynth.runs.plan import read_plan
from kgsynth.runs.run import is_run_folder
from kgsynth.runs.workspaces import folder_size, sweep, workspace

_KEY = re.compile(r"[0-9a-f]{32}")


class Cleaned(NamedTuple):
    """What `clean` did, or would do."""

    removed: int
    """Parts, and folders that killed builds left."""
    bytes: int
    kept: int
    """Parts that runs use."""


def clean(output: Path, dry_run: bool = False) -> Cleaned:
    """Remove the parts under ``output`` that no run's plan names, and what killed builds left."""
    parts = output / PARTS
    if not parts.is_dir():
        return Cleaned(0, 0, 0)
    if dry_run:
        with storage(parts):
            unused, kept = _sort_parts(output)
            swept = sweep(parts, dry_run=True)
        return Cleaned(len(unused) + swept.folders, _size(unused) + swept.bytes, kept)
    with contextlib.ExitStack() as stack:
        stack.enter_context(storage(parts))
        lock = take(parts / USE_LOCK)
        if lock is None:
            raise RunError(
                f"A build is going on in {output}, so nothing was removed.",
                remedy="Run kgsynth clean again when it has ended.",
            )
        stack.callback(lock.close)
        swept = sweep(parts)
        unused, kept = _sort_parts(output)
        size = _size(unused) + swept.bytes
        place = stack.enter_context(workspace(parts))
        for part in unused:
            os.rename(part, place / part.name)
        sync_folder(parts)
        lock.close()
    return Cleaned(len(unused) + swept.folders, size, kept)


def _sort_parts(output: Path) -> tuple[list[Path], int]:
    """List the parts that no plan names, and count the others."""
    used = {
        part.key
        for folder in sorted(output.iterdir())
        if is_run_folder(folder)
        for parts in read_plan(folder).values()
        for part in parts
    }
    folders = sorted(p for p in (output / PARTS).iterdir() if _KEY.fullmatch(p.name))
    unused = [folder for folder in folders if folder.name not in used]
    return unused, len(folders) - len(unused)


def _size(folders: list[Path]) -> int:
    return sum(folder_size(folder) for folder in folders)
