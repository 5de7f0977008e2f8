"""``poetry lockguard snapshot clean``: drop the pins that no configuration uses."""

from __future__ import annotations

from typing import ClassVar

from poetry_lockguard.commands.options import TEXT_OR_JSON, Option
from poetry_lockguard.commands.snapshot.snapshot_command import SnapshotBaseCommand
from poetry_lockguard.commands.snapshot.snapshot_options import FILE
from poetry_lockguard.snapshots import selection


class SnapshotCleanCommand(SnapshotBaseCommand):
    """Drops unused pins; no configuration changes."""

    name = "lockguard snapshot clean"
    description = "Drop the pins that no configuration uses."
    accepts: ClassVar[tuple[Option, ...]] = (FILE, TEXT_OR_JSON)

    def guard(self) -> int:
        """Write the snapshot without its unused pins."""
        with self.turn():
            previous = self.read()
            return self.finish(selection.clean(previous.snapshot), previous)
