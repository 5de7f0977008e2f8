"""``snapshot create --offline``: from poetry.lock and the caches, what ``sync`` gives."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from solving import project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi

    Run = Callable[[str, Path], Result]

MATRIX = """
[tool.lockguard.matrix]
python = ["3.11", "3.12"]
platform = ["linux-x86_64", "windows-x86_64"]
"""


@pytest.fixture
def app(index: Index, pypi: Pypi, tmp_path: Path, run: Run, poetry_home: Path) -> Path:
    """A project with a lock, and empty caches."""
    index.add("matrix", "1.0", requires=["sound32>=1 ; sys_platform == 'win32'"])
    index.add("sound32", "1.2")
    index.add("shader", "2.0")
    pypi(index, here=True, json=False)
    folder = project(tmp_path / "app", "matrix>=1", more=MATRIX)
    assert run("lockguard fix", folder).code == 0
    shutil.rmtree(poetry_home / "cache", ignore_errors=True)
    return folder


def test_an_offline_create_gives_what_sync_gives(run: Run, app: Path) -> None:
    created = run("lockguard snapshot create --offline", app)
    assert created.code == 0, created.err
    first = (app / "lockguard.lock").read_bytes()

    synced = run("lockguard snapshot sync", app)

    assert synced.code == 0, synced.err
    assert (app / "lockguard.lock").read_bytes() == first
    assert run("lockguard snapshot verify", app).code == 0


def test_an_offline_create_says_what_the_lock_lacks(run: Run, app: Path) -> None:
    project(app, "matrix>=1", "shader", more=MATRIX)

    result = run("lockguard snapshot create --offline", app)

    assert result.code == 1
    assert (
        result.err.count("poetry.lock contains no pin for shader (needed by pyproject.toml)") == 1
    )
    assert "--offline" in result.err
    assert not (app / "lockguard.lock").exists()


def test_an_offline_create_keeps_the_snapshots_own_pins(run: Run, app: Path, index: Index) -> None:
    assert run("lockguard snapshot create --offline", app).code == 0
    before = (app / "lockguard.lock").read_bytes()
    index.add("matrix", "1.1")
    assert run("lockguard fix --strategy regenerate", app).code == 0

    assert run("lockguard snapshot create --offline", app).code == 0

    assert (app / "lockguard.lock").read_bytes() == before
