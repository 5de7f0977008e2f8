"""A relock asks the index only for what is new or in doubt; kept pins answer from the lock."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from solving import project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi, PypiRun

    Run = Callable[[str, Path], Result]


@pytest.fixture
def fleet(index: Index, pypi: Pypi) -> PypiRun:
    """A PyPI where a plane needs an engine and, on Windows alone, a window."""
    for version in ("1.0", "2.0"):
        index.add("plane", version, requires=["engine", "window ; sys_platform == 'win32'"])
        index.add("engine", version, requires=["gear"], extras={"turbo": ["fan"]})
        index.add("gear", version)
        index.add("window", version)
        index.add("fan", version)
        index.add("tail", version, requires=["gear"])
        index.add("glider", version, requires=["wing ; python_version >= '3.12'"])
        index.add("wing", version, requires=["feather ; python_version < '3.12'"])
        index.add("feather", version)
    return pypi(index, here=True, json=False)


def locked(folder: Path, run: Run, fleet: PypiRun, cache: Path, *wanted: str) -> Path:
    """Lock with ``wanted``; then forget every cache and every request."""
    made = project(folder, *wanted)
    assert run("lockguard fix", made).code == 0
    shutil.rmtree(cache / "cache", ignore_errors=True)
    fleet.server.asked.clear()
    return made


def names(fleet: PypiRun) -> set[str]:
    """Return the packages that were asked for."""
    return {path.split("/")[2] for path in fleet.server.paths("/simple/")}


def relock(folder: Path, run: Run, *wanted: str, python: str = ">=3.10") -> str:
    project(folder, *wanted, python=python)
    result = run("lockguard fix --strategy relock", folder)
    assert result.code == 0, result.err
    return (folder / "poetry.lock").read_text()


def test_one_addition_asks_for_one_package(
    fleet: PypiRun, run: Run, tmp_path: Path, poetry_home: Path
) -> None:
    folder = locked(tmp_path / "a", run, fleet, poetry_home, "plane<2")

    text = relock(folder, run, "plane<2", "tail")

    assert names(fleet) == {"tail"}
    assert 'name = "tail"' in text


def test_an_extra_that_the_entry_does_not_hold_is_asked_for(
    fleet: PypiRun, run: Run, tmp_path: Path, poetry_home: Path
) -> None:
    folder = locked(tmp_path / "a", run, fleet, poetry_home, "engine<2")

    text = relock(folder, run, "engine[turbo]<2")

    assert names(fleet) >= {"engine", "fan"}
    assert 'name = "fan"' in text


def test_a_wider_range_of_pythons_puts_every_pin_in_doubt(
    fleet: PypiRun, run: Run, tmp_path: Path, poetry_home: Path
) -> None:
    made = project(tmp_path / "a", "wing<2", python=">=3.12")
    assert run("lockguard fix", made).code == 0
    shutil.rmtree(poetry_home / "cache", ignore_errors=True)
    fleet.server.asked.clear()
    assert "feather" not in (made / "poetry.lock").read_text()

    text = relock(made, run, "wing<2")

    assert "wing" in names(fleet)
    assert 'name = "feather"' in text


def test_a_pin_needed_in_more_environments_is_asked_for(
    fleet: PypiRun, run: Run, tmp_path: Path, poetry_home: Path
) -> None:
    folder = locked(tmp_path / "a", run, fleet, poetry_home, "glider<2")
    assert "feather" not in (folder / "poetry.lock").read_text()

    text = relock(folder, run, "glider<2", "wing")

    assert "wing" in names(fleet)
    assert 'name = "feather"' in text
