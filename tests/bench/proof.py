"""Measure the checks: on the frozen sets, on damaged edges of a real graph, and for speed.

    .venv/bin/python tests/bench/proof.py [figures corruptions speed ...] [--items N]

`figures` needs nothing; the others take Hetionet from ``../shared/data`` and say so where it is
not there. For speed some thousand mined items are checked again and again: 10k, 30k and 100k rows
on two processes, each of which reads the rows from a file as the stage of a build does.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
HETIONET = HERE.parents[2] / "shared" / "data" / "hetionet"
PROCESSES, ROWS = 2, (10_000, 30_000, 100_000)
MOST_SECONDS, MOST_GB, CAUGHT = 240, 2.0, 0.99


def figures(_: Path, __: int) -> Iterator[str]:
    """Both halves of the frozen sets beside what is asked of the unseen ones."""
    sys.path.insert(0, str(HERE.parent / "proof"))
    import judging

    yield from judging.lines()


# --- items of a real graph ---------------------------------------------------------------------


def _prepared(folder: Path, count: int) -> tuple[Path, Path]:
    """Compile Hetionet, mine items and have them written; return the store and the drafts."""
    from kgsynth.config import PathsConfig, ScriptedTeacherConfig, Shatter, SynthesisConfig
    from kgsynth.graph.compile import compile_graph
    from kgsynth.graph.overlay import Overlay
    from kgsynth.graph.shatter import shatter
    from kgsynth.graph.store import KnowledgeGraph
    from kgsynth.paths.mine import PathMiner
    from kgsynth.pipeline.lines import write_lines
    from kgsynth.sources import read_source
    from kgsynth.synthesis.write import write_items
    from kgsynth.teachers.scripted import ScriptedTeacher

    store, drafts = folder / "store", folder / "drafts.jsonl"
    if not drafts.exists():
        compile_graph([read_source("hetionet", HETIONET)], store)
        graph = KnowledgeGraph.open(store)
        shatter(graph, Shatter(k=100), folder / "overlay")
        overlay = Overlay.open(folder / "overlay", graph)
        miner = PathMiner(graph, overlay, synthesis=SynthesisConfig(), seed=7, language="en")
        items = miner.mine(PathsConfig(hops=(2, 5), coverage="none"), count).items
        teacher = ScriptedTeacher(ScriptedTeacherConfig())
        written = write_items(items, teacher, seed=7, graph="g", overlay="o")
        write_lines(drafts, written.drafts)
    return store, drafts


@cache
def _beside(store: str) -> dict[str, Any]:
    """What a context holds of the whole graph, once in each process."""
    from kgsynth.graph.overlay import Overlay
    from kgsynth.graph.store import KnowledgeGraph
    from kgsynth.linking.matching import NameMatcher
    from kgsynth.verify.whole import WholeGraph

    graph = KnowledgeGraph.open(store)
    hubs = [hub.id for hub in Overlay.open(Path(store).parent / "overlay", graph).report.removed]
    return {
        "names": NameMatcher((name.text, concept) for concept, name in graph.all_names()),
        "holds": graph.holds,
        "whole": WholeGraph(graph, hubs),
    }


def _context(draft: Any, store: str) -> Any:
    from kgsynth.verify.check import CheckContext
    from kgsynth.vocabulary import load_vocabulary

    return CheckContext.of(draft.statements, draft.concepts, load_vocabulary(), **_beside(store))


# --- one edge of a true trace -------------------------------------------------------------------


def corruptions(folder: Path, count: int) -> Iterator[str]:
    """True traces of which one edge is changed: another relation, turned round, another concept."""
    from kgsynth.model import Draft
    from kgsynth.pipeline.lines import read_lines
    from kgsynth.verify import check_row, released

    store, path = _prepared(folder, count)
    drafts = list(read_lines(path, Draft))
    draw = random.Random(7)
    tried: Counter[str] = Counter()
    caught: Counter[str] = Counter()
    sound = sum(released(check_row(d.row, _context(d, str(store)))) for d in drafts)
    for draft in drafts:
        for kind, damage in EDGES.items():
            row = damage(draft, drafts, draw)
            tried[kind] += 1
            caught[kind] += not released(check_row(row, _context(draft, str(store))))
    yield f"{sound:,} of {len(drafts):,} true traces pass"
    for kind in EDGES:
        yield f"{kind:22}{caught[kind] / tried[kind]:8.4f} of {tried[kind]:,} caught"
    share = caught.total() / tried.total()
    yield f"{'all':22}{share:8.4f}   asked {CAUGHT}: {'met' if share >= CAUGHT else 'MISSED'}"


def _step(draft: Any, draw: random.Random) -> int:
    steps = draft.row.trace.steps
    return draw.choice([at for at, step in enumerate(steps) if step.kind == "hop"])


def _with_text(draft: Any, at: int, text: str) -> Any:
    steps = list(draft.row.trace.steps)
    steps[at] = steps[at].model_copy(update={"text": text})
    trace = draft.row.trace.model_copy(update={"steps": tuple(steps)})
    return draft.row.model_copy(update={"trace": trace})


def _worded(draft: Any, at: int, **changes: str) -> Any:
    """Word the statement of a step anew, with something changed."""
    from kgsynth.vocabulary import load_vocabulary, say, sentence

    cited = next(s for s in draft.statements if s.id == draft.row.trace.steps[at].cites[0])
    names = {concept.id: concept.name("en") for concept in draft.concepts}
    told = {"subject": cited.subject, "predicate": cited.predicate, "object": cited.object}
    told |= changes
    template = load_vocabulary().predicate(told["predicate"]).wording("en").forward[0]
    template = template.replace("{s}", "{from}").replace("{o}", "{to}")
    ends = (names.get(told[end], told[end]) for end in ("subject", "object"))
    return _with_text(draft, at, sentence(say(template, *ends)))


def another_relation(draft: Any, drafts: Sequence[Any], draw: random.Random) -> Any:
    at = _step(draft, draw)
    cited = next(s for s in draft.statements if s.id == draft.row.trace.steps[at].cites[0])
    others = sorted({s.predicate for d in drafts[:200] for s in d.statements} - {cited.predicate})
    return _worded(draft, at, predicate=draw.choice(others))


def turned_round(draft: Any, drafts: Sequence[Any], draw: random.Random) -> Any:
    from kgsynth.vocabulary import load_vocabulary

    ways = [at for at, step in enumerate(draft.row.trace.steps) if step.kind == "hop"]
    draw.shuffle(ways)
    for at in ways:
        cited = next(s for s in draft.statements if s.id == draft.row.trace.steps[at].cites[0])
        if not load_vocabulary().predicate(cited.predicate).symmetric:
            return _worded(draft, at, subject=cited.object, object=cited.subject)
    return another_relation(draft, drafts, draw)


def another_concept(draft: Any, drafts: Sequence[Any], draw: random.Random) -> Any:
    own = {node.id for node in draft.row.path.nodes}
    stranger = draw.choice([n for n in draw.choice(drafts).row.path.nodes if n.id not in own] or
                           [n for n in drafts[0].row.path.nodes])  # fmt: skip
    return _worded(draft, _step(draft, draw), **{draw.choice(["subject", "object"]): stranger.name})


def another_statement(draft: Any, drafts: Sequence[Any], draw: random.Random) -> Any:
    at, other = _step(draft, draw), draw.choice(drafts)
    cites = other.row.trace.steps[0].cites
    if cites == draft.row.trace.steps[at].cites:
        return another_relation(draft, drafts, draw)
    steps = list(draft.row.trace.steps)
    steps[at] = steps[at].model_copy(update={"cites": cites})
    trace = draft.row.trace.model_copy(update={"steps": tuple(steps)})
    return draft.row.model_copy(update={"trace": trace})


EDGES: dict[str, Callable[[Any, Sequence[Any], random.Random], Any]] = {
    "another relation": another_relation,
    "turned round": turned_round,
    "another concept": another_concept,
    "another statement": another_statement,
}


# --- speed --------------------------------------------------------------------------------------


def speed(folder: Path, count: int) -> Iterator[str]:
    """Rows through every check that needs no model, on two processes."""
    store, path = _prepared(folder, count)
    lines = path.read_text("utf-8").splitlines(keepends=True)
    yield f"{len(lines):,} distinct items, checked again and again on {PROCESSES} processes"
    for rows in ROWS:
        shares = []
        for part in range(PROCESSES):
            share = folder / f"rows-{part}.jsonl"
            with share.open("w", encoding="utf-8") as out:
                out.writelines(lines[at % len(lines)] for at in range(part, rows, PROCESSES))
            shares.append(share)
        start = time.perf_counter()
        with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
            told = list(pool.map(_checked, shares, [str(store)] * PROCESSES))
        seconds = time.perf_counter() - start
        peak = sum(gigabytes for _, gigabytes in told)
        passed = sum(number for number, _ in told)
        line = f"{rows:>9,} rows{seconds:9.1f} s{rows / seconds:9,.0f} rows/s{peak:7.2f} GB in all"
        line += f"{passed:>9,} released"
        if rows == ROWS[-1]:
            met = seconds <= MOST_SECONDS and peak <= MOST_GB
            line += f"   asked {MOST_SECONDS} s and {MOST_GB} GB: {'met' if met else 'MISSED'}"
        yield line


def _checked(path: Path, store: str) -> tuple[int, float]:
    """Check the rows of a file as they are read; return how many passed, and the peak of memory."""
    from kgsynth.model import Draft
    from kgsynth.pipeline.lines import read_lines
    from kgsynth.verify import check_row, released

    passed = sum(
        released(check_row(draft.row, _context(draft, store))) for draft in read_lines(path, Draft)
    )
    return passed, _peak_gigabytes()


def _peak_gigabytes() -> float:
    """Read the peak of this process alone: what `getrusage` tells starts with its parent's."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(next(line for line in status.splitlines() if "VmHWM" in line).split()[1]) / 2**20


MEASUREMENTS: dict[str, Callable[[Path, int], Iterator[str]]] = {
    "figures": figures,
    "corruptions": corruptions,
    "speed": speed,
}


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MEASUREMENTS))
    parser.add_argument("--items", type=int, default=2_000, help="items mined of Hetionet")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name in asked.names or MEASUREMENTS:
            print(f"{name}: {MEASUREMENTS[name].__doc__}", flush=True)
            if name != "figures" and not HETIONET.is_dir():
                print("  Hetionet does not lie in ../shared/data: not measured")
                continue
            for line in MEASUREMENTS[name](Path(folder), asked.items):
                print(f"  {line}", flush=True)


if __name__ == "__main__":
    main()
