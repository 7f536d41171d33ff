"""KGX in all its forms, against counts made with nothing but csv and json."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tarfile
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgsynth.errors import SourceError
from kgsynth.sources import read_source
from kgsynth.sources.columns import GraphColumns
from kgsynth.sources.kgx.reader import respell
from kgsynth.sources.prefixes import canonical_curie
from kgsynth.vocabulary import load_vocabulary

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"

NODES = [
    {
        "id": "HGNC:10848",
        "name": "SHH",
        "category": ["biolink:NamedThing", "biolink:Gene"],
        "synonym": ["sonic", "hedgehog"],
        "xref": ["ENSEMBL:ENSG1", "flybase:FBgn1"],
        "same_as": ["ncbigene:6469"],
        "iri": "http://identifiers.org/hgnc/10848",
        "description": "left out",
    },
    {"id": "mondo:0005148", "name": "diabetes", "category": ["biolink:Disease"]},
    {"id": "HP:0000118", "name": "", "category": ["biolink:NamedThing"]},
]
EDGES = [
    {
        "subject": "HGNC:10848",
        "predicate": "biolink:gene_associated_with_condition",
        "object": "MONDO:0005148",
        "relation": "RO:0003304",
        "primary_knowledge_source": "infores:omim",
        "aggregator_knowledge_source": ["infores:monarch"],
        "publications": ["PMID:1", "PMID:2"],
        "supporting_text": ["It is so."],
        "license": "CC0-1.0",
        "negated": "false",
    },
    {
        "subject": "mondo:0005148",
        "predicate": "biolink:has_phenotype",
        "object": "HP:0000118",
        "provided_by": ["one", "two", "one"],
        "negated": "True",
    },
]


def real(name: str) -> Path:
    path = DATA / "kgx_samples" / name
    if not path.exists():
        pytest.skip(f"{path} is not there")
    return path


def read(path: Path) -> GraphColumns:
    return read_source("kgx", path)


def refused(path: Path) -> str:
    with pytest.raises(SourceError) as caught:
        read(path)
    assert caught.value.remedy
    return str(caught.value)


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def as_tsv(rows: list[dict[str, Any]]) -> str:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    cells = [
        [
            "|".join(c) if isinstance(c := row.get(column, ""), list) else str(c)
            for column in columns
        ]
        for row in rows
    ]
    return "".join("\t".join(row) + "\n" for row in [columns, *cells])


def as_lines(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def triples(graph: GraphColumns) -> list[tuple[str, str, str]]:
    ids = graph.nodes["id"].to_list()
    return [
        (ids[subject], graph.relations[predicate].spelling, ids[obj])
        for subject, predicate, obj, _ in graph.edges.iter_rows()
    ]


def vouchers(graph: GraphColumns) -> list[tuple[str, str]]:
    origins = [graph.origins[origin] for origin in graph.edges["origin"]]
    return [(graph.sources[source].name, licence) for source, licence in origins]


def identifiers(graph: GraphColumns) -> set[tuple[str, str, str]]:
    ids = graph.nodes["id"].to_list()
    return {(ids[node], text, kind) for node, text, kind in graph.identifiers.iter_rows()}


def dropped(graph: GraphColumns) -> list[tuple[str, int, str]]:
    return [(file, row, reason) for file, row, reason, _ in graph.dropped.iter_rows()]


def edges_file(tmp_path: Path, *rows: str, header: str = "subject\tpredicate\tobject") -> Path:
    return write(tmp_path / "my_edges.tsv", "\n".join([header, *rows]) + "\n")


# --- one graph in every form ---------------------------------------------------------------


def laid_out(form: str, folder: Path) -> Path:
    """Write the graph in a form; return the path to name."""
    document = json.dumps({"edges": EDGES, "nodes": NODES})
    match form:
        case "tsv" | "tsv folder":
            write(folder / "my_nodes.tsv", as_tsv(NODES))
            write(folder / "my_edges.tsv", as_tsv(EDGES))
            return folder if form == "tsv folder" else folder / "my_nodes.tsv"
        case "jsonl":
            write(folder / "my_nodes.jsonl", as_lines(NODES))
            return write(folder / "my_edges.jsonl", as_lines(EDGES))
        case "gz":
            write(folder / "my_nodes.tsv.gz", gzip.compress(as_tsv(NODES).encode()))
            return write(folder / "my_edges.tsv.gz", gzip.compress(as_tsv(EDGES).encode()))
        case "mixed":
            write(folder / "my_nodes.jsonl", as_lines(NODES))
            return write(folder / "my_edges.tsv", as_tsv(EDGES))
        case "tar":
            with tarfile.open(folder / "my.tar.gz", "w:gz") as archive:
                for name, text in (("my_nodes", as_tsv(NODES)), ("my_edges", as_tsv(EDGES))):
                    info = tarfile.TarInfo(f"./deep/{name}.tsv")
                    info.size = len(text.encode())
                    archive.addfile(info, io.BytesIO(text.encode()))
            return folder / "my.tar.gz"
        case "json.gz":
            return write(folder / "my.json.gz", gzip.compress(document.encode()))
        case _:
            return write(folder / "my.json", document)


@pytest.mark.parametrize(
    "form", ["tsv", "tsv folder", "jsonl", "gz", "mixed", "tar", "json", "json.gz"]
)
def test_every_form_gives_the_same_graph(form: str, tmp_path: Path) -> None:
    folder = tmp_path / "my"
    folder.mkdir()
    graph = read(laid_out(form, folder))
    assert [source.name for source in graph.sources] == ["my", "infores:omim", "one", "two"]
    assert graph.nodes.rows() == [
        ("HGNC:10848", ["biolink:Gene"]),
        ("MONDO:0005148", ["biolink:Disease"]),
        ("HP:0000118", ["biolink:NamedThing"]),
    ]
    assert graph.names.select("node", "text", "kind").rows() == [
        (0, "SHH", "preferred"),
        (0, "sonic", "synonym"),
        (0, "hedgehog", "synonym"),
        (1, "diabetes", "preferred"),
    ]
    denied = ("MONDO:0005148", "not biolink:has_phenotype", "HP:0000118")
    assert triples(graph) == [
        ("HGNC:10848", "biolink:gene_associated_with_condition", "MONDO:0005148"),
        denied,
        denied,
    ]
    assert vouchers(graph) == [("infores:omim", "CC0-1.0"), ("one", ""), ("two", "")]
    assert graph.evidence.rows() == [(0, "It is so.; PMID:1; PMID:2")]
    assert identifiers(graph) == {
        ("HGNC:10848", "ENSEMBL:ENSG1", "xref"),
        ("HGNC:10848", "FB:FBgn1", "xref"),
        ("HGNC:10848", "NCBIGene:6469", "alternative"),
        ("HGNC:10848", "http://identifiers.org/hgnc/10848", "alternative"),
        ("MONDO:0005148", "mondo:0005148", "alternative"),
    }
    assert graph.dropped.is_empty()


# --- what an edge says ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("predicate", "relation", "says"),
    [
        ("biolink:interacts_with", "RO:0002434", "biolink:interacts_with"),
        ("biolink:related_to", "RO:0002331", "RO:0002331"),
        ("", "RO:0002331", "RO:0002331"),
        ("biolink:related_to", "http://purl.obolibrary.org/obo/RO_0002331", "RO:0002331"),
        ("biolink:related_to", "", "biolink:related_to"),
        ("biolink:related_to", "RO:1|RO:2", "biolink:related_to"),
        ("has_phenotype", "", "biolink:has_phenotype"),
        ("interacts with", "", "biolink:interacts_with"),
        ("https://w3id.org/biolink/vocab/treats", "", "biolink:treats"),
    ],
)
def test_what_an_edge_says(predicate: str, relation: str, says: str, tmp_path: Path) -> None:
    header = "subject\tpredicate\tobject\trelation"
    path = edges_file(tmp_path, f"HGNC:1\t{predicate}\tHGNC:2\t{relation}", header=header)
    assert triples(read(path)) == [("HGNC:1", says, "HGNC:2")]


def test_the_old_name_of_the_predicate_column(tmp_path: Path) -> None:
    path = edges_file(tmp_path, "HGNC:1\tcauses\tHP:2", header="subject\tedge_label\tobject")
    assert triples(read(path)) == [("HGNC:1", "biolink:causes", "HP:2")]


def test_a_denied_edge_is_never_a_positive_statement(tmp_path: Path) -> None:
    marks = ["true", "False", "", "1", "0", "maybe", "T", "no"]
    rows = [f"MONDO:1\tbiolink:has_phenotype\tHP:{n}\t{mark}" for n, mark in enumerate(marks)]
    header = "subject\tpredicate\tobject\tnegated"
    graph = read(edges_file(tmp_path, *rows, header=header))
    denied = {obj for _, relation, obj in triples(graph) if relation.startswith("not ")}
    assert denied == {"HP:0", "HP:3", "HP:6"}
    assert dropped(graph) == [("my_edges.tsv", 7, "malformed-negated")]
    meant = load_vocabulary().resolve("not biolink:has_phenotype")
    assert load_vocabulary().predicate(meant.name).kind == "negative"


def test_a_phenotype_that_is_excluded_is_denied(tmp_path: Path) -> None:
    header = "subject\tpredicate\tobject\tfrequency_qualifier"
    rows = [
        f"MONDO:1\tbiolink:has_phenotype\tHP:{f[-1]}\t{f}" for f in ("HP:0040285", "HP:0040281")
    ]
    graph = read(edges_file(tmp_path, *rows, header=header))
    assert [relation for _, relation, _ in triples(graph)] == [
        "not biolink:has_phenotype",
        "biolink:has_phenotype",
    ]


def test_the_nearest_source_vouches(tmp_path: Path) -> None:
    header = (
        "subject\tpredicate\tobject\tprovided_by\taggregator_knowledge_source\t"
        "knowledge_source\tprimary_knowledge_source"
    )
    rows = [
        "HGNC:1\tp\tHGNC:2\ta\tb\tc\td",
        "HGNC:1\tp\tHGNC:2\ta\tb\tc",
        "HGNC:1\tp\tHGNC:2\ta\tb",
        "HGNC:1\tp\tHGNC:2\ta",
        "HGNC:1\tp\tHGNC:2",
    ]
    graph = read(edges_file(tmp_path, *rows, header=header))
    assert [name for name, _ in vouchers(graph)] == ["d", "c", "b", "a", "my"]
    assert graph.dropped.is_empty()


# --- what a concept is ---------------------------------------------------------------------


def test_without_nodes_the_ends_of_the_edges_are_the_concepts(tmp_path: Path) -> None:
    path = edges_file(tmp_path, "flybase:FBgn1\tbiolink:has_phenotype\tFBcv:1", "FB:FBgn1\tp\tx")
    graph = read(path)
    assert graph.nodes["id"].to_list() == ["FB:FBgn1", "FBcv:1", "x"]
    assert graph.names.is_empty()
    assert ("FB:FBgn1", "flybase:FBgn1", "alternative") in identifiers(graph)


def test_bad_rows_are_set_aside_with_their_place(tmp_path: Path) -> None:
    nodes = [
        "id\tname\tcategory",
        "HGNC:1\tone",
        "\tnameless\tbiolink:Gene",
        "HGNC:1\tother\tbiolink:Gene",
        "HGNC:1\t\tbiolink:Gene",
        "HGNC:2\ttwo\tbiolink:Gene\tand more",
        "HGNC:3",
        "",
    ]
    write(tmp_path / "my_nodes.tsv", "\n".join(nodes) + "\n")
    path = edges_file(
        tmp_path,
        "HGNC:1\tp\tHGNC:3\ta|b",
        "HGNC:1\tp\tHGNC:2\ta|b",
        "\tp\tHGNC:1",
        "HGNC:1\t\tHGNC:3",
        "HGNC:1\tp",
        header="subject\tpredicate\tobject\tprovided_by",
    )
    graph = read(path)
    assert graph.nodes.rows() == [("HGNC:1", ["biolink:Gene"]), ("HGNC:3", [])]
    assert [name for name, _ in vouchers(graph)] == ["a", "b"]
    assert dropped(graph) == [
        ("my_edges.tsv", 3, "dangling"),
        ("my_edges.tsv", 4, "empty-id"),
        ("my_edges.tsv", 5, "empty-predicate"),
        ("my_edges.tsv", 6, "empty-id"),
        ("my_nodes.tsv", 3, "empty-id"),
        ("my_nodes.tsv", 4, "duplicate-id"),
        ("my_nodes.tsv", 6, "wrong-column-count"),
        ("my_nodes.tsv", 8, "blank-line"),
    ]


def test_kinds_of_names(tmp_path: Path) -> None:
    header = "id\tname\tsymbol\tfull_name\tbroad_synonym\tnarrow_synonym\trelated_synonym"
    write(tmp_path / "my_nodes.tsv", header + "\nHGNC:1\ta\tb\tc\td\te|a\tf\n")
    graph = read(edges_file(tmp_path, "HGNC:1\tp\tHGNC:1"))
    assert graph.names.select("text", "kind").rows() == [
        ("a", "preferred"),
        ("c", "synonym"),
        ("b", "abbreviation"),
        ("d", "broad"),
        ("e", "narrow"),
        ("f", "related"),
    ]


_SPELLINGS = """
    HGNC:1 hgnc:1 HGNC:HGNC:1 flybase:FBgn1 FlyBase:FBgn1:x x :x a: :: nobody.knows:1 umls:C1
    http://purl.obolibrary.org/obo/MONDO_0005148 https://example.org/a:b ORDO:Orphanet_558
    GO:GO:0006915 UMLS_CUI:C1 DOID:1:2
"""
IDS = st.sampled_from(["", *_SPELLINGS.split()])


@settings(max_examples=50, deadline=None)
@given(ids=st.lists(IDS, max_size=8))
def test_a_column_is_spelled_as_each_id_is(ids: list[str]) -> None:
    respelled = respell(pl.Series("id", ids, dtype=pl.String)).to_list()
    assert respelled == [canonical_curie(text) for text in ids]


# --- what is refused -----------------------------------------------------------------------


def test_nothing_there_and_nothing_to_read(tmp_path: Path) -> None:
    assert "There is no folder and no file" in refused(tmp_path / "gone")
    assert "has no file of edges. It is empty." in refused(tmp_path)
    write(tmp_path / "my_nodes.tsv", as_tsv(NODES))
    assert "It holds my_nodes.tsv." in refused(tmp_path)
    assert "my_edges.tsv is not beside it" in refused(tmp_path / "my_nodes.tsv")


def test_edges_without_a_subject_or_a_predicate(tmp_path: Path) -> None:
    path = write(tmp_path / "my_edges.tsv", "subject\tobject\nHGNC:1\tHGNC:2\n")
    assert "has no column that says" in refused(path)
    write(path, "predicate\tobject\nHGNC:1\tHGNC:2\n")
    assert "has no column 'subject'" in refused(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no whole JSON document"),
        ("{", "is no whole JSON document"),
        ('{"nodes": [{"id": "A"}], "edges": [{"subject": "A", ', "is no whole JSON document"),
        ('{"nodes": [], "edges": []} more', "is no whole JSON document"),
        ("nonsense", "is no whole JSON document"),
        ("[]", "holds no list 'edges'"),
        ('{"graphs": []}', "holds no list 'edges'"),
        ('{"nodes": [{"id": "A"}], "edges": {}}', "holds no list 'edges'"),
        ('{"edges": [{"subject": "A", "predicate": "p"}]}', "has no column 'object'"),
        (b"\xff\xfe{", "is no whole JSON document"),
    ],
)
def test_documents_that_are_no_kgx(text: str | bytes, said: str, tmp_path: Path) -> None:
    assert said in refused(write(tmp_path / "my.json", text))


def test_nesting_without_end(tmp_path: Path) -> None:
    deep = "[" * 200_000
    edge = {"subject": "HGNC:1", "predicate": "p", "object": "HGNC:2"}
    closed = json.dumps({"edges": [edge]})[:-3] + f', "x": {deep}{"]" * 200_000}}}]}}'
    for text in (deep, closed, '{"x":' * 200_000):
        assert "is nested more than 1,000 deep" in refused(write(tmp_path / "a.json", text))
    path = write(tmp_path / "c_edges.jsonl", json.dumps(edge) + "\n" + deep + "\n")
    assert dropped(read(path)) == [("c_edges.jsonl", 2, "malformed-json")]


def test_brackets_within_texts_are_no_nesting(tmp_path: Path) -> None:
    text = '[{"' * 70_000 + "\\"
    edge = {"subject": text, "predicate": "p", "object": "A:2", "x": "}" * 3_000}
    graph = read(write(tmp_path / "a.json", json.dumps({"edges": [edge, edge]})))
    assert triples(graph) == [(text, "biolink:p", "A:2")] * 2


def test_objects_of_a_document_that_are_none_are_set_aside(tmp_path: Path) -> None:
    edge = {"subject": "A:1", "predicate": "p", "object": "A:2"}
    document = {"edges": [edge, 7, {**edge, "subject": {"id": "A:1"}}, None]}
    graph = read(write(tmp_path / "my.json", json.dumps(document)))
    assert dropped(graph) == [
        ("my.json#edges", 2, "malformed-json"),
        ("my.json#edges", 3, "malformed-value"),
        ("my.json#edges", 4, "malformed-json"),
    ]


def test_an_archive_that_is_damaged_or_ambiguous(tmp_path: Path) -> None:
    whole = laid_out("tar", tmp_path).read_bytes()
    assert "cannot be unpacked" in refused(write(tmp_path / "a.tar.gz", whole[: len(whole) // 2]))
    assert "cannot be unpacked" in refused(write(tmp_path / "b.tar.gz", b"no archive"))
    with tarfile.open(tmp_path / "c.tar", "w") as archive:
        for folder in ("x", "y"):
            archive.addfile(tarfile.TarInfo(f"{folder}/my_edges.tsv"), io.BytesIO(b""))
    assert "holds two files called my_edges.tsv" in refused(tmp_path / "c.tar")


# --- real graphs -----------------------------------------------------------------------------


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        read = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE, restval="")
        return list(read)


def said_by(row: dict[str, str]) -> str:
    vague = row["predicate"] in ("", "biolink:related_to")
    return row["relation"] if vague and row["relation"] else row["predicate"]


def renamed(text: str) -> str:
    """Spell the one prefix in these files that is not canonical."""
    return text.replace("FlyBase:", "FB:")


# --- the account -------------------------------------------------------------------------------

EDGE_HEADER = "subject\tpredicate\tobject\tprimary_knowledge_source\n"
NODE_TABLE = "id\tcategory\tname\nA:1\tbiolink:Gene\tone\nA:2\tbiolink:Gene\ttwo\n"


def test_the_rows_add_up(tmp_path: Path) -> None:
    (tmp_path / "nodes.tsv").write_text(NODE_TABLE + "A:1\tbiolink:Protein\tone\n\tx\ty\n", "utf-8")
    rows = (
        "A:1\tbiolink:treats\tA:2\tinfores:a|infores:b|infores:c\n"
        "A:2\tbiolink:treats\tA:1\tinfores:a\nA:1\tbiolink:treats\tA:9\tinfores:a|infores:b\n"
    )
    (tmp_path / "edges.tsv").write_text(EDGE_HEADER + rows, "utf-8")
    graph = read(tmp_path)
    assert graph.counted == {"further-source": 2, "repeated-concept": 1}
    lost = Counter(graph.dropped["file"])
    assert graph.edges.height - graph.counted["further-source"] + lost["edges.tsv"] == 3
    assert graph.nodes.height + graph.counted["repeated-concept"] + lost["nodes.tsv"] == 4


def test_edges_whose_nodes_are_missing_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "a_nodes.tsv").write_text(NODE_TABLE, "utf-8")
    (tmp_path / "a_edges.tsv").write_text(
        f"{EDGE_HEADER}A:1\tbiolink:treats\tA:2\tinfores:a\nA:1\tbiolink:treats\tB:1\tinfores:a\n",
        "utf-8",
    )
    (tmp_path / "b_edges.tsv").write_text(
        f"{EDGE_HEADER}B:1\tbiolink:treats\tB:2\tinfores:a\n", "utf-8"
    )
    (tmp_path / "graph.json").write_text("{}", "utf-8")
    graph = read(tmp_path)
    assert graph.dropped.select("file", "row", "reason").rows() == [
        ("a_edges.tsv", 3, "dangling"),
        ("b_edges.tsv", 2, "edges-without-nodes"),
        ("graph.json", 0, "unread-file"),
    ]


def test_a_last_row_shorter_than_all_others_was_cut(tmp_path: Path) -> None:
    path = tmp_path / "a_edges.tsv"
    whole = f"{EDGE_HEADER}A:1\tbiolink:treats\tA:2\tinfores:a\n"
    path.write_text(f"{whole}A:2\tbiolink:treats\tA:1", "utf-8")
    assert read(path).dropped.select("row", "reason").rows() == [(3, "cut-short")]
    for sound in (
        f"{whole}A:2\tbiolink:treats\tA:1\n",
        f"{whole}A:2\tbiolink:treats\tA:1\nA:3\tbiolink:treats\tA:1",
        f"{EDGE_HEADER}A:2\tbiolink:treats\tA:1",
    ):
        path.write_text(sound, "utf-8")
        assert read(path).dropped.is_empty()


@pytest.mark.real
def test_a_real_pair_of_files() -> None:
    nodes, edges = rows_of(real("graph_nodes.tsv")), rows_of(real("graph_edges.tsv"))
    graph = read(real("graph_edges.tsv"))
    # Most rows of the node file leave off their last cell; none may be lost.
    assert graph.dropped.is_empty()
    assert graph.nodes["id"].to_list() == list(dict.fromkeys(renamed(n["id"]) for n in nodes))
    categories: dict[str, list[str]] = {}
    for node in nodes:
        held = categories.setdefault(renamed(node["id"]), [])
        held += [c for c in node["category"].split("|") if c and c not in held]
    assert graph.nodes["types"].to_list() == list(categories.values())
    wanted = Counter(
        (renamed(e["subject"]), said_by(e), renamed(e["object"]), source)
        for e in edges
        for source in e["aggregator_knowledge_source"].split("|")
    )
    names = [name for name, _ in vouchers(graph)]
    found = Counter((*t, name) for t, name in zip(triples(graph), names, strict=True))
    assert found == wanted
    assert graph.nodes.height == 512


@pytest.mark.real
def test_a_real_document_agrees_with_the_pair() -> None:
    document = json.loads(real("graph.json").read_text("utf-8"))
    graph, pair = read(real("graph.json")), read(real("graph_nodes.tsv"))
    assert graph.dropped.is_empty()
    assert graph.nodes.height == len(document["nodes"]) == pair.nodes.height
    assert set(graph.nodes["id"]) == set(pair.nodes["id"])
    wanted = Counter(
        (renamed(e["subject"]), said_by(e), renamed(e["object"]))
        for e in document["edges"]
        for _ in e["provided_by"]
    )
    assert Counter(triples(graph)) == wanted
    # The two files differ in a few predicates, and the document holds one edge more.
    ends = [{(s, o) for s, _, o in triples(one)} for one in (graph, pair)]
    raw = [
        {(e["subject"], e["object"]) for e in rows}
        for rows in (document["edges"], rows_of(real("graph_edges.tsv")))
    ]
    assert ends[1] < ends[0]
    assert len(ends[0] - ends[1]) == len(raw[0]) - len(raw[1]) == 1
    named = [
        dict(zip(one.nodes["id"], one.nodes["types"].to_list(), strict=True))
        for one in (graph, pair)
    ]
    assert named[0] == named[1]


@pytest.mark.real
def test_a_real_file_of_edges_alone() -> None:
    rows = rows_of(real("monarch-tiny_edges.tsv"))
    graph = read(real("monarch-tiny_edges.tsv"))
    assert len(rows) == 500
    assert triples(graph) == [(r["subject"], r["predicate"], r["object"]) for r in rows]
    assert graph.nodes.height == len({r[end] for r in rows for end in ("subject", "object")})
    assert graph.evidence["text"].to_list() == [r["publications"].replace("|", "; ") for r in rows]
    assert {name for name, _ in vouchers(graph)} == {"infores:pombase"}
    assert graph.dropped.is_empty()
