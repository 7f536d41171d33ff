"""A dataset read back from its files alone, a sound one and many a stranger's."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rows import (
    CONCEPTS,
    INHIBITS,
    STATEMENTS,
    held,
    node,
    path_row,
    store,
    with_conclusion,
    with_hop,
    with_node,
    with_question,
    with_step,
)

from kgsynth.config import BuildConfig
from kgsynth.errors import DatasetError
from kgsynth.model import (
    Concept,
    Corruption,
    FileEntry,
    GraphSummary,
    Manifest,
    Outcome,
    Record,
    Row,
    Statement,
    Verdict,
)
from kgsynth.reasons import REASONS
from kgsynth.verify import CHECKS, dataset
from kgsynth.verify import folder as files
from kgsynth.verify.dataset import Report, verify_dataset
from kgsynth.verify.whole import WholeGraph

TRAIN = "examples/train-00000.jsonl"
SFT = "sft/train-00000.jsonl"
BUILD = BuildConfig.model_validate(
    {
        "graph": {"sources": [{"kind": "tables", "path": "g"}]},
        "export": {"forms": ["sft"]},
    }
)
ROW = path_row()
OTHER = with_question(ROW, stem="Which of these hormones is it, in the end?")


def entry(folder: Path, path: str) -> FileEntry:
    content = (folder / path).read_bytes()
    return FileEntry(path=path, bytes=len(content), sha256=hashlib.sha256(content).hexdigest())


def write_manifest(folder: Path, *more: FileEntry, **rows: int) -> None:
    """List every plain file that lies in the folder, and whatever else is given."""
    paths = sorted(
        p.relative_to(folder).as_posix()
        for p in folder.rglob("*")
        if p.is_file() and not p.is_symlink() and p.name != "manifest.json"
    )
    manifest = Manifest(
        name="test",
        created="",
        config="c",
        build=BUILD.model_dump_json(),
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


def line_of(row: Row) -> str:
    return json.dumps({"id": row.id, "asks": row.question.stem}) + "\n"


def forms(config: BuildConfig) -> Callable[[Row], dict[str, list[str]]]:
    """Write a line per row and form; the real forms are tested where the command is."""
    return lambda row: {form: [line_of(row)] for form in config.export.forms}


def verified(folder: Path, **options: Any) -> Report:
    """Verify as the command line does, beside the whole graph unless told otherwise."""
    beside = {"forms": forms, "graph": Graph(), "whole": partial(WholeGraph, store())} | options
    if beside["graph"] is None:
        del beside["whole"]
    return verify_dataset(folder, **beside)


def made(folder: Path, *rows: Row) -> Path:
    """Write a dataset of these rows, all in train."""
    write_lines(folder / TRAIN, rows)
    write_lines(folder / "evidence/statements.jsonl", STATEMENTS)
    write_lines(folder / "evidence/concepts.jsonl", CONCEPTS.values())
    write_lines(folder / "evidence/hubs.jsonl", [])
    write_lines(folder / "evidence/answers.jsonl", [])
    write_lines(folder / "rejected/rejected-00000.jsonl", [])
    (folder / "sft").mkdir(exist_ok=True)
    (folder / SFT).write_text("".join(line_of(row) for row in rows), encoding="utf-8")
    (folder / "README.md").write_text("A card.", encoding="utf-8")
    (folder / "run").mkdir(exist_ok=True)
    write_manifest(folder, train=len(rows))
    return folder


class Graph:
    """The whole graph that the rows come from."""

    def __init__(self, without: Statement | None = None, **changed: Concept) -> None:
        self.manifest = SimpleNamespace(content="g")
        self._without = without
        self._concepts = list((CONCEPTS | {c.id: c for c in changed.values()}).values())

    def holds(self, subject: str, predicate: str, obj: str, /) -> bool | None:
        gone = self._without
        if gone and (subject, predicate, obj) == (gone.subject, gone.predicate, gone.object):
            return False
        return held(subject, predicate, obj)

    def code_or_none(self, concept_id: str, /) -> int | None:
        codes = [code for code, c in enumerate(self._concepts) if c.id == concept_id]
        return codes[0] if codes else None

    def concept(self, code: int) -> Concept:
        return self._concepts[code]


def codes(report: Report) -> list[tuple[str, str]]:
    return [(failure.id, failure.code) for failure in report.failed]


def test_a_sound_dataset(tmp_path: Path) -> None:
    report = verified(made(tmp_path, ROW, OTHER))
    assert report == Report(rows=2, failed=(), could_not_check={})


def test_from_files_alone_a_denial_is_counted_and_does_not_fail(tmp_path: Path) -> None:
    folder = made(tmp_path, ROW, OTHER)
    alone = verified(folder, graph=None)
    unsure = dict.fromkeys(["distractors", "grounding", "necessity", "unique"], 2)
    assert (alone.rows, alone.failed, alone.could_not_check) == (2, (), unsure)
    assert "the graph does not hold" in alone.unread["grounding"]
    strict = verified(folder, graph=None, strict=True)
    assert Counter(codes(strict)) == dict.fromkeys(
        [(ROW.id, "could-not-check"), (OTHER.id, "could-not-check")], len(unsure)
    )


@pytest.mark.parametrize(
    ("damaged", "code"),
    [
        (with_node(ROW, 1, node("cortex")), "grounding"),
        (with_hop(ROW, 1, forward=False), "grounding"),
        (with_step(ROW, 1, needs=(2,)), "order"),
        (with_conclusion(ROW, text="Cortisol."), "answer"),
        (with_question(ROW, stem="What of lisinopril?"), "bridge-leak"),
        (with_question(ROW, stem="What of angiotensin II?"), "answer-leak"),
        (ROW.model_copy(update={"id": "0" * 32}), "form"),
    ],
)
def test_a_damaged_row_fails_though_ids_and_manifest_were_made_anew(
    tmp_path: Path, damaged: Row, code: str
) -> None:
    report = verified(made(tmp_path, OTHER, damaged))
    assert {failure.id for failure in report.failed} == {damaged.id}
    assert code in {failure.code for failure in report.failed}


def test_what_a_row_says_of_itself_is_not_believed(tmp_path: Path) -> None:
    passed = (Verdict(check="grounding", outcome=Outcome.PASSED),)
    row = with_hop(ROW, 1, forward=False).model_copy(update={"verdicts": passed})
    assert codes(verified(made(tmp_path, row))) == [(row.id, "grounding")]


def test_what_cannot_be_checked_is_counted_and_fails_when_strict(tmp_path: Path) -> None:
    row = with_step(ROW, 1, text="Lisinopril acts on ACE.")
    folder = made(tmp_path, row, OTHER)
    report = verified(folder)
    assert (report.failed, report.could_not_check) == ((), {"grounding": 1})
    strict = verified(folder, strict=True)
    assert codes(strict) == [(row.id, "could-not-check")]
    assert strict.could_not_check == {"grounding": 1}


@pytest.mark.parametrize(
    ("graph", "about", "code"),
    [
        (Graph(INHIBITS), INHIBITS.id, "graph-mismatch"),
        (Graph(STATEMENTS[-1]), STATEMENTS[-1].id, "graph-mismatch"),
        (
            Graph(x=CONCEPTS["T:cortisol"].model_copy(update={"types": ("drug",)})),
            "T:cortisol",
            "graph-mismatch",
        ),
        (
            Graph(x=CONCEPTS["T:bradykinin"].model_copy(update={"names": ()})),
            "T:bradykinin",
            "graph-mismatch",
        ),
    ],
)
def test_with_a_graph_all_that_is_shipped_is_looked_up(
    tmp_path: Path, graph: Graph, about: str, code: str
) -> None:
    assert (about, code) in codes(verified(made(tmp_path, ROW), graph=graph))


def test_a_concept_that_the_graph_does_not_hold(tmp_path: Path) -> None:
    folder = made(tmp_path, ROW)
    more = CONCEPTS["T:cortisol"].model_copy(update={"id": "T:invented"})
    write_lines(folder / "evidence/concepts.jsonl", [*CONCEPTS.values(), more])
    write_manifest(folder, train=1)
    assert codes(verified(folder)) == [("T:invented", "graph-mismatch")]
    assert codes(verified(folder, graph=None)) == []


def test_a_graph_that_is_not_the_datasets_own_is_named_as_such(tmp_path: Path) -> None:
    graph = Graph()
    graph.manifest.content = "another"
    report = verified(made(tmp_path, ROW), graph=graph)
    assert codes(report) == [("manifest.json", "graph-mismatch")]


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
        (lambda f: write_lines(f / "examples/a/x.jsonl", []), "examples/a", "not in the"),
        (lambda f: write_manifest(f, train=2), "manifest.json", "train 1"),
        (lambda f: write_manifest(f, entry(f, TRAIN), train=1), TRAIN, "twice"),
    ],
)
def test_a_file_that_differs_from_the_manifest(
    tmp_path: Path, damage: Callable[[Path], object], where: str, said: str
) -> None:
    folder = made(tmp_path, ROW)
    damage(folder)
    found = {f.id: f for f in verified(folder).failed}
    assert (found[where].check, found[where].code) == ("manifest", "manifest-mismatch")
    assert said in found[where].detail


def test_evidence_that_the_manifest_does_not_list_is_not_read(tmp_path: Path) -> None:
    folder = made(tmp_path, ROW)
    kept = (folder / "evidence").rename(tmp_path / "kept")
    write_manifest(folder, train=1)
    kept.rename(folder / "evidence")
    found = verified(folder).failed
    assert ("evidence/statements.jsonl", "manifest-mismatch") in codes(verified(folder))
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
    report = verified(folder)
    assert report.rows == 1
    assert [f.code for f in report.failed] == ["manifest-mismatch"]
    assert report.failed[0].detail == "The file leads out of the dataset."
    assert report.failed[0].id.isprintable()


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = made(tmp_path / "outside", ROW)
    folder = made(tmp_path / "dataset", OTHER)
    listed = (
        FileEntry(path="examples/test-00000.jsonl", bytes=1, sha256="0"),
        FileEntry(path="rejected/rejected-00000.jsonl", bytes=1, sha256="0"),
    )
    (folder / "examples/test-00000.jsonl").symlink_to(outside / TRAIN)
    (folder / "rejected/rejected-00000.jsonl").unlink()
    (folder / "rejected").rmdir()
    (folder / "rejected").symlink_to(outside / "rejected")
    write_manifest(folder, *listed, train=1)
    report = verified(folder)
    assert report.rows == 1
    assert [(f.id, f.detail) for f in report.failed] == [
        (listed[0].path, "The file is a link."),
        (listed[1].path, "The file lies behind a link or a file."),
        ("rejected", "It lies in the folder and is not in the manifest."),
    ]


def test_a_whole_folder_of_examples_behind_a_link_is_reported(tmp_path: Path) -> None:
    outside = made(tmp_path / "outside", ROW)
    folder = made(tmp_path / "dataset", ROW)
    (folder / TRAIN).unlink()
    (folder / "examples").rmdir()
    (folder / "examples").symlink_to(outside / "examples")
    report = verified(folder)
    assert report.rows == 0
    assert {(TRAIN, "manifest-mismatch"), ("examples", "manifest-mismatch")} <= set(codes(report))


def test_a_named_pipe_does_not_keep_it_waiting(tmp_path: Path) -> None:
    folder = made(tmp_path, ROW)
    (folder / TRAIN).unlink()
    os.mkfifo(folder / TRAIN)
    assert "not a plain file" in verified(folder).failed[0].detail


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
    report = verified(folder)
    assert report.rows == 2
    assert codes(report) == [(TRAIN, "malformed-row")]
    assert report.failed[0].detail.startswith(f"{TRAIN}, line 2: ")


def test_a_line_beyond_the_limit_is_skipped_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LONGEST_LINE", 2 * len(ROW.to_line()))
    folder = made(tmp_path, ROW, OTHER)
    lines = (folder / TRAIN).read_bytes().splitlines(keepends=True)
    (folder / TRAIN).write_bytes(lines[0] + b"x" * 5 * len(lines[0]) + b"\n" + lines[1])
    write_manifest(folder, train=2)
    report = verified(folder)
    assert report.rows == 2
    assert codes(report) == [(TRAIN, "malformed-row")]
    assert "line 2 is longer" in report.failed[0].detail


def test_a_forged_statement_is_reported_and_not_used(tmp_path: Path) -> None:
    folder = made(tmp_path, ROW)
    forged = [s.model_copy(update={"object": "T:at2"}) if s == INHIBITS else s for s in STATEMENTS]
    write_lines(folder / "evidence/statements.jsonl", forged)
    write_manifest(folder, train=1)
    assert codes(verified(folder)) == [
        (INHIBITS.id, "evidence-mismatch"),
        (ROW.id, "grounding"),
    ]


def test_the_same_row_twice(tmp_path: Path) -> None:
    report = verified(made(tmp_path, ROW, ROW))
    assert codes(report) == [(ROW.id, "duplicate-row")]


def test_a_strangers_text_is_made_safe_to_print(tmp_path: Path) -> None:
    row = ROW.model_copy(update={"id": "\x1b[31mred\u202e" + "x" * 10_000})
    found = verified(made(tmp_path, row)).failed[0]
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
        verified(folder)


def test_a_manifest_behind_a_link_is_refused(tmp_path: Path) -> None:
    folder = made(tmp_path / "dataset", ROW)
    (folder / "manifest.json").rename(tmp_path / "elsewhere.json")
    (folder / "manifest.json").symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(DatasetError, match=r"manifest\.json is a link"):
        verified(folder)


# --- a stranger's dataset -----------------------------------------------------------------------

POISON = b'{"poison":1}\n'
TEST = "examples/test-00000.jsonl"
APART = OTHER.model_copy(update={"groups": ("T:other",), "split": "test"})


def put(folder: Path, path: str, content: bytes) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(content)


def listing(folder: Path, path: str, content: bytes) -> None:
    """Put a file there and list it as the dataset's own."""
    put(folder, path, content)
    write_manifest(folder, train=1)


def split(folder: Path, train: Row, test: Row) -> None:
    made(folder, train)
    write_lines(folder / TEST, [test])
    put(folder, "sft/test-00000.jsonl", line_of(test).encode())
    write_manifest(folder, train=1, test=1)


def evidence(folder: Path, path: str, records: Iterable[Record]) -> None:
    write_lines(folder / path, records)
    write_manifest(folder, train=1)


def corruption(text: str) -> Row:
    true = Corruption(name="none", step=1, text=text, answer="B", proof="I say so.")
    return path_row(corruptions=(true,))


STRANGERS: dict[str, tuple[Callable[[Path], object], tuple[str, str, str]]] = {
    "an unlisted trainer's file": (
        lambda f: put(f, "sft/test-00000.jsonl", POISON),
        ("sft/test-00000.jsonl", "manifest", "manifest-mismatch"),
    ),
    "a listed trainer's file that no row gives": (
        lambda f: listing(f, "sft/test-00000.jsonl", POISON),
        ("sft/test-00000.jsonl", "manifest", "form-mismatch"),
    ),
    "a line more in a trainer's file": (
        lambda f: listing(f, SFT, line_of(ROW).encode() + POISON),
        (SFT, "manifest", "form-mismatch"),
    ),
    "another line in a trainer's file": (
        lambda f: listing(f, SFT, POISON),
        (SFT, "manifest", "form-mismatch"),
    ),
    "a line less in a trainer's file": (
        lambda f: listing(f, SFT, b""),
        (SFT, "manifest", "form-mismatch"),
    ),
    "a line without its end": (
        lambda f: listing(f, SFT, line_of(ROW).encode()[:-1]),
        (SFT, "manifest", "form-mismatch"),
    ),
    "no trainer's file at all": (
        lambda f: ((f / SFT).unlink(), write_manifest(f, train=1)),
        ("sft", "manifest", "form-mismatch"),
    ),
    "a trainer's line that is too long": (
        lambda f: listing(f, SFT, b"x" * (files.LONGEST_LINE + 1)),
        (SFT, "manifest", "form-mismatch"),
    ),
    "a folder for a form that was not asked for": (
        lambda f: listing(f, "dpo/train-00000.jsonl", POISON),
        ("dpo/train-00000.jsonl", "manifest", "manifest-mismatch"),
    ),
    "listed rows below where rows are read": (
        lambda f: listing(f, "examples/more/train-00001.jsonl", ROW.to_line().encode()),
        ("examples/more/train-00001.jsonl", "manifest", "manifest-mismatch"),
    ),
    "listed rows in a file with another name": (
        lambda f: listing(f, "examples/train.jsonl", ROW.to_line().encode()),
        ("examples/train.jsonl", "manifest", "manifest-mismatch"),
    ),
    "an unlisted file of another kind": (
        lambda f: put(f, "examples/train.parquet", POISON),
        ("examples/train.parquet", "manifest", "manifest-mismatch"),
    ),
    "an unlisted file beside the manifest": (
        lambda f: put(f, "data.jsonl", POISON),
        ("data.jsonl", "manifest", "manifest-mismatch"),
    ),
    "a listed file beside the manifest": (
        lambda f: listing(f, "data.jsonl", POISON),
        ("data.jsonl", "manifest", "manifest-mismatch"),
    ),
    "a whole unlisted folder": (
        lambda f: put(f, "more/deep/down.jsonl", POISON),
        ("more", "manifest", "manifest-mismatch"),
    ),
    "a file in place of the runs": (
        lambda f: ((f / "run").rmdir(), put(f, "run", POISON)),
        ("run", "manifest", "manifest-mismatch"),
    ),
    "a link that is not listed": (
        lambda f: (f / "evidence/x").symlink_to("/etc/passwd"),
        ("evidence/x", "manifest", "manifest-mismatch"),
    ),
    "a name that is no text": (
        lambda f: (f / os.fsdecode(b"\xff\xfe")).write_bytes(POISON),
        ("??", "manifest", "manifest-mismatch"),
    ),
    "a row that says another split": (
        lambda f: made(f, ROW.model_copy(update={"split": "test"})),
        (ROW.id, "split", "wrong-split"),
    ),
    "a group in two splits": (
        lambda f: split(f, ROW, APART.model_copy(update={"groups": ("T:x", *ROW.groups)})),
        (ROW.id, "split", "group-straddles-splits"),
    ),
    "a corruption that is the true step": (
        lambda f: made(f, corruption(ROW.trace.steps[1].text)),
        (ROW.id, "form", "form"),
    ),
    "a corruption that is the true step in other words": (
        lambda f: made(f, corruption("Zestril blocks ACE.")),
        (ROW.id, "grounding", "grounding"),
    ),
    "a statement twice": (
        lambda f: evidence(f, "evidence/statements.jsonl", (*STATEMENTS, INHIBITS)),
        (INHIBITS.id, "evidence", "evidence-mismatch"),
    ),
    "a concept twice": (
        lambda f: evidence(f, "evidence/concepts.jsonl", (*CONCEPTS.values(), CONCEPTS["T:ace"])),
        ("T:ace", "evidence", "evidence-mismatch"),
    ),
    "a statement that denies what its relation does not": (
        lambda f: evidence(
            f,
            "evidence/statements.jsonl",
            [s.model_copy(update={"negative": True}) for s in STATEMENTS],
        ),
        (INHIBITS.id, "evidence", "evidence-mismatch"),
    ),
    "a statement that does not deny what its relation does": (
        lambda f: evidence(
            f,
            "evidence/statements.jsonl",
            [s.model_copy(update={"negative": False}) for s in STATEMENTS],
        ),
        (STATEMENTS[4].id, "evidence", "evidence-mismatch"),
    ),
    "a hub that is none": (
        lambda f: listing(f, "evidence/hubs.jsonl", POISON),
        ("evidence/hubs.jsonl", "form", "malformed-row"),
    ),
    "a rejected row that is not counted": (
        lambda f: listing(
            f,
            "rejected/rejected-00000.jsonl",
            b'{"id":"x","stage":"s","code":"c","detail":"","content":{}}\n',
        ),
        ("manifest.json", "manifest", "manifest-mismatch"),
    ),
    "a name that is too long": (
        lambda f: write_manifest(
            f, FileEntry(path=f"examples/{'x' * 5000}-00000.jsonl", bytes=1, sha256="0"), train=1
        ),
        (f"examples/{'x' * 488}...", "manifest", "manifest-mismatch"),
    ),
    "a path that is too deep": (
        lambda f: write_manifest(
            f, FileEntry(path="a/" * 5000 + "x.jsonl", bytes=1, sha256="0"), train=1
        ),
        ("a/" * 248 + "a...", "manifest", "manifest-mismatch"),
    ),
    "another number of lines than listed": (
        lambda f: write_manifest_with(f, rows_of_train=3),
        (TRAIN, "manifest", "manifest-mismatch"),
    ),
    "a build file that is none": (
        lambda f: write_manifest_with(f, build='{"poison":1}'),
        ("manifest.json", "manifest", "manifest-mismatch"),
    ),
}


def write_manifest_with(
    folder: Path, *, build: str | None = None, rows_of_train: int | None = None
) -> None:
    path = folder / "manifest.json"
    manifest = Manifest.model_validate_json(path.read_bytes())
    entries = tuple(
        e.model_copy(update={"rows": rows_of_train}) if e.path == TRAIN else e
        for e in manifest.files
    )
    changed = {"files": entries, "build": build or manifest.build}
    path.write_text(manifest.model_copy(update=changed).model_dump_json(), encoding="utf-8")


@pytest.mark.parametrize("stranger", STRANGERS)
def test_a_strangers_dataset(stranger: str, tmp_path: Path) -> None:
    folder = made(tmp_path, ROW)
    assert verified(folder).failed == ()
    damage, expected = STRANGERS[stranger]
    damage(folder)
    report = verified(folder)
    assert expected in [(f.id, f.check, f.code) for f in report.failed]
    for failure in report.failed:
        assert (failure.id + failure.detail).isprintable()
        assert failure.code in REASONS.keys() | CHECKS.keys()


def test_two_splits_that_share_nothing_pass(tmp_path: Path) -> None:
    split(tmp_path, ROW, APART)
    assert verified(tmp_path) == Report(rows=2, failed=(), could_not_check={})


def test_rows_and_lines_over_several_files_are_read_in_order(tmp_path: Path) -> None:
    folder = made(tmp_path, ROW)
    rows = [with_question(ROW, stem=f"Number {n}: which hormone?") for n in range(12)]
    (folder / SFT).unlink()
    for number, row in enumerate(rows):
        write_lines(folder / f"examples/train-{number:05d}.jsonl", [row])
    for number in range(3):
        lines = "".join(line_of(row) for row in rows[4 * number : 4 * number + 4])
        put(folder, f"sft/train-{number:05d}.jsonl", lines.encode())
    write_manifest(folder, train=len(rows))
    assert verified(folder) == Report(rows=12, failed=(), could_not_check={})


def test_the_first_difference_is_named_with_its_line(tmp_path: Path) -> None:
    folder = made(tmp_path, ROW, OTHER)
    put(folder, SFT, line_of(ROW).encode() + POISON)
    write_manifest(folder, train=2)
    (failure,) = verified(folder).failed
    assert failure.detail == f"{SFT}, line 2 is not the one that row {OTHER.id} gives."


def test_without_a_writer_of_forms_their_files_could_not_be_checked(tmp_path: Path) -> None:
    folder = made(tmp_path, ROW)
    report = verified(folder, forms=None)
    assert (report.failed, report.could_not_check) == ((), {"manifest": 1})
    assert codes(verified(folder, forms=None, strict=True)) == [(SFT, "could-not-check")]


def test_a_row_that_no_form_can_be_made_of_is_a_failure_and_no_traceback(tmp_path: Path) -> None:
    def broken(config: BuildConfig) -> Callable[[Row], dict[str, list[str]]]:
        return lambda row: {"sft": [str(1 / 0)]}

    (failure,) = verified(made(tmp_path, ROW), forms=broken).failed
    assert (failure.code, failure.detail.split()[-1]) == ("form-mismatch", "ZeroDivisionError.")


def test_a_form_that_is_not_known_here_is_a_failure(tmp_path: Path) -> None:
    report = verified(made(tmp_path, ROW), forms=lambda config: lambda row: {})
    assert codes(report) == [(SFT, "form-mismatch")]


# --- files that cannot be read -------------------------------------------------------------------


def test_a_file_that_may_not_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = made(tmp_path, ROW)
    whole = os.open

    def refused(path: Any, flags: int, *rest: Any, **options: Any) -> int:
        if path == Path(TRAIN).name:
            raise PermissionError(errno.EACCES, "Permission denied")
        return whole(path, flags, *rest, **options)

    monkeypatch.setattr(os, "open", refused)
    found = {f.id: f.detail for f in verified(folder).failed}
    assert found[TRAIN] == "The file cannot be read: Permission denied."


def test_a_folder_that_may_not_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = made(tmp_path, ROW)
    whole = os.open

    def refused(path: Any, flags: int, *rest: Any, **options: Any) -> int:
        if path in ("examples", "evidence", "rejected", "sft"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return whole(path, flags, *rest, **options)

    monkeypatch.setattr(os, "open", refused)
    report = verified(folder)
    assert report.rows == 0
    assert (TRAIN, "manifest-mismatch") in codes(report)
    assert (".", "manifest-mismatch") in codes(report)


class Worn(io.BytesIO):
    """A file that can be opened and not read to its end."""

    def read(self, *_: Any) -> bytes:
        raise OSError(errno.EIO, "Input/output error")

    readline = read

    def fileno(self) -> int:
        return 0


@pytest.mark.parametrize("path", [TRAIN, SFT, "evidence/statements.jsonl", "manifest.json"])
def test_a_file_that_breaks_off_under_the_reader(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = made(tmp_path, ROW)
    whole = files.open_inside

    def worn(top: Path, asked: str) -> Any:
        return Worn() if asked == path else whole(top, asked)

    monkeypatch.setattr(files, "open_inside", worn)
    monkeypatch.setattr(dataset, "open_inside", worn)
    if path == "manifest.json":
        with pytest.raises(DatasetError, match="Input/output error"):
            verified(folder)
    else:
        details = [f.detail for f in verified(folder).failed if f.id == path]
        assert any("Input/output error" in detail for detail in details)


@pytest.mark.parametrize("name", ["x" * 5_000, "a\0b"])
def test_a_folder_with_an_impossible_name(name: str, tmp_path: Path) -> None:
    with pytest.raises(DatasetError):
        verified(tmp_path / name)


def test_nothing_but_plain_files_inside_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = made(tmp_path / "outside", ROW)
    folder = made(tmp_path / "dataset", OTHER)
    (folder / TRAIN).unlink()
    os.mkfifo(folder / TRAIN)
    (folder / SFT).unlink()
    (folder / SFT).symlink_to(outside / SFT)
    opened: list[str] = []
    whole = os.open

    def noted(path: Any, flags: int, *rest: Any, **options: Any) -> int:
        opened.append(Path(path).name)
        return whole(path, flags, *rest, **options)

    monkeypatch.setattr(os, "open", noted)
    verified(folder)
    assert "statements.jsonl" in opened
    assert Path(TRAIN).name not in opened


# --- whatever a stranger writes -------------------------------------------------------------------


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_whatever_bytes_lie_there_a_report_comes_back(data: st.DataObject, tmp_path: Path) -> None:
    folder = made(tmp_path, ROW)
    path = data.draw(st.sampled_from([TRAIN, SFT, *files.EVIDENCE]))
    content = (folder / path).read_bytes()
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, len(content)))
    junk = data.draw(st.binary(max_size=20) | st.text(max_size=20).map(str.encode))
    put(folder, path, content[:start] + junk + content[end:])
    unlisted = verified(folder, graph=None)
    write_manifest(folder, train=1)
    listed = verified(folder, graph=None)
    for report in (unlisted, listed):
        assert all((f.id + f.detail).isprintable() for f in report.failed)
    if (folder / path).read_bytes() != content:
        assert (path, "manifest-mismatch") in codes(unlisted)


@given(st.text())
def test_what_is_printed_of_a_stranger_is_one_plain_line(text: str) -> None:
    for one in (text, text + "\u2028\u2029\x85", "x" * 1_000 + text):
        assert dataset._plain(one).isprintable()
        assert len(dataset._plain(one)) <= dataset.LONGEST_DETAIL
