"""A META folder in the form of the UMLS, of any size, with nothing of the UMLS in it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from kgsynth.errors import count_of
from kgsynth.simulate.concepts import FIRST_CUI, LAST_CUI, Concepts, make_concepts, write_types
from kgsynth.simulate.lexicon import make_lexicon
from kgsynth.simulate.names import Atoms, rows_by_source, write_definitions, write_names
from kgsynth.simulate.relations import make_facts, write_relations
from kgsynth.simulate.shape import Simulated, require
from kgsynth.simulate.vocabularies import (
    CONTACT,
    EDITORS,
    LANGUAGE_NAMES,
    REL_INVERSES,
    VOCABULARIES,
    rela_inverses,
)
from kgsynth.sources.columns import Progress, silent

_MOST_ROWS = 999_999_999
_IN_HIERARCHY = 20_000
_HIERARCHY = "CLINORA"


class UmlsSize(NamedTuple):
    """How large it is to be."""

    concepts: int
    relations: int
    """Rows of MRREL: a fact is two of them."""
    names: int
    """Rows of MRCONSO."""


SIZES = {
    "small": UmlsSize(20_000, 300_000, 53_000),
    "medium": UmlsSize(340_000, 5_000_000, 900_000),
    "full": UmlsSize(3_400_000, 50_000_000, 9_000_000),
}
"""The full one is about what a release holds."""


def umls_size(
    size: str,
    *,
    concepts: int | None = None,
    relations: int | None = None,
    names: int | None = None,
) -> UmlsSize:
    """Return a size by name, or one like it with other numbers.

    >>> umls_size("full", concepts=340)
    UmlsSize(concepts=340, relations=5000, names=900)
    """
    base = SIZES[size]
    wanted = base.concepts if concepts is None else concepts
    part = wanted / base.concepts
    return UmlsSize(
        wanted,
        round(base.relations * part) if relations is None else relations,
        round(base.names * part) if names is None else names,
    )


def simulate_umls(
    folder: Path, size: UmlsSize, seed: int, progress: Progress = silent
) -> Simulated:
    """Write the files of a META folder."""
    _check(size)
    concepts = make_concepts(size.concepts, seed)
    lexicon = make_lexicon(seed)
    atoms = write_names(folder / "MRCONSO.RRF", concepts, lexicon, size.names, seed, progress)
    types = write_types(folder / "MRSTY.RRF", concepts, seed)
    definitions = write_definitions(folder / "MRDEF.RRF", concepts, atoms, lexicon, seed)
    facts = make_facts(concepts, atoms, size.relations, seed)
    write_relations(folder / "MRREL.RRF", concepts, atoms, facts, seed, progress)
    rows = {
        "MRCONSO.RRF": size.names,
        "MRDEF.RRF": definitions,
        "MRDOC.RRF": _write(folder / "MRDOC.RRF", _documented()),
        "MRHIER.RRF": _write(folder / "MRHIER.RRF", _contexts(concepts, atoms)),
        "MRRANK.RRF": _write(folder / "MRRANK.RRF", _ranks()),
        "MRREL.RRF": size.relations,
        "MRSAB.RRF": _write(folder / "MRSAB.RRF", _sources(atoms)),
        "MRSTY.RRF": types,
    }
    return Simulated(size.concepts, rows)


def _check(size: UmlsSize) -> None:
    most = LAST_CUI - FIRST_CUI
    require(
        2 <= size.concepts <= most,
        f"{count_of(size.concepts, 'concept')} cannot be simulated: there are from 2 to "
        f"{most:,} CUIs.",
        "Ask for a number in between.",
    )
    require(
        1 <= size.relations <= _MOST_ROWS,
        f"{count_of(size.relations, 'row')} of relations cannot be simulated.",
        f"Ask for 1 to {_MOST_ROWS:,}.",
    )
    require(
        size.concepts <= size.names <= _MOST_ROWS,
        f"{count_of(size.names, 'name')} cannot go round among "
        f"{count_of(size.concepts, 'concept')}.",
        f"Each needs one: ask for {size.concepts} to {_MOST_ROWS:,}.",
    )


def _write(path: Path, rows: Iterable[Iterable[object]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in rows:
            file.write("|".join(map(str, row)) + "|\n")
            count += 1
    return count


# --- the small files ----------------------------------------------------------------------------


def _sources(atoms: Atoms) -> Iterable[Iterable[object]]:
    """MRSAB: who publishes what, on which terms; all of it made up."""
    rows = zip(VOCABULARIES, rows_by_source(atoms), strict=True)
    for vocabulary, (names, named) in rows:
        contact = CONTACT.format(title=vocabulary.title)
        yield (
            "",
            "",
            f"{vocabulary.sab}{vocabulary.version}",
            vocabulary.sab,
            f"{vocabulary.title}, {vocabulary.version}",
            vocabulary.sab.removesuffix(vocabulary.language),
            vocabulary.version,
            "",
            "",
            "2026AA",
            "",
            contact,
            contact,
            vocabulary.restriction,
            names,
            named,
            "FULL-MULTIPLE" if vocabulary.sab == _HIERARCHY else "",
            ",".join(sorted(vocabulary.term_types)),
            "",
            vocabulary.language,
            "UTF-8",
            "Y",
            "Y",
            vocabulary.title,
            f";;;;{vocabulary.title}, an invented vocabulary;;;;;;;;;;;;;;",
        )


def _ranks() -> Iterable[Iterable[object]]:
    """MRRANK: the editors' names first, then each vocabulary's preferred kind, then the rest."""
    ordered = sorted(
        (place > 0, vocabulary.sab != EDITORS, -vocabulary.share, vocabulary.sab, place, kind)
        for vocabulary in VOCABULARIES
        for place, kind in enumerate(vocabulary.term_types)
    )
    for number, (*_, sab, place, kind) in enumerate(ordered):
        yield f"{len(ordered) - number:04}", sab, kind, "Y" if place > 2 else "N"


def _documented() -> Iterable[Iterable[object]]:
    """MRDOC: what the short words mean, and which relation is whose inverse."""
    for language, name in LANGUAGE_NAMES.items():
        yield "LAT", language, "expanded_form", name
    for rel, inverse in REL_INVERSES.items():
        yield "REL", rel, "rel_inverse", inverse
    for rela, inverse in rela_inverses().items():
        yield "RELA", rela, "expanded_form", rela.replace("_", " ").capitalize()
        yield "RELA", rela, "rela_inverse", inverse
    for letter, meaning in zip("EONY", ("editor", "obsolete", "none", "source"), strict=True):
        yield "SUPPRESS", letter, "expanded_form", f"Suppressed by: {meaning}"


def _contexts(concepts: Concepts, atoms: Atoms) -> Iterable[Iterable[object]]:
    """MRHIER: a tree of one vocabulary's first names, each below one that stands before it."""
    source = [vocabulary.sab for vocabulary in VOCABULARIES].index(_HIERARCHY)
    members = np.flatnonzero(atoms.source == source)[:_IN_HIERARCHY]
    owner = np.searchsorted(atoms.first, members, side="right") - 1
    paths: list[str] = []
    for number, (atom, concept) in enumerate(zip(members.tolist(), owner.tolist(), strict=True)):
        aui = f"A{atom + 1:0{atoms.width}}"
        # Each tenth of the way up: the tree is some five levels deep.
        path = paths[number // 10] if number else ""
        parent = path.rpartition(".")[2]
        paths.append(f"{path}.{aui}" if path else aui)
        cui = concepts.cui[concept].tobytes().decode()
        yield cui, aui, 1, parent, _HIERARCHY, "isa" if parent else "", path, "", ""
