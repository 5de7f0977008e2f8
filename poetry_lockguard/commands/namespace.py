"""A command that is only the beginning of others' names: it lists them."""

from __future__ import annotations

import difflib
from typing import ClassVar

from cleo.helpers import argument

from poetry_lockguard.commands.base import GuardedCommand
from poetry_lockguard.errors import UsageError
from poetry_lockguard.outcomes import Exit


class ListingCommand(GuardedCommand):
    """Lists the commands whose names begin with its own."""

    takes: ClassVar[str]  #: what its argument is, for the help

    def configure(self) -> None:
        """Take a word, to say which one was meant."""
        super().configure()
        self._definition.add_argument(argument("word", self.takes, optional=True, multiple=True))

    def guard(self) -> int:
        """List them; a word that is none of them is an error."""
        name = self.name or ""
        short = name.removeprefix("lockguard ")
        found = self.get_application().all(name)
        below = {full.rpartition(" ")[2]: command for full, command in found.items()}
        words = self.argument("word")
        if words:
            (nearest,) = difflib.get_close_matches(words[0], [*below], n=1, cutoff=0)
            raise UsageError(
                f"there is no command {short} {words[0]!r}; the nearest is {short} {nearest}"
            )
        width = max(map(len, below))
        self.line(f"Usage:\n  poetry {name} COMMAND [options]\n\nCommands:")
        for word, command in below.items():
            self.line(f"  {word:{width}}  {command.description}")
        return Exit.OK
