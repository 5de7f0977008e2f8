"""The folder of ``--directory``, which Poetry 2.0 reads only before the command's name."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from poetry_lockguard.commands.terminal.command_line import must_have_folders
from poetry_lockguard.poetry_api import private

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poetry_lockguard.poetry_api.imports.console import Command


@contextmanager
def working_folder(command: Command) -> Iterator[None]:
    """Change to the folder of ``--directory`` unless Poetry's console has done so.

    Poetry 2.0 ignores the option behind the command's name.
    """
    folder = command.option("directory")
    if folder is None or _goes_itself() or _stands_in_front(command):
        yield
        return
    must_have_folders({"directory": folder})
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def _goes_itself() -> bool:
    from poetry_lockguard.poetry_api.poetry_versions import reads_directory_anywhere

    return reads_directory_anywhere()


def _stands_in_front(command: Command) -> bool:
    tokens = private.tokens(command.io)
    name = command.name or ""
    place = next((at for at, token in enumerate(tokens) if token in {name, name.split()[0]}), 0)
    return any(token.startswith(("-C", "--directory")) for token in tokens[:place])
