"""``lockguard check`` without Poetry's console, which takes longer to start than the check."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from poetry_lockguard.commands import checking
from poetry_lockguard.commands.options import DOCUMENTS, document_format
from poetry_lockguard.commands.terminal.command_line import must_have_folders, take_apart
from poetry_lockguard.commands.terminal.streams import columns, has_color, write
from poetry_lockguard.errors import LockguardError
from poetry_lockguard.outcomes import Exit
from poetry_lockguard.printable import Clean, printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from poetry_lockguard.commands.terminal.command_line import Tokens

    Writer = Callable[[str], None]


def check(arguments: list[str]) -> int | None:
    """Run ``check``; return None if Poetry's console must explain the command line."""
    tokens = take_apart(arguments, checking.OPTIONS)
    if tokens is None:
        return None
    before = Path.cwd()
    try:
        must_have_folders(tokens.values)
        os.chdir(tokens.values.get("directory", "."))
        return checking.check(_request(tokens), *_writers(tokens))
    except LockguardError as error:
        return cannot_look(error, ["check", *arguments])
    except Exception as error:
        if "verbose" in tokens.flags:
            raise
        from poetry_lockguard.report.error_lines import unexpected

        return cannot_look(unexpected(error), ["check", *arguments])
    finally:
        os.chdir(before)


def cannot_look(error: LockguardError | str, arguments: list[str]) -> int:
    """Print an error that prevents an answer; return the exit code."""
    from poetry_lockguard.report.error_lines import error_document, error_line

    command = next(iter(arguments), "")
    if form := document_format(command, _asked_format(arguments)):
        say(error_document(command, str(error), form))
    if not {"-q", "--quiet"}.intersection(arguments):
        line = printable(error_line(str(error)))
        flags = {argument.removeprefix("--") for argument in arguments}
        _warn(Clean(f"\033[31;1m{line}\033[39;22m") if has_color(flags, sys.stderr) else line)
    return Exit.CANNOT_LOOK


def _request(tokens: Tokens) -> checking.CheckRequest:
    return checking.CheckRequest(
        paths=tuple(tokens.words),
        start=Path(tokens.values.get("project", ".")),
        recursive="recursive" in tokens.flags,
        deep="deep" in tokens.flags,
        online="online" in tokens.flags,
        against=tokens.values.get("against"),
        interactive="no-interaction" not in tokens.flags,
        watched=has_color(tokens.flags, sys.stderr) and "quiet" not in tokens.flags,
        format=tokens.values.get("format", "text"),
        color=has_color(tokens.flags, sys.stdout),
        width=columns(sys.stdout),
    )


def _writers(tokens: Tokens) -> tuple[Writer, Writer]:
    """Return the writers for stdout and stderr; ``--quiet`` does not suppress a document."""
    if "quiet" not in tokens.flags:
        return say, _warn
    return (say if tokens.values.get("format") in DOCUMENTS else _nothing), _nothing


def say(line: str) -> None:
    """Write a line of the report."""
    write(sys.stdout, printable(line) + "\n")


def _warn(line: str) -> None:
    write(sys.stderr, printable(line) + "\n")


def _nothing(line: str) -> None:
    """Write nothing."""


def _asked_format(arguments: list[str]) -> str | None:
    """Return the value of ``--format``, from a command line that may not be parsable."""
    for token, following in zip(arguments, [*arguments[1:], ""], strict=True):
        name, equals, value = token.partition("=")
        if name == "--format":
            return value if equals else following
    return None
