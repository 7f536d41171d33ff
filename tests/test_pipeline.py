"""The build as a whole: same bytes, resume, what reruns and why, and stage versions."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from trees import tree

from kgsynth.build_file import read_build_file
from kgsynth.config import BuildConfig, Shatter
from kgsynth.errors import KgsynthError
from kgsynth.graph.compile import compile_graph
from kgsynth.graph.overlay import Overlay
from kgsynth.graph.shatter import shatter
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.model import Rejected, Row
from kgsynth.pipeline import STAGES, build_dataset, plan_build
from kgsynth.pipeline.build import BuildResult
from kgsynth.pipeline.inputs import look_at
from kgsynth.pipeline.lines import read_lines
from kgsynth.pipeline.rows import summary
from kgsynth.resources import locate
from kgsynth.runs import FileHashes
from kgsynth.source_options import SOURCE
from kgsynth.sources import read_source
from kgsynth.verify.dataset import verify_dataset

GOLDEN = Path(__file__).parent / "golden" / "stages.json"
QUICK = ("paths.count=12", "run.workers=1")


def demo(*overrides: str) -> BuildConfig:
    return read_build_file(locate("recipes/mini.yaml"), ("name=trial", *QUICK, *overrides))


def account(folder: Path) -> dict[str, dict[str, Any]]:
    """The funnel by stage."""
    funnel = json.loads((folder / "funnel.json").read_text("utf-8"))
    return {stage["stage"]: stage for stage in funnel["stages"]}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> BuildResult:
    return build_dataset(demo(), tmp_path_factory.mktemp("built"))


def test_the_folder_has_the_shape_of_the_design(built: BuildResult) -> None:
    held = {path.name for path in built.folder.iterdir()}
    assert held == {
        "manifest.json",
        "README.md",
        "croissant.json",
        "report.html",
        "funnel.json",
        "examples",
        "sft",
        "dpo",
        "rl",
        "evidence",
        "rejected",
        "run",
    }


def test_two_runs_with_one_seed_are_byte_identical_and_a_third_is_not(
    built: BuildResult, tmp_path: Path
) -> None:
    again = build_dataset(demo(), tmp_path / "again")
    other = build_dataset(demo("seed=8"), tmp_path / "other")
    assert tree(again.folder) == tree(built.folder)
    assert (
        tree(other.folder)["examples/train-00000.jsonl"]
        != (tree(built.folder)["examples/train-00000.jsonl"])
    )


def test_the_number_of_workers_changes_nothing(built: BuildResult, tmp_path: Path) -> None:
    two = build_dataset(demo("run.workers=2"), tmp_path)
    assert tree(two.folder) == tree(built.folder)


def test_where_the_sources_lie_changes_nothing(built: BuildResult, tmp_path: Path) -> None:
    import shutil

    moved = tmp_path / "elsewhere" / "mini"
    shutil.copytree(locate("ontologies/mini"), moved)
    config = demo(
        f"graph.sources=[{{kind: tables, path: {moved}}}]",
        f"questions.sources=[{{kind: jsonl, path: {moved / 'questions.jsonl'}}}]",
    )
    assert tree(build_dataset(config, tmp_path / "out").folder) == tree(built.folder)


def test_building_again_does_nothing(built: BuildResult) -> None:
    def times() -> dict[Path, int]:
        held = (path for path in built.folder.rglob("*") if path.is_file())
        return {path: path.stat().st_mtime_ns for path in held if path.name != "lock"}

    before = times()
    again = build_dataset(demo(), built.folder.parent)
    assert not again.ran
    assert again.published is None
    assert times() == before


def test_a_changed_option_reruns_just_what_depends_on_it(tmp_path: Path) -> None:
    build_dataset(demo(), tmp_path)
    split = ("curate.split.train=[1, 2]", "curate.split.test=[3, 4, 5]")
    changed = build_dataset(demo(*split), tmp_path)
    assert [stage.stage for stage in changed.ran] == ["curate", "dataset"]
    assert "options.split.train changed" in changed.ran[0].why


def test_a_damaged_file_of_the_dataset_is_mended(tmp_path: Path) -> None:
    first = build_dataset(demo(), tmp_path)
    whole = tree(first.folder)
    (first.folder / "sft" / "train-00000.jsonl").write_text("{}\n")
    (first.folder / "funnel.json").unlink()
    mended = build_dataset(demo(), tmp_path)
    assert mended.published is not None
    assert mended.published.written == 3  # the two files and, last, the manifest
    assert tree(first.folder) == whole


def test_fresh_makes_every_part_again_to_the_same_bytes(tmp_path: Path) -> None:
    first = tree(build_dataset(demo(), tmp_path).folder)
    again = build_dataset(demo(), tmp_path, fresh=True)
    assert [stage.stage for stage in again.ran] == [stage.name for stage in STAGES]
    assert tree(again.folder) == first


def test_a_changed_source_is_noticed(tmp_path: Path) -> None:
    import shutil

    mine = tmp_path / "mini"
    shutil.copytree(locate("ontologies/mini"), mine)
    config = demo(f"graph.sources=[{{kind: tables, path: {mine}}}]")
    before = build_dataset(config, tmp_path / "out")
    edges = mine / "edges.tsv"
    lines = edges.read_text("utf-8").splitlines(keepends=True)
    edges.write_text("".join(lines[:-1]), "utf-8")
    after = build_dataset(config, tmp_path / "out")
    assert after.manifest.graph.statements == before.manifest.graph.statements - 1
    assert after.ran[0].stage == "graph"
    assert "input changed: source:0" in after.ran[0].why


def test_a_file_beside_the_named_one_is_an_input_too(tmp_path: Path) -> None:
    """A source of kind kgx names the file of edges; the nodes file beside it is read as well."""
    nodes, edges = tmp_path / "my_nodes.tsv", tmp_path / "my_edges.tsv"
    nodes.write_text("id\tcategory\tname\nX:1\tbiolink:Drug\tone\nX:2\tbiolink:Disease\ttwo\n")
    edges.write_text("subject\tpredicate\tobject\nX:1\tbiolink:treats\tX:2\n")
    hashes = FileHashes(tmp_path / "output", remember=False)
    source = SOURCE.validate_python({"kind": "kgx", "path": str(edges)})
    before = look_at(source, hashes).content
    nodes.write_text(nodes.read_text() + "X:3\tbiolink:Gene\tthree\n")
    assert look_at(source, FileHashes(tmp_path / "output", remember=False)).content != before
    nodes.unlink()
    alone = look_at(source, FileHashes(tmp_path / "output", remember=False)).content
    assert alone not in ("", before)


def test_the_options_of_a_source_are_part_of_what_it_is(tmp_path: Path) -> None:
    build_dataset(demo(), tmp_path)
    changed = build_dataset(demo("graph.sources.0.licence=CC0-1.0"), tmp_path)
    assert changed.ran[0].stage == "graph"


def test_what_a_source_says_of_itself_is_content(tmp_path: Path) -> None:
    import shutil

    mine = tmp_path / "mini"
    shutil.copytree(locate("ontologies/mini"), mine)
    config = demo(f"graph.sources=[{{kind: tables, path: {mine}}}]")
    build_dataset(config, tmp_path / "out")
    about = mine / "source.yaml"
    about.write_text(about.read_text("utf-8").replace("2026-11-01", "2031-01-01"), "utf-8")
    after = build_dataset(config, tmp_path / "out")
    assert after.manifest.created == "2031-01-01"
    assert tree(after.folder) == tree(build_dataset(config, tmp_path / "clean").folder)


def test_a_source_edited_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    from kgsynth.graph import compile as compiling

    mine = tmp_path / "mini"
    shutil.copytree(locate("ontologies/mini"), mine)
    config = demo(f"graph.sources=[{{kind: tables, path: {mine}}}]")
    compiled = compiling.compile_graph

    def edited_meanwhile(*arguments: Any) -> Any:
        with (mine / "edges.tsv").open("a", encoding="utf-8") as edges:
            edges.write("KGMINI:aspirin\ttreats\tKGMINI:fever\tIt lowers fever.\n")
        return compiled(*arguments)

    monkeypatch.setattr(compiling, "compile_graph", edited_meanwhile)
    with pytest.raises(KgsynthError, match="changed while it was read"):
        build_dataset(config, tmp_path / "out")
    monkeypatch.undo()
    assert build_dataset(config, tmp_path / "out").manifest.graph.statements > 0


def test_every_stage_account_adds_up_and_follows_the_one_before(built: BuildResult) -> None:
    stages = account(built.folder)
    for stage in stages.values():
        assert stage["taken"] + stage["made"] == stage["given"] + sum(stage["rejected"].values())
    assert stages["map"]["taken"] == stages["questions"]["given"]
    assert stages["write"]["taken"] == stages["map"]["given"] + stages["mine"]["given"]
    assert stages["verify"]["taken"] == stages["write"]["given"]
    assert stages["curate"]["taken"] == stages["verify"]["given"]
    assert sum(built.manifest.rows.values()) == stages["curate"]["given"]
    rejected = sum(
        len(path.read_text("utf-8").splitlines()) for path in (built.folder / "rejected").iterdir()
    )
    assert rejected == sum(sum(s["rejected"].values()) for s in stages.values())


def test_every_row_passes_its_schema(built: BuildResult) -> None:
    folders = {"examples": "row", "rejected": "rejected"}
    folders |= {form: f"{form}-row" for form in ("sft", "dpo", "rl")}
    evidence = {f"{name}s": name for name in ("statement", "concept", "hub", "answer")}
    files = [(p, schema) for f, schema in folders.items() for p in (built.folder / f).iterdir()]
    shipped = built.folder / "evidence"
    files += [(shipped / f"{file}.jsonl", schema) for file, schema in evidence.items()]
    files += [(built.folder / f"{f}.json", f) for f in ("manifest", "funnel")]
    rows = 0
    for path, name in files:
        validator = jsonschema.Draft202012Validator(
            json.loads(locate(f"schemas/{name}.schema.json").read_text("utf-8"))
        )
        text = path.read_text("utf-8")
        for line in text.splitlines() if path.suffix == ".jsonl" else [text]:
            validator.validate(json.loads(line))
            rows += 1
    assert rows > 50


def test_nothing_in_the_dataset_tells_where_or_when_it_was_made(built: BuildResult) -> None:
    import platform
    import sys

    for name, content in tree(built.folder).items():
        for trace in (str(built.folder.parent), platform.node(), sys.version.split()[0]):
            assert trace.encode() not in content, (name, trace)


def test_a_stage_version_goes_up_with_its_output(tmp_path: Path) -> None:
    """Same inputs, options and version must give the content that the golden file holds."""
    result = build_dataset(demo(), tmp_path)
    now = {
        stage.stage: [
            {
                "version": part.version,
                "asked": {"options": part.options, "inputs": part.inputs},
                "content": part.content,
            }
            for part in stage.parts
        ]
        for stage in result.stages
    }
    if os.environ.get("KGSYNTH_RENEW_GOLDEN"):
        GOLDEN.write_text(json.dumps(now, indent=1, sort_keys=True) + "\n", "utf-8")
    golden = json.loads(GOLDEN.read_text("utf-8"))
    for stage, parts in json.loads(json.dumps(now)).items():
        for then, part in zip(golden[stage], parts, strict=True):
            same_work = then["asked"] == part["asked"]
            if same_work and then["content"] != part["content"]:
                assert part["version"] > then["version"], (
                    f"the stage '{stage}' gives other output for the same inputs: raise its "
                    "version in kgsynth/pipeline/stages.py, then renew the golden file"
                )
    assert json.loads(json.dumps(now)) == golden, (
        "inputs or versions of the stages changed: renew with "
        "KGSYNTH_RENEW_GOLDEN=1 pytest tests/test_pipeline.py"
    )


def test_a_dry_run_counts_and_writes_nothing(tmp_path: Path) -> None:
    planned = plan_build(demo(), tmp_path / "out")
    assert [stage.state for stage in planned.stages][:2] == ["runs", "runs"]
    assert planned.teacher_calls is None
    assert not (tmp_path / "out").exists()
    build_dataset(demo(), tmp_path / "out")
    before = sorted((tmp_path / "out").rglob("*"))
    planned = plan_build(demo("seed=8"), tmp_path / "out")
    states = {stage.stage: stage.state for stage in planned.stages}
    assert states["graph"] == states["map"] == "done"
    assert states["mine"] == "runs"
    assert sorted((tmp_path / "out").rglob("*")) == before
    done = plan_build(demo(), tmp_path / "out")
    assert {stage.state for stage in done.stages} == {"done"}
    assert done.teacher_calls == 0


def test_a_dry_run_counts_the_calls_of_what_is_mined(tmp_path: Path) -> None:
    result = build_dataset(demo(), tmp_path)
    items = next(s for s in result.stages if s.stage == "write").spend["requests"]
    planned = plan_build(demo("teacher.writer.delay=0.001"), tmp_path)
    assert planned.teacher_calls == items
    assert planned.tokens_in is not None
    assert planned.tokens_in > 100 * items


def test_limit_keeps_so_many_questions_and_paths(tmp_path: Path) -> None:
    result = build_dataset(demo("limit=3", "paths.count=null"), tmp_path)
    stages = account(result.folder)
    assert stages["questions"]["given"] == 3
    assert stages["mine"]["given"] == 3


def test_asking_for_more_than_the_graph_gives_says_how_much_there_is(tmp_path: Path) -> None:
    asked = r"asks for 100,000 items, but the graph gives \d+"
    with pytest.raises(KgsynthError, match=asked) as error:
        build_dataset(demo("paths.count=100000"), tmp_path)
    assert "Set paths.count to" in error.value.remedy
    assert not (tmp_path / "trial" / "manifest.json").exists()


def test_a_run_that_comes_out_empty_says_why(tmp_path: Path) -> None:
    with pytest.raises(KgsynthError, match="No row was made"):
        build_dataset(demo("questions={}", "paths.count=0"), tmp_path)


def test_verify_passes_the_dataset_and_catches_a_swapped_concept(
    built: BuildResult, tmp_path: Path
) -> None:
    """The forger does it all: swaps an inner concept, renames the row, mends the manifest."""
    import hashlib
    import shutil

    from kgsynth.model import Manifest

    assert verify_dataset(built.folder).failed == ()
    forged = tmp_path / "forged"
    shutil.copytree(built.folder, forged)
    file = forged / "examples" / "train-00000.jsonl"
    rows = [Row.model_validate_json(line) for line in file.read_text("utf-8").splitlines()]
    place = next(i for i, row in enumerate(rows) if row.kind == "path")
    others = [node for row in rows for node in row.path.nodes]
    row = rows[place]
    stranger = next(n for n in others if n.id not in {node.id for node in row.path.nodes})
    nodes = (row.path.nodes[0], stranger, *row.path.nodes[2:])
    row = row.model_copy(update={"path": row.path.model_copy(update={"nodes": nodes})})
    rows[place] = row.model_copy(update={"id": row.recomputed_id()})
    file.write_text("".join(row.to_line() for row in rows), "utf-8")
    manifest = Manifest.model_validate_json((forged / "manifest.json").read_bytes())
    mended = tuple(
        entry.model_copy(
            update={
                "bytes": file.stat().st_size,
                "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
            }
        )
        if entry.path == "examples/train-00000.jsonl"
        else entry
        for entry in manifest.files
    )
    (forged / "manifest.json").write_text(
        manifest.model_copy(update={"files": mended}).model_dump_json(indent=2), "utf-8"
    )
    failed = verify_dataset(forged).failed
    assert {(failure.id, failure.code) for failure in failed} == {
        (rows[place].id, code) for code in ("grounding", "necessity")
    }


def test_the_card_names_the_licence_of_every_statement(tmp_path: Path) -> None:
    """One source may hold statements on terms of their own: whoever publishes must know them."""
    graph = tmp_path / "graph"
    graph.mkdir()
    (graph / "nodes.tsv").write_text("id\tname\ttypes\nA:1\tone\tsign\nA:2\ttwo\tsign\n", "utf-8")
    (graph / "edges.tsv").write_text(
        "subject\tpredicate\tobject\tlicence\nA:1\tcauses\tA:2\tCC-BY-4.0\nA:2\tcauses\tA:1\t\n",
        "utf-8",
    )
    (graph / "source.yaml").write_text("licence: CC0-1.0\n", "utf-8")
    compile_graph([read_source("tables", graph)], tmp_path / "store")
    store = KnowledgeGraph.open(tmp_path / "store")
    (tmp_path / "cut").mkdir()
    shatter(store, Shatter(k=0), tmp_path / "cut")
    told = summary(store, Overlay.open(tmp_path / "cut", store))
    assert told.licences == ("CC-BY-4.0", "CC0-1.0")


def test_what_a_named_benchmark_asks_is_kept_out(built: BuildResult, tmp_path: Path) -> None:
    """A question that another exam asks word for word; the set that rows are made from may."""
    rows = [
        row
        for shard in sorted((built.folder / "examples").iterdir())
        for row in read_lines(shard, Row)
        if row.kind == "qa"
    ]
    own = locate("ontologies/mini/questions.jsonl")
    lines = own.read_text("utf-8").splitlines()
    same = next(line for line in lines if json.loads(line)["stem"] == rows[0].question.stem)
    exam = tmp_path / "exam.jsonl"
    exam.write_text(same + "\n", "utf-8")
    kept_out = build_dataset(demo(f"curate.contamination=[{exam}]"), tmp_path / "output")
    found = [
        dropped
        for shard in sorted((kept_out.folder / "rejected").iterdir())
        for dropped in read_lines(shard, Rejected)
        if dropped.code == "contamination"
    ]
    assert rows[0].question.stem in [dropped.content["question"]["stem"] for dropped in found]
    assert "The stem stands in the benchmark exam" in found[0].detail
    assert kept_out.manifest.rejected == built.manifest.rejected + len(found)
    alone = verify_dataset(kept_out.folder)
    assert alone.failed == ()
    assert "The benchmark exam is not at hand" in alone.unread["contamination"]


def test_a_set_that_rows_are_made_from_may_be_named_a_benchmark(
    built: BuildResult, tmp_path: Path
) -> None:
    own = locate("ontologies/mini/questions.jsonl")
    result = build_dataset(demo(f"curate.contamination=[{own}]"), tmp_path)
    assert result.manifest.rows.keys() == built.manifest.rows.keys()
    assert sum(result.manifest.rows.values()) > 0.9 * sum(built.manifest.rows.values())


def test_a_scripted_verifier_rereads_nothing_and_turns_nothing_away(
    built: BuildResult, tmp_path: Path
) -> None:
    result = build_dataset(demo("verify.rederive={need: 2, of: 3}"), tmp_path)
    assert result.manifest.rows == built.manifest.rows
    report = verify_dataset(result.folder)
    assert report.failed == ()
    assert report.could_not_check["re-derivation"] == sum(result.manifest.rows.values())
