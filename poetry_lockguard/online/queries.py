"""Turns the pins of a project's lock and snapshot into questions to the indexes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from poetry_lockguard.freshness.deep.pin_files import own_files
from poetry_lockguard.freshness.releases.answers import Asked
from poetry_lockguard.lockfile.document import File, Source
from poetry_lockguard.snapshots import origins

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from poetry_lockguard.lockfile.document import Lock
    from poetry_lockguard.snapshots.document import PackageEntry, Snapshot


def of_lock(lock: Lock) -> Iterator[Asked]:
    """Yield the pins of a lock.

    Before format 2.0, all files of a package are in one list, however many versions are locked.
    """
    names = Counter(pin.name for pin in lock.pins)
    together = lock.lock_version.startswith("1.")
    for pin in lock.pins:
        files = own_files(pin) if together and names[pin.name] > 1 else pin.files
        yield Asked(
            name=pin.name, version=pin.version, files=files, source=pin.source, line=pin.line
        )


def of_snapshot(snapshot: Snapshot, known: Iterable[Asked], held_in: str) -> Iterator[Asked]:
    """Yield the pins of a snapshot that are not among the ``known``, all files included."""
    held = {
        (one.name, one.version, one.source, file.name, file.hash)
        for one in known
        for file in one.files
    }
    for name, entries in snapshot.packages.items():
        for entry in entries:
            asked = _asked(name, entry, held_in)
            declared = {
                (name, asked.version, asked.source, file.name, file.hash) for file in asked.files
            }
            if not (declared and declared <= held):
                yield asked


def _asked(name: str, entry: PackageEntry, held_in: str) -> Asked:
    return Asked(
        name=name,
        version=entry.version,
        files=tuple(File(name=file, hash=hash_) for file, hash_ in entry.files.items()),
        source=_source(entry.source),
        held_in=held_in,
    )


def _source(source: origins.SnapshotSource) -> Source | None:
    match source:
        case origins.PyPI():
            return None
        case origins.Index(name=name, url=url):
            return Source(kind="legacy", url=url, reference=name)
        case origins.Git(url=url, commit=commit, reference=reference):
            return Source(kind="git", url=url, reference=reference, resolved_reference=commit)
        case origins.Url(url=url):
            return Source(kind="url", url=url)
        case origins.LocalFile(path=path) | origins.Directory(path=path):
            return Source(kind=source.type, url=path)
