"""``poetry lockguard matrix``: print the configurations as a matrix of CI jobs."""

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
    """Prints the declared configurations; if there are none, that of this interpreter."""

    name = "lockguard matrix"
    description = "Print the declared configurations as a CI matrix."
    accepts: ClassVar[tuple[Option, ...]] = (
        Option(
            name="format",
            takes="one",
            default="json",
            choices=tuple(FORMATS),
            help="How to print the matrix: json, github or gitlab.",
        ),
    )

    @property
    def path(self) -> Path:
        """The path of the snapshot, for which this command has no option."""
        return self.manifest.folder / self.settings.snapshot

    def guard(self) -> int:
        """Print the configurations, and warn if there are too many for the CI system."""
        form = self.option("format")
        known = [*declared(self.manifest, self.settings).values()]
        self.say(FORMATS[form](known or [this_one(self.project)]))
        if len(known) > (limit := LIMITS.get(form, len(known))):
            self.warn(
                f"{self.manifest.path}: declares {len(known)} configurations, but a matrix may have"
                f" only {limit} jobs there; declare fewer, or resolve several in one job (--config)"
            )
        return Exit.OK
