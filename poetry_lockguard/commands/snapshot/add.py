"""``poetry lockguard snapshot add``: pin releases, whole from the index, all or none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from cleo.helpers import argument

from poetry_lockguard.commands.options import TEXT_OR_JSON, Option
from poetry_lockguard.commands.snapshot.release_lookup import exact, look_up
from poetry_lockguard.commands.snapshot.snapshot_command import SnapshotBaseCommand
from poetry_lockguard.commands.snapshot.snapshot_options import FILE, NETWORK
from poetry_lockguard.outcomes import Exit
from poetry_lockguard.snapshots import pin_changes
from poetry_lockguard.snapshots.document import Snapshot
from poetry_lockguard.snapshots.pin_changes import Contradicted

if TYPE_CHECKING:
    from poetry_lockguard.snapshots.pin_changes import Named


class SnapshotAddCommand(SnapshotBaseCommand):
    """Adds pins for the next configuration to use; no configuration changes."""

    name = "lockguard snapshot add"
    description = "Pin releases (name==version), to be preferred by what is resolved next."
    accepts: ClassVar[tuple[Option, ...]] = (FILE, *NETWORK, TEXT_OR_JSON)

    def configure(self) -> None:
        """Declare the releases."""
        super().configure()
        self._definition.add_argument(
            argument("requirement", "What to pin, as name==version.", multiple=True)
        )

    def guard(self) -> int:
        """Look them up, then pin them."""
        self.read_if_there()
        found = self.releases()
        if found is None:
            return self.failed()
        with self.turn():
            previous = self.read_if_there()
            before = (
                Snapshot(project=self.project.project()) if previous is None else previous.snapshot
            )
            outcome = pin_changes.add(before, found)
            if isinstance(outcome, Contradicted):
                note = "other hashes or metadata than those pinned; nothing was written"
                report = replace(self.report("failed"), conflicts=outcome.conflicts, notes=[note])
                return self.tell(report, Exit.FOUND)
            return self.finish(outcome.snapshot, previous)

    def releases(self) -> list[Named] | None:
        """Look up what was asked for; ``None``, all reported, when not all of it is there."""
        from poetry_lockguard.mirrors.failover import NoEndpointError

        wanted = [exact(text) for text in self.argument("requirement")]
        try:
            with self.project.indexes(self.network()) as indexes:
                found, unknown = look_up(indexes, wanted)
        except NoEndpointError as error:
            reasons = [f"{name}: {reason}" for name, reason in error.reasons]
            self._report = replace(self.report("failed"), notes=reasons)
            return None
        if unknown:
            notes = [f"{one}: no index has it; nothing was written" for one in unknown]
            self._report = replace(self.report("failed"), notes=notes)
            return None
        return found
