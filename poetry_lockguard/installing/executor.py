"""Poetry's executor, except that a failed download is retried on the next endpoint."""

from __future__ import annotations

import functools
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from cleo.formatters.formatter import Formatter
from requests.exceptions import RequestException

from poetry_lockguard.errors import one_line
from poetry_lockguard.index.failures import SourceFailure, explain
from poetry_lockguard.index.repositories import CachingRepository
from poetry_lockguard.installing.build_pool import BuiltCache, PinnedChef
from poetry_lockguard.installing.bundle_endpoint import BundlePool
from poetry_lockguard.mirrors.in_turn import in_turn
from poetry_lockguard.poetry_api import metadata_cache, private
from poetry_lockguard.poetry_api.imports.installation import Chef, Chooser, Executor
from poetry_lockguard.poetry_api.plain_errors import NO_CANDIDATES, plain

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from poetry.core.packages.package import Package
    from poetry.core.packages.utils.link import Link
    from typing_extensions import Self

    from poetry_lockguard.installing.build_pool import BuildPins
    from poetry_lockguard.mirrors.failover import Endpoint, Endpoints
    from poetry_lockguard.poetry_api.imports.authentication import Authenticator
    from poetry_lockguard.poetry_api.imports.caches import ArtifactCache
    from poetry_lockguard.poetry_api.imports.config import Config
    from poetry_lockguard.poetry_api.imports.environment import Env
    from poetry_lockguard.poetry_api.imports.installation import Install, Operation, Update
    from poetry_lockguard.poetry_api.imports.repository_pools import RepositoryPool

Result = TypeVar("Result")
NEXT_ENDPOINT_HELPS = (SourceFailure, RequestException, *NO_CANDIDATES)


class WrongContent(Exception):  # noqa: N818 - an outcome: the file is not the locked one
    """A file's hash is not in the lock; no other endpoint is tried for it."""


@dataclass(frozen=True, slots=True)
class DownloadEndpoint:
    """One endpoint, with the parts of an executor that use it."""

    endpoint: Endpoint
    chooser: Chooser
    chef_of: Callable[[str], Chef]
    fallback: Authenticator

    def authenticator(self, package: Package | None) -> Authenticator:
        """Return the authenticator for the source of ``package``, with its credentials."""
        caching = [
            one for one in self.endpoint.pool.all_repositories if isinstance(one, CachingRepository)
        ]
        name = (package and package.source_reference) or "PyPI"
        named = (one for one in caching if one.name.lower() == name.lower())
        found = next(named, None) or next(iter(caching), None)
        return found.transport if found is not None else self.fallback


class FailoverExecutor(Executor):
    """An executor that takes over from Poetry's own, for the same environment."""

    @classmethod
    def taking_over(
        cls,
        executor: Executor,
        endpoints: Endpoints,
        config: Config,
        builds: BuildPins | None = None,
    ) -> Self:
        """Return an executor with the state of ``executor``, whatever the Poetry version.

        What is built from source is built with ``builds``, if there are any.
        """
        made = cls.__new__(cls)
        state = dict(vars(executor))
        env: Env = state["_env"]
        fallback, cache = state.pop("_authenticator"), state.pop("_artifact_cache")
        state.pop("_chooser"), state.pop("_chef")
        vars(made).update(state)

        def chef(pool: RepositoryPool, name: str) -> Chef:
            if builds is None:
                return Chef(cache, env, pool)
            return PinnedChef(cache, env, pool, builds.of(name))

        download_endpoint_of = functools.cache(
            lambda endpoint: DownloadEndpoint(
                endpoint,
                Chooser(endpoint.pool, env, config),
                functools.cache(functools.partial(chef, endpoint.pool)),
                fallback,
            )
        )
        cache_of = functools.cache(
            lambda name: cache if builds is None else BuiltCache(cache, builds.of(name).digest)
        )
        threads = {"_now": threading.local(), "_recording": threading.Lock()}
        vars(made).update(
            failures=[],
            _reported=[],
            _endpoints=endpoints,
            _download_endpoint_of=download_endpoint_of,
            _cache_of=cache_of,
            **threads,
        )
        return made

    failures: list[str]
    _reported: list[Exception]
    _endpoints: Endpoints
    _download_endpoint_of: Callable[[Endpoint], DownloadEndpoint]
    _cache_of: Callable[[str], ArtifactCache]
    _now: threading.local
    _recording: threading.Lock

    @property
    def _chooser(self) -> Chooser:  # type: ignore[override]  # Poetry has an attribute
        return self._download_endpoint.chooser

    @property
    def _chef(self) -> Chef:  # type: ignore[override]  # Poetry has an attribute
        return self._download_endpoint.chef_of(self._package_name)

    @property
    def _artifact_cache(self) -> ArtifactCache:  # type: ignore[override]  # Poetry has an attribute
        return self._cache_of(self._package_name)

    @property
    def _package_name(self) -> str:
        package: Package | None = getattr(self._now, "package", None)
        return "" if package is None else str(package.name)

    @property
    def _authenticator(self) -> Authenticator:  # type: ignore[override]  # Poetry has an attribute
        return self._download_endpoint.authenticator(getattr(self._now, "package", None))

    @property
    def _download_endpoint(self) -> DownloadEndpoint:
        current: DownloadEndpoint | None = getattr(self._now, "current", None)
        return current or self._download_endpoint_of(next(iter(self._endpoints)))

    def _download(self, operation: Install | Update) -> Path:
        download = super()._download
        return self._through(operation.package, lambda: download(operation))

    def _download_archive(self, *operation: Any, **options: Any) -> None:
        self._now.has_arrived = True
        super()._download_archive(*operation, **options)

    def _once_more(self, work: Callable[[], Path]) -> Path:
        """Download a file anew if Poetry's cache has another one: an index can replace files."""
        self._now.has_arrived = False
        try:
            return work()
        except WrongContent:
            if self._now.has_arrived:
                raise
            return work()

    def _download_link(self, operation: Install | Update, link: Link) -> Path:
        download = super()._download_link

        def work() -> Path:
            return self._once_more(lambda: download(operation, link))

        if operation.package.source_type != "url":  # of an index, which already fails over
            return work()
        return self._straight(operation.package, work)

    def _prepare_git_archive(self, operation: Install | Update) -> Path:
        prepare = super()._prepare_git_archive
        pool = next(iter(self._endpoints)).pool
        if isinstance(pool, BundlePool):
            return self._straight(operation.package, lambda: self._built_of(operation, pool))
        return self._straight(operation.package, lambda: prepare(operation))

    def _built_of(self, operation: Install | Update, bundle: BundlePool) -> Path:
        """Return a wheel that is built of a commit in a bundle, or was built of it before."""
        package, cache = operation.package, self._artifact_cache
        place = package.source_url or "", package.source_resolved_reference or ""
        below = package.source_subdirectory
        if built := cache.get_cached_archive_for_git(*place, below, env=self._env):
            return built
        folder = cache.get_cache_directory_for_git(*place, below)
        with bundle.checked_out(package) as files, private.located_at(package, files):
            archive = super()._prepare_archive(operation, output_dir=folder)
        (folder / ".created_from_git_dependency").touch()
        return archive

    def _prepare_archive(self, operation: Install | Update, **options: Any) -> Path:
        prepare = super()._prepare_archive
        return self._through(operation.package, lambda: prepare(operation, **options))

    def _save_url_reference(self, operation: Operation) -> None:
        """Record where a package came from, with a current listing of the folder.

        This is serialized: while one thread tests which folders are writable, others would find
        none, and record nothing.
        """
        with self._recording:
            metadata_cache.invalidate_metadata_cache()
            super()._save_url_reference(operation)

    def _populate_hashes_dict(self, archive: Path, package: Package) -> None:
        """Compare with the lock's hashes, and remove a file that differs from the cache."""
        try:
            super()._populate_hashes_dict(archive, package)
        except RuntimeError as error:
            if package.source_type not in {"file", "directory"}:
                archive.unlink(missing_ok=True)
            raise WrongContent(str(error)) from error

    def _through(self, package: Package, work: Callable[[], Result]) -> Result:
        reasons: list[str] = []
        self._now.package = package

        def download(endpoint: Endpoint) -> Result:
            self._now.current = self._download_endpoint_of(endpoint)
            return work()

        def note(endpoint: Endpoint, error: Exception) -> bool:
            if isinstance(error, WrongContent):
                raise self._failed(package, str(error)) from error
            if isinstance(error, NEXT_ENDPOINT_HELPS):
                where = package.source_reference or endpoint.name
                reasons.append(f"{where}: {_sentence(error)}")
            return isinstance(error, NEXT_ENDPOINT_HELPS)

        for endpoint, result in in_turn(self._endpoints, download, note):
            if reasons:
                self._endpoints.prefer(endpoint)
            return result
        raise self._failed(package, "; ".join(dict.fromkeys(reasons)))

    def _straight(self, package: Package, work: Callable[[], Result]) -> Result:
        """Fetch what only one URL or repository has; there is no other endpoint."""
        self._now.package = package
        try:
            return work()
        except Exception as error:
            if error in self._reported:
                raise
            raise self._failed(package, _sentence(error)) from error

    def _do_execute_operation(self, operation: Operation) -> int:
        """Run one operation; record its failure, unless a download has already reported it."""
        try:
            return super()._do_execute_operation(operation)
        except Exception as error:
            if error not in self._reported:
                self.failures.append(f"{operation.package}: {sentence(error)}")
            raise

    def _failed(self, package: Package, reason: str) -> Exception:
        self.failures.append(f"{package}: {reason}")
        self._reported.append(plain(reason))
        return self._reported[-1]


def sentence(error: Exception) -> str:
    """Return the first line of an error of Poetry, without markup."""
    text = str(error) or str(getattr(error, "exception", "")) or type(error).__name__
    return Formatter().remove_format(text).strip().partition("\n")[0]


def _sentence(error: Exception) -> str:
    if isinstance(error, RequestException):
        request = getattr(error, "request", None)
        error = explain(getattr(request, "url", None) or "the index", error)
    return one_line(error)
