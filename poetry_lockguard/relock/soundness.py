"""Checks a new lock before it replaces the old one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from packaging.version import Version

from poetry_lockguard.freshness.deep.inspection import deepened
from poetry_lockguard.freshness.duplicate_pins import repeated
from poetry_lockguard.freshness.project_state import project_state
from poetry_lockguard.freshness.trusting import of_lock
from poetry_lockguard.lockfile.damage import LockDamage
from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.manifest.content_hash import is_fresh, rule_for
from poetry_lockguard.manifest.document import read
from poetry_lockguard.outcomes import Severity
from poetry_lockguard.policy import enforcement
from poetry_lockguard.repair.ladder import Failed, Hopeless, Solved, Strategy
from poetry_lockguard.running import running_poetry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.repair.ladder import Outcome
    from poetry_lockguard.settings import Settings

#: problems of the lock itself; the other codes of a deep check concern the manifest or the disk
UNSOUND = frozenset(
    {
        "closure",
        "version-files",
        "file-hash",
        "duplicate-pin",
        "extras-changed",
        "python-changed",
    }
)
_POLICY = "move that pin, or change [tool.lockguard.policy] in pyproject.toml"


#: The first Poetry that keeps the markers of what several platforms need; each minor from 2.0 to
#: 2.4 narrows that of greenlet below ``sqlalchemy[asyncio]``.
_SOUND_SINCE = Version("2.5")


class Flaw(NamedTuple):
    """A problem of a new lock.

    ``is_lasting`` if the same Poetry would cause it again. ``is_forbidden`` if the project's policy
    forbids a pin: then the pin has to move, and no other should.
    """

    text: str
    is_lasting: bool = False
    is_forbidden: bool = False


class Repeatable(Strategy, Protocol):
    """A strategy that may have a second, more thorough method."""

    def again(self) -> Outcome | None:
        """Try the more thorough method after an unsound lock; None if there is none."""


class Verified(NamedTuple):
    """A strategy whose lock is only accepted if it is sound.

    ``candidates`` yields variants of the lock it made, the preferred one first. Unless the next
    strategy's lock ``may_differ``, trying that strategy is pointless.
    """

    strategy: Repeatable
    look: Callable[[str], Flaw | None]
    candidates: Callable[[Solved], Iterable[Solved]] = lambda solved: (solved,)
    may_differ: bool = True

    @property
    def name(self) -> str:
        """The strategy's own name."""
        return self.strategy.name

    @property
    def online(self) -> bool:
        """Whether the strategy asks the network."""
        return self.strategy.online

    def attempt(self) -> Outcome:
        """Run the strategy; an unsound lock is a failure, unless a second try is sound."""
        found = self._judged(self.strategy.attempt())
        if isinstance(found, Flaw):
            again = self.strategy.again()
            found = found if again is None else self._judged(again)
        return self._unsound(found) if isinstance(found, Flaw) else found

    def _judged(self, outcome: Outcome) -> Outcome | Flaw:
        """Return the best sound variant of the lock, or why there is none."""
        if not isinstance(outcome, Solved):
            return outcome
        flaw = Flaw("no lock was made")
        for candidate in self.candidates(outcome):
            found = self.look(candidate.lock_text)
            if found is None:
                return candidate
            flaw = found
        return flaw

    def _unsound(self, flaw: Flaw) -> Failed:
        if flaw.is_forbidden and self.strategy.online:
            return Hopeless(f"the policy forbids the lock it made: {flaw.text}", remedy=_POLICY)
        reason = f"the lock it made is not sound: {flaw.text}"
        is_last = self.name == "regenerate" or not self.may_differ
        if flaw.is_lasting and self.strategy.online and is_last:
            return Hopeless(reason, remedy=_remedy())
        return Failed(reason)


def _remedy() -> str:
    running = running_poetry()
    is_old = Version(running) < _SOUND_SINCE
    newer = f"Poetry {_SOUND_SINCE} or newer" if is_old else "a newer Poetry"
    return (
        f"Poetry {running} cannot lock this project soundly, with or without the old pins;"
        f" use {newer} (`poetry self update`)"
    )


def flaws(text: str, manifest: Manifest, settings: Settings) -> Flaw | None:
    """Return what is wrong with a new lock's text; None if it may be used."""
    if read(manifest.path).data != manifest.data:
        return Flaw(f"{manifest.path} changed during the fix; run it again")
    try:
        lock = parse(text.encode("utf-8"))
    except LockDamage as damage:
        return Flaw(str(damage))
    for reader in (running_poetry(), lock.generator):
        if reader is not None and not is_fresh(
            manifest.data, lock.content_hash, lock.generator, rule_for(reader)
        ):
            return Flaw(
                f"its content-hash is not the one that Poetry {reader} computes for the manifest"
            )
    state = project_state(manifest, lock)
    found = deepened(state, settings)
    doubts = of_lock(manifest, lock, settings.policy, walk=True, state=state)
    wrong = [one for one in doubts if one.severity is Severity.ERROR]
    if wrong:
        return Flaw(wrong[0].message, is_forbidden=wrong[0].code in enforcement.CODES)
    found += (*repeated(lock),)
    bad = [one for one in found if one.severity is Severity.ERROR and one.code in UNSOUND]
    if not bad:
        return None
    return Flaw("; ".join(problem.message for problem in bad), is_lasting=True)
