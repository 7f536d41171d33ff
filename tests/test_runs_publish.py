"""Publishing into a run's folder: the same bytes, nothing half-written, nothing foreign lost.

Kills are done three ways: at every call to the operating system in turn, at seeded random
instants, and by what a kill leaves (torn lines, stray files).
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import random
import re
import resource
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgsynth.errors import KgsynthError, RunError, RunFolderError, StorageError
from kgsynth.model import FileEntry
from kgsynth.runs import PartStore, Published, Run, open_run, part_key, sha256_of
from kgsynth.runs.files import ASIDE

Files = Mapping[str, bytes]

OLD: Files = {
    "README.md": b"old card",
    "sft/train-00000.jsonl": b"row\n" * 500,
    "sft/test-00000.jsonl": b"same\n",
    "rl/train-00000.jsonl": b"going\n",
    "deep/a/b/c": b"going too\n",
    "swap": b"a file that a folder replaces",
    "paws/file": b"a folder that a file replaces",
}
NEW: Files = {
    "README.md": b"new card",
    "sft/train-00000.jsonl": b"ROW\n" * 700,
    "sft/test-00000.jsonl": b"same\n",
    "dpo/train-00000.jsonl": b"coming\n",
    "swap/file": b"below",
    "paws": b"above",
}
FOLDERS = ({"sft", "rl", "deep", "deep/a", "deep/a/b", "paws"}, {"sft", "dpo", "swap", "rl"})
"""Those of the old files and of the new, the foreign ones among them."""
FOREIGN: Files = {"notes.txt": b"mine", "sft/mine.txt": b"mine too", "rl/mine": b"and mine"}


class Tree:
    """A tree to publish, and what its files say of themselves."""

    def __init__(self, root: Path, files: Files) -> None:
        self.root = root
        self.entries = [
            FileEntry(path=path, bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
            for path, data in sorted(files.items())
        ]
        listed = [entry.model_dump(mode="json") for entry in self.entries]
        manifest = json.dumps({"format": "kgsynth-dataset", "files": listed}).encode()
        self.manifest = hashlib.sha256(manifest).hexdigest()
        self.all = {**files, "manifest.json": manifest}
        write(root, self.all)


def write(root: Path, files: Files) -> None:
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)


def held(folder: Path) -> dict[str, bytes]:
    """Read every file of a run's folder, but for its notes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[0] != "run"
    }


def folders(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_dir()} - {"run"}


def publish(output: Path, tree: Tree) -> Published:
    with open_run(output, "demo") as run:
        return run.publish(tree.root, tree.entries)


def is_published(run: Run, tree: Tree) -> bool:
    return run.is_published(tree.entries, tree.manifest)


@pytest.fixture
def old(tmp_path: Path) -> Tree:
    return Tree(tmp_path / "old", OLD)


@pytest.fixture
def new(tmp_path: Path) -> Tree:
    return Tree(tmp_path / "new", NEW)


def test_a_folder_ends_with_the_files_of_the_tree(tmp_path: Path, old: Tree, new: Tree) -> None:
    assert publish(tmp_path, old) == Published(written=8, removed=0, kept=0)
    folder = tmp_path / "demo"
    assert held(folder) == old.all
    write(folder, FOREIGN)
    assert publish(tmp_path, new) == Published(written=6, removed=4, kept=1)
    assert held(folder) == {**new.all, **FOREIGN}
    assert folders(folder) == FOLDERS[True]


def test_an_unchanged_file_is_left_alone(tmp_path: Path, old: Tree, new: Tree) -> None:
    publish(tmp_path, old)
    before = {path: (tmp_path / "demo" / path).stat() for path in old.all}
    assert publish(tmp_path, old) == Published(written=0, removed=0, kept=8)
    publish(tmp_path, new)
    after = (tmp_path / "demo" / "sft/test-00000.jsonl").stat()
    assert after == before["sft/test-00000.jsonl"]
    changed = (tmp_path / "demo" / "README.md").stat()
    assert changed.st_ino != before["README.md"].st_ino


def test_a_manifest_that_alone_changes_is_never_missing(
    tmp_path: Path, old: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(tmp_path, old)
    manifest = old.all["manifest.json"] + b" "
    (old.root / "manifest.json").write_bytes(manifest)
    gone: list[Path] = []
    unlink = os.unlink

    def watched(path: Path) -> None:
        gone.append(path)
        unlink(path)

    monkeypatch.setattr(os, "unlink", watched)
    assert publish(tmp_path, old) == Published(written=1, removed=0, kept=7)
    assert tmp_path / "demo" / "manifest.json" not in gone
    assert held(tmp_path / "demo") == {**old.all, "manifest.json": manifest}


def ledger(output: Path) -> Path:
    return output / "demo" / "run" / "ledger.jsonl"


def test_the_ledger_says_what_was_done(tmp_path: Path, old: Tree, new: Tree) -> None:
    publish(tmp_path, old)
    publish(tmp_path, new)
    events = [json.loads(line) for line in ledger(tmp_path).read_text().splitlines()]
    assert [e["event"] for e in events if e["event"] == "began"] == ["began"] * 2
    published = {e["path"]: e for e in events if e["event"] == "published"}
    assert set(published) == {*old.all, *new.all}
    card = published["README.md"]
    assert card["bytes"] == 8
    assert card["sha256"] == hashlib.sha256(b"new card").hexdigest()
    removed = [e["path"] for e in events if e["event"] == "removed"]
    assert removed == sorted(set(OLD) - set(NEW))
    assert events[-1]["path"] == "manifest.json"


# --- is it published? --------------------------------------------------------------------------


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Name the files of the run's folder that were read to be hashed."""
    read: list[str] = []

    def counted(path: Path) -> str:
        read.append(path.name)
        return sha256_of(path)

    monkeypatch.setattr("kgsynth.runs.publish.sha256_of", counted)
    return read


def test_an_untouched_run_is_recognised_without_reading_it(
    tmp_path: Path, old: Tree, new: Tree, hashed: list[str]
) -> None:
    with open_run(tmp_path, "demo") as run:
        assert not is_published(run, old)
        run.publish(old.root, old.entries)
        assert is_published(run, old)
    with open_run(tmp_path, "demo") as run:
        assert is_published(run, old)
        assert hashed == []
        assert not is_published(run, new)
        assert not run.is_published(old.entries, new.manifest)
        assert not run.is_published(old.entries[1:], old.manifest)


def test_a_file_that_was_only_touched_is_read_once(
    tmp_path: Path, old: Tree, hashed: list[str]
) -> None:
    publish(tmp_path, old)
    os.utime(tmp_path / "demo" / "README.md", ns=(10**18, 10**18))
    with open_run(tmp_path, "demo") as run:
        assert is_published(run, old)
        assert is_published(run, old)
    with open_run(tmp_path, "demo") as run:
        assert is_published(run, old)
    assert hashed == ["README.md"]


def cut(folder: Path) -> None:
    os.truncate(folder / "README.md", 2)


def edited(folder: Path) -> None:
    (folder / "README.md").write_bytes(b"OLD CARD")


def deleted(folder: Path) -> None:
    (folder / "sft/test-00000.jsonl").unlink()


def no_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def edited_manifest(folder: Path) -> None:
    manifest = folder / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b"kgsynth-dataset", b"another-dataset"))


def folder_gone(folder: Path) -> None:
    shutil.rmtree(folder / "sft")


def folder_for_file(folder: Path) -> None:
    (folder / "README.md").unlink()
    (folder / "README.md" / "empty").mkdir(parents=True)


def link_for_file(folder: Path) -> None:
    (folder / "README.md").unlink()
    (folder / "README.md").symlink_to("nowhere")


@pytest.mark.parametrize(
    "damage",
    [
        cut,
        edited,
        deleted,
        no_manifest,
        edited_manifest,
        folder_gone,
        folder_for_file,
        link_for_file,
    ],
)
def test_a_damaged_run_is_noticed_and_mended(
    tmp_path: Path, old: Tree, damage: Callable[[Path], None]
) -> None:
    publish(tmp_path, old)
    damage(tmp_path / "demo")
    with open_run(tmp_path, "demo") as run:
        assert not is_published(run, old)
        run.publish(old.root, old.entries)
        assert is_published(run, old)
    assert held(tmp_path / "demo") == old.all
    assert not (tmp_path / "demo" / "README.md").is_symlink()


def test_a_folder_that_is_a_link_is_written_through(tmp_path: Path, old: Tree, new: Tree) -> None:
    publish(tmp_path, old)
    (tmp_path / "demo" / "sft").rename(tmp_path / "elsewhere")
    (tmp_path / "demo" / "sft").symlink_to(tmp_path / "elsewhere")
    publish(tmp_path, new)
    assert (tmp_path / "elsewhere" / "train-00000.jsonl").read_bytes() == b"ROW\n" * 700
    assert (tmp_path / "demo" / "sft").is_symlink()


def test_a_broken_link_in_the_way_is_refused(tmp_path: Path, old: Tree) -> None:
    publish(tmp_path, old)
    shutil.rmtree(tmp_path / "demo" / "deep")
    (tmp_path / "demo" / "deep").symlink_to("nowhere")
    with pytest.raises(RunFolderError, match="demo/deep is not a file of this run"):
        publish(tmp_path, old)


# --- the ledger, lost or torn ------------------------------------------------------------------


@pytest.mark.parametrize("tear", [1, 20, 60])
def test_a_torn_ledger_is_repaired(tmp_path: Path, old: Tree, new: Tree, tear: int) -> None:
    publish(tmp_path, old)
    os.truncate(ledger(tmp_path), ledger(tmp_path).stat().st_size - tear)
    publish(tmp_path, new)
    assert held(tmp_path / "demo") == new.all
    for line in ledger(tmp_path).read_text().splitlines():
        json.loads(line)


@pytest.mark.parametrize(
    "line",
    ["not json", "3", '{"event":"published"}', '{"event":"published","path":3}', '{"event":[]}'],
)
def test_a_line_that_is_not_ours_says_nothing(tmp_path: Path, old: Tree, line: str) -> None:
    publish(tmp_path, old)
    with ledger(tmp_path).open("a") as file:
        file.write(line + "\n")
    with open_run(tmp_path, "demo") as run:
        assert is_published(run, old)


def test_a_lost_ledger_is_made_up_from_the_manifest(
    tmp_path: Path, old: Tree, new: Tree, hashed: list[str]
) -> None:
    publish(tmp_path, old)
    write(tmp_path / "demo", FOREIGN)
    ledger(tmp_path).unlink()
    with open_run(tmp_path, "demo") as run:
        assert is_published(run, old)
        assert sorted(hashed) == sorted(os.path.basename(path) for path in old.all)
    ledger(tmp_path).unlink()
    publish(tmp_path, new)
    assert held(tmp_path / "demo") == {**new.all, **FOREIGN}


def test_a_doctored_ledger_or_manifest_reaches_nothing_outside(tmp_path: Path, old: Tree) -> None:
    publish(tmp_path, old)
    outside = ["../outside", str(tmp_path / "outside"), "sft/../../outside", "run/mine", "a\0b"]
    write(tmp_path, {"outside": b"1", "demo/run/mine": b"2"})
    with ledger(tmp_path).open("a") as file:
        file.write(json.dumps({"event": "began", "paths": [*outside, 3]}) + "\n")
    manifest = {"format": "kgsynth-dataset", "files": [{"path": p} for p in outside] + [3, {}]}
    (tmp_path / "demo" / "manifest.json").write_text(json.dumps(manifest))
    publish(tmp_path, old)
    assert (tmp_path / "outside").exists()
    assert (tmp_path / "demo" / "run" / "mine").exists()
    assert held(tmp_path / "demo") == old.all


def test_a_line_that_does_not_fit_on_the_disk_is_taken_back(
    tmp_path: Path, old: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(descriptor: int, data: bytes) -> int:
        if len(data) < 20:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write_some(descriptor, data[: len(data) // 2])

    write_some = os.write
    with open_run(tmp_path, "demo") as run:
        with monkeypatch.context() as patch:
            patch.setattr(os, "write", half)
            with pytest.raises(StorageError, match=r"The disk is full: .*ledger\.jsonl"):
                run.publish(old.root, old.entries)
        run.publish(old.root, old.entries)
        assert is_published(run, old)
    for line in ledger(tmp_path).read_text().splitlines():
        json.loads(line)


# --- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["dpo/train-00000.jsonl", "dpo", "swap/file/mine"])
def test_a_foreign_file_in_the_way_is_refused_before_anything_is_touched(
    tmp_path: Path, old: Tree, new: Tree, name: str
) -> None:
    publish(tmp_path, old)
    if name.startswith("swap"):
        (tmp_path / "demo" / "swap").unlink()
    write(tmp_path / "demo", {name: b"mine"})
    before = held(tmp_path / "demo")
    with pytest.raises(RunFolderError, match=f"{name} is not a file of this run.* Move it"):
        publish(tmp_path, new)
    assert held(tmp_path / "demo") == before
    assert strays(tmp_path) == []


def test_a_foreign_file_that_is_already_what_is_wanted_is_taken_over(
    tmp_path: Path, old: Tree, new: Tree
) -> None:
    publish(tmp_path, old)
    write(tmp_path / "demo", {"dpo/train-00000.jsonl": b"coming\n"})
    publish(tmp_path, new)
    assert held(tmp_path / "demo") == new.all


def test_a_folder_put_where_a_file_of_ours_was_is_foreign(
    tmp_path: Path, old: Tree, new: Tree
) -> None:
    publish(tmp_path, old)
    (tmp_path / "demo" / "rl/train-00000.jsonl").unlink()
    write(tmp_path / "demo", {"rl/train-00000.jsonl/mine": b"mine"})
    publish(tmp_path, new)
    assert held(tmp_path / "demo") == {**new.all, "rl/train-00000.jsonl/mine": b"mine"}


def test_a_tree_that_is_not_what_it_says_is_refused_before_anything_is_touched(
    tmp_path: Path, old: Tree, new: Tree
) -> None:
    publish(tmp_path, old)
    (new.root / "swap" / "file").write_bytes(b"BELOW")
    with pytest.raises(RunError, match=r"swap/file is not the file that was made.* --fresh"):
        publish(tmp_path, new)
    (new.root / "swap" / "file").unlink()
    with pytest.raises(RunError, match=r"swap/file is missing.* --fresh"):
        publish(tmp_path, new)
    (new.root / "manifest.json").unlink()
    with pytest.raises(RunError, match=r"manifest\.json is missing"):
        publish(tmp_path, new)
    assert held(tmp_path / "demo") == old.all
    assert strays(tmp_path) == []


@pytest.mark.parametrize(
    "path", ["/etc/x", "../x", "a/../../x", "run/x", "run", "manifest.json", "a//b", "", "./a"]
)
def test_a_path_outside_the_dataset_is_refused(tmp_path: Path, path: str) -> None:
    tree = Tree(tmp_path / "tree", {"a": b"1"})
    bad = FileEntry(path=path, bytes=1, sha256="0")
    with open_run(tmp_path, "demo") as run:
        with pytest.raises(RunError, match=re.escape(f"cannot hold a file at {path!r}")):
            run.publish(tree.root, [*tree.entries, bad])
        run.publish(tree.root, tree.entries)
        with pytest.raises(RunError, match="cannot hold a file"):
            run.is_published([*tree.entries, bad], tree.manifest)


# --- disks -------------------------------------------------------------------------------------


def strays(output: Path) -> list[str]:
    return [path.name for path in output.rglob("*") if path.name.startswith((ASIDE, "tmp-"))]


def forked(work: Callable[[], object]) -> int:
    child = os.fork()
    if child == 0:
        try:
            work()
        except KgsynthError as error:
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
            os._exit(1)
        except BaseException as error:
            os.write(2, f"{error!r}\n".encode())
            os._exit(3)
        os._exit(0)
    return child


def ended(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_disk_that_fills_up_leaves_the_old_dataset_whole(
    tmp_path: Path, old: Tree, capfd: pytest.CaptureFixture[str]
) -> None:
    publish(tmp_path, old)
    tree = Tree(tmp_path / "big", {**NEW, "z": b"x" * 200_000})

    def with_little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        publish(tmp_path, tree)

    assert ended(forked(with_little_room)) == 1
    said = capfd.readouterr().err
    assert re.match(r"StorageError: .*/demo/z could not be written: File too large", said)
    assert held(tmp_path / "demo") == old.all
    assert strays(tmp_path) == []
    with open_run(tmp_path, "demo") as run:
        assert is_published(run, old)
    publish(tmp_path, tree)
    assert held(tmp_path / "demo") == tree.all


def test_a_full_disk_at_any_flush_is_said_and_got_over(
    tmp_path: Path, old: Tree, new: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(tmp_path, old)
    real = os.fsync
    at = 0
    while True:
        at += 1
        calls = 0

        def fsync(descriptor: int, at: int = at) -> None:
            nonlocal calls
            calls += 1
            if calls >= at:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            real(descriptor)

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", fsync)
            try:
                publish(tmp_path, new)
                break
            except StorageError as error:
                assert "The disk is full" in str(error)  # noqa: PT017
        assert strays(tmp_path) == []
        agrees(tmp_path / "demo", (old, new))
        publish(tmp_path, old)
        assert held(tmp_path / "demo") == old.all
    assert at > 15
    assert held(tmp_path / "demo") == new.all


@pytest.fixture(scope="module")
def no_waiting() -> Iterator[None]:
    """Flush nothing: a kill does not lose what the kernel holds, and flushing takes long."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)
        yield


# --- kills -------------------------------------------------------------------------------------


def agrees(folder: Path, trees: tuple[Tree, ...]) -> None:
    """Hold what a reader is promised: a manifest and just its files, or no manifest.

    And each file under a name of ours is whole, as one of the trees has it.
    """
    found = held(folder)
    if "manifest.json" in found:
        manifest = next(t for t in trees if t.all["manifest.json"] == found["manifest.json"])
        assert {p: d for p, d in found.items() if p in manifest.all} == manifest.all
    for path, data in found.items():
        if not os.path.basename(path).startswith(ASIDE):
            assert data in [t.all[path] for t in trees if path in t.all] + [FOREIGN.get(path)]


CALLS = ["fsync", "mkdir", "open", "pwrite", "rename", "replace", "rmdir"]
CALLS += ["truncate", "ftruncate", "unlink", "write"]


def die_at(step: int) -> None:
    """Have this process killed just before its ``step``-th call that may change the disk."""
    calls = 0

    def watched(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == step:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **options)

        return call

    for name in CALLS:
        setattr(os, name, watched(getattr(os, name)))


@pytest.mark.usefixtures("no_waiting")
def test_a_publish_killed_at_every_step_is_finished_by_the_next(
    tmp_path: Path, old: Tree, new: Tree
) -> None:
    publish(tmp_path, old)
    folder, as_it_was = tmp_path / "demo", tmp_path / "as-it-was"
    write(folder, FOREIGN)
    shutil.copytree(folder, as_it_was)
    gone_at: list[int] = []
    step = 0
    while True:
        step += 1

        def killed(step: int = step) -> None:
            die_at(step)
            publish(tmp_path, new)

        status = ended(forked(killed))
        if status == 0:
            break
        assert status == -signal.SIGKILL
        agrees(folder, (old, new))
        if not (folder / "manifest.json").exists():
            gone_at.append(step)
            # What is slow was done before: only renames keep a reader waiting.
            assert set(NEW.values()) <= set(held(folder).values())
        # The next run may want what this one did, or what was there before: both must end well.
        after, other = (new, old) if step % 2 else (old, new)
        for tree in (after, other):
            publish(tmp_path, tree)
            assert held(folder) == {**tree.all, **FOREIGN}
            assert folders(folder) == FOLDERS[tree is new]
        assert strays(tmp_path) == []
        shutil.rmtree(folder)
        shutil.copytree(as_it_was, folder)
    assert held(folder) == {**new.all, **FOREIGN}
    assert step > 50
    assert gone_at == list(range(gone_at[0], gone_at[-1] + 1))


def build(parts: PartStore, number: int) -> None:
    def make(folder: Path) -> None:
        write(folder, {"one": b"1" * number * 1000, "two/three": b"23" * number})

    parts.build("s", 1, {"number": number}, {}, make)


def part_names(parts: PartStore) -> list[str]:
    return [path.name for path in parts.folder.glob("?" * 32)]


@pytest.mark.usefixtures("no_waiting")
def test_a_build_killed_at_every_step_is_finished_by_the_next(tmp_path: Path) -> None:
    key = part_key("s", 1, {"number": 3}, {})
    with PartStore(tmp_path / "whole") as parts:
        build(parts, 3)
        whole = parts.find(key)
    assert whole
    step = 0
    while True:
        step += 1

        def killed(step: int = step) -> None:
            die_at(step)
            with PartStore(tmp_path / "out") as parts:
                build(parts, 3)

        status = ended(forked(killed))
        if status == 0:
            break
        assert status == -signal.SIGKILL
        with PartStore(tmp_path / "out") as parts:
            assert strays(tmp_path) == []
            found = parts.find(key)
            assert found is None or found.content == whole.content
            build(parts, 3)
            built = parts.find(key)
        assert built
        assert (built.folder / "one").read_bytes() == b"1" * 3000
        assert (built.content, built.files) == (whole.content, whole.files)
        shutil.rmtree(tmp_path / "out")
    assert step > 12


@pytest.mark.usefixtures("no_waiting")
def test_builds_and_publishes_killed_at_random_instants_end_well(
    tmp_path: Path, old: Tree, new: Tree
) -> None:
    rng = random.Random(20)
    folder = tmp_path / "demo"
    publish(tmp_path, old)
    write(folder, FOREIGN)

    def for_ever() -> None:
        while True:
            with open_run(tmp_path, "demo") as run:
                run.publish(new.root, new.entries)
                build(run.parts, len(part_names(run.parts)))
                run.log("round")
                run.publish(old.root, old.entries)

    for _ in range(10):
        child = forked(for_ever)
        time.sleep(rng.uniform(0.02, 0.3))
        os.kill(child, signal.SIGKILL)
        assert ended(child) == -signal.SIGKILL
        agrees(folder, (old, new))
        tree = rng.choice((old, new))
        publish(tmp_path, tree)
        assert held(folder) == {**tree.all, **FOREIGN}
        assert strays(tmp_path) == []
        with PartStore(tmp_path) as parts:
            assert all(parts.find(key) for key in part_names(parts))
    assert part_names(parts)
    for line in ledger(tmp_path).read_text().splitlines():
        json.loads(line)


# --- any sequence of trees ---------------------------------------------------------------------

PATHS = ["a", "a/b", "a/b/c", "sft/x", "sft/y", "sft", "z"]


def fits(files: Files) -> bool:
    """Tell whether no file is named where another needs a folder."""
    return not any(other.startswith(path + "/") for path in files for other in files)


TREES = st.dictionaries(
    st.sampled_from(PATHS), st.sampled_from([b"", b"one", b"two", b"x" * 3000]), max_size=5
).filter(fits)
ACCIDENTS = st.sampled_from(["none", "delete", "edit", "touch", "tear ledger", "lose ledger"])


def befall(accident: str, output: Path, rng: random.Random) -> None:
    files = [output / "demo" / path for path in sorted(held(output / "demo")) if "mine" not in path]
    victim = rng.choice(files)
    match accident:
        case "delete":
            victim.unlink()
        case "edit":
            data = victim.read_bytes()
            victim.write_bytes(bytes(255 - byte for byte in data))
        case "touch":
            os.utime(victim, ns=(10**18, 10**18))
        case "tear ledger":
            os.truncate(ledger(output), max(0, ledger(output).stat().st_size - 30))
        case "lose ledger":
            ledger(output).unlink()


@pytest.mark.usefixtures("no_waiting")
@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(TREES, ACCIDENTS), min_size=1, max_size=5),
    st.integers(min_value=0, max_value=2**32),
)
def test_any_sequence_of_trees_ends_with_the_last_and_the_foreign(
    sequence: list[tuple[Files, str]], seed: int
) -> None:
    rng = random.Random(seed)
    foreign = {"mine.txt": b"mine", "nested/mine": b"mine"}
    with tempfile.TemporaryDirectory() as place:
        output = Path(place)
        open_run(output, "demo").close()
        write(output / "demo", foreign)
        for number, (files, accident) in enumerate(sequence):
            tree = Tree(output / f"tree{number}", files)
            with open_run(output, "demo") as run:
                run.publish(tree.root, tree.entries)
                assert is_published(run, tree)
                again = run.publish(tree.root, tree.entries)
            assert again == Published(0, 0, len(tree.all))
            assert held(output / "demo") == {**tree.all, **foreign}
            assert strays(output) == []
            befall(accident, output, rng)
