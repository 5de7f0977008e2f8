"""Makes an already loaded project use the lock that a fix has written since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.installing.poetry_installer import GivenLocker
from poetry_lockguard.poetry_api.imports.packages import Locker

if TYPE_CHECKING:
    from poetry_lockguard.poetry_api.imports.poetry_project import Poetry


def reload_lock(poetry: Poetry, lock_text: str | None = None) -> None:
    """Make Poetry use the lock that is now in the folder, or ``lock_text``.

    A locker caches what it reads, and plugins may have read the lock before the fix.
    """
    if lock_text is None:
        poetry.set_locker(Locker(poetry.locker.lock, poetry.pyproject.data))
    else:
        poetry.set_locker(GivenLocker(poetry, lock_text))
