"""``lockguard completion``: print a script that lets a shell complete ``lockguard``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleo.helpers import argument
from cleo.io.outputs.output import Type

from poetry_lockguard.commands.base import GuardedCommand
from poetry_lockguard.commands.completing.completed_words import SHELLS, completed
from poetry_lockguard.commands.completing.scripts import SCRIPTS
from poetry_lockguard.errors import UsageError
from poetry_lockguard.outcomes import Exit

if TYPE_CHECKING:
    from cleo.commands.command import Command


class CompletionCommand(GuardedCommand):
    """Prints the script; what it completes is that of this version."""

    name = "lockguard completion"
    description = "Print a script that lets bash, zsh or fish complete lockguard."

    def configure(self) -> None:
        """Accept the name of a shell."""
        super().configure()
        self._definition.add_argument(argument("shell", f"One of {', '.join(SHELLS)}."))

    def guard(self) -> int:
        """Print the script."""
        shell = self.argument("shell")
        if shell not in SCRIPTS:
            raise UsageError(f"shell: expected one of {', '.join(SHELLS)}, not {shell!r}")
        self.io.write(SCRIPTS[shell](completed(self._commands())), type=Type.RAW)
        return Exit.OK

    def _commands(self) -> dict[str, Command]:
        """Return the commands of this program that the application knows, by name."""
        loader = self.get_application().command_loader
        start = f"{self.name.partition(' ')[0]} "
        names = [str(name) for name in loader.names if name.startswith(start)]
        return {name.removeprefix(start): loader.get(name) for name in names}
