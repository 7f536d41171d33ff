"""Damage done to valid inputs: to cells, values, elements and words, to lines, bytes and files.

Most of it knows the grammar, so that most inputs pass a reader's first look.
"""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import re
from collections.abc import Callable, Sequence
from copy import deepcopy
from pathlib import PurePath
from random import Random
from typing import Any

from given import Input
from oddities import MARKUP, ODD_CELLS, ODD_KEYS, ODD_VALUES, WORDS

Change = Callable[[Random, bytes], bytes]

SEPARATORS = {
    ".tsv": b"\t", ".sif": b"\t", ".txt": b"\t", ".csv": b",", ".RRF": b"|", ".nt": b" ",
}  # fmt: skip
JSON = (".json", ".jsonl", ".jsonld")
XML = (".owl", ".graphml")

ENCODINGS = ("utf-16", "utf-16-be", "utf-32", "utf-8-sig", "latin-1", "cp037")
LONG_LINE = 17 << 20
BOMB = 40 << 20


def mutated(rng: Random, given: Input, others: Sequence[Input]) -> Input:
    """Damage an input in a few places. ``others`` lend their lines and files."""
    for _ in range(rng.choices((1, 2, 3, 6), (50, 25, 15, 10))[0]):
        if rng.random() < 0.1:
            given = _change_files(rng, given, others)
        else:
            given = _change_content(rng, given, others)
    return given


def _change_content(rng: Random, given: Input, others: Sequence[Input]) -> Input:
    held = [name for name, content in given.files.items() if content]
    if not held:
        return given
    name = rng.choice(held)
    content = given.files[name] or b""
    # A whole document stands or falls with one mark.
    whole = name.endswith((*JSON, *XML, ".ttl", ".trig", ".n3"))
    kind = rng.choices(("grammar", "lines", "bytes"), (84, 8, 8) if whole else (62, 20, 18))[0]
    if kind == "lines":
        changed = change_lines(rng, content, _lent(rng, others))
    elif kind == "bytes" or name.endswith((".parquet", ".gz", ".bz2", ".xz")):
        changed = change_bytes(rng, content)
    else:
        changed = _change_by_grammar(rng, name, content)
    return given._replace(files={**given.files, name: changed})


def _lent(rng: Random, others: Sequence[Input]) -> bytes:
    return rng.choice([c for c in rng.choice(others).files.values() if c] or [b""])


def _change_by_grammar(rng: Random, name: str, content: bytes) -> bytes:
    endings = PurePath(name).suffixes
    for ending in endings:
        if ending in SEPARATORS and (ending != ".nt" or rng.random() < 0.5):
            return change_cells(rng, content, SEPARATORS[ending])
        if ending in JSON:
            return change_json(rng, content, ending == ".jsonl")
        if ending in XML:
            return change_markup(rng, content)
    return change_words(rng, content)


# --- cells ----------------------------------------------------------------------------------------


def change_cells(rng: Random, content: bytes, separator: bytes) -> bytes:
    """Change a cell, a row's number of cells, or a whole column."""
    if separator == b"," and content.partition(b"\n")[0].count(b";") > content.count(b","):
        separator = b";"
    rows = [line.split(separator) for line in content.split(b"\n")]
    at = rng.randrange(len(rows)) if rng.random() < 0.9 else 0
    row = rows[at]
    cell = rng.randrange(len(row))
    match rng.choices(range(7), (46, 22, 8, 8, 6, 5, 5))[0]:
        case 0:
            row[cell] = odd_cell(rng)
        case 1:
            row[cell] = rng.choice(rng.choice(rows))
        case 2:
            other = rng.choice(rows)
            if cell < len(other):
                row[cell] = other[cell]
        case 3:
            row.insert(cell, odd_cell(rng))
        case 4:
            del row[cell]
        case 5:
            row[cell] += odd_cell(rng)
        case _:
            _change_column(rng, rows)
    return b"\n".join(separator.join(row) for row in rows)


def _change_column(rng: Random, rows: list[list[bytes]]) -> None:
    width = len(rows[0])
    one, two = rng.randrange(width), rng.randrange(width)
    how = rng.randrange(3)
    for row in rows:
        if max(one, two) < len(row):
            if how == 0:
                row[one], row[two] = row[two], row[one]
            elif how == 1:
                row.insert(one, row[two])
            elif len(row) > 1:
                del row[one]


def odd_cell(rng: Random) -> bytes:
    """Return something that few cells hold."""
    roll = rng.random()
    if roll < 0.94:
        return rng.choice(ODD_CELLS)
    if roll < 0.995:
        return rng.choice((b"x", b"\xc3\xa9", b"a|", b'"', b"1", b"a b ")) * rng.choice(
            (300, 5_000)
        )
    return b"long " * 40_000


# --- JSON -----------------------------------------------------------------------------------------


def change_json(rng: Random, content: bytes, lines: bool) -> bytes:
    """Change a value, a key, or the length of a list; or nest without end."""
    if not lines:
        return _change_document(rng, content)
    held = content.split(b"\n")
    at = rng.randrange(len(held))
    held[at] = _change_document(rng, held[at])
    return b"\n".join(held)


def _change_document(rng: Random, content: bytes) -> bytes:
    try:
        tree = json.loads(content)
    except (ValueError, RecursionError):
        return change_words(rng, content)
    roll = rng.random()
    if roll < 0.02:
        deep = rng.choice((50, 1_200, 100_000))
        value: bytes = rng.choice((b"[" * deep, b"[" * deep + b"]" * deep, b'{"a":' * deep))
        return re.sub(rb"null|true|\d+|\"\"", lambda _: value, content, count=1) or value
    holder: list[Any] = [tree]
    for _ in range(rng.choice((1, 1, 2))):
        _change_value(rng, *rng.choice(_places(holder)))
    text = json.dumps(holder[0], ensure_ascii=rng.random() < 0.7)
    if roll < 0.06:
        text = text.replace("1", rng.choice(("NaN", "1e999", "01", "1" * 5_000, "-")), 1)
    elif roll < 0.1:
        text = re.sub(r'"(\w+)":', r'"\1": 0, "\1":', text, count=1)
    return text.encode("utf-8", "surrogatepass")


def _places(holder: Any) -> list[tuple[Any, Any]]:
    """List every place in a document that holds a value."""
    places: list[tuple[Any, Any]] = []
    waiting: list[Any] = [holder]
    while waiting:
        at = waiting.pop()
        keys: Any = range(len(at)) if isinstance(at, list) else list(at)
        for key in keys:
            places.append((at, key))
            if isinstance(at[key], list | dict):
                waiting.append(at[key])
    return places


def _change_value(rng: Random, holder: Any, key: Any) -> None:
    value = holder[key]
    match rng.choices(range(6), (50, 14, 10, 10, 8, 8))[0]:
        case 0:
            holder[key] = deepcopy(
                rng.choice(ODD_VALUES)
            )  # what is changed next is not the list itself
        case 1 if isinstance(holder, dict):
            del holder[key]
        case 2 if isinstance(holder, dict):
            holder[rng.choice((*ODD_KEYS, *holder))] = holder.pop(key)
        case 3:
            other = rng.choice(_places([holder]))
            holder[key] = json.loads(json.dumps(other[0][other[1]]))
        case 4 if isinstance(value, list) and value:
            value.extend(rng.choice(([value[0]], [deepcopy(rng.choice(ODD_VALUES))], value[:])))
        case 5 if isinstance(value, str):
            holder[key] = value + odd_cell(rng).decode("utf-8", "replace")
        case _:
            holder[key] = [value]


# --- XML ------------------------------------------------------------------------------------------

_PIECES = re.compile(rb"<[^>]*>|[^<]+|<")


def change_markup(rng: Random, content: bytes) -> bytes:
    """Change a tag, a text or an attribute; or nest without end."""
    pieces = _PIECES.findall(content) or [b""]
    at = rng.randrange(len(pieces))
    match rng.choices(range(8), (40, 20, 8, 8, 6, 8, 8, 2))[0]:
        case 0:
            at = rng.choice([n for n, piece in enumerate(pieces) if b'"' in piece] or [at])
            pieces[at] = _change_attribute(rng, pieces[at])
        case 1:
            at = rng.choice([n for n, piece in enumerate(pieces) if piece[:1] != b"<"] or [at])
            pieces[at] = odd_cell(rng)
        case 2:
            pieces[at] = rng.choice(MARKUP)
        case 3:
            pieces.insert(at, rng.choice(MARKUP))
        case 4:
            del pieces[at]
        case 5:
            other = rng.randrange(len(pieces))
            pieces[at:at] = pieces[min(at, other) : max(at, other)]
        case 6:
            pieces[at] = rng.choice(pieces)
        case _:
            deep = rng.choice((100, 1_100, 30_000))
            pieces.insert(at, b"<a>" * deep + b"</a>" * rng.choice((0, deep)))
    return b"".join(pieces)


def _change_attribute(rng: Random, piece: bytes) -> bytes:
    values = list(re.finditer(rb'"[^"]*"', piece))
    if not values:
        return piece[:-1] + rng.choice(MARKUP) + piece[-1:]
    found, other = rng.choice(values), rng.choice(values)
    put = rng.choice((odd_cell(rng), other.group()[1:-1], odd_cell(rng).replace(b"<", b"")))
    return piece[: found.start() + 1] + put + piece[found.end() - 1 :]


# --- words ----------------------------------------------------------------------------------------

MOST_TO_PART = 1 << 20
_PARTS = re.compile(rb"[\w:./#-]+|\s+|[^\w\s]")


def change_words(rng: Random, content: bytes) -> bytes:
    """Change, move, double or leave out a word or a mark; of a very long text near its beginning.

    A word for each of many millions would be the fuzzer's own memory gone, and not the reader's.
    """
    if len(content) > MOST_TO_PART:
        return change_words(rng, content[:MOST_TO_PART]) + content[MOST_TO_PART:]
    parts = _PARTS.findall(content) or [b""]
    at, other = rng.randrange(len(parts)), rng.randrange(len(parts))
    if rng.random() < 0.6:
        words = [n for n, part in enumerate(parts) if len(part) > 1 and not part.isspace()] or [at]
        at, other = rng.choice(words), rng.choice(words)
        parts[at] = parts[other] if rng.random() < 0.7 else odd_cell(rng)
        return b"".join(parts)
    match rng.choices(range(6), (24, 18, 22, 14, 14, 8))[0]:
        case 0:
            parts[at] = rng.choice(WORDS)
        case 1:
            parts.insert(at, rng.choice(WORDS))
        case 2:
            parts[at] = parts[other]
        case 3:
            del parts[at]
        case 4:
            parts[at] = odd_cell(rng)
        case _:
            deep = rng.choice((30, 2_000, 50_000))
            parts.insert(at, rng.choice((b"[", b"(", b"<<", b"{", b"[ a ", b"\\")) * deep)
    return b"".join(parts)


# --- lines ----------------------------------------------------------------------------------------


def change_lines(rng: Random, content: bytes, lent: bytes) -> bytes:
    """Double, move, join, cut or leave out lines, or change how they end."""
    lines = content.split(b"\n")
    at, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    match rng.randrange(11):
        case 0:
            del lines[at]
        case 1:
            lines.insert(other, lines[at])
        case 2:
            lines[at], lines[other] = lines[other], lines[at]
        case 3:
            lines[at : at + 2] = [b"".join(lines[at : at + 2])]
        case 4:
            cut = rng.randrange(len(lines[at]) + 1)
            lines[at : at + 1] = [lines[at][:cut], lines[at][cut:]]
        case 5:
            lines.insert(at, rng.choice(lent.split(b"\n")))
        case 6:
            lines.insert(at, rng.choice((b"", b" ", b"\t", b"\r", b"#", b"!", b"//")))
        case 7:
            lines[at:at] = [lines[at]] * rng.choice((2, 100))
        case 8:
            return rng.choice((b"\r\n", b"\r", b"\n\n")).join(lines)
        case 9:
            lines[at] += b"\r"
        case _:
            return b"\n".join(lines[: at + 1])
    return b"\n".join(lines)


# --- bytes ----------------------------------------------------------------------------------------


def change_bytes(rng: Random, content: bytes) -> bytes:
    """Flip, insert, leave out or repeat bytes; change the encoding; cut the end off."""
    at = rng.randrange(len(content) + 1)
    end = min(len(content), at + rng.choice((1, 1, 2, 8, 64)))
    match rng.choices(range(9), (24, 18, 14, 10, 12, 5, 6, 6, 5))[0]:
        case 0:
            flipped = bytes(byte ^ (1 << rng.randrange(8)) for byte in content[at:end])
            return content[:at] + flipped + content[end:]
        case 1:
            return content[:at] + rng.randbytes(rng.choice((1, 2, 4, 16))) + content[at:]
        case 2:
            return content[:at] + content[end:]
        case 3:
            return content[:at] + content[at:end] * rng.choice((2, 50)) + content[end:]
        case 4:
            return content[:at]
        case 5:
            return rng.choice((b"", b" ", b"\n", b"\xef\xbb\xbf", b"\x00", b"{}", b"[]", b"null"))
        case 6:
            return b"\xef\xbb\xbf" + content
        case 7:
            text = content.decode("utf-8", "replace")
            return text.encode(rng.choice(ENCODINGS), "replace")
        case _:
            return content[:at] + rng.choice(ODD_CELLS) + content[at:]


# --- files ----------------------------------------------------------------------------------------

_PACKERS = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}


def _change_files(rng: Random, given: Input, others: Sequence[Input]) -> Input:
    files = dict(given.files)
    names = list(files)
    if not names:
        return given
    name, other = rng.choice(names), rng.choice(names)
    match rng.choices(range(9), (14, 14, 8, 6, 8, 36, 6, 4, 1))[0]:
        case 0:
            del files[name]
        case 1:
            files[name], files[other] = files[other], files[name]
        case 2:
            files[name] = _lent(rng, others)
        case 3:
            files[name] = None
        case 4:
            files[rng.choice((".hidden", "notes.txt", f"x_{name}", f"{name}.bak"))] = files[name]
        case 5:
            return _packed(rng, given, name)
        case 6:
            return given._replace(entry=rng.choice(("", other, "nowhere", f"{name}.gz")))
        case 7:
            files[name] = b""
        case _:
            content = files[name] or b""
            files[name] = content[:40] + b"x" * LONG_LINE + content[40:]
    return given._replace(files=files)


def _packed(rng: Random, given: Input, name: str) -> Input:
    """Pack a file; then spoil it, or not."""
    content = given.files[name]
    if content is None:
        return given
    ending = rng.choice(tuple(_PACKERS))
    packed = content
    if rng.random() < 0.9:
        bomb = b"\x00" * BOMB if rng.random() < 0.005 else b""
        packed = _PACKERS[ending](content + bomb)
    match rng.randrange(5):
        case 0:
            packed = packed[: rng.randrange(len(packed) + 1)]
        case 1:
            packed = change_bytes(rng, packed)
        case 2:
            packed += rng.choice((packed, b"\x00" * 20, b"junk"))
        case _:
            pass
    files = {n: c for n, c in given.files.items() if n != name}
    files[name + ending] = packed
    entry = name + ending if given.entry == name else given.entry
    return given._replace(files=files, entry=entry)
