"""What builds the packages of one configuration is resolved no oftener than it differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.markers import default_environment
from snapshot_values import configuration, entry, hashed, resolved

from poetry_lockguard.resolution.build_resolution import BuildResolver
from poetry_lockguard.resolution.configuration_resolver import ResolvedConfiguration, Unsolvable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from poetry.core.packages.dependency import Dependency

    from poetry_lockguard.snapshots.document import PackageEntry


def test_packages_with_the_same_build_requirements_are_resolved_once(tmp_path: Path) -> None:
    names = [f"part{number}" for number in range(20)]
    pins = {name: entry(files={f"{name}-1.0.tar.gz": hashed()}) for name in names}
    whole = configuration({name: resolved() for name in names})
    asked: list[tuple[str, ...]] = []

    def read(name: str, pin: PackageEntry, origin: str) -> tuple[str, ...]:
        return ("nowhere",) if name == names[-1] else ("tool>=1",)

    def solve(requirements: Sequence[Dependency]) -> ResolvedConfiguration | Unsolvable:
        asked.append(tuple(sorted(one.name for one in requirements)))
        if "nowhere" in asked[-1]:
            return Unsolvable(name="linux", reason="nowhere is nowhere")
        tool = configuration({"tool": resolved()})
        return ResolvedConfiguration(name="linux", entry=tool, pins={"tool": entry()})

    resolver = BuildResolver(
        read, solve, tmp_path, {name: str(value) for name, value in default_environment().items()}
    )
    outcome = resolver.completed(
        ResolvedConfiguration(name="linux", entry=whole, pins=pins), own=()
    )

    assert outcome.entry.build.keys() == {"tool"}
    assert outcome.unlocked == ["what builds part19 is not locked: nowhere is nowhere"]
    assert sorted(asked) == [("nowhere",), ("nowhere", "tool"), ("tool",)]
