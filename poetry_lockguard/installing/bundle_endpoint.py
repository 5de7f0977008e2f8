"""A bundle as the only endpoint of Poetry's installer: no index is used.

Isolated builds use it, too: any wheel in the folder can serve as a build requirement.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from poetry.core.packages.utils.link import Link

from poetry_lockguard.exports.bundles import git_archive
from poetry_lockguard.index.repository_pool import Pool
from poetry_lockguard.mirrors.failover import Endpoint
from poetry_lockguard.poetry_api.imports.caches import ArtifactCache
from poetry_lockguard.poetry_api.imports.package_info import PackageInfo
from poetry_lockguard.poetry_api.imports.repository_pools import Repository
from poetry_lockguard.poetry_api.imports.utilities import get_file_hash
from poetry_lockguard.snapshots.origins import Index

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from packaging.utils import NormalizedName
    from poetry.core.constraints.version import VersionConstraint
    from poetry.core.packages.package import Package, PackageFile

    from poetry_lockguard.poetry_api.imports.config import Config
    from poetry_lockguard.snapshots.document import PackageEntry


class BundleRepository(Repository):
    """The files of a folder, under the name of one of the project's sources."""

    def __init__(self, name: str, folder: Path) -> None:
        super().__init__(name)
        self._folder = folder

    def find_links_for_package(self, package: Package) -> list[Link]:
        """Return the files of a pin that are in the folder, with the hashes of the pin."""
        return [
            Link(f"{(self._folder / one['file']).as_uri()}#{one['hash'].replace(':', '=', 1)}")
            for one in package.files
            if (self._folder / one["file"]).is_file()
        ]

    def _find_packages(self, name: NormalizedName, constraint: VersionConstraint) -> list[Package]:
        """Return the wheels of a build requirement that are in the folder."""
        found: dict[str, Package] = {}
        for wheel in sorted(self._folder.glob("*.whl")):
            if _name(wheel) == name:
                package = _package(wheel)
                known = found.setdefault(package.version.text, package)
                known.files = [*known.files, _file(wheel)]
        return [one for one in found.values() if constraint.allows(one.version)]

    def package(self, name: str, version: Any, *_: Any, **__: Any) -> Package:
        """Return a build requirement that is in the folder."""
        found = self._find_packages(canonicalize_name(name), version)
        return found[0] if found else super().package(name, version)


def _name(wheel: Path) -> str | None:
    try:
        return parse_wheel_filename(wheel.name)[0]
    except InvalidWheelFilename:
        return None


def _package(wheel: Path) -> Package:
    package = PackageInfo.from_wheel(wheel).to_package()
    package.files = []
    return package


def _file(wheel: Path) -> PackageFile:
    return {"file": wheel.name, "hash": f"sha256:{get_file_hash(wheel, 'sha256')}"}


class BundleCache(ArtifactCache):
    """Returns the wheels of the folder; wheels that are built go to Poetry's cache."""

    def __init__(self, folder: Path, cache: Path) -> None:
        super().__init__(cache_dir=cache)
        self._folder = folder

    def get_cached_archive_for_link(  # type: ignore[override]  # Poetry overloads it
        self,
        link: Link,
        *,
        download_func: Callable[[str, Path], None] | None = None,
        **options: Any,
    ) -> Path | None:
        """Return the file of the folder; a copy of an archive that has to be built."""
        path = self._folder / link.filename
        if not path.is_file():
            return super().get_cached_archive_for_link(link, download_func=download_func, **options)
        if path.suffix == ".whl":
            return path
        if download_func is not None:
            download_func = lambda _, target: _copy(path, target)  # noqa: E731 - as Poetry calls it
        return super().get_cached_archive_for_link(link, download_func=download_func, **options)


def _copy(path: Path, target: Path) -> None:
    shutil.copyfile(path, target)


class BundlePool(Pool):
    """The folder of a bundle under the name of each source that its pins use."""

    def __init__(self, folder: Path, pins: Iterable[PackageEntry], config: Config) -> None:
        named = {one.source.name for one in pins if isinstance(one.source, Index)}
        super().__init__(
            [BundleRepository(name, folder) for name in ("PyPI", *sorted(named - {"PyPI"}))],
            config=config,
        )
        self._artifact_cache = BundleCache(folder, config.artifacts_cache_directory)
        self._folder = folder

    @contextmanager
    def checked_out(self, package: Package) -> Iterator[Path]:
        """Yield a folder with the files of a package's commit, as a source archive has them."""
        commit = package.source_resolved_reference or ""
        with tempfile.TemporaryDirectory(prefix="lockguard-commit-") as name:
            folder = Path(name)
            git_archive.unpack(self._folder / git_archive.file_name(package.name, commit), folder)
            _do_without_history(folder / (package.source_subdirectory or ""), package)
            yield folder


def _do_without_history(folder: Path, package: Package) -> None:
    """Write the files by which build backends do without git: the version, and to take all files.

    The second one is for setuptools-scm, which takes the version from the first. A link of the
    commit in its place may lead out of the folder.
    """
    about = folder / "PKG-INFO"
    if not (about.exists() or about.is_symlink()):
        about.write_text(
            f"Metadata-Version: 2.1\nName: {package.pretty_name}\n"
            f"Version: {package.version.text}\n",
            encoding="utf-8",
        )
    archival = folder / ".git_archival.txt"
    archival.unlink(missing_ok=True)
    archival.write_text("archive-of: a git commit\n", encoding="utf-8")


def bundle_endpoint(folder: Path, pins: Iterable[PackageEntry], config: Config) -> Endpoint:
    """Return the endpoint of a bundle's folder for these pins."""
    return Endpoint("the bundle", BundlePool(folder, pins, config))
