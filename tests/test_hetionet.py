"""Hetionet: three forms of one graph give one graph, and no row of any is lost."""

from __future__ import annotations

import bz2
import gzip
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgsynth.errors import SourceError
from kgsynth.graph.compile import compile_graph
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.sources import read_source
from kgsynth.sources.columns import GraphColumns
from kgsynth.sources.hetionet import reader as hetionet
from kgsynth.sources.hetionet.graph import KINDS, METAEDGES, Parts, build
from kgsynth.sources.prefixes import canonical_prefix

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"

NODES = """\
id\tname\tkind
Anatomy::UBERON:9000001\tlantern tissue\tAnatomy
Biological Process::GO:9000002\tglow transport\tBiological Process
Compound::DB90003\tlumivir\tCompound
Compound::DB90004\tdimolol\tCompound
Disease::DOID:9000005\tdusk disorder\tDisease
Gene::9006\tGLOW1\tGene
Gene::9007\tGLOW2\tGene
Pathway::PC7_9008\tGlow relay\tPathway
Pathway::WP9009_r123\tGlow relay\tPathway
Pharmacologic Class::N0000009010\tGlow Inhibitors\tPharmacologic Class
Side Effect::C9000011\tpallor\tSide Effect
Symptom::D900012\tpallor\tSymptom
"""
EDGES = """\
source\tmetaedge\ttarget
Anatomy::UBERON:9000001\tAeG\tGene::9006
Compound::DB90003\tCtD\tDisease::DOID:9000005
Compound::DB90003\tCrC\tCompound::DB90004
Compound::DB90003\tCbG\tGene::9007
Compound::DB90003\tCcSE\tSide Effect::C9000011
Disease::DOID:9000005\tDpS\tSymptom::D900012
Gene::9006\tGr>G\tGene::9007
Gene::9006\tGiG\tGene::9007
Gene::9006\tGpPW\tPathway::WP9009_r123
Gene::9007\tGpBP\tBiological Process::GO:9000002
Pharmacologic Class::N0000009010\tPCiC\tCompound::DB90003
"""


def folder(path: Path, **files: str | bytes) -> Path:
    """Write the pair of tables; other files are named by their key, with __ for a dot."""
    path.mkdir(parents=True, exist_ok=True)
    given = files or {"hetionet-nodes__tsv": NODES, "hetionet-edges__sif": EDGES}
    for key, content in given.items():
        data = content.encode() if isinstance(content, str) else content
        file = path / key.replace("__", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(gzip.compress(data) if file.suffix == ".gz" else data)
    return path


def spelled(graph: GraphColumns) -> dict[str, str]:
    """Return how the source spells each node, by the id that it was given."""
    ids = graph.nodes["id"].to_list()
    return {ids[n]: text for n, text, _ in graph.identifiers.iter_rows() if "::" in text}


def stated(graph: GraphColumns) -> Counter[tuple[str, str, str]]:
    """Say each edge as the source spells it."""
    of = spelled(graph)
    rows = graph.spelled().select("subject", "predicate", "object").iter_rows()
    return Counter((of[s], p.removeprefix("hetionet:"), of[o]) for s, p, o in rows)


def table(text: str) -> Counter[tuple[str, ...]]:
    """Read a table in plain Python."""
    return Counter(tuple(line.split("\t")) for line in text.splitlines()[1:])


def dropped(graph: GraphColumns) -> list[tuple[str, int, str]]:
    return graph.dropped.select("file", "row", "reason").rows()


# --- the pair of tables --------------------------------------------------------------------------


def test_ids_types_and_names(tmp_path: Path) -> None:
    graph = read_source("hetionet", folder(tmp_path))
    names = dict(graph.names.select("node", "text").rows())
    assert [(i, t, names[at]) for at, (i, t) in enumerate(graph.nodes.rows())] == [
        ("DOID:9000005", ["hetionet:Disease"], "dusk disorder"),
        ("DRUGBANK:DB90003", ["hetionet:Compound"], "lumivir"),
        ("DRUGBANK:DB90004", ["hetionet:Compound"], "dimolol"),
        ("GO:9000002", ["hetionet:Biological Process"], "glow transport"),
        ("MESH:D900012", ["hetionet:Symptom"], "pallor"),
        ("NCBIGene:9006", ["hetionet:Gene"], "GLOW1"),
        ("NCBIGene:9007", ["hetionet:Gene"], "GLOW2"),
        ("NDFRT:N0000009010", ["hetionet:Pharmacologic Class"], "Glow Inhibitors"),
        ("PATHWAYCOMMONS:PC7_9008", ["hetionet:Pathway"], "Glow relay"),
        ("UBERON:9000001", ["hetionet:Anatomy"], "lantern tissue"),
        ("UMLS:C9000011", ["hetionet:Side Effect"], "pallor"),
        ("WIKIPATHWAYS:WP9009", ["hetionet:Pathway"], "Glow relay"),
    ]
    assert spelled(graph)["WIKIPATHWAYS:WP9009"] == "Pathway::WP9009_r123"
    assert set(graph.identifiers["kind"]) == {"alternative"}
    assert stated(graph) == table(EDGES)
    assert graph.dropped.is_empty()


def test_a_store_finds_a_node_as_the_source_spells_it(tmp_path: Path) -> None:
    compile_graph([read_source("hetionet", folder(tmp_path))], tmp_path / "store")
    store = KnowledgeGraph.open(tmp_path / "store")
    assert store.manifest.statements == len(EDGES.splitlines()) - 1
    assert store.id(store.find("Disease::DOID:9000005")) == "DOID:9000005"


def test_marks_tell_the_direction(tmp_path: Path) -> None:
    graph = read_source("hetionet", folder(tmp_path))
    assert {r.spelling for r in graph.relations if r.symmetric} == {"hetionet:CrC", "hetionet:GiG"}
    assert {r.spelling.removeprefix("hetionet:") for r in graph.relations} <= METAEDGES


def test_an_edge_without_terms_of_its_own_has_those_of_its_kind(tmp_path: Path) -> None:
    graph = read_source("hetionet", folder(tmp_path))
    terms = dict(graph.spelled().select("predicate", "licence").rows())
    assert terms["hetionet:CcSE"] == "CC-BY-NC-SA-4.0"
    assert terms["hetionet:CtD"] == "CC0-1.0"


def test_provenance_and_licence_of_each_edge(tmp_path: Path) -> None:
    edges = (
        "source\trelation\ttarget\tmetaedge\tprovenance\tlicense\n"
        "Compound::DB90003\ttreats\tDisease::DOID:9000005\tCtD\tLampDB\tCC-BY-4.0\n"
        "Compound::DB90003\tbinds\tGene::9006\tCbG\t\t\n"
    )
    nodes = NODES.replace("\tkind", "\ttype")
    graph = read_source("hetionet", folder(tmp_path, nodes__tsv=nodes, edges__tsv=edges))
    rows = graph.spelled().select("subject", "predicate", "object", "licence").rows()
    assert rows == [
        ("DRUGBANK:DB90003", "hetionet:CtD", "DOID:9000005", "CC-BY-4.0"),
        ("DRUGBANK:DB90003", "hetionet:CbG", "NCBIGene:9006", "CC-BY-NC-4.0"),
    ]
    assert graph.evidence.rows() == [(0, "LampDB")]


@pytest.mark.parametrize("named", ["hetionet-edges.sif", "hetionet-nodes.tsv"])
def test_either_file_of_the_pair_is_enough(tmp_path: Path, named: str) -> None:
    path = folder(tmp_path) / named
    assert stated(read_source("hetionet", path)) == table(EDGES)
    (other,) = {"hetionet-edges.sif", "hetionet-nodes.tsv"} - {named}
    assert hetionet.beside(path) == [tmp_path / other]


def test_files_named_after_hetionet_come_first(tmp_path: Path) -> None:
    sample = "".join(EDGES.splitlines(keepends=True)[:3])
    folder(
        tmp_path,
        **{
            "hetionet-v0-nodes__tsv": NODES,
            "hetionet-v0-edges__sif__gz": EDGES,
            "edges-few__sif__gz": sample,
            "metaedges__tsv": "metaedge\tabbreviation\nCompound - treats - Disease\tCtD\n",
            "metanodes__tsv": "metanode\nCompound\n",
        },
    )
    graph = read_source("hetionet", tmp_path)
    assert stated(graph) == table(EDGES)
    passed_over = ["edges-few.sif.gz", "metaedges.tsv", "metanodes.tsv"]
    assert graph.dropped.select("file", "row", "reason").rows() == [
        (file, 0, "unread-file") for file in passed_over
    ]
    named = read_source("hetionet", tmp_path / "edges-few.sif.gz")
    assert stated(named) == table(sample)
    assert named.dropped.is_empty()


def test_ids_that_come_to_one_are_told_apart(tmp_path: Path) -> None:
    nodes = (
        "id\tname\tkind\n"
        "Pathway::WP1_r2\tGlow\tPathway\nPathway::WP1_r10\tGlow\tPathway\n"
        "Molecular Function::GO:1\tglow\tMolecular Function\nCellular Component::GO:1\tglow\t\n"
        "Gadget::7\todd thing\tGadget\n"
    )
    edges = "source\tmetaedge\ttarget\nPathway::WP1_r2\tGpPW\tMolecular Function::GO:1\n"
    graph = read_source("hetionet", folder(tmp_path, nodes__tsv=nodes, edges__tsv=edges))
    assert spelled(graph) == {
        "GO:1#Cellular Component": "Cellular Component::GO:1",
        "GO:1#Molecular Function": "Molecular Function::GO:1",
        "WIKIPATHWAYS:WP1#Pathway#1": "Pathway::WP1_r10",
        "WIKIPATHWAYS:WP1#Pathway#2": "Pathway::WP1_r2",
        "hetionet:Gadget::7": "Gadget::7",
    }
    ids = graph.nodes["id"].to_list()
    xrefs = {(ids[n], text) for n, text, kind in graph.identifiers.iter_rows() if kind == "xref"}
    assert ("GO:1#Cellular Component", "GO:1") in xrefs


def test_a_part_does_not_vouch_for_what_it_lacks(tmp_path: Path) -> None:
    """Only the whole makes a missing edge false; a part may lack whole kinds of edges."""
    few = "".join(line for line in EDGES.splitlines(keepends=True) if "\tCrC\t" not in line)
    for edges in (EDGES, few):
        path = folder(tmp_path / str(len(edges)), nodes__tsv=NODES, edges__tsv=edges)
        (source,) = read_source("hetionet", path).sources
        assert (source.name, source.version) == ("hetionet-part", "")


@pytest.mark.parametrize(
    ("nodes", "edges", "called"),
    [
        (47_031, 2_250_197, ("hetionet", "1.0")),
        (47_031, 2_250_196, ("hetionet-part", "")),
        (47_030, 2_250_197, ("hetionet-part", "")),
    ],
)
def test_the_whole_is_known_by_its_published_counts(
    nodes: int, edges: int, called: tuple[str, str]
) -> None:
    gene = "Gene::" + pl.int_range(pl.len()).cast(pl.String)
    named = pl.select(at=pl.int_range(nodes)).select(spelled=gene, name=gene)
    ends = pl.select(at=pl.int_range(edges)).with_columns(
        source=pl.lit("Gene::1"), metaedge=pl.lit("GiG"), target=pl.lit("Gene::2")
    )
    placed = [
        f.with_columns(file=pl.lit("x"), row=pl.int_range(pl.len()), line=pl.lit(""))
        for f in (named, ends)
    ]
    told = placed[1].with_columns(evidence=pl.lit(""), licence=pl.lit(""))
    (source,) = build(Parts(placed[0], told, []), "x").sources
    assert (source.name, source.version) == called


def test_bad_rows_are_set_aside_with_their_place(tmp_path: Path) -> None:
    nodes = NODES + (
        "Gene::9006\tGLOW1\tGene\n"  # 14
        "\tnobody\tGene\n"
        "Gene::9015\t\tGene\n"
        "9016\tGLOW9\tGene\n"
        "Gene::\tGLOW9\tGene\n"
        "\n"
        "Gene::9019\tGLOW9\n"
    )
    edges = EDGES + (
        "Gene::9006\tGiG\tGene::1\n"  # 13
        "Gene::9006\tGiG\n"
        "Gene::9006\t\tGene::9007\n"
        "\tGiG\tGene::9007\n"
        "Gene::9015\tGiG\tGene::9007\n"
    )
    graph = read_source("hetionet", folder(tmp_path, nodes__tsv=nodes, edges__tsv=edges))
    assert dropped(graph) == [
        ("edges.tsv", 13, "dangling"),
        ("edges.tsv", 14, "wrong-column-count"),
        ("edges.tsv", 15, "empty-predicate"),
        ("edges.tsv", 16, "empty-id"),
        ("edges.tsv", 17, "dangling"),
        ("nodes.tsv", 14, "duplicate-id"),
        ("nodes.tsv", 15, "empty-id"),
        ("nodes.tsv", 16, "empty-name"),
        ("nodes.tsv", 17, "malformed-id"),
        ("nodes.tsv", 18, "malformed-id"),
        ("nodes.tsv", 19, "blank-line"),
        ("nodes.tsv", 20, "wrong-column-count"),
    ]
    texts = {"edges.tsv": edges.splitlines(), "nodes.tsv": nodes.splitlines()}
    assert all(texts[f][row - 1] == text for f, row, _, text in graph.dropped.iter_rows())
    rows_in = sum(len(lines) - 1 for lines in texts.values())
    assert graph.nodes.height + graph.edges.height + graph.dropped.height == rows_in


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"notes__txt": "x"}, "holds no form of Hetionet. It holds notes.txt"),
        ({"edges__sif": EDGES}, "has no table of nodes"),
        (
            {"nodes__tsv": NODES, "a__sif": EDGES, "b-edges__tsv": EDGES},
            "has several files with edges: a.sif, b-edges.tsv",
        ),
        (
            {"nodes__tsv": NODES, "edges__tsv": EDGES, "het__json": "{}"},
            "holds Hetionet in two forms: edges.tsv, het.json",
        ),
        ({"nodes__tsv": NODES, "edges__tsv": ""}, "edges.tsv is empty"),
        ({"nodes__tsv": NODES, "edges__tsv": "a\tb\n"}, "edges.tsv has no column 'source'"),
        ({"nodes__tsv": "id\tname\n", "edges__tsv": EDGES}, "holds no usable node"),
        ({"nodes__tsv": NODES.encode() + b"\xff", "edges__tsv": EDGES}, "line 14 is not UTF-8"),
        ({"x-edges__tsv": ":START_ID(Gene)\t:END_ID(Gene)\n"}, "and none of nodes"),
    ],
)
def test_folders_that_are_refused(
    tmp_path: Path, files: Mapping[str, str | bytes], said: str
) -> None:
    with pytest.raises(SourceError, match=re.escape(said)) as caught:
        read_source("hetionet", folder(tmp_path, **files))
    assert caught.value.remedy


def test_a_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere", tmp_path / "nowhere.sif.gz"):
        with pytest.raises(SourceError, match="no folder and no file"):
            read_source("hetionet", path)


def test_edges_cut_short_are_refused(tmp_path: Path) -> None:
    packed = gzip.compress(EDGES.encode())[:-10]
    (folder(tmp_path, nodes__tsv=NODES) / "edges.sif.gz").write_bytes(packed)
    with pytest.raises(SourceError, match="cut short"):
        read_source("hetionet", tmp_path)


# --- the folder for Neo4j's import ---------------------------------------------------------------

GENES = "geneId:ID(Gene)\tname\n9006\tGLOW1\n9007\tGLOW2\n"
COMPOUNDS = "compoundId:ID(Compound)\tname\nDB90003\tlumivir\nDB90004\tdimolol\n"


def import_folder(path: Path, **edges: str) -> Path:
    """Write an import folder; a file of edges is its header's kinds and then its rows."""
    given = {f"edges/{name}__tsv": text for name, text in edges.items()}
    nodes = {"nodes/gene__tsv": GENES, "nodes/compound__tsv": COMPOUNDS}
    return folder(path, **nodes, **given)


def test_an_import_folder(tmp_path: Path) -> None:
    path = import_folder(
        tmp_path,
        Compound_Binds_Gene=":START_ID(Compound)\t:END_ID(Gene)\nDB90003\t9006\n",
        Gene_Regulates_Gene=":START_ID(Gene)\t:END_ID(Gene)\r\n9006\t9007\r\n",
        Compound_Resembles_Compund=":START_ID(Compound)\t:END_ID(Compound)\nDB90003\tDB90004\n",
        GENE_COVARIES_GENE=":START_ID(Gene)\t:END_ID(Gene)\tsource\tlicense\n9006\t9007\tLamp\tX\n",
        CompoundUpregulatesGene=":START_ID(Compound)\t:END_ID(Gene)\nDB90004\t9006\n",
    )
    graph = read_source("hetionet", path)
    assert stated(graph) == {
        ("Compound::DB90003", "CbG", "Gene::9006"): 1,
        ("Gene::9006", "Gr>G", "Gene::9007"): 1,
        ("Compound::DB90003", "CrC", "Compound::DB90004"): 1,
        ("Gene::9006", "GcG", "Gene::9007"): 1,
        ("Compound::DB90004", "CuG", "Gene::9006"): 1,
    }
    assert graph.nodes["id"].to_list() == [
        "DRUGBANK:DB90003",
        "DRUGBANK:DB90004",
        "NCBIGene:9006",
        "NCBIGene:9007",
    ]
    assert {r.spelling for r in graph.relations if r.symmetric} == {"hetionet:CrC", "hetionet:GcG"}
    assert graph.evidence["text"].to_list() == ["Lamp"]
    assert "X" in [origin.licence for origin in graph.origins]
    assert graph.dropped.is_empty()


def test_a_file_of_edges_by_the_list_of_metaedges_or_its_name(tmp_path: Path) -> None:
    header = ":START_ID(Gene)\t:END_ID(Compound)\n"
    path = import_folder(
        tmp_path,
        Listed_One=f"{header}9006\tDB90003\n",
        Gene_Admires_Compound=f"{header}9007\tDB90003\n",
        Gene_Binds_Compound=f"{header}9006\tDB90004\n",
    )
    listed = "id\tsource\ttarget\tverb\tmetaedge\nCbG\tCompound\tGene\tBinds\tListed_One\n"
    folder(path, metaedges__tsv=listed)
    graph = read_source("hetionet", path)
    assert {r.spelling for r in graph.relations} == {
        "hetionet:CbG",
        "hetionet:Gene_Admires_Compound",
        "hetionet:GbC",  # no metaedge of Hetionet's, yet it says what it is
    }


def test_an_import_folder_with_commas_and_quotes(tmp_path: Path) -> None:
    folder(
        tmp_path,
        side_effects__csv='id:ID(SideEffect),name:string\nC9000011,"pallor, mild"\n',
        drugs__csv="id:ID(Compound),name:string\nDB90003,lumivir\n",
        Compound_Causes_SideEffect__csv=":START_ID(Compound),:END_ID(SideEffect)\nDB90003,C9000011\n",
    )
    graph = read_source("hetionet", tmp_path)
    assert stated(graph) == {("Compound::DB90003", "CcSE", "Side Effect::C9000011"): 1}
    assert "pallor, mild" in graph.names["text"]


def test_bad_rows_of_an_import_folder(tmp_path: Path) -> None:
    path = import_folder(
        tmp_path,
        Compound_Binds_Gene=":START_ID(Compound)\t:END_ID(Gene)\nDB90003\t1\nDB90003\n\t9006\n",
    )
    graph = read_source("hetionet", folder(path, **{"nodes/more__tsv": f"{GENES}9008\t\n"}))
    assert dropped(graph) == [
        ("Compound_Binds_Gene.tsv", 2, "dangling"),
        ("Compound_Binds_Gene.tsv", 3, "wrong-column-count"),
        ("Compound_Binds_Gene.tsv", 4, "empty-id"),
        ("more.tsv", 2, "duplicate-id"),
        ("more.tsv", 3, "duplicate-id"),
        ("more.tsv", 4, "empty-name"),
    ]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"e__tsv": ":START_ID\t:END_ID(Gene)\n", "gene__tsv": GENES}, "of which kind its ids are"),
        (
            {
                "e__tsv": ":START_ID(Gene)\t:END_ID(Gene)\n",
                "gene__tsv": "geneId:ID(Gene)\tx\n1\t2\n",
            },
            "gene.tsv has no column 'name'",
        ),
    ],
)
def test_import_folders_that_are_refused(
    tmp_path: Path, files: Mapping[str, str], said: str
) -> None:
    with pytest.raises(SourceError, match=re.escape(said)):
        read_source("hetionet", folder(tmp_path, **files))


# --- the JSON document ---------------------------------------------------------------------------

LETTERS = {kind: letters for kind, (letters, _) in KINDS.items()} | {
    "binds": "b",
    "treats": "t",
    "regulates": "r",
    "interacts": "i",
    "admires": "q",
}


def node(kind: str, identifier: Any, name: str, **data: Any) -> dict[str, Any]:
    return {"kind": kind, "identifier": identifier, "name": name, "data": data}


def edge(
    start: tuple[str, Any], kind: str, end: tuple[str, Any], direction: str = "both", **data: Any
) -> dict[str, Any]:
    ends = {"source_id": list(start), "target_id": list(end)}
    return {**ends, "kind": kind, "direction": direction, "data": data}


DRUG, GENE, OTHER = ("Compound", "DB90003"), ("Gene", 9006), ("Gene", 9007)
DOCUMENT: dict[str, Any] = {
    "metanode_kinds": list(KINDS),
    "metaedge_tuples": [["Compound", "Gene", "binds", "both"]],
    "kind_to_abbrev": LETTERS,
    "nodes": [
        node(*DRUG, "lumivir", inchikey="InChIKey=ABCDEFGHIJKLMN-OPQRSTUVWX-Y"),
        node(*GENE, "GLOW1", description="glow protein 1", chromosome="7"),
        node(*OTHER, "GLOW2"),
        node("Anatomy", "UBERON:9000001", "lantern tissue", mesh_id="D1", bto_id="BTO:2"),
    ],
    "edges": [
        edge(DRUG, "binds", GENE, sources=["LampDB (target)", "Glow"], pubmed_ids=[1, 2]),
        edge(GENE, "regulates", OTHER, "forward", license="CC BY-NC-SA 4.0", source="Lamp"),
        edge(GENE, "regulates", OTHER, "backward"),
        edge(GENE, "interacts", OTHER, license="ask them"),
        edge(GENE, "admires", OTHER),
    ],
}


def document(path: Path, content: Any, name: str = "het.json") -> Path:
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    pack = {".gz": gzip.compress, ".bz2": bz2.compress}.get(Path(name).suffix, bytes)
    path.mkdir(parents=True, exist_ok=True)
    (path / name).write_bytes(pack(text))
    return path / name


@pytest.mark.parametrize("name", ["het.json", "hetionet-v1.0.json.bz2", "het.json.gz"])
def test_a_document(tmp_path: Path, name: str) -> None:
    graph = read_source("hetionet", document(tmp_path, DOCUMENT, name))
    assert stated(graph) == {
        ("Compound::DB90003", "CbG", "Gene::9006"): 1,
        ("Gene::9006", "Gr>G", "Gene::9007"): 1,
        ("Gene::9007", "Gr>G", "Gene::9006"): 1,
        ("Gene::9006", "GiG", "Gene::9007"): 1,
        ("Gene::9006", "GqG", "Gene::9007"): 1,
    }
    assert {r.spelling for r in graph.relations if r.symmetric} == {"hetionet:GiG", "hetionet:GqG"}
    assert graph.evidence.rows() == [(0, "LampDB (target), Glow (PMID:1, PMID:2)"), (1, "Lamp")]
    assert graph.spelled()["licence"].to_list() == [
        "CC-BY-NC-4.0",
        "CC-BY-NC-SA-4.0",
        "CC0-1.0",
        "ask them",
        "CC0-1.0",
    ]
    synonyms = [text for _, text, _, kind, _ in graph.names.iter_rows() if kind == "synonym"]
    assert synonyms == ["glow protein 1"]
    xrefs = {text for _, text, kind in graph.identifiers.iter_rows() if kind == "xref"}
    assert xrefs == {"INCHIKEY:ABCDEFGHIJKLMN-OPQRSTUVWX-Y", "MESH:D1", "BTO:2"}
    assert hetionet.beside(tmp_path / name) == []
    assert stated(read_source("hetionet", tmp_path)) == stated(graph)


@pytest.mark.parametrize("order", ["edges first", "no letters", "letters last"])
def test_the_order_of_the_document_does_not_matter(tmp_path: Path, order: str) -> None:
    content = {
        "edges first": {k: DOCUMENT[k] for k in ("edges", "nodes", "kind_to_abbrev")},
        "no letters": {k: DOCUMENT[k] for k in ("nodes", "edges")},
        "letters last": {k: DOCUMENT[k] for k in ("nodes", "edges", "kind_to_abbrev")},
    }[order]
    usual = read_source("hetionet", document(tmp_path, DOCUMENT))
    graph = read_source("hetionet", document(tmp_path, content, "other.json"))
    assert graph.nodes.equals(usual.nodes)
    if order == "no letters":  # what Hetionet has no letter for is said in full
        assert "hetionet:Gene admires Gene" in {r.spelling for r in graph.relations if r.symmetric}
    else:
        assert stated(graph) == stated(usual)


def test_a_long_document_is_read_whole(tmp_path: Path) -> None:
    """The first pass stops where the edges begin: far behind its first piece here."""
    genes = [node("Gene", number, f"GLOW{number}") for number in range(5_000)]
    links = [edge(("Gene", n), "interacts", ("Gene", n + 1)) for n in range(4_999)]
    for at, order in enumerate((("nodes", "edges"), ("edges", "nodes"))):
        content = {"kind_to_abbrev": LETTERS} | {
            key: {"nodes": genes, "edges": links}[key] for key in order
        }
        graph = read_source("hetionet", document(tmp_path, content, f"{at}.json"))
        assert (graph.nodes.height, graph.edges.height) == (5_000, 4_999)
        assert graph.dropped.is_empty()


def test_bad_items_of_a_document(tmp_path: Path) -> None:
    nodes = [*DOCUMENT["nodes"], 5, {"kind": "Gene"}, node("Gene", [1], "x"), node("Gene", 1, " ")]
    nodes += [node("Gene", 9006, "GLOW1"), node("", 2, "x"), node("Gene", True, "x")]
    edges = [
        *DOCUMENT["edges"],
        None,
        edge(GENE, "binds", ("Gene", 404)),
        edge(GENE, "binds", ("Gene", 1)),
        edge(GENE, "binds", OTHER, "sideways"),
        {"source_id": "Gene::9006", "target_id": ["Gene", 9007], "kind": "b", "direction": "both"},
        edge(GENE, ["binds"], OTHER),  # type: ignore[arg-type]
        {"source_id": ["Gene", 9006]},
    ]
    content = {**DOCUMENT, "nodes": nodes, "edges": edges}
    graph = read_source("hetionet", document(tmp_path, content))
    assert dropped(graph) == [
        ("het.json#edges", 6, "malformed-edge"),
        ("het.json#edges", 7, "dangling"),
        ("het.json#edges", 8, "dangling"),
        ("het.json#edges", 9, "malformed-edge"),
        ("het.json#edges", 10, "malformed-edge"),
        ("het.json#edges", 11, "malformed-edge"),
        ("het.json#edges", 12, "malformed-edge"),
        ("het.json#nodes", 5, "malformed-node"),
        ("het.json#nodes", 6, "malformed-node"),
        ("het.json#nodes", 7, "malformed-node"),
        ("het.json#nodes", 8, "empty-name"),
        ("het.json#nodes", 9, "duplicate-id"),
        ("het.json#nodes", 10, "empty-id"),
        ("het.json#nodes", 11, "malformed-node"),
    ]
    used = graph.nodes.height + graph.edges.height
    assert used + graph.dropped.height == len(nodes) + len(edges)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is no whole JSON document"),
        (json.dumps(DOCUMENT).encode()[:-30], "is no whole JSON document"),
        (b'{"nodes": [{"kind": "Gene" "x"}]}', "is no whole JSON document"),
        (b'{"nodes": ["\xff"]}', "is no whole JSON document: lexical error: invalid bytes in UTF8"),
        (b"[1, 2]", "holds no list 'edges'"),
        (b'{"nodes": [], "edges": []}', "holds no list 'edges'"),
        (b'{"nodes": [], "edges": [1]}', "holds no usable node"),
        (b'{"nodes": ' + b"[" * 200_000, "is nested more than 1,000 deep"),
    ],
)
def test_documents_that_are_refused(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(SourceError, match=re.escape(said)) as caught:
        read_source("hetionet", document(tmp_path, content))
    assert caught.value.remedy


# --- laws ----------------------------------------------------------------------------------------

SOME_NAMES = st.text("abc é'\"-", min_size=1, max_size=6).filter(lambda text: text.strip() == text)
VERBS = {"binds": "b", "treats": "t", "regulates": "r", "interacts": "i"}


@st.composite
def some_graphs(
    draw: st.DrawFn,
) -> tuple[dict[tuple[str, str], str], list[tuple[tuple[str, str], str, tuple[str, str]]]]:
    """Draw names by (kind, id), and edges; ids are shared between kinds."""
    ends = st.tuples(st.sampled_from(["Gene", "Compound", "Side Effect"]), st.sampled_from("123"))
    nodes = draw(st.dictionaries(ends, SOME_NAMES, min_size=1, max_size=7))
    end = st.sampled_from(sorted(nodes))
    edges = draw(st.lists(st.tuples(end, st.sampled_from(sorted(VERBS)), end), max_size=10))
    return nodes, [(sorted(nodes)[0], "binds", sorted(nodes)[-1]), *edges]


def abbreviated(start: str, verb: str, end: str) -> str:
    mark = ">" if verb == "regulates" else ""
    return KINDS[start].letters + VERBS[verb] + mark + KINDS[end].letters


def as_tables(
    path: Path,
    nodes: Mapping[tuple[str, str], str],
    edges: Iterable[tuple[tuple[str, str], str, tuple[str, str]]],
) -> Path:
    listed = [f"{kind}::{i}\t{name}\t{kind}" for (kind, i), name in nodes.items()]
    rows = [f"{s}::{i}\t{abbreviated(s, verb, t)}\t{t}::{j}" for (s, i), verb, (t, j) in edges]
    return folder(
        path,
        nodes__tsv="\n".join(["id\tname\tkind", *listed]),
        edges__sif__gz="\n".join(["source\tmetaedge\ttarget", *rows]) + "\n",
    )


def as_import(
    path: Path,
    nodes: Mapping[tuple[str, str], str],
    edges: Iterable[tuple[tuple[str, str], str, tuple[str, str]]],
) -> Path:
    files: dict[str, list[str]] = {}
    for (kind, i), name in nodes.items():
        files.setdefault(f"nodes/{kind}__tsv", [f"id:ID({kind})\tname"]).append(f"{i}\t{name}")
    for (s, i), verb, (t, j) in edges:
        name = f"edges/{s}_{verb.title()}_{t}__tsv"
        files.setdefault(name, [f":START_ID({s})\t:END_ID({t})"]).append(f"{i}\t{j}")
    return folder(path, **{name: "\n".join(lines) for name, lines in files.items()})


def as_document(
    path: Path,
    nodes: Mapping[tuple[str, str], str],
    edges: Iterable[tuple[tuple[str, str], str, tuple[str, str]]],
) -> Path:
    content = {
        "nodes": [node(kind, i, name) for (kind, i), name in nodes.items()],
        "edges": [
            edge(start, verb, end, "forward" if verb == "regulates" else "both")
            for start, verb, end in edges
        ],
    }
    return document(path, content)


@settings(max_examples=40, deadline=None)
@given(some_graphs(), st.randoms(use_true_random=False))
def test_three_forms_are_one_graph(
    tmp_path_factory: pytest.TempPathFactory, drawn: Any, random: Any
) -> None:
    nodes, edges = drawn
    wanted = Counter(
        (f"{s}::{i}", abbreviated(s, verb, t), f"{t}::{j}") for (s, i), verb, (t, j) in edges
    )
    path = tmp_path_factory.mktemp("forms")
    graphs = []
    for form in (as_tables, as_import, as_document):
        mixed = dict(random.sample(sorted(nodes.items()), len(nodes)))
        rows = random.sample(edges, len(edges))
        graphs.append(read_source("hetionet", form(path / form.__name__, mixed, rows)))
    for graph in graphs:
        assert stated(graph) == wanted
        assert graph.nodes.equals(graphs[0].nodes)
        assert graph.names.equals(graphs[0].names)
        assert graph.identifiers.equals(graphs[0].identifiers)
        assert graph.relations == graphs[0].relations
        assert graph.dropped.is_empty()
    names = dict(graphs[0].names.select("node", "text").rows())
    held = {text: names[at] for at, text, _ in graphs[0].identifiers.iter_rows() if "::" in text}
    assert held == {f"{kind}::{i}": name for (kind, i), name in nodes.items()}


SCRAPS = st.sampled_from([b"\t", b"::", b"\n", b"\r\n", b"\x00", b"\xff", b"", b"#", "é".encode()])
SPOILS = st.lists(
    st.tuples(st.integers(0, 900), st.integers(0, 30), SCRAPS), min_size=1, max_size=4
)


@settings(max_examples=100, deadline=None)
@given(SPOILS, SPOILS)
def test_spoilt_bytes_give_counted_rows_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory,
    of_nodes: list[tuple[int, int, bytes]],
    of_edges: list[tuple[int, int, bytes]],
) -> None:
    texts = [NODES.encode(), EDGES.encode()]
    for number, spoilt in enumerate((of_nodes, of_edges)):
        for at, size, scrap in spoilt:
            texts[number] = texts[number][:at] + scrap + texts[number][at + size :]
    path = folder(tmp_path_factory.mktemp("spoilt"), nodes__tsv=texts[0], edges__tsv=texts[1])
    try:
        graph = read_source("hetionet", path)
    except SourceError:
        return
    rows = sum(text.count(b"\n") - text.endswith(b"\n") for text in texts)
    assert graph.nodes.height + graph.edges.height + graph.dropped.height == rows
    assert graph.nodes["id"].is_unique().all()


def test_prefixes_are_canonical() -> None:
    for prefix in [*(kind.prefix for kind in KINDS.values()), "WIKIPATHWAYS", "INCHIKEY", "BTO"]:
        assert canonical_prefix(prefix) == prefix


# --- the real one --------------------------------------------------------------------------------


def real(name: str) -> Path:
    if not (DATA / name).exists():
        pytest.skip(f"{DATA / name} is not there")
    return DATA / name


def rows_of(path: Path) -> list[list[str]]:
    """Read a table in plain Python, without its header."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        return [line.rstrip("\r\n").split("\t") for line in file][1:]


@pytest.mark.real
def test_the_real_tables() -> None:
    path = real("hetionet")
    graph = read_source("hetionet", path)
    assert (graph.nodes.height, graph.edges.height) == (47_031, 800_182)
    # The folder holds more tables than the pair, which are told and not read.
    assert set(graph.dropped["reason"]) == {"unread-file"}
    assert graph.sources[0].name == "hetionet-part"
    edges = rows_of(path / "hetionet-v1.0-rebuilt-edges.sif.gz")
    assert stated(graph) == Counter(map(tuple, edges))
    found = Counter(metaedge for _, metaedge, _ in edges)
    upstream = {
        abbreviation: int(count) for _, abbreviation, count, *_ in rows_of(path / "metaedges.tsv")
    }
    partial = {"AeG", "CcSE", "GpBP", "GpCC", "GpMF", "GpPW"}
    assert set(upstream) == METAEDGES
    assert {m: n for m, n in found.items() if m not in partial} == {
        m: n for m, n in upstream.items() if m not in partial
    }
    assert {r.spelling.removeprefix("hetionet:") for r in graph.relations if r.symmetric} == {
        "CrC",
        "DrD",
        "GcG",
        "GiG",
    }


@pytest.mark.real
def test_the_real_nodes() -> None:
    path = real("hetionet")
    graph = read_source("hetionet", path)
    kinds = Counter(types[0].removeprefix("hetionet:") for types in graph.nodes["types"])
    assert kinds == {kind: int(row[2]) for kind, *row in rows_of(path / "metanodes.tsv")}
    rows = rows_of(path / "hetionet-v1.0-nodes.tsv")
    listed = {i: (name.strip(), kind) for i, name, kind in rows}
    of, names = spelled(graph), dict(graph.names.select("node", "text").rows())
    assert {
        of[i]: (names[at], types[0].removeprefix("hetionet:"))
        for at, (i, types) in enumerate(graph.nodes.iter_rows())
    } == listed
    assert not any("#" in i for i in graph.nodes["id"])
    within = Counter((names[at], types[0]) for at, (_, types) in enumerate(graph.nodes.iter_rows()))
    assert sum(count > 1 for count in within.values()) == 8
    across = Counter(name for name, _ in {(name.lower(), kind) for name, kind in within})
    assert sum(count > 1 for count in across.values()) == 279


@pytest.mark.real
def test_the_real_sample_is_read_by_its_name() -> None:
    path = real("hetionet") / "edges-5k.sif.gz"
    graph = read_source("hetionet", path)
    assert stated(graph) == Counter(map(tuple, rows_of(path)))
    assert graph.sources[0].name == "hetionet-part"


@pytest.mark.real
def test_the_real_cut_with_evidence() -> None:
    path = real("demo_kg")
    graph = read_source("hetionet", path)
    assert (graph.nodes.height, graph.edges.height) == (7_477, 28_314)
    rows = rows_of(path / "edges.tsv")
    assert stated(graph) == Counter((s, metaedge, t) for s, _, t, metaedge, *_ in rows)
    licences = Counter(graph.spelled()["licence"].to_list())
    assert licences == Counter(row[5] for row in rows)
    assert licences["CC0-1.0"] == 18_454
    assert licences["CC-BY-4.0"] == 8_734
    assert graph.evidence["text"].to_list() == [row[4] for row in rows]


@pytest.mark.real
def test_the_real_import_folder() -> None:
    path = real("hetionet_neo4j_import")
    graph = read_source("hetionet", path)
    lines = {
        file.name: len(file.read_bytes().split(b"\n")) - 2 for file in sorted(path.glob("*/*.tsv"))
    }
    assert graph.dropped.is_empty()
    assert graph.nodes.height == sum(
        lines[f"{kind}.tsv"] for kind in ("anatomy", "compound", "disease", "gene")
    )
    found = Counter(p.removeprefix("hetionet:") for p in graph.spelled()["predicate"])
    assert found == {
        "CbG": lines["Compound_Binds_Gene.tsv"],
        "CpD": lines["Compound_Palliates_Disease.tsv"],
        "CrC": lines["Compound_Resembles_Compund.tsv"],
        "CtD": lines["Compound_Treats_Disease.tsv"],
        "DaG": lines["Disease_Associates_Gene.tsv"],
        "DdG": lines["Disease_Downregulates_Gene.tsv"],
        "DlA": lines["Disease_Localizes_Anatomy.tsv"],
        "DrD": lines["Disease_Resembles_Disease.tsv"],
        "DuG": lines["Disease_Upregulates_Gene.tsv"],
    }
    whole = rows_of(real("hetionet") / "hetionet-v1.0-rebuilt-edges.sif.gz")
    assert stated(graph) == Counter(tuple(row) for row in whole if row[1] in found)
