"""Stands in for a manifest where a snapshot is installed without one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from poetry_lockguard.manifest.document import parse
from poetry_lockguard.snapshots.document import ROOT
from poetry_lockguard.snapshots.origins import Index

if TYPE_CHECKING:
    from pathlib import Path

    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.snapshots.document import Snapshot


def manifest_text(snapshot: Snapshot) -> str:
    """Return a manifest with the project's name and Pythons, and the indexes of the pins.

    It has the build requirements that the snapshot pins for the project itself.
    """
    project = snapshot.project
    entries = snapshot.configurations.values()
    own = sorted(
        {name for each in entries for name, one in each.build.items() if one.resolved_by == ROOT}
    )
    lines = [
        "[project]",
        f"name = {json.dumps(project.name or 'snapshot')}",
        'version = "0"',
        f"requires-python = {json.dumps(project.requires_python or '>=3.8')}",
        "[tool.poetry]",
        "package-mode = false",
        "[build-system]",
        f"requires = {json.dumps(own)}",
    ]
    sources = {pin.source for pins in snapshot.packages.values() for pin in pins}
    for index in sorted(
        (one for one in sources if isinstance(one, Index)), key=lambda one: one.name
    ):
        lines += [
            "[[tool.poetry.source]]",
            f"name = {json.dumps(index.name)}",
            f"url = {json.dumps(index.url)}",
            'priority = "explicit"',
        ]
    return "\n".join([*lines, ""])


def stand_in(snapshot: Snapshot, folder: Path) -> Manifest:
    """Return the manifest as if it were in this folder, where no file is written."""
    return parse(manifest_text(snapshot), folder / "pyproject.toml")
