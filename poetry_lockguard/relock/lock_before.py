"""The lock before a fix: its pins, and what the new lock is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from poetry_lockguard import files
from poetry_lockguard.lockfile.damage import LockDamage
from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.repair.lock_text import BOM

if TYPE_CHECKING:
    from pathlib import Path

    from poetry_lockguard.lockfile.document import Lock

NO_LOCK = "there is no lock whose pins could be kept"
UNREADABLE = "the lock cannot be read as it is"


class LockBefore(NamedTuple):
    """The old lock.

    ``content`` is ``None`` if there is no lock. ``lock`` is ``None`` if the lock is missing or
    unusable, and ``unfit`` says why. ``compared`` and ``compared_text`` are what a new lock is
    compared with: the old lock, or, if it is damaged, our side of a merge conflict. ``rest`` is
    what a truncated lock still contains.
    """

    content: bytes | None
    lock: Lock | None
    unfit: str
    compared: Lock | None
    compared_text: str | None
    rest: Lock | None = None

    @classmethod
    def of(cls, path: Path) -> LockBefore:
        """Read the lock from disk."""
        try:
            content = files.read(path)
        except FileNotFoundError:
            return cls(None, None, NO_LOCK, None, None)
        lock = _readable(content)
        if lock is not None:
            return cls(content, lock, "", lock, content.decode("utf-8"))
        ours = _ours(content)
        compared = None if ours is None else _readable(ours.encode("utf-8"))
        text = None if compared is None else ours
        return cls(content, None, UNREADABLE, compared, text, _rest(content))


def _readable(content: bytes) -> Lock | None:
    try:
        return parse(content)
    except LockDamage:
        return None


def _ours(content: bytes) -> str | None:
    """Return the readable part of a damaged lock: our side of a conflict, for example."""
    from poetry_lockguard.repair.salvage import split

    text = content.decode("utf-8", "replace")
    ours = split(text)[0].removeprefix(BOM)
    return None if ours == text else ours


def _rest(content: bytes) -> Lock | None:
    """Return a truncated lock up to its last complete entry, if that can be read."""
    text = content.decode("utf-8", "replace").removeprefix(BOM)
    whole = text.rpartition("[[package]]")[0]
    version = "2.1" if "\ngroups = [" in whole else "2.0"
    return _readable(f'{whole}[metadata]\nlock-version = "{version}"\n'.encode())
