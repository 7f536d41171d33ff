"""What the exports of a store have in common, so that each can be read back without loss.

Every format has places of its own for ids, names and relations, which other tools read. What it
has no place for (who gave a name, in what language, on what terms) stands beside them in the
form of this module: once for the whole graph what the sources say of themselves, and for each
concept and statement the rest.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

import polars as pl
from pydantic import ValidationError

from kgsynth.errors import SourceError, listing, nearest
from kgsynth.model import Record
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
from kgsynth.sources.opening import opened

KEY = "kgsynth"
"""The column or property that holds what a format has no place for."""

ABOUT_FILE = "kgsynth.json"
"""Where an export that is a folder says what it is."""

NUL = "\x00"
"""No text of a graph holds it; a file that does was damaged."""
DATE = re.compile(r"(\d{4}-\d{2}-\d{2})?")

TYPES = pl.List(pl.String())
NAME = pl.Struct(dict.fromkeys(("text", "language", "kind", "source"), pl.String()))
IDENTIFIER = pl.Struct(dict.fromkeys(("text", "kind"), pl.String()))
DEFINITION = pl.Struct(dict.fromkeys(("text", "source"), pl.String()))
CONCEPTS = pl.Schema(
    {
        "id": pl.String(),
        "types": TYPES,
        "names": pl.List(NAME),
        "identifiers": pl.List(IDENTIFIER),
        "definitions": pl.List(DEFINITION),
    }
)
"""One row a concept. ``source`` is the key of a source."""
VOUCHED = pl.Schema(
    {"predicate": pl.String(), "sources": TYPES, "licences": TYPES, "evidence": TYPES}
)
STATEMENTS = pl.Schema(
    {"subject": pl.String(), "object": pl.String(), **VOUCHED, "row": pl.Int64()}
)
"""One row a statement. ``sources`` and ``licences`` go in pairs; ``row`` says where it stands."""


class ExportedSource(Record):
    """What a source says of itself."""

    key: str
    """Its name, made distinct where two sources have the same."""
    name: str
    version: str = ""
    released: str = ""
    licence: str = ""
    restriction: int = 0
    complete: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    """The licences of statements that it vouches for."""


class About(Record):
    """What an export says of the whole graph."""

    format: Literal[1] = 1
    sources: tuple[ExportedSource, ...]
    concepts: int = 0
    statements: int = 0
    """How many there are; 0 where an older export does not say so."""

    def infos(self) -> tuple[SourceInfo, ...]:
        """Return the sources as a reader yields them."""
        return tuple(
            SourceInfo(s.name, s.version, s.released, s.licence, s.complete, s.restriction)
            for s in self.sources
        )


def read_about(text: str | bytes, where: str) -> About:
    """Read what an export says of itself."""
    try:
        about = About.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise SourceError(
            f"{where} does not say what kgsynth writes there: {place}: {first['msg']}.",
            remedy="Export the graph again, with a version no newer than this one.",
        ) from None
    if not about.sources:
        raise SourceError(f"{where} names no source.", remedy="Export the graph again.")
    keys = [source.key for source in about.sources]
    for source in about.sources:
        if not _is_word(source.name):
            raise SourceError(
                f"{where}: a source has the name {source.name!r}.",
                remedy="Give it one, or export the graph again.",
            )
        if not _is_word(source.key) or keys.count(source.key) > 1:
            raise SourceError(
                f"{where}: the source {source.name!r} has the key {source.key!r}, which is empty "
                "or another's.",
                remedy="Give each its own, or export the graph again.",
            )
        if not DATE.fullmatch(source.released):
            raise SourceError(
                f"{where}: the source {source.key!r} was released on {source.released[:40]!r}, "
                "which is no date.",
                remedy="Write it as 2026-11-01, or leave it empty.",
            )
    return about


def _is_word(text: str) -> bool:
    """Tell whether a text holds more than white space, and nothing damaged."""
    return NUL not in text and bool(text.strip())


def read_about_file(folder: Path) -> About:
    """Read what an export that is a folder says of itself."""
    path = folder / ABOUT_FILE
    with opened(path) as file:
        return read_about(file.read(), str(path))


def decode(texts: pl.Series, rows: pl.Series, kind: pl.Schema, file: str) -> pl.DataFrame:
    """Read the column ``kgsynth`` of some rows; one that is not as we wrote it is refused."""
    wanted = pl.Struct(dict(kind))
    # Statements without evidence have few things to say: each is read once.
    several = texts.alias("text").to_frame()
    once = several.unique(maintain_order=True)
    try:
        decoded = once["text"].str.json_decode(wanted)
        if len(decoded) == once.height and _is_whole(decoded):
            read = once.hstack([decoded.alias("read")])
            return several.join(read, on="text", maintain_order="left")["read"].struct.unnest()
    except pl.exceptions.PolarsError:
        pass
    raise SourceError(
        f"{file}, row {_first_wrong(texts, rows, wanted)}: {KEY!r} does not hold what kgsynth "
        "writes there.",
        remedy=f"Export the graph again; or remove every {KEY!r}, and what is left is read.",
    )


def _is_whole(decoded: pl.Series) -> bool:
    """Tell whether every row has all its parts."""
    return not decoded.is_null().any() and not any(decoded.struct.unnest().null_count().row(0))


def _first_wrong(texts: pl.Series, rows: pl.Series, wanted: pl.Struct) -> int:
    for at in range(len(texts)):
        try:
            if not _is_whole(texts.slice(at, 1).str.json_decode(wanted)):
                break
        except pl.exceptions.PolarsError:
            break
    return int(rows[at])


# --- columns ---------------------------------------------------------------------------------


def columns_of(
    about: About,
    concepts: pl.DataFrame,
    statements: pl.DataFrame,
    *,
    file: str,
    symmetric: Iterable[str] = (),
    dropped: Sequence[pl.DataFrame] = (),
    counted: Mapping[str, int] | None = None,
) -> GraphColumns:
    """Number ``CONCEPTS`` and ``STATEMENTS``; set statements about unknown concepts aside.

    ``file`` is where the statements stand; ``symmetric`` are relations without a direction.
    """
    _check(concepts, statements, file)
    nodes = _nodes(concepts)
    codes = nodes.select("id").with_row_index("node")
    ends = _coded(statements, codes)
    is_lost = pl.col("subject_code").is_null() | pl.col("object_code").is_null()
    kept = ends.filter(~is_lost).with_row_index("statement")
    vouchers = _vouchers(kept, about, file)
    origins = _origins(vouchers, about)
    spellings = kept["predicate"].unique().sort()
    edges = _edges(vouchers, origins, spellings)
    either_way = set(symmetric)
    lost = pl.concat([*dropped, _dangling(ends.filter(is_lost), file)])
    told = Counter(counted or {})
    told["missing-row"] += max(0, _missing(about, nodes, kept) - lost.height - told.total())
    return GraphColumns(
        sources=about.infos(),
        origins=tuple(Origin(*row) for row in origins.rows()),
        relations=tuple(Relation(s, symmetric=s in either_way) for s in spellings),
        nodes=nodes,
        names=_names(concepts, codes, about, file),
        identifiers=_identifiers(concepts, codes, file),
        definitions=_definitions(concepts, codes, about, file),
        edges=edges.select(EDGES.names()),
        evidence=_evidence(kept, edges, file),
        dropped=lost,
        counted=dict(+told),
    )


def _missing(about: About, nodes: pl.DataFrame, kept: pl.DataFrame) -> int:
    """Count what an export says that it holds, and what no row of it is."""
    if not about.statements:
        return 0
    # A table may give a statement a row for each of its sources.
    statements = kept.select("subject_code", "predicate", "object_code").n_unique()
    return max(0, about.concepts - nodes.height) + max(0, about.statements - statements)


def _check(concepts: pl.DataFrame, statements: pl.DataFrame, file: str) -> None:
    """Refuse a concept without an id, and a statement that lacks its relation or its terms."""
    if concepts.is_empty():
        raise SourceError(f"{file} holds no concept.", remedy="Export the graph again.")
    types = pl.col("types").is_null() | pl.col("types").list.contains(None)
    if concepts.select((_blank("id") | types).any()).item():
        raise SourceError(
            f"A concept that belongs to {file} lacks its id, or one of its types.",
            remedy="Export the graph again.",
        )
    terms = pl.col("licences").list.contains(None)
    bad = statements.filter(_blank("predicate") | terms)
    if not bad.is_empty():
        raise SourceError(
            f"{file}, row {bad['row'][0]}: the statement lacks its relation, or a licence is null.",
            remedy="Export the graph again.",
        )


def _blank(column: str) -> pl.Expr:
    """Tell where a word that must be there is missing, or damaged."""
    word = pl.col(column).fill_null("")
    return (word.str.strip_chars() == "") | word.str.contains(NUL, literal=True)


def _nodes(concepts: pl.DataFrame) -> pl.DataFrame:
    types = pl.col("types").list.explode().drop_nulls().unique(maintain_order=True)
    return concepts.select("id", "types").group_by("id", maintain_order=True).agg(types)


def _coded(statements: pl.DataFrame, codes: pl.DataFrame) -> pl.DataFrame:
    for end in ("subject", "object"):
        other = codes.rename({"node": f"{end}_code"})
        statements = statements.join(
            other, left_on=end, right_on="id", how="left", maintain_order="left"
        )
    return statements


def _dangling(lost: pl.DataFrame, file: str) -> pl.DataFrame:
    if lost.is_empty():
        return no_rows(DROPPED)
    return lost.select(
        pl.lit(file).alias("file"),
        "row",
        pl.lit("dangling").alias("reason"),
        pl.concat_str("subject", "predicate", "object", separator="\t", ignore_nulls=True)
        .str.head(LONGEST_TEXT)
        .alias("text"),
    )


# --- who vouches -----------------------------------------------------------------------------


def _vouchers(kept: pl.DataFrame, about: About, file: str) -> pl.DataFrame:
    """List who vouches for each statement, a row each."""
    paired = pl.col("sources").list.len() == pl.col("licences").list.len()
    wrong = kept.filter(~paired | (pl.col("sources").list.len() == 0))
    if not wrong.is_empty():
        raise SourceError(
            f"{file}, row {wrong['row'][0]}: a statement needs a source, and each source its "
            "licence.",
            remedy="Export the graph again.",
        )
    rows = kept.select(
        "statement", "subject_code", "predicate", "object_code", "sources", "licences"
    ).explode("sources", "licences")
    place = _source_places(rows["sources"], about, file)
    return rows.with_columns(place.alias("source")).rename({"licences": "licence"})


def _source_places(keys: pl.Series, about: About, file: str) -> pl.Series:
    """Find the sources that keys mean."""
    known = {source.key: at for at, source in enumerate(about.sources)}
    strange = [key for key in keys.unique().drop_nulls().sort() if key not in known]
    if strange or keys.null_count():
        word = strange[0] if strange else ""
        raise SourceError(
            f"{file} names the source {word!r}, which it does not describe.{nearest(word, known)}",
            remedy=f"It describes {listing(known)}.",
        )
    return keys.replace_strict(known, return_dtype=pl.UInt16)


def _origins(vouchers: pl.DataFrame, about: About) -> pl.DataFrame:
    """List the pairs of source and licence: those that are used, and those that were known."""
    listed = pl.DataFrame(
        [(at, licence) for at, s in enumerate(about.sources) for licence in s.licences],
        schema={"source": pl.UInt16, "licence": pl.String},
        orient="row",
    )
    return pl.concat([listed, vouchers.select("source", "licence")]).unique().sort(pl.all())


def _edges(vouchers: pl.DataFrame, origins: pl.DataFrame, spellings: pl.Series) -> pl.DataFrame:
    relation = pl.DataFrame({"predicate": spellings}).with_row_index("relation")
    numbered = origins.with_row_index("origin")
    return (
        vouchers.join(relation, on="predicate", maintain_order="left")
        .join(numbered, on=["source", "licence"], maintain_order="left")
        .select(
            "statement",
            pl.col("subject_code").cast(pl.UInt32).alias("subject"),
            pl.col("relation").cast(pl.UInt16).alias("predicate"),
            pl.col("object_code").cast(pl.UInt32).alias("object"),
            pl.col("origin").cast(pl.UInt16),
        )
    )


def _evidence(kept: pl.DataFrame, edges: pl.DataFrame, file: str) -> pl.DataFrame:
    """Hang each text on the first row of its statement."""
    first = edges.with_row_index("edge").unique("statement", keep="first", maintain_order=True)
    listed = kept.select("statement", "evidence", "row").filter(pl.col("evidence").list.len() > 0)
    said = listed.explode("evidence").filter(pl.col("evidence").fill_null("") != "")
    damaged = said.filter(pl.col("evidence").str.contains(NUL, literal=True))
    if not damaged.is_empty():
        raise SourceError(
            f"{file}, row {damaged['row'][0]}: the evidence holds binary data.",
            remedy="Export the graph again.",
        )
    return (
        said.join(first.select("statement", "edge"), on="statement", maintain_order="left")
        .select(pl.col("edge").cast(pl.UInt32), pl.col("evidence").alias("text"))
        .cast(EVIDENCE)
    )


# --- what is said of concepts ------------------------------------------------------------------


def _said(concepts: pl.DataFrame, what: str, codes: pl.DataFrame, file: str) -> pl.DataFrame:
    """List what is said of each concept, a row each."""
    rows = (
        concepts.select("id", what)
        .filter(pl.col(what).list.len() > 0)
        .explode(what)
        .unnest(what)
        .join(codes, on="id", maintain_order="left")
    )
    damaged = pl.any_horizontal(pl.all().is_null()) | pl.col("text").str.contains(NUL, literal=True)
    if rows.select(damaged.any()).item():
        bad = rows.filter(damaged)["id"][0]
        raise SourceError(
            f"{file}: the {what} of {bad!r} are not whole.", remedy="Export the graph again."
        )
    return rows.with_columns(pl.col("node").cast(pl.UInt32))


def _names(concepts: pl.DataFrame, codes: pl.DataFrame, about: About, file: str) -> pl.DataFrame:
    rows = _said(concepts, "names", codes, file).filter(pl.col("text").str.strip_chars() != "")
    source = _source_places(rows["source"], about, file)
    return rows.with_columns(source, _kinds(rows["kind"], NAMES["kind"], file)).select(
        NAMES.names()
    )


def _identifiers(concepts: pl.DataFrame, codes: pl.DataFrame, file: str) -> pl.DataFrame:
    rows = _said(concepts, "identifiers", codes, file)
    kinds = _kinds(rows["kind"], IDENTIFIERS["kind"], file)
    return rows.with_columns(kinds).select(IDENTIFIERS.names())


def _definitions(
    concepts: pl.DataFrame, codes: pl.DataFrame, about: About, file: str
) -> pl.DataFrame:
    rows = _said(concepts, "definitions", codes, file)
    source = _source_places(rows["source"], about, file)
    return rows.with_columns(source).select(DEFINITIONS.names())


def _kinds(words: pl.Series, kinds: pl.DataType, file: str) -> pl.Series:
    assert isinstance(kinds, pl.Enum)
    known = kinds.categories.to_list()
    for word in words.unique().sort():
        if word not in known:
            raise SourceError(
                f"{file}: there is no kind {word!r}.{nearest(word, known)}",
                remedy=f"Kinds: {listing(known)}.",
            )
    return words.cast(kinds)
