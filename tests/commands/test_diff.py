"""``diff``: files and git revisions, three formats, exit codes."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest
from diffs import MANIFEST, lock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=n", "-c", "user.email=e@mail.example", *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
    )


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A project in a subfolder, committed with one lock and changed to another."""
    top = tmp_path / "top"
    project = top / "services" / "api"
    project.mkdir(parents=True)
    (project / "pyproject.toml").write_text(MANIFEST)
    (project / "poetry.lock").write_text(lock(idna="3.4", requests="2.31.0"))
    git(top, "init", "--initial-branch=main")
    git(top, "add", ".")
    git(top, "commit", "--message=first")
    (project / "poetry.lock").write_text(lock(requests="2.32.3", rich="14.0.0"))
    return project


DIFFERENCES = """\
removed      idna 3.4
added        rich 14.0.0
upgraded     requests 2.31.0 -> 2.32.3
"""


@pytest.mark.parametrize(
    "sides",
    ["", "HEAD", "main", "HEAD poetry.lock", "main:services/api/poetry.lock"],
    ids=["default", "revision", "branch", "revision and file", "revision and path"],
)
def test_a_revision_is_compared_with_the_working_tree(
    run: Callable[[str, Path], Result], repository: Path, sides: str
) -> None:
    result = run(f"lockguard diff {sides}", repository)

    assert result.code == 0
    head, _, rows = result.out.partition("\n")
    assert head.endswith("-> poetry.lock: 1 removed, 1 added, 1 upgraded")
    assert rows == DIFFERENCES
    assert result.err == ""


@pytest.mark.parametrize("sides", ["", "HEAD", "HEAD poetry.lock"])
def test_a_file_called_like_the_default_revision_is_not_read(
    run: Callable[[str, Path], Result], repository: Path, sides: str
) -> None:
    (repository / "HEAD").write_text("not a lock")

    result = run(f"lockguard diff {sides}", repository)

    assert (result.code, result.err) == (0, "")
    assert result.out.endswith(DIFFERENCES)


def test_two_revisions_are_compared(run: Callable[[str, Path], Result], repository: Path) -> None:
    git(repository, "commit", "--all", "--message=second")

    result = run("lockguard diff HEAD~1 HEAD", repository)

    assert result.out == (
        "HEAD~1:poetry.lock -> HEAD:poetry.lock: 1 removed, 1 added, 1 upgraded\n" + DIFFERENCES
    )


def test_two_files_are_compared_outside_git(
    run: Callable[[str, Path], Result], tmp_path: Path
) -> None:
    (tmp_path / "a.lock").write_text(lock(x="1"))
    (tmp_path / "b.lock").write_text(lock("b" * 64, x="1"))

    result = run("lockguard diff a.lock b.lock", tmp_path)

    assert result.out == (
        "a.lock -> b.lock: only the content hash; no pin moved\n"
        "lock         content-hash aaaaaaaaaaaa -> bbbbbbbbbbbb\n"
    )


@pytest.mark.parametrize(
    ("change", "code"), [("", 0), ("--exit-code", 1)], ids=["plain", "with --exit-code"]
)
def test_differences_are_an_exit_code_only_when_asked(
    run: Callable[[str, Path], Result], repository: Path, change: str, code: int
) -> None:
    assert run(f"lockguard diff {change}", repository).code == code
    assert run(f"lockguard diff {change} poetry.lock poetry.lock", repository).code == 0


def test_json_is_one_document(run: Callable[[str, Path], Result], repository: Path) -> None:
    result = run("lockguard diff --format json", repository)

    assert json.loads(result.out) == {
        "lockguard": 1,
        "command": "diff",
        "status": "different",
        "old": "HEAD:poetry.lock",
        "new": "poetry.lock",
        "changes": [
            {"package": "idna", "kind": "removed", "from": "3.4", "to": None},
            {"package": "rich", "kind": "added", "from": None, "to": "14.0.0"},
            {"package": "requests", "kind": "upgraded", "from": "2.31.0", "to": "2.32.3"},
        ],
        "lock": [],
    }


def test_markdown_is_a_table(run: Callable[[str, Path], Result], repository: Path) -> None:
    result = run("lockguard diff --format markdown", repository)

    assert result.out.startswith("### HEAD:poetry.lock -> poetry.lock\n\n1 removed,")
    assert "\n| `requests` | upgraded | `2.31.0` | `2.32.3` |\n" in result.out


def test_a_lock_that_is_new_is_all_added(
    run: Callable[[str, Path], Result], repository: Path
) -> None:
    git(repository, "rm", "--cached", "poetry.lock")
    git(repository, "commit", "--message=no lock")

    result = run("lockguard diff", repository)

    assert [line.split()[0] for line in result.out.splitlines()[1:]] == ["added", "added"]


def test_a_lock_that_is_gone_is_all_removed(
    run: Callable[[str, Path], Result], repository: Path
) -> None:
    (repository / "poetry.lock").unlink()

    result = run("lockguard diff", repository)

    assert [line.split()[0] for line in result.out.splitlines()[1:]] == ["removed", "removed"]


def test_a_hook_of_another_repository_does_not_mislead(
    run: Callable[[str, Path], Result],
    repository: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "elsewhere" / "index"))

    assert run("lockguard diff", repository).out.endswith(DIFFERENCES)


def test_the_project_of_a_parent_folder_is_compared(
    run: Callable[[str, Path], Result], repository: Path
) -> None:
    (repository / "app").mkdir()

    assert run("lockguard diff", repository / "app").out.endswith(DIFFERENCES)


def test_another_project_is_compared(run: Callable[[str, Path], Result], repository: Path) -> None:
    top = repository.parent.parent

    assert run("lockguard diff -P services/api", top).out.endswith(DIFFERENCES)


NEXT = "name a lock file, a revision, or REVISION:PATH"
REFUSED = {
    "unknown revision": (
        "next",
        f"lockguard: next: no such file, and git has no revision 'next'; {NEXT}\n",
    ),
    "folder": (
        "app",
        f"lockguard: app: a folder, and git has no revision 'app'; {NEXT}\n",
    ),
    "path that is not there": (
        "HEAD:poetry.lock",
        "lockguard: HEAD:poetry.lock: HEAD has no file 'poetry.lock'; check the path\n",
    ),
    "damaged": (
        "HEAD broken.lock",
        (
            "lockguard: broken.lock: empty, as after an interrupted write;"
            " run `poetry lockguard fix`\n"
        ),
    ),
    "format": (
        "--format yaml",
        "lockguard: --format: expected one of text, markdown, json, html, not 'yaml'\n",
    ),
}


@pytest.mark.parametrize(("sides", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_compared_is_one_line(
    run: Callable[[str, Path], Result], repository: Path, sides: str, message: str
) -> None:
    (repository / "app").mkdir()
    (repository / "broken.lock").write_text("")

    result = run(f"lockguard diff {sides}", repository)

    assert (result.code, result.out, result.err) == (2, "", message)


def test_no_lock_on_either_side_is_one_line(
    run: Callable[[str, Path], Result], repository: Path
) -> None:
    git(repository, "rm", "--force", "poetry.lock")
    git(repository, "commit", "--message=no lock")

    result = run("lockguard diff", repository)

    assert (result.code, result.err) == (
        2,
        "lockguard: HEAD:poetry.lock, poetry.lock: neither side has a lock\n",
    )


def test_outside_git_the_default_is_one_line(
    run: Callable[[str, Path], Result], tmp_path: Path
) -> None:
    (tmp_path / "pyproject.toml").write_text(MANIFEST)

    result = run("lockguard diff", tmp_path)

    assert result.code == 2
    assert result.err == (
        f"lockguard: {tmp_path}: not a git repository (or any of the parent directories): .git;"
        " name two files to compare outside git\n"
    )


def test_without_git_there_is_one_line(
    run: Callable[[str, Path], Result], repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(repository))

    result = run("lockguard diff", repository)

    assert result.code == 2
    assert result.err.startswith("lockguard: git: no such program; install git, or name two files")
