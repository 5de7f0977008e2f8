"""Fixes one lock: judge it, try the strategies in order, verify, and replace the file."""

from __future__ import annotations

import re
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Protocol, cast

from poetry_lockguard import files
from poetry_lockguard.errors import LockguardError
from poetry_lockguard.file_sets import replace_all, settle
from poetry_lockguard.freshness import trust
from poetry_lockguard.freshness.judge import beside_head, judge
from poetry_lockguard.freshness.path_dependencies import with_paths
from poetry_lockguard.freshness.review import against
from poetry_lockguard.index.deadline import Deadline
from poetry_lockguard.index.network import Network
from poetry_lockguard.lockfile.changes import changes, lock_changes
from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.lockfile.revisions import find
from poetry_lockguard.manifest.content_hash import accepting
from poetry_lockguard.manifest.document import read
from poetry_lockguard.outcomes import Problem, Severity, Status
from poetry_lockguard.relock.fix_outcomes import NOT_WRITTEN, AlreadyFresh, Fixed, NotFixed
from poetry_lockguard.relock.keeping import Keeping
from poetry_lockguard.relock.lock_before import LockBefore
from poetry_lockguard.relock.reduction import Reduction
from poetry_lockguard.relock.soundness import UNSOUND, Repeatable, Verified, flaws
from poetry_lockguard.repair.ladder import Conflict, Declined, Failed, Solved, climb
from poetry_lockguard.repair.preferred import has_origins
from poetry_lockguard.running import running_poetry
from poetry_lockguard.settings import NEWEST, Settings
from poetry_lockguard.settings import parse as parse_settings

if sys.version_info >= (3, 11):
    from typing import assert_never
else:
    from typing_extensions import assert_never

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from cleo.io.io import IO

    from poetry_lockguard.freshness.judge import Verdict
    from poetry_lockguard.lockfile.document import Lock
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.relock.context import RelockContext
    from poetry_lockguard.relock.derived_files import Rewritten
    from poetry_lockguard.relock.fix_outcomes import FixOutcome
    from poetry_lockguard.repair.ladder import Attempt, Outcome, Strategy

_CREDENTIALS = (
    "source {0}: the credentials in its URL are used, but not written into the lock; remove them"
    " and run `poetry config http-basic.{0} USER PASSWORD`, or set"
    " POETRY_HTTP_BASIC_{1}_USERNAME and POETRY_HTTP_BASIC_{1}_PASSWORD"
)
#: errors of a deep check that a new lock can fix
MENDABLE = UNSOUND | {"local-file", "path-dependency", "source-unknown", "vcs-reference"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FixRequest:
    """How a lock is to be fixed.

    If ``strategies`` is empty, or ``timeout`` (seconds for the whole fix) or ``lock_format`` is
    ``None``, the settings apply. ``mirrors`` are tried before those of the settings. ``retries`` is
    how often a request is repeated after a transient network failure. Without ``explain``, which
    takes time, the outcome only has problems that remain. With ``paths``, every difference between
    a path dependency and its lock entry counts, not only one that makes an install fail.
    ``light`` excludes everything that needs Poetry itself. ``verbose`` also reports strategies that
    did not apply although the fix succeeds. ``force`` overwrites derived files that were edited.
    ``then_poetry``: Poetry's own install follows, without mirrors.
    """

    strategies: tuple[str, ...] = ()
    mirrors: tuple[str, ...] = ()
    offline: bool = False
    timeout: float | None = None
    retries: int = 4
    dry_run: bool = False
    unattended: bool = True
    explain: bool = True
    paths: bool = False
    lock_format: str | None = None
    light: bool = False
    verbose: bool = False
    force: bool = False
    then_poetry: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FixJob:
    """One fix in progress."""

    manifest: Manifest
    request: FixRequest
    settings: Settings
    deadline: Deadline
    verdict: Verdict
    is_from_scratch: bool


class ErrorLines(Protocol):
    """What progress and warnings are written to: Poetry's IO, or a substitute without Poetry."""

    def write_error_line(self, messages: str) -> None:
        """Write a line to stderr."""


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
    request = replace(request, strategies=named or settings.strategies)
    deadline = Deadline(settings.timeout if request.timeout is None else request.timeout)
    lock = manifest.lock_path
    seen = _seen(manifest)
    verdict = diagnose(manifest, explain=request.explain, paths=request.paths)
    if verdict.status is Status.FRESH and not settings.exports:
        return AlreadyFresh(problems=verdict.problems)
    light = _without_poetry(request, settings) if request.light else request
    if light is None:
        return NotFixed(was=verdict.status, problems=verdict.problems)
    request = light
    try:
        if not request.dry_run:
            files.probe(lock)
        with files.exclusive(lock, deadline.remaining(), lambda: say_waiting(lock, io)):
            say_settled(manifest, settings, request, io)
            if _seen(manifest) != seen:  # probably by the fix that this one waited for
                manifest = read(manifest.path)
                verdict = diagnose(manifest, explain=request.explain, paths=request.paths)
            if is_refused(verdict, manifest):
                return _refused(verdict, request, explained)
            job = FixJob(
                manifest=manifest,
                request=request,
                settings=settings,
                deadline=deadline,
                verdict=verdict,
                is_from_scratch="regenerate" in named or "relock" not in request.strategies,
            )
            if verdict.status is Status.FRESH:
                return _still_fresh(job)
            if request.explain:
                explained(verdict)
            with deadline.interruptible():
                return _repair(job, io)
    except files.WriteError as error:
        return unwritten(verdict, error)


def _without_poetry(request: FixRequest, settings: Settings) -> FixRequest | None:
    """Return the request limited to what needs no Poetry; None if it cannot be answered so."""
    is_newest = (request.lock_format or settings.lock_format) == NEWEST
    if settings.exports or is_newest or request.strategies[0] != Keeping.name:
        return None
    return replace(request, strategies=(Keeping.name,))


def _still_fresh(job: FixJob) -> AlreadyFresh | NotFixed:
    """Leave a fresh lock alone, and rewrite what is derived from it where that differs."""
    lock = LockBefore.of(job.manifest.lock_path).lock
    try:
        found = [] if lock is None else derived(job, lock)
        if found and not job.request.dry_run:
            contents = [(one.path, one.content) for one in found]
            replace_all(job.manifest.lock_path, contents)
    except files.WriteError as error:
        return unwritten(job.verdict, error)
    return AlreadyFresh(problems=job.verdict.problems, exports=tuple(one.name for one in found))


def derived(job: FixJob, lock: Lock) -> list[Rewritten]:
    """Return the derived files that change with ``lock``; raises WriteError."""
    if not job.settings.exports:
        return []
    from poetry_lockguard.relock.derived_files import rewritten

    return rewritten(job.manifest, job.settings, lock, _network(job), force=job.request.force)


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


def unwritten(
    verdict: Verdict, error: files.WriteError, attempts: Sequence[Attempt] = ()
) -> NotFixed:
    """Return the outcome of a lock that could not be put in place."""
    problem = Problem(code=NOT_WRITTEN, message=str(error))
    problems = (*verdict.problems, problem)
    return NotFixed(was=verdict.status, attempts=tuple(attempts), problems=problems)


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


def say_waiting(lock: Path, io: ErrorLines) -> None:
    """Say that another process works on the lock."""
    io.write_error_line(f"{lock}: another fix is running; waiting for it to finish")


def say_settled(
    manifest: Manifest, settings: Settings, request: FixRequest, io: ErrorLines
) -> None:
    """Complete what a killed run began to write, and say so."""
    if settings.exports and not request.dry_run and settle(manifest.lock_path, settings.exports):
        io.write_error_line(f"{manifest.lock_path}: completed what an interrupted run began")


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


def write_mirror(contexts: Sequence[RelockContext], io: ErrorLines) -> None:
    """Write how Poetry's own commands can use the mirror through which a lock was made."""
    for mirror in [context.mirror for context in contexts if context.mirror is not None][:1]:
        line = (
            f"PyPI's API cannot be used here; the lock was made through {mirror}. For"
            ' `poetry install` to use it, too, set mirrors = ["auto"] in [tool.lockguard], or'
            " LOCKGUARD_MIRRORS=auto; `poetry lockguard install` uses it anyway"
        )
        io.write_error_line(escaped(line))


def write_refused(contexts: Sequence[RelockContext], last: Outcome, io: ErrorLines) -> None:
    """Write which releases the policy kept out of the new lock, if any."""
    lock = parse(last.lock_text.encode("utf-8")) if isinstance(last, Solved) else None
    chosen = [(pin.name, pin.version) for pin in lock.pins] if lock else []
    for context in contexts:
        if context.admission is not None and context.admission.refused:
            from poetry_lockguard.policy.admission import refusals

            if line := refusals(context.admission, chosen):
                io.write_error_line(escaped(line))


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
    except files.WriteError as error:
        return unwritten(job.verdict, error, attempts)
    made = _fixed(job, before, attempts, solved)
    return replace(made, exports=tuple(one.name for one in found))


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
    )


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
        if name != Keeping.name or wants_newest or not _is_for_running(job.manifest):
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
            _network(job),
            job.deadline,
            cast("IO", io),  # callers that admit Poetry pass Poetry's IO
            is_from_scratch=job.is_from_scratch,
        )
    )
    context.load()
    for name in context.opened:
        io.write_error_line(escaped(_CREDENTIALS.format(name, env_name(name))))
    return context


def _is_for_running(manifest: Manifest) -> bool:
    """Whether requires-poetry admits the running Poetry; if not, Poetry itself reports that."""
    wanted = manifest.poetry.get("requires-poetry")
    if wanted is None:
        return True
    from poetry.core.constraints.version import Version

    from poetry_lockguard.lockfile.notation import UnreadableError, constraint

    try:
        return constraint(str(wanted)).allows(Version.parse(running_poetry()))
    except UnreadableError:
        return False


def env_name(source: str) -> str:
    """Return a source's name as written in Poetry's environment variables."""
    return re.sub(r"[^A-Z0-9]", "_", source.upper())


def _committed(manifest: Manifest) -> Lock | None:
    """Return the lock at HEAD, or None without a readable one."""
    try:
        return find("HEAD", manifest.folder).lock
    except LockguardError:
        return None


def _network(job: FixJob) -> Network:
    return Network(
        mirrors=job.request.mirrors,
        settings_mirrors=job.settings.mirrors,
        offline=job.request.offline,
        retries=job.request.retries,
        deadline=job.deadline.moment,
        unattended=job.request.unattended,
    )


@dataclass(slots=True)
class Progress:
    """Writes what each attempt gave.

    Without -v that is what failed; the report explains a conflict. What declined is only written
    if nothing failed and yet there is no new lock.
    """

    io: ErrorLines
    is_verbose: bool
    declined: list[Attempt] = field(default_factory=list)
    has_failed: bool = False

    def add(self, attempt: Attempt) -> None:
        """Write an attempt, or keep it until it matters."""
        match attempt.outcome:
            case Declined() if not self.is_verbose:
                self.declined.append(attempt)
            case Conflict() if not self.is_verbose:
                self.has_failed = True
            case Failed():
                self.has_failed = True
                _write(attempt, self.io)
            case _:
                _write(attempt, self.io)

    def write_declined(self) -> None:
        """Write why the attempts declined, unless one failed or ``--offline`` ruled them out."""
        for attempt in () if self.has_failed else self.declined:
            if not (isinstance(attempt.outcome, Declined) and attempt.outcome.is_offline):
                _write(attempt, self.io)


def _write(attempt: Attempt, io: ErrorLines) -> None:
    """Write to stderr what an attempt gave; the report explains a conflict."""
    match attempt.outcome:
        case Solved(reason=reason):
            said = f"solved ({reason})" if reason else "solved"
        case Declined(reason=reason):
            said = f"declined: {reason}"
        case Failed(reason=reason):
            said = f"failed: {reason}"
        case Conflict():
            said = "failed"
        case _:
            assert_never(attempt.outcome)
    line = f"{attempt.strategy}: {said} ({attempt.seconds:.1f} s)"
    io.write_error_line(escaped(line))


def escaped(line: str) -> str:
    """Return a line in which nothing is taken for markup by the console."""
    if "<" not in line and "\\" not in line:
        return line
    from cleo.formatters.formatter import Formatter

    return Formatter.escape(line)
