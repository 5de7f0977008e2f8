"""The server itself: answers by path, misbehaves to order, and remembers what it was asked."""

from __future__ import annotations

import base64
import re
import socket
import ssl
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from index import answers

if TYPE_CHECKING:
    from index.answers import Face
    from index.faults import Fault
    from index.releases import Index


class Server(ThreadingHTTPServer):
    """One index on 127.0.0.1, at a port of its own, in threads."""

    daemon_threads = False  # so that closing waits for every handler
    request_queue_size = 64

    def __init__(self, index: Index, face: Face, *, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.index = index
        self.face = face
        self.tls = tls
        self.authority: str | None = None
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.most_at_once = 0
        self.stopping = threading.Event()
        self._faults: list[tuple[str, Fault]] = []
        self._lock = threading.Lock()
        self._under_way = 0
        self._connections: set[socket.socket] = set()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)

    @property
    def base(self) -> str:
        scheme = "https" if self.tls else "http"
        name = "localhost" if self.tls else "127.0.0.1"
        return f"{scheme}://{name}:{self.server_port}"

    @property
    def url(self) -> str:
        return f"{self.base}/simple"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop, hang up on everyone, and wait for the last handler."""
        self.stopping.set()
        self.shutdown()
        with self._lock:
            for connection in self._connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()
        self._thread.join()

    def fault(self, path: str, fault: Fault) -> None:
        """Misbehave when a path that starts so is asked for; the first fault that is due wins."""
        self._faults.append((path, fault))

    def recover(self) -> None:
        """Forget all faults."""
        self._faults.clear()

    def paths(self, start: str = "/") -> list[str]:
        """Return the paths asked for so far."""
        return [path for _, path, _ in self.asked if path.startswith(start)]

    def begin(self, method: str, path: str, headers: dict[str, str]) -> Fault | None:
        with self._lock:
            self.asked.append((method, path, headers))
            self._under_way += 1
            self.most_at_once = max(self.most_at_once, self._under_way)
            return next(
                (
                    fault
                    for start, fault in self._faults
                    if path.startswith(start)
                    and ("Range" in headers or not fault.ranges_only)
                    and fault.due()
                ),
                None,
            )

    def end(self) -> None:
        with self._lock:
            self._under_way -= 1

    def meet(self, connection: socket.socket) -> None:
        """Remember a connection, to hang up on it when the server stops."""
        with self._lock:
            self._connections.add(connection)

    def part(self, connection: socket.socket) -> None:
        """Close a connection for good."""
        with self._lock:
            self._connections.discard(connection)
        connection.close()

    def get_request(self) -> tuple[socket.socket, object]:
        connection, address = super().get_request()
        if self.tls is None:
            return connection, address
        connection.settimeout(5)
        try:
            return self.tls.wrap_socket(connection, server_side=True), address
        except OSError:
            connection.close()
            raise

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent: clients that hang up are part of the tests."""


class Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server
    fault: Fault | None = None

    def setup(self) -> None:
        super().setup()
        self.server.meet(self.connection)

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()
        self.server.part(self.connection)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its parent's name
        """Print nothing."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        self.fault = self.server.begin(self.command, self.path, dict(self.headers.items()))
        try:
            self._misbehave_or_answer()
        finally:
            self.server.end()

    def _misbehave_or_answer(self) -> None:
        fault = self.fault
        if fault is not None and fault.kind in {"hang", "slow"}:
            self.server.stopping.wait(fault.seconds)
        if fault is not None and fault.kind in {"hang", "reset"}:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        elif fault is not None and fault.kind == "status":
            self._send(fault.body, "text/plain", fault.status, fault.headers)
        elif fault is not None and fault.kind == "login":
            self._send(answers.LOGIN.encode(), "text/html")
        elif not self._is_welcome():
            challenge = {"WWW-Authenticate": 'Basic realm="index"'}
            self._send(b"who?", "text/plain", 401, challenge)
        else:
            self._answer()

    def _is_welcome(self) -> bool:
        if self.server.face.credentials is None:
            return True
        expected = base64.b64encode(":".join(self.server.face.credentials).encode()).decode()
        return self.headers.get("Authorization") == f"Basic {expected}"

    def _answer(self) -> None:
        if match := re.fullmatch(r"/simple/([^/]+)/", self.path):
            self._project(match[1])
        elif match := re.fullmatch(r"/pypi/([^/]+)/([^/]+)/json", self.path):
            self._release(match[1], match[2])
        elif match := re.fullmatch(r"/files/([^/]+?)(\.metadata)?", self.path):
            self._file(match[1], metadata=bool(match[2]))
        else:
            self._send(b"not here", "text/html", 404)

    def _base(self) -> str:
        scheme = "https" if isinstance(self.connection, ssl.SSLSocket) else "http"
        return f"{scheme}://{self.headers['Host']}"

    def _project(self, name: str) -> None:
        artifacts = self.server.index.projects.get(name)
        face = self.server.face
        if artifacts is None:
            self._send(b"no such project", "text/html", 404)
        elif face.json and answers.SIMPLE_JSON in self.headers.get("Accept", ""):
            document = answers.simple_json(name, artifacts, face, self._base())
            self._send(document.encode(), answers.SIMPLE_JSON)
        else:
            lie = self.fault is not None and self.fault.kind == "wrong-hash"
            self._send(answers.page(artifacts, face, lie=lie).encode(), "text/html")

    def _release(self, name: str, version: str) -> None:
        artifacts = [
            artifact
            for artifact in self.server.index.projects.get(name, [])
            if artifact.release.version == version
        ]
        if artifacts and self.server.face.api:
            document = answers.release_json(artifacts, self._base())
            self._send(document.encode(), "application/json")
        else:
            self._send(b"not here", "text/html", 404)

    def _file(self, filename: str, *, metadata: bool) -> None:
        artifact = self.server.index.file(filename)
        if artifact is None or (metadata and not self.server.face.metadata):
            self._send(b"no such file", "text/html", 404)
        elif metadata:
            self._send(artifact.release.metadata, "text/plain")
        else:
            self._bytes(artifact.content)

    def _bytes(self, content: bytes) -> None:
        asked = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        if not self.server.face.ranges or asked is None:
            extra = {"Accept-Ranges": "bytes"} if self.server.face.ranges else {}
            self._send(content, "application/octet-stream", 200, extra)
            return
        start, end = asked.groups()
        first = int(start) if start else max(0, len(content) - int(end))
        last = min(int(end), len(content) - 1) if start and end else len(content) - 1
        where = {"Content-Range": f"bytes {first}-{last}/{len(content)}", "Accept-Ranges": "bytes"}
        self._send(content[first : last + 1], "application/octet-stream", 206, where)

    def _send(
        self, body: bytes, kind: str, status: int = 200, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.fault is not None and self.fault.kind == "cut":
            body, self.close_connection = body[: len(body) // 2], True
        if self.command != "HEAD":
            self.wfile.write(body)
