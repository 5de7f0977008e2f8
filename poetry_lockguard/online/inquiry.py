"""Asks the indexes about every pin of many locks, each page once, for ``check --online``.

Projects with the same configuration share their endpoints. All questions are collected first, so
that only the locked files of each page are kept.
"""

from __future__ import annotations

import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timezone
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any

from poetry_lockguard.errors import LockguardError
from poetry_lockguard.freshness.releases import (
    git_references,
    release_age,
    release_problems,
    release_rivals,
)
from poetry_lockguard.freshness.releases.answers import (
    Absent,
    Archive,
    Asked,
    PageAnswer,
    Unreached,
)
from poetry_lockguard.freshness.releases.release_rivals import Rivalry
from poetry_lockguard.index.failures import SourceFailure
from poetry_lockguard.index.network import Network
from poetry_lockguard.online.page_reader import Wanted
from poetry_lockguard.online.project_sources import ProjectSources, setup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from poetry_lockguard.lockfile.document import Source
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.online.endpoints import SourceEndpoints
    from poetry_lockguard.outcomes import Problem
    from poetry_lockguard.settings import Settings

    #: the subject of a question: a package of a source, a repository, an archive
    Key = tuple[Any, ...]

THREADS = (
    10  # measured: more threads wait for the interpreter's lock, and each keeps a page in memory
)
_LOCAL = frozenset({"file", "directory"})


@dataclass(frozen=True, slots=True, kw_only=True)
class InquiredProject:
    """A project whose pins are to be checked."""

    manifest: Manifest
    settings: Settings
    asked: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What the indexes answered about a project's pins; ``count`` is the number of pins checked."""

    problems: tuple[Problem, ...]
    count: int


@dataclass(slots=True)
class _Questions:
    """The questions about one project's pins.

    ``keys`` are the pins by the query that answers them. ``rivals`` are pins by the query whether
    another source, which is named, offers the same name.
    """

    project: InquiredProject
    keys: dict[Key, list[Asked]] = field(default_factory=lambda: defaultdict(list))
    rivals: dict[Key, list[tuple[Asked, str]]] = field(default_factory=lambda: defaultdict(list))


@dataclass(slots=True)
class _Query:
    """One request, for all pins that it answers."""

    run: Callable[[_Query], Any]
    source: SourceEndpoints | None = None
    pins: list[Asked] = field(default_factory=list)

    @property
    def wanted(self) -> Wanted:
        return Wanted(
            name=self.pins[0].name,
            files=frozenset((file.name, file.hash) for pin in self.pins for file in pin.files),
            versions=frozenset(pin.version for pin in self.pins if not pin.files),
        )


def inquire(
    projects: Sequence[InquiredProject],
    *,
    unattended: bool,
    progress: Callable[[int, int], None] | None = None,
) -> list[Found]:
    """Check all pins of these projects, and return the results in the same order.

    ``progress`` receives the number of answered and of all questions. A project that Poetry rejects
    does not stop the check of the others.
    """
    inquiry = _Inquiry(unattended=unattended)
    try:
        prepared = [inquiry.prepare(project) for project in projects]
        answers = inquiry.run(progress)
    finally:
        inquiry.close()
    return [
        _found(one, answers, inquiry.errands)
        if isinstance(one, _Questions)
        else Found((release_problems.unlooked(str(one)),), 0)
        for one in prepared
    ]


class _Inquiry:
    """The questions of one run, and the sources that answer them."""

    def __init__(self, *, unattended: bool) -> None:
        self._unattended = unattended
        self._desks: dict[Key, ProjectSources] = {}
        self._sources: dict[Key, SourceEndpoints] = {}
        self.errands: dict[Key, _Query] = {}

    def prepare(self, project: InquiredProject) -> _Questions | LockguardError:
        """Add the questions of a project, and return them."""
        questions = _Questions(project)
        rivalry = Rivalry.of(project.manifest)
        try:
            for asked in project.asked:
                key = self._errand(asked, project)
                if key is not None:
                    questions.keys[key].append(asked)
                    self.errands[key].pins.append(asked)
                for name, source in rivalry.others(asked):
                    key = self._index_errand(asked, source, project)
                    questions.rivals[key].append((asked, name))
                    self.errands[key].pins.append(asked)
        except LockguardError as error:
            return error
        return questions

    def _errand(self, asked: Asked, project: InquiredProject) -> Key | None:
        source = asked.source
        if source is not None and (
            source.kind in _LOCAL or (source.kind == "git" and not git_references.follows(asked))
        ):
            return None
        desk = self._desk(project)
        if source is not None and source.kind in {"git", "url"}:
            key: Key = (source.kind, source.url, desk.local)
            ask = desk.refs if source.kind == "git" else desk.archive
            self.errands.setdefault(key, _Query(_asking(ask, source.url)))
            return key
        return self._index_errand(asked, source, project)

    def _index_errand(self, asked: Asked, source: Source | None, project: InquiredProject) -> Key:
        found = self._desk(project).source(source, self._sources)
        key = ("index", id(found), asked.name)
        self.errands.setdefault(key, _Query(lambda errand: found.ask(errand.wanted), found))
        return key

    def _desk(self, project: InquiredProject) -> ProjectSources:
        key = setup(project.manifest, project.settings)
        if key not in self._desks:
            network = Network(
                settings_mirrors=project.settings.mirrors,
                deadline=time.monotonic() + project.settings.timeout,
                unattended=self._unattended,
                is_brief=True,
            )
            try:
                self._desks[key] = ProjectSources(project.manifest, network)
            except SourceFailure as failure:  # a certificate file that does not exist
                raise LockguardError(str(failure)) from failure
        return self._desks[key]

    def run(self, progress: Callable[[int, int], None] | None) -> dict[Key, Any]:
        """Run all queries at once; the few slow ones, repositories and archives, come first.

        Nothing waits for the threads: an interrupted check ends at once.
        """
        waiting: SimpleQueue[Key] = SimpleQueue()
        for key in sorted(self.errands, key=lambda key: key[0] == "index"):
            waiting.put(key)
        done: SimpleQueue[tuple[Key, Any]] = SimpleQueue()
        for _ in range(min(THREADS, len(self.errands))):
            Thread(target=self._work, args=(waiting, done), daemon=True).start()
        answers: dict[Key, Any] = {}
        while len(answers) < len(self.errands):
            key, answer = done.get()
            if isinstance(answer, BaseException):
                raise answer
            answers[key] = answer
            if progress is not None:
                progress(len(answers), len(self.errands))
        return answers

    def _work(self, waiting: SimpleQueue[Key], done: SimpleQueue[tuple[Key, Any]]) -> None:
        with suppress(Empty):
            while True:
                key = waiting.get_nowait()
                errand = self.errands[key]
                try:
                    done.put((key, errand.run(errand)))
                except BaseException as error:  # noqa: BLE001 - the waiting thread raises it
                    done.put((key, error))

    def close(self) -> None:
        """Close all connections, whatever is still running."""
        for desk in self._desks.values():
            desk.close()


def _asking(ask: Callable[[str], Any], url: str) -> Callable[[_Query], Any]:
    return lambda _: ask(url)


def _found(questions: _Questions, answers: dict[Key, Any], errands: dict[Key, _Query]) -> Found:
    problems: list[Problem] = []
    silent: dict[Unreached, list[Asked]] = defaultdict(list)
    undated: dict[str, list[Asked]] = defaultdict(list)
    policy = questions.project.settings.policy
    now = datetime.now(tz=timezone.utc)
    for key, pins in questions.keys.items():
        answer = _answer(key, answers, errands)
        if isinstance(answer, Unreached):
            silent[answer] += pins
            continue
        problems += (problem for pin in pins for problem in _judged(pin, answer))
        if policy is not None and isinstance(answer, PageAnswer):
            for pin in pins:
                problems += filter(None, [release_age.problem(pin, answer, policy, now)])
                if release_age.is_unknown(pin, answer, policy):
                    undated[answer.where].append(pin)
    problems += _ambiguous(questions, answers, errands)
    problems += (release_problems.unreachable(pins, reason) for reason, pins in silent.items())
    if policy is not None:
        problems += (release_age.unknown(pins, where, policy) for where, pins in undated.items())
    return Found(_told_once(problems), sum(map(len, questions.keys.values())))


def _answer(key: Key, answers: dict[Key, Any], errands: dict[Key, _Query]) -> Any:
    source = errands[key].source
    return answers[key] if source is None else source.understood(answers[key])


def _ambiguous(
    questions: _Questions, answers: dict[Key, Any], errands: dict[Key, _Query]
) -> Iterator[Problem]:
    """Yield a problem for each pin whose name another source offers with other content."""
    for key, pins in questions.rivals.items():
        answer = _answer(key, answers, errands)
        if isinstance(answer, PageAnswer):
            for pin, name in pins:
                if release_rivals.is_other(pin, answer):
                    yield release_rivals.problem(pin, name)


def _judged(
    pin: Asked, answer: PageAnswer | Absent | Archive | dict[str, str]
) -> Iterator[Problem]:
    if isinstance(answer, dict):
        problem = git_references.moved(pin, answer)
        if problem is not None:
            yield problem
    else:
        yield from release_problems.problems(pin, answer)


def _told_once(problems: list[Problem]) -> tuple[Problem, ...]:
    """Report the same problem only once, even if several pins have it."""
    distinct: dict[tuple[str, str], Problem] = {}
    for problem in problems:
        distinct.setdefault((problem.code, problem.message), problem)
    return tuple(distinct.values())
