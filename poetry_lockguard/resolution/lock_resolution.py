"""Resolves configurations from existing pins: those of poetry.lock and those of a snapshot."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from poetry_lockguard.poetry_api import package_translation
from poetry_lockguard.resolution.configuration_resolver import ResolvedConfiguration, Unsolvable
from poetry_lockguard.resolution.preferences import Locked
from poetry_lockguard.snapshots.usage import pins

if TYPE_CHECKING:
    from collections.abc import Sequence

    from poetry.core.packages.package import Package

    from poetry_lockguard.resolution.pinned_source import MissingPin
    from poetry_lockguard.resolution.project_configurations import SnapshotProject
    from poetry_lockguard.snapshots.document import PackageEntry, Snapshot
    from poetry_lockguard.snapshots.usage import Key
    from poetry_lockguard.targets.configuration import Configuration


def from_lock(
    project: SnapshotProject,
    chosen: Sequence[Configuration],
    lock: Sequence[Locked],
    base: Snapshot | None = None,
    *,
    lock_first: bool = False,
) -> tuple[list[ResolvedConfiguration], dict[str, str]]:
    """Resolve what the pins suffice for; for the others, by name, return what they lack.

    The configuration's own pins in ``base`` come first, then the lock's, then the others'; with
    ``lock_first``, the lock's, then its own.
    """
    resolutions, unmet = [], {}
    for configuration in chosen:
        every = _packages(project, configuration, lock, base, lock_first=lock_first)
        outcome = _resolved(project, configuration, every)
        if isinstance(outcome, ResolvedConfiguration):
            resolutions.append(outcome)
        else:
            unmet[configuration.name] = outcome.reason
    return resolutions, unmet


def completed(
    project: SnapshotProject, lock: Sequence[Locked], snapshot: Snapshot | None
) -> Sequence[Locked]:
    """Return the lock's pins, with the requirements that Poetry leaves out of a lock.

    Poetry treats a requirement that an extra excludes (``extra != 'y'``) as optional, and neither
    locks nor installs it. If the snapshot has the same pin, its complete entry is used.
    """
    held = {} if snapshot is None else pins(snapshot)
    whole = {key: pin for key, pin in held.items() if _excluding(pin)}
    if not whole:
        return lock
    known = [(_key(project, one), one) for one in lock]
    names = {str(one.package.name) for one in lock}
    lost = {name for pin in whole.values() for name in _excluding(pin)} - names
    return [
        *(
            Locked(project.package(key, whole[key]), one.marker) if key in whole else one
            for key, one in known
        ),
        *(Locked(project.package(key, pin), None) for key, pin in held.items() if key[0] in lost),
    ]


def _excluding(pin: PackageEntry) -> set[str]:
    """Return the names that a pin requires unless an extra is chosen."""
    texts = [text for text in pin.dependencies if "extra !=" in text]
    return {canonicalize_name(re.split(r"[^\w.-]", text, maxsplit=1)[0]) for text in texts}


def _key(project: SnapshotProject, one: Locked) -> Key:
    package = one.package
    source = package_translation.source(package, project.folder)
    return str(package.name), (package.version.text, source)


def _packages(
    project: SnapshotProject,
    configuration: Configuration,
    lock: Sequence[Locked],
    base: Snapshot | None,
    *,
    lock_first: bool,
) -> list[Package]:
    markers = project.markers(configuration)
    ordered = sorted(lock, key=lambda pin: not pin.is_for(markers))
    locked = [pin.package for pin in ordered]
    entry = None if base is None else base.configurations.get(configuration.name)
    held = [] if base is None else project.pins(base, configuration)
    own = 0 if entry is None else len(entry.packages)  # they come first
    every = [*locked, *held[:own]] if lock_first else [*held[:own], *locked, *held[own:]]
    return [*{repr(one): one for one in reversed(every)}.values()][::-1]


def _resolved(
    project: SnapshotProject, configuration: Configuration, packages: Sequence[Package]
) -> ResolvedConfiguration | Unsolvable:
    missing = project.missing(configuration, packages, {})
    if missing:
        return Unsolvable(name=configuration.name, reason=_listed(missing))
    return project.from_pins(configuration, packages)


def _listed(missing: Sequence[MissingPin]) -> str:
    return "\n".join(
        f"poetry.lock contains no pin for {one.wanted}"
        f" (needed by {'pyproject.toml' if one.needed_by == 'root' else one.needed_by})"
        for one in missing
    )
