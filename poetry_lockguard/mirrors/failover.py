"""The endpoints through which packages can be reached, in order, with failover between them.

    with endpoints(poetry, network) as opened:
        result = opened.first(work)

``work`` takes an ``Endpoint`` and uses its pool to solve or install. If it raises SourceFailure,
the next endpoint is tried; if none is left, NoEndpointError says why each failed. Any other
exception (a conflict, for example) reaches the caller.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TypeVar

from poetry_lockguard.index.configured_sources import Explicit, PyPiApi
from poetry_lockguard.index.failures import SourceFailure, TransientFailure
from poetry_lockguard.index.mirror_repository import MirrorRepository
from poetry_lockguard.index.repositories import CachingRepository, expected
from poetry_lockguard.index.repository_pool import Pool
from poetry_lockguard.mirrors.candidates import candidates
from poetry_lockguard.mirrors.in_turn import in_turn
from poetry_lockguard.poetry_api import private
from poetry_lockguard.poetry_api.imports.remote_repositories import LegacyRepository, PyPiRepository
from poetry_lockguard.prefetch import crawler
from poetry_lockguard.urls import flaw, host, redact, shown

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
    """Every endpoint failed; ``reasons`` are (endpoint, sentence) pairs in the order tried."""

    def __init__(self, reasons: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{name}: {reason}" for name, reason in reasons))
        self.reasons = tuple((redact(name), redact(reason)) for name, reason in reasons)


class Endpoint:
    """One way to reach packages: ``name`` appears in messages, ``pool`` is given to Poetry.

    ``is_mirror``: another index answers in PyPI's place.
    """

    def __init__(self, name: str, pool: RepositoryPool, *, is_mirror: bool = False) -> None:
        self.name = redact(name)
        self.pool = pool
        self.is_mirror = is_mirror

    def prefetch(
        self,
        root: ProjectPackage,
        locked: Iterable[Package] = (),
        kept: Container[NormalizedName] = frozenset(),
    ) -> AbstractContextManager[crawler.Crawler]:
        """Prefetch, while a ``with`` block runs, what the solver in it will request.

        The solver will not request those ``locked`` packages whose names are in ``kept``. From then
        on, a repository that replaces PyPI is also checked against these names.
        """
        locked = [*locked]
        for repository in self._caching():
            repository.expected = expected(root, locked)
        return crawler.ahead(self.pool, root, locked, kept)

    def close(self) -> None:
        """Close the connections."""
        for repository in self._caching():
            repository.transport.stop()
            repository.transport.close()

    def _caching(self) -> Iterator[CachingRepository]:
        yield from (one for one in self.pool.all_repositories if isinstance(one, CachingRepository))


class Endpoints:
    """The endpoints of one run; one that succeeded stays open and comes first next time.

    Threads may share an instance.
    """

    def __init__(
        self, poetry: Poetry, network: Network, only: Iterable[Endpoint] | None = None
    ) -> None:
        self._poetry = poetry
        self._network = network
        self._open: list[Endpoint] = []
        self._lock = threading.Lock()
        self.reasons: list[tuple[str, str]] = []
        self._silent: set[str] = set()  # hosts that were waited for in vain
        self._made = self._make() if only is None else iter(only)
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
        """Yield each endpoint once, in order, except those that were dropped."""
        tried: list[Endpoint] = []
        while (endpoint := self._next(tried)) is not None:
            tried.append(endpoint)
            yield endpoint

    def _next(self, tried: list[Endpoint]) -> Endpoint | None:
        with self._lock:
            for endpoint in self._open:
                if endpoint not in tried:
                    return endpoint
            try:
                made = next(self._made, None)
            except SourceFailure as failure:
                self.reasons.append(("certificates", str(failure)))
                return None
            if made is not None:
                self._open.append(made)
            return made

    def _make(self) -> Iterator[Endpoint]:
        """Create each endpoint when it is first needed; report why others are left out."""
        poetry, network = self._poetry, self._network
        pypi = next(
            (one for one in poetry.pool.all_repositories if isinstance(one, PyPiRepository)), None
        )
        found = [] if pypi is None else [*candidates(pypi.url, network)]
        last = next((one for one in reversed(found) if flaw(one.url) is None), None)
        yield Endpoint("the configured sources", _pool(poetry, network, None, is_last=last is None))
        for candidate in found:
            name = f"{shown(candidate.url)} ({candidate.origin})"
            if reason := flaw(candidate.url):
                self.reasons.append((name, f"it {reason}"))
            elif candidate is not last and host(candidate.url) in self._silent:
                self.reasons.append((name, "its host did not answer in time"))
            else:
                is_last = candidate is last
                pool = _pool(poetry, network, candidate.url, is_last=is_last)
                yield Endpoint(name, pool, is_mirror=True)

    def first(self, work: Callable[[Endpoint], Result]) -> Result:
        """Return the result of ``work`` for the first endpoint that succeeds."""
        for _, result in in_turn(self, work, self._dropped):
            return result
        raise NoEndpointError(self.reasons)

    def _dropped(self, endpoint: Endpoint, error: Exception) -> bool:
        if isinstance(error, SourceFailure):
            self.drop(endpoint, error)
        return isinstance(error, SourceFailure)

    @property
    def mirror(self) -> str | None:
        """The mirror that answers for PyPI in this run, if one does."""
        first = next(iter(self._open), None)
        return first.name if first is not None and first.is_mirror else None

    def prefer(self, endpoint: Endpoint) -> None:
        """Try ``endpoint`` before all others from now on: it has just succeeded."""
        with self._lock:
            self._open.remove(endpoint)
            self._open.insert(0, endpoint)

    def drop(self, endpoint: Endpoint, failure: SourceFailure) -> None:
        """Never use ``endpoint`` again, and remember why."""
        self.reasons.append((endpoint.name, str(failure)))
        if isinstance(failure, TransientFailure) and failure.silent is not None:
            self._silent.add(failure.silent)
        if endpoint in self._open:
            self._open.remove(endpoint)
        endpoint.close()

    def close(self) -> None:
        """Close every endpoint."""
        for endpoint in self._open:
            endpoint.close()
        self._open.clear()


def endpoints(
    poetry: Poetry, network: Network, only: Iterable[Endpoint] | None = None
) -> Endpoints:
    """Return the endpoints of one run: iterable, and a context manager that closes them.

    ``only`` are the endpoints to use in place of all others.
    """
    return Endpoints(poetry, network, only)


def _pool(poetry: Poetry, network: Network, mirror: str | None, *, is_last: bool) -> Pool:
    """Return the project's sources with their priorities, with ``mirror`` in PyPI's place."""
    pool = Pool(config=poetry.config)
    for repository in poetry.pool.all_repositories:
        made = _made(repository, poetry, mirror)
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


def _made(repository: Repository, poetry: Poetry, mirror: str | None) -> Repository:
    config, disable_cache = poetry.config, poetry.disable_cache
    if isinstance(repository, PyPiRepository):
        if mirror is None:
            base = private.base_url(repository)
            return PyPiApi(base, config=config, disable_cache=disable_cache)
        return MirrorRepository(mirror, config=config, disable_cache=disable_cache)
    if type(repository) is LegacyRepository:
        return Explicit(repository.name, repository.url, config=config, disable_cache=disable_cache)
    return repository  # a repository created by another plugin, which must keep its own behaviour
