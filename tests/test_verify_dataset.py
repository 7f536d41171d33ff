"""A dataset read back from its files alone, a sound one and many a stranger's."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from rows import (
    CONCEPTS,
    INHIBITS,
    STATEMENTS,
    node,
    path_row,
    with_conclusion,
    with_hop,
    with_node,
    with_question,
    with_step,
)

from kgsynth.errors import DatasetError
from kgsynth.model import FileEntry, GraphSummary, Manifest, Outcome, Record, Row, Verdict
from kgsynth.verify import dataset
from kgsynth.verify.dataset import Report, verify_dataset

TRAIN = "examples/train-00000.jsonl"
ROW = path_row()
OTHER = with_question(ROW, stem="Which of these hormones is it, in the end?")


def entry(folder: Path, path: str) -> FileEntry:
    content = (folder / path).read_bytes()
    return FileEntry(path=path, bytes=len(content), sha256=hashlib.sha256(content).hexdigest())


def write_manifest(folder: Path, *more: FileEntry, **rows: int) -> None:
    """List every file that lies in the folder, and whatever else is given."""
    paths = sorted(
        p.relative_to(folder).as_posix() for p in folder.rglob("*.jsonl") if not p.is_symlink()
    )
    manifest = Manifest(
        name="test",
        created="",
        config="c",
        build="{}",
        graph=GraphSummary(
            content="g", overlay="o", sources=(), licences=(), released="",
            concepts=10, statements=6, hubs_removed=0,
        ),
        teachers={"writer": "hand"},
        rows=rows,
        rejected=0,
        files=(*(entry(folder, path) for path in paths), *more),
    )  # fmt: skip
    (folder / "manifest.json").write_text(manifest.model_dump_json(), encoding="utf-8")


def write_lines(path: Path, records: Iterable[Record]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(record.to_line() for record in records), encoding="utf-8")


def made(folder: Path, *rows: Row) -> Path:
    """Write a dataset of these rows, all in train."""
    write_lines(folder / TRAIN, rows)
    write_lines(folder / "evidence/statements.jsonl", STATEMENTS)
    write_lines(folder / "evidence/concepts.jsonl", CONCEPTS.values())
    write_manifest(folder, train=len(rows))
    return folder


def codes(report: Report) -> list[tuple[str, str]]:
    return [(failure.id, failure.code) for failure in report.failed]


def test_a_sound_dataset(tmp_path: Path) -> None:
    report = verify_dataset(made(tmp_path, ROW, OTHER))
    assert report == Report(rows=2, failed=(), could_not_check={})


@pytest.mark.parametrize(
    ("damaged", "code"),
    [
        (with_node(ROW, 1, node("cortex")), "grounding"),
        (with_hop(ROW, 1, forward=False), "grounding"),
        (with_step(ROW, 2, needs=()), "order"),
        (with_conclusion(ROW, text="Cortisol."), "answer"),
        (with_question(ROW, stem="What of lisinopril?"), "bridge-leak"),
        (with_question(ROW, stem="What of angiotensin II?"), "answer-leak"),
        (ROW.model_copy(update={"id": "0" * 32}), "form"),
    ],
)
def test_a_damaged_row_fails_though_ids_and_manifest_were_made_anew(
    tmp_path: Path, damaged: Row, code: str
) -> None:
    report = verify_dataset(made(tmp_path, OTHER, damaged))
    assert {failure.id for failure in report.failed} == {damaged.id}
    assert code in {failure.code for failure in report.failed}


def test_what_a_row_says_of_itself_is_not_believed(tmp_path: Path) -> None:
    passed = (Verdict(check="grounding", outcome=Outcome.PASSED),)
    row = with_hop(ROW, 1, forward=False).model_copy(update={"verdicts": passed})
    assert codes(verify_dataset(made(tmp_path, row))) == [(row.id, "grounding")]


def test_what_cannot_be_checked_is_counted_and_fails_when_strict(tmp_path: Path) -> None:
    row = with_step(ROW, 1, text="Lisinopril acts on ACE.")
    folder = made(tmp_path, row, OTHER)
    report = verify_dataset(folder)
    assert (report.failed, report.could_not_check) == ((), {"grounding": 1})
    strict = verify_dataset(folder, strict=True)
    assert codes(strict) == [(row.id, "could-not-check")]
    assert strict.could_not_check == {"grounding": 1}


class Graph:
    def holds(self, subject: str, predicate: str, obj: str, /) -> bool:
        return (subject, predicate, obj) in {
            (s.subject, s.predicate, s.object) for s in STATEMENTS if s != INHIBITS
        }


def test_with_a_graph_the_shipped_statements_are_looked_up(tmp_path: Path) -> None:
    assert codes(verify_dataset(made(tmp_path, ROW), graph=Graph())) == [(ROW.id, "grounding")]


# --- the manifest -----------------------------------------------------------------------------


def flip(folder: Path) -> None:
    content = (folder / TRAIN).read_bytes()
    (folder / TRAIN).write_bytes(content.replace(b"First, ", b"Then,  "))


@pytest.mark.parametrize(
    ("damage", "where", "said"),
    [
        (flip, TRAIN, "sha256"),
        (lambda f: (f / TRAIN).write_bytes((f / TRAIN).read_bytes()[:-1]), TRAIN, "bytes"),
        (lambda f: (f / TRAIN).unlink(), TRAIN, "is missing"),
        (lambda f: write_lines(f / "examples/x.jsonl", []), "examples/x.jsonl", "not in the"),
        (lambda f: write_lines(f / "examples/a/x.jsonl", []), "examples/a/x.jsonl", "not in the"),
        (lambda f: write_manifest(f, train=2), "manifest.json", "train 1"),
        (lambda f: write_manifest(f, entry(f, TRAIN), train=1), TRAIN, "twice"),
    ],
)
def test_a_file_that_differs_from_the_manifest(
    tmp_path: Path, damage: Callable[[Path], object], where: str, said: str
) -> None:
    folder = made(tmp_path, ROW)
    damage(folder)
    found = {f.id: f for f in verify_dataset(folder).failed}
    assert (found[where].check, found[where].code) == ("manifest", "manifest-mismatch")
    assert said in found[where].detail


def test_evidence_that_the_manifest_does_not_list_is_not_read(tmp_path: Path) -> None:
    folder = made(tmp_path, ROW)
    kept = (folder / "evidence").rename(tmp_path / "kept")
    write_manifest(folder, train=1)
    kept.rename(folder / "evidence")
    found = verify_dataset(folder).failed
    assert ("evidence/statements.jsonl", "manifest-mismatch") in codes(verify_dataset(folder))
    assert any(f.id == ROW.id and f.code == "grounding" for f in found)


@pytest.mark.parametrize(
    "path",
    [
        "../outside.jsonl",
        "examples/../../outside.jsonl",
        "/etc/passwd",
        "examples//x.jsonl",
        "./x.jsonl",
        "",
        "a\\..\\b",
        "examples/\x1b[2J.jsonl",
        "examples/a\nb.jsonl",
        "examples/nul\x00.jsonl",
    ],
)
def test_a_path_that_leads_out_of_the_dataset_is_not_followed(tmp_path: Path, path: str) -> None:
    (tmp_path / "outside.jsonl").write_text(ROW.to_line(), encoding="utf-8")
    folder = made(tmp_path / "dataset", OTHER)
    write_manifest(folder, FileEntry(path=path, bytes=1, sha256="0"), train=1)
    report = verify_dataset(folder)
    assert report.rows == 1
    assert [f.code for f in report.failed] == ["manifest-mismatch"]
    assert report.failed[0].detail == "The file leads out of the dataset."
    assert report.failed[0].id.isprintable()


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = made(tmp_path / "outside", ROW)
    folder = made(tmp_path / "dataset", OTHER)
    listed = (
        FileEntry(path="examples/link.jsonl", bytes=1, sha256="0"),
        FileEntry(path="linked/train-00000.jsonl", bytes=1, sha256="0"),
    )
    (folder / "examples/link.jsonl").symlink_to(outside / TRAIN)
    (folder / "linked").symlink_to(outside / "examples")
    write_manifest(folder, *listed, train=1)
    report = verify_dataset(folder)
    assert report.rows == 1
    assert codes(report) == [(e.path, "manifest-mismatch") for e in listed]


def test_a_whole_folder_of_examples_behind_a_link_is_reported(tmp_path: Path) -> None:
    outside = made(tmp_path / "outside", ROW)
    folder = made(tmp_path / "dataset", ROW)
    (folder / TRAIN).unlink()
    (folder / "examples").rmdir()
    (folder / "examples").symlink_to(outside / "examples")
    report = verify_dataset(folder)
    assert report.rows == 0
    assert {(TRAIN, "manifest-mismatch"), ("examples", "manifest-mismatch")} <= set(codes(report))


def test_a_named_pipe_does_not_keep_it_waiting(tmp_path: Path) -> None:
    folder = made(tmp_path, ROW)
    (folder / TRAIN).unlink()
    os.mkfifo(folder / TRAIN)
    assert "not a plain file" in verify_dataset(folder).failed[0].detail


# --- lines --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        b"not json\n",
        b"\n",
        b"[]\n",
        b'{"id": "x"}\n',
        b"\xff\xfe\n",
        b'{"id": "\\ud800"}\n',
        b"[" * 100_000 + b"\n",
        b'{"a":' * 100_000 + b"\n",
        b'{"id":' + b"9" * 100_000 + b"}\n",
        ROW.to_line().replace('"kind":"path"', '"kind":"odd"').encode(),
        ROW.to_line().replace('"seed":7', '"seed":7,"more":1').encode(),
    ],
)
def test_a_malformed_line_is_one_failure_and_the_others_are_read(
    tmp_path: Path, line: bytes
) -> None:
    folder = made(tmp_path, ROW, OTHER)
    lines = (folder / TRAIN).read_bytes().splitlines(keepends=True)
    (folder / TRAIN).write_bytes(lines[0] + line + lines[1])
    write_manifest(folder, train=2)
    report = verify_dataset(folder)
    assert report.rows == 2
    assert codes(report) == [(TRAIN, "malformed-row")]
    assert report.failed[0].detail.startswith(f"{TRAIN}, line 2: ")


def test_a_line_beyond_the_limit_is_skipped_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dataset, "LONGEST_LINE", 2 * len(ROW.to_line()))
    folder = made(tmp_path, ROW, OTHER)
    lines = (folder / TRAIN).read_bytes().splitlines(keepends=True)
    (folder / TRAIN).write_bytes(lines[0] + b"x" * 5 * len(lines[0]) + b"\n" + lines[1])
    write_manifest(folder, train=2)
    report = verify_dataset(folder)
    assert report.rows == 2
    assert codes(report) == [(TRAIN, "malformed-row")]
    assert "line 2 is longer" in report.failed[0].detail


def test_a_forged_statement_is_reported_and_not_used(tmp_path: Path) -> None:
    folder = made(tmp_path, ROW)
    forged = [s.model_copy(update={"object": "T:at2"}) if s == INHIBITS else s for s in STATEMENTS]
    write_lines(folder / "evidence/statements.jsonl", forged)
    write_manifest(folder, train=1)
    assert codes(verify_dataset(folder)) == [(INHIBITS.id, "malformed-row"), (ROW.id, "grounding")]


def test_the_same_row_twice(tmp_path: Path) -> None:
    report = verify_dataset(made(tmp_path, ROW, ROW))
    assert codes(report) == [(ROW.id, "duplicate-row")]


def test_a_strangers_text_is_made_safe_to_print(tmp_path: Path) -> None:
    row = ROW.model_copy(update={"id": "\x1b[31mred\u202e" + "x" * 10_000})
    found = verify_dataset(made(tmp_path, row)).failed[0]
    assert found.id.isprintable()
    assert len(found.id) <= dataset.LONGEST_DETAIL


# --- what is no dataset -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "is missing"),
        ("", "cannot be read"),
        ("{}", "cannot be read"),
        ("[" * 100_000, "cannot be read"),
        ('{"format": "other"}', "cannot be read"),
    ],
)
def test_a_folder_that_is_no_dataset(tmp_path: Path, content: str | None, said: str) -> None:
    if content is not None:
        (tmp_path / "manifest.json").write_text(content, encoding="utf-8")
    with pytest.raises(DatasetError, match=said) as caught:
        verify_dataset(tmp_path)
    assert "build-dataset" in caught.value.remedy


def test_no_folder_at_all(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="There is no dataset folder"):
        verify_dataset(tmp_path / "nowhere")


def test_a_dataset_of_another_schema_names_what_reads_it(tmp_path: Path) -> None:
    folder = made(tmp_path, ROW)
    text = (folder / "manifest.json").read_text(encoding="utf-8")
    (folder / "manifest.json").write_text(
        text.replace('"schema_version":"1.0"', '"schema_version":"9.0"'), encoding="utf-8"
    )
    with pytest.raises(DatasetError, match=r"schema 9\.0"):
        verify_dataset(folder)


def test_a_manifest_behind_a_link_is_refused(tmp_path: Path) -> None:
    folder = made(tmp_path / "dataset", ROW)
    (folder / "manifest.json").rename(tmp_path / "elsewhere.json")
    (folder / "manifest.json").symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(DatasetError, match="cannot be opened"):
        verify_dataset(folder)
