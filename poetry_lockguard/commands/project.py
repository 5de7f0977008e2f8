"""Which project a command speaks of: the one of ``-P``, or of the folder it runs in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from poetry_lockguard.manifest.document import read

if TYPE_CHECKING:
    from poetry.console.commands.command import Command

    from poetry_lockguard.manifest.document import Manifest


def project_folder(command: Command) -> Path:
    """Look upwards for a manifest, as Poetry does; without one, give the starting folder."""
    start = Path(command.option("project") or ".").absolute()
    above = (start, *start.parents)
    return next((folder for folder in above if (folder / "pyproject.toml").is_file()), start)


def project_manifest(command: Command) -> Manifest:
    """Read the project's manifest; raises ManifestError when there is none."""
    return read(project_folder(command) / "pyproject.toml")
