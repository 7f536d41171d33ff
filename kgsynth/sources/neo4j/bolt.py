"""A session with a server that speaks Bolt; its failures in plain sentences.

User and password come from the environment and go to the driver alone: no message, no record and
no name of a part ever holds them.
"""

from __future__ import annotations

import logging
import os
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import neo4j
from neo4j import exceptions as bolt

from kgsynth.errors import KgsynthError, SourceError

USER = "KGSYNTH_NEO4J_USER"
PASSWORD = "KGSYNTH_NEO4J_PASSWORD"
USUAL_USER = "neo4j"
USUAL_DATABASE = "neo4j"
SECONDS_TO_CONNECT = 15.0

_ADDRESS = re.compile(
    r"(?:bolt|neo4j)(?:\+s|\+ssc)?://(?:[\w.-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?/?"
)
WRITE_ADDRESS = "Write it as bolt://HOST:7687, or bolt+s:// where the server wants encryption."
RUN_AGAIN = "See whether the server still runs, then run the same command again."

# Without a handler of its own, what the driver logs would end on standard error.
logging.getLogger("neo4j").addHandler(logging.NullHandler())


class Server(NamedTuple):
    """Whom to talk to, and which error tells of a failure."""

    address: str
    database: str = ""
    """Left out, the one that the server gives to whoever names none."""
    failure: type[KgsynthError] = SourceError

    def error(self, message: str, remedy: str) -> KgsynthError:
        """Make the error of a failure."""
        return self.failure(message, remedy=remedy)


def checked_address(address: str) -> str:
    """Return an address; refuse what is none, without repeating it: it may hold a password."""
    if "@" in address:
        raise SourceError(
            "The address of a Bolt server must not hold a user or a password.",
            remedy=f"{WRITE_ADDRESS} Set {USER} and {PASSWORD} in the environment.",
        )
    found = _ADDRESS.fullmatch(address)
    if not found or int(found["port"] or 7687) not in range(1, 1 << 16):
        raise SourceError(
            "What should be the address of a Bolt server is none.", remedy=WRITE_ADDRESS
        )
    return address.rstrip("/")


@contextmanager
def opened_session(server: Server, access: str, page: int) -> Iterator[neo4j.Session]:
    """Open a session that asks for ``page`` records at a time, and see that the server answers."""
    password = os.environ.get(PASSWORD)
    user = os.environ.get(USER) or USUAL_USER
    with _told(server, connected=False):
        driver = neo4j.GraphDatabase.driver(
            server.address,
            auth=(user, password) if password else None,
            user_agent="kgsynth",
            connection_timeout=SECONDS_TO_CONNECT,
            connection_acquisition_timeout=2 * SECONDS_TO_CONNECT,
            max_transaction_retry_time=SECONDS_TO_CONNECT,
            warn_notification_severity=neo4j.NotificationMinimumSeverity.OFF,
        )
    database = server.database or None
    with driver, _told(server, connected=True):
        with (
            _told(server, connected=False),
            driver.session(database=database, default_access_mode=access) as session,
        ):
            session.run("RETURN 1").consume()
        with driver.session(
            database=database, default_access_mode=access, fetch_size=page
        ) as session:
            yield session


@contextmanager
def _told(server: Server, *, connected: bool) -> Iterator[None]:
    """Turn what the driver raises into a sentence."""
    try:
        yield
    except bolt.AuthError:
        raise _refused(server) from None
    except bolt.Neo4jError as error:
        raise _said_by_server(server, error) from None
    except bolt.DriverError as error:
        raise (_broken if connected else _unreached)(server, error) from None


def _refused(server: Server) -> KgsynthError:
    if not os.environ.get(PASSWORD):
        return server.error(
            f"The server at {server.address} wants a user and a password.",
            f"Set {USER} and {PASSWORD} in the environment.",
        )
    return server.error(
        f"The server at {server.address} refused the user or the password.",
        f"Check {USER} (without it: {USUAL_USER}) and {PASSWORD} in the environment.",
    )


def _said_by_server(server: Server, error: bolt.Neo4jError) -> KgsynthError:
    code = error.code or ""
    named = server.database or USUAL_DATABASE
    if code.endswith(("DatabaseNotFound", "DatabaseNotFoundError")):
        return server.error(
            f"The server at {server.address} has no database {named!r}.",
            "Name one that it has with the option 'database'.",
        )
    if isinstance(error, bolt.Forbidden):
        return server.error(
            f"The server at {server.address} forbids this user to do that: {brief(error)}.",
            f"Set {USER} to a user who may.",
        )
    if isinstance(error, bolt.TransientError):
        return server.error(
            f"The server at {server.address} could not go on: {brief(error)}.",
            "Wait a little, then run the same command again.",
        )
    return server.error(
        f"The server at {server.address} refused a query: {brief(error)} ({code}).",
        "Check that it speaks Cypher as Neo4j 5 does.",
    )


def brief(error: bolt.Neo4jError) -> str:
    """Cut what a server says to a clause."""
    text = " ".join((error.message or "no reason was given").split())
    return (text if len(text) <= 200 else f"{text[:200]}…").rstrip(".")


def _broken(server: Server, error: Exception) -> KgsynthError:
    if isinstance(error, bolt.BrokenRecordError):
        return server.error(
            f"The server at {server.address} sent a value that its driver cannot read.",
            "Look for a date or time far outside the calendar among the properties.",
        )
    return server.error(f"The connection to {server.address} broke.", RUN_AGAIN)


def _unreached(server: Server, error: Exception) -> KgsynthError:
    """Say why nothing came of an address, as far as the driver's chain of causes tells."""
    causes = list(_causes(error))
    told = " ".join(str(cause) for cause in causes)
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return server.error(
            f"The certificate of the server at {server.address} is not trusted here.",
            "Add its authority to the system's, or write +ssc for +s to take any certificate.",
        )
    broken_off = any(isinstance(cause, ssl.SSLError | ConnectionResetError) for cause in causes)
    if broken_off and "+s" in server.address:
        return server.error(
            f"The server at {server.address} made no encrypted connection.",
            "Leave out +s or +ssc if it wants none, and check the port.",
        )
    unfit = isinstance(error, bolt.UnsupportedServerProduct)
    if broken_off or unfit or re.search("HTTP|handshake", told):
        return server.error(
            f"What answers at {server.address} does not speak Bolt, or wants encryption.",
            "Check the port (usually 7687), and try +s (or +ssc) after bolt or neo4j.",
        )
    return server.error(
        f"No server answers at {server.address}.",
        "Start it, or check host and port (usually 7687).",
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for inner in error.exceptions:
                yield from _causes(inner)
        error = error.__cause__
