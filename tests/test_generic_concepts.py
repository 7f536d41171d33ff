"""Which score tells the generic from the specific, on concepts of Hetionet chosen by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from generic_concepts import GENERIC, SPECIFIC

from kgsynth.config import Shatter
from kgsynth.graph.compile import compile_graph
from kgsynth.graph.scores import SCORES
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.sources import read_source

HETIONET = Path(__file__).resolve().parents[2] / "shared" / "data" / "hetionet"

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not HETIONET.is_dir(), reason="Hetionet does not lie in ../shared/data"),
]


def test_the_usual_score_tells_them_best(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    compile_graph([read_source("hetionet", HETIONET)], tmp_path)
    graph = KnowledgeGraph.open(tmp_path)
    called = {(graph.types(code)[0], graph.name(code)): code for code in range(graph.node_count)}
    generic, specific = (
        [called[kind, name] for kind, names in held.items() for name in names]
        for held in (GENERIC, SPECIFIC)
    )
    assert len(set(generic)) == len(set(specific)) == 100
    areas = {}
    for name, score in SCORES.items():
        scores = score(graph)
        above = scores[generic][:, None] - scores[specific][None, :]
        areas[name] = float((above > 0).mean() + (above == 0).mean() / 2)
    with capsys.disabled():
        told = ", ".join(f"{name} {area:.3f}" for name, area in areas.items())
        print(f"\narea under the curve: {told}")
    usual = Shatter().score
    assert areas[usual] == max(areas.values())
    assert areas[usual] > 0.75
