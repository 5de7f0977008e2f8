"""Poetry's own commands."""

from poetry.console.commands.install import InstallCommand
from poetry.console.commands.sync import SyncCommand

__all__ = [
    "InstallCommand",
    "SyncCommand",
]
