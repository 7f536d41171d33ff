"""What a path holds, by its content: asked when a reader could make nothing of it.

A graph that is given as the wrong kind is mostly refused for a small thing, such as a column
that is not there. What helps is to be told what it is. Only signs that leave no doubt count.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from kgsynth.errors import SourceError, listing
from kgsynth.sources.opening import opened

HEAD = 1 << 16
MOST_FILES = 40
"""So many files of a folder are looked into."""


class Look(NamedTuple):
    """What a file or folder is."""

    what: str
    kinds: tuple[str, ...] = ()
    """Kinds that read it; none where it has to be made into something else."""
    remedy: str = ""
    """What to do where no kind reads it."""
    in_folder: bool = False
    """Its kind reads the folder that it lies in."""


class Sign(NamedTuple):
    """A pattern that a text begins with, or holds near its beginning, and what that means."""

    pattern: re.Pattern[str]
    look: Look


def _sign(pattern: str, what: str, *kinds: str, remedy: str = "", in_folder: bool = False) -> Sign:
    return Sign(re.compile(pattern, re.DOTALL), Look(what, kinds, remedy, in_folder))


_AS_RDF = "Save it as RDF/XML or Turtle for the kind rdf, or as OBO text for the kind obo"
_TEXTS = (
    _sign(
        r"version https://git-lfs\.github\.com/spec/",
        "a pointer of Git LFS to a file that was not fetched",
        remedy="Fetch the file itself: git lfs pull",
    ),
    _sign(r"(?i)<!doctype html|<html\b", "a web page", remedy="Fetch the file itself"),
    _sign(r"(?s:.*?)<(?:\w+:)?graphml\b", "GraphML", "graphml"),
    _sign(r"(?s:.*?)<rdf:RDF\b", "RDF/XML", "rdf"),
    # Possessive: what is passed over can be passed over in one way only, however hostile.
    _sign(
        r"(?:<\?[^>]*+>\s*+)?+(?:<!--(?:(?!-->).)*+-->\s*+|<![^>]*+>\s*+)*+<(?:owl:)?Ontology\b",
        "OWL/XML",
        remedy=_AS_RDF,
    ),
    _sign(r"(?:Prefix|Ontology)\(", "OWL in functional syntax", remedy=_AS_RDF),
    _sign(r"(?:Prefix|Ontology):\s+\S*\s*<", "OWL in Manchester syntax", remedy=_AS_RDF),
    _sign(r"(?:[^\n]*\n)*?(?:format-version:|\[Term\]\s)", "OBO text", "obo"),
    _sign(r"ontology: \S+\s*\n", "OBO text", "obo"),
    _sign(r"(?i)(?:#[^\n]*\n\s*)*@?(?:prefix\s+\S*:\s*<|base\s+<)", "Turtle", "rdf"),
    _sign(
        r"(?:#[^\n]*\n\s*)*(?:<[^>\s]+>|_:\S+)\s+<[^>\s]+>\s+[^\n]+\s\.\s*(?:\n|\Z)", "RDF", "rdf"
    ),
    _sign(r"\{.*\"(?:metaedge_tuples|kind_to_abbrev)\"", "Hetionet's JSON document", "hetionet"),
    _sign(r"\s*[\[{].*\"@(?:context|graph|id)\"", "JSON-LD", "rdf"),
    _sign(r"\{\s*\"graphs\"\s*:", "OBO Graph JSON", "obograph"),
    _sign(r"\{\s*\"(?:nodes|edges)\"\s*:\s*\[.*\"(?:category|subject)\"", "a KGX document", "kgx"),
    _sign(r"\{[^\n]*\"(?:category|provided_by|\w*knowledge_source)\"\s*:", "KGX", "kgx"),
    _sign(r"\{[^\n]*\"subject\"\s*:", "JSON lines", "tables", "kgx"),
    _sign(r"<[^>\s]+>\s*\{\s*<", "TriG", "rdf"),
    _sign(r"(?:C\d{7}\|[^\n]*\|\r?\n)+", "a table of the UMLS", "umls", in_folder=True),
)
_HEADERS: tuple[tuple[frozenset[str], Look], ...] = (
    (frozenset({"relation", "x_id", "y_id", "x_source"}), Look("PrimeKG", ("primekg",))),
    (frozenset({"source", "metaedge", "target"}), Look("edges of Hetionet", ("hetionet",))),
    *(
        (frozenset({"subject", "predicate", "object", sign}), Look("edges of KGX", ("kgx",)))
        for sign in ("primary_knowledge_source", "knowledge_source", "edge_label", "negated")
    ),
    (frozenset({"id", "category"}), Look("nodes of KGX", ("kgx",))),
    (frozenset({"subject", "predicate", "object"}), Look("a table of edges", ("tables", "kgx"))),
)
_IMPORT = re.compile(r"[^\n]*:(?:START_ID|ID)\b")
_TABLE_FOR_IMPORT = Look("a table for neo4j-admin", ("neo4j", "hetionet"), in_folder=True)
_WORKBOOK = Look("a workbook of Excel", remedy="Save its sheet as CSV for the kind tables")
_PARQUET = Look("Parquet", ("tables", "kgx"))
_ARCHIVE = Look("a ZIP archive", remedy="Unpack it, and name what was in it")
_TAR = Look("an archive", ("kgx",))
_DATABASE = Look("a database of SQLite", remedy="Export its tables as CSV for the kind tables")
_SIGNATURES = ((b"PAR1", _PARQUET), (b"SQLite format 3\x00", _DATABASE))
_PACKED = ((b"\x1f\x8b", ".gz"), (b"BZh", ".bz2"), (b"\xfd7zXZ", ".xz"))


def hint(kind: str, path: Path | str) -> str:
    """Say what a path holds and how to name it; nothing where it is of the kind, or unknown."""
    place = Path(path)
    try:
        found = (
            _in_folder(place) if place.is_dir() else _in_file(place) if place.is_file() else None
        )
    except (SourceError, OSError):
        return ""
    if found is None or kind in found.look.kinds:
        return ""
    look, where = found
    if not look.kinds:
        return f"{where} looks like {look.what}. {look.remedy}."
    named = where.parent if look.in_folder and where.is_file() else where
    ways = " or ".join(f"{kind}:{named}" for kind in look.kinds)
    return f"{where} looks like {look.what}: write {ways}."


class Found(NamedTuple):
    """What is there, and where it is."""

    look: Look
    path: Path


# --- folders ----------------------------------------------------------------------------------


def _in_folder(folder: Path) -> Found | None:
    """Tell a folder by its files."""
    direct = sorted(folder.iterdir())
    within = (path for place in direct if place.is_dir() for path in sorted(place.iterdir()))
    inner = [*direct, *within][:MOST_FILES]
    names = {path.name.lower() for path in inner}
    if any(name.startswith(("mrconso.rrf", "mrrel.rrf")) for name in names) or "meta" in names:
        return Found(Look("the UMLS", ("umls",)), folder)
    looks = [found for path in inner if path.is_file() and (found := _in_file(path))]
    for kinds, what in _FOLDERS:
        if any(set(found.look.kinds) == set(kinds) for found in looks):
            return Found(Look(what, kinds), folder)
    return looks[0] if len(looks) == 1 else _one_by_one(looks, folder)


def _one_by_one(looks: Iterable[Found], folder: Path) -> Found | None:
    """Name a file for each kind that a folder holds, where its kinds read single files."""
    ways: dict[str, Path] = {}
    for look, path in looks:
        if look.kinds and not look.in_folder:
            ways.setdefault(look.kinds[0], path)
    if not ways:
        return None
    files = listing(f"{kind}:{path}" for kind, path in ways.items())
    what = "a folder of graphs that are read one by one"
    return Found(Look(what, remedy=f"Name a file, as in {files}"), folder)


_FOLDERS = (
    (("primekg",), "PrimeKG"),
    (("neo4j", "hetionet"), "a folder for neo4j-admin"),
    (("hetionet",), "Hetionet"),
    (("kgx",), "tables of KGX"),
    (("kgx", "tables"), "tables of nodes and edges"),
)
"""Kinds that read a folder of such files."""


# --- files ------------------------------------------------------------------------------------


def _in_file(path: Path) -> Found | None:
    with path.open("rb") as file:
        start = file.read(16)
    packing = next((end for signature, end in _PACKED if start.startswith(signature)), "")
    if packing and path.suffix.lower() != packing and path.suffix.lower() != ".tgz":
        remedy = f"Give it the ending {packing}, so that it is unpacked"
        return Found(Look("a packed file", remedy=remedy), path)
    with opened(path) as stream:
        head = stream.read(HEAD)
    look = _binary(head, path) or _text(head.decode("utf-8", "replace").lstrip("\ufeff \t\r\n"))
    return Found(look, path) if look else None


def _binary(head: bytes, path: Path) -> Look | None:
    if head.startswith(b"PK\x03\x04"):
        is_workbook = path.suffix.lower() in (".xlsx", ".xlsm") or b"xl/" in head
        return _WORKBOOK if is_workbook else _ARCHIVE
    if head[257:262] == b"ustar":
        return _TAR
    return next((look for sign, look in _SIGNATURES if head.startswith(sign)), None)


def _text(head: str) -> Look | None:
    asked: Iterable[Callable[[str], Look | None]] = (_by_signs, _by_header)
    return next((look for ask in asked if (look := ask(head))), None)


def _by_signs(head: str) -> Look | None:
    return next((sign.look for sign in _TEXTS if sign.pattern.match(head)), None)


def _by_header(head: str) -> Look | None:
    """Tell a table by the names of its columns."""
    first = head.partition("\n")[0]
    if _IMPORT.match(first):
        return _TABLE_FOR_IMPORT
    for separator in "\t,;":
        columns = {cell.strip('" \r') for cell in first.split(separator)}
        for wanted, look in _HEADERS:
            if wanted <= columns:
                return look
    return None
