"""Ends a computation that takes too long: Poetry simplifies some short markers for hours."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

AGAIN = 0.2  #: seconds until the alarm repeats, in case a finalizer swallowed it


class TooLongError(BaseException):
    """A computation took longer than it may; ``except Exception`` does not stop it."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise TooLongError in the block after so many seconds of the processor.

    A limit may be inside another one. Without effect outside the main thread, and where the system
    has no timer for it (Windows).
    """
    if not hasattr(signal, "setitimer") or (
        threading.current_thread() is not threading.main_thread()
    ):
        yield
        return
    is_done = False

    def ring(_number: int, _frame: object) -> None:
        if not is_done:
            raise TooLongError

    begin = time.process_time()
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
