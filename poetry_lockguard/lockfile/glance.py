"""Reads from a lock the little that freshness needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from poetry_lockguard.lockfile.document import Lock


@dataclass(frozen=True, slots=True, kw_only=True)
class Glimpse:
    """What freshness needs to know of a lock."""

    generator: str | None
    lock_version: str
    content_hash: str | None


def glimpse_of(lock: Lock) -> Glimpse:
    """Take it from a lock that was read whole."""
    return Glimpse(
        generator=lock.generator,
        lock_version=lock.lock_version,
        content_hash=lock.content_hash,
    )
