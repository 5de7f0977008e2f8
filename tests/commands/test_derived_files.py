"""Files that are derived from the lock stay in step with it: check tells, fix and update write."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from solving import project

from poetry_lockguard import files
from poetry_lockguard.exports.export_table import INTERRUPTED

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi

    Run = Callable[[str, Path], Result]

TABLE = """
[tool.poetry.group.dev.dependencies]
hammer = "*"

[tool.lockguard.exports]
"requirements.txt" = { format = "requirements" }
"deploy/dev.txt" = { format = "constraints", groups = ["main", "dev"] }
"pylock.toml" = { format = "pylock" }
"""
NAMES = ("requirements.txt", "deploy/dev.txt", "pylock.toml")


@pytest.fixture
def folder(index: Index, pypi: Pypi, tmp_path: Path, run: Run) -> Path:
    """Give a locked project with three derived files, and a newer release of one package."""
    index.add("engine", "1.0", requires=["gear>=1"])
    for name in ("gear", "hammer", "tail"):
        index.add(name, "1.0")
    pypi(index, here=True)
    made = project(tmp_path / "plane", "engine", more=TABLE)
    result = run("lockguard fix", made)
    assert result.code == 0, result.err
    index.add("gear", "1.1")
    return made


def contents(folder: Path) -> list[bytes]:
    return [(folder / name).read_bytes() for name in ("poetry.lock", *NAMES)]


def every_file(folder: Path) -> list[str]:
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in found)


@pytest.mark.contract
def test_a_fix_writes_what_is_derived_with_the_lock(folder: Path, run: Run) -> None:
    assert "gear==1.0" in (folder / "requirements.txt").read_text()
    assert "hammer==1.0" in (folder / "deploy/dev.txt").read_text()

    result = run("lockguard check", folder)

    assert (result.code, result.out) == (0, "poetry.lock: fresh\n")


def test_an_update_moves_lock_and_derived_files_together(folder: Path, run: Run) -> None:
    result = run("lockguard update gear==1.1", folder)

    assert result.code == 0, result.err
    assert result.out.splitlines() == [
        "poetry.lock: updated, 1 upgraded",
        "  upgraded     gear 1.0 -> 1.1",
        *(f"{name}: written" for name in NAMES),
    ]
    assert "gear==1.1" in (folder / "requirements.txt").read_text()
    assert run("lockguard check", folder).code == 0
    assert every_file(folder) == sorted(["poetry.lock", "pyproject.toml", *NAMES])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda path: path.write_text(path.read_text() + "extra==1\n"),
            "edited by hand; `poetry lockguard fix --force` overwrites it",
        ),
        (lambda path: path.unlink(), "missing; run `poetry lockguard fix` to make it"),
    ],
    ids=["edited", "missing"],
)
def test_a_check_names_the_file_that_is_out_of_step(
    change: Callable[[Path], object], message: str, folder: Path, run: Run
) -> None:
    change(folder / "requirements.txt")

    result = run("lockguard check", folder)
    document = json.loads(run("lockguard check --format json", folder).out)

    assert result.code == 1
    assert f"  export-stale: requirements.txt: {message}" in result.out.splitlines()
    assert document["projects"][0]["status"] == "fresh"
    assert document["projects"][0]["problems"][0]["code"] == "export-stale"


def test_a_file_of_another_lock_is_out_of_step_and_fixed(
    folder: Path, run: Run, tmp_path: Path
) -> None:
    before = (folder / "requirements.txt").read_bytes()
    assert run("lockguard update gear==1.1", folder).code == 0
    (folder / "requirements.txt").write_bytes(before)
    checked = run("lockguard check", folder)

    result = run("lockguard fix", folder)

    assert "requirements.txt: made from another poetry.lock" in checked.out
    assert result.out.splitlines() == [
        "poetry.lock: fresh, left alone",
        "requirements.txt: written",
    ]
    assert run("lockguard check", folder).code == 0


def test_a_file_edited_by_hand_is_named_and_nothing_is_written_without_force(
    folder: Path, run: Run
) -> None:
    (folder / "deploy/dev.txt").write_text("gear==0.1\n")
    before = contents(folder)

    refused = run("lockguard update gear==1.1", folder)
    unchanged = contents(folder)
    forced = run("lockguard update gear==1.1 --force", folder)

    assert refused.code == 1
    assert "deploy/dev.txt was edited by hand, so nothing was written" in refused.err
    assert unchanged == before
    assert forced.code == 0, forced.err
    assert run("lockguard check", folder).code == 0


def test_a_dry_run_names_what_would_be_written(folder: Path, run: Run) -> None:
    before = contents(folder)

    result = run("lockguard update gear==1.1 --dry-run", folder)

    assert "requirements.txt: would be written" in result.out
    assert contents(folder) == before


def test_a_full_disk_leaves_all_files_as_they_were(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, there = contents(folder), every_file(folder)
    write, calls = files._write, []

    def full(descriptor: int, content: bytes, old: object) -> None:
        calls.append(content)
        if len(calls) > 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(descriptor, content, old)  # type: ignore[arg-type]

    monkeypatch.setattr(files, "_write", full)

    result = run("lockguard update gear==1.1", folder)

    assert result.code == 1
    assert "not written: No space left on device; the old files are untouched" in result.err
    assert contents(folder) == before
    assert every_file(folder) == there


def test_a_rename_that_fails_takes_the_others_back(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, there = contents(folder), every_file(folder)
    rename = type(folder).replace

    def refuse(self: Path, target: Path) -> Path:
        if target.name == "poetry.lock":
            raise PermissionError(errno.EACCES, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(type(folder), "replace", refuse)

    result = run("lockguard update gear==1.1", folder)

    assert result.code == 1
    assert contents(folder) == before
    assert every_file(folder) == there


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs kill -9")
@pytest.mark.parametrize("command", ["update gear==1.1", "fix"])
def test_what_a_killed_run_began_is_told_and_completed(
    command: str, folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename, there = type(folder).replace, every_file(folder)

    def die(self: Path, target: Path) -> Path:
        if target.name == "pylock.toml":
            os._exit(9)
        return rename(self, target)

    if (child := os.fork()) == 0:
        monkeypatch.setattr(type(folder), "replace", die)
        run("lockguard update gear==1.1", folder)
    os.waitpid(child, 0)

    told = run("lockguard check", folder)
    completed = run(f"lockguard {command}", folder)

    assert (told.code, told.out.splitlines()[1:]) == (1, [f"  export-stale: {INTERRUPTED}"])
    assert completed.code == 0, completed.err
    assert "poetry.lock: completed what an interrupted run began" in completed.err
    assert "gear==1.1" in (folder / "requirements.txt").read_text()
    assert run("lockguard check", folder).code == 0
    assert every_file(folder) == there


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('"a.txt" = { format = "requirement" }', "exports.a.txt.format: expected one of pylock"),
        ('"a.txt" = { groups = ["main"] }', "exports.a.txt: format is missing"),
        ('"../a.txt" = { format = "pylock" }', "expected the relative name of a file"),
        ('"poetry.lock" = { format = "pylock" }', "expected the relative name of a file"),
        ('"a.txt" = { format = "pylock", group = ["x"] }', "the nearest known one is groups"),
        (
            '"a.txt" = { format = "pylock", config = "x", extras = ["y"] }',
            "a configuration has its own groups and extras",
        ),
    ],
)
def test_a_mistake_in_the_table_is_named(table: str, message: str, folder: Path, run: Run) -> None:
    project(folder, "engine", more=f"[tool.lockguard.exports]\n{table}\n")

    result = run("lockguard check", folder)

    assert result.code == 2
    assert message in result.err


def test_an_unknown_group_is_named_with_its_place(folder: Path, run: Run) -> None:
    manifest = folder / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace('["main", "dev"]', '["main", "deev"]'))

    result = run("lockguard check", folder)

    assert result.code == 2
    assert "exports.deploy/dev.txt: the project has no group deev; the nearest is dev" in result.err


def test_line_endings_of_a_derived_file_stay(folder: Path, run: Run) -> None:
    path = folder / "requirements.txt"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))

    checked = run("lockguard check", folder)
    updated = run("lockguard update gear==1.1", folder)

    assert checked.code == 0, checked.out
    assert updated.code == 0, updated.err
    assert path.read_bytes().count(b"\r\n") == path.read_bytes().count(b"\n")


def test_a_check_of_derived_files_loads_no_library(folder: Path) -> None:
    program = (
        "import sys; from poetry_lockguard.__main__ import main\n"
        "code = main(['check'])\n"
        "names = {name.partition('.')[0] for name in sys.modules}\n"
        "print(int(code), sorted(names & {'poetry', 'packaging', 'tomlkit', 'cyclonedx'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False
    )

    assert done.stdout.splitlines()[-1] == "0 []", done.stderr
