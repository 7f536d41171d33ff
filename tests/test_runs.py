"""Parts, hashes, plans, the run's folder, `clean`: what they keep and what they refuse."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import kgsynth.runs.hashes
from kgsynth.errors import RunError, RunFolderError, SourceError, StorageError
from kgsynth.runs import (
    Cleaned,
    FileHashes,
    Part,
    PartStore,
    clean,
    open_run,
    part_key,
    read_plan,
    why_changed,
    write_file,
)
from kgsynth.runs.files import ASIDE
from kgsynth.runs.locks import Lock, take
from kgsynth.runs.workspaces import workspace


def in_child(work: Callable[[], object]) -> str:
    """Run ``work`` in a forked process; return its text, or the error's kind and message."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            said = str(work())
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        os.write(writer, said.encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        said = pipe.read().decode()
    os.waitpid(child, 0)
    return said


def killed_child(work: Callable[[], object]) -> None:
    """Run ``work``, which never ends of itself, in a process that is killed when it sleeps."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(writer, 9)
        work()
        os._exit(1)
    os.close(writer)
    assert os.read(reader, 1) == b"k"
    os.close(reader)
    os.kill(child, 9)
    os.waitpid(child, 0)


def ask_to_be_killed() -> None:
    os.write(9, b"k")
    time.sleep(60)


def hello(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "a.txt").write_text("hello")
    (folder / "sub" / "b.bin").write_bytes(b"\0" * 100)


def old(path: Path) -> Path:
    """Date a file back, past the time in which its clock may not tell two writes apart."""
    os.utime(path, ns=(10**18, 10**18))
    return path


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PartStore]:
    with PartStore(tmp_path) as opened:
        yield opened


def never(folder: Path) -> None:
    raise AssertionError(f"a part that is there was built again in {folder}")


def leftovers(output: Path) -> list[str]:
    """Name what a build or publish should not leave behind."""
    return [p.name for p in output.rglob("*") if p.name.startswith(("tmp-", ASIDE))]


# --- whole files -----------------------------------------------------------------------------


def test_a_file_is_replaced_whole_and_a_failed_write_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x"
    write_file(path, "old")
    write_file(path, "new")
    assert path.read_text() == "new"
    monkeypatch.setattr(os, "fsync", raising(errno.ENOSPC))
    with pytest.raises(StorageError, match=r"The disk is full: .* Free some space"):
        write_file(path, "newest")
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["x"]


def raising(number: int) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


def test_nothing_heavy_is_imported() -> None:
    heavy = {"polars", "numba", "networkx", "pydantic", "yaml", "prefect", "dataclasses"}
    code = f"import sys, kgsynth.runs; print(sorted({heavy!r} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


# --- hashes of inputs ----------------------------------------------------------------------------


def test_a_file_is_known_by_its_content_wherever_it_lies(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).write_bytes(b"same")
    (tmp_path / "other").write_bytes(b"Same")
    hashes = FileHashes(tmp_path / "out")
    assert hashes.hash(tmp_path / "one") == hashlib.sha256(b"same").hexdigest()
    assert hashes.hash(tmp_path / "two") == hashes.hash(tmp_path / "one")
    assert hashes.hash(tmp_path / "other") != hashes.hash(tmp_path / "one")


def tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


FILES = {"a": "1", "b/c": "2", "b.d": "3"}


def test_a_folder_is_known_by_its_names_and_contents(tmp_path: Path) -> None:
    hashes = FileHashes(tmp_path / "out")
    same = [
        hashes.hash(tree(tmp_path / "x", FILES)),
        hashes.hash(tree(tmp_path / "far" / "y", dict(reversed(FILES.items())))),
        hashes.hash(tree(tmp_path / "z", FILES | {".git/HEAD": "main"})),
    ]
    assert len(set(same)) == 1
    different = [
        {"a": "1", "b/c": "2"},
        {"a": "2", "b/c": "1", "b.d": "3"},
        {"a": "1", "b/e": "2", "b.d": "3"},
        {"a": "1", "b/c": "2", "b.d": "3", ".hidden": ""},
        {"a": "1", "b/c": "2", "b.d": "3", "b/.gitignore": ""},
        {"a": ""},
    ]
    found = [hashes.hash(tree(tmp_path / f"d{i}", f)) for i, f in enumerate(different)]
    assert len({*found, same[0]}) == len(different) + 1


def test_a_folder_seen_through_a_link_is_read_and_a_loop_is_refused(tmp_path: Path) -> None:
    tree(tmp_path / "far", {"c": "2"})
    tree(tmp_path / "linked", {"a": "1"})
    tree(tmp_path / "plain", {"a": "1", "b/c": "2"})
    (tmp_path / "linked" / "b").symlink_to(tmp_path / "far")
    hashes = FileHashes(tmp_path / "out")
    assert hashes.hash(tmp_path / "linked") == hashes.hash(tmp_path / "plain")
    (tmp_path / "linked" / "loop").symlink_to(tmp_path / "linked")
    with pytest.raises(SourceError, match="link to a folder that holds it"):
        hashes.hash(tmp_path / "linked")


def test_what_cannot_be_read_is_said_with_a_remedy(tmp_path: Path) -> None:
    hashes = FileHashes(tmp_path / "out")
    with pytest.raises(SourceError, match=r"no file or folder at .*gone\. Check the path"):
        hashes.hash(tmp_path / "gone")
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "broken").symlink_to(tmp_path / "nowhere")
    with pytest.raises(SourceError, match="broken"):
        hashes.hash(tmp_path / "d")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SourceError, match="not a plain file"):
        hashes.hash(tmp_path / "pipe")


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Name the files that were read to be hashed."""
    read: list[str] = []
    real = kgsynth.runs.hashes._hash_file

    def counted(path: Path) -> object:
        read.append(path.name)
        return real(path)

    monkeypatch.setattr(kgsynth.runs.hashes, "_hash_file", counted)
    return read


def test_a_big_input_is_read_once(tmp_path: Path, reads: list[str]) -> None:
    source = old(tree(tmp_path / "in", {"big": "x"}) / "big")
    first = FileHashes(tmp_path).hash(source)
    assert FileHashes(tmp_path).hash(source) == first
    assert reads == ["big"]
    assert FileHashes(tmp_path, rehash=True).hash(source) == first
    assert reads == ["big", "big"]


def test_an_input_that_changed_is_read_again(tmp_path: Path, reads: list[str]) -> None:
    source = old(tree(tmp_path / "in", {"big": "x"}) / "big")
    first = FileHashes(tmp_path).hash(source)
    source.write_text("y")
    assert FileHashes(tmp_path).hash(source) == hashlib.sha256(b"y").hexdigest() != first
    # Written moments ago: it may be written again within the same tick, so it is not trusted.
    FileHashes(tmp_path).hash(source)
    assert reads == ["big"] * 3


def test_rehash_sees_a_change_that_size_and_time_hide(tmp_path: Path) -> None:
    source = old(tree(tmp_path / "in", {"big": "x"}) / "big")
    first = FileHashes(tmp_path).hash(source)
    old(tree(tmp_path / "in", {"big": "y"}) / "big")
    assert FileHashes(tmp_path).hash(source) == first
    assert FileHashes(tmp_path, rehash=True).hash(source) == hashlib.sha256(b"y").hexdigest()
    assert FileHashes(tmp_path).hash(source) == hashlib.sha256(b"y").hexdigest()


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"a": 3}', '{"a": [1, "2", "3"]}', "\xff"])
def test_a_damaged_memory_of_hashes_is_written_anew(
    tmp_path: Path, reads: list[str], damage: str
) -> None:
    source = old(tree(tmp_path / "in", {"big": "x"}) / "big")
    first = FileHashes(tmp_path).hash(source)
    (tmp_path / ".parts" / "files.json").write_bytes(damage.encode("latin-1"))
    assert FileHashes(tmp_path).hash(source) == first
    assert FileHashes(tmp_path).hash(source) == first
    assert reads == ["big", "big"]


def test_two_memories_of_hashes_are_merged(tmp_path: Path, reads: list[str]) -> None:
    one, two = (old(tree(tmp_path / "in", {n: n}) / n) for n in ("one", "two"))
    first, second = FileHashes(tmp_path), FileHashes(tmp_path)
    first.hash(one)
    second.hash(two)
    (tmp_path / ".parts" / f"{ASIDE}1-killed").write_text("half")
    third = FileHashes(tmp_path)
    assert third.hash(one) != third.hash(two)
    assert reads == ["one", "two"]
    third.hash(old(tree(tmp_path / "in", {"new": "n"}) / "new"))
    assert leftovers(tmp_path) == []


def test_a_dry_run_remembers_nothing(tmp_path: Path) -> None:
    source = old(tree(tmp_path / "in", {"big": "x"}) / "big")
    FileHashes(tmp_path / "out", remember=False).hash(source)
    assert not (tmp_path / "out").exists()


# --- parts -------------------------------------------------------------------------------------


def test_a_part_is_built_once(store: PartStore) -> None:
    first = store.build("graph", 1, {"k": (1, 2)}, {"source": "aa"}, hello)
    assert first == store.find(first.key)
    assert first == store.build("graph", 1, {"k": [1, 2]}, {"source": "aa"}, never)
    assert first.key == part_key("graph", 1, {"k": [1, 2]}, {"source": "aa"})
    assert (first.folder / "sub" / "b.bin").read_bytes() == b"\0" * 100
    assert first.files["a.txt"].sha256 == hashlib.sha256(b"hello").hexdigest()
    held = json.loads((first.folder / "part.json").read_text())
    assert sorted(held) == ["content", "files", "inputs", "options", "stage", "version"]
    assert held["files"]["sub/b.bin"]["bytes"] == 100


def test_a_part_is_made_again_when_asked(store: PartStore, tmp_path: Path) -> None:
    def other(folder: Path) -> None:
        (folder / "other").write_text("made again")

    first = store.build("s", 1, {}, {}, hello)
    again = store.build("s", 1, {}, {}, other, again=True)
    assert again.key == first.key
    assert sorted(again.files) == ["other"]
    assert store.find(first.key) == again
    assert leftovers(tmp_path) == []


def test_a_part_is_another_when_anything_that_made_it_is() -> None:
    keys = {
        part_key("a", 1, {"k": 1}, {"x": "1"}),
        part_key("b", 1, {"k": 1}, {"x": "1"}),
        part_key("a", 2, {"k": 1}, {"x": "1"}),
        part_key("a", 1, {"k": 2}, {"x": "1"}),
        part_key("a", 1, {"k": 1}, {"x": "2"}),
        part_key("a", 1, {"k": 1}, {"y": "1"}),
        part_key("a", 1, {"k": 1, "x": "1"}, {}),
    }
    assert len(keys) == 7


def test_the_content_is_that_of_the_files_whatever_made_them(store: PartStore) -> None:
    def with_name(name: str, text: str) -> Callable[[Path], str | None]:
        def make(folder: Path) -> str | None:
            (folder / name).write_text(text)
            return None

        return make

    first = store.build("s", 1, {"k": 1}, {}, with_name("f", "x"))
    again = store.build("s", 2, {"k": 9}, {}, with_name("f", "x"))
    assert first.key != again.key
    assert first.content == again.content
    other_text = store.build("s", 1, {"k": 2}, {}, with_name("f", "y"))
    other_name = store.build("s", 1, {"k": 3}, {}, with_name("g", "x"))
    assert len({first.content, other_text.content, other_name.content}) == 3


def test_a_maker_may_name_the_content_itself(store: PartStore) -> None:
    def make(folder: Path) -> str:
        (folder / "store").write_text("with a layout of its own")
        return "the-store's-own-hash"

    assert store.build("graph", 1, {}, {}, make).content == "the-store's-own-hash"
    empty = store.build("nothing", 1, {}, {}, lambda folder: None)
    assert empty.files == {}


def test_a_maker_that_fails_leaves_nothing(store: PartStore, tmp_path: Path) -> None:
    def fails(folder: Path) -> None:
        hello(folder)
        raise FileNotFoundError("an input that went away")

    with pytest.raises(FileNotFoundError, match="went away"):
        store.build("s", 1, {}, {}, fails)
    assert leftovers(tmp_path) == []
    assert store.find(part_key("s", 1, {}, {})) is None


def test_the_name_of_the_record_is_reserved(store: PartStore) -> None:
    def makes_record(folder: Path) -> None:
        (folder / "part.json").write_text("{}")

    with pytest.raises(RunError, match=r"part\.json, which is reserved"):
        store.build("s", 1, {}, {}, makes_record)


def no_record(part: Part) -> None:
    (part.folder / "part.json").unlink()


def torn_record(part: Part) -> None:
    record = part.folder / "part.json"
    record.write_text(record.read_text()[:40])


def list_for_record(part: Part) -> None:
    (part.folder / "part.json").write_text("[]")


def another_record(part: Part) -> None:
    record = part.folder / "part.json"
    record.write_text(record.read_text().replace('"stage": "s"', '"stage": "t"'))


def no_file(part: Part) -> None:
    (part.folder / "sub" / "b.bin").unlink()


def short_file(part: Part) -> None:
    os.truncate(part.folder / "a.txt", 3)


def file_for_folder(part: Part) -> None:
    part.folder.rename(part.folder.with_suffix(".away"))
    part.folder.write_text("")


@pytest.mark.parametrize(
    "damage",
    [
        no_record,
        torn_record,
        list_for_record,
        another_record,
        no_file,
        short_file,
        file_for_folder,
    ],
)
def test_a_damaged_part_is_built_again(
    store: PartStore, tmp_path: Path, damage: Callable[[Part], None]
) -> None:
    part = store.build("s", 1, {}, {}, hello)
    assert store.find(part.key) is not None
    damage(part)
    assert store.find(part.key) is None
    assert store.build("s", 1, {}, {}, hello) == part
    assert store.find(part.key) == part
    assert leftovers(tmp_path) == []


def test_two_processes_that_build_one_part_end_with_one(tmp_path: Path) -> None:
    meeting = tmp_path / "meeting"
    meeting.mkdir()

    def build() -> str:
        def make(folder: Path) -> None:
            (meeting / str(os.getpid())).touch()
            end = time.monotonic() + 20
            while len(os.listdir(meeting)) < 2 and time.monotonic() < end:
                time.sleep(0.005)
            (folder / "by").write_text(str(os.getpid()))

        with PartStore(tmp_path) as parts:
            return parts.build("s", 1, {}, {}, make).content

    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, build().encode())
        os._exit(0)
    ours = build()
    os.waitpid(child, 0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        theirs = pipe.read()
    assert len(os.listdir(meeting)) == 2
    assert ours == theirs
    assert leftovers(tmp_path) == []


def test_what_a_killed_build_left_goes_and_what_a_live_one_has_stays(tmp_path: Path) -> None:
    def killed() -> None:
        def make(folder: Path) -> None:
            hello(folder)
            ask_to_be_killed()

        PartStore(tmp_path).build("s", 1, {}, {}, make)

    killed_child(killed)
    assert len(leftovers(tmp_path)) == 2  # the folder and its lock
    with PartStore(tmp_path) as parts:
        assert leftovers(tmp_path) == []

        def make(folder: Path) -> None:
            hello(folder)
            assert in_child(lambda: PartStore(tmp_path).close()) == "None"
            assert (folder / "a.txt").read_text() == "hello"

        parts.build("s", 1, {}, {}, make)
    assert leftovers(tmp_path) == []


def test_a_workspace_swept_between_its_making_and_its_locking_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".parts").mkdir()
    names: list[str] = []

    def take_late(path: Path) -> Lock | None:
        lock = take(path)
        names.append(path.name)
        if len(names) == 1:
            path.unlink()  # as a sweep does that came first
        return lock

    monkeypatch.setattr("kgsynth.runs.workspaces.take", take_late)
    with workspace(tmp_path / ".parts") as place:
        assert len(set(names)) == 2
        assert f"{place.name}.lock" == names[1]
        assert place.with_suffix(".lock").exists()
    assert leftovers(tmp_path) == []


def test_a_left_folder_without_its_lock_goes_too(tmp_path: Path) -> None:
    tree(tmp_path / ".parts" / "tmp-1-0", {"a": "half"})
    PartStore(tmp_path).close()
    assert leftovers(tmp_path) == []


def test_looking_for_a_part_makes_nothing(tmp_path: Path) -> None:
    with PartStore(tmp_path / "out") as parts:
        assert parts.find("0" * 32) is None
    assert not (tmp_path / "out").exists()


def big(folder: Path) -> None:
    (folder / "big").write_bytes(b"x" * 50_000)


def test_a_full_disk_stops_a_build_with_a_sentence(tmp_path: Path) -> None:
    def build() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
        with PartStore(tmp_path) as parts:
            parts.build("s", 1, {}, {}, big)

    said = in_child(build)
    assert said.startswith("StorageError: ")
    assert "could not be written: File too large" in said
    assert leftovers(tmp_path) == []
    with PartStore(tmp_path) as parts:
        assert parts.find(part_key("s", 1, {}, {})) is None


# --- the folder of a run -----------------------------------------------------------------------


def test_a_run_is_opened_again_under_its_name(tmp_path: Path) -> None:
    for _ in range(2):
        with open_run(tmp_path / "out", "demo") as run:
            assert run.folder == tmp_path / "out" / "demo"
    held = json.loads((tmp_path / "out" / "demo" / "run" / "run.json").read_text())
    assert held == {"format": "kgsynth-run/1", "name": "demo"}


def test_a_kill_while_a_run_is_opened_does_not_lock_its_name_for_ever(tmp_path: Path) -> None:
    tree(tmp_path / "demo" / "run", {"lock": "1\n", f"{ASIDE}1-2": "{"})
    with open_run(tmp_path, "demo"):
        assert leftovers(tmp_path) == []


def foreign_folder(output: Path) -> None:
    tree(output / "demo", {"notes.txt": "mine"})


def foreign_run_folder(output: Path) -> None:
    tree(output / "demo" / "run", {"lock": "", "other.txt": "mine"})


def broken_record(output: Path) -> None:
    tree(output / "demo" / "run", {"run.json": "{"})


def file_of_that_name(output: Path) -> None:
    tree(output, {"demo": "a file"})


def other_name(output: Path) -> None:
    open_run(output, "other").close()
    (output / "other").rename(output / "demo")


def other_format(output: Path) -> None:
    tree(output / "demo" / "run", {"run.json": '{"name": "demo", "format": "kgsynth-run/9"}'})


def output_is_a_run(output: Path) -> None:
    tree(output / "run", {"run.json": '{"name": "x", "format": "kgsynth-run/1"}'})


def output_is_a_dataset(output: Path) -> None:
    tree(output, {"manifest.json": '{"format": "kgsynth-dataset"}'})


def output_is_a_file(output: Path) -> None:
    output.rmdir()
    output.write_text("")


@pytest.mark.parametrize(
    ("lay", "sentence"),
    [
        (foreign_folder, "demo holds files that no run put there. Move them"),
        (foreign_run_folder, "demo holds files that no run put there."),
        (broken_record, "demo holds files that no run put there."),
        (file_of_that_name, "demo is a file, and the run 'demo' goes there."),
        (other_name, "demo holds the run 'other', not 'demo'. Give this run another name"),
        (other_format, r"demo was written by another version of kgsynth (kgsynth-run/9)."),
        (output_is_a_run, "out is a dataset itself, so no other is put inside it."),
        (output_is_a_dataset, "out is a dataset itself, so no other is put inside it."),
        (output_is_a_file, "out is a file. Name a folder with --output."),
    ],
)
def test_a_folder_of_something_else_is_refused_and_left_alone(
    tmp_path: Path, lay: Callable[[Path], None], sentence: str
) -> None:
    output = tmp_path / "out"
    output.mkdir()
    lay(output)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(RunFolderError, match=re.escape(sentence)):
        open_run(output, "demo")
    assert sorted(tmp_path.rglob("*")) == before


def test_a_foreign_manifest_in_the_output_is_nobody_s_business(tmp_path: Path) -> None:
    tree(tmp_path, {"manifest.json": '{"format": "something else"}'})
    open_run(tmp_path, "demo").close()


@pytest.mark.parametrize("name", ["", ".parts", "..", "a/b", "-x", "a\n", "x" * 101])
def test_a_name_that_is_no_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(RunFolderError, match="cannot be a run's name"):
        open_run(tmp_path, name)
    assert os.listdir(tmp_path) == []


def test_a_folder_that_changes_hands_before_it_is_locked_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def take_late(path: Path) -> Lock | None:
        (tmp_path / "demo" / "notes.txt").write_text("mine")
        return take(path)

    monkeypatch.setattr("kgsynth.runs.run.take", take_late)
    with pytest.raises(RunFolderError, match="holds files that no run put there"):
        open_run(tmp_path, "demo")
    assert not (tmp_path / "demo" / "run" / "run.json").exists()


def test_a_run_has_one_builder_at_a_time(tmp_path: Path) -> None:
    def open_and_close(name: str) -> Callable[[], object]:
        return lambda: open_run(tmp_path, name).close()

    with open_run(tmp_path, "demo"):
        said = in_child(open_and_close("demo"))
        assert said.startswith("RunError: Another build of the run 'demo' is going on")
        assert f"(process {os.getpid()})" in said
        assert in_child(open_and_close("other")) == "None"
        with pytest.raises(RunError, match="is going on"):
            open_run(tmp_path, "demo")
    assert in_child(open_and_close("demo")) == "None"


def test_a_killed_builder_holds_nothing(tmp_path: Path) -> None:
    def killed() -> None:
        run = open_run(tmp_path, "demo")
        ask_to_be_killed()
        run.close()

    killed_child(killed)
    open_run(tmp_path, "demo").close()


def test_a_worker_that_outlives_its_builder_holds_nothing(tmp_path: Path) -> None:
    run = open_run(tmp_path, "demo")
    worker = os.fork()
    if worker == 0:
        time.sleep(60)
        os._exit(0)
    try:
        time.sleep(0.1)  # let the fork's hook run
        run.close()
        open_run(tmp_path, "demo").close()
        assert clean(tmp_path).removed == 0
    finally:
        os.kill(worker, 9)
        os.waitpid(worker, 0)


def test_a_worker_that_unwinds_does_not_end_its_builder_s_lock(tmp_path: Path) -> None:
    with open_run(tmp_path, "demo") as run:
        assert in_child(run.close) == "None"
        assert in_child(lambda: open_run(tmp_path, "demo")).startswith("RunError")


def test_a_folder_that_may_not_be_written_is_said_so() -> None:
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o555)

        def open_as_somebody() -> None:
            if os.geteuid() == 0:
                os.setuid(65534)
            open_run(Path(place), "demo")

        said = in_child(open_as_somebody)
        assert said == (
            f"StorageError: {Path(place, 'demo')} cannot be written: permission was refused. "
            "Name a folder that you may write to with --output."
        )


def test_a_disk_that_is_full_at_the_first_file_is_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", raising(errno.ENOSPC))
        with pytest.raises(StorageError, match="The disk is full"):
            open_run(tmp_path, "demo")
    open_run(tmp_path, "demo").close()


def test_notes_of_a_run(tmp_path: Path) -> None:
    with open_run(tmp_path, "demo") as run:
        run.log("first")
        run.log("second\nline")
        run.record_time("graph", 1.5)
        run.add_spend({"tokens": 7})
        notes = run.folder / "run"
    lines = (notes / "log.txt").read_text().splitlines()
    assert [line.split(" ", 1)[1] for line in lines] == ["first", "second line"]
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ ", line) for line in lines)
    assert json.loads((notes / "times.json").read_text()) == {"graph": 1.5}
    assert json.loads((notes / "spend.json").read_text()) == {"tokens": 7}


# --- plans -----------------------------------------------------------------------------------


def test_a_plan_is_remembered(tmp_path: Path) -> None:
    with open_run(tmp_path, "demo") as run:
        assert run.plan() == {}
        part = run.parts.build("graph", 3, {"k": (1,)}, {"source": "aa"}, hello)
        run.remember_plan({"graph": [part], "paths": []})
        (kept,) = run.plan()["graph"]
        assert kept == (part.key, 3, {"k": [1]}, {"source": "aa"})
        assert read_plan(run.folder) == run.plan()


@pytest.mark.parametrize("damage", ["{", "[]", '{"graph": [{"key": "x"}]}', '{"graph": 3}'])
def test_a_damaged_plan_costs_a_reason_but_stops_clean(tmp_path: Path, damage: str) -> None:
    with open_run(tmp_path, "demo") as run:
        run.parts.build("graph", 1, {}, {}, hello)
        (run.folder / "run" / "plan.json").write_text(damage)
        assert run.plan() == {}
    with pytest.raises(RunError, match=r"plan\.json cannot be read\. Build that run again"):
        clean(tmp_path)
    assert PartStore(tmp_path).find(part_key("graph", 1, {}, {})) is not None


def test_why_a_stage_runs_again_is_told(tmp_path: Path) -> None:
    options = {"k": 50, "protect": {"types": ["T1"]}, "rule": "top_k"}
    with open_run(tmp_path, "demo") as run:
        part = run.parts.build("shatter", 1, options, {"graph": "aa"}, hello)
        run.remember_plan({"shatter": [part]})
        plan = run.plan()

    def why(version: int = 1, inputs: dict[str, str] | None = None, **changed: object) -> str:
        asked = {name: value for name, value in (options | changed).items() if value is not None}
        return why_changed(plan, "shatter", version, asked, inputs or {"graph": "aa"})

    assert why() == ""
    assert why(k=60) == "options.k changed from 50 to 60"
    assert why(k=50.0) == "options.k changed from 50 to 50.0"
    assert why(protect={"types": ["T1"], "k": [1]}) == "new option: options.protect.k = [1]"
    assert why(rule=None) == "option gone: options.rule"
    assert why(seed=7) == "new option: options.seed = 7"
    assert why(protect={"types": ("T1",)}) == ""
    assert why(protect={"types": []}) == 'options.protect.types changed from ["T1"] to []'
    assert why(version=2) == "the stage's version changed from 1 to 2"
    assert why(inputs={"graph": "bb"}) == "input changed: graph"
    assert why(inputs={"graph": "aa", "names": "cc"}) == "new input: names"
    assert why(2, {"names": "cc"}) == (
        "the stage's version changed from 1 to 2; input gone: graph; new input: names"
    )
    assert why_changed(plan, "paths", 1, {}, {}) == "this run has not made it yet"
    assert len(why(rule="r" * 500)) < 200


def test_of_many_parts_the_nearest_tells_why(tmp_path: Path) -> None:
    with open_run(tmp_path, "demo") as run:
        parts = [run.parts.build("s", 1, {"shard": i, "k": 1}, {}, hello) for i in range(3)]
        run.remember_plan({"s": parts})
        assert why_changed(run.plan(), "s", 1, {"shard": 2, "k": 5}, {}) == (
            "options.k changed from 1 to 5"
        )


# --- clean -----------------------------------------------------------------------------------


def test_clean_keeps_what_runs_use_and_removes_the_rest(tmp_path: Path) -> None:
    with open_run(tmp_path, "one") as run:
        mine = run.parts.build("s", 1, {"k": 1}, {}, hello)
        unused = run.parts.build("s", 1, {"k": 2}, {}, hello)
        run.remember_plan({"s": [mine]})
    with open_run(tmp_path, "two") as run:
        theirs = run.parts.build("s", 1, {"k": 3}, {}, hello)
        run.remember_plan({"s": [mine, theirs]})
    FileHashes(tmp_path).hash(old(tree(tmp_path, {"big": "x"}) / "big"))
    tree(tmp_path / ".parts" / "tmp-1-0", {"a": "12345"})
    tree(tmp_path / "foreign" / "run", {"plan.json": "no plan of ours"})
    size = sum(p.stat().st_size for p in unused.folder.rglob("*") if p.is_file()) + 5
    before = sorted(tmp_path.rglob("*"))
    assert clean(tmp_path, dry_run=True) == Cleaned(removed=2, bytes=size, kept=2)
    assert sorted(tmp_path.rglob("*")) == before
    assert clean(tmp_path) == Cleaned(removed=2, bytes=size, kept=2)
    assert clean(tmp_path) == Cleaned(removed=0, bytes=0, kept=2)
    with PartStore(tmp_path) as parts:
        assert [parts.find(p.key) for p in (mine, theirs, unused)] == [mine, theirs, None]
    assert (tmp_path / ".parts" / "files.json").exists()
    assert (tmp_path / "foreign" / "run" / "plan.json").exists()
    assert leftovers(tmp_path) == []


def test_no_build_can_begin_while_clean_takes_parts_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with PartStore(tmp_path) as parts:
        parts.build("s", 1, {}, {}, hello)
    free: list[bool] = []
    rename, rmtree = os.rename, shutil.rmtree

    def look() -> None:
        lock = take(tmp_path / ".parts" / "use.lock", shared=True)
        free.append(lock is not None)
        if lock:
            lock.close()

    def watched_rename(source: Path, target: Path) -> None:
        look()
        rename(source, target)

    def watched_rmtree(folder: Path, ignore_errors: bool) -> None:
        look()
        rmtree(folder, ignore_errors=ignore_errors)

    monkeypatch.setattr(os, "rename", watched_rename)
    monkeypatch.setattr(shutil, "rmtree", watched_rmtree)
    clean(tmp_path)
    assert free == [False, True]  # taken away under the lock, deleted when it is free again


def test_clean_waits_for_builds_to_end(tmp_path: Path) -> None:
    with open_run(tmp_path, "demo") as run:
        part = run.parts.build("s", 1, {}, {}, hello)
        said = in_child(lambda: clean(tmp_path))
        assert said.startswith("RunError: A build is going on in")
        assert run.parts.find(part.key) == part
        assert in_child(lambda: clean(tmp_path, dry_run=True)).startswith("Cleaned(removed=1,")
    assert in_child(lambda: clean(tmp_path)).startswith("Cleaned(removed=1,")
    assert clean(tmp_path / "nowhere") == Cleaned(0, 0, 0)
