"""Puts a new lock in place, with the files derived from it, and reports what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.errors import LockguardError
from poetry_lockguard.file_sets import replace_all
from poetry_lockguard.files import WriteError
from poetry_lockguard.lockfile.changes import changes, lock_changes
from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.lockfile.revisions import find
from poetry_lockguard.outcomes import Problem
from poetry_lockguard.relock.fix_outcomes import NOT_WRITTEN, AlreadyFresh, Fixed, NotFixed
from poetry_lockguard.relock.lock_before import LockBefore
from poetry_lockguard.relock.snapshot_behind import snapshot_behind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from poetry_lockguard.freshness.judge import Verdict
    from poetry_lockguard.lockfile.document import Lock
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.relock.derived_files import Rewritten
    from poetry_lockguard.relock.fix_request import FixJob
    from poetry_lockguard.repair.ladder import Attempt, Solved


def put_in_place(
    job: FixJob, before: LockBefore, attempts: Sequence[Attempt], solved: Solved
) -> Fixed | NotFixed:
    """Replace the old lock by the new one, unless it is a dry run, and say what changed."""
    content = solved.lock_text.encode("utf-8")
    changed = [] if content == before.content else [(job.manifest.lock_path, content)]
    try:
        found = derived(job, parse(content))
        if not job.request.dry_run:
            job.deadline.heed()
            contents = [*((one.path, one.content) for one in found), *changed]
            replace_all(job.manifest.lock_path, contents)
    except WriteError as error:
        return unwritten(job.verdict, error, attempts)
    made = _fixed(job, before, attempts, solved)
    return made._replace(exports=tuple(one.name for one in found))


def still_fresh(job: FixJob) -> AlreadyFresh | NotFixed:
    """Leave a fresh lock alone, and rewrite what is derived from it where that differs."""
    lock = LockBefore.of(job.manifest.lock_path).lock
    try:
        found = [] if lock is None else derived(job, lock)
        if found and not job.request.dry_run:
            contents = [(one.path, one.content) for one in found]
            replace_all(job.manifest.lock_path, contents)
    except WriteError as error:
        return unwritten(job.verdict, error)
    return AlreadyFresh(
        problems=job.verdict.problems,
        exports=tuple(one.name for one in found),
        behind=snapshot_behind(job.manifest, job.settings, lock),
    )


def derived(job: FixJob, lock: Lock) -> list[Rewritten]:
    """Return the derived files that change with ``lock``; raises WriteError."""
    if not job.settings.exports:
        return []
    from poetry_lockguard.relock.derived_files import rewritten

    return rewritten(job.manifest, job.settings, lock, job.network, force=job.request.force)


def unwritten(verdict: Verdict, error: WriteError, attempts: Sequence[Attempt] = ()) -> NotFixed:
    """Return the outcome of a lock that could not be put in place."""
    problem = Problem(code=NOT_WRITTEN, message=str(error))
    problems = (*verdict.problems, problem)
    return NotFixed(was=verdict.status, attempts=tuple(attempts), problems=problems)


def _fixed(job: FixJob, before: LockBefore, attempts: Sequence[Attempt], solved: Solved) -> Fixed:
    """Compare the new lock with the old one, and with HEAD's if the old one was damaged."""
    new = parse(solved.lock_text.encode("utf-8"))
    is_damaged = before.lock is None and before.content is not None
    committed = _committed(job.manifest) if is_damaged else None
    old = before.compared or committed or before.rest
    changed = changes(old, new)
    since_head = None if committed is None else changes(committed, new)
    return Fixed(
        was=job.verdict.status,
        strategy=attempts[-1].strategy,
        attempts=tuple(attempts),
        lock_text=solved.lock_text,
        changes=changed,
        own=lock_changes(old, new),
        problems=job.verdict.problems,
        against_head=old is not None and old is committed,
        since_head=None if since_head == changed else since_head,
        moved_up=solved.moved_up,
        behind=snapshot_behind(job.manifest, job.settings, new),
    )


def _committed(manifest: Manifest) -> Lock | None:
    """Return the lock at HEAD, or None without a readable one."""
    try:
        return find("HEAD", manifest.folder).lock
    except LockguardError:
        return None
