"""The facts of N3, by rdflib. Import this module late: rdflib is slow to load.

Rules and quoted formulas are no facts, and are set aside.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyoxigraph as ox
import rdflib
from rdflib.plugins.parsers.notation3 import BadSyntax
from rdflib.plugins.stores.memory import Memory

from kgsynth.errors import SourceError
from kgsynth.sources.ontologies.terms import well_formed
from kgsynth.sources.opening import Block, decoded, opened
from kgsynth.sources.rdf.syntax import Drop, Triple

# rdflib warns of every odd IRI; without a handler of its own, on standard error.
logging.getLogger("rdflib").addHandler(logging.NullHandler())

_WHY = re.compile(r"Bad syntax \((.*?)\) at \^ in:", re.DOTALL)
_NO_CHARACTER = re.compile(r"(?<!\\)(?:\\\\)*\\U(?!000|0010)[0-9A-Fa-f]{8}")
"""An escape beyond the last character; rdflib has no error of its own for it."""


class _InOrder(Memory):
    """Remembers in which order it was told; in the store itself no two runs agree on one."""

    def __init__(self) -> None:
        super().__init__()
        self.told: dict[tuple[Any, Any, Any], None] = {}

    def add(self, triple: Any, context: Any, quoted: bool = False) -> None:
        """Add a triple."""
        super().add(triple, context, quoted)
        if not quoted:
            self.told[triple] = None


def read_n3(path: Path, drop: Drop) -> Iterator[Triple]:
    """Yield the facts of a file."""
    with opened(path) as file:
        text = decoded(path, Block(1, file.read()))
    names: dict[object, ox.BlankNode] = {}
    for row, parts in enumerate(_parse(path, text), 1):
        subject, predicate, object_ = (_plain(part, names) for part in parts)
        if isinstance(predicate, ox.NamedNode) and subject and object_:
            yield Triple(row, subject, predicate, object_)
        else:
            drop(row, "not-a-fact", " ".join(_shown(part) for part in parts))


def _parse(path: Path, text: str) -> list[tuple[Any, Any, Any]]:
    store = _InOrder()
    graph = rdflib.Graph(store=store)
    if _NO_CHARACTER.search(text):
        raise SourceError(
            f"{path} is not valid N3: it escapes what is no character.", remedy="Mend that place."
        )
    try:
        graph.parse(data=text, format="n3", publicID=f"file:///{quote(path.name)}")
    except BadSyntax as error:
        why = _WHY.search(error.message)
        raise SourceError(
            f"{path}, line {error.lines + 1} is not valid N3: {why[1] if why else 'bad syntax'}.",
            remedy="Mend that place.",
        ) from None
    except RecursionError:
        raise SourceError(
            f"{path} is nested too deep to be read.",
            remedy="Check that it is the file that it was said to be.",
        ) from None
    except Exception as error:  # rdflib raises that very class, and whatever it stumbles over
        raise SourceError(
            f"{path} is not valid N3: {error}.", remedy="Check that the file is whole."
        ) from None
    return [triple for triple in store.told if triple in graph]


def _plain(
    term: object, names: dict[object, ox.BlankNode]
) -> ox.NamedNode | ox.BlankNode | ox.Literal | None:
    """Make one of pyoxigraph's terms; None of a formula, a variable or an IRI that is none."""
    try:
        if isinstance(term, rdflib.URIRef):
            return ox.NamedNode(str(term))
        if isinstance(term, rdflib.BNode):
            # rdflib names blank nodes at random.
            return names.setdefault(term, ox.BlankNode(f"b{len(names)}"))
        if isinstance(term, rdflib.Literal):
            text = well_formed(str(term))
            datatype = ox.NamedNode(str(term.datatype)) if term.datatype else None
            return ox.Literal(text, language=term.language, datatype=datatype)
    except ValueError:
        return None
    return None


def _shown(term: Any) -> str:
    """Show a term, without the random name of a blank node or a formula."""
    if isinstance(term, rdflib.Graph):
        return "{...}"
    return "[]" if isinstance(term, rdflib.BNode) else str(term)
