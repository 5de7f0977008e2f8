"""The pins of some configurations, each once, with the configurations that use it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from poetry_lockguard.exports.files import installable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from poetry_lockguard.exports.files import Installable
    from poetry_lockguard.snapshots.document import ConfigurationEntry, PackageEntry, Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """One pin; ``used_in`` is the set of configurations, counted as the bits of a number."""

    name: str
    entry: PackageEntry
    used_in: int
    files: Installable


def used(snapshot: Snapshot, entries: Sequence[ConfigurationEntry]) -> Iterator[Used]:
    """Give all pins of these configurations by name, the latest version of each name first."""
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
                    files=_joined(files),
                )


def _joined(files: Sequence[Installable]) -> Installable:
    first, *others = files
    for other in others:
        first |= other
    return first
