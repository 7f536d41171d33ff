"""Read a build file: YAML with line numbers, then ``--set``, then strict validation."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from kgsynth.config import BuildConfig, with_paths_beside
from kgsynth.errors import ConfigError, listing, nearest

Location = tuple[str | int, ...]


class _Lines(dict[Location, int]):
    """The line on which each key of the file stands."""

    def of(self, location: Location) -> int | None:
        while location:
            if location in self:
                return self[location]
            location = location[:-1]
        return None


def read_build_file(path: Path, overrides: Iterable[str] = ()) -> BuildConfig:
    """Read a build file and apply ``key=value`` overrides, in order."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(
            f"There is no build file at {path}.",
            remedy="Name one that exists, or leave it out to build the demo.",
        ) from None
    except IsADirectoryError:
        raise ConfigError(
            f"{path} is a folder, not a build file.", remedy="Name a YAML file."
        ) from None
    except UnicodeDecodeError:
        raise ConfigError(
            f"{path} is not UTF-8 text.", remedy="Save the build file as UTF-8."
        ) from None
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read: {error.strerror}.", remedy="Check its permissions."
        ) from None
    tree, lines = _parse(text, path)
    for override in overrides:
        _apply(tree, override)
    config = _validate(tree, lines, path)
    return with_paths_beside(config, path.resolve().parent)


def _parse(text: str, path: Path) -> tuple[dict[str, Any], _Lines]:
    lines = _Lines()
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        if root is None:
            raise ConfigError(
                f"{path} is empty.", remedy="A build file needs at least graph.sources."
            )
        _collect_lines(root, (), lines, path)
        tree = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it cannot be parsed"
        raise ConfigError(
            f"{path}{where} is not valid YAML: {problem}.", remedy="Mend that line."
        ) from None
    if not isinstance(tree, dict):
        raise ConfigError(
            f"{path} holds no keys.", remedy="A build file is a YAML mapping; see the README."
        )
    return tree, lines


def _collect_lines(node: yaml.Node, at: Location, lines: _Lines, path: Path) -> None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            location = (*at, key.value)
            if location in lines:
                raise ConfigError(
                    f"{path}, line {key.start_mark.line + 1}: the key "
                    f"'{_dotted(location)}' stands twice.",
                    remedy="Keep one of them.",
                )
            lines[location] = key.start_mark.line + 1
            _collect_lines(value, location, lines, path)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            lines[(*at, index)] = value.start_mark.line + 1
            _collect_lines(value, (*at, index), lines, path)


def _apply(tree: dict[str, Any], override: str) -> None:
    """Put one ``key=value`` into the tree; the value is read as YAML."""
    key, equals, text = override.partition("=")
    if not equals or not key.strip():
        raise ConfigError(
            f"--set {override!r} is not key=value.", remedy="For example: --set paths.count=50"
        )
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        raise ConfigError(
            f"--set {key}: the value {text!r} is not valid YAML.", remedy="Quote it."
        ) from None
    *parents, last = [int(p) if p.isdigit() else p for p in key.strip().split(".")]
    place: Any = tree
    for part in parents:
        if isinstance(place, list) and isinstance(part, int) and part < len(place):
            place = place[part]
        elif isinstance(place, dict):
            if not isinstance(place.get(part), dict | list):
                place[part] = {}
            place = place[part]
        else:
            place = None
    if isinstance(place, dict) or (
        isinstance(place, list) and isinstance(last, int) and last < len(place)
    ):
        place[last] = value
    else:
        raise ConfigError(
            f"--set {key}: there is no such place in the build file.",
            remedy="List items are named by number, as in graph.sources.0.path.",
        )


def _validate(tree: dict[str, Any], lines: _Lines, path: Path) -> BuildConfig:
    try:
        return BuildConfig.model_validate(tree)
    except ValidationError as error:
        # The innermost mistakes first: an unknown key is most often the cause of the rest.
        mistakes = sorted(error.errors(), key=lambda e: e["type"] != "extra_forbidden")
        first = mistakes[0]
        location: Location = tuple(part for part in first["loc"] if not _is_tag(part, first["loc"]))
        line = lines.of(location)
        where = f"{path}, line {line}" if line else str(path)
        more = f" ({len(mistakes) - 1} more mistakes after this one.)" if mistakes[1:] else ""
        raise ConfigError(f"{where}: {_sentence(first, location)}{more}") from None


def _is_tag(part: str | int, location: tuple[str | int, ...]) -> bool:
    """Pydantic names the chosen kind of a teacher in its location; a build file does not."""
    return location[0] == "teacher" and part in {"scripted", "openai", "batch", "vllm"}


def _sentence(mistake: Any, location: Location) -> str:
    key = _dotted(location)
    if mistake["type"] == "extra_forbidden":
        known = _keys_at(location[:-1])
        hint = nearest(str(location[-1]), known)
        return f"unknown key '{key}'.{hint} Keys here: {listing(known, 20)}."
    if mistake["type"] == "missing":
        return f"the key '{key}' is missing."
    if mistake["type"] == "literal_error":
        hint = nearest(str(mistake["input"]), _choices(mistake["ctx"]["expected"]))
        return f"'{key}' is {mistake['input']!r}; it must be {mistake['ctx']['expected']}.{hint}"
    if mistake["type"] == "union_tag_invalid":
        tags = mistake["ctx"]["expected_tags"]
        hint = nearest(str(mistake["ctx"]["tag"]), _choices(tags))
        return f"'{key}.kind' is {mistake['ctx']['tag']!r}; it must be one of {tags}.{hint}"
    message = str(mistake["msg"]).removeprefix("Value error, ")
    return f"'{key}' is {mistake['input']!r}: {message[:1].lower()}{message[1:]}."


def _choices(text: str) -> list[str]:
    return [word.strip(" '") for word in text.replace(" or ", ",").split(",")]


def _dotted(location: Location) -> str:
    return ".".join(str(part) for part in location)


def _keys_at(location: Location) -> list[str]:
    """Return the keys that a build file may hold at a place."""
    models: list[type[BaseModel]] = [BuildConfig]
    for part in location:
        if isinstance(part, int):
            continue
        fields = [m.model_fields[part].annotation for m in models if part in m.model_fields]
        models = [model for field in fields for model in _models_in(field)]
    return sorted({name for model in models for name in model.model_fields})


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) is None:
        return []
    return [model for inner in get_args(annotation) for model in _models_in(inner)]
