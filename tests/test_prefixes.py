"""One spelling for an identifier: Biolink's, and what the registry itself says is the oracle."""

from __future__ import annotations

import subprocess
import sys

import bioregistry
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgsynth.sources import prefixes
from kgsynth.sources.prefixes import (
    SETTLED,
    canonical_curie,
    canonical_prefix,
    curie_of_iri,
    is_registered,
)


@pytest.mark.parametrize(
    ("given_prefix", "canonical"),
    [
        ("mondo", "MONDO"),
        ("UMLS_CUI", "UMLS"),
        ("umls", "UMLS"),
        ("MSH", "MESH"),
        ("ncbigene", "NCBIGene"),
        ("EntrezGene", "NCBIGene"),
        ("HPO", "HP"),
        ("uniprot", "UniProtKB"),
        ("DrugBank", "DRUGBANK"),
        ("SNOMEDCT_US_2016_03_01", "SNOMEDCT"),
        ("snomedct", "SNOMEDCT"),
        ("pubmed", "PMID"),
        ("rxnorm", "RXCUI"),
        ("reactome", "REACT"),
        ("chembl.compound", "CHEMBL.COMPOUND"),
        ("pubchem.compound", "PUBCHEM.COMPOUND"),
        ("wormbase", "WB"),
        ("icd10cm", "ICD10CM"),
        ("Orphanet", "ORPHA"),
        ("ORDO", "ORPHA"),
        ("obo", "obo"),
        ("RDFS", "rdfs"),
        ("nobody.knows.it", "nobody.knows.it"),
        ("", ""),
    ],
)
def test_canonical_prefix(given_prefix: str, canonical: str) -> None:
    assert canonical_prefix(given_prefix) == canonical


def test_settled_prefixes_are_what_the_registry_makes_of_them() -> None:
    for prefix in sorted(SETTLED):
        registered = bioregistry.normalize_prefix(prefix)
        assert registered is not None
        assert prefixes._spelling(registered) == prefix


def test_every_canonical_prefix_stays_as_it_is() -> None:
    """Every synonym that the registry knows of a prefix gives one spelling, and it is a fixed
    point: an id that was canonical yesterday is canonical today."""
    for registered, resource in bioregistry.manager.registry.items():
        spelling = canonical_prefix(registered)
        assert canonical_prefix(spelling) == spelling
        for synonym in resource.get_synonyms():
            if bioregistry.normalize_prefix(synonym) == registered:
                assert canonical_prefix(synonym) == spelling


def test_no_two_registered_prefixes_share_a_spelling() -> None:
    spelled: dict[str, list[str]] = {}
    for registered in bioregistry.manager.registry:
        spelled.setdefault(canonical_prefix(registered), []).append(registered)
    shared = {spelling: names for spelling, names in spelled.items() if len(names) > 1}
    assert shared == {"ORPHA": ["orpha", "orphanet.ordo"]}


@pytest.mark.parametrize(
    ("text", "curie"),
    [
        ("doid:1612", "DOID:1612"),
        (" DOID: 1612 ", "DOID:1612"),
        ("GO:GO:0006915", "GO:0006915"),
        ("chebi:CHEBI:15365", "CHEBI:15365"),
        ("HGNC:HGNC:1100", "HGNC:1100"),
        ("ORDO:Orphanet_558", "ORPHA:558"),
        ("orphanet:558", "ORPHA:558"),
        ("https://bioregistry.io/mondo:0005090", "MONDO:0005090"),
        ("http://example.org/x", "http://example.org/x"),
        ("Disease::DOID:1612", "Disease::DOID:1612"),
        ("note: a remark", "note: a remark"),
        ("BRCA1", "BRCA1"),
        ("GO:GO:", "GO:GO:"),
        ("", ""),
    ],
)
def test_canonical_curie(text: str, curie: str) -> None:
    assert canonical_curie(text) == curie


@pytest.mark.parametrize(
    ("iri", "curie"),
    [
        ("http://purl.obolibrary.org/obo/DOID_1612", "DOID:1612"),
        ("https://purl.obolibrary.org/obo/RO_0002434", "RO:0002434"),
        ("http://purl.obolibrary.org/obo/UMLS_C0006142", "UMLS:C0006142"),
        ("http://purl.obolibrary.org/obo/doid#has_symptom", "obo:has_symptom"),
        ("http://purl.obolibrary.org/obo/doid.owl", "obo:doid.owl"),
        ("http://identifiers.org/umls/C0006142", "UMLS:C0006142"),
        ("https://identifiers.org/umls:C0006142", "UMLS:C0006142"),
        ("https://identifiers.org/MONDO:0005090", "MONDO:0005090"),
        ("https://bioregistry.io/ncbigene:672", "NCBIGene:672"),
        ("http://linkedlifedata.com/resource/umls/id/C0006142", "UMLS:C0006142"),
        ("http://purl.bioontology.org/ontology/STY/T047", "STY:T047"),
        ("http://snomed.info/id/22298006", "SNOMEDCT:22298006"),
        ("https://www.ncbi.nlm.nih.gov/gene/672", "NCBIGene:672"),
        ("http://www.orpha.net/ORDO/Orphanet_558", "ORPHA:558"),
        ("http://id.nlm.nih.gov/mesh/D001943", "MESH:D001943"),
        ("http://www.w3.org/2000/01/rdf-schema#subClassOf", "rdfs:subClassOf"),
        ("https://w3id.org/biolink/vocab/treats", "biolink:treats"),
        ("http://purl.obolibrary.org/obo/", None),
        ("http://example.org/breast-cancer", None),
        ("not an iri", None),
        ("", None),
    ],
)
def test_curie_of_iri(iri: str, curie: str | None) -> None:
    assert curie_of_iri(iri) == curie


@given(st.sampled_from(sorted(SETTLED)), st.from_regex(r"[A-Z]?[0-9]{1,8}", fullmatch=True))
def test_all_ways_of_writing_an_id_are_one(prefix: str, local: str) -> None:
    """The registry's own address of an id, and its own CURIE, lead back to ours."""
    curie = canonical_curie(f"{prefix}:{local}")
    assert canonical_curie(f"{prefix.lower()}:{local}") == curie
    assert canonical_curie(f"https://bioregistry.io/{prefix.lower()}:{local}") == curie
    iri = bioregistry.get_iri(prefix, local)
    if iri and bioregistry.curie_from_iri(iri) == bioregistry.normalize_curie(f"{prefix}:{local}"):
        assert curie_of_iri(iri) == curie


@given(st.text(max_size=30) | st.from_regex(r"(GO|doid|mim|http)[: _/]{0,3}\w{0,9}.{0,9}"))
def test_any_text_is_canonical_after_one_pass(text: str) -> None:
    once = canonical_curie(text)
    assert canonical_curie(once) == once


def test_unregistered_prefixes_are_told() -> None:
    assert is_registered("doid")
    assert not is_registered("note")


def test_common_prefixes_need_no_registry() -> None:
    """The registry takes a second to load; a graph of common prefixes does not wait for it."""
    check = (
        "import sys; from kgsynth.sources.prefixes import canonical_curie, curie_of_iri; "
        "assert canonical_curie('MONDO:0005090') == 'MONDO:0005090'; "
        "assert curie_of_iri('http://purl.obolibrary.org/obo/DOID_4') == 'DOID:4'; "
        "assert not {'bioregistry', 'curies'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", check], check=True)
