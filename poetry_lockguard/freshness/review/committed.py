"""Compares a lock that is about to be used with the one that is committed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard import git
from poetry_lockguard.freshness.review import against
from poetry_lockguard.lockfile.damage import LockDamage
from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.lockfile.revisions import LOCK

if TYPE_CHECKING:
    from pathlib import Path

    from poetry_lockguard.outcomes import Problem


def since_head(folder: Path, content: bytes) -> tuple[Problem, ...]:
    """Return the unexplained differences between a lock and its committed version.

    Empty if the lock is not in git or is as committed, which takes one call of git.
    """
    try:
        committed = git.show("HEAD", f"./{LOCK}", folder)
        if committed is None or committed == content:
            return ()
        return (*against.errors(parse(committed), parse(content), "HEAD"),)
    except (git.GitError, LockDamage):
        return ()
