"""One problem as JSON, the same in every command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from poetry_lockguard.outcomes import Problem


def problem_document(problem: Problem) -> dict[str, Any]:
    """Return one problem, with the keys that every command's JSON uses."""
    return {
        "code": problem.code,
        "severity": problem.severity.value,
        "message": problem.message,
        "package": problem.package,
        "group": problem.group,
        "requested": problem.requested,
        "locked": problem.locked,
        "line": problem.line,
        "help": help_command(problem.code),
    }


def help_command(code: str) -> str:
    """Return the command that prints the page of a problem code."""
    return f"lockguard explain {code}"
