"""An index in which most packages have no other version than the one that is locked."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from poetry_lockguard.relock.kept_pins import KeptPinsPool
from poetry_lockguard.relock.update.exclusions import Exclusions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from packaging.utils import NormalizedName
    from poetry.core.constraints.version import Version
    from poetry.core.packages.dependency import Dependency
    from poetry.core.packages.package import Package

    from poetry_lockguard.poetry_api.imports.packages import DependencyPackage
    from poetry_lockguard.poetry_api.imports.poetry_project import Poetry
    from poetry_lockguard.poetry_api.imports.repository_pools import RepositoryPool
    from poetry_lockguard.poetry_api.imports.solver import Provider

    Key = tuple[NormalizedName, Version]
    Search = Callable[[Dependency], list[Package]]


class TakesTooLong(Exception):  # noqa: N818 - an answer: another way has to be taken
    """The solver did not find out in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionOffer:
    """What the solver may choose of a package to move.

    ``release`` is the only version, except that those ``held`` may stay where it does not fit;
    without a release, all versions that are not below ``least``.
    """

    release: Package | None = None
    held: tuple[Package, ...] = ()
    least: Version | None = None

    def versions(self, dependency: Dependency, search: Search) -> list[Package]:
        """Return the versions that fit a requirement."""
        allows = dependency.constraint.allows
        if self.release is None:
            least = self.least
            return [one for one in search(dependency) if least is None or one.version >= least]
        if allows(self.release.version):
            return [self.release]
        return [one for one in self.held if allows(one.version)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """What there is to choose from: an offer for each package to move, and the pins to stay.

    The choice has to be made ``until`` a moment on the monotonic clock.
    """

    offers: Mapping[str, VersionOffer]
    staying: frozenset[str]
    until: float = math.inf
    exclusions: Exclusions = field(default_factory=Exclusions)


class MovingPool(KeptPinsPool):
    """The sources of an endpoint, limited to what may be chosen."""

    def __init__(
        self,
        poetry: Poetry,
        sources: RepositoryPool,
        pins: Iterable[Package],
        asked: Iterable[Key],
        market: Market,
    ) -> None:
        """Take what ``KeptPinsPool`` takes, and what there is to choose from."""
        pins = [*pins]
        super().__init__(poetry, sources, pins, asked)
        self._market = market
        self._held: dict[str, list[Package]] = {}
        for pin in pins:
            self._held.setdefault(pin.name, []).append(pin)

    def watch_time(self, provider: Provider) -> None:
        """Make a solver raise TakesTooLong at its next decision after the time is over."""
        complete = provider.complete_package

        def timed(wanted: DependencyPackage) -> DependencyPackage:
            if time.monotonic() > self._market.until:
                raise TakesTooLong
            return complete(wanted)

        provider.complete_package = timed  # type: ignore[assignment,method-assign]

    def find_packages(self, dependency: Dependency) -> list[Package]:
        """Return the offered versions, the pins that stay, or what the sources have."""
        offer = self._market.offers.get(dependency.name)
        if offer is not None:
            return offer.versions(dependency, super().find_packages)
        if dependency.name in self._market.staying:
            pins = self._held.get(dependency.name, [])
            return [one for one in pins if dependency.constraint.allows(one.version)]
        source = dependency.source_name
        return self._market.exclusions.left(
            super().find_packages(dependency),
            lambda one: self.package(one.name, one.version, repository_name=source),
        )
