"""Compile the columns of one or more sources into a store."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from kgsynth.errors import SourceError
from kgsynth.graph.arrays import Array, Statements
from kgsynth.graph.building import (
    ORIGIN_BITS,
    PREDICATE_BITS,
    Merged,
    Rows,
    find,
    incoming,
    merge,
)
from kgsynth.graph.concepts import (
    Concepts,
    merge_concepts,
    merge_definitions,
    merge_identifiers,
    merge_names,
)
from kgsynth.graph.layout import StoreWriter
from kgsynth.graph.manifest import StoreManifest, StoreOrigin, StoreSource
from kgsynth.graph.relations import Relations, name_relations, refuse_too_many
from kgsynth.sources.columns import GraphColumns, Progress, SourceInfo, silent
from kgsynth.vocabulary import Vocabulary, load_vocabulary

Shares = Mapping[tuple[int, int], int]
"""How many statements of a predicate an origin vouches for."""
STEPS = ("concepts", "statements", "names", "neighbours", "manifest")
IS_A = "is_a"


class Origins(NamedTuple):
    """Every pair of source and licence once; for each source, the codes of its own."""

    pairs: list[tuple[str, str]]
    codes: list[npt.NDArray[np.uint16]]


class Said(NamedTuple):
    """What all sources say, under one numbering."""

    sources: Sequence[GraphColumns]
    infos: list[SourceInfo]
    ranks: list[list[int]]
    """For each source: the place of each of its infos in ``infos``."""
    origins: Origins
    concepts: Concepts
    relations: Relations


def compile_graph(
    sources: Sequence[GraphColumns], folder: Path, progress: Progress = silent
) -> StoreManifest:
    """Write the store of some sources into an empty folder."""
    steps = _steps(progress)
    vocabulary = load_vocabulary()
    next(steps)
    said = _said(sources, vocabulary)
    next(steps)
    merged, relations = _merged(said)
    statements = merged.statements
    folder.mkdir(parents=True, exist_ok=True)
    writer = StoreWriter(folder)
    writer.concepts(said.concepts)
    next(steps)
    names, languages = _write_names(writer, said)
    shares = _shares(merged, len(relations))
    predicates = _predicates(relations, shares, said, vocabulary)
    writer.predicates(predicates)
    _write_evidence(writer, said, relations, statements)
    into = incoming(statements)
    writer.statements(statements, into, merged.origin_sets)
    next(steps)
    writer.neighbours(statements, into, predicates["kind"].to_list())
    next(steps)
    _write_dropped(folder / "dropped.jsonl", sources)
    about = _about(said, shares)
    writer.say(json.dumps([source.model_dump() for source in about], ensure_ascii=False))
    counts = np.bincount(statements.predicate, minlength=len(relations)).tolist()
    manifest = StoreManifest(
        content=writer.content(),
        sources=about,
        origins=_terms(said, shares),
        nodes=len(said.concepts.ids),
        names=names,
        statements=len(statements.target),
        types=_type_counts(said.concepts),
        type_sets=tuple(said.concepts.type_sets),
        languages=languages,
        predicates=dict(zip(relations, counts, strict=True)),
        unknown_predicates=tuple(predicates.filter(~pl.col("known"))["name"].to_list()),
        in_cycles=_in_cycles(statements, relations),
        dropped=_dropped(sources, merged),
    )
    write_manifest(manifest, folder)
    next(steps, None)
    return manifest


def write_manifest(manifest: StoreManifest, folder: Path) -> None:
    """Write what a store says of itself; without it, the folder is no store."""
    (folder / "manifest.json").write_text(manifest.model_dump_json(indent=2) + "\n", "utf-8")


def _steps(progress: Progress) -> Iterator[None]:
    for at, step in enumerate(STEPS):
        progress(f"compile: {step}", at, len(STEPS))
        yield
    progress("compile", len(STEPS), len(STEPS))


# --- one numbering ------------------------------------------------------------------------------


def _said(sources: Sequence[GraphColumns], vocabulary: Vocabulary) -> Said:
    # What is free comes first: a name that a free source gives too is not held back.
    infos = sorted(
        (info for s in sources for info in s.sources),
        key=lambda info: (info.restriction, astuple(info)),
    )
    ranks = [[infos.index(info) for info in s.sources] for s in sources]
    relations = name_relations(sources, vocabulary)
    refuse_too_many(relations, 1 << PREDICATE_BITS)
    concepts = merge_concepts(sources, vocabulary)
    return Said(sources, infos, ranks, _origins(sources), concepts, relations)


def _origins(sources: Sequence[GraphColumns]) -> Origins:
    named = [[(s.sources[o.source].name, o.licence) for o in s.origins] for s in sources]
    pairs = sorted({pair for own in named for pair in own})
    if len(pairs) > 1 << ORIGIN_BITS:
        raise SourceError(
            f"The sources have {len(pairs):,} different pairs of source and licence; a store "
            f"holds {1 << ORIGIN_BITS:,}.",
            remedy="Compile fewer of them into one store.",
        )
    place = {pair: code for code, pair in enumerate(pairs)}
    codes = [np.array([place[pair] for pair in own], dtype=np.uint16) for own in named]
    return Origins(pairs, codes)


def _write_names(writer: StoreWriter, said: Said) -> tuple[int, tuple[str, ...]]:
    nodes = len(said.concepts.ids)
    names = merge_names(said.sources, said.concepts, said.ranks)
    languages = writer.names(names, nodes)
    writer.identifiers(merge_identifiers(said.sources, said.concepts), nodes)
    writer.definitions(merge_definitions(said.sources, said.concepts, said.ranks), nodes)
    return names.height, languages


# --- statements ---------------------------------------------------------------------------------


def _merged(said: Said) -> tuple[Merged, list[str]]:
    """Merge the rows of all sources; return the names of the relations that are in use too."""
    rows = [
        Rows._make(
            (
                *(s.edges[c].to_numpy() for c in ("subject", "predicate", "object", "origin")),
                codes,
                *said.relations.codes(s),
                origins,
            )
        )
        for s, codes, origins in zip(
            said.sources, said.concepts.codes, said.origins.codes, strict=True
        )
    ]
    merged = merge(rows, len(said.concepts.ids), len(said.origins.pairs))
    if len(merged.statements.target) == 0:
        raise SourceError(
            f"{', '.join(info.name for info in said.infos)}: no statement is left to build on.",
            remedy="Look at the dropped rows: every edge must name two concepts of the node files.",
        )
    names = said.relations.names
    used = np.flatnonzero(np.bincount(merged.statements.predicate, minlength=len(names)))
    place = np.zeros(len(names), dtype=np.uint16)
    place[used] = np.arange(len(used))
    statements = merged.statements._replace(predicate=place[merged.statements.predicate])
    return merged._replace(statements=statements), [names[code] for code in used.tolist()]


CHUNK = 1 << 22


def _shares(merged: Merged, relations: int) -> Shares:
    """Count the statements by predicate and origin."""
    sets = len(merged.origin_sets)
    counts: Counter[int] = Counter()
    statements = merged.statements
    for first in range(0, len(statements.target), CHUNK):
        chunk = slice(first, first + CHUNK)
        key = statements.predicate[chunk].astype(np.int64) * sets + statements.origins[chunk]
        values, times = (
            _few_counts(key, relations * sets)
            if relations * sets <= CHUNK
            else np.unique(key, return_counts=True)
        )
        counts.update(dict(zip(values.tolist(), times.tolist(), strict=True)))
    shares: Counter[tuple[int, int]] = Counter()
    for key, count in counts.items():
        for origin in merged.origin_sets[key % sets]:
            shares[key // sets, origin] += count
    return shares


def _few_counts(keys: Array, most: int) -> tuple[Array, Array]:
    counted = np.bincount(keys, minlength=most)
    values = np.flatnonzero(counted)
    return values, counted[values]


def _predicates(
    relations: Sequence[str], shares: Shares, said: Said, vocabulary: Vocabulary
) -> pl.DataFrame:
    """List the relations in use; one is complete when every source that uses it says so."""
    complete = _complete(said, vocabulary)
    used: dict[int, set[str]] = {}
    for predicate, origin in shares:
        used.setdefault(predicate, set()).add(said.origins.pairs[origin][0])
    rows = []
    for code, name in enumerate(relations):
        meaning = vocabulary.predicate(name)
        always = set(meaning.complete_in)
        rows.append(
            {
                "name": name,
                "kind": meaning.kind,
                "family": meaning.family,
                "complete": all(
                    source in always or name in complete[source] for source in used[code]
                ),
                "known": vocabulary.resolve(name).known,
            }
        )
    return pl.DataFrame(rows)


def _complete(said: Said, vocabulary: Vocabulary) -> dict[str, set[str]]:
    """Return what each source says it states in full; two of one name must both say so."""
    complete: dict[str, set[str]] = {}
    for info in said.infos:
        names = {vocabulary.resolve(spelling).name for spelling in info.complete}
        complete[info.name] = complete.get(info.name, names) & names
    return complete


def _write_evidence(
    writer: StoreWriter, said: Said, relations: Sequence[str], statements: Statements
) -> None:
    """Hang each text on the statement that its row became; a self loop became none."""
    place = {name: code for code, name in enumerate(relations)}
    frames = [
        _evidence(s, codes, said.relations, place, statements)
        for s, codes in zip(said.sources, said.concepts.codes, strict=True)
    ]
    found = pl.concat(frames).unique().sort("statement", "text")
    writer.evidence(found["statement"].to_numpy(), found["text"])


def _evidence(
    source: GraphColumns,
    codes: Array,
    relations: Relations,
    place: Mapping[str, int],
    statements: Statements,
) -> pl.DataFrame:
    rows = source.edges[source.evidence["edge"]]
    named, turned, symmetric = relations.codes(source)
    spelled = rows["predicate"].to_numpy()
    left, right = codes[rows["subject"].to_numpy()], codes[rows["object"].to_numpy()]
    swap = np.where(symmetric[spelled], left > right, turned[spelled])
    subject, obj = np.where(swap, right, left), np.where(swap, left, right)
    kept = subject != obj
    used = np.array([place.get(name, 0) for name in relations.names])
    found = find(statements, subject[kept], used[named[spelled[kept]]], obj[kept])
    texts = source.evidence["text"].filter(pl.Series(kept))
    return pl.DataFrame({"statement": found.astype(np.uint32), "text": texts})


# --- what the manifest tells ---------------------------------------------------------------------


def _about(said: Said, shares: Shares) -> tuple[StoreSource, ...]:
    vouched: Counter[str] = Counter()
    for (_, origin), count in shares.items():
        vouched[said.origins.pairs[origin][0]] += count
    return tuple(
        StoreSource(
            name=info.name,
            version=info.version,
            released=info.released,
            licence=info.licence,
            restriction=info.restriction,
            complete=info.complete,
            statements=vouched[info.name],
        )
        for info in said.infos
    )


def _terms(said: Said, shares: Shares) -> tuple[StoreOrigin, ...]:
    restriction: dict[str, int] = {}
    for info in said.infos:
        restriction[info.name] = max(restriction.get(info.name, 0), info.restriction)
    counts: Counter[int] = Counter()
    for (_, origin), count in shares.items():
        counts[origin] += count
    return tuple(
        StoreOrigin(
            source=source, licence=licence, restriction=restriction[source], statements=counts[code]
        )
        for code, (source, licence) in enumerate(said.origins.pairs)
    )


def _type_counts(concepts: Concepts) -> dict[str, int]:
    counts: Counter[str] = Counter()
    held = np.bincount(concepts.types, minlength=len(concepts.type_sets))
    for types, count in zip(concepts.type_sets, held.tolist(), strict=True):
        counts.update(dict.fromkeys(types, count))
    return dict(sorted(counts.items()))


def _in_cycles(statements: Statements, relations: Sequence[str]) -> int:
    """Count the concepts that stand above themselves."""
    if IS_A not in relations:
        return 0
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    nodes = len(statements.indptr) - 1
    kept = np.flatnonzero(statements.predicate == relations.index(IS_A))
    narrow = np.searchsorted(statements.indptr, kept, side="right") - 1
    ones = np.ones(len(kept), dtype=np.int8)
    above = coo_array((ones, (narrow, statements.target[kept])), shape=(nodes, nodes))
    _, label = connected_components(above, directed=True, connection="strong")
    sizes = np.bincount(label)
    return int(sizes[sizes > 1].sum())


def _dropped(sources: Sequence[GraphColumns], merged: Merged) -> dict[str, int]:
    """Count what no statement of its own came of: with the statements, all rows of the input."""
    counts = Counter(
        {
            "self-loop": merged.self_loops,
            "inverse-twin": merged.twins,
            "repeated-statement": merged.repeats,
        }
    )
    for source in sources:
        counts.update(dict(source.dropped.group_by("reason").len().iter_rows()))
        counts.update(source.counted)
    return {reason: count for reason, count in sorted(counts.items()) if count}


def _write_dropped(path: Path, sources: Sequence[GraphColumns]) -> None:
    dropped = pl.concat([s.dropped for s in sources])
    path.write_bytes(dropped.sort("file", "row", "reason", "text").write_ndjson().encode())
