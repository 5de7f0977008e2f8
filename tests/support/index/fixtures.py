"""The fixtures ``index``, ``serve``, ``pypi``, ``refused`` and ``authority``."""

from __future__ import annotations

import os
import socket
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import pytest
import trustme

from index.answers import Face
from index.pypi_proxy import PypiProxy, pypi_host
from index.releases import Index
from index.server import Server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority of the tests' own, and its certificate's file."""

    ca: trustme.CA
    path: Path

    def context(self, host: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert(host).configure_cert(context)
        return context


class Serve(Protocol):
    """Starts a server that stops with the test."""

    def __call__(self, index: Index, *, tls: bool = False, **face: Any) -> Server: ...


@dataclass(frozen=True, slots=True)
class PypiRun:
    """A PyPI of our making, and the environment in which programs see it."""

    server: PypiProxy
    environ: dict[str, str]


class Pypi(Protocol):
    """Starts a PyPI that stops with the test; ``here`` shows it to this process, too."""

    def __call__(self, index: Index, *, here: bool = False, **face: Any) -> PypiRun: ...


@pytest.fixture
def index() -> Index:
    return Index()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    ca = trustme.CA()
    path = tmp_path_factory.mktemp("authority") / "authority.pem"
    ca.cert_pem.write_to_path(str(path))
    return Authority(ca, path)


@pytest.fixture
def serve(authority: Authority) -> Iterator[Serve]:
    servers: list[Server] = []

    def start(index: Index, *, tls: bool = False, **face: Any) -> Server:
        context = authority.context("localhost") if tls else None
        server = Server(index, Face(**face), tls=context)
        server.authority = str(authority.path) if tls else None
        servers.append(server)
        server.start()
        return server

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def pypi(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pypi]:
    servers: list[PypiProxy] = []

    def start(index: Index, *, here: bool = False, **face: Any) -> PypiRun:
        shown = Face(**{"json": True, "api": face.get("json", True), **face})
        server = PypiProxy(index, shown, authority.context(pypi_host()))
        servers.append(server)
        server.start()
        new = {"HTTPS_PROXY": server.base, "REQUESTS_CA_BUNDLE": str(authority.path)}
        gone = {"NO_PROXY", "no_proxy", "https_proxy", "ALL_PROXY", "all_proxy", "CURL_CA_BUNDLE"}
        kept = {name: value for name, value in os.environ.items() if name not in gone}
        if here:
            for name in gone:
                monkeypatch.delenv(name, raising=False)
            for name, value in new.items():
                monkeypatch.setenv(name, value)
        return PypiRun(server, {**kept, **new})

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def refused() -> str:
    """Give the address of an index where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/simple"
