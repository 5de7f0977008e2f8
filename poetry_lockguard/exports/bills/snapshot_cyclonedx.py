"""A software bill of materials (CycloneDX) of what one configuration of a snapshot installs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from packaging.markers import Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.utils import canonicalize_name

from poetry_lockguard.exports.bills.lock_cyclonedx import cyclonedx
from poetry_lockguard.exports.lock_selection import PlacedPin
from poetry_lockguard.exports.pin_selection import used
from poetry_lockguard.lockfile.document import Pin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from poetry_lockguard.exports.outcome import Export
    from poetry_lockguard.snapshots.document import ConfigurationEntry, PackageEntry, Snapshot

_HEAD = re.compile(r"([\w.-]+)\s*(?:\[([^\[\]]*)\])?")
Asked = dict[str, set[str]]  # the extras that are asked for, by the name of the package


def cyclonedx_of_snapshot(project: str, snapshot: Snapshot, name: str) -> Export:
    """Write the bill of a configuration of ``project``; LockguardError without the library."""
    entry = snapshot.configurations[name]
    entries = {one.name: one.entry for one in used(snapshot, [entry])}
    asked = _asked(snapshot, entry, entries)
    placed = [
        PlacedPin(pin=_pin(package, one, asked[package], entry), entry=one, marker="")
        for package, one in entries.items()
    ]
    return cyclonedx(project, placed, {})


def _asked(
    snapshot: Snapshot, entry: ConfigurationEntry, entries: Mapping[str, PackageEntry]
) -> Asked:
    """Return the extras of each package that the project or another package asks for."""
    found: Asked = {package: set() for package in entries}
    for group in entry.groups:
        _ask(found, snapshot.project.requirements.get(group, ()), {*entry.extras}, entry)
    before = -1
    while before != (before := sum(map(len, found.values()))):
        for package, one in entries.items():
            _ask(found, one.dependencies, found[package], entry)
    return found


def _ask(found: Asked, texts: Iterable[str], extras: set[str], entry: ConfigurationEntry) -> None:
    for package, wanted in _holding(texts, {*extras}, entry):
        if package in found:
            found[package] |= wanted


def _holding(
    texts: Iterable[str], extras: set[str], entry: ConfigurationEntry
) -> Iterator[tuple[str, set[str]]]:
    """Yield the packages, with their extras, that requirements ask for on the target."""
    for text in texts:
        head, _, marker = text.partition(" ; ")
        match = _HEAD.match(head)
        if match is not None and any(_holds(marker, extra, entry) for extra in ("", *extras)):
            wanted = {str(canonicalize_name(one)) for one in (match[2] or "").split(",") if one}
            yield canonicalize_name(match[1]), wanted


def _holds(marker: str, extra: str, entry: ConfigurationEntry) -> bool:
    try:
        return not marker or Marker(marker).evaluate({**entry.target.environment, "extra": extra})
    except (UndefinedComparison, UndefinedEnvironmentName):
        return False


def _pin(name: str, one: PackageEntry, extras: set[str], entry: ConfigurationEntry) -> Pin:
    """Return a pin as a lock's: it needs what it requires on the target."""
    needed: dict[str, tuple[str | dict[str, Any], ...]] = {
        package: ("*",) for package, _ in _holding(one.dependencies, extras, entry)
    }
    return Pin(
        name=name,
        version=one.version,
        source=None,
        python_versions="*",
        optional=False,
        groups=(),
        markers=None,
        files=(),
        dependencies=needed,
        extras={},
        line=1,
        raw={},
    )
