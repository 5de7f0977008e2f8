"""Whether a pin always means the same bytes, and if not, why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.snapshots.origins import (
    Directory,
    Git,
    Index,
    LocalFile,
    PyPI,
    SnapshotSource,
    Url,
    is_full_commit,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

DIGITS = {"md5": 32, "sha1": 40, "sha224": 56, "sha256": 64, "sha384": 96, "sha512": 128}
BROKEN = ("md5", "sha1")  # two files with one such digest can be made


def unsealed(source: SnapshotSource, files: Mapping[str, str]) -> str | None:
    """Return why neither file hashes nor a full commit seal this pin; None if they do."""
    match source:
        case Directory():
            return "a directory can change at any time"
        case Git(commit=commit):
            return None if is_full_commit(commit) else "it names no full commit"
        case PyPI() | Index():
            return _without_hash(files, "the index gives no file hashes")
        case Url() | LocalFile():
            return _without_hash(files, "no hash of the archive is known")


def _without_hash(files: Mapping[str, str], none: str) -> str | None:
    if not files:
        return none
    listed = " ".join(files.values())
    weak = [algorithm for algorithm in BROKEN if f"{algorithm}:" in listed]
    return f"files are sealed with {', '.join(weak)} only" if weak else None
