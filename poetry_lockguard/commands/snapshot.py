"""``poetry lockguard snapshot`` alone: what there is below it."""

from __future__ import annotations

import difflib

from cleo.helpers import argument

from poetry_lockguard.commands.base import GuardedCommand
from poetry_lockguard.errors import UsageError
from poetry_lockguard.outcomes import Exit


class SnapshotCommand(GuardedCommand):
    """Lists the snapshot commands."""

    name = "lockguard snapshot"
    description = "List the commands for snapshots: the resolution of many configurations."

    def configure(self) -> None:
        """Take a word, to say which one was meant."""
        super().configure()
        self._definition.add_argument(
            argument("word", "A snapshot command.", optional=True, multiple=True)
        )

    def guard(self) -> int:
        """List them; a word that is none of them is an error."""
        application = self.get_application()
        found = application.all("lockguard snapshot")
        below = {name.rpartition(" ")[2]: command for name, command in found.items()}
        words = self.argument("word")
        if words:
            (nearest,) = difflib.get_close_matches(words[0], [*below], n=1, cutoff=0)
            raise UsageError(
                f"there is no command snapshot {words[0]!r}; the nearest is snapshot {nearest}"
            )
        width = max(map(len, below))
        self.line("Usage:\n  poetry lockguard snapshot COMMAND [options]\n\nCommands:")
        for name, command in below.items():
            self.line(f"  {name:{width}}  {command.description}")
        return Exit.OK
