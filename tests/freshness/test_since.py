"""A stale lock's report ends with the commit since which it is stale, in real repositories."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest
from locks import MANIFEST, lock_for, project

from poetry_lockguard.freshness import since
from poetry_lockguard.freshness.since import Since, age
from poetry_lockguard.manifest.content_hash import rule_for
from poetry_lockguard.manifest.document import read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result

    Run = Callable[[str, Path], Result]

WIDER = MANIFEST.replace("<2.0", "<3.0")
WIDEST = MANIFEST.replace("<2.0", "<4.0")
NOW = 1_900_000_000


@pytest.fixture(autouse=True)
def git_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No git configuration from outside, somebody to commit, and time on a busy machine."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "somebody")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "somebody@mail.example")
    monkeypatch.setattr(since, "_SECONDS", 20.0)


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def repository(folder: Path) -> Path:
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    return folder


def commit(folder: Path, subject: str, manifest: str | None = None, lock: str | None = None) -> str:
    for name, text in (("pyproject.toml", manifest), ("poetry.lock", lock)):
        if text is not None:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
    git(folder, "add", ".")
    git(folder, "commit", "-q", "--allow-empty", "-m", subject)
    return git(folder, "rev-parse", "HEAD")


def found(folder: Path) -> Since | None:
    return since.stale_since(read(folder / "pyproject.toml"), rule_for("2.1"))


def test_the_commit_that_changed_the_manifest_alone_is_named(tmp_path: Path) -> None:
    folder = repository(tmp_path / "one")
    commit(folder, "Begin", MANIFEST, lock_for())
    guilty = commit(folder, "Allow matrix 2", WIDER)
    commit(folder, "Write about it")
    commit(folder, "Allow matrix 3", WIDEST)

    told = found(folder)

    assert told is not None
    assert (told.commit, told.subject) == (guilty, "Allow matrix 2")


def test_a_lock_that_was_mended_in_between_is_stale_since_the_last_time(tmp_path: Path) -> None:
    folder = repository(tmp_path / "one")
    commit(folder, "Begin", MANIFEST, lock_for())
    commit(folder, "Allow matrix 2", WIDER)
    commit(folder, "Lock again", lock=lock_for(WIDER))
    guilty = commit(folder, "Allow matrix 3", WIDEST)

    assert getattr(found(folder), "commit", None) == guilty


def test_a_lock_that_came_stale_is_stale_since_it_came(tmp_path: Path) -> None:
    folder = repository(tmp_path / "one")
    commit(folder, "Begin", WIDER)
    guilty = commit(folder, "Add a lock", lock=lock_for())

    assert getattr(found(folder), "commit", None) == guilty


def test_what_a_merge_brought_is_told_by_the_merge(tmp_path: Path) -> None:
    folder = repository(tmp_path / "one")
    commit(folder, "Begin", MANIFEST, lock_for())
    git(folder, "checkout", "-q", "-b", "side")
    commit(folder, "Allow matrix 2", WIDER)
    git(folder, "checkout", "-q", "main")
    commit(folder, "Write about it")
    git(folder, "merge", "-q", "--no-ff", "-m", "Merge the side", "side")

    assert getattr(found(folder), "subject", None) == "Merge the side"


def test_a_project_below_the_top_has_its_own_history(tmp_path: Path) -> None:
    folder = repository(tmp_path / "one")
    commit(folder / "apps" / "shop", "Begin", MANIFEST, lock_for())
    guilty = commit(folder / "apps" / "shop", "Allow matrix 2", WIDER)
    commit(folder / "apps" / "desk", "Another", WIDEST, lock_for())

    assert getattr(found(folder / "apps" / "shop"), "commit", None) == guilty


@pytest.mark.parametrize(
    ("depth", "is_named"), [(1, False), (2, False), (3, False), (4, True)], ids=str
)
def test_the_end_of_a_shallow_clone_is_not_the_cause(
    depth: int, is_named: bool, tmp_path: Path
) -> None:
    """What CI checks out: git shows every file as new in the oldest commit that it has."""
    folder = repository(tmp_path / "one")
    commit(folder, "Begin", MANIFEST, lock_for())
    guilty = commit(folder, "Allow matrix 2", WIDER)
    commit(folder, "Write about it")
    commit(folder, "Allow matrix 3", WIDEST)
    git(tmp_path, "clone", "-q", f"--depth={depth}", folder.as_uri(), "clone")

    told = found(tmp_path / "clone")

    assert (told and told.commit) == (guilty if is_named else None)


def test_a_change_that_is_not_committed_has_no_commit(tmp_path: Path) -> None:
    folder = repository(tmp_path / "one")
    commit(folder, "Begin", MANIFEST, lock_for())
    project(folder, WIDER, lock_for())

    assert found(folder) is None


def test_without_history_nothing_is_said(run: Run, tmp_path: Path) -> None:
    folder = project(tmp_path / "one", WIDER, lock_for())

    assert found(folder) is None
    assert "since" not in run("lockguard check", folder).out


def test_more_than_two_hundred_stale_commits_are_not_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(since, "_COMMITS", 3)
    folder = repository(tmp_path / "one")
    commit(folder, "Begin", MANIFEST, lock_for())
    for number in range(3, 7):
        commit(folder, f"Allow matrix {number}", MANIFEST.replace("<2.0", f"<{number}"))

    assert found(folder) is None


def test_it_takes_no_longer_than_it_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = repository(tmp_path / "one")
    commit(folder, "Begin", MANIFEST, lock_for())
    commit(folder, "Allow matrix 2", WIDER)
    monkeypatch.setattr(since, "_SECONDS", 0.0)

    assert found(folder) is None


def test_a_committed_conflict_counts_as_stale(tmp_path: Path) -> None:
    folder = repository(tmp_path / "one")
    commit(folder, "Begin", MANIFEST, lock_for())
    guilty = commit(folder, "Merge badly", WIDER, "<<<<<<< ours\n" + lock_for())
    commit(folder, "Settle it", lock=lock_for())

    assert getattr(found(folder), "commit", None) == guilty


def test_every_format_tells_it(run: Run, tmp_path: Path) -> None:
    folder = repository(tmp_path / "one")
    commit(folder, "Begin", MANIFEST, lock_for())
    guilty = commit(folder, "Allow matrix\t2 \x1b[31m", WIDER)

    text = run("lockguard check", folder)
    document = json.loads(run("lockguard check --format json", folder).out)
    annotations = run("lockguard check --format github", folder).out.splitlines()

    assert text.code == 1
    last = text.out.splitlines()[-1]
    assert last.startswith(f"  stale since {guilty[:7]}, ")
    assert "\x1b" not in text.out
    told = document["projects"][0]["since"]
    assert (told["commit"], sorted(told)) == (guilty, ["commit", "date", "subject"])
    assert annotations[-1].startswith(
        f"::notice file=pyproject.toml,title=since::stale since {guilty[:7]}, "
    )


def test_a_fresh_lock_is_not_stale_since_anything(run: Run, tmp_path: Path) -> None:
    folder = repository(tmp_path / "one")
    commit(folder, "Begin", MANIFEST, lock_for())

    assert run("lockguard check", folder).out == "poetry.lock: fresh\n"
    assert (
        json.loads(run("lockguard check --format json", folder).out)["projects"][0]["since"] is None
    )


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-5, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (7200, "2 hours ago"),
        (86400, "1 day ago"),
        (86400 * 8, "1 week ago"),
        (86400 * 61, "2 months ago"),
        (86400 * 800, "2 years ago"),
    ],
)
def test_ages_are_told_in_the_largest_unit(seconds: int, expected: str) -> None:
    assert age(NOW - seconds, lambda: NOW) == expected
