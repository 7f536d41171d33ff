"""OBO text, read: every clause that has a place is kept, every other one is counted."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ontology_forms import (
    definitions,
    dropped,
    evidence,
    identifiers,
    names,
    read_text,
    real_file,
    statements,
    types,
)

from kgsynth.errors import SourceError
from kgsynth.sources import read_source
from kgsynth.sources.columns import GraphColumns, Relation, SourceInfo
from kgsynth.sources.ontologies.obo_lines import parse_value, unescape

SMALL = r"""format-version: 1.4
data-version: tiny/releases/2026-03-04/tiny.obo
ontology: tiny
default-namespace: everything
synonymtypedef: SHORT "an acronym or abbreviation" EXACT
property_value: http://purl.org/dc/terms/license https://creativecommons.org/licenses/by/4.0/
! a comment

[Term]
id: DOID:1
name: heart disease \(any\) ! not its name
alt_id: doid:91
def: "A disease\: of the \"heart\"." [PMID:1]
synonym: "cardiac \"disease\"" EXACT []
synonym: "HD" EXACT SHORT [PMID:2] {source="x"}
synonym: "heart trouble" BROAD []
synonym: "valve disease" NARROW []
synonym: "heart ache" []
synonym: "CD" EXACT OMO:0003012 []
xref: UMLS_CUI:C0018799 "Heart Diseases" {source="MONDO:equivalentTo"}
xref: MESH\:D006331
property_value: skos:exactMatch "NCI:C3079" xsd:string
property_value: seeAlso "elsewhere" xsd:string
subset: slim
is_a: DOID:4 {source="PMID:3", source="PMID:4"} ! disease
relationship: located_in UBERON:0000948 ! heart
relationship: RO:0004001 DOID:2
relationship: has_part UBERON:0000948 {maxCardinality="0"}
relationship: has_part UBERON:0000948 {all_only="true"}
relationship: located_in UBERON:9999999 ! leaves the file

[Term]
id: DOID:2
name: {curly} 5" [x] !important
namespace: disease_ontology
intersection_of: DOID:1
intersection_of: part_of UBERON:0000948
equivalent_to: DOID:4
disjoint_from: DOID:4

[Term]
id: DOID:4
name: disease
xref: OMIM:1\n

[Term]
id: DOID:5
name: obsolete thing
is_obsolete: true
replaced_by: DOID:6
is_a: DOID:4

[Term]
id: DOID:6
name: obsolete as well
is_obsolete: true
replaced_by: DOID:1
consider: DOID:2

[Term]
id: DOID:7
name: leans on the obsolete
is_a: DOID:5

[Term]
id: UBERON:0000948
name: heart

[Typedef]
id: located_in
name: located in
xref: OBO_REL:located_in
xref: RO:0001025
inverse_of: location_of

[Typedef]
id: part_of
xref: BFO:0000050
is_transitive: true

[Typedef]
id: touches
is_symmetric: true

[Instance]
id: ex:heart-of-anna
name: the heart of Anna
instance_of: UBERON:0000948
relationship: touches UBERON:0000948
"""


@pytest.fixture
def small(tmp_path: Path) -> GraphColumns:
    return read_text("obo", tmp_path, "small.obo", SMALL)


def test_header_says_what_the_source_is(small: GraphColumns) -> None:
    assert small.sources == (SourceInfo("tiny", "2026-03-04", "2026-03-04", "CC-BY-4.0"),)


def test_terms_and_their_types(small: GraphColumns) -> None:
    """A namespace serves all terms with its prefix; the default one calls no heart a disease."""
    assert types(small) == {
        "DOID:1": ["obo:disease_ontology"],
        "DOID:2": ["obo:disease_ontology"],
        "DOID:4": ["obo:disease_ontology"],
        "DOID:7": ["obo:disease_ontology"],
        "UBERON:0000948": ["obo:UBERON"],
        "ex:heart-of-anna": ["UBERON:0000948"],
    }


def test_names_have_their_kind(small: GraphColumns) -> None:
    of_first = {(text, kind) for term, text, _, kind in names(small) if term == "DOID:1"}
    assert of_first == {
        ("heart disease (any)", "preferred"),
        ('cardiac "disease"', "synonym"),
        ("HD", "abbreviation"),
        ("CD", "abbreviation"),
        ("heart trouble", "broad"),
        ("valve disease", "narrow"),
        ("heart ache", "related"),
    }
    assert ("DOID:2", '{curly} 5" [x]', "en", "preferred") in names(small)


def test_definitions(small: GraphColumns) -> None:
    assert definitions(small) == {"DOID:1": 'A disease: of the "heart".'}


def test_identifiers(small: GraphColumns) -> None:
    """A replaced id is an id of what replaced it in the end, over one that was replaced itself."""
    assert identifiers(small, "alternative") == {
        ("DOID:1", "DOID:91"),
        ("DOID:1", "DOID:5"),
        ("DOID:1", "DOID:6"),
    }
    assert identifiers(small, "xref") == {
        ("DOID:1", "UMLS:C0018799"),
        ("DOID:1", "MESH:D006331"),
        ("DOID:1", "NCIT:C3079"),
        ("DOID:4", "OMIM:1"),
    }


def test_statements(small: GraphColumns) -> None:
    assert statements(small) == [
        ("DOID:1", "rdfs:subClassOf", "DOID:4"),
        ("DOID:1", "RO:0001025", "UBERON:0000948"),
        ("DOID:1", "RO:0004001", "DOID:2"),
        ("DOID:2", "rdfs:subClassOf", "DOID:1"),
        ("DOID:2", "BFO:0000050", "UBERON:0000948"),
        ("DOID:2", "owl:equivalentClass", "DOID:4"),
        ("ex:heart-of-anna", "obo:touches", "UBERON:0000948"),
    ]
    assert evidence(small) == {("DOID:1", "rdfs:subClassOf", "DOID:4"): "PMID:3; PMID:4"}


def test_relations_know_their_inverse(small: GraphColumns) -> None:
    known = {relation.spelling: relation for relation in small.relations}
    assert known["RO:0001025"] == Relation("RO:0001025", "obo:location_of")
    assert known["obo:touches"] == Relation("obo:touches", "", True)


def test_a_statement_that_leaves_the_file_is_set_aside(small: GraphColumns) -> None:
    before = SMALL[: SMALL.index("relationship: located_in UBERON:9")]
    assert dropped(small) == [(before.count("\n") + 1, "dangling")]


def test_every_clause_has_a_fate(small: GraphColumns) -> None:
    """What became of every line of a term, by a count that shares no code with the reader."""
    assert small.counted == {
        "disjoint": 1,
        "negated": 1,
        "obsolete": 2,
        "obsolete-detail": 8,
        "obsolete-end": 1,
        "property-value": 1,
        "relation-detail": 2,
        "subset": 1,
        "universal": 1,
    }


def test_a_bad_line_is_set_aside_and_the_rest_is_read(tmp_path: Path) -> None:
    text = (
        "[Term]\n"
        "id: DOID:1\n"
        "name: one\n"
        "no colon at all\n"
        "synonym: no quotes EXACT []\n"
        "is_a:\n"
        "relationship: part_of\n"
        "xref:\n"
        "alt_id: ! nothing\n"
        "def: no quotes\n"
        'property_value: skos:exactMatch "" xsd:string\n'
        "name: another name\n"
        "is_a: DOID:2\n"
        "[Term\n"
        "id: DOID:9\n"
        "\n"
        "[Term]\n"
        "name: without an id\n"
        "[Term]\n"
        "id: DOID:2\n"
        "[Term]\n"
        "id: DOID:1\n"
        "name: something else\n"
        "[Term]\n"
        "id: DOID:1\n"
        "name: one\n"
        "xref: MESH:D1\n"
        "[Mystery]\n"
        "id: x\n"
    )
    graph = read_text("obo", tmp_path, "bad.obo", text)
    assert dropped(graph) == [
        (4, "malformed-line"),
        (5, "malformed-synonym"),
        (6, "malformed-is-a"),
        (7, "malformed-relationship"),
        (8, "empty-id"),
        (9, "empty-id"),
        (10, "malformed-definition"),
        (11, "empty-id"),
        (12, "repeated-tag"),
        (14, "malformed-line"),
        (15, "malformed-stanza"),
        (17, "empty-id"),
        (21, "duplicate-id"),
    ]
    assert set(types(graph)) == {"DOID:1", "DOID:2"}
    assert statements(graph) == [("DOID:1", "rdfs:subClassOf", "DOID:2")]
    assert identifiers(graph, "xref") == {("DOID:1", "MESH:D1")}
    assert graph.counted == {"duplicate-id-detail": 1, "unused-stanza": 1}


def test_the_first_format_of_obo(tmp_path: Path) -> None:
    text = (
        '[Term]\nid: GO:1\nname: a\nexact_synonym: "b" []\nbroad_synonym: "c" []\n'
        'narrow_synonym: "d" [x]\nrelated_synonym: "e" []\nxref_analog: MESH:D1\n'
    )
    graph = read_text("obo", tmp_path, "old.obo", text)
    assert {kind for _, _, _, kind in names(graph)} == {
        "preferred",
        "synonym",
        "broad",
        "narrow",
        "related",
    }
    assert identifiers(graph, "xref") == {("GO:1", "MESH:D1")}


def test_windows_lines_byte_order_mark_and_gzip(tmp_path: Path) -> None:
    text = b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode()
    path = tmp_path / "small.obo.gz"
    path.write_bytes(gzip.compress(text))
    packed = read_source("obo", path)
    plain = read_text("obo", tmp_path, "small.obo", SMALL)
    assert statements(packed) == statements(plain)
    assert packed.names.equals(plain.names)
    assert packed.counted == plain.counted


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "holds no usable concept"),
        (b"\n\n", "holds no usable concept"),
        (b"ontology: empty\n", "holds no usable concept"),
        (b"[Term]\nid: A:1\nis_obsolete: true\n", "holds no usable concept"),
        (b"[Term]\nid: A:1\nname: caf\xe9\n", "line 3 is not UTF-8 text"),
        (b"[Term]\nid: A:1\x00\n", "line 2 holds binary data"),
        (gzip.compress(b"[Term]\n")[:-9], "holds binary data|not UTF-8"),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        read_text("obo", tmp_path, "x.obo", content)


def test_a_gzip_that_is_cut_short(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cut short"):
        read_text("obo", tmp_path, "x.obo.gz", gzip.compress(SMALL.encode())[:200])


def test_hostile_lines_end_soon(tmp_path: Path) -> None:
    """Texts that make a careless pattern try again and again."""
    many = 20_000
    modifier = 'k="v"  '
    text = (
        "[Term]\nid: A:1\nname: a\n"
        f"is_a: A:1 {{{modifier * many}x\n"
        f"is_a: A:1 {'{' * many}}}\n"
        f"is_a: A:1{' ' * many}{'! ' * many}\n"
        f'synonym: "{chr(92) * many}\n'
        f'synonym: "x"{" " * many}EXACT{" [" * many}\n'
        f'xref: {" " * many}"{"!" * many}\n'
        f"name: {'{a=' * many}}}\n"
        f"[{'T' * many}\n"
    )
    graph = read_text("obo", tmp_path, "x.obo", text)
    assert len(statements(graph)) == 3
    assert Counter(reason for _, reason in dropped(graph))["malformed-line"] == 1


@pytest.mark.parametrize(
    ("value", "text", "modifiers"),
    [
        ("A:1", "A:1", ()),
        ("A:1 ! name", "A:1", ()),
        ("! only a comment", "", ()),
        ('A:1 {a="b"}', "A:1", (("a", "b"),)),
        ('A:1 {a="b", c="d"} ! {e="f"}', "A:1", (("a", "b"), ("c", "d"))),
        (r'A:1 {a="b } \" ! {"}', "A:1", (("a", 'b } " ! {'),)),
        ("poly{lysine}", "poly{lysine}", ()),
        ('"x ! y" EXACT []', '"x ! y" EXACT []', ()),
        (r"a \! b", r"a \! b", ()),
    ],
)
def test_values(value: str, text: str, modifiers: tuple[tuple[str, str], ...]) -> None:
    assert parse_value(value) == (text, modifiers)


def _escape(text: str) -> str:
    return re.sub(r'([\\"!{}:,\[\]])', r"\\\1", text)


PLAIN = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=12)


@given(PLAIN)
def test_what_is_escaped_is_read_back(text: str) -> None:
    assert unescape(parse_value(_escape(text)).text) == text


@given(
    st.dictionaries(st.integers(1, 30), PLAIN, min_size=1, max_size=12),
    st.lists(st.tuples(st.integers(1, 40), st.integers(1, 40)), max_size=20),
)
@settings(max_examples=30, deadline=None)
def test_terms_and_parents_come_back_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, terms: dict[int, str], parents: list[tuple[int, int]]
) -> None:
    """Whatever the terms, every parent is either a statement or set aside as dangling."""
    lines: list[str] = []
    written = [(child, parent) for child, parent in parents if child in terms]
    for term, name in terms.items():
        lines += ["[Term]", f"id: X:{term}", f"name: {_escape(name)}"]
        lines += [f"is_a: X:{parent}" for child, parent in written if child == term]
    folder = tmp_path_factory.mktemp("obo")
    graph = read_text("obo", folder, "x.obo", "\n".join(lines))
    assert {term: text for term, text, _, _ in names(graph)} == {
        f"X:{term}": name for term, name in terms.items()
    }
    inside = [(f"X:{c}", "rdfs:subClassOf", f"X:{p}") for c, p in written if p in terms]
    assert sorted(statements(graph)) == sorted(inside)
    assert len(dropped(graph)) == len(written) - len(inside)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_damaged_files_give_columns_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    content = bytearray(SMALL.encode())
    for _ in range(data.draw(st.integers(0, 6))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    folder = tmp_path_factory.mktemp("obo")
    with suppress(SourceError):
        assert read_text("obo", folder, "x.obo", bytes(content)).nodes.height


# --- real ontologies -------------------------------------------------------------------------


def _stanzas(text: str) -> list[list[str]]:
    """Cut a file into the lines of its terms, with no code of the reader."""
    parts = re.split(r"^\[(\w+)\]$", text, flags=re.MULTILINE)
    kinds, bodies = parts[1::2], parts[2::2]
    return [
        [line for line in body.split("\n") if line.strip()]
        for kind, body in zip(kinds, bodies, strict=True)
        if kind == "Term"
    ]


@pytest.mark.real
@pytest.mark.parametrize(
    "name",
    [
        "DO_infectious_disease_slim.obo",
        "DO_rare_slim.obo",
        "NCIthesaurus.obo",
        "doid_2016-09-01.obo",
    ],
)
def test_real_ontologies_agree_with_a_count_of_lines(name: str) -> None:
    path = real_file(f"doid/{name}")
    graph = read_source("obo", path)
    stanzas = _stanzas(path.read_text(encoding="utf-8"))
    live = [lines for lines in stanzas if "is_obsolete: true" not in lines]
    tags = Counter(line.partition(":")[0] for lines in live for line in lines)
    gone = [line for lines in stanzas if "is_obsolete: true" in lines for line in lines]

    assert graph.nodes.height == tags["id"]
    assert graph.counted.get("obsolete", 0) == len(stanzas) - len(live)
    assert graph.counted.get("obsolete-detail", 0) == len(gone) - (len(stanzas) - len(live))
    ends = graph.counted.get("obsolete-end", 0)
    lines = tags["is_a"] + tags["relationship"] + tags["intersection_of"]
    assert graph.edges.height + graph.dropped.height + ends == lines
    assert graph.names.filter(graph.names["kind"] == "preferred").height == tags["name"]

    counted = dict(graph.counted)
    assert graph.definitions.height == tags.pop("def", 0)
    assert counted.pop("comment", 0) == tags.pop("comment", 0)
    assert counted.pop("subset", 0) == tags.pop("subset", 0)
    assert counted.pop("disjoint", 0) == tags.pop("disjoint_from", 0)
    matches = sum("property_value: skos:exactMatch" in line for lines in live for line in lines)
    assert counted.pop("property-value", 0) == tags.pop("property_value", 0) - matches
    used = ("id", "name", "namespace", "alt_id", "synonym", "xref", "is_a")
    assert counted.pop("unused-tag", 0) == sum(n for tag, n in tags.items() if tag not in used)

    written = {
        (lines[0].removeprefix("id: "), line.removeprefix("alt_id: "))
        for lines in live
        for line in lines
        if line.startswith("alt_id: ")
    }
    assert written <= identifiers(graph, "alternative")


WHOLE = "format-version: 1.2\n[Term]\nid: A:1\nname: one\n"


@pytest.mark.parametrize("last", ["relati", "is_a:", 'def: "of a', 'synonym: "on', "[Ter"])
def test_a_last_line_that_is_cut_is_told(last: str, tmp_path: Path) -> None:
    path = tmp_path / "a.obo"
    path.write_text(WHOLE + last, "utf-8")
    graph = read_source("obo", path)
    assert graph.dropped.select("row", "reason", "text").rows() == [(5, "cut-short", last)]
    path.write_text(f"{WHOLE}{last}\n", "utf-8")
    assert "cut-short" not in read_source("obo", path).dropped["reason"]


@pytest.mark.parametrize(
    "last", ["", "is_a: A:1", 'def: "of \\"a" []', "! a note", 'name: 5" long']
)
def test_a_last_newline_may_lack(last: str, tmp_path: Path) -> None:
    path = tmp_path / "a.obo"
    path.write_text(WHOLE + last, "utf-8")
    assert "cut-short" not in read_source("obo", path).dropped["reason"]
