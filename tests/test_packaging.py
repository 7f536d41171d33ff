"""What is shipped: pins without addresses, nothing of one machine, a wheel that stands alone."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
RUNTIME = ROOT / "requirements.txt"
DEVELOPMENT = ROOT / "requirements-dev.txt"

# Written in pieces, so that this file is not the one that names them.
REGISTRIES = re.compile(
    "|".join(
        re.escape(".".join(pieces))
        for pieces in (
            ("pypi", "org"),
            ("pythonhosted", "org"),
            ("pypi", "python", "org"),
            ("anaconda", "org"),
            ("conda", "io"),
            ("npmjs", "org"),
            ("npmjs", "com"),
            ("yarnpkg", "com"),
            ("crates", "io"),
            ("docker", "io"),
            ("ghcr", "io"),
            ("quay", "io"),
            ("proxy", "golang", "org"),
            ("rubygems", "org"),
        )
    ),
    re.IGNORECASE,
)
HOME = re.compile("/(?:home|Users)/" + r"[A-Za-z0-9._-]+/|(?<![\w.])/" + r"root/|[A-Z]:\\Users\\")
ADDRESS = re.compile(r"https?:|git\+|file:|--(?:extra-)?index-url|--find-links|--trusted-host")


# --- pins ---------------------------------------------------------------------------------------


def pinned(path: Path) -> dict[str, Requirement]:
    lines = re.findall(r"^[A-Za-z0-9][^\\\n]*", path.read_text("utf-8"), flags=re.MULTILINE)
    found: dict[str, Requirement] = {}
    for line in lines:
        requirement = Requirement(line.strip())
        found[canonicalize_name(requirement.name)] = requirement
    return found


def unpinned(wanted: list[str], path: Path) -> list[str]:
    pins = pinned(path)
    return [
        text
        for text in wanted
        if (pin := pins.get(canonicalize_name(Requirement(text).name))) is None
        or not Requirement(text).specifier.contains(str(pin.specifier).removeprefix("=="))
    ]


def project() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def groups(name: str) -> list[str]:
    table = project()["dependency-groups"]
    assert isinstance(table, dict)
    return [entry for entry in table[name] if isinstance(entry, str)]


def dependencies() -> list[str]:
    table = project()["project"]
    assert isinstance(table, dict)
    return list(table["dependencies"])


def test_every_dependency_is_pinned_within_its_bounds() -> None:
    system = project()["build-system"]
    assert isinstance(system, dict)
    assert unpinned(dependencies() + groups("build") + system["requires"], RUNTIME) == []
    assert unpinned(dependencies() + groups("build") + groups("dev"), DEVELOPMENT) == []


def test_a_dependency_that_is_not_pinned_is_noticed() -> None:
    assert unpinned(["nonesuch>=1", "numpy>=2", "numpy<2"], RUNTIME) == ["nonesuch>=1", "numpy>=2"]


def test_tests_run_on_the_packages_that_are_shipped() -> None:
    development = pinned(DEVELOPMENT)
    assert {
        name: str(pin.specifier)
        for name, pin in pinned(RUNTIME).items()
        if str(development[name].specifier) != str(pin.specifier)
    } == {}


@pytest.mark.parametrize("path", [RUNTIME, DEVELOPMENT], ids=lambda path: path.name)
def test_every_pin_is_exact_and_hashed_and_has_no_address(path: Path) -> None:
    text = path.read_text("utf-8")
    blocks = re.findall(r"^[A-Za-z0-9](?:[^\n]*\\\n)*[^\n]*$", text, flags=re.MULTILINE)
    assert len(blocks) == len(pinned(path)) > 50
    assert [block for block in blocks if "==" not in block or "--hash=sha256:" not in block] == []
    assert ADDRESS.findall(text) == []


# --- what is committed ----------------------------------------------------------------------


def committed() -> Iterator[tuple[str, str]]:
    """Yield each file that git tracks, or is about to, and is text."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("this is no git checkout")
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.is_file() and not path.is_symlink():
            try:
                yield name, path.read_text("utf-8")
            except UnicodeDecodeError:
                continue


def offences(text: str) -> list[str]:
    return REGISTRIES.findall(text) + HOME.findall(text)


def test_no_committed_file_names_a_registry_or_a_home() -> None:
    found = {name: said for name, text in committed() if (said := offences(text))}
    assert found == {}


@pytest.mark.parametrize(
    "text",
    [
        "see https://" + "files.python" + "hosted.org/x",
        "index = https://py" + "pi.org/simple",
        "cd /ho" + "me/somebody/kgsynth",
        "open('/ro" + "ot/.config')",
        "/Us" + "ers/somebody/x",
    ],
)
def test_a_registry_or_a_home_would_be_noticed(text: str) -> None:
    assert offences(text) != []


@pytest.mark.parametrize(
    "text", ["the roots/ of it", "kgsynth/roots/x", "https://example.org/home"]
)
def test_other_addresses_and_paths_are_let_be(text: str) -> None:
    assert offences(text) == []


# --- the wheel ----------------------------------------------------------------------------------

WATCH = """\
import os, sys
_places = tuple(os.environ["KGSYNTH_WATCH"].split(os.pathsep))
_log = os.open(os.environ["KGSYNTH_WATCH_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
def _seen(event, arguments):
    if event == "open" and isinstance(arguments[0], str | bytes):
        path = os.path.realpath(os.fsdecode(arguments[0]))
        if path.startswith(_places):
            os.write(_log, (path + "\\n").encode())
sys.addaudithook(_seen)
"""

FLOW = (
    "import sys; from kgsynth._flows.build_dataset import build_dataset;"
    "build_dataset(output=sys.argv[1])"
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT],
        cwd=folder,
    )
    (built,) = folder.glob("*.whl")
    return built


def run(
    command: list[object], cwd: Path, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}\n{done.stderr[-8000:]}"
    return done


def sources(top: str, *, but: str = "__pycache__") -> set[str]:
    return {
        path.relative_to(ROOT / top).as_posix()
        for path in (ROOT / top).rglob("*")
        if path.is_file() and but not in path.parts
    }


@pytest.mark.slow
def test_the_wheel_holds_the_package_and_its_data_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    expected = {f"kgsynth/{name}" for name in sources("kgsynth")}
    for top, home in (("ontologies", "_data/ontologies"), ("schemas", "_data/schemas")):
        expected |= {f"kgsynth/{home}/{name}" for name in sources(top)}
    expected |= {f"kgsynth/_flows/{name}" for name in sources("flows")}
    metadata = {name for name in names if ".dist-info/" in name}
    assert names - metadata == expected
    assert any(name.endswith("/LICENSE") for name in metadata)
    assert any(name.endswith("/extra_metadata/requirements.txt") for name in metadata)
    assert "kgsynth/py.typed" in names


@pytest.fixture(scope="module")
def elsewhere(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that held nothing, with the pinned packages and the wheel."""
    place = tmp_path_factory.mktemp("elsewhere")
    environment = place / "env"
    uv = Path(sys.executable).with_name("uv")
    run([uv, "venv", "--quiet", "--python", sys.executable, environment], cwd=place)
    python = environment / "bin" / "python"
    requirements = shutil.copy(RUNTIME, place / "requirements.txt")
    install = ["install", "--quiet", "--no-deps", "--require-hashes", "-r", requirements]
    quick = subprocess.run(
        [str(uv), "pip", *map(str, install), "--python", str(python)],
        cwd=place,
        capture_output=True,
        check=False,
    )
    if quick.returncode:
        # uv is quicker; but pip is what made this environment, and knows where packages are.
        run([sys.executable, "-m", "pip", "--python", python, *install], cwd=place)
    run([uv, "pip", "install", "--quiet", "--no-deps", "--python", python, wheel], cwd=place)
    run([uv, "pip", "check", "--quiet", "--python", python], cwd=place)
    watch = python.parent.parent / "lib" / f"python3.{sys.version_info[1]}" / "site-packages"
    (watch / "kgsynth_watch.py").write_text(WATCH, encoding="utf-8")
    (watch / "kgsynth_watch.pth").write_text("import kgsynth_watch\n", encoding="utf-8")
    return environment


def apart(place: Path) -> dict[str, str]:
    """Return an environment that knows nothing of the checkout, and notes whatever opens it."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "KGSYNTH", "PREFECT", "VIRTUAL_ENV", "NUMBA", "PYTEST"))
    }
    return kept | {
        "HOME": str(place / "home"),
        "PREFECT_HOME": str(place / "home" / "prefect"),
        "KGSYNTH_WATCH": str(ROOT) + os.sep,
        "KGSYNTH_WATCH_LOG": str(place / "opened.txt"),
    }


def datasets(output: Path) -> list[Path]:
    return [path.parent for path in output.glob("*/manifest.json")]


def written(folder: Path) -> dict[str, bytes]:
    """Return the dataset's files; what lies in run/ may differ."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).parts[0] != "run"
    }


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_wheel_builds_the_demo_and_runs_the_flow_far_from_the_checkout(
    elsewhere: Path, tmp_path: Path
) -> None:
    environment = apart(tmp_path)
    (tmp_path / "home").mkdir()
    command, python = elsewhere / "bin" / "kgsynth", elsewhere / "bin" / "python"
    run([command, "build-dataset", "--output", tmp_path / "direct"], tmp_path, environment)
    run([python, "-c", FLOW, tmp_path / "flow"], tmp_path, environment)
    (direct,), (flow,) = datasets(tmp_path / "direct"), datasets(tmp_path / "flow")
    run([command, "verify", direct], tmp_path, environment)
    run([command, "doctor"], tmp_path, environment)
    assert written(direct) == written(flow) != {}
    log = tmp_path / "opened.txt"
    assert sorted(set(log.read_text("utf-8").split())) == []


@pytest.mark.slow
def test_a_file_of_the_checkout_would_be_noticed(elsewhere: Path, tmp_path: Path) -> None:
    program = f"open({str(RUNTIME)!r}).close()"
    run([elsewhere / "bin" / "python", "-c", program], tmp_path, apart(tmp_path))
    assert (tmp_path / "opened.txt").read_text("utf-8").split() == [str(RUNTIME)]
