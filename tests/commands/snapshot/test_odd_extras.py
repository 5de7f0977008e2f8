"""Extras whose names are not in their normal form, in the exports of a snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from solving import project

from poetry_lockguard.toml import loads

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi

    Run = Callable[[str, Path], Result]

MORE = """
[project.optional-dependencies]
"Fast_Lane" = ["turbo[Slow.Down]"]

[tool.lockguard.matrix]
python = ["3.11"]
platform = ["linux-x86_64", "windows-x86_64"]
extras = [[], ["{extra}"]]
"""


@pytest.fixture
def odd(index: Index, pypi: Pypi, tmp_path: Path) -> Callable[[str], Path]:
    """Give a project whose extra is written in a way, with a package whose extra is, too."""
    index.add("engine", "1.0")
    index.add("turbo", "1.0", extras={"Slow.Down": ["brake"]})
    index.add("brake", "1.0")
    pypi(index, here=True)

    def made(extra: str) -> Path:
        return project(tmp_path / "plane", "engine", more=MORE.format(extra=extra))

    return made


@pytest.mark.parametrize("extra", ["Fast_Lane", "fast-lane", "FAST.lane"])
def test_an_extra_is_exported_in_its_normal_form(
    extra: str, odd: Callable[[str], Path], run: Run
) -> None:
    folder = odd(extra)
    created = run("lockguard snapshot create", folder)
    assert created.code == 0, created.err

    result = run("lockguard snapshot export --all --output pylock.toml", folder)

    assert result.code == 0, result.err
    document = loads((folder / "pylock.toml").read_text("utf-8"))
    assert document["extras"] == ["fast-lane"]
    assert {one["name"]: one.get("marker") for one in document["packages"]} == {
        "brake": '"fast-lane" in extras',
        "engine": None,
        "turbo": '"fast-lane" in extras',
    }


def test_the_export_is_one_that_packaging_reads(odd: Callable[[str], Path], run: Run) -> None:
    pylock = pytest.importorskip("packaging.pylock")
    folder = odd("Fast_Lane")
    run("lockguard snapshot create", folder)
    run("lockguard snapshot export --all --output pylock.toml", folder)

    found = pylock.Pylock.from_dict(loads((folder / "pylock.toml").read_text("utf-8")))

    assert [*found.extras] == ["fast-lane"]
