"""The manifest a lock was made for is found in real git repositories, and nothing else happens."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from poetry_lockguard.freshness.history import previous_manifest
from poetry_lockguard.lockfile.document import Lock
from poetry_lockguard.manifest.content_hash import RULES, content_hash
from poetry_lockguard.manifest.document import parse, read

if TYPE_CHECKING:
    from poetry_lockguard.manifest.document import Manifest

TEXT = '[project]\nname = "a"\nversion = "{version}"\ndependencies = ["b>={b}"]\n'


@pytest.fixture(autouse=True)
def git_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No git configuration from outside, and somebody to commit."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "somebody")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "somebody@mail.example")


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout


def write(folder: Path, b: int, version: int = 1) -> Manifest:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "pyproject.toml"
    path.write_text(TEXT.format(b=b, version=version))
    return read(path)


def commit(folder: Path, b: int, version: int = 1) -> Manifest:
    manifest = write(folder, b, version)
    (folder / "poetry.lock").write_text(f"# for {b}\n")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "--allow-empty", "-m", f"b>={b}")
    return manifest


def lock_for(manifest: Manifest, rule: int = -1) -> Lock:
    return Lock(
        generator=None,
        lock_version="2.1",
        content_hash=content_hash(manifest.data, RULES[rule]),
        python_versions=None,
        extras={},
        pins=(),
        raw={},
    )


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Three commits of a project below the top of a repository; the newest wants b>=3."""
    top = tmp_path / "repository"
    top.mkdir()
    git(top, "init", "-q", "-b", "main")
    for b in (1, 2, 3):
        commit(top / "app", b)
    return top / "app"


@pytest.mark.parametrize("rule", [1, 2], ids=["2.0-2.2", "2.3+"])
@pytest.mark.parametrize("b", [1, 2, 3])
def test_the_matching_manifest_is_found(repository: Path, b: int, rule: int) -> None:
    wanted = parse(TEXT.format(b=b, version=1), repository / "pyproject.toml")
    now = write(repository, 4)

    assert previous_manifest(now, lock_for(wanted, rule)) == wanted


def test_the_newest_of_several_is_taken(repository: Path) -> None:
    commit(repository, 2, version=7)
    newest = commit(repository, 2, version=8)
    now = commit(repository, 4)

    assert previous_manifest(now, lock_for(newest)) == newest


def test_the_side_of_a_merge_whose_lock_was_taken_is_found(repository: Path) -> None:
    git(repository, "checkout", "-q", "-b", "side", "HEAD~1")
    theirs = commit(repository, 9)
    git(repository, "checkout", "-q", "main")
    now = commit(repository, 4)
    subprocess.run(["git", "merge", "-q", "side"], cwd=repository, check=False, capture_output=True)
    git(repository, "checkout", "--ours", "pyproject.toml")
    git(repository, "checkout", "--theirs", "poetry.lock")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "merge")

    assert previous_manifest(now, lock_for(theirs)) == theirs


def test_a_lock_that_was_never_committed_has_a_manifest_all_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "ignored"
    wanted = write(folder, 1)
    git(folder, "init", "-q")
    for b in (1, 2):
        write(folder, b)
        git(folder, "add", "pyproject.toml")
        git(folder, "commit", "-q", "-m", str(b))

    assert previous_manifest(write(folder, 3), lock_for(wanted)) == wanted


def test_what_was_never_committed_is_not_found(repository: Path) -> None:
    now = write(repository, 4)

    assert previous_manifest(now, lock_for(now)) is None


def test_a_lock_without_hash_has_no_manifest(repository: Path) -> None:
    now = write(repository, 4)

    assert previous_manifest(now, lock_for(now)._replace(content_hash=None)) is None


def test_a_hook_finds_it_as_well(repository: Path, tmp_path: Path) -> None:
    """Git runs hooks with GIT_DIR and GIT_INDEX_FILE set, and those may be of a parent project."""
    other = tmp_path / "other"
    commit_in_hook = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[3])\n"
        "from test_history import lock_for\n"
        "from poetry_lockguard.freshness.history import previous_manifest\n"
        "from poetry_lockguard.manifest.document import parse, read\n"
        "now = read(Path(sys.argv[1]))\n"
        "was = parse(now.path.read_text().replace('b>=4', 'b>=2'), now.path)\n"
        "Path(sys.argv[2]).write_text(str(previous_manifest(now, lock_for(was)) == was))\n"
    )
    write(repository, 4)
    other.mkdir()
    git(other, "init", "-q")
    hook = other / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    program = tmp_path / "program.py"
    program.write_text(commit_in_hook)
    answer = tmp_path / "answer"
    tests = str(Path(__file__).parent)
    python = sys.executable
    hook.write_text(
        f'#!/bin/sh\nenv | grep -q GIT_INDEX_FILE || exit 9\nexec "{python}" "{program}"'
        f' "{repository / "pyproject.toml"}" "{answer}" "{tests}"\n'
    )
    hook.chmod(0o755)

    git(other, "commit", "-q", "--allow-empty", "-m", "through the hook")

    assert answer.read_text() == "True"


def test_a_worktree_finds_it_as_well(repository: Path, tmp_path: Path) -> None:
    wanted = read(repository / "pyproject.toml")
    git(repository, "worktree", "add", "-q", str(tmp_path / "tree"), "HEAD~1")
    now = write(tmp_path / "tree" / "app", 4)

    found = previous_manifest(now, lock_for(parse(TEXT.format(b=1, version=1), now.path)))

    assert found is not None
    assert previous_manifest(now, lock_for(wanted)) is None  # later than what is checked out


def test_a_shallow_clone_has_only_what_it_has(repository: Path, tmp_path: Path) -> None:
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "-q", "--depth=1", repository.parent.as_uri(), str(shallow))
    now = write(shallow / "app", 4)

    for b, expected in ((3, True), (2, False)):
        was = parse(TEXT.format(b=b, version=1), now.path)
        assert (previous_manifest(now, lock_for(was)) == was) is expected


def test_a_file_that_was_renamed_is_not_followed(repository: Path) -> None:
    was = read(repository / "pyproject.toml")
    git(repository.parent, "mv", "app", "moved")
    git(repository.parent, "commit", "-q", "-m", "moved")
    now = write(repository.parent / "moved", 4)

    found = previous_manifest(now, lock_for(parse(TEXT.format(b=2, version=1), was.path)))

    assert found is None


NOTHING = {
    "no repository": [],
    "no commit yet": [["init", "-q"]],
}


@pytest.mark.parametrize("commands", NOTHING.values(), ids=NOTHING.keys())
def test_without_history_there_is_no_answer(tmp_path: Path, commands: list[list[str]]) -> None:
    now = write(tmp_path / "app", 4)
    for command in commands:
        git(now.folder, *command)

    assert previous_manifest(now, lock_for(now)) is None


def test_without_git_there_is_no_answer(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = write(repository, 4)
    monkeypatch.setenv("PATH", str(repository))

    assert previous_manifest(now, lock_for(now)) is None


def test_a_git_that_hangs_is_given_up(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = write(repository, 4)
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "git").write_text("#!/bin/sh\nexec sleep 30\n")
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)

    assert previous_manifest(now, lock_for(now)) is None


def test_a_users_pager_and_signatures_do_not_matter(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "gitconfig").write_text(
        "[log]\nshowSignature = true\n[core]\npager = false\n[color]\nui = always\n"
    )
    was = read(repository / "pyproject.toml")
    now = write(repository, 4)

    assert previous_manifest(now, lock_for(was)) == was


def test_unreadable_old_manifests_are_passed_over(repository: Path) -> None:
    was = read(repository / "pyproject.toml")
    for content in (b"[project\n", b"\xff\xfe", b""):
        (repository / "pyproject.toml").write_bytes(content)
        git(repository, "commit", "-q", "-am", "broken")
    now = write(repository, 4)

    assert previous_manifest(now, lock_for(was)) == was
