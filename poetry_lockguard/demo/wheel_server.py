"""Serve a folder of wheels as a simple index (PEP 503), to this machine alone."""

from __future__ import annotations

import hashlib
import re
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from pathlib import Path

_FILE = re.compile(r"/files/([\w.+-]+\.whl)")
_PAGE = re.compile(r"/simple/([\w.-]+)/")


class WheelServer(ThreadingHTTPServer):
    """An index on the loopback interface, which always offers what is in the folder."""

    daemon_threads = True

    def __init__(self, folder: Path, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _WheelHandler)
        self.folder = folder

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing about a program that went away in the middle of an answer."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    @property
    def url(self) -> str:
        """The address to name as a source."""
        return index_url(self.server_port)

    def answer(self, path: str) -> tuple[str, bytes] | None:
        """Return the type and content of a page or a file, or None if there is none."""
        if file := _FILE.fullmatch(path):
            wheel = self.folder / file[1]
            return ("application/zip", wheel.read_bytes()) if wheel.is_file() else None
        page = _PAGE.fullmatch(path)
        names = sorted(wheel.name for wheel in self.folder.glob("*.whl"))
        offered = [name for name in names if page and _project(name) == _normal(page[1])]
        return ("text/html", self._page(offered).encode()) if offered else None

    def _page(self, names: list[str]) -> str:
        links = [
            f'<a href="/files/{name}#sha256={self._sha256(name)}">{name}</a><br>' for name in names
        ]
        return "\n".join(["<!DOCTYPE html><html><body>", *links, "</body></html>", ""])

    def _sha256(self, name: str) -> str:
        return hashlib.sha256((self.folder / name).read_bytes()).hexdigest()


class _WheelHandler(BaseHTTPRequestHandler):
    server: WheelServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer with a page or a file."""
        answer = self.server.answer(unquote(self.path.partition("?")[0]))
        if answer is None:
            self._send(HTTPStatus.NOT_FOUND, "text/plain", b"not here\n")
        else:
            self._send(HTTPStatus.OK, *answer)

    def do_HEAD(self) -> None:
        """Answer with the headers alone."""
        self.do_GET()

    def _send(self, status: HTTPStatus, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing: the terminal belongs to the reader."""


def index_url(port: int) -> str:
    """Return the address of an index at a port of this machine."""
    return f"http://127.0.0.1:{port}/simple/"


def _project(filename: str) -> str:
    return _normal(filename.partition("-")[0])


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
