"""Ends a computation that takes too long: Poetry simplifies some short markers for hours."""

from __future__ import annotations

import signal
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from sys import UnraisableHookArgs

#: seconds until an alarm repeats, in case a finalizer or a broad ``except`` swallowed it
AGAIN = 0.2


def has_timer() -> bool:
    """Whether an alarm can interrupt this thread: only the main one, and not on Windows."""
    is_main = threading.current_thread() is threading.main_thread()
    return is_main and hasattr(signal, "setitimer")


class TooLongError(BaseException):
    """A computation took longer than it may; ``except Exception`` does not stop it."""


@contextmanager
def _without_swallowed_alarms() -> Iterator[None]:
    """Print nothing of an alarm that rang in a finalizer: Python drops it, and it rings again."""
    before = sys.unraisablehook

    def hook(dropped: UnraisableHookArgs) -> None:
        if not issubclass(dropped.exc_type, TooLongError):
            before(dropped)

    sys.unraisablehook = hook
    try:
        yield
    finally:
        sys.unraisablehook = before


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise TooLongError in the block after so many seconds of the processor.

    A limit may be inside another one. Without effect outside the main thread, and where the system
    has no timer for it (Windows).
    """
    if not has_timer():
        yield
        return
    is_done = False

    def ring(_number: int, _frame: object) -> None:
        if not is_done:
            raise TooLongError

    begin = time.process_time()
    with _without_swallowed_alarms():
        before = signal.signal(signal.SIGVTALRM, ring)
        left, _ = signal.setitimer(signal.ITIMER_VIRTUAL, seconds, AGAIN)
        try:
            try:
                yield
            finally:
                is_done = True
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.signal(signal.SIGVTALRM, before)
            if left:
                used = time.process_time() - begin
                signal.setitimer(signal.ITIMER_VIRTUAL, max(left - used, AGAIN), AGAIN)
