"""``poetry lockguard digest``: print what a cache of an installed snapshot is keyed by."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from poetry_lockguard.commands.snapshot.snapshot_command import SnapshotBaseCommand, split_names
from poetry_lockguard.commands.snapshot.snapshot_options import CONFIG, FILE
from poetry_lockguard.errors import ManifestError
from poetry_lockguard.outcomes import Exit
from poetry_lockguard.snapshots.install_digest import digest

if TYPE_CHECKING:
    from pathlib import Path

    from poetry_lockguard.commands.options import Option


class DigestCommand(SnapshotBaseCommand):
    """Prints a digest that changes exactly when what is installed changes."""

    name = "lockguard digest"
    description = "Print a digest of what is installed: the key of a cache or a container layer."
    accepts: ClassVar[tuple[Option, ...]] = (FILE, CONFIG)

    @property
    def path(self) -> Path:
        """The snapshot's file; without a manifest, the one beside the start folder."""
        try:
            return super().path
        except ManifestError:
            return self.start_folder() / "lockguard.lock"

    def guard(self) -> int:
        """Print one digest of the named configurations, by default of all."""
        reading = self.read()
        reading.must_be_sealed("no digest")
        names = [*split_names(self.option("config"))] or [*reading.snapshot.configurations]
        for name in names:
            reading.entry(name)
        self.say(digest(reading.snapshot, names))
        return Exit.OK
