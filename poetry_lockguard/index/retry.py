"""How long to wait before a retry, and which requests never wait."""

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

LONGEST = 30.0  # seconds; if a host demands a longer wait, there is no retry
_LONGEST_WISH = 100  # characters: a date or a number is shorter
HURRIED_TIMEOUT = 8.0  # seconds
_hurry = threading.local()
_parser = Retry()
_parser.retry_after_max = sys.maxsize  # newer versions would shorten the wait that the host demands
_optional = threading.local()


def speculative() -> None:
    """Never wait for a retry in this thread: its requests only prefetch."""
    _hurry.is_on = True


def is_speculative() -> bool:
    """Return whether this thread only prefetches."""
    return getattr(_hurry, "is_on", False)


@contextmanager
def optional() -> Iterator[None]:
    """Mark this thread's requests in the block as optional."""
    before = is_optional()
    _optional.is_on = True
    try:
        yield
    finally:
        _optional.is_on = before


def is_optional() -> bool:
    """Whether this thread's requests are optional."""
    return getattr(_optional, "is_on", False)


def before(attempt: int, response: requests.Response | None) -> float:
    """Return the seconds to wait after ``attempt`` (from 0) failed or received ``response``.

    The wait grows and is randomized; or it is what the host demands, within limits.
    """
    wish = asked(response)
    backoff = 0.5 * 2**attempt * random.uniform(0.5, 1.0)  # noqa: S311 - not used for security
    return min(backoff if wish is None else wish, LONGEST)


def asked(response: requests.Response | None) -> float | None:
    """Return the seconds that the host demands to wait, if it does."""
    return None if response is None else retry_after(response.headers.get("Retry-After", ""))


def retry_after(value: str) -> float | None:
    """Parse Retry-After (RFC 9110, 10.2.3): seconds, or a date."""
    if len(value) > _LONGEST_WISH:
        return None
    try:
        return float(_parser.parse_retry_after(value))
    except (InvalidHeader, OverflowError, ValueError):
        return None
