"""Makes Poetry's isolated builds use the build requirements that a snapshot pins.

An isolated build takes its requirements from the pool that it is given, in every version of Poetry.
So a pool in which each pinned name has one version, with the pinned hashes, does what constraints
would, and verifies the files as well. What was built with other requirements is not reused.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from poetry_lockguard.exports.pin_selection import build_entries
from poetry_lockguard.index.source_manifest import (
    UnreadableRequirementsError,
    of_archive,
    of_folder,
)
from poetry_lockguard.poetry_api import package_translation, private
from poetry_lockguard.poetry_api.build_isolation import installing_first
from poetry_lockguard.poetry_api.imports.caches import ArtifactCache
from poetry_lockguard.poetry_api.imports.installation import Chef
from poetry_lockguard.poetry_api.imports.repository_pools import RepositoryPool
from poetry_lockguard.snapshots import origins

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from poetry.core.constraints.version import Version
    from poetry.core.packages.dependency import Dependency
    from poetry.core.packages.package import Package
    from poetry.core.packages.utils.link import Link

    from poetry_lockguard.poetry_api.imports.environment import Env
    from poetry_lockguard.snapshots.document import ConfigurationEntry, PackageEntry, Snapshot


@dataclass(frozen=True, slots=True)
class BuildSet:
    """One set of pinned build requirements; ``digest`` tells it from every other one."""

    packages: Mapping[str, Package]
    digest: str

    def fitting(self, requirements: Iterable[str]) -> list[str]:
        """Return the requirements that a pin satisfies; a reader may have found too many."""
        return [text for text in requirements if self._fits(Requirement(text))]

    def _fits(self, requirement: Requirement) -> bool:
        pin = self.packages.get(canonicalize_name(requirement.name))
        return pin is not None and requirement.specifier.contains(
            pin.version.text, prereleases=True
        )


@dataclass(frozen=True, slots=True)
class BuildPins:
    """The pinned build requirements of a configuration: shared, and those of single packages."""

    shared: BuildSet
    apart: Mapping[str, BuildSet] = field(default_factory=dict)

    def of(self, name: str) -> BuildSet:
        """Return what a package is built with."""
        return self.apart.get(name, self.shared)


def build_pins(snapshot: Snapshot, entry: ConfigurationEntry, folder: Path) -> BuildPins | None:
    """Return the build requirements of a configuration; None if it pins none."""
    if not any(entry.builds):
        return None
    apart = {
        name: _set(build_entries(snapshot, build), folder)
        for name, build in entry.build_apart.items()
    }
    return BuildPins(_set(build_entries(snapshot, entry.build), folder), apart)


def _set(pins: Mapping[str, PackageEntry], folder: Path) -> BuildSet:
    packages = {name: package_translation.package(name, pin, folder) for name, pin in pins.items()}
    described = [
        [name, pin.version, origins.fields(pin.source), sorted(pin.files.items())]
        for name, pin in sorted(pins.items())
    ]
    text = json.dumps(described, sort_keys=True)
    return BuildSet(packages, hashlib.sha256(text.encode()).hexdigest()[:16])


class PinnedPool(RepositoryPool):
    """A pool in which the names of some pins have no other version."""

    def __init__(self, pool: RepositoryPool, pins: BuildSet) -> None:
        super().__init__()
        self._pool = pool
        self._pins = pins.packages
        self._artifact_cache = BuiltCache(pool.artifact_cache, pins.digest)
        for repository in pool.all_repositories:
            self.add_repository(repository, priority=pool.get_priority(repository.name))

    def find_packages(self, dependency: Dependency) -> list[Package]:
        """Return the pin of a name, if it fits; what is not pinned comes from the indexes."""
        pin = self._pins.get(str(dependency.name))
        if pin is None:
            return self._pool.find_packages(dependency)
        return [pin] if dependency.constraint.allows(pin.version) else []

    def package(self, name: str, version: Version, *more: Any, **options: Any) -> Package:
        """Return the pin of a name, or a release from the indexes."""
        pin = self._pins.get(canonicalize_name(name))
        if pin is not None and pin.version == version:
            return pin
        return self._pool.package(name, version, *more, **options)


class PinnedChef(Chef):
    """Poetry's builder, which keeps what it builds apart from what others built."""

    def __init__(
        self, cache: ArtifactCache, env: Env, pool: RepositoryPool, pins: BuildSet
    ) -> None:
        super().__init__(cache, env, PinnedPool(pool, pins))
        self._pins = pins

    def prepare(self, archive: Path, output_dir: Path | None = None, **options: Any) -> Path:
        """Build an archive or a folder with the pinned build requirements."""
        if output_dir is not None and archive.is_file() and archive.suffix != ".whl":
            output_dir = _built(output_dir, self._pins.digest)
        with installing_first(self._pins.fitting(_told(archive))):
            return super().prepare(archive, output_dir, **options)


def _told(archive: Path) -> tuple[str, ...]:
    """Return what an archive or a folder says of what builds it, as far as it can be read."""
    if archive.suffix == ".whl":
        return ()
    try:
        return of_folder(archive) if archive.is_dir() else of_archive(archive)
    except UnreadableRequirementsError:
        return ()


class BuiltCache(ArtifactCache):
    """A cache in which only those wheels count as built that the same requirements built."""

    def __init__(self, cache: ArtifactCache, digest: str) -> None:
        super().__init__(cache_dir=private.cache_folder(cache))
        self._cache = cache
        self._digest = digest

    def get_cached_archive_for_link(  # type: ignore[override]  # Poetry overloads it
        self,
        link: Link,
        *,
        strict: bool,
        env: Env | None = None,
        download_func: Callable[[str, Path], None] | None = None,
    ) -> Path | None:
        """Return a wheel that was built with these requirements, or the archive itself."""
        options: dict[str, Any] = {"env": env, "download_func": download_func}
        is_wheel = link.filename.endswith(".whl")
        if not (strict or is_wheel):
            folder = _built(self.get_cache_directory_for_link(link), self._digest)
            if built := self._get_cached_archive(folder, strict=False, env=env):
                return built
        found: Path | None = self._cache.get_cached_archive_for_link(
            link, strict=strict or not is_wheel, **options
        )
        return found

    def get_cache_directory_for_git(self, url: str, ref: str, subdirectory: str | None) -> Path:
        """Return the folder for what is built of a commit with these requirements."""
        return _built(super().get_cache_directory_for_git(url, ref, subdirectory), self._digest)


def _built(folder: Path, digest: str) -> Path:
    return folder / f"built-{digest}"
