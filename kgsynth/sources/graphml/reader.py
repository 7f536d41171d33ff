"""GraphML, as networkx, Gephi, yEd, Cytoscape, Neo4j and kgsynth write it.

What other tools write has no agreed names. A node is called by its ``name`` or ``label``, an
edge's relation is its ``predicate``, ``label``, ``relation`` or ``type``, in any case; the key
``kgsynth`` of our own exports says all of it, and is preferred to them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path

import polars as pl

from kgsynth.errors import SourceError
from kgsynth.source_options import PlainOptions
from kgsynth.sources import polarity
from kgsynth.sources.columns import DROPPED, LONGEST_TEXT, GraphColumns, Progress, silent
from kgsynth.sources.exported import (
    CONCEPTS,
    KEY,
    STATEMENTS,
    VOUCHED,
    About,
    ExportedSource,
    columns_of,
    decode,
    read_about,
)
from kgsynth.sources.graphml.items import Item, items
from kgsynth.sources.prefixes import canonical_curie
from kgsynth.sources.tables.layout import Table, reject

ROWS = 50_000
"""Items that are held as Python objects at once."""
NAME_KEYS = ("name", "label")
TYPE_KEYS = ("types", "type", "labels", "category", "categories")
RELATION_KEYS = ("predicate", "label", "relation", "relationship", "type", "edge_type", "name")
UNNAMED = "related_to"
"""The relation of an edge that names none."""

_PLACE = {"row": pl.Int64(), "line": pl.String()}
_NODES = pl.Schema(
    {"node": pl.String(), "name": pl.String(), "types": pl.List(pl.String()), **_PLACE}
)
_EDGES = pl.Schema(
    {
        "source": pl.String(),
        "target": pl.String(),
        "predicate": pl.String(),
        "negated": pl.String(),
        "directed": pl.Boolean(),
        **_PLACE,
    }
)
_OUR_NODES = pl.Schema({"node": pl.String(), KEY: pl.String(), "row": pl.Int64()})
_OUR_EDGES = pl.Schema(
    {"source": pl.String(), "target": pl.String(), KEY: pl.String(), "row": pl.Int64()}
)


def read(path: Path, options: PlainOptions, progress: Progress = silent) -> GraphColumns:
    """Read a file."""
    parts = _Parts(path)
    found = 0
    stream = items(path)
    while batch := list(islice(stream, ROWS)):
        parts.add(batch)
        found += len(batch)
        progress(f"reading {path.name}", found, 0)
    return parts.columns()


class _Parts:
    """What was read so far, as columns."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._about: About | None = None
        self._nodes = [_NODES.to_frame()]
        self._edges = [_EDGES.to_frame()]
        self._our_nodes = [_OUR_NODES.to_frame()]
        self._our_edges = [_OUR_EDGES.to_frame()]
        self._dropped = [DROPPED.to_frame()]

    def add(self, batch: Iterable[Item]) -> None:
        """Sort some items out; those of our own exports hold all that is known of them."""
        nodes, edges, our_nodes, our_edges, others = [], [], [], [], []
        for item in batch:
            ours = item.data.get(KEY)
            if item.what == "node":
                if ours is None:
                    nodes.append(_node(item))
                else:
                    our_nodes.append((item.attributes.get("id", ""), ours, item.line))
            elif item.what == "edge":
                if ours is None:
                    edges.append(_edge(item))
                else:
                    our_edges.append((*_ends(item), ours, item.line))
            elif item.what == "graph":
                if ours is not None:
                    self._about = read_about(ours, f"{self._path}, line {item.line}")
            else:
                others.append((self._path.name, item.line, item.what, _text(item)))
        self._nodes.append(pl.DataFrame(nodes, schema=_NODES, orient="row"))
        self._edges.append(pl.DataFrame(edges, schema=_EDGES, orient="row"))
        self._our_nodes.append(pl.DataFrame(our_nodes, schema=_OUR_NODES, orient="row"))
        self._our_edges.append(pl.DataFrame(our_edges, schema=_OUR_EDGES, orient="row"))
        self._dropped.append(pl.DataFrame(others, schema=DROPPED, orient="row"))

    def columns(self) -> GraphColumns:
        """Make one graph of it."""
        name = self._path.name.removesuffix(".gz")
        source = ExportedSource(key=Path(name).stem, name=Path(name).stem)
        about = self._about or About(sources=(source,))
        nodes, lost_nodes = self._usable_nodes()
        edges, lost_edges = self._usable_edges()
        our_nodes, our_edges = pl.concat(self._our_nodes), pl.concat(self._our_edges)
        if nodes.is_empty() and our_nodes.is_empty():
            raise SourceError(
                f"{self._path} holds no usable node.",
                remedy="Check that it is the GraphML file of a graph, and that its nodes have ids.",
            )
        details = decode(our_nodes[KEY], our_nodes["row"], CONCEPTS, self._path.name)
        ids = pl.concat(
            [nodes.select("node", "id"), our_nodes.select("node").hstack([details["id"]])]
        ).unique("node", keep="first", maintain_order=True)
        vouched = decode(our_edges[KEY], our_edges["row"], VOUCHED, self._path.name)
        given = pl.concat([edges.filter("directed")["predicate"], vouched["predicate"]]).unique()
        turned = _turned(edges, ids["node"], given)
        statements = pl.concat(
            [
                _named(pl.concat([edges, turned]), ids, about.sources[0]),
                _placed(our_edges.drop(KEY).hstack(vouched), ids),
            ]
        )
        return columns_of(
            about,
            pl.concat([_concepts(nodes, about.sources[0]), details]),
            statements,
            file=self._path.name,
            symmetric=set(edges["predicate"]) - set(given),
            dropped=[*self._dropped, lost_nodes, lost_edges],
            counted={"both-ways": turned.height} if turned.height else {},
        )

    def _usable_nodes(self) -> Table:
        rows = pl.concat(self._nodes).with_columns(pl.lit(self._path.name).alias("file"))
        named = reject(
            rows, pl.when(pl.col("node").str.strip_chars() == "").then(pl.lit("empty-id"))
        )
        is_other = pl.col("name") != pl.col("name").first().over("node")
        single = reject(named.rows, pl.when(is_other).then(pl.lit("duplicate-id")))
        ids = single.rows["node"].unique()
        canonical = [canonical_curie(node) for node in ids]
        numbered = single.rows.with_columns(
            pl.col("node").replace_strict(ids, canonical, return_dtype=pl.String).alias("id")
        )
        return Table(numbered, pl.concat([named.dropped, single.dropped]))

    def _usable_edges(self) -> Table:
        rows = pl.concat(self._edges).with_columns(pl.lit(self._path.name).alias("file"))
        lacks_end = pl.any_horizontal(pl.col("source", "target").str.strip_chars() == "")
        denied = polarity.denials(pl.col("negated"))
        usable = reject(
            rows,
            pl.when(lacks_end)
            .then(pl.lit("empty-id"))
            .when(denied.is_null())
            .then(pl.lit(polarity.MALFORMED)),
        )
        relation = polarity.with_polarity(pl.col("predicate"), denied)
        return Table(usable.rows.with_columns(relation.alias("predicate")), usable.dropped)


# --- what an item says ------------------------------------------------------------------------


def _node(item: Item) -> tuple[str, str, list[str], int, str]:
    said = _lowered(item)
    node = item.attributes.get("id", "")
    name = _first(said, NAME_KEYS) or node.strip()
    return node, name, _types(_first(said, TYPE_KEYS)), item.line, _text(item)


def _edge(item: Item) -> tuple[str, str, str, str, bool, int, str]:
    said = _lowered(item)
    relation = _first(said, RELATION_KEYS) or UNNAMED
    mark = said.get(polarity.NEGATED, "")
    return *_ends(item), relation, mark, item.directed, item.line, _text(item)


def _ends(item: Item) -> tuple[str, str]:
    return item.attributes.get("source", ""), item.attributes.get("target", "")


def _lowered(item: Item) -> dict[str, str]:
    """Return what is said of an item by names in lower case; Neo4j says some in attributes."""
    return {
        key.lower(): text
        for said in (item.attributes, item.data)
        for key, text in said.items()
        if key not in ("id", "source", "target")
    }


def _first(said: Mapping[str, str], keys: Iterable[str]) -> str:
    return next((text for key in keys if (text := said.get(key, "").strip())), "")


def _types(text: str) -> list[str]:
    """Part types: Neo4j writes ``:Drug:Compound``, we write ``drug|compound``."""
    parts = text.split(":" if text.startswith(":") else "|")
    return [part.strip() for part in parts if part.strip()]


def _text(item: Item) -> str:
    """Say in short what an item is, for the list of what was dropped."""
    said = {**item.attributes, **item.data}
    return " ".join([item.what, *(f"{key}={text!r}" for key, text in said.items())])[:LONGEST_TEXT]


# --- columns ----------------------------------------------------------------------------------


def _concepts(nodes: pl.DataFrame, source: ExportedSource) -> pl.DataFrame:
    name = pl.struct(
        pl.col("name").alias("text"),
        pl.lit("en").alias("language"),
        pl.lit("preferred").alias("kind"),
        pl.lit(source.key).alias("source"),
    )
    other = pl.struct(pl.col("node").alias("text"), pl.lit("alternative").alias("kind"))
    none = pl.lit([], dtype=CONCEPTS["identifiers"])
    return nodes.select(
        "id",
        "types",
        pl.concat_list(name).alias("names"),
        pl.when(pl.col("node") != pl.col("id"))
        .then(pl.concat_list(other))
        .otherwise(none)
        .alias("identifiers"),
        pl.lit([], dtype=CONCEPTS["definitions"]).alias("definitions"),
    )


def _named(edges: pl.DataFrame, ids: pl.DataFrame, source: ExportedSource) -> pl.DataFrame:
    """Make statements of edges that say no more than their relation."""
    texts = STATEMENTS["sources"]
    said = edges.with_columns(
        pl.lit([source.key], dtype=texts).alias("sources"),
        pl.lit([source.licence], dtype=texts).alias("licences"),
        pl.lit([], dtype=texts).alias("evidence"),
    )
    return _placed(said, ids)


def _placed(edges: pl.DataFrame, ids: pl.DataFrame) -> pl.DataFrame:
    """Give the ends of edges their ids; a node that is not there keeps its own name."""
    for end, ours in (("source", "subject"), ("target", "object")):
        known = ids.rename({"node": end, "id": ours})
        edges = edges.join(known, on=end, how="left", maintain_order="left").with_columns(
            pl.col(ours).fill_null(pl.col(end))
        )
    return edges.select(STATEMENTS.names())


def _turned(edges: pl.DataFrame, nodes: pl.Series, directed: pl.Series) -> pl.DataFrame:
    """Turn the edges without a direction whose relation has one elsewhere.

    Symmetry is a matter of a whole relation, so that such an edge is stated both ways. One that
    will be dropped for its ends is not: a row is dropped once.
    """
    one_way = ~pl.col("directed") & pl.col("predicate").is_in(directed.implode())
    ends = pl.all_horizontal(pl.col("source", "target").is_in(nodes.implode()))
    mixed = edges.filter(one_way & ends & (pl.col("source") != pl.col("target")))
    turned = mixed.with_columns(pl.col("target").alias("source"), pl.col("source").alias("target"))
    return turned.select(edges.columns)
