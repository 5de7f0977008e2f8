"""The offline strategy: keeps the lock if its pins satisfy the manifest, without importing Poetry.

Only Poetry can read a path dependency whose own manifest changed, and the metadata in its caches,
which contain what an entry of the lock leaves out. These cases are left to its solver, which still
uses no version but the pins.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from poetry_lockguard.freshness.history import previous_manifest
from poetry_lockguard.index.deadline import TimeIsUp
from poetry_lockguard.lockfile.damage import LockDamage
from poetry_lockguard.lockfile.lock_bytes import read
from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.relock.lock_before import NO_LOCK, UNREADABLE
from poetry_lockguard.repair.keep.engine import keep
from poetry_lockguard.repair.keep.kept_or_doubt import Doubt, Kept, Reason
from poetry_lockguard.repair.ladder import Conflict, Declined, OutOfTime, Solved
from poetry_lockguard.running import running_poetry

if TYPE_CHECKING:
    from collections.abc import Callable

    from poetry_lockguard.index.deadline import Deadline
    from poetry_lockguard.lockfile.document import Lock
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.repair.ladder import Outcome, Strategy

_RESTORED = "the committed lock, which fits the manifest again"
#: doubts about what an entry leaves out, which Poetry's and the mirrors' caches may contain
_LEFT_OUT = (Reason.NEW_EXTRA, Reason.NEW_ENVIRONMENT, Reason.PYTHON_WIDENED, Reason.MARKER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """Keeps the lock, or reports what is in doubt.

    ``solver`` returns the strategy that runs Poetry's solver over the pins.
    """

    manifest: Manifest
    deadline: Deadline
    solver: Callable[[], Strategy] | None = None
    name: ClassVar[str] = "offline"
    online: ClassVar[bool] = False

    def attempt(self) -> Outcome:
        """Try it within the remaining time."""
        try:
            with self.deadline.ringing():
                outcome = self._made()
        except TimeIsUp:
            return OutOfTime(f"the time limit of {self.deadline.seconds:g} s is over")
        if isinstance(outcome, Doubt):
            return self._solved(outcome) or self._in_conflict() or Declined(str(outcome))
        return outcome

    def _solved(self, doubt: Doubt) -> Outcome | None:
        """Ask Poetry's solver where a folder or the caches may settle the doubt."""
        if self.solver is None or doubt.reason not in (Reason.PATH_CHANGED, *_LEFT_OUT):
            return None
        outcome = self.solver().attempt()
        settles = doubt.reason is Reason.PATH_CHANGED or isinstance(outcome, Solved)
        return outcome if settles else None

    def _in_conflict(self) -> Conflict | None:
        """Return a conflict that is certain without asking the network."""
        from poetry_lockguard.repair.certain_conflict import certain_conflict

        lock = parse(read(self.manifest.lock_path))
        found = certain_conflict(self.manifest, lock)
        return None if found is None else found.outcome

    def again(self) -> None:
        """Return None: there is no second method."""

    def _made(self) -> Outcome | Doubt:
        try:
            content = read(self.manifest.lock_path)
        except FileNotFoundError:
            return Declined(NO_LOCK)
        try:
            lock = parse(content)
        except LockDamage:
            return Declined(UNREADABLE)
        return self._kept(lock, content.decode("utf-8"))

    def _kept(self, lock: Lock, text: str) -> Outcome | Doubt:
        match self._keep(lock, text):
            case Kept(text=new) if new == text:
                return Declined("the pins satisfy the manifest, and the problem is not in the lock")
            case Kept(text=new, notes=notes):
                return Solved(new, "; ".join(notes), is_smallest=True)
            case doubt:
                return self._restored(lock, text) or doubt

    def _keep(self, lock: Lock, text: str) -> Kept | Doubt:
        earlier = partial(previous_manifest, self.manifest, lock)
        return keep(self.manifest, lock, text, running_poetry(), earlier)

    def _restored(self, lock: Lock, text: str) -> Solved | None:
        """Return the committed lock if an edit was undone that had cost pins.

        It is held to the same proof as the lock here: nothing of it would have to change.
        """
        from poetry_lockguard.repair.keep.restored import restored

        new = restored(self.manifest, lock, text)
        if new is None:
            return None
        match self._keep(parse(new.encode("utf-8")), new):
            case Kept(text=kept) if kept == new:
                return Solved(new, _RESTORED, is_smallest=True)
            case _:
                return None
