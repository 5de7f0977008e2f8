"""``poetry lockguard snapshot add``: look releases up in the indexes and pin all or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from cleo.helpers import argument

from poetry_lockguard.commands.options import TEXT_OR_JSON, Option
from poetry_lockguard.commands.snapshot.release_lookup import exact, look_up
from poetry_lockguard.commands.snapshot.snapshot_command import (
    SnapshotBaseCommand,
    endpoint_reasons,
)
from poetry_lockguard.commands.snapshot.snapshot_options import FILE, NETWORK
from poetry_lockguard.snapshots import pin_changes
from poetry_lockguard.snapshots.document import Snapshot
from poetry_lockguard.snapshots.pin_changes import Contradicted

if TYPE_CHECKING:
    from poetry_lockguard.report.snapshot_outcomes import SnapshotRefused
    from poetry_lockguard.snapshots.pin_changes import Named


class SnapshotAddCommand(SnapshotBaseCommand):
    """Adds pins that the next resolution prefers; no configuration changes."""

    name = "lockguard snapshot add"
    description = "Pin releases (name==version), which the next resolution prefers."
    accepts: ClassVar[tuple[Option, ...]] = (FILE, *NETWORK, TEXT_OR_JSON)

    def configure(self) -> None:
        """Declare the releases."""
        super().configure()
        self._definition.add_argument(
            argument("requirement", "What to pin, as name==version.", multiple=True)
        )

    def guard(self) -> int:
        """Look the releases up and pin them."""
        from poetry_lockguard.report.snapshot_outcomes import SnapshotConflict

        self.read_if_there()
        found = self.releases()
        if not isinstance(found, list):
            return self.tell(found)
        with self.turn():
            previous = self.read_if_there()
            before = (
                Snapshot(project=self.project.project()) if previous is None else previous.snapshot
            )
            outcome = pin_changes.add(before, found)
            if isinstance(outcome, Contradicted):
                note = "other hashes or metadata than those pinned; nothing was written"
                return self.tell(SnapshotConflict(conflicts=outcome.conflicts, notes=[note]))
            return self.finish(outcome.snapshot, previous)

    def releases(self) -> list[Named] | SnapshotRefused:
        """Look up all releases that were asked for, or return which of them no index has."""
        from poetry_lockguard.mirrors.failover import NoEndpointError
        from poetry_lockguard.report.snapshot_outcomes import SnapshotRefused

        wanted = [exact(text) for text in self.argument("requirement")]
        try:
            with self.project.indexes(self.network()) as indexes:
                found, unknown = look_up(indexes, wanted)
        except NoEndpointError as error:
            return SnapshotRefused(notes=endpoint_reasons(error))
        if unknown:
            return SnapshotRefused(
                notes=[f"{release}: no index has it; nothing was written" for release in unknown]
            )
        return found
