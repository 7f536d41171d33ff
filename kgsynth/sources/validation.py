"""What is wrong with a graph that somebody wrote by hand: said before anything is built on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import polars as pl

from kgsynth.errors import nearest
from kgsynth.sources.columns import GraphColumns
from kgsynth.vocabulary import Vocabulary, load_vocabulary


class Problem(NamedTuple):
    """One thing to mend."""

    code: str
    where: str
    detail: str


def problems(columns: GraphColumns) -> list[Problem]:
    """List everything that is wrong, in the order in which it is best mended."""
    vocabulary = load_vocabulary()
    types = dict(columns.nodes.select("id", "types").iter_rows())
    statements = _spelled(columns)
    return [
        *_dropped(columns),
        *_types(types, vocabulary),
        *_names(columns),
        *_statements(statements, types, vocabulary),
        *_contradictions(statements, types, vocabulary),
        *_orphans(columns),
    ]


def _spelled(columns: GraphColumns) -> pl.DataFrame:
    """Write the statements out: the ids of their ends, the relation, the evidence."""
    relations = [relation.spelling for relation in columns.relations]
    spelled = pl.Series(relations, dtype=pl.String)
    evidence = columns.evidence.group_by("edge").agg(pl.col("text").str.join(" "))
    return (
        columns.edges.select(
            columns.nodes["id"].gather(columns.edges["subject"]).alias("subject"),
            spelled.gather(columns.edges["predicate"]).alias("predicate"),
            columns.nodes["id"].gather(columns.edges["object"]).alias("object"),
        )
        .with_row_index("edge")
        .join(evidence, on="edge", how="left", maintain_order="left")
        .select("subject", "predicate", "object", pl.col("text").fill_null("").alias("evidence"))
    )


def _dropped(columns: GraphColumns) -> Iterator[Problem]:
    for file, row, reason, text in columns.dropped.iter_rows():
        yield Problem(reason, f"{file}, row {row}", text)


def _types(types: dict[str, list[str]], vocabulary: Vocabulary) -> Iterator[Problem]:
    for concept, held in types.items():
        if not held:
            yield Problem("no-type", concept, "the concept has no semantic type")
        for name in held:
            if name not in vocabulary.types:
                hint = nearest(name, vocabulary.types)
                yield Problem("unknown-type", concept, f"{name!r} is not listed.{hint}")


def _names(columns: GraphColumns) -> Iterator[Problem]:
    """Find names that mean two concepts: a question could not tell them apart."""
    shared = (
        columns.names.with_columns(
            pl.col("text").str.to_lowercase().alias("folded"),
            columns.nodes["id"].gather(columns.names["node"]).alias("id"),
        )
        .group_by("folded", "language")
        .agg(pl.col("id").unique().sort())
        .filter(pl.col("id").list.len() > 1)
        .sort("folded", "language")
    )
    for name, language, concepts in shared.iter_rows():
        yield Problem("shared-name", ", ".join(concepts), f"{name!r} ({language}) names them all")


def _statements(
    statements: pl.DataFrame, types: dict[str, list[str]], vocabulary: Vocabulary
) -> Iterator[Problem]:
    seen: set[tuple[str, str, str]] = set()
    for subject, name, obj, evidence in statements.iter_rows():
        where = f"{subject} {name} {obj}"
        predicate = vocabulary.predicates.get(name)
        if predicate is None:
            hint = nearest(name, vocabulary.predicates)
            yield Problem("unknown-predicate", where, f"{name!r} is not listed.{hint}")
            continue
        ends = tuple(sorted((subject, obj))) if predicate.symmetric else (subject, obj)
        triple = (ends[0], name, ends[1])
        if triple in seen:
            yield Problem("repeated-statement", where, "it stands twice")
        seen.add(triple)
        if subject == obj:
            yield Problem("self-loop", where, "a concept is joined to itself")
        if not evidence.strip():
            yield Problem("no-evidence", where, "no sentence vouches for it")
        for end, allowed, role in (
            (subject, predicate.domain, "subject"),
            (obj, predicate.range, "object"),
        ):
            if allowed and not set(allowed) & set(types.get(end, ())):
                held = "/".join(types.get(end, ())) or "nothing"
                yield Problem(
                    f"wrong-{role}",
                    where,
                    f"the {role} is a {held}; {name} takes {', '.join(allowed)}",
                )
        if name == "is_a" and not set(types.get(subject, ())) & set(types.get(obj, ())):
            yield Problem("wrong-parent", where, "a concept and its parent share no type")


def _contradictions(
    statements: pl.DataFrame, types: dict[str, list[str]], vocabulary: Vocabulary
) -> Iterator[Problem]:
    """Find facts that deny each other; a finding *excludes* the disease that *has* it not."""
    held = set(statements.select("subject", "predicate", "object").rows())
    for subject, name, obj in sorted(held):
        predicate = vocabulary.predicates.get(name)
        for other in predicate.contradicts if predicate else ():
            same_way = set(vocabulary.predicate(other).domain) & set(types.get(subject, ()))
            ends = (subject, obj) if same_way else (obj, subject)
            if (ends[0], other, ends[1]) in held:
                where = f"{subject} {name} {obj}"
                yield Problem("contradiction", where, f"{ends[0]} {other} {ends[1]} stands as well")


def _orphans(columns: GraphColumns) -> Iterator[Problem]:
    joined = pl.concat([columns.edges["subject"], columns.edges["object"]]).unique()
    lonely = columns.nodes.with_row_index("node").filter(~pl.col("node").is_in(joined.implode()))
    for concept in lonely["id"].sort():
        yield Problem("orphan", concept, "no statement names it")
