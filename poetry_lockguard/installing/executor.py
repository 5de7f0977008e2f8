"""Poetry's executor, except that a download which fails on one route is tried on the next."""

from __future__ import annotations

import functools
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from cleo.formatters.formatter import Formatter
from requests.exceptions import RequestException

from poetry_lockguard.index.failures import SourceFailure, explain
from poetry_lockguard.index.repositories import CachingRepository
from poetry_lockguard.poetry_api import metadata_cache
from poetry_lockguard.poetry_api.imports.installation import Chef, Chooser, Executor
from poetry_lockguard.poetry_api.plain_errors import NO_CANDIDATES, plain

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from poetry.core.packages.package import Package
    from poetry.core.packages.utils.link import Link
    from typing_extensions import Self

    from poetry_lockguard.mirrors.failover import Endpoint, Endpoints
    from poetry_lockguard.poetry_api.imports.authentication import Authenticator
    from poetry_lockguard.poetry_api.imports.config import Config
    from poetry_lockguard.poetry_api.imports.environment import Env
    from poetry_lockguard.poetry_api.imports.installation import Install, Operation, Update

Result = TypeVar("Result")
NEXT_ROUTE_HELPS = (SourceFailure, RequestException, *NO_CANDIDATES)


class WrongContent(Exception):  # noqa: N818 - an outcome: the file is not the one that was locked
    """A file came whose hash is not in the lock; no other route is asked for it."""


@dataclass(frozen=True, slots=True)
class DownloadEndpoint:
    """One route, with the parts of an executor that speak to it."""

    route: Endpoint
    chooser: Chooser
    chef: Chef
    fallback: Authenticator

    def authenticator(self, package: Package | None) -> Authenticator:
        """Return what speaks to the source of ``package``: each knows its own credentials."""
        quick = [
            one for one in self.route.pool.all_repositories if isinstance(one, CachingRepository)
        ]
        name = (package and package.source_reference) or "PyPI"
        named = (one for one in quick if one.name.lower() == name.lower())
        found = next(named, None) or next(iter(quick), None)
        return found.transport if found is not None else self.fallback


class FailoverExecutor(Executor):
    """An executor that took over from Poetry's own, built for the same environment."""

    @classmethod
    def taking_over(cls, executor: Executor, routes: Endpoints, config: Config) -> Self:
        """Return an executor in the state of ``executor``, whatever this Poetry's is made of."""
        made = cls.__new__(cls)
        state = dict(vars(executor))
        env: Env = state["_env"]
        fallback, cache = state.pop("_authenticator"), state["_artifact_cache"]
        state.pop("_chooser"), state.pop("_chef")
        vars(made).update(state)
        way = functools.cache(
            lambda route: DownloadEndpoint(
                route, Chooser(route.pool, env, config), Chef(cache, env, route.pool), fallback
            )
        )
        threads = {"_now": threading.local(), "_recording": threading.Lock()}
        vars(made).update(failures=[], _told=[], _routes=routes, _way_of=way, **threads)
        return made

    failures: list[str]
    _told: list[Exception]
    _routes: Endpoints
    _way_of: Callable[[Endpoint], DownloadEndpoint]
    _now: threading.local
    _recording: threading.Lock

    @property
    def _chooser(self) -> Chooser:  # type: ignore[override]  # Poetry has an attribute
        return self._way.chooser

    @property
    def _chef(self) -> Chef:  # type: ignore[override]  # Poetry has an attribute
        return self._way.chef

    @property
    def _authenticator(self) -> Authenticator:  # type: ignore[override]  # Poetry has an attribute
        return self._way.authenticator(getattr(self._now, "package", None))

    @property
    def _way(self) -> DownloadEndpoint:
        way: DownloadEndpoint | None = getattr(self._now, "way", None)
        return way or self._way_of(next(iter(self._routes)))

    def _download(self, operation: Install | Update) -> Path:
        download = super()._download
        return self._through(operation.package, lambda: download(operation))

    def _download_link(self, operation: Install | Update, link: Link) -> Path:
        download = super()._download_link
        if operation.package.source_type != "url":  # one of an index, on its way already
            return download(operation, link)
        return self._straight(operation.package, lambda: download(operation, link))

    def _prepare_git_archive(self, operation: Install | Update) -> Path:
        prepare = super()._prepare_git_archive
        return self._straight(operation.package, lambda: prepare(operation))

    def _prepare_archive(self, operation: Install | Update, **options: Any) -> Path:
        prepare = super()._prepare_archive
        return self._through(operation.package, lambda: prepare(operation, **options))

    def _save_url_reference(self, operation: Operation) -> None:
        """Record where a package came from, of which no listing of the folder may know yet.

        One after the other: while one thread finds out which folders can be written to, others are
        told that none can, and record nothing.
        """
        with self._recording:
            metadata_cache.invalidate_metadata_cache()
            super()._save_url_reference(operation)

    def _populate_hashes_dict(self, archive: Path, package: Package) -> None:
        """Compare with the lock's hashes; what is wrong does not stay in the cache, either."""
        try:
            super()._populate_hashes_dict(archive, package)
        except RuntimeError as error:
            if package.source_type not in {"file", "directory"}:
                archive.unlink(missing_ok=True)
            raise WrongContent(str(error)) from error

    def _through(self, package: Package, work: Callable[[], Result]) -> Result:
        reasons: list[str] = []
        self._now.package = package
        for route in self._routes:
            self._now.way = self._way_of(route)
            try:
                result = work()
            except WrongContent as error:
                raise self._failed(package, str(error)) from error
            except NEXT_ROUTE_HELPS as error:
                reasons.append(f"{route.name}: {_sentence(error)}")
            else:
                if reasons:
                    self._routes.prefer(route)
                return result
        raise self._failed(package, "; ".join(reasons))

    def _straight(self, package: Package, work: Callable[[], Result]) -> Result:
        """Fetch what is in one place: an address, a repository; no other route leads there."""
        self._now.package = package
        try:
            return work()
        except Exception as error:
            if error in self._told:
                raise
            raise self._failed(package, _sentence(error)) from error

    def _do_execute_operation(self, operation: Operation) -> int:
        """Do one step; keep why it failed, where no download has said so already."""
        try:
            return super()._do_execute_operation(operation)
        except Exception as error:
            if error not in self._told:
                self.failures.append(f"{operation.package}: {sentence(error)}")
            raise

    def _failed(self, package: Package, reason: str) -> Exception:
        self.failures.append(f"{package}: {reason}")
        self._told.append(plain(reason))
        return self._told[-1]


def sentence(error: Exception) -> str:
    """Return the first line of what an error of Poetry's says, without markup."""
    said = str(error) or str(getattr(error, "exception", "")) or type(error).__name__
    return Formatter().remove_format(said).strip().partition("\n")[0]


def _sentence(error: Exception) -> str:
    if isinstance(error, RequestException):
        request = getattr(error, "request", None)
        error = explain(getattr(request, "url", None) or "the index", error)
    return " ".join(str(error).split())
