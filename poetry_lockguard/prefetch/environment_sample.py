"""A sample of the environments a project's lock covers, to guess whether a marker can match.

Only prefetching uses it, so a sample is enough: a wrong answer costs a request, never a result.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from packaging.markers import InvalidMarker, Marker, UndefinedEnvironmentName
from packaging.specifiers import SpecifierSet

from poetry_lockguard.targets.pythons import platforms, pythons

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from poetry.core.constraints.version import VersionConstraint


class EnvironmentSample:
    """A sample of the environments that a Python range allows."""

    def __init__(self, python: VersionConstraint) -> None:
        self._python = python
        self._may_hold = cache(self._evaluate)
        self.are_all_in = cache(self._are_all_in)

    def may_hold(self, marker: Marker | None, extras: Iterable[str] = ()) -> bool:
        """Return whether a marker matches any environment, with any of ``extras`` or none."""
        return marker is None or self._may_hold(str(marker), frozenset(extras))

    def _are_all_in(self, requires_python: str) -> bool:
        """Return whether a release's Python range includes every Python of the project."""
        try:
            specifier = SpecifierSet(requires_python)
        except ValueError:
            return True
        return all(map(specifier.contains, pythons(self._python, [requires_python])))

    def _evaluate(self, text: str, extras: frozenset[str]) -> bool:
        marker = Marker(text)
        try:
            return any(
                marker.evaluate({**environment, "extra": extra})
                for environment in self._environments(text)
                for extra in ("", *extras)
            )
        except (InvalidMarker, UndefinedEnvironmentName):
            return True

    def _environments(self, marker: str) -> Iterator[dict[str, str]]:
        for version in pythons(self._python, [marker]):
            for _, platform in platforms([marker]):
                yield {
                    **platform,
                    "python_version": version.rpartition(".")[0],
                    "python_full_version": version,
                    "implementation_version": version,
                    "platform_release": "",
                    "platform_version": "",
                }
