"""RDF in any syntax as a stream of triples.

pyoxigraph parses all but N3, where rdflib knows more of the language. Lines of N-Triples and
N-Quads stand alone, so that a bad one is set aside and the rest is read; in the other syntaxes
what follows an error means nothing, and the file is refused with the line where it stands.
Nothing is fetched: no import, no remote JSON-LD context, no external entity.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast
from urllib.parse import quote

import pyoxigraph as ox

from kgsynth.errors import SourceError, listing
from kgsynth.source_options import how_to_set
from kgsynth.sources.columns import Progress
from kgsynth.sources.opening import blocks, decoded, opened
from kgsynth.sources.rdf.safe_xml import CheckedXml

FORMATS = {
    "xml": ox.RdfFormat.RDF_XML,
    "turtle": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "nquads": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
    "json-ld": ox.RdfFormat.JSON_LD,
}
ENDINGS = {
    ".owl": "xml",
    ".rdf": "xml",
    ".xml": "xml",
    ".ttl": "turtle",
    ".turtle": "turtle",
    ".nt": "nt",
    ".ntriples": "nt",
    ".nq": "nquads",
    ".nquads": "nquads",
    ".trig": "trig",
    ".jsonld": "json-ld",
    ".json": "json-ld",
    ".n3": "n3",
}
BRACKETED = ("turtle", "trig", "nt", "nquads")
"""Syntaxes that put an IRI between brackets."""
PACKED = (".gz", ".bz2", ".xz")
BLOCK_BYTES = 8 << 20
PROGRESS_EVERY = 200_000
_HEAD = 4096
_PLACE = re.compile(r"^Parser error at line [^:]*: | \(line \d+\)$")
"""What pyoxigraph's sentences tell of the place; we tell it ourselves."""
_BROKEN = re.compile(r'[\x00-\x1f<>"]')
"""In an IRI, the sign that a bracket is missing and that it ran on into what follows."""

_NO_IRI = re.compile(r"<\s*>")

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Drop = Callable[[int, str, str], None]


class Triple(NamedTuple):
    """A triple and where it stands: its line in N-Triples, else its place among all triples."""

    row: int
    subject: Term
    predicate: ox.NamedNode
    object: Term


def read_triples(path: Path, syntax: str, drop: Drop, progress: Progress) -> Iterator[Triple]:
    """Yield the triples of a file; named graphs are read as one."""
    syntax = syntax or tell_syntax(path)
    if syntax in ("nt", "nquads"):
        triples = _read_lines(path, FORMATS[syntax], drop)
    elif syntax == "n3":
        from kgsynth.sources.rdf.n3 import read_n3

        triples = read_n3(path, drop)
    else:
        triples = _read_document(path, syntax)
    done = 0
    for done, triple in enumerate(triples, 1):
        if syntax in BRACKETED and _runs_on(triple):
            drop(triple.row, "malformed-iri", " ".join(map(str, triple[1:])))
            continue
        yield triple
        if done % PROGRESS_EVERY == 0:
            progress(f"Reading {path.name}", done, 0)
    progress(f"Reading {path.name}", done, done)


def _runs_on(triple: Triple) -> bool:
    """Tell an IRI whose closing bracket is missing."""
    _, subject, predicate, object_ = triple
    return bool(
        _BROKEN.search(predicate.value)
        or (isinstance(subject, ox.NamedNode) and _BROKEN.search(subject.value))
        or (isinstance(object_, ox.NamedNode) and _BROKEN.search(object_.value))
    )


def tell_syntax(path: Path) -> str:
    """Tell the syntax by the file's ending; ``.owl`` is looked into, since it may be Turtle."""
    if path.is_dir():
        raise SourceError(f"{path} is a folder.", remedy="Kind rdf reads one file: name it.")
    if not path.exists():
        raise SourceError(f"{path} is not there.", remedy="Name a file that can be read.")
    endings = [ending for ending in map(str.lower, path.suffixes) if ending not in PACKED]
    syntax = ENDINGS.get(endings[-1]) if endings else None
    if syntax is None:
        raise SourceError(
            f"{path.name} does not say by its ending in which syntax it is.",
            remedy=f"Say it ({how_to_set('syntax', 'turtle')}), or end the name with one of: "
            f"{listing(ENDINGS, 20)}.",
        )
    return _look_into(path) if endings[-1] == ".owl" else syntax


def _look_into(path: Path) -> str:
    with opened(path) as file:
        head = file.read(_HEAD).decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if head.startswith(("Prefix(", "Ontology(")):
        raise SourceError(
            f"{path} is OWL in functional syntax, which is no RDF.",
            remedy="Save it as RDF/XML or Turtle, or as OBO text for the kind obo.",
        )
    if head.startswith(("@prefix", "@base", "PREFIX", "BASE", "#")):
        return "turtle"
    return "json-ld" if head.startswith(("{", "[")) else "xml"


# --- whole documents -------------------------------------------------------------------------


def _read_document(path: Path, syntax: str) -> Iterator[Triple]:
    base = f"file:///{quote(path.name)}"
    with opened(path) as file:
        stream = CheckedXml(file, path) if syntax == "xml" else file
        try:
            # Lenient: an IRI with a space in it is no reason to refuse an ontology.
            quads = ox.parse(cast(BinaryIO, stream), FORMATS[syntax], base_iri=base, lenient=True)
            for row, quad in enumerate(quads, 1):
                yield Triple(row, quad.subject, quad.predicate, quad.object)
        except SyntaxError as error:
            line = error.lineno or (stream.line if isinstance(stream, CheckedXml) else None)
            raise _refusal(path, syntax, str(error.msg), line) from None
        except MemoryError as error:
            raise SourceError(
                f"{path} holds a text that is too long to be one: {error}.",
                remedy="Check that it is the file that it was said to be.",
            ) from None


def _refusal(path: Path, syntax: str, problem: str, line: int | None) -> SourceError:
    if "remote context" in problem:
        return SourceError(
            f"{path} names a JSON-LD context that lies elsewhere, which is never fetched.",
            remedy="Put the context itself into the file, or convert it to Turtle.",
        )
    where = f", line {line}" if line else ""
    name = {"xml": "RDF/XML", "turtle": "Turtle", "trig": "TriG", "json-ld": "JSON-LD"}[syntax]
    return SourceError(
        f"{path}{where} is not valid {name}: {_PLACE.sub('', problem).rstrip(' .')}.",
        remedy="Mend that place; or say in which syntax it is: "
        f"{how_to_set('syntax', 'turtle' if syntax == 'xml' else 'xml')}.",
    )


# --- one triple a line -----------------------------------------------------------------------


def _read_lines(path: Path, form: ox.RdfFormat, drop: Drop) -> Iterator[Triple]:
    for block in blocks(path, block_bytes=BLOCK_BYTES):
        text = decoded(path, block)
        try:
            quads = [] if _NO_IRI.search(text) else list(ox.parse(text, form, lenient=True))
        except (SyntaxError, MemoryError):
            quads = []
        if quads and len(quads) == text.count("\n") + (not text.endswith("\n")):
            for row, quad in enumerate(quads, block.first_row):
                yield Triple(row, quad.subject, quad.predicate, quad.object)
        else:
            yield from _read_singly(text, block.first_row, form, drop)


def _read_singly(text: str, first_row: int, form: ox.RdfFormat, drop: Drop) -> Iterator[Triple]:
    """Read line by line: something is wrong, or empty lines and comments shift the count."""
    for row, line in enumerate(text.split("\n"), first_row):
        try:
            quads = list(ox.parse(line, form, lenient=True))
        except (SyntaxError, MemoryError):
            drop(row, "malformed-line", line)
            continue
        for quad in quads:
            terms = quad.subject, quad.predicate, quad.object
            if any(isinstance(term, ox.NamedNode) and not term.value.strip() for term in terms):
                drop(row, "empty-id", line)
            else:
                yield Triple(row, *terms)
