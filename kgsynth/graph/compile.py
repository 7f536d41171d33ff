"""Compile the columns of one or more sources into a store."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path

import numpy as np
import polars as pl

from kgsynth.errors import SourceError
from kgsynth.graph.adjacency import Adjacency
from kgsynth.graph.store import StoreManifest, StoreSource
from kgsynth.sources.columns import GraphColumns
from kgsynth.vocabulary import Vocabulary, load_vocabulary

WALKED = ("associative",)
COUNTED = ("associative", "negative")
KIND_ORDER = {"preferred": 0, "synonym": 1, "abbreviation": 2}


def compile_graph(sources: Sequence[GraphColumns], folder: Path) -> StoreManifest:
    """Write the store of some sources into an empty folder."""
    vocabulary = load_vocabulary()
    nodes = _nodes(sources)
    names = _names(sources, nodes)
    edges, dropped = _edges(sources, nodes, vocabulary)
    if edges.is_empty():
        raise SourceError(
            f"{', '.join(s.source.name for s in sources)}: no statement is left to build on.",
            remedy="Look at the dropped rows: every edge must name two concepts of the node files.",
        )
    predicates = _predicates(edges, sources, vocabulary)
    coded = _code(edges, nodes, predicates)
    folder.mkdir(parents=True, exist_ok=True)
    _write_columns(folder, nodes, names, predicates, coded)
    _write_adjacency(folder, len(nodes), coded, predicates)
    for source in sources:
        for reason, count in source.dropped.group_by("reason").len().sort("reason").iter_rows():
            dropped[reason] = dropped.get(reason, 0) + count
    manifest = _manifest(sources, nodes, names, predicates, edges, dropped)
    (folder / "dropped.jsonl").write_text(_dropped_lines(sources), "utf-8")
    (folder / "manifest.json").write_text(manifest.model_dump_json(indent=2) + "\n", "utf-8")
    return manifest


def _nodes(sources: Sequence[GraphColumns]) -> pl.DataFrame:
    return (
        pl.concat([s.nodes.select("id", "types") for s in sources])
        .explode("types", empty_as_null=True)
        .group_by("id")
        .agg(pl.col("types").drop_nulls().unique().sort())
        .sort("id")
        .with_row_index("code")
    )


def _names(sources: Sequence[GraphColumns], nodes: pl.DataFrame) -> pl.DataFrame:
    """Number the names; each concept has one preferred name a language.

    Of several preferred ones it is that of the source whose name sorts first: the order in
    which sources are listed must not change the store.
    """
    frame = pl.concat([s.names.with_columns(pl.lit(s.source.name).alias("by")) for s in sources])
    rank = pl.col("kind").replace_strict(KIND_ORDER, return_dtype=pl.Int8).alias("rank")
    return (
        frame.filter(pl.col("text").str.strip_chars() != "")
        .with_columns(rank)
        .join(nodes.select("id", "code"), on="id", how="inner")
        .sort("code", "rank", "language", "by", "text")
        .unique(["code", "text", "language"], keep="first", maintain_order=True)
        .with_columns(
            pl.when(
                (pl.col("kind") == "preferred")
                & (pl.int_range(pl.len()).over("code", "language", "kind") > 0)
            )
            .then(pl.lit("synonym"))
            .otherwise(pl.col("kind"))
            .alias("kind")
        )
        .select(pl.col("code").cast(pl.Int64), "text", "language", "kind")
    )


def _edges(
    sources: Sequence[GraphColumns], nodes: pl.DataFrame, vocabulary: Vocabulary
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Name relations canonically, turn inverse rows round, merge repeats, drop self loops."""
    frame = pl.concat([s.edges for s in sources])
    canonical, inverse = _spellings(vocabulary)
    known = pl.col("predicate").replace(canonical)
    turned = pl.col("predicate").is_in(list(inverse))
    frame = frame.with_columns(
        pl.when(turned).then("object").otherwise("subject").alias("subject"),
        pl.when(turned).then("subject").otherwise("object").alias("object"),
        pl.when(turned)
        .then(pl.col("predicate").replace(inverse))
        .otherwise(known)
        .alias("predicate"),
    )
    symmetric = [p.name for p in vocabulary.predicates.values() if p.symmetric]
    swap = pl.col("predicate").is_in(symmetric) & (pl.col("subject") > pl.col("object"))
    frame = frame.with_columns(
        pl.when(swap).then("object").otherwise("subject").alias("subject"),
        pl.when(swap).then("subject").otherwise("object").alias("object"),
    )
    loops = frame.filter(pl.col("subject") == pl.col("object")).height
    frame = frame.filter(pl.col("subject") != pl.col("object"))
    merged = (
        frame.group_by("subject", "predicate", "object")
        .agg(
            pl.col("source").unique().sort().alias("sources"),
            pl.col("licence").filter(pl.col("licence") != "").unique().sort().alias("licences"),
            pl.col("evidence").filter(pl.col("evidence") != "").unique().sort(),
        )
        .sort("subject", "predicate", "object")
    )
    counts = {"self-loop": loops, "repeated-statement": frame.height - merged.height}
    return merged, {reason: count for reason, count in counts.items() if count}


def _spellings(vocabulary: Vocabulary) -> tuple[dict[str, str], dict[str, str]]:
    """Return what sources may call a relation: {spelling: name}, and {inverse: name}."""
    canonical, inverse = {}, {}
    for predicate in vocabulary.predicates.values():
        canonical[predicate.curie] = predicate.name
        if not predicate.symmetric and predicate.inverse not in vocabulary.predicates:
            inverse[predicate.inverse] = predicate.name
    return canonical, inverse


def _predicates(
    edges: pl.DataFrame, sources: Sequence[GraphColumns], vocabulary: Vocabulary
) -> pl.DataFrame:
    """List the relations in use; one is complete when every source that uses it says so."""
    canonical, inverse = _spellings(vocabulary)
    complete: dict[str, set[str]] = {}
    for s in sources:
        said = {inverse.get(p, canonical.get(p, p)) for p in s.source.complete}
        complete[s.source.name] = complete.get(s.source.name, said) & said
    rows = []
    for name in sorted(edges["predicate"].unique().to_list()):
        used = edges.filter(pl.col("predicate") == name)["sources"].explode().unique().to_list()
        meaning = vocabulary.predicate(name)
        rows.append(
            {
                "name": name,
                "kind": meaning.kind,
                "family": meaning.family,
                "complete": all(name in complete.get(source, ()) for source in used),
                "known": name in vocabulary.predicates,
            }
        )
    return pl.DataFrame(rows)


def _code(edges: pl.DataFrame, nodes: pl.DataFrame, predicates: pl.DataFrame) -> pl.DataFrame:
    """Replace ids by codes, keeping the order."""
    codes = nodes.select("id", pl.col("code").cast(pl.Int64))
    return (
        edges.join(codes, left_on="subject", right_on="id", maintain_order="left")
        .rename({"code": "subject_code"})
        .join(codes, left_on="object", right_on="id", maintain_order="left")
        .rename({"code": "object_code"})
        .join(
            predicates.select("name").with_row_index("predicate_code"),
            left_on="predicate",
            right_on="name",
            maintain_order="left",
        )
        .select(
            pl.col("subject_code").alias("subject"),
            pl.col("predicate_code").cast(pl.Int64).alias("predicate"),
            pl.col("object_code").alias("object"),
            "sources",
            "licences",
            "evidence",
        )
        .sort("subject", "predicate", "object")
    )


def _write_columns(
    folder: Path,
    nodes: pl.DataFrame,
    names: pl.DataFrame,
    predicates: pl.DataFrame,
    edges: pl.DataFrame,
) -> None:
    _write_parquet(nodes.select("id", "types"), folder / "nodes.parquet")
    _write_parquet(names, folder / "names.parquet")
    _write_parquet(predicates, folder / "predicates.parquet")
    _write_parquet(edges, folder / "edges.parquet")


def _write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Write a file. What the disk refuses, polars tells in words, and in errors of its own."""
    try:
        frame.write_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        refused = re.search(r"\(os error (\d+)\)", str(error))
        if refused is None:
            raise
        raise OSError(int(refused[1]), os.strerror(int(refused[1])), str(path)) from error


def _write_adjacency(
    folder: Path, nodes: int, edges: pl.DataFrame, predicates: pl.DataFrame
) -> None:
    subject, predicate, obj = (edges[c].to_numpy() for c in ("subject", "predicate", "object"))
    for side, here, there in (("out", subject, obj), ("in", obj, subject)):
        order = np.lexsort((there, predicate, here))
        indptr = np.concatenate([[0], np.cumsum(np.bincount(here, minlength=nodes))])
        np.save(folder / f"{side}_indptr.npy", indptr.astype(np.int64))
        np.save(folder / f"{side}_target.npy", there[order].astype(np.int32))
        np.save(folder / f"{side}_predicate.npy", predicate[order].astype(np.int32))
        np.save(folder / f"{side}_edge.npy", order.astype(np.int32))
    kinds = predicates["kind"].to_list()
    for name, wanted in (("walk", WALKED), ("contact", COUNTED)):
        codes = [code for code, kind in enumerate(kinds) if kind in wanted]
        kept = np.isin(predicate, codes)
        Adjacency.of_pairs(nodes, subject[kept], obj[kept]).save(folder, name)


def _manifest(
    sources: Sequence[GraphColumns],
    nodes: pl.DataFrame,
    names: pl.DataFrame,
    predicates: pl.DataFrame,
    edges: pl.DataFrame,
    dropped: dict[str, int],
) -> StoreManifest:
    cited = edges.select("sources").explode("sources")["sources"]
    about = tuple(
        StoreSource(
            name=s.source.name,
            version=s.source.version,
            released=s.source.released,
            licence=s.source.licence,
            complete=s.source.complete,
            statements=int((cited == s.source.name).sum()),
        )
        for s in sorted(sources, key=lambda s: astuple(s.source))
    )
    frames = (nodes.select("id", "types"), names, predicates, edges)
    return StoreManifest(
        content=_content_hash(about, frames),
        sources=about,
        nodes=nodes.height,
        statements=edges.height,
        types=_counts(nodes.explode("types").drop_nulls("types"), "types"),
        predicates=_counts(edges, "predicate"),
        unknown_predicates=tuple(predicates.filter(~pl.col("known"))["name"].to_list()),
        dropped=dict(sorted(dropped.items())),
    )


def _counts(frame: pl.DataFrame, column: str) -> dict[str, int]:
    return dict(frame.group_by(column).len().sort(column).iter_rows())


def _content_hash(about: Sequence[StoreSource], frames: Sequence[pl.DataFrame]) -> str:
    """Hash what the store says; how a file format lays it out does not count."""
    running = hashlib.blake2b(digest_size=16)
    for source in about:
        running.update(source.to_line().encode())
    for frame in frames:
        running.update(frame.write_ndjson().encode())
        running.update(b"\x00")
    return running.hexdigest()


def _dropped_lines(sources: Sequence[GraphColumns]) -> str:
    dropped = pl.concat([s.dropped for s in sources])
    return dropped.sort("file", "row", "reason", "text").write_ndjson()
