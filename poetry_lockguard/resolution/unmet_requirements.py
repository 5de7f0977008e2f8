"""Finds requirements of a snapshot's configurations that its own pins do not satisfy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from poetry_lockguard.poetry_api import package_translation
from poetry_lockguard.poetry_api.target_env import TargetEnv
from poetry_lockguard.reachability import Frontier
from poetry_lockguard.resolution import project_view, snapshot_verification
from poetry_lockguard.resolution.package_source import as_seen_there, marker_evaluator

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from packaging.utils import NormalizedName
    from poetry.core.packages.dependency import Dependency
    from poetry.core.packages.package import Package

    from poetry_lockguard.snapshots.document import (
        ConfigurationEntry,
        PackageEntry,
        Project,
        Snapshot,
    )
    from poetry_lockguard.snapshots.usage import Key

    Pins = Mapping[str, PackageEntry]
    Packages = Mapping[str, Package]


def incomplete(
    snapshot: Snapshot,
    names: Iterable[str],
    folder: Path,
    known: Mapping[Key, Package] | None = None,
) -> Iterator[tuple[str, str, str]]:
    """Yield every requirement that no pin of a configuration meets: which one's, and whose it is.

    ``known`` are packages to take in place of what the snapshot says of their pins.
    """
    made = {**(known or {})}
    for name in names:
        wholes = {}
        for one, pin in snapshot_verification.of(snapshot, name).items():
            key = one, pin.pin
            if key not in made:
                made[key] = package_translation.package(one, pin, folder)
            wholes[one] = made[key]
        for parent, text in _unmet(snapshot.configurations[name], snapshot.project, wholes, folder):
            yield name, parent, text


def _unmet(
    entry: ConfigurationEntry, project: Project, wholes: Packages, folder: Path
) -> Iterator[tuple[str, str]]:
    markers = TargetEnv(entry.target.environment, folder).marker_env
    evaluator = marker_evaluator(markers)
    wanted = frozenset(canonicalize_name(extra) for extra in entry.extras)
    environment = {**markers, "extra": {*wanted}}
    own = (
        package_translation.readable(f"project.requirements.{group}", text, folder)
        for group in entry.groups
        for text in project.requirements.get(group, ())
    )
    itself = canonicalize_name(project.name or "")
    packages = {name: as_seen_there(whole, evaluator) for name, whole in wholes.items()}
    frontier: Frontier[tuple[str, frozenset[NormalizedName]]] = Frontier()
    found = set()

    def follow(parent: str, dependency: Dependency) -> None:
        name = str(dependency.name)
        pinned = packages.get(name)
        if pinned is None and name == itself:
            return  # a tool for the project that requires it, as in a lock
        if pinned is None or not dependency.constraint.allows(pinned.version):
            found.add((parent, package_translation.requirement(dependency, folder)))
        else:
            frontier.reach((name, dependency.extras))

    for name in packages:
        frontier.reach((name, frozenset()))
    for dependency in own:
        if project_view.applies(dependency, wanted, environment):
            follow("the project", dependency)
    for (name, extras), _ in frontier:
        for dependency in _asked(packages[name], extras):
            follow(name, dependency)
    yield from sorted(found)


def _asked(package: Package, extras: frozenset[NormalizedName]) -> Iterator[Dependency]:
    """Return the requirements of a package, and of some of its extras."""
    return (one for one in package.requires if not one.in_extras or extras & {*one.in_extras})
