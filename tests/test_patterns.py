"""No regular expression of the package takes long for any text: each is given hostile ones."""

from __future__ import annotations

import gc
import signal
import time
from typing import TYPE_CHECKING

import pytest
from patterns import Use, hostile, uses

if TYPE_CHECKING:
    from types import FrameType

pytestmark = pytest.mark.skipif(
    not hasattr(signal, "setitimer"), reason="only a timer can stop a regular expression"
)
SIZE = 32_000
BOUND = 0.2  # seconds of the processor; all are below 0.04, and a quadratic one is above 0.6
SAMPLE = 3


class TooLongError(Exception):
    pass


def is_quick(use: Use, text: str) -> bool:
    def stop(_: int, __: FrameType | None) -> None:
        raise TooLongError

    gc.disable()  # a collection counts as work of the process, and swallows the timer's error
    before = signal.signal(signal.SIGPROF, stop)
    start = time.process_time()
    try:
        try:
            signal.setitimer(signal.ITIMER_PROF, BOUND)
            use.run(text)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    except TooLongError:
        return False
    finally:
        signal.signal(signal.SIGPROF, before)
        gc.enable()
    return time.process_time() - start < BOUND


def slow_texts(use: Use, texts: list[str]) -> list[str]:
    return [text[:40] for text in texts if not is_quick(use, text) and not is_quick(use, text)]


def found_slow(most: int) -> dict[str, list[str]]:
    found = {}
    for use in uses():
        texts = [*hostile(use, SIZE)]
        if slow := slow_texts(use, texts[:: 1 + len(texts) // most]):
            found[f"{use.place} {use.method} {use.pattern!r}"] = slow
    return found


def test_a_sample_of_hostile_texts_keeps_no_pattern_busy() -> None:
    assert found_slow(SAMPLE) == {}


@pytest.mark.slow
def test_no_hostile_text_keeps_a_pattern_busy() -> None:
    assert found_slow(1_000_000) == {}


def test_the_patterns_of_the_package_are_found() -> None:
    places = {use.place.partition(":")[0] for use in uses()}

    assert {
        "urls.py",
        "lockfile/fast/shape.py",
        "manifest/certain.py",
        "index/html_links.py",
        "conflicts.py",
    } <= places
    assert len(uses()) > 150


@pytest.mark.parametrize(
    "pattern",
    [r"\s*=", r"[a-z.]+://", r"(?:a|a)*b", r'"[^"]*"\s*,\s*(?:x)?\s*y', r"(?:\d, ?| ?\d, )+z"],
)
def test_a_careless_pattern_would_be_found(pattern: str) -> None:
    use = Use("here", pattern, 0, "search")

    assert not all(is_quick(use, text) for text in hostile(use, SIZE))
