"""Finds the last good lock in git's history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard import git
from poetry_lockguard.errors import LockguardError
from poetry_lockguard.lockfile.damage import LockDamage
from poetry_lockguard.lockfile.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REVISIONS = ("HEAD", "HEAD~1", "HEAD~2", "HEAD~4", "HEAD~8", "HEAD~16", "HEAD~32")


def last_good_lock(folder: Path, name: str = "poetry.lock") -> tuple[str, bytes] | None:
    """Return the revision and content of the newest readable lock in the last few revisions."""
    try:
        for revision, content in _locks(folder, name):
            if _is_readable(content):
                return revision, content
    except LockguardError:
        pass  # no git, or no repository: there is no history
    return None


def _locks(folder: Path, name: str) -> Iterator[tuple[str, bytes]]:
    seen: set[bytes] = set()
    for revision in REVISIONS:
        commit = git.resolve(revision, folder)
        content = git.show(commit, f"./{name}", folder) if commit else None
        if content is not None and content not in seen:
            seen.add(content)
            yield revision, content


def _is_readable(content: bytes) -> bool:
    try:
        return bool(parse(content).pins)
    except LockDamage:
        return False
