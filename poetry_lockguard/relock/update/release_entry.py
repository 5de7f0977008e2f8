"""Writes the entry of one release as Poetry would, without solving anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from poetry_lockguard.poetry_api.imports.packages import TransitivePackageInfo
from poetry_lockguard.poetry_api.locker import CapturingLocker
from poetry_lockguard.reachability import reachable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.utils import NormalizedName
    from poetry.core.packages.dependency import Dependency
    from poetry.core.packages.package import Package

    from poetry_lockguard.poetry_api.imports.poetry_project import Poetry


def entry_text(poetry: Poetry, release: Package, lock: dict[str, Any]) -> str:
    """Return a release's entry of format 2.1, in the group main and for all environments.

    It has the dependencies of all extras that the project or the lock mentions anywhere.
    """
    package = release.with_dependency_groups([], only=True)
    for needed in _needed(poetry, release, lock):
        package.add_dependency(needed)
    locker = CapturingLocker(poetry, {"package": [], "metadata": {}})
    info = TransitivePackageInfo(0, {canonicalize_name("main")}, {})
    locker.set_lock_data(poetry.package, {package: info})
    if locker.captured is None:
        raise RuntimeError("Poetry wrote no entry")
    return locker.captured.decode("utf-8")


def _needed(poetry: Poetry, release: Package, lock: dict[str, Any]) -> Iterator[Dependency]:
    """Yield the requirements that a lock of this project contains."""
    asked = {*_asked(poetry, release.name, lock)}
    extras = {*reachable(asked, lambda extra: _included(release, extra))}
    for needed in release.requires:
        is_wanted = not needed.in_extras or bool(extras.intersection(needed.in_extras))
        if is_wanted and poetry.package.python_constraint.allows_any(needed.python_constraint):
            yield needed


def _included(release: Package, extra: NormalizedName) -> Iterator[NormalizedName]:
    for needed in release.extras.get(extra, ()):
        if needed.name == release.name:
            yield from needed.extras


def _asked(poetry: Poetry, name: str, lock: dict[str, Any]) -> Iterator[NormalizedName]:
    """Yield the extras of a package that a requirement of the project or of a pin mentions."""
    for required in poetry.package.all_requires:
        if required.name == name:
            yield from required.extras
    for entry in lock["package"]:
        for other, constraints in entry.get("dependencies", {}).items():
            if canonicalize_name(other) == name:
                yield from map(canonicalize_name, _extras_of(constraints))
        for texts in entry.get("extras", {}).values():
            for text in texts:
                yield from _extras_in(text, name)


def _extras_of(constraints: Any) -> Iterator[str]:
    for one in constraints if isinstance(constraints, list) else [constraints]:
        if isinstance(one, dict):
            yield from one.get("extras", ())


def _extras_in(text: str, name: str) -> Iterator[NormalizedName]:
    if "[" not in text:
        return
    try:
        requirement = Requirement(text)
    except InvalidRequirement:  # of an old lock, which had a notation of its own
        return
    if canonicalize_name(requirement.name) == name:
        yield from map(canonicalize_name, requirement.extras)
