"""Hostile repositories: each names commands and servers wherever git would run or ask them."""

from __future__ import annotations

import shlex
import shutil
import socketserver
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from snapshot_values import ENGINE

from poetry_lockguard.snapshots.format.writer import render

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PORT = "port"  #: the file in which the port of the listener is written
MANIFEST = """\
[project]
name = "demo"
version = "0.1"
requires-python = ">=3.10"
dependencies = ["six=={}"]

[tool.poetry]
package-mode = false

[tool.lockguard]
timeout = 5

[tool.lockguard.matrix]
python = ["3.11"]
platform = ["linux-x86_64"]
"""
LOCK = """\
[[package]]
name = "six"
version = "1.{}"
description = ""
optional = false
python-versions = "*"
groups = ["main"]
files = []

[metadata]
lock-version = "2.1"
python-versions = ">=3.10"
content-hash = "0000000000000000000000000000000000000000000000000000000000000000"
"""


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout


class Listener(socketserver.TCPServer):
    """Leaves a trace of each connection, and ends it."""

    def __init__(self, marker: Path) -> None:
        super().__init__(("127.0.0.1", 0), socketserver.BaseRequestHandler)
        self.marker = marker

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - theirs
        """Note that somebody connected."""
        self.marker.touch()
        self.shutdown_request(request)


@contextmanager
def listening(folder: Path) -> Iterator[Path]:
    """Give the file that a command of a repository, or a connection to its server, would make."""
    marker = folder / "a command ran"
    with Listener(marker) as listener:
        (folder / PORT).write_text(str(listener.server_address[1]))
        threading.Thread(target=partial(listener.serve_forever, 0.05), daemon=True).start()
        yield marker
        listener.shutdown()


def script(marker: Path) -> Path:
    """Write a program that leaves a trace."""
    path = marker.parent / "trap"
    path.write_text(f"#!/bin/sh\ntouch {shlex.quote(str(marker))}\necho x\n")
    path.chmod(0o755)
    return path


def history(folder: Path) -> Path:
    """Make a repository with two states of a project, and of its snapshot."""
    folder.mkdir()
    git(folder, "init", "-q")
    for number in (1, 2):
        (folder / "pyproject.toml").write_text(MANIFEST.format(f"1.{number}"))
        (folder / "poetry.lock").write_text(LOCK.format(number))
        snapshot = replace(ENGINE, generated=f"2026-01-0{number}T00:00:00+00:00")
        (folder / "lockguard.lock").write_bytes(render(snapshot))
        git(folder, "add", ".")
        git(folder, "commit", "-q", "-m", "state")
    (folder / "pyproject.toml").write_text(MANIFEST.format("1.3"))
    return folder


def promise(repository: Path, marker: Path) -> None:
    """Let a repository lack its files, and name a command that fetches them."""
    trap = str(script(marker)).replace(" ", "% ")
    lack(repository, f"ext::sh -c {trap}")


def lack(repository: Path, url: str) -> None:
    """Let a repository lack its files, which another one at ``url`` promises to have."""
    for key, value in {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "evil",
        "remote.evil.url": url,
        "remote.evil.promisor": "true",
        "remote.evil.partialCloneFilter": "blob:none",
        "protocol.allow": "always",
        "protocol.ext.allow": "always",
        "protocol.git.allow": "always",
    }.items():
        git(repository, "config", key, value)
    blobs = git(repository, "rev-list", "--objects", "--all").split()
    for name in blobs[::1]:
        path = next(repository.rglob(f"objects/{name[:2]}/{name[2:]}"), None)
        is_blob = path and git(repository, "cat-file", "-t", name).strip() == "blob"
        if path and is_blob:
            path.unlink()


def embedded(tmp_path: Path, marker: Path) -> Path:
    """Make a folder of a repository a bare repository, of plain files as a branch can bring."""
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init", "-q")
    source = history(tmp_path / "source")
    folder = outer / "project"
    git(outer, "clone", "-q", "--bare", "--no-hardlinks", str(source), str(folder))
    for pack in [*(folder / "objects" / "pack").glob("*.pack")]:
        aside = tmp_path / pack.name
        pack.rename(aside)
        with aside.open("rb") as content:
            subprocess.run(["git", "unpack-objects", "-q"], cwd=folder, stdin=content, check=True)
    shutil.rmtree(folder / "objects" / "pack")
    promise(folder, marker)
    for name in ("pyproject.toml", "poetry.lock", "lockguard.lock"):
        shutil.copy(source / name, folder / name)
    return folder


def promised(tmp_path: Path, marker: Path) -> Path:
    """Let an ordinary repository lack its files."""
    folder = history(tmp_path / "project")
    promise(folder, marker)
    return folder


def remote(tmp_path: Path, marker: Path) -> Path:
    """Let an ordinary repository lack its files, which a server promises to have."""
    folder = history(tmp_path / "project")
    lack(folder, f"git://127.0.0.1:{(marker.parent / PORT).read_text()}/x.git")
    return folder


def traps(marker: Path) -> dict[str, str]:
    trap = str(script(marker))
    return {
        "core.fsmonitor": trap,
        "core.sshCommand": trap,
        "core.gitProxy": trap,
        "core.hooksPath": str(hooks(marker)),
        "core.pager": trap,
        "core.editor": trap,
        "core.askPass": trap,
        "credential.helper": f"!{trap}",
        "diff.external": trap,
        "diff.evil.textconv": trap,
        "diff.evil.command": trap,
        "filter.evil.clean": trap,
        "filter.evil.smudge": trap,
        "filter.evil.process": trap,
        "pager.rev-parse": trap,
        "pager.cat-file": trap,
        "alias.cat-file": f"!{trap}",
    }


def hooks(marker: Path) -> Path:
    folder = marker.parent / "hooks"
    folder.mkdir(exist_ok=True)
    for name in ("post-checkout", "post-index-change", "reference-transaction", "pre-auto-gc"):
        shutil.copy(script(marker), folder / name)
    return folder


def configured(tmp_path: Path, marker: Path) -> Path:
    """Name a command wherever a configuration can."""
    folder = history(tmp_path / "project")
    for key, value in traps(marker).items():
        git(folder, "config", key, value)
    (folder / ".gitattributes").write_text("* diff=evil filter=evil\n")
    return folder


def included(tmp_path: Path, marker: Path) -> Path:
    """Let the configuration include a file outside, where the commands are named."""
    folder = history(tmp_path / "project")
    outside = tmp_path / "outside"
    for key, value in traps(marker).items():
        git(folder, "config", "--file", str(outside), key, value)
    git(folder, "config", "include.path", str(outside))
    (folder / ".gitattributes").write_text("* diff=evil filter=evil\n")
    return folder


def elsewhere(tmp_path: Path, marker: Path) -> Path:
    """Let a ``.git`` file lead to a repository outside, with a working tree elsewhere."""
    folder = configured(tmp_path, marker)
    (folder / ".git").rename(tmp_path / "moved")
    (folder / ".git").write_text(f"gitdir: {tmp_path / 'moved'}\n")
    (tmp_path / "tree").mkdir()
    git(folder, "config", "core.worktree", str(tmp_path / "tree"))
    return folder


def borrowed(tmp_path: Path, marker: Path) -> Path:
    """Let the objects lie in a repository outside, which lacks them and promises them."""
    folder = history(tmp_path / "project")
    shutil.copytree(folder, tmp_path / "lender")
    shutil.rmtree(folder / ".git" / "objects")
    (folder / ".git" / "objects" / "info").mkdir(parents=True)
    lent = tmp_path / "lender" / ".git" / "objects"
    (folder / ".git" / "objects" / "info" / "alternates").write_text(f"{lent}\n")
    promise(tmp_path / "lender", marker)
    return folder


SITUATIONS = (embedded, promised, remote, configured, included, elsewhere, borrowed)
