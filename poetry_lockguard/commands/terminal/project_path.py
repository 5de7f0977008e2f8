"""Finds the project that a command works on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.errors import ManifestError
from poetry_lockguard.freshness.discovery import locate
from poetry_lockguard.manifest.document import read

if TYPE_CHECKING:
    from pathlib import Path

    from poetry_lockguard.commands.base import GuardedCommand
    from poetry_lockguard.manifest.document import Manifest


def project_folder(command: GuardedCommand) -> Path:
    """Return the project's folder, as Poetry finds it; without a manifest, the start folder."""
    start = command.start_folder().absolute()
    try:
        return locate(start).parent
    except ManifestError:
        return start


def project_manifest(command: GuardedCommand) -> Manifest:
    """Read the project's manifest; raises ManifestError if there is none."""
    return read(locate(command.start_folder().absolute()))
