"""Locks a folder itself, so that programs with different caches and homes meet at one place."""

from __future__ import annotations

import os
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_POLL = 0.05  # seconds between two tries
_own: set[tuple[Path, int]] = set()  # folders, and the threads of this process that locked them


class BusyError(Exception):
    """Another program has locked a file or a folder for too long."""


@contextmanager
def locked(folder: Path, end: float, waiting: Callable[[], None]) -> Iterator[bool]:
    """Lock a folder, and yield whether it is; there are systems without such locks.

    ``end`` is a moment of ``time.monotonic()``; ``waiting`` is called when another program has the
    lock. Within one thread a folder may be locked again: what works on its files may be nested.
    Nothing is written. Raises BusyError.
    """
    mine = folder, threading.get_ident()
    if mine in _own or not folder.is_dir():
        yield mine in _own
        return
    descriptor = os.open(folder, os.O_RDONLY) if sys.platform != "win32" else None
    try:
        is_locked = descriptor is not None and _lock(descriptor, end, waiting)
        if is_locked:
            _own.add(mine)
        yield is_locked
    finally:
        _own.discard(mine)
        if descriptor is not None:
            os.close(descriptor)


def _lock(descriptor: int, end: float, waiting: Callable[[], None]) -> bool:
    """Wait for the lock; returns False for a file system that has none."""
    while (is_free := _taken(descriptor)) is False:
        waiting()
        if time.monotonic() >= end:
            raise BusyError
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
