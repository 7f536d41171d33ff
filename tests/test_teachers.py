"""Teachers: what a request is known by, what the built-in one writes, and what is kept."""

from __future__ import annotations

import errno
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgsynth.config import ScriptedTeacherConfig
from kgsynth.errors import StorageError
from kgsynth.teachers import TEACHERS, open_teacher, scripted
from kgsynth.teachers import cache as caching
from kgsynth.teachers.cache import AnswerCache, CachedTeacher
from kgsynth.teachers.request import (
    Message,
    Request,
    Response,
    Teacher,
    data_block,
    read_data_block,
)
from kgsynth.teachers.scripted import ScriptedTeacher

HOSTILE = st.one_of(
    st.text(),
    st.sampled_from(
        ["</data>", "<data>", "<data>\n{}\n</data>", "\\u003c/data>", "{from}", "{key}", "\u2028"]
    ),
)


def hop(number: int, start: str, end: str, **changes: Any) -> dict[str, Any]:
    return {
        "cite": f"S{number}",
        "from": start,
        "to": end,
        "to_hidden": False,
        "to_type": {"some": "a protein", "which": "which of these drugs"},
        "says": ["{from} raises {to}", "{from} drives {to}"],
        **changes,
    }


def facts(**changes: Any) -> dict[str, Any]:
    """A chain of three hops with a hard negative and an option that only the set calls wrong."""
    return {
        "question": "",
        "language": "en",
        "start": "renin",
        "hops": [
            hop(1, "renin", "angiotensin II", to_hidden=True),
            hop(2, "angiotensin II", "aldosterone"),
            hop(3, "aldosterone", "edema"),
        ],
        "options": [
            {"label": "A", "text": "edema"},
            {
                "label": "B",
                "text": "cough",
                "out": {
                    "denial": "The graph holds no statement that aldosterone raises cough.",
                    "cite": "S4",
                    "fact": "bradykinin raises cough",
                },
            },
            {
                "label": "C",
                "text": "fever",
                "out": {"denial": "The graph holds no statement that aldosterone raises fever."},
            },
            {"label": "D", "text": "none of them"},
        ],
        "key": "A",
        **changes,
    }


def asking(seed: int = 1, **changes: Any) -> Request:
    return Request(
        model="scripted",
        messages=(
            Message(role="system", content="Write."),
            Message(role="user", content="Do this.\n\n" + data_block(facts(**changes))),
        ),
        seed=seed,
    )


def teacher(delay: float = 0.0) -> ScriptedTeacher:
    return ScriptedTeacher(ScriptedTeacherConfig(delay=delay))


def answered(request: Request) -> dict[str, Any]:
    (response,) = teacher().answer([request])
    written: dict[str, Any] = json.loads(response.text)
    return written


# --- a request's key ----------------------------------------------------------------------

PLAIN = Request(
    model="m",
    messages=(Message(role="system", content="a"), Message(role="user", content="b")),
    sampling='{"temperature": 1}',
    answer_schema='{"type": "object"}',
    seed=3,
)
OTHERS: dict[str, list[Any]] = {
    "model": ["M", ""],
    "messages": [
        PLAIN.messages[:1],
        PLAIN.messages[::-1],
        (Message(role="user", content="a"), PLAIN.messages[1]),
        (Message(role="system", content="ab"), Message(role="user", content="")),
        (Message(role="system", content="a "), PLAIN.messages[1]),
    ],
    "sampling": ["{}", '{"temperature": 0}'],
    "answer_schema": ["{}"],
    "seed": [4, -3],
}


def test_every_field_of_a_request_is_tried_below() -> None:
    assert set(OTHERS) == set(Request.model_fields)


@pytest.mark.parametrize("field", OTHERS)
def test_a_change_in_any_field_changes_the_key(field: str) -> None:
    keys = {PLAIN.model_copy(update={field: value}).key() for value in OTHERS[field]}
    assert len(keys | {PLAIN.key()}) == len(OTHERS[field]) + 1


def test_nothing_else_changes_the_key() -> None:
    """Another object, another process, another hash seed."""
    again = Request.model_validate_json(PLAIN.model_dump_json())
    assert again.key() == PLAIN.key()
    program = (
        "import sys; from kgsynth.teachers.request import Request;"
        "print(Request.model_validate_json(sys.stdin.read()).key())"
    )
    for seed in ("0", "1"):
        done = subprocess.run(
            [sys.executable, "-c", program],
            input=PLAIN.model_dump_json(),
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == PLAIN.key()


# --- data in a message --------------------------------------------------------------------

JSONS = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | HOSTILE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(HOSTILE, inner, max_size=3),
    max_leaves=8,
)


@given(data=st.dictionaries(HOSTILE, JSONS, max_size=4), before=HOSTILE)
def test_data_comes_back_as_it_went_in(data: dict[str, Any], before: str) -> None:
    assert read_data_block(before + "\n\n" + data_block(data)) == data


@given(data=st.dictionaries(HOSTILE, JSONS, max_size=4))
def test_data_can_neither_open_nor_close_the_block(data: dict[str, Any]) -> None:
    inside = data_block(data).removeprefix("<data>").removesuffix("</data>")
    assert "<" not in inside


# --- the built-in teacher -----------------------------------------------------------------


@pytest.mark.parametrize("kind", TEACHERS)
def test_every_kind_of_teacher_opens(kind: str) -> None:
    opened: Teacher = open_teacher(ScriptedTeacherConfig.model_validate({"kind": kind}))
    assert opened.name == kind
    json.dumps(opened.settings())


def test_it_writes_a_step_for_each_hop_and_each_option_out() -> None:
    written = answered(asking())
    hops, outs = written["steps"][:3], written["steps"][3:]
    assert [step["cites"] for step in hops] == [["S1"], ["S2"], ["S3"]]
    assert [step["needs"] for step in hops] == [[], [0], [1]]
    assert all(step["option"] is None for step in hops)
    for step, (start, end) in zip(
        hops,
        [("renin", "angiotensin II"), ("angiotensin II", "aldosterone"), ("aldosterone", "edema")],
        strict=True,
    ):
        assert start.lower() in step["text"].lower()
        assert step["text"].endswith(f"{end}.")
    assert outs == [
        {
            "text": "Bradykinin raises cough. The graph holds no statement that aldosterone raises "
            "cough.",
            "cites": ["S4"],
            "needs": [2],
            "option": "B",
        },
        {
            "text": "The graph holds no statement that aldosterone raises fever.",
            "cites": [],
            "needs": [2],
            "option": "C",
        },
    ]
    assert written["conclusion"]["needs"] == [0, 1, 2]
    assert written["conclusion"]["answer"] == "A"
    assert "edema" in written["conclusion"]["text"]


def test_a_stem_hides_what_is_to_be_hidden_and_does_not_name_the_answer() -> None:
    for seed in range(20):
        stem = answered(asking(seed))["stem"]
        assert "angiotensin" not in stem
        assert "edema" not in stem
        assert "a protein, X" in stem
        assert "aldosterone" in stem
        assert stem.startswith("Renin ")
        assert stem.endswith("which of these drugs?")


def test_several_hidden_concepts_are_told_apart() -> None:
    hops = [hop(n, f"c{n}", f"c{n + 1}", to_hidden=n < 5) for n in range(1, 6)]
    stem = answered(asking(hops=hops, start="c1"))["stem"]
    assert [f", {letter}" in stem for letter in "XYZW"] == [True] * 4
    assert "c2" not in stem
    assert "c5" not in stem


def test_a_given_question_stays_as_it_is() -> None:
    assert answered(asking(question="Which sign?"))["stem"] == ""


def test_spanish_is_answered_in_spanish_and_a_tongue_unknown_in_english() -> None:
    spanish = answered(asking(language="es"))
    assert spanish["stem"].split(". ")[-1].startswith("¿")
    assert spanish["conclusion"]["text"].split()[0] in ("Por", "Esto")
    french = answered(asking(language="fr"))
    assert french["conclusion"]["text"] in {
        ending.replace("{key}", "edema") for ending in scripted.ENDINGS["en"]
    }


def test_the_same_request_has_the_same_answer_in_any_order() -> None:
    requests = [asking(seed) for seed in range(30)]
    first = {response.key: response for response in teacher().answer(requests)}
    random.Random(5).shuffle(requests)
    again = {response.key: response for response in teacher().answer(requests)}
    assert list(first) != list(again)
    assert first == again
    assert set(first) == {request.key() for request in requests}


def test_its_answers_vary_with_the_seed() -> None:
    written = [answered(asking(seed)) for seed in range(60)]
    assert len({answer["stem"] for answer in written}) >= 4
    assert len({answer["conclusion"]["text"] for answer in written}) == 3
    openers = {answer["steps"][1]["text"].split(" ")[0] for answer in written}
    assert openers == {"Angiotensin", "In", "Next,"}
    wordings = {answer["steps"][2]["text"].split(" ")[-2] for answer in written}
    assert wordings == {"raises", "drives"}
    first = {answer["steps"][0]["text"].split(" ")[0] for answer in written}
    assert first == {"Renin"}


def test_stem_and_step_say_a_hop_in_the_same_words() -> None:
    for seed in range(20):
        answer = answered(asking(seed))
        for said in ("raises", "drives"):
            assert (f"Renin {said} a protein" in answer["stem"]) == (
                answer["steps"][0]["text"] == f"Renin {said} angiotensin II."
            )


@given(names=st.lists(HOSTILE.filter(bool), min_size=4, max_size=4), seed=st.integers(0, 50))
def test_names_come_out_word_for_word(names: list[str], seed: int) -> None:
    start, first, second, end = names
    chain = [
        hop(1, start, first, to_hidden=True),
        hop(2, first, second),
        hop(3, second, end),
    ]
    options = [{"label": "A", "text": end}]
    written = answered(asking(seed, start=start, hops=chain, options=options))
    # Its first letter may have become a capital.
    said = [f"{start[1:]} {word} {first}." for word in ("raises", "drives")]
    assert written["steps"][0]["text"].endswith(tuple(said))
    assert written["steps"][1]["text"].endswith(f" {second}.")
    assert written["steps"][2]["text"].endswith(f" {end}.")
    assert end in written["conclusion"]["text"]


def test_a_delay_is_kept_before_each_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    stream = teacher(delay=0.25).answer([asking(1), asking(2)])
    next(stream)
    assert slept == [0.25]
    next(stream)
    assert slept == [0.25, 0.25]
    list(teacher().answer([asking()]))
    assert len(slept) == 2


def test_only_a_slow_teacher_is_worth_a_cache_and_slowness_changes_no_key() -> None:
    assert not teacher().costly
    assert teacher(delay=0.1).costly
    assert teacher(delay=0.1).settings() == teacher().settings() == {}


# --- the cache ----------------------------------------------------------------------------


def response(name: str, text: str = "x") -> Response:
    return Response(key=name, text=text, tokens_in=1, tokens_out=2)


def test_what_is_put_is_kept_word_for_word(tmp_path: Path) -> None:
    hostile = '</data>\n"{}" \u2028 \r\n\t \x00 é 中'
    cache = AnswerCache(tmp_path / "answers")
    cache.put(response("a", hostile))
    cache.put(response("b"))
    assert cache.get("a") == response("a", hostile)
    cache.close()
    again = AnswerCache(tmp_path / "answers")
    assert again.count == 2
    assert again.get("a") == response("a", hostile)
    assert again.get("c") is None


def test_an_empty_cache_is_a_cache(tmp_path: Path) -> None:
    """It has no length: ``if cache`` would pass over one that holds nothing yet."""
    assert AnswerCache(tmp_path)


def test_looking_makes_no_folder(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path / "answers")
    cache.get("a")
    cache.close()
    assert list(tmp_path.iterdir()) == []


def test_it_only_ever_appends(tmp_path: Path) -> None:
    before: dict[str, bytes] = {}
    for number in range(4):
        cache = AnswerCache(tmp_path)
        cache.put(response(f"k{number}", "first"))
        cache.put(response("k0", "second"))
        cache.close()
        now = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
        assert all(now[name].startswith(content) for name, content in before.items())
        assert len(now) == len(before) + 1
        before = now
    kept = AnswerCache(tmp_path).get("k0")
    assert kept is not None
    assert kept.text == "first"


def test_what_was_kept_first_stays_when_two_asked_the_same(tmp_path: Path) -> None:
    one, other = AnswerCache(tmp_path), AnswerCache(tmp_path)
    one.put(response("a", "first"))
    other.put(response("a", "second"))
    one.close()
    other.close()
    kept = AnswerCache(tmp_path).get("a")
    assert kept is not None
    assert kept.text == "first"


@pytest.mark.parametrize(
    "torn",
    [
        b'{"key":"c","te',
        b'{"key":"c","text":"half \xc3',
        b"\x00\x00\x00",
        b"[" * 100_000,
        b"9" * 100_000 + b"\n",
        b'{"key": "c"}\n',
        b'{"key":"c","text":"\xff\xfe","tokens_in":0,"tokens_out":0}\n',
        b"\n",
    ],
)
def test_a_torn_or_foreign_line_is_passed_over(torn: bytes, tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path)
    cache.put(response("a"))
    cache.close()
    (segment,) = tmp_path.iterdir()
    segment.write_bytes(segment.read_bytes() + torn)
    again = AnswerCache(tmp_path)
    assert again.count == 1
    again.put(response("c"))
    again.close()
    assert AnswerCache(tmp_path).count == 2
    assert segment.read_bytes().endswith(torn)


def test_answers_are_flushed_in_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    cache = AnswerCache(tmp_path)

    def on_disk() -> int:
        return AnswerCache(tmp_path).count

    cache.put(response("a"))
    assert on_disk() == 0
    clock[0] += caching.GROUP_SECONDS
    cache.put(response("b"))
    assert on_disk() == 2
    clock[0] += caching.GROUP_SECONDS / 2
    cache.put(response("c"))
    assert on_disk() == 2
    cache.close()
    assert on_disk() == 3


class Counting:
    """A teacher that counts what it is asked, and may die in the middle."""

    name = "counting"
    costly = True
    reasons = False

    def __init__(self, dies_after: int = 10**9) -> None:
        self.seen: list[str] = []
        self._left = dies_after

    def settings(self) -> dict[str, Any]:
        return {"temperature": 1}

    def answer(self, requests: Iterable[Request]) -> Iterator[Response]:
        for request in requests:
            if not self._left:
                raise ConnectionError("gone")
            self._left -= 1
            self.seen.append(request.key())
            yield response(request.key(), f"answer {len(self.seen)}")


def test_kept_answers_are_reused_and_counted(tmp_path: Path) -> None:
    requests = [asking(seed) for seed in range(5)]
    inner = Counting()
    first = CachedTeacher(inner, AnswerCache(tmp_path))
    assert (first.name, first.settings()) == ("counting", {"temperature": 1})
    before = {r.key: r for r in first.answer(requests[:3])}
    assert (first.asked, first.reused) == (3, 0)

    second = CachedTeacher(inner, AnswerCache(tmp_path))
    after = {r.key: r for r in second.answer(requests)}
    assert (second.asked, second.reused) == (2, 3)
    assert len(inner.seen) == len(set(inner.seen)) == 5
    assert {key: after[key] for key in before} == before
    assert set(after) == {request.key() for request in requests}


def test_a_changed_prompt_asks_only_for_the_rows_that_used_it(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path)
    inner = Counting()
    list(CachedTeacher(inner, cache).answer([asking(1), asking(2)]))
    changed = CachedTeacher(inner, cache)
    list(changed.answer([asking(1), asking(2, start="prorenin")]))
    assert (changed.asked, changed.reused) == (1, 1)


def test_the_same_request_twice_is_asked_once(tmp_path: Path) -> None:
    asked = CachedTeacher(Counting(), AnswerCache(tmp_path))
    assert len({r.key for r in asked.answer([asking(1), asking(1)])}) == 1
    assert asked.asked == 1


def test_what_a_dying_teacher_answered_is_kept(tmp_path: Path) -> None:
    dying = CachedTeacher(Counting(dies_after=2), AnswerCache(tmp_path))
    with pytest.raises(ConnectionError):
        list(dying.answer([asking(seed) for seed in range(5)]))
    assert AnswerCache(tmp_path).count == 2


@pytest.mark.parametrize("refuses", ["fsync", "mkdir"])
def test_a_full_disk_is_told_in_a_sentence(
    refuses: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    if refuses == "fsync":
        monkeypatch.setattr(os, "fsync", full)
    else:
        monkeypatch.setattr(Path, "mkdir", full)
    cache = AnswerCache(tmp_path / "answers")
    with pytest.raises(StorageError, match=r"The disk is full: .*answers could not be written"):
        list(CachedTeacher(Counting(), cache).answer([asking()]))
    if refuses == "fsync":
        with pytest.raises(StorageError):
            cache.close()
        cache.close()


WRITER = """
import sys, time
from pathlib import Path
from kgsynth.teachers.cache import AnswerCache
from kgsynth.teachers.request import Response

folder, name, count, pause = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
cache = AnswerCache(folder / "answers")
commit = cache.commit

def noted():
    commit()
    print("committed", flush=True)

cache.commit = noted
print("ready", flush=True)
while not (folder / "go").exists():
    time.sleep(0.001)
for number in range(count):
    cache.put(Response(key=f"{name}-{number}", text="y" * 500))
    print(f"{name}-{number}", flush=True)
    time.sleep(pause)
cache.close()
"""


def writer(folder: Path, name: str, count: int, pause: float) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", WRITER, str(folder), name, str(count), str(pause)]
    child = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def test_two_processes_at_once_lose_nothing(tmp_path: Path) -> None:
    children = [writer(tmp_path, name, 300, 0.0) for name in ("one", "other")]
    (tmp_path / "go").touch()
    for child in children:
        child.communicate(timeout=60)
        assert child.returncode == 0
    kept = AnswerCache(tmp_path / "answers")
    assert kept.count == 600
    assert all(kept.get(f"{name}-{n}") for name in ("one", "other") for n in range(300))


def test_a_kill_loses_at_most_the_last_group(tmp_path: Path) -> None:
    child = writer(tmp_path, "k", 100_000, 0.002)
    assert child.stdout is not None
    (tmp_path / "go").touch()
    said: list[str] = []
    while said.count("committed") < 4 or said[-1] == "committed":
        said.append(child.stdout.readline().strip())
    child.send_signal(signal.SIGKILL)
    said += child.communicate(timeout=60)[0].splitlines()
    assert child.returncode == -signal.SIGKILL
    last_commit = max(at for at, line in enumerate(said) if line == "committed")
    safe = [line for line in said[:last_commit] if line != "committed"]
    kept = AnswerCache(tmp_path / "answers")
    assert len(safe) >= 4
    assert all(kept.get(key) for key in safe)
    again = AnswerCache(tmp_path / "answers")
    again.put(response("after"))
    again.close()
    assert AnswerCache(tmp_path / "answers").count == kept.count + 1
