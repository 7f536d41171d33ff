"""Small valid graphs in documents, and what a server sends of one. All invented here."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from given import Input, folder, lines, single

# --- ontologies -----------------------------------------------------------------------------------

_OBO = r"""format-version: 1.2
data-version: releases/2026-01-31
ontology: glow
synonymtypedef: ABBR "abbreviation"

[Term]
id: GLOW:1
name: glow disorder
namespace: glow
def: "A disorder of \"glowing\"." [PMID:1]
synonym: "GD" EXACT ABBR []
synonym: "dim thing" BROAD [] {source="X:1"}
alt_id: GLOW:9
xref: MESH:D000001 "note"

[Term]
id: GLOW:2
name: dim fever
is_a: GLOW:1 {source="PMID:2"} ! glow disorder
relationship: part_of GLOW:3 ! whole
intersection_of: GLOW:1
intersection_of: located_in GLOW:3

[Term]
id: GLOW:3
name: whole
disjoint_from: GLOW:2
equivalent_to: GLOW:4
property_value: skos:exactMatch MONDO:1 xsd:anyURI

[Term]
id: GLOW:4
is_obsolete: true
replaced_by: GLOW:1

[Instance]
id: GLOW:5
name: that one
instance_of: GLOW:1

[Typedef]
id: part_of
xref: BFO:0000050
inverse_of: has_part
is_transitive: true
"""
_FIRST_OBO = lines(
    "! an old file", "[Term]", "id: AO:1", "name: a", "exact_synonym: \"b\" []", "", "[Term]",
    "id: AO:2", "name: c", "is_a: AO:1", "xref_analog: X:1",
)  # fmt: skip
_PURL = "http://purl.obolibrary.org/obo/"
_OIO = "http://www.geneontology.org/formats/oboInOwl#"
_OBOGRAPH = {
    "graphs": [
        {
            "id": f"{_PURL}glow.owl",
            "meta": {"version": f"{_PURL}glow/2026-01-31/glow.owl"},
            "nodes": [
                {
                    "id": f"{_PURL}GLOW_1",
                    "lbl": "glow disorder",
                    "type": "CLASS",
                    "meta": {
                        "definition": {"val": "A disorder.", "xrefs": ["PMID:1"]},
                        "synonyms": [{"pred": "hasExactSynonym", "val": "GD", "xrefs": []}],
                        "xrefs": [{"val": "MESH:D000001"}],
                        "basicPropertyValues": [
                            {"pred": f"{_OIO}hasAlternativeId", "val": "GLOW:9"}
                        ],
                    },
                },
                {"id": f"{_PURL}GLOW_2", "lbl": "dim fever", "type": "CLASS"},
                {"id": f"{_PURL}GLOW_3", "meta": {"deprecated": True}},
                {"id": f"{_PURL}BFO_0000050", "lbl": "part of", "type": "PROPERTY"},
                {"id": f"{_PURL}GLOW_5", "lbl": "that one", "type": "INDIVIDUAL"},
            ],
            "edges": [
                {"sub": f"{_PURL}GLOW_2", "pred": "is_a", "obj": f"{_PURL}GLOW_1"},
                {
                    "sub": f"{_PURL}GLOW_2",
                    "pred": f"{_PURL}BFO_0000050",
                    "obj": f"{_PURL}GLOW_1",
                    "meta": {"xrefs": [{"val": "PMID:2"}]},
                },
                {"sub": f"{_PURL}GLOW_5", "pred": "type", "obj": f"{_PURL}GLOW_1"},
                {"sub": f"{_PURL}GLOW_2", "pred": "is_a", "obj": f"{_PURL}GLOW_3"},
            ],
            "equivalentNodesSets": [{"nodeIds": [f"{_PURL}GLOW_1", f"{_PURL}GLOW_2"]}],
            "logicalDefinitionAxioms": [
                {
                    "definedClassId": f"{_PURL}GLOW_2",
                    "genusIds": [f"{_PURL}GLOW_1"],
                    "restrictions": [{"propertyId": f"{_PURL}RO_1", "fillerId": f"{_PURL}GLOW_1"}],
                }
            ],
        }
    ]
}

_OWL = f"""<?xml version="1.0"?>
<!DOCTYPE rdf:RDF [ <!ENTITY obo "{_PURL}"> ]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  xmlns:owl="http://www.w3.org/2002/07/owl#" xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#"
  xmlns:oio="{_OIO}">
 <owl:Ontology rdf:about="&obo;glow.owl"/>
 <owl:Class rdf:about="&obo;GLOW_1">
  <rdfs:label xml:lang="en">glow disorder</rdfs:label>
  <oio:hasExactSynonym>GD</oio:hasExactSynonym>
 </owl:Class>
 <owl:Class rdf:about="&obo;GLOW_2">
  <rdfs:label>dim fever</rdfs:label>
  <rdfs:subClassOf rdf:resource="&obo;GLOW_1"/>
  <rdfs:subClassOf>
   <owl:Restriction>
    <owl:onProperty rdf:resource="&obo;BFO_0000050"/>
    <owl:someValuesFrom rdf:resource="&obo;GLOW_1"/>
   </owl:Restriction>
  </rdfs:subClassOf>
 </owl:Class>
 <owl:Class rdf:about="&obo;GLOW_3"><owl:deprecated>true</owl:deprecated></owl:Class>
</rdf:RDF>
"""
_TURTLE = f"""@prefix obo: <{_PURL}> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<{_PURL}glow.owl> a owl:Ontology ; owl:versionInfo "1" .
obo:GLOW_1 a owl:Class ; rdfs:label "glow disorder"@en , "trastorno"@es .
obo:GLOW_2 a owl:Class ; rdfs:label "dim fever" ; rdfs:subClassOf obo:GLOW_1 ,
  [ a owl:Restriction ; owl:onProperty obo:BFO_0000050 ; owl:someValuesFrom obo:GLOW_1 ] ;
  owl:equivalentClass [ owl:intersectionOf ( obo:GLOW_1
    [ a owl:Restriction ; owl:onProperty obo:RO_1 ; owl:someValuesFrom obo:GLOW_1 ] ) ] .
[] a owl:Axiom ; owl:annotatedSource obo:GLOW_2 ; owl:annotatedProperty rdfs:subClassOf ;
  owl:annotatedTarget obo:GLOW_1 ; obo:IAO_0000119 "PMID:2" .
obo:GLOW_1 skos:exactMatch <http://example.org/glow> .
"""
_EXAMPLE = "http://example.org/"
_NT = lines(
    f"<{_EXAMPLE}a> <{_EXAMPLE}treats> <{_EXAMPLE}b> .",
    f'<{_EXAMPLE}a> <http://www.w3.org/2000/01/rdf-schema#label> "l\\u00e9 \\"a\\""@fr .',
    "# a comment",
    f"_:x <{_EXAMPLE}of> <{_EXAMPLE}b> .",
    f'<{_EXAMPLE}b> <{_EXAMPLE}size> "1"^^<http://www.w3.org/2001/XMLSchema#int> .',
)
_JSON_LD = {
    "@context": {"name": "http://schema.org/name", "treats": {"@id": "ex:t", "@type": "@id"},
                 "ex": _EXAMPLE},
    "@graph": [
        {"@id": "ex:a", "@type": "ex:Drug", "name": "lumivir", "treats": "ex:b"},
        {"@id": "ex:b", "name": {"@value": "dim fever", "@language": "en"}},
    ],
}  # fmt: skip
_OBAN = f"""PREFIX o: <http://purl.org/oban/>
PREFIX e: <{_EXAMPLE}>
e:as1 a o:association ; o:association_has_subject e:a ; o:association_has_predicate e:treats ;
  o:association_has_object e:b ; <http://purl.org/dc/terms/source> "PMID:3" .
<< e:a e:treats e:b >> e:note "quoted" .
"""


def obo() -> Iterable[Input]:
    """Give ontologies in OBO text."""
    yield single("glow.obo", _OBO)
    yield single("old.obo", _FIRST_OBO)


def obograph() -> Iterable[Input]:
    """Give an ontology in OBO Graph JSON."""
    yield single("glow.json", json.dumps(_OBOGRAPH))


def rdf() -> Iterable[Input]:
    """Give ontologies and facts in every syntax of RDF."""
    yield single("glow.owl", _OWL)
    yield single("glow.ttl", _TURTLE)
    yield single("facts.nt", _NT)
    yield single("facts.nq", _NT.replace("b> .", f"b> <{_EXAMPLE}g> ."))
    yield single("facts.jsonld", json.dumps(_JSON_LD))
    yield single("facts.ttl", _OBAN)
    yield single("facts.trig", f"<{_EXAMPLE}g> {{ <{_EXAMPLE}a> <{_EXAMPLE}t> <{_EXAMPLE}b> . }}\n")
    yield single("facts.n3", _TURTLE + "{ ?x a ?y } => { ?y a ?x } .\n")
    yield single("facts.dat", _NT, syntax="nt")


# --- graphml --------------------------------------------------------------------------------------

_GRAPHML = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
 <key id="d0" for="node" attr.name="name" attr.type="string"><default>nobody</default></key>
 <key id="d1" for="node" attr.name="labels" attr.type="string"/>
 <key id="d2" for="edge" attr.name="label" attr.type="string"/>
 <graph id="G" edgedefault="directed">
  <node id="MONDO:9990001"><data key="d0">dim fever</data><data key="d1">:Disease</data></node>
  <node id="n2"><data key="d0">lumivir</data></node>
  <node id="n3"/>
  <edge source="n2" target="MONDO:9990001"><data key="d2">treats</data></edge>
  <edge id="e2" source="n3" target="n3" directed="false"/>
  <edge source="n3" target="n404"><data key="d2">treats</data></edge>
  <hyperedge><endpoint node="n2"/></hyperedge>
 </graph>
</graphml>
"""


_BARE = (
    '<graphml><graph edgedefault="undirected"><node id="a"/><node id="b" labels=":X"/>'
    '<edge source="a" target="b" label="r"/></graph></graphml>'
)


def graphml() -> Iterable[Input]:
    """Give graphs in GraphML."""
    yield single("graph.graphml", _GRAPHML)
    yield single("bare.graphml", _BARE)


# --- neo4j ----------------------------------------------------------------------------------------

SERVER = "server.json"
"""A graph that a server of ours sends when it is asked: see `scripted_bolt`."""
_SERVED = {
    "nodes": [
        ["MY:1", ["Disease"], "dim fever", ["dimness"], None, ["DOID:1"], "A fever."],
        ["MY:2", ["Drug", "Chemical"], ["lumivir", "LMV"], "lmv", ["L"], None, None],
        [7, [], "seven", None, None, None, {"$date": 738000}],
        ["MY:1", ["Gene"], "another", None, None, None, None],
    ],
    "relationships": [
        ["MY:2", ["Drug"], [["MY:1", "TREATS", "ours", "CC0", ["PMID:1"], True, ["Disease"]]]],
        ["MY:1", ["Disease"], [["MY:404", "HAS", None, None, None, "maybe", []],
                               [7, "HAS", ["a", "b"], ["x", "y"], None, None, []]]],
    ],
    "about": [],
    "ours": {"nodes": [], "relationships": []},
}  # fmt: skip
_IMPORT = {
    "drugs.csv": 'id:ID(Drug),name,:LABEL,synonym\nD1,lumivir,Drug;X,l;m\nD2,"a, b",Drug,\n',
    "diseases.csv": "id:ID(Disease),name,:LABEL\nX1,dim fever,Disease\n",
    "treats.csv": ":START_ID(Drug),:END_ID(Disease),:TYPE,source\nD1,X1,HELPS,ours\nD2,X9,HELPS,\n",
}


def neo4j() -> Iterable[Input]:
    """Give what a server sends, and a folder for its import."""
    served = single(SERVER, json.dumps(_SERVED))
    yield from (served, served, served)
    yield single(SERVER, json.dumps({**_SERVED, **_served_export()}))
    yield single(SERVER, json.dumps({**_SERVED, "cut": 100_000, "failure": {"at": "no query"}}))
    yield folder(_IMPORT)


def _served_export() -> dict[str, Any]:
    """Return what a server would send of a graph that kgsynth wrote to it."""
    about = {"format": 1, "sources": [{"key": "ours", "name": "ours", "licence": "CC0"}]}
    concept = {
        "id": "MY:1",
        "types": ["disease"],
        "names": [{"text": "dim fever", "language": "en", "kind": "preferred", "source": "ours"}],
        "identifiers": [{"text": "DOID:1", "kind": "xref"}],
        "definitions": [{"text": "A fever.", "source": "ours"}],
    }
    said = {"predicate": "causes", "sources": ["ours"], "licences": ["CC0"], "evidence": ["Seen."]}
    return {
        "about": [[json.dumps(about)]],
        "ours": {
            "nodes": [[json.dumps(concept)]],
            "relationships": [["MY:1", [["MY:1", json.dumps(said)]]]],
        },
    }
