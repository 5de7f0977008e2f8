"""A command that only groups others, and lists them."""

from __future__ import annotations

from typing import ClassVar

from cleo.helpers import argument

from poetry_lockguard.commands.base import GuardedCommand
from poetry_lockguard.commands.help.nearest import nearest
from poetry_lockguard.errors import UsageError
from poetry_lockguard.outcomes import Exit


class ListingCommand(GuardedCommand):
    """Lists the commands whose names begin with its own."""

    takes: ClassVar[str]  #: help of its argument

    def configure(self) -> None:
        """Accept a word, to suggest the nearest command."""
        super().configure()
        self._definition.add_argument(argument("word", self.takes, optional=True, multiple=True))

    def guard(self) -> int:
        """List the commands; an unknown word is an error."""
        name = self.name or ""
        short = name.removeprefix("lockguard ")
        found = self.get_application().all(name)
        below = {
            full.rpartition(" ")[2]: command
            for full, command in found.items()
            if not command.hidden
        }
        words = self.argument("word")
        if words:
            meant = f"{short} {nearest(words[0], below)}"
            raise UsageError(f"there is no command '{short} {words[0]}'; did you mean {meant}?")
        width = max(map(len, below))
        self.line(f"Usage:\n  poetry {name} COMMAND [options]\n\nCommands:")
        for word, command in below.items():
            self.line(f"  {word:{width}}  {command.description}")
        return Exit.OK
