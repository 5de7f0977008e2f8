"""Manifest and lock, each read once: the input of the explanation and of the deep check."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from poetry_lockguard.freshness.environments import VARIABLES, Environment, environments
from poetry_lockguard.freshness.locked_package import LockedPackage, locked_package
from poetry_lockguard.freshness.reach import by_name
from poetry_lockguard.manifest.content_hash import accepting
from poetry_lockguard.manifest.requirements import Declaration, declaration

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from poetry.core.constraints.version import VersionConstraint

    from poetry_lockguard.lockfile.document import Lock, Pin
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.manifest.requirement import Requirement

_PIPS_OWN = ("distribute", "pip", "setuptools", "wheel")


@dataclass(frozen=True, kw_only=True, eq=False)  # no slots: cached properties need a dict
class ProjectState:
    """One project: what it declares, and the pins of its lock, by name."""

    manifest: Manifest
    lock: Lock
    declared: Declaration
    pins: dict[str, list[LockedPackage]]

    @cached_property
    def requirements(self) -> tuple[Requirement, ...]:
        """The requirements that a lock has to satisfy.

        Without those on the project itself (extras that include extras) and those for Pythons that
        the project does not support.
        """
        return tuple(
            requirement
            for requirement in self.declared.requirements
            if requirement.name not in self.never_locked
            and self.declared.python.allows_any(requirement.python_constraint)
            and not requirement.marker.is_empty()
        )

    @cached_property
    def is_in_step(self) -> bool:
        """Whether the lock was made for this manifest, as any Poetry hashes it."""
        lock = self.lock
        return bool(accepting(self.manifest.data, lock.content_hash, lock.generator))

    @cached_property
    def never_locked(self) -> frozenset[str]:
        """Names that this lock does not contain: the project's own, and those left to pip.

        Up to version 1.1, Poetry before 1.2 did not lock setuptools, pip and similar
        (``UNSAFE_PACKAGES``). Poetry 1.2 did, in the same format.
        """
        is_old = (self.lock.lock_version or "").startswith("1.")
        locked = {pin.name for pin in self.lock.pins}
        left = {*_PIPS_OWN} - locked if is_old else ()
        return frozenset({canonicalize_name(self.manifest.name or ""), *left})

    @property
    def has_groups(self) -> bool:
        """Whether the lock contains the groups and markers of each pin (format 2.1)."""
        return any(locked.groups for pins in self.pins.values() for locked in pins)

    @cached_property
    def locked_python(self) -> VersionConstraint | None:
        """The Pythons that the lock was made for; None if that is missing or invalid."""
        from poetry.core.constraints.version import parse_marker_version_constraint

        text = self.lock.python_versions
        if text is None:
            return None
        try:
            return parse_marker_version_constraint("~2.7 || >=3.4" if text == "*" else text)
        except ValueError:
            return None

    @cached_property
    def environments(self) -> tuple[Environment, ...]:
        """Sample environments for the Pythons that both manifest and lock allow."""
        python = self.declared.python
        if self.locked_python is not None:
            python = python.intersect(self.locked_python)
        texts = {*self._texts()}
        everything = "\n".join(texts).replace(".", "_")  # ``os.name`` is the old spelling
        return environments(python, {name for name in VARIABLES if name in everything}, texts)

    def _texts(self) -> Iterator[str]:
        """Yield every marker and every Python range of manifest and lock."""
        for requirement in self.requirements:
            yield str(requirement.marker)
        for pin in self.lock.pins:
            yield pin.python_versions
            yield from _markers(pin)
            for constraints in pin.dependencies.values():
                for table in constraints:
                    if isinstance(table, dict):
                        yield from (str(table.get(key, "")) for key in ("markers", "python"))


def _markers(pin: Pin) -> Iterable[str]:
    match pin.markers:
        case str() as text:
            return (text,)
        case dict() as texts:
            return texts.values()
        case None:
            return ()


def project_state(manifest: Manifest, lock: Lock) -> ProjectState:
    """Read manifest and lock. Raises ManifestError if poetry-core cannot read the manifest."""
    return ProjectState(
        manifest=manifest,
        lock=lock,
        declared=declaration(manifest),
        pins=by_name(locked_package(pin, manifest.folder) for pin in lock.pins),
    )
