"""Which of a pin's dependencies its entry in the lock may have left out.

Poetry drops from an entry what did not matter when it was locked: dependencies of extras nobody
asked for, of other Pythons, of other platforms. Where the manifest of today could make one of
them matter, the entry alone does not answer, and whoever asks is told why.
"""

from __future__ import annotations

import functools
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
    """What the entries of one lock leave open for the manifest of today."""

    def __init__(self, poetry: Poetry, lock: dict[str, Any], generator: Generator) -> None:
        self._generator = generator
        before = Package("before", "0")
        before.python_versions = lock["metadata"].get("python-versions", "*")
        python = poetry.package.python_constraint
        self._is_wider = not before.python_constraint.allows_all(python)
        self._contexts = Contexts(lock, python)
        self._unconditional = {
            one.name for one in poetry.package.all_requires if one.marker.is_any()
        }

    def of(self, wanted: DependencyPackage, provider: Provider) -> str:
        """Return why the entry of ``wanted`` does not answer for it; empty where it does."""
        package, extras = wanted.package, sorted(wanted.dependency.extras)
        if missing := _missing_extra(package, extras):
            return f"the lock does not hold all of {package.name}[{missing}]"
        return self._of_context(wanted, provider) or self.of_entry(package)

    def is_likely(self, package: Package) -> bool:
        """Return whether the entry will probably be in doubt: known before anything is solved."""
        total = self._contexts.total((package.name, package.pretty_version))
        return total is None or not total.is_any() or bool(self.of_entry(package))

    def of_entry(self, package: Package) -> str:
        """Return what is in doubt whoever asks for the package; empty where nothing is."""
        if self._is_wider:
            return "Python versions are allowed now that the lock was not made for"
        if package.extras and pads_extras(self._generator):
            return f"Poetry {self._generator} left markers out of {package.name}'s extras"
        if _is_doubled(package):
            return f"{package.name} needs one package twice, once by an extra"
        return self._of_ways(package)

    def _of_ways(self, package: Package) -> str:
        """See that the entry is the same by whichever way the package was reached first."""
        name, pin = package.name, (package.name, package.pretty_version)
        locked = self._contexts.total(pin)
        if locked is None:
            return f"this lock format does not tell under which markers {name} is pinned"
        if locked.is_any() and name in self._unconditional:
            return ""  # decided first, for all environments
        if not self._contexts.is_settled(pin):
            return f"{name} is needed in several ways, under different markers"
        return ""

    def _of_context(self, wanted: DependencyPackage, provider: Provider) -> str:
        """See that the environments an entry was written for are those of today."""
        name, contexts = wanted.package.name, self._contexts
        pin = (name, wanted.package.pretty_version)
        locked = contexts.total(pin)
        if locked is not None and contexts.exceeds(_context(wanted, provider), locked):
            return f"{name} is pinned for fewer environments than need it now"
        return ""


def _context(wanted: DependencyPackage, provider: Provider) -> BaseMarker:
    """Return the environments for which this package's dependencies are taken.

    Where the solver runs once for each side of a requirement written several times, it takes
    them for the whole side, whether anything on it needs the package or not.
    """
    sides = [one.marker.without_extras() for one in private.overriding(provider)]
    if not sides:
        return wanted.dependency.transitive_marker.without_extras()
    return functools.reduce(lambda context, side: context.intersect(side), sides)


def _is_doubled(package: Package) -> bool:
    """Return whether merging requirements may have changed the text of one that an extra brings."""
    by_extra = {one.name for one in package.requires if one.in_extras}
    return any(sum(one.name == name for one in package.requires) > 1 for name in by_extra)


def _missing_extra(package: Package, wanted: list[NormalizedName]) -> str:
    """Name an extra whose dependencies the pin does not hold in full, if there is one."""
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
