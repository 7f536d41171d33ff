"""Simulated graphs: read here in plain Python, never by our own readers."""

from __future__ import annotations

import csv
import json
import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kgsynth.cli.main import main
from kgsynth.errors import UsageError
from kgsynth.simulate import (
    PrimeKgSize,
    UmlsSize,
    concepts,
    names,
    primekg,
    primekg_size,
    relations,
    simulate_primekg,
    simulate_umls,
    umls_size,
)
from kgsynth.simulate.primekg import EDGE_KINDS
from kgsynth.simulate.semantic import TYPES


def words(text: str) -> list[str]:
    return text.split()


REFERENCE = Path(__file__).resolve().parents[2] / "shared" / "data" / "reference"
SIZE = UmlsSize(3_000, 44_101, 7_800)
COLUMNS = {
    "MRCONSO.RRF": 18,
    "MRDEF.RRF": 8,
    "MRDOC.RRF": 4,
    "MRHIER.RRF": 9,
    "MRRANK.RRF": 4,
    "MRREL.RRF": 16,
    "MRSAB.RRF": 25,
    "MRSTY.RRF": 6,
}
CONSO = words("CUI LAT TS LUI STT SUI ISPREF AUI SAUI SCUI SDUI SAB TTY CODE STR SRL SUPPRESS CVF")
REL = words("CUI1 AUI1 STYPE1 REL CUI2 AUI2 STYPE2 RELA RUI SRUI SAB SL RG DIR SUPPRESS CVF")
HEADER = (
    "relation,display_relation,x_index,x_id,x_type,x_name,x_source,"
    "y_index,y_id,y_type,y_name,y_source"
)
INVERSE_REL = {"CHD": "PAR", "PAR": "CHD", "RB": "RN", "RN": "RB", "AQ": "QB", "QB": "AQ"}
"""The others are their own."""

Row = dict[str, str]


def fields(path: Path) -> list[list[str]]:
    """Split rows that end with the separator."""
    lines = path.read_text(encoding="utf-8").split("\n")
    assert lines.pop() == ""
    assert all(line.endswith("|") for line in lines)
    return [line.split("|")[:-1] for line in lines]


def table(path: Path, columns: Sequence[str]) -> list[Row]:
    return [dict(zip(columns, row, strict=True)) for row in fields(path)]


def simulated_umls(folder: Path, size: UmlsSize = SIZE, seed: int = 7) -> Path:
    folder.mkdir(parents=True)
    written = simulate_umls(folder, size, seed)
    assert written.concepts == size.concepts
    assert written.rows["MRREL.RRF"] == size.relations
    return folder


@pytest.fixture(scope="module")
def meta(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulated_umls(tmp_path_factory.mktemp("umls") / "META")


@pytest.fixture(scope="module")
def conso(meta: Path) -> list[Row]:
    return table(meta / "MRCONSO.RRF", CONSO)


@pytest.fixture(scope="module")
def rels(meta: Path) -> list[Row]:
    return table(meta / "MRREL.RRF", REL)


@pytest.fixture(scope="module")
def inverses(meta: Path) -> dict[str, str]:
    rows = fields(meta / "MRDOC.RRF")
    return {row[1]: row[3] for row in rows if row[2] == "rela_inverse"} | {"": ""}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def share(rows: Iterable[bool]) -> float:
    return statistics.fmean(rows)


# --- UMLS: form -------------------------------------------------------------------------------


def test_each_file_has_its_columns_and_rows(meta: Path) -> None:
    assert sorted(path.name for path in meta.iterdir()) == sorted(COLUMNS)
    for name, columns in COLUMNS.items():
        assert {len(row) for row in fields(meta / name)} == {columns}, name
    assert len(fields(meta / "MRREL.RRF")) == SIZE.relations
    assert len(fields(meta / "MRCONSO.RRF")) == SIZE.names


def test_identifiers_look_like_real_ones(conso: list[Row], rels: list[Row]) -> None:
    forms = {"CUI": r"C\d{7}", "LUI": r"L\d{7,8}", "SUI": r"S\d{7,8}", "AUI": r"A\d{7,8}"}
    for column, form in forms.items():
        assert all(re.fullmatch(form, row[column]) for row in conso), column
    assert len({row["AUI"] for row in conso}) == len(conso)
    assert len({row["RUI"] for row in rels}) == len(rels)
    assert all(re.fullmatch(r"R\d{8,9}", row["RUI"]) for row in rels)
    assert len({row["CUI"] for row in conso}) == SIZE.concepts


def test_rows_stand_in_order(meta: Path, conso: list[Row], rels: list[Row]) -> None:
    keys = [tuple(row.values())[:8] for row in conso]
    assert keys == sorted(keys)
    firsts = [row["CUI1"] for row in rels]
    assert firsts == sorted(firsts)
    typed = [(row[0], row[1]) for row in fields(meta / "MRSTY.RRF")]
    assert typed == sorted(set(typed))


# --- UMLS: relations --------------------------------------------------------------------------


def as_seen(row: Row) -> tuple[str, ...]:
    return (
        *(row[name] for name in ("CUI1", "AUI1", "STYPE1", "REL")),
        *(row[name] for name in ("CUI2", "AUI2", "STYPE2", "RELA")),
        *(row[name] for name in ("SRUI", "SAB", "SL", "RG", "SUPPRESS")),
    )


def as_twin(row: Row, inverses: dict[str, str]) -> tuple[str, ...]:
    return (
        *(row[name] for name in ("CUI2", "AUI2", "STYPE2")),
        INVERSE_REL.get(row["REL"], row["REL"]),
        *(row[name] for name in ("CUI1", "AUI1", "STYPE1")),
        inverses[row["RELA"]],
        *(row[name] for name in ("SRUI", "SAB", "SL", "RG", "SUPPRESS")),
    )


def without_twin(rels: list[Row], inverses: dict[str, str]) -> Counter[tuple[str, ...]]:
    seen = Counter(map(as_seen, rels))
    return seen - Counter(as_twin(row, inverses) for row in rels)


def test_every_row_has_its_twin(rels: list[Row], inverses: dict[str, str]) -> None:
    assert without_twin(rels, inverses) == Counter()
    assert {row["REL"] for row in rels} >= {"PAR", "CHD", "RB", "RN", "SIB", "RO", "RQ", "SY"}


def test_a_missing_twin_would_be_seen(rels: list[Row], inverses: dict[str, str]) -> None:
    place = next(i for i, row in enumerate(rels) if row["CUI1"] != row["CUI2"])
    assert sum(without_twin(rels[:place] + rels[place + 1 :], inverses).values()) == 1


def test_relations_and_their_inverses_are_those_of_the_umls(inverses: dict[str, str]) -> None:
    known = {
        "isa": "inverse_isa",
        "part_of": "has_part",
        "may_treat": "may_be_treated_by",
        "finding_site_of": "has_finding_site",
        "gene_associated_with_disease": "disease_has_associated_gene",
        "possibly_equivalent_to": "possibly_equivalent_to",
    }
    assert known.items() <= inverses.items()
    assert all(inverses[inverse] == rela for rela, inverse in inverses.items())


CHEMICAL = re.compile(r"A1\.4\.1|A1\.3\.3$")
DISORDER = re.compile(r"B2\.2\.1\.2|B2\.3$|A2\.2$|A2\.2\.2$|A1\.2\.2")


def test_cui2_is_what_the_relation_says_of_cui1(meta: Path, rels: list[Row]) -> None:
    """A drug may treat a disease: the drug stands second."""
    trees: dict[str, list[str]] = defaultdict(list)
    for cui, _, tree, *_ in fields(meta / "MRSTY.RRF"):
        trees[cui].append(tree)
    treating = [row for row in rels if row["RELA"] == "may_treat"]
    assert len(treating) > 20
    for row in treating:
        assert all(CHEMICAL.match(tree) for tree in trees[row["CUI2"]])
        assert all(DISORDER.match(tree) for tree in trees[row["CUI1"]])


def test_hierarchies_run_in_no_circle(rels: list[Row]) -> None:
    upwards = nx.DiGraph()
    for row in rels:
        if row["REL"] in ("CHD", "RN"):
            assert row["RELA"] in ("", "isa", "part_of", "member_of", "branch_of", "tradename_of")
            upwards.add_edge(row["CUI2"], row["CUI1"])
    assert upwards.number_of_edges() > 1_000
    assert nx.is_directed_acyclic_graph(upwards)


def test_ends_are_concepts_and_their_atoms(conso: list[Row], rels: list[Row]) -> None:
    owner = {row["AUI"]: row["CUI"] for row in conso}
    concept = set(owner.values())
    for row in rels:
        for side in "12":
            aui = row[f"AUI{side}"]
            assert (aui == "") == (row[f"STYPE{side}"] == "CUI")
            assert row[f"CUI{side}"] in concept
            assert not aui or owner[aui] == row[f"CUI{side}"]


def test_shares_are_like_real_ones(rels: list[Row]) -> None:
    assert 0.04 < share(row["CUI1"] == row["CUI2"] for row in rels) < 0.06
    assert 0.015 < share(row["SUPPRESS"] != "N" for row in rels) < 0.06
    assert 0.55 < share(not row["RELA"] for row in rels) < 0.72
    assert {row["SUPPRESS"] for row in rels} == {"N", "O", "Y", "E"}
    loops = [row for row in rels if row["CUI1"] == row["CUI2"]]
    assert share(row["REL"] == "SY" for row in loops) > 0.8
    mix = sorted(Counter(row["SAB"] for row in rels).values(), reverse=True)
    assert len(mix) == 12
    assert mix[0] > 10 * mix[-1]
    pairs = Counter(
        tuple(sorted((row["CUI1"], row["CUI2"]))) for row in rels if row["CUI1"] != row["CUI2"]
    )
    assert any(count > 2 for count in pairs.values()), "no fact is said twice"


def test_obsolete_concepts_have_no_live_relation(conso: list[Row], rels: list[Row]) -> None:
    live = {row["CUI"] for row in conso if row["SUPPRESS"] == "N"}
    dead = {row["CUI"] for row in conso} - live
    assert 0 < len(dead) < 0.02 * SIZE.concepts
    touching = [row for row in rels if {row["CUI1"], row["CUI2"]} & dead]
    assert touching
    assert all(row["SUPPRESS"] == "O" for row in touching)


# --- UMLS: names and types --------------------------------------------------------------------


def is_preferred(row: Row) -> bool:
    return (row["TS"], row["STT"], row["ISPREF"]) == ("P", "PF", "Y")


def test_preferred_marks_agree_with_one_another(conso: list[Row]) -> None:
    terms: dict[tuple[str, str], set[str]] = defaultdict(set)
    spellings: dict[str, set[str]] = defaultdict(set)
    atoms: Counter[tuple[str, str]] = Counter()
    for row in conso:
        if row["TS"] == "P":
            terms[row["CUI"], row["LAT"]].add(row["LUI"])
        if row["STT"] == "PF":
            spellings[row["LUI"]].add(row["SUI"])
        atoms[row["CUI"], row["SUI"]] += row["ISPREF"] == "Y"
    assert {len(luis) for luis in terms.values()} == {1}
    assert {len(suis) for suis in spellings.values()} == {1}
    assert set(spellings) == {row["LUI"] for row in conso}
    assert set(atoms.values()) == {1}


def test_few_concepts_lack_a_preferred_english_name(conso: list[Row]) -> None:
    preferred = Counter((row["CUI"], row["LAT"]) for row in conso if is_preferred(row))
    assert set(preferred.values()) == {1}
    lacking = {row["CUI"] for row in conso} - {cui for cui, lat in preferred if lat == "ENG"}
    assert 0.01 < len(lacking) / SIZE.concepts < 0.035
    english = {row["CUI"] for row in conso if row["LAT"] == "ENG"}
    assert lacking & english, "some have English names, none of them preferred"
    assert lacking - english, "some have none"


def test_names_are_many_and_of_several_languages(conso: list[Row]) -> None:
    languages = Counter(row["LAT"] for row in conso)
    assert 0.7 < languages["ENG"] / len(conso) < 0.95
    assert {"SPA", "FRE", "GER", "RUS", "JPN"} < set(languages)
    texts = [row["STR"] for row in conso]
    assert all(text == " ".join(text.split()) != "" for text in texts)
    assert not any(text.isascii() for text, row in zip(texts, conso, strict=True)
                   if row["LAT"] in ("RUS", "JPN"))  # fmt: skip
    chosen = [row["STR"] for row in conso if is_preferred(row) and row["LAT"] == "ENG"]
    assert len(set(chosen)) > 0.97 * len(chosen)
    per_concept = Counter(row["CUI"] for row in conso).values()
    assert min(per_concept) == 1
    assert max(per_concept) > 12


def test_all_types_occur_and_hubs_are_generic(
    meta: Path, conso: list[Row], rels: list[Row]
) -> None:
    rows = fields(meta / "MRSTY.RRF")
    assert len({row[1] for row in rows}) == 127
    assert len({(row[1], row[2], row[3]) for row in rows}) == 127
    assert 1.05 < len(rows) / SIZE.concepts < 1.3
    (hub, _), *_ = Counter(row["CUI1"] for row in rels).most_common()
    assert "Finding" in {row["STR"] for row in conso if row["CUI"] == hub}
    assert "T033" in {row[1] for row in rows if row[0] == hub}


@pytest.mark.real
@pytest.mark.skipif(not REFERENCE.is_dir(), reason="../shared/data is not there")
def test_types_and_proportions_are_the_published_ones() -> None:
    with (REFERENCE / "umls_semantic_types.tsv").open(encoding="utf-8") as file:
        types = [(row["tui"], row["tree_number"], row["group"], row["semantic_type"])
                 for row in csv.DictReader(file, delimiter="\t")]  # fmt: skip
    assert [tuple(kind) for kind in TYPES] == types
    with (REFERENCE / "primekg_relations.tsv").open(encoding="utf-8") as file:
        real = [tuple(row.values()) for row in csv.DictReader(file, delimiter="\t")]
    assert sorted((*kind[:4], str(kind.rows)) for kind in EDGE_KINDS) == sorted(real)


# --- UMLS: the small files --------------------------------------------------------------------


def test_sources_say_what_is_in_the_other_files(
    meta: Path, conso: list[Row], rels: list[Row]
) -> None:
    sources = {row[3]: row for row in fields(meta / "MRSAB.RRF")}
    assert {row["SAB"] for row in rels} <= set(sources)
    assert {row["SAB"] for row in conso} == set(sources)
    assert {row[13] for row in sources.values()} == set("01234")
    names = Counter(row["SAB"] for row in conso)
    named = Counter(sab for sab, _ in {(row["SAB"], row["CUI"]) for row in conso})
    for sab, row in sources.items():
        assert (int(row[14]), int(row[15])) == (names[sab], named[sab])
        assert ".example" in row[11]
    assert all(row["SRL"] == sources[row["SAB"]][13] for row in conso)
    assert all(row["LAT"] == sources[row["SAB"]][19] for row in conso)


def test_ranks_cover_every_kind_of_name(meta: Path, conso: list[Row]) -> None:
    ranks = fields(meta / "MRRANK.RRF")
    assert {(row["SAB"], row["TTY"]) for row in conso} <= {(row[1], row[2]) for row in ranks}
    assert [row[0] for row in ranks] == sorted({row[0] for row in ranks}, reverse=True)


def test_contexts_lead_from_the_root_to_the_parent(meta: Path, conso: list[Row]) -> None:
    owner = {row["AUI"]: row["CUI"] for row in conso}
    paths = {}
    rows = fields(meta / "MRHIER.RRF")
    for cui, aui, _, parent, _, _, path, *_ in rows:
        assert owner[aui] == cui
        assert path.rpartition(".")[2] == parent
        assert not parent or path == ".".join(filter(None, (paths[parent], parent)))
        paths[aui] = path
    assert sum(not path for path in paths.values()) == 1
    assert max(path.count(".") for path in paths.values()) >= 2


def test_definitions_are_few_and_of_known_atoms(meta: Path, conso: list[Row]) -> None:
    owner = {row["AUI"]: row["CUI"] for row in conso}
    rows = fields(meta / "MRDEF.RRF")
    assert 0 < len(rows) < SIZE.concepts / 10
    assert all(owner[aui] == cui for cui, aui, *_ in rows)
    assert all(row[5].endswith(".") for row in rows)


# --- UMLS: shape and bytes --------------------------------------------------------------------


def test_degrees_are_a_lognormal_body_with_a_tail_of_hubs(tmp_path: Path) -> None:
    size = umls_size("full", concepts=20_000, names=20_000)
    rows = table(simulated_umls(tmp_path / "META", size) / "MRREL.RRF", REL)
    degrees = Counter(row["CUI1"] for row in rows if row["CUI1"] != row["CUI2"])
    falling = sorted(degrees.values(), reverse=True)
    median, ninety_ninth = statistics.median(falling), falling[len(falling) // 100]
    assert 10 < ninety_ninth / median < 45, "the body is too even, or too uneven"
    assert falling[0] > 20 * ninety_ninth, "no hub stands out"
    twenty = sum(falling[:20]) / sum(falling)
    assert 0.15 < twenty < 0.3, "one concept in a thousand holds about a fifth of all ends"
    # A power law has most concepts at the lowest degree; a lognormal has them around the median.
    logs = np.log(falling[200:])
    assert abs(np.mean(logs) - np.log(median)) < 0.2
    assert Counter(falling).most_common(1)[0][1] < 0.35 * len(falling)


def test_same_seed_same_bytes_and_another_seed_others(meta: Path, tmp_path: Path) -> None:
    again = contents(simulated_umls(tmp_path / "again"))
    assert again == contents(meta)
    other = contents(simulated_umls(tmp_path / "other", seed=8))
    for name in ("MRCONSO.RRF", "MRREL.RRF", "MRSTY.RRF"):
        assert other[name] != again[name]


@pytest.mark.parametrize("rows", [997, 1 << 20])
def test_the_size_of_blocks_changes_nothing(
    rows: int, meta: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (concepts, names, relations):
        monkeypatch.setattr(module, "BLOCK_ROWS", rows)
    assert contents(simulated_umls(tmp_path / "META")) == contents(meta)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    count=st.integers(2, 40),
    rows=st.integers(1, 300),
    more=st.integers(0, 60),
    seed=st.integers(-5, 5),
)
def test_small_and_odd_sizes_hold_the_same_laws(
    count: int, rows: int, more: int, seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("small") / "META"
    simulated_umls(folder, UmlsSize(count, rows, count + more), seed)
    written = fields(folder / "MRDOC.RRF")
    inverses = {row[1]: row[3] for row in written if row[2] == "rela_inverse"} | {"": ""}
    rels = table(folder / "MRREL.RRF", REL)
    assert len(rels) == rows
    assert without_twin(rels, inverses) == Counter()
    named = {row[0] for row in fields(folder / "MRCONSO.RRF")}
    assert len(named) == count
    assert {row[0] for row in fields(folder / "MRSTY.RRF")} == named
    assert {row[f"CUI{side}"] for row in rels for side in "12"} <= named


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (UmlsSize(1, 10, 10), "1 concept cannot be simulated: there are from 2 to 9,999,994"),
        (UmlsSize(9_999_995, 10, 10_000_000), "9,999,995 concepts cannot be simulated"),
        (UmlsSize(10, 0, 10), "0 rows of relations cannot be simulated"),
        (UmlsSize(10, 10, 9), "9 names cannot go round among 10 concepts"),
    ],
)
def test_senseless_sizes_are_refused(size: UmlsSize, said: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        simulate_umls(tmp_path, size, 7)
    assert list(tmp_path.iterdir()) == []


# --- PrimeKG ----------------------------------------------------------------------------------


def edges(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def kg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("primekg")
    written = simulate_primekg(folder, primekg_size("small"), 7)
    assert written.rows == {"kg.csv": 60_000}
    return folder / "kg.csv"


@pytest.fixture(scope="module")
def rows(kg: Path) -> list[Row]:
    return edges(kg)


def test_kg_csv_has_the_columns_of_primekg(kg: Path, rows: list[Row]) -> None:
    assert kg.read_text(encoding="utf-8").split("\n", 1)[0] == HEADER
    assert len(rows) == 60_000
    assert all(len(row) == 12 and None not in row.values() for row in rows)
    assert {(row["relation"], row["display_relation"]) for row in rows} <= {
        (kind.relation, kind.display) for kind in EDGE_KINDS
    }


def test_each_edge_stands_there_once_from_either_end(rows: list[Row]) -> None:
    there = Counter((row["relation"], row["x_index"], row["y_index"]) for row in rows)
    back = Counter((row["relation"], row["y_index"], row["x_index"]) for row in rows)
    assert there == back
    assert set(there.values()) == {1}
    assert not any(row["x_index"] == row["y_index"] for row in rows)


def test_relations_join_their_types_in_their_proportions(rows: list[Row]) -> None:
    ends = {kind.relation: {(kind.x_type, kind.y_type), (kind.y_type, kind.x_type)}
            for kind in EDGE_KINDS}  # fmt: skip
    assert all((row["x_type"], row["y_type"]) in ends[row["relation"]] for row in rows)
    counts = Counter(row["relation"] for row in rows)
    total = sum(kind.rows for kind in EDGE_KINDS)
    assert total == 8_100_498
    for kind in EDGE_KINDS:
        assert abs(counts[kind.relation] / len(rows) - kind.rows / total) < 0.0005, kind


def test_nodes_are_told_apart_by_index_not_by_id_or_name(rows: list[Row]) -> None:
    nodes = {tuple(row[f"x_{word}"] for word in ("index", "type", "id", "name", "source"))
             for row in rows}  # fmt: skip
    count = len(nodes)
    assert count > 0.8 * 5_000
    assert len({index for index, *_ in nodes}) == count
    assert len({(kind, id_) for _, kind, id_, *_ in nodes}) == count
    assert len({id_ for _, _, id_, *_ in nodes}) < 0.8 * count, "ids of two types collide"
    assert len({name for *_, name, _ in nodes}) < count, "names are not unique"
    ontology = [id_ for *_, id_, _, source in nodes if source == "GO"]
    assert len(set(ontology)) == len(ontology)


def test_grouped_ids_and_quoted_names_occur(kg: Path, rows: list[Row]) -> None:
    grouped = {row["x_id"] for row in rows if row["x_source"] == "MONDO_grouped"}
    assert all(re.fullmatch(r"\d+(_\d+)+", id_) for id_ in grouped)
    assert len(grouped) > 20
    assert any("," in row["x_name"] for row in rows)
    assert ',"' in kg.read_text(encoding="utf-8")
    assert {row["x_source"] for row in rows} == {
        "NCBI", "DrugBank", "MONDO", "MONDO_grouped", "HPO", "GO", "UBERON", "REACTOME", "CTD",
    }  # fmt: skip


def test_degrees_of_kg_csv_have_a_heavy_tail(rows: list[Row]) -> None:
    falling = sorted(Counter(row["x_index"] for row in rows).values(), reverse=True)
    median, ninety_ninth = statistics.median(falling), falling[len(falling) // 100]
    assert ninety_ninth > 15 * median
    assert falling[0] > 4 * ninety_ninth


def test_kg_csv_by_seed_and_block(
    kg: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(primekg, "_BLOCK_ROWS", 1_009)
    simulate_primekg(tmp_path, primekg_size("small"), 7)
    assert (tmp_path / "kg.csv").read_bytes() == kg.read_bytes()
    simulate_primekg(tmp_path, primekg_size("small"), 8)
    assert (tmp_path / "kg.csv").read_bytes() != kg.read_bytes()


@pytest.mark.parametrize(
    ("count", "wanted"), [(2, 2), (19, 342), (20, 40), (300, 30_000), (3_000, 200)]
)
def test_sparse_and_dense_graphs_hold_the_same_laws(
    count: int, wanted: int, tmp_path: Path
) -> None:
    written = simulate_primekg(tmp_path, PrimeKgSize(count, wanted), 7)
    rows = edges(tmp_path / "kg.csv")
    assert len(rows) == wanted
    test_each_edge_stands_there_once_from_either_end(rows)
    assert written.concepts == len({row["x_index"] for row in rows}) <= count


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (PrimeKgSize(1, 2), "A graph of 1 concept is none."),
        (PrimeKgSize(100, 7), "7 rows cannot be: each edge stands in kg.csv twice."),
        (PrimeKgSize(100, 0), "0 rows cannot be"),
        (PrimeKgSize(5, 22), "22 rows do not fit: so few concepts have room for 20."),
    ],
)
def test_senseless_sizes_of_kg_csv_are_refused(
    size: PrimeKgSize, said: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        simulate_primekg(tmp_path, size, 7)
    assert list(tmp_path.iterdir()) == []


# --- the command ------------------------------------------------------------------------------


def test_the_command_writes_a_folder_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "new" / "META"
    asked = ["simulate", "umls", "--concepts", "300", "--relations", "2000", "--names", "500"]
    asked += ["--seed", "3", "--output", str(folder), "--json"]
    assert main(asked) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["concepts"] == 300
    assert printed["rows"]["MRREL.RRF"] == 2_000
    assert printed["rows"] == {name: len(fields(folder / name)) for name in COLUMNS}
    before = contents(folder)
    assert main(asked) == 2
    assert "is there already" in capsys.readouterr().err
    assert contents(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == ["META"]


def test_the_command_can_leave_the_index_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["simulate", "primekg", "--concepts", "500", "--relations", "1000", "--no-index"]
    assert main([*asked, "--output", str(tmp_path / "kg")]) == 0
    said = capsys.readouterr()
    assert "1,000  kg.csv" in said.out
    assert said.err == ""
    rows = edges(tmp_path / "kg" / "kg.csv")
    assert list(rows[0]) == [name for name in HEADER.split(",") if "index" not in name]
    assert len(rows) == 1_000


def test_a_refusal_is_a_sentence_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["simulate", "umls", "--concepts", "1", "--output", str(tmp_path / "META")]
    assert main(asked) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("kgsynth: 1 concept cannot be simulated")
    assert said.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_progress_is_told_and_ends(tmp_path: Path) -> None:
    told: dict[str, list[tuple[int, int]]] = defaultdict(list)
    simulate_umls(
        tmp_path,
        UmlsSize(50, 500, 120),
        7,
        lambda what, done, all_: told[what].append((done, all_)),
    )
    assert told["MRREL"][-1] == (500, 500)
    assert told["MRCONSO"][-1] == (120, 120)
