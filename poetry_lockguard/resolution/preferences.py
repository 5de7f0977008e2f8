"""Which pins a resolution prefers, and in which order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from poetry.core.packages.package import Package
from poetry.core.version.markers import AnyMarker, MarkerUnion, parse_marker

from poetry_lockguard.freshness.trusting import without_foreign
from poetry_lockguard.poetry_api import package_translation, private
from poetry_lockguard.poetry_api.locker import CapturingLocker
from poetry_lockguard.poetry_api.target_env import holds
from poetry_lockguard.resolution.renamed_sources import as_declared
from poetry_lockguard.snapshots.origins import Index, PyPI
from poetry_lockguard.snapshots.usage import order, pins, used_to_build

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from poetry.core.version.markers import BaseMarker

    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.poetry_api.imports.poetry_project import Poetry
    from poetry_lockguard.snapshots.document import ConfigurationEntry, PackageEntry, Snapshot
    from poetry_lockguard.snapshots.usage import Key


@dataclass(frozen=True, slots=True)
class Locked:
    """One package of a lock and its environments; ``None`` (before format 2.1) means all."""

    package: Package
    marker: BaseMarker | None

    def is_for(self, markers: Mapping[str, Any]) -> bool:
        """Return whether the package was locked for an environment."""
        return self.marker is None or holds(self.marker.without_extras(), markers)


def locked(poetry: Poetry) -> tuple[Locked, ...]:
    """Return the complete packages of the project's lock, latest first; none without a lock.

    Raises RuntimeError, with Poetry's message, for a lock that it cannot read.
    """
    locker = _locker(poetry)
    if locker is None:
        return ()
    infos = locker.lock_data["package"]
    whole = locker.locked_repository().packages
    return _latest_first(
        Locked(package_translation.with_own_extras(package), _marker(info))
        for package, info in zip(whole, infos, strict=True)
    )


def named(poetry: Poetry, manifest: Manifest) -> tuple[Locked, ...]:
    """Return the packages of the project's lock, latest first: an index's by version alone.

    That avoids parsing requirements which come from the index anyway. A direct origin that nobody
    asks for is not preferred. Raises as ``locked``.
    """
    locker = _locker(poetry)
    if locker is None:
        return ()
    asked_for = without_foreign(manifest, locker.lock_data)["package"]
    return _latest_first(Locked(_named(locker, info), _marker(info)) for info in asked_for)


def _latest_first(found: Iterable[Locked]) -> tuple[Locked, ...]:
    """Order the versions of a package as Poetry prefers them when it installs from a lock.

    Before format 2.1 nothing else says which of several is for an environment.
    """
    return tuple(sorted(found, key=lambda one: one.package.version, reverse=True))


def _locker(poetry: Poetry) -> CapturingLocker | None:
    """Return the reader of the project's lock, sources under their current names."""
    locker = CapturingLocker(poetry)
    return (
        CapturingLocker(poetry, as_declared(poetry, locker.lock_data))
        if locker.is_locked()
        else None
    )


def _named(locker: CapturingLocker, info: dict[str, Any]) -> Package:
    source = info.get("source", {})
    if source.get("type") not in {None, "legacy"}:
        return private.locked_package(locker, info)
    return Package(
        info["name"],
        info["version"],
        source_type=source.get("type"),
        source_url=source.get("url"),
        source_reference=source.get("reference"),
    )


def _marker(info: dict[str, Any]) -> BaseMarker | None:
    """Unite the markers of all groups; ``None`` before format 2.1, which has none."""
    if "groups" not in info:
        return None
    markers = info.get("markers", "")
    texts = (
        {markers.get(group, "") for group in info["groups"]}
        if isinstance(markers, dict)
        else {markers}
    )
    if "" in texts:
        return AnyMarker()
    return MarkerUnion.of(*(parse_marker(text) for text in sorted(texts)))


class Preferences:
    """The pins of a snapshot and of a lock before resolving."""

    def __init__(self, snapshot: Snapshot | None, lock: tuple[Locked, ...], folder: Path) -> None:
        self.snapshot = snapshot
        self._lock = lock
        held = {} if snapshot is None else pins(snapshot)
        self._packages = {key: preferable(key[0], entry, folder) for key, entry in held.items()}
        self._latest_first = [*self._packages]  # in the form of a snapshot

    def of(
        self,
        configuration: str,
        markers: Mapping[str, Any],
        first: Collection[Key] = (),
        without: Collection[str] = (),
    ) -> list[Package]:
        """Return the preferences of one configuration: its own pins, the lock's, the others'.

        The pins ``first`` precede all others; the names ``without`` have no preferences.
        """
        lock = sorted(self._lock, key=lambda one: not one.is_for(markers))
        ordered = [
            *(self._packages[key] for key in self._latest_first if key in first),
            *(self._packages[key] for key in self._own(configuration)),
            *(one.package for one in lock),
            *(self._packages[key] for key in self._latest_first),
        ]
        chosen: dict[str, Package] = {}
        for one in ordered:
            if one.name not in without and one.source_type != "directory":
                chosen.setdefault(repr(one), one)
        return [*chosen.values()]

    def of_builds(
        self, configuration: str, preferred: Iterable[Package], without: Collection[str] = ()
    ) -> list[Package]:
        """Return the preferences of its build requirements: their own pins, then ``preferred``."""
        entry = self._entry(configuration)
        keys = () if entry is None else sorted(used_to_build(entry), key=order)
        own = [self._packages[key] for key in keys if key in self._packages]
        ordered = [*(one for one in own if one.name not in without), *preferred]
        return [*{repr(one): one for one in reversed(ordered)}.values()][::-1]

    def _own(self, configuration: str) -> list[Key]:
        entry = self._entry(configuration)
        if entry is None:
            return []
        return [
            (name, (one.version, one.source))
            for name, one in entry.packages.items()
            if (name, (one.version, one.source)) in self._packages
        ]

    def _entry(self, configuration: str) -> ConfigurationEntry | None:
        return None if self.snapshot is None else self.snapshot.configurations.get(configuration)


def preferable(name: str, pin: PackageEntry, folder: Path) -> Package:
    """Return a pin as a preference: an index's by version alone, since the index has the rest."""
    match pin.source:
        case PyPI():
            return Package(name, pin.version)
        case Index(name=index, url=url):
            return Package(
                name, pin.version, source_type="legacy", source_url=url, source_reference=index
            )
        case _:
            return package_translation.package(name, pin, folder)
