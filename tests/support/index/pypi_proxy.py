"""A proxy that answers for PyPI's host, so that any whole program sees a PyPI of our making."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from poetry.repositories.pypi_repository import PyPiRepository

from index.server import Handler, Server

if TYPE_CHECKING:
    import ssl

    from index.answers import Face
    from index.releases import Index


def pypi_address() -> str:
    """Return PyPI's address as the running Poetry knows it."""
    default: str = inspect.signature(PyPiRepository.__init__).parameters["url"].default
    return default


def pypi_host() -> str:
    """Return PyPI's host name."""
    return urlsplit(pypi_address()).hostname or ""


class PypiProxy(Server):
    """An HTTP proxy whose tunnels to PyPI end here; every other host is out of reach."""

    def __init__(self, index: Index, face: Face, inside: ssl.SSLContext) -> None:
        super().__init__(index, face)
        self.RequestHandlerClass = Tunnel
        self.inside = inside


class Tunnel(Handler):
    """Answers one tunnel."""

    server: PypiProxy

    def do_CONNECT(self) -> None:  # noqa: N802 - http.server's spelling
        if self.path.rpartition(":")[0] != pypi_host():
            self.send_error(502)
            return
        self.send_response(200)
        self.end_headers()
        outer = self.connection
        try:
            self.connection = self.server.inside.wrap_socket(outer, server_side=True)
        except OSError:
            self.close_connection = True
            return
        self.server.part(outer)
        self.server.meet(self.connection)
        self.rfile = self.connection.makefile("rb", -1)
        self.wfile = self.connection.makefile("wb", 0)
        self.close_connection = False
