"""The pins of a lock as entries of a snapshot, which the writers of files understand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.exports.pin_selection import Used
from poetry_lockguard.snapshots.compatible_files import Installable
from poetry_lockguard.snapshots.document import PackageEntry
from poetry_lockguard.snapshots.origins import Directory, Git, Index, LocalFile, PyPI, Url

if TYPE_CHECKING:
    from poetry_lockguard.lockfile.document import Pin
    from poetry_lockguard.snapshots.origins import SnapshotSource


def entry_of(pin: Pin) -> PackageEntry:
    """Return a pin as an entry."""
    return PackageEntry(
        version=pin.version,
        source=_source(pin),
        requires_python=None if pin.python_versions in {"", "*"} else pin.python_versions,
        files={file.name: file.hash for file in pin.files},
    )


def whole(name: str, entry: PackageEntry) -> Used:
    """Return an entry with all its files, for every environment."""
    wheels = sorted(file for file in entry.files if file.endswith(".whl"))
    sdists = sorted(
        (file for file in entry.files if not file.endswith((".whl", ".egg", ".exe"))),
        key=lambda file: (not file.endswith(".tar.gz"), file),
    )
    files = Installable(tuple(wheels), next(iter(sdists), None))
    return Used(name=name, entry=entry, used_in=1, unserved=0, files=files)


def _source(pin: Pin) -> SnapshotSource:
    source = pin.source
    if source is None:
        return PyPI()
    match source.kind:
        case "git":
            return Git(
                url=source.url,
                commit=source.resolved_reference,
                reference=source.reference,
                subdirectory=source.subdirectory,
            )
        case "url":
            return Url(url=source.url, subdirectory=source.subdirectory)
        case "file":
            return LocalFile(path=source.url, subdirectory=source.subdirectory)
        case "directory":
            return Directory(path=source.url, editable=bool(pin.raw.get("develop")))
        case _:
            return Index(name=source.reference or "", url=source.url)
