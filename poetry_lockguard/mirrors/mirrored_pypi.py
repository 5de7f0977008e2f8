"""The repository "PyPI" of Poetry's own commands: the first of its stand-ins that answers."""

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
    """A file that a member offers for a package."""

    member: Mirror
    package: Package


class MirroredPyPi(PyPiRepository):
    """A repository that asks its members in order, and never PyPI itself unless it is one.

    A name's page is one member's for the whole command, so that the solver sees one list of
    versions. Releases and files may come from any: their hashes say whether they are the same.
    """

    def __init__(
        self, pypi: str, succession: RequestFailover, *, config: Config, disable_cache: bool
    ) -> None:
        super().__init__(pypi, config=config, disable_cache=disable_cache)
        self._succession = succession
        self._homes: dict[str, Mirror] = {}  # whose page of a name is used
        self._offers: dict[str, MirrorOffer] = {}  # by address

    def find_packages(self, dependency: Dependency) -> list[Package]:
        """Find packages on the first page that can be had."""
        home = self._homes.get(dependency.name)
        if home is not None:
            return home.source.find_packages(dependency)
        asked = self._succession.each(lambda one: one.source.find_packages(dependency))
        self._homes[dependency.name], found = next(asked)
        return found

    def package(self, name: str, version: Version, *more: Any, **options: Any) -> Package:
        """Return a release from the first member that has it."""
        return self._succession.first(
            lambda one: one.source.package(name, version, *more, **options)
        )

    def get_release_info(self, name: NormalizedName, version: Version) -> PackageInfo:
        """Return a release's metadata from the first member that has it."""
        return self._succession.first(lambda one: one.source.get_release_info(name, version))

    def _get_page(self, name: NormalizedName) -> Any:
        return self._succession.first(lambda one: one.source.get_page(name))

    def search(self, query: str | list[str]) -> list[Package]:
        """Find packages of exactly these names: no index can be searched for more."""
        found: list[Package] = []
        for token in [query] if isinstance(query, str) else query:
            with suppress(InvalidRequirementError):
                found += self.find_packages(Dependency.create_from_pep_508(token))
        return found

    def forget(self, name: str, version: Version) -> None:
        """Drop what is cached of a release."""
        for member in self._succession.members:
            member.source.forget(name, version)

    def log_age_filtered_versions(self, *, level: str, reset: bool) -> None:
        """Tell of the releases that were too young."""
        for member in self._succession.members:
            member.source.log_age_filtered_versions(level=level, reset=reset)

    def find_links_for_package(self, package: Package) -> list[Link]:
        """Return a release's files; what one lacks of the lock's is looked for at the next."""
        wanted = {file["file"] for file in package.files}
        found: dict[str, Link] = {}
        others: dict[str, Link] = {}
        for member, links in self._succession.each(lambda one: _links(one, package)):
            for link in links:
                self._offers.setdefault(link.url, MirrorOffer(member, package))
                (found if _is_locked(link, package) else others).setdefault(link.filename, link)
            if found and wanted <= found.keys():
                break
        return [*found.values(), *(others[name] for name in others if name not in found)]

    def calculate_sha256(self, link: Link) -> str | None:
        """Return the hash of a file whose page has none, as it is where the lock's file is."""
        offer = self._offers[link.url]
        known = _known(link, offer.package)

        def calculate(member: Mirror) -> str | None:
            same = self._same(link, member)
            digest = member.source.calculate_sha256(same)
            if known and digest not in known:
                raise _other(same)
            return digest

        return self._succession.first(calculate, of=offer.member)

    def offers(self, link: Link) -> bool:
        """Return whether a file is one of ours."""
        return link.url in self._offers

    def transport(self, url: str) -> Transport | None:
        """Return what speaks to the member that offers a file, if one does."""
        offer = self._offers.get(url)
        return None if offer is None else offer.member.source.transport

    def fetch(self, link: Link, target: Path, download: Callable[[str, Path], None]) -> None:
        """Have a file that is offered downloaded from whoever has it; another one is not kept."""
        offer = self._offers[link.url]

        def attempt(member: Mirror) -> None:
            same = self._same(link, member)
            download(same.url, target)
            if not has_any(target, _known(link, offer.package) or hashes(link)):
                target.unlink()
                raise _other(same)

        self._succession.first(attempt, of=offer.member)

    def _same(self, link: Link, member: Mirror) -> Link:
        """Return the link of the same file at ``member``; raises Unfit where it has none."""
        offer = self._offers[link.url]
        if offer.member is member:
            return link
        for one in _links(member, offer.package):
            if one.filename == link.filename:
                self._offers.setdefault(one.url, MirrorOffer(member, offer.package))
                return one
        raise UnusableAnswer(f"{host(member.source.url)} does not have {link.filename}")


def _other(link: Link) -> UnusableAnswer:
    return UnusableAnswer(f"{host(link.url)} gave another {link.filename} than the one locked")


def _links(member: Mirror, package: Package) -> list[Link]:
    """Give the files a member has of a release; what is no index must not pass for an empty one."""
    links = member.source.find_links_for_package(package)
    page = None if links else member.source.get_page(package.name)
    return links if page is None else [*page.links_for_version(package.name, package.version)]


def _is_locked(link: Link, package: Package) -> bool:
    """Tell whether a link is, as far as it says, a file of the lock (of any, if there is none)."""
    known = _known(link, package)
    return not package.files or bool(known and (not link.hashes or known & hashes(link)))


def _known(link: Link, package: Package) -> set[str]:
    """Return the hashes that the lock has for a file."""
    return {file["hash"] for file in package.files if file["file"] == link.filename}
