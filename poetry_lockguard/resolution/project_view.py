"""The project as one configuration sees it: its groups, extras and applicable requirements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name
from poetry.core.packages.dependency_group import DependencyGroup

from poetry_lockguard.poetry_api import private
from poetry_lockguard.poetry_api.target_env import holds
from poetry_lockguard.resolution.package_source import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from poetry.core.packages.dependency import Dependency
    from poetry.core.packages.package import Package
    from poetry.core.packages.project_package import ProjectPackage

    from poetry_lockguard.resolution.variant_rules import VariantRules
    from poetry_lockguard.targets.configuration import Configuration


def project_package(
    project: ProjectPackage,
    configuration: Configuration,
    rules: VariantRules,
) -> ProjectPackage:
    """Return the project with only the requirements that apply, without markers.

    Poetry's own solver takes the requirements of all extras, used or not, since it needs them to
    uninstall; here an unused extra must not influence the result.
    """
    chosen = project.with_dependency_groups([*configuration.groups], only=True)
    wanted = frozenset(canonicalize_name(extra) for extra in configuration.extras)
    environment = {**rules.markers, "extra": {*wanted}}
    made = {}
    for name, group in private.dependency_groups(chosen).items():
        made[name] = DependencyGroup(name)
        for dependency in group.dependencies_for_locking:
            if applies(dependency, wanted, environment):
                made[name].add_dependency(rules.applied(_required(dependency)))
    private.set_dependency_groups(chosen, made)
    return chosen


def applying(
    project: ProjectPackage,
    groups: Iterable[str],
    extras: Iterable[str],
    markers: Mapping[str, Any],
) -> tuple[bool, ...]:
    """Return for each requirement of the groups whether it applies."""
    chosen = project.with_dependency_groups([*groups], only=True)
    wanted = frozenset(canonicalize_name(extra) for extra in extras)
    environment = {**markers, "extra": {*wanted}}
    return tuple(
        applies(dependency, wanted, environment)
        for group in private.dependency_groups(chosen).values()
        for dependency in group.dependencies_for_locking
    )


def applies(dependency: Dependency, extras: frozenset[str], environment: Mapping[str, Any]) -> bool:
    """Return whether a requirement of the project applies, with these extras selected."""
    if dependency.in_extras and not extras & {*dependency.in_extras}:
        return False
    return holds(dependency.marker, environment)


def _required(dependency: Dependency) -> Dependency:
    copy = plain(dependency)
    private.require_always(copy)  # its extra is selected
    return copy


def first_needed_by(project: Package, required: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Return for each package which one first required it; ``root`` is the project itself.

    ``required`` has the names that each package requires. Breadth first, names in order, so that
    the answer never depends on the solver's own order.
    """
    found: dict[str, str] = {}
    level = [("root", name) for name in _names(project.all_requires)]
    while level:
        deeper: list[tuple[str, str]] = []
        for parent, name in level:
            if name in required and name not in found:
                found[name] = parent
                deeper += [(name, child) for child in sorted({*required[name]})]
        level = deeper
    return found


def _names(dependencies: Iterable[Dependency]) -> Iterator[str]:
    yield from sorted({str(dependency.name) for dependency in dependencies})
