"""Explains what is wrong with a lock: one line for each problem."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.outcomes import Severity
from poetry_lockguard.printable import harmless
from poetry_lockguard.shown_paths import shown

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from poetry_lockguard.outcomes import Problem, Status


def lines(folder: Path, status: Status, problems: Iterable[Problem]) -> list[str]:
    """Return the lock's status and, indented, its errors."""
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    lock = shown(folder / "poetry.lock")
    return [f"{lock}: {status.value}", *(f"  {harmless(error.message)}" for error in errors)]
