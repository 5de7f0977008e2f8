"""What git's users get where the merge drivers are installed: real repositories, real git."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from repositories import Repository, isolate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi, PypiRun

    Run = Callable[[str, Path], Result]

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

BASE = ("engine", "wing", "tail")
LEFT = "lockguard: poetry.lock: left with conflict markers; when pyproject.toml is as it should"


@pytest.fixture
def pypi_run(index: Index, pypi: Pypi) -> PypiRun:
    """Let a PyPI with one generation of packages answer git's drivers."""
    index.add("engine", "1.0", requires=["gear>=1"])
    for name in ("gear", "wing", "fan", "tail", "brake"):
        index.add(name, "1.0")
    return pypi(index, here=True)


def made(top: Path, index: Index, run: Run, below: str = ".") -> Repository:
    """Make a repository with one project, drivers installed, one commit."""
    top.mkdir(parents=True)
    repository = Repository(top, top / below, index)
    repository.git("init", "-q", "-b", "main")
    repository.want(*BASE)
    repository.lock()
    assert run("lockguard merge-driver install", repository.folder).code == 0
    repository.save("base")
    repository.git("tag", "base")
    return repository


@pytest.fixture
def repo(
    pypi_run: PypiRun,
    tmp_path: Path,
    index: Index,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> Repository:
    """Give a repository with a project at its top, at a path with a space and a percent sign."""
    isolate(monkeypatch)
    return made(tmp_path / "work 100%tree", index, run)


@pytest.fixture
def adding(repo: Repository, index: Index) -> Repository:
    """Both sides have added a package, and the index has moved on."""
    repo.on("side")
    repo.commit(*BASE, "fan")
    repo.on("main")
    repo.commit("brake", *BASE)
    for name in ("engine", "gear", "wing", "tail", "fan", "brake"):
        index.add(name, "1.5")
    return repo


BOTH = {"brake": "1.0", "engine": "1.0", "fan": "1.0", "gear": "1.0", "tail": "1.0", "wing": "1.0"}
OPERATIONS = {
    "merge": ("main", ["merge", "side"]),
    "rebase": ("side", ["rebase", "main"]),
    "cherry-pick": ("main", ["cherry-pick", "side"]),
}


@pytest.mark.contract
@pytest.mark.parametrize(("branch", "command"), OPERATIONS.values(), ids=OPERATIONS)
def test_packages_that_both_sides_added_are_merged_without_network(
    branch: str, command: list[str], adding: Repository, pypi_run: PypiRun
) -> None:
    adding.git("checkout", "-q", branch)
    was, ours = adding.text, adding.pins

    said = adding.git(*command)

    assert "lockguard: poetry.lock: merged by offline, 1 added" in said
    assert pypi_run.server.asked == []
    assert adding.pins == BOTH
    assert adding.is_fresh
    assert adding.status == ""
    (adding.folder / "poetry.lock").write_text(was)
    adding.lock()  # as `poetry lock` with our lock would
    assert {name: adding.pins[name] for name in ours} == ours
    assert ours.items() <= BOTH.items()
