"""A requirement with ``extra != 'y'``: the package without extras has it, wherever it is read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from solving import project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi

    Run = Callable[[str, Path], Result]

MARKERS = (
    "extra != 'y'",
    "extra != 'y' and python_version >= '3.8'",
    "python_version >= '3.8' and extra != 'y'",
    "extra != 'y' or sys_platform == 'win32'",
)


@pytest.mark.parametrize("marker", MARKERS)
def test_what_an_extra_excludes_is_kept_by_create_and_by_sync(
    run: Run, index: Index, pypi: Pypi, tmp_path: Path, marker: str
) -> None:
    index.add("alpha", "1.0", requires=[f"beta ; {marker}"], extras={"y": ["gamma"]})
    index.add("beta", "1.0")
    index.add("gamma", "1.0")
    pypi(index, here=True, json=False)
    folder = project(tmp_path / "app", "alpha")
    assert run("lockguard snapshot create", folder).code == 0
    created = packages(folder)
    assert run("lockguard fix", folder).code == 0

    synced = run("lockguard snapshot sync", folder)

    assert synced.code == 0, synced.err
    assert created == {"alpha", "beta"}
    assert packages(folder) == created
    verified = run("lockguard snapshot verify", folder)
    assert verified.code == 0, verified.out


def packages(folder: Path) -> set[str]:
    content = json.loads((folder / "lockguard.lock").read_text())
    (one,) = content["configurations"].values()
    return {*one["packages"]}
