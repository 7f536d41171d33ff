"""XML that is looked at before it is parsed: nothing from elsewhere, nothing that explodes.

An entity may name a namespace, as Protégé writes it. One that stands for a file or an address,
or that holds further entities ("billion laughs"), is refused before its first use, and so is a
document type that lies elsewhere. Nothing is ever fetched.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

from kgsynth.errors import SourceError

DEEPEST = 1000
"""Elements within elements; no ontology comes near."""
LONGEST_ENTITY = 1000
MOST_ENTITIES = 1000
MOST_GROWTH = 20
"""How many times larger than the file its text may be, once its entities are expanded."""
LONGEST_TOKEN = 16 << 20
"""A tag, attributes and all, that is longer than this is none."""
_CHUNK = 1 << 20

_FORMS_THAT_ARE_NONE = {
    "http://www.w3.org/2002/07/owl# Ontology": "OWL/XML",
    "http://www.w3.org/1999/xhtml html": "a web page",
    "html": "a web page",
    "HTML": "a web page",
}


class CheckedXml(io.RawIOBase):
    """A stream of XML that raises a `SourceError` before a reader could come to harm.

    It also tells what some parsers pass over: a document that ends too early.
    """

    def __init__(self, inner: BinaryIO, path: Path) -> None:
        self._inner, self._path = inner, path
        self._depth = 0
        self._entities = 0
        self._read = 0
        self._expanded = 0
        self._ended = False
        self._ahead = io.BytesIO()
        self._parser = parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartDoctypeDeclHandler = self._check_doctype
        parser.EntityDeclHandler = self._check_entity
        parser.ExternalEntityRefHandler = self._refuse_reference
        parser.XmlDeclHandler = self._check_encoding
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end

    @property
    def line(self) -> int:
        """Return how far the stream was read."""
        return self._parser.CurrentLineNumber

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Return what is next, once it has been checked."""
        if not (data := self._ahead.read(size)) and not self._ended:
            self._ahead = io.BytesIO(self._checked())
            data = self._ahead.read(size)
        return data

    def _checked(self) -> bytes:
        """Read on by a large piece: the parser goes over an unfinished tag with each piece anew."""
        data = self._inner.read(_CHUNK)
        self._read += len(data)
        self._ended = not data
        try:
            self._parser.Parse(data, self._ended)
        except expat.ExpatError as error:
            raise self._error(
                f"is not well-formed XML: {expat.errors.messages.get(error.code, error)}",
                "Check that the file is whole, and RDF/XML.",
                error.lineno,
            ) from None
        if self._read - max(self._parser.CurrentByteIndex, 0) > LONGEST_TOKEN:
            raise self._error(
                f"holds a tag longer than {LONGEST_TOKEN >> 20} MB", "Check that it is an ontology."
            )
        return data

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        """Read into a buffer."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    # --- what is looked at ---

    def _error(self, what: str, remedy: str, line: int | None = None) -> SourceError:
        return SourceError(f"{self._path}, line {line or self.line} {what}.", remedy=remedy)

    def _check_doctype(
        self, name: str, system: str | None, public: str | None, has_subset: bool
    ) -> None:
        if system or public:
            raise self._error(
                "names a document type that lies elsewhere, which is never fetched",
                "Take the address out of the DOCTYPE line.",
            )

    def _check_entity(
        self,
        name: str,
        is_parameter: bool,
        value: str | None,
        base: str | None,
        system: str | None,
        public: str | None,
        notation: str | None,
    ) -> None:
        self._entities += 1
        if value is None or is_parameter:
            raise self._error(
                f"defines an external entity, '{name}', which is never fetched",
                "Take the entity out of the file.",
            )
        if "&" in value or "%" in value or len(value) > LONGEST_ENTITY:
            raise self._error(
                f"defines the entity '{name}', which could grow without bound when expanded",
                "Write its text out where it is used.",
            )
        if self._entities > MOST_ENTITIES:
            raise self._error(
                f"defines more than {MOST_ENTITIES:,} entities", "Check that it is an ontology."
            )
        self._parser.CharacterDataHandler = self._measure

    def _measure(self, text: str) -> None:
        """Watch how the text grows; this is asked only of a file that has entities."""
        self._expanded += len(text)
        if self._expanded > _CHUNK + MOST_GROWTH * self._read:
            raise self._error(
                f"grows to more than {MOST_GROWTH} times its size when its entities are expanded",
                "Write their text out where it is used.",
            )

    def _refuse_reference(self, *_: str | None) -> int:
        raise self._error("refers to an external entity, which is never fetched", "Take it out.")

    def _check_encoding(self, version: str, encoding: str | None, standalone: int) -> None:
        if encoding and encoding.lower() not in ("utf-8", "utf8", "us-ascii", "ascii"):
            raise self._error(f"says that it is written in {encoding}", "Save the file as UTF-8.")

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        if not self._depth and name in _FORMS_THAT_ARE_NONE:
            raise self._error(
                f"begins {_FORMS_THAT_ARE_NONE[name]}, not RDF/XML",
                "Save the ontology as RDF/XML or Turtle.",
            )
        if self._entities:
            self._measure("".join(attributes.values()))
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._error(
                f"nests elements more than {DEEPEST:,} deep", "Check that it is an ontology."
            )

    def _end(self, name: str) -> None:
        self._depth -= 1
