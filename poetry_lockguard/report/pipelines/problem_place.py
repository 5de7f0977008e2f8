"""Where a problem is shown: its line in the lock, or that of its requirement in the manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.manifest.lines import line_of, line_of_python

if TYPE_CHECKING:
    from pathlib import Path

    from poetry_lockguard.outcomes import Problem


def place(problem: Problem, folder: Path, manifest_text: str) -> tuple[Path, int | None]:
    """Return the file and the line, if it is known, of a problem in the project in ``folder``."""
    line = None
    if problem.code == "python-changed":
        line = line_of_python(manifest_text)
    elif problem.line is None and problem.package is not None:
        line = line_of(manifest_text, problem.package)
    if line is not None:
        return folder / "pyproject.toml", line
    return folder / problem.file, problem.line
