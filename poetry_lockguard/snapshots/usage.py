"""Which configuration uses which pin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.snapshots import origins

if TYPE_CHECKING:
    from collections.abc import Mapping

    from packaging.version import Version

    from poetry_lockguard.snapshots.document import (
        ConfigurationEntry,
        PackageEntry,
        Pin,
        Resolved,
        Snapshot,
    )

Key = tuple[str, "Pin"]  # a pin with its name


def order(key: Key) -> tuple[str, Version, str]:
    """Return the sort key of a pin: name, then version, then source."""
    from packaging.version import Version

    name, (version, source) = key
    return name, Version(version), origins.described(source)


def used(configuration: ConfigurationEntry) -> frozenset[Key]:
    """Return all pins that one configuration installs."""
    return _keys(configuration.packages)


def used_to_build(configuration: ConfigurationEntry) -> frozenset[Key]:
    """Return all pins that build something of one configuration."""
    return frozenset[Key]().union(*map(_keys, configuration.builds))


def used_in_any_way(configuration: ConfigurationEntry) -> frozenset[Key]:
    """Return all pins that one configuration installs, or builds something with."""
    return used(configuration) | used_to_build(configuration)


def _keys(packages: Mapping[str, Resolved]) -> frozenset[Key]:
    return frozenset(
        (name, (resolved.version, resolved.source)) for name, resolved in packages.items()
    )


def users(snapshot: Snapshot) -> Mapping[Key, tuple[str, ...]]:
    """Return, for every pin that is used, the configurations that use it, sorted."""
    found: dict[Key, list[str]] = {}
    for name in sorted(snapshot.configurations):
        for key in used_in_any_way(snapshot.configurations[name]):
            found.setdefault(key, []).append(name)
    return {key: tuple(names) for key, names in found.items()}


def pins(snapshot: Snapshot) -> Mapping[Key, PackageEntry]:
    """Return every pin of the snapshot."""
    return {
        (name, entry.pin): entry for name, entries in snapshot.packages.items() for entry in entries
    }


def unused_pins(snapshot: Snapshot) -> Mapping[Key, PackageEntry]:
    """Return the pins that no configuration uses: added by hand, or left over."""
    held = users(snapshot)
    return {key: entry for key, entry in pins(snapshot).items() if key not in held}


def packages(held: Mapping[Key, PackageEntry]) -> dict[str, tuple[PackageEntry, ...]]:
    """Return pins in the form that a snapshot stores."""
    found: dict[str, tuple[PackageEntry, ...]] = {}
    for (name, _), entry in held.items():
        found[name] = (*found.get(name, ()), entry)
    return found
