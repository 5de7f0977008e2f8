"""The tutorial's project in a folder: a manifest, an index of wheels, and newer ones beside it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from poetry_lockguard.demo.tiny_wheel import tiny_wheel
from poetry_lockguard.demo.wheel_server import WheelServer, index_url
from poetry_lockguard.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

#: what the documentation shows
PORT = 8765
OFFERED = (("matrix", "1.0"), ("sound32", "1.0"))
NEWER = (("matrix", "1.1"), ("sound32", "1.1"))
MANIFEST = """\
[project]
name = "engine"
version = "1.0"
description = "A game engine: sound on 32-bit machines comes from a package of its own."
requires-python = ">=3.10"
dependencies = [
    "matrix (>=1.0,<2.0)",
    "sound32 (>=1.0,<2.0) ; platform_machine == 'i686'",
]

[tool.poetry]
package-mode = false

[[tool.poetry.source]]
name = "demo"
url = "{url}"
"""
_ADDRESS = re.compile(re.escape(index_url(0)).replace(":0/", r":(\d+)/"))


def serve(folder: Path, port: int | None = None) -> WheelServer:
    """Return a server for the project in a folder, which is made if it is empty or missing.

    The project of an earlier demo is left as it is, and gets its port again. Raises UsageError.
    """
    manifest = folder / "pyproject.toml"
    try:
        if _is_free(folder):
            return _make(folder, manifest, _server(folder, port))
        address = _ADDRESS.search(manifest.read_text("utf-8")) if manifest.is_file() else None
        if address is None or not (folder / "index").is_dir():
            raise UsageError(f"{folder}: is not empty, and not a demo; name a new folder")
        return WheelServer(folder / "index", int(address[1]))
    except (OSError, OverflowError) as error:
        raise UsageError(f"{folder}: the demo cannot start: {error}; try another --port") from error


def _server(folder: Path, port: int | None) -> WheelServer:
    """Return a server at a port; if none is named, at the documented one, or any that is free."""
    if port is not None:
        return WheelServer(folder / "index", port)
    try:
        return WheelServer(folder / "index", PORT)
    except OSError:
        return WheelServer(folder / "index", 0)


def _is_free(folder: Path) -> bool:
    return not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))


def _make(folder: Path, manifest: Path, server: WheelServer) -> WheelServer:
    for place, releases in (("index", OFFERED), ("newer", NEWER)):
        (folder / place).mkdir(parents=True)
        for release in releases:
            wheel = tiny_wheel(*release)
            (folder / place / wheel.filename).write_bytes(wheel.content)
    manifest.write_text(MANIFEST.format(url=server.url), encoding="utf-8")
    return server
