"""What a look at the indexes came to, in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.freshness.releases.answers import UNREACHABLE
from poetry_lockguard.outcomes import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from poetry_lockguard.outcomes import Problem


def summary(count: int, problems: Sequence[Problem]) -> str:
    """Return the numbers of what was found by severity; ``count`` is of the pins asked about."""
    if not (count or problems):
        return "online: there is no pin to ask about"
    found = [
        f"{number} {severity.value}{'' if number == 1 else 's'}"
        for severity in Severity
        if (number := sum(problem.severity is severity for problem in problems))
    ]
    pins = f"{count} {'pin' if count == 1 else 'pins'}"
    if any(problem.code == UNREACHABLE for problem in problems):
        return f"online: {pins}, not all of which could be asked about: {', '.join(found)}"
    return f"online: asked about {pins}: {', '.join(found) or 'nothing is wrong'}"
