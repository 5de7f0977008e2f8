"""Of versions that Poetry would lock for the same environments, one that serves all is locked."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from solving import project

from poetry_lockguard.freshness.duplicate_pins import dispensable
from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.manifest.document import read
from poetry_lockguard.poetry_api.contradiction import Contradiction
from poetry_lockguard.relock.context import RelockContext

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi, PypiRun

    Run = Callable[[str, Path], Result]

LINUX = "platform_system == 'Linux'"
MACHINES = (
    "sys_platform == 'win32' and platform_machine == 'AMD64' or sys_platform == 'linux'"
    " and (platform_machine == 'x86_64' or platform_machine == 'aarch64')"
)


@pytest.fixture
def pypi_run(index: Index, pypi: Pypi) -> PypiRun:
    """Publish packages that need each other as torch and its CUDA packages do."""
    index.add("torch", "2.0", requires=[f"toolkit[blas]==1.0 ; {LINUX}", f"dnn ; {LINUX}"])
    extras = {"blas": [f"blas==13.4.* ; {MACHINES}"]}
    index.add("toolkit", "1.0", extras=extras)
    index.add("dnn", "1.0", requires=["blas"])
    for version in ("13.4", "13.10"):
        index.add("blas", version)
    return pypi(index, here=True)


def versions(folder: Path, name: str) -> list[str]:
    lock = parse((folder / "poetry.lock").read_bytes())
    return [pin.version for pin in lock.pins if pin.name == name]


@pytest.fixture
def solved(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Let the first solution have two versions, as Poetry's has for torch; note what is asked."""
    resolve = RelockContext.resolve
    asked: list[object] = []

    def twice(self: RelockContext, preferences: dict[str, Any] | None = None) -> Any:
        made = resolve(self, preferences)
        pins = None if preferences is None else [*map(_release, preferences["package"])]
        asked.append(pins)
        if pins is not None:
            return made
        entry = f"[[package]]{made.text.split('[[package]]')[1]}"
        assert 'name = "blas"' in entry
        newer = re.sub(r"(?m)^markers = .*\n", "", entry.replace("13.4", "13.10"))
        return replace(made, text=made.text.replace(entry, entry + newer))

    monkeypatch.setattr(RelockContext, "resolve", twice)
    return asked


def _release(entry: dict[str, Any]) -> str:
    return f"{entry['name']} {entry['version']}"


@pytest.mark.usefixtures("pypi_run")
def test_a_new_lock_has_one_version_for_one_environment(
    tmp_path: Path, run: Run, solved: list[object]
) -> None:
    folder = project(tmp_path / "plane", "torch")

    made = run("lockguard fix", folder)

    assert made.code == 0, made.err
    assert versions(folder, "blas") == ["13.4"]
    assert solved == [None, ["blas 13.4", "dnn 1.0", "toolkit 1.0", "torch 2.0"]]
    checked = run("lockguard check --deep", folder)
    assert (checked.code, "duplicate-pin" in checked.out) == (0, False), checked.out


@pytest.mark.usefixtures("pypi_run", "solved")
def test_without_a_second_solution_the_first_is_kept(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = RelockContext.resolve

    def failing(self: RelockContext, preferences: dict[str, Any] | None = None) -> Any:
        if preferences is not None:
            raise Contradiction("no second one")
        return once(self)

    monkeypatch.setattr(RelockContext, "resolve", failing)
    folder = project(tmp_path / "plane", "torch")

    made = run("lockguard fix", folder)

    assert made.code == 0, made.err
    assert versions(folder, "blas") == ["13.4", "13.10"]


@pytest.mark.usefixtures("pypi_run", "solved")
def test_versions_for_the_same_environments_that_stay_are_a_warning(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("poetry_lockguard.relock.strategies.dispensable", lambda *_: [])
    folder = project(tmp_path / "plane", "torch")

    made = run("lockguard fix", folder)

    assert made.code == 0, made.err
    assert versions(folder, "blas") == ["13.4", "13.10"]
    checked = run("lockguard check", folder)
    assert checked.code == 0
    assert "duplicate-pin (warning): blas: locked at 13.4 and 13.10" in checked.out
    lock = parse((folder / "poetry.lock").read_bytes())
    spare = dispensable(read(folder / "pyproject.toml"), lock)
    assert [(pin.name, pin.version) for pin in spare] == [("blas", "13.10")]


@pytest.mark.usefixtures("pypi_run")
@pytest.mark.parametrize(
    ("before", "relocks"),
    [pytest.param("toolkit", 2, id="new"), pytest.param("dnn", 1, id="locked before")],
)
def test_a_relock_settles_what_is_new_and_keeps_what_was_locked_before(
    before: str, relocks: int, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project(tmp_path / "plane", before)
    assert run("lockguard fix", folder).code == 0
    relock = RelockContext.relock
    asked: list[list[str]] = []

    def noted(self: RelockContext, lock: dict[str, Any]) -> Any:
        asked.append([*map(_release, lock["package"])])
        made = relock(self, lock)
        if len(asked) > 1:
            return made
        head, blas, *others = made.text.split("[[package]]")
        newer = blas.replace("13.4", "13.10")
        return replace(made, text="[[package]]".join([head, newer, blas, *others]))

    monkeypatch.setattr(RelockContext, "relock", noted)
    project(folder, before, "torch")

    result = run("lockguard fix", folder)

    assert result.code == 0, result.err
    assert len(asked) == relocks
    assert {*versions(folder, "blas")} == ({"13.4"} if relocks > 1 else {"13.4", "13.10"})
