"""PrimeKG's kg.csv: every row is a statement, said to be useless, or an error; none is lost."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgsynth.errors import SourceError
from kgsynth.graph.compile import compile_graph
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.sources import read_source
from kgsynth.sources.coding import MOST_CODES
from kgsynth.sources.columns import GraphColumns
from kgsynth.sources.prefixes import canonical_prefix
from kgsynth.sources.primekg import reader as primekg
from kgsynth.sources.primekg.edges import SUBJECTS, SYMMETRIC
from kgsynth.sources.primekg.nodes import AUTHORITIES
from kgsynth.sources.primekg.rows import VERDICTS, Cutter, merge

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"

HEADER = (
    "relation,display_relation,x_index,x_id,x_type,x_name,x_source,"
    "y_index,y_id,y_type,y_name,y_source"
)
BARE_HEADER = HEADER.replace("x_index,", "").replace("y_index,", "")

Node = tuple[str, str, str, str]
"""Id, type, name, source."""

GENE: Node = ("101", "gene/protein", "GLOW1", "NCBI")
OTHER_GENE: Node = ("205", "gene/protein", "GLOW2", "NCBI")
DRUG: Node = ("DB90001", "drug", 'lumivir "forte"', "DrugBank")
DISEASE: Node = ("5090", "disease", "dim fever, acute", "MONDO")
GROUP: Node = ("13924_12592", "disease", "dusk disorder", "MONDO_grouped")
SIGN: Node = ("2240", "effect/phenotype", "pale glow", "HPO")
PROCESS: Node = ("6810", "biological_process", "glow transport", "GO")
TISSUE: Node = ("2", "anatomy", "lantern tissue", "UBERON")
PATHWAY: Node = ("R-HSA-999", "pathway", "Glow relay", "REACTOME")
EXPOSURE: Node = ("C900001", "exposure", "lamp oil", "CTD")
NODES = (GENE, OTHER_GENE, DRUG, DISEASE, GROUP, SIGN, PROCESS, TISSUE, PATHWAY, EXPOSURE)

Edge = tuple[str, Node, Node]


def both_ways(*edges: Edge) -> list[Edge]:
    """Write each edge as PrimeKG does: once from either end."""
    return [*edges, *((relation, y, x) for relation, x, y in edges)]


def kg(
    edges: Iterable[Edge],
    *,
    indexed: bool = True,
    index: dict[Node, int] | None = None,
    quoting: int = csv.QUOTE_MINIMAL,
    newline: str = "\n",
) -> str:
    """Write kg.csv with the writer of Python's csv module."""
    rows = list(edges)
    number = index or {
        node: at for at, node in enumerate(dict.fromkeys(n for e in rows for n in e[1:]))
    }
    out = io.StringIO()
    writer = csv.writer(out, quoting=quoting, lineterminator=newline)
    writer.writerow((HEADER if indexed else BARE_HEADER).split(","))
    for relation, *ends in rows:
        cells = [relation, f"shown as {relation}"]
        for end in ends:
            cells += [str(number[end]), *end] if indexed else end
        writer.writerow(cells)
    return out.getvalue()


def read(folder: Path, text: str | bytes, name: str = "kg.csv") -> GraphColumns:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_source("primekg", path)


def triples(graph: GraphColumns) -> Counter[tuple[str, str, str]]:
    """Say each statement with ids; what runs either way, with its ends in order."""
    ids = graph.nodes["id"].to_list()
    found: Counter[tuple[str, str, str]] = Counter()
    for subject, predicate, obj, _ in graph.edges.iter_rows():
        ends = ids[subject], ids[obj]
        relation = graph.relations[predicate]
        one, two = sorted(ends) if relation.symmetric else ends
        found[one, relation.spelling, two] += 1
    return found


def identifiers(graph: GraphColumns, kind: str) -> set[tuple[str, str]]:
    ids = graph.nodes["id"].to_list()
    return {(ids[n], text) for n, text, k in graph.identifiers.iter_rows() if k == kind}


def dropped(graph: GraphColumns) -> list[tuple[int, str]]:
    return graph.dropped.select("row", "reason").rows()


def spoil(text: str, **lines: str) -> str:
    """Put other lines in place of some: ``row_3`` is the third line of the file."""
    rows = text.splitlines()
    for key, line in lines.items():
        rows[int(key.removeprefix("row_")) - 1] = line
    return "\n".join(rows) + "\n"


SMALL = both_ways(
    ("protein_protein", GENE, OTHER_GENE),
    ("drug_protein", DRUG, GENE),
    ("indication", DRUG, DISEASE),
    ("disease_disease", DISEASE, GROUP),
    ("disease_phenotype_positive", GROUP, SIGN),
    ("bioprocess_protein", PROCESS, GENE),
    ("anatomy_protein_present", TISSUE, GENE),
    ("pathway_protein", PATHWAY, GENE),
    ("exposure_disease", EXPOSURE, DISEASE),
)


# --- what is read --------------------------------------------------------------------------------


@pytest.mark.parametrize("indexed", [True, False])
def test_ids_types_and_names(tmp_path: Path, indexed: bool) -> None:
    graph = read(tmp_path, kg(SMALL, indexed=indexed))
    names = dict(graph.names.select("node", "text").rows())
    assert [(i, t, names[at]) for at, (i, t) in enumerate(graph.nodes.rows())] == [
        ("CTD:C900001", ["primekg:exposure"], "lamp oil"),
        ("DRUGBANK:DB90001", ["primekg:drug"], 'lumivir "forte"'),
        ("GO:0006810", ["primekg:biological_process"], "glow transport"),
        ("HP:0002240", ["primekg:effect/phenotype"], "pale glow"),
        ("MONDO:0005090", ["primekg:disease"], "dim fever, acute"),
        ("MONDO_grouped:13924_12592", ["primekg:disease"], "dusk disorder"),
        ("NCBIGene:101", ["primekg:gene/protein"], "GLOW1"),
        ("NCBIGene:205", ["primekg:gene/protein"], "GLOW2"),
        ("REACT:R-HSA-999", ["primekg:pathway"], "Glow relay"),
        ("UBERON:0000002", ["primekg:anatomy"], "lantern tissue"),
    ]
    assert graph.dropped.is_empty()
    assert graph.edges.height == len(SMALL)


def test_both_rows_of_an_edge_are_one_statement(tmp_path: Path) -> None:
    graph = read(tmp_path, kg(SMALL))
    assert triples(graph) == {
        ("NCBIGene:101", "primekg:protein_protein", "NCBIGene:205"): 2,
        ("DRUGBANK:DB90001", "primekg:drug_protein", "NCBIGene:101"): 2,
        ("DRUGBANK:DB90001", "primekg:indication", "MONDO:0005090"): 2,
        ("MONDO:0005090", "primekg:disease_disease", "MONDO_grouped:13924_12592"): 2,
        ("MONDO_grouped:13924_12592", "primekg:disease_phenotype_positive", "HP:0002240"): 2,
        ("GO:0006810", "primekg:bioprocess_protein", "NCBIGene:101"): 2,
        ("UBERON:0000002", "primekg:anatomy_protein_present", "NCBIGene:101"): 2,
        ("REACT:R-HSA-999", "primekg:pathway_protein", "NCBIGene:101"): 2,
        ("CTD:C900001", "primekg:exposure_disease", "MONDO:0005090"): 2,
    }
    symmetric = {r.spelling for r in graph.relations if r.symmetric}
    assert symmetric == {"primekg:protein_protein", "primekg:disease_disease"}


def test_a_store_holds_each_edge_once(tmp_path: Path) -> None:
    graph = read(tmp_path, kg(SMALL))
    compile_graph([graph], tmp_path / "store")
    store = KnowledgeGraph.open(tmp_path / "store")
    assert store.manifest.statements == len(SMALL) // 2
    assert store.manifest.dropped == {"repeated-statement": len(SMALL) // 2}
    for text in ("MONDO:0005090", "MONDO:5090", "primekg:3", "dim fever, acute"):
        assert store.id(store.find(text)) == "MONDO:0005090"


def test_other_spellings_of_a_node(tmp_path: Path) -> None:
    graph = read(tmp_path, kg(both_ways(("disease_disease", DISEASE, GROUP))))
    assert identifiers(graph, "alternative") == {
        ("MONDO:0005090", "MONDO:5090"),
        ("MONDO:0005090", "primekg:0"),
        ("MONDO_grouped:13924_12592", "MONDO:0012592"),
        ("MONDO_grouped:13924_12592", "MONDO:0013924"),
        ("MONDO_grouped:13924_12592", "primekg:1"),
    }
    assert identifiers(graph, "xref") == set()


def test_a_member_with_a_node_of_its_own_is_a_cross_reference(tmp_path: Path) -> None:
    member: Node = ("12592", "disease", "dusk disorder 2", "MONDO")
    sharing: Node = ("13924_777", "disease", "dusk disorders", "MONDO_grouped")
    edges = both_ways(("disease_disease", member, GROUP), ("disease_disease", member, sharing))
    graph = read(tmp_path, kg(edges, indexed=False))
    assert identifiers(graph, "xref") == {
        ("MONDO_grouped:13924_12592", "MONDO:0012592"),
        ("MONDO_grouped:13924_12592", "MONDO:0013924"),
        ("MONDO_grouped:13924_777", "MONDO:0013924"),
    }
    assert identifiers(graph, "alternative") == {
        ("MONDO:0012592", "MONDO:12592"),
        ("MONDO_grouped:13924_777", "MONDO:0000777"),
    }


@pytest.mark.parametrize("indexed", [True, False])
def test_ids_that_collide_are_told_apart(tmp_path: Path, indexed: bool) -> None:
    function: Node = ("6810", "molecular_function", "glow carrier", "GO")
    namesake: Node = ("101", "gene/protein", "GLOW1-LIKE", "NCBI")
    tissue: Node = ("101", "anatomy", "wick", "UBERON")  # the same number elsewhere: no collision
    edges = both_ways(
        ("bioprocess_protein", PROCESS, GENE),
        ("molfunc_protein", function, namesake),
        ("anatomy_protein_absent", tissue, GENE),
    )
    graph = read(tmp_path, kg(edges, indexed=indexed))
    assert graph.nodes["id"].to_list() == [
        "GO:0006810#biological_process",
        "GO:0006810#molecular_function",
        "NCBIGene:101#gene/protein#1",
        "NCBIGene:101#gene/protein#2",
        "UBERON:0000101",
    ]
    names = dict(graph.names.select("node", "text").rows())
    assert names[2] == "GLOW1"
    assert names[3] == "GLOW1-LIKE"
    # What both could mean finds neither for sure.
    assert ("GO:0006810#molecular_function", "GO:0006810") in identifiers(graph, "xref")
    assert ("GO:0006810#molecular_function", "GO:6810") in identifiers(graph, "xref")
    assert sum(triples(graph).values()) == 6


def test_an_id_that_looks_told_apart_is_not_taken_for_one(tmp_path: Path) -> None:
    function: Node = ("6810", "molecular_function", "glow carrier", "GO")
    sly: Node = ("0006810#molecular_function", "biological_process", "sly", "GO")
    edges = both_ways(("a", PROCESS, function), ("a", sly, function))
    graph = read(tmp_path, kg(edges))
    assert graph.nodes["id"].is_unique().all()
    assert graph.nodes.height == 3


def test_an_unknown_source_keeps_its_own_prefix(tmp_path: Path) -> None:
    odd: Node = ("X 1", "gadget", "odd thing", "Lamp Base")
    known: Node = ("15377", "chemical", "water", "chebi")
    graph = read(tmp_path, kg(both_ways(("gadget_chemical", odd, known))))
    assert graph.nodes["id"].to_list() == ["CHEBI:15377", "Lamp_Base:X 1"]


def test_an_id_that_is_full_already_stays_so(tmp_path: Path) -> None:
    full: Node = ("MONDO:0005090", "disease", "dim fever", "MONDO")
    padded: Node = ("0002240", "effect/phenotype", "pale glow", "HPO")
    graph = read(tmp_path, kg(both_ways(("disease_phenotype_negative", full, padded))))
    assert graph.nodes["id"].to_list() == ["HP:0002240", "MONDO:0005090"]


def test_unknown_relations_get_a_direction_by_type(tmp_path: Path) -> None:
    edges = both_ways(
        ("lights", TISSUE, DRUG),
        ("twins", GENE, OTHER_GENE),
        ("mixed", OTHER_GENE, GENE),
        ("mixed", GENE, DRUG),
        ("indication", SIGN, DISEASE),  # known, but between other types than it should be
    )
    graph = read(tmp_path, kg(edges))
    assert triples(graph) == {
        ("UBERON:0000002", "primekg:lights", "DRUGBANK:DB90001"): 2,
        ("NCBIGene:101", "primekg:twins", "NCBIGene:205"): 2,
        ("NCBIGene:101", "primekg:mixed", "NCBIGene:205"): 2,
        ("DRUGBANK:DB90001", "primekg:mixed", "NCBIGene:101"): 2,
        ("MONDO:0005090", "primekg:indication", "HP:0002240"): 2,
    }
    assert {r.spelling for r in graph.relations if r.symmetric} == {"primekg:twins"}


@pytest.mark.parametrize("name", ["kg.csv", "kg.csv.gz", "kg.csv.bz2"])
def test_a_folder_and_packed_files(tmp_path: Path, name: str) -> None:
    text = kg(SMALL).encode()
    pack = {".gz": gzip.compress, ".bz2": bz2.compress}.get(Path(name).suffix, bytes)
    (tmp_path / name).write_bytes(pack(text))
    graph = read_source("primekg", tmp_path)
    assert graph.edges.height == len(SMALL)
    assert triples(graph) == triples(read_source("primekg", tmp_path / name))


def test_windows_lines_a_byte_order_mark_and_no_last_newline(tmp_path: Path) -> None:
    plain = read(tmp_path, kg(SMALL))
    odd = "\ufeff" + kg(SMALL, newline="\r\n", quoting=csv.QUOTE_ALL).rstrip("\r\n")
    graph = read(tmp_path, odd)
    assert graph.nodes.equals(plain.nodes)
    assert graph.names.equals(plain.names)
    assert triples(graph) == triples(plain)
    assert graph.dropped.is_empty()


def test_progress_is_told_in_bytes(tmp_path: Path) -> None:
    text = kg(SMALL)
    (tmp_path / "kg.csv").write_text(text)
    told: list[tuple[str, int, int]] = []
    read_source("primekg", tmp_path, None, lambda *said: told.append(said))
    assert ("reading kg.csv", len(text) - 1, len(text)) in told


# --- rows that are of no use ---------------------------------------------------------------------


def test_bad_rows_are_set_aside_with_their_place(tmp_path: Path) -> None:
    edges = [("drug_protein", DRUG, GENE)] * 16
    good = kg(edges)
    line = good.splitlines()[1]
    text = spoil(
        good,
        row_3=line + ",one more",
        row_4=line.rsplit(",", 1)[0],
        row_5="",
        row_6=line.replace('"forte"""', '"forte'),
        row_7=line.replace("GLOW1", 'GL"OW1'),
        row_8=line.replace(",DB90001,", ",,"),
        row_9=line.replace(",gene/protein,", ', "" ,').replace(' "" ', '""'),
        row_10=line.replace("GLOW1", " "),
        row_11=line.removesuffix("NCBI"),
        row_12=line.replace("drug_protein,", ",", 1),
        row_13=line.replace(",1,101", ",1.0,101"),
        row_14=line.replace(",1,101", ",0,101"),
        row_15=line.replace("GLOW1", '"GLOW1" x'),
    )
    graph = read(tmp_path, text)
    assert dropped(graph) == [
        (3, "wrong-column-count"),
        (4, "wrong-column-count"),
        (5, "blank-line"),
        (6, "broken-quotes"),
        (7, "broken-quotes"),
        (8, "empty-id"),
        (9, "empty-type"),
        (10, "empty-name"),
        (11, "empty-source"),
        (12, "empty-predicate"),
        (13, "malformed-index"),
        (14, "duplicate-id"),
        (15, "broken-quotes"),
    ]
    lines = text.splitlines()
    assert all(lines[row - 1] == said for _, row, _, said in graph.dropped.iter_rows())
    assert set(graph.dropped["file"]) == {"kg.csv"}
    assert graph.edges.height + graph.dropped.height == len(edges)
    assert graph.nodes.height == 2


def test_the_first_node_of_an_index_is_believed(tmp_path: Path) -> None:
    first = kg([("drug_protein", DRUG, GENE)], index={DRUG: 7, GENE: 8})
    more = kg([("drug_protein", DRUG, OTHER_GENE)] * 3, index={DRUG: 7, OTHER_GENE: 8})
    graph = read(tmp_path, first + "".join(more.splitlines(keepends=True)[1:]))
    assert dropped(graph) == [(row, "duplicate-id") for row in (3, 4, 5)]
    assert ("NCBIGene:101", "primekg:8") in identifiers(graph, "alternative")
    assert "NCBIGene:205" not in graph.nodes["id"]


def test_a_node_under_two_indices_is_one(tmp_path: Path) -> None:
    first = kg([("drug_protein", DRUG, GENE)], index={DRUG: 7, GENE: 8})
    again = kg([("drug_protein", DRUG, GENE)], index={DRUG: 7, GENE: 9})
    graph = read(tmp_path, first + again.splitlines()[1] + "\n")
    assert graph.dropped.is_empty()
    found = {text for node, text in identifiers(graph, "alternative") if node == "NCBIGene:101"}
    assert found == {"primekg:8", "primekg:9", "NCBI:101"}


def test_a_long_row_is_cut_where_it_is_told(tmp_path: Path) -> None:
    graph = read(tmp_path, kg(SMALL) + "ä" * 5000 + "\n")
    assert graph.dropped["text"].to_list() == ["ä" * 1000]


# --- files that are refused ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "is empty"),
        (HEADER.encode(), "holds no row but its header"),
        (b"a,b\n1,2\n", "lacks relation, display_relation, x_id"),
        (HEADER.replace("x_name", "name").encode(), "lacks x_name and it has 'name'"),
        (HEADER.replace("x_index,x_id", "x_id,x_index").encode(), "columns are in another order"),
        (HEADER.replace(",", "\t").encode(), "lacks relation"),
        (f"{HEADER},extra\n".encode(), "it has 'extra', which PrimeKG has not"),
        (
            f"{HEADER}\na,b\n".encode(),
            "no usable row (1 wrong-column-count). The first of them is row 2",
        ),
        (kg(SMALL).encode() + b"caf\xe9,\n", f"line {len(SMALL) + 2} is not UTF-8"),
        (kg(SMALL).encode() + b"\x00\n", f"line {len(SMALL) + 2} holds binary data"),
        (b"\xff\xfe" + HEADER.encode(), "line 1 is not UTF-8"),
    ],
)
def test_what_is_no_kg_csv_is_refused(tmp_path: Path, text: bytes, said: str) -> None:
    with pytest.raises(SourceError, match=re.escape(said)) as caught:
        read(tmp_path, text)
    assert "kg.csv" in str(caught.value)
    assert caught.value.remedy


def test_a_file_cut_short_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress(kg(SMALL).encode())
    with pytest.raises(SourceError, match="cut short"):
        read(tmp_path, packed[:-20], "kg.csv.gz")


def test_a_path_without_kg_csv_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is not there"):
        read_source("primekg", tmp_path / "nowhere.csv")
    (tmp_path / "nodes.csv").touch()
    with pytest.raises(SourceError, match=r"has no kg\.csv\. It holds nodes\.csv"):
        read_source("primekg", tmp_path)


def test_more_relations_than_a_store_can_number_are_refused(tmp_path: Path) -> None:
    line = kg([("drug_protein", DRUG, GENE)]).splitlines()[1].removeprefix("drug_protein")
    rows = "".join(f"r{at}{line}\n" for at in range(MOST_CODES + 1))
    with pytest.raises(SourceError, match=f"over {MOST_CODES:,} different relations"):
        read(tmp_path, f"{HEADER}\n{rows}")


# --- laws ----------------------------------------------------------------------------------------

CELL = st.text("ab ,\"'#é1", min_size=1, max_size=4).filter(lambda text: text.strip() == text)
SOME_NODES = st.tuples(
    st.sampled_from(["1", "2", "1_2", "R-1"]),
    st.sampled_from(["drug", "disease", "gene/protein"]),
    CELL,
    st.sampled_from(["MONDO", "MONDO_grouped", "NCBI", "HPO", "own"]),
)
SOME_RELATIONS = st.sampled_from(["indication", "disease_disease", "drug_protein", "new, one"])


@st.composite
def some_edges(draw: st.DrawFn) -> list[Edge]:
    nodes = draw(st.lists(SOME_NODES, min_size=1, max_size=6, unique=True))
    end = st.sampled_from(nodes)
    return draw(st.lists(st.tuples(SOME_RELATIONS, end, end), min_size=1, max_size=12))


def stated(edges: Sequence[Edge], graph: GraphColumns) -> Counter[tuple[str, str, str]]:
    """Say what the rows state, by the names that the reader gave the nodes, in plain Python."""
    names = dict(graph.names.select("node", "text").rows())
    id_of: dict[tuple[str, str], list[str]] = {}
    for at, (concept, types) in enumerate(graph.nodes.iter_rows()):
        id_of.setdefault((types[0].removeprefix("primekg:"), names[at]), []).append(concept)
    symmetric = {r.spelling.removeprefix("primekg:") for r in graph.relations if r.symmetric}
    found: Counter[tuple[str, str, str]] = Counter()
    for relation, x, y in edges:
        (one,), (two,) = (id_of[end[1], end[2]] for end in (x, y))
        wanted = SUBJECTS.get(relation, "")
        places = [(end[1] != wanted, end[1], i) for end, i in ((x, one), (y, two))]
        if relation in symmetric:
            places = [(False, "", place[2]) for place in places]
        elif places[0][0] == places[1][0]:
            places = [(False, *place[1:]) for place in places]
        first, second = sorted(places)
        found[first[2], f"primekg:{relation}", second[2]] += 1
    return found


@settings(max_examples=60, deadline=None)
@given(
    edges=some_edges(),
    random=st.randoms(use_true_random=False),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    newline=st.sampled_from(["\n", "\r\n"]),
    block=st.sampled_from([1 << 22, 100, 1]),
)
def test_order_quotes_and_columns_make_no_difference(
    tmp_path_factory: pytest.TempPathFactory,
    edges: list[Edge],
    random: object,
    quoting: int,
    newline: str,
    block: int,
) -> None:
    # Names are the oracle's handle on a node, so no two nodes of a type may share one.
    named = {(n[1], n[2]): n for e in edges for n in e[1:]}
    edges = [(r, named[x[1:3]], named[y[1:3]]) for r, x, y in edges]
    folder = tmp_path_factory.mktemp("kg")
    plain = read(folder, kg(both_ways(*edges)))
    rows = both_ways(*edges)
    random.shuffle(rows)  # type: ignore[attr-defined]
    numbers = list(range(len(named)))
    random.shuffle(numbers)  # type: ignore[attr-defined]
    index = dict(zip(named.values(), numbers, strict=True))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(primekg, "BLOCK_BYTES", block)
        odd = read(folder, kg(rows, index=index, quoting=quoting, newline=newline))
        bare = read(folder, kg(rows, indexed=False, quoting=quoting, newline=newline))
    for graph in (odd, bare):
        assert graph.nodes.equals(plain.nodes)
        assert graph.names.equals(plain.names)
        assert graph.relations == plain.relations
        assert triples(graph) == triples(plain)
        assert graph.edges.height == len(rows)
        assert graph.dropped.is_empty()
    assert triples(plain) == stated(both_ways(*edges), plain)
    assert identifiers(bare, "alternative") <= identifiers(odd, "alternative")


QUOTED_LINE = re.compile(r'(?:"(?:[^"\n]|"")*"|[^",\n]*)(?:,(?:"(?:[^"\n]|"")*"|[^",\n]*))*')


def cells_of(line: str) -> list[str]:
    """Ask the csv module, which does not take a lone carriage return."""
    cells = next(csv.reader([line.replace("\r", "\x01")], strict=True)) or [""]
    return [cell.replace("\x01", "\r") for cell in cells]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text('a1,,,"\r é', max_size=30), min_size=1, max_size=8))
def test_lines_are_cut_as_python_cuts_them(lines: list[str]) -> None:
    """The oracle is a regular expression for what a line may be, and Python's csv module."""
    cutter = Cutter(4)
    cut = cutter.cut(("\n".join(lines)).encode() or b"\n", 2)
    texts = cutter.nodes.lines().decode().split("\n")[:-1]
    links = cutter.relations.lines().decode().split("\n")[:-1]
    kept = {int(line): at for at, line in enumerate(cut.kept)}
    spoilt = {int(line): VERDICTS[v] for line, v in zip(cut.spoilt, cut.verdicts, strict=True)}
    assert len(kept) + len(spoilt) == cut.lines
    for at, line in enumerate(lines[: cut.lines]):
        plain = line.removesuffix("\r")
        if not plain:
            assert spoilt[at] == "blank-line"
        elif not QUOTED_LINE.fullmatch(plain):
            assert spoilt[at] == "broken-quotes"
        else:
            cells = cells_of(plain)
            if len(cells) != 4:
                assert spoilt[at] == "wrong-column-count"
            else:
                place = kept[at]
                said = (links[cut.relation[place]], texts[cut.x[place]], texts[cut.y[place]])
                assert [cells_of(text) for text in said] == [[cells[at]] for at in (0, 2, 3)]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 40_000), min_size=1, max_size=300), st.integers(1, 7))
def test_texts_keep_their_numbers_while_tables_grow(numbers: list[int], step: int) -> None:
    """Over 4,000 texts make the tables grow; a dict is the oracle."""
    names = [f"{number:x}" * step for number in [*numbers, *range(0, 20_000, 4), *numbers]]
    lines = [f"r,shown,{name},{name}!" for name in names]
    cutters = [Cutter(4), Cutter(4)]
    half = len(lines) // 2
    cuts = [
        cutters[0].cut("\n".join(lines[:half]).encode(), 2),
        cutters[1].cut("\n".join(lines[half:]).encode(), 2 + half),
    ]
    merged = merge([cutter.nodes for cutter in cutters])
    texts = merged.table.lines().decode().split("\n")[:-1]
    assert len(texts) == len(set(texts)) == merged.table.number
    found = [
        texts[code] for cut, own in zip(cuts, merged.codes, strict=True) for code in own[cut.x]
    ]
    assert found == names
    first = {}
    for row, name in enumerate(names, start=2):
        first.setdefault(name, row)
    assert {
        texts[at]: int(row)
        for at, row in enumerate(merged.table.first_rows[: len(texts)])
        if not texts[at].endswith("!")
    } == first


SCRAPS = st.sampled_from(
    [b",", b'"', b"\n", b"\r\n", b"\x00", b"\xff", b"", b"#", b" ", "é".encode()]
)
SPOILS = st.lists(
    st.tuples(st.integers(0, 3_000), st.integers(0, 30), SCRAPS), min_size=1, max_size=4
)


@settings(max_examples=150, deadline=None)
@given(st.booleans(), SPOILS)
def test_spoilt_bytes_give_counted_rows_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory,
    indexed: bool,
    spoils: list[tuple[int, int, bytes]],
) -> None:
    data = kg(SMALL, indexed=indexed).encode()
    for at, size, scrap in spoils:
        data = data[:at] + scrap + data[at + size :]
    try:
        graph = read(tmp_path_factory.mktemp("spoilt"), data)
    except SourceError:
        return
    rows = data.count(b"\n") - data.endswith(b"\n")
    assert graph.edges.height + graph.dropped.height == rows
    assert graph.nodes["id"].is_unique().all()


def test_prefixes_are_canonical() -> None:
    for authority in AUTHORITIES.values():
        assert canonical_prefix(authority.prefix) == authority.prefix


@pytest.mark.real
def test_the_relations_are_those_of_primekg() -> None:
    path = DATA / "reference" / "primekg_relations.tsv"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    table = pl.read_csv(path, separator="\t", infer_schema=False)
    rows = table.select("relation", "x_type", "y_type").rows()
    assert len(rows) == 30
    assert {relation: x for relation, x, y in rows if x != y} == SUBJECTS
    assert {relation for relation, x, y in rows if x == y} == SYMMETRIC
