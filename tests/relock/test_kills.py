"""Whatever kills a fix, and however many run at once, the lock is whole and alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from solving import project

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Result
    from index import Index, Pypi

DRIVER = Path(__file__).parents[1] / "support" / "forking.py"


@pytest.fixture
def stale(index: Index, pypi: Pypi, tmp_path: Path, run: Callable[[str, Path], Result]) -> Path:
    """Give a project of thirty packages whose lock holds one too many."""
    names = [f"part{number}" for number in range(30)]
    for name in names:
        index.add(name, "1.0", tags=[f"cp3{minor}-cp3{minor}-win32" for minor in range(10, 14)])
    index.add("spare", "1.0")
    pypi(index, here=True)
    folder = project(tmp_path / "plane", *names, "spare")
    assert run("lockguard fix", folder).code == 0
    project(folder, *names)
    return folder


def drive(mode: str, folder: Path, *numbers: int) -> dict[str, Any]:
    if not hasattr(sys, "getwindowsversion"):
        driven = subprocess.run(
            [sys.executable, str(DRIVER), mode, str(folder), *map(str, numbers)],
            capture_output=True,
            check=False,
            text=True,
            timeout=1800,
        )
        assert driven.returncode == 0, driven.stderr
        figures: dict[str, Any] = json.loads(driven.stdout)
        return figures
    pytest.skip("needs fork")


def killed(folder: Path, count: int) -> None:
    figures = drive("kill", folder, count, 20261120)

    print(figures)
    assert (figures["torn"], figures["left"], figures["works after"]) == (0, 0, True)
    assert figures["old"] + figures["new"] == count
    assert figures["old"] > 0
    assert figures["new"] > 0


def test_thirty_kills_leave_a_whole_lock_and_nothing_else(stale: Path) -> None:
    killed(stale, 30)


@pytest.mark.slow
def test_a_thousand_kills_leave_a_whole_lock_and_nothing_else(stale: Path) -> None:
    killed(stale, 1000)


@pytest.mark.parametrize("count", [2, 16])
def test_many_fixes_at_once_do_the_work_once(count: int, stale: Path) -> None:
    figures = drive("together", stale, count)

    assert (figures["codes"], figures["left"]) == ([0], ["poetry.lock", "pyproject.toml"])
    assert (figures["fixed"], figures["fresh"]) == (1, count - 1)
