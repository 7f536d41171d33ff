"""The invented vocabularies that a simulated UMLS is put together from, and their relations.

The relations are those that the real one uses, so that a reader's map of them is put to the
test; who publishes what, on which terms, is made up.
"""

from __future__ import annotations

from typing import NamedTuple


class Vocabulary(NamedTuple):
    """A source of names and relations."""

    sab: str
    title: str
    version: str
    restriction: int
    language: str
    share: float
    """How much of its language's names it holds; of relations too, where it is English."""
    term_types: tuple[str, ...]
    """The preferred one first."""


VOCABULARIES = (
    Vocabulary("ADVERSA", "Adversa Dictionary of Reactions", "28.1", 3, "ENG", 3, ("PT", "LLT")),
    Vocabulary("CHEMINV", "Inventory of Chemicals", "2026", 1, "ENG", 2.5, ("RN", "SY")),
    Vocabulary("CLINORA", "Clinora Clinical Terms", "2026_03", 4, "ENG", 30, ("PT", "FN", "SY")),
    Vocabulary("DXCLASS", "Classes of Diagnoses", "11.2", 2, "ENG", 2, ("PT", "HT", "ET")),
    Vocabulary("GENAMES", "Names of Genes", "2026_04", 0, "ENG", 5, ("PT", "ACR", "SY")),
    Vocabulary("LABNOM", "Nomenclature of Tests", "2.82", 0, "ENG", 6, ("LN", "LC", "OSN")),
    Vocabulary("METACORE", "Names by the Editors", "2026AA", 0, "ENG", 1.5, ("PN", "CV")),
    Vocabulary("ONCOVOC", "Vocabulary of Oncology", "26.02d", 0, "ENG", 7, ("PT", "SY", "AB")),
    Vocabulary("ORGATAX", "Taxonomy of Organisms", "2026_01", 0, "ENG", 15, ("SCN", "SY", "CMN")),
    Vocabulary("PHARMEX", "Pharmex Drug Names", "26AA_260302", 0, "ENG", 10, ("IN", "SCD", "BN")),
    Vocabulary("PROCODE", "Codes of Procedures", "2026", 3, "ENG", 4, ("PT", "ETCLIN")),
    Vocabulary("SUBJHEAD", "Subject Headings", "2026_2026_02", 0, "ENG", 9, ("MH", "ET", "PM")),
    Vocabulary("SUBJHEADCZE", "Subject Headings, Czech", "2026", 3, "CZE", 1, ("MH", "SY")),
    Vocabulary("SUBJHEADDUT", "Subject Headings, Dutch", "2005", 3, "DUT", 1, ("MH", "SY")),
    Vocabulary("SUBJHEADFRE", "Subject Headings, French", "2026", 3, "FRE", 1, ("MH", "ET")),
    Vocabulary("SUBJHEADGER", "Subject Headings, German", "2026", 3, "GER", 1, ("MH", "SY")),
    Vocabulary("SUBJHEADITA", "Subject Headings, Italian", "2025", 3, "ITA", 1, ("MH", "ET")),
    Vocabulary("SUBJHEADJPN", "Subject Headings, Japanese", "2025", 3, "JPN", 1, ("PT", "SY")),
    Vocabulary("SUBJHEADPOR", "Subject Headings, Portuguese", "2026", 3, "POR", 1, ("MH", "ET")),
    Vocabulary("SUBJHEADRUS", "Subject Headings, Russian", "2026", 3, "RUS", 1, ("MH", "SY")),
    Vocabulary("CLINORASPA", "Clinora, Spanish Edition", "2026_04", 4, "SPA", 3, ("PT", "SY")),
    Vocabulary("SUBJHEADSPA", "Subject Headings, Spanish", "2026", 3, "SPA", 1, ("MH", "ET")),
)
EDITORS = "METACORE"
"""Its names have no code."""
WITH_GROUPS = "CLINORA"
"""Its relations say which way they were asserted, and which of them belong together."""

CONTACT = (
    "Licensing Desk;{title};1 Example Way;;Springfield;;Nowhere;00000;"
    ";;licences@vocabulary.example;https://vocabulary.example/"
)
"""An address that cannot be real."""

LANGUAGE_SHARES = {
    "CZE": 1.0,
    "DUT": 1.0,
    "ENG": 78.0,
    "FRE": 3.0,
    "GER": 2.0,
    "ITA": 2.0,
    "JPN": 1.5,
    "POR": 2.5,
    "RUS": 1.0,
    "SPA": 8.0,
}
LANGUAGE_NAMES = {
    "CZE": "Czech",
    "DUT": "Dutch",
    "ENG": "English",
    "FRE": "French",
    "GER": "German",
    "ITA": "Italian",
    "JPN": "Japanese",
    "POR": "Portuguese",
    "RUS": "Russian",
    "SPA": "Spanish",
}


class Relation(NamedTuple):
    """A relation of MRREL, said from subject to object, and its inverse."""

    rel: str
    rela: str
    inverse_rel: str
    inverse_rela: str
    share: float
    ends: str
    """``CHEM>DISO``: semantic groups of subject and object, several parted by commas. ``=`` is
    any two of one group, ``*`` any two, ``self`` a concept and itself."""
    up: bool = False
    """From the narrower to the broader: such relations never run in a circle."""


_WIDE = (
    Relation("CHD", "", "PAR", "", 20, "=", True),
    Relation("RN", "", "RB", "", 8, "=", True),
    Relation("SIB", "", "SIB", "", 26, "="),
    Relation("RL", "", "RL", "", 1, "="),
    Relation("RQ", "", "RQ", "", 4, "="),
    Relation("SY", "", "SY", "", 2, "="),
    Relation("RO", "", "RO", "", 50, "*"),
    Relation("AQ", "", "QB", "", 16, "*"),
    Relation("RU", "", "RU", "", 3, "*"),
    Relation("XR", "", "XR", "", 1, "*"),
    Relation("RO", "associated_with", "RO", "associated_with", 9, "*"),
    Relation("RO", "related_to", "RO", "related_to", 6, "*"),
    Relation("RO", "concept_in_subset", "RO", "subset_includes_concept", 9, "*"),
    Relation("SY", "", "SY", "", 70, "self"),
)
_HIERARCHY = (
    Relation("CHD", "isa", "PAR", "inverse_isa", 26, "=", True),
    Relation("RN", "isa", "RB", "inverse_isa", 8, "=", True),
    Relation("RN", "tradename_of", "RB", "has_tradename", 2, "CHEM>CHEM", True),
    Relation("CHD", "part_of", "PAR", "has_part", 8, "ANAT>ANAT", True),
    Relation("CHD", "member_of", "PAR", "has_member", 3, "LIVB>LIVB", True),
    Relation("CHD", "branch_of", "PAR", "has_branch", 2, "ANAT>ANAT", True),
)
_SELF = (
    Relation("SY", "translation_of", "SY", "has_translation", 10, "self"),
    Relation("SY", "permuted_term_of", "SY", "has_permuted_term", 6, "self"),
    Relation("SY", "entry_version_of", "SY", "has_entry_version", 5, "self"),
    Relation("SY", "expanded_form_of", "SY", "has_expanded_form", 6, "self"),
    Relation("RQ", "mapped_to", "RQ", "mapped_from", 3, "self"),
)
_SAME_GROUP = (
    Relation("RQ", "mapped_to", "RQ", "mapped_from", 3, "="),
    Relation("RO", "possibly_equivalent_to", "RO", "possibly_equivalent_to", 1, "="),
    Relation("RQ", "classifies", "RQ", "classified_as", 2, "="),
    Relation("RO", "due_to", "RO", "cause_of", 6, "DISO>DISO"),
    Relation("RO", "occurs_after", "RO", "occurs_before", 2, "DISO>DISO"),
    Relation("RO", "co-occurs_with", "RO", "co-occurs_with", 3, "DISO>DISO"),
    Relation("RO", "manifestation_of", "RO", "has_manifestation", 5, "DISO>DISO"),
    Relation("RO", "has_active_ingredient", "RO", "active_ingredient_of", 5, "CHEM>CHEM"),
    Relation("RO", "ingredient_of", "RO", "has_ingredient", 6, "CHEM>CHEM"),
    Relation("RO", "has_dose_form", "RO", "dose_form_of", 3, "CHEM>CHEM"),
    Relation("RO", "consists_of", "RO", "constitutes", 3, "CHEM>CHEM"),
    Relation("RO", "has_mechanism_of_action", "RO", "mechanism_of_action_of", 2, "CHEM>CHEM"),
    Relation("RO", "has_component", "RO", "component_of", 3, "PROC>PROC"),
    Relation("RO", "continuous_with", "RO", "continuous_with", 1, "ANAT>ANAT"),
    Relation("RO", "tributary_of", "RO", "has_tributary", 1, "ANAT>ANAT"),
    Relation("RO", "regulates", "RO", "regulated_by", 2, "PHYS>PHYS"),
)
_ACROSS = (
    Relation("RO", "may_treat", "RO", "may_be_treated_by", 10, "CHEM>DISO"),
    Relation("RO", "may_prevent", "RO", "may_be_prevented_by", 3, "CHEM>DISO"),
    Relation("RO", "may_diagnose", "RO", "may_be_diagnosed_by", 1, "CHEM>DISO"),
    Relation(
        "RO",
        "contraindicated_with_disease",
        "RO",
        "has_contraindicated_drug",
        5,
        "CHEM>DISO",
    ),
    Relation("RO", "causative_agent_of", "RO", "has_causative_agent", 5, "CHEM>DISO,LIVB>DISO"),
    Relation("RO", "finding_site_of", "RO", "has_finding_site", 10, "ANAT>DISO"),
    Relation("RO", "has_associated_morphology", "RO", "associated_morphology_of", 5, "DISO>ANAT"),
    Relation("RO", "disease_has_associated_anatomic_site", "RO", "is_associated_anatomic_site_of",
             3, "DISO>ANAT"),
    Relation("RO", "gene_associated_with_disease", "RO", "disease_has_associated_gene", 8,
             "GENE>DISO"),
    Relation("RO", "disease_has_finding", "RO", "is_finding_of_disease", 3, "DISO>PHEN"),
    Relation("RO", "interprets", "RO", "is_interpreted_by", 5, "DISO>PHYS,DISO>PROC"),
    Relation("RO", "has_interpretation", "RO", "interpretation_of", 3, "DISO>CONC"),
    Relation("RO", "has_clinical_course", "RO", "clinical_course_of", 3, "DISO>CONC"),
    Relation("RO", "occurs_in", "RO", "has_occurrence", 2, "DISO>CONC"),
    Relation("RO", "has_pathological_process", "RO", "pathological_process_of", 3, "DISO>PHYS"),
    Relation("RO", "has_physiologic_effect", "RO", "physiologic_effect_of", 5, "CHEM>PHYS"),
    Relation("RO", "chemical_or_drug_affects_gene_product", "RO",
             "gene_product_affected_by_chemical_or_drug", 3, "CHEM>GENE"),
    Relation("RO", "gene_encodes_gene_product", "RO", "gene_product_encoded_by_gene", 8,
             "GENE>CHEM"),
    Relation("RO", "gene_plays_role_in_process", "RO", "process_involves_gene", 5, "GENE>PHYS"),
    Relation("RO", "gene_found_in_organism", "RO", "organism_has_gene", 6, "GENE>LIVB"),
    Relation("RO", "has_direct_procedure_site", "RO", "direct_procedure_site_of", 5, "PROC>ANAT"),
    Relation("RO", "uses_device", "RO", "device_used_by", 4, "PROC>DEVI"),
    Relation("RO", "uses_substance", "RO", "substance_used_by", 3, "PROC>CHEM"),
    Relation("RO", "focus_of", "RO", "has_focus", 4, "DISO>PROC"),
    Relation("RO", "measures", "RO", "measured_by", 6, "PROC>CHEM,PHYS>CHEM"),
    Relation("RO", "has_method", "RO", "method_of", 3, "PROC>CONC"),
    Relation("RO", "has_specimen", "RO", "specimen_of", 2, "PROC>ANAT"),
    Relation("RO", "property_of", "RO", "has_property", 3, "CONC>PHYS"),
    Relation(
        "RO",
        "disease_excludes_finding",
        "RO",
        "is_not_finding_of_disease",
        1,
        "DISO>PHEN",
    ),
    Relation("RO", "location_of", "RO", "has_location", 3, "ANAT>PHYS,ANAT>PHEN"),
)  # fmt: skip
RELATIONS = (*_WIDE, *_HIERARCHY, *_SELF, *_SAME_GROUP, *_ACROSS)

REL_INVERSES = {
    "AQ": "QB",
    "CHD": "PAR",
    "DEL": "DEL",
    "PAR": "CHD",
    "QB": "AQ",
    "RB": "RN",
    "RL": "RL",
    "RN": "RB",
    "RO": "RO",
    "RQ": "RQ",
    "RU": "RU",
    "SIB": "SIB",
    "SUBX": "SUBX",
    "SY": "SY",
    "XR": "XR",
}


def rela_inverses() -> dict[str, str]:
    """Return each RELA's inverse, both ways round."""
    pairs = [(kind.rela, kind.inverse_rela) for kind in RELATIONS if kind.rela]
    return dict(sorted([*pairs, *((back, there) for there, back in pairs)]))
