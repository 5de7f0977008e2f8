"""``check --online`` for pins of no index: repositories that moved, archives that vanished."""

from __future__ import annotations

import itertools
import os
import shlex
import subprocess
from typing import TYPE_CHECKING

import pytest
from index import hang, status
from online_locks import git, legacy, pin, told, url, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Serve

SOON = "\n[tool.lockguard]\ntimeout = 1.5\n"


@pytest.fixture
def check(run: Callable[[str, Path], Result]) -> Callable[[Path], Result]:
    return lambda folder: run("lockguard check --online", folder)


@pytest.fixture
def matrix(index: Index) -> Index:
    index.add("sound", "2.0")
    return index


def test_an_archive_that_is_there_is_not_fetched(
    matrix: Index, serve: Serve, tmp_path: Path, check: Callable[[Path], Result]
) -> None:
    server = serve(matrix)
    address = f"{server.base}/files/sound-2.0.tar.gz"

    result = check(write(tmp_path, [pin("sound", "2.0", {}, url(address))]))

    assert result.out.endswith("online: asked about 1 pin: no problems\n")
    assert [method for method, _, _ in server.asked] == ["HEAD"]


def test_an_archive_of_a_host_without_head_is_asked_for_otherwise(
    matrix: Index, serve: Serve, tmp_path: Path, check: Callable[[Path], Result]
) -> None:
    server = serve(matrix)
    server.fault("/", status(405, times=1))
    address = f"{server.base}/files/sound-2.0.tar.gz"

    result = check(write(tmp_path, [pin("sound", "2.0", {}, url(address))]))

    assert result.code == 0
    assert [method for method, _, _ in server.asked] == ["HEAD", "GET"]


def test_an_archive_that_vanished_is_an_error(
    matrix: Index, serve: Serve, tmp_path: Path, check: Callable[[Path], Result]
) -> None:
    address = f"{serve(matrix).base}/files/sound-9.9.tar.gz?token=hidden"

    result = check(write(tmp_path, [pin("sound", "9.9", {}, url(address))]))

    (line,) = told(result)
    assert line.startswith(f"file-gone: sound: its archive {address.partition('?')[0]}")
    assert "hidden" not in line
    assert result.code == 1


def test_files_and_folders_are_nobodys_to_ask(
    tmp_path: Path, check: Callable[[Path], Result]
) -> None:
    pins = [
        pin("here", "1.0", {}, 'type = "directory"\nurl = "../here"'),
        pin("there", "1.0", {}, 'type = "file"\nurl = "there-1.0.tar.gz"'),
    ]

    result = check(write(tmp_path, pins))

    assert result.out.endswith("online: there is no pin to check\n")


def commit(repository: Path, *commands: str) -> str:
    """Run git commands in a repository, made on first use, and give its HEAD."""
    people = itertools.product(("AUTHOR", "COMMITTER"), ("NAME", "EMAIL"))
    environ = os.environ | {f"GIT_{who}_{what}": "x@x" for who, what in people}
    if not repository.exists():
        repository.mkdir(parents=True)
        commands = ("init -q -b main", "commit -q --allow-empty -m one", *commands)
    for command in (*commands, "rev-parse HEAD"):
        ran = subprocess.run(
            ["git", *shlex.split(command)],
            cwd=repository, env=environ, check=True, capture_output=True, text=True,
        )  # fmt: skip
    return ran.stdout.strip()


NEXT = "commit -q --allow-empty -m two"
MOVES = {
    "a branch that stood still": ("main", (), None),
    "a branch that went on": (
        "main",
        (NEXT,),
        (
            "vcs-moved (note): tool: branch main is at {new} now, locked at {old}; run"
            " `poetry update tool` to follow it"
        ),
    ),
    "the default branch": (
        "HEAD",
        (NEXT,),
        (
            "vcs-moved (note): tool: the default branch is at {new} now, locked at {old};"
            " run `poetry update tool` to follow it"
        ),
    ),
    "the default branch as Poetry 1.1 called it": (
        "master",
        (NEXT,),
        (
            "vcs-moved (note): tool: the default branch is at {new} now, locked at {old};"
            " run `poetry update tool` to follow it"
        ),
    ),
    "a tag that stood still": ("v1", (NEXT,), None),
    "an annotated tag that stood still": ("v2", (NEXT,), None),
    "a tag that was moved": (
        "v1",
        (NEXT, "tag -f v1"),
        (
            "vcs-moved (warning): tool: tag v1 was moved to {new}, locked at {old}; find out why,"
            " then run `poetry update tool`"
        ),
    ),
    "a tag that vanished": (
        "v1",
        ("tag -d v1",),
        (
            "vcs-moved (warning): tool: {url} no longer has a branch or tag v1, so commit {old}"
            " may disappear, too; declare another one, or the commit itself"
        ),
    ),
}


@pytest.mark.contract
@pytest.mark.parametrize(("reference", "commands", "expected"), MOVES.values(), ids=MOVES)
def test_where_a_repository_went_is_told(
    tmp_path: Path,
    check: Callable[[Path], Result],
    reference: str,
    commands: tuple[str, ...],
    expected: str | None,
) -> None:
    repository = tmp_path / "tool"
    old = commit(repository, "tag v1", "tag -a -m two v2")
    address = repository.as_uri()
    folder = write(tmp_path / "story", [pin("tool", "1.0", {}, git(address, reference, old))])
    new = commit(repository, *commands)

    result = check(folder)

    words = {"old": old[:12], "new": new[:12], "url": address}
    assert told(result) == ([expected.format(**words)] if expected else [])
    assert result.code == 0
    assert result.out.startswith("poetry.lock: fresh\n")


TRICKS = "own\\n::error::x\\u001b[2J\\u202e##[error]y"  # as TOML writes it


@pytest.mark.parametrize(
    "command",
    ["check", "check --online", "check --format github", "diff before/poetry.lock"],
)
def test_a_hostile_lock_is_told_of_in_harmless_lines(
    tmp_path: Path, run: Callable[[str, Path], Result], command: str
) -> None:
    address = "http://user:s3cret@127.0.0.1:9/simple"
    pins = [
        pin("sound", "2.0", {}, legacy(TRICKS, address)),
        pin("matrix", "1.0", {}, git("https://user:s3cret@127.0.0.1:9/a.git", TRICKS, "a" * 40)),
    ]
    folder = write(tmp_path, pins, stale=True)
    write(tmp_path / "before", [pin("idna", "3.0", {})])

    result = run(f"lockguard {command} {'poetry.lock' if 'diff' in command else ''}", folder)

    said = result.out + result.err
    assert "sound" in said
    assert "matrix" in said
    assert all(character.isprintable() or character == "\n" for character in said)
    assert "##[" not in said
    assert "s3cret" not in said
    lines = [line.lstrip() for line in said.splitlines()]
    assert [line for line in lines if line.startswith("::error::")] == []


def test_a_pin_of_a_commit_is_nobodys_to_ask(
    tmp_path: Path, check: Callable[[Path], Result]
) -> None:
    address = (tmp_path / "nowhere").as_uri()
    full, short = "c0ffee" + "0" * 34, "c0ffee00"
    pins = [pin(f"tool-{len(one)}", "1.0", {}, git(address, one, full)) for one in (full, short)]

    result = check(write(tmp_path / "story", pins))

    assert result.out.endswith("online: there is no pin to check\n")


NO_REPOSITORY = {
    "nowhere": ("{folder}/nowhere", "does not appear to be a git repository"),
    "an option": ("--upload-pack=touch {folder}/pwned", "strange pathname"),
    "a command": ("ext::touch {folder}/pwned", "transport 'ext' not allowed"),
}


@pytest.mark.parametrize(("address", "reason"), NO_REPOSITORY.values(), ids=NO_REPOSITORY)
def test_a_repository_that_cannot_be_asked_is_told(
    tmp_path: Path, check: Callable[[Path], Result], address: str, reason: str
) -> None:
    there = git(address.format(folder=tmp_path.as_posix()), "main", "0" * 40)

    result = check(write(tmp_path / "story", [pin("tool", "1.0", {}, there)]))

    assert result.code == 2
    (line,) = [one for one in told(result) if not one.startswith("source-undeclared")]
    assert line.startswith("unreachable: ")
    assert "could not be asked about tool: git says: " in line
    assert reason in line
    assert not (tmp_path / "pwned").exists()


def test_a_git_host_that_denies_never_asks_for_a_password(
    matrix: Index, serve: Serve, tmp_path: Path, check: Callable[[Path], Result]
) -> None:
    guarded = serve(matrix, credentials=("user", "secret"))
    address = guarded.base.replace("://", "://user:wr0ng@") + "/tool.git"

    result = check(write(tmp_path, [pin("tool", "1.0", {}, git(address, "main", "0" * 40))]))

    assert result.code == 2
    assert "unreachable" in result.out
    assert "wr0ng" not in result.out + result.err


def test_a_git_host_gets_what_poetry_is_configured_to_log_in_with(
    matrix: Index,
    serve: Serve,
    tmp_path: Path,
    check: Callable[[Path], Result],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    guarded = serve(matrix, credentials=("user", "s3cret"))
    monkeypatch.setenv("POETRY_REPOSITORIES_TOOL_URL", f"{guarded.base}/tool.git")
    monkeypatch.setenv("POETRY_HTTP_BASIC_TOOL_USERNAME", "user")
    monkeypatch.setenv("POETRY_HTTP_BASIC_TOOL_PASSWORD", "s3cret")
    there = git(f"{guarded.base}/tool.git", "main", "0" * 40)

    check(write(tmp_path, [pin("tool", "1.0", {}, there)]))

    sent = [headers.get("Authorization") for _, _, headers in guarded.asked]
    assert sent[0] == "Basic dXNlcjpzM2NyZXQ="


def test_a_git_host_that_is_silent_is_not_waited_for(
    matrix: Index, serve: Serve, tmp_path: Path, check: Callable[[Path], Result]
) -> None:
    silent = serve(matrix)
    silent.fault("/", hang())
    there = git(f"{silent.base}/tool.git", "main", "0" * 40)

    result = check(write(tmp_path, [pin("tool", "1.0", {}, there)], more=SOON))

    assert result.code == 2
    assert "gave git no answer in 1 s; try later" in result.out
