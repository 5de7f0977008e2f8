"""Verdicts for people to read: a line for each project, and one for each of its problems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.outcomes import Severity, Status
from poetry_lockguard.printable import Clean, harmless, printable
from poetry_lockguard.report.deduplication import deduplicate
from poetry_lockguard.shown_paths import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poetry_lockguard.freshness.judge import Verdict
    from poetry_lockguard.outcomes import Problem

_COLORS = {
    Status.FRESH: "32",
    Status.STALE: "33",
    Status.MISSING: "31",
    Status.BROKEN: "31",
    Status.UNSUPPORTED: "31",
}


def text_lines(verdict: Verdict, *, color: bool) -> Iterator[str]:
    """Yield the lines that tell one project's verdict; ``color`` is for terminals."""
    status = verdict.status.value
    place = printable(harmless(shown(verdict.path / "poetry.lock")))
    if color:
        status = f"\033[{_COLORS[verdict.status]}m{status}\033[39m"
    yield Clean(f"{place}: {status}")
    for problem in deduplicate(verdict.problems):
        yield f"  {_label(problem)}: {harmless(problem.message)}"


def _label(problem: Problem) -> str:
    if problem.severity is Severity.ERROR:
        return problem.code
    return f"{problem.code} ({problem.severity.value})"
