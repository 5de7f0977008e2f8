"""Reads a lock's bytes from the disk, or says why it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard import files
from poetry_lockguard.errors import LockFileError

if TYPE_CHECKING:
    from pathlib import Path


def read(path: Path) -> bytes:
    """Return the bytes of the lock at ``path``.

    Raises FileNotFoundError if there is none, LockFileError if it cannot be opened.
    """
    try:
        return files.read(path)
    except FileNotFoundError:
        raise
    except IsADirectoryError as error:
        raise LockFileError(
            f"{path}: is a folder, not a file; move it away and run `poetry lock`"
        ) from error
    except OSError as error:
        raise LockFileError(
            f"{path}: cannot be read: {error.strerror}; make it readable and try again"
        ) from error
