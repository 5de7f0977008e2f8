"""Fixes one lock: judge it, try the strategies in order, verify, and replace the file."""

from __future__ import annotations

import re
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, cast

from poetry_lockguard import files
from poetry_lockguard.errors import LockguardError
from poetry_lockguard.freshness import trust
from poetry_lockguard.freshness.judge import beside_head, judge
from poetry_lockguard.freshness.path_dependencies import with_paths
from poetry_lockguard.freshness.required_poetry import must_admit
from poetry_lockguard.freshness.review import against
from poetry_lockguard.index.deadline import Deadline
from poetry_lockguard.manifest.content_hash import accepting
from poetry_lockguard.manifest.document import read
from poetry_lockguard.outcomes import Severity, Status
from poetry_lockguard.relock.fix_outcomes import AlreadyFresh, NotFixed
from poetry_lockguard.relock.fix_progress import (
    Progress,
    escaped,
    say_settled,
    say_waiting,
    write_mirror,
    write_refused,
)
from poetry_lockguard.relock.fix_request import FixJob
from poetry_lockguard.relock.keeping import Keeping
from poetry_lockguard.relock.lock_before import LockBefore
from poetry_lockguard.relock.reduction import Reduction
from poetry_lockguard.relock.replacing import put_in_place, still_fresh, unwritten
from poetry_lockguard.relock.snapshot_behind import snapshot_behind
from poetry_lockguard.relock.soundness import UNSOUND, Repeatable, Verified, flaws
from poetry_lockguard.repair.ladder import Solved, climb
from poetry_lockguard.repair.preferred import has_origins
from poetry_lockguard.running import running_poetry
from poetry_lockguard.settings import NEWEST
from poetry_lockguard.settings import parse as parse_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cleo.io.io import IO

    from poetry_lockguard.freshness.judge import Verdict
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.relock.context import RelockContext
    from poetry_lockguard.relock.fix_outcomes import FixOutcome
    from poetry_lockguard.relock.fix_progress import ErrorLines
    from poetry_lockguard.relock.fix_request import FixRequest
    from poetry_lockguard.repair.ladder import Attempt, Strategy
    from poetry_lockguard.settings import Settings

_CREDENTIALS = (
    "source {0}: the credentials in its URL are used, but not written into the lock; remove them"
    " and run `poetry config http-basic.{0} USER PASSWORD`, or set"
    " POETRY_HTTP_BASIC_{1}_USERNAME and POETRY_HTTP_BASIC_{1}_PASSWORD"
)
#: errors of a deep check that a new lock can fix
MENDABLE = UNSOUND | {"local-file", "path-dependency", "source-unknown", "vcs-reference"}


def fix(
    manifest: Manifest,
    request: FixRequest,
    io: ErrorLines,
    explained: Callable[[Verdict], None] = lambda _: None,
) -> FixOutcome:
    """Fix the lock of ``manifest`` if needed; progress and warnings go to ``io``'s stderr.

    ``explained`` is called with the verdict before anything is tried, if ``request`` asks for
    explanations. Raises LockguardError for an unusable manifest or settings, and for a lock of a
    newer format, which is never overwritten.
    """
    settings = parse_settings(manifest.settings, str(manifest.path))
    named = request.strategies
    request = request._replace(strategies=named or settings.strategies)
    seen = _seen(manifest)
    verdict = diagnose(manifest, explain=request.explain, paths=request.paths)
    must_admit(manifest, running_poetry())
    if verdict.status is Status.FRESH and not settings.exports:
        lock = LockBefore.of(manifest.lock_path).lock
        behind = snapshot_behind(manifest, settings, lock)
        return AlreadyFresh(problems=verdict.problems, behind=behind)
    light = _without_poetry(request, settings) if request.light else request
    if light is None:
        return NotFixed(was=verdict.status, problems=verdict.problems)
    job = FixJob(
        manifest=manifest,
        request=light,
        settings=settings,
        deadline=Deadline(settings.timeout if light.timeout is None else light.timeout),
        verdict=verdict,
        is_from_scratch="regenerate" in named or "relock" not in light.strategies,
    )
    try:
        return _alone(job, seen, io, explained)
    except files.WriteError as error:
        return unwritten(verdict, error)


def _alone(
    job: FixJob, seen: tuple[bytes, ...], io: ErrorLines, explained: Callable[[Verdict], None]
) -> FixOutcome:
    """Fix the lock while no other process does; raises WriteError if it cannot be written."""
    lock, request = job.manifest.lock_path, job.request
    if not request.dry_run:
        files.probe(lock)
    with files.exclusive(lock, job.deadline.remaining(), lambda: say_waiting(lock, io)):
        say_settled(job.manifest, job.settings, request, io)
        if _seen(job.manifest) != seen:  # probably by the fix that this one waited for
            manifest = read(job.manifest.path)
            verdict = diagnose(manifest, explain=request.explain, paths=request.paths)
            job = job._replace(manifest=manifest, verdict=verdict)
        if is_refused(job.verdict, job.manifest):
            return _refused(job.verdict, request, explained)
        if job.verdict.status is Status.FRESH:
            return still_fresh(job)
        if request.explain:
            explained(job.verdict)
        with job.deadline.interruptible():
            return _repair(job, io)


def _without_poetry(request: FixRequest, settings: Settings) -> FixRequest | None:
    """Return the request limited to what needs no Poetry; None if it cannot be answered so."""
    is_newest = (request.lock_format or settings.lock_format) == NEWEST
    if settings.exports or is_newest or request.strategies[0] != Keeping.name:
        return None
    return request._replace(strategies=(Keeping.name,))


def is_refused(verdict: Verdict, manifest: Manifest) -> bool:
    """Whether a fix would keep what is not to be trusted.

    A stale lock with pins that the policy forbids may come right by the fix, which its result is
    held to.
    """
    if verdict.status is not Status.UNTRUSTED:
        return False
    errors = {one.code for one in verdict.problems if one.severity is Severity.ERROR}
    is_in_step = bool(accepting(manifest.data, verdict.locked_hash, verdict.generator))
    return is_in_step or not errors.isdisjoint(trust.CODES | against.CODES)


def _refused(
    verdict: Verdict, request: FixRequest, explained: Callable[[Verdict], None]
) -> NotFixed:
    """Refuse to fix an untrusted lock, since a fix would keep its pins."""
    if request.explain:
        explained(verdict)
    return NotFixed(was=verdict.status, problems=verdict.problems)


def _seen(manifest: Manifest) -> tuple[bytes, ...]:
    """Return the bytes that a verdict depends on."""
    return (_read(manifest.path) or b"", _read(manifest.lock_path) or b"")


def _read(path: Path) -> bytes | None:
    return files.read(path) if path.is_file() else None


def diagnose(manifest: Manifest, *, explain: bool = True, paths: bool = False) -> Verdict:
    """Judge the lock, and check a fresh one deeply; report only what a fix can repair.

    Raises LockguardError for a lock of a newer format.
    """
    verdict = judge(manifest, explain=explain)
    if paths:
        verdict = with_paths(verdict, manifest)
    if verdict.status is Status.UNSUPPORTED:
        reasons = [problem.detail or problem.message for problem in verdict.problems]
        raise LockguardError(f"{manifest.lock_path}: {'; '.join(reasons)}")
    if verdict.status is not Status.FRESH:
        content = _read(manifest.lock_path)
        return verdict if content is None else beside_head(verdict, content)
    deeper = judge(manifest, deep=True)
    errors = {one.code for one in deeper.problems if one.severity is Severity.ERROR}
    if deeper.status is Status.UNTRUSTED or errors & MENDABLE:
        return deeper
    return deeper._replace(status=Status.FRESH)


def _repair(job: FixJob, io: ErrorLines) -> FixOutcome:
    """Try the strategies in order, and put the new lock in place."""
    before = LockBefore.of(job.manifest.lock_path)
    contexts: list[RelockContext] = []
    with ExitStack() as stack:
        attempts: list[Attempt] = []
        progress = Progress(io, is_verbose=job.request.verbose)
        rungs = _rungs(job, io, stack, before, contexts)
        for attempt in climb(rungs, offline=job.request.offline):
            progress.add(attempt)
            attempts.append(attempt)
        if job.request.then_poetry and isinstance(attempts[-1].outcome, Solved):
            write_mirror(contexts, io)
    write_refused(contexts, attempts[-1].outcome, io)
    last = attempts[-1]
    if isinstance(last.outcome, Solved):
        return put_in_place(job, before, attempts, last.outcome)
    progress.write_declined()
    verdict = job.verdict if job.request.explain else judge(job.manifest)
    if job.request.paths:
        verdict = with_paths(verdict, job.manifest)
    return NotFixed(was=job.verdict.status, attempts=tuple(attempts), problems=verdict.problems)


def _rungs(
    job: FixJob,
    io: ErrorLines,
    stack: ExitStack,
    before: LockBefore,
    contexts: list[RelockContext],
) -> Iterator[Strategy]:
    """Yield the strategies; Poetry is loaded, into ``contexts``, for the first that needs it."""
    wants_newest = (job.request.lock_format or job.settings.lock_format) == NEWEST
    reduction = Reduction(job.manifest, None if wants_newest else before.compared_text)

    def rung(name: str) -> Repeatable:
        from poetry_lockguard.relock.strategies import RUNGS

        if not contexts:
            contexts.append(opened_context(job, io, stack))
        return RUNGS[name](contexts[0])

    for name in job.request.strategies:
        strategy: Repeatable
        if name != Keeping.name or wants_newest:
            strategy = rung(name)
        else:
            solver = None if job.request.light else partial(rung, name)
            strategy = Keeping(manifest=job.manifest, deadline=job.deadline, solver=solver)
        yield Verified(
            strategy,
            lambda text: flaws(text, job.manifest, job.settings),
            reduction.candidates,
            may_differ=before.lock is None or has_origins(before.lock.raw),
        )


def opened_context(job: FixJob, io: ErrorLines, stack: ExitStack) -> RelockContext:
    """Load the project with Poetry, and warn about credentials in it."""
    from poetry_lockguard.relock.context import RelockContext

    context = stack.enter_context(
        RelockContext(
            job.manifest,
            job.network,
            job.deadline,
            cast("IO", io),  # callers that admit Poetry pass Poetry's IO
            is_from_scratch=job.is_from_scratch,
        )
    )
    context.load()
    for name in context.opened:
        io.write_error_line(escaped(_CREDENTIALS.format(name, env_name(name))))
    return context


def env_name(source: str) -> str:
    """Return a source's name as written in Poetry's environment variables."""
    return re.sub(r"[^A-Z0-9]", "_", source.upper())
