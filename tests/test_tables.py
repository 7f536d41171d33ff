"""Tables of any shape: formats, maps of columns, quotes, and every bad row with its place."""

from __future__ import annotations

import csv
import gzip
import io
import json
import lzma
import os
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from kgsynth.errors import SourceError
from kgsynth.source_options import TablesOptions
from kgsynth.sources import read_source
from kgsynth.sources.columns import GraphColumns
from kgsynth.sources.tables.delimited import Shape, read_delimited
from kgsynth.sources.tables.files import _panics_unprinted
from kgsynth.sources.tables.layout import Layout
from kgsynth.sources.tables.records import read_json_lines

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
TRIPLE = Layout(("subject", "predicate", "object"), refuses_others=False)
BOOKS = (
    [{"id": "B:1", "label": "one", "kind": "drug"}, {"id": "B:2", "label": "two", "kind": "gene"}],
    [{"from": "B:1", "rel": "hits", "to": "B:2", "why": "seen, twice", "year": 2020}],
)
MAP = {
    "node_columns": {"name": "label", "types": "kind"},
    "edge_columns": {"subject": "from", "predicate": "rel", "object": "to", "evidence": "why"},
}


def real(name: str) -> Path:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{path} is not there")
    return path


def read(path: Path, **options: Any) -> GraphColumns:
    return read_source(
        "tables",
        path,
        TablesOptions.model_validate({"kind": "tables", "path": str(path), **options}),
    )


def refused(path: Path, **options: Any) -> str:
    with pytest.raises(SourceError) as caught:
        read(path, **options)
    assert caught.value.remedy
    return str(caught.value)


def write(path: Path, text: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def triples(graph: GraphColumns) -> list[tuple[str, str, str]]:
    ids = graph.nodes["id"].to_list()
    return [
        (ids[subject], graph.relations[predicate].spelling, ids[obj])
        for subject, predicate, obj, _ in graph.edges.iter_rows()
    ]


def evidence(graph: GraphColumns) -> list[str]:
    held = dict(graph.evidence.iter_rows())
    return [held.get(edge, "") for edge in range(graph.edges.height)]


def dropped(graph: GraphColumns) -> list[tuple[str, int, str]]:
    return [(file, row, reason) for file, row, reason, _ in graph.dropped.iter_rows()]


def spelled(rows: list[dict[str, Any]], separator: str) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=separator, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def as_file(kind: str, rows: list[dict[str, Any]], path: Path) -> None:
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    match kind:
        case "csv":
            write(path, spelled(rows, ","))
        case "tsv":
            write(path, spelled(rows, "\t"))
        case "tsv.gz":
            write(path, gzip.compress(spelled(rows, "\t").encode()))
        case "csv.xz":
            write(path, lzma.compress(spelled(rows, ",").encode()))
        case "jsonl":
            write(path, lines)
        case "jsonl.gz":
            write(path, gzip.compress(lines.encode()))
        case "parquet":
            pl.DataFrame(rows).write_parquet(path)


# --- one graph in every kind of file -------------------------------------------------------


@pytest.mark.parametrize("kind", ["csv", "tsv", "tsv.gz", "csv.xz", "jsonl", "jsonl.gz", "parquet"])
def test_every_kind_of_file_gives_the_same_graph(kind: str, tmp_path: Path) -> None:
    nodes, edges = BOOKS
    as_file(kind, nodes, tmp_path / f"my_nodes.{kind}")
    as_file(kind, edges, tmp_path / f"my.edges.{kind}")
    graph = read(tmp_path, **MAP)
    assert graph.nodes.rows() == [("B:1", ["drug"]), ("B:2", ["gene"])]
    assert graph.names["text"].to_list() == ["one", "two"]
    assert triples(graph) == [("B:1", "hits", "B:2")]
    assert evidence(graph) == ["seen, twice"]
    assert graph.dropped.is_empty()


def test_the_written_format_may_lie_in_other_files(tmp_path: Path) -> None:
    write(tmp_path / "nodes.csv", 'id,name,types\nA,"alpha, the first",drug|gene\nB,beta,gene\n')
    write(tmp_path / "edges.jsonl", '{"subject": "A", "predicate": "hits", "object": "B"}\n')
    graph = read(tmp_path)
    assert graph.names["text"].to_list() == ["alpha, the first", "beta"]
    assert graph.nodes["types"].to_list() == [["drug", "gene"], ["gene"]]
    assert triples(graph) == [("A", "hits", "B")]


def test_lists_of_json_and_parquet_stay_whole(tmp_path: Path) -> None:
    rows = [{"id": "A", "name": "a", "types": ["x", "y"], "synonyms": ["p|q", " r ", ""]}]
    for kind in ("jsonl", "parquet"):
        folder = tmp_path / kind
        folder.mkdir()
        as_file(kind, rows, folder / f"nodes.{kind}")
        write(folder / "edges.tsv", "subject\tpredicate\tobject\n")
        graph = read(folder)
        assert graph.nodes.rows() == [("A", ["x", "y"])]
        assert graph.names["text"].to_list() == ["a", "p|q", "r"]


def test_numbers_in_parquet_and_json_are_texts(tmp_path: Path) -> None:
    rows = [{"a": 1, "b": True, "c": 3}]
    for kind in ("jsonl", "parquet"):
        as_file(kind, rows, tmp_path / f"edges.{kind}")
        columns = {"subject": "a", "predicate": "b", "object": "c"}
        assert triples(read(tmp_path / f"edges.{kind}", edge_columns=columns)) == [
            ("1", "true", "3")
        ]


# --- the map ---------------------------------------------------------------------------------


def test_a_file_of_edges_alone_names_concepts_by_their_ids(tmp_path: Path) -> None:
    path = write(tmp_path / "pairs.tsv", "subject\tobject\nTP53\tMDM2\nMDM2\tMDM4\n")
    graph = read(path, predicate="binds", node_type="gene")
    assert graph.sources[0].name == "pairs"
    assert graph.nodes.rows() == [("TP53", ["gene"]), ("MDM2", ["gene"]), ("MDM4", ["gene"])]
    assert graph.names.select("text", "kind").rows() == [
        ("TP53", "preferred"),
        ("MDM2", "preferred"),
        ("MDM4", "preferred"),
    ]
    assert triples(graph) == [("TP53", "binds", "MDM2"), ("MDM2", "binds", "MDM4")]


def test_without_header_columns_have_numbers(tmp_path: Path) -> None:
    write(tmp_path / "train.txt", "a\tr\tb\nb\tr\n\nb\tr\tc\textra\n\tr\tb\na\t\tb\n")
    write(tmp_path / "test.txt", "c\ts\ta")
    graph = read(
        tmp_path,
        edges=["*.txt"],
        header=False,
        edge_columns={"subject": 0, "predicate": 1, "object": 2},
    )
    assert triples(graph) == [("c", "s", "a"), ("a", "r", "b")]
    assert dropped(graph) == [
        ("train.txt", 2, "wrong-column-count"),
        ("train.txt", 3, "blank-line"),
        ("train.txt", 4, "wrong-column-count"),
        ("train.txt", 5, "empty-id"),
        ("train.txt", 6, "empty-predicate"),
    ]


def test_numbers_serve_with_a_header_too(tmp_path: Path) -> None:
    path = write(tmp_path / "e.csv", "x,x,x\na,r,b\n")
    graph = read(path, edge_columns={"subject": 2, "predicate": 1, "object": 0})
    assert triples(graph) == [("b", "r", "a")]


def test_a_column_the_map_uses_is_not_read_twice(tmp_path: Path) -> None:
    path = write(tmp_path / "e.tsv", "source\trelation\ttarget\nA\tr\tB\n")
    columns = {"subject": "source", "predicate": "relation", "object": "target"}
    graph = read(path, edge_columns=columns)
    assert [source.name for source in graph.sources] == ["e"]


def test_edges_may_name_their_source_and_licence(tmp_path: Path) -> None:
    write(tmp_path / "nodes.tsv", "id\tname\ttypes\nA\ta\tx\nB\tb\tx\n")
    write(
        tmp_path / "edges.tsv",
        "subject\tpredicate\tobject\tsource\tlicence\nA\tr\tB\tGO\tCC-BY-4.0\nB\tr\tA\t\t\n",
    )
    write(tmp_path / "source.yaml", "name: all\nlicence: CC0-1.0\nrestriction: 2\n")
    graph = read(tmp_path)
    assert [(s.name, s.licence, s.restriction) for s in graph.sources] == [
        ("all", "CC0-1.0", 2),
        ("GO", "CC0-1.0", 2),
    ]
    held = [graph.origins[o] for o in graph.edges["origin"]]
    assert [(graph.sources[s].name, licence) for s, licence in held] == [
        ("GO", "CC-BY-4.0"),
        ("all", "CC0-1.0"),
    ]


def test_node_types_and_names_that_are_not_there(tmp_path: Path) -> None:
    write(tmp_path / "nodes.csv", "code,kind\nA,gene\nB,\n")
    write(tmp_path / "edges.csv", "subject,predicate,object\nA,r,B\n")
    graph = read(tmp_path, node_columns={"id": "code", "types": "kind"}, node_type="thing")
    assert graph.nodes.rows() == [("A", ["gene"]), ("B", ["thing"])]
    assert graph.names["text"].to_list() == ["A", "B"]


def test_list_separator_and_separator(tmp_path: Path) -> None:
    write(tmp_path / "nodes.txt", "id;name;types\nA;'a';x/y\nB;\"b;b\";x\n")
    write(tmp_path / "edges.txt", "subject;predicate;object\nA;r;B\n")
    graph = read(tmp_path, separator=";", list_separator="/")
    assert graph.nodes["types"].to_list() == [["x", "y"], ["x"]]
    assert graph.names["text"].to_list() == ["'a'", "b;b"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {"edge_columns": {"subject": "form", "predicate": "rel", "object": "to"}},
            "has no column 'form', which edge_columns names for subject. Did you mean 'from'? "
            "Columns found: 'from', 'rel', 'to'.",
        ),
        ({"edge_columns": {"subject": "from", "object": "to"}}, "has no column 'predicate'"),
        ({"edge_columns": {"subject": 7}}, "edge_columns says that subject is number 7"),
        (
            {"header": False, "edge_columns": {"subject": "from"}},
            "has no header, so edge_columns cannot call subject 'from'",
        ),
        (
            {"header": False, "edge_columns": {"object": 2}},
            "edge_columns does not say which of them is the subject",
        ),
        ({"nodes": ["x"]}, "is a file, and 'nodes' names files of a folder"),
        ({}, "has no column 'subject'"),
    ],
)
def test_a_wrong_map_says_what_is_there(options: dict[str, Any], said: str, tmp_path: Path) -> None:
    path = write(tmp_path / "e.tsv", "from\trel\tto\na\tr\tb\n")
    assert said in refused(path, **options)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"edge_columns": {"subjet": "a"}}, "has no column 'subjet'. Did you mean 'subject'?"),
        ({"node_columns": {"types": True}}, "valid integer"),
        ({"node_columns": {"types": -1}}, "greater than or equal to 0"),
        ({"separator": ", "}, "is not one plain character"),
        ({"list_separator": ""}, "at least 1 character"),
    ],
)
def test_options_that_cannot_be_meant(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TablesOptions.model_validate({"kind": "tables", "path": "x", **options})
    assert said in str(caught.value)


def test_a_name_or_pattern_that_fits_nothing(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", "x")
    assert "has no file '*.csv', which 'edges' names. It holds a.txt." in refused(
        tmp_path, edges=["*.csv"]
    )


def test_nothing_usable_says_why(tmp_path: Path) -> None:
    path = write(tmp_path / "e.txt", "a,r,b\nb,r,c\n")
    message = refused(path, header=False, edge_columns={"subject": 0, "predicate": 1, "object": 2})
    assert "holds no usable concept" in message
    assert "2 wrong-column-count; check 'separator'" in message


def test_another_name_for_an_id_is_set_aside(tmp_path: Path) -> None:
    write(tmp_path / "nodes.csv", "id,name\nA,a\nA,other\nA,a\n")
    write(tmp_path / "edges.csv", "subject,predicate,object\nA,r,A\n")
    graph = read(tmp_path, node_columns={"id": "id"})
    assert graph.nodes["id"].to_list() == ["A"]
    assert dropped(graph) == [("nodes.csv", 3, "duplicate-id")]


def test_a_long_row_is_cut_where_it_is_set_aside(tmp_path: Path) -> None:
    long = "é" * 5_000
    path = write(tmp_path / "e.tsv", f"subject\tpredicate\tobject\na\tr\tb\n{long}\n\tr\t{long}\n")
    assert read(path).dropped["text"].str.len_chars().to_list() == [1_000, 1_000]


def test_a_column_that_is_no_text_is_refused(tmp_path: Path) -> None:
    frame = pl.DataFrame({"subject": [{"a": 1}], "predicate": ["r"], "object": ["b"]})
    frame.write_parquet(tmp_path / "e.parquet")
    assert "in the column 'subject'" in refused(tmp_path / "e.parquet")


def test_several_values_for_one_cell_are_set_aside(tmp_path: Path) -> None:
    rows = [
        {"subject": ["a", "b"], "predicate": ["r"], "object": ["c"]},
        {"subject": ["a"], "predicate": ["r"], "object": ["c"]},
    ]
    for kind in ("jsonl", "parquet"):
        as_file(kind, rows, tmp_path / f"e.{kind}")
        graph = read(tmp_path / f"e.{kind}")
        assert triples(graph) == [("a", "r", "c")]
        assert dropped(graph) == [(f"e.{kind}", 1, "malformed-value")]


@pytest.mark.parametrize("damage", [b"", b"PAR1", b"not parquet at all", b"PAR1" + b"\x00" * 40])
def test_parquet_that_is_none(damage: bytes, tmp_path: Path) -> None:
    path = write(tmp_path / "e.parquet", damage)
    assert "cannot be read as Parquet" in refused(path)


def test_parquet_that_is_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "e.parquet"
    as_file("parquet", [{"subject": "a", "predicate": "r", "object": "b"}] * 100, path)
    whole = path.read_bytes()
    for end in range(0, len(whole), 97):
        path.write_bytes(whole[:end])
        assert "cannot be read as Parquet" in refused(path)


def test_a_packed_file_that_is_cut_short(tmp_path: Path) -> None:
    packed = gzip.compress(b"subject\tpredicate\tobject\na\tr\tb\n" * 50)
    path = write(tmp_path / "e.tsv.gz", packed[:-9])
    assert "cut short" in refused(path)


# --- JSON lines ------------------------------------------------------------------------------


def line(subject: Any = "a", **more: Any) -> str:
    return json.dumps({"subject": subject, "predicate": "r", "object": "b", **more})


def test_lines_that_are_no_object_are_set_aside(tmp_path: Path) -> None:
    lines = [
        line(),
        '{"subject": "a", "predicate": "r"',
        "[1, 2]",
        "",
        "nonsense",
        line("c"),
        "{}",
        '{"subject": NaN, "predicate": "r", "object": "b"}',
        '{"subject": "\\ud800", "predicate": "r", "object": "b"}',
        '{"subject": "\\ud83d\\ude00", "predicate": "r", "object": "b"}',
        line({"id": "a"}),
        line(None),
        line() + line(),
        line() + "," + line(),
        "[" * 100_000,
        '{"x":' + "[" * 100_000 + "]" * 100_000 + "}",
    ]
    path = write(tmp_path / "e.jsonl", "\n".join(lines) + "\n")
    graph = read(path)
    assert triples(graph) == [("a", "r", "b"), ("c", "r", "b"), ("😀", "r", "b")]
    assert [(row, reason) for _, row, reason in dropped(graph)] == [
        (2, "malformed-json"),
        (3, "malformed-json"),
        (4, "blank-line"),
        (5, "malformed-json"),
        (7, "empty-id"),
        (8, "malformed-json"),
        (9, "malformed-value"),
        (11, "malformed-value"),
        (12, "empty-id"),
        (13, "malformed-json"),
        (14, "malformed-json"),
        (15, "malformed-json"),
        (16, "malformed-json"),
    ]


def test_two_broken_lines_do_not_make_a_whole_one(tmp_path: Path) -> None:
    # Joined with a comma they are one object; another line then hides that one is missing.
    lines = [
        line(),
        '{"subject": "p", "predicate": "r", "object": "b", "x": [{"s": "}"}',
        '{"s": "{"}]}',
        '{"subject": "q", "predicate": "r", "object": "b"},{"subject": "s"}',
        line("c"),
    ]
    graph = read(write(tmp_path / "e.jsonl", "\n".join(lines)))
    assert [subject for subject, _, _ in triples(graph)] == ["a", "c"]
    assert [row for _, row, _ in dropped(graph)] == [2, 3, 4]


def test_a_key_that_first_stands_further_down_is_read(tmp_path: Path) -> None:
    lines = [line(str(number)) for number in range(1_500)] + [line("z", evidence="late")]
    graph = read(write(tmp_path / "e.jsonl", "\n".join(lines)))
    assert evidence(graph)[-1] == "late"
    assert graph.evidence.height == 1


def test_a_key_that_no_object_has(tmp_path: Path) -> None:
    path = write(tmp_path / "e.jsonl", line() + "\n" + line("c"))
    assert "has no column 'subjet', which edge_columns names" in refused(
        path, edge_columns={"subject": "subjet"}
    )
    assert "has a column 'licens' that nothing reads. Did you mean 'licence'?" in refused(
        write(path, line(licens="x"))
    )
    assert "has no column 'object'" in refused(write(path, '{"subject": "a", "predicate": "r"}'))
    assert "gives subject the number 0" in refused(path, edge_columns={"subject": 0})
    assert "is empty" in refused(write(path, ""))


VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**20), 10**20),
        st.text(max_size=6),
        st.sampled_from(["a", "b", " a ", "", "{", '"}', ","]),
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)
OBJECTS = st.dictionaries(
    st.sampled_from(["subject", "predicate", "object", "list", "other"]), VALUES, max_size=5
)
RECORDS = OBJECTS.flatmap(
    lambda record: st.booleans().map(lambda ascii: json.dumps(record, ensure_ascii=ascii))
)
GARBAGE = st.text(alphabet='{}[]",:a\\ \t0', max_size=12)
JSON_LINES = st.lists(
    st.one_of(
        RECORDS, GARBAGE, RECORDS.flatmap(lambda r: st.integers(0, len(r)).map(lambda n: r[:n]))
    ),
    max_size=8,
)


def text_of(value: Any) -> str:
    """Read what stands where a text may: a list of one is its item, once, and null is nothing."""
    if isinstance(value, list) and len(value) == 1:
        (value,) = value
    if value is None:
        return ""
    if isinstance(value, list | dict):
        raise ValueError
    text = value if isinstance(value, str) else json.dumps(value)
    if "\x00" in text:
        raise ValueError
    return text.strip()


def cell(value: Any, listed: bool) -> Any:
    """Read a value as the documentation says, with nothing but json."""
    if not listed:
        return text_of(value)
    return [
        text for item in (value if isinstance(value, list) else [value]) if (text := text_of(item))
    ]


@pytest.mark.parametrize(
    ("value", "text", "items"),
    [
        ('"a"', "a", ["a"]),
        ('["a"]', "a", ["a"]),
        ('[["a"]]', None, ["a"]),
        ("[[null]]", None, []),
        ("[null]", "", []),
        ("[]", None, []),
        ("[[]]", None, None),
        ('["a", "b"]', None, ["a", "b"]),
        ('[["a", "b"]]', None, None),
        ("{}", None, None),
    ],
)
def test_a_list_of_one_is_a_text_once(
    value: str, text: str | None, items: list[str] | None, tmp_path: Path
) -> None:
    """None: the row is set aside. The answers are written by hand, for the oracle below too."""
    for key, wanted in (("evidence", text), ("list", items)):
        path = write(tmp_path / f"{key}.jsonl", f'{{"subject": "s", "{key}": {value}}}\n')
        layout = Layout(("subject",), ("evidence", "list"), lists=("list",), refuses_others=False)
        rows = read_json_lines(path, layout).rows
        empty: Any = [] if key == "list" else ""
        found = rows[key].to_list()[0] or empty if rows.height else None
        assert found == wanted
        try:
            assert cell(json.loads(value), key == "list") == wanted
        except ValueError:
            assert wanted is None


@settings(max_examples=200, deadline=None)
@given(lines=JSON_LINES, block=st.integers(1, 200))
def test_json_lines_agree_with_the_json_module(
    lines: list[str], block: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    lines = ['{"subject": "a", "predicate": "r", "object": "b"}', *lines]
    path = tmp_path_factory.mktemp("any") / "e.jsonl"
    path.write_bytes("\n".join(lines).encode())
    layout = Layout(
        ("subject", "predicate", "object"), ("list",), lists=("list",), refuses_others=False
    )
    table = read_json_lines(path, layout, block_bytes=block)
    wanted, bad = [], 0
    if lines[-1] == "":
        lines.pop()  # the file ends there
    for text in lines:
        try:
            record = json.loads(text)
            if not isinstance(record, dict):
                raise ValueError
            parts = [cell(record.get(key), False) for key in ("subject", "predicate", "object")]
            wanted.append((*parts, cell(record.get("list"), True)))
        except ValueError:
            bad += 1
    filled = table.rows.with_columns(
        pl.col("subject", "predicate", "object").fill_null(""),
        pl.col("list").fill_null(pl.lit([], dtype=pl.List(pl.String))),
    )
    assert filled.select("subject", "predicate", "object", "list").rows() == wanted
    assert table.dropped.height == bad


# --- cut short -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "whole", "cut"),
    [
        ("e.tsv", "subject\tpredicate\tobject\na\tr\tb\n", "c\tr"),
        ("e.csv", "subject,predicate,object\na,r,b\n", 'c,r,"d'),
        ("e.csv", "subject,predicate,object\na,r,b\n", "c,"),
        ("e.jsonl", '{"subject": "a", "predicate": "r", "object": "b"}\n', '{"subject": "c", "pr'),
    ],
)
def test_a_last_row_that_is_cut_is_told(name: str, whole: str, cut: str, tmp_path: Path) -> None:
    graph = read(write(tmp_path / name, whole + cut))
    assert triples(graph) == [("a", "r", "b")]
    last = whole.count("\n") + 1
    assert dropped(graph) == [(name, last, "cut-short")]
    ended = read(write(tmp_path / name, f"{whole}{cut}\n"))
    assert [row for *_, row in dropped(ended)] != ["cut-short"]


@pytest.mark.parametrize(
    "text",
    [
        "subject\tpredicate\tobject\na\tr\tb",
        "subject\tpredicate\tobject\na\tr\tb\n ",
        "subject\tpredicate\tobject\na\tr\tb\nc\tr\td\te",
    ],
)
def test_a_last_newline_may_lack(text: str, tmp_path: Path) -> None:
    graph = read(write(tmp_path / "e.tsv", text))
    assert triples(graph) == [("a", "r", "b")]
    assert "cut-short" not in graph.dropped["reason"]


# --- without a header ------------------------------------------------------------------------


def test_three_columns_without_a_header_are_a_statement(tmp_path: Path) -> None:
    write(tmp_path / "train.txt", "a\tr\tb\n")
    write(tmp_path / "test.txt", "b\tr\tc\n")
    graph = read(tmp_path, header=False, edges=["*.txt"])
    assert sorted(triples(graph)) == [("a", "r", "b"), ("b", "r", "c")]
    two = write(tmp_path / "two.tsv", "a\tb\n")
    assert triples(read(two, header=False, predicate="near")) == [("a", "near", "b")]
    four = write(tmp_path / "four.tsv", "a\tr\tb\t5\n")
    assert "no header and 4 columns" in refused(four, header=False)


def test_what_is_wrong_with_the_first_row_is_guessed(tmp_path: Path) -> None:
    data = write(tmp_path / "data.tsv", "a\tr\tb\n")
    assert "--set header=false on the command line" in refused(data)
    named = write(tmp_path / "named.tsv", "subject\trel\tobject\na\tr\tb\n")
    assert "header=false" not in refused(named)
    for name, sign, called in (
        ("a.csv", ";", "semicolons"),
        ("b.tsv", ",", "commas"),
        ("c.csv", "\t", "tabs"),
        ("d.tsv", "|", "bars"),
    ):
        path = write(tmp_path / name, sign.join(("subject", "predicate", "object")) + "\n")
        assert f"not by {called}; mend that, or --set 'separator=" in refused(path)


def test_tables_that_are_not_read_are_told(tmp_path: Path) -> None:
    write(tmp_path / "edges.tsv", "subject\tpredicate\tobject\na\tr\tb\n")
    write(tmp_path / "nodes.tsv", "id\tname\ttypes\na\tA\t\na\tA\tgene\nb\tB\t\n")
    write(tmp_path / "scores.csv", "x\n")
    write(tmp_path / "README.md", "x\n")
    graph = read(tmp_path)
    assert dropped(graph) == [("scores.csv", 0, "unread-file")]
    assert graph.counted == {"repeated-concept": 1}


# --- quotes ----------------------------------------------------------------------------------


def test_quoted_cells_hold_separators_quotes_and_lines(tmp_path: Path) -> None:
    path = write(
        tmp_path / "e.csv",
        'subject,predicate,object,evidence\r\n"a, b",r,"c ""d""","one\r\ntwo"\r\nx,r,y,5" wide\r\n',
    )
    graph = read(path)
    assert triples(graph) == [("a, b", "r", 'c "d"'), ("x", "r", "y")]
    assert evidence(graph) == ["one\ntwo", '5" wide']
    assert graph.dropped.is_empty()


def test_a_quote_that_is_never_closed_costs_one_row(tmp_path: Path) -> None:
    rows = ["a,r,b", 'a,r,"b', "c,r,d", 'e,r,"f" g', '"h\ni",r,j', "k,r,l", 'm,"r,n']
    path = write(tmp_path / "e.csv", "subject,predicate,object\n" + "\n".join(rows) + "\n")
    graph = read(path)
    assert triples(graph) == [
        ("a", "r", "b"),
        ("c", "r", "d"),
        ("h\ni", "r", "j"),
        ("k", "r", "l"),
    ]
    assert dropped(graph) == [
        ("e.csv", 3, "broken-quotes"),
        ("e.csv", 5, "broken-quotes"),
        ("e.csv", 9, "broken-quotes"),
    ]


def test_a_header_with_a_quote_that_is_never_closed(tmp_path: Path) -> None:
    path = write(tmp_path / "e.csv", 'subject,predicate,"object\na,r,b\n')
    assert "line 1 opens a quote that is never closed" in refused(path)


def test_a_header_over_two_lines(tmp_path: Path) -> None:
    path = write(tmp_path / "e.csv", 'subject,predicate,object,"why\nso"\na,r,b,c\n')
    graph = read(path, edge_columns={"evidence": "why\nso"})
    assert evidence(graph) == ["c"]


CELLS = st.text(alphabet='ab,;"\n\r |é', max_size=6)
CSV_ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=8)


@settings(max_examples=200, deadline=None)
@given(rows=CSV_ROWS, separator=st.sampled_from([",", ";"]), block=st.integers(1, 60))
def test_quoted_files_agree_with_the_csv_module(
    rows: list[tuple[str, str, str]],
    separator: str,
    block: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    # A bare carriage return ends no line for us; csv would write it within quotes.
    rows = [tuple(cell.replace("\r", "") for cell in row) for row in rows]  # type: ignore[misc]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\n")
    writer.writerow(("subject", "predicate", "object"))
    writer.writerows(rows)
    path = tmp_path_factory.mktemp("any") / "e.csv"
    path.write_bytes(out.getvalue().encode())
    table = read_delimited(path, TRIPLE, Shape(separator), block_bytes=block)
    wanted = [tuple(cell.strip() for cell in row) for row in rows]
    assert table.rows.select("subject", "predicate", "object").rows() == wanted
    assert table.dropped.is_empty()


@settings(max_examples=200, deadline=None)
@given(body=st.text(alphabet='ab,"\n\r ', max_size=60), block=st.integers(1, 40))
def test_every_line_of_a_quoted_file_is_accounted_for(
    body: str, block: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("any") / "e.csv"
    path.write_bytes(("subject,predicate,object\n" + body).encode())
    small, whole = (
        read_delimited(path, TRIPLE, Shape(","), block_bytes=size) for size in (block, 1 << 20)
    )
    assert small.rows.equals(whole.rows)
    assert small.dropped.sort("row").equals(whole.dropped.sort("row"))
    texts = [*whole.rows["line"], *whole.dropped["text"]]
    lines = body.split("\n")
    assert sum(1 + text.count("\n") for text in texts) == len(lines) - (lines[-1] == "")


# --- real graphs -----------------------------------------------------------------------------


@pytest.mark.real
def test_the_umls_semantic_network_as_triples() -> None:
    path = real("umls_semnet_triples")
    graph = read(
        path,
        edges=["*.txt"],
        header=False,
        edge_columns={"subject": 0, "predicate": 1, "object": 2},
    )
    rows = [
        tuple(line.split("\t"))
        for name in ("test.txt", "train.txt", "valid.txt")
        for line in (path / name).read_text("utf-8").splitlines()
    ]
    assert Counter(triples(graph)) == Counter(rows)
    # What SOURCE.txt states; itself it is a .txt file too, and all its lines are set aside.
    assert (graph.nodes.height, len(graph.relations), graph.edges.height) == (135, 46, 6_529)
    about = (path / "SOURCE.txt").read_text("utf-8").splitlines()
    assert set(graph.dropped["file"]) == {"SOURCE.txt"}
    assert graph.dropped.height == len(about)


@pytest.mark.real
def test_the_demonstration_graph_with_a_map() -> None:
    path = real("demo_kg")
    graph = read(
        path,
        node_columns={"types": "type"},
        edge_columns={
            "subject": "source",
            "predicate": "relation",
            "object": "target",
            "evidence": "provenance",
            "licence": "license",
        },
    )
    with (path / "nodes.tsv").open(encoding="utf-8", newline="") as file:
        nodes = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    with (path / "edges.tsv").open(encoding="utf-8", newline="") as file:
        edges = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert graph.nodes.rows() == [(row["id"], [row["type"]]) for row in nodes]
    assert graph.names["text"].to_list() == [row["name"].strip() for row in nodes]
    assert triples(graph) == [(row["source"], row["relation"], row["target"]) for row in edges]
    assert evidence(graph) == [row["provenance"].strip() for row in edges]
    licences = [graph.origins[origin].licence for origin in graph.edges["origin"]]
    assert licences == [row["license"] for row in edges]
    assert Counter(licences)["CC0-1.0"] == 18_454
    assert graph.dropped.is_empty()


# --- what polars prints when it panics -----------------------------------------------------------


def test_a_panic_is_not_printed_and_other_words_are(capfd: pytest.CaptureFixture[str]) -> None:
    def panic() -> None:
        with _panics_unprinted():
            os.write(2, b"thread panicked\n")
            raise pl.exceptions.PanicException("left == right")

    with pytest.raises(pl.exceptions.PanicException):
        panic()
    with _panics_unprinted():
        os.write(2, b"said meanwhile\n")
    os.write(2, b"said after\n")
    assert capfd.readouterr().err == "said meanwhile\nsaid after\n"


def test_two_files_read_at_once_leave_standard_error_as_it_was(
    capfd: pytest.CaptureFixture[str],
) -> None:
    def read_slowly(seconds: float) -> None:
        with _panics_unprinted():
            time.sleep(seconds)

    threads = [threading.Thread(target=read_slowly, args=(s,)) for s in (0.2, 0.01, 0.1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os.write(2, b"still there\n")
    assert capfd.readouterr().err == "still there\n"
