"""What relations and types are called, and how they are said: no spelling and no wording means
two things, and what a public graph calls a relation is written down here a second time.
"""

from __future__ import annotations

import csv
import re
import string
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from kgsynth.linking.matching import NameMatcher
from kgsynth.resources import locate
from kgsynth.verify.reading import Reader
from kgsynth.vocabulary import (
    Predicate,
    Resolved,
    Vocabulary,
    Wording,
    load_vocabulary,
    say,
    sentence,
)

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
REAL = pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not there")
VOCABULARY = load_vocabulary()
LANGUAGES = ("en", "es")
PREDICATES = list(VOCABULARY.predicates.values())


# --- relations ------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_relation_is_worded_both_ways(language: str) -> None:
    for predicate in PREDICATES:
        wording = predicate.wordings[language]
        assert all(t.startswith("{s} ") and t.endswith(" {o}") for t in wording.forward)
        assert all(t.startswith("{o} ") and t.endswith(" {s}") for t in wording.backward)
        assert wording.forward, predicate.name
        assert wording.backward, predicate.name


def wordings(language: str) -> list[tuple[str, str]]:
    """Return (what stands between the names, the relation and direction that it means)."""
    return [
        (
            template[3:-3].strip(),
            predicate.name if predicate.symmetric else f"{predicate.name} {way}",
        )
        for predicate in PREDICATES
        for way in ("forward", "backward")
        for template in getattr(predicate.wordings[language], way)
    ]


def shared(pairs: list[tuple[str, str]]) -> set[str]:
    meanings: dict[str, set[str]] = {}
    for words, meaning in pairs:
        meanings.setdefault(words, set()).add(meaning)
    return {words for words, of in meanings.items() if len(of) > 1}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_wording_means_two_things(language: str) -> None:
    assert shared(wordings(language)) == set()


def test_the_check_above_finds_a_shared_wording() -> None:
    assert shared([("blocks", "inhibits forward"), ("blocks", "excludes forward")]) == {"blocks"}


def test_a_symmetric_relation_says_the_same_both_ways() -> None:
    for predicate in PREDICATES:
        for language in LANGUAGES:
            wording = predicate.wordings[language]
            turned = {t.replace("{o}", "{x}").replace("{s}", "{o}").replace("{x}", "{s}")
                      for t in wording.backward}  # fmt: skip
            assert (turned == set(wording.forward)) == predicate.symmetric, predicate.name


def test_inverse_names_are_unique_and_no_relation_of_their_own() -> None:
    inverses = [p.inverse for p in PREDICATES if not p.symmetric]
    assert all(inverses)
    assert [name for name, count in Counter(inverses).items() if count > 1] == []
    assert set(inverses) & set(VOCABULARY.predicates) == set()
    assert all(p.inverse == p.name for p in PREDICATES if p.symmetric)


def test_curies_are_unique() -> None:
    counts = Counter(p.curie for p in PREDICATES)
    assert [curie for curie, count in counts.items() if count > 1] == []
    assert all(curie.count(":") == 1 for curie in counts)


def test_names_can_stand_in_a_table_and_in_a_build_file() -> None:
    allowed = set(string.ascii_lowercase + string.digits + "_")
    for name in (*VOCABULARY.predicates, *VOCABULARY.types):
        assert set(name) <= allowed, name


def both_ways(language: str) -> Iterator[tuple[str, bool, str]]:
    """Yield (relation, whether the subject leads, a sentence) for every wording there is."""
    for predicate in PREDICATES:
        for forward in (True, False):
            for template in predicate.wording(language).templates(forward):
                yield predicate.name, forward, sentence(say(template, "Xanthor", "Zebrum"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_checker_reads_every_wording_as_the_relation_that_it_words(language: str) -> None:
    """One wording may stand inside another; the longest must win, whichever way it runs."""
    names = NameMatcher([("Xanthor", "X:1"), ("Zebrum", "Z:1")])
    reader = Reader(VOCABULARY, language)
    for name, forward, text in both_ways(language):
        (clause,) = reader.read(text, names, {"X:1", "Z:1"})
        (reading,) = clause.readings
        symmetric = VOCABULARY.predicates[name].symmetric
        meant = {(name, forward), (name, not forward)} if symmetric else {(name, forward)}
        assert reading.clean, text
        assert not clause.unread, text
        assert set(reading.meanings) == meant, text


def test_a_relation_that_is_not_listed_is_said_by_its_own_name() -> None:
    unknown = VOCABULARY.predicate("binds_to")
    assert (unknown.kind, unknown.family) == ("associative", "binds_to")
    wording = unknown.wording("en")
    assert say(wording.templates(True)[0], "a", "b") == "a binds to b"
    assert say(wording.templates(False)[0], "b", "a") == "b is the object of binds to by a"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("umls:has_foo", "a has foo b"),
        ("biolink:glows_near", "a glows near b"),
        ("RO:0009999", "a RO:0009999 b"),
        ("x:", "a x: b"),
        ("12:30", "a 12:30 b"),
    ],
)
def test_the_prefix_of_an_unlisted_name_is_not_said(name: str, said: str) -> None:
    template = VOCABULARY.predicate(name).wording("es").forward[0]
    assert say(template, "a", "b") == said


@pytest.mark.parametrize("name", ["a {o} b", "}{", "{s}", "x{y"])
def test_an_unlisted_name_with_braces_is_still_words(name: str) -> None:
    template = VOCABULARY.predicate(name).wording("en").forward[0]
    assert say(template, "A", "B") == f"A {name} B"


@pytest.mark.parametrize(
    ("forward", "backward"),
    [
        (["{o} treats {s}"], ["{o} is treated with {s}"]),
        (["{s} treats {o}"], ["{s} is treated with {o}"]),
        (["treats {o}"], ["{o} is treated with {s}"]),
        (["{s} treats {o}."], ["{o} is treated with {s}"]),
        ([], ["{o} is treated with {s}"]),
        (["{s} treats {o}"], []),
    ],
)
def test_a_wording_in_the_wrong_direction_is_no_wording(
    forward: list[str], backward: list[str]
) -> None:
    Wording.model_validate({"forward": ["{s} treats {o}"], "backward": ["{o} needs {s}"]})
    with pytest.raises(ValidationError):
        Wording.model_validate({"forward": forward, "backward": backward})


# --- spellings --------------------------------------------------------------------------------

# "name" or, where the source tells the fact the other way round, "<name".
PRIMEKG = {
    "anatomy_protein_present": "<expressed_in",
    "drug_drug": "interacts_with",
    "protein_protein": "interacts_with",
    "disease_phenotype_positive": "has_symptom",
    "bioprocess_protein": "<participates_in",
    "cellcomp_protein": "location_of",
    "disease_protein": "associated_with",
    "molfunc_protein": "<enables",
    "drug_effect": "has_side_effect",
    "bioprocess_bioprocess": "hierarchically_related",
    "pathway_protein": "<participates_in",
    "disease_disease": "hierarchically_related",
    "contraindication": "contraindicated_in",
    "drug_protein": "interacts_with",
    "anatomy_protein_absent": "<not_expressed_in",
    "phenotype_phenotype": "hierarchically_related",
    "anatomy_anatomy": "hierarchically_related",
    "molfunc_molfunc": "hierarchically_related",
    "indication": "treats",
    "cellcomp_cellcomp": "hierarchically_related",
    "phenotype_protein": "associated_with",
    "off-label use": "used_off_label_for",
    "pathway_pathway": "hierarchically_related",
    "exposure_disease": "associated_with",
    "exposure_exposure": "hierarchically_related",
    "exposure_bioprocess": "interacts_with",
    "exposure_protein": "interacts_with",
    "disease_phenotype_negative": "not_has_symptom",
    "exposure_molfunc": "interacts_with",
    "exposure_cellcomp": "interacts_with",
}
HETIONET = {
    "AdG": "<downregulated_in",
    "AeG": "<expressed_in",
    "AuG": "<upregulated_in",
    "CbG": "binds",
    "CcSE": "has_side_effect",
    "CdG": "downregulates",
    "CpD": "palliates",
    "CrC": "chemically_similar_to",
    "CtD": "treats",
    "CuG": "upregulates",
    "DaG": "associated_with",
    "DdG": "<downregulated_in",
    "DlA": "affects_site",
    "DpS": "has_symptom",
    "DrD": "similar_to",
    "DuG": "<upregulated_in",
    "GcG": "covaries_with",
    "GiG": "interacts_with",
    "GpBP": "participates_in",
    "GpCC": "<location_of",
    "GpMF": "enables",
    "GpPW": "participates_in",
    "Gr>G": "regulates",
    "PCiC": "<member_of",
}
OWN_NAME_IN_SEMANTIC_NETWORK = """
physically_related_to part_of/has_part contains/contained_in location_of/has_location
temporally_related_to precedes/follows functionally_related_to process_of/has_process
carries_out/carried_out_by interacts_with practices/practiced_by produces/produced_by
exhibits/exhibited_by disrupts/disrupted_by causes/caused_by prevents/prevented_by
affects/affected_by occurs_in/has_occurrence manages/managed_by treats/treated_by uses/used_by
indicates/indicated_by result_of/has_result conceptually_related_to property_of/has_property
conceptual_part_of/has_conceptual_part evaluation_of/has_evaluation measures/measured_by
assesses_effect_of/assessed_for_effect_by issue_in/has_issue associated_with
consists_of/constitutes adjacent_to connected_to interconnects/interconnected_by
surrounds/surrounded_by traverses/traversed_by derivative_of/has_derivative
developmental_form_of/has_developmental_form degree_of/has_degree measurement_of/has_measurement
method_of/has_method brings_about/brought_about_by performs/performed_by spatially_related_to
analyzes/analyzed_by branch_of/has_branch tributary_of/has_tributary ingredient_of/has_ingredient
"""
SEMANTIC_NETWORK = {
    **{pair: pair.partition("/")[0] for pair in OWN_NAME_IN_SEMANTIC_NETWORK.split()},
    "isa/inverse_isa": "is_a",
    "co-occurs_with": "co_occurs_with",
    "complicates/complicated_by": "<leads_to",
    "manifestation_of/has_manifestation": "<has_symptom",
    "diagnoses/diagnosed_by": "diagnostic_of",
}
"""The relations of the UMLS semantic network, each with its inverse unless it is its own."""
REL = {
    "CHD": "is_a",
    "PAR": "<is_a",
    "RN": "narrower_than",
    "RB": "<narrower_than",
    "SIB": "sibling_of",
    "SY": "same_as",
    "RQ": "possibly_same_as",
    "RL": "close_match",
    "RO": "related_to",
    "RU": "related_to",
    "AQ": "qualifier_of",
    "QB": "<qualifier_of",
    "XR": "no_mapping_to",
    "DEL": "deleted_concept_of",
    "SUBX": "removed_from_subset_of",
}
"""The REL codes, as a row is read from CUI2 to CUI1."""
RELA = """
isa/inverse_isa part_of/has_part may_treat/may_be_treated_by may_prevent/may_be_prevented_by
may_diagnose/may_be_diagnosed_by contraindicated_with_disease/has_contraindicated_drug
has_contraindicated_class/contraindicated_class_of ingredient_of/has_ingredient
ingredients_of/has_ingredients active_ingredient_of/has_active_ingredient
precise_ingredient_of/has_precise_ingredient active_moiety_of/has_active_moiety
precise_active_ingredient_of/has_precise_active_ingredient
inactive_ingredient_of/has_inactive_ingredient active_metabolites_of/has_active_metabolites
dose_form_of/has_dose_form doseformgroup_of/has_doseformgroup tradename_of/has_tradename
consists_of/constitutes contains/contained_in form_of/has_form
quantified_form_of/has_quantified_form has_salt_form/has_free_acid_or_base_form
is_modification_of/has_modification mechanism_of_action_of/has_mechanism_of_action
physiologic_effect_of/has_physiologic_effect
chemical_or_drug_has_mechanism_of_action/is_mechanism_of_action_of_chemical_or_drug
chemical_or_drug_has_physiologic_effect/is_physiologic_effect_of_chemical_or_drug
has_therapeutic_class/therapeutic_class_of has_pharmacokinetics/pharmacokinetics_of
induces/induced_by may_inhibit_effect_of/effect_may_be_inhibited_by has_target/is_target
enzyme_metabolizes_chemical_or_drug/chemical_or_drug_is_metabolized_by_enzyme
chemical_or_drug_affects_gene_product/gene_product_affected_by_chemical_or_drug
chemical_or_drug_affects_cell_type_or_tissue/cell_type_or_tissue_affected_by_chemical_or_drug
chemotherapy_regimen_has_component/is_component_of_chemotherapy_regimen
regimen_has_accepted_use_for_disease/disease_has_accepted_treatment_with_regimen
finding_site_of/has_finding_site causative_agent_of/has_causative_agent
associated_morphology_of/has_associated_morphology due_to/cause_of occurs_in/has_occurrence
pathological_process_of/has_pathological_process interprets/is_interpreted_by
interpretation_of/has_interpretation clinical_course_of/has_clinical_course course_of/has_course
onset_of/has_onset severity_of/has_severity episodicity_of/has_episodicity
laterality_of/has_laterality priority_of/has_priority
definitional_manifestation_of/has_definitional_manifestation manifestation_of/has_manifestation
sign_or_symptom_of/has_sign_or_symptom phenotype_of/has_phenotype
temporally_follows/temporally_followed_by occurs_after/occurs_before before/after
during/inverse_during happens_during/inverse_happens_during ends_during/inverse_ends_during
plays_role/role_played_by has_disposition/disposition_of inheres_in/has_inherent_attribute
realization_of/has_realization characterizes/characterized_by process_acts_on/acted_on_by_process
process_output_of/has_process_output inheritance_type_of/has_inheritance_type
risk_factor_of/has_risk_factor method_of/has_method procedure_site_of/has_procedure_site
direct_procedure_site_of/has_direct_procedure_site
indirect_procedure_site_of/has_indirect_procedure_site direct_morphology_of/has_direct_morphology
indirect_morphology_of/has_indirect_morphology procedure_morphology_of/has_procedure_morphology
direct_device_of/has_direct_device indirect_device_of/has_indirect_device
procedure_device_of/has_procedure_device direct_substance_of/has_direct_substance
uses_device/device_used_by uses_access_device/access_device_used_by uses_substance/substance_used_by
uses_energy/energy_used_by access_instrument_of/has_access_instrument
instrumentation_of/has_instrumentation access_of/has_access approach_of/has_approach
surgical_approach_of/has_surgical_approach route_of_administration_of/has_route_of_administration
intent_of/has_intent focus_of/has_focus component_of/has_component
measured_component_of/has_measured_component measures/measured_by
associated_finding_of/has_associated_finding associated_procedure_of/has_associated_procedure
associated_function_of/has_associated_function
associated_etiologic_finding_of/has_associated_etiologic_finding
finding_method_of/has_finding_method finding_informer_of/has_finding_informer
finding_context_of/has_finding_context procedure_context_of/has_procedure_context
temporal_context_of/has_temporal_context revision_status_of/has_revision_status
subject_relationship_context_of/has_subject_relationship_context dependent_of/has_dependent
specimen_of/has_specimen specimen_procedure_of/has_specimen_procedure
specimen_source_identity_of/has_specimen_source_identity
specimen_source_morphology_of/has_specimen_source_morphology
specimen_source_topography_of/has_specimen_source_topography
specimen_substance_of/has_specimen_substance
procedure_has_target_anatomy/target_anatomy_has_procedure
procedure_has_excised_anatomy/excised_anatomy_has_procedure
procedure_has_completely_excised_anatomy/completely_excised_anatomy_has_procedure
procedure_has_partially_excised_anatomy/partially_excised_anatomy_has_procedure
procedure_has_imaged_anatomy/imaged_anatomy_has_procedure
gene_encodes_gene_product/gene_product_encoded_by_gene
gene_product_expressed_in_tissue/tissue_is_expression_site_of_gene_product
gene_product_has_associated_anatomy/is_associated_anatomy_of_gene_product
gene_product_has_biochemical_function/is_biochemical_function_of_gene_product
gene_product_has_chemical_classification/is_chemical_classification_of_gene_product
gene_product_has_organism_source/is_organism_source_of_gene_product
gene_product_has_structural_domain_or_motif/is_structural_domain_or_motif_of_gene_product
gene_product_is_element_in_pathway/has_gene_product_element
gene_product_is_physical_part_of/complex_has_physical_part
gene_product_is_biomarker_of/is_marked_by_gene_product
gene_product_plays_role_in_biological_process/biological_process_involves_gene_product
gene_product_malfunction_associated_with_disease/associated_with_malfunction_of_gene_product
gene_associated_with_disease/disease_has_associated_gene
gene_involved_in_pathogenesis_of_disease/pathogenesis_of_disease_involves_gene
gene_is_element_in_pathway/pathway_has_gene_element gene_plays_role_in_process/process_involves_gene
gene_found_in_organism/organism_has_gene gene_mapped_to_disease/disease_mapped_to_gene
chromosome_mapped_to_disease/disease_mapped_to_chromosome
gene_has_abnormality/is_abnormality_of_gene
gene_in_chromosomal_location/is_chromosomal_location_of_gene
gene_has_physical_location/is_physical_location_of_gene
gene_involved_in_molecular_abnormality/molecular_abnormality_involves_gene
allele_has_abnormality/abnormality_associated_with_allele
allele_in_chromosomal_location/chromosomal_location_of_allele
allele_plays_altered_role_in_process/process_altered_by_allele
biological_process_has_result_anatomy/anatomy_originated_from_biological_process
biological_process_is_part_of_process/process_includes_biological_process
biological_process_has_initiator_process/process_initiates_biological_process
biological_process_has_associated_location/is_location_of_biological_process
anatomic_structure_is_physical_part_of/has_physical_part_of_anatomic_structure
anatomic_structure_has_location/is_location_of_anatomic_structure
disease_has_finding/is_finding_of_disease disease_may_have_finding/may_be_finding_of_disease
disease_excludes_finding/is_not_finding_of_disease
disease_has_abnormal_cell/is_abnormal_cell_of_disease
disease_may_have_abnormal_cell/may_be_abnormal_cell_of_disease
disease_excludes_abnormal_cell/is_not_abnormal_cell_of_disease
disease_has_cytogenetic_abnormality/is_cytogenetic_abnormality_of_disease
disease_may_have_cytogenetic_abnormality/may_be_cytogenetic_abnormality_of_disease
disease_excludes_cytogenetic_abnormality/is_not_cytogenetic_abnormality_of_disease
disease_has_molecular_abnormality/is_molecular_abnormality_of_disease
disease_may_have_molecular_abnormality/may_be_molecular_abnormality_of_disease
disease_excludes_molecular_abnormality/is_not_molecular_abnormality_of_disease
disease_has_primary_anatomic_site/is_primary_anatomic_site_of_disease
disease_excludes_primary_anatomic_site/is_not_primary_anatomic_site_of_disease
disease_has_metastatic_anatomic_site/is_metastatic_anatomic_site_of_disease
disease_excludes_metastatic_anatomic_site/is_not_metastatic_anatomic_site_of_disease
disease_has_normal_cell_origin/is_normal_cell_origin_of_disease
disease_excludes_normal_cell_origin/is_not_normal_cell_origin_of_disease
disease_has_normal_tissue_origin/is_normal_tissue_origin_of_disease
disease_excludes_normal_tissue_origin/is_not_normal_tissue_origin_of_disease
disease_has_associated_disease/is_associated_disease_of
disease_may_have_associated_disease/may_be_associated_disease_of_disease
disease_has_associated_anatomic_site/is_associated_anatomic_site_of
disease_is_grade/is_grade_of_disease disease_is_stage/is_stage_of_disease
approach_of_excluded/has_excluded_approach component_of_excluded/has_excluded_component
specimen_of_excluded/has_excluded_specimen substance_used_by_excluded/uses_excluded_substance
regulates/regulated_by positively_regulates/positively_regulated_by
negatively_regulates/negatively_regulated_by develops_from/develops_into derives_from/derives
constitutional_part_of/has_constitutional_part regional_part_of/has_regional_part
branch_of/has_branch tributary_of/has_tributary arterial_supply_of/has_arterial_supply
nerve_supply_of/has_nerve_supply venous_drainage_of/has_venous_drainage
lymphatic_drainage_of/has_lymphatic_drainage drains_into/receives_drainage_from
attaches_to/receives_attachment_from projects_to/projects_from bounds/bounded_by
anterior_to/posterior_to superior_to/inferior_to lateral_to/medial_to proximal_to/distal_to
member_of/has_member includes/included_in location_of/has_location mapped_to/mapped_from
primary_mapped_to/primary_mapped_from replaces/replaced_by moved_to/moved_from was_a/inverse_was_a
alternative_of/has_alternative refers_to/referred_to_by concept_in_subset/subset_includes_concept
classified_as/classifies may_qualify/may_be_qualified_by permuted_term_of/has_permuted_term
expanded_form_of/has_expanded_form translation_of/has_translation british_form_of/has_british_form
entry_version_of/has_entry_version
"""
SYMMETRIC_RELA = """
associated_with clinically_associated_with co-occurs_with same_as possibly_equivalent_to related_to
adjacent_to continuous_with articulates_with interacts_with ddx clinically_similar
do_not_code_with
"""
ONTOLOGIES = {
    "rdfs:subClassOf": "is_a",
    "obo:is_a": "is_a",
    "rdf:type": "instance_of",
    "rdfs:subPropertyOf": "subproperty_of",
    "owl:equivalentClass": "same_as",
    "owl:sameAs": "same_as",
    "owl:disjointWith": "disjoint_with",
    "skos:exactMatch": "same_as",
    "skos:closeMatch": "close_match",
    "skos:broadMatch": "broad_match",
    "skos:narrowMatch": "<broad_match",
    "skos:broader": "narrower_than",
    "skos:narrower": "<narrower_than",
    "skos:related": "related_to",
    "BFO:0000050": "part_of",
    "BFO:0000051": "<part_of",
    "BFO:0000062": "<precedes",
    "BFO:0000063": "precedes",
    "BFO:0000066": "occurs_in",
    "RO:0000052": "property_of",
    "RO:0000053": "<property_of",
    "RO:0000056": "participates_in",
    "RO:0000057": "<participates_in",
    "RO:0000087": "has_role",
    "RO:0000091": "has_disposition",
    "RO:0001000": "derives_from",
    "RO:0001015": "location_of",
    "RO:0001020": "<has_allergic_trigger",
    "RO:0001022": "has_allergic_trigger",
    "RO:0001025": "<location_of",
    "RO:0002131": "overlaps",
    "RO:0002161": "not_in_taxon",
    "RO:0002162": "in_taxon",
    "RO:0002200": "has_symptom",
    "RO:0002202": "develops_from",
    "RO:0002203": "<develops_from",
    "RO:0002204": "<encodes",
    "RO:0002206": "expressed_in",
    "RO:0002211": "regulates",
    "RO:0002212": "negatively_regulates",
    "RO:0002213": "positively_regulates",
    "RO:0002215": "capable_of",
    "RO:0002233": "has_input",
    "RO:0002292": "<expressed_in",
    "RO:0002326": "contributes_to",
    "RO:0002327": "enables",
    "RO:0002331": "participates_in",
    "RO:0002350": "member_of",
    "RO:0002351": "<member_of",
    "RO:0002434": "interacts_with",
    "RO:0002436": "directly_physically_interacts_with",
    "RO:0002451": "<transmits",
    "RO:0002452": "has_symptom",
    "RO:0003302": "contributes_to",
    "RO:0003303": "causes",
    "RO:0003304": "contributes_to",
    "RO:0004019": "disease_has_basis_in",
    "RO:0004026": "affects_site",
    "RO:0009501": "realized_in_response_to",
    "RO:HOM0000017": "orthologous_to",
    "IDO:0000664": "has_material_basis_in",
    "obo:part_of": "part_of",
    "obo:has_part": "<part_of",
    "obo:has_material_basis_in": "has_material_basis_in",
    "obo:located_in": "<location_of",
    "obo:has_symptom": "has_symptom",
    "obo:transmitted_by": "<transmits",
    "obo:derives_from": "derives_from",
    "obo:composed_of": "consists_of",
    "obo:results_in": "<result_of",
    "obo:results_in_formation_of": "results_in_formation_of",
    "obo:inheres_in": "property_of",
    "obo:occurs_with": "co_occurs_with",
    "obo:complicated_by": "leads_to",
    "obo:has_quality": "<property_of",
    "biolink:subclass_of": "is_a",
    "biolink:superclass_of": "<is_a",
    "biolink:related_to": "related_to",
    "biolink:has_phenotype": "has_symptom",
    "biolink:phenotype_of": "<has_symptom",
    "biolink:treats": "treats",
    "biolink:treated_by": "<treats",
    "biolink:affects": "affects",
    "biolink:contributes_to": "contributes_to",
    "biolink:same_as": "same_as",
    "biolink:exact_match": "same_as",
    "biolink:located_in": "<location_of",
    "biolink:has_part": "<part_of",
    "biolink:gene_associated_with_condition": "gene_associated_with_disease",
    "biolink:has_gene_product": "encodes",
    "biolink:lacks_part": "<not_part_of",
    "biolink:missing_from": "not_part_of",
    "biolink:contraindicated_in": "contraindicated_in",
    "biolink:preventative_for_condition": "prevents",
    "biolink:predisposes_to_condition": "risk_factor_for",
    "not biolink:has_phenotype": "not_has_symptom",
    "not biolink:phenotype_of": "<not_has_symptom",
    "not biolink:treats": "not_treats",
    "not biolink:has_part": "<not_part_of",
}
BARE = {
    "treats": "treats",
    "TREATS": "treats",
    "Side Effect Of": "<has_side_effect",
    "interacts with": "interacts_with",
    "co-occurs-with": "co_occurs_with",
    "not_treats": "not_treats",
    "not_treated_by": "<not_treats",
    "not expressed in": "not_expressed_in",
    "finding_site_of": "<affects_site",
    "resembles": "similar_to",
}


def told(namespace: str, meanings: dict[str, str]) -> list[tuple[str, Resolved]]:
    """Return what each spelling of a namespace must mean."""
    return [
        (namespace + spelling, Resolved(name.removeprefix("<"), name.startswith("<"), known=True))
        for spelling, name in meanings.items()
    ]


def network(namespace: str) -> list[tuple[str, Resolved]]:
    """Return what both names of each relation of the semantic network must mean."""
    meant = []
    for pair, name in SEMANTIC_NETWORK.items():
        spelling, _, inverse = pair.partition("/")
        ((_, forward),) = told("", {pair: name})
        meant.append((namespace + spelling, forward))
        if inverse:
            meant.append((namespace + inverse, forward._replace(turned=not forward.turned)))
    return meant


SPELLED = [
    *told("primekg:", PRIMEKG),
    *told("hetionet:", HETIONET),
    *network("umls:"),
    *network(""),
    *told("umls:", REL),
    *told("", ONTOLOGIES),
    *told("", BARE),
]


@pytest.mark.parametrize(("spelling", "meaning"), SPELLED, ids=[s for s, _ in SPELLED])
def test_what_a_public_graph_calls_a_relation(spelling: str, meaning: Resolved) -> None:
    assert VOCABULARY.resolve(spelling) == meaning
    assert VOCABULARY.predicate(meaning.name).wording("en").forward


def test_the_lists_above_are_whole() -> None:
    assert (len(PRIMEKG), len(HETIONET), len(SEMANTIC_NETWORK)) == (30, 24, 54)
    assert len(RELA.split()) >= 150


@pytest.mark.parametrize("pair", RELA.split())
def test_the_two_names_of_a_umls_relation_mean_the_fact_and_its_inverse(pair: str) -> None:
    one, other = (VOCABULARY.resolve(f"umls:{name}") for name in pair.split("/"))
    assert one.known
    assert one.name == other.name
    assert one.turned != other.turned
    assert not VOCABULARY.predicates[one.name].symmetric


@pytest.mark.parametrize("rela", SYMMETRIC_RELA.split())
def test_a_umls_relation_that_is_its_own_inverse_is_symmetric(rela: str) -> None:
    assert VOCABULARY.predicates[VOCABULARY.resolve(f"umls:{rela}").name].symmetric


@pytest.mark.parametrize(
    ("subject", "rela", "obj", "said"),
    [
        ("bisacodyl", "may_treat", "constipation", "bisacodyl may treat constipation"),
        ("constipation", "may_be_treated_by", "bisacodyl", "bisacodyl may treat constipation"),
        ("succimer", "isa", "antidote", "succimer is a kind of antidote"),
        ("skin", "finding_site_of", "melanoma", "melanoma affects skin"),
        ("drug A", "contraindicated_with_disease", "B", "drug A is contraindicated in B"),
        ("A", "due_to", "B", "B causes A"),
        ("A", "disease_excludes_finding", "B", "A is a disease without the finding of B"),
        ("A", "isnt", "B", "A isnt B"),
    ],
)
def test_a_row_of_mrrel_reads_as_it_is_meant(subject: str, rela: str, obj: str, said: str) -> None:
    """A reader of the UMLS tells a row from CUI2 to CUI1."""
    name, turned, _ = VOCABULARY.resolve(f"umls:{rela}")
    ends = (obj, subject) if turned else (subject, obj)
    assert say(VOCABULARY.predicate(name).wording("en").forward[0], *ends) == said


def twice(spelled: Iterable[str]) -> list[str]:
    return [spelling for spelling, count in Counter(spelled).items() if count > 1]


def test_no_spelling_stands_twice() -> None:
    spelled = [spelling for p in PREDICATES for spelling, _ in p.spelled()]
    assert twice(spelled) == []
    assert twice([*spelled, "umls:may_treat"]) == ["umls:may_treat"]


def test_a_relation_is_found_by_each_of_its_spellings() -> None:
    for predicate in PREDICATES:
        for spelling, turned in predicate.spelled():
            assert VOCABULARY.resolve(spelling) == (predicate.name, turned, True)
        assert not (predicate.symmetric and predicate.inverse_spellings), predicate.name


@pytest.mark.parametrize(
    "spelling", ["umls:has_foo", "PAR", "CHD", "biolink:foo", "foo:treats", "glows_near", ""]
)
def test_an_unknown_spelling_is_kept_as_it_is(spelling: str) -> None:
    assert VOCABULARY.resolve(spelling) == (spelling, False, False)


def test_a_plain_word_means_what_is_listed_before_what_the_umls_calls_so() -> None:
    fields = {"curie": "x:1", "inverse": "was_seen_by", "family": "seeing"}
    one = Predicate.model_validate({"name": "sees", "spellings": ["umls:spots"], **fields})
    other = Predicate.model_validate({"name": "spots", **fields, "inverse": "spotted_by"})
    small = Vocabulary(predicates={"sees": one, "spots": other}, types={})
    assert small.resolve("umls:spots").name == "sees"
    assert small.resolve("spots").name == "spots"


@given(st.text())
def test_any_text_is_resolved(spelling: str) -> None:
    meant = VOCABULARY.resolve(spelling)
    assert VOCABULARY.predicate(meant.name).wording("en").forward
    assert VOCABULARY.type_name(VOCABULARY.type_name(spelling)) == VOCABULARY.type_name(spelling)


# --- kinds ------------------------------------------------------------------------------------

NEGATIVE = """
contraindicated_in inactive_against excludes has_contraindicated_class
has_contraindicated_mechanism_of_action has_contraindicated_physiologic_effect
disease_excludes_finding disease_excludes_abnormal_cell disease_excludes_cytogenetic_abnormality
disease_excludes_molecular_abnormality disease_excludes_primary_anatomic_site
disease_excludes_metastatic_anatomic_site disease_excludes_normal_cell_origin
disease_excludes_normal_tissue_origin not_has_symptom not_expressed_in not_part_of not_in_taxon
disjoint_with excludes_by_definition allele_absent_from_location not_has_completed
"""
HIERARCHICAL = """
is_a part_of conceptual_part_of member_of instance_of narrower_than has_therapeutic_class
has_chemical_classification has_biomarker_type plasma_membrane_part_of
"""
STRUCTURAL = """
hierarchically_related sibling_of same_as possibly_same_as close_match broad_match no_mapping_to
mapped_to cross_reference_of refers_to mentions contributor_to has_evidence qualifier_of
attribute_value_of product_attribute_of drug_form_of tradename_of in_subset classified_as replaces
moved_to was_a alternative_of name_form_of version_of subproperty_of inverse_relation_of
deleted_concept_of removed_from_subset_of possibly_includes not_coded_with add_on_code_for
diagnostic_criteria_of answer_to
"""


@pytest.mark.parametrize(
    ("kind", "names"),
    [("negative", NEGATIVE), ("hierarchical", HIERARCHICAL), ("structural", STRUCTURAL)],
)
def test_what_is_no_plain_fact_is_marked(kind: str, names: str) -> None:
    assert {p.name for p in PREDICATES if p.kind == kind} == set(names.split())


def test_a_hierarchy_has_a_direction() -> None:
    assert [p.name for p in PREDICATES if p.kind == "hierarchical" and p.symmetric] == []


def test_a_denial_shares_the_family_of_what_it_denies() -> None:
    """Else a statement that denies could not prove a wrong option wrong."""
    for predicate in PREDICATES:
        for name in predicate.contradicts:
            denying = VOCABULARY.predicates[name]
            assert denying.family == predicate.family, predicate.name
    assert {"not_has_symptom", "excludes"} <= set(VOCABULARY.predicates["has_symptom"].contradicts)


def test_only_what_was_computed_for_all_pairs_is_complete() -> None:
    complete = {p.name: p.complete_in for p in PREDICATES if p.complete_in}
    assert complete == {"similar_to": ("hetionet",), "chemically_similar_to": ("hetionet",)}


# --- denials ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spelling", "name", "english", "spanish"),
    [
        ("not biolink:treats", "not_treats", "A does not treat B", "A no trata B"),
        ("not causes", "not_causes", "A does not cause B", "A no causa B"),
        ("not umls:may_treat", "not_may_treat", "A cannot treat B", "A no puede tratar B"),
        ("not biolink:has_phenotype", "not_has_symptom", "A does not present with B",
         "A no se presenta con B"),
        ("not primekg:contraindication", "not_contraindicated_in", "A is not contraindicated in B",
         "A no se desaconseja en B"),
        ("not biolink:binds", "not_binds", "A does not bind to B", "A no se une a B"),
    ],
)  # fmt: skip
def test_a_relation_that_a_source_denies_is_negative(
    spelling: str, name: str, english: str, spanish: str
) -> None:
    assert VOCABULARY.resolve(spelling) == (name, False, True)
    denying = VOCABULARY.predicate(name)
    assert (denying.name, denying.kind) == (name, "negative")
    assert denying.family == VOCABULARY.predicate(name.removeprefix("not_")).family
    assert say(denying.wording("en").forward[0], "A", "B") == english
    assert say(denying.wording("es").forward[0], "A", "B") == spanish


def test_what_denies_a_denial_says_the_thing_itself() -> None:
    assert VOCABULARY.resolve("not primekg:disease_phenotype_negative").name == "has_symptom"
    assert VOCABULARY.resolve("not not treats") == ("treats", False, True)
    assert VOCABULARY.resolve("not " * 4001 + "treats") == ("not_treats", False, True)
    assert VOCABULARY.predicate("not_" * 4001 + "treats").kind == "negative"


def test_an_unknown_relation_that_is_denied_is_still_denied() -> None:
    name, turned, known = VOCABULARY.resolve("not umls:has_foo")
    assert (name, turned, known) == ("not_umls:has_foo", False, False)
    denying = VOCABULARY.predicate(name)
    assert (denying.kind, denying.family) == ("negative", "umls:has_foo")
    said = [say(t, "A", "B") for t in denying.wording("en").forward]
    assert said == ["A is known not to be joined by has foo to B"]


def test_a_symmetric_relation_is_denied_both_ways() -> None:
    denying = VOCABULARY.predicate("not_interacts_with")
    assert denying.symmetric
    assert denying.wording("en").backward == ("{o} does not interact with {s}",)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_denial_is_worded_in_words_that_no_other_relation_has(language: str) -> None:
    derived = [p.denial() for p in PREDICATES if f"not_{p.name}" not in VOCABULARY.predicates]
    said = [
        (template[3:-3].strip(), p.name if p.symmetric else f"{p.name} {forward}")
        for p in derived
        for forward in (True, False)
        for template in p.wording(language).templates(forward)
    ]
    assert shared([*wordings(language), *said]) == set()


@pytest.mark.parametrize("name", ["not_treats", "not_may_treat", "not_binds", "not_umls:has_foo"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_checker_reads_a_denied_relation_where_it_is_cited(name: str, language: str) -> None:
    names = NameMatcher([("Xanthor", "X:1"), ("Zebrum", "Z:1")])
    template = VOCABULARY.predicate(name).wording(language).forward[0]
    text = sentence(say(template, "Xanthor", "Zebrum"))
    (cited,) = Reader(VOCABULARY, language, [name]).read(text, names, {"X:1", "Z:1"})
    assert (name, True) in cited.readings[0].meanings
    assert cited.readings[0].clean
    (uncited,) = Reader(VOCABULARY, language).read(text, names, {"X:1", "Z:1"})
    assert not any(reading.clean for reading in uncited.readings)


# --- the files ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["predicates.yaml", "semantic_types.yaml"])
def test_the_slow_loader_reads_the_same(name: str) -> None:
    """Where libyaml is missing the plain loader stands in."""
    text = locate(f"ontologies/{name}").read_text("utf-8")
    assert yaml.load(text, Loader=yaml.CSafeLoader) == yaml.safe_load(text)


@pytest.mark.real
@REAL
def test_every_relation_of_the_reference_tables_is_known() -> None:
    def rows(name: str) -> list[dict[str, str]]:
        with (DATA / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file, delimiter="\t"))

    primekg = {r["relation"] for r in rows("reference/primekg_relations.tsv")}
    assert primekg == PRIMEKG.keys()
    assert {r["abbreviation"] for r in rows("hetionet/metaedges.tsv")} == HETIONET.keys()
    meant = dict(network("umls:"))
    semantic_network = rows("reference/umls_semantic_relations.tsv")
    assert len(semantic_network) == len(SEMANTIC_NETWORK)
    for row in semantic_network:
        forward, inverse = meant[f"umls:{row['relation']}"], meant[f"umls:{row['inverse']}"]
        symmetric = VOCABULARY.predicates[forward.name].symmetric
        assert forward.name == inverse.name
        assert symmetric == (row["relation"] == row["inverse"])
        assert symmetric or forward.turned != inverse.turned


# --- types ------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_type_has_its_nouns(language: str) -> None:
    for semantic_type, nouns in VOCABULARY.types.items():
        noun = nouns[language]
        assert all(noun.model_dump().values()), semantic_type
        assert noun.some.split()[0] in {"en": ("a", "an"), "es": ("un", "una")}[language]
        assert noun.some.endswith(noun.noun)
        assert noun.that.endswith(noun.noun)
        assert noun.which.endswith(noun.plural)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_types_are_spoken_of_alike(language: str) -> None:
    nouns = Counter(of[language].noun for of in VOCABULARY.types.values())
    assert [noun for noun, count in nouns.items() if count > 1] == []


def test_a_type_that_is_not_listed_is_spoken_of_by_its_own_name() -> None:
    assert VOCABULARY.noun("hair_style", "en").some == "a concept of type hair style"
    assert VOCABULARY.noun("umls:T999", "en").some == "a concept of type T999"
    assert VOCABULARY.noun("obo:hair_style", "en").noun == "hair style"


TUIS = {
    "ACTI": "T051 T052 T053 T054 T055 T056 T057 T064 T066",
    "ANAT": "T017 T018 T021 T022 T023 T024 T025 T026 T029 T030 T031",
    "CHEM": "T103 T104 T109 T114 T116 T120 T121 T122 T123 T125 T126 T127 T129 T130 T131 T192 T195"
    " T196 T197 T200",
    "CONC": "T077 T078 T079 T080 T081 T082 T089 T102 T169 T170 T171 T185",
    "DEVI": "T074 T075 T203",
    "DISO": "T019 T020 T033 T037 T046 T047 T048 T049 T050 T184 T190 T191",
    "GENE": "T028 T085 T086 T087 T088",
    "GEOG": "T083",
    "LIVB": "T001 T002 T004 T005 T007 T008 T010 T011 T012 T013 T014 T015 T016 T096 T097 T098 T099"
    " T100 T101 T194 T204",
    "OBJC": "T071 T072 T073 T167 T168",
    "OCCU": "T090 T091",
    "ORGA": "T092 T093 T094 T095",
    "PHEN": "T034 T038 T067 T068 T069 T070",
    "PHYS": "T032 T039 T040 T041 T042 T043 T044 T045 T201",
    "PROC": "T058 T059 T060 T061 T062 T063 T065",
}
TYPES = {
    "umls:T047": "disease",
    "umls:T121": "drug",
    "umls:T028": "gene",
    "umls:T023": "anatomy",
    "umls:T025": "cell",
    "umls:T125": "hormone",
    "umls:T184": "finding",
    "umls:T034": "laboratory",
    "umls:T116": "amino_acid_peptide_or_protein",
    "umls:T033": "clinical_finding",
    "umls:T044": "molecular_function",
    "primekg:biological_process": "process",
    "primekg:gene/protein": "gene",
    "primekg:disease": "disease",
    "primekg:effect/phenotype": "phenotype",
    "primekg:anatomy": "anatomy",
    "primekg:molecular_function": "molecular_function",
    "primekg:drug": "drug",
    "primekg:cellular_component": "cellular_component",
    "primekg:pathway": "pathway",
    "primekg:exposure": "exposure",
    "hetionet:Anatomy": "anatomy",
    "hetionet:Biological Process": "process",
    "hetionet:Cellular Component": "cellular_component",
    "hetionet:Compound": "drug",
    "hetionet:Disease": "disease",
    "hetionet:Gene": "gene",
    "hetionet:Molecular Function": "molecular_function",
    "hetionet:Pathway": "pathway",
    "hetionet:Pharmacologic Class": "pharmacologic_class",
    "hetionet:Side Effect": "side_effect",
    "hetionet:Symptom": "finding",
    "biolink:Gene": "gene",
    "biolink:Protein": "protein",
    "biolink:Disease": "disease",
    "biolink:PhenotypicFeature": "phenotype",
    "biolink:AnatomicalEntity": "anatomy",
    "biolink:BiologicalProcess": "process",
    "biolink:MolecularActivity": "molecular_function",
    "biolink:CellularComponent": "cellular_component",
    "biolink:Drug": "drug",
    "biolink:SmallMolecule": "small_molecule",
    "biolink:ChemicalEntity": "chemical_substance",
    "biolink:Pathway": "pathway",
    "biolink:OrganismTaxon": "organism",
    "biolink:NamedThing": "thing",
    "obo:disease_ontology": "disease",
    "obo:DOID": "disease",
    "obo:MONDO": "disease",
    "obo:symptoms": "finding",
    "obo:SYMP": "finding",
    "obo:human_phenotype": "phenotype",
    "obo:HP": "phenotype",
    "obo:UBERON": "anatomy",
    "obo:uberon": "anatomy",
    "obo:CL": "cell",
    "obo:biological_process": "process",
    "obo:GO": "gene_function",
    "obo:CHEBI": "chemical_substance",
    "obo:NCBITaxon": "organism",
    "obo:TRANS": "transmission_process",
    "Disease or Syndrome": "disease",
    "Body Part, Organ, or Organ Component": "anatomy",
    "Compound": "drug",
    "gene/protein": "gene",
    "SIDE EFFECT": "side_effect",
    "mental_process": "mental_process",
}


@pytest.mark.parametrize(("spelling", "name"), TYPES.items())
def test_what_a_public_graph_calls_a_type(spelling: str, name: str) -> None:
    assert VOCABULARY.type_name(spelling) == name
    assert name in VOCABULARY.types


@pytest.mark.parametrize("spelling", ["umls:T999", "foo:disease", "T047", "hair_style", ""])
def test_an_unknown_type_is_kept_as_it_is(spelling: str) -> None:
    assert VOCABULARY.type_name(spelling) == spelling


def test_every_semantic_type_of_the_umls_is_known_and_in_its_group() -> None:
    tuis = {f"umls:{tui}": group for group, of in TUIS.items() for tui in of.split()}
    groups = {tui: VOCABULARY.type_info[VOCABULARY.type_name(tui)].group for tui in tuis}
    assert len(tuis) == 127
    assert groups == tuis
    assert len({VOCABULARY.type_name(tui) for tui in tuis}) == 127


def test_every_type_is_in_a_group_that_is_named() -> None:
    assert VOCABULARY.groups.keys() == TUIS.keys()
    assert VOCABULARY.type_info.keys() == VOCABULARY.types.keys()
    assert {about.group for about in VOCABULARY.type_info.values()} == TUIS.keys()


def test_no_spelling_of_a_type_stands_twice() -> None:
    spelled = [s for about in VOCABULARY.type_info.values() for s in about.spellings]
    assert twice([*spelled, *VOCABULARY.types]) == []


@pytest.mark.real
@REAL
def test_every_type_of_the_reference_tables_is_known() -> None:
    with (DATA / "reference" / "umls_semantic_types.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert {r["tui"]: r["group"] for r in rows} == {
        tui: group for group, of in TUIS.items() for tui in of.split()
    }
    named = {r["semantic_type"]: VOCABULARY.type_name(f"umls:{r['tui']}") for r in rows}
    own = {name: re.sub(r"[ ,/-]+", "_", name.lower()) for name in named}
    differ = {name: named[name] for name in named if named[name] != own[name]}
    assert differ == {
        "Body Part, Organ, or Organ Component": "anatomy",
        "Cell Component": "cellular_component",
        "Chemical": "chemical_substance",
        "Disease or Syndrome": "disease",
        "Finding": "clinical_finding",
        "Gene or Genome": "gene",
        "Laboratory or Test Result": "laboratory",
        "Pharmacologic Substance": "drug",
        "Sign or Symptom": "finding",
    }
    with (DATA / "hetionet" / "metanodes.tsv").open(encoding="utf-8") as file:
        kinds = [row["metanode"] for row in csv.DictReader(file, delimiter="\t")]
    assert [k for k in kinds if VOCABULARY.type_name(f"hetionet:{k}") not in VOCABULARY.types] == []


# --- saying --------------------------------------------------------------------------------------


@given(
    first=st.text(),
    last=st.text(),
    template=st.sampled_from(
        [t for p in PREDICATES for w in p.wordings.values() for t in (*w.forward, *w.backward)]
    ),
)
def test_a_name_comes_out_as_it_went_in(first: str, last: str, template: str) -> None:
    said = say(template, first, last)
    assert said == first + template[3:-3] + last


@pytest.mark.parametrize("name", ["{s}", "{o}", "{from}", "{to}", "}", "{", "{0}", "%s", "\\1"])
def test_a_name_that_looks_like_a_slot_stays_a_name(name: str) -> None:
    assert say("{s} treats {o}", name, "pain") == f"{name} treats pain"
    assert say(say("{o} needs {s}", "{from}", "{to}"), name, name) == f"{name} needs {name}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("aspirin treats pain", "Aspirin treats pain."),
        ("beta-1 receptor raises X", "Beta-1 receptor raises X."),
        ("ácido úrico raises X", "Ácido úrico raises X."),
        ("p53 lowers mTOR", "p53 lowers mTOR."),
        ("mTOR raises p53", "mTOR raises p53."),
        ("pH rises", "pH rises."),
        ("α-synuclein underlies X", "α-synuclein underlies X."),
        ("5-HT raises X", "5-HT raises X."),
        ("", "."),
    ],
)
def test_a_sentence_begins_with_a_capital_unless_its_name_says_otherwise(
    text: str, said: str
) -> None:
    assert sentence(text) == said
