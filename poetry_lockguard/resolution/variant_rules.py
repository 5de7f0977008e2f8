"""A variant's sources and constraints, applied to every requirement of one resolution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from poetry_lockguard.poetry_api import package_translation, private
from poetry_lockguard.poetry_api.cloning import clone
from poetry_lockguard.poetry_api.imports.repository_pools import Priority
from poetry_lockguard.poetry_api.target_env import holds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import Any

    from poetry.core.constraints.version import Version, VersionConstraint
    from poetry.core.packages.dependency import Dependency
    from poetry.core.packages.package import Package
    from poetry.core.packages.project_package import ProjectPackage

    from poetry_lockguard.poetry_api.imports.repository_pools import RepositoryPool
    from poetry_lockguard.targets.configuration import Configuration


class VariantRules:
    """The rules of one configuration in one environment; most configurations have none."""

    def __init__(
        self, configuration: Configuration, markers: Mapping[str, Any], folder: Path
    ) -> None:
        """Read the constraints; raises LockguardError for an invalid one."""
        self.markers, self.folder = markers, folder
        variant = configuration.variant
        self._name = configuration.name
        self._sources = {name: source.name.lower() for name, source in variant.sources}
        self._indexes = sorted({source.name for _, source in variant.sources})
        self._texts: dict[str, list[str]] = {}
        self._allowed: dict[str, VersionConstraint] = {}
        place = f"configurations.{configuration.name}.constraints"
        for text in variant.constraints:
            one = package_translation.readable(place, text, folder)
            if holds(one.marker, markers):
                self._add(str(one.name), one.constraint, text)

    def _add(self, name: str, constraint: VersionConstraint, text: str) -> None:
        known = self._allowed.get(name)
        self._allowed[name] = constraint if known is None else known.intersect(constraint)
        self._texts.setdefault(name, []).append(text.partition(" ;")[0])

    def __bool__(self) -> bool:
        return bool(self._sources or self._allowed)

    @property
    def key(self) -> tuple[object, ...]:
        """What distinguishes these rules from those of another configuration."""
        return (
            tuple(self._sources.items()),
            tuple((name, str(allowed)) for name, allowed in self._allowed.items()),
        )

    def applied(self, dependency: Dependency) -> Dependency:
        """Return a requirement as the variant has it; the same one if it says nothing of it.

        A range that would be empty is left, so that the solver can say what contradicts what.
        """
        name = str(dependency.name)
        if dependency.is_direct_origin() or not (name in self._sources or name in self._allowed):
            return dependency
        copy = clone(dependency)
        if name in self._sources:
            copy.source_name = self._sources[name]
        if name in self._allowed:
            narrowed = copy.constraint.intersect(self._allowed[name])
            if not narrowed.is_empty():
                copy.constraint = narrowed
        return copy

    def applied_to_all(self, package: Package) -> Package:
        """Return a package whose requirements are as the variant has them."""
        if not self:
            return package
        copy = clone(package)
        groups = {}
        for name, group in private.dependency_groups(package).items():
            groups[name] = type(group)(name)
            for one in group.dependencies_for_locking:
                groups[name].add_dependency(self.applied(one))
        private.set_dependency_groups(copy, groups)
        return copy

    def allowed(self, packages: Iterable[Package]) -> list[Package]:
        """Return those packages whose version no constraint excludes."""
        return [one for one in packages if self.allows(one)]

    def allows(self, package: Package) -> bool:
        """Return whether no constraint excludes the version of a package."""
        return self.allows_version(str(package.name), package.version)

    def allows_version(self, name: str, version: Version) -> bool:
        """Return whether no constraint excludes a version."""
        allowed = self._allowed.get(name)
        return allowed is None or bool(allowed.allows(version))

    def eligible(
        self, pins: Sequence[Package], root: ProjectPackage, pool: RepositoryPool
    ) -> Sequence[Package]:
        """Return the pins that come from where their requirements are bound to, in their order.

        A pin from a source that serves only bound requirements serves no other; one from a source
        that is not declared any more may have been renamed, and stays.
        """
        bound: dict[str, set[str]] = {}
        for one in root.all_requires:
            if one.source_name:
                bound.setdefault(str(one.name), set()).add(one.source_name.lower())
        bound |= {name: {source} for name, source in self._sources.items()}
        return [
            pin
            for pin in pins
            if self.allows(pin) and _may_serve(pin, bound.get(str(pin.name)), pool)
        ]

    def contradictions(self, root: ProjectPackage) -> Iterator[str]:
        """Yield what the variant asks for that the manifest excludes, naming both."""
        for one in root.all_requires:
            name = str(one.name)
            if one.is_direct_origin():
                if name in self._sources:
                    yield (
                        f"{self._name} takes {name} from the source {self._sources[name]}, but"
                        f" pyproject.toml requires it from elsewhere: {one}"
                    )
            elif name in self._allowed and one.constraint.intersect(self._allowed[name]).is_empty():
                yield (
                    f"the constraint {self._written(name)} of {self._name} contradicts"
                    f" pyproject.toml, which requires {name} ({one.pretty_constraint})"
                )

    def violated(self, packages: Iterable[Package]) -> Iterator[str]:
        """Yield the packages with a direct origin whose version a constraint excludes."""
        for one in packages:
            if not self.allows(one):
                yield (
                    f"the constraint {self._written(str(one.name))} of {self._name} contradicts"
                    f" pyproject.toml, which requires {one.name} {one.full_pretty_version}"
                )

    def explained(self, reason: str, missing: Iterable[str] = ()) -> str:
        """Add the constraints of the packages that an explanation of the solver mentions.

        ``missing`` are packages that no index of their sources has.
        """
        involved = [
            text
            for name, texts in self._texts.items()
            if name in canonicalize_name(reason)
            for text in texts
        ]
        lines = [reason, *self._unbound(missing)]
        if involved:
            lines.append(f"{self._name} has the constraints {', '.join(involved)}.")
        return "\n".join(lines)

    def _unbound(self, missing: Iterable[str]) -> Iterator[str]:
        """Yield advice on packages of which no source of the manifest has a version.

        The index of a variant only serves the packages that are bound to it, and what those
        require may be nowhere else.
        """
        if not self._sources:
            return
        indexes = " or ".join(self._indexes)
        for name in missing:
            if canonicalize_name(name) not in self._sources:
                yield (
                    f"{self._name} looks {name} up in the sources of pyproject.toml; if it is only"
                    f" at {indexes}, bind it in the sources of {self._name}."
                )

    def _written(self, name: str) -> str:
        return ", ".join(self._texts[name])


def _may_serve(pin: Package, bound: set[str] | None, pool: RepositoryPool) -> bool:
    if pin.is_direct_origin():
        return True
    source = (pin.source_reference or "").lower() if pin.source_type == "legacy" else "pypi"
    if bound is not None:
        return source in bound or not (source == "pypi" or pool.has_repository(source))
    return not pool.has_repository(source) or pool.get_priority(source) is not Priority.EXPLICIT
