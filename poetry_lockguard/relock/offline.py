"""The offline strategy: Poetry's own refresh, using only the lock's pins, or a refusal.

``poetry lock`` keeps every pin that fits and searches the index only if none does. So its solver
runs here over an index that returns pins and refuses to search: whatever it would decide without a
search comes out the same, and everything else declines.

A pin may be incomplete. Poetry drops from it what did not matter when it was locked: dependencies
of unused extras, of other Python versions, of other platforms. If the new manifest could make one
of them matter, the complete metadata are taken from the caches of Poetry and of the mirrors, and
without them the strategy declines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cleo.io.null_io import NullIO

from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.poetry_api import private
from poetry_lockguard.poetry_api.imports.solver import (
    IncompatibleConstraintsError,
    SolverProblemError,
)
from poetry_lockguard.poetry_api.locker import CapturingLocker
from poetry_lockguard.poetry_api.poetry_versions import Generator
from poetry_lockguard.poetry_api.refresh import solved
from poetry_lockguard.relock.local_origins import LocalOrigin
from poetry_lockguard.relock.locked_repository import (
    LockedRepository,
    NeedsNetworkError,
    pinned_pool,
)
from poetry_lockguard.relock.pin_doubts import PinDoubts
from poetry_lockguard.repair.entry_comparison import recomposed, rewritten

if TYPE_CHECKING:
    from packaging.utils import NormalizedName
    from poetry.core.constraints.version import Version
    from poetry.core.packages.package import Package

    from poetry_lockguard.poetry_api.imports.packages import DependencyPackage
    from poetry_lockguard.poetry_api.imports.poetry_project import Poetry
    from poetry_lockguard.poetry_api.imports.repository_pools import RepositoryPool
    from poetry_lockguard.poetry_api.imports.solver import Provider

    Key = tuple[NormalizedName, Version]


class _Restart(Exception):  # noqa: N818 - a signal
    """A pin already returned in part is needed complete: solve again."""


def refresh(
    poetry: Poetry,
    lock: dict[str, Any] | None = None,
    *,
    generator: Generator | None = None,
    is_ordered: bool = False,
) -> str:
    """Return the text that ``poetry lock`` would write, without network.

    ``lock`` is the data of the project's lock, if already read, and ``generator`` the Poetry that
    wrote it, if it is not the one named in the lock. If ``is_ordered``, earlier pins of a package
    are preferred to later ones, else the highest, and markers may be combined in another order than
    with the index. Raises NeedsNetworkError with the reason if the lock does not determine the
    text.
    """
    guard: Guard | None = None
    while True:
        # A solver modifies the packages it has seen: each try gets its own.
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
            raise NeedsNetworkError("the pins contradict the requirements") from error
        break
    completed = {(name, str(version)) for name, version in guard.whole}
    made = parse(text.encode("utf-8")).raw
    if entry := rewritten(locker.lock_data, made, completed):
        raise NeedsNetworkError(f"the entry of {entry} would change")
    if not is_ordered and (entry := recomposed(locker.lock_data, made)):
        raise NeedsNetworkError(f"the markers of {entry} would change")
    return text


class Guard:
    """Watches the solver for questions that a pin can answer only in part."""

    def __init__(self, poetry: Poetry, lock: dict[str, Any], generator: Generator) -> None:
        self._doubts = PinDoubts(poetry, lock, generator)
        self.whole: set[Key] = set()

    def watch(self, provider: Provider) -> None:
        """Check every package before the solver reads its dependencies; fetch nothing."""
        private.set_direct_origin(provider, LocalOrigin(provider.pool.artifact_cache))
        complete = provider.complete_package

        def guarded(wanted: DependencyPackage) -> DependencyPackage:
            self._look(wanted, provider)
            return complete(wanted)

        provider.complete_package = guarded  # type: ignore[assignment,method-assign]

    def _look(self, wanted: DependencyPackage, provider: Provider) -> None:
        package = wanted.package
        if package.is_root() or package.is_direct_origin():
            return  # what Poetry takes from the lock, too
        doubt = self._doubts.of(wanted, provider)
        if doubt:
            self._need_whole(package, wanted.dependency.source_name, provider.pool, doubt)

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
