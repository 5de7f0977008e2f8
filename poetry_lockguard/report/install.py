"""What ``install`` says: why the lock was not in step, what a fix changed, what failed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from poetry_lockguard.report import change_lines as wording
from poetry_lockguard.report import drift_lines
from poetry_lockguard.report.problem_rows import problem_document

if TYPE_CHECKING:
    from poetry_lockguard.freshness.judge import Verdict
    from poetry_lockguard.relock.fixing import FixOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallReport:
    """What became of an install; ``status`` is ``installed``, ``refused`` or ``failed``."""

    status: str
    verdict: Verdict
    fix: FixOutcome | None = None
    failures: tuple[str, ...] = ()


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
