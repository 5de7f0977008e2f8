"""Finds configurations with the same solver input, so that the solver runs only once.

The solver's result depends on its input: the applicable requirements of the project and of every
package it examines; whether those packages support the Python; and which pins are preferred. If all
of that is the same for two configurations, so are their packages.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from poetry.core.constraints.version import Version, VersionConstraint
    from poetry.core.packages.dependency import Dependency
    from poetry.core.packages.package import Package
    from poetry.core.version.markers import BaseMarker

    from poetry_lockguard.resolution.package_source import MarkerEvaluator


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolverInput:
    """The solver's input for one configuration.

    ``asked`` is everything in the request that does not depend on the environment, and which of the
    project's requirements apply.
    """

    asked: tuple[object, ...]
    preferred: Sequence[Package]
    python: Version
    holds: MarkerEvaluator

    def is_given(self, other: ResolverInput) -> bool:
        """Return whether both have the same request and the same pins, in order."""
        return self.asked == other.asked and is_same(self.preferred, other.preferred)

    def looks(
        self, markers: Iterable[BaseMarker], pythons: Iterable[VersionConstraint]
    ) -> Iterator[bool]:
        """Evaluate the requirements and the Python support of packages in this environment."""
        yield from map(self.holds, markers)
        yield from (python.allows(self.python) for python in pythons)


def is_same(some: Sequence[Package], others: Sequence[Package]) -> bool:
    """Return whether both are the same packages in the same order."""
    return len(some) == len(others) and all(map(operator.is_, some, others))


class ResolverTrace:
    """What a solver has examined of the packages."""

    def __init__(
        self, scene: ResolverInput, packages: Sequence[Package], required: Iterable[Dependency]
    ) -> None:
        """Take the complete packages, and what the project itself requires.

        Only those extras of a package count that something requires.
        """
        wanted = [*required, *(one for package in packages for one in package.requires)]
        with_extras = {one.name for one in wanted if one.extras}
        self._scene = scene
        self._is_whole = not any(one.is_direct_origin() for one in (*wanted, *scene.preferred))
        markers = dict.fromkeys(
            one.marker
            for package in packages
            for one in package.requires
            if not one.marker.is_any() and (not one.in_extras or package.name in with_extras)
        )
        self._telling = markers, {package.python_constraint for package in packages}

    def is_shown(self, scene: ResolverInput) -> bool:
        """Return whether the solver would be given the same input again.

        False if it may read packages from elsewhere, since those were not compared.
        """
        return (
            self._is_whole
            and self._scene.is_given(scene)
            and all(
                map(operator.eq, scene.looks(*self._telling), self._scene.looks(*self._telling))
            )
        )
