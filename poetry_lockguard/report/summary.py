"""The last line of a report on many projects."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from poetry_lockguard.plurals import counted

if TYPE_CHECKING:
    from collections.abc import Iterable

UNLOOKED = "could not be checked"
BEHIND = "fresh with other files out of step"
ALLOWED = "without a lock (optional)"
_ORDER = (
    "fresh",
    BEHIND,
    ALLOWED,
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
    listed = ", ".join(f"{counts[status]} {status}" for status in _ORDER if counts[status])
    return f"{counted(counts.total(), 'project')}: {listed or 'nothing to do'}"
