"""The demo graph and its questions: large enough, well formed, and worth a build."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import networkx as nx
import polars as pl
import pytest

from kgsynth.build_file import read_build_file
from kgsynth.graph.validation.problems import problems
from kgsynth.model import LinkedQuestion, Row
from kgsynth.pipeline import build_dataset
from kgsynth.pipeline.build import BuildResult
from kgsynth.pipeline.lines import read_lines
from kgsynth.questions import read_questions
from kgsynth.resources import locate
from kgsynth.sources import read_source
from kgsynth.sources.columns import GraphColumns
from kgsynth.verify.dataset import verify_dataset
from kgsynth.vocabulary import load_vocabulary

HUBS = {f"KGDEMO:{name}" for name in ("inflammation", "pain", "blood", "fever", "liver")}


@pytest.fixture(scope="module")
def demo() -> GraphColumns:
    return read_source("tables", locate("ontologies/demo"))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> BuildResult:
    config = read_build_file(locate("recipes/demo.yaml"))
    return build_dataset(config, tmp_path_factory.mktemp("demo"))


def rows(built: BuildResult) -> list[Row]:
    return [
        row for f in sorted((built.folder / "examples").iterdir()) for row in read_lines(f, Row)
    ]


def test_the_validator_finds_nothing(demo: GraphColumns) -> None:
    assert problems(demo) == []


def test_it_is_as_large_as_a_newcomer_was_promised(demo: GraphColumns) -> None:
    assert demo.nodes.height >= 450
    assert demo.edges.height >= 1800
    types = Counter(t for held in demo.nodes["types"].to_list() for t in held)
    assert len([t for t, n in types.items() if n >= 5]) >= 9


def test_every_concept_has_a_second_name_and_every_statement_its_sentence(
    demo: GraphColumns,
) -> None:
    names = demo.names.filter(pl.col("language") == "en").group_by("node").len()
    assert names.height == demo.nodes.height
    assert names.filter(pl.col("len") < 2).height == 0
    assert demo.evidence["edge"].to_list() == list(range(demo.edges.height))
    sentences = demo.evidence["text"].str.strip_chars().str.split(" ").list.len()
    assert (sentences >= 3).all()


def test_it_speaks_a_second_language(demo: GraphColumns) -> None:
    spanish = demo.names.filter((pl.col("language") == "es") & (pl.col("kind") == "preferred"))
    assert spanish["node"].n_unique() >= 150
    for relation in demo.relations:
        assert {"en", "es"} <= load_vocabulary().predicate(relation.spelling).wordings.keys()


def test_its_hubs_are_hubs(demo: GraphColumns) -> None:
    graph = nx.Graph(demo.spelled().select("subject", "object").iter_rows())
    usual = sorted(degree for _, degree in graph.degree())[graph.number_of_nodes() // 2]
    for hub in HUBS:
        assert graph.degree(hub) >= 3 * usual, hub


def test_it_denies_as_well_as_states(demo: GraphColumns) -> None:
    kinds = Counter(load_vocabulary().predicate(p).kind for p in demo.spelled()["predicate"])
    assert kinds["negative"] >= 50
    assert kinds["hierarchical"] >= 30


# --- its questions -----------------------------------------------------------------------------


def test_its_questions_are_well_formed_and_name_their_concepts(demo: GraphColumns) -> None:
    read = read_questions("jsonl", locate("ontologies/demo/questions.jsonl"))
    assert read.quarantined == ()
    assert len(read.questions) >= 80
    known = set(demo.nodes["id"])
    keys = Counter(question.key for question in read.questions)
    for question in read.questions:
        assert question.concepts, question.id
        assert set(question.concepts) <= known, question.id
        assert 4 <= len(question.options) <= 5
    assert min(keys[label] for label in "ABCD") >= len(read.questions) // 10


def test_the_linker_finds_what_a_careful_reader_would(built: BuildResult) -> None:
    """Precision and recall of the stem's concepts against the gold of the questions."""
    part = next(stage for stage in built.stages if stage.stage == "link").parts[0]
    right, found, wanted = 0, 0, 0
    for linked in read_lines(part.folder / "linked.jsonl", LinkedQuestion):
        stem = {m.id for m in linked.mentions if m.field == "stem" and not m.negated}
        gold = set(linked.question.concepts)
        right, found, wanted = right + len(stem & gold), found + len(stem), wanted + len(gold)
    assert right / found >= 0.9
    assert right / wanted >= 0.9


# --- its dataset --------------------------------------------------------------------------------


def test_it_makes_the_items_and_traces_that_were_promised(built: BuildResult) -> None:
    kinds = Counter((row.kind, row.difficulty.hops) for row in rows(built))
    paths = {hops: n for (kind, hops), n in kinds.items() if kind == "path"}
    assert sum(paths.values()) >= 400
    assert set(paths) == {2, 3, 4, 5}
    assert sum(n for (kind, _), n in kinds.items() if kind == "qa") >= 40


def test_no_hub_stands_on_a_path(built: BuildResult) -> None:
    cut = {json.loads(line)["id"] for line in (built.folder / "evidence/hubs.jsonl").open()}
    assert cut >= HUBS
    for row in rows(built):
        assert not cut & {node.id for node in row.path.nodes}, row.id


def test_every_hop_stands_in_the_files(built: BuildResult) -> None:
    """Asked of the raw files, without the store."""
    stated = set()
    for path in sorted(Path(locate("ontologies/demo")).glob("*.edges.tsv")):
        lines = path.read_text("utf-8").splitlines()[1:]
        stated |= {tuple(line.split("\t")[:3]) for line in lines}
    either_way = {p.name for p in load_vocabulary().predicates.values() if p.symmetric}
    stated |= {(o, p, s) for s, p, o in stated if p in either_way}
    for row in rows(built):
        assert set(row.path.triples()) <= stated, row.id


def test_its_dataset_verifies(built: BuildResult) -> None:
    assert verify_dataset(built.folder).failed == ()


def test_the_readme_shows_what_the_demo_gives(built: BuildResult) -> None:
    """The first screen is real: its question, its steps and its closing line."""
    readme = Path(__file__).parent.parent.joinpath("README.md").read_text("utf-8")
    shown = " ".join(readme.partition("<!-- demo -->")[2].partition("<!-- /demo -->")[0].split())
    row = next(row for row in rows(built) if row.question.stem in shown)
    for step in row.trace.steps:
        assert step.kind == "rule-out" or step.text in shown
        assert all(cited in shown for cited in step.cites) or step.kind == "rule-out"
    splits = ", ".join(f"{count} {split}" for split, count in built.manifest.rows.items())
    total = sum(built.manifest.rows.values())
    assert f"{total} rows ({splits}), {built.manifest.rejected} rejected." in shown
