"""Whether a project's snapshot still follows its manifest and its lock, without resolving."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.errors import LockguardError
from poetry_lockguard.manifest.content_hash import newest_hash

if TYPE_CHECKING:
    from poetry_lockguard.lockfile.document import Lock
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.settings import Settings
    from poetry_lockguard.snapshots.document import Snapshot


def snapshot_behind(manifest: Manifest, settings: Settings, lock: Lock | None) -> str | None:
    """Return the name of a snapshot that is behind; None if it is in step, or not readable.

    What is wrong with a snapshot in any other way is reported by ``snapshot verify``.
    """
    path = manifest.folder / settings.snapshot
    if lock is None or not path.is_file():
        return None
    from poetry_lockguard.snapshots.store import read

    try:
        snapshot = read(path).snapshot
    except LockguardError:
        return None
    recorded = newest_hash(manifest.data)
    is_in_step = snapshot.project.content_hash == recorded and _follows(snapshot, lock)
    return None if is_in_step else settings.snapshot


def _follows(snapshot: Snapshot, lock: Lock) -> bool:
    """Whether the lock pins every package at its version; a variant may differ on purpose."""
    locked = {(pin.name, pin.version) for pin in lock.pins}
    return all(
        (name, resolved.version) in locked
        for entry in snapshot.configurations.values()
        if not (entry.sources or entry.constraints)
        for name, resolved in entry.packages.items()
    )
