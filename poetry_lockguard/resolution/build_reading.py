"""Reads what builds a package: from where it comes from, or from what a snapshot knows of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry.core.packages.utils.link import Link

from poetry_lockguard.digests import has_hash
from poetry_lockguard.index.direct_origins import one_line
from poetry_lockguard.index.failures import SourceFailure, UnusableAnswer
from poetry_lockguard.index.repositories import CachingRepository
from poetry_lockguard.index.source_manifest import of_archive, of_folder
from poetry_lockguard.mirrors.request_failover import OF_ONE_REQUEST
from poetry_lockguard.poetry_api import package_translation, private
from poetry_lockguard.poetry_api.imports.direct_origin import Git, clone_name
from poetry_lockguard.poetry_api.imports.repository_errors import PackageNotFoundError
from poetry_lockguard.poetry_api.project import checkouts
from poetry_lockguard.resolution.build_resolution import UnlockableError
from poetry_lockguard.snapshots.origins import Directory, Index, LocalFile
from poetry_lockguard.snapshots.origins import Git as GitSource

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from poetry_lockguard.poetry_api.imports.poetry_project import Poetry
    from poetry_lockguard.poetry_api.imports.repository_pools import RepositoryPool
    from poetry_lockguard.resolution.package_source import CommitKey
    from poetry_lockguard.snapshots.document import PackageEntry
    from poetry_lockguard.snapshots.usage import Key


class KnownBuilds:
    """What a snapshot knows of how its pins are built, and what the folders on disk say."""

    def __init__(self, known: Mapping[Key, PackageEntry], folder: Path) -> None:
        self.folder = folder
        self._known = known

    def read(self, name: str, pin: PackageEntry, origin: str) -> tuple[str, ...]:
        """Return what builds a pin from its archive, folder or repository ``origin``."""
        match pin.source:
            case Directory(path=path):
                return of_folder(self.folder / path)
            case LocalFile(path=path):
                return of_archive(self.folder / path)
        known = self._known.get((name, pin.pin))
        if known is None or known.build_requires is None or not _is_same(known, pin, origin):
            return self._unknown(name, pin, origin)
        return known.build_requires

    def _unknown(self, _name: str, _pin: PackageEntry, _origin: str) -> tuple[str, ...]:
        raise UnlockableError("it was not read yet; `poetry lockguard snapshot create` does that")


def _is_same(known: PackageEntry, pin: PackageEntry, origin: str) -> bool:
    return known.files.get(origin) == pin.files.get(origin)


class IndexBuilds(KnownBuilds):
    """The same, and what is not known yet from the indexes and the repositories."""

    def __init__(
        self,
        known: Mapping[Key, PackageEntry],
        folder: Path,
        poetry: Poetry,
        pool: RepositoryPool,
        commits: Mapping[CommitKey, tuple[str, ...]],
    ) -> None:
        """Take what is known, and what was read of repositories that were checked out before."""
        super().__init__(known, folder)
        self._poetry = poetry
        self._pool = pool
        self._commits = commits
        self._read: dict[Key, tuple[str, ...]] = {}

    def _unknown(self, name: str, pin: PackageEntry, origin: str) -> tuple[str, ...]:
        key = name, pin.pin
        if key not in self._read:
            self._read[key] = self._fetched(name, pin, origin)
        return self._read[key]

    def _fetched(self, name: str, pin: PackageEntry, origin: str) -> tuple[str, ...]:
        if isinstance(pin.source, GitSource):
            known = self._commits.get((pin.source.commit, pin.source.subdirectory))
            return self._cloned(pin.source) if known is None else known
        try:
            return self._downloaded(name, pin, origin)
        except SourceFailure as failure:
            if isinstance(failure, UnusableAnswer) or failure.status in OF_ONE_REQUEST:
                raise UnlockableError(str(failure)) from failure
            raise  # another endpoint may have it

    def _cloned(self, source: GitSource) -> tuple[str, ...]:
        """Read a repository; its metadata does not matter, so nothing is built for it."""
        url = package_translation.repository(source.url, self.folder)
        below = source.subdirectory
        with checkouts(self._poetry) as folder:
            try:
                Git.clone(url=url, source_root=folder, revision=source.commit).close()
            except Exception as error:  # Poetry raises many kinds of errors here
                raise UnlockableError(one_line(error)) from error
            return of_folder(folder / clone_name(url) / (below or ""))

    def _downloaded(self, name: str, pin: PackageEntry, file: str) -> tuple[str, ...]:
        for repository, link in self._links(name, pin, file):
            with repository.whole(link) as path:
                if not has_hash(path, pin.files.get(file, "")):
                    raise UnlockableError(f"the index returned a different {file} than the pinned")
                return of_archive(path)
        raise UnlockableError(f"no index has {file}")

    def _links(
        self, name: str, pin: PackageEntry, file: str
    ) -> Iterator[tuple[CachingRepository, Link]]:
        """Yield where a file can be downloaded."""
        package = package_translation.package(name, pin, self.folder)
        for repository in self._repositories(pin):
            if package.source_type == "url":
                yield repository, Link(str(package.source_url))
                return
            try:
                page = private.page(repository, package.name)
            except PackageNotFoundError:
                continue
            for link in page.links_for_version(package.name, package.version):
                if link.filename == file:
                    yield repository, link

    def _repositories(self, pin: PackageEntry) -> Iterator[CachingRepository]:
        """Yield the pin's own index, or all that may be it."""
        source = pin.source
        for one in self._pool.all_repositories:
            is_own = not isinstance(source, Index) or one.name.lower() == source.name.lower()
            if isinstance(one, CachingRepository) and is_own:
                yield one
