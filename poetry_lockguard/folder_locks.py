"""Locks a folder itself, so that programs with different caches and homes meet at one place."""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_POLL = 0.05  # seconds between two tries
_own: set[Path] = set()  # folders that this process has locked


@contextmanager
def locked(folder: Path, end: float, waiting: Callable[[], None]) -> Iterator[bool]:
    """Lock a folder, and yield whether it is; there are systems without such locks.

    ``end`` is a moment of ``time.monotonic()``; ``waiting`` is called when another program has the
    lock. Within one process a folder may be locked again: what works on its files may be nested.
    Nothing is written. Raises filelock's Timeout.
    """
    if folder in _own or not folder.is_dir():
        yield folder in _own
        return
    descriptor = os.open(folder, os.O_RDONLY) if sys.platform != "win32" else None
    try:
        is_locked = descriptor is not None and _lock(descriptor, folder, end, waiting)
        _own.add(folder)
        yield is_locked
    finally:
        _own.discard(folder)
        if descriptor is not None:
            os.close(descriptor)


def _lock(descriptor: int, folder: Path, end: float, waiting: Callable[[], None]) -> bool:
    """Wait for the lock; returns False for a file system that has none."""
    from filelock import Timeout

    while (is_free := _taken(descriptor)) is False:
        waiting()
        if time.monotonic() >= end:
            raise Timeout(str(folder))
        time.sleep(_POLL)
    return is_free is True


def _taken(descriptor: int) -> bool | None:
    """Try to take the lock; None for a file system that has none."""
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True
