"""Readers that do not reason, on mined items: by distance, degree, length and shared words.

They are written here once more, beside those of the gate, so that one can be held to the other.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import pytest
from export_rows import make_row

from kgsynth.config import PathsConfig, Shatter, SynthesisConfig
from kgsynth.curate.gate import GraphSight, ShortcutGate
from kgsynth.graph.compile import compile_graph
from kgsynth.graph.overlay import Overlay
from kgsynth.graph.shatter import shattered
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.model import Item, Row, RowQuestion
from kgsynth.paths.finder import PathFinder
from kgsynth.paths.ground import Ground
from kgsynth.paths.mine import PathMiner
from kgsynth.paths.negatives import NegativeFinder
from kgsynth.paths.unique import UniqueSampler
from kgsynth.resources import locate
from kgsynth.sources import read_source

HETIONET = Path(__file__).resolve().parents[2] / "shared" / "data" / "hetionet"
CHANCE, MARGIN = 0.25, 0.03
FAR = 99


class Asked(NamedTuple):
    """One item as a reader that does not reason sees it: a start, the key and wrong options."""

    start: int
    key: int
    others: Sequence[int]


Reader = Callable[[int, Sequence[int]], list[float]]


def readers(graph: KnowledgeGraph, overlay: Overlay) -> dict[str, Reader]:
    """Each ranks the options of a start; the highest is its answer."""
    degrees = graph.contact.degree
    full, cut = PathFinder(graph), PathFinder(graph, overlay)

    def closeness(finder: PathFinder, start: int, options: Sequence[int]) -> list[float]:
        hops = finder.hops(start, options, 6).tolist()
        return [-float(h if h >= 0 else FAR) for h in hops]

    def words(code: int) -> set[str]:
        return {w for w in re.split(r"\W+", graph.name(code).casefold()) if len(w) > 2}

    return {
        "nearest": lambda start, options: closeness(full, start, options),
        "nearest without the hubs": lambda start, options: closeness(cut, start, options),
        "highest degree": lambda _, options: [float(degrees[code]) for code in options],
        "lowest degree": lambda _, options: [-float(degrees[code]) for code in options],
        "longest": lambda _, options: [float(len(graph.name(code))) for code in options],
        "shortest": lambda _, options: [-float(len(graph.name(code))) for code in options],
        "word overlap": lambda start, options: [
            float(len(words(start) & words(code))) for code in options
        ],
    }


def shares(reader: Reader, items: Sequence[Asked]) -> list[float]:
    """How much of each item a reader has right; of a tie, the share of the key."""
    found = []
    for item in items:
        ranks = reader(item.start, [item.key, *item.others])
        best = ranks.count(max(ranks))
        found.append(1 / best if ranks[0] == max(ranks) else 0.0)
    return found


def told_apart(accuracy: dict[str, list[float]]) -> list[str]:
    """The readers that are surely better than chance and a margin: Holm over one-sided bounds."""
    order = sorted(accuracy, key=lambda name: -float(np.mean(accuracy[name])))
    found = []
    for place, name in enumerate(order):
        held = np.array(accuracy[name])
        wide = NormalDist().inv_cdf(1 - 0.025 / (len(order) - place))
        lower = held.mean() - wide * held.std(ddof=1) / len(held) ** 0.5
        if lower <= CHANCE + MARGIN:
            break
        found.append(name)
    return found


def mine(graph: KnowledgeGraph, overlay: Overlay, count: int, hops: tuple[int, int]) -> list[Item]:
    miner = PathMiner(graph, overlay, synthesis=SynthesisConfig(), seed=7, language="en")
    return miner.mine(PathsConfig(hops=hops), count).items


def asked(graph: KnowledgeGraph, items: Sequence[Item]) -> list[Asked]:
    return [
        Asked(
            graph.code(item.path.nodes[0].id),
            graph.code(item.path.nodes[-1].id),
            [graph.code(o.concept) for o in item.options if o.why_out and o.concept],
        )
        for item in items
    ]


def unmatched(graph: KnowledgeGraph, overlay: Overlay, count: int) -> Iterator[Asked]:
    """What hangs from siblings of the bridge, as it comes: three options, matched in nothing."""
    finder, draw = NegativeFinder(graph, overlay, seed=7), random.Random(7)
    found = UniqueSampler(Ground.of(graph, overlay), hops=(2, 5), quota=1, seed=7).sample(6 * count)
    pools = finder.find(found)
    for at, nodes in enumerate(found.nodes.tolist()):
        hard = [c.code for c in pools[at].candidates if c.sibling is not None]
        if len(hard) >= 3:
            yield Asked(nodes[0], nodes[int(found.hops[at])], draw.sample(hard, 3))


def accuracies(
    graph: KnowledgeGraph, overlay: Overlay, items: Sequence[Asked]
) -> dict[str, list[float]]:
    return {name: shares(reader, items) for name, reader in readers(graph, overlay).items()}


def told(accuracy: dict[str, list[float]]) -> str:
    return ", ".join(f"{name} {np.mean(held):.3f}" for name, held in accuracy.items())


class Mined(NamedTuple):
    graph: KnowledgeGraph
    overlay: Overlay
    items: list[Item]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Mined:
    folder = tmp_path_factory.mktemp("demo")
    compile_graph([read_source("tables", locate("ontologies/demo"))], folder)
    graph = KnowledgeGraph.open(folder)
    overlay = shattered(graph, Shatter(k=20))
    return Mined(graph, overlay, mine(graph, overlay, 600, (2, 4)))


def test_no_reader_does_better_than_chance_on_the_demo_graph(demo: Mined) -> None:
    assert len(demo.items) > 300
    accuracy = accuracies(demo.graph, demo.overlay, asked(demo.graph, demo.items))
    assert told_apart(accuracy) == [], told(accuracy)


def written(item: Item) -> Row:
    """Make a row of an item whose stem is just the name of its start."""
    question = RowQuestion(stem=item.path.nodes[0].name, options=item.options, key=item.key)
    return make_row(path=item.path, question=question, groups=item.groups, split="train")


def test_the_readers_of_the_gate_are_right_as_often_as_these(demo: Mined) -> None:
    gate = ShortcutGate(GraphSight(demo.graph, demo.overlay.walk))
    for item in demo.items:
        gate.add(written(item))
    (split,) = gate.gate().splits
    told = {reader.reader: reader.accuracy for reader in split.readers}
    ours = accuracies(demo.graph, demo.overlay, asked(demo.graph, demo.items))
    assert {name: told[name] for name in ours} == {
        name: pytest.approx(float(np.mean(held)), abs=1e-6) for name, held in ours.items()
    }


def test_a_reader_that_is_better_than_chance_is_told() -> None:
    held = [1.0] * 150 + [0.0] * 250
    assert told_apart({"good": held, "chance": [0.25] * 400}) == ["good"]
    assert told_apart({"lucky": [1.0] * 110 + [0.0] * 290, "chance": [0.25] * 400}) == []
    assert shares(lambda _, options: [float(o) for o in options], [Asked(0, 5, [5, 1, 2])]) == [0.5]


@pytest.mark.real
@pytest.mark.skipif(not HETIONET.is_dir(), reason="Hetionet does not lie in ../shared/data")
def test_no_reader_does_better_than_chance_on_hetionet(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    compile_graph([read_source("hetionet", HETIONET)], tmp_path)
    graph = KnowledgeGraph.open(tmp_path)
    overlay = shattered(graph, Shatter(k=100))
    items = asked(graph, mine(graph, overlay, 2_000, (2, 5)))
    assert len(items) == 2_000
    accuracy = accuracies(graph, overlay, items)
    contrast = accuracies(graph, overlay, list(unmatched(graph, overlay, 1_000)))
    with capsys.disabled():
        print(f"\nof 2,000 items right: {told(accuracy)}")
        print(f"of {len(contrast['nearest']):,} without matching: {told(contrast)}")
    assert told_apart(accuracy) == []
    assert "nearest" in told_apart(contrast)
