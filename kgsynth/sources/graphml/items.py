"""The nodes and edges of a GraphML file, one after the other; no tree of the file is ever built.

A document type may stand in the file, but no entity of its own and nothing that lies elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, NoReturn
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from kgsynth.errors import SourceError
from kgsynth.sources.opening import LONGEST_LINE, opened

READ_BYTES = 1 << 20
_SHORT = re.compile("no element found|unclosed token|unclosed CDATA section")
"""How the parser says that a file ends too early."""
_LABELS = ("NodeLabel", "EdgeLabel")
"""Where yEd keeps what it shows."""
_ITEMS = ("node", "edge", "hyperedge")


class Item(NamedTuple):
    """A node, an edge, a hyperedge, or what is said of the whole graph."""

    what: str
    attributes: dict[str, str]
    data: dict[str, str]
    """What is said of it, by the names of the keys."""
    directed: bool
    line: int


class _Key(NamedTuple):
    name: str
    domain: str


class _Open(NamedTuple):
    """An element that data may stand in, and has not ended yet."""

    what: str
    attributes: dict[str, str]
    data: dict[str, str]
    line: int


def items(path: Path) -> Iterator[Item]:
    """Yield the items of a file as their elements end."""
    target = _Target(path)
    parser: Any = DefusedXMLParser(target=target)
    target.listen_to(parser.parser)
    with opened(path) as file:
        fed = 0
        while data := file.read(READ_BYTES):
            fed += len(data)
            _advance(path, parser.feed, data)
            if fed - target.expat.CurrentByteIndex > LONGEST_LINE:
                _refuse_long(path, target.expat.CurrentLineNumber)
            yield from target.take()
        if not fed:
            raise SourceError(f"{path} is empty.", remedy="Export or fetch the file again.")
        _advance(path, parser.close)
        yield from target.take()


def _advance(path: Path, step: Any, *data: bytes) -> None:
    """Take one step of the parser; say in a sentence what is wrong with the file."""
    try:
        step(*data)
    except ParseError as error:
        _refuse(path, error)
    except DefusedXmlException:
        raise SourceError(
            f"{path} defines entities of its own, or draws in what lies elsewhere.",
            remedy="No graph needs that: write the file anew without them.",
        ) from None
    except (LookupError, ValueError) as error:  # an encoding that nobody knows
        raise SourceError(f"{path} cannot be read: {error}.", remedy="Save it as UTF-8.") from None


def _refuse(path: Path, error: ParseError) -> NoReturn:
    line, _ = error.position
    reason = str(error).partition(":")[0]
    if _SHORT.match(reason):
        raise SourceError(
            f"{path} is cut short: it ends in line {line}, before its elements do.",
            remedy="Export or fetch the file again.",
        ) from None
    raise SourceError(
        f"{path}, line {line} is not well-formed XML: {reason}.",
        remedy="Check that it is the GraphML file it was said to be, and export it again.",
    ) from None


def _refuse_long(path: Path, line: int) -> NoReturn:
    raise SourceError(
        f"{path}, line {line}: a tag or text is longer than {LONGEST_LINE >> 20} MB.",
        remedy="Check that it is the GraphML file it was said to be.",
    )


class _Target:
    """Takes elements as they begin and end, and makes items of them."""

    expat: Any

    def __init__(self, path: Path) -> None:
        self._path = path
        self._keys: dict[str, _Key] = {}
        self._defaults: dict[str, dict[str, str]] = {"node": {}, "edge": {}, "hyperedge": {}}
        self._ready: list[Item] = []
        self._begun = False
        self._open: list[_Open] = []
        self._directed: list[bool] = []
        self._key = ""
        """The key that is being declared, or whose datum is being read."""
        self._text: list[str] | None = None
        self._length = 0
        self._local: dict[str, str] = {}

    def listen_to(self, expat: Any) -> None:
        """Take elements from the parser itself: through ElementTree each costs twice as much."""
        self.expat = expat
        expat.ordered_attributes = False
        expat.StartElementHandler = self.start
        expat.EndElementHandler = self.end
        expat.CharacterDataHandler = self.data

    def close(self) -> None:
        """Take the end of the file."""

    def take(self) -> list[Item]:
        """Hand over what is whole."""
        ready, self._ready = self._ready, []
        return ready

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take the beginning of an element."""
        what = self._local.get(tag)
        if what is None:
            what = self._local[tag] = tag.rpartition("}")[2]
        if what == "data":
            self._key = attributes.get("key", "")
            self._listen()
        elif what in _ITEMS:
            self._begin(what, attributes)
        elif what == "graph":
            self._directed.append(attributes.get("edgedefault", "directed") != "undirected")
            self._begin(what, attributes)
        elif what == "key":
            self._declare(attributes)
        elif what == "default" or what in _LABELS:
            self._listen()
        elif not self._begun and what != "graphml":
            raise SourceError(
                f"{self._path} is XML, but no GraphML: it begins with <{what}>.",
                remedy="Name the kind of graph that it is.",
            )
        self._begun = True

    def data(self, text: str) -> None:
        """Take text; only that of data is kept."""
        if self._text is not None:
            self._text.append(text)
            self._length += len(text)
            if self._length > LONGEST_LINE:
                _refuse_long(self._path, self.expat.CurrentLineNumber)

    def end(self, tag: str) -> None:
        """Take the end of an element."""
        what = self._local[tag]
        if what == "data":
            self._say(self._keys.get(self._key, _Key(self._key, "")).name)
        elif what in _LABELS:
            self._say("label")
        elif what in _ITEMS:
            self._finish()
        elif what == "graph":
            self._finish()
            self._directed.pop()
        elif what == "default":
            self._set_default()

    # --- the parts ------------------------------------------------------------------------

    def _listen(self) -> None:
        self._text, self._length = [], 0

    def _heard(self) -> str | None:
        text, self._text = self._text, None
        return None if text is None else "".join(text)

    def _declare(self, attributes: dict[str, str]) -> None:
        self._key = attributes.get("id", "")
        name = attributes.get("attr.name") or self._key
        self._keys[self._key] = _Key(name, attributes.get("for", "all"))

    def _set_default(self) -> None:
        text, key = self._heard(), self._keys.get(self._key)
        if text is None or key is None:
            return
        for domain, defaults in self._defaults.items():
            if key.domain in (domain, "all"):
                defaults[key.name] = text

    def _begin(self, what: str, attributes: dict[str, str]) -> None:
        self._open.append(_Open(what, attributes, {}, self.expat.CurrentLineNumber))

    def _say(self, name: str) -> None:
        text = self._heard()
        if text is not None and self._open:
            self._open[-1].data.setdefault(name, text)

    def _finish(self) -> None:
        what, attributes, data, line = self._open.pop()
        if defaults := self._defaults.get(what):
            data = {**defaults, **data}
        if what == "edge" and "directed" in attributes:
            directed = attributes["directed"] != "false"
        else:
            directed = self._directed[-1] if self._directed else True
        self._ready.append(Item(what, attributes, data, directed, line))
