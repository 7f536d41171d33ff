"""The words of our N-Triples: the world's, and our own where it has none."""

from __future__ import annotations

from kgsynth.sources.rdf.vocabulary import BIOLINK, DCTERMS, OBO, OBO_IN_OWL, OWL, RDF, RDFS

OURS = "https://w3id.org/kgsynth/"
TERMS = OURS + "terms#"
PROV = "http://www.w3.org/ns/prov#"

# --- concepts ---

TYPE = RDF + "type"
CLASS = OWL + "Class"
ID = OBO_IN_OWL + "id"
CATEGORY = BIOLINK + "category"
LABEL = RDFS + "label"
SYNONYMS = {
    "preferred": LABEL,
    "synonym": OBO_IN_OWL + "hasExactSynonym",
    "abbreviation": OBO_IN_OWL + "hasExactSynonym",
    "broad": OBO_IN_OWL + "hasBroadSynonym",
    "narrow": OBO_IN_OWL + "hasNarrowSynonym",
    "related": OBO_IN_OWL + "hasRelatedSynonym",
}
SYNONYM_TYPE = OBO_IN_OWL + "hasSynonymType"
ABBREVIATION = OBO + "OMO_0003000"
DEFINITION = OBO + "IAO_0000115"
IDENTIFIERS = {
    "alternative": OBO_IN_OWL + "hasAlternativeId",
    "xref": OBO_IN_OWL + "hasDbXref",
}
IS_A = RDFS + "subClassOf"

# --- what is said of a triple ---

AXIOM = OWL + "Axiom"
SUBJECT, PREDICATE, OBJECT = (OWL + f"annotated{end}" for end in ("Source", "Property", "Target"))
ORIGIN = PROV + "hadPrimarySource"
"""Who vouches for it, and on what terms: a node with these two."""
SOURCE, LICENCE = DCTERMS + "source", DCTERMS + "license"
EVIDENCE = BIOLINK + "supporting_text"

# --- of our own ---

EXPORT = TERMS + "Export"
ABOUT = TERMS + "about"
"""What the sources say of themselves, as JSON."""
USUAL_SOURCE = TERMS + "usualSource"
"""Whose the names and definitions are of which nothing else is said."""
USUAL_ORIGIN = TERMS + "usualOrigin"
"""Who vouches for the statements of which nothing else is said."""
RELATION, SORT = TERMS + "relation", TERMS + "type"
"""What a relation, and what a type, is called."""
AXIOMS = TERMS + "axioms"
"""Of how many triples something is said: the last line, by whose absence a cut shows."""

PRIVATE_TAG = "x-kgs-"
"""How a language begins that has no tag: its letters follow, as numbers."""
