"""Checks whether the folders in a snapshot still have the same requirements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.errors import ManifestError
from poetry_lockguard.freshness.deep.folders import is_read_by_poetry
from poetry_lockguard.manifest.document import read
from poetry_lockguard.outcomes import Problem
from poetry_lockguard.poetry_api.imports.direct_origin import DirectOrigin
from poetry_lockguard.resolution.unmet_requirements import incomplete
from poetry_lockguard.snapshots.origins import Directory
from poetry_lockguard.snapshots.usage import pins

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from poetry.core.packages.package import Package

    from poetry_lockguard.snapshots.document import Snapshot
    from poetry_lockguard.snapshots.usage import Key


def problems(
    snapshot: Snapshot, names: Sequence[str], folder: Path, file: str
) -> Iterator[Problem]:
    """Yield what a folder's manifest requires now and a configuration's pins do not satisfy."""
    now: dict[Key, Package] = {}
    for key in pins(snapshot):
        source = key[1][1]
        if isinstance(source, Directory) and (package := _read(folder / source.path)) is not None:
            now[key] = package
    if not now:
        return
    before = {*incomplete(snapshot, names, folder)}
    for name, parent, text in incomplete(snapshot, names, folder, now):
        if (name, parent, text) not in before:
            yield Problem(
                code="path-dependency",
                message=f"{parent} needs {text} now, which none of its pins satisfies;"
                f" `poetry lockguard snapshot create --config {name}` resolves it again",
                package=parent,
                requested=text,
                file=file,
            ).in_configuration(name)


def _read(folder: Path) -> Package | None:
    """Read a folder; None if it is missing, or if reading it needs a build backend."""
    path = folder / "pyproject.toml"
    try:
        if not path.is_file() or not is_read_by_poetry(read(path)):
            return None
        return DirectOrigin.get_package_from_directory(folder)
    except (ManifestError, RuntimeError, ValueError):  # resolving it again reports what is wrong
        return None
