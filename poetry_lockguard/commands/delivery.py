"""Where a report goes: to stdout, or, whole or not at all, into a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cleo.io.outputs.output import Type

from poetry_lockguard import files
from poetry_lockguard.commands.options import Option

if TYPE_CHECKING:
    from poetry_lockguard.commands.base import GuardedCommand

OUTPUT = Option(name="output", takes="one", help="The file to write; default: stdout.")
_WAIT = 60.0  # seconds for another program that writes the same file


def deliver(command: GuardedCommand, text: str) -> None:
    """Print the report, or make it the file of ``--output``; one that is the same is left alone.

    Raises WriteError; a file that was there is then as it was.
    """
    output = command.option(OUTPUT.name)
    if not output:
        command.io.write_line(text, type=Type.RAW)
        return
    path, content = Path(output), f"{text}\n".encode()
    files.probe(path)
    waiting = f"lockguard: {path}: waiting for another program's turn to end"
    with files.exclusive(path, _WAIT, lambda: command.io.write_error_line(waiting, type=Type.RAW)):
        if not path.exists() or path.read_bytes() != content:
            files.replace(path, content)
