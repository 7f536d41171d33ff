"""Progress on stderr, with rate and time left, where somebody is there to see it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kgsynth.pipeline import Progress
from kgsynth.pipeline.build import silent


@contextmanager
def stage_progress(*, quiet: bool, unit: str = "part", scale: bool = False) -> Iterator[Progress]:
    """Yield what a build reports its progress to."""
    if quiet or not sys.stderr.isatty():
        yield silent
        return
    from tqdm import tqdm

    # Without a delay an empty bar is shown before there is a stage.
    bar: tqdm[Any] = tqdm(unit=unit, unit_scale=scale, leave=False, delay=0.01)

    def show(stage: str, done: int, total: int) -> None:
        if bar.desc != f"{stage}: ":
            bar.set_description(stage, refresh=False)
            bar.reset(total=total or None)
            # It has been shown; else a short last stage would stay on the screen.
            bar.delay = 0
        bar.update(done - bar.n)

    try:
        yield show
    finally:
        bar.close()
