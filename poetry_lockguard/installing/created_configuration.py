"""A declared configuration that is created while it is installed, for ``--partial``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from poetry_lockguard.errors import LockguardError
from poetry_lockguard.installing.snapshot_choice import Chosen
from poetry_lockguard.resolution import snapshot_verification
from poetry_lockguard.resolution.preferences import Preferences
from poetry_lockguard.snapshots.assembly import AssembledConfiguration, Tampered, assemble
from poetry_lockguard.snapshots.store import SnapshotStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from poetry_lockguard.resolution.configuration_resolver import ResolvedConfiguration
    from poetry_lockguard.resolution.project_configurations import SnapshotProject
    from poetry_lockguard.snapshots.document import Snapshot
    from poetry_lockguard.snapshots.format.reader import Reading


@dataclass(frozen=True, slots=True)
class CreatedConfiguration:
    """What to install, and the snapshot with it, which is not written yet."""

    chosen: Chosen
    snapshot: Snapshot


def preferences(reading: Reading, project: SnapshotProject) -> Preferences:
    """Return the pins that a new configuration prefers: the lock's, then the other ones'."""
    return Preferences(reading.snapshot, project.preferred_or_none(), project.folder)


def created(
    reading: Reading, project: SnapshotProject, outcome: ResolvedConfiguration
) -> CreatedConfiguration:
    """Return the snapshot with a configuration; LockguardError if it contradicts its pins."""
    resolved = AssembledConfiguration.of(project.project(), [outcome])
    match assemble(reading.snapshot, resolved):
        case Tampered(conflicts):
            places = ", ".join(one.place for one in conflicts)
            raise LockguardError(
                f"{reading.where}: files have other hashes than when they were pinned: {places};"
                " find out why before you install them"
            )
        case snapshot:
            pins = snapshot_verification.of(snapshot, outcome.name)
            entry = snapshot.configurations[outcome.name]
            return CreatedConfiguration(Chosen(outcome.name, entry, pins), snapshot)


def write(
    made: CreatedConfiguration, path: Path, reading: Reading, warn: Callable[[str], None]
) -> None:
    """Add the configuration to the file; LockguardError if the file changed meanwhile."""
    store = SnapshotStore(path, warn)
    with store.exclusive_lock():
        if store.read().content != reading.content:
            raise LockguardError(f"{path}: was changed by somebody else meanwhile; run this again")
        store.put(made.snapshot, reading)
    warn(f"{path}: {made.chosen.name} was created, and is in the snapshot now")
