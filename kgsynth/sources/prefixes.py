"""One spelling for an identifier, whichever way a source wrote it.

``doid:1612``, ``DOID:DOID:1612`` and ``http://purl.obolibrary.org/obo/DOID_1612`` all become
``DOID:1612``, so that the same concept from two sources meets itself. Biolink's spelling of a
prefix wins, then the Bioregistry's preferred one; both come from the data that the package
``bioregistry`` carries with it, and nothing is fetched.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import curies

_SETTLED = """
    ATC BFO CHEBI CHEMBL.COMPOUND CL CLO DOID DRUGBANK ECO EFO ENSEMBL FMA FOODON GO HGNC HP HsapDv
    IAO ICD10 ICD10CM ICD9 KEGG LOINC MAXO MEDDRA MESH MGI MONDO MP MPATH NBO NCBIGene NCBITaxon
    NCIT OBI OMIM ORPHA PATO PMID PR PUBCHEM.COMPOUND REACT RO RXCUI SNOMEDCT SO SYMP TRANS UBERON
    UMLS UNII UniProtKB UO VO WIKIDATA ZFIN biolink oboInOwl owl rdf rdfs skos
"""
SETTLED = frozenset(_SETTLED.split())
"""Prefixes that are canonical as they stand. They are listed for speed alone: a graph that uses
no others need not wait for the registry, which takes a second to load."""

_EXCEPTIONS = {
    "flybase": "FB",
    "hgnc.genefamily": "HGNC.FAMILY",
    "dictybase": "dictyBase",
    "orphanet.ordo": "ORPHA",
    "pubchem.compound": "PUBCHEM.COMPOUND",
    "pubmed": "PMID",
    "reactome": "REACT",
    "rxnorm": "RXCUI",
    "smpdb": "SMPDB",
    "sty": "STY",
    "uniprot.disease": "uniprot.disease",
    "wormbase": "WB",
}
"""Where Biolink's model says otherwise than the registry's map to it, by the registry's prefix.
Only ``ORPHA`` is no spelling of Biolink's: there, as in most data, a rare disease is known by
three prefixes, and one must be picked."""

_STUTTERS = {"ORPHA": ("Orphanet_", "Orphanet:"), "OMIM": ("MIM:",)}
"""What some sources put before an identifier, beside its prefix once more."""

_MOST_PREFIXES = 1 << 14
"""How many spellings are remembered; a file of nonsense may hold millions."""

_CURIE = re.compile(r"\s*([A-Za-z_][\w.+-]*):\s*(\S.*?)\s*", re.DOTALL)
_IRI = re.compile(r"https?://", re.IGNORECASE)
_OBO = "http://purl.obolibrary.org/obo/"
_OBO_TERM = re.compile(r"([A-Za-z][A-Za-z0-9]*(?:_[A-Za-z]+)*)_([A-Za-z0-9][\w.-]*)")
_OBO_RELATION = re.compile(r"[A-Za-z][\w-]*#([A-Za-z_][\w.-]*)")
_RESOLVER = re.compile(
    r"https?://(?:www\.)?"
    r"(?:identifiers\.org|bioregistry\.io|n2t\.net|purl\.bioontology\.org/ontology)"
    r"/([A-Za-z][\w.]*)[:/](.+)",
    re.IGNORECASE,
)


@lru_cache(_MOST_PREFIXES)
def canonical_prefix(prefix: str) -> str:
    """Spell a prefix as Biolink does, else as the Bioregistry prefers, else as it is given.

    A registered prefix for which nobody states a spelling is written in capitals, Biolink's habit.

    >>> canonical_prefix("mondo"), canonical_prefix("UMLS_CUI"), canonical_prefix("EntrezGene")
    ('MONDO', 'UMLS', 'NCBIGene')
    >>> canonical_prefix("nobody.knows.it")
    'nobody.knows.it'
    """
    if prefix in SETTLED:
        return prefix
    registered = _registered(prefix)
    return _spelling(registered) if registered else prefix


def canonical_curie(text: str) -> str:
    """Spell an identifier with its canonical prefix; a text without a prefix stays as it is.

    >>> canonical_curie("doid:1612"), canonical_curie("GO:GO:0006915"), canonical_curie("BRCA1")
    ('DOID:1612', 'GO:0006915', 'BRCA1')
    >>> canonical_curie("ORDO:Orphanet_558")
    'ORPHA:558'
    """
    prefix, _, identifier = text.partition(":")
    if prefix in SETTLED and identifier.isalnum():
        return text
    if _IRI.match(text):
        return curie_of_iri(text) or text
    parts = _CURIE.fullmatch(text)
    if parts is None or not is_registered(parts[1]):
        # A control character that Python takes for white space is an odd id, but no empty one.
        return text.strip() or text
    return _joined(parts[1], parts[2])


def curie_of_iri(iri: str) -> str | None:
    """Return the CURIE of an IRI, or None where no registered prefix fits.

    >>> curie_of_iri("http://purl.obolibrary.org/obo/DOID_1612")
    'DOID:1612'
    >>> curie_of_iri("http://identifiers.org/umls/C0006142")
    'UMLS:C0006142'
    >>> curie_of_iri("http://example.org/breast-cancer")
    """
    plain = iri.strip()
    local = plain.replace("https://", "http://", 1)
    if local.startswith(_OBO):
        return _curie_of_obo(local.removeprefix(_OBO))
    if (resolved := _RESOLVER.fullmatch(plain)) and is_registered(resolved[1]):
        return _joined(resolved[1], resolved[2])
    found = _converter().parse_uri(plain)
    if found is None or not found.identifier:
        return None
    return _joined(found.prefix, found.identifier)


def is_registered(prefix: str) -> bool:
    """Tell whether a prefix is one that the world knows.

    >>> is_registered("MONDO"), is_registered("note")
    (True, False)
    """
    return prefix in SETTLED or bool(_registered(prefix))


# --- the parts -------------------------------------------------------------------------------


def _joined(prefix: str, identifier: str) -> str:
    """Join the parts, and leave out a prefix that the identifier begins with once more."""
    spelled = canonical_prefix(prefix)
    again = _repeats(spelled, prefix).match(identifier)
    return f"{spelled}:{identifier[again.end() :] if again else identifier}"


@lru_cache(_MOST_PREFIXES)
def _repeats(spelled: str, prefix: str) -> re.Pattern[str]:
    heads = (f"{spelled}:", f"{prefix}:", *_STUTTERS.get(spelled, ()))
    either = "|".join(re.escape(head) for head in heads)
    return re.compile(rf"(?:(?:{either})\s*)+(?=\S)", re.IGNORECASE)


def _curie_of_obo(local: str) -> str | None:
    """Read what follows the address of all OBO ontologies.

    A relation without a number, ``doid#has_symptom``, is ``obo:has_symptom`` in the text form.
    """
    if term := _OBO_TERM.fullmatch(local):
        return _joined(term[1], term[2])
    if relation := _OBO_RELATION.fullmatch(local):
        return f"obo:{relation[1]}"
    return f"obo:{local}" if local else None


@lru_cache(_MOST_PREFIXES)
def _registered(prefix: str) -> str:
    """Return the registry's own name of a prefix, or nothing where it knows none."""
    import bioregistry

    return bioregistry.normalize_prefix(prefix, strict=False) or ""


@lru_cache(_MOST_PREFIXES)
def _spelling(registered: str) -> str:
    import bioregistry

    if registered in _EXCEPTIONS:
        return _EXCEPTIONS[registered]
    stated = _biolink_spellings().get(registered) or bioregistry.get_preferred_prefix(registered)
    if stated and _registered(stated) in ("", registered):
        return stated
    return registered.upper()  # nothing stated, or what is the name of another one


@lru_cache(1)
def _biolink_spellings() -> Mapping[str, str]:
    import bioregistry

    return bioregistry.manager.get_registry_map("biolink.resource")


@lru_cache(1)
def _converter() -> curies.Converter:
    import bioregistry

    return bioregistry.get_default_converter()
