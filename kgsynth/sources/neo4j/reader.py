"""A graph in a database that speaks Bolt and Cypher (Neo4j and its kin).

One transaction, opened for reading, streams the nodes and then, node by node, the relationships
that leave it: a record for each node costs the driver far less than one for each relationship.
The queries are constant; labels, types and names of properties reach the server as parameters.

Labels become types and relationship types relations, spelled as they are there. A database that
kgsynth wrote says all of it in its property ``kgsynth``, which is preferred.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import neo4j
import polars as pl
from neo4j.exceptions import ServiceUnavailable

from kgsynth.errors import SourceError, listing, nearest
from kgsynth.source_options import Neo4jOptions
from kgsynth.sources.coding import code_columns
from kgsynth.sources.columns import GraphColumns, Progress, SourceInfo, silent
from kgsynth.sources.exported import (
    CONCEPTS,
    KEY,
    STATEMENTS,
    VOUCHED,
    About,
    columns_of,
    decode,
    read_about,
)
from kgsynth.sources.neo4j.bolt import USUAL_DATABASE, Server, checked_address, opened_session
from kgsynth.sources.neo4j.bolt_concepts import CONCEPT, Concepts, node_page, told_apart
from kgsynth.sources.neo4j.bolt_values import as_id, as_text, lists, texts
from kgsynth.sources.polarity import MALFORMED, NEGATED, denials, with_polarity
from kgsynth.sources.tables.layout import Table, reject

ABOUT = "KgsynthAbout"
"""The label of the node in which an export of ours says what it is."""

_CHOSEN = "(size($labels) = 0 OR any(label IN labels({0}) WHERE label IN $labels))"
_BETWEEN = f"""(size($types) = 0 OR type(r) IN $types) AND {_CHOSEN.format("m")}"""
NODES = f"""
MATCH (n)
WHERE {_CHOSEN.format("n")}
RETURN n[$id], labels(n), n[$name], coalesce(n.synonyms, n.synonym), n.abbreviations,
  coalesce(n.xrefs, n.xref), coalesce(n.definition, n.description)
"""
RELATIONSHIPS, RELATIONSHIPS_BY_LABEL = (
    f"""
MATCH (n)
WHERE {_CHOSEN.format("n")}
RETURN n[$id],
  [(n)-[r]->(m) WHERE {_BETWEEN} |
   [m[$id], type(r), coalesce(r.source, r.primary_knowledge_source),
    coalesce(r.licence, r.license), coalesce(r.evidence, r.publications),
    r.{NEGATED}{end}]]{start}
"""
    for start, end in (("", ""), (", labels(n)", ", labels(m)"))
)
"""The second one says the labels of both ends too, where an id means several concepts."""
OUR_NODES = f"MATCH (n:{CONCEPT}) WHERE {_CHOSEN.format('n')} RETURN n.{KEY}"
OUR_RELATIONSHIPS = f"""
MATCH (n:{CONCEPT})
WHERE {_CHOSEN.format("n")}
RETURN n.id, [(n)-[r]->(m:{CONCEPT}) WHERE {_BETWEEN} | [m.id, r.{KEY}]]
"""
ABOUT_US = f"MATCH (n:{ABOUT}) RETURN n.{KEY}"
IS_OURS = f"MATCH (n:{CONCEPT}) WHERE n.{KEY} IS NOT NULL RETURN 1 LIMIT 1"
COUNTS = ("MATCH (n) RETURN count(n)", "MATCH ()-[r]->() RETURN count(r)")
HAS_LABEL = "MATCH (n) WHERE $word IN labels(n) RETURN 1 LIMIT 1"
HAS_TYPE = "MATCH ()-[r]->() WHERE type(r) = $word RETURN 1 LIMIT 1"
LABELS = "MATCH (n) UNWIND labels(n) AS word RETURN DISTINCT word"
TYPES = "MATCH ()-[r]->() RETURN DISTINCT type(r)"
PROPERTIES = "MATCH (n) UNWIND keys(n) AS word RETURN DISTINCT word"

_END_COLUMNS = (
    *("object", "predicate", "source", "licence", "evidence", "negated"),
    "object_labels",
)
_SEPARATOR = "\x1f"


class _Reading(NamedTuple):
    """A transaction in which a graph is read."""

    tx: neo4j.Transaction
    address: str
    options: Neo4jOptions
    progress: Progress
    nodes: int
    relationships: int

    @property
    def held(self) -> int:
        """How many nodes and relationships the database holds, chosen or not."""
        return self.nodes + self.relationships

    def rows(self, query: str, **parameters: Any) -> list[list[Any]]:
        with _understood():
            return self.tx.run(query, parameters).values()

    def words(self, query: str) -> list[str]:
        return sorted(str(row[0]) for row in self.rows(query))

    def records(self, query: str) -> Iterator[list[Any]]:
        with _understood():
            result = self.tx.run(
                query,
                labels=list(self.options.labels),
                types=list(self.options.relations),
                id=self.options.id_property,
                name=self.options.name_property,
            )
            for record in result:
                yield record.values()

    def tell(self, what: str, done: int) -> None:
        """Report progress; how much there will be is known only when all is read."""
        chosen = self.options.labels or (what == "relationships" and self.options.relations)
        every = self.nodes if what == "nodes" else self.relationships
        self.progress(f"reading {what}", done, 0 if chosen else every)

    def about(self) -> About | None:
        """Return what an export of ours says of itself."""
        found = self.rows(ABOUT_US)
        if not found and self.rows(IS_OURS):
            raise SourceError(
                f"The database at {self.address} holds an export that was not finished.",
                remedy=f"Export the graph again; or remove every {KEY!r}: what is left is read.",
            )
        if len(found) > 1:
            raise SourceError(
                f"The database at {self.address} holds {len(found)} exports of kgsynth.",
                remedy="Export each into a database of its own.",
            )
        return read_about(as_text(found[0][0]), self.address) if found else None


def read(address: str, options: Neo4jOptions, progress: Progress = silent) -> GraphColumns:
    """Read the nodes of some labels, and the relationships of some types between them.

    A folder in place of an address is one that ``neo4j-admin database import`` takes.
    """
    if os.path.isdir(address):  # whatever is no path at all is no folder either
        from kgsynth.sources.neo4j.folder import read as read_folder

        return read_folder(Path(address), options, progress)
    with _reading(address, options, progress) as reading:
        about = reading.about()
        if about is not None:
            return _read_ours(reading, about)
        concepts = _read_concepts(reading)
        edges = _read_edges(reading, concepts)
    is_named = pl.col("source").str.strip_chars() != ""
    usual = pl.lit(options.database or USUAL_DATABASE)
    named = pl.when(is_named).then("source").otherwise(usual).alias("source")
    told = _with_polarity(edges)
    said = _by_origin(told.rows).with_columns(named)
    sources = [SourceInfo(options.database or USUAL_DATABASE)]
    others = set(said["source"].unique()) - {sources[0].name}
    columns = code_columns(
        sources=[*sources, *(SourceInfo(name) for name in sorted(others))],
        nodes=concepts.frame.select("id", "types"),
        names=concepts.names(),
        definitions=concepts.definitions(),
        identifiers=concepts.identifiers(),
        edges=said,
        dropped=[concepts.dropped, told.dropped],
        counted=_left_out(reading.held - concepts.rows - edges.height),
    )
    return _as_read(columns)


def fingerprint(address: str, options: Neo4jOptions) -> str:
    """Digest all that ``read`` would give, in whatever order the server sends it.

    It costs one reading: a database has no other way to say that nothing changed.
    """
    total = 0
    with _reading(address, options, silent) as reading:
        for row in _digestible(reading):
            text = json.dumps(row, default=as_text)
            total += int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest())
    return f"{total % (1 << 128):032x}"


def _digestible(reading: _Reading) -> Iterator[list[Any]]:
    """Yield a row for each node and relationship, its labels in one order."""
    ours = reading.rows(ABOUT_US)
    yield [reading.nodes, reading.relationships, ours]
    for node in reading.records(OUR_NODES if ours else NODES):
        yield [sorted(value) if at == 1 else value for at, value in enumerate(node)]
    for start, ends, *labels in reading.records(
        OUR_RELATIONSHIPS if ours else RELATIONSHIPS_BY_LABEL
    ):
        for end in ends:
            yield [start, *map(sorted, labels), *end[:6], *map(sorted, end[6:])]


# --- talking to the server -----------------------------------------------------------------------


@contextmanager
def _reading(address: str, options: Neo4jOptions, progress: Progress) -> Iterator[_Reading]:
    server = Server(checked_address(str(address)), options.database)
    with (
        opened_session(server, neo4j.READ_ACCESS, options.page) as session,
        session.begin_transaction() as tx,
    ):
        nodes, relationships = (int(tx.run(query).values()[0][0]) for query in COUNTS)
        reading = _Reading(tx, server.address, options, progress, nodes, relationships)
        _check_held(reading, "label", options.labels, HAS_LABEL, LABELS)
        _check_held(reading, "relationship type", options.relations, HAS_TYPE, TYPES)
        yield reading


@contextmanager
def _understood() -> Iterator[None]:
    """Take an answer that breaks the protocol, for which the driver has no error, for a failure."""
    try:
        yield
    except ValueError as error:
        raise ServiceUnavailable("the answer breaks the protocol") from error


def _check_held(
    reading: _Reading, kind: str, chosen: Iterable[str], has: str, all_held: str
) -> None:
    """Refuse a label or a relationship type that the database does not hold."""
    for word in chosen:
        if not reading.rows(has, word=word):
            known = reading.words(all_held)
            raise SourceError(
                f"The database at {reading.address} has no {kind} {word!r}.{nearest(word, known)}",
                remedy=f"It has {listing(known)}." if known else "It has none at all.",
            )


def _left_out(rows: int) -> dict[str, int]:
    return {"filtered": rows} if rows > 0 else {}


def _node_pages(reading: _Reading, query: str) -> Iterator[list[list[Any]]]:
    records = reading.records(query)
    done = 0
    while page := list(islice(records, reading.options.page)):
        done += len(page)
        reading.tell("nodes", done)
        yield page


# --- nodes ---------------------------------------------------------------------------------------


def _read_concepts(reading: _Reading) -> Concepts:
    pages, rows = [], 0
    for page in _node_pages(reading, NODES):
        pages.append(node_page(page, rows))
        rows += len(page)
    if not pages:
        raise SourceError(
            f"The database at {reading.address} holds no node.",
            remedy="Check the address, and name the database with the option 'database'.",
        )
    concepts = told_apart(pl.concat(pages))
    if concepts.frame.is_empty():
        raise _lacking(reading, "id", reading.options.id_property)
    if concepts.frame["name"].is_null().all():
        raise _lacking(reading, "name", reading.options.name_property)
    return concepts


def _lacking(reading: _Reading, what: str, asked: str) -> SourceError:
    return SourceError(
        f"No node of the database at {reading.address} has a property {asked!r} that could be "
        f"its {what}.",
        remedy=f"Set {what}_property to one of these: {listing(reading.words(PROPERTIES), 30)}.",
    )


# --- relationships -------------------------------------------------------------------------------


def _read_edges(reading: _Reading, concepts: Concepts) -> pl.DataFrame:
    """Read the relationships, a row each."""
    query = RELATIONSHIPS if concepts.apart.is_empty() else RELATIONSHIPS_BY_LABEL
    pages = [_edge_page(page, concepts) for page in _edge_pages(reading, query, _END_COLUMNS)]
    return pl.concat(pages).with_row_index("row", 1)


def _edge_pages(
    reading: _Reading, query: str, end_columns: Sequence[str]
) -> Iterator[Mapping[str, list[Any]]]:
    """Gather what leaves each node into columns, a page at a time; the last may be empty."""
    columns: dict[str, list[Any]] = defaultdict(list)
    done = 0
    for start, ends, *labels in reading.records(query):
        if ends:
            columns["subject"].extend([start] * len(ends))
            columns["subject_labels"].extend(labels * len(ends))
            for column, values in zip(end_columns, zip(*ends, strict=True), strict=False):
                columns[column].extend(values)
        if len(columns["subject"]) >= reading.options.page:
            done += len(columns["subject"])
            reading.tell("relationships", done)
            yield columns
            columns = defaultdict(list)
    reading.tell("relationships", done + len(columns["subject"]))
    yield columns


def _edge_page(columns: Mapping[str, list[Any]], concepts: Concepts) -> pl.DataFrame:
    page = pl.DataFrame(
        {
            "subject": texts(columns["subject"], as_id),
            "predicate": texts(columns["predicate"]),
            "object": texts(columns["object"], as_id),
            "source": lists(columns["source"]),
            "licence": lists(columns["licence"]),
            "evidence": lists(columns["evidence"]),
            "negated": texts(columns["negated"]),
        }
    )
    if concepts.apart.is_empty():
        return page.with_columns(concepts.as_here("subject"), concepts.as_here("object"))
    labels = ("subject_labels", "object_labels")
    return (
        page.with_columns(lists(columns[name]).alias(name) for name in labels)
        .with_columns(concepts.as_here(name.removesuffix("_labels"), name) for name in labels)
        .drop(labels)
    )


def _with_polarity(edges: pl.DataFrame) -> Table:
    """Tell what is denied; set aside what may or may not be."""
    denied = denials(pl.col("negated"))
    shown = pl.concat_str("subject", "predicate", "object", separator="\t", ignore_nulls=True)
    placed = edges.with_columns(
        pl.lit("relationships").alias("file"),
        pl.col("row").cast(pl.Int64),
        shown.alias("line"),
    )
    judged = reject(placed, pl.when(denied.is_null()).then(pl.lit(MALFORMED)))
    relation = with_polarity(pl.col("predicate"), denied)
    return Table(judged.rows.with_columns(relation.alias("predicate")), judged.dropped)


def _by_origin(edges: pl.DataFrame) -> pl.DataFrame:
    """Give each source of a relationship a row of its own, with the licence at its place.

    A single licence holds for all sources. Evidence stays with the first row.
    """
    joined = edges.with_columns(pl.col("evidence").list.join(_SEPARATOR))
    only = pl.col("licence").list.first()
    if not (edges["source"].list.len() > 1).any():
        return joined.with_columns(pl.col("source").list.first(), only)
    at = pl.int_ranges(pl.col("source").list.len())
    several = joined.with_columns(at.alias("at")).explode("source", "at")
    place = pl.col("at").fill_null(0)
    own = pl.col("licence").list.get(place, null_on_oob=True)
    return several.with_columns(
        pl.when(pl.col("licence").list.len() == 1).then(only).otherwise(own).alias("licence"),
        pl.when(place == 0).then("evidence"),
    ).drop("at")


def _as_read(columns: GraphColumns) -> GraphColumns:
    """Tell the pieces of evidence of an edge apart again; list a dropped relationship once."""
    evidence = columns.evidence.with_columns(pl.col("text").str.split(_SEPARATOR)).explode("text")
    return replace(
        columns,
        evidence=evidence.filter(pl.col("text").str.strip_chars() != ""),
        dropped=columns.dropped.unique(maintain_order=True),
    )


# --- what we wrote ourselves ---------------------------------------------------------------------


def _read_ours(reading: _Reading, about: About) -> GraphColumns:
    """Read a database that kgsynth wrote; nodes that it did not write are left out."""
    pages = [
        pl.DataFrame({KEY: texts([record[0] for record in page])})
        for page in _node_pages(reading, OUR_NODES)
    ]
    nodes = _numbered([pl.DataFrame(schema={KEY: pl.String}), *pages])
    edges = _numbered(
        pl.DataFrame([texts(page[name]).alias(name) for name in ("subject", "object", KEY)])
        for page in _edge_pages(reading, OUR_RELATIONSHIPS, ("object", KEY))
    )
    said = decode(edges[KEY], edges["row"], VOUCHED, "relationships")
    return columns_of(
        about,
        decode(nodes[KEY], nodes["row"], CONCEPTS, "nodes"),
        edges.hstack(said).select(STATEMENTS.names()),
        file="relationships",
        # One node is the one that says what this is.
        counted=_left_out(reading.held - 1 - nodes.height - edges.height),
    )


def _numbered(pages: Iterable[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(pages).with_row_index("row", 1).with_columns(pl.col("row").cast(pl.Int64))
