"""What Poetry sees. Every ``poetry`` command pays for what this module imports: keep it lazy."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from poetry.plugins.application_plugin import ApplicationPlugin

if TYPE_CHECKING:
    from poetry.console.application import Application
    from poetry.console.commands.command import Command

COMMANDS = (
    "check",
    "fix",
    "install",
    "diff",
    "snapshot",
    "snapshot create",
    "snapshot sync",
    "snapshot show",
    "snapshot verify",
    "snapshot diff",
    "snapshot add",
    "snapshot remove",
    "snapshot update",
    "snapshot upgrade",
    "snapshot merge",
    "snapshot clean",
    "snapshot export",
    "snapshot record",
    "matrix",
)


class LockguardPlugin(ApplicationPlugin):
    """Registers the commands; imports none of them."""

    def activate(self, application: Application) -> None:
        """Register each command by name; its module is imported when it is run or listed."""
        register(application)


def register(application: Application) -> None:
    """Make ``lockguard …`` known to ``application``, unless it knows it already."""
    loader = application.command_loader
    for name in COMMANDS:
        full_name = f"lockguard {name}"
        if not loader.has(full_name):
            loader.register_factory(full_name, partial(load, name))


def load(name: str) -> Command:
    """Import the module of a command and give the command."""
    from importlib import import_module

    module = import_module(f"poetry_lockguard.commands.{name.replace(' ', '_')}")
    command: Command = getattr(module, f"{name.title().replace(' ', '')}Command")()
    return command
