"""Bounds a fix in time, also while the solver only computes and asks the network nothing."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

AGAIN = 0.2  #: seconds until the alarm rings once more, should a broad ``except`` have eaten it


class TimeIsUp(Exception):  # noqa: N818 - a signal, not an error of the program
    """The time for a fix is over."""


class Deadline:
    """A moment of ``time.monotonic()`` that rings once reached.

    An alarm interrupts computing in the main thread where the system has one; elsewhere only
    what looks at the clock itself, as requests do, ends in time.
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
        """Let Ctrl-C count in the block wherever it falls.

        Python drops what a finalizer raises, a KeyboardInterrupt, too. It is raised once more
        while ``ringing``, and when ``heed`` is called.
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
        """Raise the KeyboardInterrupt that was dropped, if one was."""
        if self._is_interrupted:
            raise KeyboardInterrupt

    @contextmanager
    def ringing(self) -> Iterator[None]:
        """Raise TimeIsUp in the block once the time is over, KeyboardInterrupt after Ctrl-C."""
        if not self.remaining():
            raise TimeIsUp
        if not hasattr(signal, "setitimer") or (
            threading.current_thread() is not threading.main_thread()
        ):
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
                is_done = True  # an alarm at this very line still leads to the next block
        finally:
            self._is_ringing = False
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
