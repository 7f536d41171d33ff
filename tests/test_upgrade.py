"""A store of the first format is brought up to date, in its place, with all that it said."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from graph_columns import columns, small_graph

from kgsynth.cli.main import main
from kgsynth.errors import StoreError
from kgsynth.graph.compile import compile_graph
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.graph.upgrade import upgrade


def write_first_format(graph: KnowledgeGraph, folder: Path, **changed: Any) -> Path:
    """Write a graph as format 1 laid it out: Parquet tables and a manifest of fewer fields."""
    folder.mkdir()
    codes = range(graph.node_count)
    statements = [graph.statement(edge) for edge in range(graph.manifest.statements)]
    pl.DataFrame(
        {"id": [graph.id(c) for c in codes], "types": [list(graph.types(c)) for c in codes]},
        schema={"id": pl.String, "types": pl.List(pl.String)},
    ).write_parquet(folder / "nodes.parquet")
    pl.DataFrame(
        [(c, n.text, n.language, n.kind) for c in codes for n in graph.names(c)],
        schema={"code": pl.Int64, "text": pl.String, "language": pl.String, "kind": pl.String},
        orient="row",
    ).write_parquet(folder / "names.parquet")
    graph.predicates.write_parquet(folder / "predicates.parquet")
    pl.DataFrame(
        [
            (
                *graph.ends(edge),
                list(said.sources),
                list(said.licences),
                list(said.evidence),
            )
            for edge, said in enumerate(statements)
        ],
        schema={
            "subject": pl.Int64,
            "predicate": pl.Int64,
            "object": pl.Int64,
            "sources": pl.List(pl.String),
            "licences": pl.List(pl.String),
            "evidence": pl.List(pl.String),
        },
        orient="row",
    ).write_parquet(folder / "edges.parquet")
    shutil.copy(graph.path / "dropped.jsonl", folder)
    kept = ("name", "version", "released", "licence", "complete", "statements")
    manifest = {
        "format_version": 1,
        "content": "of format 1",
        "sources": [{key: getattr(s, key) for key in kept} for s in graph.manifest.sources],
        "nodes": graph.node_count,
        "statements": graph.manifest.statements,
        "types": graph.manifest.types,
        "predicates": graph.manifest.predicates,
        "unknown_predicates": graph.manifest.unknown_predicates,
        "dropped": graph.manifest.dropped,
    }
    (folder / "manifest.json").write_text(json.dumps({**manifest, **changed}), "utf-8")
    return folder


def test_it_says_what_it_said(mini: KnowledgeGraph, tmp_path: Path) -> None:
    old = write_first_format(mini, tmp_path / "store")
    with pytest.raises(StoreError, match="has format 1; this version reads 2") as caught:
        KnowledgeGraph.open(old)
    assert caught.value.remedy == f"Bring it up to date with: kgsynth graph upgrade {old}"
    assert upgrade(old) == 1
    new = KnowledgeGraph.open(old)
    assert new.manifest == mini.manifest
    assert list(tmp_path.iterdir()) == [old]


def test_two_sources_keep_their_licences_and_what_was_dropped_stays_counted(
    tmp_path: Path,
) -> None:
    graph = small_graph(
        "a treats b one\na treats b two\nb treated_by a one\na causes c two\nb causes b one"
    )
    compile_graph(columns(graph), tmp_path / "direct")
    direct = KnowledgeGraph.open(tmp_path / "direct")
    old = write_first_format(direct, tmp_path / "old")
    upgrade(old)
    new = KnowledgeGraph.open(old)
    edges = range(direct.manifest.statements)
    assert [new.statement(e) for e in edges] == [direct.statement(e) for e in edges]
    assert [new.origins(e) for e in edges] == [direct.origins(e) for e in edges]
    assert new.manifest.dropped == direct.manifest.dropped
    assert new.manifest.dropped["self-loop"] == 1


def test_an_up_to_date_store_is_left_alone(mini_store: Path) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in mini_store.iterdir()}
    assert upgrade(mini_store) == 2
    assert {path.name: path.stat().st_mtime_ns for path in mini_store.iterdir()} == before


def test_what_cannot_be_upgraded_is_told_and_left_as_it_was(
    mini: KnowledgeGraph, tmp_path: Path
) -> None:
    newer = write_first_format(mini, tmp_path / "newer", format_version=99)
    with pytest.raises(StoreError, match="has format 99"):
        upgrade(newer)
    manifest = (newer / "manifest.json").read_text("utf-8")
    endless = manifest.replace('"format_version": 99', '"format_version": Infinity')
    (newer / "manifest.json").write_text(endless, "utf-8")
    with pytest.raises(StoreError):
        upgrade(newer)
    with pytest.raises(StoreError, match="is not a compiled graph"):
        upgrade(tmp_path / "nothing")
    hollow = write_first_format(mini, tmp_path / "hollow")
    (hollow / "names.parquet").unlink()
    with pytest.raises(StoreError, match=r"has format 1, but it lacks names\.parquet\."):
        upgrade(hollow)
    damaged = write_first_format(mini, tmp_path / "damaged")
    (damaged / "edges.parquet").write_bytes(b"no parquet")
    with pytest.raises(StoreError, match="is damaged"):
        upgrade(damaged)
    assert (damaged / "nodes.parquet").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"newer", "hollow", "damaged"}


def test_the_command(
    mini: KnowledgeGraph, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = write_first_format(mini, tmp_path / "store")
    assert main(["graph", "upgrade", str(old)]) == 0
    assert capsys.readouterr().out == f"{old}: format 1 is now 2.\n"
    assert main(["graph", "upgrade", str(old), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"store": str(old), "from": 2, "to": 2}
