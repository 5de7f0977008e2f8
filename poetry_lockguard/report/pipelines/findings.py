"""Verdicts as plain values for the formats of pipelines, with text that is safe everywhere."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from poetry_lockguard.freshness.survey import Unlooked
from poetry_lockguard.outcomes import Severity
from poetry_lockguard.printable import harmless, printable
from poetry_lockguard.report.deduplication import deduplicate, since
from poetry_lockguard.report.pipelines.problem_place import place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from poetry_lockguard.freshness.judge import Verdict
    from poetry_lockguard.outcomes import Problem

UNCHECKED = "manifest"  #: the code of a project that could not be checked


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One problem: ``path`` is relative to the working folder, ``line`` counts from 1.

    ``identity`` stays the same when other lines or versions of the lock change. It contains the
    severity, so that an error that a rule ignored before is new again when the rule has ended.
    """

    code: str
    severity: Severity
    message: str
    path: str
    line: int
    identity: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedProject:
    """The outcome for one project; ``is_checked`` is False if there is no verdict."""

    path: str
    name: str | None
    status: str
    is_in_step: bool
    is_checked: bool
    findings: tuple[Finding, ...]
    remark: str | None = None


def checked(outcome: Verdict | Unlooked, manifest_text: str) -> CheckedProject:
    """Return the outcome of one project; ``manifest_text`` is its ``pyproject.toml``."""
    if isinstance(outcome, Unlooked):
        return unchecked(outcome.reason, outcome.path / "pyproject.toml")
    return CheckedProject(
        path=_relative(outcome.path / "poetry.lock"),
        name=None if outcome.name is None else _safe(outcome.name),
        status=outcome.status.value,
        is_in_step=outcome.is_in_step,
        is_checked=True,
        findings=tuple(
            _finding(problem, outcome.path, manifest_text)
            for problem in deduplicate(outcome.problems)
        ),
        remark=None if outcome.since is None else _safe(since(outcome.since)),
    )


def unchecked(reason: str, path: Path = Path("pyproject.toml")) -> CheckedProject:
    """Return the outcome of a project, or of a whole command, without a verdict."""
    where = _relative(path)
    message = _safe(reason)
    finding = Finding(
        code=UNCHECKED,
        severity=Severity.ERROR,
        message=message,
        path=where,
        line=1,
        identity=(message,),
    )
    return CheckedProject(
        path=where,
        name=None,
        status="error",
        is_in_step=False,
        is_checked=False,
        findings=(finding,),
    )


def fingerprinted(findings: Iterable[Finding]) -> Iterator[tuple[Finding, str]]:
    """Yield each finding with a fingerprint, unique here and the same in the next run."""
    seen: Counter[tuple[str, ...]] = Counter()
    for finding in findings:
        identity = (finding.path, finding.code, *finding.identity)
        seen[identity] += 1
        text = "\0".join((*identity, str(seen[identity])))
        yield finding, hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _finding(problem: Problem, folder: Path, manifest_text: str) -> Finding:
    path, line = place(problem, folder, manifest_text)
    named = (problem.package, problem.group, problem.configuration)
    identity = (problem.severity.value, *(named if any(named) else (problem.message,)))
    return Finding(
        code=problem.code,
        severity=problem.severity,
        message=_safe(problem.message),
        path=_relative(path),
        line=line or 1,
        identity=tuple(each or "" for each in identity),
    )


def _relative(path: Path) -> str:
    """Return a path relative to the working folder, with forward slashes."""
    try:
        text = os.path.relpath(path)
    except ValueError:  # on another drive of Windows
        text = str(path)
    return _safe(Path(text).as_posix())


def _safe(text: str) -> str:
    return printable(harmless(text))
