"""The command line and a build file over a real Bolt server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import neo4j
import pytest
import yaml
from bolt_server import BoltServer, running

from kgsynth.build_file import read_build_file
from kgsynth.cli.main import main
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.pipeline import build_dataset
from kgsynth.sources.neo4j.bolt import PASSWORD, USER


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BoltServer]:
    with running(tmp_path_factory.mktemp("bolt") / "server") as started:
        yield started


@pytest.fixture
def database(server: BoltServer, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(USER, "root")
    monkeypatch.setenv(PASSWORD, server.password)
    return server.new_database()


def test_a_store_goes_to_a_server_and_back(
    server: BoltServer,
    database: str,
    mini: KnowledgeGraph,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    to = ["--to", "neo4j", "--output", server.address, "--database", database]
    assert main(["graph", "export", str(mini.path), *to]) == 0
    back = tmp_path / "back"
    source = [f"neo4j:{server.address}", "--set", f"database={database}"]
    assert main(["graph", "compile", *source, "--output", str(back)]) == 0
    assert KnowledgeGraph.open(back).manifest.content == mini.manifest.content
    said = capfd.readouterr()
    assert server.password not in said.out + said.err


def test_a_build_file_reads_a_server_once_and_again_when_asked(
    server: BoltServer, database: str, mini: KnowledgeGraph, tmp_path: Path
) -> None:
    to = ["--to", "neo4j", "--output", server.address, "--database", database]
    assert main(["graph", "export", str(mini.path), *to]) == 0
    source = {"kind": "neo4j", "path": server.address, "database": database}
    tree = {"name": "bolt", "graph": {"sources": [source], "shatter": {"k": 2}},
            "paths": {"count": 8}, "run": {"workers": 1}}  # fmt: skip
    path = tmp_path / "build.yaml"
    path.write_text(yaml.safe_dump(tree), "utf-8")
    config = read_build_file(path)
    output = tmp_path / "output"
    first = build_dataset(config, output)
    assert sum(first.manifest.rows.values()) > 0
    assert build_dataset(config, output).ran == ()
    assert build_dataset(config, output, rehash=True).ran == ()
    with (
        neo4j.GraphDatabase.driver(server.address, auth=("root", server.password)) as driver,
        driver.session(database=database) as session,
    ):
        session.run("CREATE (:drug {id: 'X:1', name: 'new one'})").consume()
    assert build_dataset(config, output).ran == ()
    assert [s.stage for s in build_dataset(config, output, rehash=True).ran][:1] == ["graph"]
    written = {file: file.read_text("utf-8") for file in output.rglob("*") if file.is_file()
               and file.suffix in (".json", ".jsonl", ".md", ".html", ".log")}  # fmt: skip
    assert [file for file, text in written.items() if server.password in text] == []
    published = {file: text for file, text in written.items() if "bolt" in file.parts}
    told = [file for file, text in published.items() if server.address in text]
    assert [file for file in told if "run" not in file.parts] == []


def test_a_server_that_is_not_there_is_told(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["neo4j:bolt://127.0.0.1:1", "--output", str(tmp_path / "store")]
    assert main(["graph", "compile", *arguments]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "127.0.0.1:1" in said
    assert not (tmp_path / "store").exists()


def test_json_says_the_same(
    server: BoltServer,
    database: str,
    mini: KnowledgeGraph,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    to = ["--to", "neo4j", "--output", server.address, "--database", database, "--json"]
    assert main(["graph", "export", str(mini.path), *to]) == 0
    assert json.loads(capsys.readouterr().out)
