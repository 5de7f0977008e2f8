"""Writes a report to stdout, or atomically to a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cleo.io.outputs.output import Type

from poetry_lockguard import files
from poetry_lockguard.commands.options import Option
from poetry_lockguard.printable import printable

if TYPE_CHECKING:
    from poetry_lockguard.commands.base import GuardedCommand

OUTPUT = Option(name="output", takes="one", help="The file to write; default: stdout.")
_WAIT = 60.0  # seconds to wait for another process that writes the same file


def deliver(command: GuardedCommand, text: str, *sources: str | Path | None) -> None:
    """Print the report, or write it to the file of ``--output`` if that would change.

    ``sources`` are the files that the report was made from. Raises WriteError, or UsageError if
    the file must not be replaced; the file is then unchanged.
    """
    output = command.option(OUTPUT.name)
    text = printable(text)
    if not output:
        command.io.write_line(text, type=Type.RAW)
        return
    path, content = Path(output), f"{text}\n".encode()
    files.ensure_writable(path, *sources)
    files.probe(path)
    waiting = f"lockguard: {path}: waiting for another process to finish"
    with files.exclusive(path, _WAIT, lambda: command.io.write_error_line(waiting, type=Type.RAW)):
        if not files.holds(path, content):
            files.replace(path, content)
