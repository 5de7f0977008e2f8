"""What is different between two snapshots, or between two configurations of one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from packaging.version import Version

from poetry_lockguard.lockfile.changes import Change, LockChange
from poetry_lockguard.plurals import counted
from poetry_lockguard.snapshots import origins
from poetry_lockguard.snapshots.disagreement import listed
from poetry_lockguard.snapshots.usage import Key, order, pins, users

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from poetry_lockguard.snapshots.document import (
        ConfigurationEntry,
        PackageEntry,
        Project,
        Resolved,
        Snapshot,
    )

NOTHING: Mapping[str, Resolved] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationChange:
    """One configuration: ``kind`` is "added", "removed" or "changed"; and its packages.

    ``own`` is what changed in its target, groups and extras.
    """

    name: str
    kind: str
    changes: tuple[Change, ...]
    own: tuple[LockChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """All that is different.

    ``pins`` are those that no configuration of either side uses, and those that are the same and
    yet say something else of themselves; ``grown`` are those that say the same and more;
    ``project`` is what differs in the manifest.
    """

    configurations: tuple[ConfigurationChange, ...] = ()
    pins: tuple[Change, ...] = ()
    grown: tuple[Change, ...] = ()
    project: tuple[LockChange, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.configurations or self.pins or self.grown or self.project)


def differences(old: Snapshot | None, new: Snapshot | None) -> Differences:
    """Compare two snapshots; ``None`` is a missing one."""
    before = {} if old is None else old.configurations
    after = {} if new is None else new.configurations
    compared = (
        _configuration(name, before.get(name), after.get(name))
        for name in sorted({*before, *after})
    )
    return Differences(
        configurations=tuple(one for one in compared if one is not None),
        pins=tuple(_pins(old, new)),
        grown=tuple(_grown(old, new)),
        project=() if old is None or new is None else tuple(_project(old.project, new.project)),
    )


def between(old: ConfigurationEntry, new: ConfigurationEntry) -> tuple[Change, ...]:
    """Compare two configurations of one snapshot."""
    return tuple(_packages(old.packages, new.packages))


def _configuration(
    name: str, old: ConfigurationEntry | None, new: ConfigurationEntry | None
) -> ConfigurationChange | None:
    changes = tuple(
        _packages(
            NOTHING if old is None else old.packages, NOTHING if new is None else new.packages
        )
    )
    if old is None:
        return ConfigurationChange(name=name, kind="added", changes=changes)
    if new is None:
        return ConfigurationChange(name=name, kind="removed", changes=changes)
    own = tuple(_own(old, new))
    if not (changes or own):
        return None
    return ConfigurationChange(name=name, kind="changed", changes=changes, own=own)


def _own(old: ConfigurationEntry, new: ConfigurationEntry) -> Iterator[LockChange]:
    for part in ("python", "implementation", "platform"):
        yield from _said(part, getattr(old.target, part), getattr(new.target, part))
    for marker in sorted({*old.target.markers, *new.target.markers}):
        yield from _said(marker, old.target.markers.get(marker), new.target.markers.get(marker))
    for part in ("groups", "extras", "sources", "constraints"):
        yield from _said(part, listed(getattr(old, part)), listed(getattr(new, part)))
    yield from _builds("build", old.build, new.build)
    for name in sorted({*old.build_apart, *new.build_apart}):
        before, after = old.build_apart.get(name, NOTHING), new.build_apart.get(name, NOTHING)
        yield from _builds(f"build of {name}", before, after)
    if old.installed != new.installed:
        yield from _said("installed", _only(old, new), _only(new, old))


def _builds(
    key: str, old: Mapping[str, Resolved], new: Mapping[str, Resolved]
) -> Iterator[LockChange]:
    for name in sorted({*old, *new}):
        yield from _said(f"{key}: {name}", _identity(old.get(name)), _identity(new.get(name)))


def _only(entry: ConfigurationEntry, other: ConfigurationEntry) -> str:
    """Name what was found installed with one configuration and not with the other."""
    if entry.installed is None:
        return "not recorded"
    found = entry.installed.items() - (other.installed or {}).items()
    return ", ".join(sorted(f"{name} {one.version}" for name, one in found))


def _said(key: str, old: str | None, new: str | None) -> Iterator[LockChange]:
    if old != new:
        yield LockChange(key=key, old=old or None, new=new or None)


def _packages(old: Mapping[str, Resolved], new: Mapping[str, Resolved]) -> Iterator[Change]:
    for name in sorted({*old, *new}):
        yield from _package(name, old.get(name), new.get(name))


def _package(name: str, old: Resolved | None, new: Resolved | None) -> Iterator[Change]:
    if old is None or new is None:
        kind = "added" if old is None else "removed"
        yield Change(package=name, kind=kind, old=_identity(old), new=_identity(new))
        return
    if old.source != new.source:
        yield Change(package=name, kind="re-sourced", old=_identity(old), new=_identity(new))
    elif old.version != new.version:
        is_up = Version(old.version) <= Version(new.version)
        kind = "upgraded" if is_up else "downgraded"
        yield Change(package=name, kind=kind, old=old.version, new=new.version)
    if old.groups != new.groups:
        before, after = ", ".join(old.groups), ", ".join(new.groups)
        yield Change(package=name, kind="groups", old=before or None, new=after or None)
    if old.resolved_by != new.resolved_by:
        before, after = f"for {old.resolved_by}", f"for {new.resolved_by}"
        yield Change(package=name, kind="metadata", old=before, new=after)


def _pins(old: Snapshot | None, new: Snapshot | None) -> Iterator[Change]:
    """Compare the pins themselves; added and removed pins are reported by configuration."""
    before, used_before = _held(old)
    after, used_after = _held(new)
    for key in sorted({*before, *after}, key=order):
        was, now = before.get(key), after.get(key)
        if was is not None and now is not None:
            yield from () if _has_grown(was, now) else _inner(key[0], was, now)
        elif key not in used_before and key not in used_after:
            kind = "added" if was is None else "removed"
            yield Change(package=key[0], kind=kind, old=_identity(was), new=_identity(now))


def _grown(old: Snapshot | None, new: Snapshot | None) -> Iterator[Change]:
    """Compare pins of which only more is known than before: an index says more than a lock."""
    before, after = _held(old)[0], _held(new)[0]
    for key in sorted({*before} & {*after}, key=order):
        if _has_grown(before[key], after[key]):
            yield from _inner(key[0], before[key], after[key])


def _has_grown(old: PackageEntry, new: PackageEntry) -> bool:
    return (
        old.requires_python == new.requires_python
        and {*old.dependencies} <= {*new.dependencies}
        and old.build_requires in {None, new.build_requires}
        and old.files.items() <= new.files.items()
    )


def _held(
    snapshot: Snapshot | None,
) -> tuple[Mapping[Key, PackageEntry], Mapping[Key, tuple[str, ...]]]:
    return ({}, {}) if snapshot is None else (pins(snapshot), users(snapshot))


def _inner(name: str, old: PackageEntry, new: PackageEntry) -> Iterator[Change]:
    """Compare the metadata of one pin, which should never change."""
    if _told(old) != _told(new):
        yield Change(package=name, kind="metadata", old=_metadata(old), new=_metadata(new))
    if old.files != new.files:
        before, after = _files(old, new), _files(new, old)
        yield Change(package=name, kind="files", old=before, new=after)


def _told(entry: PackageEntry) -> tuple[object, ...]:
    return entry.requires_python, entry.dependencies, entry.build_requires


def _metadata(entry: PackageEntry) -> str:
    built = "" if entry.build_requires is None else f", built with {listed(entry.build_requires)}"
    return f"python {entry.requires_python or 'any'}, needs {listed(entry.dependencies)}{built}"


def _files(entry: PackageEntry, other: PackageEntry) -> str:
    """Name the files whose hash is another; if no hash changed, count the files."""
    changed = [
        f"{file} {digest}"
        for file, digest in sorted(entry.files.items())
        if other.files.get(file, digest) != digest
    ]
    return ", ".join(changed) or counted(len(entry.files), "file")


def _project(old: Project, new: Project) -> Iterator[LockChange]:
    for part in ("name", "requires_python", "content_hash"):
        yield from _said(part.replace("_", "-"), getattr(old, part), getattr(new, part))
    for group in sorted({*old.requirements, *new.requirements}):
        yield from _said(
            "group",
            group if group in old.requirements else None,
            group if group in new.requirements else None,
        )
        for was, now in _paired(
            {*old.requirements.get(group, ())}, {*new.requirements.get(group, ())}
        ):
            yield LockChange(key=f"requirement of {group}", old=was, new=now)


def _paired(old: set[str], new: set[str]) -> Iterator[tuple[str | None, str | None]]:
    """Yield the requirements that are not on both sides, beside one another where the name is."""
    for name in sorted({*map(_name, old ^ new)}):
        before = sorted(text for text in old - new if _name(text) == name)
        after = sorted(text for text in new - old if _name(text) == name)
        yield from zip_longest(before, after)


def _name(requirement: str) -> str:
    return re.sub(r"[^\w.-].*", "", requirement).lower()


def _identity(pin: Resolved | PackageEntry | None) -> str | None:
    if pin is None:
        return None
    where = origins.described(pin.source)
    return f"{pin.version} ({where})" if where else pin.version
