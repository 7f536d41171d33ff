"""Number the concepts, relations and sources of a graph that was read as text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from kgsynth.errors import SourceError
from kgsynth.sources.columns import (
    DEFINITIONS,
    DROPPED,
    EDGES,
    EVIDENCE,
    IDENTIFIERS,
    LONGEST_TEXT,
    NAMES,
    GraphColumns,
    Origin,
    Relation,
    SourceInfo,
    no_rows,
)

MOST_CODES = 1 << 15
"""Relations, or pairs of source and licence, that a graph may hold."""

SPELLED_NODES = pl.Schema({"id": pl.String(), "types": pl.List(pl.String())})
SPELLED_NAMES = pl.Schema(
    {"id": pl.String(), "text": pl.String(), "language": pl.String(), "kind": pl.String()}
)
SPELLED_EDGES = pl.Schema({"subject": pl.String(), "predicate": pl.String(), "object": pl.String()})
"""Edges may also hold ``source`` (a name), ``licence``, ``evidence`` (one text), and ``file``,
``row``, ``text``: where a row stands, for the list of what was dropped."""
SPELLED_DEFINITIONS = pl.Schema({"id": pl.String(), "text": pl.String()})
SPELLED_IDENTIFIERS = pl.Schema({"id": pl.String(), "text": pl.String(), "kind": pl.String()})


def code_columns(
    *,
    sources: Sequence[SourceInfo],
    nodes: pl.DataFrame,
    names: pl.DataFrame,
    edges: pl.DataFrame,
    identifiers: pl.DataFrame | None = None,
    definitions: pl.DataFrame | None = None,
    relations: Iterable[Relation] = (),
    dropped: Iterable[pl.DataFrame] = (),
    counted: Mapping[str, int] | None = None,
) -> GraphColumns:
    """Number everything; set aside edges without a relation, or with an end not in ``nodes``.

    A concept that stands in several rows of ``nodes`` is one, with the types of all of them.
    Names and identifiers of ids that ``nodes`` does not hold are left out. A name or an edge
    without a ``source`` is of the first one. ``relations`` says what is known of some of them.
    """
    concepts = _concepts(nodes)
    codes = concepts.select("id").with_row_index("code")
    placed = _placed(edges, codes).with_columns(_why_lost().alias("reason"))
    lost = placed.filter(pl.col("reason").is_not_null())
    kept = placed.filter(pl.col("reason").is_null()) if lost.height else placed
    spellings = _spellings(kept, relations)
    origins = _origins(kept, sources)
    coded = _coded(kept, spellings, origins, sources)
    return GraphColumns(
        sources=tuple(sources),
        origins=origins,
        relations=spellings,
        nodes=concepts,
        names=_names(names, codes, sources),
        identifiers=_identifiers(identifiers, codes),
        definitions=_definitions(definitions, codes, sources),
        edges=coded.select(EDGES.names()),
        evidence=_evidence(coded),
        dropped=pl.concat([*dropped, _set_aside(lost)])
        .with_columns(pl.col("text").str.slice(0, LONGEST_TEXT))
        .sort("file", "row", maintain_order=True),
        counted=dict(counted or {}),
    )


def _concepts(nodes: pl.DataFrame) -> pl.DataFrame:
    if nodes["id"].is_unique().all():
        return nodes.select("id", "types")
    types = pl.col("types").list.explode().drop_nulls().unique(maintain_order=True)
    return nodes.select("id", "types").group_by("id", maintain_order=True).agg(types)


def _placed(edges: pl.DataFrame, codes: pl.DataFrame) -> pl.DataFrame:
    frame = edges
    for end in ("subject", "object"):
        frame = frame.join(
            codes.rename({"code": f"{end}_code"}),
            left_on=end,
            right_on="id",
            how="left",
            maintain_order="left",
        )
    return frame


def _why_lost() -> pl.Expr:
    """Say why an edge is no statement; null keeps it."""
    no_relation = pl.col("predicate").fill_null("").str.strip_chars() == ""
    no_end = pl.col("subject_code").is_null() | pl.col("object_code").is_null()
    why = pl.when(no_relation).then(pl.lit("empty-predicate"))
    return why.when(no_end).then(pl.lit("dangling"))


def _set_aside(lost: pl.DataFrame) -> pl.DataFrame:
    if lost.is_empty():
        return no_rows(DROPPED)
    spelled = pl.concat_str("subject", "predicate", "object", separator="\t", ignore_nulls=True)
    texts = pl.col("text") if "text" in lost.columns else spelled
    return lost.select(
        (pl.col("file") if "file" in lost.columns else pl.lit("")).alias("file"),
        (pl.col("row") if "row" in lost.columns else pl.lit(0)).cast(pl.Int64).alias("row"),
        "reason",
        texts.alias("text"),
    )


def _spellings(edges: pl.DataFrame, relations: Iterable[Relation]) -> tuple[Relation, ...]:
    known = {relation.spelling: relation for relation in relations}
    used = edges["predicate"].unique().sort().to_list()
    if len(used) > MOST_CODES:
        raise SourceError(
            f"The graph has {len(used):,} different relations; a store holds {MOST_CODES:,}.",
            remedy="Check that the column of the relation is the right one.",
        )
    return tuple(known.get(spelling, Relation(spelling)) for spelling in used)


def _origins(edges: pl.DataFrame, sources: Sequence[SourceInfo]) -> tuple[Origin, ...]:
    number = {source.name: at for at, source in enumerate(sources)}
    found = _with_terms(edges, sources).select("source", "licence").unique().sort(pl.all()).rows()
    if len(found) > MOST_CODES:
        raise SourceError(
            f"The graph has {len(found):,} different pairs of source and licence; a store "
            f"holds {MOST_CODES:,}.",
            remedy="Check that the column of the licence is the right one.",
        )
    return tuple(Origin(number[source], licence) for source, licence in found)


def _with_terms(edges: pl.DataFrame, sources: Sequence[SourceInfo]) -> pl.DataFrame:
    """Give every edge its source and licence: its own, or those of the source."""
    source = pl.col("source") if "source" in edges.columns else pl.lit(sources[0].name)
    own = pl.col("licence") if "licence" in edges.columns else pl.lit("")
    terms = {info.name: info.licence for info in sources}
    frame = edges.with_columns(source.alias("source"), own.fill_null("").alias("licence"))
    usual = pl.col("source").replace_strict(terms, return_dtype=pl.String)
    return frame.with_columns(
        pl.when(pl.col("licence") != "").then("licence").otherwise(usual).alias("licence")
    )


def _coded(
    edges: pl.DataFrame,
    relations: Sequence[Relation],
    origins: Sequence[Origin],
    sources: Sequence[SourceInfo],
) -> pl.DataFrame:
    predicate = pl.DataFrame(
        {"predicate": [r.spelling for r in relations]}, schema={"predicate": pl.String}
    )
    origin = pl.DataFrame(
        [(sources[o.source].name, o.licence) for o in origins],
        schema={"source": pl.String, "licence": pl.String},
        orient="row",
    )
    return (
        _with_terms(edges, sources)
        .join(predicate.with_row_index("predicate_code"), on="predicate", maintain_order="left")
        .join(origin.with_row_index("origin"), on=["source", "licence"], maintain_order="left")
        .with_columns(
            pl.col("subject_code").cast(pl.UInt32).alias("subject"),
            pl.col("predicate_code").cast(pl.UInt16).alias("predicate"),
            pl.col("object_code").cast(pl.UInt32).alias("object"),
            pl.col("origin").cast(pl.UInt16),
        )
    )


def _evidence(edges: pl.DataFrame) -> pl.DataFrame:
    if "evidence" not in edges.columns:
        return no_rows(EVIDENCE)
    return (
        edges.select(_without_nul("evidence"))
        .with_row_index("edge")
        .filter(pl.col("evidence").fill_null("").str.strip_chars() != "")
        .select(pl.col("edge").cast(pl.UInt32), pl.col("evidence").alias("text"))
    )


def _names(names: pl.DataFrame, codes: pl.DataFrame, sources: Sequence[SourceInfo]) -> pl.DataFrame:
    return _texts(names, codes, sources).select(
        "node", "text", "language", pl.col("kind").cast(NAMES["kind"]), "source"
    )


def _definitions(
    definitions: pl.DataFrame | None, codes: pl.DataFrame, sources: Sequence[SourceInfo]
) -> pl.DataFrame:
    if definitions is None:
        return no_rows(DEFINITIONS)
    return _texts(definitions, codes, sources).select(DEFINITIONS.names())


def _texts(frame: pl.DataFrame, codes: pl.DataFrame, sources: Sequence[SourceInfo]) -> pl.DataFrame:
    """Number the concept and the source of each text; leave out blank ones and strangers'."""
    number = {source.name: at for at, source in enumerate(sources)}
    source = (
        pl.col("source").replace_strict(number, return_dtype=pl.UInt16)
        if "source" in frame.columns
        else pl.lit(0, dtype=pl.UInt16)
    )
    return (
        frame.with_columns(_without_nul("text"))
        .filter(pl.col("text").str.strip_chars() != "")
        .join(codes, on="id", maintain_order="left")
        .with_columns(pl.col("code").cast(pl.UInt32).alias("node"), source.alias("source"))
    )


def _without_nul(column: str) -> pl.Expr:
    """Take out the one character that ends a text in other languages."""
    return pl.col(column).str.replace_all("\x00", "", literal=True)


def _identifiers(identifiers: pl.DataFrame | None, codes: pl.DataFrame) -> pl.DataFrame:
    if identifiers is None:
        return no_rows(IDENTIFIERS)
    return (
        identifiers.with_columns(_without_nul("text"))
        .filter(pl.col("text").str.strip_chars() != "")
        .join(codes, on="id", maintain_order="left")
        .select(
            pl.col("code").cast(pl.UInt32).alias("node"),
            "text",
            pl.col("kind").cast(IDENTIFIERS["kind"]),
        )
    )
