"""Minimal, named damages of a true trace. A new one is one file and one line here."""

from __future__ import annotations

from collections.abc import Callable

from kgsynth.model import Corruption, Draft
from kgsynth.synthesis.corruptions.skipped_hop import skipped_hop
from kgsynth.synthesis.corruptions.wrong_answer import wrong_answer

CORRUPTIONS: dict[str, Callable[[Draft], Corruption | None]] = {
    "skipped-hop": skipped_hop,
    "wrong-answer": wrong_answer,
}


def corrupt(draft: Draft) -> Draft:
    """Add to a row every corruption that fits its trace."""
    made = tuple(c for c in (make(draft) for make in CORRUPTIONS.values()) if c is not None)
    return draft.model_copy(update={"row": draft.row.model_copy(update={"corruptions": made})})
