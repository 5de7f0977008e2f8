"""Verdicts as text: a line for each project, and one for each of its problems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.outcomes import Severity, Status
from poetry_lockguard.printable import Clean, harmless, printable
from poetry_lockguard.shown_paths import in_folder, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poetry_lockguard.freshness.judge import Verdict
    from poetry_lockguard.outcomes import Problem

_NEXT = "`poetry lockguard snapshot verify` lists more, `snapshot sync` or `create` fixes it"
_COLORS = {
    Status.FRESH: "32",
    Status.STALE: "33",
    Status.MISSING: "31",
    Status.BROKEN: "31",
    Status.UNTRUSTED: "31",
    Status.UNSUPPORTED: "31",
}


def text_lines(verdict: Verdict, *, color: bool, is_named: bool = False) -> Iterator[str]:
    """Yield the lines for the verdict on one project; ``color`` is for terminals.

    ``is_named``: it is not the project that a command in the working folder would be about, so the
    commands in the messages name its folder.
    """
    status = verdict.status.value
    place = printable(harmless(shown(verdict.path / "poetry.lock")))
    if color:
        status = f"\033[{_COLORS[verdict.status]}m{status}\033[39m"
    yield Clean(f"{place}: {status}")
    if verdict.problems or verdict.since is not None:
        for line in _details(verdict):
            yield in_folder(line, verdict.path) if is_named else line


def _details(verdict: Verdict) -> Iterator[str]:
    from poetry_lockguard.report.deduplication import deduplicate, folded, since

    of_snapshot = verdict.of_snapshot
    for problem in deduplicate(one for one in verdict.problems if one not in of_snapshot):
        yield _line(problem)
    if verdict.since is not None:
        yield f"  {harmless(since(verdict.since))}"
    if verdict.snapshot is not None and of_snapshot:
        wrong = any(problem.severity is Severity.ERROR for problem in of_snapshot)
        state = f"not in step; {_NEXT}" if wrong else "in step, with remarks"
        yield f"{harmless(shown(verdict.path / verdict.snapshot))}: {state}"
        for problem in folded(of_snapshot):
            yield _line(problem)


def _line(problem: Problem) -> str:
    return f"  {_label(problem)}: {harmless(problem.message)}"


def _label(problem: Problem) -> str:
    if problem.severity is Severity.ERROR:
        return problem.code
    return f"{problem.code} ({problem.severity.value})"
