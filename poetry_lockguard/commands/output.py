"""Where a report goes: to stdout, or, whole or not at all, into a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from cleo.io.outputs.output import Type

from poetry_lockguard import files
from poetry_lockguard.commands.options import Option
from poetry_lockguard.errors import UsageError
from poetry_lockguard.printable import printable

if TYPE_CHECKING:
    from poetry_lockguard.commands.base import GuardedCommand

OUTPUT = Option(name="output", takes="one", help="The file to write; default: stdout.")
_OWN = frozenset({"pyproject.toml", "poetry.lock"})  # what other files are made from
_WAIT = 60.0  # seconds for another program that writes the same file


def deliver(command: GuardedCommand, text: str, *sources: str | Path | None) -> None:
    """Print the report, or make it the file of ``--output``; one that is the same is left alone.

    ``sources`` are what the report was made from, where that is a file. Raises WriteError, or
    UsageError for a file that is no report's to replace; what was there is then as it was.
    """
    output = command.option(OUTPUT.name)
    text = printable(text)
    if not output:
        command.io.write_line(text, type=Type.RAW)
        return
    path, content = Path(output), f"{text}\n".encode()
    spare(path, *sources)
    files.probe(path)
    waiting = f"lockguard: {path}: waiting for another program's turn to end"
    with files.exclusive(path, _WAIT, lambda: command.io.write_error_line(waiting, type=Type.RAW)):
        if not files.holds(path, content):
            files.replace(path, content)


def spare(output: Path, *sources: str | Path | None) -> None:
    """Refuse to overwrite what nothing here may write, or what reports are made from.

    Raises UsageError for a manifest, a lock, or one of the ``sources``, by whatever way ``output``
    leads there. Those that are no file (a git revision, say) do not matter.
    """
    for source in sources:
        if source and output.exists() and Path(source).exists() and output.samefile(source):
            raise UsageError(f"{output}: not written: it is no report; name another file")
    name = Path(os.path.realpath(output)).name
    if not _OWN.isdisjoint({output.name.casefold(), name.casefold()}):
        raise UsageError(
            f"{output}: not written: {name} is only Poetry's and yours to write; name another file"
        )
