"""An index that contains only the lock's pins and refuses any other request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from packaging.utils import canonicalize_name

from poetry_lockguard.index.mirror_repository import caches
from poetry_lockguard.poetry_api import private
from poetry_lockguard.poetry_api.imports.caches import FileCache
from poetry_lockguard.poetry_api.imports.remote_repositories import CachedRepository, PyPiRepository
from poetry_lockguard.poetry_api.imports.repository_pools import Repository, RepositoryPool
from poetry_lockguard.urls import same_index

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from packaging.utils import NormalizedName
    from poetry.core.constraints.version import Version
    from poetry.core.packages.dependency import Dependency
    from poetry.core.packages.package import Package

    from poetry_lockguard.poetry_api.imports.poetry_project import Poetry

    Key = tuple[NormalizedName, Version]


class NeedsNetworkError(Exception):
    """Poetry needs something that is not in the lock; the message says what."""


class LockedRepository(Repository):
    """Replaces one configured source: returns the pins that came from it, and never searches.

    A pin has only the dependencies that mattered when it was locked. The release metadata in
    Poetry's cache, or in a mirror's, is complete; ``complete`` makes the repository return that.
    """

    def __init__(
        self, original: Repository, pins: Iterable[Package], others: Iterable[FileCache[Any]] = ()
    ) -> None:
        """Take the source, its pins, and the caches of the mirrors that replaced it."""
        super().__init__(original.name)
        self._original = original
        self._others = tuple(others)
        self._pins: dict[Key, Package] = {(pin.name, pin.version): pin for pin in pins}
        self._whole: dict[Key, Package] = {}
        self.served: set[Key] = set()

    def find_packages(self, dependency: Dependency) -> NoReturn:
        """Refuse: the lock does not contain the available versions."""
        constraint = "" if dependency.constraint.is_any() else f" ({dependency.pretty_constraint})"
        raise NeedsNetworkError(f"no pin fits {dependency.pretty_name}{constraint}")

    def package(self, name: str, version: Version, extras: Iterable[str] | None = None) -> Package:
        """Return the pin, or its complete cached metadata if those were requested."""
        _ = extras  # Poetry 2.0 passes them; they have no effect here
        key = (canonicalize_name(name), version)
        pin = self._pins.get(key)
        if pin is None:
            raise NeedsNetworkError(f"only {self.name} knows whether it has {name} {version}")
        self.served.add(key)
        return self._whole.get(key, pin)

    def complete(self, key: Key) -> bool:
        """Return complete metadata for this pin from now on; False if no cache has them."""
        whole = self._cached(key)
        if whole is not None:
            self._whole[key] = whole
        return whole is not None

    def is_complete(self, key: Key) -> bool:
        """Return whether complete metadata are returned for this pin."""
        return key in self._whole

    def _cached(self, key: Key) -> Package | None:
        """Return the cached release metadata, if the files are still the pin's."""
        pin, original = self._pins.get(key), self._original
        if pin is None or not isinstance(original, CachedRepository):
            return None
        own = private.release_cache(original)
        if own is None:
            return None
        found = (_read(cache, pin, str(original.CACHE_VERSION)) for cache in (own, *self._others))
        return next((one for one in found if one is not None), None)


def _read(cache: FileCache[Any], pin: Package, version: str) -> Package | None:
    from poetry_lockguard.poetry_api.imports.package_info import PackageInfo

    cached = cache.get(f"{pin.name}:{pin.version}")
    if cached is None or cached.get("_cache_version") != version:
        return None
    package = PackageInfo.load(cached).to_package(name=pin.pretty_name)
    if pin.source_type == "legacy":
        private.set_source(package, "legacy", pin.source_url, pin.source_reference)
    return package if _files(package) == _files(pin) else None


def _files(package: Package) -> set[tuple[str, str]]:
    return {(file["file"], file["hash"]) for file in package.files}


def pinned_pool(
    poetry: Poetry, pins: Iterable[Package], whole: Iterable[Key] = ()
) -> RepositoryPool:
    """Return the project's sources, names and priorities kept, with the lock's pins in them.

    Those in ``whole`` are returned with their complete cached metadata. Raises NeedsNetworkError
    for a pin from a source that the manifest does not declare in the same way.
    """
    origin: dict[str, list[Package]] = {name.lower(): [] for name in _names(poetry)}
    for pin in pins:
        if not pin.is_direct_origin():
            origin[_source(poetry, pin)].append(pin)
    pool = RepositoryPool(config=poetry.config)
    for repository in poetry.pool.all_repositories:
        is_pypi = isinstance(repository, PyPiRepository)
        others = [*_standins(poetry)] if is_pypi else []
        index = LockedRepository(repository, origin[repository.name.lower()], others)
        for key in whole:
            index.complete(key)
        pool.add_repository(index, priority=poetry.pool.get_priority(repository.name))
    return pool


def _standins(poetry: Poetry) -> Iterator[FileCache[Any]]:
    """Yield the caches of the mirrors that replaced PyPI on this machine."""
    folder = caches(poetry.config)
    if folder.is_dir():
        yield from (FileCache(path=one) for one in sorted(folder.iterdir()) if one.is_dir())


def _names(poetry: Poetry) -> list[str]:
    return [repository.name for repository in poetry.pool.all_repositories]


def _source(poetry: Poetry, pin: Package) -> str:
    name = (pin.source_reference or "PyPI") if pin.source_type == "legacy" else "PyPI"
    if not poetry.pool.has_repository(name):
        raise NeedsNetworkError(
            f"{pin.pretty_name} is pinned from {name}, which is not a source of this project"
        )
    url = getattr(poetry.pool.repository(name), "url", None)
    if pin.source_type == "legacy" and not same_index(str(url), str(pin.source_url)):
        raise NeedsNetworkError(f"{pin.pretty_name} is pinned from a URL other than that of {name}")
    return name.lower()
