"""Many projects at once: every lock that holds a changed library is found, and mended in order."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from functools import partial
from typing import TYPE_CHECKING

import pytest
from monorepos import Member, generate
from solving import lock, project

from poetry_lockguard.freshness.crew import spread
from poetry_lockguard.freshness.discovery import find
from poetry_lockguard.freshness.survey import Unlooked, survey
from poetry_lockguard.manifest.document import read
from poetry_lockguard.manifest.folders import ordered, required_folders

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi

    Run = Callable[[str, Path], Result]

NEEDS = ("matrix (>=1.0,<3.0)",)


@pytest.fixture
def offered(index: Index, pypi: Pypi, monkeypatch: pytest.MonkeyPatch) -> Index:
    """An index that has all that the projects need."""
    monkeypatch.setenv("CI", "1")
    for version in ("1.0", "1.1", "2.0"):
        index.add("matrix", version)
    index.add("shader", "2.1")
    pypi(index, here=True)
    return index


@pytest.fixture
def monorepo(offered: Index, tmp_path: Path) -> tuple[Path, dict[str, Member]]:
    """An application that uses a library that uses a base, and one that uses nothing; all fresh."""
    root = tmp_path / "monorepo"
    members = {member.name: member for member in generate(root, 3, NEEDS)}
    project(root / "apps" / "alone", *NEEDS)
    for member in members.values():
        lock(member.folder)
    lock(root / "apps" / "alone")
    return root, members


def edit(member: Member, old: str, new: str) -> None:
    text = member.manifest.read_text()
    assert old in text
    member.manifest.write_text(text.replace(old, new))


def statuses(out: str) -> dict[str, str]:
    """Give the status of each project's lock by its folder's name."""
    lines = [line for line in out.splitlines() if "poetry.lock: " in line and line[0] != " "]
    return {line.split("/")[-2]: line.split("poetry.lock: ")[1].split(" by ")[0] for line in lines}


CHANGES = {
    "a requirement added": ('python = "', 'shader = "*"\npython = "'),
    "a requirement dropped": ('matrix = ">=1.0,<3.0"\n', ""),
    "a requirement tightened": (">=1.0,<3.0", ">=1.1,<2.0"),
    "a requirement loosened": (">=1.0,<3.0", ">=1.0"),
    "a marker": ('">=1.0,<3.0"', '{version = ">=1.0,<3.0", markers = "sys_platform == \'linux\'"}'),
    "Python": (">=3.10,<4.0", ">=3.10"),
    "the version": ('version = "1.0"\n', 'version = "1.1"\n'),
}


@pytest.mark.contract
@pytest.mark.parametrize(("old", "new"), CHANGES.values(), ids=CHANGES)
def test_a_changed_base_marks_every_lock_that_holds_it_and_fix_mends_them(
    run: Run, monorepo: tuple[Path, dict[str, Member]], old: str, new: str
) -> None:
    root, members = monorepo
    edit(members["base-0"], old, new)
    own = "fresh" if "version" in new and "matrix" not in new and ">=1.0" not in new else "stale"

    result = run("lockguard check -r", root)

    assert result.code == 1
    assert statuses(result.out) == {
        "alone": "fresh",
        "app-2": "stale",
        "lib-1": "stale",
        "base-0": own,
    }
    assert result.out.count("path-dependency: base-0: ../../bases/base-0 ") >= 2

    result = run("lockguard fix -r", root)

    assert result.code == 0, result.out + result.err
    assert [*statuses(result.out)] == ["alone", "base-0", "lib-1", "app-2"]
    result = run("lockguard check -r --deep", root)
    assert (result.code, {*statuses(result.out).values()}) == (0, {"fresh"}), result.out
    assert result.out.endswith("4 projects: 4 fresh\n")


def test_a_check_of_one_project_agrees_with_poetry(
    run: Run, monorepo: tuple[Path, dict[str, Member]]
) -> None:
    _, members = monorepo
    edit(members["base-0"], "<3.0", "<2.5")

    assert run("check --lock", members["app-2"].folder).code == 0
    assert run("lockguard check", members["app-2"].folder).code == 0
    assert run("lockguard check -r", members["app-2"].folder).code == 1


def test_a_folder_that_is_not_there_is_a_warning(
    run: Run, monorepo: tuple[Path, dict[str, Member]]
) -> None:
    root, members = monorepo
    base = members["base-0"].folder
    base.rename(base.with_name(".away"))

    result = run("lockguard check -r", root)

    assert result.code == 0
    assert "path-dependency (warning): base-0: ../../bases/base-0 is not there" in result.out
