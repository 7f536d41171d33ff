"""Every real graph at hand goes through the command line, and its counts are those of its rows.

Each reader's own tests look closer; here the whole way is walked, from a file to a store that
answers. The counts are taken from the files by plain means, or from what their maker states.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kgsynth.cli.main import main
from kgsynth.graph.store import KnowledgeGraph

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not DATA.is_dir(), reason="no real graphs lie in ../shared/data"),
]

Compile = Callable[..., dict[str, Any]]


@pytest.fixture
def compile_graph(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Compile:
    def run(source: str, *options: str) -> dict[str, Any]:
        store = str(tmp_path / "store")
        assert main(["graph", "compile", source, *options, "--output", store, "--json"]) == 0
        about: dict[str, Any] = json.loads(capsys.readouterr().out)
        graph = KnowledgeGraph.open(store)
        for edge in (0, about["statements"] // 2, about["statements"] - 1):
            said = graph.statement(edge)
            assert graph.holds(said.subject, said.predicate, said.object)
            assert graph.sentence(edge)
        return about

    return run


def rows_of(about: dict[str, Any], *apart: str) -> int:
    """Add up what became of the rows of edges; ``apart`` are reasons of other rows."""
    no_row = ("unread-file", *apart)
    dropped = {r: n for r, n in about["dropped"].items() if r not in no_row}
    return int(about["statements"]) + sum(dropped.values())


def table(path: Path) -> list[list[str]]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_hetionet(compile_graph: Compile) -> None:
    about = compile_graph(f"hetionet:{DATA / 'hetionet'}")
    edges = table(DATA / "hetionet" / "hetionet-v1.0-rebuilt-edges.sif.gz")[1:]
    assert len(edges) == 800_182  # as SOURCE.txt says
    assert about["nodes"] == len(table(DATA / "hetionet" / "hetionet-v1.0-nodes.tsv")) - 1 == 47_031
    assert rows_of(about) == len(edges)
    assert len(about["predicates"]) <= len({metaedge for _, metaedge, _ in edges}) == 24
    assert about["unknown_predicates"] == []
    assert len(about["types"]) == 11


def test_hetionet_as_a_bulk_import(compile_graph: Compile) -> None:
    folder = DATA / "hetionet_neo4j_import"
    about = compile_graph(f"hetionet:{folder}")
    nodes = sum(len(table(path)) - 1 for path in (folder / "nodes").glob("*.tsv"))
    edges = sum(len(table(path)) - 1 for path in (folder / "edges").glob("*.tsv"))
    assert about["nodes"] == nodes
    assert rows_of(about) == edges
    assert about["unknown_predicates"] == []


def test_the_demonstration_cut(compile_graph: Compile) -> None:
    about = compile_graph(f"hetionet:{DATA / 'demo_kg'}")
    edges = table(DATA / "demo_kg" / "edges.tsv")[1:]
    assert (about["nodes"], len(edges)) == (7_477, 28_314)
    assert rows_of(about) == len(edges)
    licences = {row[5] for row in edges if row[5]}
    assert {terms["licence"] for terms in about["licences"] if terms["licence"]} >= licences


def test_the_semantic_network(compile_graph: Compile) -> None:
    folder = DATA / "umls_semnet_triples"
    names = ("train.txt", "valid.txt", "test.txt")
    about = compile_graph(
        f"tables:{folder}", "--set", f"edges=[{', '.join(names)}]", "--set", "header=false",
        "--set", "edge_columns={subject: 0, predicate: 1, object: 2}",
    )  # fmt: skip
    rows = [row for name in names for row in table(folder / name)]
    assert about["nodes"] == len({end for row in rows for end in (row[0], row[2])}) == 135
    assert len({row[1] for row in rows}) == 46
    assert rows_of(about) == len(rows) == 6_529
    assert about["unknown_predicates"] == []


def test_kgx(compile_graph: Compile) -> None:
    about = compile_graph(f"kgx:{DATA / 'kgx_samples' / 'graph_edges.tsv'}")
    nodes = {row[0] for row in table(DATA / "kgx_samples" / "graph_nodes.tsv")[1:]}
    assert about["nodes"] == len(nodes) == 512


def test_kgx_as_a_document(compile_graph: Compile) -> None:
    document = json.loads((DATA / "kgx_samples" / "graph.json").read_text("utf-8"))
    about = compile_graph(f"kgx:{DATA / 'kgx_samples' / 'graph.json'}")
    assert about["nodes"] == len({node["id"] for node in document["nodes"]})


def test_kgx_without_nodes(compile_graph: Compile) -> None:
    about = compile_graph(f"kgx:{DATA / 'kgx_samples' / 'monarch-tiny_edges.tsv'}")
    edges = table(DATA / "kgx_samples" / "monarch-tiny_edges.tsv")
    subject, obj = edges[0].index("subject"), edges[0].index("object")
    ends = {row[at] for row in edges[1:] for at in (subject, obj)}
    assert about["nodes"] == len(ends)
    assert rows_of(about) == len(edges) - 1


def live_terms(path: Path) -> set[str]:
    """Return the ids of the terms that are not obsolete, stanza by stanza."""
    found = set()
    for stanza in re.split(r"\n\s*\n", path.read_text("utf-8")):
        if stanza.lstrip().startswith("[Term]") and "is_obsolete: true" not in stanza:
            found.add(re.search(r"^id: (\S+)", stanza, re.MULTILINE)[1])  # type: ignore[index]
    return found


@pytest.mark.parametrize(
    "name",
    [
        "DO_infectious_disease_slim.obo",
        "DO_rare_slim.obo",
        "NCIthesaurus.obo",
        "doid_2016-09-01.obo",
    ],
)
def test_obo(name: str, compile_graph: Compile) -> None:
    about = compile_graph(f"obo:{DATA / 'doid' / name}")
    assert about["nodes"] == len(live_terms(DATA / "doid" / name))
    assert "is_a" in about["predicates"]


@pytest.mark.parametrize("name", ["DO_infectious_disease_slim.json", "doid-2018-07-05.json.gz"])
def test_obograph(name: str, compile_graph: Compile) -> None:
    about = compile_graph(f"obograph:{DATA / 'doid' / name}")
    assert about["nodes"] > 400
    assert "is_a" in about["predicates"]


@pytest.mark.parametrize(
    "name",
    [
        "doid/DO_cancer_slim.owl",
        "doid/DO_infectious_disease_slim.owl",
        "doid/symp_import.owl",
        "kgx_samples/goslim_generic.owl",
        "kgx_samples/mody.ttl",
        "kgx_samples/hpoa_test.ttl",
        "kgx_samples/rdf/oban-test.nt",
        "kgx_samples/rdf/test1.nt",
        "kgx_samples/rdf/test2.nt",
        "kgx_samples/rdf/test3.nt",
    ],
)
def test_rdf(name: str, compile_graph: Compile) -> None:
    import rdflib

    about = compile_graph(f"rdf:{DATA / name}")
    assert about["statements"] > 0
    if not name.endswith(".owl"):
        return
    graph = rdflib.Graph().parse(DATA / name)
    deprecated = set(graph.subjects(rdflib.OWL.deprecated, None))
    above = {
        (s, o)
        for s, o in graph.subject_objects(rdflib.RDFS.subClassOf)
        if isinstance(s, rdflib.URIRef) and isinstance(o, rdflib.URIRef) and s != o
        and not {s, o} & deprecated
    }  # fmt: skip
    assert about["predicates"]["is_a"] >= len(above)


def test_several_graphs_in_one_store(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A disease of Hetionet and its term in the Disease Ontology are one concept."""
    store = tmp_path / "store"
    sources = [f"hetionet:{DATA / 'demo_kg'}", f"obo:{DATA / 'doid' / 'doid_2016-09-01.obo'}"]
    assert main(["graph", "compile", *sources, "--output", str(store)]) == 0
    capsys.readouterr()
    graph = KnowledgeGraph.open(store)
    code = graph.find("Disease::DOID:1612")
    assert graph.id(code) == "DOID:1612"
    sources_of = {o.source for n in graph.beside(code) for o in graph.origins(n.edge)}
    assert len(sources_of) >= 2
