"""Addresses for concepts, relations and types: the world's where it has one, else our own.

No two things share an address, and whoever reads them back need not take them apart: ids and
names stand in the file as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote

import polars as pl

from kgsynth.sources.prefixes import SETTLED, canonical_prefix, is_registered
from kgsynth.sources.rdf import words as w
from kgsynth.sources.rdf.vocabulary import BIOLINK, OWL, RDF, RDFS
from kgsynth.vocabulary import load_vocabulary

CONCEPT, RELATION, CATEGORY = (w.OURS + kind for kind in ("id/", "relation/", "type/"))
PLAIN = r"^([A-Za-z][\w.]*):([A-Za-z0-9][A-Za-z0-9_.-]*)$"
PLAIN_ID = r"^[A-Za-z0-9_.~:-]+$"
RESERVED = (RDF, RDFS, OWL, w.TERMS)
"""Words that say something of their own in the file."""


def concept_iris(ids: pl.Series) -> pl.Series:
    """Return an address for each id."""
    frame = pl.DataFrame({"id": ids})
    prefix, local = (pl.col("id").str.extract(PLAIN, group) for group in (1, 2))
    used = frame.select(prefix.drop_nulls().unique().sort()).to_series()
    found = bases(used.to_list())
    base = prefix.replace_strict(found, default=None, return_dtype=pl.String)
    own = pl.concat_str(pl.lit(CONCEPT), "id")
    iris = frame.select(
        pl.coalesce(
            pl.concat_str(base, local), pl.when(pl.col("id").str.contains(PLAIN_ID)).then(own)
        )
    ).to_series()
    # DOID:1612 and obo:DOID_1612 would live at one place: each gets its own.
    odd = (iris.is_null() | iris.is_duplicated()).arg_true()
    if odd.is_empty():
        return iris
    return iris.scatter(odd, [own_iri(CONCEPT, text) for text in ids.gather(odd)])


def bases(prefixes: Iterable[str]) -> dict[str, str]:
    """Return where the identifiers of each prefix live, if the world knows; no two at one place."""
    found: dict[str, str] = {}
    for prefix in prefixes:
        base = _base(prefix)
        if base and base not in found.values():
            found[prefix] = base
    return found


@lru_cache(1 << 12)
def _base(prefix: str) -> str:
    """Return what stands before an identifier; nothing where it would not be put as it is."""
    if prefix == "biolink":
        return BIOLINK
    known = prefix in SETTLED or (is_registered(prefix) and canonical_prefix(prefix) == prefix)
    iri = (_expanded(prefix) or "") if known else ""
    good = re.fullmatch(r"https?://[!#$%&'()*+,./:;=?@A-Za-z0-9_~-]+X1", iri)
    return iri.removesuffix("X1") if good else ""


def _expanded(prefix: str) -> str | None:
    import bioregistry

    return bioregistry.get_default_converter().expand_pair(prefix, "X1")


def relation_iris(names: Iterable[str]) -> list[str]:
    """Return an address for each relation."""
    vocabulary = load_vocabulary()
    iris: list[str] = []
    for name in names:
        known = vocabulary.predicates.get(name)
        iri = w.IS_A if name == "is_a" else _world_iri(known.curie) if known else ""
        iris.append(iri if iri and iri not in iris else own_iri(RELATION, name))
    return iris


def category_iris(names: Iterable[str]) -> dict[str, str]:
    """Return an address for each type."""
    about = load_vocabulary().type_info
    iris: dict[str, str] = {}
    for name in names:
        spellings = (name, *(about[name].spellings if name in about else ()))
        curie = next((s for s in spellings if s.startswith("biolink:")), "")
        iri = _world_iri(curie)
        iris[name] = iri if iri and iri not in iris.values() else own_iri(CATEGORY, name)
    return iris


def _world_iri(curie: str) -> str:
    """Return the address of a CURIE, unless it is a word that the file uses itself."""
    parts = re.fullmatch(PLAIN, curie)
    base = _base(parts[1]) if parts else ""
    iri = base + parts[2] if parts and base else ""
    return "" if iri.startswith(RESERVED) or iri in _STRUCTURE else iri


def own_iri(kind: str, text: str) -> str:
    """Return an address of our own.

    >>> own_iri(CONCEPT, "my graph:Grün")
    'https://w3id.org/kgsynth/id/my%20graph:Gr%C3%BCn'
    """
    return kind + quote(text, safe=":")


_STRUCTURE = frozenset(
    {w.ID, w.CATEGORY, w.SYNONYM_TYPE, w.DEFINITION, w.ORIGIN, w.SOURCE, w.LICENCE, w.EVIDENCE}
    | set(w.SYNONYMS.values())
    | set(w.IDENTIFIERS.values())
)
