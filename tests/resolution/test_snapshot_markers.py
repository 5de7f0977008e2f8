"""Markers that are rare: about the release of a machine's kernel, and about an absent extra."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from packaging.markers import Marker
from poetry.core.version.markers import parse_marker
from solving import project

from poetry_lockguard.poetry_api.target_env import TargetEnv, holds
from poetry_lockguard.targets.target import target

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi

    Run = Callable[[str, Path], Result]

HERE = "--python 3.11 --platform macos-arm64"


@pytest.fixture
def app(index: Index, pypi: Pypi, tmp_path: Path) -> Callable[..., Path]:
    """Give a project with one requirement, and what that one requires."""

    def make(*requires: str) -> Path:
        index.add("framework", "1.0", requires=requires)
        index.add("part", "1.0")
        index.add("shader", "1.0")
        pypi(index, here=True, json=False)
        return project(tmp_path / "app", "framework>=1")

    return make


def packages(folder: Path) -> set[str]:
    (entry,) = json.loads((folder / "lockguard.lock").read_text())["configurations"].values()
    found: dict[str, Any] = entry["packages"]
    return {*found}


@pytest.mark.parametrize("name", ["platform_release", "platform_version"])
@pytest.mark.parametrize("operator", [">=", "<=", "<", ">", "=="])
def test_a_target_without_a_release_is_judged_as_packaging_does(
    name: str, operator: str, tmp_path: Path
) -> None:
    described = target("3.11", "macos-arm64").markers
    text = f'{name} {operator} "20.0"'

    here = TargetEnv(described, tmp_path).marker_env

    assert holds(parse_marker(text), here) == Marker(text).evaluate({**described})


@pytest.mark.parametrize(
    ("marker", "comes"),
    [
        ("platform_release >= '20.0'", False),
        ("platform_release < '20.0'", False),
        ("platform_version != 'x'", True),
        ("extra != 'y'", True),
        ("extra != 'y' and python_version >= '3.10'", True),
        ("extra != 'y' and python_version < '3.10'", False),
    ],
)
def test_a_rare_marker_is_resolved_verified_and_exported(
    marker: str, comes: bool, run: Run, app: Callable[..., Path]
) -> None:
    folder = app(f"part>=1 ; {marker}")
    expected = {"framework", "part"} if comes else {"framework"}

    created = run(f"lockguard snapshot create {HERE}", folder)
    assert created.code == 0, created.err
    assert packages(folder) == expected
    verified = run("lockguard snapshot verify", folder)
    assert verified.code == 0, verified.out
    exported = run(
        "lockguard snapshot export --config macos-arm64-py311 --format requirements", folder
    )
    assert exported.code == 0, exported.err
    assert ("part==1.0" in exported.out) is comes


def test_a_lock_with_markers_about_a_kernel_can_be_followed(
    run: Run, app: Callable[..., Path]
) -> None:
    """The frameworks of macOS in pyobjc are required this way."""
    kernel = "platform_release >= '20.0'"
    folder = app(f"part>=1 ; {kernel}", "shader ; platform_version != 'x'")
    assert run("lockguard fix", folder).code == 0
    assert kernel.replace("'", '\\"') in (folder / "poetry.lock").read_text()
    assert run(f"lockguard snapshot create {HERE}", folder).code == 0
    created = (folder / "lockguard.lock").read_bytes()

    synced = run("lockguard snapshot sync", folder)

    assert synced.code == 0, synced.err
    assert (folder / "lockguard.lock").read_bytes() == created
    assert packages(folder) == {"framework", "shader"}
    deep = run("lockguard check --deep", folder)
    assert deep.code == 0, deep.out + deep.err
