"""Every way to reach packages, in order, and how to try work through them.

    with routes(poetry, network) as ways:
        result = ways.first(work)

``work`` takes a ``Route`` and does anything with its pool: solve, install. When it raises
SourceFailure the next route is tried; when none is left, NoRoute says why each failed. Any
other exception (a conflict, say) is the caller's.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TypeVar

from poetry_lockguard.index.configured_sources import Explicit, PyPiApi
from poetry_lockguard.index.failures import SourceFailure
from poetry_lockguard.index.mirror_repository import MirrorRepository
from poetry_lockguard.index.repositories import CachingRepository, expected
from poetry_lockguard.index.repository_pool import Pool
from poetry_lockguard.mirrors.candidates import candidates
from poetry_lockguard.poetry_api import private
from poetry_lockguard.poetry_api.imports.remote_repositories import LegacyRepository, PyPiRepository
from poetry_lockguard.prefetch import crawler
from poetry_lockguard.urls import flaw, redact, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator
    from contextlib import AbstractContextManager
    from types import TracebackType

    from packaging.utils import NormalizedName
    from poetry.core.packages.package import Package
    from poetry.core.packages.project_package import ProjectPackage
    from typing_extensions import Self

    from poetry_lockguard.index.network import Network
    from poetry_lockguard.poetry_api.imports.poetry_project import Poetry
    from poetry_lockguard.poetry_api.imports.repository_pools import Repository, RepositoryPool

Result = TypeVar("Result")


class NoEndpointError(SourceFailure):
    """Every route failed; ``reasons`` are (route, sentence) pairs in the order tried."""

    def __init__(self, reasons: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{name}: {reason}" for name, reason in reasons))
        self.reasons = tuple((redact(name), redact(reason)) for name, reason in reasons)


class Endpoint:
    """One way to reach packages: ``name`` is for people, ``pool`` for Poetry."""

    def __init__(self, name: str, pool: RepositoryPool) -> None:
        self.name = redact(name)
        self.pool = pool

    def prefetch(
        self,
        root: ProjectPackage,
        locked: Iterable[Package] = (),
        kept: Container[NormalizedName] = frozenset(),
    ) -> AbstractContextManager[crawler.Crawler]:
        """Fetch ahead, while a ``with`` block runs, what the solver in it will ask for.

        Of the ``locked`` packages, those whose names are in ``kept`` will not be asked for.
        From then on a source that plays PyPI is known by these names, too.
        """
        locked = [*locked]
        for repository in self._quick():
            repository.expected = expected(root, locked)
        return crawler.ahead(self.pool, root, locked, kept)

    def close(self) -> None:
        """Let go of connections."""
        for repository in self._quick():
            repository.transport.stop()
            repository.transport.close()

    def _quick(self) -> Iterator[CachingRepository]:
        yield from (one for one in self.pool.all_repositories if isinstance(one, CachingRepository))


class Endpoints:
    """The routes of one run; a route that carried work is kept open and comes first next time.

    Threads may share them.
    """

    def __init__(self, poetry: Poetry, network: Network) -> None:
        self._poetry = poetry
        self._network = network
        self._open: list[Endpoint] = []
        self._lock = threading.Lock()
        self.reasons: list[tuple[str, str]] = []
        self._made = _make(poetry, network, self.reasons)
        if network.unattended:
            poetry.config.merge({"keyring": {"enabled": False}})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[Endpoint]:
        """Yield each route once, in order, those that were dropped left out."""
        tried: list[Endpoint] = []
        while (route := self._next(tried)) is not None:
            tried.append(route)
            yield route

    def _next(self, tried: list[Endpoint]) -> Endpoint | None:
        with self._lock:
            for route in self._open:
                if route not in tried:
                    return route
            try:
                made = next(self._made, None)
            except SourceFailure as failure:
                self.reasons.append(("certificates", str(failure)))
                return None
            if made is not None:
                self._open.append(made)
            return made

    def first(self, work: Callable[[Endpoint], Result]) -> Result:
        """Return the result of ``work`` on the first route that carries it; raises NoRoute."""
        for route in self:
            try:
                return work(route)
            except SourceFailure as failure:  # noqa: PERF203 - a route is no hot loop
                self.drop(route, failure)
        raise NoEndpointError(self.reasons)

    def prefer(self, route: Endpoint) -> None:
        """Yield ``route`` before all others from now on: it has just served."""
        with self._lock:
            self._open.remove(route)
            self._open.insert(0, route)

    def drop(self, route: Endpoint, failure: SourceFailure) -> None:
        """Never use ``route`` again, and remember why."""
        self.reasons.append((route.name, str(failure)))
        if route in self._open:
            self._open.remove(route)
        route.close()

    def close(self) -> None:
        """Let go of every route."""
        for route in self._open:
            route.close()
        self._open.clear()


def endpoints(poetry: Poetry, network: Network) -> Endpoints:
    """Return the routes of one run: iterable, and a context manager that closes them."""
    return Endpoints(poetry, network)


def _make(poetry: Poetry, network: Network, reasons: list[tuple[str, str]]) -> Iterator[Endpoint]:
    """Make each route when it is its turn; ``reasons`` tells of addresses that are none."""
    pypi = next((r for r in poetry.pool.all_repositories if isinstance(r, PyPiRepository)), None)
    found = [] if pypi is None else [*candidates(pypi.url, network)]
    last = next((one for one in reversed(found) if flaw(one.url) is None), None)
    yield Endpoint("the configured sources", _pool(poetry, network, None, is_last=last is None))
    for candidate in found:
        name = f"{shown(candidate.url)} ({candidate.origin})"
        if reason := flaw(candidate.url):
            reasons.append((name, f"it {reason}"))
        else:
            is_last = candidate is last
            yield Endpoint(name, _pool(poetry, network, candidate.url, is_last=is_last))


def _pool(poetry: Poetry, network: Network, standin: str | None, *, is_last: bool) -> Pool:
    """Return the project's sources in their priorities, with ``standin`` in PyPI's place."""
    pool = Pool(config=poetry.config)
    for repository in poetry.pool.all_repositories:
        made = _made(repository, poetry, standin)
        if isinstance(made, CachingRepository):
            made.pool = pool
            made.equip(
                poetry.config,
                network,
                disable_cache=poetry.disable_cache,
                is_patient=is_last or not made.plays_pypi,
            )
        pool.add_repository(made, priority=poetry.pool.get_priority(repository.name))
    return pool


def _made(repository: Repository, poetry: Poetry, standin: str | None) -> Repository:
    config, disable_cache = poetry.config, poetry.disable_cache
    if isinstance(repository, PyPiRepository):
        if standin is None:
            base = private.base_url(repository)
            return PyPiApi(base, config=config, disable_cache=disable_cache)
        return MirrorRepository(standin, config=config, disable_cache=disable_cache)
    if type(repository) is LegacyRepository:
        return Explicit(repository.name, repository.url, config=config, disable_cache=disable_cache)
    return repository  # of another plugin's making: it knows best
