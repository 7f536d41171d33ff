"""The nodes of PrimeKG: bare ids to CURIEs, groups of diseases, and what else each is called."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from kgsynth.sources.collisions import judge_identifiers, tell_apart
from kgsynth.sources.prefixes import canonical_prefix
from kgsynth.sources.primekg.rows import Spellings

CELLS = ("local", "type", "name", "source")
"""The cells that make a node, in the order of the file. PrimeKG numbers its nodes by all four."""


class Authority(NamedTuple):
    """Who gave an id: the prefix that it stands under, and the digits of its full form."""

    prefix: str
    digits: int = 0


AUTHORITIES = {
    "CTD": Authority("CTD"),
    "DrugBank": Authority("DRUGBANK"),
    "GO": Authority("GO", 7),
    "HPO": Authority("HP", 7),
    "MONDO": Authority("MONDO", 7),
    "MONDO_grouped": Authority("MONDO_grouped"),
    "NCBI": Authority("NCBIGene"),
    "REACTOME": Authority("REACT"),
    "UBERON": Authority("UBERON", 7),
}
"""By ``x_source``."""


class Nodes(NamedTuple):
    """The nodes, and where each text of a node leads."""

    table: pl.DataFrame
    """``id`` and ``CELLS``, ordered by id, which no two share."""
    identifiers: pl.DataFrame
    """``id``, ``text``, ``kind``: what else finds a node, or is said to be like it."""
    row_of: npt.NDArray[np.int64]
    """For each text, by number: the row in ``table``; -1 for a text that is refused."""
    refused: pl.Series
    """For each text, by number: why it is refused, or null."""


def read_nodes(texts: Spellings, indexed: bool) -> Nodes:
    """Make nodes of their texts.

    The four cells make the node, with or without an index before them. An index that stands for
    two nodes is wrong for one of them; the row that has it first is believed.
    """
    spelled = _parsed(texts, indexed).with_columns(_reason().alias("refused"))
    if indexed:
        spelled = _believed(spelled)
    good = pl.col("refused").is_null()
    cells = spelled.filter(good).select(CELLS).unique()
    nodes = tell_apart(
        cells.with_columns(_curie(cells["source"]).alias("curie")), ["name", "source", "local"]
    ).sort("id")
    placed = spelled.join(
        nodes.select(*CELLS, "id").with_row_index("node"),
        on=CELLS,
        how="left",
        maintain_order="left",
    )
    row = pl.when(good).then(pl.col("node").cast(pl.Int64)).otherwise(-1)
    return Nodes(
        nodes.select("id", *CELLS),
        _identifiers(nodes, placed.filter(good)),
        placed.select(row.alias("row"))["row"].to_numpy(),
        placed["refused"],
    )


def _parsed(texts: Spellings, indexed: bool) -> pl.DataFrame:
    """Read the cells of each text; the rows are in the order of the numbers."""
    columns = (["index"] if indexed else []) + list(CELLS)
    if texts.number == 0:
        cells = pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
    else:
        cells = pl.read_csv(
            texts.lines(), has_header=False, new_columns=columns, infer_schema=False
        )
    return cells.select(
        pl.Series("first_row", texts.first_rows[: texts.number], dtype=pl.Int64),
        pl.col(columns).fill_null("").str.strip_chars(),
    )


def _reason() -> pl.Expr:
    """Say why the cells make no node; null where they do."""
    reason = pl.lit(None, dtype=pl.String)
    for cell, word in zip(CELLS, ("id", "type", "name", "source"), strict=True):
        reason = pl.when(pl.col(cell) == "").then(pl.lit(f"empty-{word}")).otherwise(reason)
    return reason


def _believed(spelled: pl.DataFrame) -> pl.DataFrame:
    """Refuse what is no index, and the later nodes of one that stands for several."""
    number = pl.col("index").str.contains(r"^[0-9]{1,18}$")
    judged = spelled.with_columns(
        pl.coalesce("refused", pl.when(~number).then(pl.lit("malformed-index")))
    )
    first = (
        judged.filter(pl.col("refused").is_null())
        .sort("first_row", maintain_order=True)
        .unique("index", keep="first", maintain_order=True)
    )
    kept = pl.struct(CELLS).alias("kept")
    other = pl.when(kept != pl.col("kept")).then(pl.lit("duplicate-id"))
    return judged.join(
        first.select("index", kept), on="index", how="left", maintain_order="left"
    ).select(*spelled.columns[:-1], pl.coalesce("refused", other.alias("refused")).alias("refused"))


# --- ids --------------------------------------------------------------------------------------


def _curie(sources: pl.Series) -> pl.Expr:
    """Spell the id of each row out, by its source."""
    curie = pl.lit(None, dtype=pl.String)
    for source in sources.unique().sort():
        authority = AUTHORITIES.get(source) or Authority(canonical_prefix("_".join(source.split())))
        spelled = authority.prefix + ":" + _full(pl.col("local"), authority)
        curie = pl.when(pl.col("source") == source).then(spelled).otherwise(curie)
    return curie


def _full(local: pl.Expr, authority: Authority) -> pl.Expr:
    """Give a number its leading zeros back, which were lost when it was read as a number."""
    bare = local.str.strip_prefix(f"{authority.prefix}:")
    if not authority.digits:
        return bare
    number = bare.str.contains(r"^[0-9]+$")
    return pl.when(number).then(bare.str.zfill(authority.digits)).otherwise(bare)


def _identifiers(nodes: pl.DataFrame, spelled: pl.DataFrame) -> pl.DataFrame:
    """Collect what else a node is called: its index, the source's own spelling, its group."""
    texts = [
        nodes.select("id", pl.concat_str("source", pl.lit(":"), "local").alias("text")),
        nodes.select("id", pl.col("curie").alias("text")),
        _members(nodes),
    ]
    if "index" in spelled.columns:
        texts.append(spelled.select("id", ("primekg:" + pl.col("index")).alias("text")))
    return judge_identifiers(pl.concat(texts), nodes["id"])


def _members(nodes: pl.DataFrame) -> pl.DataFrame:
    """List the diseases that PrimeKG made one node of, as ``13924_12592``."""
    group = nodes.filter(pl.col("source") == "MONDO_grouped")
    member = _full(pl.col("member"), AUTHORITIES["MONDO"])
    return (
        group.select("id", pl.col("local").str.split("_").alias("member"))
        .explode("member")
        .filter(pl.col("member") != "")
        .select("id", ("MONDO:" + member).alias("text"))
    )
