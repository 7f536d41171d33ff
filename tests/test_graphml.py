"""GraphML of any tool: what networkx writes is what we read, and hostile XML is refused."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgsynth.errors import SourceError
from kgsynth.graph.compile import compile_graph
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.sources import read_source
from kgsynth.sources.columns import GraphColumns

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
OPEN = '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
NAMED = (
    '<key id="n" for="node" attr.name="Name" attr.type="string"/>'
    '<key id="r" for="edge" attr.name="predicate" attr.type="string"><default>near</default></key>'
)
BILLION = '<!DOCTYPE graphml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'


def graphml(inner: str, *, head: str = HEAD, keys: str = NAMED) -> str:
    return f"{head}{OPEN}{keys}{inner}</graphml>\n"


def read(path: Path, text: str | bytes) -> GraphColumns:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_source("graphml", path)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "my.graphml"


def triples(columns: GraphColumns) -> list[tuple[str, str, str]]:
    ids = columns.nodes["id"]
    return [
        (ids[s], columns.relations[p].spelling, ids[o]) for s, p, o, _ in columns.edges.iter_rows()
    ]


def names(columns: GraphColumns) -> dict[str, str]:
    ids = columns.nodes["id"]
    return {ids[node]: text for node, text in columns.names.select("node", "text").iter_rows()}


# --- what others write -------------------------------------------------------------------------

WORDS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), min_size=1
).filter(lambda text: text.strip() == text)


@st.composite
def digraphs(draw: st.DrawFn) -> nx.MultiDiGraph[Any]:
    graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
    nodes = [f"n{number}" for number in range(draw(st.integers(2, 6)))]
    for node in nodes:
        graph.add_node(node, name=draw(WORDS), types=draw(st.sampled_from(["drug", "disease"])))
    for _ in range(draw(st.integers(1, 8))):
        ends = draw(st.sampled_from(nodes)), draw(st.sampled_from(nodes))
        graph.add_edge(*ends, predicate=draw(WORDS))
    return graph


@settings(max_examples=40, deadline=None)
@given(graph=digraphs())
def test_what_networkx_writes_is_read(
    graph: nx.MultiDiGraph[Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("nx") / "my.graphml"
    nx.write_graphml(graph, path)
    columns = read_source("graphml", path)
    expected = [(s, d["predicate"], o) for s, o, d in graph.edges(data=True)]
    assert sorted(triples(columns)) == sorted(expected)
    assert names(columns) == dict(graph.nodes(data="name"))
    assert dict(columns.nodes.iter_rows()) == {n: [t] for n, t in graph.nodes(data="types")}


def test_a_graph_can_be_compiled_and_asked(file: Path, tmp_path: Path) -> None:
    text = graphml(
        '<graph edgedefault="directed"><node id="MONDO:1"><data key="n">flu</data></node>'
        '<node id="d"><data key="n">aspirin</data></node>'
        '<edge source="d" target="MONDO:1"><data key="r">treats</data></edge></graph>'
    )
    compile_graph([read(file, text)], tmp_path / "store")
    graph = KnowledgeGraph.open(tmp_path / "store")
    assert graph.holds("d", "treats", "MONDO:1")
    assert graph.manifest.sources[0].name == "my"


def test_keys_may_have_defaults_and_names_in_any_case(file: Path) -> None:
    inner = '<graph><node id="a"><data key="n">A</data></node><node id="b"/>'
    columns = read(file, graphml(inner + '<edge source="a" target="b"/></graph>'))
    assert triples(columns) == [("a", "near", "b")]
    assert names(columns) == {"a": "A", "b": "b"}


def test_an_edge_that_says_nothing_says_that_its_ends_are_related(file: Path) -> None:
    inner = '<graph><node id="a"/><node id="b"/><edge source="a" target="b"/></graph>'
    assert triples(read(file, graphml(inner, keys=""))) == [("a", "related_to", "b")]


def test_a_relation_without_direction_is_symmetric(file: Path) -> None:
    inner = (
        '<graph edgedefault="undirected"><node id="a"/><node id="b"/>'
        '<edge source="a" target="b"><data key="r">x</data></edge>'
        '<edge source="b" target="a"><data key="r">y</data></edge>'
        '<edge source="b" target="a" directed="true"><data key="r">y</data></edge></graph>'
    )
    relations = read(file, graphml(inner)).relations
    assert {r.spelling: r.symmetric for r in relations} == {"x": True, "y": False}


def test_an_edge_without_direction_in_a_mixed_relation_is_stated_both_ways(file: Path) -> None:
    inner = (
        '<graph edgedefault="undirected"><node id="a"/><node id="b"/><node id="c"/>'
        '<edge source="a" target="b"><data key="r">y</data></edge>'
        '<edge source="a" target="a"><data key="r">y</data></edge>'
        '<edge source="a" target="lost"><data key="r">y</data></edge>'
        '<edge source="b" target="c" directed="true"><data key="r">y</data></edge></graph>'
    )
    columns = read(file, graphml(inner))
    assert sorted(triples(columns)) == [
        ("a", "y", "a"),
        ("a", "y", "b"),
        ("b", "y", "a"),
        ("b", "y", "c"),
    ]
    assert columns.counted == {"both-ways": 1}
    assert columns.dropped["reason"].to_list() == ["dangling"]


def test_a_denied_edge_is_never_a_positive_statement(file: Path) -> None:
    marks = ["true", "False", "", "1", "maybe"]
    edges = "".join(
        f'<edge source="a" target="b"><data key="r">r{at}</data>'
        f'<data key="Negated">{mark}</data></edge>'
        for at, mark in enumerate(marks)
    )
    columns = read(file, graphml(f'<graph><node id="a"/><node id="b"/>{edges}</graph>'))
    assert [p for _, p, _ in triples(columns)] == ["not r0", "r1", "r2", "not r3"]
    assert columns.dropped["reason"].to_list() == ["malformed-negated"]


def test_neo4j_says_some_in_attributes(file: Path) -> None:
    inner = (
        '<graph><node id="n0" labels=":Drug:Compound"><data key="name">aspirin</data></node>'
        '<node id="n1" labels=":Disease"/>'
        '<edge source="n0" target="n1" label="TREATS"/></graph>'
    )
    columns = read(file, graphml(inner, keys=""))
    assert dict(columns.nodes.iter_rows()) == {"n0": ["Drug", "Compound"], "n1": ["Disease"]}
    assert triples(columns) == [("n0", "TREATS", "n1")]
    assert names(columns)["n0"] == "aspirin"


def test_yed_keeps_its_labels_in_drawings(file: Path) -> None:
    inner = (
        '<graph xmlns:y="http://www.yworks.com/xml/graphml"><node id="n0"><data key="d6">'
        "<y:ShapeNode><y:Fill color='#1'/><y:NodeLabel>aspirin</y:NodeLabel></y:ShapeNode>"
        '</data></node><node id="n1"/><edge source="n0" target="n1"><data key="d9">'
        "<y:PolyLineEdge><y:EdgeLabel>treats<y:LabelModel/></y:EdgeLabel></y:PolyLineEdge>"
        "</data></edge></graph>"
    )
    columns = read(
        file, graphml(inner, keys='<key id="d6" for="node" yfiles.type="nodegraphics"/>')
    )
    assert names(columns)["n0"] == "aspirin"
    assert triples(columns) == [("n0", "treats", "n1")]


def test_a_graph_within_a_node_is_read_as_well(file: Path) -> None:
    inner = (
        '<graph><node id="a"><data key="n">outer</data><graph><node id="a::b"/></graph></node>'
        '<edge source="a::b" target="a"/></graph>'
    )
    columns = read(file, graphml(inner))
    assert names(columns) == {"a": "outer", "a::b": "a::b"}
    assert triples(columns) == [("a::b", "near", "a")]


def test_ids_are_spelled_in_one_way_and_found_in_both(file: Path) -> None:
    inner = (
        '<graph><node id="doid:1612"/><node id="http://purl.obolibrary.org/obo/MONDO_1"/>'
        '<edge source="doid:1612" target="http://purl.obolibrary.org/obo/MONDO_1"/></graph>'
    )
    columns = read(file, graphml(inner))
    assert triples(columns) == [("DOID:1612", "near", "MONDO:1")]
    assert columns.identifiers["kind"].to_list() == ["alternative", "alternative"]
    assert "doid:1612" in columns.identifiers["text"].to_list()


def test_a_packed_file_and_another_encoding(file: Path, tmp_path: Path) -> None:
    inner = '<graph><node id="é"/><node id="b"/><edge source="é" target="b"/></graph>'
    packed = tmp_path / "my.graphml.gz"
    packed.write_bytes(gzip.compress(graphml(inner).encode()))
    columns = read_source("graphml", packed)
    assert triples(columns) == [("é", "near", "b")]
    assert columns.sources[0].name == "my"
    latin = graphml(inner, head='<?xml version="1.0" encoding="ISO-8859-1"?>').encode("latin-1")
    assert triples(read(file, latin)) == [("é", "near", "b")]
    assert triples(read(file, graphml(inner, head="").encode("utf-16"))) == [("é", "near", "b")]


# --- what cannot be used -----------------------------------------------------------------------


def test_every_node_and_edge_is_accounted_for(file: Path) -> None:
    inner = (
        '<graph>\n<node id="a"><data key="n">A</data></node>\n'
        '<node id="a"><data key="n">another</data></node>\n'
        '<node/>\n<node id="b"/>\n'
        '<edge source="a" target="b"/>\n<edge source="a" target="c"/>\n<edge source="a"/>\n'
        '<hyperedge><endpoint node="a"/></hyperedge>\n</graph>'
    )
    columns = read(file, graphml(inner))
    assert columns.nodes.height + columns.edges.height == 3
    assert sorted(columns.dropped.select("row", "reason").rows()) == [
        (5, "duplicate-id"),
        (6, "empty-id"),
        (9, "dangling"),
        (10, "empty-id"),
        (11, "hyperedge"),
    ]
    assert set(columns.dropped["file"]) == {"my.graphml"}


WHOLE = graphml('<graph><node id="a"/><node id="b"/><edge source="a" target="b"/></graph>')


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        (WHOLE[:-20], "is cut short: it ends in line 3"),
        (WHOLE[: WHOLE.index("<edge")], "is cut short"),
        (WHOLE.replace("</graph>", ""), "line 3 is not well-formed XML: mismatched tag"),
        (WHOLE.replace('id="a"', "id=a"), "not well-formed"),
        (WHOLE.replace('id="a"', 'id="\x01"'), "not well-formed"),
        (WHOLE.replace('id="a"', 'id="&who;"'), "undefined entity"),
        (WHOLE.encode().replace(b'id="a"', b'id="\xff"'), "not well-formed"),
        (WHOLE.replace("UTF-8", "klingon"), "cannot be read|unknown encoding"),
        ("<html><body/></html>", "is XML, but no GraphML: it begins with <html>"),
        ("source,target\na,b\n", "line 1 is not well-formed XML"),
        (graphml("<graph/>"), "holds no usable node"),
        (graphml("", head=HEAD + BILLION), "defines entities of its own"),
        (
            graphml("", head=HEAD + '<!DOCTYPE g [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
            "entities",
        ),
        (
            graphml("", head=HEAD + '<!DOCTYPE g [<!ENTITY % x SYSTEM "http://a/b"> %x;]>'),
            "entities",
        ),
    ],
)
def test_what_is_no_graph_is_told(file: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(SourceError, match=said) as caught:
        read(file, text)
    assert str(file) in str(caught.value)
    assert "Traceback" not in str(caught.value)


def test_a_document_type_alone_does_no_harm(file: Path) -> None:
    head = HEAD + '<!DOCTYPE graphml SYSTEM "http://127.0.0.1:9/graphml.dtd">'
    assert triples(read(file, WHOLE.replace(HEAD, head))) == [("a", "near", "b")]


@pytest.mark.parametrize(
    ("before", "after"), [("<node id='", "'/>"), ("<node id='a'><data key='n'>", "</data></node>")]
)
def test_a_line_of_a_hundred_megabytes_is_refused(file: Path, before: str, after: str) -> None:
    with file.open("w") as out:
        out.write(HEAD + OPEN + NAMED + "<graph>" + before)
        for _ in range(100):
            out.write("x" * (1 << 20))
        out.write(after + "</graph></graphml>")
    with pytest.raises(SourceError, match="line 3: a tag or text is longer than 16 MB"):
        read_source("graphml", file)


def test_elements_within_elements_without_end_do_no_harm(file: Path) -> None:
    deep = "<graph>" + "<node id='a'><graph>" * 20_000
    with pytest.raises(SourceError, match="is cut short"):
        read(file, graphml(deep)[: -len("</graphml>\n")])


def test_a_folder_and_nothing_at_all_are_told(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.graphml"):
        with pytest.raises(SourceError, match=r"is a folder|is not there"):
            read_source("graphml", path)
