"""Reads path dependencies from disk as Poetry does, without downloading or building."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from poetry_lockguard.poetry_api import private
from poetry_lockguard.poetry_api.imports.direct_origin import DirectOrigin
from poetry_lockguard.poetry_api.imports.package_info import PackageInfo
from poetry_lockguard.relock.locked_repository import NeedsNetworkError

if TYPE_CHECKING:
    from pathlib import Path

    from poetry.core.packages.package import Package


class LocalOrigin(DirectOrigin):
    """Poetry's reader of path, URL and git dependencies, without downloads and builds."""

    @classmethod
    def get_package_from_directory(cls, directory: Path) -> Package:
        """Read a folder whose files contain its metadata."""
        if not (private.is_poetry_project(directory) or _has_metadata(directory)):
            raise NeedsNetworkError(f"{directory} must be built to read its dependencies")
        return super().get_package_from_directory(directory)

    @classmethod
    def get_package_from_file(cls, file_path: Path) -> Package:
        """Read a wheel."""
        if file_path.suffix != ".whl":
            raise NeedsNetworkError(f"{file_path} may have to be built to read its dependencies")
        return super().get_package_from_file(file_path)

    def get_package_from_url(self, url: str) -> NoReturn:
        """Refuse to download."""
        raise NeedsNetworkError(f"{url} is not in the lock")

    @staticmethod
    def get_package_from_vcs(  # noqa: PLR0913, PLR0917 - Poetry's signature
        vcs: str,
        url: str,
        branch: str | None = None,
        tag: str | None = None,
        rev: str | None = None,
        subdirectory: str | None = None,
        source_root: Path | None = None,
    ) -> NoReturn:
        """Refuse to clone."""
        _ = (vcs, subdirectory, source_root)
        reference = branch or tag or rev or "HEAD"
        raise NeedsNetworkError(f"{url} at {reference} is not in the lock")


def _has_metadata(directory: Path) -> bool:
    info = PackageInfo.from_metadata_directory(directory)
    return info is not None and info.requires_dist is not None
