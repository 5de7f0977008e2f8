"""The report as SARIF 2.1.0, which code scanning services and editors read.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from poetry_lockguard.codes.catalog import PAGES
from poetry_lockguard.report.pipelines.findings import fingerprinted
from poetry_lockguard.report.problem_rows import help_command

if TYPE_CHECKING:
    from collections.abc import Sequence

    from poetry_lockguard.codes.problem_page import ProblemPage
    from poetry_lockguard.report.pipelines.findings import CheckedProject, Finding

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT = "%SRCROOT%"  # the working folder, by the convention of code scanning services


def document(projects: Sequence[CheckedProject]) -> str:
    """Return one SARIF log with one run."""
    findings = [finding for project in projects for finding in project.findings]
    codes = [*dict.fromkeys(finding.code for finding in findings)]
    run = {
        "tool": {"driver": _driver(codes)},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": all(one.is_checked for one in projects)}],
        "results": [
            _result(finding, codes.index(finding.code), fingerprint)
            for finding, fingerprint in fingerprinted(findings)
        ],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _driver(codes: Sequence[str]) -> dict[str, Any]:
    return {
        "name": "lockguard",
        "semanticVersion": version("poetry-lockguard"),
        "rules": [_rule(code, PAGES.get(code)) for code in codes],
    }


def _rule(code: str, page: ProblemPage | None) -> dict[str, Any]:
    if page is None:
        return {"id": code}
    parts = (
        ("Example", page.example),
        ("Cause", page.cause),
        ("What to do", page.remedy),
        ("In a terminal", f"`{help_command(code)}` prints this page."),
    )
    return {
        "id": code,
        "shortDescription": {"text": page.summary},
        "fullDescription": {"text": page.meaning},
        "help": {
            "text": "\n\n".join([page.meaning, *(f"{title}: {text}" for title, text in parts)]),
            "markdown": "\n\n".join(
                [page.meaning, *(f"**{title}.** {text}" for title, text in parts)]
            ),
        },
        "defaultConfiguration": {"level": page.severity.partition(" ")[0].rstrip(",")},
    }


def _result(finding: Finding, index: int, fingerprint: str) -> dict[str, Any]:
    location = {"uri": quote(finding.path), "uriBaseId": _ROOT}
    region = {"startLine": finding.line}
    return {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": finding.severity.value,
        "message": {"text": finding.message},
        "locations": [{"physicalLocation": {"artifactLocation": location, "region": region}}],
        "partialFingerprints": {"lockguardProblem/v1": fingerprint},
    }
