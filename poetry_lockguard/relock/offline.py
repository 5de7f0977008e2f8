"""The offline rung: Poetry's real refresh, fed by the lock's own pins, or a refusal.

``poetry lock`` keeps every pin that fits and searches the index only where none does. So its
solver runs here over an index that gives pins and refuses to search: whatever it would decide
without a search comes out the same, and everything else declines.

What a pin does not tell is guarded. Poetry drops from a pin what did not matter when it was
locked: dependencies of extras nobody asked for, of other Pythons, of other platforms. Where the
new manifest could make one of them matter, the caches of Poetry and of the stand-ins are asked for
the whole of it, and without it the rung declines.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from cleo.io.null_io import NullIO
from poetry.core.packages.package import Package
from poetry.puzzle.exceptions import SolverProblemError
from poetry.puzzle.provider import IncompatibleConstraintsError

from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.poetry_api.locker import CapturingLocker
from poetry_lockguard.poetry_api.poetry_versions import Generator, pads_extras
from poetry_lockguard.poetry_api.refresh import solved
from poetry_lockguard.relock.local_origins import LocalOrigin
from poetry_lockguard.relock.locked_repository import (
    LockedRepository,
    NeedsNetworkError,
    pinned_pool,
)
from poetry_lockguard.relock.pin_environments import Contexts
from poetry_lockguard.repair.entry_comparison import recomposed, rewritten

if TYPE_CHECKING:
    from packaging.utils import NormalizedName
    from poetry.core.constraints.version import Version
    from poetry.core.version.markers import BaseMarker
    from poetry.packages import DependencyPackage
    from poetry.poetry import Poetry
    from poetry.puzzle.provider import Provider
    from poetry.repositories.repository_pool import RepositoryPool

    Key = tuple[NormalizedName, Version]


class _Restart(Exception):  # noqa: N818 - a signal
    """A pin already given in part is needed whole: solve again."""


def refresh(
    poetry: Poetry,
    lock: dict[str, Any] | None = None,
    *,
    generator: Generator | None = None,
    is_ordered: bool = False,
) -> str:
    """Return the text that ``poetry lock`` would write, without network.

    ``lock`` is the data of the project's lock, where they have been read already, and
    ``generator`` the Poetry that wrote them, if it is not the one that the lock itself names.
    Where ``is_ordered``, earlier pins of a package are preferred to later ones, else the highest,
    and markers may be put together in another order than the index would have it.
    Raises NeedsNetwork with the reason why that cannot be told from the lock.
    """
    guard: Guard | None = None
    while True:
        # A solver leaves its marks on the packages it has seen: each try gets its own.
        locker = CapturingLocker(poetry, lock)
        pins = locker.locked_repository().packages
        writer = generator or Generator.of(poetry.locker.lock)
        guard = guard or Guard(poetry, locker.lock_data, writer)
        pool = pinned_pool(poetry, pins, guard.whole)
        try:
            text = solved(
                poetry, pool, locker, NullIO(), prepare=guard.watch, is_ordered=is_ordered
            )
        except _Restart:
            continue
        except (SolverProblemError, IncompatibleConstraintsError) as error:
            raise NeedsNetworkError(
                "the pins and the requirements contradict one another"
            ) from error
        break
    completed = {(name, str(version)) for name, version in guard.whole}
    made = parse(text.encode("utf-8")).raw
    if entry := rewritten(locker.lock_data, made, completed):
        raise NeedsNetworkError(f"the entry of {entry} would be written anew")
    if not is_ordered and (entry := recomposed(locker.lock_data, made)):
        raise NeedsNetworkError(f"the markers of {entry} would be put together anew")
    return text


class Guard:
    """Watches the solver for questions that a pin can answer only in part."""

    def __init__(self, poetry: Poetry, lock: dict[str, Any], generator: Generator) -> None:
        self._generator = generator
        before = Package("before", "0")
        before.python_versions = lock["metadata"].get("python-versions", "*")
        python = poetry.package.python_constraint
        self._is_wider = not before.python_constraint.allows_all(python)
        self._contexts = Contexts(lock, python)
        self._unconditional = {
            one.name for one in poetry.package.all_requires if one.marker.is_any()
        }
        self.whole: set[Key] = set()

    def watch(self, provider: Provider) -> None:
        """Look at every package before the solver takes its dependencies; fetch nothing."""
        provider._direct_origin = LocalOrigin(provider.pool.artifact_cache)  # noqa: SLF001 - no public way
        complete = provider.complete_package

        def guarded(wanted: DependencyPackage) -> DependencyPackage:
            self._look(wanted, provider)
            return complete(wanted)

        provider.complete_package = guarded  # type: ignore[assignment,method-assign]

    def _look(self, wanted: DependencyPackage, provider: Provider) -> None:
        package = wanted.package
        if package.is_root() or package.is_direct_origin():
            return  # what Poetry takes from the lock, too
        doubt = self._doubt(wanted, provider)
        if doubt:
            self._need_whole(package, wanted.dependency.source_name, provider.pool, doubt)

    def _doubt(self, wanted: DependencyPackage, provider: Provider) -> str:
        package, extras = wanted.package, wanted.dependency.extras
        if self._is_wider:
            return "Python versions are allowed now that the lock was not made for"
        if package.extras and pads_extras(self._generator):
            return f"Poetry {self._generator} left markers out of {package.name}'s extras"
        if _is_doubled(package):
            return f"{package.name} needs one package twice, once by an extra"
        if missing := _missing_extra(package, sorted(extras)):
            return f"the lock does not hold all of {package.name}[{missing}]"
        return self._doubtful_context(wanted, provider)

    def _doubtful_context(self, wanted: DependencyPackage, provider: Provider) -> str:
        """See that the environments an entry was written for are those of today."""
        name, contexts = wanted.package.name, self._contexts
        pin = (name, wanted.package.pretty_version)
        locked = contexts.total(pin)
        if locked is None:
            return f"this lock format does not tell under which markers {name} is pinned"
        if contexts.exceeds(_context(wanted, provider), locked):
            return f"{name} is pinned for fewer environments than need it now"
        if locked.is_any() and name in self._unconditional:
            return ""  # decided first, for all environments
        if not contexts.is_settled(pin):
            return f"{name} is needed in several ways, under different markers"
        return ""

    def _need_whole(
        self, package: Package, source: str | None, pool: RepositoryPool, doubt: str
    ) -> None:
        key = (package.name, package.version)
        for index in [pool.repository(source)] if source else pool.repositories:
            if not isinstance(index, LockedRepository) or index.is_complete(key):
                continue
            if not index.complete(key):
                raise NeedsNetworkError(doubt)
            self.whole.add(key)
            if key in index.served:
                raise _Restart


def _context(wanted: DependencyPackage, provider: Provider) -> BaseMarker:
    """Return the environments for which this package's dependencies are taken.

    Where the solver runs once for each side of a requirement written several times, it takes
    them for the whole side, whether anything on it needs the package or not.
    """
    sides = [
        override.marker.without_extras()
        for overrides in provider._overrides.values()  # noqa: SLF001 - no public way
        for override in overrides.values()
    ]
    if not sides:
        return wanted.dependency.transitive_marker.without_extras()
    return functools.reduce(lambda context, side: context.intersect(side), sides)


def _is_doubled(package: Package) -> bool:
    """Return whether merging requirements may have changed the text of one that an extra brings."""
    by_extra = {one.name for one in package.requires if one.in_extras}
    return any(sum(one.name == name for one in package.requires) > 1 for name in by_extra)


def _missing_extra(package: Package, wanted: list[NormalizedName]) -> str:
    """Name an extra whose dependencies the pin does not hold in full, if there is one."""
    seen: set[NormalizedName] = set()
    while wanted:
        extra = wanted.pop()
        if extra in seen:
            continue
        seen.add(extra)
        held = [one.name for one in package.requires if extra in one.in_extras]
        for needed in package.extras.get(extra, []):
            if needed.name == package.name:
                wanted += sorted(needed.extras)
            elif needed.name in held:
                held.remove(needed.name)
            else:
                return str(extra)
    return ""
