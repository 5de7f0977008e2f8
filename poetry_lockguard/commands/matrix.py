"""``poetry lockguard matrix``: the configurations, for a CI system's matrix of jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from poetry_lockguard.commands.options import Option
from poetry_lockguard.commands.snapshot.configurations import declared, this_one
from poetry_lockguard.commands.snapshot.snapshot_command import SnapshotBaseCommand
from poetry_lockguard.outcomes import Exit
from poetry_lockguard.report.matrix import FORMATS, LIMITS

if TYPE_CHECKING:
    from pathlib import Path


class MatrixCommand(SnapshotBaseCommand):
    """Prints the configurations that the settings declare; without any, this interpreter's."""

    name = "lockguard matrix"
    description = "Print the declared configurations as a CI matrix."
    accepts: ClassVar[tuple[Option, ...]] = (
        Option(
            name="format",
            takes="one",
            default="json",
            choices=tuple(FORMATS),
            help="For whom: json, github or gitlab.",
        ),
    )

    @property
    def path(self) -> Path:
        """The snapshot's file, which this command has no option for."""
        return self.manifest.folder / self.settings.snapshot

    def guard(self) -> int:
        """Print them, and warn of more than the system runs at all."""
        form = self.option("format")
        known = [*declared(self.manifest, self.settings).values()]
        self.say(FORMATS[form](known or [this_one(self.project)]))
        if len(known) > (limit := LIMITS.get(form, len(known))):
            self.warn(
                f"{self.manifest.path}: declares {len(known)} configurations, and a matrix may have"
                f" {limit} jobs there; take fewer, or create several in one job with --config"
            )
        return Exit.OK
