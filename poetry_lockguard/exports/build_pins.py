"""What builds the packages of one configuration: pins, and whether they are all there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from poetry_lockguard.snapshots.usage import pins

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from poetry_lockguard.snapshots.document import (
        ConfigurationEntry,
        PackageEntry,
        Resolved,
        Snapshot,
    )


def builds_of(entry: ConfigurationEntry, name: str) -> Mapping[str, Resolved]:
    """Return the set of build requirements that a package is built with."""
    return entry.build_apart.get(name, entry.build)


def has_pinned_builds(entry: ConfigurationEntry, name: str, pin: PackageEntry) -> bool:
    """Whether a configuration pins all that the archive of one of its packages asks for."""
    return pin.build_requires is not None and not any(
        unpinned(pin.build_requires, builds_of(entry, name), entry.target.markers)
    )


def unpinned(
    requires: tuple[str, ...], build: Mapping[str, Resolved], markers: Mapping[str, str]
) -> Iterator[str]:
    """Yield the build requirements that hold in an environment and that no pin fits."""
    for text in requires:
        requirement = Requirement(text)
        pin = build.get(canonicalize_name(requirement.name))
        if _holds(requirement, markers) and (
            pin is None or not requirement.specifier.contains(pin.version, prereleases=True)
        ):
            yield text


def _holds(requirement: Requirement, markers: Mapping[str, str]) -> bool:
    if requirement.marker is None:
        return True
    try:
        return requirement.marker.evaluate({**markers, "extra": ""})
    except (UndefinedComparison, UndefinedEnvironmentName):
        return False


def build_entries(snapshot: Snapshot, build: Mapping[str, Resolved]) -> dict[str, PackageEntry]:
    """Return the pins of one set of build requirements by name."""
    held = pins(snapshot)
    return {name: held[name, (one.version, one.source)] for name, one in build.items()}
