"""The readers of questions: each record is kept or quarantined with its code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgsynth.errors import SourceError
from kgsynth.questions import READERS, read_questions
from kgsynth.reasons import REASONS

GOOD: dict[str, Any] = {
    "id": "q1",
    "stem": "Which drug?",
    "options": {"A": "losartan", "B": "lisinopril"},
    "key": "B",
    "concepts": ["KGMINI:agtr1"],
}


def write(path: Path, *records: object) -> Path:
    lines = [r if isinstance(r, str) else json.dumps(r) for r in records]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def without(*fields: str, **changes: Any) -> dict[str, Any]:
    return {k: v for k, v in {**GOOD, **changes}.items() if k not in fields}


# --- what is read --------------------------------------------------------------------------


def test_a_question_as_it_stands(tmp_path: Path) -> None:
    record = {**GOOD, "language": "es", "split": "dev"}
    (question,), quarantined = read_questions("jsonl", write(tmp_path / "exam.jsonl", record))
    assert quarantined == ()
    assert (question.id, question.origin, question.origin_split) == ("q1", "exam", "dev")
    assert (question.language, question.concepts) == ("es", ("KGMINI:agtr1",))
    assert [(o.label, o.text) for o in question.options] == [("A", "losartan"), ("B", "lisinopril")]
    assert question.answer().text == "lisinopril"


def test_only_stem_options_and_key_must_be_there(tmp_path: Path) -> None:
    record = without("id", "concepts")
    (question,), _ = read_questions("jsonl", write(tmp_path / "exam.jsonl", record))
    assert (question.origin_split, question.language, question.concepts) == ("unknown", "en", ())


def test_an_id_made_of_the_content_is_stable(tmp_path: Path) -> None:
    first = without("id")
    second = without("id", stem="Which other drug?")
    one = read_questions("jsonl", write(tmp_path / "a.jsonl", first, second)).questions
    other = read_questions("jsonl", write(tmp_path / "b.jsonl", second, first)).questions
    assert [q.id for q in one] == [q.id for q in reversed(other)]
    assert one[0].id != one[1].id


def test_a_number_serves_as_id_and_blank_lines_hold_nothing(tmp_path: Path) -> None:
    found = read_questions("jsonl", write(tmp_path / "a.jsonl", "", without(id=7), "  "))
    assert [q.id for q in found.questions] == ["7"]
    assert found.quarantined == ()


def test_a_line_separator_inside_a_stem_parts_no_lines(tmp_path: Path) -> None:
    line = json.dumps(without(stem="Which\u2028drug?"), ensure_ascii=False)
    found = read_questions("jsonl", write(tmp_path / "a.jsonl", line))
    assert found.questions[0].stem == "Which\u2028drug?"


# --- what is quarantined -------------------------------------------------------------------

HUGE = "1" * 5000


@pytest.mark.parametrize(
    ("record", "code", "said"),
    [
        (without("key"), "missing-key", "the field 'key' is missing or empty"),
        (without(key=None), "missing-key", "the field 'key' is missing or empty"),
        (without(key=" "), "missing-key", "the field 'key' is missing or empty"),
        (without(key="C"), "answer-not-among-options", "the key is 'C'; the options are A, B."),
        (without(key="b"), "answer-not-among-options", "the key is 'b'"),
        (without("stem"), "malformed-question", "the field 'stem' is missing"),
        (without(stem=" "), "malformed-question", "the field 'stem'"),
        (without("options"), "malformed-question", "the field 'options' is missing"),
        (without(options=["a", "b"]), "malformed-question", "the field 'options'"),
        (without(options={"B": "x"}), "malformed-question", "the field 'options'"),
        (without(options={"A": "x", "B": 3}), "malformed-question", "the field 'options.B'"),
        (without(options={"A": "x", "B": "X "}), "malformed-question", "A and B say the same"),
        (without(key=2), "malformed-question", "the field 'key'"),
        (without(id=True), "malformed-question", "the field 'id'"),
        (without(concepts="x"), "malformed-question", "the field 'concepts'"),
        (without(language="English"), "malformed-question", "the field 'language'"),
        (without(split="val"), "malformed-question", "the field 'split'"),
        (without(langauge="es"), "malformed-question", "Did you mean 'language'?"),
        (without(stem="\ud800"), "malformed-question", "the field 'stem'"),
        ("[1]", "malformed-question", "it is not a JSON object"),
        ('{"id": x', "malformed-question", "column 8 is not valid JSON"),
        ('{"key": "A", "key": "B"}', "malformed-question", "the field 'key' stands twice"),
        ('{"id": ' + HUGE + "}", "malformed-question", "it is not JSON that can be read"),
        ("[" * 100_000, "malformed-question", "it is not JSON that can be read"),
        (without(id="q2"), "duplicate-stem", "the same stem stands on line 1"),
        (without(id="q2", stem="which  DRUG?"), "duplicate-stem", "stands on line 1"),
        (without(stem="Another?"), "malformed-question", "the id 'q1' stands on line 1 too"),
    ],
)
def test_a_line_that_cannot_serve(tmp_path: Path, record: object, code: str, said: str) -> None:
    found = read_questions("jsonl", write(tmp_path / "exam.jsonl", GOOD, record))
    assert [q.id for q in found.questions] == ["q1"]
    (rejected,) = found.quarantined
    assert (rejected.stage, rejected.code) == ("questions", code)
    assert rejected.detail.startswith("exam.jsonl, line 2: ")
    assert said in rejected.detail
    assert rejected.content["line"] == 2
    assert json.loads(rejected.to_line())["code"] in REASONS


def test_what_was_quarantined_is_kept_as_it_stood(tmp_path: Path) -> None:
    line = '{"stem": "Which?", '
    found = read_questions("jsonl", write(tmp_path / "exam.jsonl", GOOD, line))
    assert found.quarantined[0].content["text"] == line.strip()


VALUE = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=3), st.just({"A": "x"}))
RECORD = st.dictionaries(st.sampled_from([*GOOD, "language", "split", "x"]), VALUE)
LINE = st.one_of(
    RECORD.map(lambda given: json.dumps({**GOOD, **given})),
    st.text(max_size=12).map(lambda text: text.replace("\n", "")),
)


@settings(max_examples=150, deadline=None)
@given(lines=st.lists(LINE, max_size=8))
def test_records_in_are_questions_and_quarantined(
    lines: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = write(tmp_path_factory.mktemp("any") / "q.jsonl", GOOD, *lines)
    found = read_questions("jsonl", path)
    records = [line for line in lines if line.strip()]
    assert len(found.questions) + len(found.quarantined) == 1 + len(records)
    for rejected in found.quarantined:
        rejected.to_line()


# --- what is refused -----------------------------------------------------------------------


def refused(path: Path) -> str:
    with pytest.raises(SourceError) as caught:
        read_questions("jsonl", path)
    assert caught.value.remedy
    return str(caught.value)


def test_missing_file_folder_and_empty_file(tmp_path: Path) -> None:
    assert "There is no question file" in refused(tmp_path / "gone.jsonl")
    assert "is a folder" in refused(tmp_path)
    empty = tmp_path / "empty.jsonl"
    empty.write_bytes(b"\n\n")
    assert "holds no questions: it is empty" in refused(empty)


def test_a_file_that_is_not_jsonl(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text("stem,key\nWhich?,A\n")
    assert "line 1: column 1 is not valid JSON" in refused(path)


def test_a_file_of_quarantined_records_only_is_read(tmp_path: Path) -> None:
    found = read_questions("jsonl", write(tmp_path / "q.jsonl", without("key")))
    assert (found.questions, len(found.quarantined)) == ((), 1)


def test_broken_utf8_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_bytes(json.dumps(GOOD).encode() + b"\n\xff")
    assert "line 2 is not UTF-8" in refused(path)


def test_unknown_kind_names_the_nearest() -> None:
    with pytest.raises(SourceError, match="Did you mean 'jsonl'"):
        read_questions("json", Path("x"))


@pytest.mark.parametrize("kind", sorted(READERS))
def test_every_reader_refuses_a_missing_path(kind: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        READERS[kind](tmp_path / "gone")
