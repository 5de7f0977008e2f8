"""Verdicts as one JSON document."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from poetry_lockguard.freshness.survey import Unlooked
from poetry_lockguard.outcomes import Problem
from poetry_lockguard.report.problem_rows import problem_document
from poetry_lockguard.shown_paths import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from poetry_lockguard.freshness.judge import Verdict
    from poetry_lockguard.freshness.since import Since


def document(outcomes: Iterable[Verdict | Unlooked]) -> str:
    """Return the document for all projects of one ``check``; absent values are null."""
    projects = [
        _unlooked(outcome) if isinstance(outcome, Unlooked) else _project(outcome)
        for outcome in outcomes
    ]
    statuses = {project["status"] for project in projects}
    status = statuses.pop() if len(statuses) == 1 else "mixed"
    content = {"lockguard": 1, "command": "check", "status": status, "projects": projects}
    return json.dumps(content, indent=2)


def _project(verdict: Verdict) -> dict[str, Any]:
    return {
        "path": shown(verdict.path),
        "name": verdict.name,
        "status": verdict.status.value,
        "lock_version": verdict.lock_version,
        "generator": verdict.generator,
        "content_hash": {"locked": verdict.locked_hash, "expected": verdict.expected_hash},
        "problems": [problem_document(problem) for problem in verdict.problems],
        "since": None if verdict.since is None else _since(verdict.since),
    }


def _unlooked(outcome: Unlooked) -> dict[str, Any]:
    return {
        "path": shown(outcome.path),
        "name": None,
        "status": "error",
        "lock_version": None,
        "generator": None,
        "content_hash": {"locked": None, "expected": None},
        "problems": [_no_verdict(outcome.reason)],
        "since": None,
    }


def _since(since: Since) -> dict[str, str]:
    made = datetime.fromtimestamp(since.made, tz=timezone.utc).isoformat()
    return {"commit": since.commit, "date": made, "subject": since.subject}


def _no_verdict(reason: str) -> dict[str, Any]:
    return problem_document(Problem(code="manifest", message=reason))
