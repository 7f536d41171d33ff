"""`kgsynth doctor`: is this installation whole, and is there room to work?"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, distribution, requires, version
from pathlib import Path
from typing import Literal, NamedTuple

import click
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from kgsynth.cli.options import json_option, print_json
from kgsynth.errors import KgsynthError, listing
from kgsynth.resources import PACKAGE, locate

State = Literal["ok", "note", "failed"]
PYTHONS = ((3, 11), (3, 12))
ROOM = 2 * 1024**3
"""A run on a mid-size graph writes less than this; under it, doctor says so."""


class Finding(NamedTuple):
    """What was found in one place."""

    name: str
    state: State
    detail: str


@click.command(short_help="Check this installation.")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=Path("output"),
    help="The folder that runs are to be written to.",
)
@json_option
def command(output: Path, as_json: bool) -> int:
    """Check this installation: Python, packages, packaged data, kernels, output folder, disk."""
    checks: tuple[Callable[[], Finding], ...] = (
        python_found,
        packages_found,
        data_found,
        kernels_found,
        lambda: output_found(output),
        lambda: disk_found(output),
    )
    findings = [check() for check in checks]
    failed = any(finding.state == "failed" for finding in findings)
    if as_json:
        print_json({"ok": not failed, "findings": [finding._asdict() for finding in findings]})
    else:
        for finding in findings:
            click.echo(f"{finding.state:6}  {finding.name:8}  {finding.detail}")
    return 1 if failed else 0


def python_found() -> Finding:
    """Check the interpreter."""
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] in PYTHONS:
        return Finding("python", "ok", found)
    return Finding("python", "failed", f"{found}; kgsynth needs 3.11 or 3.12.")


def pins() -> Iterator[Requirement]:
    """Yield the pinned packages that this platform needs."""
    text = distribution("kgsynth").read_text("extra_metadata/requirements.txt")
    if text is None:
        raise KgsynthError(
            "The pinned requirements are missing from this installation.",
            remedy="Install kgsynth again.",
        )
    for line in re.findall(r"^[A-Za-z0-9][^\\\n]*", text, flags=re.MULTILINE):
        requirement = Requirement(line.strip())
        if requirement.marker is None or requirement.marker.evaluate():
            yield requirement


def packages_found() -> Finding:
    """Check that what kgsynth imports is installed, and in the versions that were tested."""
    needed = {canonicalize_name(Requirement(text).name) for text in requires("kgsynth") or ()}
    missing, other, same = [], [], 0
    for pin in pins():
        try:
            found = version(pin.name)
        except PackageNotFoundError:
            # Pins of the build backend need not be here; a direct dependency must.
            if canonicalize_name(pin.name) in needed:
                missing.append(pin.name)
            continue
        if pin.specifier.contains(found, prereleases=True):
            same += 1
        else:
            other.append(f"{pin.name} {found} (tested: {pin.specifier})")
    if missing:
        return Finding("packages", "failed", f"missing: {listing(missing)}. Install kgsynth again.")
    if other:
        return Finding("packages", "note", f"other than tested: {listing(other, 6)}.")
    return Finding("packages", "ok", f"{same} at the pinned versions")


def data_found() -> Finding:
    """Check that vocabulary, schemas and recipes came along."""
    missing = []
    for name in ("ontologies/predicates.yaml", "ontologies/semantic_types.yaml", "schemas"):
        try:
            locate(name)
        except KgsynthError:
            missing.append(name)
    if missing:
        return Finding("data", "failed", f"missing: {listing(missing)}. Install kgsynth again.")
    return Finding("data", "ok", "vocabulary and schemas found")


def kernels_found() -> Finding:
    """Look for the compiled kernels where numba keeps them, without loading numba."""
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    folder = Path(chosen) if chosen else PACKAGE / "graph" / "__pycache__"
    if any(folder.rglob("kernels.*.nbi")):
        return Finding("kernels", "ok", "compiled")
    return Finding(
        "kernels",
        "note",
        "not compiled yet; the first run does it in a few seconds. "
        "Ahead of it: python -m kgsynth.kernels",
    )


def output_found(output: Path) -> Finding:
    """Try to write where runs are to be written."""
    if output.exists() and not output.is_dir():
        return Finding("output", "failed", f"{output} is a file. Name a folder with --output.")
    folder = _nearest_folder(output)
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return Finding(
            "output",
            "failed",
            f"{folder} cannot be written ({error.strerror}). Name another folder with --output.",
        )
    return Finding("output", "ok", f"{output} can be written")


def disk_found(output: Path) -> Finding:
    """Measure the free disk under the output folder."""
    free = shutil.disk_usage(_nearest_folder(output)).free
    detail = f"{free / 1024**3:.1f} GB free"
    return Finding("disk", "ok", detail) if free >= ROOM else Finding("disk", "note", detail)


def _nearest_folder(path: Path) -> Path:
    place = path.absolute()
    while not place.is_dir():
        place = place.parent
    return place
