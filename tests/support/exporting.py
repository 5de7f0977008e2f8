"""Snapshots to export: made of a test's index, for targets of any kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from poetry_lockguard.exports.outcome import Places
from poetry_lockguard.snapshots.document import (
    ConfigurationEntry,
    PackageEntry,
    Project,
    Resolved,
    Snapshot,
    TargetEntry,
)
from poetry_lockguard.snapshots.origins import PyPI, SnapshotSource

if TYPE_CHECKING:
    from collections.abc import Iterable

    from index import Index, Server

    from poetry_lockguard.targets.configuration import Configuration
    from poetry_lockguard.targets.target import Target

PYPI = PyPI()
Pins = Mapping[str, tuple[PackageEntry, ...]]


def entry_of(target: Target) -> TargetEntry:
    return TargetEntry(
        python=target.python,
        implementation=target.implementation,
        platform=target.platform,
        markers=target.markers,
    )


def held(index: Index, source: SnapshotSource = PYPI) -> Pins:
    """Pin everything an index holds."""
    pins: dict[str, tuple[PackageEntry, ...]] = {}
    for name, artifacts in index.projects.items():
        files: dict[str, dict[str, str]] = {}
        for artifact in artifacts:
            of_version = files.setdefault(artifact.release.version, {})
            of_version[artifact.filename] = f"sha256:{artifact.sha256}"
        pins[name] = tuple(
            PackageEntry(version=version, source=source, files=of_version)
            for version, of_version in files.items()
        )
    return pins


def places(index: Index, server: Server, pins: Pins, root: str = ".") -> Places:
    """Say where an index's server has the files of all pins."""
    urls = {
        (name, entry.pin): {file: f"{server.base}/files/{file}" for file in entry.files}
        for name, entries in pins.items()
        for entry in entries
        if name in index.projects
    }
    return Places(urls=urls, pypi=f"{server.url}/", root=root)


def snapshot(
    pins: Pins, chosen: Mapping[Configuration, Iterable[tuple[str, PackageEntry]]]
) -> Snapshot:
    """Make a snapshot in which each configuration uses these pins."""
    return Snapshot(
        project=Project(name="engine"),
        configurations={
            one.name: ConfigurationEntry(
                target=entry_of(one.target),
                groups=one.groups,
                extras=one.extras,
                packages={
                    name: Resolved(version=entry.version, source=entry.source, groups=one.groups)
                    for name, entry in used
                },
            )
            for one, used in chosen.items()
        },
        packages=pins,
    )
