"""Statements and concepts, as a row cites them."""

from __future__ import annotations

from typing import Literal

from kgsynth.model.record import Language, Record
from kgsynth.seeding import digest


def statement_id(subject: str, predicate: str, obj: str) -> str:
    """Name a statement by its content, so that an edited one is caught.

    >>> statement_id("A:1", "treats", "B:2") == statement_id("B:2", "treats", "A:1")
    False
    """
    return "S" + digest(subject, predicate, obj, size=8)


class Statement(Record):
    """One fact of the graph, with everything that vouches for it."""

    id: str
    subject: str
    predicate: str
    object: str
    negative: bool = False
    """The predicate denies: contraindicated, excludes."""
    sources: tuple[str, ...]
    licences: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    """Sentences or references that the sources give for it."""

    def recomputed_id(self) -> str:
        """Return the id that the content asks for."""
        return statement_id(self.subject, self.predicate, self.object)


class Name(Record):
    """One name of a concept."""

    text: str
    language: Language = "en"
    kind: Literal["preferred", "synonym", "abbreviation", "broad", "narrow", "related"] = "synonym"
    """The last three name something wider, narrower or near, not the concept itself."""


class Concept(Record):
    """A node of the graph as a row's evidence carries it."""

    id: str
    names: tuple[Name, ...]
    types: tuple[str, ...]

    def name(self, language: str = "en") -> str:
        """Return the preferred name in a language, else the first preferred one."""
        preferred = [n for n in self.names if n.kind == "preferred"]
        for wanted in (preferred, self.names):
            for name in wanted:
                if name.language == language:
                    return name.text
        return (preferred or list(self.names))[0].text if self.names else self.id
