"""Gives a project that Poetry has loaded the lock that a fix has made since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.installing.poetry_installer import GivenLocker
from poetry_lockguard.poetry_api.imports.packages import Locker

if TYPE_CHECKING:
    from poetry_lockguard.poetry_api.imports.poetry_project import Poetry


def reload_lock(poetry: Poetry, lock_text: str | None = None) -> None:
    """Let Poetry go on with the lock in the folder as it is now, or with ``lock_text``.

    A locker keeps what it has read: mirrors, other plugins may have asked it before the fix.
    """
    if lock_text is None:
        poetry.set_locker(Locker(poetry.locker.lock, poetry.pyproject.data))
    else:
        poetry.set_locker(GivenLocker(poetry, lock_text))
