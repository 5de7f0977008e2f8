"""A sibling with many releases, of which nearly all want another version, does not stop a move."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cleo.io.null_io import NullIO
from poetry.core.constraints.version import Version
from worlds import World, release

from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.manifest.document import parse as parse_manifest
from poetry_lockguard.poetry_api.contradiction import Contradiction
from poetry_lockguard.poetry_api.lock_writing import resolve
from poetry_lockguard.poetry_api.poetry_versions import Generator
from poetry_lockguard.poetry_api.project import load
from poetry_lockguard.relock.update.moved_doubts import MovedDoubts
from poetry_lockguard.relock.update.moving import PinMover
from poetry_lockguard.relock.update.moving_pool import MovingPool, VersionOffer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from poetry.core.packages.dependency import Dependency
    from poetry.core.packages.package import Package
    from poetry.inspection.info import PackageInfo

MANIFEST = """
[tool.poetry]
package-mode = false
[tool.poetry.dependencies]
python = ">=3.10"
tool = "*"
"""
CORES = [release("core", [], f"{number}") for number in range(9, 41)]
#: a release of tool for each of core
EXACT = [release("tool", [f"core=={number}"], f"{number}") for number in range(10, 41)]


def moved(locked: Iterable[PackageInfo], index: Iterable[PackageInfo], to: str) -> dict[str, str]:
    """Lock over one index, and move core over another; return the versions."""
    universe = World([*CORES, *index])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pyproject.toml"
        path.write_text(MANIFEST)
        poetry = load(parse_manifest(MANIFEST, path))
        text = resolve(poetry, World([*CORES, *locked]).pool(), NullIO())
        (Path(folder) / "poetry.lock").write_text(text)
        raw = parse(text.encode()).raw
        mover = PinMover(
            poetry=poetry,
            sources=universe.pool(),
            lock=raw,
            moving=frozenset({"core"}),
            doubts=MovedDoubts(poetry, raw, Generator.of(poetry.locker.lock)),
            io=NullIO(),
        )
        wanted = universe.pool().package("core", Version.parse(to))
        made = mover.move({"core": VersionOffer(release=wanted)})
    return {pin.name: pin.version for pin in parse(made.text.encode()).pins}


def test_the_fitting_release_is_found_without_trying_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    offered: list[int] = []
    find = MovingPool.find_packages

    def found(pool: MovingPool, dependency: Dependency) -> list[Package]:
        packages = find(pool, dependency)
        if dependency.name == "tool":
            offered.append(len(packages))
        return packages

    monkeypatch.setattr(MovingPool, "find_packages", found)
    assert moved(EXACT[:1], EXACT, "30") == {"core": "30", "tool": "30"}
    assert max(offered) == 1


def test_an_older_sibling_is_taken_if_no_newer_one_fits() -> None:
    old = release("tool", ["core>=1"], "9")
    assert moved(EXACT[:1], [old, *EXACT[:20], *EXACT[21:]], "30") == {"core": "30", "tool": "9"}


def test_a_move_that_no_sibling_allows_is_refused_by_what_they_need() -> None:
    with pytest.raises(Contradiction, match=r"tool \(40\) depends on core"):
        moved(EXACT[:1], [*EXACT[:20], *EXACT[21:]], "30")
