"""``poetry lockguard matrix``: the configurations, for a CI system's matrix of jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from poetry_lockguard.commands.configurations import declared, this_one
from poetry_lockguard.commands.options import Option
from poetry_lockguard.commands.snapshot_base import SnapshotBaseCommand
from poetry_lockguard.outcomes import Exit
from poetry_lockguard.report.matrix import FORMATS

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
        """Print them."""
        known = [*declared(self.manifest, self.settings).values()]
        self.say(FORMATS[self.option("format")](known or [this_one(self.project)]))
        return Exit.OK
