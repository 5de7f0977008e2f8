"""The base class of Poetry's commands."""

from poetry.console.commands.command import Command

__all__ = [
    "Command",
]
