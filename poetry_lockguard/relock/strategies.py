"""The strategies of a fix, each a method of having Poetry make the lock."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from poetry_lockguard.errors import LockguardError
from poetry_lockguard.freshness.duplicate_pins import dispensable, rivals
from poetry_lockguard.index.deadline import TimeIsUp
from poetry_lockguard.index.direct_origins import one_line, remedy_of
from poetry_lockguard.index.failures import GitFailure, recognised
from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.poetry_api.contradiction import Contradiction
from poetry_lockguard.relock.lock_before import NO_LOCK
from poetry_lockguard.repair.ladder import (
    Conflict,
    Declined,
    Failed,
    Hopeless,
    Outcome,
    OutOfTime,
    Solved,
)
from poetry_lockguard.repair.last_good_lock import last_good_lock
from poetry_lockguard.repair.preferred import bare, has_origins
from poetry_lockguard.repair.salvage import Salvaged, count, salvage
from poetry_lockguard.urls import redact

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from poetry_lockguard.relock.context import RelockContext, Relocked

_SLIPS = (AttributeError, LookupError, TypeError)  #: raised by code that met unexpected data


@dataclass(frozen=True, slots=True)
class Rung(ABC):
    """One strategy for one project; every failure of it becomes an outcome."""

    context: RelockContext
    name: ClassVar[str]
    online: ClassVar[bool] = True
    material: ClassVar[str] = "the lock"

    def attempt(self) -> Outcome:
        """Try it within the remaining time."""
        return self._within(self.make)

    def again(self) -> Outcome | None:
        """Return None: there is no second method."""
        return None

    def _within(self, make: Callable[[], Outcome]) -> Outcome:
        limit = self.context.deadline
        try:
            with limit.ringing():
                if self.online and (known := self.context.known_conflict):
                    return known.outcome
                outcome = make()
            limit.heed()
        except Contradiction as conflict:
            return Conflict(
                redact(str(conflict)), conflict.missing, sentence=redact(conflict.sentence)
            )
        except TimeIsUp:
            return OutOfTime(f"the time limit of {limit.seconds:g} s is over")
        except LockguardError:
            raise  # it concerns every strategy, not only this one
        except Exception as error:  # noqa: BLE001 - Poetry fails with errors of every kind
            limit.heed()
            return self._failed(error)
        return outcome

    def _failed(self, error: Exception) -> Failed:
        failure = recognised(error)
        if isinstance(failure, GitFailure):
            return Hopeless(redact(str(failure)), network=True, remedy=failure.remedy)
        if failure is not None:
            return Failed(redact(str(failure)), network=True)
        reason = one_line(error)
        if remedy := remedy_of(error):
            return Hopeless(reason, remedy=remedy)
        if isinstance(error, _SLIPS):
            kind = type(error).__name__
            return Failed(f"Poetry could not work with {self.material}: {kind}: {reason}")
        return Failed(reason)

    def _settled(
        self,
        text: str,
        resolve: Callable[[dict[str, Any]], Relocked],
        old: dict[str, Any] | None = None,
    ) -> str:
        """Resolve over the new pins if several of a package are for the same environments.

        For a requirement of any version Poetry may choose a newer one than an exact requirement
        allows, and locks both. Without the newer one, it chooses the one that serves both. Pins
        of the ``old`` lock stay.
        """
        manifest, lock = self.context.manifest, parse(text.encode("utf-8"))
        spare = {(pin.name, pin.version) for pin in dispensable(manifest, lock)}
        spare -= {(pin["name"], pin["version"]) for pin in (old or {}).get("package", ())}
        if not spare:
            return text
        kept = [
            entry
            for pin, entry in zip(lock.pins, lock.raw["package"], strict=True)
            if (pin.name, pin.version) not in spare
        ]
        try:
            again = resolve({**lock.raw, "package": kept}).text
        except Contradiction:  # the first solution is one all the same
            return text
        is_settled = not any(rivals(manifest, parse(again.encode("utf-8"))))
        return again if is_settled else text

    @abstractmethod
    def make(self) -> Outcome:
        """Make the lock, or return why not."""


class Offline(Rung):
    """Resolves from the lock's own pins."""

    name = "offline"
    online = False

    def make(self) -> Outcome:
        """Decline whenever Poetry would need more than the lock contains."""
        from poetry_lockguard.relock.locked_repository import NeedsNetworkError
        from poetry_lockguard.relock.offline import refresh

        if unfit := self.context.before.unfit:
            return Declined(unfit)
        try:
            return Solved(refresh(self.context.poetry, self.context.lock_data))
        except NeedsNetworkError as reason:
            return Declined(redact(str(reason)))


class Relock(Rung):
    """Keeps every pin that still fits, as ``poetry lock`` does."""

    name = "relock"

    def make(self) -> Outcome:
        """Decline without a readable lock: salvage is for damaged ones."""
        lock = self.context.lock_data
        if lock is None:
            return Declined(self.context.before.unfit)
        made = self.context.relock(lock)
        return Solved(self._settled(made.text, self.context.relock, lock), made.remark)

    def again(self) -> Outcome:
        """Resolve with the index's metadata of every pin, since the lock's may be wrong."""

        def asking() -> Outcome:
            made = self.context.resolve(self.context.lock_data)
            return Solved(made.text, made.remark)

        return self._within(asking)


class Salvage(Rung):
    """Prefers the pins of a damaged lock in a relock."""

    name = "salvage"

    def make(self) -> Outcome:
        """Use what can be read of the lock, or else the last good lock in git."""
        content = self.context.damaged
        if content is None:
            return Declined(NO_LOCK if self.context.before.unfit else "the lock is not damaged")
        found = self._recover(content)
        if not found.entries:
            return Declined("no pin could be read, neither here nor in git")
        try:
            made = self.context.resolve(found.preferences)
        except (KeyError, ValueError, TypeError):  # entries that even Poetry's locker cannot read
            made = self.context.resolve(found.bare.preferences)
        return Solved(made.text, "; ".join(filter(None, (found.summary, made.remark))))

    def _recover(self, content: bytes) -> Salvaged:
        """Return the readable pins; of packages that lost theirs, those of the last good lock."""
        found = salvage(content)
        if found.entries and found.both_sides:
            return found
        good = last_good_lock(self.context.folder)
        if good is None:
            return found
        revision, older = good
        pins = salvage(older).entries
        return found.completed(Salvaged(pins, ((len(pins), f"the lock at {revision}"),)))


class Regenerate(Rung):
    """From scratch if requested by name; otherwise the old pins' versions are preferred."""

    name = "regenerate"
    material = "the project"

    def make(self) -> Outcome:
        """Resolve without pins, or with only the versions of the old pins."""
        wishes = self.context.wishes
        if wishes is None or not wishes["package"]:
            return Solved(self._settled(self.context.resolve().text, self.context.resolve))
        solved = self._with(wishes)
        return solved._replace(lock_text=self._settled(solved.lock_text, self.context.resolve))

    def _with(self, pins: dict[str, Any]) -> Solved:
        kept = count(pins["package"])
        try:
            made = self.context.resolve(bare(pins))
        except (AttributeError, LookupError, RuntimeError, TypeError, ValueError):
            if not has_origins(pins):
                raise
            made = self.context.resolve(bare(pins, with_origins=False))
        remark = f"the versions of {kept} kept as far as they fit"
        return Solved(made.text, "; ".join(filter(None, (remark, made.remark))))


RUNGS = {rung.name: rung for rung in (Offline, Relock, Salvage, Regenerate)}
