"""The result of ``check --online`` in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.freshness.releases.answers import UNREACHABLE
from poetry_lockguard.outcomes import Severity
from poetry_lockguard.plurals import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from poetry_lockguard.outcomes import Problem


def summary(count: int, problems: Sequence[Problem]) -> str:
    """Count the problems by severity; ``count`` is the number of pins that were checked."""
    if not (count or problems):
        return "online: there is no pin to check"
    found = [
        counted(number, severity.value)
        for severity in Severity
        if (number := sum(problem.severity is severity for problem in problems))
    ]
    pins = counted(count, "pin")
    if any(problem.code == UNREACHABLE for problem in problems):
        return f"online: {pins}, not all of which could be checked: {', '.join(found)}"
    return f"online: asked about {pins}: {', '.join(found) or 'no problems'}"
