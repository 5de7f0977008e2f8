"""Brings one lock back in step: judge, climb the ladder, verify, and only then replace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cleo.io.io import IO

    from poetry_lockguard.lockfile.changes import Change
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.outcomes import Problem
    from poetry_lockguard.repair.ladder import Attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class FixRequest:
    """What the caller wants of a fix.

    ``strategies`` empty and ``timeout`` (seconds for the whole fix) ``None`` mean: as the
    settings say. ``mirrors`` are tried before those of the settings. ``retries`` is how often a
    transient failure of the network is tried again.
    """

    strategies: tuple[str, ...] = ()
    mirrors: tuple[str, ...] = ()
    offline: bool = False
    timeout: float | None = None
    retries: int = 4
    dry_run: bool = False
    unattended: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FixOutcome:
    """What became of one project's lock.

    ``status`` is ``fresh`` (left alone), ``fixed`` (or, in a dry run, could be) or ``failed``
    (the old lock is untouched). ``strategy`` is the one that solved. ``problems`` are what was
    wrong before, and for ``failed`` what still is. ``lock_text`` is the new lock's text.
    """

    status: str
    strategy: str | None = None
    attempts: tuple[Attempt, ...] = ()
    changes: tuple[Change, ...] = ()
    problems: tuple[Problem, ...] = ()
    lock_text: str | None = None


def fix(manifest: Manifest, request: FixRequest, io: IO) -> FixOutcome:
    """Bring the lock of ``manifest`` back in step; progress and warnings go to ``io``'s stderr.

    Raises LockguardError when the question has no answer: an unusable manifest or settings, or
    a lock of a newer format, which is never overwritten.
    """
    raise NotImplementedError
