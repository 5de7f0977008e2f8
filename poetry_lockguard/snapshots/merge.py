"""Merge snapshots. Each configuration stays exactly as it was, or the merge fails.

The files of one pin are united, because an index may have gained files between two runs.
Contradictions are conflicts. Merging is commutative, associative and idempotent: the result
depends only on what was merged.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from poetry_lockguard.snapshots.disagreement import Disagreement, configuration, pin, project
from poetry_lockguard.snapshots.document import Snapshot
from poetry_lockguard.snapshots.format import writer
from poetry_lockguard.snapshots.format.checks import at
from poetry_lockguard.snapshots.format.file_facts import least_known
from poetry_lockguard.snapshots.usage import packages, pins, used_in_any_way, users

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from poetry_lockguard.snapshots.document import ConfigurationEntry, PackageEntry
    from poetry_lockguard.snapshots.usage import Key

Preference = Literal["ours", "theirs", "newest"]
PREFERENCES: tuple[Preference, ...] = ("ours", "theirs", "newest")
Side = tuple[int, Snapshot]  # a snapshot, and which of those that are merged it is


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged snapshot; its time is that of the newest one."""

    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class Conflicts:
    """The contradictions between the snapshots."""

    conflicts: tuple[Disagreement, ...]


def merge(snapshots: Sequence[Snapshot], prefer: Preference | None = None) -> Merged | Conflicts:
    """Join one or more snapshots of one project.

    Where they contradict, the first that is preferred wins: "ours" the first given, "theirs" the
    last, "newest" the one generated last. Without a preference all contradictions are listed.
    """
    sides = _ranked([*enumerate(snapshots)], prefer)
    conflicts = [*project(sides)]
    configurations: dict[str, ConfigurationEntry] = {}
    for name in sorted({name for _, one in sides for name in one.configurations}):
        found = [
            (number, one.configurations[name])
            for number, one in sides
            if name in one.configurations
        ]
        conflicts += configuration(name, found)
        configurations[name] = _joined_configuration([entry for _, entry in found])

    held: dict[Key, PackageEntry] = {}
    for key, entries in _gathered(sides, None if prefer is None else configurations).items():
        conflicts += pin(key, entries)
        held[key] = joined_pin([entry for _, entry in entries])
    if conflicts and prefer is None:
        return Conflicts(tuple(sorted(conflicts)))
    newest = max((snapshot for _, snapshot in sides), key=age)
    return Merged(
        Snapshot(
            project=sides[0][1].project,
            configurations=configurations,
            packages=packages(held),
            generated=newest.generated,
            generator=newest.generator,
        )
    )


def _ranked(sides: list[Side], prefer: Preference | None) -> list[Side]:
    match prefer:
        case "theirs":
            return sides[::-1]
        case "newest":
            return sorted(
                sides,
                key=lambda side: (age(side[1]), writer.document(side[1])["sha256"]),
                reverse=True,
            )
        case _:
            return sides


def age(snapshot: Snapshot) -> tuple[bool, datetime | None, str, str]:
    """Order by time, then by content, so that the order of the arguments never matters."""
    when = None if snapshot.generated is None else at(snapshot.generated)
    made = json.dumps({**snapshot.generator}, sort_keys=True)
    return when is not None, when, snapshot.generated or "", made


def _joined_configuration(entries: list[ConfigurationEntry]) -> ConfigurationEntry:
    """Take the preferred one; the record of what was installed may come from another copy."""
    first = entries[0]
    for entry in entries:
        if entry.installed is not None and replace(entry, installed=first.installed) == first:
            return entry
    return first


def _gathered(
    sides: list[Side], preferred: Mapping[str, ConfigurationEntry] | None
) -> Mapping[Key, list[tuple[int, PackageEntry]]]:
    """Collect the pins, except those that only a rejected configuration uses."""
    wanted = frozenset[object]().union(*map(used_in_any_way, (preferred or {}).values()))
    found: dict[Key, list[tuple[int, PackageEntry]]] = defaultdict(list)
    for number, snapshot in sides:
        lost = set() if preferred is None else users(snapshot).keys() - wanted
        for key, entry in pins(snapshot).items():
            if key not in lost:
                found[key].append((number, entry))
    return found


def joined_pin(entries: list[PackageEntry]) -> PackageEntry:
    """Unite the files of copies of one pin; the first copy wins contradictions."""
    if all(entry == entries[0] for entry in entries):
        return entries[0]
    files: dict[str, str] = {}
    for entry in entries[::-1]:
        files.update(entry.files)
    read = (entry.build_requires for entry in entries)
    requires = next((one for one in read if one is not None), None)
    facts = least_known(files, entries)
    return replace(entries[0], files=files, build_requires=requires, facts=facts)
