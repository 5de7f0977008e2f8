"""Asks git repositories where their branches and tags are, without cloning anything.

It runs the ``git`` program, which can be stopped if it takes too long, and which knows the user's
keys and helpers. Git may neither prompt nor run a command named in a URL.
"""

from __future__ import annotations

import base64
import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from poetry_lockguard import git
from poetry_lockguard.index import certificates
from poetry_lockguard.index.failures import SourceFailure
from poetry_lockguard.urls import host, redact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poetry_lockguard.index.network import Network
    from poetry_lockguard.index.transport import Transport

LONGEST = 30.0  #: seconds for one repository


class Repositories:
    """Queries repositories with the settings of one run; another thread may stop it."""

    def __init__(self, network: Network, transport: Transport) -> None:
        self._network = network
        self._transport = transport
        self._running: set[subprocess.Popen[bytes]] = set()

    def refs(self, url: str) -> dict[str, str]:
        """Return the commits of a repository's refs by their full names; raises SourceFailure."""
        seconds = min(LONGEST, self._network.remaining())
        with self._started(url) as process:
            self._running.add(process)
            try:
                output, complaint = process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                _end(process)
                raise SourceFailure(
                    f"{host(url)} gave git no answer in {seconds:.0f} s; try later"
                ) from None
            finally:
                self._running.discard(process)
        if process.returncode != 0:
            raise SourceFailure(
                f"git says: {_reason(complaint)}; check its address and your access to it"
            )
        return dict(_parsed(output.decode("utf-8", "replace")))

    def stop(self) -> None:
        """Stop the running git processes."""
        for process in [*self._running]:
            _end(process)

    def _started(self, url: str) -> subprocess.Popen[bytes]:
        trusted, login = _certificate(self._network), _login(url, self._transport)
        try:
            return git.ask(url, dict(trusted), dict(login))
        except git.GitError as error:
            raise SourceFailure(str(error)) from None


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill git with the programs it started."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()


def _parsed(listing: str) -> Iterator[tuple[str, str]]:
    for line in listing.splitlines():
        commit, _, name = line.partition("\t")
        yield name, commit


def _certificate(network: Network) -> Iterator[tuple[str, str]]:
    """Make git trust the configured certificates, unless git is configured itself."""
    trusted = certificates.bundle(network.environ)
    if trusted is not None and "GIT_SSL_CAINFO" not in os.environ and Path(trusted).is_file():
        yield "GIT_SSL_CAINFO", trusted


def _login(url: str, transport: Transport) -> Iterator[tuple[str, str]]:
    """Pass Poetry's credentials for a URL to git through the environment, which stays private."""
    found = transport.get_credentials_for_git_url(url)
    if found.username is None and found.password is None:
        return
    login = f"{found.username or ''}:{found.password or ''}".encode()
    yield f"http.{url}.extraHeader", f"Authorization: Basic {base64.b64encode(login).decode()}"


def _reason(output: bytes) -> str:
    lines = output.decode("utf-8", "replace").splitlines() or ["nothing"]
    fatal = [line for line in lines if line.startswith(("fatal:", "ERROR:"))] or lines
    return redact(fatal[0].partition(": ")[2] or fatal[0])
