"""Verdicts as GitHub workflow commands, which annotate the affected lines.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.outcomes import Severity
from poetry_lockguard.printable import Clean, harmless, printable
from poetry_lockguard.report.deduplication import deduplicate, since
from poetry_lockguard.report.pipelines.problem_place import place
from poetry_lockguard.shown_paths import shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from poetry_lockguard.freshness.judge import Verdict
    from poetry_lockguard.freshness.survey import Unlooked

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_ESCAPES = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
_PROPERTY_ESCAPES = (*_ESCAPES, (":", "%3A"), (",", "%2C"))


def workflow_commands(verdict: Verdict, manifest_text: str) -> Iterator[str]:
    """Yield one workflow command for each problem; a fresh lock without problems has none.

    ``manifest_text`` is the project's ``pyproject.toml``, in which requirements are looked up.
    """
    for problem in deduplicate(verdict.problems):
        path, line = place(problem, verdict.path, manifest_text)
        yield _command(_COMMANDS[problem.severity], path, line, problem.code, problem.message)
    if verdict.since is not None:
        path = verdict.path / "pyproject.toml"
        yield _command("notice", path, None, "since", since(verdict.since))


def unlooked(outcome: Unlooked) -> str:
    """Return the workflow command for a project that could not be checked."""
    return _command("error", outcome.path / "pyproject.toml", None, "manifest", outcome.reason)


def _command(command: str, path: Path, line: int | None, title: str, message: str) -> str:
    properties = {"file": shown(path), "line": line, "title": title}
    listed = ",".join(
        f"{name}={_escaped(str(value), _PROPERTY_ESCAPES)}"
        for name, value in properties.items()
        if value is not None
    )
    return Clean(f"::{command} {listed}::{_escaped(harmless(message), _ESCAPES)}")


def _escaped(text: str, escapes: tuple[tuple[str, str], ...]) -> str:
    text = printable(text)
    for character, escape in escapes:
        text = text.replace(character, escape)
    return text
