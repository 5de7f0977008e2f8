"""What ``merge-driver install`` puts into a repository, ``uninstall`` takes out, to the byte."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from repositories import MANIFEST, isolate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result

    Run = Callable[[str, Path], Result]

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

LINES = "poetry.lock merge=lockguard-lock\nlockguard.lock merge=lockguard-snapshot\n"


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    isolate(monkeypatch)
    git(tmp_path, "init", "-q", "repository")
    return tmp_path / "repository"


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, check=False, capture_output=True, text=True
    )
    return done.stdout


def test_install_says_what_it_did_and_does_it_once(repo: Path, run: Run) -> None:
    first = run("lockguard merge-driver install", repo)
    config = (repo / ".git" / "config").read_text()

    assert first.out == (
        "git config: registered lockguard-lock and lockguard-snapshot\n"
        ".gitattributes: now names the files; commit it\n"
    )
    assert (repo / ".gitattributes").read_text() == LINES
    driver = git(repo, "config", "merge.lockguard-lock.driver")
    assert "lockguard merge-driver run -- %O %A %B %P %L %X %S %Y || { grep " in driver

    second = run("lockguard merge-driver install", repo)

    assert second.code == 0
    assert second.out.startswith("git config: already registered\n")
    assert (repo / ".git" / "config").read_text() == config
    assert (repo / ".gitattributes").read_text() == LINES


CONTENTS = {
    "none": None,
    "other lines": b"*.png binary\n",
    "no newline at the end": b"*.png binary",
    "Windows line endings": b"*.png binary\r\n# and\r\n",
    "Windows line endings, none at the end": b"*.png binary\r\n# and",
    "not UTF-8": b"*.png binary\n# \xff\n",
}


@pytest.mark.parametrize("private", [False, True], ids=["shared", "private"])
@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_uninstall_leaves_what_was_there(
    content: bytes | None,
    private: bool,
    repo: Path,
    run: Run,
) -> None:
    shutil.rmtree(repo / ".git" / "info", ignore_errors=True)
    path = repo / (".git/info/attributes" if private else ".gitattributes")
    if content is not None:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    config = (repo / ".git" / "config").read_bytes()
    run(f"lockguard merge-driver install {'--private' if private else ''}", repo)
    held = path.read_bytes()
    assert held.startswith(content or b"")
    assert set(LINES.splitlines()) < {*held.decode("utf-8", "replace").splitlines(), ""}
    assert git(repo, "check-attr", "merge", "a/poetry.lock").endswith(": lockguard-lock\n")

    result = run("lockguard merge-driver uninstall", repo)

    assert result.code == 0
    assert "git config: removed lockguard-lock and lockguard-snapshot" in result.out
    assert (path.read_bytes() if path.exists() else None) == content
    assert (repo / ".git" / "config").read_bytes() == config
    assert run("lockguard merge-driver uninstall", repo).out == "git config: no drivers to remove\n"


SNAPSHOTS = {
    "another name": ("all.lock", "all.lock", "deep/er/all.lock"),
    "in a folder": ("locks/all.lock", "app/locks/all.lock", None),
    "with a space": ("all of it.lock", "all of it.lock", "deep/all of it.lock"),
    "like a pattern": ("all[1].lock", "all[1].lock", "deep/all[1].lock"),
}


@pytest.mark.parametrize(("name", "path", "also"), SNAPSHOTS.values(), ids=SNAPSHOTS)
def test_the_snapshot_may_have_another_name(
    name: str, path: str, also: str | None, repo: Path, run: Run
) -> None:
    app = repo / "app"
    app.mkdir()
    more = f'\n[tool.lockguard]\nsnapshot = "{name}"\n'
    (app / "pyproject.toml").write_text(MANIFEST.format('"wing",', more))

    run("lockguard merge-driver install", app)

    for one in filter(None, (path, also)):
        assert git(repo, "check-attr", "merge", one).endswith(": lockguard-snapshot\n")
    assert git(repo, "check-attr", "merge", "all1.lock").endswith(": unspecified\n")
    run("lockguard merge-driver uninstall", app)
    assert not (repo / ".gitattributes").exists()


@pytest.mark.parametrize(
    "manifest",
    [MANIFEST.format('"wing",', ""), "<<<<<<< ours\n", None],
    ids=["that names another snapshot now", "in conflict", "that is gone"],
)
def test_uninstall_does_not_need_the_manifest(manifest: str | None, repo: Path, run: Run) -> None:
    place = repo / "pyproject.toml"
    place.write_text(MANIFEST.format('"wing",', '\n[tool.lockguard]\nsnapshot = "all.lock"\n'))
    run("lockguard merge-driver install", repo)
    assert "all.lock merge=" in (repo / ".gitattributes").read_text()
    if manifest is None:
        place.unlink()
    else:
        place.write_text(manifest)

    result = run("lockguard merge-driver uninstall", repo)

    assert result.code == 0, result.err
    assert not (repo / ".gitattributes").exists()


def test_a_worktree_shares_its_repositorys_drivers(repo: Path, run: Run) -> None:
    git(repo, "commit", "-q", "--allow-empty", "-m", "first")
    git(repo, "worktree", "add", "-q", "../tree")

    run("lockguard merge-driver install --private", repo.parent / "tree")

    assert "lockguard-lock" in (repo / ".git" / "info" / "attributes").read_text()
    assert git(repo, "config", "merge.lockguard-lock.recursive") == "binary\n"


@pytest.mark.parametrize("command", ["install", "uninstall"])
def test_outside_a_repository_there_is_one_clear_line(
    command: str, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    isolate(monkeypatch)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))

    result = run(f"lockguard merge-driver {command}", tmp_path)

    assert (result.code, result.out) == (2, "")
    assert result.err.count("\n") == 1
    assert "not a git repository" in result.err
    assert "run this in a git repository" in result.err


def test_the_commands_are_listed(tmp_path: Path, run: Run) -> None:
    result = run("lockguard merge-driver", tmp_path)

    assert result.code == 0
    listed = [line.split()[0] for line in result.out.splitlines()[-3:]]
    assert listed == ["Commands:", "install", "uninstall"]  # git runs the other one
    assert (
        "did you mean merge-driver install?" in run("lockguard merge-driver instal", tmp_path).err
    )
