"""``poetry lockguard snapshot remove``: unpin by names, globs or ranges."""

from __future__ import annotations

from typing import ClassVar

from cleo.helpers import argument

from poetry_lockguard.commands.options import TEXT_OR_JSON, Option
from poetry_lockguard.commands.snapshot.snapshot_command import SnapshotBaseCommand
from poetry_lockguard.commands.snapshot.snapshot_options import FILE
from poetry_lockguard.snapshots import pin_changes
from poetry_lockguard.snapshots.patterns import pattern
from poetry_lockguard.snapshots.pin_changes import NoMatch


class SnapshotRemoveCommand(SnapshotBaseCommand):
    """Removes pins; if a pattern matches no pin, nothing is removed."""

    name = "lockguard snapshot remove"
    description = "Remove pins: by name, glob (mat*) or range (matrix<2)."
    accepts: ClassVar[tuple[Option, ...]] = (FILE, TEXT_OR_JSON)

    def configure(self) -> None:
        """Declare the patterns."""
        super().configure()
        text = "What to remove: a name, a glob such as mat*, or a range such as 'matrix<2'."
        self._definition.add_argument(argument("pattern", text, multiple=True))

    def guard(self) -> int:
        """Remove the pins that match."""
        from poetry_lockguard.report.snapshot_outcomes import SnapshotRefused

        wanted = [pattern(text) for text in self.argument("pattern")]
        with self.turn():
            previous = self.read()
            outcome = pin_changes.remove(previous.snapshot, wanted)
            if isinstance(outcome, NoMatch):
                texts = ", ".join(outcome.patterns)
                note = f"no pin fits {texts}; nothing was removed"
                return self.tell(SnapshotRefused(notes=[note]))
            return self.finish(outcome.snapshot, previous, notes=lost(outcome.affected))


def lost(names: tuple[str, ...]) -> list[str]:
    """Return the note that names the configurations that are now incomplete."""
    if not names:
        return []
    options = " ".join(f"--config {name}" for name in names)
    return [
        (
            f"no longer complete: {', '.join(names)};"
            f" `poetry lockguard snapshot create {options}` resolves again"
        )
    ]
