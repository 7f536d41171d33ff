"""Which concept is meant: by its number, an id, a source's spelling of one, or a name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kgsynth.errors import ConceptError, listing
from kgsynth.graph.asked import kind, out_of_range, whole
from kgsynth.graph.lexicon import Lexicon

MOST_NAMES_COMPARED = 200_000
"""Names among which the nearest to a misspelt one is looked for."""
IDS_COMPARED = 50
"""Ids before and after a misspelt one among which the nearest is looked for."""
ANY_WILL_DO = "An id, as the graph or its source spells it, or a whole name in any case will do."


def find(lexicon: Lexicon, concept: object) -> int:
    """Return the one concept that is meant, or say why there is none."""
    codes = meanings(lexicon, concept)
    if len(codes) == 1:
        return codes[0]
    raise _ambiguous(lexicon, concept, codes) if codes else _unknown(lexicon, concept)


def meanings(lexicon: Lexicon, concept: object) -> list[int]:
    """Return all concepts that may be meant; what is an id is not looked up as a name."""
    if isinstance(concept, str):
        return _with_id(lexicon, concept) or _called(lexicon, concept)
    number = whole(concept)
    return [number] if number is not None and 0 <= number < len(lexicon) else []


# --- looking up ---------------------------------------------------------------------------------


def _with_id(lexicon: Lexicon, text: str) -> list[int]:
    """Look for an id: as it stands, as a source spells it, or with its prefix spelled our way."""
    for spelled in dict.fromkeys((text, *_bare(text), _canonical(text))):
        own = lexicon.code_or_none(spelled)
        codes = [own] if own is not None else lexicon.with_identifier(spelled)
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


def _called(lexicon: Lexicon, text: str) -> list[int]:
    # Upper case makes one of what lower case keeps apart: ß and ss, σ and ς, µ and μ.
    wanted = text.upper()
    key = fnv(wanted.encode("utf-8", "surrogatepass"))
    return sorted({code for code, name in lexicon.with_name_hash(key) if name.upper() == wanted})


def fnv(data: bytes) -> int:
    """Hash a text as the index of names does (FNV-1a, 64 bits)."""
    value = 0xCBF29CE484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value


# --- what to say of it ------------------------------------------------------------------------


def _ambiguous(lexicon: Lexicon, concept: object, codes: list[int]) -> ConceptError:
    candidates = listing(_described(lexicon, code) for code in codes)
    return ConceptError(
        f"{concept!r} names {len(codes)} concepts: {candidates}.",
        remedy="Use the id of the one you mean.",
    )


def _described(lexicon: Lexicon, code: int) -> str:
    types = ", ".join(lexicon.types(code))
    return f"{lexicon.id(code)} ({types})" if types else lexicon.id(code)


def _unknown(lexicon: Lexicon, concept: object) -> ConceptError:
    if isinstance(concept, str):
        near = _nearest_ids(lexicon, concept) or _nearest_names(lexicon, concept)
        message = f"The graph holds no concept called {concept!r}.{near}"
        return ConceptError(message, remedy=ANY_WILL_DO)
    number = whole(concept)
    if number is not None:
        return ConceptError(out_of_range("concept", number, len(lexicon)), remedy=ANY_WILL_DO)
    return ConceptError(
        f"A concept is a number, an id or a name, not {kind(concept)}.",
        remedy="Ask for one at a time; `subgraph` alone takes several.",
    )


def _nearest_ids(lexicon: Lexicon, wanted: str) -> str:
    """Name the ids with the same prefix that are spelled most alike, of those beside it in order.

    Prefixes are left out of the comparison: a long one would make any two ids alike.
    """
    from difflib import get_close_matches

    prefix, colon, local = wanted.partition(":")
    if not colon:
        return ""
    known = {
        held.removeprefix(f"{prefix}:"): held
        for held in lexicon.ids_about(wanted, IDS_COMPARED)
        if held.startswith(f"{prefix}:")
    }
    close = get_close_matches(local, known, n=3, cutoff=0.6)
    return f" Nearest ids: {', '.join(known[one] for one in close)}." if close else ""


def _nearest_names(lexicon: Lexicon, wanted: str) -> str:
    """Name what is spelled most alike, in a graph where all names can be looked at."""
    from difflib import get_close_matches

    if lexicon.name_count > MOST_NAMES_COMPARED:
        return ""
    lowered = sorted({text.lower() for text in lexicon.told_names()})
    close = get_close_matches(wanted.lower(), lowered, n=3, cutoff=0.6)
    return f" Nearest names: {', '.join(close)}." if close else ""
