"""``lockguard digest``: it changes exactly when what is installed changes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from solving import project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi

    Run = Callable[[str, Path], Result]

MATRIX = (
    '\n[tool.lockguard.matrix]\npython = ["3.11"]\nplatform = ["linux-x86_64", "macos-arm64"]\n'
)
HERE = "lockguard digest --config linux-x86_64-py311"


@pytest.fixture
def app(index: Index, pypi: Pypi, tmp_path: Path, run: Run) -> Path:
    """A project with a snapshot of two configurations."""
    index.add("matrix", "1.0")
    index.add("mac", "1.0")
    pypi(index, here=True, json=False)
    folder = project(
        tmp_path / "app", "matrix>=1", "mac>=1 ; sys_platform == 'darwin'", more=MATRIX
    )
    assert run("lockguard snapshot create", folder).code == 0
    return folder


def test_a_version_of_the_project_leaves_the_digest(run: Run, app: Path) -> None:
    before = run(HERE, app)
    manifest = app / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace('version = "1.0"', 'version = "2.0"'))
    run("lockguard snapshot create", app)

    assert before.code == 0, before.err
    assert re.fullmatch("[0-9a-f]{64}\n", before.out)
    assert run(HERE, app).out == before.out


def test_another_configurations_package_leaves_the_digest(
    run: Run, app: Path, index: Index
) -> None:
    one, every = run(HERE, app).out, run("lockguard digest", app).out
    index.add("mac", "1.1")
    assert run("lockguard snapshot upgrade mac", app).code == 0

    assert run(HERE, app).out == one
    assert run("lockguard digest", app).out != every


def test_another_version_changes_the_digest(run: Run, app: Path, index: Index) -> None:
    before = run(HERE, app).out
    index.add("matrix", "1.1")
    assert run("lockguard snapshot upgrade matrix", app).code == 0

    assert run(HERE, app).out != before


def test_it_needs_no_manifest(run: Run, app: Path) -> None:
    before = run(HERE, app).out
    (app / "pyproject.toml").unlink()

    result = run(HERE, app)

    assert (result.code, result.out) == (0, before)


def test_a_broken_seal_has_no_digest(run: Run, app: Path) -> None:
    snapshot = app / "lockguard.lock"
    snapshot.write_text(snapshot.read_text().replace('"1.0"', '"1.1"'))

    result = run(HERE, app)

    assert (result.code, result.out) == (1, "")
    assert "no digest: its seal is wrong" in result.err
