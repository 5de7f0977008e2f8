"""A simple index in PyPI's place: locking through it looks as if PyPI had answered."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from poetry.core.packages.package import Package

from poetry_lockguard.index.repositories import CachingRepository
from poetry_lockguard.poetry_api import poetry_versions
from poetry_lockguard.poetry_api.imports.caches import FileCache
from poetry_lockguard.poetry_api.imports.package_info import PackageInfo
from poetry_lockguard.poetry_api.imports.remote_repositories import HTTPRepository
from poetry_lockguard.poetry_api.imports.repository_errors import PackageNotFoundError
from poetry_lockguard.urls import parse

if TYPE_CHECKING:
    from pathlib import Path

    from packaging.utils import NormalizedName
    from poetry.core.constraints.version import Version
    from poetry.core.packages.utils.link import Link

    from poetry_lockguard.index.network import Network
    from poetry_lockguard.poetry_api.imports.config import Config


def caches(config: Config) -> Path:
    """Return the folder in which each mirror has its own cache of the releases it read."""
    return config.repository_cache_directory / "lockguard"


def _told_python(links: list[Link]) -> str | None:
    """Return the Python versions of a release exactly as its page gives them.

    PyPI's API gives the same text. The wheel's may differ: PyPI keeps what was declared when the
    release was uploaded.
    """
    return next((one.requires_python for one in links if one.requires_python), None)


class MirrorRepository(CachingRepository):
    """A repository named "PyPI" that reads any simple index; its packages have no source.

    Releases are cached in a separate folder: neither Poetry nor a mirror with another URL may take
    what this index said for an answer of PyPI.
    """

    plays_pypi = True

    def __init__(self, url: str, *, config: Config, disable_cache: bool = False) -> None:
        self.address = parse(url.rstrip("/"))
        HTTPRepository.__init__(
            self, "PyPI", self.address.url, config=config, disable_cache=disable_cache
        )
        key = hashlib.sha256(self.address.url.encode()).hexdigest()[:16]
        self._cache_dir = caches(config) / key
        self._release_cache = FileCache(path=self._cache_dir)

    def equip(
        self, config: Config, network: Network, *, disable_cache: bool, is_patient: bool
    ) -> None:
        """Use this run's transport; pass the password on to what Poetry starts itself.

        The configuration changes only in this process; it is never written.
        """
        super().equip(config, network, disable_cache=disable_cache, is_patient=is_patient)
        if self.address.username is not None:
            name = f"lockguard-{self._cache_dir.name}"
            login = {"username": self.address.username, "password": self.address.password}
            config.merge(
                {"repositories": {name: {"url": self.address.url}}, "http-basic": {name: login}}
            )

    def _package(self, name: NormalizedName, version: Version, yanked: str | bool) -> Package:  # noqa: FBT001 - Poetry's signature
        return Package(name, version, yanked=yanked)

    def _find_packages(self, name: NormalizedName, constraint: Any) -> list[Package]:
        if poetry_versions.minds_release_age():
            return super()._find_packages(name, constraint)
        try:
            page = self.get_page(name)
        except PackageNotFoundError:
            return []
        return [
            self._package(name, version, page.yanked(name, version))
            for version in page.versions(name)
            if constraint.allows(version)
        ]

    def find_links_for_package(self, package: Package) -> list[Link]:
        """Return the artifacts of a release, for installing."""
        try:
            page = self.get_page(package.name)
        except PackageNotFoundError:
            return []
        return list(page.links_for_version(package.name, package.version))

    def _get_release_info(self, name: NormalizedName, version: Version) -> dict[str, Any]:
        page = self.get_page(name)
        links = list(page.links_for_version(name, version))
        if not links:
            raise PackageNotFoundError(f"Package {name} ({version}) not found.")
        yanked = page.yanked(name, version)
        info = self._get_info_from_links(links, ignore_yanked=not yanked)
        release = PackageInfo(
            name=name,
            version=version.text,
            summary=info.summary,
            requires_dist=info.requires_dist,
            requires_python=_told_python(links) or info.requires_python,
            files=[self._file(link) for link in links],
            yanked=yanked,
            cache_version=str(self.CACHE_VERSION),
        )
        return release.asdict()

    def _file(self, link: Link) -> Any:
        """Return an artifact as PyPI's API would, with its SHA-256, computed if missing."""
        digest = link.hashes.get("sha256")
        known = f"sha256:{digest}" if digest else self.calculate_sha256(link)
        file = {"file": link.filename, "hash": known}
        if not poetry_versions.caches_addresses(self.CACHE_VERSION):
            return file  # this version of Poetry writes all fields into the lock
        more = {"size": link.size, "upload_time": link.upload_time_isoformat}
        return {
            **file,
            "url": link.url_without_fragment,
            **{key: value for key, value in more.items() if value is not None},
        }
