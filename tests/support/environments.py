"""What is installed in a project's environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def installed(folder: Path) -> set[str]:
    """Return the names of what is in the project's environment, Poetry's own tools left out."""
    found = {path.name.split("-")[0] for path in folder.glob(".venv/lib*/python*/*/*.dist-info")}
    return found - {"pip"}
