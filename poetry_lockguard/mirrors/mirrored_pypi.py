"""The repository "PyPI" of Poetry's own commands: it asks the first mirror that answers."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from poetry.core.packages.dependency import Dependency
from poetry.core.version.requirements import InvalidRequirementError

from poetry_lockguard.index.failures import UnusableAnswer
from poetry_lockguard.index.hashes import has_any, hashes
from poetry_lockguard.poetry_api.imports.remote_repositories import PyPiRepository
from poetry_lockguard.urls import host

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from packaging.utils import NormalizedName
    from poetry.core.constraints.version import Version
    from poetry.core.packages.package import Package
    from poetry.core.packages.utils.link import Link

    from poetry_lockguard.index.transport import Transport
    from poetry_lockguard.mirrors.request_failover import Mirror, RequestFailover
    from poetry_lockguard.poetry_api.imports.config import Config
    from poetry_lockguard.poetry_api.imports.package_info import PackageInfo


@dataclass(frozen=True, slots=True)
class MirrorOffer:
    """A file that a mirror offers for a package."""

    mirror: Mirror
    package: Package


class MirroredPyPi(PyPiRepository):
    """A repository that asks its mirrors in order; PyPI itself only if it is one of them.

    The page of a package comes from the same mirror for the whole command, so that the solver sees
    a single list of versions. Releases and files may come from any mirror: their hashes show
    whether they are the same.
    """

    def __init__(
        self, pypi: str, failover: RequestFailover, *, config: Config, disable_cache: bool
    ) -> None:
        super().__init__(pypi, config=config, disable_cache=disable_cache)
        self._failover = failover
        self._homes: dict[str, Mirror] = {}  # the mirror whose page of a package is used
        self._offers: dict[str, MirrorOffer] = {}  # by URL

    def find_packages(self, dependency: Dependency) -> list[Package]:
        """Return the packages on the first page that can be read."""
        home = self._homes.get(dependency.name)
        if home is not None:
            return home.source.find_packages(dependency)
        asked = self._failover.each(lambda one: one.source.find_packages(dependency))
        self._homes[dependency.name], found = next(asked)
        return found

    def package(self, name: str, version: Version, *more: Any, **options: Any) -> Package:
        """Return a release from the first mirror that has it."""
        return self._failover.first(lambda one: one.source.package(name, version, *more, **options))

    def get_release_info(self, name: NormalizedName, version: Version) -> PackageInfo:
        """Return a release's metadata from the first mirror that has it."""
        return self._failover.first(lambda one: one.source.get_release_info(name, version))

    def _get_page(self, name: NormalizedName) -> Any:
        return self._failover.first(lambda one: one.source.get_page(name))

    def search(self, query: str | list[str]) -> list[Package]:
        """Find packages of exactly these names: an index offers no other search."""
        found: list[Package] = []
        for token in [query] if isinstance(query, str) else query:
            with suppress(InvalidRequirementError):
                found += self.find_packages(Dependency.create_from_pep_508(token))
        return found

    def forget(self, name: str, version: Version) -> None:
        """Remove a release from the cache."""
        for mirror in self._failover.mirrors:
            mirror.source.forget(name, version)

    def log_age_filtered_versions(self, *, level: str, reset: bool) -> None:
        """Log the releases that were excluded because of their age."""
        for mirror in self._failover.mirrors:
            mirror.source.log_age_filtered_versions(level=level, reset=reset)

    def find_links_for_package(self, package: Package) -> list[Link]:
        """Return a release's files; locked files that a mirror lacks are looked up on the next."""
        wanted = {file["file"] for file in package.files}
        found: dict[str, Link] = {}
        others: dict[str, Link] = {}
        for mirror, links in self._failover.each(lambda one: _links(one, package)):
            for link in links:
                self._offers.setdefault(link.url, MirrorOffer(mirror, package))
                (found if _is_locked(link, package) else others).setdefault(link.filename, link)
            if found and wanted <= found.keys():
                break
        return [*found.values(), *(others[name] for name in others if name not in found)]

    def calculate_sha256(self, link: Link) -> str | None:
        """Return the hash of a file whose page gives none; it must be the locked file."""
        offer = self._offers[link.url]
        known = _known(link, offer.package)

        def calculate(mirror: Mirror) -> str | None:
            same = self._same(link, mirror)
            digest = mirror.source.calculate_sha256(same)
            if known and digest not in known:
                raise _other(same)
            return digest

        return self._failover.first(calculate, of=offer.mirror)

    def offers(self, link: Link) -> bool:
        """Return whether a file is offered by one of the mirrors."""
        return link.url in self._offers

    def transport(self, url: str) -> Transport | None:
        """Return the transport of the mirror that offers a file, if there is one."""
        offer = self._offers.get(url)
        return None if offer is None else offer.mirror.source.transport

    def fetch(self, link: Link, target: Path, download: Callable[[str, Path], None]) -> None:
        """Download an offered file from the first mirror that has it; reject any other file."""
        offer = self._offers[link.url]

        def attempt(mirror: Mirror) -> None:
            same = self._same(link, mirror)
            download(same.url, target)
            if not has_any(target, _known(link, offer.package) or hashes(link)):
                target.unlink()
                raise _other(same)

        self._failover.first(attempt, of=offer.mirror)

    def _same(self, link: Link, mirror: Mirror) -> Link:
        """Return the link of the same file at ``mirror``; raises UnusableAnswer if it has none."""
        offer = self._offers[link.url]
        if offer.mirror is mirror:
            return link
        for one in _links(mirror, offer.package):
            if one.filename == link.filename:
                self._offers.setdefault(one.url, MirrorOffer(mirror, offer.package))
                return one
        raise UnusableAnswer(f"{host(mirror.source.url)} does not have {link.filename}")


def _other(link: Link) -> UnusableAnswer:
    return UnusableAnswer(
        f"{host(link.url)} returned a different {link.filename} than the one locked"
    )


def _links(mirror: Mirror, package: Package) -> list[Link]:
    """Return a mirror's files of a release; an address that is no index must not look empty."""
    links = mirror.source.find_links_for_package(package)
    page = None if links else mirror.source.get_page(package.name)
    return links if page is None else [*page.links_for_version(package.name, package.version)]


def _is_locked(link: Link, package: Package) -> bool:
    """Return whether a link can be a file of the lock; any file can if the lock lists none."""
    known = _known(link, package)
    return not package.files or bool(known and (not link.hashes or known & hashes(link)))


def _known(link: Link, package: Package) -> set[str]:
    """Return the hashes that the lock has for a file."""
    return {file["hash"] for file in package.files if file["file"] == link.filename}
