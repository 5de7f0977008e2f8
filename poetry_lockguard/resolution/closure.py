"""Proves without a solver that a configuration needs exactly its pins.

A solver keeps a preferred pin as long as it fits. So if every requirement reachable from the
manifest is satisfied by the configuration's own pin, the solver cannot choose anything else, and a
walk gives the result of resolving, many times faster. Any case that is less simple proves nothing,
and is left to the solver.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from poetry.core.constraints.version import Version, parse_marker_version_constraint
from poetry.core.packages.dependency import Dependency

from poetry_lockguard.poetry_api.imports.repository_pools import Priority
from poetry_lockguard.poetry_api.target_env import holds
from poetry_lockguard.reachability import Frontier
from poetry_lockguard.snapshots.origins import Index, PyPI

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from packaging.utils import NormalizedName
    from poetry.core.packages.project_package import ProjectPackage

    from poetry_lockguard.poetry_api.imports.repository_pools import RepositoryPool
    from poetry_lockguard.resolution.variant_rules import VariantRules
    from poetry_lockguard.snapshots.document import PackageEntry


def gives_itself(
    root: ProjectPackage,
    own: Mapping[str, PackageEntry],
    pool: RepositoryPool,
    rules: VariantRules,
) -> bool:
    """Return whether resolving from ``own``, pins by name, would certainly return all of them.

    ``root`` is the project as the configuration sees it. False proves nothing.
    """
    environment = {**rules.markers}
    try:
        python = Version.parse(environment["python_full_version"])
        if not all(_runs_on(python, pin.requires_python) for pin in own.values()):
            return False
        return _walk(root, own, environment, _explicit(pool), rules) == own.keys()
    except ValueError:  # unclear, or unparsable
        return False


class _Unclear(ValueError):  # noqa: N818 - a signal
    """Only a solver can decide."""


def _walk(
    root: ProjectPackage,
    own: Mapping[str, PackageEntry],
    markers: dict[str, Any],
    explicit: frozenset[str],
    rules: VariantRules,
) -> set[str]:
    """Return the required names; raises _Unclear if one is not clearly satisfied by its own pin."""
    frontier: Frontier[tuple[NormalizedName, frozenset[Any]]] = Frontier()

    def follow(dependencies: Iterable[Dependency]) -> None:
        for dependency in map(rules.applied, dependencies):
            pin = own.get(dependency.name)
            if pin is None or not _serves(pin, dependency, explicit):
                raise _Unclear
            if not rules.allows_version(str(dependency.name), _version(pin.version)):
                raise _Unclear
            frontier.reach((dependency.name, dependency.extras))

    follow(root.all_requires)
    for (name, extras), _ in frontier:
        follow(_needed(own[name], extras, markers))
    return {str(name) for name, _ in frontier.reached}


def _needed(
    pin: PackageEntry, extras: frozenset[Any], markers: dict[str, Any]
) -> Iterator[Dependency]:
    for text in pin.dependencies:
        one = _requirement(text)
        if one.in_extras and extras.isdisjoint(one.in_extras):
            continue
        if holds(one.marker, markers):
            yield one


@functools.cache
def _requirement(text: str) -> Dependency:
    made = Dependency.create_from_pep_508(text)
    if made.is_direct_origin():
        raise _Unclear
    return made


def _serves(pin: PackageEntry, dependency: Dependency, explicit: frozenset[str]) -> bool:
    """Return whether a pin from an index fits a requirement."""
    match pin.source:
        case PyPI():
            source = "pypi"
        case Index(name=name):
            source = name.lower()
        case _:
            return False
    wanted = (dependency.source_name or "").lower()
    if dependency.is_direct_origin() or (wanted != source if wanted else source in explicit):
        return False
    return bool(dependency.constraint.allows(_version(pin.version)))


def _runs_on(python: Version, versions: str | None) -> bool:
    return versions is None or _constraint(versions).allows(python)


def _explicit(pool: RepositoryPool) -> frozenset[str]:
    """Return the sources that only serve requirements which name them."""
    return frozenset(
        one.name.lower()
        for one in pool.all_repositories
        if pool.get_priority(one.name) is Priority.EXPLICIT
    )


_version = functools.cache(Version.parse)
_constraint = functools.cache(parse_marker_version_constraint)
