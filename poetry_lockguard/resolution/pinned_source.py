"""A package source that contains only given pins."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name
from poetry.core.constraints.version import Version

from poetry_lockguard.freshness.commits import may_be_of_commit
from poetry_lockguard.poetry_api import package_translation, private
from poetry_lockguard.poetry_api.imports.repository_errors import PackageNotFoundError
from poetry_lockguard.reachability import Frontier
from poetry_lockguard.resolution.package_source import copied, marker_evaluator, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from poetry.core.packages.dependency import Dependency
    from poetry.core.packages.package import Package
    from poetry.core.packages.project_package import ProjectPackage

    from poetry_lockguard.poetry_api.imports.repository_pools import RepositoryPool
    from poetry_lockguard.poetry_api.imports.solver import Provider
    from poetry_lockguard.resolution.package_source import MarkerEvaluator
    from poetry_lockguard.resolution.variant_rules import VariantRules


class PinnedPackageSource:
    """The packages of a snapshot, or of a lock. ``pool`` only provides the names of the sources."""

    def __init__(self, pool: RepositoryPool, pins: Iterable[Package]) -> None:
        self.pool = pool
        self.pins = [*pins]
        self._pins: dict[str, list[Package]] = defaultdict(list)
        for pin in self.pins:
            self._pins[str(pin.name)].append(pin)

    def find(self, dependency: Dependency) -> list[Package]:
        """Return the pins that fit."""
        return [pin for pin in self._pins.get(str(dependency.name), ()) if _fits(pin, dependency)]

    def package(self, name: str, version: Version, source: str | None) -> Package:
        """Return one pin; PackageNotFoundError if there is none."""
        for pin in self._pins.get(canonicalize_name(name), ()):
            if pin.version == version and (source is None or _source(pin) == source.lower()):
                return pin
        raise PackageNotFoundError(f"Package {name} ({version}) not found.")

    def equip(self, provider: Provider) -> None:
        """Make a solver find the pins of git, URL and path dependencies, without reading them."""

        def search(dependency: Dependency) -> Package:
            found = self.find(dependency)
            if not found:
                raise PackageNotFoundError(f"{dependency.pretty_name} is not pinned.")
            pin = copied(found[0])
            if dependency.is_vcs():
                private.set_commit(dependency, pin)
            private.set_constraint(dependency, pin.version)
            return pin

        provider.search_for_direct_origin_dependency = search  # type: ignore[method-assign]

    def direct(self, package: Package) -> Package | None:
        """Return the pin of a git, URL or path dependency."""
        pins = self._pins.get(str(package.name), ())
        return next((pin for pin in pins if pin.is_same_package_as(package)), None)


def _fits(pin: Package, dependency: Dependency) -> bool:
    if dependency.source_name and _source(pin) != dependency.source_name.lower():
        return False
    if pin.satisfies(dependency):
        return True
    is_version = pin.satisfies(dependency, ignore_source_type=True)
    return is_version and may_be_of_commit(pin, dependency)


def _source(pin: Package) -> str:
    return (pin.source_reference or "pypi").lower() if pin.source_type == "legacy" else "pypi"


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class MissingPin:
    """A requirement that no pin fits, and what needs it (``root`` is the manifest).

    ``python`` is that of the configuration, if pins fit except for their Python versions.
    """

    name: str
    requirement: str
    needed_by: str
    python: str = ""

    @property
    def wanted(self) -> str:
        """The requirement, with the Python that none of its pins supports."""
        return f"{self.requirement} on Python {self.python}" if self.python else self.requirement


def missing(
    root: ProjectPackage,
    library: PinnedPackageSource,
    own: Mapping[str, str],
    rules: VariantRules,
) -> tuple[MissingPin, ...]:
    """Return every requirement that no pin fits, not only the first.

    If several pins fit, the search continues with the configuration's own (``own`` has their
    versions by name), else with the latest. What requires the project itself is given by it.
    """
    served = rules.eligible(library.pins, root, library.pool)
    library = PinnedPackageSource(library.pool, served)
    holds = marker_evaluator(rules.markers)
    python = Version.parse(rules.markers["python_full_version"])
    found: set[MissingPin] = set()
    frontier: Frontier[tuple[Package, frozenset[str]]] = Frontier()

    def follow(parent: str, dependency: Dependency) -> None:
        if root.satisfies(dependency):
            return
        there = library.find(dependency)
        fitting = [pin for pin in there if pin.python_constraint.allows(python)]
        if fitting:
            pin = _chosen(fitting, own.get(str(dependency.name)))
            frontier.reach((pin, frozenset(str(extra) for extra in dependency.extras)))
            return
        missing_pin = MissingPin(
            name=str(dependency.name),
            requirement=package_translation.requirement(plain(dependency), rules.folder),
            needed_by=parent,
            python=python.text if there else "",
        )
        found.add(missing_pin)

    for dependency in root.all_requires:
        follow("root", dependency)
    for (pin, extras), _ in frontier:
        for dependency in _requirements(pin, extras, holds):
            follow(str(pin.name), rules.applied(dependency))
    return tuple(sorted(found))


def _chosen(fitting: Sequence[Package], own: str | None) -> Package:
    mine = (pin for pin in fitting if pin.version.text == own)
    return next(mine, None) or max(fitting, key=lambda pin: pin.version)


def _requirements(
    pin: Package, extras: frozenset[str], holds: MarkerEvaluator
) -> Iterator[Dependency]:
    for one in pin.requires:
        if one.in_extras and extras.isdisjoint(map(str, one.in_extras)):
            continue
        if holds(one.marker):
            yield one
