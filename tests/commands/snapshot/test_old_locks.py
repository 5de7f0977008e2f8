"""Snapshots of locks that do not say which of several versions is for which environment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from engine import chosen
from solving import project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi

    Run = Callable[[str, Path], Result]

MATRIX = """
[tool.lockguard.matrix]
python = ["3.10", "3.12"]
platform = ["linux-x86_64"]
"""
EXPECTED = {
    "linux-x86_64-py310": {"lib": "1.0", "stubs": "1.0", "tool": "1.0"},
    "linux-x86_64-py312": {"lib": "2.0", "tool": "2.0"},
}


def without_groups(text: str) -> str:
    """Return a lock of format 2.1 as one of format 2.0."""
    kept = re.sub(r"^(groups|markers) = .*\n", "", text, flags=re.MULTILINE)
    return kept.replace('lock-version = "2.1"', 'lock-version = "2.0"')


@pytest.fixture
def folder(index: Index, pypi: Pypi, tmp_path: Path, run: Run) -> Path:
    """Give a project whose lock of format 2.0 has a package twice, as stubs of requests are."""
    index.add("tool", "1.0", requires=["stubs"])
    index.add("tool", "2.0", requires=["lib>=2"])
    for name, version in (("stubs", "1.0"), ("lib", "1.0"), ("lib", "2.0")):
        index.add(name, version)
    pypi(index, here=True)
    wanted = ("tool", "lib<2 ; python_version < '3.11'", "lib ; python_version >= '3.11'")
    made = project(tmp_path / "plane", *wanted, more=MATRIX)
    assert run("lockguard fix", made).code == 0
    lock = made / "poetry.lock"
    lock.write_text(without_groups(lock.read_text()))
    assert run("lockguard check", made).code == 0
    return made


@pytest.mark.contract
@pytest.mark.parametrize(
    "command", ["snapshot sync", "snapshot create", "snapshot create --offline"]
)
def test_the_latest_version_that_fits_is_taken_as_poetry_installs(
    command: str, folder: Path, run: Run
) -> None:
    assert run(f"lockguard {command}", folder).code == 0

    assert chosen(folder) == EXPECTED
    assert run("lockguard snapshot verify", folder).code == 0


def test_what_cannot_be_exported_names_what_works(folder: Path, run: Run) -> None:
    name = "linux-x86_64-py312"

    refused = run("lockguard export --format constraints", folder)

    assert refused.code == 1
    assert "does not say where" in refused.err
    assert "`poetry lock` writes a format that does" in refused.err
    assert "`poetry lockguard snapshot export --config NAME`" in refused.err
    assert run("lockguard snapshot sync", folder).code == 0
    exported = run(f"lockguard snapshot export --config {name} --format constraints", folder)
    assert exported.out.splitlines()[-2:] == ["lib==2.0", "tool==2.0"]
    assert run("lock", folder).code == 0
    assert run("lockguard export --format constraints", folder).code == 0
