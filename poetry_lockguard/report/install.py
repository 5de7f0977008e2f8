"""What ``install`` says: why the lock was not in step, what a fix changed, what failed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from poetry_lockguard.outcomes import Exit
from poetry_lockguard.report import change_lines as wording
from poetry_lockguard.report import drift_lines
from poetry_lockguard.report.problem_rows import problem_document
from poetry_lockguard.report.snapshot import problem_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poetry_lockguard.freshness.judge import Verdict
    from poetry_lockguard.installing.checked_install import InstallReport
    from poetry_lockguard.installing.snapshot_installation import Reproduced


def explanation(verdict: Verdict) -> list[str]:
    """Say why a lock is not in step, one line a problem."""
    return drift_lines.lines(verdict.path, verdict.status, verdict.problems)


def as_json(report: InstallReport) -> str:
    """Return the JSON document."""
    fix = report.fix
    document = {
        "lockguard": 1,
        "command": "install",
        "status": report.status,
        "lock": report.verdict.status.value,
        "fix": None
        if fix is None
        else {
            "status": fix.status,
            "strategy": fix.strategy,
            "changes": wording.rows(fix.changes),
        },
        "problems": [problem_document(problem) for problem in report.verdict.problems],
        "failures": list(report.failures),
    }
    return json.dumps(document, indent=2)


def snapshot_lines(outcome: Reproduced) -> Iterator[str]:
    """Yield what to tell of an install from a snapshot, for stderr."""
    yield from outcome.reasons
    yield from (f"lockguard: {failure}" for failure in outcome.failures)
    yield from problem_lines(outcome.problems)
    if outcome.problems and outcome.code is Exit.FOUND:
        yield f"{outcome.file}: the environment is not what {outcome.config} says"


def snapshot_json(outcome: Reproduced) -> str:
    """Return the JSON document of an install from a snapshot."""
    document = {
        "lockguard": 1,
        "command": "install",
        "status": "installed" if outcome.code is Exit.OK else "failed",
        "snapshot": outcome.file,
        "configuration": outcome.config,
        "problems": [problem_document(problem) for problem in outcome.problems],
        "failures": [*outcome.reasons, *outcome.failures],
    }
    return json.dumps(document, indent=2)
