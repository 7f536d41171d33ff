"""Write a graph into a database that speaks Bolt and Cypher (Neo4j and its kin).

Values travel as parameters. Labels and relationship types cannot, in the Cypher that all such
servers speak: `quoted` is the one place where a text becomes part of a query.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, TypedDict, TypeVar

import neo4j
from neo4j import exceptions as bolt

from kgsynth.errors import KgsynthError, StorageError, listing
from kgsynth.sources.columns import Progress, silent
from kgsynth.sources.exported import KEY
from kgsynth.sources.neo4j.bolt import Server, brief, checked_address, opened_session
from kgsynth.sources.neo4j.bolt_concepts import CONCEPT
from kgsynth.sources.neo4j.reader import ABOUT

ROWS = 5_000
"""Rows of one query, and of one transaction."""
MOST_WAITING = 20 * ROWS
"""Rows that wait, for others of the same labels or type, to be sent with them."""

Key = TypeVar("Key", bound=Hashable)
Row = TypeVar("Row")

HOLDS_NODES = "MATCH (n) RETURN 1 LIMIT 1"
INDEXES = (
    f"CREATE CONSTRAINT kgsynth_concept IF NOT EXISTS FOR (n:{CONCEPT}) REQUIRE n.id IS UNIQUE",
    f"CREATE INDEX kgsynth_concept IF NOT EXISTS FOR (n:{CONCEPT}) ON (n.id)",
    f"CREATE INDEX ON :{CONCEPT}(id)",
)
"""Without one of these, each relationship would be a search through all nodes. Servers differ in
which they know."""
NODES = "UNWIND $rows AS row CREATE (n:{0}) SET n = row RETURN count(n)"
RELATIONSHIPS = f"""
UNWIND $rows AS row
MATCH (a:{CONCEPT}) WHERE a.id = row.subject
MATCH (b:{CONCEPT}) WHERE b.id = row.object
CREATE (a)-[r:{{0}}]->(b)
SET r = row.properties
RETURN count(r)
"""
"""Not ``(a {id: row.subject})``: there, ArcadeDB takes the value ``$x`` for the parameter x."""
WHAT_IT_IS = f"CREATE (n:{ABOUT}) SET n.{KEY} = $about RETURN count(n)"


class Node(TypedDict):
    """A node to write. Its properties hold ``id``, which no other node has."""

    labels: Sequence[str]
    properties: Mapping[str, Any]


class Relationship(TypedDict):
    """A relationship to write, between the nodes of two ids."""

    subject: str
    type: str
    object: str
    properties: Mapping[str, Any]


class Written(NamedTuple):
    """How much was written."""

    nodes: int
    relationships: int


def quoted(name: str) -> str:
    """Quote a label or a relationship type, so that nothing in it is Cypher.

    A backslash is refused too: some servers read ``\\u0060`` as a backtick, wherever it stands.

    >>> quoted("a`) DETACH DELETE n //")
    '`a``) DETACH DELETE n //`'
    """
    if not name or "\\" in name or any(unicodedata.category(c)[0] == "C" for c in name):
        raise StorageError(f"{name!r} can be no label or type.", remedy="Rename it in the source.")
    return f"`{name.replace('`', '``')}`"


def write_batches(
    address: str,
    nodes: Iterable[Iterable[Node]],
    edges: Iterable[Iterable[Relationship]],
    *,
    about: str = "",
    database: str = "",
    into_full: bool = False,
    progress: Progress = silent,
) -> Written:
    """Write nodes and then relationships; ``about`` comes last, and says that all was written.

    A database that holds nodes is refused, unless ``into_full``.
    """
    server = Server(checked_address(address), database, StorageError)
    done: Counter[str] = Counter()
    try:
        with opened_session(server, neo4j.WRITE_ACCESS, ROWS) as session:
            if not into_full and session.run(HOLDS_NODES).values():
                raise server.error(
                    f"The database at {server.address} holds nodes already.", "Name an empty one."
                )
            _make_index(session)
            writing = _Writing(session, server, done, progress)
            writing.nodes(nodes)
            writing.relationships(edges)
            if about:
                session.run(WHAT_IT_IS, about=about).consume()
    except KgsynthError as error:
        if not done:
            raise
        left = " and ".join(f"{count:,} {what}" for what, count in done.items())
        remedy = f"{error.remedy} {left} were written: empty the database before the next try."
        raise type(error)(error.message, remedy=remedy) from None
    return Written(done["nodes"], done["relationships"])


def _make_index(session: neo4j.Session) -> None:
    for statement in INDEXES:
        with suppress(bolt.ClientError, bolt.DatabaseError):
            session.run(statement).consume()
            return


class _Writing(NamedTuple):
    """Sends rows, and counts what the server took."""

    session: neo4j.Session
    server: Server
    done: Counter[str]
    progress: Progress

    def nodes(self, batches: Iterable[Iterable[Node]]) -> None:
        rows = ((_labels(node), node["properties"]) for batch in batches for node in batch)
        for labels, group in _grouped(rows):
            query = NODES.format(":".join(map(quoted, (CONCEPT, *labels))))
            what = f"of the types {listing(labels)}" if labels else "without a type"
            self._send("nodes", query, group, what)

    def relationships(self, batches: Iterable[Iterable[Relationship]]) -> None:
        rows = ((edge["type"], edge) for batch in batches for edge in batch)
        for name, group in _grouped(rows):
            query = RELATIONSHIPS.format(quoted(name))
            self._send("relationships", query, group, f"of the type {name!r}")

    def _send(self, kind: str, query: str, rows: Sequence[Any], what: str) -> None:
        """Send some rows in a transaction of their own, once: trying again might write twice."""
        try:
            with self.session.begin_transaction() as tx:
                taken = tx.run(query, rows=rows).values()[0][0]
                if taken != len(rows):
                    raise self.server.error(
                        f"{len(rows) - taken:,} {kind} {what} have an end that was not written.",
                        "Write every concept that a relationship names.",
                    )
        except bolt.ConstraintError:
            raise self.server.error(
                f"The server at {self.server.address} holds one of the {kind} {what} already.",
                "An id must stand once; name an empty database.",
            ) from None
        except (bolt.AuthError, bolt.Forbidden):
            raise
        except bolt.ClientError as error:
            raise self.server.error(
                f"The server at {self.server.address} takes no {kind} {what}: {brief(error)}.",
                "Rename them in the source; servers differ in the names and values they take.",
            ) from None
        self.done[kind] += len(rows)
        self.progress(f"writing {kind}", self.done[kind], 0)


def _labels(node: Node) -> tuple[str, ...]:
    labels = set(node["labels"]) - {CONCEPT}
    if ABOUT in labels:
        raise StorageError(f"No type may be called {ABOUT}.", remedy="Rename it in the source.")
    return tuple(sorted(labels))


def _grouped(rows: Iterable[tuple[Key, Row]]) -> Iterator[tuple[Key, list[Row]]]:
    """Gather the rows of each key, as many as are sent at once."""
    waiting: dict[Key, list[Row]] = defaultdict(list)
    count = 0
    for key, row in rows:
        waiting[key].append(row)
        count += 1
        full = len(waiting[key]) >= ROWS
        if full or count >= MOST_WAITING:
            sent = key if full else max(waiting, key=lambda k: len(waiting[k]))
            count -= len(waiting[sent])
            yield sent, waiting.pop(sent)
    yield from waiting.items()
