"""What became of one project's lock in a fix: one value each."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from poetry_lockguard.lockfile.changes import Change, LockChange
    from poetry_lockguard.outcomes import Problem, Status
    from poetry_lockguard.repair.ladder import Attempt

NOT_WRITTEN = "lock-not-written"  #: the code of a new lock that could not be put in place


class AlreadyFresh(NamedTuple):
    """The lock needed no fix and was left alone; ``problems`` are warnings and notes.

    ``exports`` are the derived files that were rewritten. ``behind`` is the snapshot, if it does
    not follow the lock.
    """

    problems: tuple[Problem, ...] = ()
    exports: tuple[str, ...] = ()
    behind: str | None = None


class Fixed(NamedTuple):
    """The lock is fixed or, in a dry run, could be.

    ``was`` is the status of the old lock and ``problems`` are its problems. ``strategy`` is the
    one that solved. ``own`` are changes of the lock's own fields, such as the content hash.
    ``against_head``: the old lock could not be read, so ``changes`` are those since HEAD's.
    ``since_head`` are the changes since HEAD's lock if only a part of the old lock could be read
    and they differ from ``changes``. ``moved_up`` are the lock formats before and after if the
    old format could not be kept. ``exports`` are the derived files that were rewritten, too.
    ``behind`` is the snapshot, if it does not follow the new lock.
    """

    was: Status
    strategy: str
    attempts: tuple[Attempt, ...]
    lock_text: str
    changes: tuple[Change, ...] = ()
    own: tuple[LockChange, ...] = ()
    problems: tuple[Problem, ...] = ()
    against_head: bool = False
    since_head: tuple[Change, ...] | None = None
    moved_up: tuple[str, str] | None = None
    exports: tuple[str, ...] = ()
    behind: str | None = None


class NotFixed(NamedTuple):
    """The lock could not be fixed and is unchanged; ``problems`` are those it still has."""

    was: Status
    attempts: tuple[Attempt, ...] = ()
    problems: tuple[Problem, ...] = ()


FixOutcome: TypeAlias = AlreadyFresh | Fixed | NotFixed
