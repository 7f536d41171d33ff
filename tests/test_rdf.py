"""OWL and RDF, read in every syntax; rdflib is the oracle, and nothing is ever fetched."""

from __future__ import annotations

import gzip
import http.server
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import rdflib
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
from rdflib import OWL, RDF, RDFS

from kgsynth.errors import SourceError
from kgsynth.source_options import RdfOptions
from kgsynth.sources import read_source
from kgsynth.sources.columns import GraphColumns, Relation, SourceInfo, silent
from kgsynth.sources.ontologies.terms import Terms
from kgsynth.sources.prefixes import canonical_curie
from kgsynth.sources.rdf.facts import Facts
from kgsynth.sources.rdf.reader import Reading
from kgsynth.sources.rdf.syntax import read_triples

PREFIXES = """
@prefix : <http://example.org/> .
@prefix obo: <http://purl.obolibrary.org/obo/> .
@prefix oio: <http://www.geneontology.org/formats/oboInOwl#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix dc: <http://purl.org/dc/elements/1.1/> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix biolink: <https://w3id.org/biolink/vocab/> .
@prefix oban: <http://purl.org/oban/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""

ONTOLOGY = (
    PREFIXES
    + """
obo:tiny.owl a owl:Ontology ;
    owl:versionIRI <http://purl.obolibrary.org/obo/tiny/releases/2026-03-04/tiny.owl> ;
    rdfs:comment "A tiny ontology." ;
    dct:license <http://creativecommons.org/publicdomain/zero/1.0/> ;
    owl:imports obo:elsewhere.owl .

obo:RO_0001025 a owl:ObjectProperty ; rdfs:label "located in" ; owl:inverseOf obo:RO_0001015 .
obo:RO_0001015 a owl:ObjectProperty ; rdfs:subPropertyOf obo:RO_0002131 .
obo:doid#touches a owl:ObjectProperty , owl:SymmetricProperty .
obo:IAO_0000115 a owl:AnnotationProperty .
obo:doid#slim a owl:AnnotationProperty .
obo:RO_0002161 a owl:AnnotationProperty .

obo:DOID_1 a owl:Class ;
    rdfs:label "heart disease"@en , "heart-disease"@en-US , "Herzkrankheit"@de ;
    obo:IAO_0000115 "A disease of the heart." ;
    rdfs:comment "A comment." ;
    oio:hasOBONamespace "disease_ontology" ;
    oio:hasExactSynonym "cardiac disease" , "HD" ;
    oio:hasBroadSynonym "heart trouble" ;
    oio:hasNarrowSynonym "valve disease"@en-GB ;
    oio:hasRelatedSynonym "heart ache" ;
    oio:hasAlternativeId "doid:91" ;
    oio:id "DOID:1" ;
    oio:hasDbXref "UMLS_CUI:C0018799" ;
    skos:exactMatch <http://id.nlm.nih.gov/mesh/D006331> ;
    skos:broadMatch "ORDO:1" ;
    oio:inSubset obo:doid#slim ;
    obo:RO_0002161 obo:NCBITaxon_1 , obo:UBERON_0000948 ;
    rdfs:subClassOf obo:DOID_4 , obo:DOID_99 , owl:Thing ,
        [ a owl:Restriction ; owl:onProperty obo:RO_0001025 ;
          owl:someValuesFrom obo:UBERON_0000948 ] ,
        [ a owl:Restriction ; owl:onProperty obo:RO_0004001 ; owl:hasValue :anna ] ,
        [ a owl:Restriction ; owl:onProperty obo:RO_0001025 ;
          owl:allValuesFrom obo:UBERON_0000948 ] ,
        [ a owl:Class ; owl:unionOf ( obo:DOID_4 obo:DOID_2 ) ] .

obo:DOID_2 a owl:Class ; rdfs:label "valve disease" ;
    owl:disjointWith obo:DOID_4 ;
    owl:equivalentClass [ a owl:Class ; owl:intersectionOf (
        obo:DOID_1
        [ a owl:Restriction ; owl:onProperty obo:RO_0001025 ;
          owl:someValuesFrom obo:UBERON_0000948 ]
        [ a owl:Class ; owl:intersectionOf ( obo:DOID_4 [ owl:complementOf obo:DOID_1 ] ) ] ) ] .

obo:DOID_4 a owl:Class ; rdfs:label "disease" ; owl:equivalentClass obo:DOID_2 .
obo:DOID_5 a owl:Class ; rdfs:label "obsolete thing" ; owl:deprecated true ;
    obo:IAO_0100001 obo:DOID_6 ; rdfs:subClassOf obo:DOID_4 .
obo:DOID_6 a owl:Class ; owl:deprecated "true"^^xsd:boolean ; obo:IAO_0100001 "DOID:1" .
obo:DOID_7 a owl:Class ; rdfs:subClassOf obo:DOID_5 .
obo:UBERON_0000948 a owl:Class ; rdfs:label "heart" ; owl:deprecated false .
:anna a owl:NamedIndividual , obo:NCBITaxon_9606 ; rdfs:label "Anna" ;
    obo:doid#touches :berta ; :knows [ a owl:NamedIndividual ] .
:berta a obo:NCBITaxon_9606 .

[] a owl:Axiom ; owl:annotatedSource obo:DOID_1 ; owl:annotatedProperty oio:hasExactSynonym ;
    owl:annotatedTarget "HD" ; oio:hasSynonymType obo:OMO_0003012 .
[] a owl:Axiom ; owl:annotatedSource obo:DOID_1 ; owl:annotatedProperty rdfs:subClassOf ;
    owl:annotatedTarget obo:DOID_4 ; oio:hasDbXref "PMID:3" ; rdfs:comment "sure" .
[] a owl:Axiom ; owl:annotatedSource obo:DOID_1 ; owl:annotatedProperty rdfs:subClassOf ;
    owl:annotatedTarget [ a owl:Restriction ; owl:onProperty obo:RO_0001025 ;
                          owl:someValuesFrom obo:UBERON_0000948 ] ; dc:source "PMID:5" .
[] a owl:AllDisjointClasses ; owl:members ( obo:DOID_1 obo:DOID_4 ) .
""".replace("obo:doid#", "<http://purl.obolibrary.org/obo/doid#")
    .replace("doid#touches ", "doid#touches> ")
    .replace("doid#slim ", "doid#slim> ")
)

FACTS = (
    PREFIXES
    + """
:g1 biolink:category biolink:Gene , biolink:GenomicEntity ; a obo:SO_0000704 ;
    biolink:name "gene one" ; biolink:synonym "G1" ; biolink:xref <http://identifiers.org/hgnc/1> ;
    :weight 7 ; biolink:interacts_with :g2 .
:a1 a oban:association ; oban:association_has_subject :g2 ;
    oban:association_has_predicate obo:RO_0004013 ; oban:association_has_object obo:DOID_1 ;
    obo:RO_0002558 obo:ECO_0000322 ; dc:source "PMID:9" ; :frequency obo:HP_0040283 .
[] a rdf:Statement ; rdf:subject :g1 ; rdf:predicate :causes ; rdf:object obo:DOID_1 .
:a2 a biolink:Association ; biolink:subject :g1 ; biolink:predicate biolink:treats ;
    biolink:object :g2 ; biolink:publications "PMID:7" ; biolink:relation :r .
:a3 a oban:association ; oban:association_has_subject :g1 .
[] a rdf:Statement ; rdf:subject :g1 ; rdf:object "a text" .
:g1 dct:creator :someone ; dct:isPartOf :pathway .
"""
)


@pytest.fixture
def ontology(tmp_path: Path) -> GraphColumns:
    return read_text("rdf", tmp_path, "tiny.ttl", ONTOLOGY)


@pytest.fixture
def facts(tmp_path: Path) -> GraphColumns:
    return read_text("rdf", tmp_path, "facts.ttl", FACTS)


# --- an ontology ---------------------------------------------------------------------------


def test_what_the_source_says_of_itself(ontology: GraphColumns) -> None:
    assert ontology.sources == (SourceInfo("tiny", "2026-03-04", "2026-03-04", "CC0-1.0"),)


def test_concepts_and_their_types(ontology: GraphColumns) -> None:
    assert types(ontology) == {
        "DOID:1": ["obo:disease_ontology"],
        "DOID:2": ["obo:disease_ontology"],
        "DOID:4": ["obo:disease_ontology"],
        "DOID:7": ["obo:disease_ontology"],
        "UBERON:0000948": ["obo:UBERON"],
        "http://example.org/anna": ["NCBITaxon:9606"],
        "http://example.org/berta": ["NCBITaxon:9606"],
    }


def test_names_with_language_and_kind(ontology: GraphColumns) -> None:
    assert {name[1:] for name in names(ontology) if name[0] == "DOID:1"} == {
        ("heart disease", "en", "preferred"),
        ("heart-disease", "en", "synonym"),
        ("Herzkrankheit", "de", "preferred"),
        ("cardiac disease", "en", "synonym"),
        ("HD", "en", "abbreviation"),
        ("heart trouble", "en", "broad"),
        ("valve disease", "en", "narrow"),
        ("heart ache", "en", "related"),
    }


def test_definitions(ontology: GraphColumns) -> None:
    assert definitions(ontology) == {"DOID:1": "A disease of the heart."}


def test_identifiers(ontology: GraphColumns) -> None:
    assert identifiers(ontology, "alternative") == {
        ("DOID:1", "DOID:91"),
        ("DOID:1", "DOID:5"),
        ("DOID:1", "DOID:6"),
    }
    assert identifiers(ontology, "xref") == {
        ("DOID:1", "UMLS:C0018799"),
        ("DOID:1", "MESH:D006331"),
    }


def test_statements(ontology: GraphColumns) -> None:
    heart, anna = "UBERON:0000948", "http://example.org/anna"
    assert Counter(statements(ontology)) == Counter(
        [
            ("DOID:1", "rdfs:subClassOf", "DOID:4"),
            ("DOID:1", "RO:0001025", heart),
            ("DOID:1", "RO:0004001", anna),
            ("DOID:1", "RO:0002161", heart),
            ("DOID:2", "rdfs:subClassOf", "DOID:1"),
            ("DOID:2", "RO:0001025", heart),
            ("DOID:2", "rdfs:subClassOf", "DOID:4"),
            ("DOID:4", "owl:equivalentClass", "DOID:2"),
            (anna, "obo:touches", "http://example.org/berta"),
        ]
    )
    assert evidence(ontology) == {
        ("DOID:1", "rdfs:subClassOf", "DOID:4"): "PMID:3",
        ("DOID:1", "RO:0001025", heart): "PMID:5",
    }


def test_relations(ontology: GraphColumns) -> None:
    known = {relation.spelling: relation for relation in ontology.relations}
    assert known["RO:0001025"] == Relation("RO:0001025", "RO:0001015")
    assert known["obo:touches"] == Relation("obo:touches", "", True)


def test_what_is_left_out_is_counted(ontology: GraphColumns) -> None:
    assert [reason for _, reason in dropped(ontology)] == ["dangling"]
    assert ontology.counted == {
        "annotation": 5,  # NCBITaxon:1; the types of three axioms; a remark on one of them
        "blank-node": 20,
        "comment": 1,
        "disjoint": 1,
        "literal": 2,  # the broad match, and that the heart is not deprecated
        "obsolete": 2,
        "obsolete-detail": 5,
        "obsolete-end": 2,
        "schema": 15,
        "subset": 1,
        "top-class": 1,
    }


# --- plain facts -----------------------------------------------------------------------------


def test_whoever_takes_part_is_a_concept(facts: GraphColumns) -> None:
    assert types(facts) == {
        "http://example.org/g1": ["biolink:Gene", "biolink:GenomicEntity", "SO:0000704"],
        "http://example.org/g2": [],
        "DOID:1": ["obo:DOID"],
        "http://example.org/pathway": [],
    }
    assert names(facts) == {
        ("http://example.org/g1", "gene one", "en", "preferred"),
        ("http://example.org/g1", "G1", "en", "synonym"),
    }
    assert identifiers(facts, "xref") == {("http://example.org/g1", "HGNC:1")}


def test_statements_that_are_resources(facts: GraphColumns) -> None:
    one, two = "http://example.org/g1", "http://example.org/g2"
    assert set(statements(facts)) == {
        (one, "biolink:interacts_with", two),
        (one, "dct:isPartOf", "http://example.org/pathway"),
        (two, "RO:0004013", "DOID:1"),
        (one, "http://example.org/causes", "DOID:1"),
        (one, "biolink:treats", two),
    }
    assert evidence(facts) == {
        (two, "RO:0004013", "DOID:1"): "ECO:0000322; PMID:9",
        (one, "biolink:treats", two): "PMID:7",
    }
    assert [reason for _, reason in dropped(facts)] == ["malformed-association"] * 2


def test_a_denied_association_is_never_a_positive_statement(tmp_path: Path) -> None:
    def association(name: str, relation: str, mark: str) -> str:
        said = f"rdf:subject :g1 ; rdf:predicate :{relation} ; rdf:object :g2"
        return f"{name} {said} ; biolink:negated {mark} .\n"

    text = PREFIXES + "".join(
        [
            association(":e1", "r1", "true"),
            association("[]", "r2", '"True"'),
            association(":e3", "r3", "false"),
            association(":e4", "r4", '"maybe"'),
            association("[]", "r5", "true , false"),
            association(":e6", "r6", ":g2"),
        ]
    )
    path = tmp_path / "x.ttl"
    path.write_text(text, encoding="utf-8")
    graph = read_source("rdf", path)
    r = "http://example.org/r"
    assert {p for _, p, _ in statements(graph)} == {f"not {r}1", f"not {r}2", f"{r}3"}
    assert [reason for _, reason in dropped(graph)] == ["malformed-negated"] * 3
    read, accounted = fates(path)
    assert read == accounted == len(rdflib.Graph().parse(path))


# --- every syntax ----------------------------------------------------------------------------


def same(one: GraphColumns, two: GraphColumns) -> bool:
    """Compare what was read, in whatever order it stood."""
    return (
        Counter(statements(one)) == Counter(statements(two))
        and {key: sorted(value) for key, value in types(one).items()}
        == {key: sorted(value) for key, value in types(two).items()}
        and {name[:3] for name in names(one)} == {name[:3] for name in names(two)}
        and identifiers(one, "xref") == identifiers(two, "xref")
        and identifiers(one, "alternative") == identifiers(two, "alternative")
        and one.counted == two.counted
    )


@pytest.mark.parametrize("text", [ONTOLOGY, FACTS], ids=["ontology", "facts"])
@pytest.mark.parametrize(
    ("name", "form", "syntax"),
    [
        ("x.owl", "xml", ""),
        ("x.rdf", "xml", ""),
        ("x.ttl", "turtle", ""),
        ("x.owl", "turtle", ""),
        ("x.nt", "nt", ""),
        ("x.nq", "nquads", ""),
        ("x.trig", "trig", ""),
        ("x.jsonld", "json-ld", ""),
        ("x.owl", "json-ld", ""),
        ("x.n3", "n3", ""),
        ("x.txt", "nt", "nt"),
        ("x.xml", "turtle", "turtle"),
        ("x.anything", "n3", "n3"),
    ],
)
def test_all_syntaxes_give_the_same(
    tmp_path: Path, text: str, name: str, form: str, syntax: str
) -> None:
    """rdflib writes the graph anew; named graphs are read as one."""
    data = rdflib.Dataset() if form in ("nquads", "trig") else rdflib.Graph()
    graph = data.graph(rdflib.URIRef("http://example.org/graph")) if form == "trig" else data
    graph.parse(data=text, format="turtle")
    written = data.serialize(format=form)
    expected = read_text("rdf", tmp_path, "expected.ttl", text)
    assert same(read_text("rdf", tmp_path, name, written, syntax), expected)


def test_gzip(tmp_path: Path) -> None:
    path = tmp_path / "tiny.ttl.gz"
    path.write_bytes(gzip.compress(ONTOLOGY.encode()))
    assert same(read_source("rdf", path), read_text("rdf", tmp_path, "tiny.ttl", ONTOLOGY))


def test_the_same_file_gives_the_same_bytes(tmp_path: Path) -> None:
    """Blank nodes are named at random by the parsers; nothing may hang on their names."""
    for name, text in (("x.ttl", ONTOLOGY), ("x.n3", FACTS)):
        one, two = (read_text("rdf", tmp_path, name, text) for _ in range(2))
        for frame in ("nodes", "names", "edges", "identifiers", "evidence"):
            assert getattr(one, frame).equals(getattr(two, frame))
        assert one.relations == two.relations


def test_skos(tmp_path: Path) -> None:
    text = (
        PREFIXES
        + """
:scheme a skos:ConceptScheme ; dct:title "A thesaurus" .
:a a skos:Concept ; skos:prefLabel "ague"@en , "fièvre"@fr ; skos:altLabel "chills"@en ;
   rdfs:label "AGUE" ; skos:inScheme :scheme ; skos:broader :b ; skos:related :c ;
   skos:notation "17" ; skos:broader :elsewhere .
:b a skos:Concept ; skos:prefLabel "fever"@en-GB .
:c a skos:Concept .
"""
    )
    graph = read_text("rdf", tmp_path, "x.ttl", text)
    a, b, c = (f"http://example.org/{letter}" for letter in "abc")
    assert statements(graph) == [(a, "skos:broader", b), (a, "skos:related", c)]
    assert [reason for _, reason in dropped(graph)] == ["dangling"]
    assert names(graph) == {
        (a, "ague", "en", "preferred"),
        (a, "fièvre", "fr", "preferred"),
        (a, "AGUE", "en", "synonym"),
        (a, "chills", "en", "synonym"),
        (b, "fever", "en", "preferred"),
    }
    assert Relation("skos:broader", "skos:narrower") in graph.relations


def test_endings_that_say_nothing(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"x\.dat does not say .* syntax.*--set syntax=turtle"):
        read_text("rdf", tmp_path, "x.dat", "")


# --- bad input -------------------------------------------------------------------------------

RDF_XML = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    ' xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#">{}</rdf:RDF>'
)
THING = '<rdf:Description rdf:about="http://example.org/a"><rdfs:label>{}</rdfs:label></rdf:Description>'


def xml(doctype: str, label: str) -> str:
    return f'<?xml version="1.0"?>\n{doctype}\n{RDF_XML.format(THING.format(label))}'


def test_an_entity_that_names_a_namespace_works(tmp_path: Path) -> None:
    doctype = '<!DOCTYPE rdf:RDF [<!ENTITY ex "http://example.org/" >\n<!ENTITY amp2 "x y" >]>'
    body = (
        '<rdf:Description rdf:about="&ex;a"><rdfs:label>&amp2; &lt; z</rdfs:label>'
        '<rdfs:subClassOf rdf:resource="&ex;b"/></rdf:Description>'
    )
    graph = read_text("rdf", tmp_path, "x.owl", f"{doctype}{RDF_XML.format(body)}")
    a, b = "http://example.org/a", "http://example.org/b"
    assert statements(graph) == [(a, "rdfs:subClassOf", b)]
    assert names(graph) == {(a, "x y < z", "en", "preferred")}


LAUGHS = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))


@pytest.mark.parametrize(
    ("doctype", "label", "message"),
    [
        ('<!DOCTYPE x [<!ENTITY e SYSTEM "{secret}">]>', "&e;", "external entity, 'e'"),
        ('<!DOCTYPE x [<!ENTITY e SYSTEM "{url}">]>', "&e;", "external entity, 'e'"),
        ('<!DOCTYPE x [<!ENTITY e PUBLIC "p" "{url}">]>', "unused", "external entity, 'e'"),
        ('<!DOCTYPE x [<!ENTITY % e SYSTEM "{url}"> %e;]>', "x", "external entity, 'e'"),
        ('<!DOCTYPE x SYSTEM "{url}">', "x", "document type that lies elsewhere"),
        (f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]>', "&l9;", "grow without bound"),
        (f'<!DOCTYPE x [<!ENTITY e "{"a" * 2000}">]>', "&e;", "grow without bound"),
        (f'<!DOCTYPE x [<!ENTITY e "{"a" * 100}">]>', "&e;" * 200_000, "more than 20 times"),
        (f'<!DOCTYPE x [<!ENTITY e "{"a" * 999}">]>', "&e;" * 200_000, "amplification"),
        ("<!DOCTYPE x [" + "".join(f'<!ENTITY e{i} "">' for i in range(1001)) + "]>", "", "1,000"),
    ],
)
def test_hostile_xml_is_refused_and_nothing_is_read(
    tmp_path: Path, watched: tuple[str, list[str]], doctype: str, label: str, message: str
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    url, asked = watched
    text = xml(doctype.replace("{secret}", secret.as_uri()).replace("{url}", url), label)
    with pytest.raises(SourceError, match=message) as caught:
        read_text("rdf", tmp_path, "x.owl", text)
    assert "the secret" not in str(caught.value)
    assert not asked


def test_remote_contexts_and_imports_are_not_fetched(
    tmp_path: Path, watched: tuple[str, list[str]]
) -> None:
    url, asked = watched
    with pytest.raises(SourceError, match="context that lies elsewhere, which is never fetched"):
        read_text("rdf", tmp_path, "x.jsonld", f'{{"@context": "{url}", "name": "x"}}')
    text = f"{PREFIXES} <{url}> a owl:Ontology ; owl:imports <{url}other> . :a a owl:Class ."
    for name in ("x.ttl", "x.n3"):
        read_text("rdf", tmp_path, name, text)
    assert not asked


@pytest.fixture
def watched() -> Iterator[tuple[str, list[str]]]:
    """A server that notes whoever asks for something."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/", asked
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.owl", "", "not well-formed XML: no element found"),
        ("x.owl", "<a><b></a>", "line 1 is not well-formed XML: mismatched tag"),
        ("x.owl", xml("", "text")[:-30], "line 3 is not well-formed XML"),
        ("x.owl", RDF_XML.format("<a:b/>"), "unbound prefix"),
        ("x.owl", RDF_XML.format("<rdf:li/>"), "is not valid RDF/XML"),
        ("x.owl", RDF_XML.format(""), "holds no triple"),
        ("x.owl", RDF_XML.format("<rdfs:a>" * 5000), "nests elements more than 1,000 deep"),
        ("x.owl", '<Ontology xmlns="http://www.w3.org/2002/07/owl#"/>', "OWL/XML, not RDF/XML"),
        ("x.owl", "<html><p>Not found</p></html>", "a web page, not RDF/XML"),
        ("x.owl", "Prefix(:=<http://example.org/>)", "functional syntax"),
        ("x.owl", '<?xml version="1.0" encoding="ISO-8859-1"?><a/>', "written in ISO-8859-1"),
        ("x.owl", b"\xff\xfe\x00\x01", "not well-formed XML"),
        (
            "x.ttl",
            "<http://a> <http://b> .\n",
            "line 1 is not valid Turtle: [^:]*; or say in which syntax it is: --set syntax=xml",
        ),
        ("x.ttl", "\n\n:a :b :c .", "line 3 is not valid Turtle"),
        ("x.ttl", "@prefix : <http://e/> . :a :b ", "is not valid Turtle"),
        ("x.ttl", "", "holds no triple"),
        ("x.ttl", b"\xff\xff", "not valid Turtle"),
        ("x.nt", "", "holds no triple"),
        ("x.nt", "junk\n", "holds no triple"),
        ("x.nt", b"<http://a> <http://b> <http://c> .\n\xff\n", "line 2 is not UTF-8"),
        ("x.jsonld", "{", "not valid JSON-LD"),
        ("x.jsonld", '{"a":' * 100_000, "not valid JSON-LD"),
        ("x.jsonld", "[" * 100_000, "not valid JSON-LD"),
        ("x.n3", "@prefix : <http://e/>.\n:a :b .\n", "line 2 is not valid N3"),
        ("x.n3", ":a", "not valid N3"),
        ("x.n3", '<a:b> <a:c> "\\U00110000" .', "escapes what is no character"),
        ("x.n3", "<a:b> <a:c> ? .", "not valid N3"),
        ("x.n3", "@prefix : <http://e/>. :a :b " + "(" * 100_000, "nested too deep"),
        ("x.ttl", "<http://a> <http://b> " + "( " * 100_000, "not valid Turtle"),
    ],
)
def test_files_that_cannot_be_used(
    tmp_path: Path, name: str, content: str | bytes, message: str
) -> None:
    with pytest.raises(SourceError, match=message):
        read_text("rdf", tmp_path, name, content)


def test_a_gzip_that_is_cut_short(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cut short"):
        read_text("rdf", tmp_path, "x.ttl.gz", gzip.compress(ONTOLOGY.encode())[:500])


def test_a_text_longer_than_any_text(tmp_path: Path) -> None:
    long = "<http://a> <http://b> <http://c> .\n<http://a> <http://b> '" + "x" * (17 << 20)
    with pytest.raises(SourceError, match="too long to be one"):
        read_text("rdf", tmp_path, "x.ttl", long + "' .")


@pytest.mark.parametrize(
    ("name", "begin"),
    [
        ("x.owl", RDF_XML[: RDF_XML.index("{}")] + '<rdf:Description rdf:about="'),
        ("x.nt", "<http://"),
    ],
)
def test_a_line_of_100_mb(tmp_path: Path, name: str, begin: str) -> None:
    """It is refused as soon as it is too long, not gone over again with every piece."""
    with pytest.raises(SourceError, match="longer than 16 MB"):
        read_text("rdf", tmp_path, name, begin.encode() + b"x" * 100_000_000)


def test_a_bad_line_of_n_triples_is_set_aside(tmp_path: Path) -> None:
    lines = [
        "<http://example.org/a> <http://example.org/p> <http://example.org/b> .",
        "",
        "# a remark",
        "<http://example.org/a> <http://example.org/p> .",
        "not a triple",
        "<http://example.org/b> <http://example.org/p> <http://example.org/c d> .",
    ]
    graph = read_text("rdf", tmp_path, "x.nt", "\n".join(lines))
    assert dropped(graph) == [(4, "malformed-line"), (5, "malformed-line")]
    assert graph.dropped["text"].to_list() == lines[3:5]
    assert len(statements(graph)) == 2


def test_an_iri_that_runs_on_is_set_aside(tmp_path: Path) -> None:
    """Where its bracket is missing it takes the next line for a part of it."""
    text = (
        "<http://example.org/a> <http://example.org/p> <http://example.org/b c> .\n"
        "<http://example.org/a> <http://example.org/p> <http://example.org/d .\n"
        "<http://example.org/a> .\n"
    )
    graph = read_text("rdf", tmp_path, "x.ttl", text)
    assert dropped(graph) == [(2, "malformed-iri")]
    assert [end for _, _, end in statements(graph)] == ["http://example.org/b c"]
    for part in ("association_has_subject", "association_has_predicate", "association_has_object"):
        text += f"<http://example.org/s> <http://purl.org/oban/{part}> <http://example.org/a> .\n"
    text += "<http://example.org/s> <http://purl.org/dc/elements/1.1/source> <http://a/b c> ."
    graph = read_text("rdf", tmp_path, "x.ttl", text)
    assert list(evidence(graph).values()) == ["http://a/b c"]


def test_rules_and_variables_of_n3_are_no_facts(tmp_path: Path) -> None:
    text = PREFIXES + "{ ?x :p ?y } => { ?y :q ?x } . :a :p :b . :c is :p of :b ."
    graph = read_text("rdf", tmp_path, "x.n3", text)
    a, b, c = (f"http://example.org/{letter}" for letter in "abc")
    p = "http://example.org/p"
    assert set(statements(graph)) == {(a, p, b), (b, p, c)}
    assert [reason for _, reason in dropped(graph)] == ["not-a-fact"]


def test_quoted_triples_are_counted(tmp_path: Path) -> None:
    text = PREFIXES + ":a :b :c . :a :says <<( :d :e :f )>> ."
    graph = read_text("rdf", tmp_path, "x.ttl", text)
    assert graph.counted == {"quoted-triple": 1}


def test_lists_without_an_end_and_circles_of_blank_nodes(tmp_path: Path) -> None:
    text = (
        PREFIXES
        + """
:o a owl:Ontology . :a a owl:Class ; rdfs:subClassOf _:x , _:y , _:z .
_:x owl:intersectionOf _:l . _:l rdf:first :a ; rdf:rest _:l .
_:y owl:intersectionOf ( _:y :a ) .
_:z owl:intersectionOf [ rdf:rest rdf:nil ] .
"""
    )
    graph = read_text("rdf", tmp_path, "x.ttl", text)
    assert statements(graph) == [
        ("http://example.org/a", "rdfs:subClassOf", "http://example.org/a")
    ]


# --- nothing is lost -------------------------------------------------------------------------


def fates(path: Path) -> tuple[int, int]:
    """Return how many triples a file holds, and of how many the reader can say what became."""
    terms = Terms(path.name)
    facts = Facts(terms.count)
    for triple in read_triples(path, "", terms.drop, silent):
        facts.add(triple)
    reading = Reading(facts, terms)
    reading.interpret()
    # These count statements, which were triples, or parts of one, that something was made of.
    left_out = sum(
        n for why, n in terms.counted.items() if why not in ("top-class", "obsolete-end")
    )
    return facts.read, reading.used + left_out + len(terms.dropped)


@pytest.mark.parametrize("text", [ONTOLOGY, FACTS], ids=["ontology", "facts"])
def test_every_triple_has_a_fate(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.ttl"
    path.write_text(text, encoding="utf-8")
    read, accounted = fates(path)
    assert read == accounted == len(rdflib.Graph().parse(path))


IRIS = [f"<http://example.org/{letter}>" for letter in "abc"] + [
    "<http://purl.obolibrary.org/obo/DOID_1>",
    "<http://www.w3.org/2002/07/owl#Class>",
    "<http://www.w3.org/2002/07/owl#Ontology>",
    "<http://www.w3.org/2002/07/owl#Restriction>",
    "<http://www.w3.org/2002/07/owl#AnnotationProperty>",
    "<http://www.w3.org/2002/07/owl#Thing>",
    "<http://purl.org/oban/association>",
]
PREDICATES = IRIS[:4] + [
    f"<{iri}>"
    for iri in (
        RDF.type,
        RDF.first,
        RDF.rest,
        RDF.subject,
        RDF.predicate,
        RDF.object,
        RDFS.subClassOf,
        RDFS.label,
        OWL.equivalentClass,
        OWL.intersectionOf,
        OWL.onProperty,
        OWL.someValuesFrom,
        OWL.annotatedSource,
        OWL.annotatedProperty,
        OWL.annotatedTarget,
        OWL.deprecated,
        OWL.inverseOf,
        "http://purl.obolibrary.org/obo/IAO_0100001",
        "http://www.geneontology.org/formats/oboInOwl#hasDbXref",
        "http://www.geneontology.org/formats/oboInOwl#hasExactSynonym",
        "http://www.geneontology.org/formats/oboInOwl#hasOBONamespace",
        "http://www.geneontology.org/formats/oboInOwl#hasSynonymType",
        "https://w3id.org/biolink/vocab/category",
        "https://w3id.org/biolink/vocab/negated",
    )
]
BLANKS = ["_:x", "_:y", "_:z"]
LITERALS = ['"true"', '"text"', '"DOID:1"', '" "', '"texte"@fr-CA']


@given(
    st.lists(
        st.tuples(
            st.sampled_from(IRIS + BLANKS),
            st.sampled_from(PREDICATES),
            st.sampled_from(IRIS + BLANKS + LITERALS),
        ),
        min_size=1,
        max_size=25,
    )
)
@settings(max_examples=200, deadline=None)
def test_whatever_the_triples_each_has_a_fate(
    tmp_path_factory: pytest.TempPathFactory, triples: list[tuple[str, str, str]]
) -> None:
    """Any use of the words of OWL, sound or not: no crash, and every triple is accounted for."""
    path = tmp_path_factory.mktemp("rdf") / "x.nt"
    path.write_text("".join(f"{' '.join(triple)} .\n" for triple in triples))
    read, accounted = fates(path)
    assert read == accounted == len(triples)
    with suppress(SourceError):
        read_source("rdf", path)


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_damaged_files_give_columns_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, written: dict[str, bytes], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(written)))
    content = bytearray(written[name])
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content))) :]
    with suppress(SourceError):
        read_text("rdf", tmp_path_factory.mktemp("rdf"), name, bytes(content))


@pytest.fixture(scope="module")
def written() -> dict[str, bytes]:
    graph = rdflib.Graph().parse(data=ONTOLOGY, format="turtle")
    forms = {"x.owl": "xml", "x.ttl": "turtle", "x.nt": "nt", "x.jsonld": "json-ld", "x.n3": "n3"}
    return {name: graph.serialize(format=form, encoding="utf-8") for name, form in forms.items()}


# --- real files ------------------------------------------------------------------------------

OWL_FILES = [
    "doid/DO_infectious_disease_slim.owl",
    "doid/DO_cancer_slim.owl",
    "doid/symp_import.owl",
    "kgx_samples/goslim_generic.owl",
    "kgx_samples/mody.ttl",
]


def oracle(graph: rdflib.Graph) -> set[tuple[str, str, str]]:
    """List the statements of an ontology by rdflib's own walk over it."""
    deprecated = set(graph.subjects(OWL.deprecated, rdflib.Literal(True)))
    found: set[tuple[str, str, str]] = set()

    def add(subject: object, predicate: object, object_: object) -> None:
        ends = (subject, object_)
        if all(isinstance(end, rdflib.URIRef) for end in ends) and not {*ends} & deprecated:
            found.add(tuple(canonical_curie(str(part)) for part in (subject, predicate, object_)))  # type: ignore[arg-type]

    def expand(subject: rdflib.term.Node, node: rdflib.term.Node) -> None:
        if isinstance(node, rdflib.URIRef):
            add(subject, RDFS.subClassOf, node)
        for filler in graph.objects(node, OWL.someValuesFrom):
            add(subject, graph.value(node, OWL.onProperty), filler)
        for members in graph.objects(node, OWL.intersectionOf):
            for member in graph.items(members):
                expand(subject, member)

    for subject, node in graph.subject_objects(RDFS.subClassOf):
        if isinstance(subject, rdflib.URIRef):
            expand(subject, node)
    for subject, node in graph.subject_objects(OWL.equivalentClass):
        if isinstance(subject, rdflib.URIRef) and isinstance(node, rdflib.BNode):
            expand(subject, node)
        else:
            add(subject, OWL.equivalentClass, node)
    return found


@pytest.mark.real
@pytest.mark.parametrize("name", OWL_FILES)
def test_real_ontologies_agree_with_rdflib(name: str) -> None:
    path = real_file(name)
    graph = rdflib.Graph().parse(path)
    columns = read_source("rdf", path)
    classes = {s for s in graph.subjects(RDF.type, OWL.Class) if isinstance(s, rdflib.URIRef)}
    deprecated = classes & set(graph.subjects(OWL.deprecated, rdflib.Literal(True)))
    assert set(types(columns)) >= {canonical_curie(str(s)) for s in classes - deprecated}
    assert columns.counted.get("obsolete", 0) >= len(deprecated)

    expected = oracle(graph)
    known = set(types(columns))
    inside = {s for s in expected if {s[0], s[2]} <= known}
    read = set(statements(columns))
    assert inside <= read
    # Beyond them, only links by a property: no made-up parent, no made-up restriction.
    assert {s for s in read - inside if s[1] in ("rdfs:subClassOf", "owl:equivalentClass")} == set()
    away = columns.dropped.filter(columns.dropped["reason"] == "dangling").height
    assert away >= len({s for s in expected - inside if s[2] != "owl:Thing"})


@pytest.mark.real
@pytest.mark.parametrize(
    "name",
    [
        *OWL_FILES,
        "kgx_samples/hpoa_test.ttl",
        "kgx_samples/rdf/oban-test.nt",
        "kgx_samples/rdf/test1.nt",
        "kgx_samples/rdf/test2.nt",
    ],
)
def test_every_real_triple_has_a_fate(name: str) -> None:
    path = real_file(name)
    read, accounted = fates(path)
    assert read == accounted == len(rdflib.Graph().parse(path))


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "nodes", "edges"),
    [
        ("hpoa_test.ttl", 12, 5),
        ("rdf/oban-test.nt", 14, 7),
        ("rdf/test1.nt", 2, 1),
        ("rdf/test2.nt", 4, 3),
        ("rdf/test3.nt", 7, 7),
    ],
)
def test_real_associations(name: str, nodes: int, edges: int) -> None:
    """Counted by hand in the files, which hold a dozen resources each; test3 repeats one triple."""
    columns = read_source("rdf", real_file(f"kgx_samples/{name}"))
    assert (columns.nodes.height, columns.edges.height) == (nodes, edges)
    assert columns.dropped.is_empty()


@pytest.mark.real
def test_real_gene_ontology_tells_its_kinds_of_term() -> None:
    columns = read_source("rdf", real_file("kgx_samples/goslim_generic.owl"))
    assert {name for names in types(columns).values() for name in names} == {
        "obo:biological_process",
        "obo:cellular_component",
        "obo:molecular_function",
    }
    known = {relation.spelling: relation for relation in columns.relations}
    assert known["BFO:0000050"].inverse == "BFO:0000051"


@pytest.mark.real
def test_three_forms_of_a_real_ontology_agree() -> None:
    """Disease Ontology's slim in OBO, OWL and JSON: one ontology, the same columns."""
    stem = "doid/DO_infectious_disease_slim"
    obo = read_source("obo", real_file(f"{stem}.obo"))
    owl = read_source("rdf", real_file(f"{stem}.owl"))
    graph = read_source("obograph", real_file(f"{stem}.json"))
    for other in (owl, graph):
        assert set(statements(other)) == set(statements(obo))
        assert types(other) == types(obo)
        assert names(other) == names(obo)
        assert definitions(other) == definitions(obo)
        assert identifiers(other, "alternative") == identifiers(obo, "alternative")
        assert identifiers(other, "xref") == identifiers(obo, "xref")
        assert other.sources == obo.sources


def test_options_name_a_syntax(tmp_path: Path) -> None:
    path = tmp_path / "facts.txt"
    path.write_text(FACTS, encoding="utf-8")
    options = RdfOptions(kind="rdf", path=str(path), syntax="turtle", name="mine")
    assert read_source("rdf", path, options).sources == (SourceInfo("mine"),)


def test_the_syntax_is_set_as_the_user_can_set_it(tmp_path: Path) -> None:
    for name, text in (("a.dat", "nothing"), ("a.ttl", "nothing at all"), ("a.rdf", "<a>")):
        (tmp_path / name).write_text(text, "utf-8")
        with pytest.raises(SourceError) as caught:
            read_source("rdf", tmp_path / name)
        assert "--set syntax=" in str(caught.value)
        assert "options." not in str(caught.value)
    with pytest.raises(SourceError, match="is a folder"):
        read_source("rdf", tmp_path / "")
