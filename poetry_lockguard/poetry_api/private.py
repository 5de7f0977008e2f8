"""Every private member of other packages in use, each behind a function named after it.

Poetry, poetry-core, cleo and requests do not promise to keep them: after a new version, check these
first. Subclasses that override private methods name them themselves.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import requests
    from cleo.io.io import IO
    from cleo.io.outputs.stream_output import StreamOutput
    from poetry.console.application import Application
    from poetry.console.commands.command import Command
    from poetry.core.constraints.version import Version, VersionConstraint
    from poetry.core.packages.dependency import Dependency
    from poetry.core.packages.dependency_group import DependencyGroup
    from poetry.core.packages.package import Package
    from poetry.core.version.markers import BaseMarker
    from poetry.installation.executor import Executor
    from poetry.installation.installer import Installer
    from poetry.mixology.incompatibility import Incompatibility
    from poetry.packages.direct_origin import DirectOrigin
    from poetry.packages.locker import Locker
    from poetry.poetry import Poetry
    from poetry.puzzle.exceptions import SolverProblemError
    from poetry.puzzle.provider import Provider
    from poetry.repositories.cached_repository import CachedRepository
    from poetry.repositories.http_repository import HTTPRepository
    from poetry.repositories.link_sources.base import LinkSource
    from poetry.repositories.pypi_repository import PyPiRepository
    from poetry.utils.cache import ArtifactCache, FileCache

    Merge = Callable[[Iterable[Dependency]], list[Dependency]]
    Merged = Callable[[Merge, Iterable[Dependency]], list[Dependency]]

# poetry-core's packages and requirements


def set_source(  # noqa: PLR0913 - a package's source has five parts
    package: Package,
    kind: str | None,
    url: str | None,
    reference: str | None,
    *,
    resolved: str | None = None,
    subdirectory: str | None = None,
) -> None:
    """Set a package's source, as Poetry's own repositories do."""
    package._source_type = kind
    package._source_url = url
    package._source_reference = reference
    package._source_resolved_reference = resolved
    package._source_subdirectory = subdirectory


@contextmanager
def located_at(package: Package, folder: Path) -> Iterator[None]:
    """Let a package of a repository be built from a folder, as Poetry does with its clones."""
    url = package.source_url
    package._source_url = str(folder)
    try:
        yield
    finally:
        package._source_url = url


def dependency_groups(package: Package) -> Mapping[Any, DependencyGroup]:
    """Return the groups of a package by name."""
    return package._dependency_groups


def set_dependency_groups(package: Package, groups: Mapping[Any, DependencyGroup]) -> None:
    """Replace the groups of a package, as its own methods do."""
    package._dependency_groups = dict(groups)


def set_in_extras(dependency: Dependency, extras: Sequence[Any]) -> None:
    """Set the extras that require a dependency, as ``create_from_pep_508`` does."""
    dependency._in_extras = [*extras]


def require_always(dependency: Dependency) -> None:
    """Make a requirement independent of extras."""
    dependency._optional = False
    dependency._in_extras = []


def set_commit(dependency: Dependency, pin: Package) -> None:
    """Make a git dependency use the reference and the commit of ``pin``."""
    dependency._source_reference = pin.source_reference
    dependency._source_resolved_reference = pin.source_resolved_reference


def set_constraint(dependency: Dependency, version: Version) -> None:
    """Pin a requirement to a version, as Poetry's own search for direct origins does."""
    dependency._constraint = version
    dependency._pretty_constraint = version.text


def set_marker(dependency: Dependency, marker: BaseMarker, python: VersionConstraint) -> None:
    """Set a marker, as its setter does if the marker always holds, but without parsing."""
    dependency._marker = marker
    dependency._python_versions = "*"
    dependency._python_constraint = python


def forget_transitive_marker(dependency: Dependency) -> None:
    """Remove the result of another resolution."""
    dependency._transitive_marker = None


# Poetry's solver


def order_locked(provider: Provider, packages: Iterable[Package]) -> None:
    """Prefer the first locked package that fits, where Poetry would take the highest."""
    rank = {id(package): number for number, package in enumerate(packages)}
    for held in provider._locked.values():
        held.sort(key=lambda one: rank[id(one.package)])


def replace_merge(provider: Provider, merged: Merged) -> None:
    """Let ``merged`` join requirements with the same constraint; it is given Poetry's own way."""
    merge = provider._merge_dependencies_by_constraint
    provider._merge_dependencies_by_constraint = (  # type: ignore[method-assign]
        lambda dependencies: merged(merge, dependencies)
    )


@contextmanager
def merge_replaced(merged: Merged) -> Iterator[None]:
    """Do the same for all solvers of the block; one thread only."""
    from poetry.puzzle.provider import Provider

    merge = Provider._merge_dependencies_by_constraint
    Provider._merge_dependencies_by_constraint = (  # type: ignore[method-assign]
        lambda self, dependencies: merged(lambda copies: merge(self, copies), dependencies)
    )
    try:
        yield
    finally:
        Provider._merge_dependencies_by_constraint = merge  # type: ignore[method-assign]


def set_direct_origin(provider: Provider, origin: DirectOrigin) -> None:
    """Replace the reader of git, URL and path dependencies."""
    provider._direct_origin = origin


def overriding(provider: Provider) -> Iterator[Dependency]:
    """Yield the requirements on which the solver has chosen an alternative."""
    for overrides in provider._overrides.values():
        yield from overrides.values()


def external_incompatibilities(error: SolverProblemError) -> Iterator[Incompatibility]:
    """Return the reasons outside the solver for which there is no solution."""
    return error.error._incompatibility.external_incompatibilities


# Poetry's locks and repositories


def locked_package(locker: Locker, info: dict[str, Any]) -> Package:
    """Return one package of a lock, as Poetry creates all of them."""
    return locker._get_locked_package(info)


def base_url(repository: PyPiRepository) -> str:
    """Return the URL below which PyPI's API and its simple index are."""
    return repository._base_url


def page(repository: HTTPRepository, name: Any) -> LinkSource:
    """Return a project's page, which the repository's own methods read."""
    return repository._get_page(name)


def release_cache(repository: CachedRepository) -> FileCache[Any] | None:
    """Return the cache of release metadata; ``None`` if it is disabled."""
    return None if repository._disable_cache else repository._release_cache


def cache_folder(cache: ArtifactCache) -> Path:
    """Return the folder of a cache of archives."""
    return cache._cache_dir


def is_poetry_project(directory: Path) -> bool:
    """Whether Poetry would read a folder's metadata from its ``pyproject.toml``."""
    from poetry.inspection.info import PackageInfo

    return PackageInfo._get_poetry_package(directory) is not None


# Poetry's installer, and cleo's console


def set_executor(installer: Installer, executor: Executor) -> None:
    """Replace the executor of an installer, whose constructor depends on the Poetry version."""
    installer._executor = executor


def wrap_authenticator(executor: Executor, wrapped: Callable[[Any], Any], kind: type) -> None:
    """Replace the authenticator of an executor, unless it already is of ``kind``."""
    if not isinstance(executor._authenticator, kind):
        executor._authenticator = wrapped(executor._authenticator)


def run_command(application: Application, command: Any, io: IO) -> int:
    """Run a command in a console, as cleo's ``call`` does."""
    return application._run_command(command, io)


def tokens(io: IO) -> list[str]:
    """Return the words of a command line."""
    return list(getattr(io.input, "_tokens", []))


def wrap_stream(output: StreamOutput, wrapped: Callable[[Any], Any]) -> None:
    """Replace the stream of an output, which Poetry's own messages also use."""
    output._stream = wrapped(output.stream)


# requests' answers


def set_content(response: requests.Response, content: bytes) -> None:
    """Set the body of a response, as requests does after reading it."""
    response._content = content


def set_poetry(command: Command, poetry: Poetry) -> None:
    """Set a command's project, for which Poetry 2.0 has no public method."""
    command._poetry = poetry


def set_folder(poetry: Poetry, folder: Path) -> None:
    """Make a project live in another folder, which has no manifest."""
    poetry._pyproject = type(poetry.pyproject)(folder / "pyproject.toml")
