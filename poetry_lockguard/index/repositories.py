"""Poetry's own repositories, with this run's network settings, usable from many threads at once."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import requests
from packaging.metadata import parse_email
from packaging.utils import canonicalize_name

from poetry_lockguard.index import pages, wheel_metadata
from poetry_lockguard.index.failures import SourceFailure, UnusableAnswer, refused_status
from poetry_lockguard.index.hashes import has_any, hashes, is_archive
from poetry_lockguard.index.retry import is_speculative, optional
from poetry_lockguard.index.single_flight import SingleFlight
from poetry_lockguard.index.transport import Transport
from poetry_lockguard.poetry_api.build_isolation import drawing_on
from poetry_lockguard.poetry_api.imports.package_info import PackageInfo
from poetry_lockguard.poetry_api.imports.remote_repositories import HTTPRepository
from poetry_lockguard.poetry_api.imports.repository_errors import PackageNotFoundError
from poetry_lockguard.urls import Address, host, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from packaging.utils import NormalizedName
    from poetry.core.constraints.version import Version
    from poetry.core.packages.dependency import Dependency
    from poetry.core.packages.package import Package
    from poetry.core.packages.project_package import ProjectPackage
    from poetry.core.packages.utils.link import Link

    from poetry_lockguard.index.network import Network
    from poetry_lockguard.poetry_api.imports.config import Config
    from poetry_lockguard.poetry_api.imports.link_sources import LinkSource
    from poetry_lockguard.poetry_api.imports.repository_pools import RepositoryPool
    from poetry_lockguard.policy.admission import Admission

Read = TypeVar("Read")
NOT_FOUND = frozenset({404, 410})
NO_RANGES = 200  # the status of an answer that ignores the requested range
CANARY = "pip"
WITNESSES = 5  #: how many other names are requested to check an index


def expected(root: ProjectPackage, locked: Iterable[Package] = ()) -> tuple[str, ...]:
    """Return names that PyPI probably has: the lock's, then those that the project requires."""
    pinned = (one.name for one in locked if one.source_type is None)
    required = (
        one.name
        for one in root.all_requires
        if not one.is_direct_origin() and one.source_name is None
    )
    return tuple(dict.fromkeys([*pinned, *required]))


class CachingRepository(HTTPRepository):
    """The common part of every source: one transport; each page and release is requested once."""

    plays_pypi = False
    has_release_api = False  # whether releases come from another address than the pages
    pool: RepositoryPool | None = None  # the pool that contains this source
    expected: tuple[str, ...] = ()  # names that a replacement of PyPI should have

    @cached_property
    def address(self) -> Address:
        """The source's URL and credentials."""
        return parse(self.url)

    def equip(
        self, config: Config, network: Network, *, disable_cache: bool, is_patient: bool
    ) -> None:
        """Use this run's transport from now on."""
        self._transport = Transport(
            config,
            network,
            cache_id=self.name,
            disable_cache=disable_cache,
            is_patient=is_patient,
        )
        self._authenticator = self._transport
        self._transport.add_repository(self.name, self.address.url)
        self._transport.open_with(self.address)
        self._admission = network.admission
        self.denied: dict[str, SourceFailure] = {}
        self._max_retries = network.retries
        self._pages: SingleFlight[LinkSource | None] = SingleFlight()
        self._releases: SingleFlight[PackageInfo] = SingleFlight()
        self._is_index: SingleFlight[bool] = SingleFlight()
        self.has_answered = False
        self._with_tails: set[str] = (
            set()
        )  # hosts that answered a range request for the end of a file
        self._without_tails: set[str] = set()  # hosts that refused or ignored one
        self._with_metadata: set[str] = set()  # hosts that provided a wheel's metadata file
        self._without_metadata: set[str] = set()  # hosts that did not

    @property
    def transport(self) -> Transport:
        """The transport of this source's requests."""
        return self._transport

    def find_packages(self, dependency: Dependency) -> list[Package]:
        """Return the releases that fit, without those that the policy does not admit."""
        found = super().find_packages(dependency)
        if self._admission is None:
            return found
        return [one for one in found if self._is_admitted(one, self._admission)]

    def _is_admitted(self, package: Package, admission: Admission) -> bool:
        return admission.admits(package.name, package.version.text, lambda: self._uploaded(package))

    def _uploaded(self, package: Package) -> list[str | None]:
        page = self.get_page(package.name)
        if not isinstance(page, pages.IndexPage):
            return []
        return page.uploaded(package.name, package.version)

    def told(self, name: NormalizedName, version: Version) -> dict[str, dict[str, Any]]:
        """Return a release's files as its page gives them, if that was read and is JSON."""
        if name not in self._pages:
            return {}
        page = self._pages.get(name, lambda: self._fetch_page(name))
        return page.told(name, version) if isinstance(page, pages.IndexPage) else {}

    def get_release_info(self, name: NormalizedName, version: Version) -> PackageInfo:
        """Return a release's metadata; concurrent callers wait for the first."""
        ask = super().get_release_info
        return self._releases.get((name, version), lambda: ask(name, version))

    def has_release(self, name: NormalizedName, version: Version) -> bool:
        """Return whether a release's metadata is available, or being fetched, without a request."""
        return (name, version) in self._releases or (
            not self._disable_cache and self._release_cache.has(f"{name}:{version}")
        )

    def _get_info_from_metadata(self, link: Link) -> PackageInfo | None:
        """Read the metadata file beside a wheel (PEP 658); None if it is not available."""
        if not link.has_metadata or link.netloc in self._without_metadata:
            return None
        try:
            with optional():
                info = super()._get_info_from_metadata(link)
        except SourceFailure:
            if link.netloc not in self._with_metadata:
                self._without_metadata.add(link.netloc)
            return None
        if info is None or info.name is None:  # probably an HTML page, a login for example
            return None
        self._with_metadata.add(link.netloc)
        return info

    def _get_info_from_wheel(self, link: Link) -> PackageInfo:
        """Read a wheel's metadata, in one request if possible, otherwise as Poetry does."""
        try:
            with optional():
                found = self._metadata(link)
            return PackageInfo.from_metadata(parse_email(wheel_metadata.headers(found))[0])
        except wheel_metadata.UnusualWheel:
            return super()._get_info_from_wheel(link)
        except SourceFailure:
            if link.netloc not in self._with_tails:
                self._without_tails.add(link.netloc)
            with self.whole(link) as path:
                return PackageInfo.from_wheel(path)

    def whole(self, link: Link) -> AbstractContextManager[Path]:
        """Yield the path of the whole file."""
        if hasattr(HTTPRepository, "_downloaded_file"):
            lent: AbstractContextManager[Path] = self._downloaded_file(link)
        else:
            lent = self._cached_or_downloaded_file(link)
        return lent

    def _get_info_from_sdist(self, link: Link) -> PackageInfo:
        """Read a source archive's metadata; never while prefetching, since it may need a build."""
        if is_speculative():
            raise SourceFailure(f"{link.filename} is left to the solver")
        if self.pool is None:
            return super()._get_info_from_sdist(link)
        with drawing_on(self.pool):
            return super()._get_info_from_sdist(link)

    def _downloaded_file(self, link: Link, **options: Any) -> Any:
        return _checked(super()._downloaded_file(link, **options), link)

    def _cached_or_downloaded_file(self, link: Link, **options: Any) -> Any:
        """Yield a file's path under the method name of older Poetry versions."""
        lend = super()._cached_or_downloaded_file  # type: ignore[misc]  # none with the newest
        return _checked(lend(link, **options), link)

    def _metadata(self, link: Link) -> bytes:
        if not self._lazy_wheel or link.netloc in self._without_tails:
            raise wheel_metadata.UnusualWheel("no range requests here")

        def fetch(asked: str) -> wheel_metadata.Piece:
            headers = {"Range": f"bytes={asked}", "Accept-Encoding": "identity"}
            response = self._transport.get(
                link.url_without_fragment, headers=headers, raise_for_status=False, only=206
            )
            if response.status_code == NO_RANGES:
                self._without_tails.add(link.netloc)
                raise wheel_metadata.UnusualWheel("no range requests here")
            if response.status_code != requests.codes.partial_content:
                raise refused_status(link.url_without_fragment, response.status_code)
            self._with_tails.add(link.netloc)
            return wheel_metadata.piece(response.headers.get("Content-Range", ""), response.content)

        tail = fetch(f"-{wheel_metadata.TAIL}")
        return wheel_metadata.metadata(tail, lambda first, end: fetch(f"{first}-{end - 1}"))

    def _get_page(self, name: NormalizedName) -> Any:
        page = self._pages.get(name, lambda: self._fetch_page(name))
        if page is None:
            raise PackageNotFoundError(f"Package [{name}] not found.")
        return page

    def _fetch_page(self, name: NormalizedName) -> LinkSource | None:
        page = self._look(name)
        if page is None:
            self._doubt(name)
        return page

    def _look(self, name: NormalizedName) -> LinkSource | None:
        """Return a package's page, or None if there is none, without further checks."""
        return self._read(name, pages.read)

    def ask(self, name: NormalizedName, read: Callable[[requests.Response], Read]) -> Read | None:
        """Return what ``read`` makes of a package's page, HTML or JSON; None if there is no page.

        The page is always requested, and not kept. Raises SourceFailure.
        """
        found = self._read(name, read)
        if found is None:
            self._doubt(name)
        return found

    def _read(self, name: NormalizedName, read: Callable[[requests.Response], Read]) -> Read | None:
        url = self._page_address(name)
        response = self._transport.get(url, raise_for_status=False, headers=pages.PREFER_JSON)
        if response.status_code in NOT_FOUND:
            return None
        if response.status_code >= requests.codes.bad_request:
            raise refused_status(url, response.status_code)
        return self._found(read(response))

    def _found(self, page: Read) -> Read:
        self.has_answered = True
        return page

    def _page_address(self, name: str) -> str:
        return f"{self.url.rstrip('/')}/{name}/"

    def _doubt(self, name: str) -> None:
        """Check that a source which has found nothing yet knows packages that PyPI has.

        An address that knows no package at all is not an index, so packages missing there may
        exist.
        """
        if self.has_answered or not self.plays_pypi:
            return
        names = [one for one in (CANARY, *self.expected[:WITNESSES]) if one != name]
        if not self._is_index.get("", lambda: self._knows_any(names)):
            raise refused_status(self._page_address(name), requests.codes.not_found)

    def _knows_any(self, names: Iterable[str]) -> bool:
        """Return whether a name is known: a mirror of few packages may lack the common one."""
        return any(self._look(canonicalize_name(name)) is not None for name in names)


@contextmanager
def _checked(lent: AbstractContextManager[Path], link: Link) -> Iterator[Path]:
    """Yield a file's path if its hash is that of its link; raises UnusableAnswer otherwise."""
    with lent as path:
        if not is_archive(path):
            raise UnusableAnswer(
                f"{host(link.url)} returned something other than an archive for {path.name}"
            )
        if not has_any(path, hashes(link)):
            raise UnusableAnswer(
                f"{host(link.url)} returned a {path.name} whose hash is not the one on its page"
            )
        wheel_metadata.must_be_small(path)
        yield path
