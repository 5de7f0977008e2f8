"""A snapshot as a table with a row for each package and a cell for each configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from poetry_lockguard.snapshots import origins
from poetry_lockguard.snapshots.usage import pins

if TYPE_CHECKING:
    from collections.abc import Sequence

    from poetry_lockguard.snapshots.document import PackageEntry, Pin, Resolved, Snapshot
    from poetry_lockguard.snapshots.format.canonical import Seal

NONE = "-"  #: the cell of a configuration that does not have the package


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A snapshot, its file name, its seal and the configurations to show."""

    where: str
    snapshot: Snapshot
    seal: Seal
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One package: its pin in each configuration, and why some pins are not reproducible."""

    name: str
    found: tuple[Resolved | None, ...]
    loose: tuple[tuple[str, str], ...]

    @property
    def differs(self) -> bool:
        """Whether two configurations pin different versions or sources of it."""
        return len({(one.version, one.source) for one in self.found if one is not None}) > 1

    @property
    def is_alike(self) -> bool:
        """Whether every configuration has it, at one version from one source."""
        return None not in self.found and not self.differs

    @property
    def cells(self) -> tuple[str, ...]:
        """The versions, with the source if the package comes from several."""
        several = {one.source for one in self.found if one is not None}
        return tuple(
            NONE if one is None else _cell(one, sourced=len(several) > 1) for one in self.found
        )


def rows(shown: Shown) -> tuple[Row, ...]:
    """Return the rows of all packages in these configurations, sorted by name."""
    entries = [shown.snapshot.configurations[name] for name in shown.names]
    packages = sorted({package for entry in entries for package in entry.packages})
    entries_by_key = pins(shown.snapshot)
    return tuple(
        Row(
            name=package,
            found=(found := tuple(entry.packages.get(package) for entry in entries)),
            loose=_loose(
                [entries_by_key[package, pin] for pin in {*map(_pin, filter(None, found))}]
            ),
        )
        for package in packages
    )


def _pin(one: Resolved) -> Pin:
    return one.version, one.source


def _cell(one: Resolved, *, sourced: bool) -> str:
    return f"{one.version} {origins.named(one.source)}" if sourced else one.version


def _loose(entries: Sequence[PackageEntry]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted({(identity(one), one.reason) for one in entries if one.reason}))


def identity(entry: PackageEntry) -> str:
    """Return the version of a pin, and its source if that is not PyPI."""
    where = origins.described(entry.source)
    return f"{entry.version} ({where})" if where else entry.version
