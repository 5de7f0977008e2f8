"""What a host asks for in Retry-After is understood, and what is no wish is not one."""

from __future__ import annotations

import time
from email.utils import formatdate

import pytest

from poetry_lockguard.index.retry import retry_after


@pytest.mark.parametrize(
    ("value", "seconds"), [("20", 20.0), (" 20 ", 20.0), ("0", 0.0), ("90000", 90_000.0)]
)
def test_seconds_are_taken_as_they_are(value: str, seconds: float) -> None:
    assert retry_after(value) == seconds


def test_a_date_is_as_far_off_as_it_is() -> None:
    wish = retry_after(formatdate(time.time() + 60, usegmt=True))

    assert wish is not None
    assert 55 < wish <= 60


def test_a_date_in_the_past_means_at_once() -> None:
    assert retry_after(formatdate(0, usegmt=True)) == 0


@pytest.mark.parametrize("value", ["", "soon", "nan", "-1", "1.5", "9" * 400, "9" * 5000])
def test_nonsense_is_no_wish(value: str) -> None:
    assert retry_after(value) is None
