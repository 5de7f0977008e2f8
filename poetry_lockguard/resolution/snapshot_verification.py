"""Checks whether a snapshot's pins suffice, and whether it agrees with poetry.lock."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from poetry_lockguard.outcomes import Problem, Severity
from poetry_lockguard.resolution.configuration_resolver import Unsolvable
from poetry_lockguard.resolution.lock_resolution import completed, from_lock
from poetry_lockguard.snapshots.usage import Key, pins, unused_pins, used

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from poetry_lockguard.resolution.configuration_resolver import ResolvedConfiguration
    from poetry_lockguard.resolution.preferences import Locked
    from poetry_lockguard.resolution.project_configurations import SnapshotProject
    from poetry_lockguard.snapshots.document import ConfigurationEntry, PackageEntry, Snapshot
    from poetry_lockguard.targets.configuration import Configuration


def closed(
    project: SnapshotProject, snapshot: Snapshot, chosen: Sequence[Configuration], file: str
) -> Iterator[Problem]:
    """Resolve each configuration from the snapshot's own pins alone."""
    for configuration in chosen:
        if project.gives_itself(configuration, snapshot):
            continue
        pinned = project.pins(snapshot, configuration)
        entry = snapshot.configurations.get(configuration.name)
        own = {name: one.version for name, one in entry.packages.items()} if entry else {}
        unmet = project.missing(configuration, pinned, own)
        for one in unmet:
            yield Problem(
                code="missing-pin",
                message=f"no pin fits {one.wanted} (needed by {_needer(one.needed_by)})",
                package=one.name,
                requested=one.requirement,
                file=file,
            ).in_configuration(configuration.name)
        if unmet:
            continue
        yield from _resolved(
            configuration.name, entry, project.from_pins(configuration, pinned), file
        )


def _needer(name: str) -> str:
    return "pyproject.toml" if name == "root" else name


def _resolved(
    name: str,
    entry: ConfigurationEntry | None,
    outcome: ResolvedConfiguration | Unsolvable,
    file: str,
) -> Iterator[Problem]:
    if isinstance(outcome, Unsolvable):
        yield Problem(
            code="unsolvable",
            message=f"the pins contradict each other: {' '.join(outcome.reason.split())}",
            file=file,
        ).in_configuration(name)
        return
    if entry is None:
        yield Problem(
            code="not-pinned",
            message=f"is not in the snapshot, although all its pins are there;"
            f" add it with `poetry lockguard snapshot create --config {name}`",
            severity=Severity.WARNING,
            file=file,
        ).in_configuration(name)
        return
    for package in sorted({*entry.packages, *outcome.entry.packages}):
        was, now = entry.packages.get(package), outcome.entry.packages.get(package)
        before = None if was is None else was.version
        after = None if now is None else now.version
        if was is None or now is None or (before, was.source) != (after, now.source):
            yield Problem(
                code="other-packages",
                message=f"{package} {before or 'none'} is recorded, but its pins give"
                f" {after or 'none'}",
                package=package,
                requested=after,
                locked=before,
                file=file,
            ).in_configuration(name)


def unused(snapshot: Snapshot, project: SnapshotProject, file: str) -> Iterator[Problem]:
    """Tell of pins that no configuration uses, and why where they fit no requirement."""
    left = unused_pins(snapshot)
    required = project.constraints(snapshot) if left else {}
    for (name, (version, _)), _entry in sorted(left.items(), key=_by_name):
        fits = any(project.allows(one, version) for one in required.get(name, ()))
        what = "is not used by any configuration" if fits else "fits no requirement"
        yield Problem(
            code="unused-pin",
            message=f"{name} {version} {what}; `poetry lockguard snapshot clean` drops it",
            severity=Severity.NOTE if fits else Severity.WARNING,
            package=name,
            locked=version,
            file=file,
        )


def _by_name(item: tuple[Key, PackageEntry]) -> tuple[str, str]:
    return item[0][0], item[0][1][0]


def agreement(
    project: SnapshotProject,
    snapshot: Snapshot,
    chosen: Sequence[Configuration],
    lock: Sequence[Locked],
    file: str,
) -> Iterator[Problem]:
    """Compare with the pins of poetry.lock that are for the same environment.

    A variant differs from the lock where it has to: only what ``sync`` would move is reported.
    """
    locked_pins = completed(project, lock, snapshot) if lock else ()
    for configuration in chosen:
        entry = snapshot.configurations.get(configuration.name)
        if entry is None or not lock:
            continue
        if configuration.variant:
            entry = _not_what_sync_gives(project, snapshot, configuration, entry)
        markers = project.markers(configuration)
        locked: dict[str, set[str]] = {}
        for one in locked_pins:
            if one.is_for(markers):
                locked.setdefault(str(one.package.name), set()).add(one.package.version.text)
        for name, resolved in sorted(entry.packages.items()):
            versions = locked.get(name, set())
            if lock and resolved.version not in versions:
                others = " or ".join(sorted(versions)) or "not there"
                yield Problem(
                    code="lock-differs",
                    message=f"{name} {resolved.version}, but {others} in"
                    " poetry.lock; run `poetry lockguard snapshot sync` to follow the lock",
                    package=name,
                    requested=others,
                    locked=resolved.version,
                    file=file,
                ).in_configuration(configuration.name)


def _not_what_sync_gives(
    project: SnapshotProject,
    snapshot: Snapshot,
    configuration: Configuration,
    entry: ConfigurationEntry,
) -> ConfigurationEntry:
    """Return those packages of a variant that would move if it followed the lock."""
    resolved, _ = from_lock(project, [configuration], project.locked(), snapshot, lock_first=True)
    given = {name: pin.pin for one in resolved for name, pin in one.pins.items()}
    moved = {
        name: one
        for name, one in entry.packages.items()
        if given.get(name, (one.version, one.source)) != (one.version, one.source)
    }
    return replace(entry, packages=moved)


def of(snapshot: Snapshot, name: str) -> Mapping[str, PackageEntry]:
    """Return the pins of one configuration by name."""
    pinned = pins(snapshot)
    return {key[0]: pinned[key] for key in used(snapshot.configurations[name]) if key in pinned}
