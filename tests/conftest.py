"""Fixtures that several tests share: the mini graph, compiled once, whole and without its hubs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from kgsynth.config import Protect, Shatter
from kgsynth.graph.compile import compile_graph
from kgsynth.graph.overlay import Overlay
from kgsynth.graph.shatter import shatter
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.resources import locate
from kgsynth.sources import read_source

settings.register_profile("ci", derandomize=True, deadline=None)
if os.environ.get("CI"):
    # The same draws every time: what a change broke is told from what was never tried before.
    settings.load_profile("ci")


@pytest.fixture(scope="session")
def mini_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of the mini graph."""
    folder = tmp_path_factory.mktemp("mini") / "store"
    compile_graph([read_source("tables", locate("ontologies/mini"))], folder)
    return folder


@pytest.fixture(scope="session")
def mini(mini_store: Path) -> KnowledgeGraph:
    """The mini graph."""
    return KnowledgeGraph.open(mini_store)


@pytest.fixture(scope="session")
def mini_overlay(mini: KnowledgeGraph, tmp_path_factory: pytest.TempPathFactory) -> Overlay:
    """The mini graph without its two hubs, inflammation and pain."""
    folder = tmp_path_factory.mktemp("mini") / "overlay"
    shatter(mini, Shatter(k=2, protect=Protect(answers=False)), folder)
    return Overlay.open(folder, mini)
