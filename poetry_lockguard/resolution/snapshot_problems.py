"""Everything that can be wrong with a snapshot, for ``snapshot verify`` and ``check --deep``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.outcomes import Problem
from poetry_lockguard.settings import parse as parse_settings
from poetry_lockguard.snapshots import local_files
from poetry_lockguard.snapshots.configuration_drift import configuration_drift
from poetry_lockguard.snapshots.format.canonical import Seal
from poetry_lockguard.snapshots.installable import installable
from poetry_lockguard.snapshots.manifest_drift import drift
from poetry_lockguard.snapshots.usage import pins, used
from poetry_lockguard.targets.declared import declared_configurations

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from poetry_lockguard.resolution.preferences import Locked
    from poetry_lockguard.resolution.project_configurations import SnapshotProject
    from poetry_lockguard.snapshots.document import PackageEntry, Snapshot
    from poetry_lockguard.snapshots.format.reader import Reading
    from poetry_lockguard.snapshots.usage import Key
    from poetry_lockguard.targets.configuration import Configuration


def problems(
    reading: Reading,
    project: SnapshotProject,
    chosen: Sequence[Configuration],
    lock: Sequence[Locked],
    file: str,
) -> Iterator[Problem]:
    """Judge a snapshot against the manifest, its own pins, the lock and its targets.

    Nothing is written, no network asked. ``file`` is what the problems call the snapshot.
    """
    from poetry_lockguard.resolution import (
        build_verification,
        directory_pins,
        snapshot_trust,
        snapshot_verification,
    )

    snapshot = reading.snapshot
    if reading.seal is not Seal.OK:
        yield Problem(
            code="seal",
            message=reading.flaw,
            file=file,
        )
    yield from drift(snapshot.project, project.project(), file)
    yield from configuration_drift(snapshot, _declared(project, chosen), file)
    beside = [*local_files.problems(_used(snapshot, chosen), project.folder, file)]
    yield from beside
    lost = {one.package for one in beside}
    for problem in snapshot_verification.closed(project, snapshot, chosen, file):
        if problem.code != "missing-pin" or problem.package not in lost:
            yield problem  # of a lost file Poetry cannot tell that it was one, so no pin fits it
    names = [one.name for one in chosen if one.name in snapshot.configurations]
    yield from snapshot_trust.problems(project.manifest, snapshot, project.folder, file, names)
    has_lock = project.manifest.lock_path.exists()
    yield from directory_pins.problems(snapshot, names, project.folder, file, has_lock=has_lock)
    yield from snapshot_verification.agreement(project, snapshot, chosen, lock, file)
    for one in chosen:
        if one.name in names:
            own = snapshot_verification.of(snapshot, one.name)
            yield from installable(one, own, file)
    own_build = project.own_build_requires()
    yield from build_verification.build_problems(snapshot, names, own_build, project.folder, file)
    yield from snapshot_verification.unused(snapshot, project, file)


def _declared(
    project: SnapshotProject, chosen: Sequence[Configuration]
) -> dict[str, Configuration]:
    """Return those of these configurations that the settings declare, as they do today."""
    manifest = project.manifest
    declared = declared_configurations(
        manifest, parse_settings(manifest.settings, str(manifest.path))
    )
    return {one.name: declared[one.name] for one in chosen if one.name in declared}


def _used(snapshot: Snapshot, chosen: Sequence[Configuration]) -> dict[Key, PackageEntry]:
    """Return the pins that these configurations use."""
    entries = [snapshot.configurations.get(one.name) for one in chosen]
    keys = {key for entry in entries if entry is not None for key in used(entry)}
    return {key: entry for key, entry in pins(snapshot).items() if key in keys}
