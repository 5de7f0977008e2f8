"""A command that only groups others, and lists them."""

from __future__ import annotations

from typing import ClassVar

from cleo.helpers import argument

from poetry_lockguard.commands.base import GuardedCommand
from poetry_lockguard.errors import UsageError
from poetry_lockguard.nearest_names import nearest
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
        words = self.argument("word")
        if words:
            short = self._short_name
            meant = f"{short} {nearest(words[0], self._below())}"
            raise UsageError(f"there is no command '{short} {words[0]}'; did you mean {meant}?")
        self.line(f"Usage:\n  poetry {self.name} COMMAND [options]\n\n{self._listed()}")
        return Exit.OK

    @property
    def processed_help(self) -> str:
        """The list of the commands, and what the help of every command says."""
        return f"{self._listed()}\n\n{super().processed_help}"

    def _below(self) -> dict[str, str]:
        """Return the description of each command below this one."""
        found = self.get_application().all(self.name)
        return {
            full.rpartition(" ")[2]: command.description
            for full, command in found.items()
            if not command.hidden
        }

    def _listed(self) -> str:
        below = self._below()
        width = max(map(len, below))
        rows = (f"  {word:{width}}  {description}" for word, description in below.items())
        return "\n".join(["Commands:", *rows])
