"""The report as GitLab's code quality artifact.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from poetry_lockguard.outcomes import Severity
from poetry_lockguard.report.pipelines.findings import fingerprinted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from poetry_lockguard.report.pipelines.findings import CheckedProject, Finding

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.NOTE: "info"}


def document(projects: Sequence[CheckedProject]) -> str:
    """Return one array with an object for each problem."""
    findings = [finding for project in projects for finding in project.findings]
    return json.dumps([_issue(*each) for each in fingerprinted(findings)], indent=2)


def _issue(finding: Finding, fingerprint: str) -> dict[str, Any]:
    return {
        "description": finding.message,
        "check_name": finding.code,
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[finding.severity],
        "location": {"path": finding.path, "lines": {"begin": finding.line}},
    }
