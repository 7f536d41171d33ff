"""Which concept a word means: an id, a source's spelling of one, or a name in any case."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kgsynth.errors import ConceptError, listing
from kgsynth.graph.store import KnowledgeGraph

MOST_NAMES_COMPARED = 200_000
"""Names among which the nearest to a misspelt one is looked for."""


def find(graph: KnowledgeGraph, text: str) -> int:
    """Return the concept; of several meanings an id comes before a name."""
    for codes in (_with_id(graph, text), _called(graph, text)):
        if len(codes) == 1:
            return codes[0]
        if codes:
            candidates = listing(f"{graph.id(c)} ({', '.join(graph.types(c))})" for c in codes)
            raise ConceptError(
                f"{text!r} names {len(codes)} concepts: {candidates}.",
                remedy="Use the id of the one you mean.",
            )
    raise ConceptError(f"The graph holds no concept called {text!r}.{_nearest(graph, text)}")


def _with_id(graph: KnowledgeGraph, text: str) -> list[int]:
    """Look for an id: as it stands, as a source spells it, or with its prefix spelled our way."""
    for spelled in dict.fromkeys((text, *_bare(text), _canonical(text))):
        own = graph.code_or_none(spelled)
        codes = [own] if own is not None else graph.with_identifier(spelled)
        if codes:
            return codes
    return []


def _bare(text: str) -> Iterator[str]:
    """Yield what an id without a prefix may mean: a CUI of the UMLS, an index of PrimeKG."""
    if re.fullmatch(r"C\d{7}|CL\d{6,7}", text):
        yield f"UMLS:{text}"
    elif text.isascii() and text.isdigit():
        yield f"primekg:{text}"


def _canonical(text: str) -> str:
    prefix, colon, local = text.partition(":")
    if not colon or not prefix or not local or " " in prefix:
        return text
    from kgsynth.sources.prefixes import canonical_curie

    return canonical_curie(text)


def _called(graph: KnowledgeGraph, text: str) -> list[int]:
    # Upper case makes one of what lower case keeps apart: ß and ss, σ and ς, µ and μ.
    wanted = text.upper()
    key = fnv(wanted.encode("utf-8", "surrogatepass"))
    return sorted({code for code, name in graph.with_name_hash(key) if name.upper() == wanted})


def fnv(data: bytes) -> int:
    """Hash a text as the index of names does (FNV-1a, 64 bits)."""
    value = 0xCBF29CE484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value


def _nearest(graph: KnowledgeGraph, wanted: str) -> str:
    """Name what is spelled most alike, in a graph where all names can be looked at."""
    from difflib import get_close_matches

    if graph.manifest.names > MOST_NAMES_COMPARED:
        return ""
    lowered = sorted({text.lower() for text in graph.name_texts()})
    close = get_close_matches(wanted.lower(), lowered, n=3, cutoff=0.6)
    return f" Nearest names: {', '.join(close)}." if close else ""
