"""Explains in one sentence why the solver found no solution, from its reasons."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from poetry.core.constraints.version import VersionRange, VersionUnion
from poetry.core.packages.utils.utils import get_python_constraint_from_marker
from poetry.core.version.markers import MultiMarker
from poetry.mixology.incompatibility_cause import (
    DependencyCauseError,
    NoVersionsCauseError,
    PythonCauseError,
)

from poetry_lockguard.plurals import enumerated
from poetry_lockguard.poetry_api import private
from poetry_lockguard.repair.ladder import UnknownPackage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from poetry.core.packages.dependency import Dependency
    from poetry.core.packages.package import Package
    from poetry.mixology.incompatibility import Incompatibility
    from poetry.puzzle.exceptions import SolverProblemError
    from poetry.repositories.repository_pool import RepositoryPool


_ROOT_OF_BUILD = "-root-"  # as Poetry calls the project of an isolated build, normalized


@dataclass(frozen=True, slots=True)
class ConflictingNeed:
    """One package's requirement on another; the manifest's if ``by`` is empty."""

    by: str
    wanted: Dependency

    @property
    def name(self) -> str:
        """What is required."""
        return str(self.wanted.name)


def missing_packages(error: SolverProblemError, pool: RepositoryPool) -> tuple[UnknownPackage, ...]:
    """Return the packages that no index has in any version; their pages are already cached."""
    wanted: dict[str, Dependency] = {}
    reasons = _externals(error)
    for reason in reasons:
        if isinstance(reason.cause, NoVersionsCauseError):
            dependency = reason.terms[0].dependency
            if not dependency.is_direct_origin():
                wanted.setdefault(dependency.pretty_name, dependency.with_constraint("*"))
    return tuple(
        _unknown(name, reasons) for name, one in wanted.items() if not pool.find_packages(one)
    )


def _unknown(name: str, reasons: Iterable[Incompatibility]) -> UnknownPackage:
    """Return who needs an unknown package, and the source that this one is bound to."""
    needs = [*_needs(reasons)]
    who = next((need for need in needs if need.wanted.pretty_name == name), None)
    if who is None or not who.by:
        return UnknownPackage(name=name, is_of_build=_is_of_build(reasons))
    bound = (one.wanted.source_name for one in needs if not one.by and one.name == who.by)
    return UnknownPackage(name=name, by=who.by, source=next(bound, None) or "")


def _is_of_build(reasons: Iterable[Incompatibility]) -> bool:
    """Whether the root is that of the environment of an isolated build."""
    return any(
        term.dependency.name == _ROOT_OF_BUILD
        for reason in reasons
        for term in reason.terms
        if term.dependency.is_root
    )


def sentence(error: SolverProblemError, pool: RepositoryPool, project: Package) -> str:
    """Return which requirements contradict each other; empty if the reasons do not show it.

    ``project`` has the declared range of Pythons: Poetry names that of the part it was solving
    where requirements differ by Python.
    """
    reasons = _externals(error)
    needs = [*_needs(reasons)]
    names = {one.terms[0].dependency.name for one in reasons if _is_without_versions(one)}
    for need in sorted(needs, key=lambda one: bool(one.by)):
        if need.name in names and (text := _unavailable(need, pool)):
            return text
    roots = [*{one.name: one for one in needs if not one.by}.values()]
    if len(roots) > 1:
        return _between(roots, needs, project)
    python = next((one for one in reasons if isinstance(one.cause, PythonCauseError)), None)
    if python is not None and isinstance(python.cause, PythonCauseError):
        who = shown(python.terms[0].dependency)
        return (
            f"{who} needs Python {python.cause.python_version}, and the project supports"
            f" {project.python_versions}"
        )
    return ""


def shown(dependency: Dependency) -> str:
    """Return a requirement as users write it."""
    return f"{dependency.complete_pretty_name} ({dependency.pretty_constraint})"


def _externals(error: SolverProblemError) -> list[Incompatibility]:
    return [*private.external_incompatibilities(error)]


def _is_without_versions(reason: Incompatibility) -> bool:
    return isinstance(reason.cause, NoVersionsCauseError)


def _needs(reasons: Iterable[Incompatibility]) -> Iterator[ConflictingNeed]:
    for reason in reasons:
        if isinstance(reason.cause, DependencyCauseError):
            by, wanted = (term.dependency for term in reason.terms[:2])
            yield ConflictingNeed("" if by.is_root else str(by.name), wanted)


def _unavailable(need: ConflictingNeed, pool: RepositoryPool) -> str:
    """Return that no index has what is required; empty if one does."""
    wanted = need.wanted
    if wanted.is_direct_origin() or pool.find_packages(wanted):
        return ""
    found = pool.find_packages(wanted.with_constraint("*"))
    if not found:
        return ""
    newest = max(one.version for one in found)
    who = f", which {need.by} needs," if need.by else ""
    return f"{shown(wanted)}{who} is in no index; the newest there is {newest}"


def _between(roots: list[ConflictingNeed], needs: list[ConflictingNeed], project: Package) -> str:
    names = [shown(one.wanted) for one in roots]
    where = _where(roots, project)
    if len(roots) > 2:  # noqa: PLR2004 - each other, or one another
        return f"{enumerated(names)} contradict one another{where}"
    head = f"{names[0]} and {names[1]} contradict each other{where}"
    chain = _shortest(roots, needs)
    return f"{head}: {chain}" if chain else head


def _where(roots: Iterable[ConflictingNeed], project: Package) -> str:
    """Return in which environments all of these requirements apply, if not in all."""
    every = MultiMarker.of(*(one.wanted.marker for one in roots))
    where = every.reduce_by_python_constraint(project.python_constraint)
    if where.is_any() or where.is_empty():
        return ""
    if where.exclude("python_version").exclude("python_full_version").is_any():
        return f" on Python {get_python_constraint_from_marker(where)}"
    return f" where {where}"


def _shortest(roots: list[ConflictingNeed], needs: list[ConflictingNeed]) -> str:
    """Return the shortest chains from two requirements to what they disagree about."""
    first, second = (_chains(one.name, needs) for one in roots)
    met = [[*first[name], *second[name]] for name in first if name in second]
    chain = min(met, key=len, default=[])
    return ", ".join(f"{one.by} needs {shown(_of_all_versions(one, needs))}" for one in chain)


def _of_all_versions(need: ConflictingNeed, needs: Iterable[ConflictingNeed]) -> Dependency:
    """Return what covers the requirements of all versions, each of which may have its own."""
    constraint = need.wanted.constraint
    for other in needs:
        if (other.by, other.name) == (need.by, need.name):
            constraint = constraint.union(other.wanted.constraint)
    if isinstance(constraint, VersionUnion):
        lowest, highest = constraint.ranges[0], constraint.ranges[-1]
        constraint = VersionRange(lowest.min, highest.max, lowest.include_min, highest.include_max)
    if constraint == need.wanted.constraint:
        return need.wanted
    return need.wanted.with_constraint(constraint)


def _chains(start: str, needs: list[ConflictingNeed]) -> dict[str, list[ConflictingNeed]]:
    """Return the shortest chain from a package to each that it needs in the end."""
    found: dict[str, list[ConflictingNeed]] = {start: []}
    ahead = deque([start])
    while ahead:
        name = ahead.popleft()
        for need in needs:
            if need.by == name and need.name not in found:
                found[need.name] = [*found[name], need]
                ahead.append(need.name)
    return found
