"""Parses a new lock's text once for all who look at it: the text is long, the lookers are three."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from poetry_lockguard.lockfile.parse import parse

if TYPE_CHECKING:
    from poetry_lockguard.lockfile.document import Lock


@lru_cache(maxsize=1)
def lock_of(text: str) -> Lock:
    """Give the lock that ``text`` is; raises LockDamage. Nobody may change what it holds."""
    return parse(text.encode("utf-8"))
