"""Hetionet's kinds of node and edge, and the graph that is made of them, whatever the file.

A node is known by its kind and its id within it, as in ``Disease::DOID:1612``; eight names stand
for two nodes of one kind, so a name decides nothing. An edge is known by its metaedge: ``CtD`` is
Compound, treats, Disease; ``Gr>G`` has a mark, for it runs one way between two nodes of a kind.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import polars as pl

from kgsynth.errors import SourceError
from kgsynth.sources.coding import code_columns
from kgsynth.sources.collisions import judge_identifiers, tell_apart
from kgsynth.sources.columns import LONGEST_TEXT, GraphColumns, Relation, SourceInfo
from kgsynth.sources.tables.layout import Table, reject


class Kind(NamedTuple):
    """A kind of node: what metaedges call it, and the prefix that its ids stand under."""

    letters: str
    prefix: str


KINDS = {
    "Anatomy": Kind("A", "UBERON"),
    "Biological Process": Kind("BP", "GO"),
    "Cellular Component": Kind("CC", "GO"),
    "Compound": Kind("C", "DRUGBANK"),
    "Disease": Kind("D", "DOID"),
    "Gene": Kind("G", "NCBIGene"),
    "Molecular Function": Kind("MF", "GO"),
    "Pathway": Kind("PW", "PATHWAYCOMMONS"),
    "Pharmacologic Class": Kind("PC", "NDFRT"),
    "Side Effect": Kind("SE", "UMLS"),
    "Symptom": Kind("S", "MESH"),
}
VERBS = {
    "associates": "a",
    "binds": "b",
    "causes": "c",
    "covaries": "c",
    "downregulates": "d",
    "expresses": "e",
    "includes": "i",
    "interacts": "i",
    "localizes": "l",
    "palliates": "p",
    "participates": "p",
    "presents": "p",
    "regulates": "r>",
    "resembles": "r",
    "treats": "t",
    "upregulates": "u",
}
_METAEDGES = """
    AdG AeG AuG CbG CcSE CdG CpD CrC CtD CuG DaG DdG DlA DpS DrD DuG GcG GiG GpBP GpCC GpMF GpPW
    Gr>G PCiC
"""
METAEDGES = frozenset(_METAEDGES.split())
TERMS = {"CbG": "CC-BY-NC-4.0", "CcSE": "CC-BY-NC-SA-4.0", "DaG": "ODbL-1.0"}
"""Where an edge does not say on what terms it is given: the strictest of what its kind is from
(DrugBank, SIDER, DisGeNET), which is stricter than the whole."""
LICENCE = "CC0-1.0"
WHOLE_NODES, WHOLE_EDGES = 47_031, 2_250_197
"""How many there are in Hetionet 1.0, as published."""

_WIKIPATHWAYS = r"^(WP[0-9]+)(?:_r[0-9]+)?$"
_EITHER_WAY = re.compile(r"([A-Z]+)[a-z]+\1")


class Parts(NamedTuple):
    """What was read of a graph. Its nodes are spelled ``Kind::id``."""

    nodes: pl.DataFrame
    """``spelled``, ``name`` and the columns of `kgsynth.sources.tables.layout.PLACE`."""
    edges: pl.DataFrame
    """``source``, ``metaedge``, ``target``, ``evidence``, ``licence`` and the place."""
    dropped: list[pl.DataFrame]
    synonyms: pl.DataFrame | None = None
    """``spelled``, ``text``."""
    xrefs: pl.DataFrame | None = None
    """``spelled``, ``text``."""
    either_way: frozenset[str] = frozenset()
    """Metaedges that are known to have no direction; for others their spelling tells."""


def metaedge(start: str, verb: str, end: str) -> str:
    """Abbreviate an edge's kind, or return nothing where a part of it is not Hetionet's.

    >>> metaedge("Compound", "treats", "Disease"), metaedge("Gene", "Regulates", "Gene")
    ('CtD', 'Gr>G')
    >>> metaedge("Compound", "admires", "Disease")
    ''
    """
    letters = [KINDS[kind].letters for kind in (start, end) if kind in KINDS]
    sign = VERBS.get(verb.lower(), "")
    return sign.join(letters) if sign and len(letters) == 2 else ""


def kind_called(word: str) -> str:
    """Return the kind that a word means, however it is put together, or the word itself.

    >>> kind_called("BiologicalProcess"), kind_called("side_effect"), kind_called("Gadget")
    ('Biological Process', 'Side Effect', 'Gadget')
    """
    return _SQUEEZED.get(_squeeze(word), word)


def _squeeze(word: str) -> str:
    return "".join(letter for letter in word.lower() if letter.isalnum())


_SQUEEZED = {_squeeze(kind): kind for kind in KINDS}


def build(parts: Parts, path: object) -> GraphColumns:
    """Number the nodes and edges, and set aside those of no use."""
    nodes, without = _usable_nodes(parts.nodes)
    if nodes.is_empty():
        raise SourceError(
            f"{path} holds no usable node.", remedy="A node needs an id such as Gene::9021."
        )
    edges, lacking = _usable_edges(parts.edges)
    known = nodes.select("spelled", "id")
    return code_columns(
        sources=[_source(nodes.height, edges.height)],
        nodes=nodes.select("id", pl.concat_list("hetionet:" + pl.col("kind")).alias("types")),
        names=_names(nodes, _placed(parts.synonyms, known)),
        edges=_stated(edges, known),
        identifiers=_identifiers(nodes, _placed(parts.xrefs, known)),
        relations=[
            Relation(f"hetionet:{m}", symmetric=m in parts.either_way or _is_either_way(m))
            for m in edges["metaedge"].unique().sort()
        ],
        dropped=[*parts.dropped, without, lacking],
    )


def _is_either_way(metaedge: str) -> bool:
    """Tell whether a metaedge joins two nodes of a kind and has no mark: ``GiG``, not ``Gr>G``."""
    return bool(_EITHER_WAY.fullmatch(metaedge))


def _source(nodes: int, edges: int) -> SourceInfo:
    """Name the source. A part of Hetionet must not vouch that what it lacks is not so."""
    if (nodes, edges) == (WHOLE_NODES, WHOLE_EDGES):
        return SourceInfo("hetionet", version="1.0", licence=LICENCE)
    return SourceInfo("hetionet-part", licence=LICENCE)


# --- nodes ------------------------------------------------------------------------------------


def _usable_nodes(rows: pl.DataFrame) -> Table:
    """Split the ids; set aside what is none, and an id that stands there once more."""
    parts = pl.col("spelled").str.splitn("::", 2).struct
    kind, local = parts.field("field_0"), parts.field("field_1")
    judged = reject(
        rows.with_columns(kind.str.strip_chars().alias("kind"), local.alias("local")),
        pl.when(pl.col("spelled") == "")
        .then(pl.lit("empty-id"))
        .when((pl.col("kind") == "") | (pl.col("local").fill_null("").str.strip_chars() == ""))
        .then(pl.lit("malformed-id"))
        .when(pl.col("name") == "")
        .then(pl.lit("empty-name")),
    )
    single = reject(
        judged.rows, pl.when(~pl.col("spelled").is_first_distinct()).then(pl.lit("duplicate-id"))
    )
    nodes = single.rows.with_columns(_curie().alias("curie"), pl.col("kind").alias("type"))
    return Table(
        tell_apart(nodes, ["spelled"]).sort("id"), pl.concat([judged.dropped, single.dropped])
    )


def _curie() -> pl.Expr:
    """Spell an id with the prefix of its kind; a version of a pathway is no part of its id."""
    local = pl.col("local").str.strip_chars()
    own = pl.col("kind").str.replace_all(r"\s+", "_")
    curie = pl.concat_str(pl.lit("hetionet:"), own, pl.lit("::"), local)
    for name, kind in KINDS.items():
        bare = local.str.strip_prefix(f"{kind.prefix}:")
        curie = pl.when(pl.col("kind") == name).then(f"{kind.prefix}:" + bare).otherwise(curie)
    pathway = local.str.extract(_WIKIPATHWAYS, 1)
    is_wiki = (pl.col("kind") == "Pathway") & pathway.is_not_null()
    return pl.when(is_wiki).then("WIKIPATHWAYS:" + pathway).otherwise(curie)


def _names(nodes: pl.DataFrame, synonyms: pl.DataFrame | None) -> pl.DataFrame:
    parts = [nodes.select("id", pl.col("name").alias("text"), pl.lit("preferred").alias("kind"))]
    if synonyms is not None:
        parts.append(synonyms.with_columns(pl.lit("synonym").alias("kind")))
    return (
        pl.concat(parts)
        .unique(["id", "text"], keep="first", maintain_order=True)
        .with_columns(pl.lit("en").alias("language"))
    )


def _identifiers(nodes: pl.DataFrame, xrefs: pl.DataFrame | None) -> pl.DataFrame:
    spelled = [nodes.select("id", pl.col(column).alias("text")) for column in ("spelled", "curie")]
    own = judge_identifiers(pl.concat(spelled), nodes["id"])
    if xrefs is None:
        return own
    others = xrefs.with_columns(pl.lit("xref").alias("kind"))
    return pl.concat([own, others]).unique(["id", "text"], keep="first", maintain_order=True)


def _placed(rows: pl.DataFrame | None, known: pl.DataFrame) -> pl.DataFrame | None:
    """Put ids for how nodes are spelled; what is of no node goes."""
    if rows is None:
        return None
    joined = rows.join(known, on="spelled", how="inner", maintain_order="left")
    return joined.select("id", "text")


# --- statements -------------------------------------------------------------------------------


def _usable_edges(rows: pl.DataFrame) -> Table:
    return reject(
        rows,
        pl.when((pl.col("source") == "") | (pl.col("target") == ""))
        .then(pl.lit("empty-id"))
        .when(pl.col("metaedge") == "")
        .then(pl.lit("empty-predicate")),
    )


def _stated(edges: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Put ids for both ends; an end that is no node stays as it is, and is found to dangle."""
    frame = edges
    for end, role in (("source", "subject"), ("target", "object")):
        frame = frame.join(
            known.rename({"id": role}),
            left_on=end,
            right_on="spelled",
            how="left",
            maintain_order="left",
        ).with_columns(pl.coalesce(role, end).alias(role))
    terms = pl.col("metaedge").replace_strict(TERMS, default="", return_dtype=pl.String)
    return frame.select(
        "subject",
        ("hetionet:" + pl.col("metaedge")).alias("predicate"),
        "object",
        pl.when(pl.col("licence") == "").then(terms).otherwise("licence").alias("licence"),
        "evidence",
        "file",
        "row",
        pl.col("line").str.head(LONGEST_TEXT).alias("text"),
    )
