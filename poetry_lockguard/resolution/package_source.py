"""Where the solver looks packages up: each page and release is read once for all targets.

A ``PackageSource`` returns packages as their index describes them. An ``EnvironmentView`` is a
source as seen from one environment: requirements that do not apply there are removed, and the
others have no markers, so that the solver has nothing to split by. Changes by one resolution never
affect the next.
"""

from __future__ import annotations

import functools
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

from packaging.utils import canonicalize_name
from poetry.core.constraints.version import parse_constraint
from poetry.core.packages.dependency_group import MAIN_GROUP, DependencyGroup
from poetry.core.version.markers import AnyMarker

from poetry_lockguard.index.direct_origins import UnreadOrigin, telling
from poetry_lockguard.index.repositories import CachingRepository
from poetry_lockguard.index.source_manifest import UnreadableRequirementsError, of_folder
from poetry_lockguard.poetry_api import private
from poetry_lockguard.poetry_api.build_isolation import drawing_on
from poetry_lockguard.poetry_api.cloning import clone
from poetry_lockguard.poetry_api.imports.direct_origin import DirectOrigin, clone_name
from poetry_lockguard.poetry_api.imports.repository_pools import Priority, RepositoryPool
from poetry_lockguard.poetry_api.target_env import holds
from poetry_lockguard.snapshots.format.file_facts import facts_of_page

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from poetry.core.constraints.version import Version
    from poetry.core.packages.dependency import Dependency
    from poetry.core.packages.package import Package
    from poetry.core.version.markers import BaseMarker

    from poetry_lockguard.poetry_api.imports.config import Config
    from poetry_lockguard.poetry_api.imports.solver import Provider
    from poetry_lockguard.resolution.variant_rules import VariantRules
    from poetry_lockguard.snapshots.format.file_facts import FileFacts

    MarkerEvaluator = Callable[[BaseMarker], bool]


ANY = AnyMarker()
ANY_PYTHON = parse_constraint("*")


class PackageSource(Protocol):
    """A source of packages."""

    pool: RepositoryPool

    def find(self, dependency: Dependency) -> list[Package]:
        """Return all versions that fit, requirements unknown."""

    def package(self, name: str, version: Version, source: str | None) -> Package:
        """Return one complete release."""

    def equip(self, provider: Provider) -> None:
        """Make a solver's provider read git, URL and path dependencies here."""

    def direct(self, package: Package) -> Package | None:
        """Return a complete git, URL or path dependency, if it was read here."""


class IndexPackageSource:
    """The packages of a pool of indexes; everything is requested once."""

    def __init__(self, pool: RepositoryPool) -> None:
        self.pool = pool
        self._found: dict[Any, list[Package]] = {}
        self._packages: dict[Any, Package] = {}
        self.origin = RememberingOrigin(pool)
        self._unread: dict[str, UnreadOrigin] = {}

    def find(self, dependency: Dependency) -> list[Package]:
        """Return all versions that fit."""
        key = (
            dependency.name,
            str(dependency.constraint),
            dependency.allows_prereleases(),
            dependency.source_name,
        )
        if key not in self._found:
            self._found[key] = self.pool.find_packages(dependency)
        return [*self._found[key]]

    def package(self, name: str, version: Version, source: str | None) -> Package:
        """Return one complete release."""
        key = canonicalize_name(name), version, source
        if key not in self._packages:
            found = self.pool.package(name, version, repository_name=source)
            self._packages[key] = _with_facts(found, self.pool)
        return self._packages[key]

    def equip(self, provider: Provider) -> None:
        """Read each git, URL and path dependency only once."""
        private.set_direct_origin(provider, self.origin)
        search = telling(provider.search_for_direct_origin_dependency, self._unread)
        provider.search_for_direct_origin_dependency = search  # type: ignore[assignment,method-assign]

    def direct(self, package: Package) -> Package | None:
        """Return what was read of a git, URL or path dependency."""
        return self.origin.known(package)


def _with_facts(package: Package, pool: RepositoryPool) -> Package:
    """Add what the page says of a release's files: Poetry keeps it from version 2.3 on."""
    if all(fact in file for file in package.files for fact in ("size", "upload_time")):
        return package
    name = package.source_reference or "PyPI"
    repository = pool.repository(name) if pool.has_repository(name) else None
    if isinstance(repository, CachingRepository):
        told = repository.told(package.name, package.version)
        facts = facts_of_page(told, {file["file"]: file["hash"] for file in package.files})
        package.files = [_with_more(file, facts) for file in package.files]
    return package


def _with_more(file: Any, facts: FileFacts) -> Any:
    name = file["file"]
    more = {"size": facts.sizes.get(name), "upload_time": facts.upload_times.get(name)}
    return {**{key: value for key, value in more.items() if value is not None}, **file}


class RememberingOrigin(DirectOrigin):
    """Poetry's reader of git, URL and path dependencies, which reads each only once.

    What has to be built to be read takes what builds it from the pool.
    """

    def __init__(self, pool: RepositoryPool) -> None:
        super().__init__(pool.artifact_cache)
        self._pool = pool
        self._known: dict[Any, Package] = {}
        self.build_requires: dict[CommitKey, tuple[str, ...]] = {}  # of repositories

    def get_package_from_file(self, file_path: Path) -> Package:  # type: ignore[override]
        """Read an archive; Poetry has a class method."""
        return self._once(
            ("file", file_path), lambda: DirectOrigin.get_package_from_file(file_path)
        )

    def get_package_from_directory(self, directory: Path) -> Package:  # type: ignore[override]
        """Read a folder; Poetry has a class method."""
        return self._once(
            ("directory", directory), lambda: DirectOrigin.get_package_from_directory(directory)
        )

    def get_package_from_url(self, url: str) -> Package:
        """Fetch and read an archive."""
        fetch = super().get_package_from_url
        return self._once(("url", url), lambda: fetch(url))

    def get_package_from_vcs(self, *args: Any, **options: Any) -> Package:  # type: ignore[override]
        """Clone and read a repository; Poetry has a static method."""
        key = ("vcs", args, tuple(sorted((k, v) for k, v in options.items() if k != "source_root")))

        def read() -> Package:
            package = DirectOrigin.get_package_from_vcs(*args, **options)
            self._note_build(package, options.get("source_root"))
            return package

        return self._once(key, read)

    def _note_build(self, package: Package, source_root: Path | None) -> None:
        """Remember what builds a repository, while it is checked out."""
        if source_root is None or package.source_url is None:
            return
        folder = source_root / clone_name(package.source_url)
        with suppress(UnreadableRequirementsError):
            self.build_requires[commit_key(package)] = of_folder(
                folder / (package.source_subdirectory or "")
            )

    def known(self, package: Package) -> Package | None:
        """Return the package that was read for this one."""
        read = self._known.values()
        return next((one for one in read if one.is_same_package_as(package)), None)

    def _once(self, key: Any, read: Any) -> Package:
        if key not in self._known:
            with drawing_on(self._pool):
                self._known[key] = read()
        return copied(self._known[key])


CommitKey = tuple[str | None, str | None]  # a full commit, and the folder in it


def commit_key(package: Package) -> CommitKey:
    """Return what identifies the content of a repository's package."""
    return package.source_resolved_reference, package.source_subdirectory


class EnvironmentView(RepositoryPool):
    """A package source as seen from one environment."""

    def __init__(
        self,
        library: PackageSource,
        rules: VariantRules,
        config: Config | None = None,
    ) -> None:
        super().__init__(config=config)
        self._rules = rules
        for repository in library.pool.all_repositories:
            self.add_repository(repository, priority=library.pool.get_priority(repository.name))
        self._library = library
        self._sight = marker_evaluator(rules.markers)
        self._seen: dict[int, Package] = {}
        self.looked_at: list[Package] = []  # the complete packages that were returned

    def get_priority(self, name: str) -> Priority:
        """Return a source's priority; a pin of an undeclared source may use any source."""
        return super().get_priority(name) if self.has_repository(name) else Priority.PRIMARY

    def find_packages(self, dependency: Dependency) -> list[Package]:
        """Return all versions that fit, and that no constraint of the variant excludes."""
        return self._rules.allowed(self._library.find(dependency))

    def package(
        self, name: str, version: Version, *_: Any, repository_name: str | None = None, **__: Any
    ) -> Package:
        """Return one release as this environment sees it."""
        whole = self._library.package(name, version, repository_name)
        if id(whole) not in self._seen:
            seen = as_seen_there(whole, self._sight)
            self._seen[id(whole)] = self._rules.applied_to_all(seen)
            self.looked_at.append(whole)
        return self._seen[id(whole)]

    def refresh(self, package: Package) -> Package:
        """Return the same again: everything was read in this run."""
        return self.package(package.name, package.version, repository_name=package.source_reference)


def marker_evaluator(markers: Mapping[str, Any]) -> MarkerEvaluator:
    """Return a function that evaluates markers in an environment, with a cache."""
    here = {**markers}
    return functools.cache(lambda marker: holds(marker, here))


def as_seen_there(whole: Package, holds: MarkerEvaluator) -> Package:
    """Return a package with the requirements that apply in an environment, without markers."""
    return _with_requirements(whole, [plain(one) for one in whole.requires if holds(one.marker)])


def plain(dependency: Dependency) -> Dependency:
    """Copy a requirement without its marker.

    One that an extra excludes (``extra != 'y'``) always comes, since the package itself, without
    extras, requires it; Poetry takes it for optional, and then nothing brings it.
    """
    copy = clone(dependency)
    if copy.is_optional() and not copy.in_extras and "extra !=" in str(copy.marker):
        private.require_always(copy)
    if not copy.marker.is_any():
        private.set_marker(copy, ANY, ANY_PYTHON)
    private.forget_transitive_marker(copy)
    return copy


def copied(package: Package) -> Package:
    """Copy a package with its requirements."""
    return _with_requirements(package, [clone(one) for one in package.requires])


def _with_requirements(package: Package, requirements: list[Dependency]) -> Package:
    copy = clone(package)
    group = DependencyGroup(MAIN_GROUP)
    for one in requirements:
        group.add_dependency(one)
    private.set_dependency_groups(copy, {MAIN_GROUP: group})
    return copy
