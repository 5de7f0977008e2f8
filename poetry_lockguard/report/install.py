"""The report of ``install``: why the lock was not fresh, what a fix changed, what failed."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from poetry_lockguard.installing.install_outcomes import (
    InstallFailed,
    InstallRefused,
    InstallSucceeded,
    LockNotFixed,
)
from poetry_lockguard.outcomes import Exit
from poetry_lockguard.plurals import first_few
from poetry_lockguard.relock.fix_outcomes import Fixed, NotFixed
from poetry_lockguard.report import change_lines, drift_lines
from poetry_lockguard.report.fix import status as fix_status
from poetry_lockguard.report.problem_rows import problem_document
from poetry_lockguard.report.snapshot import problem_lines
from poetry_lockguard.shown_paths import shown

if sys.version_info >= (3, 11):
    from typing import assert_never
else:
    from typing_extensions import assert_never

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from poetry_lockguard.freshness.judge import Verdict
    from poetry_lockguard.installing.install_outcomes import InstallReport
    from poetry_lockguard.installing.snapshot_installation import Reproduced
    from poetry_lockguard.relock.fix_outcomes import FixOutcome


_SHOWN = 3  # this many packages are named with one reason


def explanation(verdict: Verdict) -> list[str]:
    """Return why a lock is not fresh, one line for each problem."""
    return drift_lines.lines(verdict.path, verdict.status, verdict.problems)


def as_json(report: InstallReport) -> str:
    """Return the JSON document."""
    document = {
        "lockguard": 1,
        "command": "install",
        **_outcome(report),
        "problems": [problem_document(problem) for problem in report.verdict.problems],
        "failures": failures(report),
    }
    return json.dumps(document, indent=2)


def closing(report: InstallReport, folder: Path, *, dry_run: bool) -> list[str]:
    """Return the last line of an install that succeeded; other ends have said why already."""
    if not isinstance(report, InstallSucceeded):
        return []
    lock = shown(folder / "poetry.lock")
    if dry_run:
        return [f"{lock}: nothing was installed, because of --dry-run"]
    match report.fix:
        case Fixed(strategy=strategy):
            return [f"{lock}: installed, after a fix by {strategy}"]
        case NotFixed():
            return [f"{lock}: installed, although it is not in step"]
        case _:
            return [f"{lock}: installed"]


def snapshot_closing(outcome: Reproduced, *, dry_run: bool) -> list[str]:
    """Return the last line of an install from a snapshot that succeeded."""
    if outcome.code is not Exit.OK or outcome.config is None:
        return []
    done = "nothing was installed, because of --dry-run" if dry_run else "installed"
    return [f"{outcome.file}: {outcome.config}: {done}"]


def failures(report: InstallReport) -> list[str]:
    """Return what Poetry's installer failed at."""
    return list(report.failures) if isinstance(report, InstallFailed) else []


def failure_lines(failures: Sequence[str]) -> list[str]:
    """Return a line for each reason, with the packages that could not be installed for it."""
    packages: dict[str, list[str]] = {}
    for failure in failures:
        package, _, reason = failure.partition(": ")
        packages.setdefault(reason or failure, []).append(package)
    return [
        f"lockguard: {first_few(names, _SHOWN)}: {reason}"
        if names != [reason]
        else f"lockguard: {reason}"
        for reason, names in packages.items()
    ]


def _outcome(report: InstallReport) -> dict[str, Any]:
    """Return the statuses of the install, of the lock and of its fix."""
    match report:
        case InstallSucceeded(fix=fix):
            status = "installed"
        case InstallRefused():
            status, fix = "refused", None
        case LockNotFixed(fix=fix) | InstallFailed(fix=fix):
            status = "failed"
        case _:
            assert_never(report)
    fixed = None if fix is None else _fix(fix)
    return {"status": status, "lock": report.verdict.status.value, "fix": fixed}


def _fix(outcome: FixOutcome) -> dict[str, Any]:
    strategy, changes = None, []
    if isinstance(outcome, Fixed):
        strategy, changes = outcome.strategy, change_lines.rows(outcome.changes)
    return {"status": fix_status(outcome), "strategy": strategy, "changes": changes}


def snapshot_lines(outcome: Reproduced) -> Iterator[str]:
    """Yield the lines for stderr on an install from a snapshot."""
    yield from outcome.reasons
    yield from failure_lines(outcome.failures)
    yield from problem_lines(outcome.problems)
    if outcome.problems and outcome.code is Exit.FOUND:
        yield f"{outcome.file}: the environment does not match the configuration {outcome.config}"


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
