from __future__ import annotations

import errno
import hashlib
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from export_rows import (
    FUNNEL,
    make_config,
    make_draft,
    make_drafts,
    make_path,
    make_row,
    write_mini,
)

from kgsynth.errors import DatasetError, RunError, RunFolderError, StorageError
from kgsynth.export.croissant import FIELDS
from kgsynth.export.forms import FORMS, form_line
from kgsynth.export.forms.messages import FormSettings, answer_names, open_stem
from kgsynth.model import Corruption, Draft, Funnel, FunnelStage, Row, RowQuestion

BOTH = FormSettings(asking=("closed", "open"), reasoning="inline", data_source="kgsynth/mini")
CLOSED = FormSettings(asking=("closed",), reasoning="inline", data_source="kgsynth/mini")


def lines_of(form: str, row: Row, settings: FormSettings = BOTH) -> list[dict[str, Any]]:
    return [json.loads(form_line(line)) for line in FORMS[form].rows(row, settings)]


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def with_stem(row: Row, stem: str) -> Row:
    question = row.question.model_copy(update={"stem": stem})
    return row.model_copy(update={"question": question})


# --- forms ---------------------------------------------------------------------------------------


def test_a_closed_sft_line_lists_the_options_and_ends_with_the_answer() -> None:
    row = make_row(3, 1)
    line = lines_of("sft", row)[0]
    assert list(line) == ["id", "form", "prompt", "completion"]
    assert (line["id"], line["form"]) == (row.id, "closed")
    [user] = line["prompt"]
    assert user["role"] == "user"
    assert user["content"].startswith(row.question.stem + "\n\nA. Metformin\nB. Lisinopril\nC. ")
    [reply] = line["completion"]
    assert list(reply) == ["role", "content"]
    steps = "\n".join(step.text for step in row.trace.steps)
    assert reply["content"] == (
        f"<think>\n{steps}\n</think>\n\nSo the answer is Lisinopril.\n\nAnswer: B. Lisinopril"
    )


def test_an_open_sft_line_shows_no_option_and_speaks_of_none() -> None:
    row = make_row(3, 1)
    line = lines_of("sft", row)[1]
    assert line["form"] == "open"
    content = line["prompt"][0]["content"]
    assert content.startswith("Case 1. Hypertension leads to X. X leads to which drug?")
    assert "Metformin" not in content
    reply = line["completion"][0]["content"]
    assert reply.endswith("</think>\n\nAnswer: Lisinopril")
    assert "option" not in reply


@pytest.mark.parametrize("field", ["reasoning_content", "thinking"])
def test_the_thinking_can_stand_in_a_field_of_its_own(field: Any) -> None:
    settings = FormSettings(asking=("closed",), reasoning=field, data_source="x")
    row = make_row(3, 1)
    reply = lines_of("sft", row, settings)[0]["completion"][0]
    assert list(reply) == ["role", "content", field]
    assert reply[field].splitlines() == [step.text for step in row.trace.steps]
    assert reply["content"] == "So the answer is Lisinopril.\n\nAnswer: B. Lisinopril"


@pytest.mark.parametrize(
    ("stem", "said"),
    [
        ("Which of these drugs helps?", "Which drug helps?"),
        ("X is treated with which of these drugs?", "X is treated with which drug?"),
        ("What is given?", "What is given?"),
        ("Which of the following is true?", None),
        ("All of these fit EXCEPT", None),
        ("Choose from the options: what is given?", None),
    ],
)
def test_a_stem_that_leans_on_its_options_is_not_asked_open(stem: str, said: str | None) -> None:
    row = with_stem(make_row(3), stem)
    assert open_stem(row) == said
    forms = [line["form"] for line in lines_of("sft", row)]
    assert forms == (["closed"] if said is None else ["closed", "open"])


def test_dpo_gives_a_pair_for_each_corruption_that_differs_in_that_damage_alone() -> None:
    row = make_row(3, 1)
    pairs = lines_of("dpo", row, CLOSED)
    assert [pair["corruption"] for pair in pairs] == ["skipped-hop", "wrong-answer"]
    skipped, wrong = ((p["chosen"][0]["content"], p["rejected"][0]["content"]) for p in pairs)
    damaged = row.trace.steps[2].text
    assert skipped[0].replace(damaged, "It follows at once.") == skipped[1]
    assert wrong[0].endswith("So the answer is Lisinopril.\n\nAnswer: B. Lisinopril")
    assert wrong[1].endswith("So the answer is Metformin.\n\nAnswer: A. Metformin")
    assert wrong[0].split("</think>")[0] == wrong[1].split("</think>")[0]


def test_a_damaged_step_that_turns_the_answer_leaves_the_conclusion_to_neither_side() -> None:
    turned = Corruption(name="turned", step=0, text="It is not so.", answer="A", proof="made up")
    row = make_row(3, 1, corruptions=(turned,))
    [pair] = lines_of("dpo", row, CLOSED)
    for side in ("chosen", "rejected"):
        assert "So the answer is" not in pair[side][0]["content"]
    assert pair["chosen"][0]["content"].endswith("Answer: B. Lisinopril")
    assert pair["rejected"][0]["content"].endswith("Answer: A. Metformin")


def test_dpo_leaves_out_damage_that_an_open_line_does_not_show() -> None:
    ruled_out = Corruption(name="x", step=3, text="Option C fits.", answer="B", proof="it does not")
    same_answer = Corruption(name="y", step=None, text="Hence.", answer="B", proof="says nothing")
    row = make_row(3, 1, corruptions=(ruled_out, same_answer))
    assert [(p["form"], p["corruption"]) for p in lines_of("dpo", row)] == [
        ("closed", "x"),
        ("closed", "y"),
    ]


@pytest.mark.parametrize(("step", "answer"), [(9, "B"), (None, "Z")])
def test_a_corruption_of_what_is_not_there_is_an_error(step: int | None, answer: str) -> None:
    bad = Corruption(name="bad", step=step, text="No.", answer=answer, proof="none")
    with pytest.raises(RunError, match="Run kgsynth verify"):
        lines_of("dpo", make_row(3, 1, corruptions=(bad,)))


def test_an_rl_line_holds_what_a_reward_needs() -> None:
    row = make_row(3, 1)
    closed, opened = lines_of("rl", row)
    assert closed["answer"] == opened["answer"] == "B"
    assert closed["answer_text"] == "Lisinopril"
    assert closed["answer_aliases"] == ["Lisinopril", "Prinivil", "Zestril"]
    assert closed["options"] == ["Metformin", "Lisinopril", "Amoxicillin", "Warfarin"]
    assert closed["path"][0] == "Hypertension"
    assert (closed["kind"], closed["language"], closed["hops"]) == ("path", "en", 3)
    assert closed["data_source"] == "kgsynth/mini"
    assert "Prinivil" not in opened["prompt"][0]["content"]


def test_a_name_that_a_wrong_option_goes_by_is_no_alias_of_the_answer() -> None:
    path = make_path(3, aliases=("WARFARIN", "Zestril"))
    assert answer_names(make_row(3, 1, path=path)) == ("Lisinopril", "Zestril")


def test_text_is_data() -> None:
    hostile = "{{ 7 * 7 }} {stem} %s </think>\n\nB. forged"
    row = make_row(3, 1, path=make_path(3, name=hostile))
    line = lines_of("sft", row)[0]
    content = line["prompt"][0]["content"]
    assert "{{ 7 * 7 }} {stem} %s" in content
    assert [x for x in content.splitlines() if x.startswith("B. ")] == [
        "B. {{ 7 * 7 }} {stem} %s </think> B. forged"
    ]
    assert line["completion"][0]["content"].count("</think>") == 1


# --- the folder ----------------------------------------------------------------------------------


def test_the_folder_has_the_shape_that_the_design_says(tmp_path: Path) -> None:
    write_mini(tmp_path / "out")
    found = sorted(
        p.relative_to(tmp_path / "out").as_posix()
        for p in (tmp_path / "out").rglob("*")
        if p.is_file()
    )
    forms = [f"{form}/{s}-00000.jsonl" for form in ("dpo", "rl", "sft") for s in ("test", "train")]
    assert found == sorted(
        [
            "README.md", "croissant.json", "funnel.json", "manifest.json", "report.html",
            "examples/test-00000.jsonl", "examples/train-00000.jsonl",
            "evidence/answers.jsonl", "evidence/concepts.jsonl", "evidence/hubs.jsonl",
            "evidence/statements.jsonl", "rejected/rejected-00000.jsonl", *forms,
        ]
    )  # fmt: skip


def test_the_manifest_names_every_file_as_it_lies_on_the_disk(tmp_path: Path) -> None:
    manifest = write_mini(tmp_path / "out")
    on_disk = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert on_disk == manifest.model_dump(mode="json")
    paths = [entry.path for entry in manifest.files]
    assert paths == sorted(paths)
    assert "manifest.json" not in paths
    files = {p for p in (tmp_path / "out").rglob("*") if p.is_file()}
    assert len(paths) == len(files) - 1
    for entry in manifest.files:
        data = (tmp_path / "out" / entry.path).read_bytes()
        assert entry.bytes == len(data)
        assert entry.sha256 == hashlib.sha256(data).hexdigest()
        assert entry.rows == (data.count(b"\n") if entry.path.endswith(".jsonl") else None)
    assert manifest.rows == {"train": 3, "test": 3}
    assert manifest.rejected == 3
    assert manifest.created == "2026-01-31"


def test_rows_are_written_whole_and_in_order(tmp_path: Path) -> None:
    drafts = make_drafts()
    write_mini(tmp_path / "out", drafts=drafts)
    for split in ("train", "test"):
        text = (tmp_path / "out" / f"examples/{split}-00000.jsonl").read_text("utf-8")
        rows = [Row.model_validate_json(line) for line in text.splitlines()]
        assert rows == [d.row for d in drafts if d.row.split == split]
        assert [row.recomputed_id() for row in rows] == [row.id for row in rows]


def test_evidence_holds_each_statement_once_sorted_with_its_id(tmp_path: Path) -> None:
    write_mini(tmp_path / "out")
    evidence = tmp_path / "out" / "evidence"
    for name, key in (("statements", "id"), ("concepts", "id"), ("answers", "key")):
        ids = [line[key] for line in read(evidence / f"{name}.jsonl")]
        assert ids == sorted(set(ids))
        assert ids
    rows = read(tmp_path / "out" / "examples/train-00000.jsonl")
    cited = {s for row in rows for step in row["trace"]["steps"] for s in step["cites"]}
    assert cited <= {line["id"] for line in read(evidence / "statements.jsonl")}


def test_evidence_files_are_there_when_they_are_empty(tmp_path: Path) -> None:
    manifest = write_mini(tmp_path / "out", hubs=(), answers=())
    for name in ("hubs", "answers"):
        assert (tmp_path / "out" / f"evidence/{name}.jsonl").read_bytes() == b""
    assert [e.rows for e in manifest.files if e.path == "evidence/hubs.jsonl"] == [0]


def test_shards_are_cut_at_the_asked_number_of_lines(tmp_path: Path) -> None:
    config = make_config(export={"shard_rows": 2})
    whole = tmp_path / "whole"
    write_mini(whole, drafts=make_drafts(10))
    write_mini(tmp_path / "cut", drafts=make_drafts(10), config=config)
    for folder in ("examples", "sft", "dpo", "rl"):
        shards = sorted((tmp_path / "cut" / folder).glob("train-*.jsonl"))
        assert [s.name for s in shards] == [f"train-{n:05d}.jsonl" for n in range(len(shards))]
        counts = [len(read(shard)) for shard in shards]
        assert set(counts[:-1]) == {2}
        joined = b"".join(shard.read_bytes() for shard in shards)
        assert joined == (whole / folder / "train-00000.jsonl").read_bytes()
    assert len(list((tmp_path / "cut" / "rejected").iterdir())) == 2


def test_a_split_without_rows_writes_no_file(tmp_path: Path) -> None:
    drafts = [draft for draft in make_drafts() if draft.row.split == "test"]
    manifest = write_mini(tmp_path / "out", drafts=drafts, rejected=())
    assert manifest.rows == {"test": 3}
    assert not list((tmp_path / "out").rglob("train-*"))
    assert not (tmp_path / "out" / "rejected").exists()
    assert "train" not in (tmp_path / "out" / "README.md").read_text("utf-8").split("---")[1]


def test_two_writes_of_the_same_inputs_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "other"):
        write_mini(tmp_path / name)
    ones = sorted(p for p in (tmp_path / "one").rglob("*") if p.is_file())
    assert len(ones) > 10
    for path in ones:
        other = tmp_path / "other" / path.relative_to(tmp_path / "one")
        assert path.read_bytes() == other.read_bytes()


def test_where_the_inputs_lay_and_how_many_worked_is_not_told(tmp_path: Path) -> None:
    config = make_config(run={"workers": 9})
    write_mini(tmp_path / "out", config=config)
    for path in (tmp_path / "out").rglob("*"):
        if path.is_file():
            assert b"/somewhere" not in path.read_bytes()
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    build = json.loads(manifest["build"])
    (source,) = build["graph"]["sources"]
    assert (source["kind"], source["path"]) == ("tables", "mini")
    assert "run" not in build


@pytest.mark.parametrize("reasoning", ["inline", "reasoning_content", "thinking"])
@pytest.mark.parametrize("asking", [["closed"], ["open"], ["closed", "open"]])
def test_each_form_opens_with_one_type_per_column(
    tmp_path: Path, reasoning: str, asking: list[str]
) -> None:
    config = make_config(export={"reasoning": reasoning}, synthesis={"forms": asking})
    write_mini(tmp_path / "out", config=config)
    for form in ("sft", "dpo", "rl"):
        frame = pl.read_ndjson(tmp_path / "out" / form / "train-00000.jsonl")
        other = pl.read_ndjson(tmp_path / "out" / form / "test-00000.jsonl")
        assert frame.schema == other.schema
        assert "Null" not in str(frame.schema)
        assert set(frame["form"]) == set(asking)
        assert frame.null_count().sum_horizontal().item() == 0


def test_dpo_writes_no_folder_when_there_is_no_corruption(tmp_path: Path) -> None:
    write_mini(tmp_path / "out", drafts=make_drafts(corruptions=()))
    assert not (tmp_path / "out" / "dpo").exists()
    assert "config_name: dpo" not in (tmp_path / "out" / "README.md").read_text("utf-8")


def test_croissant_describes_the_files_and_columns_that_are_there(tmp_path: Path) -> None:
    manifest = write_mini(tmp_path / "out", config=make_config(export={"shard_rows": 2}))
    document = json.loads((tmp_path / "out" / "croissant.json").read_text("utf-8"))
    assert document["conformsTo"] == "http://mlcommons.org/croissant/1.0"
    assert document["datePublished"] == "2026-01-31"
    files = [d for d in document["distribution"] if d["@type"] == "cr:FileObject"]
    assert {f["contentUrl"] for f in files} == {
        e.path for e in manifest.files if e.path.endswith(".jsonl")
    }
    for file in files:
        data = (tmp_path / "out" / file["contentUrl"]).read_bytes()
        assert file["sha256"] == hashlib.sha256(data).hexdigest()
        assert file["encodingFormat"] == "application/jsonlines"
    sets = {d["@id"]: d for d in document["distribution"] if d["@type"] == "cr:FileSet"}
    assert [r["@id"] for r in document["recordSet"]] == ["examples", "sft", "dpo", "rl"]
    for records in document["recordSet"]:
        for field in records["field"]:
            files_of_set = sets[field["source"]["fileSet"]["@id"]]["includes"]
            shards = sorted((tmp_path / "out").glob(files_of_set))
            assert len(shards) > 2
            assert field["source"]["extract"]["column"] in read(shards[0])[0]
    ids = [d["@id"] for d in [*document["distribution"], *document["recordSet"]]]
    assert len(ids) == len(set(ids))


def test_every_form_is_described_in_croissant() -> None:
    assert set(FIELDS) == {"examples", *FORMS}


# --- what is refused -----------------------------------------------------------------------------


def test_no_rows_says_which_reasons_dropped_the_most_and_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(RunError) as caught:
        write_mini(tmp_path / "out", drafts=[])
    assert caught.value.message == (
        "No row came through: 3 were rejected. Most often: bridge-leak at verify (2), "
        "no-matched-distractors at paths (1)."
    )
    assert "kgsynth explain bridge-leak" in caught.value.remedy
    assert not (tmp_path / "out").exists()


def test_no_rows_and_no_rejects_says_that_the_graph_gave_nothing(tmp_path: Path) -> None:
    empty = Funnel(stages=(FunnelStage(stage="paths", taken=0, given=0, rejected={}),))
    with pytest.raises(RunError, match=r"the graph gave no path.*Raise paths\.count"):
        write_mini(tmp_path / "out", drafts=[], funnel=empty)
    assert FUNNEL.stages[0].adds_up()


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine", encoding="utf-8")
    with pytest.raises(RunFolderError, match=r"it holds README\.md"):
        write_mini(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["README.md"]


def test_a_folder_that_holds_the_run_is_written_into(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "log").write_text("x", encoding="utf-8")
    manifest = write_mini(tmp_path)
    assert all(not entry.path.startswith("run/") for entry in manifest.files)
    assert (tmp_path / "run" / "log").read_text("utf-8") == "x"


def test_a_row_without_a_split_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="has no split"):
        write_mini(tmp_path / "out", drafts=[make_draft(make_row(3))])
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_two_contents_for_one_statement_are_refused(tmp_path: Path) -> None:
    one, other = make_drafts(2)
    changed = one.statements[0].model_copy(update={"negative": True})
    forged = Draft(row=other.row, statements=(changed,), concepts=other.concepts)
    with pytest.raises(DatasetError, match="different contents"):
        write_mini(tmp_path / "out", drafts=[one, forged])


def test_a_full_disk_is_said_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageError, match="The disk is full"):
        write_mini(tmp_path / "out")
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_options_keep_their_order_and_labels() -> None:
    row = make_row(3, 2)
    shuffled = RowQuestion(
        stem=row.question.stem,
        options=tuple(reversed(row.question.options)),
        key=row.question.key,
    )
    content = lines_of("sft", row.model_copy(update={"question": shuffled}))[0]["prompt"][0]
    listed = [x[:2] for x in content["content"].splitlines() if x[1:3] == ". "]
    assert listed == ["D.", "C.", "B.", "A."]
