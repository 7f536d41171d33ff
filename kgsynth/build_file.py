"""Read a build file: YAML with line numbers, then ``--set``, then strict validation."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from kgsynth.config import BuildConfig, with_paths_beside
from kgsynth.errors import ConfigError, listing, nearest

Location = tuple[str | int, ...]

_PLAIN = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("null", "bool", "int", "float", "str"))
_MOST_SHOWN = 60
"""Characters of a wrong value that a message shows."""
_MOST_BITS = 63
"""Of a number: what a column of whole numbers in a dataset holds."""


def read_build_file(path: Path, overrides: Iterable[str] = ()) -> BuildConfig:
    """Read a build file and apply ``key=value`` overrides, in order."""
    try:
        tree, lines = _parse(_text(path))
    except _NotYamlError as error:
        raise ConfigError(
            f"{path}, line {error.line} is not valid YAML: {error}.", remedy="Mend that line."
        ) from None
    if tree is None:
        raise ConfigError(f"{path} is empty.", remedy="A build file needs at least graph.sources.")
    if not isinstance(tree, dict):
        raise ConfigError(
            f"{path} holds no keys.", remedy="A build file is a YAML mapping; see the README."
        )
    set_here = [_apply(tree, override) for override in overrides]
    try:
        config = BuildConfig.model_validate(tree)
    except ValidationError as error:
        raise _refusal(error, path, lines, set_here) from None
    return with_paths_beside(config, path.resolve().parent)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
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


# --- YAML to a tree, and the line of each key -----------------------------------------------


class _NotYamlError(Exception):
    """A text is not the YAML that a build file takes."""

    def __init__(self, problem: str, line: int) -> None:
        super().__init__(problem)
        self.line = line


class _Loader(yaml.SafeLoader):
    """YAML without aliases: ten lines of them make a tree of a billion leaves."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(
                problem="an alias (*name) is not taken, write the value out",
                problem_mark=event.start_mark,
            )
        return super().compose_node(parent, index)


# A date is a text here, as in `name: 2026-11-01`.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag in _PLAIN]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _parse(text: str) -> tuple[Any, dict[Location, int]]:
    """Return the values, and the line of each key."""
    lines: dict[Location, int] = {}
    try:
        loader = _Loader(text)
        root = loader.get_single_node()
        return None if root is None else _value(loader, root, (), lines), lines
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        shown = f"U+{ord(text[error.position]):04X}"
        raise _NotYamlError(f"the character {shown} is not allowed", line) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _NotYamlError(error.problem or "it cannot be parsed", line) from None
    except RecursionError:
        raise _NotYamlError("it is nested too deeply", 1) from None


def _value(loader: _Loader, node: yaml.Node, at: Location, lines: dict[Location, int]) -> Any:
    """Turn a node into plain values. A key is the text that stands there, be it 1 or no."""
    if isinstance(node, yaml.ScalarNode) and node.tag in _PLAIN:
        try:
            value = loader.construct_object(node)
        except ValueError:
            raise _problem(node, f"{node.value[:_MOST_SHOWN]!r} is no value") from None
        if isinstance(value, int) and value.bit_length() > _MOST_BITS:
            raise _problem(node, "the number is too large")
        return value
    if isinstance(node, yaml.SequenceNode) and node.tag.endswith(":seq"):
        items = []
        for index, item in enumerate(node.value):
            lines[(*at, index)] = item.start_mark.line + 1
            items.append(_value(loader, item, (*at, index), lines))
        return items
    if isinstance(node, yaml.MappingNode) and node.tag.endswith(":map"):
        return _mapping(loader, node, at, lines)
    raise _problem(node, f"the tag {node.tag.replace('tag:yaml.org,2002:', '!!')} is not taken")


def _mapping(
    loader: _Loader, node: yaml.MappingNode, at: Location, lines: dict[Location, int]
) -> dict[str, Any]:
    tree = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _problem(key, "a key must be a word")
        if key.value in tree:
            raise _problem(key, f"the key '{_dotted((*at, key.value))}' stands twice")
        lines[(*at, key.value)] = key.start_mark.line + 1
        tree[key.value] = _value(loader, value, (*at, key.value), lines)
    return tree


def _problem(node: yaml.Node, problem: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)


# --- --set ------------------------------------------------------------------------------------


def _apply(tree: dict[str, Any], override: str) -> Location:
    """Put one ``key=value`` into the tree and return its place; the value is read as YAML."""
    key, equals, text = override.partition("=")
    parts = key.strip().split(".")
    if not equals or not all(parts):
        raise ConfigError(
            f"--set {override!r} is not key=value.", remedy="For example: --set paths.count=50"
        )
    try:
        # A space or a tab is meant as such: to YAML it would be nothing.
        value = text if text.isspace() else _parse(text)[0]
    except _NotYamlError as error:
        raise ConfigError(
            f"--set {key}: the value {text!r} is not valid YAML: {error}.", remedy="Quote it."
        ) from None
    place: Any = tree
    at: Location = ()
    for part in parts[:-1]:
        step = _step(place, part, key)
        if isinstance(place, dict) and place.get(part) is None:
            place[part] = {}
        place, at = place[step], (*at, step)
    last = _step(place, parts[-1], key)
    place[last] = value
    return (*at, last)


def _step(place: Any, part: str, key: str) -> str | int:
    """Return what ``part`` means in a mapping or a list."""
    if isinstance(place, dict):
        return part
    if isinstance(place, list) and re.fullmatch("[0-9]{1,9}", part) and int(part) < len(place):
        return int(part)
    raise ConfigError(
        f"--set {key}: there is no such place in the build file.",
        remedy="List items are named by number, as in graph.sources.0.path.",
    )


# --- what is wrong, in a sentence ---------------------------------------------------------------


class _Place(NamedTuple):
    """Where in the build file a mistake is, and the sections that may stand there."""

    location: Location
    sections: tuple[type[BaseModel], ...]

    @property
    def key(self) -> str:
        return _dotted(self.location)


def _refusal(
    error: ValidationError, path: Path, lines: dict[Location, int], set_here: list[Location]
) -> ConfigError:
    # An unknown key is most often the cause of the other mistakes, and a list with a wrong item
    # is told to be too short as well.
    found = [e for e in error.errors() if e["type"] != "too_short"] or error.errors()
    first, *others = sorted(found, key=lambda e: e["type"] != "extra_forbidden")
    place = _place(first["loc"])
    if first["type"] == "union_tag_invalid":
        place = place._replace(location=(*place.location, "kind"))
    sentence = _sentence(first, place)
    if others:
        sentence += f" (and {len(others)} more mistake{'s' if others[1:] else ''})"
    return ConfigError(f"{_where(place.location, path, lines, set_here)}: {sentence}")


def _where(
    location: Location, path: Path, lines: dict[Location, int], set_here: list[Location]
) -> str:
    for given in set_here:
        if location[: len(given)] == given:
            return f"--set {_dotted(given)}"
    line = next((lines[up] for up in _upwards(location) if up in lines), None)
    return f"{path}, line {line}" if line else str(path)


def _upwards(location: Location) -> Iterable[Location]:
    return (location[:length] for length in range(len(location), 0, -1))


def _place(found: Location) -> _Place:
    """Follow a mistake's location through the sections.

    Pydantic names the chosen kind of a teacher or a source in it; a build file does not.
    """
    location: Location = ()
    sections: tuple[type[BaseModel], ...] = (BuildConfig,)
    for part in found:
        if len(sections) > 1 and isinstance(part, str):
            sections = tuple(
                s for s in sections if part in get_args(s.model_fields["kind"].annotation)
            )
            continue
        location = (*location, part)
        if isinstance(part, str):
            sections = tuple(
                inner
                for section in sections
                if part in section.model_fields
                for inner in _sections_in(section.model_fields[part].annotation)
            )
    return _Place(location, sections)


def _sections_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) is None:
        return []
    return [section for inner in get_args(annotation) for section in _sections_in(inner)]


def _sentence(mistake: Any, place: _Place) -> str:
    key, value, context = place.key, _shown(mistake["input"]), mistake.get("ctx", {})
    match mistake["type"]:
        case "extra_forbidden":
            known = _keys(_place(mistake["loc"][:-1]).sections)
            hint = nearest(str(place.location[-1]), known)
            return f"unknown key '{key}'.{hint} Keys here: {listing(known, 20)}."
        case "missing" if isinstance(place.location[-1], int):
            return f"'{_dotted(place.location[:-1])}' has too few items: {value}."
        case "missing":
            return f"the key '{'graph.sources' if key == 'graph' else key}' is missing."
        case "literal_error":
            hint = nearest(str(mistake["input"]), _choices(context["expected"]))
            return f"'{key}' is {value}; it must be {context['expected']}.{hint}"
        case "union_tag_invalid":
            kind, kinds = context["tag"], context["expected_tags"]
            hint = nearest(str(kind), _choices(kinds))
            return f"'{key}' is '{kind}'; it must be one of {kinds}.{hint}"
        case "model_type" | "model_attributes_type":
            return f"'{key}' is {value}; it must hold keys: {listing(_keys(place.sections), 20)}."
        case "tuple_type":
            example = f", as in [{value}]" if _is_scalar(mistake["input"]) else ""
            return f"'{key}' is {value}; it must be a list{example}."
        case "string_type":
            quoted = ", in quotes" if _is_scalar(mistake["input"]) else ""
            return f"'{key}' is {value}; it must be a text{quoted}."
        case _:
            message = str(mistake["msg"]).removeprefix("Value error, ")
            message = re.sub("^(Input|Value|String|Tuple) should", "it must", message)
            return f"'{key}' is {value}; {message.replace(' after validation', '')}."


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int | float)


def _keys(sections: Iterable[type[BaseModel]]) -> list[str]:
    return sorted({name for section in sections for name in section.model_fields})


def _shown(value: Any) -> str:
    """Write a value as it may stand in the file."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 1] + "…"


def _choices(text: str) -> list[str]:
    return [word.strip(" '") for word in text.replace(" or ", ",").split(",")]


def _dotted(location: Location) -> str:
    return ".".join(str(part) for part in location)
