"""Guesses which versions of a package the solver will look at first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.index.pages import IndexPage
from poetry_lockguard.poetry_api.imports.repository_errors import PackageNotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from packaging.specifiers import SpecifierSet
    from packaging.utils import NormalizedName
    from poetry.core.constraints.version import Version

    from poetry_lockguard.index.repositories import CachingRepository
    from poetry_lockguard.poetry_api.imports.link_sources import LinkSource
    from poetry_lockguard.prefetch.environment_sample import EnvironmentSample

MISFITS = 12  # newer versions whose metadata the solver may ask for before it finds one that fits


def fits_python(requires_python: str | None, sample: EnvironmentSample) -> bool:
    """Return whether a release supports every Python of the project, as the solver requires."""
    return not requires_python or sample.are_all_in(requires_python)


def newest_first(
    repository: CachingRepository, name: NormalizedName, allows: Callable[[Version], bool]
) -> list[Version]:
    """Return the newest stable versions that fit; empty if the source has none."""
    try:
        page = repository.get_page(name)
    except PackageNotFoundError:
        return []
    fitting: list[Version] = []
    for version in _sorted(page, name):
        if len(fitting) >= MISFITS:
            break
        if not version.is_unstable() and allows(version) and not page.yanked(name, version):
            fitting.append(version)
    return fitting


def is_in(specifier: SpecifierSet, version: Version) -> bool:
    """Return whether a version meets a specifier, pre-releases included."""
    return specifier.contains(version.text, prereleases=True)


def _sorted(page: LinkSource, name: NormalizedName) -> Iterable[Version]:
    if isinstance(page, IndexPage):
        return page.newest_first(name)
    return sorted(page.versions(name), reverse=True)
