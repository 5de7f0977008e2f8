"""Poetry's pool, except that a source's refusal does not mean that a package does not exist.

Poetry takes 401 and 403 for "this source does not have it" and tries the next. This is kept, since
some indexes answer so for unknown names. But if no source has the package, the refusal is reported,
and not that the package does not exist.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name
from poetry.core.constraints.version import Version

from poetry_lockguard.index.repositories import CachingRepository
from poetry_lockguard.poetry_api.imports.repository_errors import PackageNotFoundError
from poetry_lockguard.poetry_api.imports.repository_pools import Priority, RepositoryPool

if TYPE_CHECKING:
    from collections.abc import Mapping

    from poetry.core.packages.dependency import Dependency
    from poetry.core.packages.package import Package


class NotServedError(PackageNotFoundError):
    """No index has this release, and no index refused access to it."""

    def __init__(self, message: str, name: str, version: Version) -> None:
        super().__init__(message)
        self._name = canonicalize_name(name)
        self._version = version

    def is_about(self, entry: Mapping[str, Any]) -> bool:
        """Whether this is the release that a lock entry pins."""
        is_named_so = canonicalize_name(entry["name"]) == self._name
        return is_named_so and Version.parse(entry["version"]) == self._version


class Pool(RepositoryPool):
    """The project's sources with their priorities."""

    def get_priority(self, name: str) -> Priority:
        """Return a source's priority; a pin whose source is no longer declared may use any source.

        Poetry calls this for the pins of an old lock.
        """
        return super().get_priority(name) if self.has_repository(name) else Priority.PRIMARY

    def find_packages(self, dependency: Dependency) -> list[Package]:
        """Find packages as Poetry does; raises SourceFailure if only a refusal was found."""
        found = super().find_packages(dependency)
        if not found:
            self._ask_denied(dependency.name)
        return found

    def package(self, name: str, version: Version, *more: Any, **options: Any) -> Package:
        """Return a release as Poetry does, with the same exception; raises NotServedError."""
        try:
            return super().package(name, version, *more, **options)
        except PackageNotFoundError as error:
            self._ask_denied(name)
            raise NotServedError(str(error), name, version) from error

    def _ask_denied(self, name: str) -> None:
        for repository in self.all_repositories:
            if isinstance(repository, CachingRepository):
                failure = repository.denied.get(canonicalize_name(name))
                if failure is not None:
                    raise failure
