"""The folder of one run: whose it is, what it is made of, what it put there.

``<output>/<name>/run/`` holds what may differ between two runs that give the same bytes:

- ``run.json`` the run's name; ``lock`` held while a build goes on
- ``ledger.jsonl`` the files put in place; ``plan.json`` the parts that they come from
- ``log.txt``, ``times.json``, ``spend.json``
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from kgsynth.errors import RunError, RunFolderError
from kgsynth.runs.files import (
    ASIDE,
    read_json,
    remove_asides,
    sha256_of,
    storage,
    write_json,
)
from kgsynth.runs.ledger import Ledger
from kgsynth.runs.locks import Lock, take
from kgsynth.runs.parts import Part, PartStore
from kgsynth.runs.plan import PLAN_FILE, Plan, PlannedPart, plan_of, plan_to_json, read_plan
from kgsynth.runs.publish import MANIFEST, RUN, Published, changes, publish, wanted_files

if TYPE_CHECKING:
    from kgsynth.model import FileEntry

RUN_FORMAT = "kgsynth-run/1"
_DATASET_FORMAT = "kgsynth-dataset"
_RUN_FILE = "run.json"
_LOCK_FILE = "lock"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class Run:
    """A run that is open: nobody else builds it meanwhile. Made by `open_run`."""

    def __init__(self, output: Path, name: str, lock: Lock) -> None:
        self.name = name
        self.folder = output / name
        self._lock = lock
        self._notes = self.folder / RUN
        self._ledger = Ledger(self._notes / "ledger.jsonl")
        self.parts = PartStore(output)

    def publish(self, tree: Path, files: Iterable[FileEntry]) -> Published:
        """Bring the folder to exactly ``files`` of ``tree`` and its ``manifest.json``.

        The order of the steps, and what a kill leaves, is told in `kgsynth.runs.publish`.
        """
        manifest = tree / MANIFEST
        if not manifest.is_file():
            raise RunError(
                f"{manifest} is missing, so {self.folder} cannot be published.",
                remedy="Build it again: run the same command with --fresh.",
            )
        wanted = wanted_files(files, sha256_of(manifest))
        return publish(self.folder, tree, wanted, self._ledger)

    def is_published(self, files: Iterable[FileEntry], manifest_sha256: str) -> bool:
        """Tell whether the folder holds just these files, without reading untouched ones."""
        todo = changes(self.folder, wanted_files(files, manifest_sha256), self._ledger)
        return not (todo.write or todo.remove)

    def plan(self) -> Plan:
        """Return what the run was made of before; empty when that is not known."""
        try:
            return read_plan(self.folder)
        except RunError:
            return {}

    def remember_plan(self, parts: Mapping[str, Iterable[Part | PlannedPart]]) -> None:
        """Write down the parts that the run uses or will make, by stage: `clean` spares them."""
        write_json(self._notes / PLAN_FILE, plan_to_json(plan_of(parts)))

    def log(self, line: str) -> None:
        """Add a line to the log, with the time."""
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        path = self._notes / "log.txt"
        with storage(path), path.open("a", encoding="utf-8") as file:
            file.write(f"{now} {' '.join(line.splitlines())}\n")

    def record_time(self, stage: str, seconds: float) -> None:
        """Write down how long a stage took when it last ran."""
        path = self._notes / "times.json"
        write_json(path, {**_counts(path), stage: seconds})

    def add_spend(self, spend: Mapping[str, int]) -> None:
        """Add to what the teachers cost this run, over all its builds."""
        path = self._notes / "spend.json"
        before = _counts(path)
        write_json(path, before | {k: before.get(k, 0) + v for k, v in spend.items()})

    def close(self) -> None:
        """Let others build this run again."""
        self.parts.close()
        self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_run(output: Path, name: str) -> Run:
    """Open the run's folder, making it if need be, and lock it.

    Raises `RunFolderError` for a folder that is something else, `RunError` while another
    process builds this run, `StorageError` where nothing can be written.
    """
    folder = output / name
    with storage(folder):
        _refuse_output(output, name)
        _refuse_folder(folder, name)
        (folder / RUN).mkdir(parents=True, exist_ok=True)
        lock = _lock(folder / RUN / _LOCK_FILE, name)
        try:
            _refuse_folder(folder, name)  # again: another process may have been here meanwhile
            remove_asides(folder)
            if not (folder / RUN / _RUN_FILE).exists():
                write_json(folder / RUN / _RUN_FILE, {"format": RUN_FORMAT, "name": name})
            return Run(output, name, lock)
        except BaseException:
            lock.close()
            raise


def _counts(path: Path) -> dict[str, Any]:
    held = read_json(path)
    return held if isinstance(held, dict) else {}


def _lock(path: Path, name: str) -> Lock:
    lock = take(path)
    if lock is None:
        holder = path.read_text(encoding="utf-8", errors="replace").strip()
        process = f"process {holder}" if holder.isdigit() else "another process"
        raise RunError(
            f"Another build of the run '{name}' is going on ({process}).",
            remedy="Wait until it ends or stop it, or give this run another name.",
        )
    try:
        lock.write(f"{os.getpid()}\n")
    except BaseException:
        lock.close()
        raise
    return lock


def _refuse_output(output: Path, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise RunFolderError(
            f"{name!r} cannot be a run's name.",
            remedy="Use letters, digits, '.', '_' and '-', starting with a letter or digit.",
        )
    if output.exists() and not output.is_dir():
        raise RunFolderError(f"{output} is a file.", remedy="Name a folder with --output.")
    is_dataset = _format_of(read_json(output / MANIFEST)) == _DATASET_FORMAT
    if is_dataset or is_run_folder(output):
        raise RunFolderError(
            f"{output} is a dataset itself, so no other is put inside it.",
            remedy=f"Name the folder that datasets go into, as in --output {output.parent}.",
        )


def _refuse_folder(folder: Path, name: str) -> None:
    if folder.exists() and not folder.is_dir():
        raise RunFolderError(
            f"{folder} is a file, and the run '{name}' goes there.",
            remedy="Move it elsewhere, or give the run another name.",
        )
    held = read_json(folder / RUN / _RUN_FILE)
    if _format_of(held) == RUN_FORMAT and held.get("name") == name:
        return
    if is_run_folder(folder):
        is_other = held.get("name") != name
        raise RunFolderError(
            f"{folder} holds the run '{held.get('name')}', not '{name}'."
            if is_other
            else f"{folder} was written by another version of kgsynth ({held['format']}).",
            remedy="Give this run another name, or name another folder with --output.",
        )
    if not _is_blank(folder):
        raise RunFolderError(
            f"{folder} holds files that no run put there.",
            remedy="Move them elsewhere, give the run another name, or name another --output.",
        )


def _is_blank(folder: Path) -> bool:
    """Tell whether a folder holds nothing but what a kill while opening a run leaves."""
    if not folder.exists():
        return True
    if any(path.name != RUN for path in folder.iterdir()):
        return False
    notes = folder / RUN
    return not os.path.lexists(notes) or (
        notes.is_dir()
        and all(p.name == _LOCK_FILE or p.name.startswith(ASIDE) for p in notes.iterdir())
    )


def is_run_folder(folder: Path) -> bool:
    """Tell whether a folder says of itself that it is a run's, of this format or another."""
    return _format_of(read_json(folder / RUN / _RUN_FILE)).startswith("kgsynth-run/")


def _format_of(held: object) -> str:
    found = held.get("format") if isinstance(held, dict) else None
    return found if isinstance(found, str) else ""
