"""Merge two snapshots with a common ancestor: each configuration from the side that changed it.

A configuration is merged as a whole: if both sides changed it, that is a conflict, and so are
different records of the manifest, because nothing is resolved here. Nothing is written that
neither side had, so ``verify`` can still compare the snapshot with the manifest.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from poetry_lockguard.snapshots.disagreement import Disagreement, configuration, pin, project
from poetry_lockguard.snapshots.document import Project, Snapshot
from poetry_lockguard.snapshots.merge import Conflicts, Merged, age, joined_pin
from poetry_lockguard.snapshots.usage import packages, pins, used_in_any_way

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from poetry_lockguard.snapshots.document import ConfigurationEntry, PackageEntry
    from poetry_lockguard.snapshots.usage import Key

Part = TypeVar("Part")
NOTHING = Snapshot(project=Project(name=None))


class _Clash(Exception):  # noqa: N818 - a signal
    """Both sides changed it differently."""


def merge(base: Snapshot | None, ours: Snapshot, theirs: Snapshot) -> Merged | Conflicts:
    """Join what both sides made of ``base`` (``None`` if it did not exist).

    In conflicts, ours is snapshot 0 and theirs is 1.
    """
    base = base or NOTHING
    conflicts: list[Disagreement] = []
    merged_project = ours.project
    try:
        merged_project = _taken(base.project, ours.project, theirs.project)
    except _Clash:
        conflicts += project([(0, ours), (1, theirs)])
    configurations: dict[str, ConfigurationEntry] = {}
    for name in sorted({*ours.configurations, *theirs.configurations}):
        three = tuple(one.configurations.get(name) for one in (base, ours, theirs))
        try:
            entry = _configuration(*three)
        except _Clash:
            conflicts += _clash(name, three[1], three[2])
        else:
            if entry is not None:
                configurations[name] = entry
    wanted = frozenset[object]().union(*map(used_in_any_way, configurations.values()))
    held, contradictions = _pins(pins(base), pins(ours), pins(theirs), wanted)
    conflicts += contradictions
    if conflicts:
        return Conflicts(tuple(sorted(conflicts)))
    newest = max((ours, theirs), key=age)
    return Merged(
        Snapshot(
            project=merged_project,
            configurations=configurations,
            packages=packages(held),
            generated=newest.generated,
            generator=newest.generator,
        )
    )


def _pins(
    base: Mapping[Key, PackageEntry],
    ours: Mapping[Key, PackageEntry],
    theirs: Mapping[Key, PackageEntry],
    wanted: Collection[object],
) -> tuple[dict[Key, PackageEntry], list[Disagreement]]:
    """Merge the pins: one that a side removed is removed, unless it is still used."""
    held: dict[Key, PackageEntry] = {}
    conflicts: list[Disagreement] = []
    for key in {**ours, **theirs}:
        mine, other, before = ours.get(key), theirs.get(key), base.get(key)
        if mine is not None and other is not None:
            try:
                held[key] = _taken(before, mine, other)
            except _Clash:
                conflicts += pin(key, [(0, mine), (1, other)])
                held[key] = joined_pin([mine, other])
        elif (one := mine or other) and (key in wanted or before is None):
            held[key] = one
    return held, conflicts


def _taken(base: Part | None, ours: Part, theirs: Part) -> Part:
    """Return what one side changed, or both in the same way."""
    if ours == theirs or theirs == base:  # noqa: PLR1714 - they cannot be hashed
        return ours
    if ours == base:
        return theirs
    raise _Clash


def _configuration(
    base: ConfigurationEntry | None,
    ours: ConfigurationEntry | None,
    theirs: ConfigurationEntry | None,
) -> ConfigurationEntry | None:
    """Merge the resolution as a whole, and the record of what was installed separately."""
    three = (base, ours, theirs)
    entry = _taken(*(None if one is None else replace(one, installed=None) for one in three))
    if entry is None:
        return None
    installed = _taken(*(None if one is None else one.installed for one in three))
    return replace(entry, installed=installed)


def _clash(
    name: str, ours: ConfigurationEntry | None, theirs: ConfigurationEntry | None
) -> Iterator[Disagreement]:
    if ours is not None and theirs is not None:
        yield from configuration(name, [(0, ours), (1, theirs)])
        return
    sides = [
        ("deleted" if one is None else "changed", (n,)) for n, one in enumerate((ours, theirs))
    ]
    yield Disagreement(place=f"configurations.{name}", sides=tuple(sorted(sides)))
