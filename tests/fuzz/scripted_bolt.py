"""A server that speaks Bolt and sends whatever it is told to: the worst that a driver may meet.

It knows the protocol (5.0) and no Cypher: an answer is chosen by the text of the query, and has as
many columns as were asked for; what stands in them may be anything. It may refuse a query, or go
away in the middle of a word. What is between, from the socket to the last value, is the real
driver; a server that breaks the protocol is the driver's own matter.
"""

from __future__ import annotations

import json
import math
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from typing import Any

from kgsynth.sources.neo4j import reader

DEEPEST = 100
_SIGNATURES = {
    "$date": b"D", "$time": b"T", "$localtime": b"t", "$datetime": b"I", "$localdatetime": b"d",
    "$duration": b"E", "$point": b"X", "$point3d": b"Y", "$node": b"N", "$odd": b"Z",
}  # fmt: skip


# --- values ---------------------------------------------------------------------------------------


def packed(value: Any) -> bytes:
    """Write a value of JSON as PackStream does; ``{"$date": 1}`` and its like are structures."""
    if value is None or isinstance(value, bool):
        return {None: b"\xc0", False: b"\xc2", True: b"\xc3"}[value]
    if isinstance(value, int):
        return _packed_int(value)
    if isinstance(value, float):
        return b"\xc1" + struct.pack(">d", value)
    if isinstance(value, str):
        text = value.encode("utf-8", "replace")
        return _sized(len(text), 0x80, b"\xd0\xd1\xd2") + text
    if isinstance(value, list):
        return _sized(len(value), 0x90, b"\xd4\xd5\xd6") + b"".join(map(packed, value))
    if isinstance(value, dict):
        return _packed_dict(value)
    raise TypeError(value)


def _packed_int(value: int) -> bytes:
    if -16 <= value < 128:
        return struct.pack(">b", value)
    if -(1 << 63) <= value < 1 << 63:
        return b"\xcb" + struct.pack(">q", value)
    return packed(float(value)) if abs(value) < 1 << 1000 else packed(str(value))


def _sized(size: int, small: int, marks: bytes) -> bytes:
    if size < 16:
        return bytes([small + size])
    for mark, form in zip(marks, (">B", ">H", ">I"), strict=True):
        if size < 1 << (8 * struct.calcsize(form)):
            return bytes([mark]) + struct.pack(form, size)
    raise ValueError(size)


def _packed_dict(value: dict[str, Any]) -> bytes:
    for name, held in value.items():
        if name in _SIGNATURES:
            fields = held if isinstance(held, list) else [held]
            if name == "$node":
                fields = [*fields, "1"][:4]
            return _structure(_SIGNATURES[name], *fields[:15])
        if name == "$bytes":
            data = str(held).encode()[:200]
            return b"\xcc" + bytes([len(data)]) + data
        if name == "$float":
            return packed({"nan": math.nan, "inf": math.inf}.get(str(held), 0.5))
    parts = (packed(str(key)) + packed(held) for key, held in value.items())
    return _sized(len(value), 0xA0, b"\xd8\xd9\xda") + b"".join(parts)


def _structure(signature: bytes, *fields: Any) -> bytes:
    return bytes([0xB0 + len(fields)]) + signature + b"".join(map(packed, fields))


# --- answers --------------------------------------------------------------------------------------


def answer(graph: Any, query: str) -> list[list[Any]]:
    """Return the rows that answer a query of the reader, in the graph that is served."""
    held = graph if isinstance(graph, dict) else {}
    ours = held.get("ours") if isinstance(held.get("ours"), dict) else {}
    starts = [_filled(row, 3) for row in _rows(held.get("relationships"))]
    nodes = _rows(held.get("nodes"))
    answers: dict[str, Callable[[], list[list[Any]]]] = {
        reader.COUNTS[0]: lambda: [[len(nodes)]],
        reader.COUNTS[1]: lambda: [[sum(len(_rows(row[2])) for row in starts)]],
        reader.NODES: lambda: [_node(row) for row in nodes],
        reader.RELATIONSHIPS: lambda: [[row[0], _ends(row[2], 6)] for row in starts],
        reader.RELATIONSHIPS_BY_LABEL: lambda: [
            [row[0], _ends(row[2], 7), _labels(row[1])] for row in starts
        ],
        reader.OUR_NODES: lambda: [_filled(row, 1) for row in _rows(ours.get("nodes"))],
        reader.OUR_RELATIONSHIPS: lambda: [
            [row[0], [_filled(end, 2) for end in _rows(_filled(row, 2)[1])]]
            for row in _rows(ours.get("relationships"))
            if row
        ],
        reader.ABOUT_US: lambda: [_filled(row, 1) for row in _rows(held.get("about"))],
        reader.IS_OURS: lambda: [[1]] if held.get("is_ours") else [],
        reader.PROPERTIES: lambda: [["id"], ["name"]],
    }
    return answers.get(query, lambda: [[1]])()


def _rows(value: Any) -> list[list[Any]]:
    """Return the rows of a value: a record, or a list in it, is a list whatever it holds."""
    held = value if isinstance(value, list) else []
    return [row if isinstance(row, list) else [row] for row in held]


def _filled(row: list[Any], width: int) -> list[Any]:
    return [*row, *[None] * width][:width]


def _node(row: list[Any]) -> list[Any]:
    concept, labels, *rest = _filled(row, 7)
    return [concept, _labels(labels), *rest]


def _ends(value: Any, width: int) -> list[list[Any]]:
    ends = (_filled(end, 7) for end in _rows(value))
    return [[*e[:1], str(e[1]), *e[2:6], _labels(e[6])][:width] for e in ends]


def _depth(value: Any) -> int:
    """Count how deep lists and objects are nested, up to one more than may be said."""
    held, depth = [value], 0
    while held and depth <= DEEPEST:
        lists = [list(v.values()) if isinstance(v, dict) else v for v in held]
        held = [item for v in lists if isinstance(v, list) for item in v]
        depth += bool(held)
    return depth


def _labels(value: Any) -> list[str]:
    """Labels are a list of texts on every server: the protocol knows no others."""
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


# --- the server -----------------------------------------------------------------------------------


class ScriptedServer:
    """Listens on a free port; what it says is told before each reading."""

    def __init__(self) -> None:
        self._graph: Any = {}
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"bolt://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def play(self, content: bytes) -> None:
        """Take what is to be said; after so many bytes as ``cut`` says, the connection ends."""
        try:
            graph = json.loads(content)
        except (ValueError, RecursionError):
            graph = None
        # What is nested too deep to be said is not begun: the driver cleans up in any thread, and
        # not quietly where that one has no room left for a call.
        sayable = graph is not None and _depth(graph) <= DEEPEST
        self._graph = graph if sayable else {"cut": len(content)}

    def _listen(self) -> None:
        while True:
            connection, _ = self._listening.accept()
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        # Without this, a word of few bytes waits for the last one to be acknowledged.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection:
            talk = _Talk(connection, self._graph)
            try:
                talk.hold()
            except (OSError, EOFError, ValueError, RecursionError, struct.error):
                return


class _Talk:
    """A connection, from the first word to the last."""

    def __init__(self, connection: socket.socket, graph: Any) -> None:
        self._connection = connection
        self._graph = graph if isinstance(graph, dict) else {}
        cut = self._graph.get("cut")
        self._left = cut if type(cut) is int and cut >= 0 else 1 << 40
        """Bytes that may still be said."""
        self._query = ""

    def hold(self) -> None:
        """Answer until the other side says goodbye."""
        self._take(20)
        self._say(b"\x00\x00\x00\x05")
        for signature, body in self._messages():
            if signature == 0x02:
                return
            for message in self._replies(signature, body):
                self._say(struct.pack(">H", len(message)) + message + b"\x00\x00")

    def _replies(self, signature: int, body: bytes) -> Iterator[bytes]:
        failure = self._graph.get("failure")
        if signature == 0x01:
            yield self._success({"server": "Neo4j/5.13.0", "connection_id": "c"})
        elif signature == 0x10:
            self._query = _text(body)
            if isinstance(failure, dict) and str(failure.get("at", "\0")) in self._query:
                said = {key: failure.get(key) for key in ("code", "message")}
                yield _structure(b"\x7f", said)
            else:
                yield self._success({"fields": [f"f{n}" for n in range(self._width())], "qid": 0})
        elif signature == 0x3F:
            yield from self._records()
            yield self._success({"type": "r", "db": "neo4j"})
        else:
            yield self._success({})

    def _records(self) -> Iterator[bytes]:
        """Send the rows; one that is larger than a part of a message is left out."""
        for row in answer(self._graph, self._query):
            message = _structure(b"\x71", row)
            if len(message) < 1 << 16:
                yield message

    def _width(self) -> int:
        return max(map(len, answer(self._graph, self._query)), default=1)

    @staticmethod
    def _success(said: dict[str, Any]) -> bytes:
        return _structure(b"\x70", said)

    def _messages(self) -> Iterator[tuple[int, bytes]]:
        while True:
            message, size = b"", 0
            while size or not message:
                (size,) = struct.unpack(">H", self._take(2))
                message += self._take(size)
            yield message[1], message[2:]

    def _take(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self._connection.recv(size - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def _say(self, data: bytes) -> None:
        self._connection.sendall(data[: self._left])
        self._left -= len(data)
        if self._left < 0:
            raise EOFError


def _text(body: bytes) -> str:
    """Read the text that a message begins with."""
    mark = body[0]
    if 0x80 <= mark < 0x90:
        return body[1 : 1 + mark - 0x80].decode()
    form = {0xD0: ">B", 0xD1: ">H", 0xD2: ">I"}[mark]
    begin = 1 + struct.calcsize(form)
    (size,) = struct.unpack(form, body[1:begin])
    return body[begin : begin + size].decode()
