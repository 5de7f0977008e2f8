"""An alarm ends what takes too long, and nothing after that."""

from __future__ import annotations

import signal
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from poetry_lockguard.index.deadline import Deadline, TimeIsUp

if TYPE_CHECKING:
    from types import FrameType

    from _typeshed import TraceFunction

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no alarms here")


def compute(until: float) -> None:
    while time.monotonic() < until:
        pass


def test_computing_is_interrupted() -> None:
    deadline = Deadline(0.05)

    with pytest.raises(TimeIsUp), deadline.ringing():
        compute(deadline.moment + 30)


def alarm_at(number: int) -> int:
    """Ring as the line of this number, counted from the block's end, is about to run."""
    lines = 0

    def trace(frame: FrameType, event: str, _: object) -> TraceFunction | None:
        nonlocal lines
        if frame.f_code.co_name != "ringing":
            return None
        if event == "line" and is_left:
            lines += 1
            if lines == number:
                signal.raise_signal(signal.SIGALRM)
        return trace

    is_left = False
    outer = sys.gettrace()
    sys.settrace(trace)
    try:
        with suppress(TimeIsUp), Deadline(60).ringing():
            is_left = True
    finally:
        sys.settrace(outer)
    return lines


def test_no_alarm_rings_after_the_block_whenever_one_came_before_its_end() -> None:
    before = signal.getsignal(signal.SIGALRM)

    for number in range(1, alarm_at(0) + 1):
        assert alarm_at(number)
        assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
        assert signal.getsignal(signal.SIGALRM) is before
