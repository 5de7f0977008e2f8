"""Local archives and folders that a snapshot pins: whether they are missing or changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.digests import has_hash
from poetry_lockguard.outcomes import Problem, Severity
from poetry_lockguard.snapshots.origins import Directory, LocalFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from poetry_lockguard.snapshots.document import PackageEntry
    from poetry_lockguard.snapshots.usage import Key


def problems(held: Mapping[Key, PackageEntry], folder: Path, file: str) -> Iterator[Problem]:
    """Yield ``local-file`` (missing or changed archives) and ``path-dependency`` (missing folders).

    A missing folder is a warning, because an install with ``--no-directory`` does not need it.
    ``file`` is the snapshot's name in messages, ``folder`` the folder that contains it.
    """
    for (name, (version, source)), entry in sorted(held.items(), key=lambda item: item[0][0]):
        match source:
            case LocalFile(path=path):
                code, severity = "local-file", Severity.ERROR
                reason = _of_archive(f"{name}=={version}", entry, folder / path)
            case Directory(path=path) if not (folder / path).is_dir():
                code, severity = "path-dependency", Severity.WARNING
                reason = "is not there, so it cannot be installed"
            case _:
                continue
        if reason:
            yield Problem(
                code=code,
                message=f"{name} {version}: {path} {reason}",
                severity=severity,
                package=name,
                locked=version,
                file=file,
            )


def _of_archive(pin: str, entry: PackageEntry, path: Path) -> str | None:
    try:
        if all(has_hash(path, digest) for digest in entry.files.values()):
            return None
    except OSError as error:
        return f"cannot be read ({error.strerror}); put it back or drop the requirement"
    return (
        "has changed since it was pinned; restore it, or"
        f" `poetry lockguard snapshot remove {pin}` and `poetry lockguard snapshot create`"
    )


def absent(pins: Mapping[str, PackageEntry], folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the pins whose archive or folder is missing, and its path."""
    for name, pin in sorted(pins.items()):
        match pin.source:
            case LocalFile(path=path) | Directory(path=path) if not (folder / path).exists():
                yield name, path
            case _:
                pass
