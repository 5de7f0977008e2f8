"""Finds pins whose lock entry may lack dependencies that matter now.

Poetry drops from an entry what did not matter when it was locked: dependencies of unused extras, of
other Python versions, of other platforms. If the current manifest could make one of them matter,
the entry is not sufficient, and the caller gets the reason.
"""

from __future__ import annotations

import functools
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from poetry.core.packages.package import Package

from poetry_lockguard.poetry_api import private
from poetry_lockguard.poetry_api.poetry_versions import Generator, pads_extras
from poetry_lockguard.relock.pin_environments import Contexts

if TYPE_CHECKING:
    from packaging.utils import NormalizedName
    from poetry.core.version.markers import BaseMarker

    from poetry_lockguard.poetry_api.imports.packages import DependencyPackage
    from poetry_lockguard.poetry_api.imports.poetry_project import Poetry
    from poetry_lockguard.poetry_api.imports.solver import Provider


class PinDoubts:
    """Which entries of one lock may be insufficient for the current manifest."""

    def __init__(
        self,
        poetry: Poetry,
        lock: dict[str, Any],
        generator: Generator,
        *,
        has_to_be_poetrys: bool = True,
    ) -> None:
        """Take the lock's data and the Poetry that wrote it.

        ``has_to_be_poetrys``: an entry that Poetry would write differently today, because it
        would come to the package in another order, is in doubt as well. Otherwise ``exceeding``
        has to be asked about the new lock: whether an entry covers the environments that need the
        package is certain only then.
        """
        self._generator = generator
        self._has_to_be_poetrys = has_to_be_poetrys
        before = Package("before", "0")
        with suppress(ValueError):  # text that Poetry cannot read says nothing
            before.python_versions = lock["metadata"].get("python-versions", "*")
        python = poetry.package.python_constraint
        self._is_wider = not before.python_constraint.allows_all(python)
        self._contexts = Contexts(lock, python)
        self._unconditional = {
            one.name for one in poetry.package.all_requires if one.marker.is_any()
        }

    def of(self, wanted: DependencyPackage, provider: Provider) -> str:
        """Return why the entry of ``wanted`` is not sufficient; empty if it is."""
        package, extras = wanted.package, sorted(wanted.dependency.extras)
        if missing := _missing_extra(package, extras):
            return f"the lock does not contain all of {package.name}[{missing}]"
        beyond = self._of_context(wanted, provider) if self._has_to_be_poetrys else ""
        return beyond or self.of_entry(package)

    def exceeding(self, made: dict[str, Any]) -> set[tuple[str, str]]:
        """Return names and versions of what a new lock installs in more environments than before.

        ``made`` is the data of the new lock.
        """
        after = self._contexts.of(made)
        return {
            pin
            for pin in after.pins
            if (before := self._contexts.total(pin)) is not None
            and (now := after.total(pin)) is not None
            and self._contexts.exceeds(now, before)
        }

    def is_lacking(self, wanted: DependencyPackage) -> bool:
        """Return whether the entry surely or probably lacks something that is needed now."""
        missing = _missing_extra(wanted.package, sorted(wanted.dependency.extras))
        return bool(missing) or self._is_wider

    def is_likely(self, package: Package) -> bool:
        """Return whether the entry is probably insufficient, as far as is known before solving."""
        total = self._contexts.total((package.name, package.pretty_version))
        return total is None or not total.is_any() or bool(self.of_entry(package))

    def of_entry(self, package: Package) -> str:
        """Return why the entry is insufficient for any requirement; empty if it is not."""
        if self._is_wider:
            return "the project now supports Python versions that the lock was not made for"
        if package.extras and pads_extras(self._generator):
            return f"Poetry {self._generator} left markers out of {package.name}'s extras"
        if _is_doubled(package):
            return f"{package.name} needs one package twice, once by an extra"
        return self._of_ways(package)

    def _of_ways(self, package: Package) -> str:
        """Check that the entry does not depend on which requirement was processed first."""
        name, pin = package.name, (package.name, package.pretty_version)
        locked = self._contexts.total(pin)
        if locked is None:
            return f"this lock format does not record the markers of {name}"
        if not self._has_to_be_poetrys or (locked.is_any() and name in self._unconditional):
            return ""  # or decided first, for all environments
        if not self._contexts.is_settled(pin):
            return f"{name} is required several times, with different markers"
        return ""

    def _of_context(self, wanted: DependencyPackage, provider: Provider) -> str:
        """Check that the entry covers all environments that need the package now."""
        name, contexts = wanted.package.name, self._contexts
        pin = (name, wanted.package.pretty_version)
        locked = contexts.total(pin)
        if locked is not None and contexts.exceeds(_context(wanted, provider), locked):
            return f"{name} is pinned for fewer environments than need it now"
        return ""


def _context(wanted: DependencyPackage, provider: Provider) -> BaseMarker:
    """Return the environments for which this package's dependencies are read.

    If the solver runs once for each alternative of a requirement, it reads them for the whole
    alternative, whether the package is needed everywhere in it or not.
    """
    sides = [one.marker.without_extras() for one in private.overriding(provider)]
    if not sides:
        return wanted.dependency.transitive_marker.without_extras()
    return functools.reduce(lambda context, side: context.intersect(side), sides)


def _is_doubled(package: Package) -> bool:
    """Return whether merging may have changed the text of a requirement that an extra brings."""
    by_extra = {one.name for one in package.requires if one.in_extras}
    return any(sum(one.name == name for one in package.requires) > 1 for name in by_extra)


def _missing_extra(package: Package, wanted: list[NormalizedName]) -> str:
    """Return an extra whose dependencies the pin does not fully contain, if there is one."""
    seen: set[NormalizedName] = set()
    while wanted:
        extra = wanted.pop()
        if extra in seen:
            continue
        seen.add(extra)
        held = [one.name for one in package.requires if extra in one.in_extras]
        for needed in package.extras.get(extra, []):
            if needed.name == package.name:
                wanted += sorted(needed.extras)
            elif needed.name in held:
                held.remove(needed.name)
            else:
                return str(extra)
    return ""
