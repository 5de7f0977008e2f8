"""A hostile repository: its commands are not run, and its servers are not asked."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hostile import LOCK, MANIFEST, SITUATIONS, embedded, git, listening, promised, remote
from repositories import isolate

import poetry_lockguard
from poetry_lockguard import files
from poetry_lockguard.git import protocols, with_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Result

    Run = Callable[[str, Path], Result]

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

DAMAGED = '[[package]]\nname = "six"\nversion = "1.'


@pytest.fixture
def marker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give the file that a command of a repository, or a connection to its server, would make."""
    isolate(monkeypatch)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody is there
    with listening(tmp_path) as marker:
        yield marker


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
