"""OBO Graph JSON, read: items shaped as they should be are kept, others set aside by place."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ontology_forms import (
    definitions,
    dropped,
    evidence,
    identifiers,
    names,
    read_text,
    real_file,
    statements,
    types,
)

from kgsynth.errors import SourceError
from kgsynth.sources import read_source
from kgsynth.sources.columns import GraphColumns, Relation, SourceInfo

OBO = "http://purl.obolibrary.org/obo/"
IN_OWL = "http://www.geneontology.org/formats/oboInOwl#"


def said(pred: str, val: str) -> dict[str, str]:
    return {"pred": pred, "val": val}


SMALL: dict[str, Any] = {
    "graphs": [
        {
            "nodes": [
                {
                    "id": OBO + "DOID_1",
                    "lbl": "heart  disease",
                    "type": "CLASS",
                    "meta": {
                        "definition": {"val": "A disease of the heart.", "xrefs": ["PMID:1"]},
                        "comments": ["one", "two"],
                        "subsets": [OBO + "doid#slim"],
                        "xrefs": [{"val": "UMLS_CUI:C0018799"}],
                        "synonyms": [
                            {"pred": "hasExactSynonym", "val": "cardiac disease"},
                            {
                                "pred": "hasExactSynonym",
                                "val": "HD",
                                "synonymType": OBO + "OMO_0003012",
                            },
                            {"pred": "hasBroadSynonym", "val": "heart trouble"},
                            {"pred": "hasNarrowSynonym", "val": "valve disease"},
                            {"pred": IN_OWL + "hasRelatedSynonym", "val": "heart ache"},
                            {"pred": "hasExactSynonym", "val": " "},
                        ],
                        "basicPropertyValues": [
                            said(IN_OWL + "hasOBONamespace", "disease_ontology"),
                            said(IN_OWL + "hasAlternativeId", "doid:91"),
                            said("http://www.w3.org/2004/02/skos/core#exactMatch", "NCI:C3079"),
                            said(IN_OWL + "created_by", "someone"),
                        ],
                    },
                },
                {"id": OBO + "DOID_4", "lbl": "disease", "type": "CLASS", "meta": None},
                {
                    "id": OBO + "DOID_5",
                    "lbl": "obsolete thing",
                    "type": "CLASS",
                    "meta": {
                        "deprecated": True,
                        "basicPropertyValues": [said(OBO + "IAO_0100001", OBO + "DOID_1")],
                    },
                },
                {"id": OBO + "RO_0001025", "lbl": "located in", "type": "PROPERTY"},
                {"id": OBO + "RO_0001015", "lbl": "location of", "type": "PROPERTY"},
                {"id": "http://example.org/anna", "lbl": "Anna", "type": "INDIVIDUAL"},
            ],
            "edges": [
                {
                    "sub": OBO + "DOID_1",
                    "pred": "is_a",
                    "obj": OBO + "DOID_4",
                    "meta": {"xrefs": [{"val": "PMID:3"}]},
                },
                {"sub": OBO + "DOID_1", "pred": OBO + "RO_0001025", "obj": OBO + "UBERON_0000948"},
                {"sub": OBO + "DOID_1", "pred": OBO + "doid#has_cause", "obj": OBO + "DOID_4"},
                {"sub": OBO + "RO_0001025", "pred": "inverseOf", "obj": OBO + "RO_0001015"},
                {"sub": OBO + "RO_0001025", "pred": "subPropertyOf", "obj": OBO + "RO_0002131"},
                {"sub": OBO + "DOID_4", "pred": "is_a", "obj": OBO + "DOID_5"},
                {"sub": OBO + "DOID_4", "pred": "is_a", "obj": OBO + "DOID_99"},
                {
                    "sub": OBO + "DOID_4",
                    "pred": "is_a",
                    "obj": "http://www.w3.org/2002/07/owl#Thing",
                },
                {"sub": "http://example.org/anna", "pred": "type", "obj": OBO + "NCBITaxon_9606"},
            ],
            "id": OBO + "tiny.owl",
            "meta": {
                "version": OBO + "tiny/releases/2026-03-04/tiny.owl",
                "basicPropertyValues": [
                    said(
                        "http://purl.org/dc/terms/license",
                        "http://creativecommons.org/publicdomain/zero/1.0/",
                    )
                ],
            },
            "equivalentNodesSets": [
                {
                    "representativeNodeId": OBO + "DOID_1",
                    "nodeIds": [OBO + "DOID_4", OBO + "DOID_1"],
                }
            ],
            "logicalDefinitionAxioms": [
                {
                    "definedClassId": OBO + "DOID_1",
                    "genusIds": [OBO + "DOID_4"],
                    "restrictions": [
                        {"propertyId": OBO + "RO_0001025", "fillerId": OBO + "UBERON_0000948"},
                        None,
                    ],
                }
            ],
            "propertyChainAxioms": [{}],
        },
        {"nodes": [{"id": OBO + "UBERON_0000948", "lbl": "heart"}], "edges": [], "id": "x"},
    ]
}


def read_tree(folder: Path, tree: object, name: str = "x.json") -> GraphColumns:
    return read_text("obograph", folder, name, json.dumps(tree))


@pytest.fixture
def small(tmp_path: Path) -> GraphColumns:
    return read_tree(tmp_path, SMALL)


def test_what_the_source_says_of_itself(small: GraphColumns) -> None:
    assert small.sources == (SourceInfo("tiny", "2026-03-04", "2026-03-04", "CC0-1.0"),)


def test_terms_types_and_names(small: GraphColumns) -> None:
    assert types(small) == {
        "DOID:1": ["obo:disease_ontology"],
        "DOID:4": ["obo:disease_ontology"],
        "UBERON:0000948": ["obo:UBERON"],
        "http://example.org/anna": ["NCBITaxon:9606"],
    }
    assert {(text, kind) for term, text, _, kind in names(small) if term == "DOID:1"} == {
        ("heart disease", "preferred"),
        ("cardiac disease", "synonym"),
        ("HD", "abbreviation"),
        ("heart trouble", "broad"),
        ("valve disease", "narrow"),
        ("heart ache", "related"),
    }


def test_definitions(small: GraphColumns) -> None:
    assert definitions(small) == {"DOID:1": "A disease of the heart."}


def test_identifiers(small: GraphColumns) -> None:
    assert identifiers(small, "alternative") == {("DOID:1", "DOID:91"), ("DOID:1", "DOID:5")}
    assert identifiers(small, "xref") == {("DOID:1", "UMLS:C0018799"), ("DOID:1", "NCIT:C3079")}


def test_statements_and_relations(small: GraphColumns) -> None:
    assert statements(small) == [
        ("DOID:1", "rdfs:subClassOf", "DOID:4"),
        ("DOID:1", "RO:0001025", "UBERON:0000948"),
        ("DOID:1", "obo:has_cause", "DOID:4"),
        ("DOID:1", "owl:equivalentClass", "DOID:4"),
        ("DOID:1", "rdfs:subClassOf", "DOID:4"),
        ("DOID:1", "RO:0001025", "UBERON:0000948"),
    ]
    assert evidence(small) == {("DOID:1", "rdfs:subClassOf", "DOID:4"): "PMID:3"}
    assert Relation("RO:0001025", "RO:0001015") in small.relations


def test_nothing_is_lost_without_a_word(small: GraphColumns) -> None:
    assert dropped(small) == [(6, "dangling")]
    assert small.counted == {
        "annotation": 1,
        "comment": 2,
        "empty-synonym": 1,
        "nested-definition": 1,
        "obsolete": 1,
        "obsolete-end": 1,
        "relation": 2,
        "relation-detail": 3,
        "subset": 1,
        "top-class": 1,
    }


def test_malformed_items_are_set_aside_by_their_place(tmp_path: Path) -> None:
    graph = {
        "nodes": [
            {"id": "A:1", "lbl": "one"},
            "not a node",
            {"lbl": "no id"},
            {"id": "A:2", "meta": []},
            {"id": "A:3", "meta": "text"},
            {"id": "A:1", "lbl": "another"},
            {"id": ["A:4"]},
            {"id": "A:5", "lbl": 7, "meta": {"synonyms": "x", "xrefs": [3], "deprecated": "no"}},
        ],
        "edges": [
            None,
            {"sub": "A:1", "pred": "is_a"},
            {"sub": "A:1", "pred": "is_a", "obj": "A:5"},
            {"sub": "A:1", "pred": ["is_a"], "obj": "A:5"},
        ],
        "equivalentNodesSets": [{"nodeIds": ["A:1"]}, []],
        "logicalDefinitionAxioms": [{"definedClassId": "A:1"}, 5],
    }
    graphs = [{"nodes": {"A:9": {}}, "edges": 3}, graph]
    columns = read_tree(tmp_path, {"graphs": graphs})
    assert set(types(columns)) == {"A:1", "A:2", "A:5"}
    assert statements(columns) == [("A:1", "rdfs:subClassOf", "A:5")]
    assert Counter(dropped(columns)) == Counter(
        [
            (0, "malformed-list"),
            (0, "malformed-list"),
            (1, "malformed-node"),
            (2, "empty-id"),
            (4, "malformed-node"),
            (5, "duplicate-id"),
            (6, "empty-id"),
            (0, "malformed-edge"),
            (1, "malformed-edge"),
            (3, "malformed-edge"),
            (0, "malformed-equivalence"),
            (1, "malformed-equivalence"),
            (0, "malformed-definition"),
            (1, "malformed-definition"),
        ]
    )
    assert columns.counted == {"empty-id": 1}
    texts = columns.dropped["text"].to_list()
    assert 'graphs[1].nodes[2]: {"lbl": "no id"}' in texts


def test_half_a_character_does_no_harm(tmp_path: Path) -> None:
    text = (
        '{"graphs": [{"nodes": [{"id": "A:1", "lbl": "a\\ud800b"}, {"lbl": "\\udfff"}],'
        ' "equivalentNodesSets": [{"nodeIds": ["A:1", "A:\\udc00"]}]}]}'
    )
    graph = read_text("obograph", tmp_path, "x.json", text)
    assert names(graph) == {("A:1", "a?b", "en", "preferred")}
    assert Counter(dropped(graph)) == Counter([(1, "empty-id"), (0, "dangling")])


def test_gzip(tmp_path: Path) -> None:
    path = tmp_path / "x.json.gz"
    path.write_bytes(gzip.compress(json.dumps(SMALL).encode()))
    graph = read_source("obograph", path)
    assert statements(graph) == statements(read_tree(tmp_path, SMALL))


DEEP = 100_000


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "line 1, column 1 is not valid JSON"),
        ('{"graphs":\n [{]}', "line 2, column 4 is not valid JSON"),
        ("[" * DEEP, "nested too deep"),
        ('{"graphs":' * DEEP + "1" + "}" * DEEP, "nested too deep"),
        ('{"graphs": [' + "9" * 5000 + "]}", "not valid JSON"),
        ("[]", "no OBO Graph"),
        ("{}", "no OBO Graph"),
        ('{"nodes": [], "edges": []}', "Use the kind kgx"),
        ('{"graphs": {}}', "no OBO Graph"),
        ('{"graphs": [1]}', r"graphs\[0\] is no object"),
        ('{"graphs": []}', "holds no usable concept"),
        ('{"graphs": [{}]}', "holds no usable concept"),
        ('{"graphs": [{"nodes": [{"id": "A:1", "meta": {"deprecated": true}}]}]}', "no usable"),
        (b'{"graphs": [\n\xff]}', "line 2 is not UTF-8"),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        read_text("obograph", tmp_path, "x.json", content)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_any_json_in_any_place_gives_columns_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Put any value at any place of a good file: no shape makes the reader fall over."""
    tree = json.loads(json.dumps(SMALL))
    for _ in range(data.draw(st.integers(1, 4))):
        holder: Any = tree
        while True:
            keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
            if not keys:
                break
            key = data.draw(st.sampled_from(keys))
            if isinstance(holder[key], dict | list) and data.draw(st.integers(0, 3)):
                holder = holder[key]
                continue
            holder[key] = data.draw(JSON)
            break
    with suppress(SourceError):
        assert read_tree(tmp_path_factory.mktemp("graph"), tree).nodes.height


@given(st.integers(0, 4000), st.binary(max_size=5))
@settings(max_examples=60, deadline=None)
def test_damaged_files_give_columns_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, at: int, junk: bytes
) -> None:
    content = json.dumps(SMALL).encode()
    damaged = content[:at] + junk + content[at + len(junk) :]
    folder = tmp_path_factory.mktemp("graph")
    for candidate in (damaged, content[:at]):
        with suppress(SourceError):
            assert read_text("obograph", folder, "x.json", candidate).nodes.height


# --- real ontologies -------------------------------------------------------------------------


@pytest.mark.real
@pytest.mark.parametrize("name", ["DO_infectious_disease_slim.json", "doid-2018-07-05.json.gz"])
def test_real_graphs_agree_with_a_count_of_items(name: str) -> None:
    path = real_file(f"doid/{name}")
    columns = read_source("obograph", path)
    content = path.read_bytes()
    tree = json.loads(gzip.decompress(content) if path.suffix == ".gz" else content)
    nodes = [node for graph in tree["graphs"] for node in graph["nodes"]]
    edges = [edge for graph in tree["graphs"] for edge in graph["edges"]]
    relations = {node["id"] for node in nodes if node.get("type") == "PROPERTY"}
    obsolete = {node["id"] for node in nodes if (node.get("meta") or {}).get("deprecated")}
    concepts = {node["id"] for node in nodes} - relations - obsolete
    assert columns.nodes.height == len(concepts)
    assert columns.counted.get("obsolete", 0) == len(obsolete)

    reasons = Counter(reason for _, reason in dropped(columns))
    counted = columns.counted
    definitions = [a for g in tree["graphs"] for a in g.get("logicalDefinitionAxioms", [])]
    said_there = sum(
        len(a["genusIds"]) + len([r for r in a["restrictions"] if r]) for a in definitions
    )
    chains = sum(len(g.get("propertyChainAxioms", [])) for g in tree["graphs"])
    about_relations = counted.get("relation-detail", 0) - chains
    assert about_relations == sum(
        edge["pred"] == "subPropertyOf" or edge["sub"] in relations for edge in edges
    )
    left_out = about_relations + counted.get("top-class", 0) + counted.get("obsolete-end", 0)
    assert columns.edges.height + reasons["dangling"] + left_out == len(edges) + said_there
    unusable = sum(r is None for a in definitions for r in a["restrictions"])
    assert counted.get("nested-definition", 0) == unusable
