"""The part of ``check`` that checks the project's snapshot, if there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.errors import LockguardError
from poetry_lockguard.manifest.document import read as read_manifest
from poetry_lockguard.outcomes import Problem
from poetry_lockguard.settings import parse as parse_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from poetry_lockguard.freshness.judge import Verdict
    from poetry_lockguard.manifest.document import Manifest


def with_snapshot(verdict: Verdict) -> Verdict:
    """Add the problems of the snapshot, which do not concern the lock."""
    manifest = read_manifest(verdict.path / "pyproject.toml")
    settings = parse_settings(manifest.settings, str(manifest.path))
    path = manifest.folder / settings.snapshot
    if not path.exists():
        return verdict
    found = tuple(_problems(manifest, path, settings.snapshot))
    return verdict._replace(problems=(*verdict.problems, *found), snapshot=settings.snapshot)


def _problems(manifest: Manifest, path: Path, shown: str) -> Iterator[Problem]:
    from poetry_lockguard.resolution.project_configurations import SnapshotProject
    from poetry_lockguard.resolution.snapshot_problems import problems
    from poetry_lockguard.snapshots.entry_configurations import of_snapshot
    from poetry_lockguard.snapshots.store import read

    try:
        reading = read(path)
        project = SnapshotProject(manifest, path.absolute().parent)
        chosen = [*of_snapshot(reading.snapshot).values()]
        yield from problems(reading, project, chosen, project.preferred_or_none(), shown)
    except LockguardError as error:
        yield Problem(code="snapshot-unreadable", message=str(error), file=shown)
