"""The frozen sets on which the checks are measured, and what halves they fall into.

They were written before the checks, by others than the checks' writers, about the mini and the
demo graph, and are never edited to please a check: `FROZEN` holds their hashes. One half is looked
at while a check is built (``seen``), the other only by the benchmark (``unseen``).
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Literal

HERE = Path(__file__).parent
FROZEN = {
    "false_steps": "7c3c0e53134395cd6c457f93890458bb3cdf8b0219abdaf6a7058ae84d57b3e5",
    "leaks": "3648a30f280b4eeb4710390d129c2039f029226c31b8b24c5b887a9267289617",
    "not_leaks": "d97d7d724d2353215c80922210e7b3317afdcd07d8db6bb67ae4095e702cd181",
    "true_steps": "2e12e308b320c42e94ffc63e7a1b800673d34d7d0f7f76b049f896b5481942b9",
    "traces": "69042877216d7933d4e742477bbc04547f4c217bed6de7201232bdeee32b8952",
}
Half = Literal["seen", "unseen"]
HALVES: tuple[Half, ...] = ("seen", "unseen")


def half_of(key: str) -> Half:
    """Tell in which half a case is: a matter of its id alone."""
    return HALVES[hashlib.sha256(key.encode()).digest()[0] % 2]


def cases(name: str, half: Half | None = None) -> list[dict[str, Any]]:
    """Read a set, or one half of it."""
    lines = (HERE / f"{name}.jsonl").read_text("utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    return [case for case in found if half in (None, half_of(case["id"]))]
