"""OBO text as stanzas and clauses: escapes, comments and trailing modifiers, line by line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from kgsynth.sources.columns import Progress
from kgsynth.sources.opening import blocks, decoded

BROKEN = "?"
"""The kind of a stanza whose first line cannot be read: what its clauses are of, nobody knows."""

# Possessive throughout: a hostile line must not make them try again and again.
_STANZA = re.compile(r"\[(\w++)\]\s*+(?:!.*)?")
_TAG = re.compile(r"[A-Za-z_][\w-]*+")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "W": " ", "t": "\t"}
_OPEN_QUOTE = re.compile(r'"(?:[^"\\]|\\.?)*+')
_QUOTE_OR_COMMENT = re.compile(r'\\.|"|(?<!\S)!')
_COMMENT = re.compile(r"\\.|(?<!\S)!")
_MODIFIER = re.compile(r'([^\s={}",]++)\s*+=\s*+"((?:[^"\\]|\\.)*+)"\s*+,?+\s*+')
_MODIFIERS = re.compile(
    r'\{\s*+(?:[^\s={}",]++\s*+=\s*+"(?:[^"\\]|\\.)*+"\s*+,?+\s*+)++\}\Z', re.DOTALL
)


class Clause(NamedTuple):
    """One line of a stanza."""

    row: int
    tag: str
    value: str
    """As it is written, escapes and all."""


class Value(NamedTuple):
    """A value without its comment and its trailing modifiers."""

    text: str
    modifiers: tuple[tuple[str, str], ...]

    def modifier(self, key: str) -> str:
        """Return the first modifier of a name, or nothing."""
        return next((text for name, text in self.modifiers if name == key), "")


@dataclass(slots=True)
class Stanza:
    """A term, a relation or an individual, or the header, whose kind is empty."""

    kind: str
    row: int
    clauses: list[Clause] = field(default_factory=list)

    def values(self, tag: str) -> list[str]:
        """Return the values of a tag."""
        return [clause.value for clause in self.clauses if clause.tag == tag]

    def text(self) -> str:
        """Return the lines of the stanza."""
        lines = (f"{clause.tag}: {clause.value}" for clause in self.clauses)
        return "\n".join([f"[{self.kind}]", *lines])


def read_stanzas(
    path: Path, drop: Callable[[int, str, str], None], progress: Progress
) -> Iterator[Stanza]:
    """Yield the stanzas of a file, its header first; a line that is none is set aside."""
    stanza = Stanza("", 1)
    for block in blocks(path):
        lines = decoded(path, block).split("\n")
        open_end = 0 if block.data.endswith(b"\n") else block.first_row + len(lines) - 1
        for row, line in enumerate(map(str.strip, lines), block.first_row):
            if row == open_end and _is_cut(line):
                drop(row, "cut-short", line)
                continue
            if not line or line[0] == "!":
                continue
            if line[0] == "[":
                yield stanza
                stanza = _begin(line, row, drop)
                continue
            tag, colon, value = line.partition(":")
            if colon and _TAG.fullmatch(tag):
                stanza.clauses.append(Clause(row, tag, value.strip()))
            else:
                drop(row, "malformed-line", line)
        progress(f"Reading {path.name}", block.first_row + len(lines) - 1, 0)
    yield stanza


def _is_cut(line: str) -> bool:
    """Tell that the last line of a file, which no newline ends, was cut in the middle.

    >>> [_is_cut(line) for line in ("[Ter", "relati", "name:", 'def: "of a', 'def: "of a" []', "")]
    [True, True, True, True, False, False]
    """
    if not line or line[0] == "!":
        return False
    if line[0] == "[":
        return _STANZA.fullmatch(line) is None
    tag, colon, value = line.partition(":")
    is_open = value.lstrip().startswith('"') and _OPEN_QUOTE.fullmatch(value.strip()) is not None
    return bool(_TAG.fullmatch(tag)) and (not colon or not value.strip() or is_open)


def _begin(line: str, row: int, drop: Callable[[int, str, str], None]) -> Stanza:
    if named := _STANZA.fullmatch(line):
        return Stanza(named[1], row)
    drop(row, "malformed-line", line)
    return Stanza(BROKEN, row)


def unescape(text: str) -> str:
    r"""Read the escapes of a text.

    >>> unescape(r"MESH\:C1\, \"so called\"")
    'MESH:C1, "so called"'
    """
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), text)


def parse_value(value: str, *, quotes: bool = True) -> Value:
    r"""Take the comment and the trailing modifiers off a value; its escapes stay.

    In a name a quotation mark is but a character: ``quotes`` is False there.

    >>> parse_value('DOID:4 {source="PMID:1", source="PMID:2"} ! disease')
    Value(text='DOID:4', modifiers=(('source', 'PMID:1'), ('source', 'PMID:2')))
    >>> parse_value(r"5\{x\} of #!/a").text, parse_value('"a ! b" EXACT []').text
    ('5\\{x\\} of #!/a', '"a ! b" EXACT []')
    """
    if "!" in value:
        value = value[: _comment_start(value, quotes)].rstrip()
    if not value.endswith("}"):
        return Value(value, ())
    found = _find_modifiers(value)
    if found is None:
        return Value(value, ())
    modifiers = tuple((key, unescape(text)) for key, text in _MODIFIER.findall(found[0]))
    return Value(value[: found.start()].rstrip(), modifiers)


def _comment_start(value: str, quotes: bool) -> int:
    is_quoted = False
    for found in (_QUOTE_OR_COMMENT if quotes else _COMMENT).finditer(value):
        if found[0] == '"':
            is_quoted = not is_quoted
        elif found[0] == "!" and not is_quoted:
            return found.start()
    return len(value)


def _find_modifiers(value: str) -> re.Match[str] | None:
    """Find the last brace from which modifiers run to the end.

    A modifier's text may hold a brace too: up to so many are tried.
    """
    start = len(value)
    for _ in range(32):
        start = value.rfind("{", 0, start)
        if start < 0:
            return None
        if found := _MODIFIERS.match(value, start):
            return found
    return None
