"""Rows in, rows out: a count of an input's rows that shares no code with its reader.

Where a format has rows, each must be used, set aside or counted. What is counted here is a lower
bound where one row may become several, and exact elsewhere.
"""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import re
from collections.abc import Callable, Mapping
from pathlib import Path, PurePath
from xml.etree import ElementTree

import polars as pl
from given import Files, Input
from scripted_bolt import answer
from seeds_of_documents import SERVER

from kgsynth.sources.columns import GraphColumns, silent
from kgsynth.sources.neo4j.reader import COUNTS
from kgsynth.sources.ontologies.terms import Terms
from kgsynth.sources.rdf.facts import Facts
from kgsynth.sources.rdf.reader import Reading
from kgsynth.sources.rdf.syntax import read_triples

_UNPACKERS = {".gz": gzip.decompress, ".bz2": bz2.decompress, ".xz": lzma.decompress}
_EDGE_FILE = re.compile(r"(?:.*[._-])?edges", re.IGNORECASE | re.DOTALL)
_TEXT = (".tsv", ".csv", ".txt", ".tab", ".sif")


def fault_of_account(kind: str, given: Input, graph: GraphColumns) -> str:
    """Say which rows of an input are lost; nothing where each has a fate, or none can be told."""
    return _ACCOUNTS[kind](given, graph) if kind in _ACCOUNTS else ""


def fault_of_triples(path: Path, syntax: str) -> str:
    """Say whether a triple of a file of RDF is lost, by what its reader says of each."""
    terms = Terms(path.name)
    facts = Facts(terms.count)
    for triple in read_triples(path, syntax, terms.drop, silent):
        facts.add(triple)
    lines_set_aside = len(terms.dropped)
    reading = Reading(facts, terms)
    reading.interpret()
    # These two count statements, which were triples, or parts of one, that were used.
    counted = {k: n for k, n in terms.counted.items() if k not in ("top-class", "obsolete-end")}
    told = reading.used + sum(counted.values()) + len(terms.dropped) - lines_set_aside
    return _compared("triples", facts.read, told, exact=True)


def plain(name: str, content: bytes) -> bytes:
    """Unpack a file by its ending; a Parquet file is known by how it begins."""
    if content.startswith(b"PAR1"):
        return content
    return _UNPACKERS.get(PurePath(name).suffix.lower(), bytes)(content)


def lines(content: bytes) -> int:
    """Count lines as an editor does."""
    return content.count(b"\n") + (content[-1:] not in (b"", b"\n"))


def _bare(name: str) -> PurePath:
    path = PurePath(name)
    return path.with_suffix("") if path.suffix.lower() in _UNPACKERS else path


def _compared(what: str, rows: int, told: int, *, exact: bool) -> str:
    if told == rows or (told > rows and not exact):
        return ""
    return f"of {rows} {what} {told} have a fate"


def _dropped(graph: GraphColumns, *files: str) -> int:
    return graph.dropped.filter(pl.col("file").is_in(list(files))).height


# --- umls -----------------------------------------------------------------------------------------

_RELATION_COUNTS = ("suppressed", "filtered", "concept-left-out", "root-or-suppressed-parent")


def _umls(given: Input, graph: GraphColumns) -> str:
    held = _meta(given.files)
    counted = graph.counted
    relations = sum(lines(held[name][1]) for name in ("MRREL", "MRHIER") if name in held)
    listed = [held[name][0] for name in ("MRREL", "MRHIER") if name in held]
    told = graph.edges.height + sum(counted.get(reason, 0) for reason in _RELATION_COUNTS)
    told += _dropped(graph, *listed)
    if fault := _compared("relations", relations, told, exact=True):
        return fault
    if not given.options.get("types"):
        names = counted.get("suppressed-name", 0) + counted.get("filtered-name", 0)
        told = graph.names.height + names + _dropped(graph, held["MRCONSO"][0])
        if fault := _compared("names", lines(held["MRCONSO"][1]), told, exact=True):
            return fault
    if "MRDEF" not in held:
        return ""
    told = graph.definitions.height + counted.get("definition-left-out", 0)
    told += _dropped(graph, held["MRDEF"][0])
    return _compared("definitions", lines(held["MRDEF"][1]), told, exact=True)


def _meta(files: Files) -> dict[str, tuple[str, bytes]]:
    """Find the files of a META folder: the name of the first part, and what all parts hold."""
    inner = {n: c for n, c in files.items() if c is not None and "/" not in n}
    if not any(re.match(r"MR[A-Z]+\.RRF", name) for name in inner):
        inner = {n.partition("/")[2]: c for n, c in files.items() if c is not None}
    found = {}
    for name in ("MRCONSO", "MRREL", "MRHIER", "MRDEF"):
        whole = [n for n in (f"{name}.RRF", f"{name}.RRF.gz") if n in inner]
        part = re.compile(rf"{name}\.RRF\.(?!gz$)[a-z]{{2}}(\.gz)?")
        parts = whole[:1] or sorted(n for n in inner if part.fullmatch(n))
        if parts:
            joined = b"".join(inner[n] for n in parts)
            found[name] = parts[0], plain(parts[0], joined)
    return found


# --- tables ---------------------------------------------------------------------------------------


def _edge_files(given: Input) -> dict[str, bytes]:
    """Find the files of edges, in text."""
    held = {n: c for n, c in given.files.items() if c is not None and "/" not in n}
    names_nodes = re.fullmatch(r".*nodes", _bare(given.entry).stem, re.IGNORECASE)
    if given.entry in held and not names_nodes:
        return {given.entry: held[given.entry]}
    named = given.options.get("edges")
    return {
        name: content
        for name, content in held.items()
        if (name in named if named else _EDGE_FILE.fullmatch(_bare(name).stem))
        and not name.startswith(".")
    }


def _table_rows(given: Input, files: Mapping[str, bytes]) -> int | None:
    """Count the rows of tables below their headers; None where a row may run over lines."""
    total = 0
    for name, packed in files.items():
        content, ending = plain(name, packed), _bare(name).suffix.lower()
        parted = given.options.get("separator") or ("," if ending == ".csv" else "\t")
        if ending not in (*_TEXT, ".jsonl", ".ndjson") or (parted in ",;" and b'"' in content):
            return None
        has_header = ending in _TEXT and given.options.get("header", True)
        total += lines(content) - has_header
    return total


def _tables(given: Input, graph: GraphColumns, *, exact: bool = True) -> str:
    files = _edge_files(given)
    rows = _table_rows(given, files)
    if rows is None:
        return ""
    told = graph.edges.height + _dropped(graph, *files)
    return _compared("rows of edges", rows, told, exact=exact)


def _primekg(given: Input, graph: GraphColumns) -> str:
    names = [given.entry or f"kg.csv{end}" for end in ("", *_UNPACKERS)]
    name = next(n for n in names if given.files.get(n) is not None)
    rows = lines(plain(name, given.files[name] or b"")) - 1
    return _compared("rows", rows, graph.edges.height + graph.dropped.height, exact=True)


def _hetionet(given: Input, graph: GraphColumns) -> str:
    documents = [n for n in given.files if _bare(n).suffix.lower() == ".json"]
    tables = {n: c for n, c in given.files.items() if c and _bare(n).suffix.lower() == ".sif"}
    if any("/" in name for name in given.files):
        return _imported(given, graph)
    if tables and not documents:
        if given.entry in tables:
            tables = {given.entry: tables[given.entry]}
        told = graph.edges.height + _dropped(graph, *tables)
        return _compared("rows of edges", _table_rows(given, tables) or 0, told, exact=True)
    return _listed(given, graph, documents, "edges", lambda tree: len(tree["edges"]))


def _kgx(given: Input, graph: GraphColumns) -> str:
    documents = [n for n in given.files if _bare(n).suffix.lower() == ".json" and n == given.entry]
    if documents:
        return _listed(given, graph, documents, "edges", lambda tree: len(tree["edges"]))
    if given.entry.endswith((".tar.gz", ".tgz", ".tar")):
        return ""
    return _tables(given, graph, exact=False)


def _imported(given: Input, graph: GraphColumns) -> str:
    """Count the rows of a folder for Neo4j's import; a quote may join two lines."""
    rows, names = 0, []
    for name, packed in given.files.items():
        if not packed or _bare(name).suffix.lower() not in (".csv", ".tsv"):
            continue
        content = plain(name, packed)
        if not re.search(rb":START_ID(\(|[\s,;]|$)", content.partition(b"\n")[0]):
            continue
        if b'"' in content or b"\r" in content.replace(b"\r\n", b"\n"):
            return ""
        rows += lines(content) - 1
        names.append(PurePath(name).name)
    told = graph.edges.height + _dropped(graph, *names)
    return _compared("rows of relationships", rows, told, exact=False)


# --- documents ------------------------------------------------------------------------------------


def _listed(
    given: Input,
    graph: GraphColumns,
    names: list[str],
    what: str,
    count: Callable[[dict[str, list[object]]], int],
) -> str:
    """Count the items of a JSON document, where Python reads it too."""
    name = given.entry or (names[0] if len(names) == 1 else "")
    content = given.files.get(name)
    if not content:
        return ""
    try:
        items = count(json.loads(plain(name, content)))
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return _compared(what, items, _fates(graph), exact=False)


def _fates(graph: GraphColumns) -> int:
    return graph.edges.height + graph.dropped.height + sum(graph.counted.values())


def _obograph(given: Input, graph: GraphColumns) -> str:
    def count(tree: dict[str, list[object]]) -> int:
        graphs = [g for g in tree["graphs"] if isinstance(g, dict)]
        return sum(len(e) for g in graphs if isinstance(e := g.get("edges"), list))

    return _listed(given, graph, list(given.files), "edges", count)


_STATED = re.compile(rb"^[ \t]*(?:is_a|relationship|intersection_of):", re.MULTILINE)


def _obo(given: Input, graph: GraphColumns) -> str:
    name = given.entry or next(iter(given.files))
    content = plain(name, given.files[name] or b"")
    return _compared("statements", len(_STATED.findall(content)), _fates(graph), exact=False)


def _graphml(given: Input, graph: GraphColumns) -> str:
    name = given.entry or next(iter(given.files))
    try:
        root = ElementTree.fromstring(plain(name, given.files[name] or b""))
    except (ElementTree.ParseError, ValueError, LookupError):
        return ""
    edges = sum(element.tag.rpartition("}")[2] == "edge" for element in root.iter())
    return _compared("edges", edges, _fates(graph), exact=False)


def _neo4j(given: Input, graph: GraphColumns) -> str:
    if SERVER not in given.files:
        return _imported(given, graph)
    tree = json.loads(given.files[SERVER] or b"")
    if tree.get("about"):
        return ""
    ends = answer(tree, COUNTS[1])[0][0]
    return _compared("relationships", ends, _fates(graph), exact=False)


_ACCOUNTS: dict[str, Callable[[Input, GraphColumns], str]] = {
    "umls": _umls,
    "primekg": _primekg,
    "hetionet": _hetionet,
    "obo": _obo,
    "obograph": _obograph,
    "kgx": _kgx,
    "tables": _tables,
    "neo4j": _neo4j,
    "graphml": _graphml,
}
