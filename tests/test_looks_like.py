"""A graph given as the wrong kind is refused with the kind that it is."""

from __future__ import annotations

import gzip
import sys
import time
from pathlib import Path

import pytest

from kgsynth.errors import SourceError
from kgsynth.sources import READERS, read_source
from kgsynth.sources.looks_like import hint

sys.path.insert(0, str(Path(__file__).parent / "fuzz"))

from given import Input, write
from seeds import KINDS, seeds

SEEDS = [
    (kind, given) for kind in KINDS for given in seeds(kind) if "server.json" not in given.files
]
BARE = [given for kind, given in SEEDS if kind == "tables"]
"""Tables without a word that all tables share tell nothing; the first one has such."""

IMPORTS = {"neo4j", "hetionet"}
"""Both read a folder for ``neo4j-admin``, each with demands of its own."""


@pytest.mark.parametrize(
    ("kind", "given"), SEEDS, ids=[f"{kind}-{n}" for n, (kind, _) in enumerate(SEEDS)]
)
def test_the_kind_is_named_whatever_it_was_given_as(
    kind: str, given: Input, tmp_path: Path
) -> None:
    path = write(given, tmp_path / "graph")
    assert hint(kind, path) == ""
    if given in BARE[3:]:
        return
    for other in set(READERS) - {kind}:
        told = refusal(other, path)
        assert not told or f"{kind}:{path}" in told or {kind, other} == IMPORTS


def refusal(kind: str, path: Path) -> str:
    """Return what the reader says, or nothing where it reads it."""
    try:
        read_source(kind, path)
    except SourceError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.obo", b'<?xml version="1.0"?>\n<Ontology xmlns="x">\n</Ontology>\n', "OWL/XML"),
        ("a.owl", b"Prefix(:=<http://e.org/>)\nOntology(<http://e.org>)\n", "functional syntax"),
        ("a.csv", b"PK\x03\x04....xl/workbook.xml", "workbook of Excel"),
        ("a.xlsx", b"PK\x03\x04....", "Save its sheet as CSV"),
        ("a.zip", b"PK\x03\x04....", "a ZIP archive"),
        ("a.obo", gzip.compress(b"[Term]\nid: A:1\n"), "the ending .gz"),
        ("a.ttl", b"<!DOCTYPE html><html><body>Not found</body></html>", "a web page"),
        ("a.tsv", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"),
    ],
)
def test_what_no_kind_reads_is_named_too(
    name: str, content: bytes, said: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    refused = 0
    for kind in set(READERS) - {"neo4j"}:
        with pytest.raises(SourceError) as caught:
            read_source(kind, path)
        refused += said in str(caught.value)
    assert refused == len(READERS) - 1


def test_a_packed_document_is_looked_into(tmp_path: Path) -> None:
    path = tmp_path / "x.json.gz"
    path.write_bytes(gzip.compress(b'{"graphs": [{"nodes": [], "edges": []}]}'))
    with pytest.raises(SourceError, match=r"looks like OBO Graph JSON: write obograph:"):
        read_source("obo", path)


def test_a_folder_with_one_graph_names_its_file(tmp_path: Path) -> None:
    (tmp_path / "joints.obo").write_text("format-version: 1.2\n", "utf-8")
    (tmp_path / "README.md").write_text("Joints.\n", "utf-8")
    with pytest.raises(SourceError) as caught:
        read_source("rdf", tmp_path)
    assert f"write obo:{tmp_path / 'joints.obo'}." in str(caught.value)


@pytest.mark.parametrize("kind", ["hetionet", "obo", "tables"])
def test_a_folder_of_several_graphs_names_one_of_each_kind(kind: str, tmp_path: Path) -> None:
    for name in ("a.obo", "b.obo"):
        (tmp_path / name).write_text("format-version: 1.2\n", "utf-8")
    (tmp_path / "c.json").write_text('{"graphs": []}', "utf-8")
    (tmp_path / "d.json").write_text('{"graphs": []}', "utf-8")
    (tmp_path / "README.md").write_text("Joints.\n", "utf-8")
    with pytest.raises(SourceError) as caught:
        read_source(kind, tmp_path)
    files = f"obo:{tmp_path / 'a.obo'}, obograph:{tmp_path / 'c.json'}"
    assert caught.value.remedy.endswith(f"read one by one. Name a file, as in {files}.")


def test_nothing_is_said_of_what_is_not_known(tmp_path: Path) -> None:
    path = tmp_path / "links.tsv"
    path.write_text("a\tb\n", "utf-8")
    assert hint("kgx", path) == hint("kgx", tmp_path / "gone") == ""
    with pytest.raises(SourceError, match="has no column 'subject'"):
        read_source("kgx", path)


@pytest.mark.parametrize(
    "head",
    [
        '<?xml version="1.0"?>\n' + "<!-- note -->\n" * 4_000 + "<drugbank/>",
        "<!x>" * 16_000,
        "<!--" * 16_000,
        "<?" * 30_000,
        "# a\n" * 16_000,
        "{" * 60_000,
        '{"' * 30_000,
        "C0000001|" * 7_000,
        "<a> <a> " * 8_000,
        " " * 60_000,
    ],
    ids=lambda head: repr(head[:8]),
)
def test_no_beginning_takes_long(head: str, tmp_path: Path) -> None:
    path = tmp_path / "hostile.xml"
    path.write_text(head, "utf-8")
    began = time.process_time()
    hint("graphml", path)
    assert time.process_time() - began < 5
