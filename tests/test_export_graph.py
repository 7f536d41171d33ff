"""Exports of a store: other tools open them, nothing is lost on the way back, and what a licence
keeps back stays behind.
"""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import networkx as nx
import polars as pl
import pyoxigraph as ox
import pytest
import rdflib
from awkward_graphs import awkward_graphs
from bolt_server import USER, BoltServer, running
from graph_columns import source
from hypothesis import HealthCheck, given, settings

from kgsynth.cli.main import main
from kgsynth.errors import SourceError, StoreError, UsageError
from kgsynth.graph.compile import compile_graph
from kgsynth.graph.export import FORMATS, Exported, export_graph, format_named
from kgsynth.graph.export.batches import EDGES, NODES, Batches
from kgsynth.graph.export.iris import concept_iris, relation_iris
from kgsynth.graph.export.kgx import infores
from kgsynth.graph.manifest import StoreManifest
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.graph.terms import Terms
from kgsynth.resources import locate
from kgsynth.sources import READERS, read_source
from kgsynth.sources.columns import GraphColumns, SourceInfo
from kgsynth.sources.exported import ABOUT_FILE, read_about
from kgsynth.sources.neo4j.bolt_concepts import CONCEPT
from kgsynth.vocabulary import load_vocabulary

FILES = {"kgx": "kgx", "nt": "graph.nt", "neo4j": "neo4j", "graphml": "graph.graphml"}
DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
SECRETS = ("secret", "bound one", "bound three", "A bound definition.")
"""Words that only the source with a licence uses."""


def store_of(columns: Sequence[GraphColumns], folder: Path) -> KnowledgeGraph:
    compile_graph(columns, folder)
    return KnowledgeGraph.open(folder)


def exported(graph: KnowledgeGraph, to: str, folder: Path, *accept: str) -> tuple[Path, Exported]:
    output = folder / FILES[to]
    (output if FORMATS[to].folder else folder).mkdir(parents=True, exist_ok=True)
    return output, export_graph(graph, to, output, accept)


def read_back(to: str, output: Path, folder: Path) -> StoreManifest:
    return compile_graph([read_source(FORMATS[to].kind, output)], folder)


def written(output: Path) -> dict[str, bytes]:
    """Return all that was written, by the names of the files."""
    files = sorted(output.iterdir()) if output.is_dir() else [output]
    return {file.name: file.read_bytes() for file in files}


def table(path: Path, **shape: Any) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, **shape))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeGraph:
    folder = tmp_path_factory.mktemp("demo") / "store"
    return store_of([read_source("tables", locate("ontologies/demo"))], folder)


def several() -> list[GraphColumns]:
    """Two sources with terms of their own; one of them lets out ids only."""
    types = [("A:1", ["drug"]), ("A:2", ["disease"]), ("A:3", ["disease"])]
    free = source(
        "FREE",
        types,
        [("A:1", "treats", "A:2", "A trial."), ("A:3", "is_a", "A:2", "")],
        names=[("A:1", "free one", "en", "preferred"), ("A:1", "uno", "es", "preferred")],
        complete=("treats",),
    )
    bound = source(
        "BOUND",
        types,
        [("A:1", "treats", "A:2", "A shared one."), ("A:1", "causes", "A:3", "A secret.")],
        names=[("A:1", "bound one", "en", "synonym"), ("A:3", "bound three", "en", "preferred")],
    )
    told = pl.DataFrame(
        {"node": [0], "text": ["A bound definition."], "source": [0]},
        schema=bound.definitions.schema,
    )
    info = SourceInfo("BOUND", "7", "2026-11-01", "licence of BOUND", restriction=3)
    return [free, replace(bound, sources=(info,), definitions=told)]


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeGraph:
    return store_of(several(), tmp_path_factory.mktemp("two") / "store")


# --- without loss ----------------------------------------------------------------------------


@pytest.mark.parametrize("to", FORMATS)
def test_the_mini_graph_comes_back_as_it_was(to: str, mini: KnowledgeGraph, tmp_path: Path) -> None:
    output, told = exported(mini, to, tmp_path)
    assert told[:2] == (mini.node_count, mini.manifest.statements)
    again = read_back(to, output, tmp_path / "again")
    assert again.content == mini.manifest.content


@pytest.mark.parametrize("to", FORMATS)
def test_the_demo_graph_comes_back_as_it_was(to: str, demo: KnowledgeGraph, tmp_path: Path) -> None:
    output, _ = exported(demo, to, tmp_path)
    again = read_back(to, output, tmp_path / "again")
    assert again.content == demo.manifest.content
    assert again.sources == demo.manifest.sources
    assert again.dropped == {}


@pytest.mark.parametrize("to", FORMATS)
def test_several_sources_come_back_with_their_terms(
    to: str, two: KnowledgeGraph, tmp_path: Path
) -> None:
    output, _ = exported(two, to, tmp_path, "BOUND")
    again = read_back(to, output, tmp_path / "again")
    assert again.content == two.manifest.content
    assert again.origins == two.manifest.origins
    there = KnowledgeGraph.open(tmp_path / "again")
    statements = {s.predicate: s for s in map(there.statement, range(3))}
    assert statements["causes"].sources == ("BOUND",)
    assert statements["treats"].sources == ("BOUND", "FREE")
    assert statements["treats"].licences == ("licence of BOUND", "licence of FREE")


@pytest.mark.parametrize("to", FORMATS)
def test_a_changed_export_is_another_graph(to: str, mini: KnowledgeGraph, tmp_path: Path) -> None:
    """The hash can tell: without this, the tests above would prove nothing."""
    output, _ = exported(mini, to, tmp_path)
    for file in sorted(output.iterdir()) if output.is_dir() else [output]:
        file.write_bytes(file.read_bytes().replace(b"Zestril", b"Zestrol"))
    again = read_back(to, output, tmp_path / "again")
    assert again.content != mini.manifest.content


@pytest.mark.parametrize("to", [to for to in FORMATS if to != "graphml"])
def test_an_export_that_was_cut_between_two_lines_is_told(
    to: str, demo: KnowledgeGraph, tmp_path: Path
) -> None:
    """GraphML is a document: one that is cut is not well-formed."""
    output, _ = exported(demo, to, tmp_path)
    whole = next(output.glob("edges.*")) if output.is_dir() else output
    lines = whole.read_bytes().splitlines(keepends=True)
    whole.write_bytes(b"".join(lines[: len(lines) * 9 // 10]))
    again = read_back(to, output, tmp_path / "again")
    lost = demo.manifest.statements - again.statements
    assert again.content != demo.manifest.content
    assert again.dropped["missing-row"] >= max(lost, 1)


@pytest.mark.parametrize("to", FORMATS)
def test_what_two_sources_prefer_comes_back(to: str, tmp_path: Path) -> None:
    """The second preferred name of a language is a synonym, and stands where synonyms do."""
    ends, stated = [("A:1", ["drug"]), ("A:2", ["disease"])], [("A:1", "treats", "A:2", "")]
    called = {
        "one": [("A:1", "alpha", "en", "preferred"), ("A:1", "aaa", "en", "synonym")],
        "two": [("A:1", "beta", "en", "preferred"), ("A:1", "gama", "es", "preferred")],
    }
    columns = [source(name, ends, stated, names=names) for name, names in called.items()]
    graph = store_of(columns, tmp_path / "store")
    output, _ = exported(graph, to, tmp_path)
    assert read_back(to, output, tmp_path / "again").content == graph.manifest.content


@pytest.mark.parametrize("to", FORMATS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(columns=awkward_graphs())
def test_nothing_is_lost_of_an_awkward_graph(to: str, columns: list[GraphColumns]) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        graph = store_of(columns, folder / "store")
        every = [held.name for held in graph.manifest.sources]
        output, told = exported(graph, to, folder, *every)
        assert told[2:] == (0, 0, 0, ())
        _check_opened(to, output, graph)
        again = read_back(to, output, folder / "again")
        assert again.content == graph.manifest.content


@pytest.mark.parametrize("to", FORMATS)
def test_a_batch_ends_where_it_likes(to: str, mini: KnowledgeGraph, tmp_path: Path) -> None:
    parts = Batches(mini, Terms.of(mini.manifest), rows=7)
    output = tmp_path / FILES[to]
    if FORMATS[to].folder:
        output.mkdir()
    FORMATS[to].write(parts, output)
    assert read_back(to, output, tmp_path / "again").content == mini.manifest.content
    whole, _ = exported(mini, to, tmp_path / "whole")
    # N-Triples go by batch; their order means nothing, and blank nodes are numbered by it.
    if to != "nt":
        assert written(output) == written(whole)


@pytest.mark.parametrize("to", FORMATS)
def test_the_same_store_gives_the_same_bytes(to: str, mini: KnowledgeGraph, tmp_path: Path) -> None:
    first, _ = exported(mini, to, tmp_path / "first")
    second, _ = exported(mini, to, tmp_path / "second")
    assert written(first) == written(second)


def test_every_format_is_read_back_by_a_kind_that_there_is() -> None:
    assert set(FILES) == set(FORMATS)
    assert {known.kind for known in FORMATS.values()} <= set(READERS)
    with pytest.raises(UsageError, match="Did you mean 'graphml'"):
        format_named("graphm")


def test_batches_have_the_columns_that_they_promise(mini: KnowledgeGraph) -> None:
    batches = Batches(mini, Terms.of(mini.manifest), rows=50)
    nodes, edges = list(batches.nodes()), list(batches.edges())
    assert all(frame.schema == NODES for frame in nodes)
    assert all(frame.schema == EDGES for frame in edges)
    assert sum(frame.height for frame in nodes) == mini.node_count
    assert sum(frame.height for frame in edges) == mini.manifest.statements


# --- other tools open it -----------------------------------------------------------------------


def _check_opened(to: str, output: Path, graph: KnowledgeGraph) -> None:
    """Have a tool that is not ours open an export, and count what it finds."""
    nodes, statements = graph.node_count, graph.manifest.statements
    if to == "graphml":
        opened = nx.read_graphml(output)
        assert (opened.number_of_nodes(), opened.number_of_edges()) == (nodes, statements)
    elif to == "nt":
        triples = list(ox.parse(path=str(output)))
        assert len(triples) == output.read_text("utf-8").count("\n")
        assert len(rdflib.Graph().parse(output)) == len(set(triples))
    elif to == "kgx":
        plain = {"delimiter": "\t", "quoting": csv.QUOTE_NONE}
        assert len(table(output / "nodes.tsv", **plain)) == nodes
        sets = [len(graph.origins(edge)) for edge in range(statements)]
        assert len(table(output / "edges.tsv", **plain)) == sum(sets)
    else:
        assert len(table(output / "nodes.csv")) == nodes
        assert len(table(output / "edges.csv")) == statements


@pytest.mark.parametrize("to", FORMATS)
def test_a_tool_of_others_opens_it(to: str, demo: KnowledgeGraph, tmp_path: Path) -> None:
    output, _ = exported(demo, to, tmp_path)
    _check_opened(to, output, demo)


def test_networkx_finds_names_types_and_relations(mini: KnowledgeGraph, tmp_path: Path) -> None:
    output, _ = exported(mini, "graphml", tmp_path)
    opened = nx.read_graphml(output)
    assert opened.is_directed()
    assert opened.nodes["KGMINI:lisinopril"]["name"] == "lisinopril"
    assert opened.nodes["KGMINI:lisinopril"]["types"] == "drug"
    said = {(s, d["predicate"], o) for s, o, d in opened.edges(data=True)}
    held = [mini.statement(edge) for edge in range(mini.manifest.statements)]
    assert said == {(s.subject, s.predicate, s.object) for s in held}


def test_rdflib_finds_labels_parents_and_categories(demo: KnowledgeGraph, tmp_path: Path) -> None:
    output, _ = exported(demo, "nt", tmp_path)
    opened = rdflib.Graph().parse(output)
    ours = rdflib.Namespace("https://w3id.org/kgsynth/id/")
    biolink = rdflib.Namespace("https://w3id.org/biolink/vocab/")
    synonym = rdflib.URIRef("http://www.geneontology.org/formats/oboInOwl#hasExactSynonym")
    drug = ours["KGDEMO:metoprolol"]
    found = opened.objects(drug, rdflib.RDFS.label)
    labels = {w.language: str(w) for w in found if isinstance(w, rdflib.Literal)}
    assert labels == {
        "en": demo.name(demo.code("KGDEMO:metoprolol")),
        "es": demo.name(demo.code("KGDEMO:metoprolol"), "es"),
    }
    assert (drug, rdflib.RDFS.subClassOf, ours["KGDEMO:beta_blocker"]) in opened
    assert (drug, rdflib.RDF.type, rdflib.OWL.Class) in opened
    assert (drug, biolink.category, None) in opened
    fibrillation = ours["KGDEMO:atrial_fibrillation"]
    assert rdflib.Literal("AF", lang="en") in set(opened.objects(fibrillation, synonym))


def test_rdf_says_of_a_triple_who_gives_it(two: KnowledgeGraph, tmp_path: Path) -> None:
    output, _ = exported(two, "nt", tmp_path, "BOUND")
    opened = rdflib.Graph().parse(output)
    found = opened.query(
        """
        PREFIX owl: <http://www.w3.org/2002/07/owl#>
        PREFIX prov: <http://www.w3.org/ns/prov#>
        PREFIX dcterms: <http://purl.org/dc/terms/>
        PREFIX biolink: <https://w3id.org/biolink/vocab/>
        SELECT ?source ?licence ?evidence WHERE {
          ?axiom owl:annotatedProperty biolink:treats ; biolink:supporting_text ?evidence .
          OPTIONAL { ?axiom prov:hadPrimarySource
                     [ dcterms:source ?source ; dcterms:license ?licence ] }
        }
        """
    )
    rows = {tuple(str(cell) for cell in row) for row in found}  # type: ignore[union-attr]
    assert {row[2] for row in rows} == {"A trial.", "A shared one."}
    usual = rdflib.URIRef("https://w3id.org/kgsynth/terms#usualOrigin")
    assert len(list(opened.objects(None, usual))) >= 1


def test_kgx_speaks_biolink(two: KnowledgeGraph, tmp_path: Path) -> None:
    output, _ = exported(two, "kgx", tmp_path, "BOUND")
    plain = {"delimiter": "\t", "quoting": csv.QUOTE_NONE}
    nodes = {row["id"]: row for row in table(output / "nodes.tsv", **plain)}
    assert nodes["A:1"]["name"] == "free one"
    assert nodes["A:1"]["synonym"] == "bound one"
    assert nodes["A:1"]["category"].startswith("biolink:")
    edges = table(output / "edges.tsv", **plain)
    assert len({row["id"] for row in edges}) == len(edges) == 4
    vocabulary = load_vocabulary()
    expected = {vocabulary.predicate(name).curie for name in ("treats", "causes", "is_a")}
    assert {row["predicate"] for row in edges} == expected
    treats = [row for row in edges if row["original_predicate"] == "treats"]
    assert [row["primary_knowledge_source"] for row in treats] == ["infores:bound", "infores:free"]
    assert [row["license"] for row in treats] == ["licence of BOUND", "licence of FREE"]


def test_without_our_column_kgx_is_read_as_anybodys(two: KnowledgeGraph, tmp_path: Path) -> None:
    output, _ = exported(two, "kgx", tmp_path, "BOUND")
    for name in ("nodes.tsv", "edges.tsv"):
        lines = (output / name).read_text("utf-8").splitlines()
        bare = ["\t".join(line.split("\t")[:-1]) for line in lines]
        (output / name).write_text("\n".join(bare) + "\n", "utf-8")
    columns = read_source("kgx", output)
    assert columns.nodes["id"].to_list() == ["A:1", "A:2", "A:3"]
    assert {info.name for info in columns.sources} > {"infores:bound", "infores:free"}


def test_a_relation_that_is_denied_is_negated_in_kgx(tmp_path: Path) -> None:
    ends = [("A:1", ["drug"]), ("A:2", ["disease"])]
    graph = store_of([source("one", ends, [("A:1", "not treats", "A:2", "")])], tmp_path / "store")
    output, _ = exported(graph, "kgx", tmp_path)
    row = table(output / "edges.tsv", delimiter="\t", quoting=csv.QUOTE_NONE)[0]
    assert (row["predicate"], row["negated"]) == ("biolink:treats", "true")


def test_neo4j_admin_finds_its_headers(two: KnowledgeGraph, tmp_path: Path) -> None:
    output, _ = exported(two, "neo4j", tmp_path, "BOUND")
    nodes = {row["id:ID"]: row for row in table(output / "nodes.csv")}
    assert nodes["A:1"][":LABEL"].split("\x1f") == [CONCEPT, "drug"]
    assert nodes["A:1"]["synonyms:string[]"] == "bound one"
    edges = table(output / "edges.csv")
    assert {row[":TYPE"] for row in edges} == {"treats", "causes", "is_a"}
    assert {row[":START_ID"] for row in edges} | {row[":END_ID"] for row in edges} <= set(nodes)
    treats = next(row for row in edges if row[":TYPE"] == "treats")
    assert treats["source:string[]"].split("\x1f") == ["BOUND", "FREE"]
    readme = (output / "README.md").read_text("utf-8")
    for word in ("neo4j-admin database import full", "--array-delimiter=U+001F", *written(output)):
        assert word in readme or word == "README.md"


# --- ids as addresses ------------------------------------------------------------------------


def test_addresses_are_the_worlds_where_it_has_some() -> None:
    ids = ["MONDO:0005148", "NCBIGene:672", "KGMINI:aspirin", "no prefix", "A:%31", "A:1"]
    assert concept_iris(pl.Series(ids)).to_list() == [
        "http://purl.obolibrary.org/obo/MONDO_0005148",
        "https://www.ncbi.nlm.nih.gov/gene/672",
        "https://w3id.org/kgsynth/id/KGMINI:aspirin",
        "https://w3id.org/kgsynth/id/no%20prefix",
        "https://w3id.org/kgsynth/id/A:%2531",
        "https://w3id.org/kgsynth/id/A:1",
    ]


def test_ids_that_would_live_at_one_address_get_one_of_their_own(tmp_path: Path) -> None:
    ids = ["DOID:1612", "DOID:4", "obo:DOID_1612"]
    assert concept_iris(pl.Series(ids)).to_list() == [
        "https://w3id.org/kgsynth/id/DOID:1612",
        "http://purl.obolibrary.org/obo/DOID_4",
        "https://w3id.org/kgsynth/id/obo:DOID_1612",
    ]


def test_no_two_relations_share_an_address_and_none_is_a_word_of_the_file() -> None:
    names = [*load_vocabulary().predicates, "rdf:type", "rdfs:label", "oboInOwl:id", "not_treats"]
    iris = relation_iris(names)
    assert len(set(iris)) == len(names)
    assert all(iri.startswith("https://w3id.org/kgsynth/relation/") for iri in iris[-4:])
    assert iris[names.index("is_a")] == str(rdflib.RDFS.subClassOf)
    assert iris[names.index("treats")] == "https://w3id.org/biolink/vocab/treats"


def test_a_source_is_named_as_biolink_names_them() -> None:
    assert infores("Drug Central 2.0") == "infores:drug-central-2.0"


# --- licences ----------------------------------------------------------------------------------


@pytest.mark.parametrize("to", FORMATS)
def test_a_source_that_restricts_its_use_lets_out_ids_only(
    to: str, two: KnowledgeGraph, tmp_path: Path
) -> None:
    output, told = exported(two, to, tmp_path)
    assert told == Exported(3, 3, 2, 1, 3, ("BOUND",))
    text = b"".join(written(output).values()).decode()
    assert not [word for word in SECRETS if word in text]
    again = read_back(to, output, tmp_path / "again")
    assert (again.nodes, again.statements) == (3, 3)
    there = KnowledgeGraph.open(tmp_path / "again")
    assert [there.id(code) for code in range(3)] == ["A:1", "A:2", "A:3"]
    assert [there.types(code) for code in range(3)] == [("drug",), ("disease",), ("disease",)]
    assert [name.text for name in there.names(0)] == ["free one", "uno"]
    assert there.names(2) == ()
    assert {s.predicate: s.sources for s in map(there.statement, range(3))} == {
        "treats": ("BOUND", "FREE"),
        "causes": ("BOUND",),
        "is_a": ("FREE",),
    }
    # A free source vouches for this one too, but no text says which of them it is of.
    treats = next(s for s in map(there.statement, range(3)) if s.predicate == "treats")
    assert treats.evidence == ()
    assert {s.name: s.restriction for s in again.sources} == {"FREE": 0, "BOUND": 3}


@pytest.mark.parametrize("to", FORMATS)
def test_an_accepted_source_lets_out_everything(
    to: str, two: KnowledgeGraph, tmp_path: Path
) -> None:
    output, told = exported(two, to, tmp_path, "BOUND")
    assert told == Exported(3, 3, 0, 0, 0, ())
    text = b"".join(written(output).values()).decode()
    assert [word for word in SECRETS if word in text] == list(SECRETS)


@pytest.mark.parametrize("to", FORMATS)
def test_a_graph_of_which_no_name_may_be_told_comes_back(to: str, tmp_path: Path) -> None:
    bound = several()[1]
    graph = store_of([bound], tmp_path / "store")
    output, told = exported(graph, to, tmp_path)
    assert told.names_withheld == 2
    again = read_back(to, output, tmp_path / "again")
    assert (again.names, again.nodes, again.statements) == (0, 3, 2)
    assert KnowledgeGraph.open(tmp_path / "again").name(0) == "A:1"


def test_of_two_sources_with_one_name_the_stricter_rules(two: KnowledgeGraph) -> None:
    sources = two.manifest.sources
    same = tuple(s.model_copy(update={"name": "ONE"}) for s in sources)
    terms = Terms.of(two.manifest.model_copy(update={"sources": same}))
    assert terms.withheld() == ["ONE"]


def test_a_source_that_is_not_there_cannot_be_accepted(two: KnowledgeGraph) -> None:
    with pytest.raises(UsageError, match=r"no source 'BUOND' to accept. Did you mean 'BOUND'\?"):
        Terms.of(two.manifest, ["BUOND"])


# --- a damaged export --------------------------------------------------------------------------


def _spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


@pytest.mark.parametrize(
    ("to", "file", "old", "new", "said"),
    [
        ("kgx", ABOUT_FILE, '"sources"', '"sauces"', "does not say what kgsynth writes there"),
        ("kgx", ABOUT_FILE, '"format": 1', '"format": 2', "no newer than this one"),
        ("kgx", "nodes.tsv", '{"id"', '{"ID', "nodes.tsv, row 2"),
        ("kgx", "edges.tsv", '"sources":["kgmini"]', '"sources":["kgmaxi"]', "'kgmini'"),
        ("kgx", "edges.tsv", '"sources":["kgmini"]', '"sources":[]', "needs a source"),
        ("kgx", "nodes.tsv", '"kind":"synonym"', '"kind":"synonim"', "Did you mean 'synonym'"),
        ("neo4j", "about.csv", "kgsynth,", "other,", "does not hold one row"),
        ("neo4j", "nodes.csv", "kgsynth,:LABEL", "other,:LABEL", "lack the column 'kgsynth'"),
        ("neo4j", "edges.csv", "encodes,kgmini", 'encodes,"kgmini', "quote"),
        ("nt", "", "terms#about>", "terms#abut>", "says 0 times"),
        ("graphml", "", "</graph>", "", "not well-formed"),
    ],
)
def test_a_damaged_export_is_told(
    to: str, file: str, old: str, new: str, said: str, mini: KnowledgeGraph, tmp_path: Path
) -> None:
    output, _ = exported(mini, to, tmp_path)
    _spoil(output / file if file else output, old, new)
    with pytest.raises(SourceError, match=said):
        read_source(FORMATS[to].kind, output)


@pytest.mark.parametrize(
    ("to", "file", "line"),
    [("kgx", "nodes.tsv", 2), ("nt", "", -1), ("neo4j", "nodes.csv", 2), ("graphml", "", 10)],
)
def test_what_misses_its_concept_is_set_aside(
    to: str, file: str, line: int, mini: KnowledgeGraph, tmp_path: Path
) -> None:
    """The concept of a line that was cut out takes its statements with it, and they are listed."""
    output, _ = exported(mini, to, tmp_path)
    path = output / file if file else output
    lines = path.read_text("utf-8").splitlines(keepends=True)
    if to == "nt":
        lines = [text for text in lines if not text.endswith('oboInOwl#id> "KGMINI:adrb1" .\n')]
    else:
        del lines[line - 1]
    path.write_text("".join(lines), "utf-8")
    columns = read_source(FORMATS[to].kind, output)
    assert columns.nodes.height == mini.node_count - 1
    lost = sum("KGMINI:adrb1" in (s.subject, s.object) for s in _statements(mini))
    assert columns.dropped["reason"].to_list() == ["dangling"] * lost
    assert columns.edges.height == mini.manifest.statements - lost


def _statements(graph: KnowledgeGraph) -> Iterator[Any]:
    return map(graph.statement, range(graph.manifest.statements))


def test_a_line_that_is_no_triple_is_set_aside(mini: KnowledgeGraph, tmp_path: Path) -> None:
    output, _ = exported(mini, "nt", tmp_path)
    with output.open("a", encoding="utf-8") as file:
        file.write("# a comment\n<http://a> <http://b> .\n<http://a> <http://b> <http://c> .\n")
    columns = read_source("rdf", output)
    assert columns.dropped["reason"].to_list() == ["blank-line", "malformed-line"]
    assert columns.counted == {"foreign-triple": 1}


def test_the_order_of_triples_means_nothing(mini: KnowledgeGraph, tmp_path: Path) -> None:
    output, _ = exported(mini, "nt", tmp_path)
    head, *lines = output.read_text("utf-8").splitlines(keepends=True)
    output.write_text(head + "".join(sorted(lines, key=lambda line: line[::-1])), "utf-8")
    assert read_back("nt", output, tmp_path / "again").content == mini.manifest.content


def test_what_networkx_writes_again_comes_back(mini: KnowledgeGraph, tmp_path: Path) -> None:
    output, _ = exported(mini, "graphml", tmp_path)
    nx.write_graphml(nx.read_graphml(output), tmp_path / "again.graphml")
    again = read_back("graphml", tmp_path / "again.graphml", tmp_path / "again")
    assert again.content == mini.manifest.content


@pytest.mark.real
@pytest.mark.parametrize("to", FORMATS)
def test_a_real_ontology_comes_back(to: str, tmp_path: Path) -> None:
    path = DATA / "doid" / "doid_2016-09-01.obo"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    graph = store_of([read_source("obo", path)], tmp_path / "store")
    output, _ = exported(graph, to, tmp_path)
    _check_opened(to, output, graph)
    assert read_back(to, output, tmp_path / "again").content == graph.manifest.content


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ({"key": "a", "name": ""}, "a source has the name ''"),
        ({"key": "", "name": "a"}, "has the key ''"),
        ({"key": "b", "name": "a"}, "has the key 'b'"),
    ],
)
def test_a_source_without_a_name_is_refused(source: dict[str, str], said: str) -> None:
    about = {"format": 1, "sources": [source, {"key": "b", "name": "b"}]}
    with pytest.raises(SourceError, match=said):
        read_about(json.dumps(about), "graph.nt")


# --- the folder of others ------------------------------------------------------------------------


class TestNeo4jFolder:
    """A folder for ``neo4j-admin`` that others wrote."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        (tmp_path / "genes.csv").write_text(
            ":ID(Gene),name,synonyms:string[],xrefs,:LABEL\n"
            '5,"BRCA1, human",BRCC1;RNF53,HGNC:1100,Gene;Locus\n6,TP53,,,Gene\n6,other,,,Gene\n'
            ",nameless,,,Gene\n7,too,many,cells,here,again\n\n",
            "utf-8",
        )
        (tmp_path / "diseases_header.csv").write_text("doid:ID(Disease);name", "utf-8")
        (tmp_path / "diseases_1.csv").write_text("DOID:1612;breast cancer\n5;five\n", "utf-8")
        (tmp_path / "associates.csv").write_text(
            ":START_ID(Disease),:END_ID(Gene),source,license\n"
            "DOID:1612,5,DisGeNET,ODbL\nDOID:1612,99,,\n,5,,\n",
            "utf-8",
        )
        return tmp_path

    def test_it_is_read(self, folder: Path) -> None:
        columns = read_source("neo4j", folder)
        assert dict(columns.nodes.iter_rows()) == {
            "5#Gene": ["Gene", "Locus"],
            "6": ["Gene"],
            "DOID:1612": ["Disease"],
            "5#Disease": ["Disease"],
        }
        ids = columns.nodes["id"]
        named = columns.names.with_columns(ids.gather(columns.names["node"]).alias("id"))
        assert ("5#Gene", "BRCC1", "synonym") in named.select("id", "text", "kind").rows()
        assert ("5#Gene", "BRCA1, human", "preferred") in named.select("id", "text", "kind").rows()
        edge = columns.edges.row(0, named=True)
        assert (ids[edge["subject"]], ids[edge["object"]]) == ("DOID:1612", "5#Gene")
        assert columns.relations[0].spelling == "associates"
        assert columns.sources[columns.origins[edge["origin"]].source].name == "DisGeNET"
        assert columns.origins[edge["origin"]].licence == "ODbL"

    def test_every_row_is_accounted_for(self, folder: Path) -> None:
        columns = read_source("neo4j", folder)
        dropped = columns.dropped.select("file", "row", "reason").rows()
        assert sorted(dropped) == [
            ("associates.csv", 3, "dangling"),
            ("associates.csv", 4, "empty-id"),
            ("genes.csv", 4, "duplicate-id"),
            ("genes.csv", 5, "empty-id"),
            ("genes.csv", 6, "wrong-column-count"),
            ("genes.csv", 7, "blank-line"),
        ]

    def test_labels_and_types_can_be_chosen(self, folder: Path) -> None:
        options = {"kind": "neo4j", "path": str(folder), "labels": ["Gene"]}
        (folder / "near.csv").write_text(":START_ID(Gene),:END_ID(Gene)\n5,6\n", "utf-8")
        columns = read_source("neo4j", folder, _options(options))
        assert columns.nodes["id"].to_list() == ["5#Gene", "6"]
        assert [r.spelling for r in columns.relations] == ["near"]
        assert columns.counted["filtered"] == 4

    @pytest.mark.parametrize(
        ("file", "text", "said"),
        [
            ("genes.csv", "id,name\n5,x\n", "names neither an :ID nor a :START_ID"),
            ("genes.csv", ':ID,name\n5,"x\n', "genes.csv, row 2 is no row of a table"),
            ("genes.csv", ":ID,title\n5,x\n", None),
            ("associates.csv", None, "has no table of relationships"),
        ],
    )
    def test_what_is_no_table_is_told(
        self, folder: Path, file: str, text: str | None, said: str | None
    ) -> None:
        if text is None:
            (folder / file).unlink()
        else:
            (folder / file).write_text(text, "utf-8")
        if said is None:
            assert read_source("neo4j", folder).nodes.height == 3
            return
        with pytest.raises(SourceError, match=said):
            read_source("neo4j", folder)

    def test_tables_that_are_neither_are_told(self, folder: Path) -> None:
        header = (folder / "diseases_header.csv").read_text("utf-8")
        rows = (folder / "diseases_1.csv").read_text("utf-8")
        (folder / "diseases_header.csv").unlink()
        (folder / "diseases_1.csv").write_text(f"{header}\n{rows}", "utf-8")
        before = read_source("neo4j", folder)
        (folder / "metaedges.tsv").write_text("id\tmetaedge\nGiG\tinteracts\n", "utf-8")
        (folder / "._genes.csv").write_bytes(b"\x00\x05\x16\x07")  # macOS leaves such beside files
        after = read_source("neo4j", folder)
        assert after.spelled().equals(before.spelled())
        others = after.dropped.filter(pl.col("reason") == "unread-file")
        assert others.select("file", "row").rows() == [("metaedges.tsv", 0)]

    @pytest.mark.parametrize("header", ["START_ID(Gene),END_ID(Gene)", ":START_ID(Gene),:TYPE"])
    def test_a_header_with_a_slip_is_refused(self, folder: Path, header: str) -> None:
        (folder / "near.csv").write_text(f"{header}\n5,6\n", "utf-8")
        with pytest.raises(SourceError, match=r"near.csv names neither an :ID nor a :START_ID"):
            read_source("neo4j", folder)

    def test_tables_may_lie_in_folders_within(self, folder: Path) -> None:
        before = read_source("neo4j", folder)
        for file in list(folder.iterdir()):
            (folder / "inner").mkdir(exist_ok=True)
            file.rename(folder / "inner" / file.name)
        assert read_source("neo4j", folder).spelled().equals(before.spelled())

    @pytest.mark.parametrize(
        "column",
        ["id", "key", "space", "types", "line", "stem", "file", "row", "type", "curie", "text"],
    )
    def test_a_property_may_be_called_as_it_likes(self, tmp_path: Path, column: str) -> None:
        (tmp_path / "genes.csv").write_text(
            f":ID(Gene),{column},name,:LABEL\n1,dup,BRCA1,Gene\n2,dup,TP53,Gene\n", "utf-8"
        )
        (tmp_path / "near.csv").write_text(
            f":START_ID(Gene),{column},:END_ID(Gene)\n1,dup,2\n", "utf-8"
        )
        columns = read_source("neo4j", tmp_path)
        assert columns.spelled().select("subject", "predicate", "object").rows() == [
            ("1", "near", "2")
        ]
        assert columns.names["text"].to_list() == ["BRCA1", "TP53"]
        options = {"kind": "neo4j", "path": str(tmp_path), "name_property": column}
        named = read_source("neo4j", tmp_path, _options(options))
        assert named.nodes["id"].to_list() == ["1", "2"]
        assert named.names["text"].to_list() == ["dup", "dup"]

    def test_an_end_is_sought_in_its_own_space_alone(self, tmp_path: Path) -> None:
        (tmp_path / "genes.csv").write_text(":ID(Gene),name\n1,BRCA1\n", "utf-8")
        (tmp_path / "diseases.csv").write_text(":ID(Disease),name\n3,cancer\n", "utf-8")
        (tmp_path / "near.csv").write_text(":START_ID(Gene),:END_ID(Gene)\n1,3\n1,1\n", "utf-8")
        columns = read_source("neo4j", tmp_path)
        assert columns.spelled().select("subject", "object").rows() == [("1", "1")]
        lost = columns.dropped.select("file", "row", "reason", "text").rows()
        assert lost == [("near.csv", 2, "dangling", "1 near 3")]
        options = {"kind": "neo4j", "path": str(tmp_path), "labels": ["Gene"]}
        chosen = read_source("neo4j", tmp_path, _options(options))
        assert chosen.dropped["reason"].to_list() == ["dangling"]

    def test_filtered_rows_that_repeat_a_concept_are_counted_once(self, tmp_path: Path) -> None:
        (tmp_path / "nodes.csv").write_text(
            ":ID,name,:LABEL\n1,a,Gene\n1,a,Gene\n2,b,Disease\n2,b,Disease\n3,c,Disease\n", "utf-8"
        )
        (tmp_path / "near.csv").write_text(":START_ID,:END_ID\n1,1\n", "utf-8")
        options = {"kind": "neo4j", "path": str(tmp_path), "labels": ["Gene"]}
        columns = read_source("neo4j", tmp_path, _options(options))
        assert columns.counted == {"filtered": 3, "repeated-concept": 1}
        assert columns.nodes.height + sum(columns.counted.values()) == 5

    def test_a_denied_relationship_is_never_a_positive_statement(self, tmp_path: Path) -> None:
        (tmp_path / "nodes.csv").write_text(":ID,name\n1,a\n2,b\n", "utf-8")
        (tmp_path / "edges.csv").write_text(
            ":START_ID,:END_ID,:TYPE,negated:boolean\n"
            "1,2,TREATS,true\n1,2,CAUSES,false\n1,2,HELPS,\n2,1,TREATS,maybe\n",
            "utf-8",
        )
        columns = read_source("neo4j", tmp_path)
        assert columns.spelled()["predicate"].to_list() == ["not TREATS", "CAUSES", "HELPS"]
        lost = columns.dropped.select("file", "row", "reason").rows()
        assert lost == [("edges.csv", 5, "malformed-negated")]
        options = {"kind": "neo4j", "path": str(tmp_path), "relations": ["TREATS"]}
        chosen = read_source("neo4j", tmp_path, _options(options))
        assert chosen.spelled()["predicate"].to_list() == ["not TREATS"]

    def test_broken_utf8_is_told(self, folder: Path) -> None:
        (folder / "genes.csv").write_bytes(b":ID(Gene),name\n5,\xff\n")
        with pytest.raises(SourceError, match=r"genes.csv is not UTF-8 text"):
            read_source("neo4j", folder)

    def test_no_node_has_a_name(self, folder: Path) -> None:
        options = {"kind": "neo4j", "path": str(folder), "name_property": "title"}
        with pytest.raises(SourceError, match="No node") as caught:
            read_source("neo4j", folder, _options(options))
        assert "Set name_property to one of these" in str(caught.value)


def _options(said: dict[str, Any]) -> Any:
    from kgsynth.source_options import SOURCE

    return SOURCE.validate_python(said)


# --- the command -------------------------------------------------------------------------------


class Done(NamedTuple):
    code: int
    out: str
    err: str


def kgsynth(*arguments: str | Path) -> Done:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([str(argument) for argument in arguments])
    return Done(code, out.getvalue(), err.getvalue())


@pytest.mark.parametrize("to", FORMATS)
def test_the_command_writes_and_the_other_reads(
    to: str, mini: KnowledgeGraph, tmp_path: Path
) -> None:
    output, again = tmp_path / "new" / FILES[to], tmp_path / "again"
    wrote = kgsynth("graph", "export", mini.path, "--to", to, "--output", output)
    assert wrote == Done(0, f"{output}: 49 concepts, 121 statements.\n", "")
    assert kgsynth("graph", "compile", f"{FORMATS[to].kind}:{output}", "--output", again).code == 0
    assert KnowledgeGraph.open(again).manifest.content == mini.manifest.content
    assert sorted(p.name for p in tmp_path.iterdir()) == ["again", "new"]
    assert [p.name for p in (tmp_path / "new").iterdir()] == [FILES[to]]


@pytest.mark.parametrize("to", ["nt", "graphml"])
def test_a_file_may_be_packed(to: str, mini: KnowledgeGraph, tmp_path: Path) -> None:
    output = tmp_path / f"{FILES[to]}.gz"
    assert kgsynth("graph", "export", mini.path, "--to", to, "--output", output).code == 0
    plain, _ = exported(mini, to, tmp_path)
    assert gzip.decompress(output.read_bytes()) == plain.read_bytes()
    assert read_back(to, output, tmp_path / "again").content == mini.manifest.content


def test_the_command_says_what_was_held_back(two: KnowledgeGraph, tmp_path: Path) -> None:
    asked = ("graph", "export", two.path, "--to", "kgx", "--output")
    wrote = kgsynth(*asked, tmp_path / "a")
    assert "Held back 2 names, 1 definition, 3 texts of evidence" in wrote.out
    assert "--accept BOUND" in wrote.out
    assert "Held back" not in kgsynth(*asked, tmp_path / "b", "--accept", "BOUND").out
    told = json.loads(kgsynth(*asked, tmp_path / "c", "--json").out)
    assert told == {
        "output": str(tmp_path / "c"),
        "format": "kgx",
        "nodes": 3,
        "statements": 3,
        "names_withheld": 2,
        "definitions_withheld": 1,
        "evidence_withheld": 3,
        "withheld_sources": ["BOUND"],
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--to", "kgy", "--output", "{new}"], "Did you mean 'kgx'?"),
        (["--to", "graphml", "--output", "{old}"], "is there already"),
        (["--to", "kgx", "--output", "{old}"], "is there already"),
        (["--to", "nt", "--output", "{new}"], "must end in .nt or .nt.gz"),
        (["--to", "kgx", "--output", "bolt://127.0.0.1:1"], "is not written to a server"),
        (["--to", "kgx", "--output", "{new}", "--database", "x"], "--database is for a server"),
        (["--to", "kgx", "--output", "{new}", "--accept", "kgmaxi"], "Did you mean 'kgmini'?"),
    ],
)
def test_what_cannot_be_written_is_refused(
    arguments: list[str], said: str, mini: KnowledgeGraph, tmp_path: Path
) -> None:
    old = tmp_path / "old"
    old.write_text("mine")
    places = {"new": str(tmp_path / "new"), "old": str(old)}
    wrote = kgsynth("graph", "export", mini.path, *(a.format(**places) for a in arguments))
    assert (wrote.code, wrote.out) == (2, "")
    assert said in wrote.err
    assert old.read_text() == "mine"
    assert [p.name for p in tmp_path.iterdir()] == ["old"]


def test_a_store_that_is_none_leaves_nothing_behind(tmp_path: Path) -> None:
    wrote = kgsynth("graph", "export", tmp_path, "--to", "nt", "--output", tmp_path / "a.nt")
    assert wrote.code == StoreError.exit_code
    assert "is not a compiled graph" in wrote.err
    assert list(tmp_path.iterdir()) == []


# --- a server ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BoltServer]:
    with running(tmp_path_factory.mktemp("server")) as started:
        yield started


def test_a_server_is_filled_and_read_back(
    server: BoltServer, two: KnowledgeGraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KGSYNTH_NEO4J_USER", USER)
    monkeypatch.setenv("KGSYNTH_NEO4J_PASSWORD", server.password)
    place = ("--to", "neo4j", "--output", server.address, "--database", server.new_database())
    wrote = kgsynth("graph", "export", two.path, *place, "--accept", "BOUND")
    assert wrote == Done(0, f"{server.address}: 3 concepts, 3 statements.\n", "")
    options = {"kind": "neo4j", "path": server.address, "database": place[-1]}
    columns = read_source("neo4j", server.address, _options(options))
    assert compile_graph([columns], tmp_path / "again").content == two.manifest.content
    full = kgsynth("graph", "export", two.path, *place)
    assert full.code == 1
    assert "holds nodes already" in full.err


def test_types_that_no_label_can_be_come_back_from_a_server(
    server: BoltServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KGSYNTH_NEO4J_USER", USER)
    monkeypatch.setenv("KGSYNTH_NEO4J_PASSWORD", server.password)
    ends = [("A\t1", ["a\\b", "c`d", "tab\there"]), ("A:`2", [])]
    stated = [("A\t1", "has\\u0060`DETACH", "A:`2", "\x01 in it")]
    graph = store_of([source("one\n", ends, stated)], tmp_path / "store")
    options = {"kind": "neo4j", "path": server.address, "database": server.new_database()}
    wrote = kgsynth(
        *("graph", "export", graph.path, "--to", "neo4j", "--output", server.address),
        *("--database", options["database"]),
    )
    assert wrote.code == 0, wrote.err
    columns = read_source("neo4j", server.address, _options(options))
    assert compile_graph([columns], tmp_path / "again").content == graph.manifest.content
