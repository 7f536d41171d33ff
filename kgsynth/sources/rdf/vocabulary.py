"""The words of RDF, OWL, SKOS and the OBO ontologies that the reader of RDF knows."""

from __future__ import annotations

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
OBO = "http://purl.obolibrary.org/obo/"
OBO_IN_OWL = "http://www.geneontology.org/formats/oboInOwl#"
BIOLINK = "https://w3id.org/biolink/vocab/"
OBAN = "http://purl.org/oban/"
DC = "http://purl.org/dc/elements/1.1/"
DCTERMS = "http://purl.org/dc/terms/"

TYPE = RDF + "type"
SUBCLASS = RDFS + "subClassOf"
EQUIVALENT = OWL + "equivalentClass"
INVERSE = OWL + "inverseOf"
SYMMETRIC = OWL + "SymmetricProperty"
DEPRECATED = OWL + "deprecated"
COMMENT = RDFS + "comment"
NAMESPACE = OBO_IN_OWL + "hasOBONamespace"
SYNONYM_TYPE = OBO_IN_OWL + "hasSynonymType"
SUBSET = OBO_IN_OWL + "inSubset"
REPLACED_BY = OBO + "IAO_0100001"

# --- what a resource is ---

META = (OWL, RDFS, RDF, SKOS)
"""Types of these vocabularies say what kind of resource it is, not what it is."""
HEADERS = frozenset({OWL + "Ontology", SKOS + "ConceptScheme"})
"""Where one is declared, the file is an ontology: what it does not define, it only mentions."""
CLASSES = frozenset(
    {OWL + "Class", RDFS + "Class", OWL + "DeprecatedClass", SKOS + "Concept"}
    | {OWL + "NamedIndividual"}
)
PROPERTIES = frozenset(
    {RDF + "Property", RDFS + "Datatype", SYMMETRIC, OWL + "InverseFunctionalProperty"}
    | {OWL + kind + "Property" for kind in ("Object", "Datatype", "Annotation", "Ontology")}
    | {OWL + kind + "Property" for kind in ("Transitive", "Functional", "Deprecated")}
    | {OWL + kind + "Property" for kind in ("Asymmetric", "Reflexive", "Irreflexive")}
)
ANNOTATION_PROPERTY = OWL + "AnnotationProperty"

# --- literals ---

LABELS = {
    SKOS + "prefLabel": 0,
    RDFS + "label": 1,
    BIOLINK + "name": 2,
    "http://schema.org/name": 3,
    "https://schema.org/name": 3,
    DCTERMS + "title": 4,
    DC + "title": 4,
    "http://xmlns.com/foaf/0.1/name": 5,
}
"""Names, the one to be preferred first."""
SYNONYMS = {
    OBO_IN_OWL + "hasExactSynonym": "EXACT",
    OBO_IN_OWL + "hasBroadSynonym": "BROAD",
    OBO_IN_OWL + "hasNarrowSynonym": "NARROW",
    OBO_IN_OWL + "hasRelatedSynonym": "RELATED",
    OBO_IN_OWL + "hasSynonym": "RELATED",
    SKOS + "altLabel": "EXACT",
    BIOLINK + "synonym": "EXACT",
    OBO + "IAO_0000111": "EXACT",
    OBO + "IAO_0000118": "EXACT",
    "http://www.ebi.ac.uk/efo/alternative_term": "EXACT",
}
"""Other names, with their scope in OBO's words."""
IDENTIFIERS = {
    OBO_IN_OWL + "hasAlternativeId": "alternative",
    OBO_IN_OWL + "id": "alternative",
    OBO_IN_OWL + "hasDbXref": "xref",
    SKOS + "exactMatch": "xref",
    OWL + "sameAs": "xref",
    BIOLINK + "xref": "xref",
    BIOLINK + "same_as": "xref",
}
"""Other ids, as literals or resources."""
DEFINITIONS = frozenset({OBO + "IAO_0000115", SKOS + "definition", BIOLINK + "description"})
VERSIONS = (OWL + "versionIRI", OWL + "versionInfo")
DATES = (DC + "date", DCTERMS + "date", DCTERMS + "issued", OBO_IN_OWL + "date")
LICENCES = (DCTERMS + "license", DC + "license", DCTERMS + "rights", DC + "rights")

# --- links between resources ---

TYPES = frozenset({BIOLINK + "category"})
"""What says of what type a resource is, beside rdf:type."""
DISJOINT = frozenset(
    {OWL + "disjointWith", OWL + "complementOf", OWL + "differentFrom", OWL + "disjointUnionOf"}
)
OF_PROPERTIES = frozenset(
    {RDFS + "subPropertyOf", RDFS + "domain", RDFS + "range", INVERSE}
    | {OWL + "equivalentProperty", OWL + "propertyDisjointWith"}
)
ANNOTATIONS = frozenset(
    {RDFS + "seeAlso", RDFS + "isDefinedBy", SKOS + "inScheme", SKOS + "topConceptOf"}
    | {SKOS + "hasTopConcept", OWL + "imports", OWL + "priorVersion", *VERSIONS, REPLACED_BY}
    | {OBO_IN_OWL + "consider", OBO + "IAO_0000231"}
    | {"http://xmlns.com/foaf/0.1/page", "http://xmlns.com/foaf/0.1/homepage"}
)
ANNOTATION_VOCABULARIES = (
    DC,
    DCTERMS,
    OBO_IN_OWL,
    "http://purl.org/pav/",
    "http://www.w3.org/ns/prov#",
)
"""Who wrote what, and when: true of the record, not of the concept."""
STATEMENTS_OF_ANNOTATION_VOCABULARIES = frozenset({DCTERMS + "isPartOf", DCTERMS + "hasPart"})

# --- statements about statements ---

ROLES = {
    OBAN + "association_has_subject": "subject",
    OBAN + "association_has_predicate": "predicate",
    OBAN + "association_has_object": "object",
    RDF + "subject": "subject",
    RDF + "predicate": "predicate",
    RDF + "object": "object",
    BIOLINK + "subject": "subject",
    BIOLINK + "predicate": "predicate",
    BIOLINK + "object": "object",
}
"""The parts of a statement that is a resource itself."""
AXIOM_ROLES = {
    OWL + "annotatedSource": "subject",
    OWL + "annotatedProperty": "predicate",
    OWL + "annotatedTarget": "object",
}
"""The same of an annotation: what it speaks of is stated elsewhere."""
NEGATED = BIOLINK + "negated"
"""Says of a statement that is a resource whether it denies."""
EVIDENCE = frozenset(
    {DC + "source", DCTERMS + "source", OBO_IN_OWL + "hasDbXref", OBO_IN_OWL + "source"}
    | {OBO + "RO_0002558", OBO + "IAO_0000119", BIOLINK + "publications", BIOLINK + "has_evidence"}
)

# --- the insides of class expressions ---

ON_PROPERTY = OWL + "onProperty"
FILLERS = (OWL + "someValuesFrom", OWL + "hasValue")
INTERSECTION = OWL + "intersectionOf"
FIRST, REST = RDF + "first", RDF + "rest"
