"""Poetry's pool, except that "not found" is not said of what a source refused to show.

Poetry takes 401 and 403 for "this source does not have it" and asks the next. That is kept:
there are indexes that answer so for names they do not know. But when no source has it, the
refusal is the reason, and not that the package does not exist.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from poetry_lockguard.index.repositories import CachingRepository
from poetry_lockguard.poetry_api.imports.repository_errors import PackageNotFoundError
from poetry_lockguard.poetry_api.imports.repository_pools import RepositoryPool

if TYPE_CHECKING:
    from poetry.core.constraints.version import Version
    from poetry.core.packages.dependency import Dependency
    from poetry.core.packages.package import Package


class Pool(RepositoryPool):
    """The project's sources in their priorities."""

    def find_packages(self, dependency: Dependency) -> list[Package]:
        """Find packages as Poetry does; raises SourceFailure when none is found but one denied."""
        found = super().find_packages(dependency)
        if not found:
            self._ask_denied(dependency.name)
        return found

    def package(self, name: str, version: Version, *more: Any, **options: Any) -> Package:
        """Return a release as Poetry does, with the same reservation."""
        try:
            return super().package(name, version, *more, **options)
        except PackageNotFoundError:
            self._ask_denied(name)
            raise

    def _ask_denied(self, name: str) -> None:
        for repository in self.all_repositories:
            if isinstance(repository, CachingRepository):
                failure = repository.denied.get(canonicalize_name(name))
                if failure is not None:
                    raise failure
