"""Fetches metadata before the solver asks for it, since the solver requests one thing at a time.

Threads around Poetry's own repositories gained nothing. The reasons, measured: (1) the solver
requests a page, computes, and requests one release: nothing is known in advance, so threads had
nothing to do; (2) half of the time was not waiting but work under the interpreter's lock:
html.parser over 35 MB and a Link with a parsed URL for each of 100,000 files, so that threads wait
for the lock instead of the network; (3) a release cost three requests one after the other. So pages
are read lazily (``pages``), wheels in one request (``wheel_metadata``), and this crawler walks the
graph on its own: requirement → page → newest version that fits → its metadata → its requirements,
many at a time, while the solver runs and finds what it requests already fetched.

The crawler decides nothing. It uses ``packaging`` rather than Poetry's parsers, whose caches the
solver relies on; a wrong guess costs one request; its failures are ignored.
"""

from __future__ import annotations

import gc
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from poetry_lockguard.index.repositories import CachingRepository
from poetry_lockguard.index.retry import speculative
from poetry_lockguard.poetry_api.imports.repository_errors import PackageNotFoundError
from poetry_lockguard.poetry_api.imports.repository_pools import Priority
from poetry_lockguard.prefetch.environment_sample import EnvironmentSample
from poetry_lockguard.prefetch.version_guesses import MISFITS, fits_python, is_in, newest_first

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator

    from packaging.utils import NormalizedName
    from poetry.core.constraints.version import Version
    from poetry.core.packages.package import Package
    from poetry.core.packages.project_package import ProjectPackage

    from poetry_lockguard.poetry_api.imports.package_info import PackageInfo
    from poetry_lockguard.poetry_api.imports.repository_pools import RepositoryPool

THREADS = 10  # measured: fewer threads wait for the network, more for the interpreter's lock
RARELY = (
    100_000,
    50,
    100,
)  # collect garbage rarely: the solver allocates much, and little of it is garbage


@contextmanager
def ahead(
    pool: RepositoryPool,
    root: ProjectPackage,
    locked: Iterable[Package],
    kept: Container[NormalizedName] = frozenset(),
) -> Iterator[Crawler]:
    """Prefetch what the solver in the block will need, except for the ``kept`` pins."""
    crawler = Crawler(pool, root, locked, kept)
    before = gc.get_threshold()
    gc.set_threshold(*RARELY)
    try:
        crawler.start()
        yield crawler
    finally:
        gc.set_threshold(*before)
        crawler.stop()


class Crawler:
    """Walks from the root's requirements and the locked pins to everything they may need."""

    def __init__(
        self,
        pool: RepositoryPool,
        root: ProjectPackage,
        locked: Iterable[Package],
        kept: Container[NormalizedName] = frozenset(),
    ) -> None:
        self._pool = pool
        self._kept = kept
        self._root = root
        self._sample = EnvironmentSample(root.python_constraint)
        self._locked: dict[NormalizedName, list[Package]] = {}
        for package in locked:
            if not package.is_direct_origin():
                self._locked.setdefault(package.name, []).append(package)
        self._seen: set[tuple[str, ...]] = set()
        self._lock = threading.Lock()
        self._executor = ThreadPoolExecutor(THREADS, "lockguard-ahead", initializer=speculative)
        self._is_open = False

    def start(self) -> None:
        """Start prefetching, unless everything needed is available already.

        Raises SourceFailure if the index in PyPI's place cannot be used at all: better to report
        this at once than after all threads have tried.
        """
        pins = [one for same in self._locked.values() for one in same]
        self.fetch(one for one in pins if one.name not in self._kept)
        for dependency in self._root.all_requires:
            if dependency.is_direct_origin():
                continue
            self._want(
                dependency.name,
                frozenset(dependency.extras),
                str(dependency.constraint),
                dependency.constraint.allows,
                dependency.source_name,
            )

    def fetch(self, packages: Iterable[Package]) -> None:
        """Fetch the metadata of these releases, unless they are already available."""
        for package in packages:
            source = package.source_reference
            for repository in self._repositories(source)[:1]:
                if not repository.has_release(package.name, package.version):
                    self._first(source, package.name, package.version.__eq__)
                    self._submit(repository.get_release_info, package.name, package.version)

    def stop(self) -> None:
        """Start no more requests, and wait for the running ones."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _first(
        self, source: str | None, name: NormalizedName, allows: Callable[[Version], bool]
    ) -> None:
        """Request the first required package in the calling thread, where failures are raised.

        PyPI may answer for pages where its API for releases cannot be reached.
        """
        if self._is_open:
            return
        for repository in self._repositories(source)[:1]:
            if repository.plays_pypi:
                with suppress(PackageNotFoundError):
                    repository.get_page(name)
                    for version in newest_first(repository, name, allows)[:1]:
                        if repository.has_release_api:
                            repository.get_release_info(name, version)
        self._is_open = True

    def _submit(self, work: Callable[..., object], *arguments: object) -> None:
        def quietly() -> None:
            with suppress(Exception):  # the solver repeats the request and reports its failure
                work(*arguments)

        with suppress(RuntimeError):  # stopped meanwhile
            self._executor.submit(quietly)

    def _want(
        self,
        name: NormalizedName,
        extras: frozenset[str],
        constraint: str,
        allows: Callable[[Version], bool],
        source: str | None = None,
    ) -> None:
        if any(allows(package.version) for package in self._locked.get(name, ())):
            return
        self._first(source, name, allows)
        key = (name, constraint, *sorted(extras))
        with self._lock:
            if key in self._seen:
                return
            self._seen.add(key)
        self._submit(self._visit, name, extras, allows, source)

    def _visit(
        self,
        name: NormalizedName,
        extras: frozenset[str],
        allows: Callable[[Version], bool],
        source: str | None,
    ) -> None:
        for repository in self._repositories(source):
            candidates = newest_first(repository, name, allows)
            if candidates:
                self._visit_candidates(repository, name, extras, candidates)
                return

    def _visit_candidates(
        self,
        repository: CachingRepository,
        name: NormalizedName,
        extras: frozenset[str],
        candidates: list[Version],
    ) -> None:
        page = repository.get_page(name)
        for version in candidates[:MISFITS]:
            link = next(iter(page.links_for_version(name, version)), None)
            if link is None or fits_python(link.requires_python, self._sample):
                self._take(repository, name, version, extras)
                return
            self._submit(repository.get_release_info, name, version)

    def _take(
        self,
        repository: CachingRepository,
        name: NormalizedName,
        version: Version,
        extras: frozenset[str],
    ) -> None:
        info: PackageInfo = repository.get_release_info(name, version)
        for text in info.requires_dist or []:
            with suppress(InvalidRequirement):
                requirement = Requirement(text)
                if requirement.url or not self._sample.may_hold(requirement.marker, extras):
                    continue
                self._want(
                    canonicalize_name(requirement.name),
                    frozenset(map(canonicalize_name, requirement.extras)),
                    str(requirement.specifier),
                    partial(is_in, requirement.specifier),
                )

    def _repositories(self, source: str | None) -> list[CachingRepository]:
        """Return the named source, or else all sources that Poetry searches, in order."""
        if source is not None and self._pool.has_repository(source):
            found = [self._pool.repository(source)]
        else:
            found = [
                repository
                for repository in self._pool.repositories
                if self._pool.get_priority(repository.name) is not Priority.EXPLICIT
            ]
        return [repository for repository in found if isinstance(repository, CachingRepository)]
