"""A real server that speaks Bolt and Cypher (ArcadeDB), in a process of its own, for tests.

The server lives as long as its standard input is open: it stops when the tests end, however
they end, ``kill -9`` too.
"""

from __future__ import annotations

import datetime
import ipaddress
import json
import os
import secrets
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

USER = "root"
FIRST_DATABASE = "neo4j"
"""The name that a driver asks for when it is told none."""
SECONDS_TO_STOP = 20


def free_port() -> int:
    """Find a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class BoltServer:
    """A running server: where it listens, and who may come in."""

    process: subprocess.Popen[str] = field(repr=False)
    port: int
    password: str = field(repr=False)
    databases: int = 0

    @property
    def address(self) -> str:
        return f"bolt://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        return self.process.pid

    def new_database(self) -> str:
        """Make an empty database and give its name."""
        self.databases += 1
        name = f"fresh{self.databases}"
        assert self.process.stdin is not None
        print(name, file=self.process.stdin, flush=True)
        assert _answer(self.process) == {"created": name}
        return name

    def kill(self) -> None:
        """End the server at once, as a crash would."""
        self.process.kill()
        self.process.wait(SECONDS_TO_STOP)

    def stop(self) -> None:
        """Ask the server to end, and see that it did."""
        if self.process.stdin is not None and not self.process.stdin.closed:
            self.process.stdin.close()
        try:
            self.process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            self.kill()


def start(folder: Path, heap: str = "512m") -> BoltServer:
    """Start a server on free ports, with an empty database, in a folder that is its own."""
    folder.mkdir(parents=True, exist_ok=True)
    ports = {"bolt": free_port(), "http": free_port()}
    password = secrets.token_urlsafe(18)
    # Its own folder as the place to work in: the server writes its log where it stands.
    with (folder / "output.txt").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, str(Path(__file__).resolve()), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=folder,
            text=True,
        )
    server = BoltServer(process, ports["bolt"], password)
    try:
        assert process.stdin is not None
        told = {"password": password, "heap": heap, **ports}
        print(json.dumps(told), file=process.stdin, flush=True)
        assert _answer(process) == {"ready": True}
    except BaseException as error:
        server.kill()
        said = (folder / "output.txt").read_text("utf-8", "replace")
        error.add_note(f"The server's last words: {said[-2000:]}")
        raise
    return server


@contextmanager
def running(folder: Path, heap: str = "512m") -> Iterator[BoltServer]:
    """Hold a server for as long as the block runs."""
    server = start(folder, heap)
    try:
        yield server
    finally:
        server.stop()


class Relay:
    """Stands before a server and keeps what the client says; may want encryption."""

    def __init__(self, port: int, certificate: Path | None = None) -> None:
        self.said = bytearray()
        self._open: list[socket.socket] = []
        self._to = port
        self._tls = None
        if certificate is not None:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(certificate)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections and break those there are, as a dying network would."""
        for end in (self._listener, *self._open):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._join, args=(client,), daemon=True).start()

    def _join(self, client: socket.socket) -> None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self._to)) as server:
            if self._tls is not None:
                client = self._tls.wrap_socket(client, server_side=True)
            self._open += [client, server]
            with client:
                back = threading.Thread(target=self._pass, args=(server, client), daemon=True)
                back.start()
                self._pass(client, server, self.said)
                back.join()

    @staticmethod
    def _pass(source: socket.socket, target: socket.socket, kept: bytearray | None = None) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                if kept is not None:
                    kept += data
                target.sendall(data)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)


@contextmanager
def relayed(port: int, certificate: Path | None = None) -> Iterator[Relay]:
    """Hold a relay for as long as the block runs."""
    relay = Relay(port, certificate)
    try:
        yield relay
    finally:
        relay.close()


def write_certificate(path: Path) -> Path:
    """Write a key and a certificate for 127.0.0.1 that nobody vouches for."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path


def _answer(process: subprocess.Popen[str]) -> Any:
    """Read the server's next answer; its own chatter is passed over."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("{"):
            return json.loads(line)
    raise RuntimeError(f"the server ended with code {process.wait(SECONDS_TO_STOP)}")


def serve(folder: Path) -> None:
    """Run the server; make a database for each line of standard input; stop at its end."""
    told = json.loads(sys.stdin.readline())
    # Answers go to the standard output that we were given; whatever the server prints does not.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    from arcadedb_embedded.server import ArcadeDBServer

    server = ArcadeDBServer(
        str(folder),
        told["password"],
        jvm_kwargs={"heap_size": told["heap"]},
        config={
            "host": "127.0.0.1",
            "http_port": told["http"],
            "bolt_port": told["bolt"],
            "server_defaultDatabases": f"{FIRST_DATABASE}[{USER}]",
            "server_plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
        },
    )
    server.start()
    try:
        print(json.dumps({"ready": True}), file=answers, flush=True)
        for line in sys.stdin:
            server.create_database(line.strip())
            print(json.dumps({"created": line.strip()}), file=answers, flush=True)
    finally:
        server.stop()
        # Threads of the virtual machine may outlive the server.
        os._exit(0)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
