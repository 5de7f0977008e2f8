"""Adds, replaces and removes pins: everything that was requested, or nothing.

A configuration never gets a pin that it was not resolved with. If its pin is removed, it loses the
package; ``affected`` names it, and it has to be resolved again before it can be used.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from poetry_lockguard.snapshots.disagreement import Disagreement, pin
from poetry_lockguard.snapshots.format.file_facts import first_known
from poetry_lockguard.snapshots.usage import Key, order, packages, pins, used_in_any_way

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from poetry_lockguard.snapshots.document import (
        ConfigurationEntry,
        PackageEntry,
        Resolved,
        Snapshot,
    )
    from poetry_lockguard.snapshots.patterns import Pattern

Named = tuple[str, "PackageEntry"]  # a pin with its normalised name


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """The new snapshot, and what makes it new; ``affected`` are configurations that lost a pin."""

    snapshot: Snapshot
    added: tuple[Named, ...] = ()
    removed: tuple[Named, ...] = ()
    affected: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NoMatch:
    """These patterns match no pin, so nothing was removed."""

    patterns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contradicted:
    """These pins exist already with other contents; side 0 is the existing one."""

    conflicts: tuple[Disagreement, ...]


def add(snapshot: Snapshot, new: Iterable[Named]) -> Changed | Contradicted:
    """Add these pins; existing pins gain the files that they lack."""
    held = {**pins(snapshot)}
    before = {*held}
    conflicts: list[Disagreement] = []
    added: dict[Key, Named] = {}
    for name, entry in new:
        key = name, entry.pin
        known = held.get(key, entry)
        conflicts += pin(key, [(0, known), (1, entry)])
        files = {**entry.files, **known.files}
        held[key] = replace(known, files=files, facts=first_known(files, (known, entry)))
        if key not in before:
            added[key] = name, held[key]
    if conflicts:
        return Contradicted(tuple(conflicts))
    return Changed(
        snapshot=replace(snapshot, packages=packages(held)), added=_sorted(added.values())
    )


def update(
    snapshot: Snapshot, new: Sequence[Named], chosen: Collection[str] | None = None
) -> Changed:
    """Replace all pins of these names; a pin that is among the new ones stays in use.

    If configurations are ``chosen``, all others keep their pins.
    """
    held = pins(snapshot)
    wanted = {
        (name, entry.pin): _knowing(entry, held.get((name, entry.pin))) for name, entry in new
    }
    names = {name for name, _ in new}
    gone = {key for key in pins(snapshot) if key[0] in names and key not in wanted}
    changed = _without(snapshot, gone, chosen)
    fresh = [(key[0], entry) for key, entry in wanted.items() if key not in held]
    return replace(
        changed,
        snapshot=replace(changed.snapshot, packages=packages({**pins(changed.snapshot), **wanted})),
        added=_sorted(fresh),
    )


def _knowing(entry: PackageEntry, known: PackageEntry | None) -> PackageEntry:
    """Return a pin with what is known of its files already."""
    if known is None:
        return entry
    return replace(entry, facts=first_known(entry.files, (known, entry)))


def remove(snapshot: Snapshot, patterns: Sequence[Pattern]) -> Changed | NoMatch:
    """Remove every pin that a pattern fits, from the configurations too."""
    found = {
        each.text: {key for key in pins(snapshot) if each.fits(key[0], key[1][0])}
        for each in patterns
    }
    if missing := tuple(text for text, keys in found.items() if not keys):
        return NoMatch(missing)
    return _without(snapshot, {key for keys in found.values() for key in keys})


def _without(
    snapshot: Snapshot, unwanted: set[Key], chosen: Collection[str] | None = None
) -> Changed:
    """Take pins from the chosen configurations, by default all; what no other uses is removed."""
    held = pins(snapshot)
    others = {name for name in snapshot.configurations if chosen is not None and name not in chosen}
    used = (used_in_any_way(snapshot.configurations[name]) for name in others)
    gone = unwanted - frozenset[Key]().union(*used)
    configurations = {
        name: entry if name in others else _lighter(entry, unwanted)
        for name, entry in snapshot.configurations.items()
    }
    affected = sorted(
        name for name, entry in configurations.items() if entry != snapshot.configurations[name]
    )
    kept = {key: entry for key, entry in held.items() if key not in gone}
    return Changed(
        snapshot=replace(snapshot, configurations=configurations, packages=packages(kept)),
        removed=_sorted((key[0], held[key]) for key in gone),
        affected=tuple(affected),
    )


def _lighter(entry: ConfigurationEntry, gone: set[Key]) -> ConfigurationEntry:
    def kept(packages: Mapping[str, Resolved]) -> dict[str, Resolved]:
        return {
            name: resolved
            for name, resolved in packages.items()
            if (name, (resolved.version, resolved.source)) not in gone
        }

    return replace(
        entry,
        packages=kept(entry.packages),
        build=kept(entry.build),
        build_apart={name: kept(build) for name, build in entry.build_apart.items()},
    )


def _sorted(pins: Iterable[Named]) -> tuple[Named, ...]:
    return tuple(sorted(pins, key=lambda pin: order((pin[0], pin[1].pin))))
