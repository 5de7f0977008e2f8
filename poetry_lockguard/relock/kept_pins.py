"""A relock that requests only what has changed: kept pins come from the lock.

Poetry requests the metadata of every pin, even of those it keeps. A lock entry has the same
dependencies, unless something left out of it now matters (``pin_doubts``): only such pins, and new
packages, are requested.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from poetry_lockguard.index.repository_pool import NotServedError, Pool
from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.poetry_api.contradiction import Contradiction
from poetry_lockguard.poetry_api.imports.repository_pools import Priority
from poetry_lockguard.poetry_api.lock_writing import contradictions
from poetry_lockguard.poetry_api.project import to_stderr
from poetry_lockguard.poetry_api.refresh import solved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cleo.io.io import IO
    from packaging.utils import NormalizedName
    from poetry.core.constraints.version import Version
    from poetry.core.packages.package import Package

    from poetry_lockguard.poetry_api.imports.packages import DependencyPackage
    from poetry_lockguard.poetry_api.imports.poetry_project import Poetry
    from poetry_lockguard.poetry_api.imports.repository_pools import RepositoryPool
    from poetry_lockguard.poetry_api.imports.solver import Provider
    from poetry_lockguard.poetry_api.locker import CapturingLocker
    from poetry_lockguard.relock.pin_doubts import PinDoubts

    Key = tuple[NormalizedName, Version]


class KeptPinsPool(Pool):
    """The sources of an endpoint, and pins that are used in their place."""

    def __init__(
        self, poetry: Poetry, sources: RepositoryPool, pins: Iterable[Package], asked: Iterable[Key]
    ) -> None:
        """Take the sources, the lock's pins, and the pins to request (``asked``) from a source."""
        super().__init__(config=poetry.config)
        for repository in sources.all_repositories:
            self.add_repository(repository, priority=sources.get_priority(repository.name))
        self.asked = set(asked)
        self._pins = _unambiguous(pins)
        self._served: set[Key] = set()
        #: pins that were used before they were in doubt: a solution based on them is invalid
        self.outdated: set[Key] = set()
        #: pins whose entries lack something that is needed now
        self.lacking: set[Key] = set()
        #: pins that no index has any more, and that answered for themselves all the same
        self.withdrawn: set[Key] = set()

    def package(self, name: str, version: Version, *more: Any, **options: Any) -> Package:
        """Return the pin if its entry is sufficient, else the release from the sources.

        A pin that no index has any more is used although its entry is in doubt, unless something
        is known to be missing in it.
        """
        key = (canonicalize_name(name), version)
        pin = self._pins.get(key)
        source = options.get("repository_name") or (more[-1] if more else None)
        if pin is None or key in self.asked or not self._comes_from(pin, source):
            try:
                return super().package(name, version, *more, **options)
            except NotServedError:
                if pin is None or key in self.lacking:
                    raise
                self.withdrawn.add(key)
                return pin
        self._served.add(key)
        return pin

    def answers(self, key: Key) -> bool:
        """Return whether a pin would be used."""
        return key in self._pins and key not in self.asked

    def ask(self, key: Key) -> None:
        """Request a pin from the sources from now on."""
        self.asked.add(key)
        if key in self._served:
            self.outdated.add(key)

    def ask_again(self, pins: Iterable[tuple[str, str]]) -> None:
        """Request these pins, if they were used."""
        found = {(str(name), str(version)): (name, version) for name, version in self._served}
        for pin in found.keys() & set(pins):
            self.ask(found[pin])

    def _comes_from(self, pin: Package, source: object) -> bool:
        """Return whether Poetry would take the pin from the given source."""
        own = (pin.source_reference or "PyPI") if pin.source_type == "legacy" else "PyPI"
        if isinstance(source, str):
            return own.lower() == source.lower()
        searched = [
            one.name
            for one in self.repositories
            if self.get_priority(one.name) is not Priority.EXPLICIT
        ]
        return bool(searched) and searched[0].lower() == own.lower()


def _unambiguous(pins: Iterable[Package]) -> dict[Key, Package]:
    """Return the pins of an index, without those that are pinned from two sources at once."""
    found: dict[Key, list[Package]] = {}
    for pin in pins:
        if not pin.is_direct_origin():
            found.setdefault((pin.name, pin.version), []).append(pin)
    return {key: same[0] for key, same in found.items() if len(same) == 1}


@dataclass(frozen=True, slots=True)
class KeptPins:
    """The pins to keep, the doubts about them, and what to call at the first doubt.

    ``withdrawn`` are those that no index has any more, as far as they were asked for.
    """

    locker: CapturingLocker
    doubts: PinDoubts
    when_in_doubt: Callable[[], None] = lambda: None
    withdrawn: set[Key] = field(default_factory=set)


def relock(poetry: Poetry, sources: RepositoryPool, pins: KeptPins, io: IO) -> str:
    """Return the text of a new lock that keeps every pin that fits.

    Raises Contradiction; network failures are raised unchanged.
    """
    locked = pins.locker.locked_repository().packages
    asked = {(one.name, one.version) for one in locked if pins.doubts.of_entry(one)}
    while True:
        # a solver modifies the packages it has seen: each try gets its own
        pool = KeptPinsPool(poetry, sources, pins.locker.locked_repository().packages, asked)
        prepare = watch(pool, pins)
        try:
            with contradictions(poetry, pool):
                text = solved(poetry, pool, pins.locker, to_stderr(io), prepare=prepare)
        except Contradiction:
            if not pool.outdated:
                raise
        else:
            pool.ask_again(pins.doubts.exceeding(parse(text.encode("utf-8")).raw))
            if not pool.outdated:
                pins.withdrawn.update(pool.withdrawn)
                return text
            pins.when_in_doubt()
        asked = pool.asked


def watch(pool: KeptPinsPool, pins: KeptPins) -> Callable[[Provider], None]:
    """Return a hook that makes a solver request each pin whose entry is in doubt."""

    def prepare(provider: Provider) -> None:
        complete = provider.complete_package

        def guarded(wanted: DependencyPackage) -> DependencyPackage:
            key = (wanted.package.name, wanted.package.version)
            if pool.answers(key) and pins.doubts.of(wanted, provider):
                pins.when_in_doubt()
                if pins.doubts.is_lacking(wanted):
                    pool.lacking.add(key)
                pool.ask(key)
            return complete(wanted)

        provider.complete_package = guarded  # type: ignore[assignment,method-assign]

    return prepare
