"""The pins of some configurations, each once, with the configurations that use it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from poetry_lockguard.snapshots.compatible_files import installable
from poetry_lockguard.snapshots.origins import Index, PyPI

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from poetry_lockguard.snapshots.compatible_files import Installable
    from poetry_lockguard.snapshots.document import ConfigurationEntry, PackageEntry, Snapshot


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
