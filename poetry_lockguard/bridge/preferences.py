"""Which pins a resolution prefers, and in which order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from poetry.packages.locker import Locker

from poetry_lockguard.bridge import translate
from poetry_lockguard.bridge.library import copied
from poetry_lockguard.snapshots.usage import pins

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from poetry.core.packages.package import Package
    from poetry.core.version.markers import BaseMarker
    from poetry.poetry import Poetry

    from poetry_lockguard.snapshots.document import Snapshot
    from poetry_lockguard.snapshots.usage import Key


@dataclass(frozen=True, slots=True)
class Locked:
    """One package of a lock, and where it is for; ``None`` before format 2.1: everywhere."""

    package: Package
    marker: BaseMarker | None

    def is_for(self, markers: Mapping[str, Any]) -> bool:
        """Tell whether an environment is among those it was locked for."""
        return self.marker is None or self.marker.without_extras().validate(dict(markers))


def locked(poetry: Poetry) -> tuple[Locked, ...]:
    """Give the packages of the project's lock, whole; nothing where there is no lock.

    Raises RuntimeError, in Poetry's words, for a lock that it cannot read.
    """
    locker = Locker(poetry.locker.lock, poetry.pyproject.data)
    if not locker.is_locked():
        return ()
    whole = locker.locked_repository().packages
    if not locker.is_locked_groups_and_markers():
        return tuple(Locked(package, None) for package in whole)
    by_name = {repr(package): info for package, info in locker.locked_packages().items()}
    found = []
    for package in whole:
        info = by_name.get(repr(package))
        marker = None if info is None else info.get_marker(info.groups)
        found.append(Locked(package, marker))
    return tuple(found)


class Preferences:
    """The pins of a snapshot and of a lock as they were before anything was resolved."""

    def __init__(self, snapshot: Snapshot | None, lock: tuple[Locked, ...], folder: Path) -> None:
        self._snapshot = snapshot
        self._lock = lock
        held = {} if snapshot is None else pins(snapshot)
        self._packages = {
            key: _preferable(translate.package(key[0], entry, folder))
            for key, entry in held.items()
        }
        self._latest_first = [*self._packages]  # as a snapshot holds them

    def of(
        self,
        configuration: str,
        markers: Mapping[str, Any],
        first: Collection[Key] = (),
        without: Collection[str] = (),
    ) -> list[Package]:
        """Give what one configuration prefers: its own pins, the lock's, the others'.

        The pins ``first`` come before all; the names ``without`` have none at all.
        """
        lock = sorted(self._lock, key=lambda one: not one.is_for(markers))
        ordered = [
            *(self._packages[key] for key in self._latest_first if key in first),
            *(self._packages[key] for key in self._own(configuration)),
            *(_preferable(one.package) for one in lock),
            *(self._packages[key] for key in self._latest_first),
        ]
        chosen = {id(one): one for one in ordered if one.name not in without}
        return [one for one in chosen.values() if one.source_type != "directory"]

    def _own(self, configuration: str) -> list[Key]:
        entries = {} if self._snapshot is None else self._snapshot.configurations
        if configuration not in entries:
            return []
        return [
            (name, (one.version, one.source))
            for name, one in entries[configuration].packages.items()
            if (name, (one.version, one.source)) in self._packages
        ]


def _preferable(package: Package) -> Package:
    """Leave out the files of an index's package: which there are now is for the index to say."""
    if package.is_direct_origin():
        return package
    copy = copied(package)
    copy.files = []
    return copy
