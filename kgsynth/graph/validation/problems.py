"""Find what is wrong with a graph, in columns: a graph of any size is judged whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from kgsynth.errors import count_of, listing, nearest
from kgsynth.graph.validation.codes import PLACE, Severity, severity
from kgsynth.graph.validation.ends import contradictions, wrong_ends, wrong_parents
from kgsynth.graph.validation.found import Found
from kgsynth.graph.validation.stated import Stated, state
from kgsynth.sources.columns import GraphColumns, Progress, silent
from kgsynth.vocabulary import load_vocabulary

MOST_IDS = 5
"""Concepts of one name that are listed."""


class Problem(NamedTuple):
    """One thing to mend."""

    code: str
    where: str
    detail: str


@dataclass(frozen=True, slots=True)
class Problems:
    """All of one code."""

    code: str
    severity: Severity
    count: int
    examples: list[Problem]
    left_out: int
    """Problems that were not put into words; one may stand for several rows that are counted."""


Check = Callable[[Sequence[GraphColumns], Stated], Iterator[Found]]


def problems(columns: GraphColumns) -> list[Problem]:
    """List everything that is wrong with one graph."""
    return [problem for group in find_problems([columns]) for problem in group.examples]


def find_problems(
    sources: Sequence[GraphColumns], limit: int | None = None, progress: Progress = silent
) -> list[Problems]:
    """Count what is wrong with some graphs, as one, and show up to ``limit`` cases of each code.

    What is false or lost comes before what could be better.
    """
    steps: tuple[tuple[str, Check], ...] = (
        ("rows", _dropped),
        ("types", _types),
        ("relations", _relations),
        ("ends", _ends),
        ("rows said twice", _merged),
        ("evidence", _evidence),
        ("names", _names),
    )
    progress("validate: statements", 0, len(steps))
    stated = state(sources, load_vocabulary())
    groups: list[Problems] = []
    for at, (step, check) in enumerate(steps):
        progress(f"validate: {step}", at, len(steps))
        groups += [_shown(found, limit) for found in check(sources, stated) if found.count]
    progress("validate", len(steps), len(steps))
    return sorted(groups, key=lambda group: (group.severity, PLACE.get(group.code, 0)))


def _shown(found: Found, limit: int | None) -> Problems:
    cases = found.show(found.rows if limit is None else found.rows.head(limit))
    shown = [Problem(found.code, where, detail) for where, detail in cases]
    left_out = found.rows.height - len(shown)
    return Problems(found.code, severity(found.code), found.count, shown, left_out)


# --- rows, types and relations ------------------------------------------------------------------


def _dropped(sources: Sequence[GraphColumns], stated: Stated) -> Iterator[Found]:
    dropped = pl.concat([source.dropped for source in sources])
    for (reason,), rows in dropped.group_by("reason", maintain_order=True):
        yield Found(str(reason), rows, _dropped_cases)


def _dropped_cases(rows: pl.DataFrame) -> Iterator[tuple[str, str]]:
    for file, row, text in rows.select("file", "row", "text").iter_rows():
        yield f"{file}, row {row}" if row else file, text


def _types(sources: Sequence[GraphColumns], stated: Stated) -> Iterator[Found]:
    """Find concepts without a type, and each type that is not listed, once."""
    bare = pl.Series([not types for types, _ in stated.kinds], dtype=pl.Boolean)
    yield _concepts("no-type", bare.gather(stated.kind), stated, "the concept has no semantic type")
    listed = stated.vocabulary.types
    held = pl.concat([source.nodes.explode("types").drop_nulls("types") for source in sources])
    counted = held.group_by("types").agg(pl.col("id").min(), pl.col("id").n_unique().alias("count"))
    named = [stated.vocabulary.type_name(spelling) for spelling in counted["types"].to_list()]
    unknown = counted.filter(pl.Series([name not in listed for name in named], dtype=pl.Boolean))

    def show(rows: pl.DataFrame) -> Iterator[tuple[str, str]]:
        for name, first, count in rows.iter_rows():
            held_by = f"type of {count_of(count, 'concept')}, as of {first}"
            yield name, f"not listed; {held_by}.{nearest(name, listed)}"

    yield Found("unknown-type", unknown.sort("count", "types", descending=[True, False]), show)


def _relations(sources: Sequence[GraphColumns], stated: Stated) -> Iterator[Found]:
    """Find each relation that is not listed, once."""
    vocabulary, names = stated.vocabulary, stated.relations.names
    strange = [at for at, name in enumerate(names) if not vocabulary.resolve(name).known]
    rows = stated.statements.filter(pl.col("predicate").is_in(strange))
    first = rows.sort("source", "row").unique("predicate", keep="first")
    counted = rows.group_by("predicate").len("count")
    found = first.join(counted, on="predicate").sort("count", "predicate", descending=[True, False])

    def show(shown: pl.DataFrame) -> Iterator[tuple[str, str]]:
        said = zip(shown["predicate"], shown["count"], stated.spelled(shown), strict=True)
        for predicate, count, example in said:
            hint = nearest(names[predicate], vocabulary.predicates)
            told = f"in {count_of(count, 'statement')}, as {example}"
            yield names[predicate], f"not listed; {told}.{hint}"

    yield Found("unknown-predicate", found, show)


# --- statements ---------------------------------------------------------------------------------


def _ends(sources: Sequence[GraphColumns], stated: Stated) -> Iterator[Found]:
    yield from wrong_ends(stated)
    yield from wrong_parents(stated)
    yield contradictions(stated)


def _merged(sources: Sequence[GraphColumns], stated: Stated) -> Iterator[Found]:
    """Find the rows that compiling merges or drops; it counts them in the same way."""
    loop = pl.col("subject") == pl.col("object")
    twins = pl.min_horizontal("turned", pl.col("rows") - pl.col("turned")).cast(pl.Int64)
    repeats = pl.col("rows").cast(pl.Int64) - 1 - twins
    for code, count, detail in (
        ("self-loop", pl.when(loop).then("rows").otherwise(0), "joins a concept to itself"),
        ("inverse-twin", pl.when(~loop).then(twins).otherwise(0), "also said the other way round"),
        ("repeated-statement", pl.when(~loop).then(repeats).otherwise(0), "said more than once"),
    ):
        counted = stated.statements.with_columns(count.cast(pl.Int64).alias("cases"))
        yield _statements(code, counted.filter(pl.col("cases") > 0), stated, detail)


def _evidence(sources: Sequence[GraphColumns], stated: Stated) -> Iterator[Found]:
    rows = stated.statements.filter(~pl.col("vouched"))
    yield _statements("no-evidence", rows, stated, "no sentence vouches for it")


def _statements(code: str, rows: pl.DataFrame, stated: Stated, detail: str) -> Found:
    def show(shown: pl.DataFrame) -> Iterator[tuple[str, str]]:
        return ((where, detail) for where in stated.spelled(shown))

    return Found(code, rows.sort("source", "row"), show)


# --- concepts -----------------------------------------------------------------------------------


def _names(sources: Sequence[GraphColumns], stated: Stated) -> Iterator[Found]:
    """Find concepts that nothing is said of, and names that mean two."""
    yield _shared_names(sources, stated)
    statements = stated.statements
    nodes = pl.Series(range(len(stated.concepts.ids)), dtype=pl.UInt32)
    joined = pl.concat([statements["subject"], statements["object"]]).unique()
    lonely = ~nodes.is_in(joined.implode())
    yield _concepts("orphan", lonely, stated, "no statement names it")


def _shared_names(sources: Sequence[GraphColumns], stated: Stated) -> Found:
    """Find names that mean two concepts: a question could not tell them apart."""
    names = pl.concat(
        [
            source.names.select(
                pl.Series("node", codes[source.names["node"].to_numpy()]),
                pl.col("text").str.to_lowercase(),
                "language",
            )
            for source, codes in zip(sources, stated.concepts.codes, strict=True)
        ]
    )
    keys = ["text", "language"]
    # The lists are made for the few shared names only.
    several = pl.col("node").min() != pl.col("node").max()
    means = names.group_by(keys).agg(several.alias("several")).filter("several")
    shared = names.join(means, on=keys, how="semi")
    rows = shared.group_by(keys).agg(pl.col("node").unique().sort()).sort(keys)

    def show(shown: pl.DataFrame) -> Iterator[tuple[str, str]]:
        for text, language, nodes in shown.iter_rows():
            ids = [stated.concepts.ids[node] for node in nodes]
            yield listing(ids, MOST_IDS), f"{text!r} ({language}) names them all"

    return Found("shared-name", rows, show)


def _concepts(code: str, those: pl.Series, stated: Stated, detail: str) -> Found:
    def show(shown: pl.DataFrame) -> Iterator[tuple[str, str]]:
        return ((concept, detail) for concept in shown["id"])

    return Found(code, pl.DataFrame({"id": stated.concepts.ids.filter(those)}), show)
