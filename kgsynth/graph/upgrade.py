"""Bring a store of an older format up to date: read what it holds, and compile that again."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from kgsynth.errors import StoreError, listing
from kgsynth.graph.compile import compile_graph, write_manifest
from kgsynth.graph.manifest import COMPILE_AGAIN, FORMAT_VERSION, read_manifest
from kgsynth.graph.tables import UNREADABLE
from kgsynth.sources.coding import code_columns
from kgsynth.sources.columns import DROPPED, GraphColumns, SourceInfo, no_rows

FIRST_TABLES = ("nodes.parquet", "names.parquet", "predicates.parquet", "edges.parquet")
"""What a store of format 1 held beside its manifest."""


def upgrade(store: Path) -> int:
    """Make a store one of this format, in its place; return the format that it had."""
    found = _format_of(store)
    if found == FORMAT_VERSION:
        return found
    if found != 1:
        read_manifest(store)  # says what is wrong with it
    _refuse_missing(store)
    try:
        columns = _read_first_format(store)
    except (*UNREADABLE, KeyError, TypeError):
        raise StoreError(
            f"The store {store} is damaged: it cannot be read.", remedy=COMPILE_AGAIN
        ) from None
    aside = Path(tempfile.mkdtemp(prefix=f".{store.name}-", dir=store.absolute().parent))
    try:
        made = compile_graph([columns], aside / "new")
        # One row for each source of a statement, to be merged again: no row of any input.
        dropped = json.loads((store / "manifest.json").read_text("utf-8"))["dropped"]
        manifest = made.model_copy(update={"dropped": dropped})
        write_manifest(manifest, aside / "new")
        store.replace(aside / "old")
        (aside / "new").replace(store)
    finally:
        if not store.exists() and (aside / "old").exists():
            (aside / "old").replace(store)
        shutil.rmtree(aside, ignore_errors=True)
    return found


def _format_of(store: Path) -> int:
    """Tell the format; where the manifest cannot be read, say what is wrong with it."""
    try:
        found = json.loads((store / "manifest.json").read_text("utf-8"))["format_version"]
    except (OSError, ValueError, KeyError, TypeError):
        found = None
    return found if type(found) is int else read_manifest(store).format_version


def _refuse_missing(store: Path) -> None:
    """Name the tables of format 1 that are not there."""
    missing = [name for name in FIRST_TABLES if not (store / name).is_file()]
    if missing:
        raise StoreError(
            f"The store {store} says that it has format 1, but it lacks {listing(missing)}.",
            remedy=COMPILE_AGAIN,
        )


def _read_first_format(store: Path) -> GraphColumns:
    """Read format 1: Parquet tables, in which ends and relations are numbers."""
    manifest = json.loads((store / "manifest.json").read_text("utf-8"))
    nodes = pl.read_parquet(store / "nodes.parquet")
    names = pl.read_parquet(store / "names.parquet")
    predicates = pl.read_parquet(store / "predicates.parquet")["name"]
    edges = pl.read_parquet(store / "edges.parquet")
    sources = [_source(said) for said in manifest["sources"]]
    return replace(
        code_columns(
            sources=sources,
            nodes=nodes.select("id", "types"),
            names=names.select(
                nodes["id"].gather(names["code"]).alias("id"), "text", "language", "kind"
            ),
            edges=_edges(edges, nodes["id"], predicates, sources),
            dropped=[_dropped(store / "dropped.jsonl")],
        ),
        evidence=_evidence(edges),
    )


def _source(said: dict[str, Any]) -> SourceInfo:
    kept = {key: said[key] for key in ("name", "version", "released", "licence")}
    return SourceInfo(**kept, complete=tuple(said["complete"]))


def _dropped(path: Path) -> pl.DataFrame:
    if not path.exists() or not path.stat().st_size:
        return no_rows(DROPPED)
    return pl.read_ndjson(path, schema=DROPPED)


def _edges(
    edges: pl.DataFrame, ids: pl.Series, predicates: pl.Series, sources: list[SourceInfo]
) -> pl.DataFrame:
    """Give each source of a statement a row of its own.

    Format 1 did not say which licence was whose: a source has its own where the statement names
    it, else all that the statement names.
    """
    own = {source.name: source.licence for source in sources}
    return (
        edges.select(
            ids.gather(edges["subject"]).alias("subject"),
            predicates.gather(edges["predicate"]).alias("predicate"),
            ids.gather(edges["object"]).alias("object"),
            pl.col("sources").alias("source"),
            "licences",
        )
        .explode("source", empty_as_null=True)
        .with_columns(pl.col("source").replace_strict(own, return_dtype=pl.String).alias("own"))
        .with_columns(
            pl.when(pl.col("licences").list.contains(pl.col("own")))
            .then("own")
            .otherwise(pl.col("licences").list.join("; "))
            .alias("licence")
        )
        .drop("licences", "own")
    )


def _evidence(edges: pl.DataFrame) -> pl.DataFrame:
    """Hang each text on the first row of its statement."""
    lengths = edges["sources"].list.len().cast(pl.UInt32)
    return (
        edges.select((lengths.cum_sum() - lengths).alias("edge"), pl.col("evidence").alias("text"))
        .filter(pl.col("text").list.len() > 0)
        .explode("text", empty_as_null=True)
        .cast({"edge": pl.UInt32, "text": pl.String})
    )
