"""Finds what the solver must find, where it has no choice to make, without running it.

The solver takes of each package the first version, in its order, that all requirements known by
then allow. If that is the same version for every single requirement, then it is so for any of them
together: whatever the order in which the solver meets them, it takes this version, and never has to
go back. Anything less simple proves nothing, and is left to the solver.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from poetry_lockguard.poetry_api.imports.repository_errors import PackageNotFoundError
from poetry_lockguard.poetry_api.imports.solver import OverrideNeededError
from poetry_lockguard.reachability import Frontier

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from poetry.core.constraints.version import Version
    from poetry.core.packages.dependency import Dependency
    from poetry.core.packages.package import Package
    from poetry.core.packages.project_package import ProjectPackage

    from poetry_lockguard.poetry_api.imports.packages import (
        DependencyPackage,
        TransitivePackageInfo,
    )
    from poetry_lockguard.poetry_api.imports.solver import Provider


@dataclass(frozen=True, slots=True)
class SolvedPackages:
    """Packages with the groups that need them, and the names that each of them requires."""

    groups: Mapping[Package, Iterable[str]]
    required: Mapping[str, Iterable[str]]

    @classmethod
    def of(cls, solved: Mapping[Package, TransitivePackageInfo]) -> SolvedPackages:
        """Return a result of Poetry's solver."""
        return cls(
            {package: info.groups for package, info in solved.items()},
            {str(package.name): [str(one.name) for one in package.requires] for package in solved},
        )


class _Uncertain(Exception):  # noqa: N818 - a signal
    """Only the solver can decide."""


def certain_solution(
    root: ProjectPackage, provider: Provider, python: Version
) -> SolvedPackages | None:
    """Return the solution if there is no choice to make; None proves nothing.

    ``provider`` is the solver's own, in the environment of ``python``.
    """
    try:
        return _CertainWalk(provider, python).solution(root)
    except (_Uncertain, PackageNotFoundError, OverrideNeededError):
        return None


@dataclass(slots=True)
class _CertainWalk:
    provider: Provider
    python: Version
    chosen: dict[str, Package] = field(default_factory=dict)  # by name
    sources: dict[str, str | None] = field(default_factory=dict)  # that requirements ask for
    completed: dict[str, Package] = field(default_factory=dict)  # by name with extras
    known: set[tuple[str, str]] = field(default_factory=set)

    def solution(self, root: ProjectPackage) -> SolvedPackages:
        waiting = [*root.all_requires]
        while waiting:
            dependency = waiting.pop()
            if dependency.name == root.name:  # the solver takes the project itself for it
                raise _Uncertain
            waiting += self._followed(dependency)
        return SolvedPackages(self._groups(root), self._required())

    def _followed(self, dependency: Dependency) -> Iterable[Dependency]:
        """Choose the package of a requirement; return what it requires, the first time."""
        name, whole_name = str(dependency.name), str(dependency.complete_name)
        if dependency.is_direct_origin():
            raise _Uncertain
        if self.sources.setdefault(name, dependency.source_name) != dependency.source_name:
            raise _Uncertain
        asked = whole_name, str(dependency.constraint)
        if asked in self.known:
            return ()
        self.known.add(asked)
        package = self._first(dependency)
        if self.chosen.setdefault(name, package.package) != package.package:
            raise _Uncertain
        if whole_name in self.completed:
            return ()
        done = self.provider.complete_package(package).package
        self.completed[whole_name] = done
        return done.all_requires

    def _first(self, dependency: Dependency) -> DependencyPackage:
        """Return what the solver takes for one requirement alone."""
        found = self.provider.get_locked(dependency)
        if found is None:
            found = next(iter(self.provider.search_for(dependency)), None)
        if found is None:
            raise _Uncertain
        package = found.package
        is_plain = not (package.is_direct_origin() or package.is_prerelease() or package.yanked)
        if not is_plain:
            raise _Uncertain
        return found

    def _groups(self, root: ProjectPackage) -> dict[Package, Iterable[str]]:
        """Return the packages, each with the groups of the project that lead to it."""
        frontier: Frontier[tuple[str, str]] = Frontier()
        for dependency in root.all_requires:
            for own in dependency.groups:
                frontier.reach((dependency.complete_name, str(own)))
        for (parent, group), _ in frontier:
            for child in self.completed[parent].all_requires:
                frontier.reach((child.complete_name, group))
        found: dict[str, set[str]] = {}
        for whole_name, group in frontier.reached:
            found.setdefault(whole_name, set()).add(group)
        return {
            self.completed[name]: found[name]
            for name in found
            if not self.completed[name].features and self._supports(self.completed[name])
        }

    def _supports(self, package: Package) -> bool:
        if not package.python_constraint.allows(self.python):
            raise _Uncertain
        return True

    def _required(self) -> dict[str, frozenset[str]]:
        """Return the names that each package requires, those of its extras included."""
        found: dict[str, set[str]] = {}
        for package in self.completed.values():
            names = (str(one.name) for one in package.all_requires)
            found.setdefault(str(package.name), set()).update(
                name for name in names if name != package.name
            )
        return {name: frozenset(names) for name, names in found.items()}
