"""Solves with some packages to move and all other pins in place, moving as few more as possible.

The solver is first given nothing but the pins, for every package that nobody named. If that fails,
its reasons say which pins cannot all stay; a smallest set that accounts for all reasons found so
far may move next time, until a solution is found. It has the fewest moves that are possible.

A conflict between many pins, each with many releases, has too many such reasons. After some solves
the solver may move any pin, as in a relock; then every pin that it moved is tried in its old place.
"""

from __future__ import annotations

import math
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from poetry_lockguard.index.repository_pool import NotServedError
from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.poetry_api import private
from poetry_lockguard.poetry_api.conflict_cores import exhausted
from poetry_lockguard.poetry_api.contradiction import Contradiction
from poetry_lockguard.poetry_api.lock_writing import contradictions
from poetry_lockguard.poetry_api.locker import CapturingLocker
from poetry_lockguard.poetry_api.refresh import solved
from poetry_lockguard.relock.kept_pins import KeptPins, watch
from poetry_lockguard.relock.update.commit_origin import CommitOrigin
from poetry_lockguard.relock.update.exclusions import Exclusions, exclusions
from poetry_lockguard.relock.update.moved_doubts import new_needs
from poetry_lockguard.relock.update.moving_pool import Market, MovingPool, TakesTooLong
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
    """The text of a lock, and the pins in it that no index has any more.

    ``is_smallest``: it is the old lock with only the necessary changes.
    """

    text: str
    withdrawn: frozenset[tuple[str, str]] = frozenset()
    is_smallest: bool = False


_SOLVES = 24  #: solves in search of the fewest moves
_PATIENCE = 40  #: seconds for that search, and for undoing moves


def patience() -> float:
    """Return the moment at which a search ends, on the monotonic clock."""
    return time.monotonic() + _PATIENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """The pins that may stay or move, and the sets of them that cannot all stay."""

    pins: frozenset[str]
    cores: list[frozenset[str]]
    until: float = field(default_factory=patience)
    exclusions: Exclusions = field(default_factory=Exclusions)

    def learn(self, conflict: Contradiction, freed: frozenset[str]) -> bool:
        """Note which pins cannot all stay; return False if no pin is to blame."""
        core = exhausted(conflict.__cause__) & (self.pins - freed)
        if core:
            self.cores.append(core)
        return bool(core)


@dataclass(frozen=True, slots=True, kw_only=True)
class PinMover:
    """One lock and the sources to solve over.

    ``lock`` is its data, ``moving`` the names to move, ``commits`` the git references that replace
    those of the manifest. The pins in ``asked`` are requested from the sources. If there is no time
    to find the fewest moves, or more than ``solves`` are needed for it, the pins that cannot all
    stay are added to ``blamed``.
    """

    poetry: Poetry
    sources: RepositoryPool
    lock: dict[str, Any]
    moving: frozenset[str]
    doubts: MovedDoubts
    io: IO
    commits: Mapping[tuple[str, str | None], str] = field(default_factory=dict)
    asked: set[Key] = field(default_factory=set)
    blamed: set[str] = field(default_factory=set)
    solves: int = _SOLVES

    def move(self, offers: Mapping[str, VersionOffer]) -> Moved:
        """Return a lock in which as few pins moved as possible; raises Contradiction."""
        pins = self.pins()
        pinned = frozenset(str(pin.name) for pin in pins if not pin.is_direct_origin())
        staying = (pin for pin in pins if pin.name not in offers)
        excluded = exclusions(_only(offers), staying)
        cores = [*_certain(offers, pins), *(frozenset({name}) for name in excluded.pinned)]
        search = Search(pins=pinned - self.moving, cores=cores, exclusions=excluded)
        with suppress(TakesTooLong):
            return self._fewest(offers, search)
        self.blamed.update(*search.cores)
        search = replace(search, until=math.inf)
        try:
            moved = self._settled(offers, search, free=search.pins)
        except Contradiction:
            if not search.exclusions.dropped:
                raise
            search = replace(search, exclusions=Exclusions())
            moved = self._settled(offers, search, free=search.pins)
        return self._reduced(offers, replace(search, until=patience()), moved)

    def _fewest(self, offers: Mapping[str, VersionOffer], search: Search) -> Moved:
        """Return a lock with the fewest moves; raises Contradiction or TakesTooLong."""
        for _ in range(self.solves):
            freed = fewest(search.cores)
            self._touch(offers, freed)
            try:
                return self._settled(offers, search, free=freed)
            except Contradiction as conflict:
                if search.learn(conflict, freed):
                    continue
                if not search.exclusions.dropped:
                    raise
                search = replace(search, exclusions=Exclusions())
        raise TakesTooLong

    def _reduced(self, offers: Mapping[str, VersionOffer], search: Search, moved: Moved) -> Moved:
        """Return a lock in which no single pin that moved could have stayed, if time allows."""
        free = self._moved_names(moved) & search.pins
        for name in sorted(free):
            fewer = free - {name}
            if name not in free or any(not core & fewer for core in search.cores):
                continue
            try:
                moved = self._settled(offers, search, free=fewer)
            except Contradiction as conflict:
                search.learn(conflict, fewer)
            except TakesTooLong:
                break
            else:
                free = self._moved_names(moved) & search.pins
        return moved

    def _moved_names(self, moved: Moved) -> frozenset[str]:
        """Return the names of the packages whose pins are not the old ones."""
        before, after = (
            {release(one) for one in lock["package"]} for lock in (self.lock, _parsed(moved.text))
        )
        return frozenset(name for name, _ in after - before)

    def _settled(
        self, offers: Mapping[str, VersionOffer], search: Search, *, free: frozenset[str]
    ) -> Moved:
        """Solve until what has moved puts no other pin in doubt."""
        search.exclusions.dropped.clear()
        market = Market(
            offers=offers,
            staying=search.pins - free,
            until=search.until,
            exclusions=search.exclusions,
        )
        while True:
            moved = self._solved(market)
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

    def withdrawn(self, offers: Mapping[str, VersionOffer]) -> frozenset[tuple[str, str]]:
        """Return the pins in doubt that the releases need, and that no index has any more."""
        self._touch(offers, ())
        needed = {
            need.name for one in offers.values() if one.release for need in one.release.requires
        }
        found = set()
        for pin in self.pins():
            if pin.name in needed and pin.name not in offers and self.doubts.of_entry(pin):
                try:
                    self.sources.package(pin.name, pin.version, repository_name=_index(pin))
                except NotServedError:
                    found.add((pin.name, pin.version))
        return _named(found)

    def _solved(self, market: Market) -> Moved:
        """Solve until no pin that was used turns out to be in doubt."""
        while True:
            pool = MovingPool(self.poetry, self.sources, self.pins(), self.asked, market)
            try:
                with contradictions(self.poetry, pool):
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
            pool.watch_time(provider)
            if self.commits:
                origin = CommitOrigin(provider.pool.artifact_cache, self.commits)
                private.set_direct_origin(provider, origin)

        return solved(self.poetry, pool, locker, self.io, prepare=prepare)


def _only(offers: Mapping[str, VersionOffer]) -> dict[str, Version]:
    """Return the versions of the packages that have no other version on offer."""
    return {
        name: offer.release.version
        for name, offer in offers.items()
        if offer.release is not None and not offer.held
    }


def _certain(offers: Mapping[str, VersionOffer], pins: Iterable[Package]) -> list[frozenset[str]]:
    """Return the pins that no release on offer can have beside it, each by itself."""
    pinned: dict[str, list[Package]] = {}
    for pin in pins:
        pinned.setdefault(str(pin.name), []).append(pin)
    return [
        frozenset({str(need.name)})
        for offer in offers.values()
        if offer.release is not None and not offer.held
        for need in offer.release.requires
        if need.name in pinned.keys() - offers.keys()
        and need.marker.is_any()
        and not need.is_optional()
        and not any(
            pin.is_direct_origin() or need.constraint.allows(pin.version)
            for pin in pinned[str(need.name)]
        )
    ]


def _parsed(text: str) -> dict[str, Any]:
    return parse(text.encode("utf-8")).raw


def _index(pin: Package) -> str | None:
    return pin.source_reference if pin.source_type == "legacy" else None


def _named(keys: Iterable[Key]) -> frozenset[tuple[str, str]]:
    return frozenset((str(name), version.text) for name, version in keys)
