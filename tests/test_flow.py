"""The Prefect flow: the same bytes as the plain command, and no server for that one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from trees import tree

from kgsynth.build_file import read_build_file
from kgsynth.errors import RunError
from kgsynth.pipeline import build_dataset
from kgsynth.resources import locate

ROOT = Path(__file__).parent.parent
OVERRIDES = ["name=flow", "paths.count=12", "run.workers=1"]


def test_the_flow_gives_the_bytes_of_the_direct_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from prefect.testing.utilities import prefect_test_harness

    direct = build_dataset(
        read_build_file(locate("recipes/mini.yaml"), OVERRIDES), tmp_path / "direct"
    )
    monkeypatch.syspath_prepend(str(ROOT))
    with prefect_test_harness(server_startup_timeout=120):
        import flows.build_dataset as module

        flow = module.build_dataset

        config = str(locate("recipes/mini.yaml"))
        first = flow(config, output=str(tmp_path / "flow"), overrides=OVERRIDES)
        again = flow(config, output=str(tmp_path / "flow"), overrides=OVERRIDES)
        told = RunError("The gate failed.")
        monkeypatch.setattr(module, "gate_failure", lambda manifest: told)
        with pytest.raises(RunError, match="The gate failed"):
            flow(config, output=str(tmp_path / "failed"), overrides=OVERRIDES)
    assert first["rows"] == direct.manifest.rows
    assert tree(tmp_path / "flow" / "flow") == tree(direct.folder)
    assert tree(tmp_path / "failed" / "flow") == tree(direct.folder)
    assert first["gate"] == "not-enough-items"
    assert len(first["ran"]) == 10
    assert again["ran"] == []


def test_the_schedule_names_a_flow_that_is_there() -> None:
    deployment = yaml.safe_load((ROOT / "prefect.yaml").read_text("utf-8"))["deployments"][0]
    path, _, name = deployment["entrypoint"].partition(":")
    assert f"def {name}(" in (ROOT / path).read_text("utf-8")
    assert deployment["schedules"][0]["cron"] == "0 3 * * *"


def test_the_plain_command_imports_no_prefect(tmp_path: Path) -> None:
    arguments = ["build-dataset", "--output", str(tmp_path), "--limit", "2", "--quiet"]
    code = (
        f"import sys; from kgsynth.cli.main import main; code = main({arguments!r}); "
        "assert code == 0, code; assert 'prefect' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
