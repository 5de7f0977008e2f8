"""Checks whether the folders in a snapshot still have the same requirements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.errors import ManifestError
from poetry_lockguard.freshness.deep.folders import is_read_by_poetry
from poetry_lockguard.manifest.document import read
from poetry_lockguard.outcomes import Problem
from poetry_lockguard.poetry_api.imports.direct_origin import DirectOrigin
from poetry_lockguard.resolution.unmet_requirements import incomplete
from poetry_lockguard.snapshots.assembly import Tampered, assemble
from poetry_lockguard.snapshots.origins import Directory
from poetry_lockguard.snapshots.usage import pins

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from poetry.core.packages.package import Package

    from poetry_lockguard.snapshots.assembly import AssembledConfiguration
    from poetry_lockguard.snapshots.document import Snapshot
    from poetry_lockguard.snapshots.usage import Key


_WITH_LOCK = "run `poetry lockguard fix`, then `poetry lockguard snapshot sync`"
_WITHOUT_LOCK = "`poetry lockguard snapshot create` resolves it again"


def problems(
    snapshot: Snapshot, names: Sequence[str], folder: Path, file: str, *, has_lock: bool
) -> Iterator[Problem]:
    """Yield what a folder's manifest requires now and a configuration's pins do not satisfy.

    If the project ``has_lock``, that has to hold it first, since a snapshot follows it.
    """
    advice = _WITH_LOCK if has_lock else _WITHOUT_LOCK
    for name, parent, text in grown(snapshot, names, folder):
        yield Problem(
            code="path-dependency",
            message=f"{parent} needs {text} now, which none of its pins satisfies; {advice}",
            package=parent,
            requested=text,
            file=file,
        ).in_configuration(name)


def outgrown(resolved: AssembledConfiguration, folder: Path) -> dict[str, str]:
    """Return why configurations made of a lock are incomplete: a folder requires more by now."""
    made = assemble(None, resolved)
    if isinstance(made, Tampered):
        return {}
    found: dict[str, list[str]] = {}
    for name, parent, text in grown(made, [*made.configurations], folder):
        found.setdefault(name, []).append(
            f"{parent} needs {text} now, which poetry.lock does not contain; run `poetry lockguard"
            " fix` first"
        )
    return {name: "\n".join(lines) for name, lines in found.items()}


def grown(snapshot: Snapshot, names: Sequence[str], folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield the configuration, the folder's package and the requirement that no pin satisfies."""
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
            yield name, parent, text


def _read(folder: Path) -> Package | None:
    """Read a folder; None if it is missing, or if reading it needs a build backend."""
    path = folder / "pyproject.toml"
    try:
        if not path.is_file() or not is_read_by_poetry(read(path)):
            return None
        return DirectOrigin.get_package_from_directory(folder)
    except (ManifestError, RuntimeError, ValueError):  # resolving it again reports what is wrong
        return None
