"""The last line of a report on many projects."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

UNLOOKED = "could not be looked at"
_ORDER = (
    "fresh",
    "fixed",
    "would be fixed",
    "stale",
    "missing",
    "broken",
    "untrusted",
    "unsupported",
    "failed",
    UNLOOKED,
)


def summary(statuses: Iterable[str]) -> str:
    """Count projects by status: ``500 projects: 470 fresh, 30 stale``."""
    counts = Counter(statuses)
    total = counts.total()
    listed = ", ".join(f"{counts[status]} {status}" for status in _ORDER if counts[status])
    return f"{total} {'project' if total == 1 else 'projects'}: {listed}"
