"""Updates one lock: moves the named pins, verifies the new lock, and replaces the file."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from poetry.core.constraints.version import Version

from poetry_lockguard import files
from poetry_lockguard.freshness.trusting import of_lock
from poetry_lockguard.index.deadline import Deadline
from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.outcomes import Severity, Status
from poetry_lockguard.policy import enforcement
from poetry_lockguard.relock.fix_outcomes import Fixed, NotFixed
from poetry_lockguard.relock.fix_progress import (
    ErrorLines,
    Progress,
    say_settled,
    say_waiting,
    write_refused,
)
from poetry_lockguard.relock.fix_request import FixJob, FixRequest
from poetry_lockguard.relock.fixing import diagnose, opened_context
from poetry_lockguard.relock.lock_before import LockBefore
from poetry_lockguard.relock.reduction import Reduction
from poetry_lockguard.relock.replacing import put_in_place, unwritten
from poetry_lockguard.relock.soundness import Flaw, Verified, flaws
from poetry_lockguard.relock.update.moves import check_moves
from poetry_lockguard.repair.forced_moves import ForcedMove, forced_moves
from poetry_lockguard.repair.ladder import Attempt, Solved, climb
from poetry_lockguard.settings import NEWEST
from poetry_lockguard.settings import parse as parse_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from poetry_lockguard.freshness.judge import Verdict
    from poetry_lockguard.lockfile.document import Lock
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.relock.update.moves import Move


@dataclass(frozen=True, slots=True, kw_only=True)
class Updated:
    """The lock that was made, or would be; ``forced`` are the moves that nobody asked for.

    If ``is_unchanged``, the pins already were where they should be.
    """

    made: Fixed
    forced: tuple[ForcedMove, ...] = ()
    is_unchanged: bool = False


UPDATE = "update"  #: the name of the only strategy

UpdateOutcome = Updated | NotFixed


def update(
    manifest: Manifest, moves: Sequence[Move], request: FixRequest, io: ErrorLines
) -> UpdateOutcome:
    """Move the named pins of a fresh lock; progress and warnings go to ``io``'s stderr.

    A lock that is not fresh, sound and trusted is left alone: what ``fix`` would change is not what
    an update was asked for. Raises LockguardError for an unusable manifest or settings, and
    UsageError for a name that is not locked.
    """
    settings = parse_settings(manifest.settings, str(manifest.path))
    deadline = Deadline(settings.timeout if request.timeout is None else request.timeout)
    lock = manifest.lock_path
    verdict = diagnose(manifest)
    if not _is_movable(verdict):
        return NotFixed(was=verdict.status, problems=verdict.problems)
    try:
        if not request.dry_run:
            files.probe(lock)
        with files.exclusive(lock, deadline.remaining(), lambda: say_waiting(lock, io)):
            say_settled(manifest, settings, request, io)
            verdict = diagnose(manifest)
            if not _is_movable(verdict):
                return NotFixed(was=verdict.status, problems=verdict.problems)
            job = FixJob(
                manifest=manifest,
                request=request,
                settings=settings,
                deadline=deadline,
                verdict=verdict,
                is_from_scratch=False,
            )
            with deadline.interruptible():
                return _updated(job, tuple(moves), io)
    except files.WriteError as error:
        return unwritten(verdict, error)


def _is_movable(verdict: Verdict) -> bool:
    """Whether the lock is fresh, or only the policy has something against its pins."""
    if verdict.status is not Status.UNTRUSTED:
        return verdict.status is Status.FRESH
    errors = {one.code for one in verdict.problems if one.severity is Severity.ERROR}
    return errors <= enforcement.CODES


def _updated(job: FixJob, moves: tuple[Move, ...], io: ErrorLines) -> UpdateOutcome:
    before = LockBefore.of(job.manifest.lock_path)
    assert before.lock is not None  # noqa: S101 - a fresh lock is a readable one
    check_moves(moves, before.lock, str(job.manifest.lock_path))
    if _is_in_place(moves, before.lock) and not _wants_newest(job):
        unchanged = Solved(before.compared_text or "")
        attempt = Attempt(strategy=UPDATE, outcome=unchanged, seconds=0.0)
    else:
        attempt = _attempt(job, moves, io, before)
    if not isinstance(attempt.outcome, Solved):
        return NotFixed(was=job.verdict.status, attempts=(attempt,), problems=job.verdict.problems)
    made = put_in_place(job, before, [attempt], attempt.outcome)
    if isinstance(made, NotFixed):
        return made
    new = parse(made.lock_text.encode("utf-8"))
    return Updated(
        made=made,
        forced=forced_moves(before.lock, new, {move.name for move in moves}),
        is_unchanged=made.lock_text.encode("utf-8") == before.content,
    )


def _is_in_place(moves: tuple[Move, ...], lock: Lock) -> bool:
    """Whether every package is locked at the version that is asked for, and at no other."""
    return all(
        move.version is not None and move.version == Version.parse(pin.version)
        for move in moves
        for pin in lock.pins
        if pin.name == move.name
    )


def _wants_newest(job: FixJob) -> bool:
    return (job.request.lock_format or job.settings.lock_format) == NEWEST


def _attempt(job: FixJob, moves: tuple[Move, ...], io: ErrorLines, before: LockBefore) -> Attempt:
    """Make the new lock, and check it as a fix does."""
    from poetry_lockguard.relock.update.update_rung import UpdateRung

    reduction = Reduction(job.manifest, None if _wants_newest(job) else before.compared_text)
    progress = Progress(io, is_verbose=job.request.verbose)
    with ExitStack() as stack:
        context = opened_context(job, io, stack)
        strategy = Verified(
            UpdateRung(context, moves, keeps_notation=not _wants_newest(job)),
            lambda text: _flaw(text, job, before),
            reduction.candidates,
        )
        (attempt,) = climb([strategy])
    progress.add(attempt)
    write_refused([context], attempt.outcome, io)
    return attempt


def _flaw(text: str, job: FixJob, before: LockBefore) -> Flaw | None:
    """Return what is wrong with the new lock; the policy may object to what it did before."""
    flaw = flaws(text, job.manifest, job.settings._replace(policy=None))
    if flaw is not None or before.lock is None:
        return flaw
    known = _forbidden(job, before.lock)
    for key, message in _forbidden(job, parse(text.encode("utf-8"))).items():
        if key not in known:
            return Flaw(message, is_forbidden=True)
    return None


def _forbidden(job: FixJob, lock: Lock) -> dict[tuple[str, str | None], str]:
    """Return the messages of what the policy forbids, by code and package."""
    if job.settings.policy is None:
        return {}
    found = of_lock(job.manifest, lock, job.settings.policy, walk=False)
    return {
        (one.code, one.package): one.message
        for one in found
        if one.severity is Severity.ERROR and one.code in enforcement.CODES
    }
