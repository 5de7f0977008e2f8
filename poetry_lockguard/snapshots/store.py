"""A snapshot's file: how it is read, and written by one program at a time."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from poetry_lockguard import files
from poetry_lockguard.errors import LockguardError, UsageError
from poetry_lockguard.shown_paths import shown
from poetry_lockguard.snapshots.format import writer
from poetry_lockguard.snapshots.format.canonical import Seal
from poetry_lockguard.snapshots.format.reader import parse

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from poetry_lockguard.snapshots.document import Snapshot
    from poetry_lockguard.snapshots.format.reader import Reading

WAIT = 600.0  # seconds to wait for another program's turn


@dataclass(frozen=True, slots=True)
class SnapshotStore:
    """The file of a snapshot; ``warn`` takes what the user has to know about it."""

    path: Path
    warn: Callable[[str], None]

    def read(self) -> Reading:
        """Read the snapshot, warning of a bad seal; raise LockguardError if it is missing."""
        reading = read(self.path)
        self.warn_of_seal(reading)
        return reading

    def warn_of_seal(self, reading: Reading) -> None:
        """Warn about a bad seal."""
        if reading.seal is not Seal.OK:
            self.warn(f"WARNING: {reading.where}: {reading.flaw}")

    def read_if_there(self) -> Reading | None:
        """Read the snapshot, or return None if it does not exist yet."""
        return self.read() if self.path.exists() or self.path.is_symlink() else None

    def exclusive_lock(self) -> AbstractContextManager[None]:
        """Lock the file against other processes; a manifest or a poetry.lock is refused."""
        files.ensure_writable(self.path)
        files.probe(self.path)
        waiting = f"{self.path}: waiting for another process to finish"
        return files.exclusive(self.path, WAIT, lambda: self.warn(waiting))

    def put(self, snapshot: Snapshot, previous: Reading | None, *, verified: bool = False) -> bool:
        """Write the snapshot if anything changed, and return whether it did.

        Call it under ``exclusive_lock``.
        """
        made = snapshot
        if snapshot.generated is None:
            made = replace(snapshot, generated=_now(), generator=_generator())
        content = writer.render(made, previous, verified=verified)
        if previous is not None and content == previous.content and self.path.exists():
            return False
        files.replace(self.path, content)
        return True


def read(path: Path) -> Reading:
    """Read a snapshot; raise LockguardError with one clear line if that fails."""
    try:
        return parse(files.read(path), shown(path))
    except FileNotFoundError as error:
        raise LockguardError(
            f"{shown(path)}: no such snapshot; make one with `poetry lockguard snapshot create`"
        ) from error
    except IsADirectoryError as error:
        raise LockguardError(f"{path}: is a folder, not a snapshot; move it away") from error
    except OSError as error:
        raise LockguardError(f"{path}: cannot be read: {error.strerror}; correct this") from error


def _now() -> str:
    """Return the current time, or that of a reproducible build (``SOURCE_DATE_EPOCH``).

    https://reproducible-builds.org/specs/source-date-epoch/
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if not epoch:
        return datetime.now(timezone.utc).replace(microsecond=0).isoformat()
    try:
        return datetime.fromtimestamp(int(epoch), timezone.utc).isoformat()
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(
            f"SOURCE_DATE_EPOCH: {epoch!r} is not a number of seconds since 1970; correct or"
            " unset the variable"
        ) from error


def _generator() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    try:
        own = version("poetry-lockguard")
    except PackageNotFoundError:  # run from its sources
        own = "unknown"
    return {"lockguard": own, "poetry": version("poetry")}
