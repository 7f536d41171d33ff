"""The nodes that a Bolt server sent, as concepts with all that is said of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import polars as pl

from kgsynth.sources.collisions import SHARP, judge_identifiers
from kgsynth.sources.columns import DROPPED, LONGEST_TEXT
from kgsynth.sources.neo4j.bolt_values import as_id, lists, texts
from kgsynth.sources.prefixes import canonical_curie

CONCEPT = "KgsynthConcept"
"""The label that `kgsynth.graph.export.bolt` gives to every concept; it is no type."""

_LISTS = ("synonyms", "abbreviations", "xrefs", "definitions")


class Concepts(NamedTuple):
    """The nodes that can be used, and those that cannot."""

    frame: pl.DataFrame
    """``id``, ``types``, ``name``, and lists of what else is said of each."""
    dropped: pl.DataFrame
    given: pl.DataFrame
    """``given`` and ``id``: ids that the database spells otherwise than they are spelled here."""
    apart: pl.Series
    """Ids that mean several concepts: each was told apart by its labels."""

    @property
    def rows(self) -> int:
        """How many nodes the server sent."""
        return self.frame.height + self.dropped.height

    def names(self) -> pl.DataFrame:
        """List the names, the preferred one of each concept first."""
        parts = [
            _listed(self.frame, column, kind=kind)
            for column, kind in (
                ("name", "preferred"),
                ("synonyms", "synonym"),
                ("abbreviations", "abbreviation"),
            )
        ]
        return (
            pl.concat(parts)
            .with_columns(pl.lit("en").alias("language"))
            .unique(["id", "text"], keep="first", maintain_order=True)
        )

    def definitions(self) -> pl.DataFrame:
        """List the definitions."""
        return _listed(self.frame, "definitions").unique(maintain_order=True)

    def identifiers(self) -> pl.DataFrame:
        """List cross references, and the ids as the database spells them."""
        spelled = judge_identifiers(self.given.rename({"given": "text"}), self.frame["id"])
        return pl.concat([_listed(self.frame, "xrefs", kind="xref"), spelled], how="diagonal")

    def as_here(self, end: str, labels: str = "") -> pl.Expr:
        """Spell an end of relationships as the concept that it means is spelled.

        The labels of its node matter where ids mean several concepts.
        """
        spelled = pl.col(end)
        if not self.given.is_empty():
            spelled = spelled.replace(self.given["given"], self.given["id"])
        return _told_apart(spelled, labels, self.apart).alias(end) if labels else spelled


def _listed(frame: pl.DataFrame, column: str, **said: str) -> pl.DataFrame:
    """Give each item a row."""
    rows = frame.select("id", pl.col(column).alias("text"))
    held = rows.explode("text") if isinstance(rows.schema["text"], pl.List) else rows
    return held.drop_nulls().with_columns(pl.lit(word).alias(key) for key, word in said.items())


# --- from records to columns ---------------------------------------------------------------------


def node_page(page: Sequence[Sequence[Any]], before: int) -> pl.DataFrame:
    """Make columns of records; ``before`` nodes were read already."""
    ids, labels, names, *others = zip(*page, strict=True)
    held: dict[str, Sequence[Any]] = dict(zip(_LISTS, others, strict=True))
    firsts, held["synonyms"] = _first_names(names, held["synonyms"])
    return pl.DataFrame(
        {
            "id": texts(ids, as_id),
            "odd": texts([value if as_id(value) is None else None for value in ids]),
            "labels": lists(labels),
            "name": texts(firsts),
            **{column: lists(values) for column, values in held.items()},
        }
    ).with_row_index("row", before + 1)


def _first_names(
    names: Sequence[Any], synonyms: Sequence[Any]
) -> tuple[Sequence[Any], Sequence[Any]]:
    """Take the first of several names as the name, and the others as synonyms."""
    if list not in set(map(type, names)):
        return names, synonyms
    firsts, others = [], []
    for name, held in zip(names, synonyms, strict=True):
        several = name if isinstance(name, list) else [name]
        rest = held if isinstance(held, list) else [held]
        firsts.append(several[0] if several else None)
        others.append([text for text in (*several[1:], *rest) if text is not None])
    return firsts, others


def told_apart(nodes: pl.DataFrame) -> Concepts:
    """Set aside the nodes that no id names; tell apart the concepts that share an id.

    An id that stands in nodes with other labels and other names means several concepts: each
    gets its labels behind a ``#``, and a ``#`` of its own is escaped. With the same labels, only
    the first name is taken.
    """
    name = pl.when(pl.col("name").str.strip_chars() != "").then("name")
    none = pl.lit([], dtype=pl.List(pl.String()))
    types = labels_in_order(pl.col("labels")).fill_null(none).alias("types")
    judged = nodes.with_columns(name, types, _why_no_id().alias("reason"))
    kept, lost = _parted(judged)
    # A NUL ends a text in other languages; where an id holds one, it is an odd spelling.
    plain = kept["id"].str.replace_all("\x00", "", literal=True)
    curies = pl.Series("id", [canonical_curie(text) for text in plain], dtype=pl.String)
    canonical = curies.str.replace_all("#", SHARP, literal=True)
    kept = kept.with_columns(pl.col("id").alias("given"), canonical)
    apart = _ambiguous(kept.filter(pl.len().over("id") > 1))
    changed = kept.filter(pl.col("given") != pl.col("id")).select("given", "id").unique()
    kept = kept.with_columns(_told_apart(pl.col("id"), "types", apart).alias("id"))
    other = pl.col("name") != pl.col("name").drop_nulls().first().over("id")
    kept, twice = _parted(
        kept.with_columns(pl.when(other).then(pl.lit("duplicate-id")).alias("reason"))
    )
    dropped = pl.concat([_dropped(lost), _dropped(twice)])
    return Concepts(kept, dropped, changed.sort(pl.all()), apart)


def labels_in_order(labels: pl.Expr) -> pl.Expr:
    """Sort labels, which a database keeps in no order, and leave out the one that is no type."""
    plain = labels.list.eval(pl.element().str.replace_all("\x00", "", literal=True))
    return plain.list.filter((pl.element() != CONCEPT) & (pl.element() != "")).list.sort()


def _why_no_id() -> pl.Expr:
    return (
        pl.when(pl.col("odd").is_not_null())
        .then(pl.lit("malformed-id"))
        .when(pl.col("id").is_null())
        .then(pl.lit("no-id"))
        .when(pl.col("id").str.replace_all("\x00", "", literal=True).str.strip_chars() == "")
        .then(pl.lit("empty-id"))
    )


def _parted(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    return rows.filter(pl.col("reason").is_null()), rows.filter(pl.col("reason").is_not_null())


def _ambiguous(shared: pl.DataFrame) -> pl.Series:
    found = shared.group_by("id").agg(
        pl.col("types").list.join("+").n_unique().alias("sets"),
        pl.col("name").drop_nulls().n_unique().alias("names"),
    )
    return found.filter((pl.col("sets") > 1) & (pl.col("names") > 1))["id"].sort()


def _told_apart(ids: pl.Expr, labels: str, apart: pl.Series) -> pl.Expr:
    """Put the labels behind an id that means several concepts."""
    key = labels_in_order(pl.col(labels)).list.join("+").str.replace_all("#", SHARP, literal=True)
    return pl.when(ids.is_in(apart.implode()) & (key != "")).then(ids + "#" + key).otherwise(ids)


def _dropped(rows: pl.DataFrame) -> pl.DataFrame:
    text = pl.concat_str(
        pl.concat_str(pl.lit(":"), pl.col("types").list.join(":")),
        pl.coalesce("odd", "id"),
        "name",
        separator=" ",
        ignore_nulls=True,
    )
    return rows.select(
        pl.lit("nodes").alias("file"),
        pl.col("row").cast(pl.Int64),
        "reason",
        text.str.slice(0, LONGEST_TEXT).alias("text"),
    ).match_to_schema(DROPPED)
