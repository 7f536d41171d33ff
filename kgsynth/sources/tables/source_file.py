"""``source.yaml``: what a folder of tables says of itself."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import yaml

from kgsynth.errors import SourceError, listing, nearest
from kgsynth.sources.columns import SourceInfo

KEYS = ("name", "version", "released", "licence", "complete", "restriction")
TEXTS = ("name", "version", "released", "licence")


def read_source_file(path: Path) -> SourceInfo:
    """Read the file; without one, the source is named after its folder and says no more."""
    folder = path.resolve().parent.name
    if not path.exists():
        return SourceInfo(name=folder)
    tree = _parse(path)
    for key in tree:
        if key not in KEYS:
            raise SourceError(
                f"{path}: unknown key '{key}'.{nearest(str(key), KEYS)}",
                remedy=f"Keys here: {listing(KEYS)}.",
            )
    texts = {key: _text(path, key, tree.get(key)) for key in TEXTS}
    return SourceInfo(
        name=texts["name"] or folder,
        version=texts["version"],
        released=_released(path, texts["released"]),
        licence=texts["licence"],
        complete=_complete(path, tree.get("complete")),
        restriction=_restriction(path, tree.get("restriction")),
    )


def _parse(path: Path) -> dict[Any, Any]:
    try:
        tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SourceError(
            f"{path} cannot be read: {error.strerror}.", remedy="Check that it is a readable file."
        ) from None
    except UnicodeDecodeError:
        raise SourceError(f"{path} is not UTF-8 text.", remedy="Save it as UTF-8.") from None
    except RecursionError:
        raise SourceError(
            f"{path} is nested too deeply.", remedy=f"It is a YAML mapping with {listing(KEYS)}."
        ) from None
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date such as 2026-13-40
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error)
        raise SourceError(
            f"{path}{where} is not valid YAML: {problem}.", remedy="Mend that line."
        ) from None
    if tree is None:
        return {}
    if not isinstance(tree, dict):
        raise SourceError(
            f"{path} holds no keys.", remedy=f"It is a YAML mapping with {listing(KEYS)}."
        )
    return tree


def _text(path: Path, key: str, value: object) -> str:
    """Read a text; YAML makes numbers and dates of ``1.0`` and ``2026-11-01``."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float | date):
        raise SourceError(f"{path}: '{key}' is {value!r}.", remedy="It must be a text.")
    return str(value).strip()


def _released(path: Path, text: str) -> str:
    if not text:
        return ""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise SourceError(
            f"{path}: 'released' is {text!r}.", remedy="It must be a date such as 2026-11-01."
        ) from None


def _complete(path: Path, value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise SourceError(
            f"{path}: 'complete' is {value!r}.",
            remedy="It must be a list of predicates, as in [encodes, inhibits].",
        )
    return tuple(dict.fromkeys(value))


def _restriction(path: Path, value: object) -> int:
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 9:
        raise SourceError(
            f"{path}: 'restriction' is {value!r}.",
            remedy="It must be a level from 0 (none) to 9, as UMLS gives its sources.",
        )
    return value
