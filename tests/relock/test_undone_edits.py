"""A fix after an edit was undone gives back the committed lock, also if a fix had dropped pins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from index import Index
from poetry.core.constraints.version import Version
from repositories import Repository, isolate

from poetry_lockguard.running import running_poetry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result

    Run = Callable[[str, Path], Result]

pytestmark = pytest.mark.contract

OFFLINE = "lockguard fix --offline"
RESTORED = "offline: solved (the committed lock, which fits the manifest again)"


@pytest.fixture
def plane(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository whose lock has an engine, which needs gear, and a wing."""
    isolate(monkeypatch)
    monkeypatch.setenv("POETRY_CACHE_DIR", str(tmp_path / "cache"))
    index = Index()
    index.add("engine", "1.0", requires=["gear"])
    for name in ("gear", "wing"):
        index.add(name, "1.0")
        index.add(name, "1.1")
    plane = Repository(tmp_path, tmp_path / "plane", index)
    plane.git("init", "-q", "-b", "main")
    plane.commit("engine", "wing", more="")
    return plane


def test_pins_that_a_fix_dropped_come_back(plane: Repository, run: Run) -> None:
    path = plane.folder / "poetry.lock"
    first = path.read_bytes()
    plane.want("wing")
    dropped = run(OFFLINE, plane.folder)
    assert (dropped.code, b"engine" in path.read_bytes()) == (0, False), dropped.err
    plane.want("engine", "wing")

    result = run(OFFLINE, plane.folder)

    assert result.code == 0, result.err
    assert RESTORED in result.err
    assert "added        engine 1.0" in result.out
    assert path.read_bytes() == first
    assert run("lockguard check --deep", plane.folder).code == 0


def test_line_endings_are_those_of_the_lock_here(plane: Repository, run: Run) -> None:
    path = plane.folder / "poetry.lock"
    first = path.read_bytes().replace(b"\n", b"\r\n")
    path.write_bytes(first)
    for wanted in (["wing"], ["engine", "wing"]):
        plane.want(*wanted)
        assert run(OFFLINE, plane.folder).code == 0

    assert path.read_bytes() == first


def test_a_pin_that_moved_since_is_not_turned_back(plane: Repository, run: Run) -> None:
    path = plane.folder / "poetry.lock"
    plane.want("wing<1.1")
    plane.lock("wing", "engine", "gear")
    moved = path.read_bytes()
    plane.want("engine", "wing")

    result = run(OFFLINE, plane.folder)

    assert (result.code, path.read_bytes()) == (1, moved)
    assert "engine: not in the lock" in result.err


@pytest.mark.parametrize("is_committed", [True, False])
def test_another_manifest_than_the_committed_one_is_not_served(
    is_committed: bool, plane: Repository, run: Run
) -> None:
    plane.want("wing")
    assert run(OFFLINE, plane.folder).code == 0
    if is_committed:
        plane.save("without the engine")
    plane.want("engine", "wing", *([] if is_committed else ["gear>1.0"]))

    result = run(OFFLINE, plane.folder)

    assert result.code == 1
    assert "not in the lock" in result.err


def test_without_a_repository_nothing_comes_back(
    plane: Repository, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    plane.want("wing")
    assert run(OFFLINE, plane.folder).code == 0
    plane.want("engine", "wing")
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    (plane.top / ".git").rename(plane.top / "gone")

    result = run(OFFLINE, plane.folder)

    assert (result.code, result.err.count("Traceback")) == (1, 0)


@pytest.mark.skipif(
    Version.parse(running_poetry()) < Version.parse("2.3"),
    reason="does not hash [dependency-groups]: to it nothing has changed",
)
def test_a_lock_that_only_another_poetry_takes_for_fresh_does_not_come_back(
    plane: Repository, run: Run
) -> None:
    """Poetry 2.0 to 2.2 do not hash [dependency-groups]."""
    plane.want("engine", "wing", more='[dependency-groups]\ndev = ["tail"]\n')

    result = run(OFFLINE, plane.folder)

    assert result.code == 1
    assert "offline: declined: tail: " in result.err
    assert "not sound" not in result.err


@pytest.mark.parametrize("is_undone", [True, False], ids=["after an undone edit", "at once"])
def test_a_lock_does_not_come_back_beside_a_folder_that_changed(
    is_undone: bool, plane: Repository, run: Run
) -> None:
    """Its entry of the folder is older than the folder's manifest."""
    tail = plane.folder / "tail" / "pyproject.toml"
    _write_tail(tail)
    more = '[tool.poetry.dependencies]\ntail = { path = "tail" }\n'
    plane.commit("engine", "wing", "tail", more=more)
    if is_undone:
        plane.want("wing", "tail", more=more)
        assert run(OFFLINE, plane.folder).code == 0
        plane.want("engine", "wing", "tail", more=more)
    _write_tail(tail, "gear")

    result = run(OFFLINE, plane.folder)

    assert "the committed lock" not in result.err
    if not is_undone:
        assert result.code == 0, result.err
        assert run("lockguard check --deep", plane.folder).code == 0


def _write_tail(path: Path, *wanted: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        '[project]\nname = "tail"\nversion = "1.0"\nrequires-python = ">=3.10"\n'
        f"dependencies = [{', '.join(map(repr, wanted))}]\n"
    )
