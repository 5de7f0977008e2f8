"""Releases of operating systems (``platform_release``) that markers distinguish."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_NUMBERS = re.compile(r"\d{1,9}(?:\.\d{1,9}){0,9}")
_MOST_PAIRED = 1000  #: with more pairs, a text follows one number alone
_NOT_IN_A_RELEASE = re.compile(r"[^0-9A-Za-z]+")


def system_releases(named: Iterable[str]) -> list[str]:
    """Return releases below, at and above each one that a marker names, and between them.

    Poetry compares releases as versions, and cannot read one that does not begin with a number. So
    other texts, as in ``"tegra" in platform_release``, follow a number here, as they do on a
    machine: ``5.10.104-tegra``.
    """
    numbers, words = {"0"}, set()
    for text in named:
        match = _NUMBERS.match(text)
        if match is None:
            words.add(_NOT_IN_A_RELEASE.sub("-", text).strip("-"))
            continue
        *head, last = match[0].split(".")
        numbers |= {match[0], f"{match[0]}.0.1", ".".join([*head, str(int(last) + 1)])}
    before = numbers if len(numbers) * len(words) <= _MOST_PAIRED else {"0"}
    return sorted({*numbers, *(f"{one}-{word}" for one in before for word in words if word)})
