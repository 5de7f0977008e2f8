"""The pins of some configurations, each once, and those that build the packages of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from poetry_lockguard.snapshots.compatible_files import installable
from poetry_lockguard.snapshots.origins import Index, PyPI
from poetry_lockguard.snapshots.usage import pins as held_pins

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from poetry_lockguard.snapshots.compatible_files import Installable
    from poetry_lockguard.snapshots.document import (
        ConfigurationEntry,
        PackageEntry,
        Resolved,
        Snapshot,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """One pin, and the sets of configurations, as the bits of a number, that use it.

    ``unserved`` are those among them in which none of an index's files installs.
    """

    name: str
    entry: PackageEntry
    used_in: int
    unserved: int
    files: Installable


def used(snapshot: Snapshot, entries: Sequence[ConfigurationEntry]) -> Iterator[Used]:
    """Yield all pins of these configurations by name, the latest version of each name first."""
    for name, pins in snapshot.packages.items():
        for pin in pins:
            found = [
                number
                for number, entry in enumerate(entries)
                if name in entry.packages
                and (entry.packages[name].version, entry.packages[name].source) == pin.pin
            ]
            if found:
                files = [installable(name, pin, entries[number].target) for number in found]
                yield Used(
                    name=name,
                    entry=pin,
                    used_in=sum(1 << number for number in found),
                    unserved=_unserved(pin, dict(zip(found, files, strict=True))),
                    files=_joined(files),
                )


def _unserved(pin: PackageEntry, files: Mapping[int, Installable]) -> int:
    match pin.source:
        case PyPI() | Index() if pin.files:
            return sum(1 << number for number, found in files.items() if not found.names)
        case _:
            return 0


def _joined(files: Sequence[Installable]) -> Installable:
    first, *others = files
    for other in others:
        first |= other
    return first


def builds_of(entry: ConfigurationEntry, name: str) -> Mapping[str, Resolved]:
    """Return the set of build requirements that a package is built with."""
    return entry.build_apart.get(name, entry.build)


def has_pinned_builds(entry: ConfigurationEntry, name: str, pin: PackageEntry) -> bool:
    """Whether a configuration pins all that the archive of one of its packages asks for."""
    return pin.build_requires is not None and not any(
        unpinned(pin.build_requires, builds_of(entry, name), entry.target.environment)
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
    held = held_pins(snapshot)
    return {name: held[name, (one.version, one.source)] for name, one in build.items()}
