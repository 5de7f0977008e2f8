"""Judges many projects, in order; one that cannot be read does not stop the rest."""

from __future__ import annotations

import time
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

from poetry_lockguard.errors import LockguardError, NotPoetrysError, one_line
from poetry_lockguard.freshness.judge import Verdict, judge
from poetry_lockguard.manifest.document import read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.outcomes import Problem

    Judged = Callable[[Path], "Verdict | Unlooked | None"]

_WITHOUT_LOCK = 'set lock = "optional" in [tool.lockguard] if it is a library that needs none'
FEW = 16  #: projects that one process judges alone


class Unlooked(NamedTuple):
    """A project without a verdict: ``reason`` is ready for the user."""

    path: Path
    reason: str


def survey(
    manifests: Iterable[Path],
    *,
    deep: bool = False,
    pass_over_others: bool = False,
    paths: bool = False,
    patience: float = 0.3,
) -> Iterator[Verdict | Unlooked]:
    """Judge projects in order, on all processors after ``patience`` seconds.

    ``pass_over_others`` skips the manifests of other tools. ``paths`` also marks every lock that
    contains a path dependency whose own manifest has changed.
    """
    judged = partial(_outcome, deep=deep, pass_over_others=pass_over_others, paths=paths)
    waiting = iter(manifests)
    for outcome in chain(_alone(judged, waiting, patience), _together(judged, waiting)):
        if outcome is not None:
            yield outcome


def _alone(
    judged: Judged, waiting: Iterator[Path], patience: float
) -> Iterator[Verdict | Unlooked | None]:
    """Judge in this process at first: starting workers takes as long as some dozens of locks."""
    end = time.monotonic() + patience
    while time.monotonic() < end and (path := next(waiting, None)):
        yield judged(path)


def _together(judged: Judged, waiting: Iterator[Path]) -> Iterator[Verdict | Unlooked | None]:
    first = [*islice(waiting, FEW)]
    if len(first) < FEW:
        yield from map(judged, first)
        return
    from poetry_lockguard.freshness.process_pool import processors, spread

    judge_all: Callable[..., Iterator[Verdict | Unlooked | None]] = (
        spread if processors() > 1 else map
    )
    yield from judge_all(judged, chain(first, waiting))


def _outcome(
    path: Path, *, deep: bool, pass_over_others: bool, paths: bool
) -> Verdict | Unlooked | None:
    try:
        manifest = read(path)
        if pass_over_others and not manifest.is_clearly_poetrys:
            return None
        verdict = judge(manifest, deep=deep)
        if paths:
            return _among_others(verdict, manifest)
        return verdict if deep else _with_broken_paths(verdict, manifest)
    except NotPoetrysError as error:
        return None if pass_over_others else Unlooked(path.parent, str(error))
    except LockguardError as error:
        return Unlooked(path.parent, str(error))
    except Exception as error:
        if not paths:
            raise
        words = one_line(error)
        reason = (
            f"{path}: cannot be checked: {words}; run `poetry lockguard check -v` in its folder"
        )
        return Unlooked(path.parent, reason)


def _with_broken_paths(verdict: Verdict, manifest: Manifest) -> Verdict:
    """Look at the path dependencies of a fresh lock; one without them pays nothing."""
    if verdict.status != "fresh" or not verdict.may_hold_folders:
        return verdict
    from poetry_lockguard.lockfile.fast.same_folders import are_as_locked
    from poetry_lockguard.lockfile.lock_bytes import read as read_lock

    content = read_lock(manifest.lock_path)
    if are_as_locked(manifest.folder, content):
        return verdict
    from poetry_lockguard.freshness.path_dependencies import with_broken_paths

    return with_broken_paths(verdict, manifest, content)


def _among_others(verdict: Verdict, manifest: Manifest) -> Verdict:
    """Return the verdict on one of many projects, with what its path dependencies change."""
    from poetry_lockguard.freshness.path_dependencies import with_paths

    if verdict.status != "missing":
        return with_paths(verdict, manifest)
    is_library = manifest.poetry.get("package-mode") is not False
    if not is_library or (manifest.settings or {}).get("install") == "snapshot":
        return verdict
    return verdict._replace(problems=(*map(_with_option, verdict.problems),))


def _with_option(problem: Problem) -> Problem:
    """Add to a missing lock of what may be a library how to do without."""
    if problem.severity == "note":
        return problem
    return problem._replace(message=f"{problem.message}, or {_WITHOUT_LOCK}")
