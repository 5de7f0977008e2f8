"""The bytes of a snapshot: the same content gives the same bytes, always sealed.

Unchanged content keeps its bytes, including its time and its seal. A file whose seal is wrong is
only written with a new seal if the caller has verified every pin.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from poetry_lockguard.snapshots import origins
from poetry_lockguard.snapshots.damage import SnapshotError, UnwritableError
from poetry_lockguard.snapshots.document import FORMAT
from poetry_lockguard.snapshots.format import canonical, checks, reader
from poetry_lockguard.snapshots.format.canonical import Seal
from poetry_lockguard.snapshots.origins import Directory, Git, LocalFile, SnapshotSource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from poetry_lockguard.snapshots.document import (
        ConfigurationEntry,
        Installed,
        PackageEntry,
        Resolved,
        Snapshot,
    )
    from poetry_lockguard.snapshots.format.reader import Reading

FILE = "lockguard.lock"
Versions = Counter[tuple[str, str]]


def render(snapshot: Snapshot, previous: Reading | None = None, *, verified: bool = False) -> bytes:
    """Return the file's new bytes; those of ``previous`` if nothing has changed.

    Raises SealError for a change to a file whose seal is missing or wrong, unless ``verified``,
    and UnwritableError for values that are not allowed in a snapshot.
    """
    if previous is not None:
        if previous.snapshot == snapshot and not (verified and previous.seal is not Seal.OK):
            return previous.content
        if not verified:
            previous.must_be_sealed("not changed")
    made = _unsealed(snapshot)
    _must_be_readable(made, FILE if previous is None else previous.where)
    return canonical.written(_sealed(made))


def _must_be_readable(made: Mapping[str, Any], where: str) -> None:
    """Refuse what no reader accepts: no credential or absolute path may be written."""
    try:
        reader.built(made, where)
    except SnapshotError as error:
        mistakes = "; ".join(error.mistakes)
        raise UnwritableError(
            f"{where}: not written, because it would contain what no snapshot may: {mistakes}"
        ) from error


def document(snapshot: Snapshot) -> dict[str, Any]:
    """Return the whole file as values of JSON's types, with its seal."""
    return _sealed(_unsealed(snapshot))


def _sealed(made: dict[str, Any]) -> dict[str, Any]:
    return {**made, "sha256": canonical.seal(made)}


def _unsealed(snapshot: Snapshot) -> dict[str, Any]:
    versions = Counter(
        (name, entry.version) for name, entries in snapshot.packages.items() for entry in entries
    )
    made: dict[str, Any] = {
        "lockguard_version": FORMAT,
        "project": _project(snapshot),
        "configurations": {
            name: _configuration(entry, versions) for name, entry in snapshot.configurations.items()
        },
        "packages": {
            name: [_package(entry) for entry in entries]
            for name, entries in snapshot.packages.items()
        },
    }
    if snapshot.generated is not None:
        made["generated"] = snapshot.generated
    if snapshot.generator:
        made["generator"] = dict(snapshot.generator)
    return made


def _project(snapshot: Snapshot) -> dict[str, Any]:
    project = snapshot.project
    made = {
        "name": project.name,
        "requires_python": project.requires_python,
        "content_hash": project.content_hash,
        "requirements": _lists(project.requirements),
    }
    up = highest(snapshot.packages)
    return {**made, "root": "/".join([".."] * up)} if up else made


def highest(packages: Mapping[str, tuple[PackageEntry, ...]]) -> int:
    """Count how many folders above the snapshot's own the paths of its pins lead, at most."""
    return max(
        (_climb(entry.source) for entries in packages.values() for entry in entries), default=0
    )


def _climb(source: SnapshotSource) -> int:
    match source:
        case LocalFile(path=path) | Directory(path=path):
            return checks.climb(path)
        case Git(url=url) if checks.is_relative(url):
            return checks.climb(url)
        case _:
            return 0


def _configuration(entry: ConfigurationEntry, versions: Versions) -> dict[str, Any]:
    target = entry.target
    return {
        "target": {
            "python": target.python,
            "implementation": target.implementation,
            "platform": target.platform,
            "markers": dict(target.markers),
        },
        "groups": list(entry.groups),
        "extras": list(entry.extras),
        **_variant(entry),
        "packages": _held(entry.packages, versions),
        **_builds(entry, versions),
        "installed": None if entry.installed is None else _installed(entry.installed),
    }


def _held(packages: Mapping[str, Resolved], versions: Versions) -> dict[str, Any]:
    return {
        name: {
            "version": resolved.version,
            "resolved_by": resolved.resolved_by,
            "groups": list(resolved.groups),
            **_source(resolved.source if versions[name, resolved.version] > 1 else None),
        }
        for name, resolved in packages.items()
    }


def _builds(entry: ConfigurationEntry, versions: Versions) -> dict[str, Any]:
    """Return the build requirements; a configuration that builds nothing has neither key."""
    apart = {name: _held(build, versions) for name, build in entry.build_apart.items()}
    made = {"build": _held(entry.build, versions), "build_apart": apart}
    return {key: value for key, value in made.items() if value}


def _variant(entry: ConfigurationEntry) -> dict[str, Any]:
    """Return the keys of a variant; other configurations have none of them."""
    sources = {name: origins.fields(source) for name, source in entry.sources.items()}
    constraints = list(entry.constraints)
    made = {"sources": sources, "constraints": constraints}
    return {key: value for key, value in made.items() if value}


def _installed(installed: Mapping[str, Installed]) -> dict[str, Any]:
    return {
        name: {"version": found.version, **_source(found.source)}
        for name, found in installed.items()
    }


def _package(entry: PackageEntry) -> dict[str, Any]:
    made = {
        "version": entry.version,
        **_source(entry.source),
        "requires_python": entry.requires_python,
        "dependencies": list(entry.dependencies),
        "files": dict(entry.files),
        "reproducible": (reason := entry.reason) is None,
        **_build_requires(entry),
        **_file_facts(entry),
    }
    return made if reason is None else {**made, "reason": reason}


def _build_requires(entry: PackageEntry) -> dict[str, list[str]]:
    known = entry.build_requires
    return {} if known is None else {"build_requires": list(known)}


def _file_facts(entry: PackageEntry) -> dict[str, dict[str, Any]]:
    """Return what the index says of the files; a pin of which it says nothing has neither key."""
    facts = entry.facts
    return {
        **({"bytes": dict(facts.sizes)} if facts.sizes else {}),
        **({"upload_times": dict(facts.upload_times)} if facts.upload_times else {}),
    }


def _source(source: SnapshotSource | None) -> dict[str, Any]:
    return {} if source is None else {"source": origins.fields(source)}


def _lists(table: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    return {name: list(items) for name, items in table.items()}
