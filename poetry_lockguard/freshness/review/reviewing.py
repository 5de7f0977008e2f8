"""``check --against``: adds to a verdict what a lock's change since a git revision shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.freshness.review import against
from poetry_lockguard.lockfile.damage import LockDamage
from poetry_lockguard.lockfile.lock_bytes import read
from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.lockfile.revisions import LOCK, at_revision
from poetry_lockguard.outcomes import Status

if TYPE_CHECKING:
    from poetry_lockguard.freshness.judge import Verdict
    from poetry_lockguard.outcomes import Problem

_READABLE = frozenset({Status.FRESH, Status.STALE, Status.BROKEN, Status.UNTRUSTED})


def reviewed(verdict: Verdict, revision: str) -> Verdict:
    """Compare the lock of a verdict with the same file at ``revision``.

    The lock is ``untrusted`` if content was replaced. A lock that is new since is left as it is.
    Raises UsageError for an unknown revision, GitError outside a repository, and LockguardError if
    the lock at the revision cannot be read.
    """
    return verdict.reviewed(_problems(verdict, revision))


def _problems(verdict: Verdict, revision: str) -> tuple[Problem, ...]:
    old = at_revision(revision, verdict.path).lock
    if old is None or verdict.status not in _READABLE:
        return ()
    try:
        new = parse(read(verdict.path / LOCK))
    except (FileNotFoundError, LockDamage):
        return ()  # which the verdict reports
    return (*against.problems(old, new, revision),)
