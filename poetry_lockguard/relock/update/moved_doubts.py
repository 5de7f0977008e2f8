"""Which entries of a fresh lock an update may make insufficient.

The manifest is the one that the lock was made for, so an entry is as good as it was, unless what
needs the pin has changed: the pins below whatever moves are in doubt as in a relock, the others
are not. An old lock, whose entries prove little, then costs no more requests than a new one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from poetry_lockguard.reachability import reachable
from poetry_lockguard.relock.pin_doubts import PinDoubts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from poetry.core.packages.package import Package

    from poetry_lockguard.poetry_api.imports.poetry_project import Poetry
    from poetry_lockguard.poetry_api.poetry_versions import Generator


class MovedDoubts(PinDoubts):
    """The doubts about one lock, limited to what is below the packages that move."""

    def __init__(self, poetry: Poetry, lock: dict[str, Any], generator: Generator) -> None:
        super().__init__(poetry, lock, generator)
        self._needs = _needs(lock)
        self._below: set[str] = set()

    def of_entry(self, package: Package) -> str:
        """Return why the entry is insufficient, if what needs the package has changed."""
        return super().of_entry(package) if package.name in self._below else ""

    def touch(self, names: Iterable[str]) -> bool:
        """Put these packages and all that they need in doubt; return whether that is news."""
        new = {*names} - self._below
        self._below.update(reachable(new, lambda name: self._needs.get(name, ())))
        return any(name in self._needs for name in new)


def _needs(lock: dict[str, Any]) -> dict[str, set[str]]:
    """Return the names that each package of a lock needs."""
    found: dict[str, set[str]] = {}
    for entry in lock["package"]:
        needed = map(canonicalize_name, entry.get("dependencies", {}))
        found.setdefault(canonicalize_name(entry["name"]), set()).update(needed)
    return found


def new_needs(old: dict[str, Any], new: dict[str, Any]) -> set[str]:
    """Return what the packages that moved or are new need."""
    known = {(entry["name"], entry["version"]) for entry in old["package"]}
    return {
        str(canonicalize_name(name))
        for entry in new["package"]
        if (entry["name"], entry["version"]) not in known
        for name in entry.get("dependencies", {})
    }
