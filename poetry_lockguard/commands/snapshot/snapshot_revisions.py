"""The two sides of ``snapshot diff``: each a file, a git revision, or a path in a git revision."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from poetry_lockguard import git
from poetry_lockguard.errors import UsageError
from poetry_lockguard.report.diff_values import SnapshotDiff
from poetry_lockguard.shown_paths import shown
from poetry_lockguard.snapshots.differences import differences
from poetry_lockguard.snapshots.format.reader import parse
from poetry_lockguard.snapshots.store import read

if TYPE_CHECKING:
    from poetry_lockguard.snapshots.format.reader import Reading


@dataclass(frozen=True, slots=True)
class SnapshotRevision:
    """A snapshot and its name; ``reading`` is ``None`` if there was none at that revision."""

    name: str
    reading: Reading | None


def find(text: str, own: Path) -> SnapshotRevision:
    """Read the side a user named; a bare revision means the project's snapshot at it.

    ``own`` is the project's snapshot. Raises UsageError if ``text`` is neither.
    """
    if Path(text).is_file() and not git.is_head(text):
        return SnapshotRevision(text, read(Path(text)))
    folder = own.absolute().parent
    revision, colon, inside = text.partition(":")
    try:
        commit = git.resolve(revision, folder) if revision else None
    except git.GitError as error:
        raise UsageError(f"{text}: no such file, and no revision: {error}") from error
    if commit is None:
        raise UsageError(
            f"{text}: no such file, and no revision {revision!r} in git; name a snapshot, a"
            " revision, or REVISION:PATH"
        )
    content = git.show(commit, inside or f"./{own.name}", folder)
    if colon and content is None:
        raise UsageError(f"{text}: {revision} contains no file {inside!r}; check the path")
    name = text if colon else f"{text}:{own.name}"
    return SnapshotRevision(name, None if content is None else parse(content, name))


def working_tree(own: Path) -> SnapshotRevision:
    """Read the project's snapshot as it is now."""
    return SnapshotRevision(shown(own), read(own) if own.exists() else None)


def is_snapshot(text: str | None, folder: Path) -> bool:
    """Whether the user named a snapshot, as a file or as REVISION:PATH; snapshots are JSON."""
    if not text:
        return False
    if Path(text).is_file() and not git.is_head(text):
        with Path(text).open("rb") as file:
            return file.read(64).lstrip().startswith(b"{")
    revision, colon, inside = text.partition(":")
    if not (colon and revision and inside):
        return False
    try:
        commit = git.resolve(revision, folder)
        content = git.show(commit, inside, folder) if commit else None
    except git.GitError:
        return False
    return content is not None and content[:64].lstrip().startswith(b"{")


def difference(
    old: SnapshotRevision, new: SnapshotRevision, *, verbose: bool = False
) -> SnapshotDiff:
    """Compare two sides; raises UsageError if neither has a snapshot."""
    if old.reading is None and new.reading is None:
        raise UsageError(f"{old.name}, {new.name}: neither side has a snapshot")
    before = None if old.reading is None else old.reading.snapshot
    after = None if new.reading is None else new.reading.snapshot
    names = [{*one.configurations} if one else set() for one in (before, after)]
    return SnapshotDiff(
        old=old.name,
        new=new.name,
        found=differences(before, after),
        common=tuple(sorted(names[0] & names[1])),
        verbose=verbose,
    )
