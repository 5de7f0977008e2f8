"""The part of ``check --online`` shared by both command lines: the pins and their problems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.errors import LockguardError
from poetry_lockguard.freshness.releases import release_rivals
from poetry_lockguard.freshness.releases.answers import UNREACHABLE
from poetry_lockguard.freshness.survey import Unlooked
from poetry_lockguard.lockfile.damage import LockDamage
from poetry_lockguard.lockfile.lock_bytes import read as read_lock
from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.manifest.document import read
from poetry_lockguard.outcomes import Problem, Severity, Status
from poetry_lockguard.policy import enforcement
from poetry_lockguard.settings import parse as parse_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from poetry_lockguard.freshness.judge import Verdict
    from poetry_lockguard.freshness.releases.answers import Asked
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.online.inquiry import InquiredProject

    Outcome = Verdict | Unlooked


_UNTRUSTED = enforcement.CODES | {release_rivals.CODE}


class Online:
    """One check of the indexes, for all projects of a command line."""

    def __init__(self, *, unattended: bool, progress: Callable[[int, int], None] | None) -> None:
        self._unattended = unattended
        self._progress = progress
        self.count = 0  #: number of pins checked so far
        self.problems: list[Problem] = []  #: problems found so far

    def look(self, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
        """Add to each verdict what the indexes answer; nothing is returned before all are asked."""
        from poetry_lockguard.online.inquiry import inquire

        judged = [_project(outcome) for outcome in outcomes]
        found = iter(
            inquire(
                [project for _, project in judged if project is not None],
                unattended=self._unattended,
                progress=self._progress,
            )
        )
        for outcome, project in judged:
            if project is None or isinstance(outcome, Unlooked):
                yield outcome
                continue
            answer = next(found)
            self.count += answer.count
            self.problems += answer.problems
            yield _with(outcome, answer.problems)

    @property
    def is_silent(self) -> bool:
        """Whether an index gave no answer, so that the result is incomplete."""
        return any(problem.code == UNREACHABLE for problem in self.problems)


def _with(verdict: Verdict, problems: tuple[Problem, ...]) -> Verdict:
    """Add problems; a lock that the policy forbids or that cannot be installed is not in step."""
    young = {_aged(one) for one in verdict.problems if one.code == enforcement.TOO_YOUNG}
    problems = tuple(one for one in problems if _aged(one) not in young)
    errors = {one.code for one in problems if one.severity is Severity.ERROR} - {UNREACHABLE}
    status = verdict.status
    if status in {Status.FRESH, Status.STALE, Status.BROKEN} and errors & _UNTRUSTED:
        status = Status.UNTRUSTED
    elif status in {Status.FRESH, Status.STALE} and errors:
        status = Status.BROKEN
    return verdict._replace(status=status, problems=(*verdict.problems, *problems))


def _aged(problem: Problem) -> tuple[str, str | None, str | None, str | None]:
    """Return what identifies a release that is too young: a snapshot's own times tell it, too."""
    return problem.code, problem.package, problem.locked, problem.file


def _project(outcome: Outcome) -> tuple[Outcome, InquiredProject | None]:
    """Return a project's pins; none if nothing can be read."""
    if isinstance(outcome, Unlooked):
        return outcome, None
    from poetry_lockguard.online.inquiry import InquiredProject

    try:
        manifest = read(outcome.path / "pyproject.toml")
        settings = parse_settings(manifest.settings, str(manifest.path))
        asked = _locked(manifest)
    except LockguardError as error:
        return Unlooked(outcome.path, str(error)), None
    try:
        asked = (*asked, *_snapshot(manifest, settings.snapshot, asked))
    except LockguardError as error:
        outcome = _with_unreadable(outcome, str(error), settings.snapshot)
    if not asked:
        return outcome, None
    return outcome, InquiredProject(manifest=manifest, settings=settings, asked=asked)


def _with_unreadable(verdict: Verdict, reason: str, name: str) -> Verdict:
    """Add the problem of an unreadable snapshot, as a deep check does."""
    problem = Problem(code="snapshot-unreadable", message=reason, file=name)
    if problem in verdict.problems:
        return verdict
    return verdict._replace(problems=(*verdict.problems, problem), snapshot=name)


def _locked(manifest: Manifest) -> tuple[Asked, ...]:
    from poetry_lockguard.online.queries import of_lock

    try:
        return tuple(of_lock(parse(read_lock(manifest.lock_path))))
    except (FileNotFoundError, LockDamage):
        return ()  # which the verdict already reports


def _snapshot(manifest: Manifest, name: str, known: tuple[Asked, ...]) -> Iterator[Asked]:
    path = manifest.folder / name
    if not path.exists():
        return
    from poetry_lockguard.online.queries import of_snapshot
    from poetry_lockguard.snapshots.store import read as read_snapshot

    yield from of_snapshot(read_snapshot(path).snapshot, known, name)
