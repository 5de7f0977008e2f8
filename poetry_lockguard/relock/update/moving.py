"""Solves with some packages to move and all other pins in place, moving as few more as possible.

The solver is first given nothing but the pins, for every package that nobody named. If that fails,
its reasons say which pins cannot all stay; a smallest set that accounts for all reasons found so
far may move next time, until a solution is found. It has the fewest moves that are possible.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.poetry_api import private
from poetry_lockguard.poetry_api.conflict_cores import exhausted
from poetry_lockguard.poetry_api.contradiction import Contradiction
from poetry_lockguard.poetry_api.lock_writing import contradictions
from poetry_lockguard.poetry_api.locker import CapturingLocker
from poetry_lockguard.poetry_api.project import to_stderr
from poetry_lockguard.poetry_api.refresh import solved
from poetry_lockguard.relock.kept_pins import KeptPins, watch
from poetry_lockguard.relock.update.commit_origin import CommitOrigin
from poetry_lockguard.relock.update.moved_doubts import new_needs
from poetry_lockguard.relock.update.moving_pool import Market, MovingPool
from poetry_lockguard.repair.fewest_moves import fewest
from poetry_lockguard.repair.preferred import release, without

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cleo.io.io import IO
    from packaging.utils import NormalizedName
    from poetry.core.constraints.version import Version
    from poetry.core.packages.package import Package

    from poetry_lockguard.poetry_api.imports.poetry_project import Poetry
    from poetry_lockguard.poetry_api.imports.repository_pools import RepositoryPool
    from poetry_lockguard.poetry_api.imports.solver import Provider
    from poetry_lockguard.relock.update.moved_doubts import MovedDoubts
    from poetry_lockguard.relock.update.moving_pool import VersionOffer

    Key = tuple[NormalizedName, Version]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The text of a lock, and the pins in it that no index has any more."""

    text: str
    withdrawn: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class PinMover:
    """One lock and the sources to solve over.

    ``lock`` is its data, ``moving`` the names to move, ``commits`` the git references that replace
    those of the manifest. The pins in ``asked`` are requested from the sources.
    """

    poetry: Poetry
    sources: RepositoryPool
    lock: dict[str, Any]
    moving: frozenset[str]
    doubts: MovedDoubts
    io: IO
    commits: Mapping[tuple[str, str | None], str] = field(default_factory=dict)
    asked: set[Key] = field(default_factory=set)

    def move(self, offers: Mapping[str, VersionOffer]) -> Moved:
        """Return a lock in which as few pins moved as possible; raises Contradiction."""
        pinned = {str(pin.name) for pin in self.pins() if not pin.is_direct_origin()}
        cores: list[frozenset[str]] = []
        while True:
            freed = fewest(cores)
            staying = frozenset(pinned - self.moving - freed)
            self._touch(offers, freed)
            try:
                moved = self._solved(Market(offers=offers, staying=staying))
            except Contradiction as conflict:
                core = exhausted(conflict.__cause__) & staying
                if not core:
                    raise
                cores.append(core)
            else:
                if not self.doubts.touch(new_needs(self.lock, _parsed(moved.text))):
                    return moved

    def _touch(self, offers: Mapping[str, VersionOffer], freed: Iterable[str]) -> None:
        """Put in doubt what the packages that move need, before and after."""
        releases = [one.release for one in offers.values() if one.release is not None]
        needed = {str(need.name) for one in releases for need in one.requires}
        self.doubts.touch({*self.moving, *freed, *needed})

    def pins(self) -> list[Package]:
        """Return the pins of the lock, which no solver has seen yet."""
        return CapturingLocker(self.poetry, self.lock).locked_repository().packages

    def _solved(self, market: Market) -> Moved:
        """Solve until no pin that was used turns out to be in doubt."""
        while True:
            pool = MovingPool(self.poetry, self.sources, self.pins(), self.asked, market)
            try:
                with contradictions(pool):
                    text = self._text(pool)
            except Contradiction:
                if not pool.outdated:
                    raise
            else:
                if not pool.outdated:
                    return Moved(text=text, withdrawn=_named(pool.withdrawn))
            finally:
                self.asked.update(pool.asked)

    def _text(self, pool: MovingPool) -> str:
        moving = {release(one) for one in self.lock["package"] if release(one)[0] in self.moving}
        locker = CapturingLocker(self.poetry, without(self.lock, moving))
        ask_in_doubt = watch(pool, KeptPins(locker, self.doubts))

        def prepare(provider: Provider) -> None:
            ask_in_doubt(provider)
            if self.commits:
                origin = CommitOrigin(provider.pool.artifact_cache, self.commits)
                private.set_direct_origin(provider, origin)

        return solved(self.poetry, pool, locker, to_stderr(self.io), prepare=prepare)


def _parsed(text: str) -> dict[str, Any]:
    return parse(text.encode("utf-8")).raw


def _named(keys: Iterable[Key]) -> frozenset[tuple[str, str]]:
    return frozenset((str(name), version.text) for name, version in keys)
