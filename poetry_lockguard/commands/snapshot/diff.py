"""``poetry lockguard snapshot diff``: what changed between two snapshots, or two configurations."""

from __future__ import annotations

from typing import ClassVar

from poetry_lockguard.commands import comparison
from poetry_lockguard.commands.options import Option
from poetry_lockguard.commands.snapshot import snapshot_revisions
from poetry_lockguard.commands.snapshot.snapshot_command import SnapshotBaseCommand
from poetry_lockguard.commands.snapshot.snapshot_options import FILE
from poetry_lockguard.commands.terminal.output import deliver
from poetry_lockguard.errors import UsageError
from poetry_lockguard.report import diff as plain
from poetry_lockguard.report.diff_values import Diff
from poetry_lockguard.report.snapshot_diff import FORMATS
from poetry_lockguard.snapshots.differences import between


class SnapshotDiffCommand(SnapshotBaseCommand):
    """Compares two snapshots, each a file or in a git revision."""

    name = "lockguard snapshot diff"
    description = "Show what changed between two snapshots, or --between two configurations."
    accepts: ClassVar[tuple[Option, ...]] = (
        FILE,
        Option(name="between", help="Compare two configurations of the snapshot, not two files."),
        *comparison.OPTIONS,
    )

    def configure(self) -> None:
        """Declare the two sides."""
        super().configure()
        for side in comparison.sides("A snapshot"):
            self._definition.add_argument(side)

    def guard(self) -> int:
        """Compare and print."""
        is_same = self._between() if self.option("between") else self._files()
        return comparison.ending(self, is_same=is_same)

    def _between(self) -> bool:
        old, new = self.argument("old"), self.argument("new")
        if not (old and new):
            raise UsageError("--between takes the names of two configurations")
        reading = self.read()
        changes = between(reading.entry(old), reading.entry(new))
        diff = Diff(old=old, new=new, changes=changes, command="snapshot diff")
        deliver(self, plain.FORMATS[self.option("format")](diff), self.path)
        return diff.is_same

    def _files(self) -> bool:
        old = snapshot_revisions.find(self.argument("old") or "HEAD", self.path)
        new = self.argument("new")
        after = (
            snapshot_revisions.find(new, self.path)
            if new
            else snapshot_revisions.working_tree(self.path)
        )
        diff = snapshot_revisions.difference(old, after, verbose=self.io.is_verbose())
        for reading in (old.reading, after.reading):
            if reading is not None:
                self.store().warn_of_seal(reading)
        text = FORMATS[self.option("format")](diff)
        deliver(self, text, self.path, self.argument("old"), new)
        return not diff.found
