"""What every command of Poetry's console is made from."""

from poetry.console.commands.command import Command

__all__ = [
    "Command",
]
