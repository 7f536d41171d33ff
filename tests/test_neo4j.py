"""The Bolt side: a graph is read from a real server, whole, and written to one without a scratch.

The server is ArcadeDB, which speaks Bolt and Cypher. The same tests run against Neo4j where
KGSYNTH_NEO4J_URI names one that is empty (with KGSYNTH_NEO4J_USER and KGSYNTH_NEO4J_PASSWORD).
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import neo4j
import polars as pl
import pytest
from bolt_server import BoltServer, relayed, running, write_certificate
from hypothesis import given, settings
from hypothesis import strategies as st

from kgsynth.errors import KgsynthError, SourceError, StorageError
from kgsynth.graph.compile import compile_graph
from kgsynth.graph.export import bolt as writer
from kgsynth.graph.export import export_to_server
from kgsynth.graph.export.bolt import Node, Relationship, Written, quoted, write_batches
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.source_options import SOURCE, Neo4jOptions
from kgsynth.sources import read_source
from kgsynth.sources.columns import GraphColumns
from kgsynth.sources.exported import KEY
from kgsynth.sources.neo4j.bolt import PASSWORD, USER, Server, checked_address, opened_session
from kgsynth.sources.neo4j.bolt_concepts import CONCEPT
from kgsynth.sources.neo4j.reader import ABOUT, fingerprint, read

NEO4J_URI = "KGSYNTH_NEO4J_URI"
ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Place:
    """An empty database, and a way to it that is not ours."""

    address: str
    database: str
    user: str
    password: str = field(repr=False)

    def options(self, **given: Any) -> Neo4jOptions:
        options = {"kind": "neo4j", "path": self.address, "database": self.database, **given}
        found = SOURCE.validate_python(options)
        assert isinstance(found, Neo4jOptions)
        return found

    def read(self, **given: Any) -> GraphColumns:
        return read(self.address, self.options(**given))

    def run(self, query: str, **parameters: Any) -> list[list[Any]]:
        with (
            neo4j.GraphDatabase.driver(self.address, auth=(self.user, self.password)) as driver,
            driver.session(database=self.database or None) as session,
        ):
            return session.run(query, parameters).values()

    def write(self, nodes: list[Node], edges: list[Relationship], **given: Any) -> Written:
        return write_batches(self.address, [nodes], [edges], database=self.database, **given)

    def empty(self) -> None:
        self.run("MATCH (n) DETACH DELETE n")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BoltServer]:
    with running(tmp_path_factory.mktemp("bolt") / "server") as started:
        yield started


@pytest.fixture
def as_root(server: BoltServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(USER, "root")
    monkeypatch.setenv(PASSWORD, server.password)


@pytest.fixture
def fresh(server: BoltServer, as_root: None) -> Place:
    return Place(server.address, server.new_database(), "root", server.password)


# --- what is read, in plain words --------------------------------------------------------------


def concepts(graph: GraphColumns) -> dict[str, list[str]]:
    return dict(graph.nodes.iter_rows())


def names(graph: GraphColumns) -> list[tuple[str, str, str]]:
    ids = graph.nodes["id"]
    return [(ids[node], text, kind) for node, text, _, kind, _ in graph.names.iter_rows()]


def triples(graph: GraphColumns) -> list[tuple[str, str, str]]:
    ids = graph.nodes["id"]
    return sorted(
        (ids[subject], graph.relations[predicate].spelling, ids[object_])
        for subject, predicate, object_, _ in graph.edges.iter_rows()
    )


def dropped(graph: GraphColumns) -> list[tuple[str, str, str]]:
    return [(file, reason, text) for file, _, reason, text in graph.dropped.iter_rows()]


def node(id_: Any, *labels: str, **properties: Any) -> Node:
    return {"labels": labels, "properties": {"id": id_, "name": f"name of {id_}", **properties}}


def edge(subject: str, type_: str, object_: str, **properties: Any) -> Relationship:
    return {"subject": subject, "type": type_, "object": object_, "properties": properties}


def same(one: GraphColumns, other: GraphColumns) -> bool:
    frames = ("nodes", "names", "edges", "identifiers", "definitions", "evidence", "dropped")
    plain = ("sources", "origins", "relations", "counted")
    return all(getattr(one, f).equals(getattr(other, f)) for f in frames) and all(
        getattr(one, p) == getattr(other, p) for p in plain
    )


SMALL = """
CREATE (a:Drug:`Small molecule` {id: 'DRUGBANK:DB1', name: 'alpha', synonyms: ['a-one', 'ÄLPHA'],
                                 xrefs: ['CHEBI:1']}),
       (b:Disease {id: 'MONDO:1', name: '痛み "β"', description: 'It hurts.'}),
       (c:Disease {id: 'MONDO:2', name: 'gamma'}),
       (a)-[:TREATS {source: 'one', licence: 'CC0-1.0', evidence: ['PMID:1', 'PMID:2']}]->(b),
       (a)-[:TREATS {source: 'two'}]->(b),
       (a)-[:TREATS {source: 'one', licence: 'CC0-1.0', evidence: ['PMID:1', 'PMID:2']}]->(b),
       (c)-[:`biolink:related_to`]->(b),
       (c)-[:PART_OF]->(c)
"""


class OnAServer:
    """What holds on any server that speaks Bolt and Cypher."""

    def test_a_small_graph_is_read_as_it_stands(self, place: Place) -> None:
        place.run(SMALL)
        graph = place.read()
        assert concepts(graph) == {
            "DRUGBANK:DB1": ["Drug", "Small molecule"],
            "MONDO:1": ["Disease"],
            "MONDO:2": ["Disease"],
        }
        assert sorted(names(graph)) == [
            ("DRUGBANK:DB1", "a-one", "synonym"),
            ("DRUGBANK:DB1", "alpha", "preferred"),
            ("DRUGBANK:DB1", "ÄLPHA", "synonym"),
            ("MONDO:1", '痛み "β"', "preferred"),
            ("MONDO:2", "gamma", "preferred"),
        ]
        treats = ("DRUGBANK:DB1", "TREATS", "MONDO:1")
        assert triples(graph) == [
            treats,
            treats,
            treats,
            ("MONDO:2", "PART_OF", "MONDO:2"),
            ("MONDO:2", "biolink:related_to", "MONDO:1"),
        ]
        assert graph.identifiers["text"].to_list() == ["CHEBI:1"]
        assert graph.definitions["text"].to_list() == ["It hurts."]
        assert graph.dropped.is_empty()
        assert graph.counted == {}

    def test_each_relationship_keeps_its_source_licence_and_evidence(self, place: Place) -> None:
        place.run(SMALL)
        graph = place.read()
        usual = place.database or "neo4j"
        assert [source.name for source in graph.sources] == [usual, "one", "two"]
        held = [
            (graph.sources[graph.origins[at].source].name, graph.origins[at].licence)
            for at in graph.edges["origin"].to_list()
        ]
        assert sorted(held) == sorted(
            [(usual, ""), (usual, ""), ("one", "CC0-1.0"), ("one", "CC0-1.0"), ("two", "")]
        )
        said = graph.evidence.group_by("edge").agg("text")["text"].to_list()
        assert said == [["PMID:1", "PMID:2"], ["PMID:1", "PMID:2"]]

    @pytest.mark.parametrize("page", [1, 7, 50_000])
    def test_the_size_of_a_page_changes_nothing(self, place: Place, page: int) -> None:
        nodes = [node(f"MONDO:{n}", "Disease", n=n) for n in range(30)]
        edges = [edge(f"MONDO:{n}", "TREATS", f"MONDO:{n * 7 % 30}") for n in range(30)]
        place.write(nodes, edges)
        place.run(SMALL.replace("MONDO:", "DOID:"))
        whole, paged = place.read(), place.read(page=page)
        assert whole.nodes.height == 33
        assert same(whole, paged)

    def test_what_was_written_is_read_again(self, place: Place) -> None:
        nodes = [
            node("MONDO:1", "biolink:Disease", "Side Effect", synonyms=["Größe", "漢字"]),
            node("MONDO:2"),
            node("x y\t|'\"`;{}$é", "gene/protein", name="`) DETACH DELETE n //"),
        ]
        edges = [
            edge("MONDO:1", "biolink:treats", "MONDO:2", source=["a", "b"], licence=["L", ""]),
            edge("MONDO:1", "biolink:treats", "MONDO:2"),
            edge("MONDO:2", "is a", "MONDO:2"),
            edge("x y\t|'\"`;{}$é", "RO:0002434", "MONDO:1", evidence=["one;|two", "three"]),
        ]
        assert place.write(nodes, edges) == Written(3, 4)
        graph = place.read()
        assert concepts(graph) == {
            "MONDO:1": ["Side Effect", "biolink:Disease"],
            "MONDO:2": [],
            "x y\t|'\"`;{}$é": ["gene/protein"],
        }
        treats = ("MONDO:1", "biolink:treats", "MONDO:2")
        assert triples(graph) == sorted(
            [
                *[treats] * 3,  # one of them has two sources
                ("MONDO:2", "is a", "MONDO:2"),
                ("x y\t|'\"`;{}$é", "RO:0002434", "MONDO:1"),
            ]
        )
        assert {(graph.sources[o.source].name, o.licence) for o in graph.origins} == {
            ("a", "L"),
            ("b", ""),
            (place.database or "neo4j", ""),
        }
        assert graph.evidence["text"].to_list() == ["one;|two", "three"]

    def test_text_that_looks_like_cypher_stays_text(self, place: Place) -> None:
        attacks = [
            "a`) DETACH DELETE n //",
            "a``) DETACH DELETE n //",
            "`",
            "x`]->(a) DETACH DELETE a //",
            "') DETACH DELETE n //",
            "$rows",
            "{0}",
        ]
        nodes = [node(f"n{at}", attack, name=attack) for at, attack in enumerate(attacks)]
        nodes += [node(attack, "Plain") for attack in attacks]
        edges = [edge(f"n{at}", f"to {attack}", attack) for at, attack in enumerate(attacks)]
        assert place.write(nodes, edges) == Written(len(nodes), len(edges))
        graph = place.read()
        assert {types[0] for types in graph.nodes["types"]} == {*attacks, "Plain"}
        assert triples(graph) == sorted((e["subject"], e["type"], e["object"]) for e in edges)
        for attack in attacks:
            chosen = place.read(labels=[attack, "Plain"], relations=[f"to {attack}"])
            assert triples(chosen) == [(f"n{attacks.index(attack)}", f"to {attack}", attack)]
        for asked in ({"labels": ["y') DETACH DELETE n //"]}, {"relations": ["y`] DELETE r //"]}):
            with pytest.raises(SourceError, match="has no"):
                place.read(**asked)
        for named in ({"id_property": "id`] DELETE n //"}, {"name_property": "'] DELETE n //"}):
            with pytest.raises(SourceError, match="No node"):
                place.read(**named)
        assert place.run("MATCH (n) RETURN count(n)") == [[len(nodes)]]

    @pytest.mark.parametrize("name", ["", "a\nb", "a\x00b", "\\u0060", "a\u200b"])
    def test_a_label_that_could_be_more_than_a_label_is_refused(
        self, place: Place, name: str
    ) -> None:
        with pytest.raises(StorageError, match="can be no label or type"):
            place.write([node("A:1", name)], [])
        with pytest.raises(StorageError, match="can be no label or type"):
            place.write([node("A:1", "A")], [edge("A:1", name, "A:1")])
        assert place.run("MATCH ()-[r]->() RETURN count(r)") == [[0]]

    def test_labels_and_types_choose_and_the_rest_is_counted(self, place: Place) -> None:
        place.run(SMALL)
        graph = place.read(labels=["Disease"])
        assert concepts(graph) == {"MONDO:1": ["Disease"], "MONDO:2": ["Disease"]}
        assert len(triples(graph)) == 2
        assert graph.counted == {"filtered": 1 + 3}
        graph = place.read(labels=["Disease", "Drug"], relations=["TREATS", "PART_OF"])
        assert len(triples(graph)) == 4
        assert graph.counted == {"filtered": 1}

    def test_a_label_that_is_not_there_is_named_with_the_nearest(self, place: Place) -> None:
        place.run(SMALL)
        with pytest.raises(SourceError) as caught:
            place.read(labels=["Disease", "Diseases"])
        assert "has no label 'Diseases'. Did you mean 'Disease'?" in str(caught.value)
        assert "It has Disease, Drug, Small molecule." in str(caught.value)
        with pytest.raises(SourceError, match=r"no relationship type 'TREAT'.*'TREATS'"):
            place.read(relations=["TREAT"])

    def test_nodes_without_a_usable_id_are_set_aside_and_all_adds_up(self, place: Place) -> None:
        place.run(
            """
            CREATE (a:A {id: 'A:1', name: 'one'}), (b:B {name: 'no id', k: 1}),
                   (c:C {id: '  ', name: 'blank'}), (d:D {id: [1, 2], name: 'list'}),
                   (e:E {id: true}), (f:F {id: 7, name: 7}), (g:G {id: 1.5, name: 'float'}),
                   (h:H {id: date('2020-02-03'), name: ['first', 'second']}),
                   (i:I {id: $bytes}), (j:J {id: point({x: 1, y: 2})}), (k:K {id: 'A:2'}),
                   (l:L {id: $nan}),
                   (a)-[:R]->(b), (b)-[:R]->(a), (a)-[:R]->(f), (d)-[:R]->(e), (f)-[:R]->(k)
            """,
            bytes=b"id",
            nan=float("nan"),
        )
        graph = place.read()
        assert concepts(graph) == {
            "A:1": ["A"],
            "7": ["F"],
            "1.5": ["G"],
            "2020-02-03": ["H"],
            "A:2": ["K"],
        }
        assert ("7", "7", "preferred") in names(graph)
        assert ("2020-02-03", "second", "synonym") in names(graph)
        assert triples(graph) == [("7", "R", "A:2"), ("A:1", "R", "7")]
        lost = sorted(dropped(graph))
        assert [(file, reason) for file, reason, _ in lost] == [
            *[("nodes", "empty-id")],
            *[("nodes", "malformed-id")] * 5,
            *[("nodes", "no-id")],
            *[("relationships", "dangling")] * 3,
        ]
        assert ("nodes", "no-id", ":B no id") in lost
        assert ("nodes", "malformed-id", ":D [1, 2] list") in lost
        # All rows: used, or dropped.
        assert graph.nodes.height + graph.edges.height + graph.dropped.height == 12 + 5

    def test_no_id_at_all_names_the_properties_there_are(self, place: Place) -> None:
        place.run("CREATE (:A {identifier: 'A:1', title: 'one'}), (:B {identifier: 'A:2'})")
        with pytest.raises(SourceError) as caught:
            place.read()
        assert "a property 'id' that could be its id" in str(caught.value)
        assert "Set id_property to one of these: identifier, title." in str(caught.value)
        with pytest.raises(SourceError, match="Set name_property to one of these"):
            place.read(id_property="identifier")
        graph = place.read(id_property="identifier", name_property="title")
        assert names(graph) == [("A:1", "one", "preferred")]

    def test_an_empty_database_is_named(self, place: Place) -> None:
        with pytest.raises(SourceError, match="holds no node"):
            place.read()

    def test_ids_that_mean_several_concepts_are_told_apart(self, place: Place) -> None:
        place.run(
            """
            CREATE (a:Gene {id: 1, name: 'A1BG'}), (b:Pathway {id: 1, name: 'glycolysis'}),
                   (c:Gene {id: '2', name: 'A2M'}), (d:Gene {id: '2', name: 'another'}),
                   (e:Gene {id: '3', name: 'same'}), (f:Protein {id: '3', name: 'same'}),
                   (g:Gene {id: 'mondo:4', name: 'four'}), (h:Drug {id: 'MONDO:4', name: 'five'}),
                   (a)-[:IN]->(b), (c)-[:IN]->(b), (b)-[:OF]->(a), (e)-[:IN]->(f),
                   (g)-[:OF]->(h)
            """
        )
        graph = place.read()
        assert concepts(graph) == {
            "1#Gene": ["Gene"],
            "1#Pathway": ["Pathway"],
            "2": ["Gene"],
            "3": ["Gene", "Protein"],
            "MONDO:4#Gene": ["Gene"],
            "MONDO:4#Drug": ["Drug"],
        }
        assert triples(graph) == [
            ("1#Gene", "IN", "1#Pathway"),
            ("1#Pathway", "OF", "1#Gene"),
            ("2", "IN", "1#Pathway"),
            ("3", "IN", "3"),
            ("MONDO:4#Gene", "OF", "MONDO:4#Drug"),
        ]
        assert [(reason, text) for _, reason, text in dropped(graph)] in (
            [("duplicate-id", ":Gene 2 another")],
            [("duplicate-id", ":Gene 2 A2M")],
        )

    def test_an_id_that_was_told_apart_is_no_other_id(self, place: Place) -> None:
        place.run(
            """
            CREATE (a:Drug {id: 'A:1', name: 'one'}), (b:Gene {id: 'A:1', name: 'two'}),
                   (c:Drug {id: 'A:1#Drug', name: 'three'}), (c)-[:R]->(a), (b)-[:R]->(c)
            """
        )
        graph = place.read()
        assert set(concepts(graph)) == {"A:1#Drug", "A:1#Gene", "A:1%23Drug"}
        assert triples(graph) == [("A:1#Gene", "R", "A:1%23Drug"), ("A:1%23Drug", "R", "A:1#Drug")]
        assert graph.dropped.is_empty()

    def test_a_denied_relationship_is_never_a_positive_statement(self, place: Place) -> None:
        place.run(
            """
            CREATE (a:Drug {id: 'A:1', name: 'one'}), (b:Gene {id: 'A:2', name: 'two'}),
                   (a)-[:R1 {negated: true}]->(b), (a)-[:R2 {negated: 'True'}]->(b),
                   (a)-[:R3 {negated: false}]->(b), (a)-[:R4]->(b),
                   (a)-[:R5 {negated: 'maybe'}]->(b)
            """
        )
        graph = place.read()
        assert [p for _, p, _ in triples(graph)] == ["R3", "R4", "not R1", "not R2"]
        assert dropped(graph) == [("relationships", "malformed-negated", "A:1\tR5\tA:2")]
        assert graph.counted == {}
        before = fingerprint(place.address, place.options())
        place.run("MATCH ()-[r:R4]->() SET r.negated = true")
        assert fingerprint(place.address, place.options()) != before

    def test_ids_get_their_canonical_spelling_and_keep_the_given_one(self, place: Place) -> None:
        place.run(
            """
            CREATE (a:A {id: 'mondo:0005148', name: 'one'}), (b:A {id: 'MONDO:2', name: 'two'}),
                   (a)-[:R]->(b), (b)-[:R]->(a)
            """
        )
        graph = place.read()
        assert triples(graph) == [
            ("MONDO:0005148", "R", "MONDO:2"),
            ("MONDO:2", "R", "MONDO:0005148"),
        ]
        found = graph.identifiers.select("text", pl.col("kind").cast(pl.String)).rows()
        assert found == [("mondo:0005148", "alternative")]

    def test_the_fingerprint_tells_content_and_not_order(self, place: Place) -> None:
        nodes = [node(f"A:{n}", "A", "B", synonyms=["s"]) for n in range(20)]
        edges = [edge(f"A:{n}", "R", f"A:{n + 1}", source="x") for n in range(19)]
        seen: list[str] = []
        for given_nodes, given_edges in (
            (nodes, edges),
            (nodes[::-1], edges[::-1]),
            (nodes, edges[1:]),
            ([*nodes[1:], node("A:0", "A", "B", synonyms=["t"])], edges),
            (nodes, [*edges[1:], edge("A:0", "R", "A:1", source="y")]),
            (nodes, [*edges[1:], edge("A:1", "R", "A:0", source="x")]),
        ):
            place.empty()
            place.write(given_nodes, given_edges, into_full=True)
            digests = {fingerprint(place.address, place.options(page=p)) for p in (3, 1000)}
            assert len(digests) == 1
            seen += digests
        assert seen[0] == seen[1]
        assert len(set(seen)) == len(seen) - 1
        assert fingerprint(place.address, place.options(labels=["A"])) == seen[-1]
        assert fingerprint(place.address, place.options(name_property="id")) != seen[-1]

    def test_a_full_database_is_refused_unless_asked(self, place: Place) -> None:
        place.run("CREATE (:Other {id: 'O:1'})")
        with pytest.raises(StorageError, match="holds nodes already"):
            place.write([node("A:1", "A")], [])
        assert place.run("MATCH (n) RETURN count(n)") == [[1]]
        place.write([node("A:1", "A")], [], into_full=True)
        assert place.run("MATCH (n) RETURN count(n)") == [[2]]
        with pytest.raises(StorageError, match="holds one of the nodes of the types A already"):
            place.write([node("A:1", "A")], [], into_full=True)

    def test_a_relationship_without_an_end_is_refused_whole(self, place: Place) -> None:
        edges = [edge("A:1", "R", "A:1"), edge("A:1", "R", "A:2")]
        with pytest.raises(StorageError, match="1 relationships of the type 'R' have an end") as e:
            place.write([node("A:1", "A")], edges)
        assert "1 nodes were written: empty the database before the next try." in str(e.value)
        assert place.run("MATCH ()-[r]->() RETURN count(r)") == [[0]]

    def test_many_types_and_batches_are_all_written(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(writer, "ROWS", 7)
        monkeypatch.setattr(writer, "MOST_WAITING", 20)
        nodes = [node(f"A:{n}", f"T{n % 11}") for n in range(100)]
        edges = [edge(f"A:{n}", f"R{n % 13}", f"A:{n * 3 % 100}") for n in range(100)]
        assert place.write(nodes, edges) == Written(100, 100)
        graph = place.read()
        assert concepts(graph) == {n["properties"]["id"]: list(n["labels"]) for n in nodes}
        assert triples(graph) == sorted((e["subject"], e["type"], e["object"]) for e in edges)

    def test_a_store_comes_back_the_same(
        self, place: Place, mini: KnowledgeGraph, tmp_path: Path
    ) -> None:
        export_to_server(mini, place.address, database=place.database)
        columns = read_source("neo4j", place.address, place.options(page=10))
        assert compile_graph([columns], tmp_path).content == mini.manifest.content
        place.run(f"MATCH (n:{ABOUT}) DETACH DELETE n")
        with pytest.raises(SourceError, match="was not finished"):
            place.read()
        place.run(f"MATCH (n:{CONCEPT}) SET n.{KEY} = NULL")
        assert place.read().nodes.height == mini.node_count


class TestBoltAndCypher(OnAServer):
    """ArcadeDB: Bolt and Cypher compatible."""

    @pytest.fixture
    def place(self, fresh: Place) -> Place:
        return fresh


class TestNeo4j(OnAServer):
    """Neo4j itself, where there is one. It must be empty, and is left empty."""

    @pytest.fixture
    def place(self) -> Iterator[Place]:
        address = os.environ.get(NEO4J_URI)
        if not address:
            pytest.skip(f"{NEO4J_URI} names no empty Neo4j to test with")
        user, password = os.environ.get(USER, "neo4j"), os.environ.get(PASSWORD, "")
        place = Place(address, "", user, password)
        assert place.run("MATCH (n) RETURN count(n)") == [[0]], f"{address} is not empty"
        yield place
        place.empty()

    def test_the_session_of_the_reader_cannot_write(self, place: Place) -> None:
        with (
            pytest.raises(SourceError, match=r"refused|forbids"),
            opened_session(Server(place.address), neo4j.READ_ACCESS, 10) as session,
        ):
            session.run("CREATE (:Written)").consume()
        assert place.run("MATCH (n) RETURN count(n)") == [[0]]


# --- only reading ----------------------------------------------------------------------------


def test_the_reader_asks_for_a_read_transaction_and_sends_no_other_query(
    server: BoltServer, fresh: Place
) -> None:
    fresh.run(SMALL)
    with relayed(server.port) as relay:
        address = f"bolt://127.0.0.1:{relay.port}"
        options = fresh.options(labels=["Disease"], relations=["PART_OF"])
        read(address, options)
        fingerprint(address, options)
    said = bytes(relay.said)
    # Bolt writes the entry "mode": "r" of a message so; a transaction to write in has no mode.
    read_mode = b"\x84mode\x81r"
    begin = b"\xb1\x11"
    run = b"\xb3\x10"
    assert said.count(begin) == 2
    assert said.count(read_mode) == 2 * 2  # the first question of each session has it too
    assert said.count(run) >= 12
    for word in (b"CREATE", b"MERGE", b"SET ", b"DELETE", b"REMOVE", b"CALL", b"LOAD"):
        assert word not in said
    # What was chosen stands among the parameters, never in a query.
    for chosen in (b"Disease", b"PART_OF"):
        assert b"'" + chosen not in said
        assert b":" + chosen not in said
        assert chosen in said


# --- failures, each a sentence ---------------------------------------------------------------


def failure(place: Place, address: str = "", **given: Any) -> str:
    """Return the sentence in which reading ends; it never holds the password."""
    with pytest.raises(KgsynthError) as caught:
        read(address or place.address, place.options(**given))
    said = str(caught.value)
    assert os.environ.get(PASSWORD, "no password") not in said
    assert os.environ.get(PASSWORD, "no password") not in repr(caught.value)
    assert caught.value.remedy
    return said


def test_a_wrong_password_is_told_without_repeating_it(
    fresh: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSWORD, "wrong-and-secret")
    assert "refused the user or the password" in failure(fresh)
    monkeypatch.delenv(PASSWORD)
    assert f"Set {USER} and {PASSWORD}" in failure(fresh)


def test_an_unknown_database_is_named(fresh: Place) -> None:
    assert "has no database 'nowhere'" in failure(fresh, database="nowhere")


@pytest.mark.parametrize("scheme", ["bolt", "neo4j", "bolt+s", "neo4j+ssc"])
def test_an_address_where_nobody_answers(fresh: Place, scheme: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and never listened at
        port = taken.getsockname()[1]
        said = failure(fresh, f"{scheme}://127.0.0.1:{port}")
    assert f"No server answers at {scheme}://127.0.0.1:{port}." in said


def test_a_host_that_is_not_there(fresh: Place) -> None:
    assert "No server answers at bolt://nowhere.invalid" in failure(fresh, "bolt://nowhere.invalid")


def test_encryption_where_there_is_none(server: BoltServer, fresh: Place) -> None:
    for scheme in ("bolt+s", "bolt+ssc", "neo4j+s"):
        said = failure(fresh, f"{scheme}://127.0.0.1:{server.port}")
        assert "made no encrypted connection. Leave out +s" in said


def test_encryption_is_used_where_it_is_asked_for(
    server: BoltServer, fresh: Place, tmp_path: Path
) -> None:
    fresh.run(SMALL)
    certificate = write_certificate(tmp_path / "certificate.pem")
    with relayed(server.port, certificate) as relay:
        assert "does not speak Bolt, or wants encryption" in failure(
            fresh, f"bolt://127.0.0.1:{relay.port}"
        )
        assert "is not trusted here" in failure(fresh, f"bolt+s://127.0.0.1:{relay.port}")
        graph = read(f"bolt+ssc://127.0.0.1:{relay.port}", fresh.options())
    assert graph.nodes.height == 3


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\0\0\0\0", b""])
def test_a_server_of_another_kind(fresh: Place, answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    with client:
                        client.recv(100)
                        client.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        port = listener.getsockname()[1]
        for scheme in ("bolt", "neo4j"):
            assert "does not speak Bolt" in failure(fresh, f"{scheme}://127.0.0.1:{port}")


@pytest.mark.parametrize(
    "address",
    [
        "bolt://me:hunter2@127.0.0.1:7687",
        "me:hunter2@127.0.0.1",
        "bolt://hunter2@127.0.0.1",
        "bolt://127.0.0.1:hunter2",
        "bolt://127.0.0.1:7687?password=hunter2",
        "bolt://127.0.0.1:7687/hunter2",
        "bolt://127.0.0.1:7687#hunter2",
        "bolt://127.0.0.1:99999",
        "bolt://127.0.0.1:0",
        "bolt:/127.0.0.1",
        "bolt://",
        "http://127.0.0.1:7474/hunter2",
        "127.0.0.1:7687",
        "bolt://127.0.0.1 hunter2",
        "",
    ],
)
def test_what_is_no_address_is_refused_and_not_repeated(address: str) -> None:
    for use in (checked_address, lambda a: write_batches(a, [], [])):
        with pytest.raises(SourceError) as caught:
            use(address)
        assert "hunter2" not in str(caught.value)
        assert "hunter2" not in repr(caught.value)
        assert "bolt://HOST:7687" in str(caught.value)


@pytest.mark.parametrize(
    "address",
    ["bolt://127.0.0.1", "neo4j+s://x.databases.neo4j.io", "bolt+ssc://[::1]:7687", "neo4j://a-b/"],
)
def test_what_is_an_address_is_taken(address: str) -> None:
    assert checked_address(address) == address.rstrip("/")


def test_a_date_beyond_the_calendar_is_told(fresh: Place) -> None:
    fresh.run("CREATE (:A {id: 'A:1', name: date('+99999-01-01')})")
    assert "sent a value that its driver cannot read" in failure(fresh)


def test_a_label_that_the_server_cannot_take_is_named(fresh: Place) -> None:
    with pytest.raises(StorageError) as caught:
        fresh.write([node("A:1", "a~b")], [])
    assert "takes no nodes of the types a~b: 'a~b' cannot be used as a label" in str(caught.value)


def test_a_server_that_dies_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(tmp_path / "server") as doomed:
        monkeypatch.setenv(USER, "root")
        monkeypatch.setenv(PASSWORD, doomed.password)
        place = Place(doomed.address, "", "root", doomed.password)
        place.write([node(f"A:{n}", "A", text="x" * 100) for n in range(2_000)], [])

        def kill(what: str, done: int, total: int) -> None:
            doomed.kill()

        with pytest.raises(SourceError) as caught:
            read(place.address, place.options(page=10), kill)
        assert f"The connection to {place.address} broke. See whether" in str(caught.value)
        assert doomed.password not in str(caught.value)


def test_a_connection_that_breaks_in_writing_is_told(server: BoltServer, fresh: Place) -> None:
    with relayed(server.port) as relay:

        def batches() -> Iterator[list[Node]]:
            yield [node(f"A:{n}", "A") for n in range(writer.ROWS)]
            relay.close()
            yield [node(f"B:{n}", "A") for n in range(writer.ROWS)]

        address = f"bolt://127.0.0.1:{relay.port}"
        with pytest.raises(StorageError, match=r"broke.* 5,000 nodes were written: empty"):
            write_batches(address, batches(), [], database=fresh.database)
    assert fresh.run("MATCH (n) RETURN count(n)") == [[5_000]]


def test_progress_is_told_with_the_size_where_all_is_read(fresh: Place) -> None:
    fresh.run(SMALL)
    told: list[tuple[str, int, int]] = []
    read(fresh.address, fresh.options(page=2), lambda *said: told.append(said))
    assert told[0] == ("reading nodes", 2, 3)
    assert ("reading nodes", 3, 3) in told
    assert told[-1] == ("reading relationships", 5, 5)
    read(fresh.address, fresh.options(labels=["Drug"]), lambda *said: told.append(said))
    assert told[-1] == ("reading relationships", 0, 0)


QUIET = """
import sys
from kgsynth.source_options import Neo4jOptions
from kgsynth.errors import SourceError
from kgsynth.sources.neo4j.reader import read
address, database = sys.argv[1:]
try:
    read(address, Neo4jOptions(kind="neo4j", path=address, database=database))
except SourceError as error:
    print(error)
"""


def test_the_driver_keeps_quiet(fresh: Place) -> None:
    fresh.run("CREATE (:A {id: 'A:1', name: 'one'})")
    for address in (fresh.address, "neo4j://127.0.0.1:1"):
        ran = subprocess.run(
            [sys.executable, "-Wdefault", "-c", QUIET, address, fresh.database],
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=True,
        )
        assert ran.stderr == ""
        assert ("No server answers" in ran.stdout) == (address != fresh.address)


def test_nothing_shows_the_password(server: BoltServer, fresh: Place) -> None:
    for shown in (server, fresh, Server(fresh.address), fresh.options()):
        assert server.password not in repr(shown)


# --- the server of these tests ------------------------------------------------------------------

ORPHAN = """
import sys, time
from pathlib import Path
from bolt_server import start
server = start(Path(sys.argv[1]))
print(server.pid, flush=True)
time.sleep(600)
"""


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_no_server_outlives_the_tests_that_started_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", ORPHAN, str(tmp_path / "server")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT / "tests") as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert alive(pid)
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 60
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(pid)


# --- laws ------------------------------------------------------------------------------------

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(
    lambda text: text.strip() != ""
)


@given(st.text(min_size=1))
def test_a_quoted_name_is_one_identifier(name: str) -> None:
    try:
        said = quoted(name)
    except StorageError:
        return
    assert said[0] == said[-1] == "`"
    inside = said[1:-1]
    assert inside.replace("``", "") == name.replace("`", "")
    assert inside.replace("``", "`") == name
    assert all(len(run) % 2 == 0 for run in runs_of_backticks(inside))


def runs_of_backticks(text: str) -> list[str]:
    return [run for run in "".join(c if c == "`" else " " for c in text).split() if run]


def test_any_text_travels_there_and_back(fresh: Place, server: BoltServer) -> None:
    @settings(max_examples=10, deadline=None)
    @given(st.lists(st.tuples(TEXT, TEXT, st.lists(TEXT)), min_size=1, max_size=20))
    def check(said: list[tuple[str, str, list[str]]]) -> None:
        place = Place(server.address, server.new_database(), "root", server.password)
        nodes = [
            node(f"n{at}", "A", name=name, synonyms=texts)
            for at, (name, _, texts) in enumerate(said)
        ]
        edges = [edge(f"n{at}", "R", "n0", evidence=text) for at, (_, text, _) in enumerate(said)]
        place.write(nodes, edges)
        graph = place.read()
        held: dict[str, list[str]] = {}
        for id_, text, _ in names(graph):
            held.setdefault(id_, []).append(text)
        assert held == {
            f"n{at}": list(dict.fromkeys([name, *texts]))
            for at, (name, _, texts) in enumerate(said)
        }
        subjects = graph.edges["subject"].gather(graph.evidence["edge"])
        found = dict(zip(graph.nodes["id"].gather(subjects), graph.evidence["text"], strict=True))
        assert found == {f"n{at}": text for at, (_, text, _) in enumerate(said)}

    check()
