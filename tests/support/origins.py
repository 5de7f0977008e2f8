"""Releases that are not on an index: in a folder, a file, a repository, or at a URL."""

from __future__ import annotations

import atexit
import json
import tempfile
import threading
from dataclasses import dataclass
from functools import cache, partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

from index.wheels import Release, wheel
from trees import commit

if TYPE_CHECKING:
    from collections.abc import Callable

_EXTRA = " ; extra == "


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """A release in one place; ``kind`` is the key by which a manifest names it."""

    kind: str
    name: str
    version: str
    requires: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What its address has in it, and no other's."""
        return sha256(repr(self).encode()).hexdigest()[:10]

    @property
    def release(self) -> Release:
        """Its metadata, as a wheel has them."""
        extras: dict[str, tuple[str, ...]] = {}
        for text in self.requires:
            plain, is_extra, name = text.partition(_EXTRA)
            if is_extra:
                extras.setdefault(name.strip("'"), ())
                extras[name.strip("'")] += (plain,)
        always = tuple(text for text in self.requires if _EXTRA not in text)
        return Release(name=self.name, version=self.version, requires=always, extras=extras)


@cache
def table(origin: Origin) -> dict[str, str]:
    """Make an origin, and give what a manifest says of where it is."""
    home = root() / origin.key
    home.mkdir()
    return _MAKERS[origin.kind](origin, home)


@cache
def root() -> Path:
    """Return the folder of them all; projects that name folders in it lie beside it."""
    made = tempfile.TemporaryDirectory(prefix="origins-")
    atexit.register(made.cleanup)
    return Path(made.name).resolve()


@cache
def _server() -> str:
    """Serve that folder as long as this process lasts, and give the address."""
    handler = partial(_Silent, directory=str(root()))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _folder(origin: Origin, home: Path) -> dict[str, str]:
    release = origin.release
    optional = "".join(f"{name} = {json.dumps(texts)}\n" for name, texts in release.extras.items())
    (home / "pyproject.toml").write_text(
        f'[project]\nname = "{origin.name}"\nversion = "{origin.version}"\n'
        f"dependencies = {json.dumps(release.requires)}\n"
        + (f"[project.optional-dependencies]\n{optional}" if optional else "")
        + "[tool.poetry]\n"
    )
    return {"path": str(home)}


def _file(origin: Origin, home: Path) -> dict[str, str]:
    return {"path": str(_wheel(origin, home))}


def _wheel(origin: Origin, home: Path) -> Path:
    name, content = wheel(origin.release)
    (home / name).write_bytes(content)
    return home / name


def _git(origin: Origin, home: Path) -> dict[str, str]:
    _folder(origin, home)
    commit(home)
    return {"git": home.as_uri()}


def _url(origin: Origin, home: Path) -> dict[str, str]:
    return {"url": f"{_server()}/{_wheel(origin, home).relative_to(root()).as_posix()}"}


_MAKERS: dict[str, Callable[[Origin, Path], dict[str, str]]] = {
    "path": _folder,
    "file": _file,
    "git": _git,
    "url": _url,
}
KINDS = tuple(_MAKERS)
