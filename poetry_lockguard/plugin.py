"""What Poetry sees. Every ``poetry`` command pays for what this module imports: keep it lazy."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any

from cleo.events.console_command_event import ConsoleCommandEvent
from cleo.events.console_events import COMMAND
from poetry.plugins.application_plugin import ApplicationPlugin

if TYPE_CHECKING:
    from pathlib import Path

    from cleo.commands.command import Command as BaseCommand
    from cleo.events.event import Event
    from cleo.events.event_dispatcher import EventDispatcher
    from poetry.console.application import Application
    from poetry.console.commands.command import Command

COMMANDS = (
    "check",
    "fix",
    "update",
    "export",
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
    "merge-driver",
    "merge-driver install",
    "merge-driver uninstall",
    "merge-driver run",
)
#: first words of Poetry's commands that neither install nor ask an index for anything
QUIET = {
    *("about", "cache", "check", "config", "env", "help", "init", "list", "lockguard", "new"),
    *("publish", "python", "run", "self", "source", "version"),
}
NAMESPACE = "lockguard"
FIRST = 100  #: Poetry's own listeners, of priority 0, make the environment and the installer


class LockguardPlugin(ApplicationPlugin):
    """Registers the commands and the listener before Poetry's own; imports neither."""

    def activate(self, application: Application) -> None:
        """Register each command by name; its module is imported when it is run or listed."""
        register(application)
        if application.event_dispatcher is not None:
            application.event_dispatcher.add_listener(COMMAND, partial(before, application), FIRST)


def before(application: Application, event: Event, _: str, dispatcher: EventDispatcher) -> None:
    """Do what the project asked to be done before Poetry's own commands, if it asked.

    A project that did not ask pays for reading its manifest's bytes, and nothing more.
    """
    if not isinstance(event, ConsoleCommandEvent):
        return
    if _is_ours(event.command):
        from poetry_lockguard.commands.terminal.cleaning import clean

        clean(event.io)  # before Poetry's own listeners, which may fail
        return
    if (event.command.name or "").partition(" ")[0] in QUIET:
        return
    manifest = _manifest(application)
    if manifest is not None and _is_asked(manifest):
        from poetry_lockguard.commands.poetry_hooks import prepare

        prepare(manifest, event, dispatcher)


def _is_ours(command: BaseCommand) -> bool:
    return type(command).__module__.startswith("poetry_lockguard.")


def _manifest(application: Application) -> Path | None:
    """Find the project's manifest where Poetry looks for it."""
    is_new = hasattr(application, "project_directory")  # not in Poetry 2.0
    start: Path = getattr(application, "project_directory" if is_new else "_project_directory")
    folder = start.absolute()
    places = (each / "pyproject.toml" for each in (folder, *folder.parents))
    return next((place for place in places if place.exists()), None)


def _is_asked(manifest: Path) -> bool:
    if os.environ.get("LOCKGUARD_GUARD") or os.environ.get("LOCKGUARD_MIRRORS"):
        return True
    try:
        return manifest.is_file() and b"lockguard" in manifest.read_bytes()
    except OSError:  # Poetry tells of it
        return False


class Name(str):
    """The name of a command of ours, suggested to those alone who typed something like it.

    To whoever mistypes one of Poetry's commands cleo suggests all that have what was typed
    somewhere in them.
    """

    __slots__ = ()

    def find(self, part: str, *between: Any) -> int:
        """Find ``part`` if it is about this command."""
        is_ours = part.startswith(NAMESPACE[:5]) or (len(part) > 3 and part in NAMESPACE)  # noqa: PLR2004 - what is shorter is in anything
        is_command = self == f"{NAMESPACE} {part}"
        return super().find(part, *between) if is_ours or is_command else -1


def register(application: Application) -> None:
    """Make ``lockguard …`` known to ``application``, unless it knows it already."""
    loader = application.command_loader
    for name in COMMANDS:
        full_name = Name(f"{NAMESPACE} {name}")
        if not loader.has(full_name):
            loader.register_factory(full_name, partial(load, name))


def load(name: str) -> Command:
    """Import the module of a command and give the command."""
    from importlib import import_module

    place = name.replace("-", "_").replace(" ", ".")
    below = ".overview" if any(one.startswith(f"{name} ") for one in COMMANDS) else ""
    module = import_module(f"poetry_lockguard.commands.{place}{below}")
    words = name.replace("-", " ").split()
    command: Command = getattr(module, f"{''.join(map(str.title, words))}Command")()
    command.name = Name(command.name)
    return command
