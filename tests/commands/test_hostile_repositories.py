"""A hostile repository: its commands are not run, and its servers are not asked."""

from __future__ import annotations

import shlex
import shutil
import socketserver
import subprocess
import threading
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from repositories import isolate
from snapshot_values import ENGINE

import poetry_lockguard
from poetry_lockguard import files
from poetry_lockguard.git import protocols, with_settings
from poetry_lockguard.snapshots.format.writer import render

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Result

    Run = Callable[[str, Path], Result]

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

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
DAMAGED = '[[package]]\nname = "six"\nversion = "1.'


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


@pytest.fixture
def marker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give the file that a command of a repository, or a connection to its server, would make."""
    isolate(monkeypatch)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody is there
    marker = tmp_path / "a command ran"
    with Listener(marker) as listener:
        (tmp_path / PORT).write_text(str(listener.server_address[1]))
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
    (folder / ".gitattributes").write_text("* diff=evil\n")
    return folder


def included(tmp_path: Path, marker: Path) -> Path:
    """Let the configuration include a file outside, where the commands are named."""
    folder = history(tmp_path / "project")
    outside = tmp_path / "outside"
    for key, value in traps(marker).items():
        git(folder, "config", "--file", str(outside), key, value)
    git(folder, "config", "include.path", str(outside))
    (folder / ".gitattributes").write_text("* diff=evil\n")
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
COMMANDS = (
    "lockguard check",
    "lockguard check --deep --format json",
    "lockguard check -r ..",
    "lockguard diff HEAD",
    "lockguard diff HEAD~1 HEAD",
    "lockguard diff HEAD~1:./poetry.lock poetry.lock",
    "lockguard snapshot diff HEAD",
    "lockguard snapshot diff HEAD~1 HEAD",
    "lockguard fix --offline --dry-run",
    "damaged lockguard fix --offline --dry-run",
    "damaged lockguard fix --offline --strategy salvage",
    "damaged guarded install --dry-run",
    "lockguard merge-driver run poetry.lock poetry.lock poetry.lock poetry.lock 7",
    f"lockguard merge-driver run --snapshot {4 * 'lockguard.lock '}7",
    "lockguard merge-driver install",
    "lockguard merge-driver uninstall",
    "lockguard check --against HEAD~1",
    "lockguard update six --offline --dry-run",
    "lockguard export --format requirements --offline",
    "lockguard snapshot verify",
    "lockguard digest",
    "lockguard fix -r --offline --dry-run ..",
    "lockguard install --dry-run",
    "lockguard install --no-fix --allow-stale --dry-run",
    "lockguard install --snapshot --dry-run",
    "lockguard update --security --offline --dry-run",
    "lockguard diff HEAD~1:lockguard.lock lockguard.lock",
    "lockguard snapshot create --offline",
    "lockguard snapshot sync",
    "lockguard snapshot show",
    "lockguard snapshot add six==1.2 --offline",
    "lockguard snapshot remove matrix",
    "lockguard snapshot update matrix==1.0 --offline",
    "lockguard snapshot upgrade --offline",
    "lockguard snapshot merge lockguard.lock lockguard.lock --output new.lock",
    "lockguard snapshot clean",
    "lockguard snapshot export --all --format pylock",
    "lockguard snapshot record",
    "lockguard bundle --output new",
    "lockguard matrix",
    "lockguard explain requirement-added",
    "guarded sync --dry-run",
)


@pytest.mark.grid
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda one: one.__name__)
def test_no_command_of_a_repository_is_run_and_no_server_asked(  # noqa: PLR0913, PLR0917 - fixtures
    situation: Callable[[Path, Path], Path],
    command: str,
    tmp_path: Path,
    marker: Path,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = situation(tmp_path, marker)
    marker.unlink(missing_ok=True)
    if "damaged" in command:
        (folder / "poetry.lock").write_text(DAMAGED)
    if "guarded" in command:
        monkeypatch.setenv("LOCKGUARD_GUARD", "fix")

    result = run(command.replace("damaged ", "").replace("guarded ", ""), folder)

    assert not marker.exists()
    assert "Traceback" not in result.out + result.err


@pytest.mark.parametrize("situation", [embedded, promised, remote], ids=lambda one: one.__name__)
def test_the_trap_works_where_git_is_asked_without_care(
    situation: Callable[[Path, Path], Path], tmp_path: Path, marker: Path
) -> None:
    folder = situation(tmp_path, marker)

    subprocess.run(
        ["git", "cat-file", "blob", "HEAD:poetry.lock"], cwd=folder, check=False, timeout=60
    )

    assert marker.exists()


def test_a_folder_that_is_a_bare_repository_is_said_to_be_one(
    tmp_path: Path, marker: Path, run: Run
) -> None:
    result = run("lockguard diff HEAD", embedded(tmp_path, marker))

    assert result.code == 2
    assert "bare repository" in result.err


PROTOCOLS = {
    "https://host.example/x.git": "https:ssh",
    "ssh://git@host.example/x.git": "https:ssh",
    "git@host.example:x.git": "https:ssh",
    "http://host.example/x.git": "https:ssh",
    "http://127.0.0.1.evil.example/x.git": "https:ssh",
    "http://localhost.evil.example/x.git": "https:ssh",
    "http://user@localhost:80@evil.example/x.git": "https:ssh",
    "git://host.example/x.git": "https:ssh",
    "ext::sh -c touch% /tmp/x": "https:ssh",
    "http://127.0.0.1:8000/x.git": "http",
    "http://user:password@localhost:8000/x.git": "http",
    "http://[::1]:8000/x.git": "http",
    "file:///srv/x.git": "file",
    "/srv/x.git": "file",
}


@pytest.mark.parametrize(("url", "expected"), PROTOCOLS.items())
def test_a_remote_repository_is_asked_through_https_and_ssh_alone(url: str, expected: str) -> None:
    assert protocols(url) == expected


def test_settings_come_after_those_of_the_environment() -> None:
    environ = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "a.b", "GIT_CONFIG_VALUE_0": "c"}

    found = with_settings(environ, {"core.fsmonitor": "false"})

    assert found == {
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_1": "core.fsmonitor",
        "GIT_CONFIG_VALUE_1": "false",
    }


def test_nothing_but_the_runner_starts_git() -> None:
    package = Path(poetry_lockguard.__file__).parent

    found = [path.name for path in package.rglob("*.py") if '["git"' in path.read_text("utf-8")]

    assert found == ["git.py"]


def test_a_committed_file_without_end_is_not_read(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    isolate(monkeypatch)
    (tmp_path / "pyproject.toml").write_text(MANIFEST.format("1.0"))
    (tmp_path / "poetry.lock").write_text(LOCK.format("0") + "#" * 2000)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "-c", "user.name=a", "-c", "user.email=a@b.example", "commit", "-qm", "big")
    (tmp_path / "poetry.lock").write_text(LOCK.format("1"))
    monkeypatch.setattr(files, "LOCK", 1000)

    result = run("lockguard diff", tmp_path)

    assert result.code == 2
    assert "larger than 0 MB, so it is not read" in result.err
