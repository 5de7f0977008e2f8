"""What runs before one of Poetry's own commands, if the project's settings ask for it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cleo.events.console_events import COMMAND
from cleo.formatters.formatter import Formatter

from poetry_lockguard.commands.guard import GUARDED, guard, wish
from poetry_lockguard.commands.terminal.abort import stop
from poetry_lockguard.commands.terminal.cleaning import clean
from poetry_lockguard.errors import INTERRUPTED, LockguardError
from poetry_lockguard.manifest.document import read
from poetry_lockguard.outcomes import Exit
from poetry_lockguard.poetry_api.imports.console import Command
from poetry_lockguard.report.error_lines import error_line, unexpected
from poetry_lockguard.settings import parse

if TYPE_CHECKING:
    from pathlib import Path

    from cleo.events.console_command_event import ConsoleCommandEvent
    from cleo.events.event_dispatcher import EventDispatcher
    from cleo.io.io import IO


def prepare(manifest: Path, event: ConsoleCommandEvent, dispatcher: EventDispatcher) -> None:
    """Route Poetry through the mirrors, then guard the lock; a failure stops the command.

    ``manifest`` is the path of the project's ``pyproject.toml``.
    """
    io = event.io
    clean(io)
    try:
        code = _prepare(manifest, event, dispatcher)
    except LockguardError as error:
        code = _say(io, str(error), Exit.CANNOT_LOOK)
    except KeyboardInterrupt:
        code = _say(io, INTERRUPTED, Exit.FOUND)
    except Exception as error:
        if io.is_verbose():
            raise
        code = _say(io, unexpected(error), Exit.CANNOT_LOOK)
    if code is not Exit.OK:
        stop(event, dispatcher, code)


def _prepare(manifest: Path, event: ConsoleCommandEvent, dispatcher: EventDispatcher) -> Exit:
    project = read(manifest)
    settings = parse(project.settings, str(project.path))
    command = event.command
    if not isinstance(command, Command):
        return Exit.OK
    if settings.mirrors or os.environ.get("LOCKGUARD_MIRRORS"):
        from poetry_lockguard.mirrors.poetry_commands import reach_through_mirrors

        reach_through_mirrors(command.poetry, settings, os.environ, event.io)
    if command.name in GUARDED:
        how = wish(settings, os.environ)
        if how != "off":
            # Poetry does this later, and a fix may log before that
            command.get_application().register_command_loggers(event, COMMAND, dispatcher)
            return guard(project, how, command, event.io)
    return Exit.OK


def _say(io: IO, message: str, code: Exit) -> Exit:
    io.write_error_line(f"<error>{Formatter.escape(error_line(message))}</error>")
    return code
