"""How long to wait before asking again, and who never waits."""

from __future__ import annotations

import random
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from urllib3.exceptions import InvalidHeader
from urllib3.util import Retry

if TYPE_CHECKING:
    from collections.abc import Iterator

    import requests

LONGEST = 30.0  # seconds; a host that asks for more is not waited for
_LONGEST_WISH = 100  # characters: a date or a number is shorter
HURRIED_TIMEOUT = 8.0  # seconds
_hurry = threading.local()
_parser = Retry()
_parser.retry_after_max = sys.maxsize  # newer versions would shorten what the host asks for
_optional = threading.local()


def speculative() -> None:
    """Let this thread's requests never wait for a second attempt: its work is only a head start."""
    _hurry.is_on = True


def is_speculative() -> bool:
    """Return whether this thread is in a hurry."""
    return getattr(_hurry, "is_on", False)


@contextmanager
def optional() -> Iterator[None]:
    """Mark this thread's requests, while the block runs, as ones that can be done without."""
    before = is_optional()
    _optional.is_on = True
    try:
        yield
    finally:
        _optional.is_on = before


def is_optional() -> bool:
    """Whether this thread asks for what it can do without."""
    return getattr(_optional, "is_on", False)


def before(attempt: int, response: requests.Response | None) -> float:
    """Return the seconds to wait after ``attempt`` (from 0) failed or gave ``response``.

    Longer each time and never the same for all; or what the host asks for, within reason.
    """
    wish = asked(response)
    backoff = 0.5 * 2**attempt * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
    return min(backoff if wish is None else wish, LONGEST)


def asked(response: requests.Response | None) -> float | None:
    """Return the seconds that the host asks to wait, if it does."""
    return None if response is None else retry_after(response.headers.get("Retry-After", ""))


def retry_after(value: str) -> float | None:
    """Read Retry-After (RFC 9110, 10.2.3): seconds, or a date."""
    if len(value) > _LONGEST_WISH:
        return None
    try:
        return float(_parser.parse_retry_after(value))
    except (InvalidHeader, OverflowError, ValueError):
        return None
