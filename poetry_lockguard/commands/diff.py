"""``poetry lockguard diff``: what changed between two locks, package by package."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from poetry_lockguard.commands import comparison
from poetry_lockguard.commands.base import GuardedCommand
from poetry_lockguard.commands.snapshot.snapshot_revisions import is_snapshot
from poetry_lockguard.commands.terminal.output import deliver
from poetry_lockguard.commands.terminal.project_path import project_folder
from poetry_lockguard.errors import UsageError
from poetry_lockguard.lockfile import revisions
from poetry_lockguard.lockfile.changes import changes, lock_changes
from poetry_lockguard.report.change_lines import View
from poetry_lockguard.report.diff import FORMATS
from poetry_lockguard.report.diff_values import Diff
from poetry_lockguard.snapshots.format.writer import FILE as SNAPSHOT

if TYPE_CHECKING:
    from pathlib import Path

    from poetry_lockguard.commands.options import Option


class DiffCommand(GuardedCommand):
    """Compares two locks, each of them a file or from a git revision."""

    name = "lockguard diff"
    description = "Show what changed between two locks, package by package."
    accepts: ClassVar[tuple[Option, ...]] = comparison.OPTIONS

    def configure(self) -> None:
        """Declare the arguments for the two sides."""
        super().configure()
        for side in comparison.sides("A lock or snapshot file"):
            self._definition.add_argument(side)

    def guard(self) -> int:
        """Compare and print."""
        folder = project_folder(self)
        if any(is_snapshot(self.argument(side), folder) for side in ("old", "new")):
            return self._snapshots(folder)
        old = revisions.find(self.argument("old") or "HEAD", folder)
        new = self.argument("new")
        after = revisions.find(new, folder) if new else revisions.working_tree(folder)
        if old.lock is None and after.lock is None:
            raise UsageError(f"{old.name}, {after.name}: neither side has a lock")
        diff = Diff(
            old=old.name,
            new=after.name,
            changes=changes(old.lock, after.lock),
            own=lock_changes(old.lock, after.lock),
            view=self._view(),
        )
        text = FORMATS[self.option("format")](diff)
        deliver(self, text, folder / SNAPSHOT, self.argument("old"), new)
        return comparison.ending(self, is_same=diff.is_same)

    def _view(self) -> View:
        if self.option("output"):
            return View(verbose=self.io.is_verbose())
        return View.of_terminal(verbose=self.io.is_verbose(), color=self.io.output.is_decorated())

    def _snapshots(self, folder: Path) -> int:
        """Compare two snapshots; one side is a snapshot, so the other must be one."""
        from poetry_lockguard.commands.snapshot import snapshot_revisions
        from poetry_lockguard.report import snapshot_diff

        own = folder / SNAPSHOT
        new = self.argument("new")
        after = snapshot_revisions.find(new, own) if new else snapshot_revisions.working_tree(own)
        before = snapshot_revisions.find(self.argument("old"), own)
        diff = snapshot_revisions.difference(before, after, verbose=self.io.is_verbose())
        text = snapshot_diff.FORMATS[self.option("format")](diff)
        deliver(self, text, own, self.argument("old"), new)
        return comparison.ending(self, is_same=not diff.found)
