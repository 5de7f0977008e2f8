"""Markers on the release of the operating system are judged by releases on both sides of each."""

from __future__ import annotations

import pytest
from poetry.core.constraints.version import parse_constraint
from poetry.core.version.markers import AnyMarker, parse_marker

from poetry_lockguard.lockfile.notation import same_markers
from poetry_lockguard.lockfile.system_releases import system_releases
from poetry_lockguard.repair.keep.grid import Grid

PYTHON = parse_constraint(">=3.10")
MARKERS = [
    'platform_release >= "20.0"',
    'platform_release > "20.0"',
    'platform_release < "20.0"',
    'platform_release == "20.0"',
    'platform_release != "20.0"',
    'platform_release >= "20.1"',
    'platform_release in "20.0 21.0"',
    'platform_release not in "20.0 21.0"',
    '"tegra" in platform_release',
    '"tegra" not in platform_release',
    'platform_release >= "5.15.0-91-generic"',
    'platform_release >= "20.0" and platform_release < "22.0"',
    'sys_platform == "darwin" and platform_release >= "20.0"',
]
REAL = ("19.6.0", "20.0.0", "20.6.0", "21.0.1", "24.1.0", "10", "5.15.0-91-generic", "5.10.1-tegra")


@pytest.mark.contract
@pytest.mark.parametrize("text", MARKERS)
def test_poetry_can_compare_with_each_release(text: str) -> None:
    marker = parse_marker(text)

    assert same_markers(marker, marker, PYTHON)
    assert not same_markers(marker, AnyMarker(), PYTHON)
    grid = Grid([marker], [], PYTHON, [])
    assert 0 < grid.where(marker) < grid.full


@pytest.mark.parametrize("one", MARKERS)
def test_markers_that_differ_on_a_real_machine_are_not_the_same(one: str) -> None:
    left = parse_marker(one)
    machines = [{"platform_release": name, "sys_platform": "darwin"} for name in REAL]
    for other in MARKERS[MARKERS.index(one) + 1 :]:
        right = parse_marker(other)
        if any(left.validate(where) != right.validate(where) for where in machines):
            assert not same_markers(left, right, PYTHON), other
            grid = Grid([left, right], [], PYTHON, [])
            assert grid.where(left) != grid.where(right), other


def test_releases_lie_below_at_between_and_above() -> None:
    assert system_releases(["20.0"]) == ["0", "20.0", "20.0.0.1", "20.1"]
    assert system_releases(["tegra"]) == ["0", "0-tegra"]
    assert system_releases([]) == ["0"]


def test_many_releases_and_texts_are_not_multiplied() -> None:
    named = [*map(str, range(2000)), *(f"word{number}" for number in range(2000))]

    assert len(system_releases(named)) < 10_000
