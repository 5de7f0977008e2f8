"""Registers the plugin with Poetry. Every ``poetry`` command imports this: keep it lazy."""

from __future__ import annotations

import os
import sys
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
    "explain",
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
    "bundle",
    "digest",
    "matrix",
    "schema",
    "completion",
    "demo",
    "merge-driver",
    "merge-driver install",
    "merge-driver uninstall",
    "merge-driver run",
)
#: first words of Poetry's commands that neither install nor use an index
QUIET = {
    *("about", "cache", "check", "config", "env", "help", "init", "list", "lockguard", "new"),
    *("publish", "python", "run", "self", "source", "version"),
}
NAMESPACE = "lockguard"
#: before Poetry's own listeners (priority 0), which create the environment and the installer
FIRST = 100


class LockguardPlugin(ApplicationPlugin):
    """Registers the commands, and a listener that runs before Poetry's; imports neither."""

    def activate(self, application: Application) -> None:
        """Register each command by name; its module is imported only to run or list it."""
        register(application)
        if _asks_for_our_version(sys.argv[1:]):
            from poetry_lockguard.running import versions

            application.set_display_name(versions())
            application.set_version("")
        if application.event_dispatcher is not None:
            application.event_dispatcher.add_listener(COMMAND, partial(before, application), FIRST)


def _asks_for_our_version(arguments: list[str]) -> bool:
    """Whether this is ``poetry lockguard … --version``, which Poetry answers before any command."""
    words = [word for word in arguments if not word.startswith("-")]
    return words[:1] == [NAMESPACE] and not {"--version", "-V"}.isdisjoint(arguments)


def before(application: Application, event: Event, _: str, dispatcher: EventDispatcher) -> None:
    """Do what the project's settings want before Poetry's own commands, if anything.

    For a project without such settings, only the bytes of its manifest are read.
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
    if manifest is not None and _has_settings(manifest):
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


def _has_settings(manifest: Path) -> bool:
    if os.environ.get("LOCKGUARD_GUARD") or os.environ.get("LOCKGUARD_MIRRORS"):
        return True
    try:
        return manifest.is_file() and b"lockguard" in manifest.read_bytes()
    except OSError:  # Poetry reports it
        return False


class Name(str):
    """The name of one of these commands, which cleo suggests only for similar input.

    For a mistyped command, cleo suggests all commands whose name contains the input; these should
    not appear for a mistyped command of Poetry's.
    """

    __slots__ = ()

    def find(self, part: str, *between: Any) -> int:
        """Find ``part`` if the input is about this command."""
        is_ours = part.startswith(NAMESPACE[:5]) or (len(part) > 3 and part in NAMESPACE)  # noqa: PLR2004 - shorter input matches too much
        is_command = self == f"{NAMESPACE} {part}"
        return super().find(part, *between) if is_ours or is_command else -1


def register(application: Application) -> None:
    """Register ``lockguard …`` in ``application``, unless it is registered already."""
    loader = application.command_loader
    if not loader.has(NAMESPACE):
        loader.register_factory(Name(NAMESPACE), load_root)
    for name in COMMANDS:
        full_name = Name(f"{NAMESPACE} {name}")
        if not loader.has(full_name):
            loader.register_factory(full_name, partial(load, name))


def load_root() -> Command:
    """Import and return the command that lists all others."""
    from poetry_lockguard.commands.help.root import LockguardCommand

    command = LockguardCommand()
    command.name = Name(command.name)
    return command


def load(name: str) -> Command:
    """Import the module of a command and return the command."""
    from importlib import import_module

    place = name.replace("-", "_").replace(" ", ".")
    below = ".overview" if any(other.startswith(f"{name} ") for other in COMMANDS) else ""
    module = import_module(f"poetry_lockguard.commands.{place}{below}")
    words = name.replace("-", " ").split()
    command: Command = getattr(module, f"{''.join(map(str.title, words))}Command")()
    command.name = Name(command.name)
    return command
