"""``poetry lockguard`` without a command: list the commands."""

from __future__ import annotations

from poetry_lockguard.commands.help.namespace import ListingCommand
from poetry_lockguard.outcomes import Exit


class LockguardCommand(ListingCommand):
    """Lists all commands; ``help COMMAND`` is the same as ``COMMAND --help``."""

    name = "lockguard"
    description = "List the commands that check, explain, fix and install locks."
    takes = "A lockguard command."

    def guard(self) -> int:
        """List the commands, or describe the one that ``help`` names."""
        first, *words = self.argument("word") or [""]
        return self._describe(words) if first == "help" and words else super().guard()

    def _describe(self, words: list[str]) -> int:
        from cleo.descriptors.text_descriptor import TextDescriptor

        command = self.get_application().find(f"{self.name} {' '.join(words)}")
        TextDescriptor().describe(self.io, command)
        return Exit.OK
