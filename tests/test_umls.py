"""UMLS files: direction, twins, suppression, preferred names, filters; every row accounted for."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import umls_rows
from hypothesis import given, settings
from hypothesis import strategies as st
from umls_rows import FILES, write

from kgsynth.errors import SourceError
from kgsynth.graph.compile import compile_graph
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.simulate import simulate_umls, umls_size
from kgsynth.source_options import UmlsOptions
from kgsynth.sources.columns import GraphColumns
from kgsynth.sources.umls.names import Codes
from kgsynth.sources.umls.reader import read

CONSTIPATION, BISACODYL, LAXATIVES = "UMLS:C0009806", "UMLS:C0005632", "UMLS:C0023054"
INERTIA = "UMLS:CL123456"


def options(path: Path, **asked: Any) -> UmlsOptions:
    return UmlsOptions(kind="umls", path=str(path), **asked)


def umls(path: Path, **asked: Any) -> GraphColumns:
    return read(path, options(path, **asked))


def opened(folder: Path, *sources: GraphColumns) -> KnowledgeGraph:
    compile_graph(sources, folder)
    return KnowledgeGraph.open(folder)


@pytest.fixture
def meta(tmp_path: Path) -> Path:
    return write(tmp_path / "META")


@pytest.fixture
def graph(meta: Path, tmp_path: Path) -> KnowledgeGraph:
    return opened(tmp_path / "store", umls(meta))


def triples(columns: GraphColumns) -> list[tuple[str, ...]]:
    return columns.spelled().select("subject", "predicate", "object").rows()


# --- direction -----------------------------------------------------------------------------------


def test_cui2_is_rela_of_cui1(graph: KnowledgeGraph) -> None:
    """The row says CUI1=Constipation, CUI2=Bisacodyl, RELA=may_treat."""
    (found,) = graph.neighbours("Bisacodyl", predicates=["may_treat"])
    assert found.forward
    assert graph.id(found.other) == CONSTIPATION
    assert graph.sentence(found.edge) == "Bisacodyl may treat Constipation."
    assert graph.sentence(found.edge).casefold() == "bisacodyl may treat constipation."
    assert not graph.holds(CONSTIPATION, "may_treat", BISACODYL)


def test_par_and_chd_are_one_statement_from_the_narrower_to_the_wider(
    graph: KnowledgeGraph,
) -> None:
    assert graph.holds(BISACODYL, "is_a", LAXATIVES)
    assert not graph.holds(LAXATIVES, "is_a", BISACODYL)


def test_rela_comes_before_rel(graph: KnowledgeGraph) -> None:
    assert graph.holds(INERTIA, "is_a", CONSTIPATION)
    assert "narrower_than" not in graph.manifest.predicates


def test_twins_merge_self_loops_go_and_every_row_is_accounted_for(
    meta: Path, graph: KnowledgeGraph
) -> None:
    dropped = graph.manifest.dropped
    assert dropped["inverse-twin"] == 2
    assert dropped["self-loop"] == 1
    assert dropped["suppressed"] == 1
    assert dropped["concept-left-out"] == 1
    assert dropped["dangling"] == 1
    about_relations = ("inverse-twin", "self-loop", "suppressed", "concept-left-out", "dangling",
                       "repeated-statement", "root-or-suppressed-parent")  # fmt: skip
    rows = len(FILES["MRREL"]) + len(FILES["MRHIER"])
    assert graph.manifest.statements + sum(dropped.get(r, 0) for r in about_relations) == rows


def test_an_inverse_that_only_mrdoc_tells_is_folded(tmp_path: Path) -> None:
    twin = "C0005632|A5|AUI|RO|C0009806|A1|AUI|is_lit_by|RB||SNOMEDCT_US|X|||N||"
    meta = write(tmp_path / "META", {"MRREL": [*FILES["MRREL"], twin]})
    graph = opened(tmp_path / "store", umls(meta))
    assert graph.manifest.dropped["inverse-twin"] == 3
    (name,) = [n for n in graph.manifest.predicates if n.startswith("umls:")]
    assert name in graph.manifest.unknown_predicates
    assert graph.manifest.predicates[name] == 1


@pytest.mark.parametrize("words", ["|", "  |", " |  "])
def test_a_row_that_names_no_relation_is_listed(tmp_path: Path, words: str) -> None:
    rel, rela = words.split("|")
    row = f"C0009806|A1|AUI|{rel}|C0005632|A5|AUI|{rela}|RB||SNOMEDCT_US|X|||N||"
    found = umls(write(tmp_path / "META", {"MRREL": [*FILES["MRREL"], row]}))
    listed = found.dropped.filter(pl.col("reason") == "empty-predicate").rows(named=True)
    place = len(FILES["MRREL"]) + 1
    assert [(r["file"], r["row"], r["text"]) for r in listed] == [("MRREL.RRF", place, row)]
    assert all(relation.spelling.strip() for relation in found.relations)


def test_more_words_than_a_column_can_hold_are_refused() -> None:
    codes = Codes()
    words = [f"w{n}" for n in range(40_000)]
    with pytest.raises(SourceError, match="different ones"):
        codes.of(np.arange(40_000), words)


def test_dangling_rows_are_listed_with_file_and_row(meta: Path) -> None:
    dropped = umls(meta).dropped.rows(named=True)
    assert dropped == [
        {"file": "MRREL.RRF", "row": 9, "reason": "dangling", "text": FILES["MRREL"][8]}
    ]


# --- names ---------------------------------------------------------------------------------------


def test_names_keep_language_kind_and_source(graph: KnowledgeGraph) -> None:
    names = {
        (name.text, name.language, name.kind, source)
        for name, source in graph.sourced_names(graph.find(CONSTIPATION))
    }
    assert names == {
        ("Constipation", "en", "preferred", "MSH"),
        ("Costiveness", "en", "synonym", "SNOMEDCT_US"),
        ("estreñimiento", "es", "preferred", "MSHSPA"),
    }
    assert ("BSC", "abbreviation") in {(name.text, name.kind) for name in graph.names("Bisacodyl")}


def test_without_a_marked_name_the_highest_rank_is_preferred(graph: KnowledgeGraph) -> None:
    """Laxatives (MSH/MH, 400) and laxative agent (NDFRT/PT, 300): neither is TS=P."""
    assert graph.name(graph.find(LAXATIVES)) == "Laxatives"


def test_without_ranks_the_first_by_spelling_is_preferred(tmp_path: Path) -> None:
    meta = write(tmp_path / "META", {"MRRANK": None})
    graph = opened(tmp_path / "store", umls(meta))
    assert graph.name(graph.find(LAXATIVES)) == "Laxatives"
    turned = [r.replace("Laxatives", "zz laxatives") for r in FILES["MRCONSO"]]
    meta = write(tmp_path / "other", {"MRRANK": None, "MRCONSO": turned})
    graph = opened(tmp_path / "second", umls(meta))
    assert graph.name(graph.find(LAXATIVES)) == "laxative agent"


def test_suppressed_concepts_are_not_there(graph: KnowledgeGraph) -> None:
    assert graph.code_or_none("UMLS:C7777777") is None
    assert graph.manifest.dropped["suppressed-name"] == 2


def test_a_nci_identifier_is_kept(graph: KnowledgeGraph) -> None:
    assert graph.id(graph.find("colonic inertia")) == INERTIA


def test_an_identifier_is_found_with_and_without_its_prefix(graph: KnowledgeGraph) -> None:
    for spelled in ("UMLS:C0009806", "C0009806", "umls:C0009806", "constipation"):
        assert graph.id(graph.find(spelled)) == CONSTIPATION, spelled
    assert graph.id(graph.find("CL123456")) == INERTIA


def test_types_are_several_and_definitions_are_kept(graph: KnowledgeGraph) -> None:
    code = graph.find(CONSTIPATION)
    assert graph.types(code) == ("disease", "finding")
    assert graph.definitions(code) == [("Infrequent passing of stool.", "MSH")]


# --- sources -------------------------------------------------------------------------------------


def test_sources_tell_version_date_and_restriction(graph: KnowledgeGraph) -> None:
    held = {s.name: s for s in graph.manifest.sources}
    assert held["SNOMEDCT_US"].restriction == 9
    assert (held["MSH"].version, held["MSH"].released) == ("2026", "2026-03-01")
    assert graph.statement(0).licences


def test_without_mrsab_the_rows_tell_the_restriction_and_strangers_are_held_back(
    tmp_path: Path,
) -> None:
    meta = write(tmp_path / "META", {"MRSAB": None})
    held = {s.name: s.restriction for s in umls(meta).sources}
    assert held["SNOMEDCT_US"] == 9
    assert held["MSH"] == 0
    stranger = FILES["MRREL"][0].replace("NDFRT|NDFRT", "ODD|ODD")
    meta = write(tmp_path / "odd", {"MRSAB": None, "MRREL": [stranger]})
    assert {s.name: s.restriction for s in umls(meta).sources}["ODD"] == 4


def test_restricted_words_stay_behind_unless_accepted(meta: Path, tmp_path: Path) -> None:
    opened(tmp_path / "store", umls(meta))

    def words(accept: Iterable[str] | None) -> set[str]:
        graph = KnowledgeGraph.open(tmp_path / "store", accept=accept)
        return {name.text for name in graph.names(CONSTIPATION)}

    assert "Costiveness" in words(None)
    assert words([]) == {"Constipation"}
    assert words(["SNOMEDCT_US"]) == {"Constipation", "Costiveness"}


# --- filters -------------------------------------------------------------------------------------


def test_filters_by_source_language_relation_and_type(meta: Path) -> None:
    assert {s.name for s in umls(meta, sources=["MSH"]).sources} == {"MSH"}
    assert set(umls(meta, languages=["ENG"]).names["language"]) == {"en"}
    assert set(umls(meta, languages=["es", "en"]).names["language"]) == {"en", "es"}
    assert {p for _, p, _ in triples(umls(meta, relations=["may_treat"]))} == {"umls:may_treat"}
    assert {p for _, p, _ in triples(umls(meta, relations=["CHD"]))} == {"umls:CHD"}
    for asked in ("T121", "Pharmacologic Substance", "CHEM"):
        kept = umls(meta, types=[asked])
        assert set(kept.nodes["id"]) == {BISACODYL, LAXATIVES}
        assert kept.counted["concept-left-out"] > 0


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"sources": ["MSG"]}, "no source 'MSG'. Did you mean 'MSH'?"),
        ({"languages": ["ENF"]}, "in the language 'ENF'. Did you mean 'ENG'?"),
        ({"relations": ["may_teat"]}, "relation 'may_teat'. Did you mean 'may_treat'?"),
        ({"types": ["T122"]}, "type 'T122'. Did you mean 'T12"),
    ],
)
def test_a_filter_that_names_nothing_is_refused(meta: Path, asked: Any, said: str) -> None:
    with pytest.raises(SourceError) as caught:
        umls(meta, **asked)
    assert said in caught.value.message
    assert caught.value.remedy


# --- files ---------------------------------------------------------------------------------------


def same(one: GraphColumns, two: GraphColumns) -> bool:
    """Compare what two readings say; how they number relations is their own affair."""
    frames = ("nodes", "names", "definitions")
    return (
        all(getattr(one, f).equals(getattr(two, f)) for f in frames)
        and one.spelled().equals(two.spelled())
        and one.counted == two.counted
    )


def test_packed_and_split_files_read_the_same(meta: Path, tmp_path: Path) -> None:
    plain = umls(meta)
    packed, cut_first, cut_after = (tmp_path / name for name in ("packed", "first", "after"))
    for folder in (packed, cut_first, cut_after):
        folder.mkdir()
    for path in meta.iterdir():
        data = path.read_bytes()
        half = len(data) // 2  # in the middle of a row
        (packed / f"{path.name}.gz").write_bytes(gzip.compress(data))
        (cut_first / f"{path.name}.aa.gz").write_bytes(gzip.compress(data[:half]))
        (cut_first / f"{path.name}.ab.gz").write_bytes(gzip.compress(data[half:]))
        whole = gzip.compress(data)
        (cut_after / f"{path.name}.aa.gz").write_bytes(whole[: len(whole) // 2])
        (cut_after / f"{path.name}.ab.gz").write_bytes(whole[len(whole) // 2 :])
    for folder in (packed, cut_first, cut_after):
        assert same(umls(folder), plain), folder.name


def test_the_folder_above_meta_will_do(meta: Path) -> None:
    assert same(umls(meta.parent), umls(meta))


def test_a_cut_packed_file_is_told(meta: Path) -> None:
    path = meta / "MRREL.RRF"
    (meta / "MRREL.RRF.gz").write_bytes(gzip.compress(path.read_bytes())[:-20])
    path.unlink()
    with pytest.raises(SourceError, match=r"MRREL\.RRF\.gz is cut short"):
        umls(meta)


@pytest.mark.parametrize("missing", ["MRREL", "MRCONSO"])
def test_a_folder_without_a_needed_file_is_refused(tmp_path: Path, missing: str) -> None:
    meta = write(tmp_path / "META", {missing: None})
    with pytest.raises(SourceError, match=f"has no {missing}.RRF") as caught:
        umls(meta)
    assert "META" in caught.value.remedy


@pytest.mark.parametrize("missing", ["MRSTY", "MRDEF", "MRHIER", "MRSAB", "MRRANK", "MRDOC"])
def test_every_other_file_may_be_missing(tmp_path: Path, missing: str) -> None:
    assert umls(write(tmp_path / "META", {missing: None})).edges.height >= 6


@pytest.mark.parametrize("name", ["MRCONSO", "MRREL", "MRSTY", "MRDEF", "MRHIER"])
def test_misshapen_rows_are_listed_and_the_rest_is_kept(tmp_path: Path, name: str) -> None:
    plain = umls(write(tmp_path / "plain"))
    bad = ["too|few|", "C12|" + "|" * 40, ""]
    rows = [*FILES[name][:1], *bad, *FILES[name][1:]]
    spoilt = umls(write(tmp_path / "spoilt", {name: rows}))
    assert spoilt.edges.equals(plain.edges)
    assert spoilt.names.equals(plain.names)
    listed = spoilt.dropped.filter(pl.col("reason") == "wrong-column-count")
    assert listed["row"].to_list() == [2, 3, 4]
    assert listed["text"].to_list() == bad


def test_identifiers_and_texts_that_are_none_are_listed(tmp_path: Path) -> None:
    rows = [
        *FILES["MRCONSO"],
        "D0000001|ENG|P|L|PF|S|Y|A1||||MSH|MH|D|Odd|0|N||",
        "C0009806|ENG|S|L|PF|S|Y|A1||||MSH|ET|D|  |0|N||",
    ]
    meta = write(tmp_path / "META", {"MRCONSO": rows})
    with (meta / "MRCONSO.RRF").open("ab") as file:
        file.write(b"C0009806|ENG|S|L|PF|S|Y|A1||||MSH|ET|D|caf\xe9|0|N||\n")
    listed = umls(meta).dropped.filter(pl.col("file") == "MRCONSO.RRF")
    assert listed["reason"].to_list() == ["malformed-concept-id", "empty-name", "malformed-text"]
    assert listed["row"].to_list() == [11, 12, 13]


def test_a_file_without_its_last_newline_and_with_windows_lines(tmp_path: Path) -> None:
    plain = umls(write(tmp_path / "plain"))
    other = write(tmp_path / "other")
    for path in other.iterdir():
        text = path.read_text("utf-8").replace("\n", "\r\n").removesuffix("\r\n")
        path.write_text(text, "utf-8", newline="")
    assert same(umls(other), plain)


def test_empty_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no name is left"):
        umls(write(tmp_path / "names", {"MRCONSO": []}))
    with pytest.raises(SourceError, match="no relation is left"):
        umls(write(tmp_path / "relations", {"MRREL": [], "MRHIER": None}))


# --- against a plain reading ---------------------------------------------------------------------


def plainly(meta: Path) -> tuple[Counter[tuple[str, str, str]], Counter[str]]:
    """Read MRCONSO and MRREL as the manual says, a row at a time."""

    def rows(name: str) -> list[list[str]]:
        text = (meta / f"{name}.RRF").read_text("utf-8")
        return [line.split("|") for line in text.split("\n")[:-1]]

    names = rows("MRCONSO")
    kept = {f[0] for f in names if f[16] == "N"}
    every = {f[0] for f in names}
    found: Counter[tuple[str, str, str]] = Counter()
    left_out: Counter[str] = Counter()
    for f in rows("MRREL"):
        one, rel, two, rela, suppress = f[0], f[3], f[4], f[7], f[14]
        if suppress != "N":
            left_out["suppressed"] += 1
        elif not {one, two} <= every:
            left_out["dangling"] += 1
        elif not {one, two} <= kept:
            left_out["concept-left-out"] += 1
        else:
            found[f"UMLS:{two}", f"umls:{rela or rel}", f"UMLS:{one}"] += 1
    return found, left_out


@pytest.mark.parametrize("seed", [1, 2])
def test_a_simulated_folder_reads_as_a_plain_reading_does(tmp_path: Path, seed: int) -> None:
    size = umls_size("small", concepts=900, relations=12_000, names=2_400)
    simulate_umls(tmp_path, size, seed)
    (tmp_path / "MRHIER.RRF").unlink()
    columns = umls(tmp_path)
    found, left_out = plainly(tmp_path)
    assert Counter(triples(columns)) == found
    for reason, count in left_out.items():
        listed = columns.dropped.filter(pl.col("reason") == reason).height
        assert columns.counted.get(reason, 0) + listed == count, reason
    graph = opened(tmp_path / "store", columns)
    rows = sum(found.values()) + sum(left_out.values())
    about_names = sum(n for r, n in graph.manifest.dropped.items() if r.endswith("-name"))
    other = graph.manifest.dropped.get("definition-left-out", 0)
    dropped = sum(graph.manifest.dropped.values()) - about_names - other
    assert graph.manifest.statements + dropped == rows


@settings(max_examples=25, deadline=None)
@given(
    order=st.permutations(range(len(FILES["MRREL"]))),
    names=st.permutations(range(len(FILES["MRCONSO"]))),
)
def test_the_order_of_rows_changes_no_statement(
    order: list[int], names: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("order")
    turned = {
        "MRREL": [FILES["MRREL"][at] for at in order],
        "MRCONSO": [FILES["MRCONSO"][at] for at in names],
    }
    one = opened(folder / "one", umls(write(folder / "plain")))
    two = opened(folder / "two", umls(write(folder / "turned", turned)))
    assert one.manifest.content == two.manifest.content


def test_the_size_of_a_block_changes_nothing(meta: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = umls(meta)
    for size in (1, 7, 100, 1000):
        monkeypatch.setattr("kgsynth.sources.umls.rrf.read_rows.__defaults__", (size,))
        assert same(umls(meta), plain), size


def test_a_binary_file_is_no_graph(tmp_path: Path) -> None:
    meta = write(tmp_path / "META", {"MRHIER": None})
    (meta / "MRREL.RRF").write_bytes(bytes(range(256)) * 40)
    with pytest.raises(SourceError, match="no relation is left"):
        umls(meta)


def test_the_rows_of_the_module_are_whole() -> None:
    """Each row of the fixture has the columns that the real file has."""
    widths = {"MRCONSO": 18, "MRREL": 16, "MRSTY": 6, "MRDEF": 8, "MRHIER": 9, "MRSAB": 25}
    for name, width in widths.items():
        for row in umls_rows.FILES[name]:
            assert row.count("|") == width, (name, row)
