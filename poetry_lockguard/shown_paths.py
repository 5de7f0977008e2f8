"""Formats paths for reports, relative to the working folder."""

from __future__ import annotations

import os
from pathlib import Path


def shown(path: Path) -> str:
    """Return a path with forward slashes, relative to the working folder if it is below it."""
    if not path.is_absolute():
        return path.as_posix()
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return Path(os.path.normpath(path)).as_posix()


def in_folder(message: str, folder: Path) -> str:
    """Return a message whose commands work from here on the project in ``folder``."""
    place = shown(folder)
    if place == ".":
        return message
    import re
    import shlex

    where = f"-C {shlex.quote(place)}"

    def with_place(found: re.Match[str]) -> str:
        program, rest = found.groups()
        is_for_all = rest.endswith(" -r")
        return found.group() if is_for_all else f"`{program} {where} {rest}`"

    return re.sub(
        r"`(poetry|lockguard) (lock[^`]*|fix[^`]*|snapshot[^`]*|update[^`]*)`", with_place, message
    )
