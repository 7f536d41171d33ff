"""One reader against many inputs, in a process of its own: whatever it does, somebody is told."""

from __future__ import annotations

import base64
import faulthandler
import gc
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from accounts import fault_of_account, fault_of_triples
from checks import difference, fault_of_error, fault_of_graph
from given import Input, write
from mutations import mutated
from scripted_bolt import ScriptedServer
from seeds import seeds
from seeds_of_documents import SERVER

from kgsynth.errors import KgsynthError
from kgsynth.graph.compile import compile_graph
from kgsynth.seeding import stream
from kgsynth.source_options import SOURCE, GraphSource
from kgsynth.sources import read_source
from kgsynth.sources.columns import GraphColumns

SECONDS = 20.0
"""What one reading may take; in compiled code, which no signal stops, three times as much."""
MEMORY = 2 << 30
"""Address space that a reading may take beyond what the warm process has."""
COMPILE_EVERY = 20
AGAIN_EVERY = 25
SHRINK_TRIES = 150
UNSHOWN = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)
"""What Python shows no user by default."""


class TookTooLong(BaseException):
    """Not an Exception, so that no reader takes it for a fault of the input."""


class Outcome(NamedTuple):
    """What became of an input."""

    ended: str
    """``graph``, ``refused`` or ``failed``."""
    fault: str = ""
    where: str = ""
    """The kind of fault and its place, the same for all inputs that show it."""
    trace: str = ""


def made(kind: str, seed: int, number: int) -> Input:
    """Make an input; the first ones are the valid ones, as they are."""
    valid = seeds(kind)
    if number < len(valid):
        return valid[number]
    rng = stream(seed, "fuzz", kind, number)
    return mutated(rng, rng.choice(valid), valid)


# --- one input ------------------------------------------------------------------------------------


class Examiner:
    """Reads inputs of one kind and judges what comes of each."""

    def __init__(self, kind: str, place: Path, *, quiet: bool = True) -> None:
        self.kind, self.place, self._quiet = kind, place, quiet
        self._server: ScriptedServer | None = None
        self._noise = 0
        self._temporary = place / "temporary"
        self._temporary.mkdir()
        tempfile.tempdir = str(self._temporary)

    def judge(self, given: Input, *, number: int = 0) -> Outcome:
        """Read an input. By its number it is also compiled, or read again, or neither."""
        folder = self.place / "in"
        shutil.rmtree(folder, ignore_errors=True)
        path = write(given, folder)
        before = _files_open()
        try:
            with limited(), warned() as said:
                outcome = self._read(given, path, number)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            outcome = _of_error(error)
        if outcome.fault:
            self._hush()
            return outcome
        fault = self._left_behind(said, before)
        if not fault:
            return outcome
        return Outcome("failed", fault, fault.partition("'")[0])

    def _read(self, given: Input, path: Path, number: int) -> Outcome:
        place: Path | str = path
        if SERVER in given.files and self.kind == "neo4j":
            place = self._served(given)
        # The path of a server is checked by the reader, and not by its options.
        options: GraphSource = SOURCE.validate_python(
            {"kind": self.kind, "path": str(place), **given.options}
        )
        graph = read_source(self.kind, place, options)
        fault = fault_of_graph(graph) or fault_of_account(self.kind, given, graph)
        if not fault and self.kind == "rdf" and number % 5 == 0 and "w3id.org" not in str(given):
            fault = fault_of_triples(path, str(getattr(options, "syntax", "")))
        if not fault and number % AGAIN_EVERY == 0:
            fault = difference(graph, read_source(self.kind, place, options))
        if fault:
            return Outcome("failed", fault, "".join(c for c in fault if not c.isdigit())[:60])
        if number % COMPILE_EVERY == 0:
            self._compile(graph)
        return Outcome("graph")

    def _served(self, given: Input) -> str:
        self._server = self._server or ScriptedServer()
        self._server.play(given.files[SERVER] or b"")
        return self._server.address

    def _compile(self, graph: GraphColumns) -> None:
        store = self.place / "store"
        shutil.rmtree(store, ignore_errors=True)
        try:
            compile_graph([graph], store)
        except KgsynthError as error:
            if fault := fault_of_error(error):
                raise AssertionError(f"the compile step: {fault}") from error

    def _left_behind(self, said: list[warnings.WarningMessage], before: set[str]) -> str:
        """Say what a reading left: words on the screen, files in a folder, files open."""
        shown = [w for w in said if not issubclass(w.category, UNSHOWN)]
        if shown:
            return f"it warned: {shown[0].message}"[:300]
        if noise := self._hush():
            return f"it wrote on the screen: {noise[:300]!r}"
        if left := sorted(path.name for path in self._temporary.iterdir()):
            shutil.rmtree(self._temporary)
            self._temporary.mkdir()
            return f"it left {left[0]!r} in the folder for temporary files"
        if self._server is None and (still := _files_open() - before):
            gc.collect()
            if still := _files_open() - before:
                return f"it left {len(still)} files open"
        return ""

    def _hush(self) -> str:
        """Return what was written to standard output and error since the last time."""
        if not self._quiet:
            return ""
        for file in (sys.stdout, sys.stderr):
            file.flush()
        size = os.fstat(2).st_size
        with open("/proc/self/fd/2", "rb") as file:
            file.seek(self._noise)
            noise = file.read().decode("utf-8", "replace")
        self._noise = size
        return noise


def _of_error(error: BaseException) -> Outcome:
    if isinstance(error, TookTooLong):
        fault = f"it took more than {SECONDS} seconds"
    else:
        fault = fault_of_error(error)
    if not fault:
        return Outcome("refused")
    trace = "".join(traceback.format_exception(error))
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "kgsynth" in f.filename]
    at = f"{Path(frames[-1].filename).name}:{frames[-1].name}" if frames else ""
    what = fault.partition(":")[0]
    return Outcome("failed", fault, "".join(c for c in f"{what} in {at}" if not c.isdigit()), trace)


def _files_open() -> set[str]:
    found = set()
    for number in os.listdir("/proc/self/fd"):
        with suppress(OSError):
            target = os.readlink(f"/proc/self/fd/{number}")
            if (target.startswith("/") and "/in/" in target) or "/temporary" in target:
                found.add(f"{number} {target}")
    return found


# --- limits ---------------------------------------------------------------------------------------


@contextmanager
def limited() -> Iterator[None]:
    """Stop what takes too long, by a signal and, where that does not help, for good."""

    def stop(*_: object) -> None:
        raise TookTooLong

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    faulthandler.dump_traceback_later(3 * SECONDS, exit=True)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()


@contextmanager
def warned() -> Iterator[list[warnings.WarningMessage]]:
    """Collect warnings."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        yield said


def limit_memory() -> None:
    """Allow the process some address space beyond what it has."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))


# --- smaller --------------------------------------------------------------------------------------


def shrunk(given: Input, still_fails: Callable[[Input], bool]) -> Input:
    """Leave out files, then halves, quarters and so on of each file's lines and bytes."""
    tries = 0

    def worse(candidate: Input) -> bool:
        nonlocal tries
        tries += 1
        return tries <= SHRINK_TRIES and still_fails(candidate)

    for name in list(given.files):
        fewer = {n: c for n, c in given.files.items() if n != name}
        if fewer and worse(candidate := given._replace(files=fewer)):
            given = candidate
    for name, content in given.files.items():
        for parted in (b"\n", b""):
            pieces = (content or b"").split(b"\n") if parted else _bytes(content or b"")
            size = len(pieces) // 2
            while size >= 1 and tries <= SHRINK_TRIES:
                at = 0
                while at < len(pieces):
                    fewer_pieces = pieces[:at] + pieces[at + size :]
                    changed = {**given.files, name: parted.join(fewer_pieces)}
                    if worse(given._replace(files=changed)):
                        pieces = fewer_pieces
                        given = given._replace(files=changed)
                    else:
                        at += size
                size //= 2
            content = given.files[name]
    return given


def _bytes(content: bytes) -> list[bytes]:
    return [content[at : at + 1] for at in range(len(content))] if len(content) < 5_000 else []


# --- many inputs ----------------------------------------------------------------------------------


def run(
    kind: str, seed: int, first: int, last: int, place: Path, tell: Callable[[Any], None]
) -> None:
    """Read inputs ``first`` to ``last``, and tell of each before it is read and of every fault."""
    examiner = Examiner(kind, place)
    tell({"at": first})
    for given in seeds(kind)[:3]:
        examiner.judge(given)
    limit_memory()
    ended: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for number in range(first, last):
        tell({"at": number})
        given = made(kind, seed, number)
        outcome = examiner.judge(given, number=number)
        if number < len(seeds(kind)) and outcome.ended == "refused":
            outcome = Outcome("failed", "a valid graph is refused", "a valid graph is refused")
        ended[outcome.ended] += 1
        if not outcome.fault:
            continue
        seen[outcome.where] += 1
        if seen[outcome.where] <= 2:

            def still_fails(candidate: Input, like: Outcome = outcome, at: int = number) -> bool:
                return examiner.judge(candidate, number=at).where == like.where

            cheap = seen[outcome.where] == 1 and not outcome.where.startswith("it took")
            small = shrunk(given, still_fails) if cheap else given
            tell({"fault": {**outcome._asdict(), **saved(kind, seed, number, small)}})
        else:
            tell({"again": outcome.where})
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tell({"done": dict(ended), "peak": peak * 1024})


def saved(kind: str, seed: int, number: int, given: Input) -> dict[str, Any]:
    """Write an input down."""
    files = {n: None if c is None else base64.b64encode(c).decode() for n, c in given.files.items()}
    about = {"kind": kind, "seed": seed, "number": number, "entry": given.entry}
    return {**about, "options": dict(given.options), "files": files}


def loaded(document: dict[str, Any]) -> Input:
    """Read what was written down."""
    held = document["files"].items()
    files = {n: None if c is None else base64.b64decode(c) for n, c in held}
    return Input(files, document["entry"], document["options"])


def main(kind: str, seed: str, first: str, last: str, place: str) -> int:
    """Work for the parent, which reads one JSON object a line from standard output."""
    channel = os.fdopen(os.dup(1), "w", buffering=1)
    noise = os.open(Path(place) / "noise.txt", os.O_RDWR | os.O_CREAT | os.O_APPEND)
    os.dup2(noise, 1)
    os.dup2(noise, 2)
    faulthandler.enable()

    def tell(said: Any) -> None:
        print(json.dumps(said), file=channel, flush=True)

    run(kind, int(seed), int(first), int(last), Path(place), tell)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
