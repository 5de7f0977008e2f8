"""Which versions of a package the manifest and the pins that stay allow."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from poetry.core.constraints.version import Version, VersionRange
from poetry.core.version.markers import EmptyMarker

from poetry_lockguard.lockfile.notation import UnreadableError, constraint
from poetry_lockguard.repair.forced_moves import excludes, needed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from poetry.core.constraints.version import VersionConstraint
    from poetry.core.packages.dependency import Dependency
    from poetry.core.packages.project_package import ProjectPackage
    from poetry.core.version.markers import BaseMarker

    from poetry_lockguard.lockfile.document import Lock


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedVersions:
    """The range of one package; ``lock`` has the pins, of which ``moving`` do not count."""

    name: str
    root: ProjectPackage
    lock: Lock
    moving: Collection[str]

    @property
    def required(self) -> list[Dependency]:
        """The manifest's requirements on the package that can apply, on versions."""
        return [
            one
            for one in self.root.all_requires
            if one.name == self.name
            and not one.is_direct_origin()
            and self.root.python_constraint.allows_any(one.python_constraint)
        ]

    @property
    def source_name(self) -> str | None:
        """The index that the package is bound to, or was locked from."""
        bound = (one.source_name for one in self.required if one.source_name)
        locked = (
            pin.source.reference
            for pin in self.lock.pins
            if pin.name == self.name and pin.source and pin.source.kind == "legacy"
        )
        return next(bound, None) or next(locked, None)

    @property
    def held(self) -> list[Version]:
        """The versions at which the package is locked, oldest first."""
        return sorted(Version.parse(pin.version) for pin in self.lock.pins if pin.name == self.name)

    def excluding(self, version: Version) -> str:
        """Return the requirement of the manifest that excludes a version; empty if none does.

        A requirement does not exclude it if another one allows it elsewhere.
        """
        against = [one for one in self.required if not one.constraint.allows(version)]
        if not against:
            return ""
        pro = _united(one.marker for one in self.required if one.constraint.allows(version))
        if not pro.intersect(_united(one.marker for one in against).invert()).is_empty():
            return ""
        return f"pyproject.toml requires {_told(against[0])}, which excludes {version.text}"

    def range(self) -> VersionConstraint:
        """Return what the manifest and the pins that stay allow together."""
        allowed: VersionConstraint = VersionRange()
        for one in self.required:
            allowed = allowed.intersect(one.constraint)
        for text in self._of_pins():
            allowed = allowed.intersect(text)
        return allowed

    def holding_back(self, version: Version) -> str:
        """Return the requirement that keeps a newer version out of the range."""
        for one in self.required:
            if not one.constraint.allows(version):
                return f"pyproject.toml requires {_told(one)}"
        reasons = (
            needed(pin, self.name, wanted)
            for pin in self.lock.pins
            if pin.name not in self.moving
            for wanted in pin.dependencies.get(self.name, ())
            if excludes(wanted, version.text)
        )
        return next(reasons, "")

    def _of_pins(self) -> Iterator[VersionConstraint]:
        for pin in self.lock.pins:
            if pin.name in self.moving:
                continue
            for wanted in pin.dependencies.get(self.name, ()):
                text = wanted if isinstance(wanted, str) else wanted.get("version")
                try:
                    yield constraint(str(text or "*"))
                except UnreadableError:
                    continue


def _united(markers: Iterable[BaseMarker]) -> BaseMarker:
    nowhere: BaseMarker = EmptyMarker()
    return reduce(lambda one, other: one.union(other), markers, nowhere)


def _told(dependency: Dependency) -> str:
    groups = sorted(str(group) for group in dependency.groups if group != "main")
    where = f" (group {', '.join(groups)})" if groups else ""
    return f"{dependency.pretty_name} ({dependency.pretty_constraint}){where}"
