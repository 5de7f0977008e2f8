"""Limits the duration of a fix, even while the solver computes without the network."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from poetry_lockguard.time_limit import AGAIN, has_timer

if TYPE_CHECKING:
    from collections.abc import Iterator


class TimeIsUp(Exception):  # noqa: N818 - a signal, not an error of the program
    """The time for a fix is over."""


class Deadline:
    """A moment of ``time.monotonic()`` that raises an alarm when reached.

    An alarm interrupts computation in the main thread if the system supports it; elsewhere only
    code that checks the clock itself, as requests do, stops in time.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.moment = time.monotonic() + seconds
        self._is_interrupted = False
        self._is_ringing = False

    def remaining(self) -> float:
        """Seconds left; never negative."""
        return max(0.0, self.moment - time.monotonic())

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Make Ctrl-C effective anywhere in the block.

        Python drops exceptions raised in a finalizer, KeyboardInterrupt included. It is raised
        again by ``ringing`` and ``heed``.
        """
        if signal.getsignal(signal.SIGINT) is not signal.default_int_handler or (
            threading.current_thread() is not threading.main_thread()
        ):
            yield
            return

        def interrupt(_number: int, _frame: object) -> None:
            self._is_interrupted = True
            if self._is_ringing:
                signal.setitimer(signal.ITIMER_REAL, AGAIN, AGAIN)
            raise KeyboardInterrupt

        signal.signal(signal.SIGINT, interrupt)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def heed(self) -> None:
        """Raise the KeyboardInterrupt that was dropped, if there was one."""
        if self._is_interrupted:
            raise KeyboardInterrupt

    @contextmanager
    def ringing(self) -> Iterator[None]:
        """Raise TimeIsUp in the block when the time is over, KeyboardInterrupt after Ctrl-C."""
        if not self.remaining():
            raise TimeIsUp
        if not has_timer():
            yield
            return
        is_done = False

        def ring(_number: int, _frame: object) -> None:
            if not is_done:
                self.heed()
                raise TimeIsUp

        before = signal.signal(signal.SIGALRM, ring)
        try:
            try:
                signal.setitimer(signal.ITIMER_REAL, self.remaining(), AGAIN)
                self._is_ringing = True
                yield
            finally:
                is_done = True  # an alarm at this very line still reaches the next block
        finally:
            self._is_ringing = False
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
