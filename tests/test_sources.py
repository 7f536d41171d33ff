"""The readers of graphs: nothing is lost without a word, and bad input is said plainly."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgsynth.errors import SourceError
from kgsynth.resources import locate
from kgsynth.source_options import SOURCE
from kgsynth.sources import READERS, read_source
from kgsynth.sources.columns import (
    DROPPED,
    EDGES,
    EVIDENCE,
    IDENTIFIERS,
    NAMES,
    NODES,
    GraphColumns,
    Origin,
    SourceInfo,
)
from kgsynth.sources.opening import BLOCK_BYTES
from kgsynth.sources.tables.delimited import read_delimited
from kgsynth.sources.tables.layout import Layout

NODES_TEXT = "id\tname\ttypes\nA\talpha\tdrug\nB\tbeta\tgene|protein\n"
EDGES_TEXT = "subject\tpredicate\tobject\tevidence\nA\ttreats\tB\tA sentence.\n"


def folder(path: Path, **files: str | bytes) -> Path:
    """Write a folder of tables; a file is named by its key, with __ for a dot."""
    path.mkdir(parents=True, exist_ok=True)
    given = {"nodes__tsv": NODES_TEXT, "edges__tsv": EDGES_TEXT, **files}
    for key, content in given.items():
        data = content.encode() if isinstance(content, str) else content
        (path / key.replace("__", ".")).write_bytes(data)
    return path


def dropped(graph: GraphColumns) -> list[tuple[str, int, str]]:
    return [(file, row, reason) for file, row, reason, _ in graph.dropped.iter_rows()]


def triples(graph: GraphColumns) -> list[tuple[str, str, str]]:
    ids = graph.nodes["id"].to_list()
    return [
        (ids[subject], graph.relations[predicate].spelling, ids[obj])
        for subject, predicate, obj, _ in graph.edges.iter_rows()
    ]


def vouchers(graph: GraphColumns) -> list[tuple[str, str]]:
    """Return the source and licence of each edge."""
    origins = [graph.origins[origin] for origin in graph.edges["origin"]]
    return [(graph.sources[source].name, licence) for source, licence in origins]


def evidence(graph: GraphColumns) -> list[str]:
    held = dict(graph.evidence.iter_rows())
    return [held.get(edge, "") for edge in range(graph.edges.height)]


# --- what is read --------------------------------------------------------------------------


def test_columns_of_a_small_folder(tmp_path: Path) -> None:
    source = (
        "name: tiny\nversion: 1.0\nreleased: 2026-11-01\nlicence: CC0-1.0\ncomplete: [treats]\n"
    )
    graph = read_source("tables", folder(tmp_path, source__yaml=source))
    assert graph.sources == (SourceInfo("tiny", "1.0", "2026-11-01", "CC0-1.0", ("treats",)),)
    assert graph.origins == (Origin(0, "CC0-1.0"),)
    assert graph.nodes.rows() == [("A", ["drug"]), ("B", ["gene", "protein"])]
    assert triples(graph) == [("A", "treats", "B")]
    assert graph.edges.rows() == [(0, 0, 1, 0)]
    assert evidence(graph) == ["A sentence."]
    assert graph.dropped.is_empty()


def test_names_keep_kind_language_and_order(tmp_path: Path) -> None:
    nodes = (
        "id\tsynonyms@es\tname\ttypes\tabbreviations\tsynonyms\tname@es\n"
        "A\tdolor torácico\tangina\tdisease\tAP | \tchest pain| stenocardia||angina\tangina\n"
    )
    edges = "subject\tpredicate\tobject\n"
    graph = read_source("tables", folder(tmp_path, nodes__tsv=nodes, edges__tsv=edges))
    assert graph.names.select("text", "language", "kind").rows() == [
        ("angina", "en", "preferred"),
        ("chest pain", "en", "synonym"),
        ("stenocardia", "en", "synonym"),
        ("AP", "en", "abbreviation"),
        ("angina", "es", "preferred"),
        ("dolor torácico", "es", "synonym"),
    ]


def test_a_name_keeps_its_bar(tmp_path: Path) -> None:
    nodes = "id\tname\ttypes\nA\tp|q ratio\tlaboratory\nB\tb\tgene\n"
    graph = read_source("tables", folder(tmp_path, nodes__tsv=nodes))
    assert graph.names["text"].to_list() == ["p|q ratio", "b"]


def test_many_files_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    path = folder(
        tmp_path,
        b__nodes__tsv="id\tname\ttypes\tname@es\nC\tgamma\tgene\tgama\nA\talpha\tprotein\t\n",
        a__edges__tsv="subject\tpredicate\tobject\tlicence\nB\tcauses\tC\tCC-BY-4.0\n",
        source__yaml="licence: CC0-1.0",
    )
    graph = read_source("tables", path)
    assert graph.nodes.rows() == [
        ("C", ["gene"]),
        ("A", ["protein", "drug"]),
        ("B", ["gene", "protein"]),
    ]
    assert [licence for _, licence in vouchers(graph)] == ["CC-BY-4.0", "CC0-1.0"]


def test_a_restriction_is_read(tmp_path: Path) -> None:
    graph = read_source("tables", folder(tmp_path, source__yaml="name: snomed\nrestriction: 4\n"))
    assert graph.sources == (SourceInfo("snomed", restriction=4),)


def test_without_source_file_the_folder_gives_the_name(tmp_path: Path) -> None:
    graph = read_source("tables", folder(tmp_path / "mygraph"))
    assert graph.sources == (SourceInfo("mygraph"),)
    assert vouchers(graph) == [("mygraph", "")]


def test_byte_order_mark_windows_lines_and_missing_last_newline(tmp_path: Path) -> None:
    nodes = b"\xef\xbb\xbf" + NODES_TEXT.replace("\n", "\r\n").encode()
    edges = "subject\tpredicate\tobject\r\nA\ttreats\tB"
    graph = read_source("tables", folder(tmp_path, nodes__tsv=nodes, edges__tsv=edges))
    assert triples(graph) == [("A", "treats", "B")]
    assert graph.dropped.is_empty()


def test_quotes_and_line_separators_are_plain_characters(tmp_path: Path) -> None:
    edges = EDGES_TEXT + 'A\tcauses\tB\tHe said "yes\u2028\nB\tcauses\tA\t"no\n'
    graph = read_source("tables", folder(tmp_path, edges__tsv=edges))
    assert evidence(graph) == ["A sentence.", 'He said "yes', '"no']


# --- what is set aside ---------------------------------------------------------------------


def test_bad_edge_rows_are_set_aside_with_file_row_and_reason(tmp_path: Path) -> None:
    rows = [
        "A\ttreats\tB\tKept.",
        "A\ttreats\tB",
        "A\ttreats\tB\tx\ty",
        "",
        "\ttreats\tB\tNo subject.",
        "A\ttreats\t \tNo object.",
        "A\t\tB\tNo predicate.",
        "A\ttreats\tZ\tNo such object.",
        "Z\ttreats\tB\tNo such subject.",
    ]
    text = "subject\tpredicate\tobject\tevidence\n" + "\n".join(rows) + "\n"
    graph = read_source("tables", folder(tmp_path, edges__tsv=text))
    assert triples(graph) == [("A", "treats", "B")]
    assert dropped(graph) == [
        ("edges.tsv", 3, "wrong-column-count"),
        ("edges.tsv", 4, "wrong-column-count"),
        ("edges.tsv", 5, "blank-line"),
        ("edges.tsv", 6, "empty-id"),
        ("edges.tsv", 7, "empty-id"),
        ("edges.tsv", 8, "empty-predicate"),
        ("edges.tsv", 9, "dangling"),
        ("edges.tsv", 10, "dangling"),
    ]
    assert graph.dropped["text"].to_list() == rows[1:]


def test_bad_node_rows_are_set_aside_and_their_edges_dangle(tmp_path: Path) -> None:
    nodes = NODES_TEXT + "C\t\tgene\n\tdelta\tgene\nA\tother\tgene\nA\talpha\tchemical\n"
    edges = EDGES_TEXT + "A\ttreats\tC\tx\n"
    graph = read_source("tables", folder(tmp_path, nodes__tsv=nodes, edges__tsv=edges))
    assert graph.nodes.rows() == [("A", ["drug", "chemical"]), ("B", ["gene", "protein"])]
    assert graph.names["text"].to_list() == ["alpha", "beta"]
    assert dropped(graph) == [
        ("edges.tsv", 3, "dangling"),
        ("nodes.tsv", 4, "empty-name"),
        ("nodes.tsv", 5, "empty-id"),
        ("nodes.tsv", 6, "duplicate-id"),
    ]


def test_repeats_and_self_loops_are_left_to_the_graph_room(tmp_path: Path) -> None:
    edges = EDGES_TEXT + "A\ttreats\tB\tAgain.\nA\tcauses\tA\tLoop.\n"
    graph = read_source("tables", folder(tmp_path, edges__tsv=edges))
    assert triples(graph) == [("A", "treats", "B"), ("A", "treats", "B"), ("A", "causes", "A")]


CELL = st.sampled_from(["A", "B", "Z", "", " ", " A ", "treats", '"', "é", "\u2028", "a|b"])
ROW = st.lists(CELL, max_size=6).map("\t".join)
TEXT = st.one_of(
    st.tuples(st.lists(ROW, max_size=12), st.sampled_from(["\n", "\r\n"])).map(
        lambda given: "".join(row + given[1] for row in given[0])
    ),
    st.text(alphabet='AB\t\n\r|" é\u2028\u0085', max_size=60),
)


def naive_edges(body: str) -> tuple[int, list[tuple[str, str, str]]]:
    """Read the rows with nothing but str: how many there are, and those that hold."""
    lines = body.split("\n")
    if lines[-1] == "":
        lines.pop()
    cells = [[cell.strip() for cell in line.removesuffix("\r").split("\t")] for line in lines]
    kept = [
        (row[0], row[1], row[2])
        for row in cells
        if len(row) == 4 and row[1] and row[0] in ("A", "B") and row[2] in ("A", "B")
    ]
    return len(lines), kept


@settings(max_examples=150, deadline=None)
@given(body=TEXT)
def test_rows_in_are_edges_out_and_rows_dropped(
    body: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = "subject\tpredicate\tobject\tevidence\n" + body
    path = folder(tmp_path_factory.mktemp("any"), edges__tsv=text)
    graph = read_source("tables", path)
    rows, kept = naive_edges(body)
    assert graph.edges.height + graph.dropped.height == rows
    assert triples(graph) == kept
    assert graph.dropped["row"].is_unique().all()


@settings(max_examples=60, deadline=None)
@given(body=TEXT, block=st.integers(1, 40))
def test_the_size_of_a_block_changes_nothing(
    body: str, block: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("any") / "edges.tsv"
    path.write_bytes(("subject\tpredicate\tobject\n" + body).encode())
    layout = Layout(("subject", "predicate", "object"))
    small, whole = (read_delimited(path, layout, block_bytes=size) for size in (block, 1 << 20))
    assert small.rows.equals(whole.rows)
    assert small.dropped.equals(whole.dropped)


# --- what is refused -----------------------------------------------------------------------


def refused(path: Path) -> str:
    with pytest.raises(SourceError) as caught:
        read_source("tables", path)
    assert caught.value.remedy
    return str(caught.value)


def test_missing_folder_file_for_a_folder_and_empty_folder(tmp_path: Path) -> None:
    assert "There is no folder and no file at" in refused(tmp_path / "gone")
    (tmp_path / "MRREL.RRF").write_text("x")
    assert "MRREL.RRF has no column 'subject'" in refused(tmp_path / "MRREL.RRF")
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "has no nodes.tsv. It is empty." in refused(empty)
    assert "It holds MRREL.RRF, empty." in refused(tmp_path)


def test_missing_edge_file_and_a_folder_in_its_place(tmp_path: Path) -> None:
    path = folder(tmp_path)
    (path / "edges.tsv").unlink()
    assert "has no edges.tsv" in refused(path)
    (path / "edges.tsv").mkdir()
    assert "edges.tsv is a folder" in refused(path)


def test_empty_file(tmp_path: Path) -> None:
    message = refused(folder(tmp_path, edges__tsv=""))
    assert "edges.tsv is empty" in message
    assert "subject, predicate, object" in message


def test_missing_column_names_those_found(tmp_path: Path) -> None:
    message = refused(folder(tmp_path, edges__tsv="subject\tobject\nA\tB\n"))
    assert "has no column 'predicate'. Columns found: 'subject', 'object'." in message


def test_commas_for_tabs_are_told(tmp_path: Path) -> None:
    message = refused(folder(tmp_path, nodes__tsv="id,name,types\nA,alpha,drug\n"))
    assert "parted by tabs, not by commas" in message


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("id\tname\ttypes\tsynonym", "'synonym' that nothing reads. Did you mean 'synonyms'?"),
        ("id\tname\ttypes\tname@ES", "'name@ES' that nothing reads"),
        ("id\tname\ttypes\ttypes@es", "'types@es' that nothing reads"),
        ("id\tname\ttypes\tname", "has the column 'name' twice"),
    ],
)
def test_unknown_or_doubled_column(tmp_path: Path, header: str, said: str) -> None:
    assert said in refused(folder(tmp_path, nodes__tsv=header + "\nA\ta\tdrug\tx\n"))


def test_broken_utf8_names_file_and_line(tmp_path: Path) -> None:
    edges = EDGES_TEXT.encode() + b"A\ttreats\tB\tna\xefve\n"
    assert "edges.tsv, line 3 is not UTF-8" in refused(folder(tmp_path, edges__tsv=edges))


def test_broken_utf8_is_found_past_the_first_block(tmp_path: Path) -> None:
    path = tmp_path / "edges.tsv"
    path.write_bytes(EDGES_TEXT.encode() * 9 + b"\xff")
    layout = Layout(("subject", "predicate", "object"), ("evidence",))
    with pytest.raises(SourceError, match="line 19 is not UTF-8"):
        read_delimited(path, layout, block_bytes=30)


def test_binary_file_is_no_table(tmp_path: Path) -> None:
    message = refused(folder(tmp_path, nodes__tsv=b"PK\x03\x04\x00\x00\n\x00"))
    assert "line 1 holds binary data" in message


def test_no_usable_concept(tmp_path: Path) -> None:
    assert "holds no usable concept" in refused(
        folder(tmp_path, nodes__tsv="id\tname\ttypes\n\tx\ty\n")
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("license: CC0", "unknown key 'license'. Did you mean 'licence'?"),
        ("- a", "holds no keys"),
        ("name: [", "line 1 is not valid YAML"),
        ("released: soon", "'released' is 'soon'. It must be a date"),
        ("released: 2026-13-40", "not valid YAML"),
        ("complete: treats", "It must be a list of predicates"),
        ("complete: [1]", "It must be a list of predicates"),
        ("complete: [treat]", "no predicate of this source. Did you mean 'treats'?"),
        ("name: [a]", "'name' is ['a']. It must be a text"),
        ("restriction: high", "'restriction' is 'high'. It must be a level from 0"),
        ("restriction: true", "'restriction' is True"),
        (b"name: \xff", "is not UTF-8"),
    ],
)
def test_bad_source_file(tmp_path: Path, text: str | bytes, said: str) -> None:
    message = refused(folder(tmp_path, source__yaml=text))
    assert said in message
    assert "source.yaml" in message


def test_unknown_kind_names_the_nearest() -> None:
    with pytest.raises(SourceError, match=r"Did you mean 'tables'\? Kinds: "):
        read_source("table", Path("x"))


# --- the registry --------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(READERS))
def test_every_reader_refuses_a_missing_path(kind: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        read_source(kind, tmp_path / "gone")


def test_what_the_build_file_says_of_a_source_comes_before_what_it_says_itself() -> None:
    said = {"kind": "tables", "path": str(locate("ontologies/mini")), "name": "ours"}
    options = SOURCE.validate_python({**said, "licence": "CC0-1.0", "version": "9"})
    read = read_source("tables", options.path, options)
    assert [(s.name, s.licence, s.version) for s in read.sources] == [("ours", "CC0-1.0", "9")]
    assert {origin.licence for origin in read.origins} == {"CC0-1.0"}


def test_the_registry_imports_no_reader() -> None:
    code = "import sys, kgsynth.sources; sys.exit('polars' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_columns_of_another_shape_are_refused() -> None:
    frames = {
        "nodes": pl.DataFrame(schema=NODES),
        "names": pl.DataFrame(schema=NAMES),
        "edges": pl.DataFrame(schema=EDGES),
        "identifiers": pl.DataFrame(schema=IDENTIFIERS),
        "evidence": pl.DataFrame(schema=EVIDENCE),
        "dropped": pl.DataFrame(schema=DROPPED),
    }
    GraphColumns(sources=(SourceInfo("x"),), origins=(), relations=(), **frames)
    wrong = {**frames, "edges": frames["nodes"]}
    with pytest.raises(TypeError, match="edges has the columns"):
        GraphColumns(sources=(SourceInfo("x"),), origins=(), relations=(), **wrong)


def test_one_block_holds_less_than_a_text_may() -> None:
    # A polars text is at most 4 GiB long; a block becomes one text.
    assert BLOCK_BYTES < 1 << 31
